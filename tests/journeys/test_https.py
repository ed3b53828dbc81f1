"""Over HTTPS, as it is served in earnest: cookies with their prefix, HSTS, browsers that say little of themselves."""

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Response, Route, expect

from tests.browser_fixtures import close
from tests.journeys import reporting
from tests.journeys.officers import log_in
from tests.journeys.secure import running_securely
from tests.places import HERE
from tests.server import Installation

WITHHELD = {"referer", "origin"}


@pytest.fixture(scope="module")
def secure_url(installation: Installation, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The installation's address over HTTPS."""
    with running_securely(installation.instance, tmp_path_factory.mktemp("secure"), **HERE.environment) as url:
        yield url


@pytest.fixture
def answers() -> list[Response]:
    """Every answer that a browser got."""
    return []


@pytest.fixture
def contexts(browser: Browser, secure_url: str, answers: list[Response]) -> Iterator[Any]:
    """Makes browsers that trust the run's certificate."""
    made: list[BrowserContext] = []

    def make(**how: Any) -> BrowserContext:
        context = browser.new_context(base_url=secure_url, locale="id-ID", ignore_https_errors=True, **how)
        context.on("response", lambda answer: answers.append(answer))
        reporting.stay_here(context)
        made.append(context)
        return context

    yield make
    for context in made:
        close(context)


def without_hsts(answers: list[Response]) -> list[str]:
    return [answer.url for answer in answers if "max-age=" not in answer.headers.get("strict-transport-security", "")]


def sent_with(answers: list[Response], cookie: str) -> list[str]:
    """Return the addresses that were asked for with a cookie."""
    return [each.url for each in answers if f"{cookie}=" in each.request.all_headers().get("cookie", "")]


def kept(context: BrowserContext) -> dict[str, tuple[Any, ...]]:
    """Return the cookies, with what makes them safe."""
    return {
        cookie["name"]: (cookie["secure"], cookie["httpOnly"], cookie["sameSite"], cookie["path"], cookie["expires"])
        for cookie in context.cookies()
    }


def test_a_complaint_lodged_and_read_in_the_browser_leaves_no_cookie(contexts: Any, answers: list[Response]) -> None:
    context = contexts()
    page = context.new_page()
    phrase = reporting.lodge_in_steps(page)
    reporting.rehearse(page, phrase)
    reporting.track(page, phrase)
    assert context.cookies() == []
    assert without_hsts([answer for answer in answers if "/static/" not in answer.url]) == []


def test_a_visit_without_javascript_has_a_cookie_of_its_own_while_it_lasts(
    contexts: Any, answers: list[Response]
) -> None:
    context = contexts(java_script_enabled=False)
    page = context.new_page()
    phrase = reporting.lodge_in_one_page(page)
    assert context.cookies() == []
    reporting.track(page, phrase)
    assert kept(context) == {"__Host-kunjungan": (True, True, "Strict", "/", -1)}
    reporting.write(page, "Tambahan lewat sambungan yang aman.")
    assert [url for url in sent_with(answers, "__Host-kunjungan") if url.endswith("/lacak/kirim")]
    reporting.leave(page)
    assert context.cookies() == []


def test_an_officer_logs_in_and_is_known_by_his_cookie(
    installation: Installation, contexts: Any, answers: list[Response]
) -> None:
    context = contexts()
    page = log_in(context, installation.of("reviewer", HERE.top)[0])
    expect(page.get_by_role("heading", level=1)).to_have_text("Menunggu pemeriksaan Anda")
    assert kept(context)["__Host-petugas"] == (True, True, "Strict", "/", -1)
    assert [url for url in sent_with(answers, "__Host-petugas") if url.endswith("/petugas/")]
    page.get_by_role("button", name="Keluar", exact=True).click()
    page.wait_for_url("**/petugas/masuk")
    assert "__Host-petugas" not in kept(context)


def test_a_browser_that_names_neither_origin_nor_referrer_is_let_through(contexts: Any) -> None:
    page = contexts(java_script_enabled=False).new_page()
    page.route(lambda url: not url.startswith(reporting.AWAY), _withholding)
    phrase = reporting.lodge_in_one_page(page)
    reporting.track(page, phrase)
    reporting.write(page, "Tambahan dari peramban yang pendiam.")
    reporting.leave(page)
    # A picture of the last page may still be on its way, and its route would end in another test.
    page.unroute_all(behavior="wait")


def _withholding(route: Route) -> None:
    """Hand a request on without the headers that such a browser does not send.

    What it always says, whence a request comes, is put back: Chromium adds that only on the way to the network.
    """
    request = route.request
    said = {name: value for name, value in request.all_headers().items() if name not in WITHHELD}
    whence = {"sec-fetch-site": "same-origin" if request.method == "POST" else "none"}
    route.fulfill(response=route.fetch(headers=said | whence, max_redirects=0))
