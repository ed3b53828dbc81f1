"""The case's page in a real browser, on a real server that now and then lies, fails, or has been overtaken."""

import base64
import hashlib
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from threading import Thread
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Locator, Page, Route, expect
from sqlalchemy.orm import Session
from werkzeug.serving import make_server

from casework.sessions import COOKIE
from kernel.database import db
from kernel.vault import Identity, box, context, draw, leave_unsigned, pad, seal
from ledger.body import Event, ObjectRef, write_event
from ledger.services import entry_for
from tests import client
from tests.casework.test_acts import investigated, proposed, taken
from tests.casework.test_assisted import assisted
from tests.casework.test_evidence import messaged
from tests.database import SQLiteFiles
from tests.journeys.reporting import give
from tests.officer import OpenedCase, Text, act
from tests.province import ANSWERS, Foundings, Province

Json = dict[str, Any]
HOSTILE = "<img src=x onerror=alert(1)> habis \u202eterbalik\u202c </textarea>"
WORDS = "Catatan yang tidak boleh hilang."
# Whether whoever sits at the page could use the officer's keys.
KEYRING = """async () => {
  const { src } = document.querySelector('[src*="casework/case.js"]');
  const { openKeyring } = await import(src.replace("case.js", "keyring.js"));
  return Promise.race([openKeyring().then(() => "has them"), new Promise((later) => setTimeout(later, 500, "asks"))]);
}"""


@dataclass(frozen=True)
class Served:
    """A demo province that answers over HTTP."""

    province: Province
    url: str

    def context(self, browser: Browser, role: str, **how: Any) -> BrowserContext:
        """Return the browser of one of the people, logged in, its keys still locked away."""
        token = self.province.browser_of(role).cookie(COOKIE)
        made = browser.new_context(base_url=self.url, locale="id-ID", **how)
        place: Any = {"domain": "127.0.0.1", "path": "/", "secure": True, "httpOnly": True, "sameSite": "Strict"}
        made.add_cookies([{"name": COOKIE, "value": str(token), **place}])
        return made


@pytest.fixture(scope="module")
def served(
    foundings: Foundings, sqlite_files: SQLiteFiles, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Served]:
    """One installation for all these tests; each lodges a complaint of its own."""
    province, remove = foundings.copy(sqlite_files, tmp_path_factory.mktemp("served") / "instance")
    server = make_server("127.0.0.1", 0, province.app, threaded=True)
    Thread(target=server.serve_forever, daemon=True).start()
    yield Served(province, f"http://127.0.0.1:{server.server_port}")
    server.shutdown()
    remove()


@pytest.fixture(scope="module")
def window(served: Served, browser: Browser) -> Iterator[Page]:
    """The lead's window, unlocked once."""
    context = served.context(browser, "lead", viewport={"width": 1280, "height": 900})
    page = context.new_page()
    # Leaving a page with words in its forms asks first.
    page.on("dialog", lambda dialog: dialog.accept())
    _, _, number = taken(served.province)
    page.goto(f"/petugas/perkara/{number}")
    page.click("#open-case")
    unlock(page, served)
    expect(page.locator("#story")).to_be_visible()
    yield page
    context.close()


@pytest.fixture
def page(window: Page) -> Iterator[Page]:
    """The same window for each test, without what the last one made of the network."""
    yield window
    window.unroute_all(behavior="wait")
    window.goto("/petugas/")


def unlock(page: Page, served: Served, role: str = "lead") -> None:
    page.fill("#unlock-password", served.province.named(role, "33.08").password)
    page.get_by_role("button", name="Buka", exact=True).click()
    expect(page.locator("#unlock")).to_be_hidden()


def open_page(page: Page, number: str) -> None:
    page.goto(f"/petugas/perkara/{number}")
    page.click("#open-case")
    expect(page.locator("#story")).to_be_visible()


def form(page: Page, action: str) -> Locator:
    details = page.locator(f"#act-{action}")
    if details.get_attribute("open") is None:
        details.locator("summary").click()
    return details.locator("form")


def send(filled: Locator) -> None:
    filled.locator("button[type=submit]").click()


def lying(page: Page, path: str, lie: Callable[[Json], None]) -> None:
    """Have the server tell something else at ``path`` than what is true."""

    def answer(route: Route) -> None:
        true = route.fetch()
        told = true.json()
        lie(told)
        route.fulfill(response=true, body=json.dumps(told))

    page.route(f"**/{path}", answer)


def flipped(content: str) -> str:
    """Return base64 with one bit of its content turned."""
    raw = bytearray(base64.b64decode(content))
    raw[-1] ^= 1
    return base64.b64encode(raw).decode()


def written_to(served: Served, text: str = "Kami sedang memeriksanya.") -> tuple[str, OpenedCase]:
    """Return the number of a case with one reply and one note, and the case as its lead opened it afterwards."""
    _, _, number = taken(served.province)
    act(served.province.opened(number, "lead"), "reply", "TRIAGE", [Text("message", text)])
    act(served.province.opened(number, "lead"), "note", "TRIAGE", [Text("note", WORDS)])
    return number, served.province.opened(number, "lead")


