"""Chunks of officers' own files: each in its place, of its size, from whoever began the file."""

from complaints.rules import MOST_TOGETHER
from tests.casework.test_acts import investigated
from tests.casework.test_evidence import bukti
from tests.client import Sealing
from tests.complaints.test_files import SMALL, TWO_CHUNKS
from tests.officer import seal_evidence
from tests.province import Province
from tests.remains import row_counts


def test_chunks_that_are_not_an_officers_files_are_refused(province: Province) -> None:
    _phrase, _complaint, number, _allegation = investigated(province)
    case, browser = province.opened(number, "lead"), province.browser_of("lead")
    file, other = seal_evidence(case, TWO_CHUNKS), seal_evidence(case, TWO_CHUNKS)
    for each in (file, other):
        assert case.login.ask(bukti(case), each.opening) == (201, {"have": []})

    def put(first: int, *chunks: bytes, by: str = "lead", to: Sealing = file) -> int:
        path = bukti(case, to.id, first)
        return (browser if by == "lead" else province.browser_of(by)).put(path, b"".join(chunks), "")[0]

    (one, two), before = file.chunks, row_counts(province.app)
    for first, chunk, status in (
        (1, two, 400), (2, one, 400), (1, one[:-1], 400), (1, b"", 400), (2, two + b"x", 400), (0, one, 404),
        (3, one, 404), (10**30, one, 404), (1, one * (MOST_TOGETHER + 1), 413),
    ):  # fmt: skip
        assert put(first, chunk) == status
    assert put(1, one, by="investigator") == put(1, one, to=seal_evidence(case, SMALL)) == 404
    assert row_counts(province.app) == before
    # The same again is answered alike; another's chunk in its place, of the right size, is not taken.
    assert put(1, one, two) == put(1, one) == 201
    assert put(1, other.chunks[0]) == 409
