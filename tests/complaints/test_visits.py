"""Tracking without JavaScript: the phrase as people type it, a visit that ends, and acts that keep what was typed."""

import secrets
from collections.abc import Callable
from datetime import date
from http.cookies import SimpleCookie

import pytest
from sqlalchemy import select
from werkzeug.test import TestResponse

from complaints import visits
from complaints.models import Visit
from complaints.rules import LONGEST_TEXT
from complaints.visits import COOKIE, WHERE
from kernel import jobs
from kernel.database import db
from kernel.vault import Unreadable, UnknownWord, WORDS, canonical, draw, stretch, unbox
from tests import client
from tests.casework.test_acts import closed, investigated, proposed, taken
from tests.complaints.conftest import Later, full_stretcher
from tests.officer import Text, act
from tests.page import Element, Page, page_of
from tests.province import Province, Visitor
from tests.remains import change, row_counts

NOTHING_FOUND = "Tidak ada laporan dengan frasa itu. Periksa lagi kata-katanya."
WORDS_TYPED = "Kata-kata pelapor, 150 rb & <b>tanpa</b> kuitansi."


def typed(province: Province, phrase: str) -> TestResponse:
    return province.visitor().post("/lacak", data={"phrase": phrase})


def come_in(province: Province, phrase: str) -> Visitor:
    """Return the browser of a reporter whose phrase has been taken."""
    browser = province.visitor()
    answer = browser.post("/lacak", data={"phrase": phrase})
    assert (answer.status_code, answer.location) == (303, "/lacak"), answer.text
    return browser


def is_open(browser: Visitor) -> bool:
    """Tell whether the browser is shown a case, not asked for a phrase."""
    answer = browser.get("/lacak")
    assert answer.status_code == 200, answer.text
    page = page_of(answer)
    return page.by_id("case-status") is not None and page.by_id("lacak") is None


def rows(province: Province) -> dict[bytes, Visit]:
    with province.app.app_context():
        found = {visit.id: visit for visit in db.session.scalars(select(Visit))}
        db.session.remove()
    return found


def thread(province: Province, phrase: str) -> client.Visit:
    return client.visit(province.keys(phrase), province.visitor().ask)


def written(page: Page) -> dict[str, Element]:
    """Return the texts of the thread, by what stands in them."""
    return {element.text: element for element in page.all("p") if "written" in element.get("class").split()}


# The phrase, typed


def numbered(words: list[str]) -> str:
    return "\n".join(f"{position}. {word}" for position, word in enumerate(words, 1))


def begun(words: list[str]) -> str:
    return " ".join(word[:4] if read_as(word[:4]) == word else word for word in words)


def slipped(words: list[str]) -> str:
    """Return the words with a slip in the first that can only be read one way."""
    for at, word in enumerate(words):
        for slip in (word[:1] + word[2:1:-1] + word[1:2] + word[3:], word + word[-1], word[:-1] + "q"):
            if slip != word and read_as(slip) == word:
                return " ".join([*words[:at], slip, *words[at + 1 :]])
    raise LookupError


def read_as(word: str) -> str | None:
    try:
        return canonical(word, 1)
    except UnknownWord:
        return None


TYPED: dict[str, Callable[[list[str]], str]] = {
    "as it stands": " ".join,
    "in capitals": lambda words: " ".join(words).upper(),
    "with hyphens": "-".join,
    "a word a line": "\r\n".join,
    "with commas and spaces around": lambda words: f"  {', '.join(words)}.\n",
    "numbered": numbered,
    "the first four letters": begun,
    "with a slip": slipped,
}


@pytest.mark.parametrize("how", TYPED)
def test_a_phrase_is_read_however_it_is_typed(province: Province, how: str) -> None:
    phrase, _complaint = province.lodge()
    text = TYPED[how](phrase.split())
    assert is_open(come_in(province, text))


def ambiguous() -> tuple[str, tuple[str, ...]]:
    """Return something typed that could be two words or more, and which."""
    for word in WORDS:
        for slip in (word[:at] + word[at + 1 :] for at in range(len(word))):
            try:
                canonical(slip, 1)
            except UnknownWord as asked:
                if len(asked.candidates) > 1:
                    return slip, asked.candidates
    raise LookupError


