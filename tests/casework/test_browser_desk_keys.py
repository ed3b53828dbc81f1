"""A desk's key on its way from lead to lead: anybody can seal to a lead, so only the key vouched for goes on."""

import base64
import os
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

import pytest
from playwright.sync_api import Page
from sqlalchemy import update

from kernel import clock
from kernel.database import transaction
from kernel.directory import statements
from kernel.directory.models import SealedKey
from kernel.directory.statements import Statement
from kernel.vault import Identity, auth_token, bodies, context, seal, stretch, unbox, unlock_key, unseal
from ledger.body import Event, ObjectRef, write_event
from ledger.entries import entry_of
from tests.casework.test_acts import investigated
from tests.client import Json, asked
from tests.officer import Login, OpenedCase, Text, act
from tests.province import Province
from tests.vectors.directories import ID, KEY, PROVINCE, epoch

SEED, LEADS_SEED, NEWCOMERS_SEED = os.urandom(32), os.urandom(32), os.urandom(32)
NEWCOMER = "a" * 32
COPIES = """async ({ root, statements, officer, seed, newcomer, copies }) => {
  const from = (path) => import(`/static/js/${path}.js`);
  const [{ copiesFor }, { Directory }, { Identity }, { fromHex }] = await Promise.all(
    ["casework/desk-keys", "directory/directory", "vault/seal", "vault/bytes"].map(from),
  );
  const keyring = { officer, identity: await Identity.fromSeed(fromHex(seed)) };
  const trust = { directory: await Directory.judge(fromHex(root), statements) };
  const { recipient: kem } = await Identity.fromSeed(fromHex(newcomer.seed));
  return copiesFor(keyring, trust, copies, { ...newcomer, kem }).catch(({ name, reason }) => [name, reason]);
}"""


def handed_on(page: Page, seed: bytes) -> Any:
    """Have the lead of 33.08 hand on what was sealed to him as his desk's key of the second epoch."""
    name = f"officer:{ID['lead08']}"
    where = context("desk-key", object_="33.08", epoch=2, recipient=name)
    sealed = seal(seed, Identity.from_seed(LEADS_SEED).recipient, where)
    vouched = epoch("33.08", 2, kem=Identity.from_seed(SEED).recipient.digest)
    given = {
        "root": KEY["root"].public.hex(), "statements": [*PROVINCE.values(), vouched], "officer": ID["lead08"],
        "seed": LEADS_SEED.hex(),
        "newcomer": {"id": NEWCOMER, "role": "lead", "desk": "33.08", "seed": NEWCOMERS_SEED.hex()},
        "copies": [{"desk": "33.08", "epoch": 2, "recipient": name, "sealed": base64.b64encode(sealed).decode()}],
    }  # fmt: skip
    return page.evaluate(COPIES, given)


def test_a_new_lead_gets_the_key_his_desk_is_vouched_for(blank: Page) -> None:
    [copy] = handed_on(blank, SEED)
    where = context("desk-key", object_="33.08", epoch=2, recipient=f"officer:{NEWCOMER}")
    assert unseal(base64.b64decode(copy["sealed"]), Identity.from_seed(NEWCOMERS_SEED), where) == SEED


def test_a_key_slipped_in_as_the_desks_is_not_handed_on(blank: Page) -> None:
    assert handed_on(blank, os.urandom(32)) == ["NotVouched", "key"]


HANDED = """async ({ root, statements, kems, lead, seed, today, officer, taken }) => {
  const from = (path) => import(`/static/js/${path}.js`);
  const [{ handTo }, { Directory }, { officerKeys }, { Recipient }, { fromBase64, fromHex }] = await Promise.all(
    ["casework/handing", "directory/directory", "vault/officers", "vault/seal", "vault/bytes"].map(from),
  );
  const directory = await Directory.judge(fromHex(root), statements);
  const trust = { directory, kemOf: (digest) => Recipient.fromBytes(fromBase64(kems[digest])) };
  const keyring = { officer: lead, ...(await officerKeys(fromHex(seed))) };
  return handTo(officer, taken, { keyring, trust, today }).then((handed) => handed, ({ name }) => name);
}"""
TAKE, HAND = "/petugas/orang/kunci-perkara", "/petugas/orang/kunci-perkara/baru"


