"""What officers do on a case's page, each act by its form as people fill it in."""

from collections.abc import Sequence

from playwright.sync_api import Locator, Page, expect

from tests.officer import ANOTHER_DAY


def numbers(page: Page) -> set[str]:
    """Return the numbers of the cases in the queue, on however many pages others have made it; stand where it began."""
    began, found = page.url, _numbers_here(page)
    while _turn(page):
        found |= _numbers_here(page)
    if page.url != began:
        page.goto(began)
    return found


def _numbers_here(page: Page) -> set[str]:
    return set(page.locator("tbody [role=rowheader] a").all_inner_texts())


def row(page: Page, number: str) -> Locator:
    """Turn to the page of the queue on which a case stands; return its row."""
    found = page.get_by_role("row").filter(has_text=number)
    while not found.count() and _turn(page):
        pass
    return found


def _turn(page: Page) -> bool:
    """Turn to the queue's next page, if there is one; tell whether there was."""
    following = page.locator("a[rel=next]")
    if not following.count():
        return False
    page.goto(following.get_attribute("href") or "")
    return True


def enter(page: Page, number: str) -> None:
    """Go to a case from the queue; its seals stay shut."""
    row(page, number).get_by_role("link").click()
    expect(page.locator("h1")).to_have_text(number)


def unseal(page: Page) -> None:
    """Open what is sealed, and see that the history holds."""
    page.get_by_role("button", name="Buka isi perkara").click()
    expect(page.locator("#story")).to_be_visible()
    expect(page.locator("#proof")).to_contain_text("Riwayat cocok")


def say_why(page: Page, reason: str = "Menelaah atau memeriksa perkara") -> None:
    """Choose for what evidence is opened on this page from now on."""
    page.get_by_label("Untuk apa bukti dibuka?").select_option(label=reason)


def form(page: Page, action: str) -> Locator:
    """Unfold an act; return its form."""
    details = page.locator(f"#act-{action}")
    if details.get_attribute("open") is None:
        details.locator("summary").click()
    return details.locator("form")


def send(page: Page, filled: Locator, deed: str) -> None:
    """Send a form and read that it is done, in the words of the history; once more where a day has ended meanwhile."""
    filled.locator("button[type=submit]").click()
    done, too_late = page.locator("#announcement").filter(has_text=deed), filled.get_by_text(ANOTHER_DAY)
    expect(done.or_(too_late)).to_be_visible()
    if too_late.count():
        filled.locator("button[type=submit]").click()
    expect(done).to_be_visible()


def take(page: Page, more: str = "") -> str:
    """Declare that there is no conflict of interest, and take the case; return what was declared."""
    filled = form(page, "open")
    declaration = f"{filled.locator('textarea').input_value()} {more}".strip()
    filled.locator("textarea").fill(declaration)
    send(page, filled, "Laporan mulai ditelaah.")
    return declaration


def assign_with_plan(page: Page, investigator: str, plan: str, allegations: Sequence[str]) -> None:
    """Begin the investigation: category, severity, who, the plan, and what exactly is to be found out."""
    filled = form(page, "investigate")
    choose_officer(filled, investigator)
    fill_plan(filled, plan, allegations)
    send(page, filled, "Pemeriksaan dimulai.")


def choose_officer(filled: Locator, full_name: str) -> None:
    """Choose whom an act names."""
    option = filled.locator("select[name=assignee] option").filter(has_text=full_name)
    filled.locator("select[name=assignee]").select_option(option.get_attribute("value"))


def fill_plan(filled: Locator, plan: str, allegations: Sequence[str]) -> None:
    """Fill in what an investigation begins with."""
    filled.locator("select[name=category]").select_option(label="Memungut layanan gratis")
    filled.get_by_label("Sedang", exact=True).check()
    filled.locator("textarea[name=plan]").fill(plan)
    for at, allegation in enumerate(allegations):
        if at:
            filled.get_by_role("button", name="Tambah dugaan").click()
        filled.locator("textarea[name=allegation]").nth(at).fill(allegation)


def ask(page: Page, question: str) -> None:
    """Ask the reporter."""
    filled = form(page, "ask")
    filled.locator("textarea").fill(question)
    send(page, filled, "Pelapor ditanya.")


def reply(page: Page, text: str) -> None:
    """Write to the reporter."""
    filled = form(page, "reply")
    filled.locator("textarea").fill(text)
    send(page, filled, "Pesan kepada pelapor.")


def note(page: Page, text: str) -> None:
    """Write a note for colleagues."""
    filled = form(page, "note")
    filled.locator("textarea").fill(text)
    send(page, filled, "Catatan ditambah.")


