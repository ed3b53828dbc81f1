"""The queue and the case as the server draws them: who sees what, filters from the address, and no 500 on nonsense."""

import re
from datetime import date
from html import unescape
from types import SimpleNamespace
from typing import Any

import pytest
from sqlalchemy import select, update

from casework import receivers
from casework.case_page import place_words
from casework.forms import read_filter
from casework.queue_page import QUEUE
from casework.models import Case, CaseEvent
from casework.queries import Urgency
from casework.terms import Action, State
from casework.wording import ACTIONS, DEEDS, STATES, deed, due_words, title
from kernel import clock
from kernel.database import db
from kernel.vault import bodies
from ledger.integrating import integrate
from ledger.models import Leaf
from ledger.publishing import publish
from tests import officer
from tests.casework.test_acts import investigated, proposed, taken
from tests.officer import Text, act, compose
from tests.places import EVERYWHERE
from tests.province import Province, Visitor

NUMBER = re.compile(r"/petugas/perkara/(\d{3}-\d{3}-\d{3})\"")


def text_of(page: Any) -> str:
    """Return what a page says, its tags and runs of spaces gone."""
    return " ".join(unescape(re.sub(r"<[^>]*>", " ", page.text)).split())


def numbers(browser: Visitor, address: str = "/petugas/") -> list[str]:
    """Return the cases of a queue, over all of its pages, in their order."""
    found: list[str] = []
    following: str | None = address
    while following:
        page = browser.get(following)
        assert page.status_code == 200
        found += NUMBER.findall(page.text)
        link = re.search(r'<a href="([^"]+)" rel="next">', page.text)
        following = unescape(link[1]) if link else None
    return found


def due_on(province: Province, number: str, day: str) -> None:
    with province.app.app_context():
        db.session.execute(update(Case).where(Case.number == number).values(due=date.fromisoformat(day)))
        db.session.commit()
        db.session.remove()


@pytest.mark.parametrize("province", EVERYWHERE, indirect=True)
def test_a_lead_sees_his_desks_cases_and_the_lead_above_can_choose_among_desks(province: Province) -> None:
    _, _, here = taken(province)
    place = province.place
    _, elsewhere = province.lodge(region=place.region_of(place.other))
    there = province.number_of(elsewhere)
    lead, above = province.browser_of("lead"), province.browser_of("lead", place.top)
    assert here in numbers(lead) and there not in numbers(lead)
    assert {here, there} <= set(numbers(above))
    chosen = numbers(above, f"/petugas/?meja={place.other}")
    assert there in chosen and here not in chosen
    assert 'name="meja"' in above.get("/petugas/").text and 'name="meja"' not in lead.get("/petugas/").text


def test_another_desks_cases_cannot_be_chosen_by_address(province: Province) -> None:
    _, _, here = taken(province)
    assert numbers(province.browser_of("lead"), "/petugas/?meja=33.74") == numbers(province.browser_of("lead"))
    assert here in numbers(province.browser_of("lead"), "/petugas/?meja=33.74")


def test_an_investigator_sees_his_own_cases_and_a_reviewer_those_he_is_to_review(province: Province) -> None:
    _, _, investigating, _ = investigated(province)
    _, _, reviewing = proposed(province)
    investigator, reviewer = province.browser_of("investigator"), province.browser_of("reviewer")
    assert {investigating, reviewing} <= set(numbers(investigator))
    assert reviewing in numbers(reviewer) and investigating not in numbers(reviewer)


def test_a_number_that_another_case_has_is_drawn_again(province: Province, monkeypatch: pytest.MonkeyPatch) -> None:
    taken = province.number_of(province.lodge()[1]).replace("-", "")
    free = f"{(int(taken) + 1) % 10**9:09}"
    drawn = iter(taken + free)
    monkeypatch.setattr(receivers, "secrets", SimpleNamespace(choice=lambda _digits: next(drawn)))
    assert province.number_of(province.lodge()[1]).replace("-", "") == free