def test_an_opened_case_shows_its_story_as_text_and_says_that_the_history_holds(served: Served, page: Page) -> None:
    number, _ = written_to(served, HOSTILE)
    open_page(page, number)
    expect(page.locator("#account .told")).to_have_text(ANSWERS["text"])
    expect(page.locator("#thread .written")).to_have_text(
        "<img src=x onerror=alert(1)> habis [U+202E]terbalik[U+202C] </textarea>"
    )
    expect(page.locator("#notes")).to_contain_text(WORDS)
    expect(page.locator("#proof")).to_contain_text("Riwayat cocok: 4 peristiwa")
    expect(page.locator("#offers")).to_be_visible()


def test_nothing_is_fetched_before_the_officer_asks_for_it(served: Served, page: Page) -> None:
    _, _, number = taken(served.province)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(f"/petugas/perkara/{number}")
    assert not [url for url in asked if url.endswith("/buka")]
    expect(page.get_by_text("dicatat dalam daftar pembaca")).to_be_visible()
    page.click("#open-case")
    expect(page.locator("#readings summary")).to_contain_text("(2)")


@pytest.mark.parametrize(
    ("lie", "said"),
    [
        (lambda told: told["messages"][0].update(box=flipped(told["messages"][0]["box"])), "tidak ditampilkan"),
        (lambda told: told["messages"].clear(), "tidak diserahkan server"),
        (lambda told: told["keys"].clear(), "tidak dapat dibuka"),
        (lambda told: told["messages"][0].update(epoch=2), "tidak dapat dibuka"),
        (lambda told: told["messages"][0].update(box="%%%"), "tidak ditampilkan"),
    ],
)
def test_a_damaged_text_is_named_and_the_others_are_shown(
    served: Served, page: Page, lie: Callable[[Json], None], said: str
) -> None:
    number, _ = written_to(served)
    lying(page, "buka", lie)
    open_page(page, number)
    expect(page.locator("#thread .damaged")).to_contain_text(said)
    expect(page.locator("#thread .damaged")).to_contain_text("Pesan")


def test_a_damaged_text_closes_nothing(served: Served, page: Page) -> None:
    number, _ = written_to(served)
    lying(page, "buka", lambda told: told["notes"][1].update(box=flipped(told["notes"][1]["box"])))
    open_page(page, number)
    expect(page.locator("#notes .damaged")).to_have_count(1)
    expect(page.locator("#account .told")).to_have_text(ANSWERS["text"])
    expect(page.locator("#offers")).to_be_visible()


def test_a_text_that_no_event_brought_is_not_shown_though_it_opens(served: Served, page: Page) -> None:
    number, opened = written_to(served)
    place = context("message", opened.told["case"], "f" * 32, 1)
    boxed = box(pad(b"Saya cabut laporan saya."), opened.keys["thread", 1], place)
    forged = {"kind": "message", "id": "f" * 32, "epoch": 1, "box": base64.b64encode(boxed).decode()}
    lying(page, "buka", lambda told: told["messages"].append(forged))
    open_page(page, number)
    expect(page.locator("#thread .damaged")).to_contain_text("tidak ada peristiwa bertanda tangan")
    expect(page.get_by_text("Saya cabut laporan saya.")).to_have_count(0)


def last_event_dropped(told: Json) -> None:
    told["events"].pop()


def event_altered(told: Json) -> None:
    told["events"][1]["body"] = told["events"][1]["body"].replace("action open", "action close")


def entry_altered(told: Json) -> None:
    entry = told["events"][1]["entry"]
    told["events"][1]["entry"] = entry[:-1] + ("0" if entry[-1] != "0" else "1")


@pytest.mark.parametrize(
    ("lie", "said"),
    [
        (event_altered, "peristiwa 2 (“Laporan mulai ditelaah”)"),
        (entry_altered, "Diubah sesudah dicatat: peristiwa 2"),
        (lambda told: told["events"].pop(1), "Tidak pada urutannya: peristiwa 2"),
        (last_event_dropped, "Server menyebut akhir yang lain daripada peristiwa 3"),
        (lambda told: told.update(state="CLOSED"), "Server menyebut akhir yang lain"),
        (lambda told: told.update(version=told["version"] + 1), "Server menyebut akhir yang lain"),
        (lambda told: told.update(head=told["events"][1]["entry"]), "Server menyebut akhir yang lain"),
        (lambda told: told["account"].update(box=flipped(told["account"]["box"])), "Laporan pelapor rusak"),
    ],
)
def test_a_history_that_does_not_hold_is_said_loudly_and_nothing_can_be_signed_on_it(
    served: Served, page: Page, lie: Callable[[Json], None], said: str
) -> None:
    number, _ = written_to(served)
    lying(page, "buka", lie)
    open_page(page, number)
    expect(page.locator("#proof [role=alert]")).to_contain_text("Riwayat perkara ini tidak cocok")
    expect(page.locator("#proof [role=alert]")).to_contain_text(said)
    expect(page.locator("#offers")).to_be_hidden()
    expect(page.locator("#acts-wait")).to_contain_text("Tindakan ditutup")


