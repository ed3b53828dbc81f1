"""Files of one case asked for, filled or brought under another's number, by somebody who works on both."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from tests.casework.test_acts import investigated
from tests.casework.test_evidence import bukti, chunk_of, messaged
from tests.client import Refused, Sealing
from tests.complaints.test_api import said
from tests.complaints.test_files import SMALL, TWO_CHUNKS
from tests.officer import EXAMINE, OpenedCase, act, seal_evidence, send_evidence
from tests.province import Province
from tests.remains import row_counts

ROLES = ("lead", "investigator")


@contextmanager
def unmoved(province: Province) -> Iterator[None]:
    """Hold that no row comes or goes meanwhile."""
    before = row_counts(province.app)
    yield
    assert row_counts(province.app) == before


def told_of(province: Province, role: str, case: OpenedCase, file: Sealing) -> list[object]:
    """Return all that somebody is told who asks for a file under a case's number, takes it away and fills it."""
    ends = [case.login.ask(bukti(case, file.id, end), posted) for end, posted in (("buka", EXAMINE), ("hapus", {}))]
    read = chunk_of(province, case, file, 1, role)
    filled = province.browser_of(role).put(bukti(case, file.id, 1), file.chunks[0])
    return [*ends, (read.status_code, read.data), filled]


@pytest.mark.parametrize("role", ROLES)
def test_a_file_of_another_case_is_answered_like_one_there_is_not(province: Province, role: str) -> None:
    phrase, _complaint, number, _allegation = investigated(province)
    [brought] = messaged(province, phrase, SMALL)
    case, other = (province.opened(each, role) for each in (number, investigated(province)[2]))
    begun, absent = seal_evidence(case, TWO_CHUNKS), seal_evidence(case, TWO_CHUNKS)
    assert case.login.ask(bukti(case), begun.opening) == (201, {"have": []})
    # What he has opened where it belongs, he has not opened elsewhere.
    assert case.login.ask(bukti(case, brought.id, "buka"), EXAMINE)[0] == 200
    with unmoved(province):
        nothing = told_of(province, role, other, absent)
        for file in (brought, begun):
            assert told_of(province, role, other, file) == nothing
            assert said(case.login.ask(bukti(other), file.opening)) == 409
    assert chunk_of(province, case, brought, 1, role).status_code == 200
    assert province.browser_of(role).put(bukti(case, begun.id, 1), begun.chunks[0])[0] == 201


@pytest.mark.parametrize("role", ROLES)
def test_a_file_that_was_sent_for_one_case_is_brought_by_no_act_of_another(province: Province, role: str) -> None:
    case, other = (province.opened(investigated(province)[2], role) for _turn in range(2))
    file = send_evidence(case, SMALL, province.browser_of(role).put)
    with unmoved(province), pytest.raises(Refused) as refusal:
        act(other, "evidence", "INVESTIGATION", files=[file])
    assert refusal.value.status == 404
    act(case, "evidence", "INVESTIGATION", files=[file])