def test_what_is_due_first_stands_first_over_all_pages_and_no_case_is_shown_twice(province: Province) -> None:
    made = [province.number_of(province.lodge(region="33.74")[1]) for _ in range(53)]
    due_on(province, made[-1], "2020-01-06")
    shown = numbers(province.browser_of("lead", "33.74"))
    assert shown[0] == made[-1]
    assert len(shown) == len(set(shown)) and set(made) <= set(shown)
    page = province.browser_of("lead", "33.74").get("/petugas/")
    assert len(NUMBER.findall(page.text)) == 50 and "Terlambat" in page.text


def test_of_cases_due_on_one_day_those_of_the_frightened_stand_first(province: Province) -> None:
    calm = [province.number_of(province.lodge(region="33.74")[1]) for _ in range(4)]
    frightened = [province.number_of(province.lodge(region="33.74", threatened="ya")[1]) for _ in range(4)]
    for number in (*calm, *frightened):
        due_on(province, number, "2020-01-07")
    shown = [each for each in numbers(province.browser_of("lead", "33.74")) if each in {*calm, *frightened}]
    assert set(shown[:4]) == set(frightened)


def test_the_queue_is_filtered_by_stage_urgency_and_lateness(province: Province) -> None:
    _, _, triage = taken(province)
    waiting = province.number_of(province.lodge()[1])
    frightened = province.number_of(province.lodge(threatened="ya")[1])
    due_on(province, waiting, "2020-01-06")
    lead = province.browser_of("lead")
    assert triage in numbers(lead, "/petugas/?tahap=TRIAGE") and waiting not in numbers(lead, "/petugas/?tahap=TRIAGE")
    urgent = numbers(lead, "/petugas/?mendesak=ya")
    assert frightened in urgent and waiting not in urgent
    assert waiting in numbers(lead, "/petugas/?terlambat=ya") and triage not in numbers(lead, "/petugas/?terlambat=ya")
    assert numbers(lead, "/petugas/?milik-saya=ya") == []


def test_closed_cases_are_found_by_their_stage(province: Province) -> None:
    _, _, number = proposed(province)
    act(province.opened(number, "reviewer"), "close", "CLOSED")
    lead = province.browser_of("lead")
    assert number in numbers(lead, "/petugas/?tahap=CLOSED") and number not in numbers(lead)
    assert "Terbukti" in lead.get("/petugas/?tahap=CLOSED").text


@pytest.mark.parametrize(
    "address",
    [
        "?tahap=NEW", "?tahap=apa", "?setelah=2026-13-45~1~" + "0" * 32, "?setelah=x",
        "?setelah=2026-11-24~1~xyz", "?setelah=2026-11-24~2~" + "0" * 32, "?mendesak=1",
    ],
)  # fmt: skip
def test_nonsense_in_the_address_counts_as_nothing(province: Province, address: str) -> None:
    lead = province.browser_of("lead")
    assert numbers(lead, f"/petugas/{address}") == numbers(lead)


def test_an_empty_queue_says_so_kindly(province: Province) -> None:
    page = text_of(province.browser_of("lead", "luar").get("/petugas/"))
    assert "Semua sudah tertangani" in page and "Tidak ada perkara berjalan di meja Anda." in page
    filtered = text_of(province.browser_of("lead", "luar").get("/petugas/?tahap=REVIEW"))
    assert "Tidak ada perkara dengan saringan ini." in filtered


def test_the_overseer_sees_every_case_its_history_and_its_readers_and_nothing_to_open_or_do(province: Province) -> None:
    _, _, number = taken(province)
    overseer = province.overseer()
    assert number in numbers(overseer)
    page = overseer.get(f"/petugas/perkara/{number}")
    assert "Laporan mulai ditelaah" in page.text and "Siapa yang membuka isi perkara ini" in page.text
    assert "Pengawas melihat, dan tidak bertindak pada perkara." in page.text
    assert "open-case" not in page.text and "<form data-action" not in page.text
    for path in ("buka", "tindakan"):
        assert overseer.post(f"/petugas/perkara/{number}/{path}", json={}).status_code == 403


def places(page: Any) -> list[str]:
    """Return what a case's page says of where the log has each event, the oldest first."""
    return re.findall(r'<span class="place">([^<]*)</span>', page.text)


