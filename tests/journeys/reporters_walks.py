"""Every page of the reporter's side, in every state it can be in, each shown once."""

from __future__ import annotations

from collections.abc import Iterator

from playwright.sync_api import Page, Route, expect

from tests.journeys import reporting
from tests.journeys.stage import ACCOUNT, UNBROKEN, Stage
from tests.journeys.steps import STEPS, begin, block, phrase_shown, proceed
from tests.places import SCHOOLS

Shown = Iterator[tuple[Page, str]]
TELLING = f"Nama saya Budi Santoso, HP saya 0812 3456 7890. {UNBROKEN}"
SCHOOL = {"sector": SCHOOLS, "fixed_amount": "ya"}
LATE = {"name": "keberatan-text", "value": UNBROKEN}


def at_home(stage: Stage) -> Shown:
    """Read what there is to read, and what there is not."""
    page = stage.phone()
    for address in ("/", "/bantuan", "/log/bukti", "/lapor/frasa", "/lacak", "/tidak-ada"):
        page.goto(address)
        yield page, address


def leaving(stage: Stage) -> Shown:
    """Leave quickly, on a line so slow that the page in between is seen."""
    page = stage.phone_without_scripts()
    page.route("https://**", lambda route: route.fulfill(status=204))
    page.goto("/")
    page.locator("#exit button").click()
    page.get_by_text("Halaman sudah ditutup").wait_for()
    yield page, "left"


def lodging(stage: Stage) -> Shown:
    """Go through the steps, each first without an answer, until nothing can be sent; then send."""
    page = stage.phone()
    begin(page)
    for step in range(1, STEPS):
        yield page, f"step {step}"
        proceed(page)
        if page.locator("#error-summary").count():
            yield page, f"step {step}, unanswered"
            reporting.fill_in(page, {**ACCOUNT, **SCHOOL, "text": TELLING})
            if page.locator(".traces > *").count():
                yield page, f"step {step}, with what tells on its writer"
            proceed(page)
        page.locator(f"h2.step:visible:has-text('Langkah {step + 1} ')").wait_for()
    yield page, "the check"


def receiving(stage: Stage) -> Shown:
    """Send over a line that fails, read the phrase, and rehearse it: wrong at first."""
    page = stage.phone()
    page.route("**/api/v1/desks", lambda route: route.abort())
    begin(page)
    for _step in range(1, STEPS):
        reporting.fill_in(page, ACCOUNT)
        proceed(page)
    proceed(page)
    page.locator(".sending summary").click()
    yield page, "not sent"
    page.unroute("**/api/v1/desks")
    page.get_by_role("button", name="Coba lagi").click()
    phrase = phrase_shown(page)
    yield page, "the phrase"
    yield from _rehearsing(page, " ".join(phrase))


def _rehearsing(page: Page, phrase: str) -> Shown:
    page.get_by_role("button", name="Sudah saya catat").click()
    yield page, "the rehearsal"
    page.get_by_role("button", name="Cocokkan").click()
    page.locator("#error-summary").wait_for()
    yield page, "the rehearsal, unanswered"
    page.get_by_role("button", name="Lihat lagi kata-katanya").click()
    reporting.rehearse(page, phrase)
    yield page, "rehearsed"


def without_the_rest(stage: Stage) -> Shown:
    """Have the first script arrive and the next one fail: on the form, and where the phrase is asked for."""
    page = stage.phone()
    for address, script in (("/lapor", "stepper.js"), ("/lacak", "opening.js")):
        block(page, script)
        page.goto(address)
        page.locator("main form[novalidate] button[type=submit]").last.click()
        page.locator("#trouble summary").click()
        yield page, f"{address} in trouble"


def coming_back(stage: Stage) -> Shown:
    """Type nothing, then what is no phrase, then a word that could be several."""
    page = stage.phone()
    page.goto("/lacak")
    for typed in ("", "xxqqzz " * 8, "satu dua"):
        page.locator("#phrase").fill(typed)
        page.get_by_role("button", name="Buka laporan").click()
        page.locator("#error-summary").wait_for()
        yield page, f"typed: {typed}"


def talking(stage: Stage) -> Shown:
    """Read a case in the browser, write, be refused, ask for the account, and take the complaint back."""
    page = stage.phone()
    reporting.track(page, stage.cases["running"].reporter.phrase)
    yield page, "under investigation"
    page.locator("#message-form button").click()
    page.locator("#error-summary").wait_for()
    yield page, "nothing written"
    reporting.write(page, f"Satu hal lagi. {UNBROKEN}")
    yield page, "written"
    page.route("**/threads/acts", lambda route: route.fulfill(status=422, json={"error": f"Belum bisa. {UNBROKEN}"}))
    page.locator("#message-form textarea").fill(UNBROKEN)
    page.locator("#message-form button").click()
    page.locator("#error-summary").wait_for()
    yield page, "refused"
    reporting.show_account(page)
    page.locator("summary", has_text="Cabut laporan").click()
    yield page, "the account, and about to withdraw"