def problem_with(province: Province, phrase: str) -> str:
    """Return the one sentence a phrase is answered with; the page keeps the phrase as it was typed."""
    answer = typed(province, phrase)
    page = page_of(answer)
    assert answer.status_code == 422
    assert page.title.startswith("Periksa isian: ")
    assert page.fields("lacak")["phrase"] == [phrase.strip()]
    assert "Set-Cookie" not in answer.headers
    [sentence] = page.summary().values()
    return sentence


def test_a_word_that_could_be_several_is_asked_about(province: Province) -> None:
    slip, candidates = ambiguous()
    sentence = problem_with(province, " ".join([*WORDS[:7], slip]))
    assert "Kata ke-8" in sentence and f"“{slip}”" in sentence
    assert all(candidate in sentence for candidate in candidates)


def test_a_word_that_is_none_is_named(province: Province) -> None:
    sentence = problem_with(province, "<xqxqxqxq> " + " ".join(WORDS[:7]))
    assert sentence == "Kata ke-1, “xqxqxqxq”, tidak ada di daftar. Periksa lagi catatan Anda."


@pytest.mark.parametrize("found", [1, 7, 9, 60])
def test_another_number_of_words_is_said(province: Province, found: int) -> None:
    assert f"yang Anda tulis {found} kata" in problem_with(province, f"{WORDS[0]} " * found)


def test_numbers_alone_are_no_words(province: Province) -> None:
    assert "yang Anda tulis 0 kata" in problem_with(province, "123 456")


@pytest.mark.parametrize("phrase", ["", "   ", "\u200b"])
def test_nothing_typed_is_said(province: Province, phrase: str) -> None:
    assert problem_with(province, phrase) == "Tulis delapan kata frasa laporan Anda."


def test_a_word_of_four_hundred_letters_is_answered(province: Province) -> None:
    assert "Kata ke-1" in problem_with(province, "x" * 400 + " " + " ".join(WORDS[:7]))


def test_every_wrong_phrase_is_answered_by_one_sentence(province: Province) -> None:
    phrase, _complaint = province.lodge()
    turned = " ".join(reversed(phrase.split()))
    one_other = " ".join([*phrase.split()[:7], next(word for word in WORDS if word not in phrase)])
    before = row_counts(province.app)
    assert {problem_with(province, wrong) for wrong in (draw(8), turned, one_other)} == {NOTHING_FOUND}
    assert row_counts(province.app) == before


def test_when_too_many_wait_the_phrase_is_kept(province: Province, monkeypatch: pytest.MonkeyPatch) -> None:
    phrase, _complaint = province.lodge()
    monkeypatch.setitem(province.app.extensions, "kentongan.stretcher", full_stretcher())
    answer = typed(province, phrase)
    assert answer.status_code == 503 and int(answer.headers["Retry-After"]) > 0
    assert page_of(answer).fields("lacak")["phrase"] == [phrase]


# The visit


def test_the_cookie_is_bound_to_this_host_hidden_from_scripts_and_ends_with_the_browser(province: Province) -> None:
    phrase, _complaint = province.lodge()
    [header] = typed(province, phrase).headers.getlist("Set-Cookie")
    [cookie] = SimpleCookie(header).values()
    assert cookie.key == COOKIE == "__Host-kunjungan"
    assert len(bytes.fromhex(cookie.value)) == 32
    assert (cookie["secure"], cookie["httponly"], cookie["path"], cookie["samesite"]) == (True, True, "/", "Strict")
    assert (cookie["domain"], cookie["expires"], cookie["max-age"]) == ("", "", "")


def test_each_visit_has_a_cookie_of_its_own(province: Province) -> None:
    phrase, _complaint = province.lodge()
    assert len({come_in(province, phrase).cookie(COOKIE) for _ in range(2)}) == 2


def test_a_visit_lasts_half_an_hour_however_busy(province: Province, later: Later) -> None:
    browser = come_in(province, province.lodge()[0])
    for _ in range(2):
        later.move(minutes=14, seconds=50)
        assert is_open(browser)
    later.move(seconds=21)
    assert not is_open(browser)


def test_the_next_visit_sweeps_those_that_are_over_and_no_other(province: Province, later: Later) -> None:
    phrase, _complaint = province.lodge()
    come_in(province, phrase)
    over = set(rows(province))
    later.move(minutes=20)
    come_in(province, phrase)
    going_on = rows(province).keys() - over
    later.move(minutes=11)
    come_in(province, phrase)
    assert not over & rows(province).keys() and going_on <= rows(province).keys()