def test_each_event_shows_its_place_in_the_public_log_once_that_is_published(province: Province) -> None:
    _, complaint, number = taken(province)
    address, waiting = f"/petugas/perkara/{number}", "Catatan umum: belum terbit"
    readers = province.browser_of("lead"), province.overseer()
    assert [places(reader.get(address)) for reader in readers] == [[waiting] * 2] * 2
    with province.app.app_context():
        integrate()
        # In the log, and yet nobody outside could look it up.
        assert places(readers[0].get(address)) == [waiting] * 2
        publish()
        found = select(Leaf.idx).join(CaseEvent, CaseEvent.entry == Leaf.entry)
        at = db.session.scalars(found.where(CaseEvent.case_id == complaint).order_by(CaseEvent.seq)).all()
        db.session.remove()
    act(province.opened(number, "lead"), "note", "TRIAGE", [Text("note", "Catatan.")])
    # A thousand has a point in Indonesian.
    expected = [*(f"Catatan umum no. {idx:,}".replace(",", ".") for idx in at), waiting]
    assert [places(reader.get(address)) for reader in readers] == [expected] * 2


def test_a_place_in_the_log_is_written_as_numbers_are(province: Province) -> None:
    with province.app.test_request_context():
        assert (place_words(12345), place_words(0)) == ("Catatan umum no. 12.345", "Catatan umum no. 0")


def test_the_administrator_sees_neither_queue_nor_case(province: Province) -> None:
    _, _, number = taken(province)
    person, visitor = province.named("administrator", "-"), province.visitor()
    officer.enter(visitor.ask, person.name, person.password, officer.code_at(person.totp_secret, clock.now()))
    turned = visitor.get("/petugas/")
    assert (turned.status_code, turned.headers["Location"]) == (303, "/petugas/akun")
    assert visitor.get(f"/petugas/perkara/{number}").status_code == 403


def test_an_unknown_case_and_another_desks_look_alike(province: Province) -> None:
    _, _, number = taken(province)
    stranger = province.browser_of("lead", "33.74")
    forbidden, unknown = (stranger.get(f"/petugas/perkara/{each}") for each in (number, "000-000-000"))
    assert (forbidden.status_code, unknown.status_code) == (404, 404)
    assert text_of(forbidden) == text_of(unknown)
    for path in ("buka", "tindakan"):
        answers = [stranger.post(f"/petugas/perkara/{each}/{path}", json={}) for each in (number, "000-000-000")]
        assert answers[0].status_code == answers[1].status_code >= 400 and answers[0].json == answers[1].json


def test_each_act_that_is_not_there_says_why(province: Province) -> None:
    _, _, number = taken(province)
    lead = text_of(province.browser_of("lead").get(f"/petugas/perkara/{number}"))
    assert re.search(r"Bukan untuk tahap ini \(\d+\) Mulai menelaah", lead) and "Menutup perkara" in lead
    _, _, reviewing = proposed(province)
    assert "Menutup perkara Belum bisa: Hanya petugas kedua" in text_of(
        province.browser_of("lead").get(f"/petugas/perkara/{reviewing}")
    )


def test_an_outcome_that_cannot_be_chosen_says_why(province: Province) -> None:
    _, _, number, _ = investigated(province)
    page = text_of(province.browser_of("investigator").get(f"/petugas/perkara/{number}"))
    assert "Terbukti Masih ada dugaan yang belum diberi temuan." in page
    assert "Dicabut oleh pelapor Pelapor tidak meminta laporannya dicabut." in page


@pytest.mark.parametrize(
    "posted",
    [[], "x", {}, {"body": 1, "objects": [], "keys": []}, {"body": "x", "objects": [1], "keys": []}],
)
def test_an_act_that_is_none_is_refused_with_a_sentence(province: Province, posted: Any) -> None:
    _, _, number = taken(province)
    answer = province.browser_of("lead").post(f"/petugas/perkara/{number}/tindakan", json=posted)
    assert 400 <= answer.status_code < 500 and answer.json and answer.json["error"].endswith(".")