def test_a_history_that_was_shown_and_is_replaced_is_noticed(served: Served, page: Page) -> None:
    number, _ = written_to(served)
    open_page(page, number)

    def shorter(told: Json) -> None:
        # What stood at version 4 is gone, and the server says that it never was more than 3.
        del told["events"][3:]
        told.update(version=3, state="TRIAGE", head=told["events"][2]["entry"])

    lying(page, "buka", shorter)
    filled = form(page, "note")
    filled.locator("textarea").fill(WORDS)
    send(filled)
    expect(page.locator("#proof [role=alert]")).to_contain_text("Berubah sejak halaman ini menampilkannya: peristiwa 4")


def test_a_key_slipped_in_under_the_true_ones_name_is_not_used(served: Served, page: Page) -> None:
    number, opened = written_to(served)
    lying(page, "buka", lambda told: told["keys"].append(slipped_in(opened, 1)))
    open_page(page, number)
    expect(page.locator("#thread")).to_contain_text("Kami sedang memeriksanya.")
    filled = form(page, "reply")
    filled.locator("textarea").fill("Hanya untuk pelapor.")
    send(filled)
    expect(page.locator("#announcement")).to_contain_text("Pesan kepada pelapor.")
    later = served.province.opened(number, "lead")
    assert later.text(later.told["messages"][-1]) == "Hanya untuk pelapor."


def slipped_in(opened: OpenedCase, epoch: int) -> Json:
    """Return a thread key that the server knows, sealed to the lead as the true one might be."""
    recipient = f"officer:{opened.login.id}"
    place = context("thread-key", opened.told["case"], epoch=epoch, recipient=recipient)
    sealed = seal(bytes(32), opened.login.identity.recipient, place)
    return {"kind": "thread", "epoch": epoch, "recipient": recipient, "sealed": base64.b64encode(sealed).decode()}


def test_nothing_is_written_under_an_epoch_that_no_event_began(served: Served, page: Page) -> None:
    number, opened = written_to(served)
    lying(page, "buka", lambda told: told["keys"].append(slipped_in(opened, 2)))
    lying(page, "keadaan**", lambda told: told["epochs"].update(thread=2))
    refuses_to_seal(page, number, "reply")


def test_nothing_is_written_under_a_key_that_an_unsigned_event_brings(served: Served, page: Page) -> None:
    number, opened = written_to(served)
    lying(page, "buka", lambda told: told.update(escalated(served, told, slipped_in(opened, 2))))
    open_page(page, number)
    expect(page.locator("#proof [role=alert]")).to_contain_text("Tidak ditandatangani oleh yang disebut: peristiwa 5")
    expect(page.locator("#offers")).to_be_hidden()


def escalated(served: Served, told: Json, key: Json) -> Json:
    """Return what is told of a case after an event that the server has made alone: it has K, and needs no signature."""
    digest = hashlib.sha256(base64.b64decode(key["sealed"])).hexdigest()
    event = Event(
        case=told["case"], seq=told["version"] + 1, previous=bytes.fromhex(told["head"]), action="escalate",
        from_state=told["state"], to_state=told["state"], day=date.fromisoformat(told["today"]), actor="system",
        access=None, clear={}, objects=(ObjectRef("thread-key", f"2.{key['recipient']}", digest),),
    )  # fmt: skip
    body = leave_unsigned(write_event(event))
    app = served.province.app
    with app.app_context(), Session(db.engine) as session:
        secret = app.extensions["kentongan.settings"].secret
        entry = entry_for(session, event.case, event.seq, body, secret).hex()
    events = [*told["events"], {"body": body, "entry": entry}]
    return {"version": event.seq, "head": entry, "events": events, "keys": [*told["keys"], key]}


def test_nothing_is_signed_on_a_history_that_does_not_hold_whatever_the_page_offers(
    served: Served, page: Page
) -> None:
    number, _ = written_to(served)
    lying(page, "buka", last_event_dropped)
    posted: list[str] = []
    page.on("request", lambda request: posted.append(request.url))
    open_page(page, number)
    page.evaluate("document.querySelector('#offers').hidden = false")
    filled = form(page, "note")
    filled.locator("textarea").fill(WORDS)
    send(filled)
    expect(page.locator("#error-summary")).to_contain_text("riwayat perkara ini tidak cocok")
    expect(filled.locator("textarea")).to_have_value(WORDS)
    assert not [url for url in posted if url.endswith("/tindakan")]


def test_nothing_is_written_under_a_key_that_somebody_lost(served: Served, page: Page) -> None:
    number = renewed(served)
    lying(page, "keadaan**", lambda told: told["epochs"].update(thread=1))
    refuses_to_seal(page, number, "reply")


