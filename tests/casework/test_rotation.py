"""A desk's next key: old directories are taken for 72 hours, then all is sealed anew, and the old key is gone."""

import base64
import hashlib
import re
import secrets
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from datetime import date
from threading import Thread
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, Route, expect
from sqlalchemy import delete, select
from werkzeug.serving import make_server

from casework import accounts, resealing, rotation
from casework.accounts import NewAccount
from casework.models import AccessEvent
from casework.retiring import RETIRE, retire
from casework.sessions import COOKIE
from casework.terms import Role
from casework.wire import written_sealed
from kernel import clock, jobs
from kernel.database import db, transaction
from kernel.directory import statements
from kernel.directory.directory import Directory
from kernel.directory.models import SealedKey
from kernel.directory.queries import directory_in
from kernel.directory.services import add_statement
from kernel.vault import Identity, PhraseKeys, bodies, context, keys_of, seal
from ledger.publishing import STATED, tend
from tests import client, joining, officer
from tests.casework.office import Member, activation_of, drawn, statement
from tests.client import Json, Refused, asked
from tests.complaints.conftest import Later
from tests.journeys import acting
from tests.journeys.steps import TEXT, phrase_shown, proceed, walk
from tests.officer import (
    Login, Text, act, desk_identities, desk_identity, make_desk_key, open_case, reseal_batch, resealed, seeds_for,
)  # fmt: skip
from tests.province import ANSWERS, Province, own_province
from tests.reach import opened, reached, sealed_rows, shut_to
from tests.remains import change, row_counts
from tests.server import Person
from tests.vectors import directories as vectors

LODGE, TAKE, KEEP = "/api/v1/complaints", "/petugas/meja/kunci/salinan", "/petugas/meja/kunci/salinan-baru"
PAGE = "/petugas/meja/kunci"


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def town(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Province]:
    """A province of its own: what becomes of its desks' keys is nobody else's."""
    yield from own_province(request, tmp_path_factory)


@pytest.fixture
def later(monkeypatch: pytest.MonkeyPatch) -> Later:
    """A clock in place of the real one, which a test puts forward."""
    watch = Later()
    monkeypatch.setattr(clock, "now", watch.now)
    return watch


def log_in(town: Province, role: str, desk: str, turn: int = 0) -> Login:
    """Log one of the people in, whatever day it is now."""
    return log_in_as(town, town.named(role, desk, turn))


def log_in_as(town: Province, person: Person) -> Login:
    """Log somebody in by what he knows and carries."""
    code = officer.code_at(person.totp_secret, clock.now())
    return officer.log_in(town.visitor().ask, person.name, person.password, code, town.root)


def renew(town: Province, lead: Login, desk: str, epoch: int) -> None:
    """Have a lead make his desk's next key, and that be published."""
    make_desk_key(lead, desk, epoch, clock.today())
    publish_key(town)


def publish_key(town: Province) -> None:
    """Do what a new key has enqueued: publish it."""
    with town.app.app_context():
        assert jobs.work({STATED: town.app.extensions["kentongan.handlers"][STATED]})
        db.session.remove()


class OldForm:
    """A program that still has the directory of the day it was opened, with the key of one desk."""

    def __init__(self, town: Province, region: str) -> None:
        self.visitor, self.known, self.region = town.visitor(), town.installation(), region
        self.key = self.visitor.ask(f"/api/v1/desks/{region}/key")

    def send(self) -> tuple[int, Json]:
        """Seal a complaint by the old directory, on this very day, and post it."""
        known, keys = replace(self.known, today=clock.today()), keys_of(secrets.token_bytes(32))
        envelope = client.envelope(ANSWERS | {"region": self.region}, keys, known, lambda _path, _posted: self.key)
        return self.visitor.ask(LODGE, envelope)


def test_a_form_with_the_old_directory_is_taken_for_72_hours_then_told_the_new_one(
    town: Province, later: Later
) -> None:
    form = OldForm(town, "33.74")
    make_desk_key(log_in(town, "lead", "33.74"), "33.74", 2, clock.today())
    # Nobody seals to what is not published yet; the former key's time has begun all the same.
    early = OldForm(town, "33.74").send()
    assert (early[0], set(early[1]), form.send()[0]) == (409, {"error", "directory"}, 201)
    publish_key(town)
    later.move(hours=71, minutes=59)
    assert form.send()[0] == 201
    later.move(minutes=2)
    status, told = form.send()
    assert (status, set(told)) == (409, {"error", "directory"})
    assert told["directory"] == town.visitor().ask("/api/v1/desks")[1]
    again = OldForm(town, "33.74")
    assert again.known.directory.desk_key("33.74")[0] == 2
    assert again.send()[0] == 201
    # Two keys on, the time of the first is over, whatever the second's is.
    renew(town, log_in(town, "lead", "33.74"), "33.74", 3)
    assert (again.send()[0], form.send()[0]) == (201, 409)


