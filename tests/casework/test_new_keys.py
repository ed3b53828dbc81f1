"""People and their keys: who recuses himself, loses or leaks his keys, leaves, or comes; and who opens what after it.

After each, everybody tries every sealed row of the case with every key he ever held, as if the database were his.
"""

import base64
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from threading import Thread
from typing import Any

import pytest
from sqlalchemy import select, text, update
from sqlalchemy.orm import Session

from casework import accounts, resealing
from casework.cases import lock_case
from casework.forms import read_posted_act
from casework.logins import officer_of
from casework.lost_keys import keep_copies
from casework.models import AccessEvent, Case, Officer
from casework.rotation import READING
from casework.services import NotHisBody, fire
from casework.sessions import COOKIE
from kernel import clock
from kernel.database import db, transaction
from kernel.directory import statements
from kernel.directory.directory import VouchedOfficer
from kernel.directory.models import SealedKey
from kernel.directory.services import add_statement
from kernel.directory.statements import Statement
from kernel.vault import (
    PASSWORD_WORDS, Identity, auth_token, bodies, box, context, draw, officer_keys, stretch, unbox, unlock_key,
)  # fmt: skip
from ledger.publishing import publish_stated
from tests import client, joining, officer
from tests.casework.test_acts import everything
from tests.client import Json, Refused, asked, base64_of
from tests.complaints.conftest import Later
from tests.joining import Joined
from tests.officer import Login, Text, act, compose, desk_identities, handed, open_case
from tests.province import ANSWERS, Province, Visitor, own_province
from tests.reach import opened, reached, sealed_rows, shut_to

PEOPLE, TAKE, HAND = "/petugas/orang", "/petugas/orang/kunci-perkara", "/petugas/orang/kunci-perkara/baru"
# Who opens whatever comes to the desk of 33.08.
LEADS = ("lead", "33.08"), ("lead", "33")
HEIR = ("investigator", "33.74", 1)
WAITING = "FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
End = Callable[[str, str], object]
PLAN = {"category": "uang_pelicin", "severity": "sedang"}


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def town(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Province]:
    """A province of its own: its people change."""
    yield from own_province(request, tmp_path_factory)


@pytest.fixture(scope="module")
def later(town: Province) -> Later:
    """A clock that is only put forward: each code of an authenticator is good once."""
    return Later()


class Held:
    """Every key that anybody ever held here: by his name, and by ``<name> again`` those under keys he made anew."""

    def __init__(self) -> None:
        self.by: dict[str, dict[str, Identity]] = {}

    def note(self, name: str, login: Login) -> None:
        """Remember what somebody can open with as he is logged in now: his own key, a lead also the desks'."""
        own = login.identity.recipient.digest
        if own not in self.by.get(name, {own: ()}):
            name = f"{name} again"
        is_lead = login.id in {lead.id for desk in login.directory.desks() for lead in leads_of(login, desk)}
        desks = desk_identities(login).values() if is_lead else []
        kept = self.by.setdefault(name, {})
        kept |= {identity.recipient.digest: identity for identity in (login.identity, *desks)}


def leads_of(login: Login, desk: str) -> list[VouchedOfficer]:
    """Return a desk's leads, as somebody who is logged in judges."""
    return [each for each in login.directory.officers(desk) if each.role == "lead"]