def proving(stage: Stage) -> Shown:
    """Have a case's history checked, then the whole log; then a server hides a step, and says that there is no case."""
    page = stage.phone()
    phrase = stage.cases["running"].reporter.phrase
    reporting.track(page, phrase)
    _checked(page)
    for folded in page.locator("#proof summary").all():
        folded.click()
    yield page, "proved"
    page.get_by_role("button", name="Periksa lengkap").click()
    page.locator("#search .notice").wait_for()
    yield page, "the whole log"
    page.route("**/threads/history", _hiding_the_first)
    _checked(page)
    yield page, "something is wrong"
    page.goto("/lacak")
    page.route("**/lacak", lambda route: route.fulfill(status=404))
    page.locator("#phrase").fill(phrase)
    page.get_by_role("button", name="Buka laporan").click()
    page.get_by_role("button", name="Cari di buku").click()
    yield page, "to be searched for"
    page.get_by_role("button", name="Periksa lengkap").click()
    page.locator("#search .notice").wait_for()
    yield page, "searched for"


def _checked(page: Page) -> None:
    page.locator("#proof-button").click()
    page.locator("#search button").wait_for()


def _hiding_the_first(route: Route) -> None:
    told = route.fetch().json()
    route.fulfill(json=told | {"events": told["events"][1:]})


def disagreeing(stage: Stage) -> Shown:
    """Read a decision, and object without a word."""
    page = stage.phone()
    reporting.track(page, stage.cases["closed"].reporter.phrase)
    yield page, "closed"
    page.locator("#objection-form button").click()
    page.locator("#error-summary").wait_for()
    yield page, "nothing objected"


def lodging_in_one_page(stage: Stage) -> Shown:
    """Lodge without scripts: nothing, then what tells on the writer, then all the same."""
    page = stage.phone_without_scripts()
    page.goto("/lapor")
    yield page, "the form in one page"
    for folded in page.locator("#lapor details > summary").all():
        folded.click()
    yield page, "the form unfolded"
    proceed(page)
    yield page, "nothing answered"
    reporting.fill_in(page, {**ACCOUNT, "text": TELLING})
    proceed(page)
    page.locator("#traces-found").wait_for()
    yield page, "something tells"
    proceed(page)
    phrase_shown(page)
    yield page, "the phrase"


def talking_without_scripts(stage: Stage) -> Shown:
    """Read cases in the states there are, with every form that is there sent empty."""
    page = stage.phone_without_scripts()
    page.goto("/lacak")
    page.get_by_role("button", name="Buka laporan").click()
    yield page, "no phrase"
    for name in ("fresh", "withdrawn", "asked", "proposed", "objected"):
        reporting.track(page, stage.cases[name].reporter.phrase)
        yield page, name
        reporting.leave(page)
    reporting.track(page, stage.cases["asked"].reporter.phrase)
    page.locator("#message-form button").click()
    page.locator("#error-summary").wait_for()
    yield page, "nothing answered"
    reporting.show_account(page)
    yield page, "the account"
    page.get_by_role("button", name="Tampilkan berkas bukti").click()
    page.locator("#keepsakes").wait_for()
    yield page, "what can be kept"


def too_late(stage: Stage) -> Shown:
    """Write where nothing is taken any more, and after the visit has ended: what was written is shown."""
    page = stage.phone_without_scripts()
    reporting.track(page, stage.cases["closed"].reporter.phrase)
    page.locator("#objection-form textarea").fill(UNBROKEN)
    page.context.clear_cookies()
    page.locator("#objection-form button").click()
    expect(page.locator("#kept")).to_have_value(UNBROKEN)
    yield page, "the visit has ended"
    reporting.open_with(page, stage.cases["withdrawn"].reporter.phrase)
    # As a page would that was opened while the case stood otherwise.
    page.locator("#message-form").evaluate("(form) => (form.action = '/lacak/keberatan')")
    page.locator("#message-form textarea").evaluate("(box, text) => Object.assign(box, text)", LATE)
    page.locator("#message-form button").click()
    expect(page.locator("#kept, main textarea[readonly]")).to_have_value(UNBROKEN)
    yield page, "not taken any more"
