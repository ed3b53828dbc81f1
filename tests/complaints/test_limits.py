"""What one stranger can cost: no request and no case grows without bound."""

import pytest
from playwright.sync_api import Page, expect

from casework.rules import MOST_UNHEARD
from tests import client
from tests.client import Refused
from tests.complaints.conftest import open_thread, write
from tests.complaints.test_visits import WORDS_TYPED, come_in, keeps
from tests.officer import Text, act
from tests.page import page_of
from tests.province import Province

WAIT = "Tunggu sampai petugas menanggapi"


@pytest.mark.parametrize("typed", ["a\u0300\u0316" * 400, "kata " * 101, "x" * 501])
def test_an_overlong_phrase_is_refused_before_it_is_read(province: Province, typed: str) -> None:
    answer = province.visitor().post("/lacak", data={"phrase": typed})
    assert answer.status_code == 422
    assert "paling banyak 500 huruf" in answer.get_data(as_text=True)


def unheard(province: Province, messages: int = MOST_UNHEARD) -> tuple[str, str]:
    """Return the phrase and the complaint of somebody who has written and written, and heard nothing."""
    phrase, complaint = province.lodge()
    keys, ask = province.keys(phrase), province.visitor().ask
    for _ in range(messages):
        client.act(client.visit(keys, ask), "message", "Masih menunggu.", ask)
    return phrase, complaint


def take(province: Province, complaint: str) -> None:
    lead = province.opened(province.number_of(complaint), "lead")
    act(lead, "open", "TRIAGE", [Text("declaration", "Tidak ada hubungan.")])


def test_who_is_not_heard_writes_no_more_until_an_officer_has_acted(province: Province) -> None:
    phrase, complaint = unheard(province)
    keys, ask = province.keys(phrase), province.visitor().ask
    with pytest.raises(Refused) as refusal:
        client.act(client.visit(keys, ask), "message", "Masih menunggu.", ask)
    assert refusal.value.status == 403 and WAIT in refusal.value.sentence
    assert len(client.visit(keys, ask).thread["messages"]) == MOST_UNHEARD
    client.act(client.visit(keys, ask), "withdraw", "Sudah terlalu lama.", ask)
    take(province, complaint)
    client.act(client.visit(keys, ask), "message", "Terima kasih.", ask)


def test_the_page_says_that_one_must_wait_before_anything_is_written(province: Province) -> None:
    phrase, complaint = unheard(province, MOST_UNHEARD - 1)
    browser = come_in(province, phrase)
    assert browser.post("/lacak/kirim", data={"text": "Yang terakhir."}).status_code == 303
    page = page_of(browser.get("/lacak"))
    assert page.by_id("message-form") is None and WAIT in page.all("main")[0].text
    assert page.by_id("account-form") and page.by_id("withdrawal-form")
    answer = browser.post("/lacak/kirim", data={"text": WORDS_TYPED})
    assert answer.status_code == 403 and WAIT in page_of(answer).summary()["text"]
    keeps(page_of(answer), "text")
    take(province, complaint)
    page = page_of(browser.get("/lacak"))
    assert page.by_id("message-form") and WAIT not in page.all("main")[0].text


def test_a_phone_keeps_what_one_wrote_while_another_used_up_the_last_message(phone: Page, province: Province) -> None:
    phrase, _complaint = unheard(province, MOST_UNHEARD - 1)
    open_thread(phone, province, phrase)
    come_in(province, phrase).post("/lacak/kirim", data={"text": "Yang terakhir."})
    write(phone, WORDS_TYPED)
    expect(phone.get_by_text("Laporan ini berubah selagi Anda menulis")).to_be_visible()
    expect(phone.locator("#message-form")).to_have_count(0)
    expect(phone.get_by_text(WAIT)).to_be_visible()
    kept = phone.get_by_label("Tulisan Anda yang belum terkirim")
    expect(kept).to_have_value(WORDS_TYPED)
    expect(kept).not_to_be_editable()