class Hall:
    """Everybody of a province, logged in when he is asked for; who comes back uses his next code."""

    def __init__(self, town: Province, later: Later, held: Held) -> None:
        self.town, self.later, self.held = town, later, held
        self.visitors: dict[str, Visitor] = {}

    def meet_everybody(self) -> None:
        """Have everybody who holds keys log in once, while they are what they were founded with."""
        for person in self.town.people.values():
            if person.desk != "-":
                self.enter(person.name, person.password, person.totp_secret)

    def enter(self, name: str, password: str, totp_secret: str) -> Login:
        """Log somebody in by what he knows and carries."""
        self.later.move(seconds=30)
        visitor = self.visitors[name] = self.town.visitor()
        code = officer.code_at(totp_secret, clock.now())
        login = officer.log_in(visitor.ask, name, password, code, self.town.root)
        self.held.note(name, login)
        return login

    def who_opens(self, complaint: str) -> set[str]:
        """Return whose keys open every key of a complaint there is; nobody's may open some of them alone."""
        rows = sealed_rows(self.town.app, (SealedKey.object == complaint) | (SealedKey.kind == "desk"))
        every = {(row.kind, row.object, row.epoch) for row in rows if row.object == complaint}
        found = {name: reached(rows, held.values()) & every for name, held in self.held.by.items()}
        assert every and {frozenset(keys) for keys in found.values()} <= {frozenset(), frozenset(every)}
        return {name for name, keys in found.items() if keys}

    def come(self, role: str, desk: str = "33.08", turn: int = 0) -> Login:
        """Log one of the people of the demo in."""
        person = self.town.named(role, desk, turn)
        return self.enter(person.name, person.password, person.totp_secret)

    def page(self, login: Login, address: str = PEOPLE) -> str:
        """Return a page as somebody sees it."""
        visitor: Any = getattr(login.ask, "__self__")
        return str(visitor.get(address).get_data(as_text=True))

    def administer(self, officer_id: str, end: str) -> str:
        """Have the administrator change an account; return the page he is shown."""
        return self.administered(f"/petugas/akun/{officer_id}/{end}", sure="ya")

    def administered(self, address: str, **fields: str) -> str:
        """Have the administrator send a form; return the page he is shown."""
        self.later.move(seconds=30)
        person, visitor = self.town.named("administrator", "-"), self.town.visitor()
        officer.enter(visitor.ask, person.name, person.password, officer.code_at(person.totp_secret, clock.now()))
        answer = visitor.post(address, data=fields)
        assert answer.status_code in {201, 303}
        return str(answer.get_data(as_text=True))

    def join(self, name: str, role: str, desk: str) -> Joined:
        """Have the administrator invite somebody new, who makes his keys."""
        page = self.administered("/petugas/akun", name=name, full_name=name.title(), role=role, desk=desk)
        return self._accept(page)

    def join_again(self, officer_id: str) -> Joined:
        """Invite somebody anew and let him make new keys."""
        return self._accept(self.administer(officer_id, "undang"))

    def _accept(self, page: str) -> Joined:
        found = re.search("/petugas/aktivasi#([0-9a-f]{64})", page)
        assert found
        return joining.activate(self.town.visitor().ask, found.group(1))

    def named(self, *posts: tuple[str, str, int] | tuple[str, str]) -> set[str]:
        """Return the names of people by role, desk and turn."""
        return {self.town.named(*post).name for post in posts}

    def under_investigation(self, turn: int, desk: str = "33.08") -> tuple[str, str, str]:
        """Lodge a complaint and let one of the investigators have it; return its phrase, its id, its case's number."""
        phrase, complaint = self.town.lodge(region=desk)
        number = self.town.number_of(complaint)
        lead = self.come("lead", desk)
        act(open_case(lead, number), "open", "TRIAGE", [Text("declaration", "Tidak ada.")])
        allegation = Text("allegation", "Memungut 150 ribu.")
        clear = PLAN | {"assignee": self.come("investigator", desk, turn).id, f"allegation.{allegation.id}": "open"}
        act(open_case(lead, number), "investigate", "INVESTIGATION", [Text("plan", "Periksa."), allegation], clear)
        return phrase, complaint, number


@pytest.fixture(scope="module")
def held(town: Province) -> Held:
    """What everybody ever held, for as long as the province lasts."""
    return Held()


@pytest.fixture
def hall(town: Province, later: Later, held: Held, monkeypatch: pytest.MonkeyPatch) -> Hall:
    """The people of the province, by that clock."""
    monkeypatch.setattr(clock, "now", later.now)
    made = Hall(town, later, held)
    if not held.by:
        made.meet_everybody()
    return made


def sealed_to(town: Province, officer_id: str) -> list[SealedKey]:
    """Return every copy that is, or was, sealed to an officer."""
    return sealed_rows(town.app, SealedKey.recipient == f"officer:{officer_id}")


def opened_by(town: Province, identity: Identity, officer_id: str) -> int:
    """Count the copies that an officer's key opens of those that lie under his name."""
    return sum(opened(row, identity) is not None for row in sealed_to(town, officer_id))


def status_of(login: Login, number: str) -> int:
    """Try to open a case, and return the status of the refusal; 200 where it was opened and its account read."""
    try:
        assert open_case(login, number).account()["text"] == ANSWERS["text"]
    except Refused as refused:
        return refused.status
    return 200


def revocation(lead: Login, officer_id: str, **other: Any) -> Json:
    """Return the lead's statement that somebody's keys count no more."""
    now = lead.directory.officer(officer_id)
    said = Statement(
        kind="officer", subject=officer_id, version=2, status="revoked", desk=now.desk, parent=None,
        remit=now.role, kem=now.kem_digest, sign=now.sign.hex(), issued=clock.today(), issuer=f"officer:{lead.id}",
    )  # fmt: skip
    return {"body": statements.sign(replace(said, **other), lead.sign)}


