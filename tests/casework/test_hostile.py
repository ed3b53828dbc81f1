"""A hostile officer of each role tries every address and every other case: nothing moves, and nothing shows."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select
from werkzeug.test import TestResponse

from casework import resealing
from casework.models import Case, CaseEvent, Officer
from casework.requirements import TEXTS
from casework.resealing import Reseal
from casework.rules import REPORTER_ACTIONS, SYSTEM_ACTIONS
from casework.sessions import ROOM
from casework.terms import Action
from kernel import clock
from kernel.ceremony.root import Newcomer
from kernel.database import db
from kernel.directory import statements
from kernel.directory.statements import Statement
from kernel.vault import Identity, bodies
from ledger.body import Event, write_event
from tests import joining
from tests.casework.bent import Act, Bent, bent, strange
from tests.casework.hostile import (
    CAST, EVERYBODY, KEYLESS, SHUT, STORY, Stage, Step, revocation, set_stage,
)  # fmt: skip
from tests.casework.office import Watch
from tests.client import Json, base64_of
from tests.officer import EXAMINE
from tests.province import HOST, Province, close, databases_and_place, found_province

# Of which cases who may know; of all others he is told that they do not exist.
HEARD_BY_LEADS = {"received", "triage", "running", "review", "closed", "objection", "recused"}
KNOWN: dict[str, set[str]] = {
    "lead": HEARD_BY_LEADS | {"excluded"},
    "investigator": {"running", "review", "closed", "objection", "excluded"},
    "colleague": {"objection"},
    "reviewer": {"review", "closed", "objection"},
    "second": {"review", "closed", "objection"},
    "above": HEARD_BY_LEADS | {"elsewhere", "provincial"},
    "investigator above": set(),
    "reviewer above": set(),
    "lead elsewhere": {"elsewhere"},
    "investigator elsewhere": set(),
    "reviewer elsewhere": set(),
    "lead outside": {"outside"},
}
PEOPLE = tuple(KNOWN)
SHUT_OUT = {who: {status} for who, status in SHUT.items()} | dict.fromkeys(KEYLESS, {403})
FETCHED = {"Sec-Fetch-Mode": "cors", "Sec-Fetch-Site": "same-origin"}
# What answers do not have in common though they say the same.
PASSING = {"date"}


@pytest.fixture(scope="module")
def watch() -> Iterator[Watch]:
    """A clock that stands still, so that nothing is written because time passes."""
    with pytest.MonkeyPatch.context() as patch:
        watch = Watch()
        patch.setattr(clock, "now", watch.now)
        yield watch


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def town(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, watch: Watch) -> Iterator[Province]:
    """A province of its own, founded on the day the clock shows: some of its people come to lose everything."""
    databases, place = databases_and_place(request)
    database, remove = databases.make()
    founded = found_province(database, tmp_path_factory.mktemp("hostile") / "instance", place)
    yield founded
    close(founded, remove)


@pytest.fixture(scope="module")
def stage(town: Province, watch: Watch) -> Stage:
    """Everybody in his place."""
    return set_stage(town, watch)


def asking(stage: Stage, who: str, method: str, address: str, **more: Any) -> TestResponse:
    """Ask as somebody, as a script of a page does."""
    visitor = stage.visitors[who]
    if method == "PUT":
        return visitor.client.put(address, base_url=HOST, headers={"Origin": HOST}, **more)
    return visitor.get(address, headers=FETCHED) if method == "GET" else visitor.post(address, **more)


def said(answer: TestResponse, number: str) -> tuple[int, list[tuple[str, str]], bytes]:
    """Return all that an answer tells, but for the number that was asked for."""
    headers = sorted((name, value) for name, value in answer.headers if name.lower() not in PASSING)
    return answer.status_code, headers, answer.data.replace(number.encode(), b"")


def stolen(stage: Stage, who: str, case: str) -> Json:
    """Return a note on a case that somebody knows everything of but its keys: its id, its version, its newest entry."""
    with stage.town.app.app_context():
        row = db.session.get_one(Case, stage.cases[case])
        newest = select(CaseEvent.entry).where(CaseEvent.case_id == row.id, CaseEvent.seq == row.version)
        entry = db.session.scalars(newest).one()
        db.session.remove()
    event = Event(
        case=row.id, seq=row.version + 1, previous=entry, action="flag", from_state=row.state, to_state=row.state,
        day=clock.today(), actor=f"officer:{actor_id(stage, who)}", access=bytes(32), clear={"urgent": "yes"},
        objects=(),
    )  # fmt: skip
    return {"body": bodies.sign(write_event(event), stage.sign_of(who)), "objects": [], "keys": []}


def actor_id(stage: Stage, who: str) -> str:
    return stage.logins[who].id if who in stage.logins else "f" * 32


def asked_of(number: str, act: Json) -> Iterator[tuple[str, str, Json]]:
    """Return everything that can be asked of one case: method, address, and what is posted."""
    page = f"{ROOM}/perkara/{number}"
    yield "GET", page, {}
    yield "GET", f"{page}/keadaan?tindakan=assign&petugas={'e' * 32}", {}
    yield "POST", f"{page}/buka", {}
    yield "POST", f"{page}/tindakan", act
    yield "POST", f"{page}/bukti", OPENING
    yield "POST", f"{page}/bukti/periksa", {}
    yield "POST", f"{page}/bukti/{NOBODY}/buka", EXAMINE
    yield "POST", f"{page}/bukti/{NOBODY}/hapus", {}
    yield "GET", f"{page}/bukti/{NOBODY}/1-1", {}


NOBODY = "f" * 32
# A file that nobody has begun.
OPENING = {
    "file": NOBODY, "epoch": 1, "key": base64_of(bytes(61)), "progress": base64_of(bytes(61)), "size": 4096,
}  # fmt: skip


def told(stage: Stage, who: str, name: str, act: Json) -> list[tuple[int, list[tuple[str, str]], bytes]]:
    """Return all that somebody is told of the case that he calls so."""
    return [said(asking(stage, who, method, address, json=act), name) for method, address, act in asked_of(name, act)]


@pytest.mark.parametrize("who", PEOPLE)
def test_a_case_of_others_is_answered_like_one_there_is_not(stage: Stage, who: str) -> None:
    with stage.untouched():
        # By its number, and by the id that its people, its reporter and the log know it by.
        for names, absent in ((stage.numbers, "000-000-000"), (stage.cases, "0" * 32)):
            nothing = told(stage, who, absent, stolen(stage, who, "received"))
            assert {status for status, _headers, _content in nothing} == {404}
            for case in stage.cases.keys() - KNOWN[who]:
                assert told(stage, who, names[case], stolen(stage, who, case)) == nothing, case


@pytest.mark.parametrize("who", PEOPLE)
def test_a_case_of_ones_own_is_found(stage: Stage, who: str) -> None:
    for case in KNOWN[who]:
        assert asking(stage, who, "GET", f"{ROOM}/perkara/{stage.numbers[case]}").status_code == 200, case


@pytest.mark.parametrize("who", [*SHUT, *KEYLESS])
def test_whoever_holds_no_key_is_refused_whatever_case_he_names(stage: Stage, who: str) -> None:
    looks = {"overseer": 200}
    with stage.untouched():
        for case in ("received", "review", "excluded", "elsewhere"):
            page, *others = asked_of(stage.numbers[case], stolen(stage, who, case))
            expected = SHUT.get(who, 403)
            assert asking(stage, who, *page[:2]).status_code == looks.get(who, expected), case
            answers = [asking(stage, who, method, address, json=act) for method, address, act in others]
            assert {answer.status_code for answer in answers} == {expected}, case


# Who may know of the story's case at all while it lies at 33.08, and so is told that he may not do this.
INSIDE = ("lead", "investigator", "colleague", "reviewer", "second", "above", "investigator above", "reviewer above")


def knowing(stage: Stage) -> set[str]:
    """Return who knows of the story's case now; whoever may open it has done so."""
    page = f"{ROOM}/perkara/{stage.numbers['story']}"
    found = {who for who in INSIDE if asking(stage, who, "GET", f"{page}/keadaan").status_code == 200}
    for who in found - stage.readers:
        asking(stage, who, "POST", f"{page}/buka", json={})
    stage.readers |= found
    return found


