"""Lodging without JavaScript: one form gives one phrase, however often it is sent, and nothing typed is ever lost."""

import secrets
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from werkzeug.datastructures import MultiDict
from werkzeug.test import TestResponse

from casework import vouching
from casework.terms import Role
from complaints.rules import LONGEST_ANSWER, LONGEST_TEXT
from complaints.views import SEALED_MEMBERS
from kernel.database import db
from kernel.vault import WORDS, stretch
from ledger.promises import is_binding, read_promise
from ledger.publishing import publish_stated
from tests import client
from tests.casework.office import Office
from tests.complaints.conftest import Later, full_stretcher
from tests.database import Database
from tests.page import Page, page_of
from tests.places import EVERYWHERE
from tests.province import ANSWERS, Province, Visitor
from tests.remains import row_counts, traces_of
from wsgi import create_app

Form = dict[str, Any]
SHORT = ("office", "role", "when", "times", "asked", "paid", "method", "excluded")
YES_NO = ("receipt", "fixed_amount", "due_date", "ongoing", "threatened")
EVERYTHING = {
    **ANSWERS, "sector": "pendidikan", "level": "tidak_tahu", "office": "SD Negeri <1>", "role": "Kepala & wakil",
    "when": "awal Juli", "times": "dua kali", "asked": "“150 ribu”", "paid": "100 ribu", "method": "tunai",
    "receipt": "tidak", "fixed_amount": "ya", "due_date": "ya", "ongoing": "tidak_tahu", "threatened": "tidak",
    "avoid": ["region"], "excluded": "Panitia lama", "seen_traces": "",
}  # fmt: skip


def filled(**answers: Any) -> Form:
    """Return a form as a browser posts it, with a nonce of its own."""
    return ANSWERS | {"nonce": secrets.token_hex(16)} | answers


def send(province: Province, form: Form) -> TestResponse:
    return province.visitor().post("/lapor", data=MultiDict(form))


def phrase_in(answer: TestResponse) -> str:
    """Return the phrase on the receipt, which stands there once."""
    assert answer.status_code == 201, answer.text
    page = page_of(answer)
    words = [item.text for item in page.all("li") if (item.stands_in("ol") or item).get("id") == "tracking-phrase"]
    assert len(words) == 8 and set(words) <= set(WORDS)
    assert all(answer.text.count(f">{word}<") == words.count(word) for word in words)
    return " ".join(words)


def speaking(visitor: Visitor, language: str) -> Visitor:
    """Choose a language."""
    visitor.post("/bahasa", data={"bahasa": language, "kembali": "/"})
    return visitor


def read_by_reporter(province: Province, phrase: str) -> client.Visit:
    return client.visit(province.keys(phrase), province.visitor().ask)


def kept(page: Page, form: Form) -> Form:
    """Return what the form on the page would post of what was posted, single values as texts."""
    fields = page.fields("lapor")
    return {name: fields.get(name, []) if name == "avoid" else (fields.get(name) or [""])[0] for name in form}


def test_the_answer_shows_the_phrase_which_opens_the_case(province: Province) -> None:
    phrase = phrase_in(send(province, filled()))
    seen = read_by_reporter(province, phrase)
    assert {name: seen.account()[name] for name in ANSWERS} == ANSWERS
    assert seen.account()["ledger_key"] == province.keys(phrase).ledger_key.hex()


def test_a_card_of_practice_says_so_and_a_real_one_does_not(
    province: Province, monkeypatch: pytest.MonkeyPatch
) -> None:
    card = send(province, filled()).text.partition('<div class="card"')[2].partition("</div>")[0]
    assert "tracking-phrase" in card and "Bukan laporan sungguhan." in card
    monkeypatch.setitem(province.app.jinja_env.globals, "PRACTICE", False)
    assert "Latihan." not in send(province, filled()).text


def test_the_receipt_carries_the_beginning_of_the_first_entry(province: Province) -> None:
    answer = send(province, filled())
    mark = page_of(answer).by_id("receipt-mark")
    assert mark is not None
    assert "".join(mark.text.split()) == read_by_reporter(province, phrase_in(answer)).thread["head"][:20]