def lodged(town: Province, region: str = "33.08", keys: PhraseKeys | None = None) -> tuple[str, str]:
    """Lodge a complaint, without the price of a phrase; return its id and its case's number."""
    visitor, keys = town.visitor(), keys or keys_of(secrets.token_bytes(32))
    answers = ANSWERS | {"region": region}
    posted = client.envelope(answers, keys, replace(town.installation(), today=clock.today()), visitor.ask)
    assert visitor.ask(LODGE, posted)[0] == 201
    complaint = client.visit(keys, visitor.ask).thread["complaint"]
    return complaint, town.number_of(complaint)


def readings(town: Province, complaint: str) -> list[str]:
    with town.app.app_context():
        query = select(AccessEvent.what).where(AccessEvent.case_id == complaint).order_by(AccessEvent.seq)
        found = list(db.session.scalars(query))
        db.session.remove()
    return found


def page_of(login: Login, address: str = PAGE) -> str:
    """Return a page as a lead sees it; ``ask`` of his browser gets JSON only."""
    visitor: Any = getattr(login.ask, "__self__")
    return str(visitor.get(address).get_data(as_text=True))


def opens(town: Province, identity: Identity) -> list[str]:
    """Return what a desk's key still opens of all the rows there are."""
    return [f"{row.kind} {row.object} {row.recipient}" for row in sealed_rows(town.app) if opened(row, identity)]


def work(town: Province) -> None:
    """Do what is due of the keys' jobs."""
    with town.app.app_context():
        while jobs.work({RETIRE: retire}):
            pass
        db.session.remove()


def test_all_is_sealed_anew_in_batches_and_then_the_former_key_opens_nothing(
    town: Province, later: Later, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rotation, "BATCH", 2)
    cases = [lodged(town) for _ in range(4)]
    lead = log_in(town, "lead", "33.08")
    act(open_case(lead, cases[0][1]), "open", "TRIAGE", [Text("declaration", "Tidak ada.")])
    ending = [Text("reason", "Bukan pungutan."), Text("decision", "Tidak dapat diproses.")]
    act(open_case(lead, cases[0][1]), "propose", "REVIEW", ending, {"outcome": "cannot_be_processed"})
    garbage = "UPDATE sealed_keys SET sealed = :sealed WHERE object = :id AND recipient = 'desk:33.08:1'"
    change(town.app, garbage, sealed=b"\1" + bytes(1168), id=cases[3][0])
    former = desk_identity(lead, "33.08")
    assert len(opens(town, former)) == 4
    renew(town, lead, "33.08", 2)
    lead = log_in_again(town, later)
    assert "0 dari 5" in page_of(lead)
    assert "Segel ulang kunci perkara belum selesai" in page_of(lead, "/petugas/")
    running = unrenewed(lead)

    # Two at once: whoever posts first, his copies stay.
    first, second = (asked(lead.ask, TAKE, {})["copies"] for _ in range(2))
    assert first == second and len(first) == 2
    posted = [resealed(lead, "33.08", copies, clock.today()) for copies in (first, second)]
    assert [asked(lead.ask, KEEP, {"copies": each})["done"] for each in posted] == [2, 2]
    to_newest = (SealedKey.recipient == "desk:33.08:2", SealedKey.kind != "desk")
    kept = {row.brought for row in sealed_rows(town.app, *to_newest)}
    assert kept == {each["body"] for each in posted[0]}

    # Whoever was handed copies and never came back has left his readings; another login goes on from here.
    taken = {copy["object"] for copy in asked(lead.ask, TAKE, {})["copies"]}
    assert all(readings(town, each)[-1] == rotation.READING for each in taken)
    lead = log_in_again(town, later)
    progress = [reseal_batch(lead, "33.08", clock.today()) for _ in range(3)]
    assert progress == [{"total": 5, "done": 4}, {"total": 5, "done": 5}, None]
    assert "1 kunci tidak dapat dibuka" in page_of(lead)

    # Until nobody may seal to it any more, the former key stays.
    later.move(hours=72, minutes=50)
    work(town)
    assert len(opens(town, former)) == 4
    later.move(minutes=30)
    work(town)
    assert opens(town, former) == []
    assert sealed_rows(town.app, SealedKey.kind == "desk", SealedKey.object == "33.08", SealedKey.epoch == 1) == []
    for role, desk in (("lead", "33.08"), ("lead", "33")):
        login = log_in(town, role, desk)
        assert [open_case(login, number).account()["text"] for _, number in cases[:3]] == [ANSWERS["text"]] * 3
    with pytest.raises(Refused) as refusal:
        open_case(log_in(town, "lead", "33.74"), cases[0][1])
    assert refusal.value.status == 404
    assert "Di server ini tidak ada lagi yang dapat dibuka dengan kunci lama" in page_of(log_in_again(town, later))
    # What a lead has sealed anew is the same key as before; what is closed is nobody's to write in.
    assert unrenewed(log_in_again(town, later)) == running
    act(open_case(log_in(town, "reviewer", "33.08"), cases[0][1]), "close", "CLOSED")
    assert unrenewed(log_in_again(town, later)) == running - 1
    # The desk above has its first key still, whatever lies under those of the desks below.
    assert unrenewed(log_in(town, "lead", "33")) == 0