def test_every_act_of_a_cases_life_is_bent_in_every_way_and_refused(stage: Stage) -> None:
    assert {step.action for step in STORY} == set(Action) - REPORTER_ACTIONS - SYSTEM_ACTIONS
    stage.lodge("story")
    # Who may know of this one changes as it goes.
    del stage.cases["story"]
    bent_already = set[str]()
    before = None
    for step in STORY:
        case = stage.opened(step.who, "story")
        act = Act.of(case, step.compose(stage, case), **others(stage, step.who), before=before)
        state = case.told["state"]
        knows = set() if step.action in bent_already else knowing(stage)
        with stage.untouched():
            if step.action not in bent_already:
                hold(stage, step, bent(act))
                hold(stage, step, by_colleagues(stage, step, act, knows))
            if state not in bent_already:
                hold(stage, step, misnamed(step, act))
                hold(stage, step, by_strangers(stage, act))
                hold(stage, step, strange(act) if state in {"RECEIVED", "INVESTIGATION"} else [])
        bent_already |= {step.action, state}
        before = act.rightly()
        hold(stage, step, [("rightly", before, {200})])
        if step.then:
            stage.write("story", step.then, "Dari pelapor.")


def hold(stage: Stage, step: Step, bent: Iterable[tuple[str, Any, set[int]]]) -> None:
    """Post each, by whom the step is or whom its name begins with, and hold that it is answered as it should be."""
    address = f"{ROOM}/perkara/{stage.numbers['story']}/tindakan"
    for name, posted, statuses in bent:
        who = name.partition(": ")[0]
        answer = asking(stage, who if who in stage.visitors else step.who, "POST", address, json=posted)
        assert answer.status_code in statuses, (step.action, name, answer.text)