def find(page: Page, allegation: str, finding: str, basis: str) -> None:
    """Give an allegation its finding."""
    filled = form(page, "finding")
    option = filled.locator("select option").filter(has_text=allegation[:40])
    filled.locator("select").select_option(option.get_attribute("value"))
    filled.get_by_label(finding, exact=True).check()
    filled.locator("textarea").fill(basis)
    send(page, filled, "Temuan dicatat.")


def propose(page: Page, outcome: str, reason: str, decision: str) -> None:
    """Propose how the case ends."""
    filled = form(page, "propose")
    _fill_ending(filled, outcome, reason, decision)
    send(page, filled, "Hasil diusulkan.")


def _fill_ending(filled: Locator, outcome: str, reason: str, decision: str) -> None:
    filled.get_by_label(outcome, exact=True).check()
    filled.locator("textarea[name=reason]").fill(reason)
    filled.locator("textarea[name=decision]").fill(decision)


def close(page: Page) -> None:
    """Say that one has read reason and decision, and close the case."""
    filled = form(page, "close")
    filled.get_by_label("Saya sudah membaca alasan dan keputusannya").check()
    send(page, filled, "Perkara ditutup.")


def hand_over(page: Page, full_name: str) -> None:
    """Name who decides on an objection."""
    filled = form(page, "assign")
    choose_officer(filled, full_name)
    send(page, filled, "Petugas untuk keberatan ditunjuk.")


def uphold(page: Page, reason: str, decision: str) -> None:
    """Uphold the objection: the case is investigated again."""
    filled = form(page, "uphold")
    filled.locator("textarea[name=reason]").fill(reason)
    filled.locator("textarea[name=decision]").fill(decision)
    send(page, filled, "Keberatan diterima.")


def dismiss(page: Page, outcome: str, reason: str, decision: str) -> None:
    """Dismiss the objection, which a second officer must confirm."""
    filled = form(page, "dismiss")
    _fill_ending(filled, outcome, reason, decision)
    send(page, filled, "Keberatan ditolak.")


def let_read(page: Page, full_name: str, text: str) -> None:
    """Write a note, and give the case's keys to the reviewer who is to consent to its referral."""
    filled = form(page, "note")
    filled.locator("textarea").fill(text)
    _choose_reader(filled, full_name)
    send(page, filled, "Catatan ditambah.")


def let_review(page: Page, full_name: str) -> None:
    """Give the keys of a case in review to a reviewer who was not there when its end was proposed."""
    filled = form(page, "flag")
    filled.get_by_label("Tidak mendesak", exact=True).check()
    _choose_reader(filled, full_name)
    send(page, filled, "Tanda mendesak diubah.")


def _choose_reader(filled: Locator, full_name: str) -> None:
    reader = filled.get_by_label("Beri kunci kepada petugas kedua")
    option = reader.locator("option").filter(has_text=full_name)
    reader.select_option(option.get_attribute("value"))


def consent(page: Page, agency: str) -> None:
    """Consent to hand the case over to an authority, as far as it has been read."""
    filled = form(page, "consent")
    filled.locator("select[name=agency]").select_option(label=agency)
    send(page, filled, "Pelimpahan disetujui.")


def explain(page: Page, action: str, reason: str, deed: str) -> None:
    """Do one of the acts that ask for a reason and nothing more."""
    filled = form(page, action)
    filled.locator("textarea[name=reason]").fill(reason)
    send(page, filled, deed)


def receive(page: Page, reference: str, outcome: str, reason: str, decision: str) -> None:
    """Record what the authority has answered, under the number it gave."""
    filled = form(page, "receipt")
    filled.locator("input[name=reference]").fill(reference)
    _fill_ending(filled, outcome, reason, decision)
    send(page, filled, "Tanda terima instansi dicatat.")


def extend(page: Page, message: str, reason: str) -> str:
    """Take as long as is allowed, and tell the reporter why; return until which day."""
    filled = form(page, "extend")
    until = filled.locator("input[name=until]").get_attribute("max") or ""
    filled.locator("input[name=until]").fill(until)
    filled.locator("textarea[name=message]").fill(message)
    filled.locator("textarea[name=reason]").fill(reason)
    send(page, filled, "Batas waktu diperpanjang.")
    return until


def flag(page: Page, urgency: str) -> None:
    """Say whether a case is urgent."""
    filled = form(page, "flag")
    filled.get_by_label(urgency, exact=True).check()
    send(page, filled, "Tanda mendesak diubah.")
