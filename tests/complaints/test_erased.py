"""What a phrase shows when its complaint's time was over: what became of it, the proof, and no way to write."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect

from casework import cases
from casework.clocks import ClockDays
from casework.timers import look_at_retention
from complaints.wording import STATES
from kernel.database import db, transaction
from ledger.publishing import tend
from tests import client
from tests.casework.test_acts import closed
from tests.complaints.conftest import Later, open_thread, write
from tests.complaints.test_browser_proof import check, findings
from tests.province import Province, Visitor

Erase = Callable[[str], None]
GONE = str(STATES["PURGED"].headline)
NO_MORE = "Isi laporan ini sudah dihapus sesuai masa simpan; tidak ada lagi yang dapat dikirim."


@pytest.fixture
def erase(province: Province, later: Later, monkeypatch: pytest.MonkeyPatch) -> Erase:
    """What erases a case on the day after it was closed, where everything is kept for so long, and publishes that."""
    monkeypatch.setattr(cases, "DAYS", ClockDays(kept_years=0, objection_window=0))

    def erasing(complaint: str) -> None:
        later.move(days=1)
        with province.app.app_context():
            with transaction() as session:
                look_at_retention(session, complaint)
            tend()
            db.session.remove()
        later.moment -= timedelta(days=1)

    return erasing


def entered(province: Province, phrase: str) -> Visitor:
    """Return a browser without JavaScript in which the phrase has been typed."""
    visitor = province.visitor()
    assert visitor.post("/lacak", data={"phrase": phrase}).status_code == 303
    return visitor


def test_without_javascript_the_page_says_what_became_of_it(province: Province, erase: Erase) -> None:
    phrase, complaint, _number = closed(province)
    erase(complaint)
    answer = entered(province, phrase).get("/lacak")
    assert answer.status_code == 200 and GONE in answer.text
    assert "1.tlog-proof" in entered(province, phrase).post("/lacak/bukti").text
    assert "rusak" not in answer.text and "Belum ada pesan" not in answer.text
    assert "<textarea" not in answer.text and "ledger/verify.py" in answer.text


@pytest.mark.parametrize("path", ["kirim", "keberatan", "cabut"])
def test_without_javascript_what_is_still_sent_comes_back_with_a_sentence(
    province: Province, erase: Erase, path: str
) -> None:
    phrase, complaint, _number = closed(province)
    visitor = entered(province, phrase)
    erase(complaint)
    prefix = {"kirim": "", "keberatan": "keberatan-", "cabut": "cabut-"}[path]
    answer = visitor.post(f"/lacak/{path}", data={f"{prefix}text": "Masih ada lagi."})
    assert answer.status_code == 409
    assert NO_MORE in answer.text and "Masih ada lagi." in answer.text


def test_a_program_is_told_so_and_refused(province: Province, erase: Erase) -> None:
    phrase, complaint, _number = closed(province)
    ask = province.visitor().ask
    seen = client.visit(province.keys(phrase), ask)
    erase(complaint)
    told = client.visit(province.keys(phrase), ask).thread
    assert (told["state"], told["keys"], told["messages"], told["files"]) == ("PURGED", [], [], [])
    assert told["account"]["box"] == ""
    with pytest.raises(client.Refused) as refusal:
        client.act(seen, "message", "Masih ada lagi.", ask)
    assert refusal.value.status == 409


def test_the_phone_says_so_and_proves_it(phone: Page, province: Province, erase: Erase) -> None:
    """K comes from the phrase: what is left in the log is still his to find, to open and to check."""
    phrase, complaint, _number = closed(province)
    erase(complaint)
    open_thread(phone, province, phrase)
    expect(phone.locator("#case-status")).to_have_attribute("data-state", "PURGED")
    expect(phone.get_by_text(GONE).first).to_be_visible()
    expect(phone.locator("textarea")).to_have_count(0)
    check(phone)
    assert findings(phone) == []
    expect(phone.get_by_text("Riwayat cocok")).to_be_visible()
    expect(phone.locator("#proof .timeline li").last).to_contain_text("Isi laporan dihapus")
    phone.locator("#proof").get_by_role("button", name="Periksa lengkap").click()
    expect(phone.get_by_text("Tidak ada langkah laporan ini yang disembunyikan")).to_be_visible()


def test_what_the_phone_was_writing_when_it_was_erased_is_kept(phone: Page, province: Province, erase: Erase) -> None:
    phrase, complaint, _number = closed(province)
    open_thread(phone, province, phrase)
    erase(complaint)
    write(phone, "Masih ada lagi.")
    expect(phone.get_by_text(GONE).first).to_be_visible()
    expect(phone.locator("textarea[readonly]")).to_have_value("Masih ada lagi.")