@pytest.mark.parametrize(
    "spoilt",
    [
        {"kind": ["case"]}, {"kind": "desk"}, {"epoch": True}, {"epoch": 0}, {"epoch": "1"}, {"epoch": 2**31},
        {"recipient": ""}, {"recipient": "é"}, {"sealed": "%%%"}, {"sealed": ""}, {"more": 1},
    ],
)  # fmt: skip
def test_a_key_that_is_none_is_refused_with_a_sentence(province: Province, spoilt: dict[str, Any]) -> None:
    _, _, number = taken(province)
    _, posted = compose(province.opened(number, "lead"), "note", "TRIAGE", [Text("note", "Catatan.")], {})
    key = {"kind": "case", "epoch": 1, "recipient": "officer:" + "0" * 32, "sealed": "A" * 1560} | spoilt
    answer = province.browser_of("lead").post(
        f"/petugas/perkara/{number}/tindakan", json={"body": "x", **posted, "keys": [key]}
    )
    assert answer.status_code == 400 and "error" in (answer.json or {})


def test_every_act_can_be_asked_about_at_every_stage(province: Province) -> None:
    untouched = province.number_of(province.lodge()[1])
    for number in (untouched, taken(province)[2], investigated(province)[2], proposed(province)[2]):
        for action in Action:
            address = f"/petugas/perkara/{number}/keadaan?tindakan={action}&petugas={'0' * 32}"
            assert province.browser_of("lead").get(address).status_code == 200, (number, action)


@pytest.mark.parametrize("number", ["%00", "'", "123-456-789%00", "9" * 300])
def test_a_number_that_is_none_is_no_case(province: Province, number: str) -> None:
    lead = province.browser_of("lead")
    assert lead.get(f"/petugas/perkara/{number}").status_code == 404
    assert lead.get(f"/petugas/perkara/{number}/keadaan?tindakan=note&petugas=%00").status_code == 404
    assert lead.post(f"/petugas/perkara/{number}/buka", json={}).status_code == 404


def test_an_act_nobody_knows_cannot_be_asked_about(province: Province) -> None:
    _, _, number = taken(province)
    assert province.browser_of("lead").get(f"/petugas/perkara/{number}/keadaan?tindakan=apa").status_code == 400


def test_the_second_officer_is_told_what_who_and_when(province: Province) -> None:
    _, _, number = taken(province)
    stale = province.opened(number, "lead")
    unsigned, posted = compose(stale, "note", "TRIAGE", [Text("note", "Kedua.")], {})
    act(province.opened(number, "lead"), "reply", "TRIAGE", [Text("message", "Pertama.")])
    body = bodies.sign(unsigned, stale.login.sign)
    answer = province.browser_of("lead").post(f"/petugas/perkara/{number}/tindakan", json={"body": body, **posted})
    assert answer.status_code == 409 and answer.json
    [change] = answer.json["changes"]
    assert change["what"] == "Pesan kepada pelapor"
    assert change["who"] in province.browser_of("lead").get("/petugas/").text
    assert str(clock.today().year) in change["day"]


def test_deadlines_are_said_in_working_days() -> None:
    near = ((Urgency.OVERDUE, -3), (Urgency.TODAY, 0), (Urgency.SOON, 2), (Urgency.CLOSED, 0))
    said = [due_words(urgency, left) for urgency, left in near]
    assert said == ["Terlambat 3 hari kerja", "Hari ini", "2 hari kerja lagi", "Selesai"]


def test_everything_the_workflow_knows_has_words() -> None:
    assert set(STATES) == set(State) - {State.NEW}
    assert set(DEEDS) == set(Action)
    assert ACTIONS.keys() <= DEEDS.keys()
    assert str(title(Action.ASSIGN, State.OBJECTION)) != str(title(Action.ASSIGN, State.INVESTIGATION))
    assert deed(Action.ASSIGN, State.OBJECTION) != deed(Action.ASSIGN, State.INVESTIGATION)


def test_a_place_in_the_queue_is_written_and_read_alike() -> None:
    for calm in (True, False):
        place = (date(2026, 11, 24), calm, "ab" * 16)
        assert QUEUE.read({"setelah": QUEUE.write(place)}) == place


def test_only_desks_that_may_be_chosen_are() -> None:
    assert read_filter({"meja": "33.74"}, ["33.08"]).desk is None
    assert read_filter({"meja": "33.08"}, ["33.08"]).desk == "33.08"
    assert read_filter({"tahap": "CLOSED"}, []).ended and not read_filter({"tahap": "TRIAGE"}, []).ended
