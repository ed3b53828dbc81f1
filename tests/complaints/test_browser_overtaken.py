"""What a reporter writes is never signed as something else than he meant, nor called sent on another's receipt."""

from playwright.sync_api import Page, expect

from tests import client
from tests.casework.test_acts import taken
from tests.complaints.conftest import open_thread, write
from tests.officer import Text, act
from tests.province import Province

QUESTION = "Kapan itu terjadi?"
WORDS = "Ada satu lagi yang lupa saya tulis."


def kinds(province: Province, phrase: str) -> list[str]:
    seen = client.visit(province.keys(phrase), province.visitor().ask)
    return [message["kind"] for message in seen.thread["messages"]]


def test_a_message_is_not_signed_as_the_answer_to_a_question_that_was_not_read(phone: Page, province: Province) -> None:
    phrase, _complaint, number = taken(province)
    open_thread(phone, province, phrase)
    act(province.opened(number, "lead"), "ask", "NEEDS_INFO", [Text("question", QUESTION)])
    write(phone, WORDS)
    expect(phone.locator("#thread-title + [role=status]")).to_contain_text("berubah selagi Anda menulis")
    expect(phone.get_by_text(QUESTION)).to_be_visible()
    expect(phone.locator("#message-form textarea")).to_have_value(WORDS)
    assert kinds(province, phrase) == ["question"]
    phone.locator("#message-form button[type=submit]").click()
    expect(phone.locator("#thread-title + [role=status]")).to_contain_text("Terkirim.")
    assert kinds(province, phrase) == ["question", "answer"]


def test_a_receipt_for_something_else_is_no_receipt(phone: Page, province: Province) -> None:
    phrase, _complaint, _number = taken(province)
    open_thread(phone, province, phrase)
    other = {"entry": "00" * 64, "version": 3}
    phone.route("**/api/v1/threads/acts", lambda route: route.fulfill(status=201, json=other))
    write(phone, WORDS)
    expect(phone.locator("#error-summary")).to_contain_text("Jawaban server belum sampai")
    expect(phone.locator("#message-form textarea")).to_have_value(WORDS)