def test_a_new_password_opens_the_same_seed_and_ends_the_other_logins(town: Province, hall: Hall) -> None:
    person = town.named("reviewer", "33.74")
    elsewhere, colleague = hall.come("reviewer", "33.74"), hall.come("lead", "33.74")
    here = hall.come("reviewer", "33.74")
    salt = base64.b64decode(asked(here.ask, "/petugas/masuk/garam", {"name": person.name})["salt"])
    old, words = stretch(person.password, salt), draw(PASSWORD_WORDS)
    new = stretch(words, salt)
    handed_box = asked(here.ask, "/petugas/kunci/buka", {"auth": base64_of(auth_token(old))})["seedBox"]
    where = context("officer-seed", object_=here.id, recipient="password")
    seed = unbox(base64.b64decode(handed_box), unlock_key(old), where)
    posted = {
        "old": base64_of(auth_token(old)), "auth": base64_of(auth_token(new)),
        "seedBox": base64_of(box(seed, unlock_key(new), where)),
    }  # fmt: skip
    with pytest.raises(Refused) as refused:
        asked(here.ask, "/petugas/saya/kata-sandi", posted | {"old": base64_of(bytes(32))})
    assert refused.value.status == 403
    hall.later.move(minutes=1)
    for wrong, status in ({"seedBox": None}, 400), ({"auth": "x"}, 400):
        with pytest.raises(Refused) as refused:
            asked(here.ask, "/petugas/saya/kata-sandi", posted | wrong)
        assert refused.value.status == status
    asked(elsewhere.ask, "/petugas/kunci", {})
    asked(here.ask, "/petugas/saya/kata-sandi", posted)
    for going_on in here, colleague:
        asked(going_on.ask, "/petugas/kunci", {})
    with pytest.raises(Refused) as refused:
        asked(elsewhere.ask, "/petugas/kunci", {})
    assert refused.value.status == 401
    with pytest.raises(Refused):
        hall.come("reviewer", "33.74")
    hall.later.move(minutes=5)
    again = hall.enter(person.name, words, person.totp_secret)
    assert again.identity.recipient.digest == here.identity.recipient.digest == officer_keys(seed)[0].recipient.digest


def heard_by_reporter(town: Province, phrase: str) -> list[str]:
    """Return the messages the reporter reads, by the keys his phrase opens."""
    seen = client.visit(town.keys(phrase), town.visitor().ask)
    return [seen.text(message) for message in seen.thread["messages"]]


def test_who_recuses_himself_keeps_no_key_and_who_comes_after_him_reads_all(town: Province, hall: Hall) -> None:
    phrase, complaint, number = hall.under_investigation(0, "33.74")
    recused, heir, lead = (hall.come(*post) for post in (("investigator", "33.74"), HEIR, ("lead", "33.74")))
    leads = hall.named(("lead", "33.74"), ("lead", "33"))
    act(open_case(recused, number), "note", "INVESTIGATION", [Text("note", "Sudah ke lokasi.")])
    assert hall.who_opens(complaint) == leads | hall.named(("investigator", "33.74"))
    known = open_case(recused, number).keys.values()
    act(open_case(recused, number), "recuse", "INVESTIGATION", [Text("reason", "Ia paman saya.")])
    assert hall.who_opens(complaint) == leads and sealed_to(town, recused.id) == []
    act(open_case(lead, number), "assign", "INVESTIGATION", clear={"assignee": heir.id})
    act(open_case(heir, number), "reply", "INVESTIGATION", [Text("message", "Petugas lain melanjutkan.")])
    assert hall.who_opens(complaint) == leads | hall.named(HEIR)
    assert everything(open_case(heir, number)) == everything(open_case(lead, number))
    # What he may have copied of the case's former keys opens nothing that was written since.
    assert shut_to(open_case(lead, number), known) == ["Petugas lain melanjutkan."]
    assert status_of(recused, number) in {403, 404}
    assert heard_by_reporter(town, phrase) == ["Petugas lain melanjutkan."]