@dataclass
class Lead:
    """The lead of 33.08 at his browser, his seed open in it."""

    province: Province
    page: Page
    login: Login
    seed: bytes

    def hands(self, officer: str, taken: Json, *newer: str) -> Any:
        """Have his browser seal to an officer what a server has handed over; an error's name where it does not.

        ``newer`` are statements that his browser sees beside those of the installation.
        """
        told = asked(self.login.ask, "/petugas/direktori")
        told["statements"] += newer
        given = {
            **told, "lead": self.login.id, "seed": self.seed.hex(), "today": clock.today().isoformat(),
            "officer": officer, "taken": taken,
        }  # fmt: skip
        return self.page.evaluate(HANDED, given)

    def take_lost(self, officer: str, complaint: str) -> Json:
        """Let an officer's copies of one case's keys be lost, and take what waits for him of it."""
        with self.province.app.app_context(), transaction() as session:
            his = (SealedKey.object == complaint, SealedKey.recipient == f"officer:{officer}")
            session.execute(update(SealedKey).where(*his).values(sealed=b""))
        taken = asked(self.login.ask, TAKE, {"officer": officer})
        copies = [copy for copy in taken["copies"] if copy["object"] == complaint]
        assert len(copies) == 2
        return {"copies": copies, "cases": [case for case in taken["cases"] if case["case"] == complaint]}


@pytest.fixture(scope="module")
def lead(province: Province, blank: Page) -> Lead:
    """His seed comes as his browser gets it: out of the box, by his password."""
    login, person = province.log_in("lead"), province.named("lead", "33.08")
    salt = asked(login.ask, "/petugas/masuk/garam", {"name": person.name})["salt"]
    password_key = stretch(person.password, base64.b64decode(salt))
    opened = asked(login.ask, "/petugas/kunci/buka", {"auth": base64.b64encode(auth_token(password_key)).decode()})
    where = context("officer-seed", object_=login.id, recipient="password")
    return Lead(province, blank, login, unbox(base64.b64decode(opened["seedBox"]), unlock_key(password_key), where))


@pytest.mark.parametrize("province", ["sqlite"], indirect=True)
def test_a_leads_browser_hands_an_officer_the_keys_of_his_cases_by_their_signed_history_alone(lead: Lead) -> None:
    province = lead.province
    _phrase, complaint, number, _allegation = investigated(province)
    him, colleague = province.log_in("investigator"), province.log_in("investigator", turn=1)
    taken = lead.take_lost(him.id, complaint)
    # Whoever serves there and has never had a key, serves elsewhere, or is not vouched for.
    others = (colleague, province.log_in("reviewer"), province.log_in("reviewer", "33"), lead.login)
    assert [lead.hands(other.id, taken) for other in others] == ["NotEntitled"] * 4
    assert lead.hands(province.log_in("investigator", "33.74").id, taken) == "NotEntitled"
    assert lead.hands("f" * 32, taken) == "NotVouched"
    assert [lead.hands(him.id, lying) for lying in histories_that_do_not_hold(taken)] == ["Unsound"] * 4
    posted = lead.hands(him.id, taken)
    assert asked(lead.login.ask, HAND, {"copies": posted}) == {"kept": 2}
    assert province.opened(number, "investigator").account()["text"]


def histories_that_do_not_hold(taken: Json) -> list[Json]:
    """Return what a lying server could hand over: no case, its end cut off, an event left out, another's case."""
    [case] = taken["cases"]
    events = case["events"]
    return [
        taken | {"cases": cases}
        for cases in ([], [case | {"events": events[:-1]}], [case | {"events": [events[0], *events[2:]]}],
                      [case | {"events": [events[0], events[2], events[1]]}])
    ]  # fmt: skip


@pytest.mark.parametrize("province", ["sqlite"], indirect=True)
def test_a_leads_browser_hands_nothing_to_who_has_recused_himself_or_was_replaced(lead: Lead) -> None:
    province = lead.province
    him, colleague = province.log_in("investigator"), province.log_in("investigator", turn=1)
    for ends in ("recuse", "assign"):
        _phrase, complaint, number, _allegation = investigated(province)
        his = province.opened(number, "investigator")
        taken = lead.take_lost(him.id, complaint)
        if ends == "recuse":
            act(his, "recuse", "INVESTIGATION", [Text("reason", "Ia paman saya.")])
        else:
            act(province.opened(number, "lead"), "assign", "INVESTIGATION", [], {"assignee": colleague.id})
        now = province.opened(number, "lead").told
        assert len(lead.hands(him.id, taken)) == 2
        assert lead.hands(him.id, taken | {"cases": [now]}) == "NotEntitled", ends