def misnamed(step: Step, act: Act) -> Iterator[Bent]:
    """Return the act as each other act; some carry the same, and are those rightly."""
    for action in set(Action) - {step.action}:
        if TEXTS.get(action) != TEXTS.get(step.action) or action in SYSTEM_ACTIONS:
            yield f"as {action}", act.saying(action=str(action)), {403, 422}


def by_colleagues(stage: Stage, step: Step, act: Act, knows: set[str]) -> Iterator[Bent]:
    """Return the act in the name and hand of everybody else at his desk and the one above, and posted for him."""
    for who in INSIDE:
        if who not in (step.who, *step.also):
            yield f"{who}: as his own", in_his_name(stage, who, act), {403, 409} if who in knows else {404}
    for who in sorted(knows - {step.who})[:2]:
        yield f"{who}: as it is", act.rightly(), {403}


def by_strangers(stage: Stage, act: Act) -> Iterator[Bent]:
    """Return the act in the name and hand of everybody who has no business with the case, nor with any."""
    for who in EVERYBODY:
        if who not in INSIDE:
            yield f"{who}: as his own", in_his_name(stage, who, act), SHUT_OUT.get(who, {404})
            yield f"{who}: as it is", act.rightly(), SHUT_OUT.get(who, {404})


def in_his_name(stage: Stage, who: str, act: Act) -> Json:
    return act.saying(by=stage.sign_of(who), actor=f"officer:{actor_id(stage, who)}")


def others(stage: Stage, who: str) -> dict[str, Any]:
    """Return what is not this officer's, or not this case's, to bend his act with."""
    colleague = "lead" if who != "lead" else "above"
    reading = bytes.fromhex(stage.opened("lead", "running").told["access"])
    return {
        "outsiders": stage.outsiders(),
        "colleague": (stage.logins[colleague].id, stage.logins[colleague].sign),
        "other_case": (stage.cases["running"], reading),
    }


@dataclass(frozen=True)
class Address:
    """What a hostile officer asks at one address, whom its door lets in, and what those are answered."""

    method: str
    rule: str
    roles: frozenset[str]
    statuses: frozenset[int]
    ways: tuple[str, ...] = ("",)
    posted: Any = None
    form: bool = False