def test_after_a_lost_password_a_lead_seals_the_cases_to_the_new_keys_and_the_old_ones_open_nothing(
    town: Province, hall: Hall
) -> None:
    _phrase, complaint, number = hall.under_investigation(0)
    before = hall.come("investigator")
    act(open_case(before, number), "note", "INVESTIGATION", [Text("note", "Sudah ke lokasi.")])
    colleague = hall.come("investigator", turn=1)
    assert opened_by(town, before.identity, before.id) == 2
    hall.join_again(before.id)
    joined = hall.join_again(before.id)
    with pytest.raises(Refused) as refused:
        open_case(before, number)
    assert refused.value.status == 401
    assert opened_by(town, before.identity, before.id) == 0 and len(sealed_to(town, before.id)) == 2
    lead = hall.come("lead")
    assert "Kunci perkara menunggu disegel" not in hall.page(hall.come("lead", "33"))
    # What is vouched for is still the lost key: nothing is sealed to that one.
    assert f'data-hand="{before.id}"' not in hall.page(lead)
    early = asked(lead.ask, TAKE, {"officer": before.id})["copies"]
    with pytest.raises(Refused) as refused:
        asked(lead.ask, HAND, {"copies": handed(lead, before.id, early, clock.today())})
    assert refused.value.status == 409
    joining.vouch(lead, hall.page(lead), joined, 2)
    waiting = hall.page(lead)
    assert f'data-hand="{before.id}"' in waiting and "(2 kunci)" in waiting
    after = hall.enter(joined.name, joined.password, joined.totp_secret)
    with pytest.raises(KeyError):
        open_case(after, number).account()

    lead = hall.come("lead")
    assert asked(hall.come("lead", "33.74").ask, TAKE, {"officer": before.id})["copies"] == []
    assert asked(lead.ask, TAKE, {"officer": colleague.id})["copies"] == []
    copies = asked(lead.ask, TAKE, {"officer": before.id})["copies"]
    posted = handed(lead, before.id, copies, clock.today())
    for wrong in wrongly_handed(lead, posted[0], before.id, colleague.id):
        with pytest.raises(Refused) as refused:
            asked(lead.ask, HAND, {"copies": [posted[1], wrong]})
        assert refused.value.status in {400, 409}
    above = hall.come("lead", "33")
    for other, copies_of_his in (hall.come("lead", "33.74"), posted), (above, signed_above(above, posted)):
        with pytest.raises(Refused) as refused:
            asked(other.ask, HAND, {"copies": copies_of_his})
        assert refused.value.status == 409
    assert [row.sealed for row in sealed_to(town, before.id)] == [b"", b""]

    assert asked(lead.ask, HAND, {"copies": posted}) == {"kept": 2}
    assert asked(lead.ask, HAND, {"copies": handed(lead, before.id, copies, clock.today())}) == {"kept": 0}
    assert asked(lead.ask, TAKE, {"officer": before.id})["copies"] == []
    assert f'data-hand="{before.id}"' not in hall.page(lead)
    assert opened_by(town, after.identity, before.id) == 2 and opened_by(town, before.identity, before.id) == 0
    assert (status_of(after, number), status_of(lead, number)) == (200, 200)
    assert status_of(hall.come("investigator", turn=1), number) in {403, 404}
    assert hall.who_opens(complaint) == hall.named(*LEADS) | {f"{joined.name} again"}
    act(open_case(after, number), "note", "INVESTIGATION", [Text("note", "Lanjut.")])
    with town.app.app_context():
        whats = list(db.session.scalars(select(AccessEvent.what).where(AccessEvent.case_id == complaint)))
        db.session.remove()
    assert READING in whats
    recused_meanwhile(town, lead, before.id, number, copies)


def recused_meanwhile(town: Province, lead: Login, officer_id: str, number: str, copies: list[Json]) -> None:
    """See that a lead who has recused himself since he took the keys hands nothing on."""
    with town.app.app_context(), transaction() as session:
        mine = SealedKey.recipient == f"officer:{officer_id}"
        session.execute(update(SealedKey).where(mine).values(sealed=b"", brought=None))
    posted = handed(lead, officer_id, copies, clock.today())
    act(open_case(lead, number), "recuse", "INVESTIGATION", [Text("reason", "Saudara saya.")])
    with pytest.raises(Refused) as refused:
        asked(lead.ask, HAND, {"copies": posted})
    assert refused.value.status == 409 and {row.sealed for row in sealed_to(town, officer_id)} == {b""}


def signed_above(lead: Login, copies: list[Json]) -> list[Json]:
    """Return copies as the lead of the desk above may sign for them, who opens its cases: from his own desk's key."""
    said = [replace(resealing.read(copy["body"]), before="desk:33:1", officer=lead.id) for copy in copies]
    return [copy | {"body": resealing.sign(each, lead.sign)} for copy, each in zip(copies, said, strict=True)]


def wrongly_handed(lead: Login, right: Json, officer_id: str, colleague: str) -> list[Json]:
    """Return copies that do not fit, each by one thing."""
    said = resealing.read(right["body"])
    changes: list[dict[str, Any]] = [
        {"after": f"officer:{colleague}"}, {"after": "desk:33.08:1"}, {"before": "desk:33.74:1"}, {"epoch": 2},
        {"officer": officer_id}, {"sealed": "0" * 64}, {"sealed": None}, {"object": "b" * 32},
    ]  # fmt: skip
    signed = [right | {"body": resealing.sign(replace(said, **change), lead.sign)} for change in changes]
    return [*signed, right | {"body": right["body"][:-129] + "0" * 128 + "\n"}, right | {"sealed": ""}]


