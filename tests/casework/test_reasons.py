"""Why evidence was opened: one of a short list, asked before anything is handed out, chained with who and when."""

from __future__ import annotations

import hashlib
from datetime import datetime, timezone
from typing import Any

import pytest
from sqlalchemy import Row, select

from casework.access import access_body
from casework.models import AccessEvent
from casework.terms import HANDING_ON, OpeningReason
from casework.wording import OPENING_REASONS
from kernel.database import db
from operations.soundness import faults
from tests.casework.test_acts import investigated, taken
from tests.casework.test_evidence import SMALL, bukti, chunk_of, messaged, without_guards
from tests.client import Sealing
from tests.complaints.test_api import said
from tests.officer import EXAMINE, OpenedCase, Text, act
from tests.province import Province

CHOSEN = [reason for reason in OpeningReason if reason not in HANDING_ON]
CHOOSE = "Pilih dahulu untuk apa bukti dibuka."
# What is no reason, whatever it is, and how it is answered.
UNKNOWN: list[tuple[Any, int]] = [
    ({}, 422), (None, 422), ({"reason": ""}, 422), ({"reason": None}, 422), ({"reason": "Examine"}, 422),
    ({"reason": "Saya ingin tahu siapa pelapornya."}, 422), ({"reason": 1}, 422), ({"reason": ["examine"]}, 422),
    ({"reason": {"examine": 1}}, 422), ({"reason": "examine\n"}, 422), ({"why": "examine"}, 400),
    ({"reason": "examine", "words": "Tetangga saya."}, 400), (["examine"], 400), ("examine", 400),
]  # fmt: skip
AT = datetime(2026, 11, 27, 3, 4, 5, tzinfo=timezone.utc)


def with_file(province: Province) -> tuple[OpenedCase, Sealing]:
    """Return a case that its lead has taken, opened, and a file of its reporter's."""
    phrase, _complaint, number = taken(province)
    [file] = messaged(province, phrase, SMALL)
    return province.opened(number, "lead"), file


def readings(province: Province, case: OpenedCase) -> list[Row[Any]]:
    """Return the readings of a case, oldest first."""
    with province.app.app_context():
        query = select(AccessEvent.__table__).where(AccessEvent.case_id == case.told["case"]).order_by(AccessEvent.seq)
        found = list(db.session.execute(query))
        db.session.remove()
    return found


def test_a_reason_is_a_line_of_the_hashed_body_and_without_one_there_is_no_line() -> None:
    told = ("kentongan/v1/access", "c" * 32, "2", "07" * 32, "o" * 32, "file:00")
    body = "type {}\ncase {}\nseq {}\nprevious {}\nofficer {}\nwhat {}\n".format(*told)
    at = "at 2026-11-27T03:04:05Z\n"
    args = ("c" * 32, 2, b"\x07" * 32, "o" * 32, "file:00")
    assert access_body(*args, None, AT) == f"{body}{at}"
    assert access_body(*args, "examine", AT) == f"{body}reason examine\n{at}"


def test_every_code_fits_its_column_and_has_words_of_its_own() -> None:
    assert all(code.isascii() and code.islower() and len(code) <= 16 for code in OpeningReason)
    assert list(OPENING_REASONS) == list(OpeningReason)
    assert len(set(map(str, OPENING_REASONS.values()))) == len(OpeningReason)


@pytest.mark.parametrize("reason", CHOSEN)
def test_an_opening_is_on_record_with_its_reason_and_shown_with_it(province: Province, reason: OpeningReason) -> None:
    case, file = with_file(province)
    status, answer = case.login.ask(bukti(case, file.id, "buka"), {"reason": reason})
    assert status == 200
    *before, newest = readings(province, case)
    assert (newest.reason, newest.what) == (reason, f"file:{file.id[:16]}")
    assert {each.reason for each in before} == {None}
    at = newest.at.replace(tzinfo=newest.at.tzinfo or timezone.utc).astimezone(timezone.utc)
    body = access_body(newest.case_id, newest.seq, newest.previous, newest.officer_id, newest.what, reason, at)
    assert answer["access"] == newest.hash.hex() == hashlib.sha256(body.encode()).hexdigest()
    words = f"Alasan: {OPENING_REASONS[reason]}"
    page = f"/petugas/perkara/{case.number}"
    # The lead is shown it twice: among those who opened evidence, and among all who read the case.
    assert province.browser_of("lead").get(page).text.count(words) == 2
    for shown in (page, f"/petugas/pembacaan?perkara={case.number}"):
        assert province.overseer().get(shown).text.count(words) == 1