WILD = ("'%20OR%201=1--", "%00", "%ff", "１２３-４５６-７８９", "9" * 4000)
LEAD, READERS = frozenset({"lead"}), frozenset({"lead", "investigator", "reviewer"})
WATCHERS, OVERSEER, ADMINISTRATOR = READERS | {"overseer"}, frozenset({"overseer"}), frozenset({"administrator"})
CHAINED, TIMED = LEAD | OVERSEER | ADMINISTRATOR, LEAD | OVERSEER
ANYBODY, EVERY_LOGIN = frozenset({"anybody"}), frozenset({"every login"})
FOUND, MALFORMED, MISSING, UNFIT = map(frozenset, ({200}, {400}, {400, 404}, {422}))
JUNK: Json = {"body": "x", "copies": [], "kem": "", "officer": NOBODY, "token": "00", "name": "x"}
QUEUE = ("", *(f"?meja={desk}" for desk in ("33.08", "33.74", "33", "luar", "%00")), "?tahap=CLOSED&meja=33.74",
         "?milik-saya=ya&terlambat=ya", f"?setelah=2020-01-01~0~{'0' * 32}", "?setelah=%00")  # fmt: skip
READ_LOG = ("", "?perkara=%00", f"?petugas={NOBODY}", "?petugas=%00", "?setelah=%00", "?perkara=' OR 1=1--")
OWN_ENDS = ("kunci/tutup", "keluar", "keluar-semua")
CASE = f"{ROOM}/perkara/<number>"
ADDRESSES = (
    Address("GET", f"{ROOM}/masuk", ANYBODY, FOUND, ("", "?ke=//example.org", "?ke=%00")),
    Address("POST", f"{ROOM}/masuk", ANYBODY, MALFORMED, posted=JUNK),
    Address("POST", f"{ROOM}/masuk/garam", ANYBODY, MALFORMED, posted=JUNK),
    Address("GET", f"{ROOM}/aktivasi", ANYBODY, FOUND),
    Address("POST", f"{ROOM}/aktivasi/mulai", ANYBODY, frozenset({404}), posted={"token": "0" * 64}),
    Address("POST", f"{ROOM}/aktivasi/selesai", ANYBODY, MALFORMED, posted=JUNK),
    Address("GET", f"{ROOM}/saya", EVERY_LOGIN, FOUND),
    Address("POST", f"{ROOM}/kunci", EVERY_LOGIN, frozenset({200, 423}), posted={}),
    Address("POST", f"{ROOM}/kunci/buka", EVERY_LOGIN, MALFORMED, posted=JUNK),
    Address("POST", f"{ROOM}/saya/kata-sandi", EVERY_LOGIN, MALFORMED, posted=JUNK),
    Address("POST", f"{ROOM}/saya/bocor", READERS | {"unvouched"}, UNFIT, posted=JUNK),
    # By these one ends nobody's login but one's own: whoever has one does not ask.
    *(Address("POST", f"{ROOM}/{end}", EVERY_LOGIN, frozenset(), posted={}) for end in OWN_ENDS),
    Address("GET", f"{ROOM}/", WATCHERS, FOUND, QUEUE),
    Address("GET", f"{ROOM}/direktori", READERS, FOUND),
    Address("GET", CASE, WATCHERS, MISSING, WILD),
    Address("POST", f"{CASE}/buka", READERS, MISSING, WILD, posted={}),
    Address("GET", f"{CASE}/keadaan", READERS, MISSING, WILD),
    Address("POST", f"{CASE}/tindakan", READERS, MISSING, WILD, posted=JUNK),
    Address("POST", f"{CASE}/bukti", READERS, MISSING, WILD, posted=JUNK),
    Address("POST", f"{CASE}/bukti/periksa", READERS, MISSING, WILD, posted={}),
    Address("POST", f"{CASE}/bukti/<file>/buka", READERS, MISSING, WILD, posted=EXAMINE),
    Address("POST", f"{CASE}/bukti/<file>/hapus", READERS, MISSING, WILD, posted={}),
    Address("GET", f"{CASE}/bukti/<file>/<int:first>-<int:last>", READERS, MISSING, ("1", *WILD)),
    Address("PUT", f"{CASE}/bukti/<file>/<int:first>", READERS, frozenset({404, 415}), ("1", *WILD), posted={}),
    Address("GET", f"{ROOM}/pratinjau", READERS, FOUND, ("", "?dokumen", "?dokumen=%00")),
    Address("GET", f"{ROOM}/bantu", READERS, FOUND, ("", "?perkara=%00")),
    Address("POST", f"{ROOM}/bantu", READERS, MALFORMED, posted=JUNK),
    Address("GET", f"{ROOM}/orang", LEAD, FOUND, ("", "?meja=33.74")),
    Address("POST", f"{ROOM}/orang/sahkan", LEAD, MALFORMED, posted=JUNK),
    Address("POST", f"{ROOM}/orang/cabut", LEAD, MALFORMED, posted=JUNK),
    Address("POST", f"{ROOM}/orang/kunci-perkara", LEAD, FOUND, posted={"officer": NOBODY}),
    Address("POST", f"{ROOM}/orang/kunci-perkara/baru", LEAD, MALFORMED, posted=JUNK),
    Address("GET", f"{ROOM}/orang/kunci", LEAD, FOUND, ("", "?meja=33.74")),
    Address("GET", f"{ROOM}/orang/kunci-meja", LEAD, FOUND, ("", "?meja=33.74")),
    Address("POST", f"{ROOM}/orang/kunci-meja", LEAD, MALFORMED, posted=JUNK),
    Address("GET", f"{ROOM}/meja/kunci", LEAD, FOUND, ("", "?meja=33.74")),
    Address("POST", f"{ROOM}/meja/kunci/salinan", LEAD, FOUND, posted={"desk": "33.74"}),
    Address("POST", f"{ROOM}/meja/kunci/salinan-baru", LEAD, MALFORMED, posted=JUNK),
    Address("GET", f"{ROOM}/akun", ADMINISTRATOR, FOUND),
    Address("POST", f"{ROOM}/akun", ADMINISTRATOR, UNFIT, posted={"role": "root", "desk": "99"}, form=True),
    Address("POST", f"{ROOM}/akun/<officer_id>/undang", ADMINISTRATOR, MISSING, (NOBODY, *WILD), {}, True),
    Address("POST", f"{ROOM}/akun/<officer_id>/tutup", ADMINISTRATOR, MISSING, (NOBODY, *WILD), {"sure": "ya"}, True),
    Address("GET", f"{ROOM}/pernyataan", CHAINED, FOUND),
    Address("GET", f"{ROOM}/pembacaan", OVERSEER, FOUND, READ_LOG),
    Address("GET", f"{ROOM}/tenggat", TIMED, FOUND, ("", "?meja=33.74")),
    Address("GET", f"{ROOM}/alarm", ADMINISTRATOR, FOUND, ("", "?perkara=%00")),
    Address("GET", f"{ROOM}/libur", ADMINISTRATOR | OVERSEER, FOUND),
    Address("POST", f"{ROOM}/libur", ADMINISTRATOR, UNFIT, posted={"day": "2026-13-40"}, form=True),
    Address("POST", f"{ROOM}/libur/<day>/hapus", ADMINISTRATOR, MISSING, ("9999-99-99", *WILD), {}, True),
)


