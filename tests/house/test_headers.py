"""What every answer carries, what none may, and that nobody's request leaves a line in the log."""

import gzip
import re
import secrets
import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from werkzeug.test import TestResponse

from casework.sessions import COOKIE as OFFICERS_COOKIE
from casework.views_accounts import BROWSER_COOKIE
from complaints.visits import COOKIE as REPORTERS_COOKIE
from kernel import clock
from kernel.database import db
from kernel.vault import WORDS
from kernel.web import LARGEST_REQUEST
from tests import officer
from tests.client import lodge
from tests.house.people import Town
from tests.house.test_routes import DOORS, posted
from tests.province import HOST, Province
from tests.remains import owners_engine
from tests.server import SECONDS_TO_START, Installation, running

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
    "worker-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)
OFFICERS_POLICY = f"{POLICY}; require-trusted-types-for 'script'; trusted-types kentongan"
VIEWING_POLICY = (
    "sandbox allow-scripts; default-src 'none'; script-src 'self'; style-src 'self'; img-src blob:; media-src blob:; "
    "form-action 'none'; base-uri 'none'; frame-ancestors 'self'; require-trusted-types-for 'script'; "
    "trusted-types 'none'"
)
ALWAYS = {
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Cache-Control": "no-store",
    "Strict-Transport-Security": "max-age=63072000; includeSubDomains",
}
# Whose answers hold nothing secret. All else leaves as it is: its compressed size would tell of it.
COMPRESSED = {
    "/", "/bantuan", "/installation.js", "/lapor", "/lapor/frasa", "/log/bukti", "/api/v1/desks",
    "/api/v1/desks/<desk>/key", "/api/v1/openapi.json", "/petugas/masuk", "/petugas/aktivasi", "/petugas/direktori",
    "/petugas/orang/kunci",
}  # fmt: skip
GETS = sorted(rule for method, rule in DOORS if method == "GET")
POSTS = sorted(rule for method, rule in DOORS if method == "POST")
# These take cookies away.
ENDING = {"/bahasa", "/keluar", "/lapor/bahasa", "/petugas/keluar", "/petugas/keluar-semua"}
JSON = {"content_type": "application/json"}


def carries_all(answer: TestResponse, path: str) -> None:
    """See that an answer carries what every answer carries."""
    shown = answer.status_code == 200 and answer.request.method != "OPTIONS"
    viewing = path == "/petugas/pratinjau" and shown
    own = {"X-Frame-Options": "SAMEORIGIN", "Referrer-Policy": "no-referrer"} if viewing else {}
    if path.startswith("/log/") and path != "/log/bukti" and shown:
        # Of a tree that was published nothing changes.
        kept = "31536000, immutable" if path.startswith(("/log/tile/", "/log/public/")) else "5"
        own = {"Cross-Origin-Resource-Policy": "cross-origin", "Cache-Control": f"public, max-age={kept}"}
    assert {name: answer.headers.get(name) for name in ALWAYS} == ALWAYS | own
    expected = VIEWING_POLICY if viewing else OFFICERS_POLICY if path.startswith("/petugas") else POLICY
    if re.fullmatch("/petugas/perkara/[^/]+", path) and shown:
        expected = expected.replace("; require-trusted", "; frame-src 'self'; require-trusted")
    assert answer.headers.getlist("Content-Security-Policy") == [expected]
    assert "unsafe" not in expected
    assert {"Accept-Encoding", "Cookie"} <= set(re.split(r",\s*", answer.headers["Vary"]))


def test_the_answer_to_whatever_is_asked_carries_them(people: Town) -> None:
    for method, rule in DOORS:
        for who in ("stranger", "reporter", "lead", "locked"):
            browser, path = people.browser(who), people.address(rule)
            answer = browser.get(path) if method == "GET" else browser.post(path, **posted(rule))
            carries_all(answer, path)


