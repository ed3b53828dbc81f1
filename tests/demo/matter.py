"""A case being worked on: each method is one person's act, on the case as it then stands."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

from tests import officer
from tests.demo.papers import Paper
from tests.demo.province import Desk
from tests.demo.reporter import Reporter
from tests.officer import Login, OpenedCase, Text

DECLARATION = "Saya tidak mempunyai hubungan keluarga, utang budi, atau kepentingan dengan pihak yang dilaporkan."
CATEGORIES = {
    "bansos": "potongan",
    "dukcapil": "layanan_gratis",
    "parkir_pasar": "setoran",
    "pendidikan": "sumbangan_paksa",
    "samsat": "layanan_gratis",
}
TO_READ = "Mohon berkas ini dibaca: saya hendak melimpahkannya dan memerlukan persetujuan petugas kedua."
FOUND = {
    "proven": "Dugaan ini didukung bukti yang cukup.",
    "partly_proven": "Sebagian dari dugaan ini didukung bukti.",
    "not_proven": "Bukti yang terkumpul belum cukup untuk dugaan ini.",
}


class Matter:
    """One complaint with its reporter, the desk that has it, and the case's number there."""

    def __init__(self, reporter: Reporter, desk: Desk, number: str, sector: str = "") -> None:
        self.reporter, self.desk, self.number = reporter, desk, number
        self.category = CATEGORIES.get(sector, "uang_pelicin")
        self.allegations: list[str] = []
        # Who investigates is by turns the first and the second investigator of the desk.
        self.turn = 0

    @property
    def investigator(self) -> Login:
        """Return who investigates."""
        return self.desk.of("investigator")[self.turn]

    def read_by(self, login: Login) -> OpenedCase:
        """Have an officer open the case, which is put on record."""
        return officer.open_case(login, self.number)

    def act(self, login: Login, action: str, to_state: str, *texts: Text, **clear: str) -> None:
        """Have an officer open the case and do one act, sealed and signed."""
        officer.act(self.read_by(login), action, to_state, texts, clear)

    # The lead.

    def take(self, declaration: str = DECLARATION) -> None:
        """Take the case: the lead declares that nothing ties him to it."""
        self.act(self.desk.lead, "open", "TRIAGE", Text("declaration", declaration))

    def plan(self, text: str, allegations: Sequence[str], severity: str = "sedang") -> None:
        """Begin an investigation and assign it."""
        notes = [Text("allegation", allegation) for allegation in allegations]
        self.allegations = [note.id for note in notes]
        clear = {f"allegation.{note.id}": "open" for note in notes} | {"severity": severity}
        clear |= {"assignee": self.investigator.id, "category": self.category}
        self.act(self.desk.lead, "investigate", "INVESTIGATION", Text("plan", text), *notes, **clear)

    def ask_at_triage(self, question: str) -> None:
        """Ask the reporter before anything is investigated."""
        self.act(self.desk.lead, "ask", "NEEDS_INFO", Text("question", question))

    def reply(self, text: str) -> None:
        """Write to the reporter while the case is in triage."""
        self.act(self.desk.lead, "reply", "TRIAGE", Text("message", text))

    def hand_to_another(self) -> None:
        """Assign the investigation to the other investigator; the keys are renewed with the next act."""
        self.turn = 1 - self.turn
        self.act(self.desk.lead, "assign", "INVESTIGATION", assignee=self.investigator.id)

    def mark_urgent(self) -> None:
        """Put the case before others while it is in triage."""
        self.act(self.desk.lead, "flag", "TRIAGE", urgent="yes")

    def hold(self, reason: str) -> None:
        """Keep the case, in triage, from ever being deleted until it is released."""
        self.act(self.desk.lead, "hold", "TRIAGE", Text("reason", reason))

    def refer(self, agency: str, reason: str) -> None:
        """Let a reviewer read the case, have his consent, and hand it over to an agency."""
        reviewer = self.desk.of("reviewer")[0]
        self.act(self.desk.lead, "note", "TRIAGE", Text("note", TO_READ), reader=reviewer.id)
        read = self.read_by(reviewer)
        agreed = {"agency": agency, "package": officer.handover(read)}
        officer.act(read, "consent", "TRIAGE", (), agreed)
        self.act(self.desk.lead, "refer", "REFERRED", Text("reason", reason), recipient="none", **agreed)

    def answered_by_agency(self, outcome: str, reference: str, reason: str, decision: str) -> None:
        """Record what the agency found, which a reviewer must confirm."""
        texts = Text("reason", reason), Text("decision", decision)
        self.act(self.desk.lead, "receipt", "REVIEW", *texts, outcome=outcome, reference=reference)

    def returned_by_agency(self, reason: str) -> None:
        """Take the case back that the agency does not want."""
        self.act(self.desk.lead, "returned", "TRIAGE", Text("reason", reason))

    def name_handler(self) -> Login:
        """Name somebody to whom the case is new to decide on the objection; return him."""
        handler = self.desk.of("investigator")[1 - self.turn]
        self.act(self.desk.lead, "assign", "OBJECTION", assignee=handler.id)
        return handler

    # The investigator.

    def ask(self, question: str) -> None:
        """Ask the reporter in the course of the investigation."""
        self.act(self.investigator, "ask", "NEEDS_INFO", Text("question", question))

    def note(self, text: str) -> None:
        """Write a note for colleagues."""
        self.act(self.investigator, "note", "INVESTIGATION", Text("note", text))

    def add_evidence(self, paper: Paper) -> None:
        """Add a file of his own: where it is from is said with it."""
        case, put = self.read_by(self.investigator), self.desk.browser_of(self.investigator).put
        file = officer.send_evidence(case, paper.content, put, name=paper.name, type=paper.type)
        officer.act(case, "evidence", "INVESTIGATION", files=[file])

    def find(self, findings: Sequence[str]) -> None:
        """Give the last allegations of the plan, as many as there are ``findings``, theirs."""
        for allegation, finding in zip(self.allegations[-len(findings) :], findings, strict=True):
            text, clear = Text("finding", FOUND[finding]), {f"allegation.{allegation}": finding}
            self.act(self.investigator, "finding", "INVESTIGATION", text, **clear)

    def step_aside(self, reason: str) -> None:
        """Recuse himself."""
        self.act(self.investigator, "recuse", "INVESTIGATION", Text("reason", reason))

    def extend(self, reason: str, message: str) -> None:
        """Take more time, once, and tell the reporter why."""
        # 60 working days from now at least; the rules allow 60 more.
        until = date.fromisoformat(self.read_by(self.investigator).told["today"]) + timedelta(days=120)
        texts = Text("reason", reason), Text("message", message)
        self.act(self.investigator, "extend", "INVESTIGATION", *texts, until=until.isoformat())

    def propose(self, login: Login, outcome: str, reason: str, decision: str) -> None:
        """Propose how the case ends: a reason for colleagues, a decision for the reporter."""
        self.act(login, "propose", "REVIEW", Text("reason", reason), Text("decision", decision), outcome=outcome)

    # The reviewers.

    def send_back(self, to_state: str, reason: str, reviewer: int = 0) -> None:
        """Send a proposal back to where it came from."""
        self.act(self.desk.of("reviewer")[reviewer], "send_back", to_state, Text("reason", reason))

    def close(self, reviewer: int = 0) -> None:
        """Close the case."""
        self.act(self.desk.of("reviewer")[reviewer], "close", "CLOSED")

    # Whoever decides on an objection, and the lead of the desk above.

    def uphold(self, handler: Login, decision: str, reason: str) -> None:
        """Uphold the objection: the case is investigated again, by whoever has just decided."""
        self.act(handler, "uphold", "INVESTIGATION", Text("decision", decision), Text("reason", reason))
        self.turn = 1 - self.turn

    def dismiss(self, handler: Login, outcome: str, decision: str, reason: str) -> None:
        """Dismiss the objection, which a reviewer must confirm."""
        self.act(handler, "dismiss", "REVIEW", Text("decision", decision), Text("reason", reason), outcome=outcome)

    def reopen(self, above: Login, reason: str) -> None:
        """Reopen a closed case: the lead of the desk above does, on new evidence."""
        self.act(above, "reopen", "INVESTIGATION", Text("reason", reason))
