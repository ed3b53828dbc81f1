"""From an empty folder to a first complaint decided; then all leads are lost, and the old case opens for the new one.

At last the desk's key is renewed, so that what the lost lead knew opens nothing, and a desk is added to the tree.

Nothing here is founded: the ceremony draws the root, files carry what it says, and each officer's program makes its
own keys. How browsers activate, compare and act is looked at elsewhere (test_accounts.py, test_whole.py).
"""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import select

from casework.retiring import RETIRE, retire
from kernel.config import province_file
from kernel.database import db
from kernel.directory.models import SealedKey
from kernel.jobs import work
from tests import client, joining, officer
from tests.casework.office import stop_clock
from tests.client import Refused
from tests.joining import Joined
from tests.journeys import acting
from tests.journeys.keys import renew_the_desks_key
from tests.journeys.officers import fill_login, log_in
from tests.journeys.real import (
    Real, Team, carry, investigated, lodge, number_in, numbers_in, person_of, staffed,
)  # fmt: skip
from tests.officer import Text
from tests.places import HERE
from tests.province import ANSWERS, Visitor
from tests.reach import reached, sealed_rows
from tests.server import running

TOWN = "33.77"
GROWN = f'''
[[region]]
code = "{TOWN}"
kind = "kota"
name = "Baru"

[[desk]]
id = "{TOWN}"
name = "Inspektorat Kota Baru"
remit = "{TOWN}"
'''
DUE = "Meja ini perlu kunci baru"
DECISION = "Pungutan 150 ribu terbukti dan telah dikembalikan."


@pytest.fixture(
    params=[pytest.param("sqlite_files", marks=pytest.mark.elsewhere), "postgresql_server"],
    ids=["sqlite", "postgresql"],
)
def real(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Real]:
    """An empty folder and an empty database."""
    database, remove = request.getfixturevalue(request.param).make()
    made = Real(tmp_path, database, stop_clock(monkeypatch))
    yield made
    made.close()
    remove()


def decide(real: Real, team: Team, number: str) -> None:
    """Take a case through the hands of three officers to its decision."""
    allegation = investigated(real, team, number)
    investigator = team.investigator
    found = {f"allegation.{allegation}": "proven"}
    real.act(investigator, number, "finding", "INVESTIGATION", Text("finding", "Ada di buku kas."), **found)
    texts = Text("reason", "Buku kas dan dua saksi."), Text("decision", DECISION)
    real.act(investigator, number, "propose", "REVIEW", *texts, outcome="proven")
    real.act(team.reviewer, number, "close", "CLOSED")


def holders(real: Real, desk: str) -> list[str]:
    """Return to whom a desk's key is sealed."""
    with real.app.app_context():
        rows = list(db.session.scalars(select(SealedKey.recipient).where(SealedKey.object == desk)))
        db.session.remove()
    return sorted(rows)


def recovered(real: Real, lost: Joined) -> Joined:
    """Lose the top desk's only lead, and have the custodians give the desk to another; return him."""
    heir = real.invited("kepala.baru", "lead", HERE.top)
    carry(real, "recover", ["export-recovery", HERE.top], heir.words, "y\n" * 4, (3, 2))
    with pytest.raises(Refused):
        real.log_in(lost)
    return heir


def test_from_an_empty_folder_to_a_decision_and_through_the_loss_of_every_lead(real: Real) -> None:
    team = staffed(real)
    phrase, known = lodge(real)
    number = number_in(real.log_in(team.lead)[0])
    decide(real, team, number)
    seen = client.visit(client.phrase_keys(phrase, known.salt), Visitor(real.app).ask)
    assert seen.thread["state"] == "CLOSED" and [seen.text(each) for each in seen.thread["messages"]] == [DECISION]

    waiting = real.invited("kepala.lain", "lead", HERE.outside)
    lost = real.log_in(team.top)[1]
    his = [lost.identity, *officer.desk_identities(lost).values()]
    heir = recovered(real, team.top)
    assert real.entered(waiting).post(f"/petugas/perkara/{number}/buka", json={}).status_code != 200
    assert holders(real, HERE.top) == sorted([f"officer:{heir.id}", "recovery"])
    opened = officer.open_case(real.log_in(heir)[1], number)
    assert opened.account()["text"] == ANSWERS["text"]
    assert "Periksa buku kas." in [opened.text(note) for note in opened.told["notes"]]
    # What the old lead may have kept of his keys opens nothing that is here now.
    assert f"officer:{team.top.id}" not in json.dumps(opened.told["deskKeys"])
    judged = real.directory()
    assert judged.reason("officer", team.top.id) == "revoked" and judged.officer(heir.id).role == "lead"
    # Everybody else works on as before, and the desk has a key that the lost lead never knew.
    assert officer.open_case(real.log_in(team.reviewer)[1], number).account()["text"] == ANSWERS["text"]
    assert DUE not in real.log_in(team.lead)[0].get("/petugas/").text
    joining.make_desk_key(real.log_in(heir)[1], HERE.top, epoch=2)
    lodge(real, level="pimpinan_kabkota", text="Bupati meminta setoran.")
    visitor, login = real.log_in(heir)
    assert officer.open_case(login, number_in(visitor)).account()["text"] == "Bupati meminta setoran."
    # Without the desk's seed he opens nothing that lies here; with it everything below, until that is sealed anew.
    assert reached(sealed_rows(real.app), [lost.identity]) == set()
    assert ("thread", opened.told["case"], 1) in reached(sealed_rows(real.app), his)
    reseal_all(real, heir, HERE.top)
    # The seeds of the desks below were in his reach, too.
    assert reached(sealed_rows(real.app), his) != set() and DUE in real.log_in(team.lead)[0].get("/petugas/").text
    joining.make_desk_key(real.log_in(team.lead)[1], HERE.desk, epoch=2)
    reseal_all(real, team.lead, HERE.desk)
    assert reached(sealed_rows(real.app), his) == set() and DUE not in real.log_in(team.lead)[0].get("/petugas/").text
    for who in (heir, team.lead, team.reviewer):
        assert officer.open_case(real.log_in(who)[1], number).account()["text"] == ANSWERS["text"]
    add_a_town(real)
    open_the_town(real, heir)