def test_visits_that_are_over_are_swept_though_nobody_comes(province: Province, later: Later) -> None:
    before = rows(province).keys()
    come_in(province, province.lodge()[0])
    [mine] = rows(province).keys() - before
    later.move(minutes=29)
    assert not swept(province) and mine in rows(province)
    later.move(minutes=1, seconds=1)
    assert swept(province) and mine not in rows(province)


def swept(province: Province) -> bool:
    """Tell whether a worker finds visits to sweep, and have it sweep them."""
    with province.app.app_context():
        return jobs.work({visits.SWEEP: visits.sweep})


def test_a_stolen_row_opens_nothing(province: Province) -> None:
    phrase, _complaint = province.lodge()
    before = rows(province).keys()
    browser = come_in(province, phrase)
    [stolen] = [visit for visit_id, visit in rows(province).items() if visit_id not in before]
    phrase_key = stretch(phrase, province.installation().salt)
    assert stolen.id.hex() != browser.cookie(COOKIE) and phrase_key not in stolen.box
    with pytest.raises(Unreadable):
        unbox(stolen.box, stolen.id, WHERE)
    thief = province.visitor()
    thief.client.set_cookie(COOKIE, stolen.id.hex(), domain="localhost", secure=True)
    assert not is_open(thief)


GARBAGE = ["", "zz", "00", "00" * 31, "00" * 32, "00" * 33, "é" * 64, "0" * 63, "'; DROP TABLE visits", "x" * 4000]


@pytest.mark.parametrize("value", GARBAGE)
def test_a_cookie_that_is_none_of_ours_opens_nothing_and_breaks_nothing(province: Province, value: str) -> None:
    for path, status in {"/lacak/kirim": 401, "/lacak/laporan": 303, "/keluar": 200}.items():
        browser = province.visitor()
        browser.client.set_cookie(COOKIE, value, domain="localhost", secure=True)
        assert not is_open(browser)
        assert browser.post(path, data={"text": "Halo."}).status_code == status


def test_a_damaged_visit_is_over(province: Province) -> None:
    browser = come_in(province, province.lodge()[0])
    assert is_open(browser)
    assert change(province.app, "UPDATE visits SET box = :box", box=secrets.token_bytes(61)) > 0
    assert not is_open(browser)


def test_leaving_forgets_the_visit_at_once(province: Province) -> None:
    phrase, _complaint = province.lodge()
    browser = come_in(province, phrase)
    token, before = browser.cookie(COOKIE), rows(province).keys()
    answer = browser.post("/keluar")
    assert len(before) - len(rows(province)) == 1
    assert browser.cookie(COOKIE) is None
    browser.client.set_cookie(COOKIE, str(token), domain="localhost", secure=True)
    assert not is_open(browser)
    assert answer.headers["Clear-Site-Data"] == '"storage"'
    header, language = answer.headers.getlist("Set-Cookie")
    assert header.startswith(f"{COOKIE}=;") and {"Secure", "Path=/", "Max-Age=0"} <= set(header.split("; "))
    assert language.startswith("__Host-bahasa=;") and {"Secure", "Path=/", "Max-Age=0"} <= set(language.split("; "))


def test_leaving_goes_on_to_a_page_that_tells_nothing(province: Province) -> None:
    page = page_of(province.visitor().post("/keluar"))
    leave_to = province.app.extensions["kentongan.province"].leave_to
    [refresh] = [meta.get("content") for meta in page.all("meta") if meta.get("http-equiv") == "refresh"]
    assert refresh == f"0; url={leave_to}"
    assert page.title == "Sampai nanti"


# What is shown


def test_the_account_is_shown_only_when_asked_for(province: Province) -> None:
    phrase, _complaint = province.lodge(text=WORDS_TYPED, office="Balai Desa <1>")
    browser = come_in(province, phrase)
    assert "Kata-kata pelapor" not in browser.get("/lacak").text
    page = page_of(browser.post("/lacak/laporan"))
    answers = {question.text: answer.text for question, answer in zip(page.all("dt"), page.all("dd"))}
    assert answers["Apa yang terjadi?"] == WORDS_TYPED
    assert answers["Nama kantornya"] == "Balai Desa <1>"
    assert answers["Kabupaten atau kota"] == "Kabupaten Magelang"
    assert "Kata-kata pelapor" not in browser.get("/lacak").text