def renewed(served: Served) -> str:
    """Return the number of a case whose keys are of their second epoch, since its holder was replaced."""
    _, _, number, _ = investigated(served.province)
    replace_holder(served, number)
    return number


def replace_holder(served: Served, number: str) -> None:
    other = served.province.log_in("investigator", turn=1).id
    act(served.province.opened(number, "lead"), "assign", "INVESTIGATION", [], {"assignee": other})
    act(served.province.opened(number, "lead"), "note", "INVESTIGATION", [Text("note", "Kunci baru.")])


def recused(served: Served) -> str:
    """Return the number of a case whose holder has recused himself, and whose keys are of their second epoch."""
    _, _, number, _ = investigated(served.province)
    act(served.province.opened(number, "investigator"), "recuse", "INVESTIGATION", [Text("reason", "Paman saya.")])
    act(served.province.opened(number, "lead"), "note", "INVESTIGATION", [Text("note", "Kunci baru.")])
    return number


@pytest.mark.parametrize("lost", [renewed, recused])
@pytest.mark.parametrize("kind", ["thread", "case"])
def test_whoever_lost_a_case_gets_none_of_its_newer_keys(
    served: Served, page: Page, lost: Callable[[Served], str], kind: str
) -> None:
    number = lost(served)
    extra = {"kind": kind, "epoch": 2, "recipient": f"officer:{served.province.log_in('investigator').id}"}
    lying(page, "keadaan**", lambda told: told["seals"].append(extra))
    refuses_to_seal(page, number, "note")


def test_whoever_withdraws_from_a_case_has_it_on_his_screen_no_longer(served: Served, page: Page) -> None:
    _, _, number = taken(served.province)
    open_page(page, number)
    told = page.locator("#account .told").inner_text()
    filled = form(page, "recuse")
    filled.locator("textarea").fill("Ia paman saya.")
    send(filled)
    expect(page.locator("#case")).to_contain_text("sudah dihapus dari layar ini")
    assert told not in page.content()
    page.get_by_role("link", name="Ke antrean").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Antrean meja")


def refuses_to_seal(page: Page, number: str, action: str) -> None:
    """See that the page sends nothing, says why, and keeps the words."""
    posted: list[str] = []
    page.on("request", lambda request: posted.append(request.url))
    open_page(page, number)
    filled = form(page, action)
    filled.locator("textarea").fill(WORDS)
    send(filled)
    expect(page.locator("#error-summary")).to_contain_text("orang yang tidak disahkan")
    expect(filled.locator("textarea")).to_have_value(WORDS)
    assert not [url for url in posted if url.endswith("/tindakan")]


def stranger(served: Served, kind: str) -> str:
    """Return somebody who may not have a key of a case at 33.08."""
    named = {
        "another desk's": lambda: f"officer:{served.province.log_in('investigator', '33.74').id}",
        "nobody's": lambda: f"officer:{'0' * 32}",
        "uninvolved": lambda: f"officer:{served.province.log_in('reviewer').id}",
        "a desk's": lambda: "desk:33.74:1",
        "an older desk key's": lambda: "desk:33.08:0",
    }
    return named[kind]()


@pytest.mark.parametrize("kind", ["another desk's", "nobody's", "uninvolved", "a desk's", "an older desk key's"])
def test_a_key_is_sealed_to_nobody_the_signed_tree_does_not_name_for_the_act(
    served: Served, page: Page, kind: str
) -> None:
    _, _, number = taken(served.province)
    extra = {"kind": "case", "epoch": 1, "recipient": stranger(served, kind)}
    lying(page, "keadaan**", lambda told: told["seals"].append(extra))
    refuses_to_seal(page, number, "note")


@pytest.mark.parametrize(
    ("role", "desk"),
    [("investigator", "33.74"), ("reviewer", "33.08"), ("lead", "33.08"), ("investigator", "33")],
)
def test_an_assignee_the_server_suggests_gets_no_key_without_the_desk_and_the_role_for_it(
    served: Served, page: Page, role: str, desk: str
) -> None:
    number = past_the_province(served.province)
    act(served.province.opened(number, "lead"), "open", "TRIAGE", [Text("declaration", "Tidak ada.")])
    refuses_to_assign(page, number, served.province.log_in(role, desk).id)


def test_an_assignee_the_server_suggests_gets_no_key_of_what_he_wrote_down(served: Served, page: Page) -> None:
    _keys, _complaint, number = assisted(served.province, "investigator")
    act(served.province.opened(number, "lead"), "open", "TRIAGE", [Text("declaration", "Tidak ada.")])
    refuses_to_assign(page, number, served.province.log_in("investigator").id)