def log_in_again(town: Province, later: Later) -> Login:
    """Log the lead of 33.08 in with a code of his that is not used up."""
    later.move(minutes=1)
    return log_in(town, "lead", "33.08")


def altered(**other: Any) -> Callable[[Any, Any], Json]:
    """Return what signs a copy anew with something else in its words."""

    def alter(login: Login, copy: Json) -> Json:
        said = replace(resealing.read(copy["body"]), **other)
        return copy | {"body": resealing.sign(said, login.sign)}

    return alter


WRONG: dict[str, tuple[int, Callable[[Any, Any], Json]]] = {
    "another officer's": (409, altered(officer="a" * 32)),
    "signed by nobody": (409, lambda _login, copy: copy | {"body": copy["body"][:-129] + "0" * 128 + "\n"}),
    "another day's": (409, altered(day=date(2020, 1, 1))),
    "of another copy": (409, altered(sealed="0" * 64)),
    "said to be damaged, and yet there": (409, altered(sealed=None)),
    "to a former key": (409, altered(after="desk:33:1")),
    "to another desk's": (409, altered(after="desk:33.74:1")),
    "from a key that was none": (409, altered(before="desk:33:2")),
    "of a complaint there is none of": (409, altered(object="b" * 32)),
    "of an epoch that no database holds": (400, altered(epoch=2**63)),
    "of no form": (400, lambda _login, copy: copy | {"body": "type kentongan/v1/reseal\n"}),
    "too short": (400, lambda _login, copy: copy | {"sealed": base64.b64encode(bytes(1168)).decode()}),
}


def test_what_does_not_fit_is_refused_whole_and_a_desk_above_seals_the_desks_below_anew(
    town: Province, later: Later
) -> None:
    later.move(days=9)
    lead = log_in(town, "lead", "33")
    former = desk_identity(lead, "33")
    renew(town, lead, "33", 2)
    later.move(minutes=1)
    lead = log_in(town, "lead", "33")
    copies = resealed(lead, "33", asked(lead.ask, TAKE, {})["copies"], clock.today())
    assert {resealing.read(copy["body"]).kind for copy in copies} == {"desk"}
    before = row_counts(town.app)
    for name, (status, wrong) in WRONG.items():
        with pytest.raises(Refused) as refusal:
            asked(lead.ask, KEEP, {"copies": [*copies[:-1], wrong(lead, copies[-1])]})
        assert (name, refusal.value.status) == (name, status)
    assert row_counts(town.app) == before
    assert asked(lead.ask, KEEP, {"copies": copies})["done"] == len(copies)
    later.move(hours=73, minutes=5)
    work(town)
    assert opens(town, former) == []
    _complaint, number = lodged(town)
    assert open_case(log_in(town, "lead", "33"), number).account()["text"] == ANSWERS["text"]
    assert bodies.signed_by(copies[0]["body"], lead.sign.public)