def test_no_address_of_the_room_is_left_out(stage: Stage) -> None:
    there = {
        (method, rule.rule)
        for rule in stage.town.app.url_map.iter_rules()
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
        if rule.rule.startswith(ROOM)
    }
    assert there == {(each.method, each.rule) for each in ADDRESSES}


@pytest.mark.parametrize("who", EVERYBODY)
def test_nothing_moves_and_nothing_shows_at_any_address(stage: Stage, who: str) -> None:
    unknown = set[str]() if who == "overseer" else stage.cases.keys() - KNOWN.get(who, set())
    hidden = [name for case in unknown for name in (stage.cases[case], stage.numbers[case])]
    with stage.untouched():
        for address in ADDRESSES:
            expected = awaited(address, who)
            for way in address.ways[: None if expected == address.statuses else 1] if expected else ():
                path = re.sub("<[a-z_:]+>", way, address.rule) if "<" in address.rule else address.rule + way
                posted = {"data" if address.form else "json": address.posted}
                answer = asking(stage, who, address.method, path, **posted)
                nowhere = {404} if "%00" in path or "%2f" in path else set()
                assert answer.status_code in expected | nowhere, (address.method, path, answer.status_code)
                told = answer.get_data(as_text=True)
                assert not [name for name in hidden if name in told], (address.method, path)


def awaited(address: Address, who: str) -> set[int]:
    """Return what somebody may be answered at an address."""
    named = CAST[who][0] if who in CAST.keys() - SHUT.keys() else who
    logged_in = "every login" in address.roles and who not in {"stranger", "revoked", "left"}
    let_in = "anybody" in address.roles or logged_in or named in address.roles
    return set(address.statuses) if let_in else SHUT_OUT.get(who, {403})