def test_a_leaked_key_is_revoked_at_once_and_the_next_who_writes_renews_the_cases_keys(
    town: Province, hall: Hall
) -> None:
    phrase, complaint, number = hall.under_investigation(1)
    leaked, lead = hall.come("investigator", turn=1), hall.come("lead")
    known = open_case(leaked, number).keys.values()
    for other in (
        {"status": "active"}, {"remit": "reviewer"}, {"kem": "0" * 64}, {"subject": lead.id}, {"version": 3},
        {"issuer": "root"}, {"subject": "0" * 32},
    ):  # fmt: skip
        with pytest.raises(Refused) as refused:
            asked(lead.ask, f"{PEOPLE}/cabut", revocation(lead, leaked.id, **other))
        assert refused.value.status in {403, 409}, other
    with pytest.raises(Refused) as refused:
        asked(lead.ask, f"{PEOPLE}/cabut", {"body": "x"})
    assert refused.value.status == 403
    for stranger in (hall.come("lead", "33.74"), hall.come("lead", "33")):
        with pytest.raises(Refused) as refused:
            asked(stranger.ask, f"{PEOPLE}/cabut", revocation(stranger, leaked.id))
        assert refused.value.status == 403
    assert status_of(leaked, number) == 200
    asked(lead.ask, f"{PEOPLE}/cabut", revocation(lead, leaked.id))
    assert status_of(leaked, number) == 401 and opened_by(town, leaked.identity, leaked.id) == 0
    with pytest.raises(Refused):
        hall.come("investigator", turn=1)
    assert f'data-revoke="{leaked.id}"' not in hall.page(lead)

    lead = hall.come("lead")
    act(open_case(lead, number), "note", "INVESTIGATION", [Text("note", "Kunci diganti.")])
    assert sealed_to(town, leaked.id) == []
    joined = hall.join_again(leaked.id)
    joining.vouch(lead, hall.page(lead), joined, 3)
    assert f'data-hand="{leaked.id}"' not in hall.page(lead)
    after = hall.enter(joined.name, joined.password, joined.totp_secret)
    assert status_of(after, number) in {403, 404} and hall.who_opens(complaint) == hall.named(*LEADS)

    # He held the case, and gets it back under his new key, all of it; whoever has the old one gets nothing more.
    lead = hall.come("lead")
    act(open_case(lead, number), "assign", "INVESTIGATION", clear={"assignee": after.id})
    act(open_case(after, number), "reply", "INVESTIGATION", [Text("message", "Kami lanjutkan.")])
    assert everything(open_case(after, number)) == everything(open_case(lead, number))
    assert hall.who_opens(complaint) == hall.named(*LEADS) | {f"{joined.name} again"}
    assert reached(sealed_rows(town.app), [leaked.identity]) == set()
    assert shut_to(open_case(lead, number), known) == ["Kami lanjutkan.", "Kunci diganti."]
    assert heard_by_reporter(town, phrase) == ["Kami lanjutkan."]


def test_who_leaves_is_out_at_once_and_his_case_goes_on_with_another(town: Province, hall: Hall) -> None:
    _phrase, complaint, number = hall.under_investigation(1, "33.74")
    leaver, heir = hall.come("investigator", "33.74", 1), hall.come("investigator", "33.74")
    assert status_of(leaver, number) == 200
    hall.administer(leaver.id, "tutup")
    assert status_of(leaver, number) == 401 and sealed_to(town, leaver.id) == []
    lead = hall.come("lead", "33.74")
    page = hall.page(lead)
    assert "Akun ditutup" in page and f'data-revoke="{leaver.id}"' in page
    asked(lead.ask, f"{PEOPLE}/cabut", revocation(lead, leaver.id))
    assert leaver.id not in hall.page(lead)
    with town.app.app_context():
        assert db.session.get_one(Officer, leaver.id).status == "left"
        db.session.remove()
    lead = hall.come("lead", "33.74")
    assert status_of(heir, number) in {403, 404}
    act(open_case(lead, number), "assign", "INVESTIGATION", clear={"assignee": heir.id})
    assert (status_of(heir, number), status_of(lead, number), status_of(leaver, number)) == (200, 200, 401)
    copies = asked(heir.ask, f"/petugas/perkara/{number}/buka", {})["keys"]
    assert {(copy["kind"], copy["epoch"]) for copy in copies} == {
        ("thread", 1), ("case", 1), ("thread", 2), ("case", 2),
    }  # fmt: skip
    assert sealed_to(town, leaver.id) == [] and reached(sealed_rows(town.app), [leaver.identity]) == set()
    assert hall.who_opens(complaint) == hall.named(("lead", "33.74"), ("lead", "33"), ("investigator", "33.74"))


