"""One case's life in which every text that can be written is a canary."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta

from tests.canaries.planting import Aviary
from tests.demo.matter import Matter
from tests.officer import Text, act, send_evidence

# Every kind of text there is (docs/formats.md, section 2), and who must not handle it, which stands in the account.
KINDS = {
    "account", "exclusion", "question", "answer", "message", "decision", "objection", "withdrawal", "declaration",
    "plan", "allegation", "finding", "reason", "note", "file", "file name", "file description",
}  # fmt: skip
FREE_ANSWERS = ("text", "place", "office", "role", "when", "times", "asked", "paid", "method")


def answers(aviary: Aviary, free: tuple[str, ...] = FREE_ANSWERS) -> Mapping[str, str]:
    """Return a complaint whose ``free`` answers, and whom it excludes, are canaries."""
    told = {name: aviary.text("account") for name in free} | {"excluded": aviary.text("exclusion")}
    return told | {"region": "33.08", "sector": "desa", "level": "desa", "threatened": "ya", "receipt": "tidak"}


class Life:
    """The life of one case, told with canaries."""

    def __init__(self, case: Matter, aviary: Aviary) -> None:
        self.case, self._text, self._keep = case, aviary.text, aviary.key

    def live(self) -> None:
        """Go through every state and write every kind of text, most of them more than once."""
        self.begin()
        self._talk()
        self._investigate()
        self._object_and_begin_again()

    def begin(self) -> None:
        """Have the lead take the case and assign it."""
        self.case.take(self._text("declaration"))
        self.case.plan(self._text("plan"), [self._text("allegation"), self._text("allegation")])

    def _talk(self) -> None:
        self.case.ask(self._text("question"))
        self.case.reporter.act("answer", self._text("answer"))
        self.case.reporter.act("message", self._text("message"))
        self.case.note(self._text("note"))
        self.case.reporter.act("withdraw", self._text("withdrawal"))

    def _investigate(self) -> None:
        until = date.fromisoformat(self.case.read_by(self.case.investigator).told["today"]) + timedelta(days=120)
        self._act("extend", "INVESTIGATION", "reason", "message", until=until.isoformat())
        for allegation in self.case.allegations:
            self._act("finding", "INVESTIGATION", "finding", **{f"allegation.{allegation}": "proven"})
        self._exhibit()
        self._propose()
        self.case.send_back("INVESTIGATION", self._text("reason"))
        self._propose()
        self.case.close()

    def _exhibit(self) -> None:
        """Have the investigator add a paper of his own, and hand it out and over."""
        desk, investigator = self.case.desk, self.case.investigator
        opened = self.case.read_by(investigator)
        told = {"name": self._text("file name"), "description": self._text("file description")}
        file = send_evidence(opened, self._text("file").encode(), desk.browser_of(investigator).put, **told)
        self._keep("file key", file.opened_by.key)
        act(opened, "evidence", "INVESTIGATION", files=[file])
        for action in ("export", "transfer"):
            self._act(action, "INVESTIGATION", "reason", files=file.id)

    def _object_and_begin_again(self) -> None:
        self.case.reporter.act("object", self._text("objection"))
        handler = self.case.name_handler()
        self.case.uphold(handler, self._text("decision"), self._text("reason"))
        self.case.step_aside(self._text("reason"))
        self.case.hand_to_another()
        # Under renewed keys.
        self.case.note(self._text("note"))
        self.case.reporter.act("message", self._text("message"))

    def _propose(self) -> None:
        self.case.propose(self.case.investigator, "proven", self._text("reason"), self._text("decision"))

    def _act(self, action: str, to_state: str, *kinds: str, **clear: str) -> None:
        texts = [Text(kind, self._text(kind)) for kind in kinds]
        self.case.act(self.case.investigator, action, to_state, *texts, **clear)