def compared(stage: Stage) -> Newcomer:
    """Return the keys of the newcomer whom nobody has vouched for, as his lead is shown them."""
    page = stage.visitors["lead"].get(f"{ROOM}/orang").get_data(as_text=True)
    [found] = [told for told in joining.COMPARED.findall(page) if told[0] == stage.newcomer]
    officer_id, name, role, desk, kem, sign = found
    return Newcomer(officer_id, name, desk, role, base64.b64decode(kem), base64.b64decode(sign))


def statement_by(stage: Stage, who: str, hand: str | None = None, **other: Any) -> str:
    """Return a statement on the newcomer's keys in somebody's name, signed by his ``hand`` or another's."""
    rightly = compared(stage).statement(f"officer:{stage.logins[who].id}", 1, clock.today())
    return statements.sign(replace(rightly, **other), stage.sign_of(hand or who))


def vouchings(stage: Stage) -> Iterator[Bent]:
    """Return statements on keys that are not whose word counts, or not what is so."""
    copy = {"desk": "33.08", "epoch": 1, "recipient": f"officer:{stage.newcomer}", "sealed": sealed_anew()}
    for who in ("lead elsewhere", "above", "lead outside"):
        yield f"{who}: not his to vouch for", {"body": statement_by(stage, who), "copies": []}, {403}
    for name, body, statuses in (
        ("in another's hand", statement_by(stage, "lead", "lead elsewhere"), {403}),
        ("in another's name", statement_by(stage, "above", "lead"), {403}),
        ("as a lead", statement_by(stage, "lead", remit="lead"), {409}),
        ("as one of another desk", statement_by(stage, "lead", desk="33.74"), {409}),
        ("with other keys", statement_by(stage, "lead", kem="0" * 64), {409}),
        ("of another version", statement_by(stage, "lead", version=7), {409}),
        ("about who is not there", statement_by(stage, "lead", subject=NOBODY), {409}),
        ("about himself", statement_by(stage, "lead", subject=stage.logins["lead"].id), {409}),
        ("as revoked", statement_by(stage, "lead", status="revoked"), {403}),
    ):  # fmt: skip
        yield f"lead: {name}", {"body": body, "copies": []}, statuses
    yield "lead: with his desk's key", {"body": statement_by(stage, "lead"), "copies": [copy]}, {409}


def revocations(stage: Stage) -> Iterator[Bent]:
    """Return statements that end somebody's keys, by those to whom it is not given, or not as things are."""
    lead, elsewhere = stage.logins["lead"], stage.logins["lead elsewhere"]
    for who, whom in (
        ("lead elsewhere", "investigator"), ("above", "investigator"), ("lead outside", "lead"), ("lead", "lead"),
        ("lead", "above"), ("lead", "lead elsewhere"), ("lead", "reviewer elsewhere"),
    ):  # fmt: skip
        yield f"{who}: not his: {whom}", {"body": revocation(stage.logins[who], stage.logins[whom].id)}, {403}
    yield "lead elsewhere: again", {"body": revocation(elsewhere, stage.logins["revoked"].id)}, {409}
    reviewer = stage.logins["reviewer"].id
    yield "lead: in another's hand", {"body": revocation(lead, reviewer, by=elsewhere.sign)}, {403}
    for name, other in (
        ("of another version", {"version": 7}), ("yesterday", {"issued": clock.today() - timedelta(days=1)}),
        ("of another desk", {"desk": "33.74"}), ("active", {"status": "active"}), ("of a desk", {"kind": "desk"}),
    ):  # fmt: skip
        yield f"lead: {name}", {"body": revocation(lead, reviewer, **other)}, {403, 409}


def sealed_anew() -> str:
    return base64_of(b"\x01" + bytes(1120 + 32 + 16))


