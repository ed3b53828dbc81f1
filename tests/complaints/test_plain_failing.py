"""What nobody foresaw of a complaint or a message without JavaScript: said, logged, nothing kept, no text lost."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import event
from werkzeug.test import TestResponse

from complaints import plain, views
from complaints.queries import UnknownPhrase
from kernel.database import db
from kernel.log import Discreet
from tests.casework.test_acts import closed
from tests.complaints.test_plain_files import (
    SECRET_NAME, TALK, objects, opened, seen, send, texts, unforeseen, visiting, write,
)  # fmt: skip
from tests.complaints.test_plain_path import filled, phrase_in
from tests.page import Page, page_of
from tests.province import Province, Visitor
from tests.remains import row_counts

WRITTEN = "Dia menagih lagi & mengancam <b>kemarin</b>."
SENTENCE = "Ada yang salah di pihak kami. Kalau kiriman ini belum ada di laporan Anda, kirim lagi sebentar lagi."
NOT_LODGED = "Ada yang salah di pihak kami. Tulisan Anda masih di sini; kirim lagi sebentar lagi."
FILE = ("rahasia-9q4.txt", TALK)
# What becomes of a statement that the database is to refuse.
REFUSED = "SELECT nowhere_to_be_found"


@contextmanager
def refusing(province: Province, *begins: str, most: int = 1000) -> Iterator[None]:
    """Have the database itself refuse statements that begin so, the first ``most`` of them."""
    left = [most]

    def instead(_connection: Any, _cursor: Any, statement: str, parameters: Any, *_more: Any) -> tuple[str, Any]:
        if left[0] and statement.startswith(begins):
            left[0] -= 1
            return REFUSED, ()
        return statement, parameters

    with province.app.app_context():
        engine = db.engine
    event.listen(engine, "before_cursor_execute", instead, retval=True)
    try:
        yield
    finally:
        event.remove(engine, "before_cursor_execute", instead)


def told(caplog: pytest.LogCaptureFixture, phrase: str, errors: int = 1) -> str:
    """Return what stands in the log of ``errors`` errors, as it is written down: nothing of it is a secret."""
    assert [record.levelname for record in caplog.records] == ["ERROR"] * errors
    lines = "\n".join(map(Discreet().format, caplog.records))
    assert not any(secret in lines for secret in (SECRET_NAME, FILE[0], WRITTEN, phrase))
    return lines


def kept_in(answer: TestResponse, form: str = "message-form", prefix: str = "") -> Page:
    """Return the reporter's page that has kept what was typed, says what went wrong, and is asked for again shortly."""
    page = page_of(answer)
    assert answer.status_code == 503 and int(answer.headers["Retry-After"]) > 0
    assert page.by_id("case-status") is not None and page.summary() == {f"{prefix}text": SENTENCE}
    fields = page.fields(form)
    assert fields[f"{prefix}text"] == [WRITTEN] and fields[f"{prefix}threatened"] == ["y"]
    return page


def not_lodged(answer: TestResponse, form: dict[str, Any]) -> Page:
    """Return the page that has kept a complaint's answers as they were sent, and says what went wrong."""
    page = page_of(answer)
    assert answer.status_code == 503 and int(answer.headers["Retry-After"]) > 0
    assert page.summary() == {"": NOT_LODGED}
    fields = page.fields("lapor")
    assert {name: fields.get(name) for name, answer in form.items() if answer} == {
        name: [str(answer)] for name, answer in form.items() if answer
    }
    return page


def reporter(province: Province) -> tuple[str, Visitor]:
    phrase, _complaint = province.lodge()
    return phrase, visiting(province, phrase)


def typed() -> dict[str, str]:
    return {"text": WRITTEN, "threatened": "y"}


@pytest.mark.parametrize("sent", [(), (FILE,)], ids=["without a file", "with a file"])
@pytest.mark.parametrize("place", ["plain_phrase", "_seal", "lodge"])
def test_what_nobody_foresaw_of_a_complaint_keeps_its_answers_and_lodges_nothing(
    province: Province, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, place: str, sent: Any
) -> None:
    form, before = filled(text=WRITTEN), (row_counts(province.app), objects(province))
    with monkeypatch.context() as broken:
        broken.setattr(plain, place, unforeseen)
        page = not_lodged(send(province, form, *sent), form)
    assert any("Pilih lagi berkasnya" in note for note in page.notes_of("berkas")) == bool(sent)
    assert (row_counts(province.app), objects(province)) == before
    assert "RuntimeError" in told(caplog, phrase_in(send(province, form, *sent)))