def refuses_to_assign(page: Page, number: str, suggested: str) -> None:
    """See that the page seals nothing to the assignee it offers, and says why."""
    open_page(page, number)
    plan = form(page, "investigate")
    page.evaluate("(id) => (document.querySelector('#investigate-assignee option:last-child').value = id)", suggested)
    plan.locator("[name=assignee]").select_option(value=suggested)
    plan.locator("[name=category]").select_option(value="calo")
    plan.locator("[name=severity][value=ringan]").check()
    plan.locator("[name=plan]").fill(WORDS)
    plan.locator("[name=allegation]").fill(WORDS)
    send(plan)
    expect(page.locator("#error-summary")).to_contain_text("orang yang tidak disahkan")


def past_the_province(province: Province) -> str:
    """Lodge a complaint that the provincial desk must not handle; return its case's number."""
    ask, keys = province.visitor().ask, province.keys(draw(8))
    posted = client.envelope(ANSWERS, keys, province.installation(), ask, frozenset({"33"}))
    client.asked(ask, "/api/v1/complaints", posted)
    return province.number_of(client.visit(keys, ask).thread["complaint"])


def test_a_reporters_key_that_is_not_the_one_he_lodged_with_gets_no_copy(served: Served, page: Page) -> None:
    _, _, number = taken(served.province)
    other = base64.b64encode(Identity.from_seed(bytes(range(32))).recipient.raw).decode()
    lying(page, "buka", lambda told: told.update(reporterKem=other))
    lying(page, "keadaan**", lambda told: told["seals"].append({"kind": "thread", "epoch": 1, "recipient": "reporter"}))
    refuses_to_seal(page, number, "reply")


def test_a_reporter_gets_no_key_to_what_officers_write_among_themselves(served: Served, page: Page) -> None:
    _, _, number = taken(served.province)
    extra = {"kind": "case", "epoch": 1, "recipient": "reporter"}
    lying(page, "keadaan**", lambda told: told["seals"].append(extra))
    refuses_to_seal(page, number, "note")


@pytest.mark.parametrize("answer", [{"toString": None}, {"toString": "x"}, [[]], None])
@pytest.mark.parametrize("question", ["text", "place", "never_asked"])
def test_an_answer_that_is_no_text_hides_no_other_and_closes_nothing(
    served: Served, page: Page, question: str, answer: Any
) -> None:
    number = lodged_with(served.province, {question: answer})
    open_page(page, number)
    expect(page.locator("#account")).to_contain_text("150 ribu")
    expect(page.locator("#offers")).to_be_visible()


def test_thousands_of_answers_nobody_asked_for_stand_after_the_others(served: Served, page: Page) -> None:
    number = lodged_with(served.province, {f"{at:x}": "" for at in range(20_000)} | {"paid": 150_000})
    open_page(page, number)
    expect(page.locator("#account dd").nth(5)).to_have_text("150000")
    expect(page.locator("#account dd")).to_have_count(20_006)


def lodged_with(province: Province, answers: Mapping[str, Any]) -> str:
    """Lodge a complaint whose account somebody's own program has written; return its case's number."""
    ask, keys = province.visitor().ask, province.keys(draw(8))
    client.asked(ask, "/api/v1/complaints", client.envelope(ANSWERS | answers, keys, province.installation(), ask))
    return province.number_of(client.visit(keys, ask).thread["complaint"])


def tab_to(page: Page, selector: str) -> None:
    """Go to an element as somebody without a mouse does."""
    for _ in range(40):
        page.keyboard.press("Tab")
        if page.locator(selector).evaluate("(element) => element === document.activeElement"):
            return
    raise AssertionError(f"the keyboard does not reach {selector}")


def test_a_printed_history_says_who_did_what_and_where_the_public_log_has_it(served: Served, page: Page) -> None:
    _, _, number = taken(served.province)
    page.goto(f"/petugas/perkara/{number}")
    page.emulate_media(media="print")
    last = page.locator(".timeline li").last
    expect(last.locator(".who")).to_be_visible()
    expect(last.locator(".place")).to_be_visible()
    expect(last.locator(".place")).to_have_text("Catatan umum: belum terbit")
    page.emulate_media(media="screen")


def test_by_keyboard_alone_an_act_is_sealed_and_signed_and_the_focus_goes_to_its_line(
    served: Served, page: Page
) -> None:
    _, _, number = taken(served.province)
    sent: list[str] = []
    page.on("request", lambda request: sent.append(request.post_data or ""))
    page.goto(f"/petugas/perkara/{number}")
    tab_to(page, "#open-case")
    page.keyboard.press("Enter")
    expect(page.locator("#account-title")).to_be_focused()
    tab_to(page, "#act-note summary")
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.type(WORDS)
    tab_to(page, "#act-note button[type=submit]")
    page.keyboard.press("Enter")
    expect(page.locator("#announcement")).to_contain_text("Catatan ditambah.")
    expect(page.locator("#event-3")).to_be_focused()
    expect(page.locator("#notes")).to_contain_text(WORDS)
    assert not [posted for posted in sent if WORDS in posted]
    [note] = [each for each in served.province.opened(number, "lead").told["notes"] if each["kind"] == "note"]
    assert served.province.opened(number, "lead").text(note) == WORDS


