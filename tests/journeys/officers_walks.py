"""Every page of the officers' side, in every state it can be in, each shown once."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta

from playwright.sync_api import Page, Route, expect

from kernel import clock
from kernel.vault import WORDS
from operations.backup import LAST_BACKUP
from tests.journeys import acting
from tests.journeys.looking import PHONE
from tests.journeys.officers import SIX_WORDS, next_code
from tests.journeys.reporting import give
from tests.journeys.stage import ACCOUNT, DESK, UNBROKEN, Stage

Shown = Iterator[tuple[Page, str]]
NOBODY = {"name": "siapa.saja", "password": " ".join(WORDS[:6]), "code": "123456"}
INVITED = {"name": "tamu.baru", "full_name": f"Nama Panjang {UNBROKEN[:60]}", "role": "investigator", "desk": DESK}
IDS = "(elements) => elements.map(({ id }) => id)"


def logging_in(stage: Stage) -> Shown:
    """Send nothing, then what nobody would be let in by, then too soon."""
    page = stage.stranger()
    page.goto("/petugas/masuk")
    yield page, "the login"
    _press(page, "Masuk")
    yield page, "nothing typed"
    for name, typed in NOBODY.items():
        page.locator(f"#{name}").fill(typed)
    for status, said in ((401, "Nama, kata sandi, atau kode tidak cocok."), (429, "Tunggu 30 detik lagi.")):
        page.route("**/petugas/masuk", _refusing(status, said))
        _press(page, "Masuk")
        expect(page.locator("#error-summary")).to_contain_text(said)
        yield page, said


def _refusing(status: int, said: str) -> Callable[[Route], None]:
    def refuse(route: Route) -> None:
        route.fulfill(status=status, json={"error": said})

    return refuse


def without_scripts(stage: Stage) -> Shown:
    """See what officers are told whose browser runs no scripts; axe, which is one, is shown it outside its element."""
    page = stage.stranger()

    def unwrapped(route: Route) -> None:
        answer = route.fetch()
        route.fulfill(response=answer, body=answer.text().replace("noscript>", "div>"))

    page.route("**/petugas/masuk", unwrapped)
    page.goto("/petugas/masuk")
    yield page, "no scripts"


def beginning(stage: Stage) -> Shown:
    """Be invited, activate the account, and be told to wait; then the lead compares, and hears another fingerprint."""
    administrator = stage.window("administrator", "-")
    administrator.goto("/petugas/akun")
    yield administrator, "the accounts"
    _press(administrator, "Buat undangan")
    yield administrator, "nobody named"
    link = _invited(administrator)
    yield administrator, "the invitation"
    yield from _activating(stage.stranger(PHONE), link)
    yield from _comparing(stage)


def _invited(page: Page) -> str:
    page.locator("#name").fill(INVITED["name"])
    page.locator("#full_name").fill(INVITED["full_name"])
    page.locator(f"input[name=role][value={INVITED['role']}]").check()
    page.locator("#desk").select_option(INVITED["desk"])
    _press(page, "Buat undangan")
    return page.locator("#invitation").inner_text()


def _activating(page: Page, link: str) -> Shown:
    page.goto("/petugas/aktivasi")
    page.locator("#refusal:visible").wait_for()
    yield page, "no invitation"
    page.goto(link)
    page.locator("#welcome-title:visible").wait_for()
    yield page, "welcome"
    _press(page, "Buat kata sandi")
    words = page.locator("#password-words li").all_inner_texts()
    yield page, "the password"
    _press(page, "Sudah saya catat")
    _press(page, "Lanjut")
    yield page, "the rehearsal, unanswered"
    for field in ("first-word", "second-word"):
        label = page.locator(f"label[for={field}]").inner_text()
        page.locator(f"#{field}").fill(words[int(label.rpartition("-")[2]) - 1])
    _press(page, "Lanjut")
    _press(page, "Aktifkan akun")
    yield page, "the authenticator, without a code"
    secret = page.locator("#authenticator-secret").inner_text().replace(" ", "")
    yield from _activated(page, words, secret)


def _activated(page: Page, words: list[str], secret: str) -> Shown:
    page.locator("#code").fill(next_code(secret))
    _press(page, "Aktifkan akun")
    page.locator("#done-title:visible").wait_for()
    yield page, "activated"
    page.goto("/petugas/masuk?ke=/petugas/saya")
    for name, typed in {"name": INVITED["name"], "password": " ".join(words), "code": next_code(secret)}.items():
        page.locator(f"#{name}").fill(typed)
    _press(page, "Masuk")
    expect(page.locator("#fingerprint")).to_have_text(SIX_WORDS)
    yield page, "not vouched for yet"


def _comparing(stage: Stage) -> Shown:
    page = stage.at_home("lead")
    page.goto("/petugas/orang")
    yield page, "the people"
    page.get_by_role("button", name=f"Cocokkan sidik kunci {INVITED['full_name']}").click()
    expect(page.locator("#compare-words")).not_to_be_empty()
    yield page, "comparing"
    _press(page, "Tidak sama")
    expect(page.locator(".notice-danger")).to_be_visible()
    yield page, "not the same"


def in_the_queue(stage: Stage) -> Shown:
    """See the queue as everybody does, with nothing in it, and one's own account."""
    for role, desk in (("lead", DESK), ("investigator", DESK), ("reviewer", DESK), ("overseer", "-")):
        page = stage.window(role, desk)
        page.goto("/petugas/")
        expect(page.locator("#logout")).to_be_visible()
        yield page, f"the queue of the {role}"
    page = stage.window("lead")
    page.goto("/petugas/?terlambat=ya&mendesak=ya&tahap=REVIEW")
    page.locator("#new-keys li").first.wait_for()
    yield page, "nothing in the queue, and keys to be asked about"
    yield stage.at_home("lead"), "one's own account"