ODD: dict[str, tuple[int, str, str, dict[str, Any]]] = {
    "an address there is not": (404, "GET", "/tidak-ada", {}),
    "an officers' address there is not": (404, "GET", "/petugas/tidak-ada", {}),
    "a program's address there is not": (404, "GET", "/api/tidak-ada", {}),
    "a static file there is not": (404, "GET", "/static/0/tidak-ada.js", {}),
    "a method that is not taken": (405, "DELETE", "/lapor", {}),
    "which methods are taken": (200, "OPTIONS", "/lapor", {}),
    "which methods a log's file takes": (200, "OPTIONS", "/log/checkpoint", {}),
    "the headers alone": (200, "HEAD", "/lapor", {}),
    "too much": (413, "POST", "/lapor", {"data": b"x" * (LARGEST_REQUEST + 1), "content_type": "text/plain"}),
    "a form that is too much": (413, "POST", "/lapor", {"data": {"text": "x" * (LARGEST_REQUEST + 1)}}),
    "broken JSON": (400, "POST", "/api/v1/threads/open", {"data": "{", **JSON}),
    "no JSON": (415, "POST", "/api/v1/threads/open", {"data": "x"}),
    "a doubled slash": (308, "GET", "//lapor", {}),
}


@pytest.mark.parametrize("what", ODD)
def test_so_does_the_answer_to_what_nobody_should_ask(people: Town, what: str) -> None:
    status, method, path, how = ODD[what]
    answer = people.browser("stranger").client.open(path, method=method, base_url=HOST, headers=same_origin(), **how)
    assert answer.status_code == status
    carries_all(answer, path)


def same_origin() -> dict[str, str]:
    return {"Sec-Fetch-Site": "same-origin"}