def test_without_a_visit_the_account_is_not_shown(province: Province) -> None:
    answer = province.visitor().post("/lacak/laporan")
    assert (answer.status_code, answer.location) == (303, "/lacak")


def asked(province: Province) -> str:
    """Return the phrase of a case whose investigator has asked its reporter something."""
    phrase, _complaint, number, _allegation = investigated(province)
    act(province.opened(number, "investigator"), "ask", "NEEDS_INFO", [Text("question", "Kapan kejadiannya?")])
    return phrase


def test_one_damaged_text_hides_no_other(province: Province) -> None:
    phrase = asked(province)
    client.act(thread(province, phrase), "answer", "Hari Senin.", province.visitor().ask)
    [question, _answer] = thread(province, phrase).thread["messages"]
    change(province.app, "UPDATE messages SET box = :box WHERE id = :id", box=bytes(4125), id=question["id"])
    page = page_of(come_in(province, phrase).get("/lacak"))
    assert "Hari Senin." in written(page)
    assert [text for text in written(page) if "tidak dapat dibuka" in text]
    assert "Kapan kejadiannya?" not in written(page)


def test_a_damaged_account_hides_no_message(province: Province) -> None:
    phrase, complaint = province.lodge()
    client.act(thread(province, phrase), "message", "Masih ada.", province.visitor().ask)
    change(province.app, "UPDATE complaints SET account = :box WHERE id = :id", box=bytes(4125), id=complaint)
    answer = come_in(province, phrase).post("/lacak/laporan")
    assert answer.status_code == 200
    assert "Masih ada." in written(page_of(answer))
    assert "tidak dapat dibuka" in answer.text


def test_a_damaged_thread_key_is_said_and_what_is_written_is_kept(province: Province) -> None:
    phrase, complaint = province.lodge()
    client.act(thread(province, phrase), "message", "Terkunci.", province.visitor().ask)
    statement = "UPDATE sealed_keys SET sealed = :sealed WHERE object = :id AND recipient = 'reporter'"
    change(province.app, statement, sealed=bytes(1169), id=complaint)
    browser, before = come_in(province, phrase), row_counts(province.app)
    assert browser.get("/lacak").status_code == 200
    answer = browser.post("/lacak/kirim", data={"text": WORDS_TYPED})
    assert answer.status_code == 409
    assert page_of(answer).fields("message-form")["text"] == [WORDS_TYPED]
    assert "Kunci percakapan ini rusak" in str(page_of(answer).summary())
    assert row_counts(province.app) == before


# What may be done, in every state

STATES: dict[str, Callable[[Province], str]] = {
    "RECEIVED": lambda province: province.lodge()[0],
    "TRIAGE": lambda province: taken(province)[0],
    "NEEDS_INFO": asked,
    "INVESTIGATION": lambda province: investigated(province)[0],
    "REVIEW": lambda province: proposed(province)[0],
    "CLOSED": lambda province: closed(province)[0],
    "OBJECTION": lambda province: objected(province),
}
FORMS = {
    "/lacak/kirim": ("message-form", "text"),
    "/lacak/cabut": ("withdrawal-form", "cabut-text"),
    "/lacak/keberatan": ("objection-form", "keberatan-text"),
}
# What each state takes: in the order tried, so that none stands in the way of the next. All else is refused.
MAY = {
    "RECEIVED": ["/lacak/cabut", "/lacak/kirim"],
    "TRIAGE": ["/lacak/cabut", "/lacak/kirim"],
    "NEEDS_INFO": ["/lacak/cabut", "/lacak/kirim"],
    "INVESTIGATION": ["/lacak/cabut", "/lacak/kirim"],
    "REVIEW": ["/lacak/kirim"],
    "CLOSED": ["/lacak/kirim", "/lacak/keberatan"],
    "OBJECTION": ["/lacak/cabut", "/lacak/kirim"],
}
BECOMES = {"NEEDS_INFO": "INVESTIGATION", "CLOSED": "OBJECTION"}


def objected(province: Province) -> str:
    phrase = closed(province)[0]
    client.act(thread(province, phrase), "object", "Tidak setuju.", province.visitor().ask)
    return phrase