def overseeing(stage: Stage) -> Shown:
    """See who vouched for whom, who has opened what, and how clocks are kept; then look for a reading that is not."""
    page = stage.window("overseer", "-")
    for address in ("pernyataan", "pembacaan", "tenggat", "pembacaan?perkara=99-AAAAAAA"):
        page.goto(f"/petugas/{address}")
        yield page, address


def keeping_the_desks_key(stage: Stage) -> Shown:
    """See which key the desk has, and when it wants another."""
    page = stage.window("lead")
    page.goto("/petugas/meja/kunci")
    yield page, "the desk's key"


def decreeing(stage: Stage) -> Shown:
    """Note a holiday that was decreed, forget to say which, and take it back."""
    page = stage.window("administrator", "-")
    page.goto("/petugas/libur")
    yield page, "nothing decreed"
    _press(page, "Simpan")
    yield page, "no day named"
    page.locator("#day").fill((clock.today() + timedelta(days=60)).isoformat())
    page.get_by_label("Libur atau cuti bersama").check()
    page.locator("#name").fill(f"Pilkada {UNBROKEN[:40]}")
    _press(page, "Simpan")
    yield page, "a holiday decreed"
    page.get_by_role("button", name="Hapus").click()
    expect(page.locator("table:not(#notes)")).to_have_count(0)
    overseer = stage.window("overseer", "-")
    overseer.goto("/petugas/libur")
    expect(overseer.locator("#notes")).to_contain_text("Dihapus")
    yield overseer, "what was decreed and taken back, seen by the overseer"


def hearing_alarms(stage: Stage) -> Shown:
    """See that an alarm rings, for no backup was ever made; then, with one, that all is calm."""
    page, mark = stage.window("administrator", "-"), stage.installation.instance / LAST_BACKUP
    page.goto("/petugas/alarm")
    expect(page.locator("#alarm-backup")).to_be_visible()
    yield page, "an alarm"
    mark.write_text(clock.now().isoformat())
    page.goto("/petugas/alarm")
    yield page, "no alarm"
    mark.unlink()