def test_so_do_a_refused_origin_and_a_failure_of_our_own(people: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    browser = people.browser("stranger")
    foreign = browser.client.post("/lapor", base_url=HOST, headers={"Sec-Fetch-Site": "cross-site"})
    carries_all(foreign, "/lapor")
    monkeypatch.setitem(people.province.app.config, "PROPAGATE_EXCEPTIONS", False)
    token = people.province.keys(people.phrase).lookup_token.hex()
    with without_table(people.province, "published_statuses"):
        page = browser.post("/lacak", data={"token": token})
        told = browser.ask("/api/v1/threads/open", {"token": token})
    assert (page.status_code, told[0]) == (500, 500)
    assert "Ada yang salah di pihak kami" in page.text and "Ada yang salah di pihak kami" in told[1]["error"]
    carries_all(page, "/lacak")


def test_strict_transport_is_asked_for_only_where_there_is_transport_to_be_strict_about(people: Town) -> None:
    answer = people.browser("stranger").client.get("/", base_url="http://localhost")
    assert "Strict-Transport-Security" not in answer.headers


# Compression


def asking_for_gzip(people: Town, who: str, method: str, rule: str) -> TestResponse:
    more = {} if method == "GET" else posted(rule)
    headers = same_origin() | {"Accept-Encoding": "gzip, deflate, br, zstd"}
    return people.browser(who).client.open(
        people.address(rule), method=method, base_url=HOST, headers=headers, **more
    )


def test_only_what_holds_no_secret_is_compressed(people: Town) -> None:
    for who in ("lead", "reporter", "admin", "locked"):
        for method, rule in DOORS:
            answer = asking_for_gzip(people, who, method, rule)
            coded = answer.headers.get("Content-Encoding")
            may = method == "GET" and rule in COMPRESSED
            assert coded is None or may, (who, method, rule)


@pytest.mark.parametrize("rule", sorted(COMPRESSED))
def test_what_holds_no_secret_is(people: Town, rule: str) -> None:
    answer = asking_for_gzip(people, "lead", "GET", rule)
    plain = people.browser("lead").get(people.address(rule))
    assert answer.headers["Content-Encoding"] == "gzip" and "Content-Encoding" not in plain.headers
    assert len(answer.data) < len(plain.data) == len(gzip.decompress(answer.data))
    assert int(answer.headers["Content-Length"]) == len(answer.data)


# Cookies


@pytest.mark.parametrize("rule", GETS)
def test_no_page_gives_anybody_a_cookie(people: Town, rule: str) -> None:
    for who in ("stranger", "reporter", "lead"):
        assert "Set-Cookie" not in people.browser(who).get(people.address(rule)).headers


@pytest.mark.parametrize("rule", sorted(set(POSTS) - ENDING))
def test_no_post_that_comes_to_nothing_gives_anybody_one(people: Town, rule: str) -> None:
    for who in ("stranger", "lead"):
        assert "Set-Cookie" not in people.browser(who).post(people.address(rule), **posted(rule)).headers


def test_every_cookie_is_bound_to_this_host_and_out_of_reach(people: Town) -> None:
    reporter, visitor = people.province.visitor(), people.province.visitor()
    assert reporter.post("/lacak", data={"phrase": people.phrase}).status_code == 303
    person = people.province.named("reviewer", "luar")
    code = officer.code_at(person.totp_secret, clock.now())
    officer.enter(visitor.ask, person.name, person.password, code)
    for browser, name, lasts in (
        (reporter, REPORTERS_COOKIE, None),
        (visitor, OFFICERS_COOKIE, None),
        (visitor, BROWSER_COOKIE, 180 * 24 * 3600),
    ):
        cookie = browser.client.get_cookie(name, domain="localhost")
        assert cookie is not None and name.startswith("__Host-")
        assert (cookie.secure, cookie.http_only, cookie.same_site, cookie.path) == (True, True, "Strict", "/")
        assert (cookie.origin_only, cookie.max_age) == (True, lasts)


# A real server


@pytest.fixture(scope="module")
def served(town: Province) -> Iterator[Installation]:
    """The town behind gunicorn, as it is run."""
    with town.app.app_context():
        url = db.engine.url.render_as_string(hide_password=False)
    with running(town.instance, DATABASE_URL=url) as installation:
        yield installation


def got(served: Installation, path: str, **headers: str) -> httpx.Response:
    """Get something from the server, however long that takes on a crowded machine."""
    return httpx.get(f"{served.url}{path}", headers=headers, timeout=SECONDS_TO_START)


def static_path(served: Installation) -> str:
    [path] = re.findall(r'href="(/static/[0-9a-f]{16}/css/kentongan\.css)"', got(served, "/").text)
    return path


def test_static_files_are_kept_for_ever_and_read_as_what_they_are(served: Installation) -> None:
    answer = got(served, static_path(served), **{"Accept-Encoding": "gzip"})
    assert (answer.status_code, answer.headers["Content-Encoding"]) == (200, "gzip")
    assert answer.headers["Cache-Control"] == "max-age=315360000, public, immutable"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    # The viewing frame, whose origin is nobody's, wears this one too.
    assert answer.headers["Cross-Origin-Resource-Policy"] == "cross-origin"
    assert answer.headers["Content-Security-Policy"] == "default-src 'none'; script-src 'self'"
    assert answer.headers["Vary"] == "Accept-Encoding"
    assert {"Set-Cookie", "Access-Control-Allow-Origin", "Server-Timing"}.isdisjoint(answer.headers)


OUTSIDE = ["../../secret", "..%2f..%2fsecret", "%2e%2e/%2e%2e/secret", "../../../demo-people.tsv"]


@pytest.mark.parametrize("way", OUTSIDE)
def test_static_addresses_lead_to_no_other_file(served: Installation, way: str) -> None:
    folder = static_path(served).rsplit("/", 2)[0]
    status, answer = spoken(served, f"GET {folder}/{way} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
    assert status == 404
    assert (served.instance / "secret").read_text() not in answer


def test_behind_a_proxy_that_says_so_transport_is_strict(served: Installation) -> None:
    assert "Strict-Transport-Security" not in got(served, "/").headers
    secured = got(served, "/", **{"X-Forwarded-Proto": "https"})
    assert secured.headers["Strict-Transport-Security"] == ALWAYS["Strict-Transport-Security"]


def spoken(served: Installation, request: str) -> tuple[int, str]:
    """Speak to the server in bytes of our own; return the status and all it said."""
    place = urlsplit(served.url)
    with socket.create_connection((str(place.hostname), int(place.port or 0)), timeout=20) as line:
        line.sendall(request.encode("latin-1"))
        with suppress(OSError):
            line.shutdown(socket.SHUT_WR)
        said = b"".join(iter(lambda: line.recv(65536), b"")).decode("latin-1")
    status = re.match(r"HTTP/1\.[01] (\d{3})", said)
    return int(status[1]) if status else 0, said


@pytest.mark.parametrize(("asked", "status"), [
    ("GET /healthz HTTP/1.0\r\n", 200),
    ("GET /healthz HTTP/1.1\r\nHost: 127.0.0.1:8000\r\n", 200),
    ("GET /healthz HTTP/1.1\r\n", 400),
    ("GET /healthz HTTP/1.1\r\nHost:\r\n", 400),
    ("GET /petugas HTTP/1.0\r\nHost:\r\n", 400),
    ("GET /petugas HTTP/1.1\r\nHost: @lain.example\r\n", 400),
])  # fmt: skip
def test_whoever_names_no_host_is_refused_but_by_http_1_0(served: Installation, asked: str, status: int) -> None:
    told, said = spoken(served, f"{asked}Connection: close\r\n\r\n")
    assert told == status and "Location:" not in said
    assert ("Alamat situs ini tidak dapat dibaca." in said) is (status == 400)


@contextmanager
def without_table(town: Province, table: str) -> Iterator[None]:
    """Take a table away for a while, so that whoever reads it fails."""
    engine = owners_engine(town.app)
    with engine.begin() as connection:
        connection.execute(text(f"ALTER TABLE {table} RENAME TO away"))
    try:
        yield
    finally:
        with engine.begin() as connection:
            connection.execute(text(f"ALTER TABLE away RENAME TO {table}"))


def test_nothing_about_anybodys_request_is_logged_not_even_when_it_fails(
    town: Province, served: Installation
) -> None:
    mark = f"kenari{secrets.token_hex(8)}"
    headers = {
        "User-Agent": f"agent-{mark}", "Referer": f"https://{mark}.example/", "X-Forwarded-For": f"203.0.113.7, {mark}",
        "Cookie": f"{REPORTERS_COOKIE}={mark}; {OFFICERS_COOKIE}={mark}", "Origin": served.url,
    }  # fmt: skip
    phrase = phrase_of_long_words(town)
    with httpx.Client(base_url=served.url, headers=headers, timeout=SECONDS_TO_START) as client:
        asked_well_and_badly(client, served, mark)
        with without_table(town, "published_statuses"):
            failing = [client.post("/lacak", data={"phrase": phrase}), client.post("/lapor", data=report(mark))]
    assert [answer.status_code for answer in failing] == [500, 503]
    log = (served.instance.parent / f"{served.instance.name}.log").read_text(errors="replace")
    assert len(re.findall("(?m)^(?:OperationalError|ProgrammingError)$", log)) >= 2, "failures leave their kind"
    assert [secret for secret in (mark, *phrase.split(), "127.0.0.1", "203.0.113.7") if secret in log] == []
    assert "Surat ini diminta" not in log


def phrase_of_long_words(town: Province) -> str:
    """Lodge a complaint under a phrase of which no word stands in a log by chance, as "model" does in "models.py"."""
    phrase = " ".join(secrets.SystemRandom().sample([word for word in WORDS if len(word) == max(map(len, WORDS))], 8))
    lodge(town.answers, town.installation(), town.visitor().ask, phrase)
    return phrase


def test_an_error_of_the_database_repeats_no_value(town: Province) -> None:
    mark = f"kenari{secrets.token_hex(8)}"
    with town.app.app_context(), pytest.raises(DBAPIError) as failure:
        db.session.execute(text("SELECT * FROM nowhere WHERE phrase = :phrase"), {"phrase": mark})
    assert "nowhere" in str(failure.value) and mark not in str(failure.value)


def asked_well_and_badly(client: httpx.Client, served: Installation, mark: str) -> None:
    """Ask for what there is, for what there is not, and in words that are no HTTP."""
    client.get(f"/bantuan?cari={mark}")
    client.get(f"/{mark}")
    client.get(f"/petugas/perkara/{mark}")
    client.post("/lacak", data={"phrase": mark})
    client.post("/lapor", data=report(mark) | {"level": mark})
    client.post("/api/v1/threads/open", content=f"{{{mark}", headers={"Content-Type": "application/json"})
    client.request("DELETE", f"/lapor?{mark}")
    for line in (f"{mark}\r\n\r\n", f"GET /{mark} HTTP/9.9\r\n\r\n", f"GET / HTTP/1.1\r\n{mark} x: y\r\n\r\n"):
        spoken(served, line)
    spoken(served, f"POST /lapor HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5000\r\n\r\n{mark}")
    spoken(served, f"POST /lapor HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\nzz{mark}\r\n")
    spoken(served, f"GET /{'x' * 9000}{mark} HTTP/1.1\r\n\r\n")


def report(mark: str) -> dict[str, str]:
    return {
        "text": f"Surat ini diminta {mark}.", "region": "33.08", "place": mark, "sector": "desa", "level": "desa",
        "nonce": secrets.token_hex(16),
    }  # fmt: skip
