"""A province with a cast of officers, of whom some may do nothing any more, and cases in many states and places."""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from sqlalchemy import inspect, text

from casework.terms import Action
from kernel import clock
from kernel.database import db
from kernel.directory import statements
from kernel.directory.statements import Statement
from kernel.vault import SigningKey, draw
from ledger.body import read_event
from tests import client, joining, officer
from tests.casework.office import Watch
from tests.client import Json, asked
from tests.officer import Login, OpenedCase, Text, act, compose, handover, open_case, send_evidence
from tests.province import ANSWERS, Province, Visitor

# Who plays: role, desk, and which of several.
CAST = {
    "lead": ("lead", "33.08", 0), "investigator": ("investigator", "33.08", 0),
    "colleague": ("investigator", "33.08", 1), "reviewer": ("reviewer", "33.08", 0), "second": ("reviewer", "33.08", 1),
    "above": ("lead", "33", 0), "investigator above": ("investigator", "33", 0),
    "reviewer above": ("reviewer", "33", 0),
    "lead elsewhere": ("lead", "33.74", 0), "investigator elsewhere": ("investigator", "33.74", 0),
    "reviewer elsewhere": ("reviewer", "33.74", 0), "lead outside": ("lead", "luar", 0),
    "revoked": ("investigator", "33.74", 1), "left": ("reviewer", "33.74", 1), "locked": ("investigator", "33", 1),
}  # fmt: skip
KEYLESS = ("overseer", "administrator")
# Who has nothing to look for here, and what he is told whatever he asks for.
SHUT = {"stranger": 401, "revoked": 401, "left": 401, "locked": 423, "unvouched": 403}
EVERYBODY = (*CAST, *KEYLESS, "unvouched", "stranger")
PLAN = {"category": "layanan_gratis", "severity": "sedang"}


@dataclass
class Stage:
    """The province, who plays in it, and the cases by the names they have in the tests."""

    town: Province
    watch: Watch
    logins: dict[str, Login] = field(default_factory=dict)
    visitors: dict[str, Visitor] = field(default_factory=dict)
    phrases: dict[str, str] = field(default_factory=dict)
    cases: dict[str, str] = field(default_factory=dict)
    numbers: dict[str, str] = field(default_factory=dict)
    newcomer: str = ""
    readers: set[str] = field(default_factory=set)

    def opened(self, who: str, case: str) -> OpenedCase:
        """Open a case as one of the cast."""
        return open_case(self.logins[who], self.numbers[case])

    def act(self, who: str, case: str, action: str, to_state: str, texts: Sequence[Text], **clear: str) -> None:
        """Carry a case on, rightly."""
        act(self.opened(who, case), action, to_state, texts, {name.replace("__", "."): clear[name] for name in clear})

    def write(self, case: str, action: str, words: str) -> None:
        """Let a case's reporter act."""
        ask = self.town.visitor().ask
        client.act(client.visit(self.town.keys(self.phrases[case]), ask), action, words, ask)

    def lodge(self, case: str, excluded: frozenset[str] = frozenset(), **answers: str) -> None:
        """Lodge a complaint whose case has a name from then on."""
        ask, phrase = self.town.visitor().ask, draw(8)
        posted = client.envelope(ANSWERS | answers, self.town.keys(phrase), self.town.installation(), ask, excluded)
        asked(ask, "/api/v1/complaints", posted)
        complaint = client.visit(self.town.keys(phrase), ask).thread["complaint"]
        self.phrases[case], self.cases[case] = phrase, complaint
        self.numbers[case] = self.town.number_of(complaint)

    def investigate(self, case: str, lead: str = "lead", assignee: str = "investigator") -> None:
        """Lead a case just lodged into investigation."""
        self.act(lead, case, "open", "TRIAGE", [Text("declaration", "Tidak ada.")])
        allegation = Text("allegation", "Pungutan.")
        clear = PLAN | {"assignee": self.logins[assignee].id, f"allegation__{allegation.id}": "open"}
        self.act(lead, case, "investigate", "INVESTIGATION", [Text("plan", "Periksa."), allegation], **clear)

    def propose(self, case: str) -> None:
        """Propose to end a case under investigation."""
        texts = [Text("reason", "Sama."), Text("decision", "Sudah ditangani.")]
        self.act("investigator", case, "propose", "REVIEW", texts, outcome="duplicate")

    def outsiders(self) -> tuple[str, ...]:
        """Return to whom no key of a case of 33.08 is ever sealed, by an act of his desk's or the one above."""
        people = ("revoked", "left", "investigator elsewhere", "lead elsewhere", "lead", "above")
        officers = [f"officer:{self.logins[who].id}" for who in people]
        return (*officers, f"officer:{self.newcomer}", "desk:33.74:1", "desk:33:1", "desk:33.08:2", "recovery")

    def sign_of(self, who: str) -> SigningKey:
        """Return somebody's key to sign with; of who has none, one that he drew just now."""
        return self.logins[who].sign if who in self.logins else SigningKey.from_seed(b"hostile".ljust(32))

    def picture(self) -> dict[str, list[str]]:
        """Return every row of every table."""
        with self.town.app.app_context(), db.engine.connect() as connection:
            names = inspect(connection).get_table_names()
            return {name: sorted(map(repr, connection.execute(text(f'SELECT * FROM "{name}"')))) for name in names}

    @contextmanager
    def untouched(self) -> Iterator[None]:
        """Hold that nothing in the database changes meanwhile, in any table."""
        before = self.picture()
        yield
        after = self.picture()
        assert [name for name in before if before[name] != after[name]] == []