def desk_keys(stage: Stage) -> Iterator[Bent]:
    """Return keys for desks that are others', under epochs that do not follow, or sealed to the wrong people."""
    lead, kem = stage.logins["lead"], Identity.from_seed(b"hostile".ljust(32)).recipient
    for who, desk, epoch, holders, status in (
        ("lead", "33.74", 2, ["recovery"], 409), ("lead elsewhere", "33.08", 2, [f"officer:{lead.id}"], 409),
        ("lead", "33.08", 2, ["recovery", f"officer:{lead.id}"], 409),
        ("lead", "33.08", 9, [f"officer:{lead.id}", "desk:33:1", "recovery"], 409),
        ("above", "33.08", 2, [f"officer:{lead.id}", "desk:33:1", "recovery"], 403),
    ):  # fmt: skip
        said = Statement(
            kind="epoch", subject=desk, version=epoch, status="active", desk=None, parent=None, remit=None,
            kem=kem.digest, sign=None, issued=clock.today(), issuer=f"officer:{stage.logins[who].id}",
        )  # fmt: skip
        copies = [{"desk": desk, "epoch": epoch, "recipient": name, "sealed": sealed_anew()} for name in holders]
        body = statements.sign(said, stage.sign_of(who))
        yield f"{who}: {desk} {epoch}", {"body": body, "kem": base64_of(kem.raw), "copies": copies}, {status}


def reseals(stage: Stage) -> Iterator[Bent]:
    """Return keys sealed anew that nobody asked for: of others' cases, for others' people, from others' desks."""
    lead, him = stage.logins["lead"], f"officer:{stage.logins['investigator elsewhere'].id}"
    sealed = base64.b64decode(sealed_anew())
    for case, before, after in (
        ("elsewhere", "desk:33.08:1", him), ("elsewhere", "desk:33.74:1", him), ("running", "desk:33.08:1", him),
        ("running", "desk:33.74:1", "desk:33.08:2"), ("elsewhere", "desk:33.74:1", "desk:33.74:2"),
    ):  # fmt: skip
        said = Reseal(
            object=stage.cases[case], kind="case", epoch=1, before=before, after=after, day=clock.today(),
            sealed=hashlib.sha256(sealed).hexdigest(), officer=lead.id,
        )  # fmt: skip
        posted = {"body": resealing.sign(said, lead.sign), "sealed": base64_of(sealed)}
        yield f"lead: {case} {before} {after}", {"copies": [posted]}, {409}


@pytest.mark.parametrize(
    ("address", "ways"),
    [
        ("orang/sahkan", vouchings),
        ("orang/cabut", revocations),
        ("orang/kunci-meja", desk_keys),
        ("orang/kunci-perkara/baru", reseals),
        ("meja/kunci/salinan-baru", reseals),
    ],
)
def test_no_lead_states_or_seals_what_is_not_his_to(
    stage: Stage, address: str, ways: Callable[[Stage], Iterator[Bent]]
) -> None:
    with stage.untouched():
        for name, posted, statuses in ways(stage):
            answer = asking(stage, name.partition(": ")[0], "POST", f"{ROOM}/{address}", json=posted)
            assert answer.status_code in statuses, (name, answer.text)


@pytest.mark.parametrize("who", ["lead", "above", "lead elsewhere", "lead outside"])
def test_a_lead_is_handed_keys_of_his_own_desks_alone(stage: Stage, who: str) -> None:
    own = stage.logins[who].id
    desk = CAST[who][1]
    with stage.untouched():
        copies = asking(stage, who, "GET", f"{ROOM}/orang/kunci-meja").get_json()["copies"]
        assert {copy["recipient"] for copy in copies} <= {f"officer:{own}", f"desk:{desk}:1"}
        for officer_id in (NOBODY, stage.newcomer, *(login.id for login in stage.logins.values())):
            told = asking(stage, who, "POST", f"{ROOM}/orang/kunci-perkara", json={"officer": officer_id})
            assert (told.status_code, told.get_json()) == (200, {"copies": [], "cases": []})


def test_an_administrator_ends_neither_himself_nor_who_has_ended(stage: Stage) -> None:
    with stage.town.app.app_context():
        own = db.session.scalars(select(Officer.id).where(Officer.role == "administrator")).one()
        db.session.remove()
    with stage.untouched():
        for officer_id, status in ((own, 409), (stage.logins["left"].id, 404), (NOBODY, 404)):
            for end in ("undang", "tutup"):
                answer = asking(
                    stage, "administrator", "POST", f"{ROOM}/akun/{officer_id}/{end}", data={"sure": "ya"}
                )
                assert answer.status_code == status, (officer_id, end)