def test_what_fails_once_a_complaint_is_lodged_costs_no_phrase_and_the_same_form_lodges_it_once(
    province: Province, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    form = filled(text=WRITTEN)
    with monkeypatch.context() as broken:
        broken.setattr(plain, "PlainReceipt", unforeseen)
        again = {**form, **not_lodged(send(province, form), form).fields("lapor")}
    rows = row_counts(province.app)
    assert "RuntimeError" in told(caplog, phrase_in(send(province, again)))
    assert row_counts(province.app) == rows


@pytest.mark.parametrize("begins", ["SELECT", "INSERT"])
def test_a_statement_that_the_database_refuses_writes_nothing_of_a_complaint(
    province: Province, caplog: pytest.LogCaptureFixture, begins: str
) -> None:
    form, rows = filled(text=WRITTEN), row_counts(province.app)
    with refusing(province, begins):
        not_lodged(send(province, form), form)
    assert row_counts(province.app) == rows
    assert "Error" in told(caplog, phrase_in(send(province, form)))


@pytest.mark.parametrize("sent", [(), (FILE,)], ids=["a text", "a text and a file"])
@pytest.mark.parametrize("place", ["act", "pad", "write_event"])
def test_what_nobody_foresaw_keeps_what_was_typed_sends_nothing_and_is_logged(
    province: Province, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, place: str, sent: Any
) -> None:
    phrase, browser = reporter(province)
    rows, there = row_counts(province.app), objects(province)
    with monkeypatch.context() as broken:
        broken.setattr(plain, place, unforeseen)
        page = kept_in(write(browser, typed(), *sent))
    assert any("Pilih lagi berkasnya" in note for note in page.notes_of("berkas")) == bool(sent)
    assert (row_counts(province.app), objects(province)) == (rows, there)
    assert "RuntimeError" in told(caplog, phrase)
    assert write(browser, typed(), *sent).status_code == 303
    visit = seen(province, phrase)
    assert texts(visit) == [WRITTEN] and [file.content for file in opened(province, visit)] == [TALK] * len(sent)


@pytest.mark.parametrize("place", ["thread_of", "box_file_key", "file_digest", "box_manifest"])
def test_so_does_what_fails_of_files_alone(
    province: Province, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, place: str
) -> None:
    phrase, browser = reporter(province)
    rows, there = row_counts(province.app), objects(province)
    with monkeypatch.context() as broken:
        broken.setattr(plain, place, unforeseen)
        answer = write(browser, {"text": ""}, FILE, ("b.txt", b"dua"))
    page = page_of(answer)
    assert answer.status_code == 503 and page.summary() == {"text": SENTENCE}
    assert any("Pilih lagi berkasnya" in note for note in page.notes_of("berkas"))
    assert (row_counts(province.app), objects(province)) == (rows, there)
    assert "RuntimeError" in told(caplog, phrase)


@pytest.mark.parametrize("sent", [(), (FILE,)], ids=["a text", "a text and a file"])
def test_a_statement_that_the_database_refuses_writes_nothing_of_a_message(
    province: Province, caplog: pytest.LogCaptureFixture, sent: Any
) -> None:
    phrase, browser = reporter(province)
    rows, there = row_counts(province.app), objects(province)
    with refusing(province, "INSERT INTO messages"):
        kept_in(write(browser, typed(), *sent))
    assert (row_counts(province.app), objects(province)) == (rows, there)
    assert "Error" in told(caplog, phrase)


def test_a_refused_look_does_not_keep_the_page_from_being_read(
    province: Province, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    phrase, browser = reporter(province)
    usual = plain.thread_of

    def looks_in_vain(lookup_hash: bytes) -> Any:
        with refusing(province, "SELECT", most=1):
            return usual(lookup_hash)

    monkeypatch.setattr(plain, "thread_of", looks_in_vain)
    kept_in(write(browser, typed(), ("kosong.txt", b"")))
    assert "Error" in told(caplog, phrase) and texts(seen(province, phrase)) == []


def test_an_objection_is_kept_too(
    province: Province, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    phrase, *_case = closed(province)
    browser, prefix = visiting(province, phrase), "keberatan-"
    rows, there, version = row_counts(province.app), objects(province), seen(province, phrase).thread["version"]
    with monkeypatch.context() as broken:
        broken.setattr(plain, "act", unforeseen)
        page = kept_in(write(browser, typed(), FILE, to="keberatan", prefix=prefix), "objection-form", prefix)
    assert any("Pilih lagi berkasnya" in note for note in page.notes_of(f"{prefix}berkas"))
    assert (row_counts(province.app), objects(province)) == (rows, there)
    assert "RuntimeError" in told(caplog, phrase) and seen(province, phrase).thread["version"] == version


@pytest.mark.parametrize("sent", [(), (FILE,)], ids=["a text", "a text and a file"])
@pytest.mark.parametrize("at_once", [True, False], ids=["at once", "while it is sent"])
def test_where_not_even_his_page_can_be_shown_what_he_wrote_is(
    province: Province, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, at_once: bool, sent: Any
) -> None:
    phrase, browser = reporter(province)
    rows, there = row_counts(province.app), objects(province)

    def ends(*_told: Any) -> None:
        monkeypatch.setattr(views, "thread_of", unforeseen)
        unforeseen()

    with monkeypatch.context() as broken:
        if not at_once:
            broken.setattr(plain, "act", ends)
        with refusing(province, *(["SELECT"] if at_once else [])):
            answer = write(browser, typed(), *sent)
    monkeypatch.undo()
    page = page_of(answer)
    kept = page.by_id("kept")
    assert answer.status_code == 503 and kept is not None and kept.text == WRITTEN
    assert SENTENCE in answer.text and page.by_id("lacak") is not None
    assert (row_counts(province.app), objects(province)) == (rows, there)
    assert told(caplog, phrase, errors=1 if at_once else 2)
    assert write(browser, typed(), *sent).status_code == 303 and texts(seen(province, phrase)) == [WRITTEN]


def test_what_is_refused_after_the_visit_or_of_a_case_that_is_gone_has_its_own_page(
    province: Province, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    _phrase, browser = reporter(province)

    def gone(*_told: Any) -> None:
        raise UnknownPhrase

    monkeypatch.setattr(views, "thread_of", gone)
    answer = write(browser, typed())
    assert answer.status_code == 404 and "Tidak ada laporan dengan frasa itu" in answer.text
    assert caplog.records == []