def test_a_second_lead_opens_what_was_lodged_before_he_came(town: Province, hall: Hall) -> None:
    _phrase, complaint = town.lodge()
    number, first, above = town.number_of(complaint), hall.come("lead"), hall.come("lead", "33")
    act(open_case(first, number), "open", "TRIAGE", [Text("declaration", "Tidak ada.")])
    joined = hall.join("kepala.kedua", "lead", "33.08")
    assert f'data-compare="{joined.id}"' not in hall.page(first)
    with pytest.raises(Refused) as refused:
        joining.vouch(first, hall.page(above), joined)
    assert refused.value.status == 403
    joining.vouch(above, hall.page(above), joined)
    second = hall.enter(joined.name, joined.password, joined.totp_secret)
    assert everything(open_case(second, number)) == everything(open_case(first, number))
    assert status_of(above, number) == 200 and status_of(hall.come("lead", "33.74"), number) == 404
    assert hall.who_opens(complaint) == hall.named(*LEADS) | {"kepala.kedua"}


def test_a_desk_that_opens_later_gets_what_comes_and_nothing_that_came(town: Province, hall: Hall) -> None:
    _phrase, before = town.lodge(region="33.01")
    above = hall.come("lead", "33")
    joined = hall.join("kepala.baru", "lead", "33.01")
    joining.vouch(above, hall.page(above), joined)
    joining.make_desk_key(hall.enter(joined.name, joined.password, joined.totp_secret), "33.01")
    own = hall.enter(joined.name, joined.password, joined.totp_secret)
    with town.app.app_context():
        publish_stated()
    _phrase, after = town.lodge(region="33.01")
    with town.app.app_context():
        assert [db.session.get_one(Case, case).desk_id for case in (before, after)] == ["33", "33.01"]
        db.session.remove()
    numbers = [town.number_of(complaint) for complaint in (before, after)]
    assert [status_of(own, number) for number in numbers] == [404, 200]
    assert [status_of(above, number) for number in numbers] == [200, 200]
    assert [status_of(hall.come("lead"), number) for number in numbers] == [404, 404]
    assert hall.who_opens(before) == hall.named(("lead", "33"))
    assert hall.who_opens(after) == hall.named(("lead", "33")) | {"kepala.baru"}


def test_a_reviewer_vouched_for_after_the_proposal_is_handed_the_keys_by_a_lead(town: Province, hall: Hall) -> None:
    _phrase, complaint = town.lodge()
    number, lead = town.number_of(complaint), hall.come("lead")
    act(open_case(lead, number), "open", "TRIAGE", [Text("declaration", "Tidak ada.")])
    texts = [Text("reason", "Bukan pungutan."), Text("decision", "Tidak dapat diproses.")]
    act(open_case(lead, number), "propose", "REVIEW", texts, {"outcome": "cannot_be_processed"})
    joined = hall.join("peninjau.baru", "reviewer", "33.08")
    joining.vouch(hall.come("lead"), hall.page(lead), joined)
    newcomer, lead = hall.enter(joined.name, joined.password, joined.totp_secret), hall.come("lead")
    assert status_of(newcomer, number) in {403, 404}
    stranger = hall.come("investigator", "33.74")
    for reader in (stranger.id, hall.come("reviewer").id, lead.id):
        with pytest.raises(Refused) as refused:
            act(open_case(lead, number), "flag", "REVIEW", clear={"urgent": "no", "reader": reader})
        assert refused.value.status == 422
    act(open_case(lead, number), "flag", "REVIEW", clear={"urgent": "no", "reader": newcomer.id})
    assert (status_of(newcomer, number), status_of(hall.come("investigator", "33.74"), number)) == (200, 404)
    assert act(open_case(newcomer, number), "close", "CLOSED")["state"] == "CLOSED"


def proposable(town: Province, hall: Hall) -> str:
    """Return the number of a case whose lead may propose to end it."""
    _phrase, complaint = town.lodge()
    number = town.number_of(complaint)
    act(open_case(hall.come("lead"), number), "open", "TRIAGE", [Text("declaration", "Tidak ada.")])
    return number


def propose(hall: Hall, number: str) -> None:
    """Have the lead propose, which seals the case's keys to every reviewer of his desk."""
    texts = [Text("reason", "Bukan pungutan."), Text("decision", "Tidak dapat diproses.")]
    act(open_case(hall.come("lead"), number), "propose", "REVIEW", texts, {"outcome": "cannot_be_processed"})


def new_reviewer(hall: Hall, name: str) -> Joined:
    """Have somebody join whom the lead vouches for."""
    joined, lead = hall.join(name, "reviewer", "33.08"), hall.come("lead")
    joining.vouch(lead, hall.page(lead), joined)
    return joined