def test_a_case_that_nobody_has_opened_can_be_held_and_the_reason_be_read(served: Served, page: Page) -> None:
    _, complaint = served.province.lodge()
    open_page(page, served.province.number_of(complaint))
    held = form(page, "hold")
    held.locator("textarea").fill(WORDS)
    send(held)
    expect(page.locator("#announcement")).to_contain_text("Perkara ditahan untuk keperluan hukum.")
    expect(page.locator("#notes")).to_contain_text(WORDS)


def test_what_is_missing_is_said_and_nothing_is_sent(served: Served, page: Page) -> None:
    _, _, number = taken(served.province)
    open_page(page, number)
    send(form(page, "investigate"))
    summary = page.locator("#error-summary")
    expect(summary).to_be_focused()
    for sentence in ("Pilih pemeriksanya.", "Pilih bobotnya.", "Tulis rencana", "Dugaan 1: Tulis dugaannya"):
        expect(summary).to_contain_text(sentence)
    page.get_by_role("link", name="Pilih bobotnya.").click()
    expect(page.locator("#investigate-severity-0")).to_be_focused()


def test_the_second_officer_is_told_what_changed_and_his_words_wait_for_him(served: Served, page: Page) -> None:
    _, _, number = taken(served.province)
    open_page(page, number)
    filled = form(page, "note")
    filled.locator("textarea").fill(WORDS)
    act(served.province.opened(number, "lead"), "reply", "TRIAGE", [Text("message", "Lebih dahulu.")])
    send(filled)
    changed = page.locator("#act-note .changed")
    expect(changed).to_be_focused()
    expect(changed).to_contain_text("Pesan kepada pelapor")
    expect(changed).to_contain_text(page.locator(".who b").inner_text())
    expect(page.locator("#thread")).to_contain_text("Lebih dahulu.")
    expect(form(page, "note").locator("textarea")).to_have_value(WORDS)
    send(form(page, "note"))
    expect(page.locator("#announcement")).to_contain_text("Catatan ditambah.")


def test_an_act_that_is_overtaken_on_its_way_is_kept_as_well(served: Served, page: Page) -> None:
    _, _, number = taken(served.province)
    open_page(page, number)
    filled = form(page, "note")
    filled.locator("textarea").fill(WORDS)

    def overtake(route: Route) -> None:
        act(served.province.opened(number, "lead"), "reply", "TRIAGE", [Text("message", "Lebih dahulu.")])
        route.continue_()

    page.route("**/tindakan", overtake)
    send(filled)
    expect(page.locator("#act-note .changed")).to_contain_text("Pesan kepada pelapor")
    expect(form(page, "note").locator("textarea")).to_have_value(WORDS)


def test_keys_renewed_meanwhile_are_learnt_before_anything_is_sealed(served: Served, page: Page) -> None:
    _, _, number, _ = investigated(served.province)
    open_page(page, number)
    filled = form(page, "note")
    filled.locator("textarea").fill(WORDS)
    replace_holder(served, number)
    send(filled)
    expect(page.locator("#act-note .changed li")).to_have_count(2)
    send(form(page, "note"))
    expect(page.locator("#announcement")).to_contain_text("Catatan ditambah.")


def test_words_for_an_act_that_is_no_longer_possible_can_still_be_copied(served: Served, page: Page) -> None:
    _, _, number = taken(served.province)
    open_page(page, number)
    plan = form(page, "investigate")
    plan.locator("[name=plan]").fill("Rencana panjang.")
    plan.locator("[name=allegation]").fill("Dugaan pertama.")
    act(served.province.opened(number, "lead"), "ask", "NEEDS_INFO", [Text("question", "Kapan?")])
    question = form(page, "ask")
    question.locator("textarea").fill(WORDS)
    send(question)
    expect(page.locator("#announcement .changed")).to_contain_text("tidak lagi bisa dilakukan")
    kept = [box.input_value() for box in page.locator(".kept textarea").all()]
    assert sorted(kept) == sorted(["Rencana panjang.", "Dugaan pertama.", WORDS])
    assert all(box.get_attribute("readonly") is not None for box in page.locator(".kept textarea").all())


def test_a_list_of_allegations_outlives_the_renewal_of_the_page(served: Served, page: Page) -> None:
    _, _, number = taken(served.province)
    open_page(page, number)
    plan = form(page, "investigate")
    plan.locator("[name=allegation]").fill("Pertama.")
    plan.locator("[data-add]").click()
    plan.locator("[name=allegation]").nth(1).fill("Kedua.")
    plan.locator("[name=severity][value=berat]").check()
    note = form(page, "note")
    note.locator("textarea").fill(WORDS)
    send(note)
    expect(page.locator("#announcement")).to_contain_text("Catatan ditambah.")
    renewed = form(page, "investigate")
    assert [box.input_value() for box in renewed.locator("[name=allegation]").all()] == ["Pertama.", "Kedua."]
    expect(renewed.locator("[name=severity][value=berat]")).to_be_checked()
    expect(form(page, "note").locator("textarea")).to_have_value("")