@pytest.mark.parametrize("province", ["sqlite"], indirect=True)
def test_a_leads_browser_hands_nothing_to_who_serves_elsewhere_or_as_something_else_by_now(lead: Lead) -> None:
    province = lead.province
    _phrase, complaint, _number, _allegation = investigated(province)
    him = province.log_in("investigator")
    taken = lead.take_lost(him.id, complaint)
    assert len(lead.hands(him.id, taken, moved(him, lead.login))) == 2
    elsewhere = moved(him, province.log_in("lead", "33.74"), desk="33.74")
    promoted = moved(him, province.log_in("lead", "33"), remit="lead")
    assert [lead.hands(him.id, taken, now) for now in (elsewhere, promoted)] == ["NotEntitled"] * 2


def moved(officer: Login, issuer: Login, **now: str) -> str:
    """Return the body of an issuer's next statement about an officer, with the same keys."""
    before = officer.directory.officer(officer.id)
    said = Statement(
        kind="officer", subject=officer.id, version=2, status="active", desk=before.desk, parent=None,
        remit=before.role, kem=before.kem_digest, sign=before.sign.hex(), issued=clock.today(),
        issuer=f"officer:{issuer.id}",
    )  # fmt: skip
    return statements.sign(replace(said, **now), issuer.sign)


@pytest.mark.parametrize("province", ["sqlite"], indirect=True)
def test_a_leads_browser_hands_nothing_to_who_was_left_out_of_the_newest_keys_though_nobody_replaced_him(
    lead: Lead,
) -> None:
    him, desk = lead.province.log_in("investigator"), "2.desk:33.08:1"
    case, taken = lost(lead, him)
    for keys, handed in ((), 2), ((desk, f"2.officer:{him.id}"), 2), ((desk,), "NotEntitled"):
        assert outcome(lead.hands(him.id, taken | {"cases": [carried_on(case, "note", keys)]})) == handed, keys


@pytest.mark.parametrize("province", ["sqlite"], indirect=True)
def test_a_leads_browser_hands_nothing_to_who_was_replaced_while_no_keys_were_renewed(lead: Lead) -> None:
    him, colleague = lead.province.log_in("investigator"), lead.province.log_in("investigator", turn=1)
    case, taken = lost(lead, him)
    for assignee, handed in (him, 2), (colleague, "NotEntitled"):
        keys = [f"1.officer:{assignee.id}"]
        now = carried_on(case, "assign", keys, assignee=assignee.id)
        assert outcome(lead.hands(him.id, taken | {"cases": [now]})) == handed


def lost(lead: Lead, him: Login) -> tuple[OpenedCase, Json]:
    """Return a case of an investigator's who has lost its keys, as its lead opens it, and what waits for him of it."""
    _phrase, complaint, number, _allegation = investigated(lead.province)
    taken = lead.take_lost(him.id, complaint)
    return lead.province.opened(number, "lead"), taken


def carried_on(case: OpenedCase, action: str, keys: Iterable[str], **clear: str) -> Json:
    """Return a case as if its lead had done one thing more, rightly signed, that carries these keys of both kinds."""
    told = case.told
    event = Event(
        case=told["case"], seq=told["version"] + 1, previous=bytes.fromhex(told["head"]), action=action,
        from_state=told["state"], to_state=told["state"], day=clock.today(), actor=f"officer:{case.login.id}",
        access=bytes.fromhex(told["access"]), clear=clear,
        objects=tuple(ObjectRef(kind, key, "0" * 64) for kind in ("thread-key", "case-key") for key in keys),
    )  # fmt: skip
    body = bodies.sign(write_event(event), case.login.sign)
    entry = entry_of(bytes.fromhex(case.account()["ledger_key"]), event.seq, body).hex()
    events = [*told["events"], {"body": body, "entry": entry}]
    return told | {"version": event.seq, "head": entry, "events": events}


def outcome(handed: Any) -> int | str:
    """Return how many keys were handed over, or the name of the error."""
    return handed if isinstance(handed, str) else len(handed)
