"""The onion service of deploy/tor as it is shipped, reached through Tor: nginx and Kentongan stand behind it."""

from __future__ import annotations

import re
import secrets
import socket
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from typing import Any

import httpx
import pytest

from tests import client
from tests.demo.browsing import Browser, lodge_plainly, state_in, visit_plainly
from tests.operations import tor_network
from tests.operations.box import Box, begun, deploy
from tests.operations.front import NAME
from tests.operations.tor_network import VISITOR, Unreached, stream
from tests.province import ANSWERS
from tests.server import ROOT, until

TOR = "/var/lib/tor"
# Whoever says nothing for a minute is left by nginx.
SECONDS_OF_SILENCE = 30


@pytest.fixture(scope="module", autouse=True)
def box(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Box]:
    """A machine with a Tor network, on which all of deploy/ stands; the tests speak within its network."""
    with begun(tmp_path_factory.mktemp("box")) as standing, standing.network():
        tor_network.begin(standing)
        deploy(standing)
        tor_network.join(standing)
        yield standing


@pytest.fixture(autouse=True)
def onions(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever connects to an onion service is led there."""
    straight = socket.create_connection

    def connect(address: tuple[str, int], *more: Any, **named: Any) -> socket.socket:
        return stream(*address) if address[0].endswith(".onion") else straight(address, *more, **named)

    monkeypatch.setattr(socket, "create_connection", connect)


@pytest.fixture(scope="module")
def name(box: Box) -> str:
    """The name that Tor gave the service, which can be reached."""
    given = box.path(f"{TOR}/kentongan/hostname").read_text().strip()

    def reached() -> bool:
        with suppress(Unreached):
            stream(given, 80).close()
            return True
        return False

    until(reached)
    return given


@pytest.fixture
def browser(name: str) -> Browser:
    """Somebody's browser, which asks for the service by that name."""
    return Browser(f"http://{name}")


def test_the_front_page_comes_as_it_is_and_leads_nobody_out_of_tor(browser: Browser) -> None:
    page = browser.page("/")
    assert (page.status_code, page.headers["Server"]) == (200, "nginx")
    assert page.headers["Content-Security-Policy"].startswith("default-src 'none'; script-src 'self'")
    assert page.headers["Cache-Control"] == "no-store"
    # Of TLS there is none, of another name nothing is said.
    assert not {"Strict-Transport-Security", "Onion-Location", "Alt-Svc", "Location"} & set(page.headers)
    assert NAME not in page.text and re.findall(r'(?:href|src|action)="(?!/|#)[^"]*', page.text) == []


def test_a_report_is_lodged_there_without_javascript_and_read_by_its_phrase(browser: Browser, name: str) -> None:
    phrase = lodge_plainly(browser, ANSWERS)
    # Not followed: a cookie that only encrypted pages are given is one for this page, too (it is Tor that encrypts).
    answer = browser.send("POST", "/lacak", data={"phrase": phrase})
    assert (answer.status_code, answer.headers["Location"]) == (303, "/lacak")
    [cookie] = answer.headers.get_list("Set-Cookie")
    assert cookie.startswith("__Host-") and {"Secure", "HttpOnly", "Path=/"} <= set(cookie.split("; "))
    assert "Domain" not in cookie
    assert state_in(browser.page("/lacak").text) == "RECEIVED"
    assert state_in(visit_plainly(Browser(f"http://{name}"), phrase).text) == "RECEIVED"


def test_a_report_that_the_browser_seals_is_lodged_there_and_read(browser: Browser, box: Box) -> None:
    root = bytes.fromhex(box.path("/var/lib/kentongan/root.pub").read_text().strip())
    known = client.installation(browser.ask, root)
    phrase, _receipt = client.lodge(ANSWERS | {"text": "Diminta uang. " * 6000}, known, browser.ask)
    assert client.visit(client.phrase_keys(phrase, known.salt), browser.ask).thread["state"] == "RECEIVED"


def test_no_other_page_posts_there_and_no_other_name_is_served(browser: Browser) -> None:
    for origin in (f"https://{NAME}", "http://lain.onion", "null"):
        assert browser.send("POST", "/lapor", headers={"Origin": origin}, data=ANSWERS).status_code == 403
    with pytest.raises(httpx.RemoteProtocolError):
        browser.send("GET", "/", headers={"Host": "lain.example"})


def test_whoever_opens_very_many_streams_at_once_loses_his_circuit_and_nobody_else(browser: Browser, name: str) -> None:
    [most] = re.findall(r"(?m)^HiddenServiceMaxStreams (\d+)$", (ROOT / "deploy/tor/torrc").read_text())
    with ExitStack() as lines:
        opened = [lines.enter_context(stream(name, 80))]
        opened[0].settimeout(SECONDS_OF_SILENCE)
        with suppress(Unreached):
            while len(opened) <= int(most):
                opened.append(lines.enter_context(stream(name, 80)))
        # They end together, though nothing was asked by them yet.
        assert len(opened) > int(most) // 2 and opened[0].recv(1) == b""
    assert browser.page("/").status_code == 200


def test_tor_serves_nobody_but_the_onion_service(box: Box) -> None:
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", 9050))
    assert not box.path("/run/tor/socks").exists()
    listening = box.ask("ss", "--listening", "--tcp", "--numeric", "--processes", "--no-header")
    [main] = box.told("tor@default", "MainPID")
    assert [line for line in listening.splitlines() if f"pid={main}," in line] == []


def test_nothing_of_who_comes_or_of_what_he_does_is_written_there(browser: Browser, box: Box, name: str) -> None:
    mark = f"kenari{secrets.token_hex(8)}"
    told = {"User-Agent": mark, "Referer": f"http://{name}/{mark}", "Cookie": f"a={mark}"}
    for path in (f"/bantuan?cari={mark}", f"/{mark}", f"/{'x' * 40_000}{mark}"):
        browser.send("GET", path, headers=told)
    browser.send("POST", "/lapor", headers=told, data={"text": mark})
    for words in (f"{mark}\r\n\r\n", f"GET /{mark} HTTP/9.9\r\n\r\n", f"POST /{mark} HTTP/1.1\r\nHost: {name}\r\n"):
        with stream(name, 80) as line:
            line.sendall(words.encode())
            line.shutdown(socket.SHUT_WR)
            line.recv(100)
    for port in (81, 443):
        with pytest.raises(Unreached):
            stream(name, port)
    journal = box.ask("journalctl", "--all", "--output=export")
    assert [word for word in (mark, VISITOR, "/lapor", name) if word in journal] == []
    for path in box.written():
        words = (mark, VISITOR, name) if f"{TOR}/kentongan" not in str(path) else (mark, VISITOR)
        assert [word for word in words if word.encode() in path.read_bytes()] == [], path
