"""Whoever hangs on a lead whose keys count no more waits, all the way down; what is told in that time is not forgotten.

The custodians alone speak of the lead at the top, so that this begins with a ceremony.
"""

from contextlib import ExitStack

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from kernel.vault import Identity
from tests.joining import Joined
from tests.journeys import acting
from tests.journeys.keys import (
    compared, enter, give_up, invited_anew, is_not_invited_before_his_keys_are_revoked, is_out, is_told_of_a_leak,
    reads, reassigned, revoked, row_of,
)  # fmt: skip
from tests.journeys.officers import log_in
from tests.journeys.real import Real, carry, investigated, lodge, number_in, person_of, staffed
from tests.journeys.reporting import ANSWERS
from tests.journeys.test_accounts import activate
from tests.places import HERE
from tests.reach import reached, sealed_rows
from tests.server import running


def has_other_keys(real: Real, lead: Joined) -> Joined:
    """Have the lead at the top lose his password and come back, by the custodians' word on his new keys."""
    again = real.activated(real.administrator.post(f"/petugas/akun/{lead.id}/undang").text)
    carry(real, "vouch", ["export-requests"], again.words, "y\n" * 4, (1, 2))
    return again


def opens(real: Real, *keys: Identity) -> set[tuple[str, str, int]]:
    """Return what somebody opens of all that lies in the database."""
    return reached(sealed_rows(real.app), keys)


def test_a_leak_told_while_its_owner_waits_is_revoked_by_his_lead_who_comes_back_with_his_old_keys(
    served: Real, browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    team = staffed(served)
    lodge(served, text=ANSWERS["text"])
    number = number_in(served.log_in(team.lead)[0])
    investigated(served, team, number)
    stolen = served.log_in(team.investigator)[1]
    assert opens(served, stolen.identity) != set()
    top = has_other_keys(served, team.top)
    found = served.directory()
    assert [found.reason("officer", each.id) for each in (team.lead, team.investigator)] == ["signature", "issuer"]
    served.close()
    monkeypatch.undo()
    with running(served.instance, DATABASE_URL=served.database.url, **HERE.environment) as server, ExitStack() as seats:

        def seat() -> BrowserContext:
            return seats.enter_context(browser.new_context(base_url=server.url, locale="id-ID"))

        def enter_as(joined: Joined, desk: str = HERE.desk) -> Page:
            return log_in(seat(), person_of(joined, desk))

        owner, name, its_lead = team.investigator, team.investigator.name.title(), team.lead.name.title()
        administrator, here = enter_as(served.founder), enter_as(owner)
        here.goto("/petugas/")
        expect(here.locator("main")).to_contain_text("Menunggu pencocokan")
        give_up(here)
        is_out(here)
        is_not_invited_before_his_keys_are_revoked(administrator, person_of(owner, HERE.desk))

        compared(enter_as(top, HERE.top), its_lead, team.lead.words)
        # As long as nobody revokes them, the stolen keys count again.
        assert served.directory().officer(owner.id).sign == stolen.sign.public
        is_not_invited_before_his_keys_are_revoked(administrator, person_of(owner, HERE.desk))
        lead = enter_as(team.lead)
        is_told_of_a_leak(lead, name)
        revoked(lead, name)
        expect(row_of(lead, name)).to_contain_text("Perlu undangan baru")
        assert served.directory().reason("officer", owner.id) == "revoked"
        enter(lead, number)
        acting.unseal(lead)
        acting.note(lead, "Kunci pemeriksa diganti.")

        link = invited_anew(administrator, person_of(owner, HERE.desk))
        again, words = activate(seat().new_page(), link, owner.name)
        compared(lead, name, words)
        reassigned(lead, number, name)
        reads(log_in(seat(), again), number, "Kunci pemeriksa diganti.")
        assert opens(served, stolen.identity) == set()
        assert served.directory().officer(owner.id).sign != stolen.sign.public