def test_the_receipt_carries_a_promise_as_text_that_binds(province: Province) -> None:
    answer = send(province, filled())
    promise = page_of(answer).by_id("promise")
    assert promise is not None and not page_of(answer).by_id("no-promise")
    body = answer.text.partition("<pre")[2].partition(">")[2].partition("</pre>")[0]
    assert is_binding(body, province.installation().directory)
    assert read_promise(body).entry.hex() == read_by_reporter(province, phrase_in(answer)).thread["head"]
    assert read_promise(body).until.isoformat() in answer.text.partition('id="promise"')[2].partition("<pre")[0]
    # Nothing on it leads away before the phrase has been written down.
    assert "<a " not in answer.text.partition('id="promise"')[2].partition("</details>")[0]


def test_where_nothing_is_promised_the_receipt_says_so_and_what_to_do(
    province: Province, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = province.app.extensions["kentongan.settings"]
    swapped = replace(settings, secret=secrets.token_bytes(32))
    monkeypatch.setitem(province.app.extensions, "kentongan.settings", swapped)
    page = page_of(send(province, filled()))
    missed = page.by_id("no-promise")
    assert page.by_id("tracking-phrase") and missed and not page.by_id("promise")
    assert "Catat tanggal hari ini" in missed.text and "Untuk itu JavaScript harus menyala" in missed.text


def test_the_form_that_is_served_lodges(province: Province) -> None:
    browser = province.visitor()
    form = page_of(browser.get("/lapor")).fields("lapor")
    phrase_in(browser.post("/lapor", data=MultiDict(form | dict(ANSWERS))))


def test_each_reader_of_the_form_gets_a_nonce_of_his_own(province: Province) -> None:
    nonces = {page_of(province.visitor().get("/lapor")).fields("lapor")["nonce"][0] for _ in range(3)}
    assert len(nonces) == 3 and all(len(bytes.fromhex(nonce)) == 16 for nonce in nonces)


def test_sent_again_the_form_gives_the_same_phrase_and_lodges_nothing_twice(province: Province) -> None:
    form = filled()
    first = send(province, form)
    before = row_counts(province.app)
    assert send(province, form).text == first.text
    assert row_counts(province.app) == before


def test_sent_six_times_at_once_it_is_lodged_once(province: Province) -> None:
    form, before = filled(), row_counts(province.app)
    with ThreadPoolExecutor(6) as pool:
        answers = list(pool.map(lambda _turn: send(province, form), range(6)))
    assert len({phrase_in(answer) for answer in answers}) == 1
    after = row_counts(province.app)
    assert (after["complaints"], after["cases"]) == (before["complaints"] + 1, before["cases"] + 1)


def test_sent_again_the_next_day_it_gives_the_same_phrase_and_receipt(province: Province, later: Later) -> None:
    form = filled()
    first = send(province, form)
    before = row_counts(province.app)
    later.move(days=1)
    assert send(province, form).text == first.text
    assert row_counts(province.app) == before


def test_another_nonce_gives_another_phrase_and_another_complaint(province: Province) -> None:
    before = row_counts(province.app)["complaints"]
    phrases = {phrase_in(send(province, filled())) for _ in range(2)}
    assert len(phrases) == 2
    assert row_counts(province.app)["complaints"] == before + 2


def test_the_same_nonce_with_another_text_gives_another_phrase(province: Province) -> None:
    form = filled()
    assert phrase_in(send(province, form)) != phrase_in(send(province, form | {"text": "Bukan yang tadi."}))


def wrong_answers() -> Iterator[tuple[str, Any]]:
    invisible = "\u200b\u2060"
    yield from [("text", ""), ("text", " \r\n "), ("text", invisible), ("text", "x" * (LONGEST_TEXT + 1))]
    yield from [("place", ""), ("place", "  "), ("place", invisible), ("place", "x" * (LONGEST_ANSWER + 1))]
    yield from [("region", ""), ("region", "99.99"), ("sector", ""), ("sector", "sihir"), ("level", "")]
    yield from [("level", "langit"), ("avoid", ["semua"]), ("avoid", [""]), ("avoid", ["", "province"])]
    yield from ((name, "x" * (LONGEST_ANSWER + 1)) for name in SHORT)
    yield from ((name, "mungkin") for name in YES_NO)


@pytest.mark.parametrize(("name", "value"), list(wrong_answers()))
def test_a_wrong_answer_is_said_in_a_summary_and_beside_its_field(province: Province, name: str, value: Any) -> None:
    before = row_counts(province.app)
    answer = send(province, EVERYTHING | filled(**{name: value}))
    page = page_of(answer)
    assert answer.status_code == 422
    assert page.title.startswith("Periksa isian: ")
    [(control, sentence)] = page.summary().items()
    assert control.removesuffix("-0") == name
    assert sentence in page.notes_of(control)
    assert "choice" not in sentence and "required" not in sentence, "WTForms' own English"
    assert row_counts(province.app) == before


@pytest.mark.parametrize(("name", "value"), list(wrong_answers()))
def test_a_form_that_is_not_right_yet_keeps_everything_typed(province: Province, name: str, value: Any) -> None:
    form = EVERYTHING | filled(**{name: value})
    found = kept(page_of(send(province, form)), form)
    written = name in {"text", "place", *SHORT}
    expected = form | {name: value.replace("\r\n", "\n").strip() if written else found[name]}
    assert found == expected
    assert written or not value or value not in found[name], "a choice that is not offered was chosen"


def test_every_missing_answer_is_said_at_once_and_only_five_are_required(province: Province) -> None:
    page = page_of(send(province, {"nonce": secrets.token_hex(16)}))
    assert page.summary() == {
        "text": "Ceritakan apa yang terjadi.",
        "region": "Pilih kabupaten atau kota.",
        "place": "Tulis tempatnya: desa, kecamatan, atau nama kantor.",
        "sector-0": "Pilih layanannya.",
        "level-0": "Pilih salah satu. Boleh “Saya tidak tahu”.",
    }


@pytest.mark.parametrize("province", EVERYWHERE, indirect=True)
def test_in_english_the_form_reads_as_the_file_has_it_and_seals_the_same(province: Province) -> None:
    file, visitor = province.place.province, speaking(province.visitor(), "en")
    page = page_of(visitor.get("/lapor"))
    labels, options = ({element.text.strip() for element in page.all(tag)} for tag in ("label", "option"))
    words = [*(sector.name for sector in file.sectors.values()), *file.offices.values()]
    assert {each["en"] for each in words} <= labels and not {each["id"] for each in words} & labels
    assert {region.name for region in file.regions.values()} <= options
    form = filled(**province.answers)
    seen = read_by_reporter(province, phrase_in(visitor.post("/lapor", data=MultiDict(form))))
    assert {name: seen.account()[name] for name in province.answers} == province.answers


@pytest.mark.parametrize("province", EVERYWHERE, indirect=True)
def test_an_unknown_level_goes_to_the_province(province: Province) -> None:
    seen = read_by_reporter(province, phrase_in(send(province, filled(**province.answers | {"level": "tidak_tahu"}))))
    number = province.number_of(seen.thread["complaint"])
    assert province.opened(number, "lead", province.place.top).account()["level"] == "tidak_tahu"


@pytest.mark.parametrize("province", EVERYWHERE, indirect=True)
@pytest.mark.parametrize("avoid", ["region", "region+province"])
def test_who_must_not_handle_it_is_passed_over(province: Province, avoid: str) -> None:
    phrase = phrase_in(send(province, filled(**province.answers | {"avoid": avoid.split("+")})))
    seen, place = read_by_reporter(province, phrase), province.place
    above = place.outside if "province" in avoid else place.top
    account = province.opened(province.number_of(seen.thread["complaint"]), "lead", above).account()
    assert account["avoid"] == avoid


ACCEPTED = {
    "NUL": "Diminta\0uang",
    "every control character": "Diminta " + "".join(map(chr, range(1, 32))) + "\x7f\x85 uang",
    "markup": "<script>alert('1')</script></textarea> & \"uang\" -->",
    "SQL": "'); DROP TABLE complaints;-- uang",
    "a template": "{{ 7*7 }}{% raw %} ${7*7} %(x)s {0}",
    "letters turned around": "\u202eDiminta\u202c \u2066uang\u2069",
    "emoji": "👮🏽\u200d♂️ minta 💰 🇮🇩",
    "Javanese letters": "ꦥꦸꦁꦭꦶ ing désa",
    "lines": "Satu\n\n\tDua\rTiga\u2028Empat",
    "the most letters": ("Diminta uang. " * LONGEST_TEXT)[: LONGEST_TEXT - 1] + ".",
    "the most letters outside the first plane": "𝕬" * LONGEST_TEXT,
}


@pytest.mark.parametrize("name", ACCEPTED)
def test_the_desks_lead_reads_exactly_what_was_typed(province: Province, name: str) -> None:
    text, office = ACCEPTED[name], ACCEPTED[name][:80].strip()
    seen = read_by_reporter(province, phrase_in(send(province, filled(text=text, office=office))))
    case = province.opened(province.number_of(seen.thread["complaint"]), "lead")
    assert (case.account()["text"], case.account()["office"]) == (text, office)
    assert case.account() == seen.account()


def test_the_lines_of_a_form_post_are_those_a_script_would_seal(province: Province) -> None:
    seen = read_by_reporter(province, phrase_in(send(province, filled(text="  Satu\r\nDua\r\n\r\n"))))
    assert seen.account()["text"] == "Satu\nDua"


def test_a_text_that_grows_too_long_when_sealed_is_refused_and_kept(province: Province) -> None:
    form, before = filled(text="a" + "\x01" * (LONGEST_TEXT - 1)), row_counts(province.app)
    answer = send(province, form)
    assert answer.status_code == 422
    assert "terlalu panjang" in page_of(answer).summary()[""]
    assert kept(page_of(answer), form) == form
    assert row_counts(province.app) == before


@pytest.mark.parametrize("member", sorted(SEALED_MEMBERS))
def test_a_sealed_member_beside_plain_answers_is_refused(province: Province, member: str) -> None:
    before = row_counts(province.app)
    answer = send(province, filled(**{member: "AAAA"}))
    assert answer.status_code == 400
    assert "tidak dapat dibaca" in answer.text
    assert row_counts(province.app) == before


def test_what_gives_the_writer_away_is_said_once_and_then_passed(province: Province) -> None:
    form = filled(text="Nama saya Siti. Hubungi 0812 3456 7890.", office="siti@example.org", seen_traces="")
    before = row_counts(province.app)
    warned = send(province, form)
    page = page_of(warned)
    told = page.by_id("traces-found")
    assert warned.status_code == 422 and told is not None
    assert [phrase in told.text for phrase in ("nama Anda", "nomor telepon", "e-mail")] == [True] * 3
    assert row_counts(province.app) == before
    assert kept(page, form) == form | {"seen_traces": "1"}
    phrase = phrase_in(province.visitor().post("/lapor", data=MultiDict(page.fields("lapor"))))
    assert read_by_reporter(province, phrase).account()["text"] == form["text"]


@pytest.mark.parametrize("nonce", ["", "zz", "0" * 31, "0" * 33, "0" * 32 + "\n", "A" * 32, "é" * 32, None])
def test_a_form_without_a_right_nonce_gets_one_and_goes_through_when_sent_again(
    province: Province, nonce: str | None
) -> None:
    form = {name: value for name, value in filled(nonce=nonce).items() if value is not None}
    before = row_counts(province.app)
    answer = send(province, form)
    page = page_of(answer)
    assert answer.status_code == 422
    assert "sekali lagi" in page.summary()["nonce"]
    assert row_counts(province.app) == before
    assert kept(page, ANSWERS) == ANSWERS
    phrase_in(province.visitor().post("/lapor", data=MultiDict(page.fields("lapor"))))


def test_when_too_many_wait_the_form_is_kept_and_later_gives_its_phrase(
    province: Province, monkeypatch: pytest.MonkeyPatch
) -> None:
    form, before = EVERYTHING | filled(), row_counts(province.app)
    with monkeypatch.context() as busy:
        busy.setitem(province.app.extensions, "kentongan.stretcher", full_stretcher())
        answer = send(province, form)
    assert answer.status_code == 503
    assert int(answer.headers["Retry-After"]) > 0
    assert "kirim lagi sebentar lagi" in page_of(answer).summary()[""]
    assert kept(page_of(answer), form) == form
    assert row_counts(province.app) == before
    phrase_in(send(province, form))


def installed(database: Database, instance: Path, root_key: bytes | None) -> Flask:
    """Return the application on an empty, migrated database."""
    instance.mkdir(mode=0o700)
    if root_key:
        (instance / "root.pub").write_text(root_key.hex())
    return create_app({"KENTONGAN_INSTANCE": str(instance), "DATABASE_URL": database.url})


def lodge_in_vain(app: Flask, form: Form) -> None:
    """Send a form that no desk may read; see that it is kept, and that the page says where else to go."""
    before = row_counts(app)
    for language, elsewhere in app.extensions["kentongan.province"].elsewhere.items():
        answer = speaking(Visitor(app), language).post("/lapor", data=MultiDict(form))
        page = page_of(answer)
        assert answer.status_code == 422
        assert elsewhere in page.summary()[""]
        assert [form.get("data-elsewhere") for form in page.all("form") if form.get("id") == "lapor"] == [elsewhere]
        assert kept(page, form) == form
    assert row_counts(app) == before


@pytest.mark.parametrize("root_key", [None, Office.root_public()])
def test_before_any_desk_has_a_key_the_page_says_where_else_to_go(
    database: Database, tmp_path: Path, root_key: bytes | None
) -> None:
    app = installed(database, tmp_path / "instance", root_key)
    lodge_in_vain(app, EVERYTHING | filled())
    with app.app_context():
        db.engine.dispose()


def test_a_complaint_about_the_top_goes_nowhere_while_the_desk_outside_has_no_key(
    database: Database, tmp_path: Path
) -> None:
    app = installed(database, tmp_path / "instance", Office.root_public())
    with app.app_context():
        office = Office.founded(("33", None, "province"), ("luar", None, "outside"))
        lead = office.vouched("kepala", Role.LEAD, "33")
        vouching.found_desk_key(lead.id, office.desk_key(lead)[0])
        publish_stated()
        db.session.remove()
    lodge_in_vain(app, EVERYTHING | filled(level="pimpinan_provinsi"))
    phrase_in(Visitor(app).post("/lapor", data=filled(level="provinsi")))
    with app.app_context():
        db.engine.dispose()


def test_the_server_keeps_neither_text_nor_phrase_nor_any_key_of_it(province: Province) -> None:
    canary = f"kenari {secrets.token_hex(12)}"
    phrase = phrase_in(send(province, filled(text=canary, office=f"kantor {canary}")))
    browser = province.visitor()
    assert browser.post("/lacak", data={"phrase": phrase}).status_code == 303
    assert browser.post("/lacak/kirim", data={"text": f"pesan {canary}"}).status_code == 303
    assert canary in browser.post("/lacak/laporan").text
    keys = province.keys(phrase)
    phrase_key = stretch(phrase, province.installation().salt)
    token = bytes.fromhex(browser.cookie("__Host-kunjungan") or "")
    told = [canary, phrase, phrase.replace(" ", "\n"), phrase_key, keys.lookup_token, keys.ledger_key, token]
    assert traces_of(province.app, told) == []


def test_what_is_kept_would_be_found(province: Province) -> None:
    seen = read_by_reporter(province, phrase_in(send(province, filled())))
    assert "complaints.id" in traces_of(province.app, [seen.thread["complaint"]])
    assert any("/" in where for where in traces_of(province.app, [seen.thread["complaint"]]))