def keeps(page: Page, name: str) -> None:
    """See that what was written stands on the page, where the summary of what went wrong leads."""
    [(control, sentence)] = page.summary().items()
    kept = page.by_id(control)
    assert sentence and control == name
    assert kept is not None and kept.tag == "textarea" and kept.text.strip() == WORDS_TYPED


@pytest.mark.parametrize("state", STATES)
def test_a_state_takes_what_it_offers_and_refuses_the_rest(province: Province, state: str) -> None:
    phrase = STATES[state](province)
    browser = come_in(province, phrase)
    page = page_of(browser.get("/lacak"))
    status = page.by_id("case-status")
    assert status is not None and status.get("data-state") == state
    assert {path for path, (form, _name) in FORMS.items() if page.by_id(form)} == set(MAY[state])
    before = row_counts(province.app)
    for path in FORMS.keys() - set(MAY[state]):
        answer = browser.post(path, data={FORMS[path][1]: WORDS_TYPED})
        assert answer.status_code == 403
        keeps(page_of(answer), FORMS[path][1])
    assert row_counts(province.app) == before
    for path in MAY[state]:
        text = f"{WORDS_TYPED} {path}"
        answer = browser.post(path, data={FORMS[path][1]: text})
        assert (answer.status_code, answer.location) == (303, "/lacak"), answer.text
        assert text in written(page_of(browser.get("/lacak")))
    seen = thread(province, phrase)
    assert [seen.text(message) for message in seen.thread["messages"][-len(MAY[state]) :]] == [
        f"{WORDS_TYPED} {path}" for path in MAY[state]
    ]
    assert seen.thread["state"] == BECOMES.get(state, state)


@pytest.mark.parametrize("text", ["", "  \r\n ", "\u200b", "x" * (LONGEST_TEXT + 1)])
def test_a_text_that_will_not_do_is_said_beside_its_field_and_kept(province: Province, text: str) -> None:
    browser, before = come_in(province, province.lodge()[0]), row_counts(province.app)
    answer = browser.post("/lacak/kirim", data={"text": text})
    page = page_of(answer)
    assert answer.status_code == 422 and page.title.startswith("Periksa isian: ")
    [(control, sentence)] = page.summary().items()
    assert control == "text" and sentence in page.notes_of("text")
    assert page.fields("message-form")["text"] == [text.replace("\r\n", "\n").strip()]
    assert row_counts(province.app) == before


def test_that_he_feels_threatened_stays_ticked_and_explained_in_a_form_that_comes_back(province: Province) -> None:
    browser = come_in(province, province.lodge()[0])
    page = page_of(browser.post("/lacak/kirim", data={"text": "", "threatened": "y"}))
    assert page.fields("message-form")["threatened"] == ["y"]
    assert page.notes_of("threatened") == ["Petugas mendahulukan laporan Anda."]


def test_a_withdrawal_needs_no_reason(province: Province) -> None:
    phrase, _complaint = province.lodge()
    browser = come_in(province, phrase)
    assert browser.post("/lacak/cabut", data={}).status_code == 303
    [message] = thread(province, phrase).thread["messages"]
    assert message["kind"] == "withdrawal"
    assert page_of(browser.get("/lacak")).by_id("withdrawal-form") is None


@pytest.mark.parametrize("path", FORMS)
def test_when_the_visit_has_ended_the_text_is_kept_and_the_phrase_asked_for(
    province: Province, later: Later, path: str
) -> None:
    browser, before = come_in(province, province.lodge()[0]), row_counts(province.app)
    later.move(minutes=31)
    answer = browser.post(path, data={FORMS[path][1]: WORDS_TYPED})
    page = page_of(answer)
    kept = page.by_id("kept")
    assert answer.status_code == 401
    assert kept is not None and kept.text == WORDS_TYPED
    assert page.fields("lacak") == {"phrase": [""]}
    assert row_counts(province.app) == before


def test_the_desk_reads_what_was_written_without_javascript(province: Province) -> None:
    phrase, complaint = province.lodge()
    come_in(province, phrase).post("/lacak/kirim", data={"text": "Diminta \0 lagi\r\nkemarin. 💰"})
    case = province.opened(province.number_of(complaint), "lead")
    assert [case.text(message) for message in case.told["messages"]] == ["Diminta \0 lagi\nkemarin. 💰"]


def days_left(province: Province, phrase: str) -> int:
    """Return how many days remain until the last date that the reporter is shown."""
    page = page_of(come_in(province, phrase).get("/lacak"))
    last = max(date.fromisoformat(time.get("datetime")) for time in page.all("time"))
    return (last - province.installation().today).days