def test_what_is_sealed_to_lost_keys_meanwhile_is_handed_to_the_new_ones_too(town: Province, hall: Hall) -> None:
    joined, number = new_reviewer(hall, "peninjau.lupa"), proposable(town, hall)
    again = hall.join_again(joined.id)
    propose(hall, number)
    assert [row.sealed for row in sealed_to(town, joined.id)] == [b"", b""]
    lead = hall.come("lead")
    joining.vouch(lead, hall.page(lead), again, 2)
    lead = hall.come("lead")
    copies = asked(lead.ask, TAKE, {"officer": joined.id})["copies"]
    assert asked(lead.ask, HAND, {"copies": handed(lead, joined.id, copies, clock.today())}) == {"kept": 2}
    assert status_of(hall.enter(again.name, again.password, again.totp_secret), number) == 200


def test_nothing_is_sealed_to_who_has_left_though_his_signature_counts_still(town: Province, hall: Hall) -> None:
    joined, number = new_reviewer(hall, "peninjau.pergi"), proposable(town, hall)
    hall.administer(joined.id, "tutup")
    propose(hall, number)
    assert sealed_to(town, joined.id) == []


def test_who_is_invited_anew_for_a_lost_password_is_no_leak_to_his_lead_and_can_be_invited_a_second_time(
    town: Province, hall: Hall
) -> None:
    joined = new_reviewer(hall, "peninjau.kertas")
    hall.administer(joined.id, "undang")
    lead = hall.come("lead")
    # His lost keys still count, as do those that somebody says have leaked.
    assert lead.directory.officer(joined.id).role == "reviewer"
    assert "Seorang petugas melaporkan kuncinya bocor" not in hall.page(lead, "/petugas/")
    assert "Melaporkan kuncinya bocor" not in hall.page(lead)
    again = hall.join_again(joined.id)
    joining.vouch(lead, hall.page(lead), again, 2)
    assert hall.enter(again.name, again.password, again.totp_secret).id == joined.id


def test_who_says_that_his_keys_leaked_is_out_at_once_and_comes_back_only_after_a_lead_has_revoked_them(
    town: Province, hall: Hall
) -> None:
    joined, number = new_reviewer(hall, "peninjau.bocor"), proposable(town, hall)
    propose(hall, number)
    leaked = hall.enter(joined.name, joined.password, joined.totp_secret)
    browser, notice = hall.visitors[joined.name], "Seorang petugas melaporkan kuncinya bocor"
    assert 'action="/petugas/saya/bocor"' in hall.page(leaked, "/petugas/saya")
    assert browser.post("/petugas/saya/bocor").status_code == 422 and status_of(leaked, number) == 200
    told = browser.post("/petugas/saya/bocor", data={"sure": "ya"})
    assert told.status_code == 200 and "Telepon kepala meja Anda sekarang" in told.get_data(as_text=True)
    assert status_of(leaked, number) == 401 and [row.sealed for row in sealed_to(town, leaked.id)] == [b"", b""]
    with pytest.raises(Refused):
        hall.enter(joined.name, joined.password, joined.totp_secret)

    lead, others = hall.come("lead"), [hall.come("lead", "33"), hall.come("lead", "33.74"), hall.come("reviewer")]
    assert notice in hall.page(lead, "/petugas/") and "Melaporkan kuncinya bocor" in hall.page(lead)
    assert not any(notice in hall.page(other, "/petugas/") for other in others)
    with pytest.raises(AssertionError):
        hall.join_again(leaked.id)
    asked(lead.ask, f"{PEOPLE}/cabut", revocation(lead, leaked.id))
    assert notice not in hall.page(lead, "/petugas/")
    act(open_case(hall.come("reviewer"), number), "send_back", "TRIAGE", [Text("reason", "Kunci diganti.")])
    again = hall.join_again(leaked.id)
    joining.vouch(lead, hall.page(lead), again, 3)
    assert status_of(hall.enter(again.name, again.password, again.totp_secret), number) in {403, 404}
    assert notice not in hall.page(hall.come("lead"), "/petugas/")

    # A lead's keys are the desk above's to revoke.
    joined = hall.join("kepala.bocor", "lead", "33.08")
    joining.vouch(hall.come("lead", "33"), hall.page(hall.come("lead", "33")), joined)
    gone = hall.enter(joined.name, joined.password, joined.totp_secret)
    hall.visitors[joined.name].post("/petugas/saya/bocor", data={"sure": "ya"})
    lead, above = hall.come("lead"), hall.come("lead", "33")
    assert notice in hall.page(above, "/petugas/") and notice not in hall.page(lead, "/petugas/")
    asked(above.ask, f"{PEOPLE}/cabut", revocation(above, gone.id))