def set_stage(town: Province, watch: Watch) -> Stage:
    """Let everybody log in, lodge the cases and lead them to where they are to be found, then shut some people out."""
    stage = Stage(town, watch)
    for who, (role, desk, turn) in CAST.items():
        person, visitor = town.named(role, desk, turn), town.visitor()
        code = officer.code_at(person.totp_secret, clock.now())
        stage.logins[who] = officer.log_in(visitor.ask, person.name, person.password, code, town.root)
        stage.visitors[who] = visitor
    for who in KEYLESS:
        person, visitor = town.named(who, "-"), town.visitor()
        officer.enter(visitor.ask, person.name, person.password, officer.code_at(person.totp_secret, clock.now()))
        stage.visitors[who] = visitor
    stage.visitors["stranger"] = town.visitor()
    _set_cases(stage)
    _shut_out(stage)
    return stage


def _set_cases(stage: Stage) -> None:
    for case in ("received", "triage", "running", "review", "closed", "objection", "recused"):
        stage.lodge(case)
    stage.lodge("excluded", frozenset({"33"}))
    stage.lodge("elsewhere", region="33.74")
    stage.lodge("provincial", level="pimpinan_kabkota")
    stage.lodge("outside", level="pimpinan_provinsi")
    stage.act("lead", "triage", "open", "TRIAGE", [Text("declaration", "Tidak ada.")])
    for case in ("running", "review", "closed", "objection", "recused", "excluded"):
        stage.investigate(case)
    stage.investigate("elsewhere", "lead elsewhere", "revoked")
    for case in ("review", "closed", "objection"):
        stage.propose(case)
    for case in ("closed", "objection"):
        stage.act("reviewer", case, "close", "CLOSED", [])
    stage.write("objection", "object", "Saya tidak setuju.")
    stage.act("lead", "objection", "assign", "OBJECTION", [], assignee=stage.logins["colleague"].id)
    stage.act("investigator", "recused", "recuse", "INVESTIGATION", [Text("reason", "Ia paman saya.")])


def _shut_out(stage: Stage) -> None:
    """Invite somebody whom nobody vouches for, revoke one, let one leave, and lock one's login."""
    administrator = stage.visitors["administrator"]
    new = {"name": "pemeriksa.baru", "full_name": "Pemeriksa Baru", "role": "investigator", "desk": "33.08"}
    page = administrator.post("/petugas/akun", data=new).get_data(as_text=True)
    found = re.search("/petugas/aktivasi#([0-9a-f]{64})", page)
    assert found
    joined = joining.activate(stage.town.visitor().ask, found.group(1))
    stage.newcomer = joined.id
    stage.watch.move(seconds=30)
    stage.visitors["unvouched"] = stage.town.visitor()
    officer.enter(stage.visitors["unvouched"].ask, joined.name, joined.password, joined.code())
    said = revocation(stage.logins["lead elsewhere"], stage.logins["revoked"].id)
    asked(stage.visitors["lead elsewhere"].ask, "/petugas/orang/cabut", {"body": said})
    gone = f"/petugas/akun/{stage.logins['left'].id}/tutup"
    assert administrator.post(gone, data={"sure": "ya"}).status_code == 303
    asked(stage.visitors["locked"].ask, "/petugas/kunci/tutup", {})


def revocation(lead: Login, officer_id: str, by: SigningKey | None = None, **other: Any) -> str:
    """Return a lead's statement that an officer's keys count no more, signed ``by`` himself or another."""
    now = lead.directory.officer(officer_id)
    said: Json = {
        "kind": "officer", "subject": officer_id, "version": 2, "status": "revoked", "desk": now.desk, "parent": None,
        "remit": now.role, "kem": now.kem_digest, "sign": now.sign.hex(), "issued": clock.today(),
        "issuer": f"officer:{lead.id}",
    }  # fmt: skip
    return statements.sign(Statement(**(said | other)), by or lead.sign)


@dataclass(frozen=True)
class Step:
    """One right act of a case's story, and who else might do the same; ``then`` is what its reporter does after it."""

    who: str
    action: Action
    to_state: str
    texts: tuple[str, ...] = ()
    clear: Mapping[str, str] = field(default_factory=dict)
    names: Mapping[str, str] = field(default_factory=dict)
    also: tuple[str, ...] = ()
    then: str | None = None

    def compose(self, stage: Stage, case: OpenedCase) -> tuple[str, Json]:
        """Compose this step on a case as it stands."""
        ids = {"allegation": ALLEGATION}
        texts = [Text(kind, "Tertulis di sini.", ids.get(kind, secrets.token_hex(16))) for kind in self.texts]
        clear = {name: told_by(case, value) for name, value in self.clear.items()}
        clear |= {name: stage.logins[who].id for name, who in self.names.items()}
        put = stage.visitors[self.who].put
        files = [send_evidence(case, b"Berita acara", put)] if self.action is Action.EVIDENCE else []
        return compose(case, self.action, self.to_state, texts, clear, files)