def test_an_objection_is_taken_until_the_last_day_of_its_window(province: Province, later: Later) -> None:
    phrase = closed(province)[0]
    later.move(days=days_left(province, phrase))
    browser = come_in(province, phrase)
    assert page_of(browser.get("/lacak")).by_id("objection-form") is not None
    assert browser.post("/lacak/keberatan", data={"keberatan-text": "Belum."}).status_code == 303


def test_after_its_window_an_objection_is_refused(province: Province, later: Later) -> None:
    phrase = closed(province)[0]
    later.move(days=days_left(province, phrase) + 1)
    browser = come_in(province, phrase)
    assert page_of(browser.get("/lacak")).by_id("objection-form") is None
    before = row_counts(province.app)
    answer = browser.post("/lacak/keberatan", data={"keberatan-text": WORDS_TYPED})
    assert answer.status_code == 403
    keeps(page_of(answer), "keberatan-text")
    assert row_counts(province.app) == before
    assert browser.post("/lacak/kirim", data={"text": "Masih boleh menulis."}).status_code == 303


# With JavaScript


def opened_sealed(province: Province, phrase: str, **more: str) -> TestResponse:
    token = province.keys(phrase).lookup_token.hex()
    return province.visitor().post("/lacak", data={"token": token} | more)


def test_a_browser_with_scripts_gets_the_page_sealed(province: Province) -> None:
    phrase = asked(province)
    answer = opened_sealed(province, phrase)
    page = page_of(answer)
    assert answer.status_code == 200 and "Set-Cookie" not in answer.headers
    assert "Kapan kejadiannya?" not in answer.text
    seen = thread(province, phrase)
    [box] = [element for element in page.all("p") if element.get("data-box")]
    opened = {name: box.get(f"data-{name}") for name in ("kind", "id", "box")} | {"epoch": int(box.get("data-epoch"))}
    assert seen.text(opened) == "Kapan kejadiannya?"
    held = page.by_id("thread")
    assert held is not None
    told = ("complaint", "version", "state", "head", "resumes", "epoch", "today")
    assert {name: held.get(f"data-{name}") for name in told} == {name: str(seen.thread[name]) for name in told}


def test_the_sealed_account_comes_only_when_asked_for(province: Province) -> None:
    phrase, _complaint = province.lodge()
    sealed = thread(province, phrase).thread["account"]["box"]
    assert sealed not in opened_sealed(province, phrase).text
    assert sealed in opened_sealed(province, phrase, account="1").text


def test_a_token_of_nothing_is_answered_as_a_wrong_phrase_is(province: Province) -> None:
    for token in (secrets.token_hex(32), "00" * 32):
        answer = province.visitor().post("/lacak", data={"token": token})
        assert answer.status_code == 404 and NOTHING_FOUND in answer.text
        assert page_of(answer).by_id("case-status") is None


@pytest.mark.parametrize("token", ["", "00" * 31, "00" * 33, "zz" * 32, "AB" * 32, "é" * 64, " " + "00" * 32])
def test_what_is_no_token_is_refused(province: Province, token: str) -> None:
    answer = province.visitor().post("/lacak", data={"token": token})
    assert answer.status_code == 400 and "tidak dapat dibaca" in answer.text


def test_another_complaints_token_opens_that_complaint_alone(province: Province) -> None:
    first, second = province.lodge(), province.lodge()
    answer = opened_sealed(province, first[0])
    assert first[1] in answer.text and second[1] not in answer.text


def test_with_a_token_no_visit_begins_and_none_is_needed(province: Province) -> None:
    phrase, _complaint = province.lodge()
    before = rows(province).keys()
    opened_sealed(province, phrase)
    assert rows(province).keys() == before


def test_a_page_of_the_servers_says_that_it_proves_nothing_and_who_can(province: Province) -> None:
    phrase, _complaint = province.lodge()
    page = page_of(come_in(province, phrase).get("/lacak"))
    said = " ".join(paragraph.text for paragraph in page.all("p"))
    assert "server tidak bisa membuktikan kejujurannya sendiri" in said
    assert "ledger/verify.py" in said
    assert page.by_id("proof-button") is None
    assert "/log/bukti" in {link.get("href") for link in page.all("a")}