def test_allegations_can_be_nine_and_never_none(served: Served, page: Page) -> None:
    _, _, number = taken(served.province)
    open_page(page, number)
    plan = form(page, "investigate")
    expect(plan.locator("[data-remove]")).to_be_hidden()
    for _ in range(8):
        plan.locator("[data-add]").click()
    expect(plan.locator("[name=allegation]")).to_have_count(9)
    expect(plan.locator("[data-add]")).to_be_hidden()
    plan.locator("[data-remove]").nth(4).click()
    expect(plan.locator("[name=allegation]").nth(3)).to_be_focused()
    assert [label.inner_text() for label in plan.locator("li label").all()] == [f"Dugaan {n}" for n in range(1, 9)]


def test_without_a_network_the_words_stay_and_can_be_sent_again(served: Served, page: Page) -> None:
    _, _, number = taken(served.province)
    open_page(page, number)
    filled = form(page, "note")
    filled.locator("textarea").fill(WORDS)
    page.route("**/tindakan", lambda route: route.abort())
    send(filled)
    expect(page.locator("#error-summary")).to_contain_text("tidak dapat dihubungi")
    expect(filled.locator("textarea")).to_have_value(WORDS)
    page.unroute_all(behavior="wait")
    send(filled)
    expect(page.locator("#announcement")).to_contain_text("Catatan ditambah.")


def test_an_act_whose_answer_was_lost_is_not_sent_twice(served: Served, page: Page) -> None:
    _, _, number = taken(served.province)
    open_page(page, number)
    filled = form(page, "note")
    filled.locator("textarea").fill(WORDS)
    lose_answers(page)
    send(filled)
    expect(page.locator("#error-summary")).to_contain_text("tidak dapat dihubungi")
    page.unroute_all(behavior="wait")
    send(filled)
    expect(page.locator("#announcement")).to_contain_text("Kiriman tadi ternyata sampai")
    assert served.province.opened(number, "lead").told["version"] == 3


def test_other_words_after_a_lost_answer_are_another_act(served: Served, page: Page) -> None:
    _, _, number = taken(served.province)
    open_page(page, number)
    filled = form(page, "note")
    filled.locator("textarea").fill("Yang pertama.")
    lose_answers(page)
    send(filled)
    expect(page.locator("#error-summary")).to_contain_text("tidak dapat dihubungi")
    page.unroute_all(behavior="wait")
    filled.locator("textarea").fill(WORDS)
    send(filled)
    expect(page.locator("#act-note .changed")).to_contain_text("Catatan ditambah")
    expect(form(page, "note").locator("textarea")).to_have_value(WORDS)


def lose_answers(page: Page) -> None:
    """Let acts reach the server, and no answer come back."""

    def lose(route: Route) -> None:
        route.fetch()
        route.abort()

    page.route("**/tindakan", lose)


def test_a_second_click_sends_nothing_more(served: Served, page: Page) -> None:
    _, _, number = taken(served.province)
    posted: list[str] = []
    page.on("request", lambda request: posted.append(request.url) if request.url.endswith("/tindakan") else None)
    open_page(page, number)
    filled = form(page, "note")
    filled.locator("textarea").fill(WORDS)
    filled.locator("button[type=submit]").dblclick()
    expect(page.locator("#announcement")).to_contain_text("Catatan ditambah.")
    assert len(posted) == 1


def test_a_login_locked_meanwhile_asks_for_the_password_and_goes_on(served: Served, page: Page) -> None:
    _, _, number = taken(served.province)
    open_page(page, number)
    filled = form(page, "note")
    filled.locator("textarea").fill(WORDS)
    served.province.browser_of("lead").post("/petugas/kunci/tutup", json={})
    send(filled)
    unlock(page, served)
    expect(page.locator("#announcement")).to_contain_text("Catatan ditambah.")
    expect(page.locator("#notes")).to_contain_text(WORDS)


def test_a_page_that_locks_itself_keeps_neither_a_text_nor_a_key(served: Served, browser: Browser) -> None:
    _, _, number, _ = investigated(served.province)
    context = served.context(browser, "investigator", viewport={"width": 1280, "height": 900})
    page = context.new_page()
    page.clock.install()
    page.goto(f"/petugas/perkara/{number}")
    page.click("#open-case")
    unlock(page, served, "investigator")
    expect(page.locator("#story")).to_be_visible()
    account = page.locator("#account").text_content() or ""
    form(page, "note").locator("textarea").fill(WORDS)
    page.clock.fast_forward("16:00")
    expect(page.locator("#unlock")).to_be_visible()
    assert ANSWERS["text"][:40] in account and ANSWERS["text"][:40] not in page.content()
    assert page.evaluate(KEYRING) == "asks"
    assert "Pungutan 150 ribu" not in page.content()
    page.clock.resume()
    unlock(page, served, "investigator")
    expect(page.locator("#story")).to_be_visible()
    assert page.locator("#account").text_content() == account
    assert form(page, "note").locator("textarea").input_value() == WORDS
    send(form(page, "note"))
    expect(page.locator("#announcement")).to_contain_text("Tersimpan")
    context.close()