LEFT = vectors.officer("lead08", "33.08", "lead", by="lead33", version=2, status="revoked")
CAME = vectors.officer("stranger", "33.08", "lead", by="lead33")
WENT = vectors.officer("stranger", "33.08", "lead", by="lead33", version=2, status="revoked")
RENEWED = vectors.officer("stranger", "33.08", "lead", holds="other", by="lead33", version=2)
SECOND_ABOVE = vectors.officer("administrator", "33", "lead")
WENT_ABOVE = vectors.officer("administrator", "33", "lead", version=2, status="revoked")
ABOVE = vectors.epoch("33", 2, by="lead33")
AGAIN = vectors.epoch("33.08", 3, by="lead08")
DUE: dict[str, tuple[bool, list[str]]] = {
    "nothing has changed": (False, []),
    "a lead has left": (True, [LEFT]),
    "a lead has left and the key was renewed": (False, [LEFT, vectors.epoch("33.08", 3)]),
    "whoever stated it has other keys": (
        True, [vectors.officer("lead08", "33.08", "lead", holds="other", by="lead33", version=2)],
    ),
    "the key was revoked": (False, [LEFT, vectors.epoch("33.08", 3, status="revoked")]),
    "who came to lead later stays": (False, [CAME]),
    "who came to lead later has left": (True, [CAME, WENT]),
    "who came to lead later has other keys": (True, [CAME, RENEWED]),
    "who came to lead later has left and the key was renewed": (False, [CAME, WENT, AGAIN]),
    "a lead above has left, whose desk goes first": (False, [SECOND_ABOVE, WENT_ABOVE]),
    "a lead above has left, whose desk has gone first": (True, [SECOND_ABOVE, WENT_ABOVE, ABOVE]),
    "a lead above has left and here it was renewed too early": (True, [SECOND_ABOVE, WENT_ABOVE, AGAIN, ABOVE]),
    "a lead above has left and both were renewed": (False, [SECOND_ABOVE, WENT_ABOVE, ABOVE, AGAIN]),
    "a lead above and one here have left": (True, [SECOND_ABOVE, WENT_ABOVE, CAME, WENT]),
    "an investigator has left": (
        False, [vectors.officer("investigator08", "33.08", "investigator", by="lead08", version=2, status="revoked")],
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", DUE)
def test_a_key_is_due_when_it_counts_no_more_or_a_lead_of_its_time_is_none_now(case: str) -> None:
    due, later = DUE[case]
    known = (*vectors.PROVINCE.values(), vectors.epoch("33.08", 2, by="lead08"), *later)
    assert rotation.is_due_by(Directory(vectors.KEY["root"].public, known), known, "33.08") is due


def leave(town: Province, parent: Login, person: Login) -> None:
    """Have the lead of the desk above state that a lead serves no more; what was sealed to him goes."""
    with town.app.app_context(), transaction() as session:
        now = directory_in(session).officer(person.id)
        said = statement(
            "officer", person.id, version=2, status="revoked", issuer=f"officer:{parent.id}", desk=now.desk,
            remit="lead", kem=now.kem_digest, sign=now.sign.hex(),
        )  # fmt: skip
        add_statement(session, town.root, statements.sign(said, parent.sign))
        session.execute(delete(SealedKey).where(SealedKey.recipient == f"officer:{person.id}"))


def join(town: Province, name: str, desk: str) -> Member:
    """Have somebody activate an account as a desk's lead."""
    with town.app.app_context():
        account = NewAccount(name, name.title(), Role.LEAD, desk)
        member = drawn(accounts.invite(account).token, account)
        accounts.activate(activation_of(member))
        db.session.remove()
    return member


def vouch(parent: Login, member: Member) -> None:
    """Have the lead of the desk above vouch for a new lead, and hand him his desk's keys."""
    desk, kem = str(member.account.desk_id), member.identity.recipient
    said = statement(
        "officer", member.id, issuer=f"officer:{parent.id}", desk=desk, remit="lead", kem=kem.digest,
        sign=member.sign.public.hex(),
    )  # fmt: skip
    copies = seeds_for(parent, desk, member.id, kem)
    body = statements.sign(said, parent.sign)
    with pytest.raises(Refused) as refusal:
        asked(parent.ask, "/petugas/orang/sahkan", {"body": body, "copies": copies[1:]})
    assert refusal.value.status == 409
    asked(parent.ask, "/petugas/orang/sahkan", {"body": body, "copies": copies})


def login_of(town: Province, member: Member) -> Login:
    """Log a new member in."""
    ask = town.visitor().ask
    asked(ask, "/petugas/masuk", member.attempt())
    told = asked(ask, "/petugas/direktori")
    kems = {digest: base64.b64decode(kem) for digest, kem in told["kems"].items()}
    return Login(member.id, member.identity, member.sign, Directory(town.root, told["statements"]), kems, ask)


def test_when_a_desks_only_lead_has_left_his_successor_opens_what_is_old_and_renews_the_key(
    town: Province, later: Later
) -> None:
    later.move(days=40)
    reporter = keys_of(secrets.token_bytes(32))
    complaint, number = lodged(town, "33.74", reporter)
    left, parent = log_in(town, "lead", "33.74"), log_in(town, "lead", "33")
    act(open_case(left, number), "open", "TRIAGE", [Text("declaration", "Tidak ada.")])
    assert "Meja ini perlu kunci baru" not in page_of(left, "/petugas/")
    former = desk_identity(left, "33.74")
    his = [left.identity, *desk_identities(left).values()]
    known = open_case(left, number).keys.values()
    leave(town, parent, left)
    # A desk nobody vouches for is passed over; its old cases stay in reach of the desk above.
    assert "33.74" not in town.installation().directory.open_desks()
    assert open_case(parent, number).account()["text"] == ANSWERS["text"]
    with pytest.raises(Refused):
        open_case(left, number)

    successor = join(town, "penerus", "33.74")
    vouch(parent, successor)
    lead = login_of(town, successor)
    assert "Meja ini perlu kunci baru" in page_of(lead, "/petugas/")
    assert open_case(lead, number).account()["text"] == ANSWERS["text"]
    versions = [copy["epoch"] for copy in asked(lead.ask, "/petugas/orang/kunci-meja")["copies"]]
    renew(town, lead, "33.74", max(versions) + 1)
    written_without_him(town, login_again(town, successor, later), number, reporter, known)
    assert reached(sealed_rows(town.app), his) & {(kind, complaint, 2) for kind in ("thread", "case")} == set()
    # What nobody has sealed anew keeps the former key here, however long ago its time was over.
    later.move(hours=73, minutes=5)
    work(town)
    lead = login_of(town, successor)
    assert "Segel ulang kunci perkara belum selesai" in page_of(lead, "/petugas/")
    assert open_case(lead, number).account()["text"] == ANSWERS["text"]
    while reseal_batch(lead, "33.74", clock.today()):
        pass
    assert opens(town, former) == [] and reached(sealed_rows(town.app), his) == set()
    assert "Segel ulang kunci perkara belum selesai" not in page_of(lead, "/petugas/")
    assert "Meja ini perlu kunci baru" not in page_of(lead, "/petugas/")
    for login in (lead, log_in(town, "lead", "33")):
        assert open_case(login, number).account()["text"] == ANSWERS["text"]
    with pytest.raises(Refused) as refusal:
        open_case(log_in(town, "lead", "33.08"), number)
    assert refusal.value.status == 404


def login_again(town: Province, member: Member, later: Later) -> Login:
    """Log a member in with a code that is not used up."""
    later.move(minutes=1)
    return login_of(town, member)


def written_without_him(
    town: Province, lead: Login, number: str, reporter: PhraseKeys, known: Iterable[bytes]
) -> None:
    """Have a lead and the reporter write where somebody has kept the case's former keys: they open nothing of it."""
    waiting = unrenewed(lead)
    act(open_case(lead, number), "note", "TRIAGE", [Text("note", "Kepala meja sudah lain.")])
    act(open_case(lead, number), "reply", "TRIAGE", [Text("message", "Kami lanjutkan.")])
    visitor = town.visitor()
    client.act(client.visit(reporter, visitor.ask), "message", "Terima kasih.", visitor.ask)
    assert shut_to(open_case(lead, number), known) == ["Kami lanjutkan.", "Terima kasih.", "Kepala meja sudah lain."]
    seen = client.visit(reporter, visitor.ask)
    assert [seen.text(message) for message in seen.thread["messages"]] == ["Kami lanjutkan.", "Terima kasih."]
    assert unrenewed(lead) == waiting - 1


def unrenewed(lead: Login) -> int:
    """Return how many cases his console says go on under former keys."""
    found = re.search("([0-9]+) perkara masih memakai kunci perkara lama", page_of(lead))
    return int(found[1]) if found else 0


def spoiled(lead: Login, desk: str, copy: Json, sealed: bytes) -> Json:
    """Return a copy as a dishonest lead seals it anew, or, with nothing in ``sealed``, calls it damaged."""
    [right] = resealed(lead, desk, [copy], clock.today())
    digest = hashlib.sha256(sealed).hexdigest() if sealed else None
    said = replace(resealing.read(right["body"]), sealed=digest)
    return {"body": resealing.sign(said, lead.sign), "sealed": base64.b64encode(sealed).decode()}


def rubbish(lead: Login, desk: str, copy: Json) -> bytes:
    """Return another key, rightly sealed to the newest key of a desk: it opens, and opens nothing."""
    epoch, digest = lead.directory.desk_key(desk)
    where = context(f"{copy['kind']}-key", copy["object"], epoch=copy["epoch"], recipient=f"desk:{desk}:{epoch}")
    return seal(secrets.token_bytes(32), lead.recipient(digest), where)


def reseal_all(lead: Login, desk: str, town: Province, later: Later) -> None:
    """Seal everything anew, and let the former keys' time go by."""
    while reseal_batch(lead, desk, clock.today()):
        pass
    later.move(hours=73, minutes=5)
    work(town)


def test_what_a_lead_has_spoiled_is_sealed_anew_from_the_original_while_that_is_here(
    town: Province, later: Later
) -> None:
    later.move(days=60)
    cases = [lodged(town) for _ in range(3)]
    lead = log_in(town, "lead", "33.08")
    epoch = lead.directory.desk_key("33.08")[0]
    renew(town, lead, "33.08", epoch + 1)
    lead = log_in_again(town, later)
    taken = {copy["object"]: copy for copy in asked(lead.ask, TAKE, {})["copies"]}
    worth = [taken[complaint] for complaint, _number in cases[:2]]
    wrong = [spoiled(lead, "33.08", worth[0], rubbish(lead, "33.08", worth[0])), spoiled(lead, "33.08", worth[1], b"")]
    asked(lead.ask, KEEP, {"copies": wrong})
    while reseal_batch(lead, "33.08", clock.today()):
        pass
    renew(town, lead, "33.08", epoch + 2)
    reseal_all(log_in_again(town, later), "33.08", town, later)
    assert sealed_rows(town.app, SealedKey.recipient.in_([f"desk:33.08:{epoch}", f"desk:33.08:{epoch + 1}"])) == []
    for login in (log_in_again(town, later), log_in(town, "lead", "33")):
        assert [open_case(login, number).account()["text"] for _, number in cases] == [ANSWERS["text"]] * 3


def written_down(town: Province, lead: Login) -> tuple[str, str]:
    """Have a lead write a complaint down for a visitor; return its id and its case's number."""
    visitor, keys = town.visitor(), keys_of(secrets.token_bytes(32))
    answers = ANSWERS | {"region": "33.74"}
    known = replace(town.installation(), today=clock.today())
    asked(lead.ask, "/petugas/bantu", client.envelope(answers, keys, known, visitor.ask, channel=lead.id))
    complaint = client.visit(keys, visitor.ask).thread["complaint"]
    return complaint, town.number_of(complaint)


def test_a_lead_is_handed_no_key_of_what_he_wrote_down_and_another_seals_it_anew(town: Province, later: Later) -> None:
    later.move(days=70)
    first, second = join(town, "pencatat", "33.74"), join(town, "rekan", "33.74")
    for member in (first, second):
        later.move(minutes=1)
        vouch(log_in(town, "lead", "33"), member)
    lead = login_of(town, first)
    complaint, number = written_down(town, lead)
    epoch = lead.directory.desk_key("33.74")[0]
    former = desk_identity(lead, "33.74")
    renew(town, lead, "33.74", epoch + 1)
    later.move(minutes=1)
    lead = login_of(town, first)
    while reseal_batch(lead, "33.74", clock.today()):
        pass
    assert "1 kunci menunggu kepala lain" in page_of(lead) and 'id="reseal"' not in page_of(lead)
    # Nor is his own copy taken, had he come by the sealed key elsewhere.
    [row] = sealed_rows(town.app, SealedKey.object == complaint, SealedKey.recipient == f"desk:33.74:{epoch}")
    forged = resealed(lead, "33.74", [written_sealed(row)], clock.today())
    with pytest.raises(Refused) as refusal:
        asked(lead.ask, KEEP, {"copies": forged})
    assert (refusal.value.status, readings(town, complaint)) == (409, [])

    later.move(hours=73, minutes=5)
    work(town)
    assert open_case(log_in(town, "lead", "33"), number).account()["text"] == ANSWERS["text"]
    other = login_of(town, second)
    assert "menunggu kepala lain" not in page_of(other)
    assert unrenewed(other) == unrenewed(login_of(town, first)) + 1
    assert reseal_batch(other, "33.74", clock.today()) and opens(town, former) == []
    assert open_case(other, number).account()["text"] == ANSWERS["text"]


@pytest.fixture
def url(town: Province) -> Iterator[str]:
    """Where the province answers over HTTP, under the clock of the test."""
    server = make_server("127.0.0.1", 0, town.app, threaded=True)
    Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()


class Desktop:
    """A lead in a browser, logged in: that of 33.08, where nobody else is named."""

    def __init__(self, town: Province, browser: Browser, url: str, person: Person | None = None) -> None:
        person = person or town.named("lead", "33.08")
        self.password = person.password
        visitor: Any = getattr(log_in_as(town, person).ask, "__self__")
        self.context = browser.new_context(base_url=url, locale="id-ID")
        place: Any = {"domain": "127.0.0.1", "path": "/", "secure": True, "httpOnly": True, "sameSite": "Strict"}
        self.context.add_cookies([{"name": COOKIE, "value": str(visitor.cookie(COOKIE)), **place}])

    def press(self, address: str, button: str) -> Page:
        """Open a page in a new tab, press a button, and give the password, which a new tab asks for."""
        page = self.context.new_page()
        page.goto(address)
        page.locator(button).click()
        self._unlock(page)
        return page

    def people(self) -> Page:
        """Open the page of his people, which asks for the password at once."""
        page = self.context.new_page()
        page.goto("/petugas/orang")
        self._unlock(page)
        return page

    def asked_about(self) -> str:
        """Return about which keys his first page asks him whether he was told."""
        page = self.context.new_page()
        page.goto("/petugas/")
        page.locator("#new-keys li:has(button)").first.wait_for()
        said = page.locator("#new-keys ul").inner_text()
        page.close()
        return said

    def _unlock(self, page: Page) -> None:
        page.locator("#unlock-password").fill(self.password)
        page.locator("#unlock").get_by_role("button", name="Buka").click()
        expect(page.locator("#unlock")).to_be_hidden()


def losing_the_second(route: Route) -> None:
    """Let what is posted back through once; then the connection is gone."""
    if route.request.frame.page.locator("#resealed").evaluate("(bar) => bar.value") > 0:
        route.abort()
    else:
        route.continue_()


def spoil(town: Province, lead: Login, other: str, damaged: str) -> None:
    """Have a lead sign for another key in the place of one case's that he has sealed anew, and call one damaged."""
    statement = "UPDATE sealed_keys SET sealed = :sealed, brought = :brought WHERE object = :id AND brought IS NOT NULL"
    for complaint in (other, damaged):
        [copy] = sealed_rows(town.app, SealedKey.object == complaint, SealedKey.brought.is_not(None))
        told = {"kind": copy.kind, "object": copy.object, "epoch": copy.epoch}
        sealed = rubbish(lead, "33.08", told) if complaint == other else b""
        digest = hashlib.sha256(sealed).hexdigest() if sealed else None
        brought = resealing.sign(replace(resealing.read(str(copy.brought)), sealed=digest), lead.sign)
        change(town.app, statement, sealed=sealed, brought=brought, id=complaint)


def old_form(browser: Browser, url: str) -> Page:
    """Fill in a complaint by the directory of this day, and lose the connection over sending it: it waits."""
    phone = browser.new_context(base_url=url, locale="id-ID").new_page()
    phone.route(f"**{LODGE}", lambda route: route.abort())
    walk(phone)
    proceed(phone)
    expect(phone.get_by_role("button", name="Coba lagi")).to_be_visible()
    return phone


def lose_a_batch_and_go_on(desktop: Desktop) -> None:
    """Make the next key and begin to seal anew; lose the connection over the second batch, and go on in a new tab."""
    lead = desktop.press(PAGE, "#make-key")
    count = lead.locator("#resealed-count")
    expect(count).to_contain_text("0 dari")
    total = count.inner_text().rpartition(" ")[2]
    assert Axe().run(lead).response["violations"] == []
    lead.route(f"**{KEEP}", losing_the_second)
    lead.get_by_role("button", name="Mulai menyegel ulang").click()
    expect(lead.locator("#key-problem")).to_contain_text("Sambungan terputus")
    expect(count).to_have_text(f"12 dari {total}")
    expect(lead.get_by_role("button", name="Mulai menyegel ulang")).to_be_focused()
    lead.close()
    lead = desktop.press(PAGE, "#reseal:text('Lanjutkan')")
    expect(lead.get_by_text("Semua sudah disegel ulang")).to_be_visible()
    expect(lead.get_by_text(f"{total} dari {total}")).to_be_visible()
    desktop.context.close()


def opened_in_turn(desktop: Desktop, numbers: Iterable[str]) -> Iterator[Page]:
    """Yield the page of one tab, which asks for the password once, with each of these cases opened in turn."""
    first, *others = numbers
    lead = desktop.press(f"/petugas/perkara/{first}", "#open-case")
    yield lead
    for number in others:
        lead.goto(f"/petugas/perkara/{number}")
        lead.locator("#open-case").click()
        yield lead


def expect_warnings(desktop: Desktop, expected: dict[str, int]) -> None:
    """See cases opened, by number, each with so many warnings that a key sealed anew is another than before."""
    for lead, warnings in zip(opened_in_turn(desktop, expected), expected.values(), strict=True):
        expect(lead.locator("#account")).to_contain_text(ANSWERS["text"])
        expect(lead.get_by_role("alert").get_by_text("Kunci yang disegel ulang tidak cocok")).to_have_count(warnings)
    desktop.context.close()


def take_signature(town: Province, complaint: str) -> None:
    """Take from the keys of a case the words of the lead who has sealed them anew: nobody has signed for them."""
    change(town.app, "UPDATE sealed_keys SET brought = NULL WHERE object = :id", id=complaint)


def sign_instead(town: Province, other: Login, complaint: str) -> None:
    """Put the same words of somebody who was never a lead in the place of those by which a case's key was brought."""
    [copy] = sealed_rows(town.app, SealedKey.object == complaint, SealedKey.recipient.startswith("desk:"))
    forged = resealing.sign(replace(resealing.read(copy.brought), officer=other.id), other.sign)
    forging = "UPDATE sealed_keys SET brought = :forged WHERE object = :id AND recipient = :name"
    change(town.app, forging, forged=forged, id=complaint, name=copy.recipient)


def expect_the_first_alone_to_open(desktop: Desktop, numbers: Iterable[str]) -> None:
    """See the account of the first case; of each other its story, and no account."""
    pages = opened_in_turn(desktop, numbers)
    expect(next(pages).get_by_text(ANSWERS["text"])).to_be_visible()
    for lead in pages:
        expect(lead.locator("#story")).to_be_visible()
        expect(lead.get_by_text(ANSWERS["text"])).to_have_count(0)
    desktop.context.close()


def expect_not_to_open(desktop: Desktop, number: str) -> None:
    """See that a case is none of somebody's."""
    page = desktop.context.new_page()
    page.goto(f"/petugas/perkara/{number}")
    expect(page.get_by_text("Perkara ini tidak ada, atau bukan wewenang Anda.")).to_be_visible()
    desktop.context.close()


def expect_to_be_sealed_anew(phone: Page, url: str) -> None:
    """Send the form that waits: what was typed is there still, is refused, and is sealed to the new key unasked."""
    assert phone.locator("#text").input_value() == TEXT
    phone.unroute_all(behavior="wait")
    answers: list[tuple[str, int]] = []
    phone.on("response", lambda answer: answers.append((answer.url.removeprefix(url), answer.status)))
    phone.get_by_role("button", name="Coba lagi").click()
    assert len(phrase_shown(phone)) == 8
    asked_anew = [answer for answer in answers if answer[0].startswith("/api/")]
    assert asked_anew == [(LODGE, 409), ("/api/v1/desks/33.08/key", 200), (LODGE, 201)]
    phone.context.close()


@pytest.mark.parametrize("town", ["sqlite"], indirect=True)
def test_in_the_browser_a_lost_connection_costs_a_batch_and_an_old_form_is_sealed_anew(
    town: Province, later: Later, monkeypatch: pytest.MonkeyPatch, browser: Browser, url: str
) -> None:
    later.move(days=70)
    monkeypatch.setattr(rotation, "BATCH", 12)
    complaints, numbers = zip(*(lodged(town) for _ in range(13)), strict=True)
    with town.app.app_context():
        tend()  # whatever key the desk has by now
        db.session.remove()
    phone = old_form(browser, url)
    lose_a_batch_and_go_on(Desktop(town, browser, url))

    spoil(town, log_in_again(town, later), complaints[3], complaints[4])
    later.move(minutes=1)
    expect_warnings(Desktop(town, browser, url), {numbers[3]: 1, numbers[4]: 1, numbers[5]: 0})

    later.move(hours=73, minutes=5)
    work(town)
    take_signature(town, complaints[1])
    sign_instead(town, log_in(town, "reviewer", "33.08"), complaints[2])
    expect_the_first_alone_to_open(Desktop(town, browser, url), numbers[:3])
    expect_not_to_open(Desktop(town, browser, url, town.named("investigator", "33.08")), numbers[0])
    publish_key(town)
    expect_to_be_sealed_anew(phone, url)


def invited_lead(town: Province, name: str, desk: str) -> Person:
    """Have somebody activate an account as a desk's lead, with a password that a browser can be given."""
    with town.app.app_context():
        token = accounts.invite(NewAccount(name, name.title(), Role.LEAD, desk)).token
        db.session.remove()
    joined = joining.activate(town.visitor().ask, token.hex())
    return Person(joined.name, "lead", desk, joined.password, joined.totp_secret)


@pytest.mark.parametrize("town", ["sqlite"], indirect=True)
def test_in_the_browser_from_a_leads_revoked_keys_to_the_day_on_which_they_open_nothing(
    town: Province, later: Later, browser: Browser, url: str
) -> None:
    later.move(days=90)
    complaint, number = lodged(town)
    left = log_in(town, "lead", "33.08")
    act(open_case(left, number), "open", "TRIAGE", [Text("declaration", "Tidak ada.")])
    his = [left.identity, *desk_identities(left).values()]
    newest = desk_identity(left, "33.08")
    known = open_case(left, number).keys.values()
    above = Desktop(town, browser, url, town.named("lead", "33"))
    page = above.people()
    page.locator(f"[data-revoke='{left.id}']").click()
    page.locator("#revoke-yes").click()
    expect(page.locator(f"[data-revoke='{left.id}']")).to_have_count(0)
    with pytest.raises(Refused):
        open_case(left, number)
    # His own copies are gone; what he may have kept of the desk's key still opens what lies here, until it is renewed.
    assert reached(sealed_rows(town.app), [left.identity]) == set()
    assert ("thread", complaint, 1) in reached(sealed_rows(town.app), [newest])

    heir = invited_lead(town, "pewaris", "33.08")
    page.reload()
    page.locator("[data-compare]").click()
    page.get_by_role("button", name="Ya, keenam kata sama").click()
    expect(page.locator("[data-compare]")).to_have_count(0)
    later.move(minutes=1)
    own = Desktop(town, browser, url, heir)
    console = own.press(PAGE, "#make-key")
    console.get_by_role("button", name="Mulai menyegel ulang").click()
    expect(console.get_by_text("Semua sudah disegel ulang")).to_be_visible()
    # What they have signed in these browsers themselves they are not asked about; of the heir's key the lead above is.
    assert "Kunci baru" not in own.asked_about() and "Kunci Pewaris" in own.asked_about()
    told = above.asked_about()
    assert "Kunci baru Inspektorat Kabupaten Magelang" in told
    assert "dicabut (Kepala meja, Inspektorat Kabupaten Magelang)" not in told and "Kunci Pewaris" not in told
    later.move(hours=73, minutes=5)
    work(town)
    assert reached(sealed_rows(town.app), his) == set()
    for desktop in (own, above):
        desktop.context.close()
    for person in (heir, town.named("lead", "33")):
        desktop = Desktop(town, browser, url, person)
        page = desktop.press(f"/petugas/perkara/{number}", "#open-case")
        expect(page.locator("#account")).to_contain_text(ANSWERS["text"])
        expect(page.locator("#notes")).to_contain_text("Tidak ada.")
        acting.note(page, f"Ditulis {person.name}.")
        desktop.context.close()
        later.move(minutes=1)
    written = [f"Ditulis {person.name}." for person in (heir, town.named("lead", "33"))]
    assert shut_to(open_case(log_in(town, "lead", "33"), number), known) == written