class Meanwhile(Thread):
    """What somebody else does while a transaction runs: it is done, or waits for its turn, when ``begin`` returns."""

    def __init__(self, town: Province, deed: Callable[[], object]) -> None:
        super().__init__()
        self.town, self.deed = town, deed

    def run(self) -> None:
        """Do it, in a thread of its own."""
        with self.town.app.app_context():
            self.deed()
            db.session.remove()

    def begin(self) -> None:
        """Start it; on SQLite it waits for the whole transaction, on PostgreSQL for what that has locked, if so."""
        self.start()
        while self.is_alive() and not self._waits():
            self.join(0.01)

    def _waits(self) -> bool:
        if db.engine.dialect.name == "sqlite":
            return True
        with db.engine.connect() as connection:
            return bool(connection.execute(text(f"SELECT count(*) {WAITING}")).scalar())


@pytest.mark.parametrize("first", ["the end", "the act"])
@pytest.mark.parametrize(("end", "left"), [(accounts.leave, []), (accounts.invite_again, [b"", b""])])
def test_whether_an_account_or_an_act_that_seals_to_it_is_first_nothing_is_left_that_its_old_key_opens(
    town: Province, hall: Hall, monkeypatch: pytest.MonkeyPatch, first: str, end: End, left: list[bytes]
) -> None:
    joined, number = new_reviewer(hall, f"peninjau.{end.__name__[:6]}.{first[4:]}"), proposable(town, hall)
    ending = Meanwhile(town, lambda: end(joined.id, ""))

    def keep(session: Session, rows: Any, **more: Any) -> None:
        if first == "the end":
            ending.begin()
        keep_copies(session, rows, **more)
        if first == "the act":
            ending.begin()

    monkeypatch.setattr("casework.services.keep_copies", keep)
    propose(hall, number)
    ending.join()
    assert [row.sealed for row in sealed_to(town, joined.id)] == left


def test_who_loses_his_keys_while_his_act_waits_for_the_case_has_come_too_late(town: Province, hall: Hall) -> None:
    joined, number = new_reviewer(hall, "peninjau.lambat"), proposable(town, hall)
    propose(hall, number)
    reviewer, lead = hall.enter(joined.name, joined.password, joined.totp_secret), hall.come("lead")
    case = open_case(reviewer, number)
    unsigned, posted = compose(case, "close", "CLOSED", [], {})
    close = read_posted_act({"body": bodies.sign(unsigned, reviewer.sign), **posted})
    refused: list[Exception] = []

    def fire_in_vain() -> None:
        try:
            fire(number, his, close)
        except NotHisBody as refusal:
            refused.append(refusal)

    with town.app.app_context():
        his = officer_of(bytes.fromhex(str(hall.visitors[joined.name].cookie(COOKIE))))
        assert his and his.role == "reviewer"
        closing = Meanwhile(town, fire_in_vain)
        with transaction() as session:
            lock_case(session, case.told["case"])
            closing.begin()
            add_statement(session, town.root, revocation(lead, joined.id)["body"])
        closing.join()
        assert len(refused) == 1 and db.session.get_one(Case, case.told["case"]).state == "REVIEW"
        db.session.remove()


def test_a_lead_who_lost_his_password_opens_all_again_once_the_lead_above_has_compared_him_and_his_old_keys_nothing(
    town: Province, hall: Hall
) -> None:
    joined, above = hall.join("kepala.lupa", "lead", "33.08"), hall.come("lead", "33")
    joining.vouch(above, hall.page(above), joined)
    before, number = hall.enter(joined.name, joined.password, joined.totp_secret), proposable(town, hall)
    assert everything(open_case(before, number))
    again = hall.join_again(joined.id)
    assert sealed_to(town, joined.id) == []
    first, above = hall.come("lead"), hall.come("lead", "33")
    assert f'data-compare="{joined.id}"' not in hall.page(first)
    joining.vouch(above, hall.page(above), again, 2)
    after = hall.enter(again.name, again.password, again.totp_secret)
    assert everything(open_case(after, number)) == everything(open_case(hall.come("lead"), number))
    assert reached(sealed_rows(town.app), [before.identity]) == set()
    # Whoever found his password may have had the desk's seed by it.
    assert "Meja ini perlu kunci baru" in hall.page(after, "/petugas/")


def test_a_lead_with_no_desk_above_has_nobody_to_revoke_his_leaked_keys_and_is_invited_anew_at_once(
    town: Province, hall: Hall
) -> None:
    lead = hall.come("lead", "33")
    with town.app.app_context():
        accounts.give_up(lead.id)
        assert accounts.invite_again(lead.id).token
        db.session.remove()