def test_a_page_that_locks_itself_keeps_no_phrase_of_a_visitor(served: Served, browser: Browser) -> None:
    context = served.context(browser, "reviewer", viewport={"width": 360, "height": 640})
    page = context.new_page()
    page.goto("/petugas/bantu")
    give(page, "#assist", ANSWERS)
    page.get_by_role("button", name="Segel dan kirim").click()
    words = page.locator("#tracking-phrase li")
    expect(words).to_have_count(8)
    # What the page tells itself when nobody has sat here for a quarter of an hour, as above.
    page.evaluate("dispatchEvent(new Event('kentongan-locked'))")
    expect(page.locator("#done-title")).to_be_focused()
    expect(words).to_have_count(0)
    context.close()


def test_a_page_the_browser_kept_when_it_was_left_is_loaded_anew(served: Served, page: Page) -> None:
    page.evaluate("globalThis.kept = true")
    with page.expect_navigation():
        page.evaluate("dispatchEvent(new PageTransitionEvent('pageshow', { persisted: true }))")
    assert page.evaluate("globalThis.kept") is None


def test_the_second_officer_reads_reason_and_decision_before_he_can_close(served: Served, browser: Browser) -> None:
    _, _, number = proposed(served.province)
    context_of = served.context(browser, "reviewer")
    page = context_of.new_page()
    page.goto(f"/petugas/perkara/{number}")
    page.click("#open-case")
    page.fill("#unlock-password", served.province.named("reviewer", "33.08").password)
    page.get_by_role("button", name="Buka", exact=True).click()
    close = form(page, "close")
    expect(close.locator(".proposal")).to_contain_text("Hasil: Terbukti")
    expect(close.locator(".proposal")).to_contain_text("Dua saksi.")
    expect(close.locator(".proposal")).to_contain_text("Terbukti: uang dikembalikan.")
    send(close)
    expect(page.locator("#error-summary")).to_contain_text("sudah membacanya")
    close.locator("[name=read]").check()
    send(close)
    expect(page.locator("#announcement")).to_contain_text("Perkara ditutup.")
    expect(page.locator("#state")).to_have_attribute("data-state", "CLOSED")
    context_of.close()


def test_a_new_holder_renews_the_keys_for_all_who_remain(served: Served, page: Page) -> None:
    phrase, _, number, _ = investigated(served.province)
    open_page(page, number)
    assign = form(page, "assign")
    assign.locator("select").select_option(index=1)
    send(assign)
    expect(page.locator("#announcement")).to_contain_text("Petugas ditunjuk.")
    reply = form(page, "reply")
    reply.locator("textarea").fill("Ada petugas baru.")
    send(reply)
    expect(page.locator("#announcement")).to_contain_text("Pesan kepada pelapor.")
    told = served.province.opened(number, "lead").told
    epochs = {(key["kind"], key["epoch"]) for key in told["keys"]}
    assert epochs == {("thread", 1), ("thread", 2), ("case", 1), ("case", 2)}
    assert read_by_reporter(served, phrase) == ["Ada petugas baru."]


def read_by_reporter(served: Served, phrase: str) -> list[str]:
    seen = client.visit(served.province.keys(phrase), served.province.visitor().ask)
    return [seen.text(message) for message in seen.thread["messages"]]


@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (360, "dark"), (320, "light")])
def test_the_page_is_accessible_and_nothing_leaves_the_window(
    served: Served, browser: Browser, width: int, scheme: Any
) -> None:
    number, _ = written_to(served, HOSTILE + "kata" * 200)
    # Trusted Types would refuse the examiner's own script.
    examined = served.context(
        browser, "lead", viewport={"width": width, "height": 740}, color_scheme=scheme, bypass_csp=True
    )
    page = examined.new_page()
    page.goto(f"/petugas/perkara/{number}")
    faultless(page)
    page.click("#open-case")
    unlock(page, served)
    expect(page.locator("#story")).to_be_visible()
    for action in ("investigate", "propose", "ask"):
        form(page, action)
    send(form(page, "propose"))
    faultless(page)
    examined.close()


def faultless(page: Page) -> None:
    found = Axe().run(page)
    assert found.violations_count == 0, found.generate_report()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_what_was_brought_as_evidence_is_numbered_and_is_no_text_that_is_missing(page: Page, served: Served) -> None:
    phrase, _complaint, number = taken(served.province)
    messaged(served.province, phrase, b"Kuitansi", b"Foto papan tarif")
    open_page(page, number)
    expect(page.locator("#history")).to_contain_text("B-1, B-2")
    expect(page.locator("#story .damaged")).to_have_count(0)
