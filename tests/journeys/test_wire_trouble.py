"""Whatever fails on the way: nothing readable goes out, a sentence says so, what was typed stays, and is sent again."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import cycle

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.journeys import leaks, reporting
from tests.journeys.reporting import ANSWERS, lodge_in_steps, track
from tests.journeys.steps import STEPS, begin, phrase_shown, proceed
from tests.journeys.whole import DESK
from tests.journeys.wire import BROKEN, FAILED, GARBAGE, Fault, Sent, Wire
from tests.server import Installation

FAULTS = (BROKEN, FAILED, GARBAGE)
NOTHING = Fault("an empty answer", 200, "application/json", b"{}")
# The pauses between attempts pass faster here; nothing else about time is touched.
IMPATIENT = """
const { setTimeout: wait } = window;
window.setTimeout = (act, pause, ...given) => wait(act, pause > 10_000 ? pause : pause / 50, ...given);
"""
NOT_SENT = "Tidak ada yang terkirim. Tulisan Anda masih di sini."
EITHER = re.compile(f"{NOT_SENT}|tidak bisa dipastikan asli, jadi laporan tidak dikirim")
COMPLAINTS = "/api/v1/complaints"
ACTS = "/api/v1/threads/acts"
MESSAGE = "Tambahan: kemarin ditagih lagi di warung depan."
KEY = f"/api/v1/desks/{DESK}/key"
MAYBE_SENT = "Laporan Anda mungkin sudah masuk, mungkin belum."


@dataclass
class Misfortune:
    """What is still to fail, each address by its end and in each of its ways, one way after the other."""

    trials: list[tuple[str, Fault]] = field(default_factory=list)

    def __call__(self, path: str) -> Fault | None:
        return next((fault for end, fault in self.trials if path.endswith(end)), None)

    def met(self, page: Page, sent: list[Sent]) -> str:
        """Wait until something that fails has been asked for; say what."""
        for _attempt in range(3000):
            found = self._first_met(sent)
            if found:
                return f"{found[0]}: {found[1].name}"
            page.wait_for_timeout(20)
        raise AssertionError(f"none of these was asked for: {self.trials}")

    def mend(self, sent: list[Sent]) -> None:
        """Let what failed first work from now on, or fail in its next way."""
        found = self._first_met(sent)
        assert found
        self.trials.remove(found)
        sent.clear()

    def _first_met(self, sent: list[Sent]) -> tuple[str, Fault] | None:
        paths = [each.path for each in sent]
        return next((trial for trial in self.trials if any(path.endswith(trial[0]) for path in paths)), None)


@pytest.fixture
def misfortune(wire: Wire) -> Iterator[Misfortune]:
    made = Misfortune()
    with wire.meddled_with(made):
        yield made


@pytest.fixture
def sent(wire: Wire) -> Iterator[list[Sent]]:
    with wire.recorded() as log:
        yield log


@pytest.fixture
def page(connected: BrowserContext) -> Page:
    connected.add_init_script(IMPATIENT)
    return connected.new_page()


def scripts(sent: list[Sent]) -> list[str]:
    """Return the scripts that were asked for, in their order, without the release they belong to."""
    paths = dict.fromkeys(each.path for each in sent if each.path.endswith(".js"))
    return [path.split("/", 3)[-1] if path.startswith("/static/") else path for path in paths]


def posts(sent: list[Sent]) -> list[str]:
    return [each.path for each in sent if each.method == "POST"]


def assert_nothing_readable(sent: list[Sent]) -> None:
    texts = [ANSWERS["text"], ANSWERS["place"]]
    assert leaks.found((each.whole for each in sent), leaks.readable(texts)) == set()


@dataclass(frozen=True)
class Scripts:
    """Which scripts there are, in the order in which they are asked for: those that make steps of the form, those that
    seal, those that open a case; and the phrase of one."""

    stepping: list[str]
    sealing: list[str]
    opening: list[str]
    phrase: str


@pytest.fixture(scope="module")
def known(browser: Browser, installation: Installation, wire: Wire) -> Scripts:
    """Learnt on phones of their own, where nothing fails."""
    with browser.new_context(base_url=installation.url, **wire.passing) as phone, wire.recorded() as log:
        page = phone.new_page()
        begin(page)
        stepping = scripts(log)
        phrase = lodge_in_steps(page)
        sealing = [script for script in scripts(log) if script not in stepping]
    with browser.new_context(base_url=installation.url, **wire.passing) as phone, wire.recorded() as log:
        track(phone.new_page(), phrase)
        return Scripts(_later(stepping), sealing, _later(scripts(log)), phrase)


def _later(found: list[str]) -> list[str]:
    """Leave out the scripts that begin: without them a page stays the server's, and says so."""
    return [script for script in found if not script.endswith(("/lodge.js", "/track.js", "/leave.js"))]