def reseal_all(real: Real, lead: Joined, desk: str) -> None:
    """Seal everything anew that was sealed to a desk's former keys, and let their time go by."""
    while officer.reseal_batch(real.log_in(lead)[1], desk, HERE.today()):
        pass
    real.watch.move(hours=73, minutes=5)
    with real.app.app_context():
        while work({RETIRE: retire}):
            pass
        db.session.remove()


def add_a_town(real: Real) -> None:
    """Add a region to the province's data file; two custodians put its desk into the tree."""
    assert "stands in the tree already" in real.server("statements", "export-desks", real.sticks / "none", fails=True)
    larger = real.folder / "larger.toml"
    larger.write_text(province_file(HERE.file).read_text() + GROWN)
    real.environment["KENTONGAN_PROVINCE"] = str(larger)
    real.restarted()
    real.administrator = real.entered(real.founder)
    requests, answer = real.sticks / "desks.json", real.sticks / "desks-answer.json"
    real.server("statements", "export-desks", requests)
    shares = [argument for share in real.shares[:2] for argument in ("--share-file", share)]
    named = real.custodians("name-desks", requests, answer, "--province", larger, *shares, typed="y\ny\n")
    assert f"desk {TOWN} (Inspektorat Kota Baru" in named
    assert "new: 1" in real.server("statements", "import", answer)


def open_the_town(real: Real, above: Joined) -> None:
    """Give the new desk a lead and a key: what was lodged before stays above, what comes after is his."""
    others = numbers_in(real.log_in(above)[0])
    lodge(real, region=TOWN, text="Sebelum meja dibuka.")
    [before] = numbers_in(real.log_in(above)[0]) - others
    lead = real.vouched(above, "kepala.baru.kota", "lead", TOWN)
    joining.make_desk_key(real.log_in(lead)[1], TOWN)
    lodge(real, region=TOWN, text="Sesudah meja dibuka.")
    visitor, login = real.log_in(lead)
    after = number_in(visitor)
    for number, text in ((before, "Sebelum meja dibuka."), (after, "Sesudah meja dibuka.")):
        assert officer.open_case(real.log_in(above)[1], number).account()["text"] == text
    assert officer.open_case(login, after).account()["text"] == "Sesudah meja dibuka."
    with pytest.raises(Refused):
        officer.open_case(login, before)


def test_the_new_lead_reads_the_old_case_in_his_browser(
    served: Real, browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    team = staffed(served)
    lodge(served)
    number = number_in(served.log_in(team.lead)[0])
    decide(served, team, number)
    heir = recovered(served, team.top)
    served.close()
    monkeypatch.undo()
    with running(served.instance, DATABASE_URL=served.database.url, **HERE.environment) as server:
        with browser.new_context(base_url=server.url, locale="id-ID") as seat:
            page = seat.new_page()
            page.goto("/petugas/masuk")
            fill_login(page, person_of(team.top, HERE.top))
            page.get_by_role("button", name="Masuk").click()
            expect(page.locator("#error-summary")).to_contain_text("tidak cocok")
        for joined, desk in ((heir, HERE.top), (team.lead, HERE.desk)):
            with browser.new_context(base_url=server.url, locale="id-ID") as seat:
                page = log_in(seat, person_of(joined, desk))
                reads_what_is_old(page, number)
                # The lost lead knew the seed of the top desk's key, and by it those of the desks below: in this order.
                renew_the_desks_key(page)
                reads_what_is_old(page, number)


def reads_what_is_old(page: Page, number: str) -> None:
    """Open the case; its history holds, though who began the chain that its signers stand on counts no longer."""
    page.goto(f"/petugas/perkara/{number}")
    acting.unseal(page)
    expect(page.locator("#account .told")).to_have_text(ANSWERS["text"])
    expect(page.locator("#notes")).to_contain_text("Periksa buku kas.")
    expect(page.locator("main .notice-danger")).to_have_count(0)