@pytest.mark.parametrize(("posted", "status"), UNKNOWN)
def test_without_a_known_reason_nothing_is_opened_and_nothing_logged(
    province: Province, posted: Any, status: int
) -> None:
    case, file = with_file(province)
    before = readings(province, case)
    answer = province.browser_of("lead").post(bukti(case, file.id, "buka"), json=posted)
    assert answer.status_code == status
    assert (CHOOSE if status == 422 else "tidak dapat dibaca") in answer.text
    assert readings(province, case) == before
    assert chunk_of(province, case, file, 1).status_code == 403


@pytest.mark.parametrize("reason", HANDING_ON)
def test_to_hand_a_file_on_is_a_reason_once_the_officers_own_act_on_it_is_on_record(
    province: Province, reason: OpeningReason
) -> None:
    phrase, _complaint, number, _allegation = investigated(province)
    handed, other = messaged(province, phrase, SMALL, SMALL)
    case, [unlike] = province.opened(number, "lead"), [each for each in HANDING_ON if each != reason]

    def opens(file: Sealing, why: str, role: str = "lead") -> Any:
        return province.browser_of(role).ask(bukti(case, file.id, "buka"), {"reason": why})

    before = readings(province, case)
    assert said(opens(handed, reason)) == 403
    act(case, reason, "INVESTIGATION", [Text("reason", "Untuk ahli.")], {"files": handed.id})
    refused = [opens(other, reason), opens(handed, unlike), opens(handed, reason, "investigator")]
    assert [said(each) for each in refused] == [403] * 3
    assert [each for each in readings(province, case)[len(before) :] if each.what.startswith("file:")] == []
    assert opens(handed, reason)[0] == 200
    assert readings(province, case)[-1].reason == reason
    words = {"export": "Mengekspor bukti", "transfer": "Menyerahkan bukti"}[reason]
    assert f"Alasan: {words}" in province.overseer().get(f"/petugas/pembacaan?perkara={number}").text


def test_the_register_offers_what_may_be_chosen_and_nothing_is_chosen_at_first(province: Province) -> None:
    case, _file = with_file(province)
    page = province.browser_of("lead").get(f"/petugas/perkara/{case.number}").text
    offered = page.partition('<select id="opening-reason"')[2].partition("</select>")[0]
    assert [code for code in ("", *OpeningReason) if f'value="{code}"' in offered] == ["", *CHOSEN]
    assert offered.index('value=""') < offered.index('value="examine"') and "selected" not in offered
    # Firefox would choose again, after a reload, what was chosen before it.
    assert 'autocomplete="off"' in offered.partition(">")[0]


def test_what_was_opened_before_there_were_reasons_has_none_and_is_shown_without(province: Province) -> None:
    case, file = with_file(province)
    assert case.login.ask(bukti(case, file.id, "buka"), EXAMINE)[0] == 200
    without_guards(province, "access_events", "UPDATE access_events SET reason = NULL WHERE reason IS NOT NULL")
    page = province.browser_of("lead").get(f"/petugas/perkara/{case.number}").text
    assert "Membuka bukti B-1" in page and "Alasan: " not in page


def test_what_was_opened_before_there_were_reasons_is_opened_anew_with_one(province: Province) -> None:
    case, file = with_file(province)
    assert case.login.ask(bukti(case, file.id, "buka"), EXAMINE)[0] == 200
    assert chunk_of(province, case, file, 1).status_code == 200
    without_guards(province, "access_events", "UPDATE access_events SET reason = NULL WHERE reason IS NOT NULL")
    assert chunk_of(province, case, file, 1).status_code == 403
    assert case.login.ask(bukti(case, file.id, "buka"), EXAMINE)[0] == 200
    assert chunk_of(province, case, file, 1).status_code == 200


# The first reading is of the case itself and has no reason; the last is of a file.
@pytest.mark.parametrize(
    ("which", "changed"),
    [(-1, "'request'"), (-1, "NULL"), (-1, "''"), (-1, "'of two'"), (0, "''"), (0, "'examine'")],
)
def test_a_reason_that_was_changed_is_found_out(province: Province, which: int, changed: str) -> None:
    case, file = with_file(province)
    assert case.login.ask(bukti(case, file.id, "buka"), EXAMINE)[0] == 200

    def found() -> list[str]:
        with province.app.app_context():
            told = list(faults(db.session(), bytes.fromhex((province.instance / "secret").read_text())))
            db.session.remove()
        return [fault for fault in told if case.told["case"] in fault]

    assert found() == []
    seq = readings(province, case)[which].seq
    change = f"UPDATE access_events SET reason = {changed} WHERE case_id = :case AND seq = :seq"
    without_guards(province, "access_events", change, case=case.told["case"], seq=seq)
    assert found() == [f"case {case.told['case']}: reading {seq} does not follow from the one before"]