def test_whatever_fails_before_the_form_has_become_steps_nothing_is_posted(
    page: Page, known: Scripts, sent: list[Sent], misfortune: Misfortune
) -> None:
    misfortune.trials = list(zip(known.stepping, cycle(FAULTS)))
    page.goto("/lapor")
    reporting.fill_in(page, ANSWERS)
    while misfortune.trials:
        met = misfortune.met(page, sent)
        expect(page.locator("#trouble"), met).to_be_visible()
        expect(page.locator("#trouble"), met).to_contain_text(NOT_SENT)
        proceed(page)
        assert posts(sent) == [], met
        misfortune.mend(sent)
        page.locator("#trouble-again").click()
    page.locator("form.stepping").wait_for()
    assert page.locator("#text").input_value() == ANSWERS["text"]
    assert_nothing_readable(sent)


def test_whatever_fails_while_a_complaint_is_sealed_and_sent_it_is_lodged_in_the_end_and_only_sealed(
    page: Page, known: Scripts, sent: list[Sent], misfortune: Misfortune
) -> None:
    misfortune.trials = list(zip(known.sealing, cycle(FAULTS)))
    for address in ("/api/v1/desks", "/lapor/frasa", KEY, COMPLAINTS):
        misfortune.trials += [(address, fault) for fault in (*FAULTS, NOTHING)]
    begin(page)
    for _step in range(1, STEPS):
        reporting.fill_in(page, ANSWERS)
        proceed(page)
    envelopes: set[bytes] = set()
    proceed(page)
    while misfortune.trials:
        said, met = page.locator(".sending [role=alert]"), misfortune.met(page, sent)
        expect(said, met).to_contain_text(MAYBE_SENT if COMPLAINTS in met else EITHER)
        assert bool(posts(sent)) == (COMPLAINTS in met), met
        assert page.locator("#text").input_value() == ANSWERS["text"], met
        assert_nothing_readable(sent)
        envelopes |= {each.body for each in sent if each.method == "POST"}
        misfortune.mend(sent)
        page.locator(".sending").get_by_role("button", name="Coba lagi").click()
    assert len(phrase_shown(page)) == 8
    assert {each.body for each in sent if each.method == "POST"} == envelopes
    assert len(envelopes) == 1


def test_whatever_fails_while_a_case_is_opened_and_written_to_the_words_stay_and_only_the_token_goes_out(
    page: Page, known: Scripts, sent: list[Sent], misfortune: Misfortune
) -> None:
    misfortune.trials = list(zip(known.opening, cycle(FAULTS)))
    page.goto("/lacak")
    # The page has come; at its address what its scripts post is still to fail, whenever they ask for anything.
    sent.remove(next(each for each in sent if each.path == "/lacak"))
    page.locator("#phrase").fill(known.phrase)
    misfortune.trials += [("/lacak", fault) for fault in (*FAULTS, NOTHING)]
    page.get_by_role("button", name="Buka laporan").click()
    while misfortune.trials:
        met = misfortune.met(page, sent)
        said = page.locator("#error-summary" if "/lacak" in met else "#trouble")
        expect(said, met).to_be_visible()
        expect(said, met).to_contain_text("Server belum menjawab" if "/lacak" in met else "Frasa Anda tidak dikirim.")
        assert bool(posts(sent)) == ("/lacak" in met), met
        assert page.locator("#phrase").input_value() == known.phrase, met
        assert_only_tokens(sent, known.phrase)
        misfortune.mend(sent)
        page.locator("#lacak button[type=submit]" if "/lacak" in met else "#trouble-again").click()
    page.locator("#case-status").wait_for()
    _write(page, sent, misfortune)
    assert_only_tokens(sent, known.phrase)


def _write(page: Page, sent: list[Sent], misfortune: Misfortune) -> None:
    misfortune.trials = [(ACTS, fault) for fault in (*FAULTS, NOTHING)]
    box, button = page.locator("#message-form textarea"), page.locator("#message-form button[type=submit]")
    box.fill(MESSAGE)
    sent.clear()
    button.click()
    while misfortune.trials:
        met = misfortune.met(page, sent)
        expect(page.locator("#error-summary"), met).to_contain_text("Tulisan Anda masih di sini. Coba lagi.")
        expect(box, met).to_have_value(MESSAGE)
        misfortune.mend(sent)
        button.click()
    expect(page.locator(".message-own .written")).to_have_text([MESSAGE])


def assert_only_tokens(sent: list[Sent], phrase: str) -> None:
    """See that neither the phrase nor a message goes out, and nothing that the formats do not name."""
    forms = leaks.told_by(phrase, "the phrase") | leaks.readable([phrase, MESSAGE])
    assert leaks.found((each.whole for each in sent), forms) == set()
    assert leaks.unforeseen(sent) == []


@pytest.mark.parametrize(
    ("address", "script", "sentence"),
    [
        ("/lapor", "js/complaints/lodge.js", "Jalur tanpa JavaScript: server menyegel laporan Anda"),
        ("/lacak", "js/complaints/track.js", "Jalur tanpa JavaScript: server memakai frasa Anda"),
    ],
)
def test_where_no_script_has_begun_the_page_says_that_it_is_the_servers_path(
    page: Page, misfortune: Misfortune, address: str, script: str, sentence: str
) -> None:
    misfortune.trials = [(script, BROKEN)]
    page.goto(address)
    expect(page.get_by_text(sentence)).to_be_visible()
    expect(page.locator("#path-sealed")).to_be_hidden()