def assisting(stage: Stage) -> Shown:
    """Write down what a visitor tells, forget to ask where, and hand the card over."""
    page = stage.window("investigator")
    page.goto("/petugas/bantu")
    expect(page.get_by_role("button", name="Segel dan kirim")).to_be_enabled()
    yield page, "nothing written"
    _press(page, "Segel dan kirim")
    yield page, "sent empty"
    give(page, "#assist", ACCOUNT)
    _press(page, "Segel dan kirim")
    expect(page.get_by_role("heading", name="Serahkan kartu ini kepada pelapor")).to_be_focused()
    yield page, "the card"
    _press(page, "Sudah diserahkan: hapus dari layar")
    expect(page.locator("#done-title")).to_be_focused()
    expect(page.locator("#tracking-phrase li")).to_have_count(0)
    yield page, "handed over"


def locking(stage: Stage) -> Shown:
    """Lock the page, and give a wrong password; and come to a page that was locked elsewhere."""
    page = stage.window("reviewer", turn=1)
    page.goto("/petugas/")
    _press(page, "Kunci")
    page.locator("#unlock[open]").wait_for()
    yield page, "locked"
    page.locator("#unlock-password").fill("satu dua tiga")
    _press(page, "Buka")
    yield page, "a wrong password"


def turned_away(stage: Stage) -> Shown:
    """Ask for what is not there, and for what is not for everybody."""
    page = stage.window("reviewer")
    for address in ("/petugas/tidak-ada", "/petugas/orang", "/petugas/perkara/000-000-000"):
        page.goto(address)
        yield page, address


def before_opening(stage: Stage) -> Shown:
    """See a case whose seals are shut: as its lead, and as an overseer, who can never open it."""
    for role, desk in (("lead", DESK), ("overseer", "-")):
        page = stage.window(role, desk)
        page.goto(f"/petugas/perkara/{stage.cases['running'].number}")
        for folded in page.locator("#readings > summary").all():
            folded.click()
        yield page, f"sealed, seen by the {role}"


def as_lead(stage: Stage) -> Shown:
    """Open the lead's cases, unfold every act, and send empty those that no walk has sent yet."""
    for name in ("fresh", "withdrawn", "asked", "closed", "objected"):
        yield from _acting(stage, stage.open_case(name, "lead"), name)


def as_investigator(stage: Stage) -> Shown:
    """The same for the investigator."""
    yield from _acting(stage, stage.open_case("running", "investigator"), "running")


def as_handler(stage: Stage) -> Shown:
    """The same for the investigator who decides on an objection."""
    yield from _acting(stage, stage.open_case("objected", "investigator", turn=1), "objected")


def as_reviewer(stage: Stage) -> Shown:
    """The same for the reviewer."""
    yield from _acting(stage, stage.open_case("proposed", "reviewer"), "proposed")


def _acting(stage: Stage, page: Page, name: str) -> Shown:
    yield page, f"{name}, opened"
    acts = page.locator("#offers > .action")
    for act in [acts.nth(at) for at, id_ in enumerate(acts.evaluate_all(IDS)) if id_ not in stage.sent]:
        stage.sent.add(act.get_attribute("id") or "")
        act.locator("summary").first.click()
        for boxes in act.locator("textarea").all():
            boxes.fill("")
        act.locator("button[type=submit]").click()
        if page.locator("#error-summary").count():
            yield page, f"{name}, {act.get_attribute('id')} sent empty"
        act.locator("summary").first.click()


def overtaken(stage: Stage) -> Shown:
    """Write a note while somebody else acts: what he did is said, what was written stays; then a seal is damaged."""
    page = stage.open_case("running", "investigator")
    filled = acting.form(page, "note")
    filled.locator("textarea").fill(UNBROKEN)
    stage.cases["running"].note("Lebih dahulu.")
    filled.locator("button[type=submit]").click()
    page.locator(".changed").wait_for()
    yield page, "overtaken"
    filled.locator("button[type=submit]").click()
    expect(page.locator("#announcement")).to_contain_text("Catatan ditambah")
    yield page, "done"


def _press(page: Page, name: str) -> None:
    page.get_by_role("button", name=name, exact=True).click()