def consented(case: OpenedCase) -> str:
    """Return the package that is to be handed over: what has been consented to, else what is being read."""
    events = [read_event(each["body"]) for each in case.told["events"]]
    last = events[-1]
    return last.clear["package"] if last.action == Action.CONSENT else handover(case)


def told_by(case: OpenedCase, value: str) -> str:
    """Return what stands in the clear, where it can only be told when the case is there."""
    if value == "extension":
        return (clock.today() + timedelta(days=120)).isoformat()
    if value == "evidence":
        return str(case.told["files"][0]["id"])
    return consented(case) if value == "handover" else value


ALLEGATION = "a1" * 16
FOUND = f"allegation.{ALLEGATION}"
LEADS, WORKERS = ("above",), ("above", "investigator")
PROVEN, WHY = {"outcome": "proven"}, ("reason", "decision")
REFERRAL = {"package": "handover", "agency": "bpn"}
# Every act there is for an officer, in the life of one case.
STORY = (
    Step("lead", Action.OPEN, "TRIAGE", ("declaration",), also=LEADS),
    Step("lead", Action.FLAG, "TRIAGE", clear={"urgent": "yes"}, also=LEADS),
    Step("above", Action.HOLD, "TRIAGE", ("reason",), also=("lead",)),
    Step("lead", Action.RELEASE, "TRIAGE", ("reason",), also=LEADS),
    Step("lead", Action.NOTE, "TRIAGE", ("note",), names={"reader": "reviewer"}, also=LEADS),
    Step("reviewer", Action.CONSENT, "TRIAGE", clear=REFERRAL),
    Step("lead", Action.REFER, "REFERRED", ("reason",), {**REFERRAL, "recipient": "none"}, also=LEADS),
    Step("lead", Action.RETURNED, "TRIAGE", ("reason",), also=LEADS),
    Step("lead", Action.ASK, "NEEDS_INFO", ("question",), also=LEADS, then="answer"),
    Step(
        "lead", Action.INVESTIGATE, "INVESTIGATION", ("plan", "allegation"), {**PLAN, FOUND: "open"},
        {"assignee": "investigator"}, LEADS,
    ),
    Step("investigator", Action.REPLY, "INVESTIGATION", ("message",), also=("lead", *LEADS)),
    Step("investigator", Action.FINDING, "INVESTIGATION", ("finding",), {FOUND: "proven"}),
    Step("investigator", Action.EVIDENCE, "INVESTIGATION", also=("lead", *LEADS)),
    Step("investigator", Action.EXPORT, "INVESTIGATION", ("reason",), {"files": "evidence"}, also=("lead", *LEADS)),
    Step("lead", Action.TRANSFER, "INVESTIGATION", ("reason",), {"files": "evidence"}, also=WORKERS),
    Step("lead", Action.EXTEND, "INVESTIGATION", ("reason", "message"), {"until": "extension"}, also=WORKERS),
    Step("investigator", Action.RECUSE, "INVESTIGATION", ("reason",), also=("lead", "above", "reviewer")),
    Step("lead", Action.ASSIGN, "INVESTIGATION", names={"assignee": "colleague"}, also=LEADS),
    Step("colleague", Action.PROPOSE, "REVIEW", WHY, PROVEN),
    Step("reviewer", Action.SEND_BACK, "INVESTIGATION", ("reason",), also=("second",)),
    Step("colleague", Action.PROPOSE, "REVIEW", WHY, PROVEN),
    Step("reviewer", Action.CLOSE, "CLOSED", also=("second",)),
    Step("above", Action.REOPEN, "INVESTIGATION", ("reason",)),
    Step("colleague", Action.PROPOSE, "REVIEW", WHY, PROVEN),
    Step("reviewer", Action.CLOSE, "CLOSED", also=("second",), then="object"),
    Step("lead", Action.ASSIGN, "OBJECTION", names={"assignee": "second"}, also=LEADS),
    Step("second", Action.DISMISS, "REVIEW", WHY, PROVEN),
    Step("reviewer above", Action.CLOSE, "CLOSED", then="object"),
    Step("lead", Action.ASSIGN, "OBJECTION", names={"assignee": "investigator above"}, also=LEADS),
    Step("investigator above", Action.UPHOLD, "INVESTIGATION", ("decision", "reason")),
    Step("reviewer", Action.CONSENT, "INVESTIGATION", clear=REFERRAL),
    Step("lead", Action.REFER, "REFERRED", ("reason",), {**REFERRAL, "recipient": "none"}, also=LEADS),
    Step("investigator above", Action.RECEIPT, "REVIEW", WHY, {"reference": "BPN-1", **PROVEN}),
)  # fmt: skip
