"""Without JavaScript a reporter takes along what a program elsewhere checks: of his own case, and of no other."""

from pathlib import Path

import pytest

from kernel.database import db
from ledger.publishing import tend
from ledger.verify import read_opening
from tests.casework.test_acts import taken
from tests.complaints.test_visits import come_in
from tests.ledger.test_verify import told_by
from tests.page import page_of
from tests.province import Province, Visitor


def published(province: Province) -> None:
    with province.app.app_context():
        tend()
        db.session.remove()


def offered(browser: Visitor) -> tuple[str, list[str]]:
    """Ask for the files; return what the page says and where they are."""
    answer = browser.post("/lacak/bukti")
    assert (answer.status_code, answer.headers["Cache-Control"]) == (200, "no-store")
    links = page_of(answer).all("a")
    return answer.text, [str(link.get("href")) for link in links if link.get("download")]


def kept(browser: Visitor, addresses: list[str], folder: Path) -> list[str]:
    """Keep the files in a folder, under the names they are given with; return these."""
    names = []
    for address in addresses:
        answer = browser.get(address)
        name = answer.headers["Content-Disposition"].removeprefix('attachment; filename="').removesuffix('"')
        assert (answer.status_code, answer.mimetype) == (200, "text/plain")
        assert answer.headers["Cache-Control"] == "no-store"
        (folder / name).write_bytes(answer.data)
        names.append(name)
    return names


def test_what_is_kept_is_checked_elsewhere_by_a_checkpoint_of_somebody_elses(
    province: Province, tmp_path: Path
) -> None:
    phrase, _complaint, _number = taken(province)
    published(province)
    browser = come_in(province, phrase)
    said, addresses = offered(browser)
    assert "Buku catatan umum nomor" in said and "belum membuktikan apa-apa" in said
    names = kept(browser, addresses, tmp_path)
    assert names == ["1.tlog-proof", "1.opening", "1.promise", "2.tlog-proof", "2.opening"]
    visitor = province.visitor()
    (tmp_path / "policy").write_text(visitor.get("/log/policy").text)
    status, told = told_by("case", tmp_path, "--policy", tmp_path / "policy")
    assert status == 0, told
    assert read_opening((tmp_path / "2.opening").read_text(), "it").action == "open"


def test_before_it_is_published_there_is_the_promise_and_what_it_is_of(province: Province, tmp_path: Path) -> None:
    published(province)
    phrase, _complaint = province.lodge()
    browser = come_in(province, phrase)
    said, addresses = offered(browser)
    assert kept(browser, addresses, tmp_path) == ["1.opening", "1.promise"]
    assert "Belum masuk buku catatan umum; paling lambat" in said


@pytest.mark.parametrize("name", ["1.tlog-proof", "2.opening", "0.promise", "1", "1.PROMISE", "1.promise.", "x" * 300])
def test_what_there_is_not_is_said_not_to_be_there(province: Province, name: str) -> None:
    published(province)
    phrase, _complaint = province.lodge()
    answer = come_in(province, phrase).get(f"/lacak/bukti/{name}")
    assert answer.status_code == 404 and "Berkas ini tidak ada." in answer.text


def test_whoever_has_left_is_asked_for_his_phrase(province: Province) -> None:
    phrase, _complaint = province.lodge()
    browser = come_in(province, phrase)
    _said, [address, *_others] = offered(browser)
    browser.post("/keluar")
    for answer in (browser.get(address), browser.post("/lacak/bukti")):
        assert (answer.status_code, answer.location) == (303, "/lacak")
