"""Lodge the sixty complaints with a running server and drive a share of them through the states.

Half of them are sealed by ``tests.client``, half posted by the plain form; officers act with their own keys. Nothing
is put into the database directly: whatever works here works for people.
"""

from __future__ import annotations

import argparse
import re
import sys
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timezone
from functools import cached_property
from pathlib import Path
from typing import Any

from tests import client, officer
from tests.client import Refused
from tests.demo.browsing import Browser, lodge_plainly, state_in, visit_plainly
from tests.demo.material import load_complaints, load_dialogue
from tests.officer import Login, OpenedCase, Text
from tests.server import Person, read_people

NUMBER = re.compile(r"/petugas/perkara/(\d{3}-\d{3}-\d{3})")
NEXT = re.compile(r'href="([^"]+)"[^>]*rel="next"|rel="next"[^>]*href="([^"]+)"')
NOT_ANSWERS = {"hostile", "answer", "objection"}
FOUND_BY_SECTOR = {"pendidikan": "sumbangan_paksa", "dukcapil": "layanan_gratis", "bansos": "potongan"}


@dataclass
class Lodged:
    """One complaint of the demo, with what its reporter holds."""

    told: dict[str, Any]
    phrase: str
    sealed: bool
    complaint: str


class Desk:
    """The people of one desk, each logged in with a browser of his own when first needed."""

    def __init__(self, url: str, people: list[Person], root: bytes) -> None:
        self._url, self._root = url, root
        self._people = {person.name: person for person in people}
        self._logins: dict[str, tuple[Browser, Login]] = {}

    def of(self, role: str) -> list[Login]:
        """Return the desk's officers with ``role``, in the order of the list."""
        return [self._log_in(person)[1] for person in self._people.values() if person.role == role]

    @property
    def lead(self) -> Login:
        """Return the desk's lead."""
        return self.of("lead")[0]

    def numbers(self) -> set[str]:
        """Return the numbers of every case in the lead's queue."""
        [person] = [person for person in self._people.values() if person.role == "lead"]
        browser, _login = self._log_in(person)
        return {number for page in _pages(browser) for number in NUMBER.findall(page)}

    def _log_in(self, person: Person) -> tuple[Browser, Login]:
        if person.name not in self._logins:
            browser = Browser(self._url)
            code = officer.code_at(person.totp_secret, datetime.now(timezone.utc))
            login = officer.log_in(browser.ask, person.name, person.password, code, self._root)
            self._logins[person.name] = (browser, login)
        return self._logins[person.name]


def _pages(browser: Browser) -> Iterator[str]:
    address: str | None = "/petugas/"
    while address:
        page = browser.page(address).text
        yield page
        following = NEXT.search(page)
        address = (following[1] or following[2]).replace("&amp;", "&") if following else None


class Province:
    """A running demo province: its reporters' door and its desks."""

    def __init__(self, url: str, instance: Path) -> None:
        self.url = url
        self.root = bytes.fromhex((instance / "root.pub").read_text().strip())
        self._people = list(read_people(instance).values())
        self._desks: dict[str, Desk] = {}

    @cached_property
    def known(self) -> client.Installation:
        """Return what a reporter's program knows of the installation."""
        return client.installation(Browser(self.url).ask, self.root)

    def desk(self, desk: str) -> Desk:
        """Return a desk's people."""
        people = [person for person in self._people if person.desk == desk]
        return self._desks.setdefault(desk, Desk(self.url, people, self.root))

    def lodge(self, told: dict[str, Any], sealed: bool) -> Lodged:
        """Lodge one complaint, sealed by the client or by the plain form."""
        answers = {key: value for key, value in told.items() if key not in NOT_ANSWERS}
        browser = Browser(self.url)
        if sealed:
            phrase, _receipt = client.lodge(answers, self.known, browser.ask)
        else:
            phrase = lodge_plainly(browser, answers)
        keys = client.phrase_keys(phrase, self.known.salt)
        return Lodged(told, phrase, sealed, client.visit(keys, browser.ask).thread["complaint"])

    def cases(self) -> dict[str, tuple[Desk, OpenedCase]]:
        """Return every case by its complaint, opened by the lead of its desk."""
        found = {}
        names = sorted({person.desk for person in self._people if person.role == "lead"})
        for desk in map(self.desk, names):
            for number in sorted(desk.numbers()):
                opened = officer.open_case(desk.lead, number)
                if opened.told["case"] not in found and _is_of(opened, desk):
                    found[opened.told["case"]] = (desk, opened)
        return found


def _is_of(opened: OpenedCase, desk: Desk) -> bool:
    """Tell a desk's own case from one of the desks below it, which its lead sees as well."""
    own = desk.lead.directory.officer(desk.lead.id).desk
    return any(copy["recipient"].startswith(f"desk:{own}:") for copy in opened.told["keys"])


class Matter:
    """One case being worked on: each step a person's act, on the case as it then stands."""

    def __init__(self, province: Province, lodged: Lodged, desk: Desk, opened: OpenedCase) -> None:
        self.province, self.lodged, self.desk = province, lodged, desk
        self.number, self.lead = opened.number, desk.lead
        self.allegations: list[str] = []

    def _opened(self, login: Login) -> OpenedCase:
        return officer.open_case(login, self.number)

    def take(self, declaration: str) -> None:
        """Have the lead take the case: he declares that nothing ties him to it."""
        officer.act(self._opened(self.lead), "open", "TRIAGE", [Text("declaration", declaration)])

    def plan(self, text: str, allegations: list[str]) -> None:
        """Have the lead begin an investigation and assign it."""
        notes = [Text("allegation", allegation) for allegation in allegations]
        self.allegations = [note.id for note in notes]
        sector = self.lodged.told["sector"]
        clear = {"assignee": self.investigator.id, "category": FOUND_BY_SECTOR.get(sector, "uang_pelicin")}
        clear |= {"severity": "sedang"} | {f"allegation.{note.id}": "open" for note in notes}
        officer.act(self._opened(self.lead), "investigate", "INVESTIGATION", [Text("plan", text), *notes], clear)

    @property
    def investigator(self) -> Login:
        """Return who investigates."""
        return self.desk.of("investigator")[0]

    def ask(self, question: str) -> None:
        """Have the investigator ask the reporter."""
        officer.act(self._opened(self.investigator), "ask", "NEEDS_INFO", [Text("question", question)])

    def answer(self, text: str) -> None:
        """Have the reporter answer, on the path he came by, his phrase typed as people type."""
        self._reporter_writes("answer", text, "/lacak/kirim", "")

    def object(self, text: str) -> None:
        """Have the reporter object."""
        self._reporter_writes("object", text, "/lacak/keberatan", "keberatan-")

    def _reporter_writes(self, action: str, text: str, path: str, prefix: str) -> None:
        browser = Browser(self.province.url)
        if self.lodged.sealed:
            keys = client.phrase_keys(self.lodged.phrase, self.province.known.salt)
            client.act(client.visit(keys, browser.ask), action, text, browser.ask)
        else:
            visit_plainly(browser, self.lodged.phrase.upper().replace(" ", " - "))
            page = browser.post(path, {f"{prefix}text": text})
            assert page.status_code == 200, page.text

    def note(self, text: str) -> None:
        """Have the investigator write a note for colleagues."""
        officer.act(self._opened(self.investigator), "note", "INVESTIGATION", [Text("note", text)])

    def find(self, findings: list[str]) -> None:
        """Have the investigator give each allegation its finding."""
        for allegation, finding in zip(self.allegations, findings, strict=True):
            text = Text("finding", f"Temuan atas dugaan ini: {finding}.")
            clear = {f"allegation.{allegation}": finding}
            officer.act(self._opened(self.investigator), "finding", "INVESTIGATION", [text], clear)

    def propose(self, login: Login, outcome: str, reason: str, told: str) -> None:
        """Have an officer propose how the case ends."""
        texts = [Text("reason", reason), Text("decision", told)]
        officer.act(self._opened(login), "propose", "REVIEW", texts, {"outcome": outcome})

    def send_back(self, reason: str) -> None:
        """Have a reviewer send the proposal back."""
        reviewer = self.desk.of("reviewer")[0]
        officer.act(self._opened(reviewer), "send_back", "INVESTIGATION", [Text("reason", reason)])

    def close(self, reviewer: int = 0) -> None:
        """Have a reviewer close the case."""
        officer.act(self._opened(self.desk.of("reviewer")[reviewer]), "close", "CLOSED")

    def hand_objection_over(self) -> Login:
        """Have the lead name an officer to whom the case is new; return him."""
        handler = self.desk.of("investigator")[1]
        officer.act(self._opened(self.lead), "assign", "OBJECTION", [], {"assignee": handler.id})
        return handler

    def decide(self, handler: Login, to_state: str, decision: str, outcome: str) -> None:
        """Have the new officer decide on the objection."""
        texts = [Text("decision", decision), Text("reason", decision)]
        action, clear = ("uphold", {}) if to_state == "INVESTIGATION" else ("dismiss", {"outcome": outcome})
        officer.act(self._opened(handler), action, to_state, texts, clear)


DECLARATION = "Saya tidak mempunyai hubungan keluarga, utang budi, atau kepentingan dengan pihak yang dilaporkan."


def examine(matter: Matter, turn: int, said: dict[str, Any], notes: list[str], send_back: str | None) -> None:
    """Drive one answered complaint from its opening to its closing; every fifth stops in review."""
    matter.take(DECLARATION)
    matter.plan(said["plan"]["text"], said["plan"]["allegations"])
    matter.ask(said["question"]["text"])
    matter.answer(matter.lodged.told["answer"])
    matter.note(notes[turn % len(notes)])
    matter.find(said["reason"]["findings"])
    outcome = said["reason"]["outcome"]
    matter.propose(matter.investigator, outcome, said["reason"]["text"], said["reporter_text"]["text"])
    if send_back:
        matter.send_back(send_back)
        matter.propose(matter.investigator, outcome, said["reason"]["text"], said["reporter_text"]["text"])
    if turn % 5 != 4:
        matter.close()


def hear_objection(matter: Matter, decision: dict[str, Any], said: dict[str, Any]) -> None:
    """Drive an objection to its decision by somebody new; dismissed, another reviewer closes again."""
    matter.object(matter.lodged.told["objection"])
    handler = matter.hand_objection_over()
    matter.decide(handler, decision["to"], decision["text"], said["reason"]["outcome"])
    if decision["to"] == "REVIEW":
        matter.close(reviewer=1)


def dispose(matter: Matter, turn: int) -> None:
    """Leave a complaint without an answer where a queue has such: unopened, in triage, rejected."""
    if turn % 3 == 0:
        return
    matter.take(DECLARATION)
    if turn % 6 == 1:
        told = "Terima kasih. Yang Anda sampaikan belum cukup untuk diperiksa; silakan lapor lagi bila ada yang baru."
        reason = "Tidak ada tempat, waktu, atau perbuatan yang dapat diperiksa."
        matter.propose(matter.lead, "cannot_be_processed", reason, told)
        matter.close()


def drive(url: str, instance: Path, say: Any = print) -> Counter[str]:
    """Lodge everything and drive a share of it; return how many cases ended up in which state."""
    province = Province(url, instance)
    told = load_complaints()
    lodged = [province.lodge(complaint, sealed=turn % 2 == 0) for turn, complaint in enumerate(told)]
    say(f"{len(lodged)} complaints lodged, {sum(one.sealed for one in lodged)} of them sealed by the client")
    cases = province.cases()
    matters = [Matter(province, one, *cases[one.complaint]) for one in lodged]
    _work(matters, load_dialogue())
    states = Counter(_state(province, one) for one in lodged)
    say("states: " + ", ".join(f"{state} {count}" for state, count in sorted(states.items())))
    return states


def _work(matters: list[Matter], dialogue: dict[str, list[dict[str, Any]]]) -> None:
    notes, backs = [each["text"] for each in dialogue["note"]], [each["text"] for each in dialogue["send_back"]]
    decisions = iter(dialogue["objection_decision"])
    answered = [matter for matter in matters if "answer" in matter.lodged.told]
    for turn, matter in enumerate(answered):
        said = {kind: dialogue[kind][turn] for kind in ("question", "plan", "reason", "reporter_text")}
        examine(matter, turn, said, notes, backs[turn // 3] if turn % 3 == 2 else None)
        if "objection" in matter.lodged.told:
            decision = next(decisions)
            if turn % 5 != 4:
                hear_objection(matter, decision, said)
    for turn, matter in enumerate(matter for matter in matters if "answer" not in matter.lodged.told):
        dispose(matter, turn)


def _state(province: Province, lodged: Lodged) -> str:
    browser = Browser(province.url)
    if not lodged.sealed:
        return state_in(visit_plainly(browser, lodged.phrase).text)
    return str(client.visit(client.phrase_keys(lodged.phrase, province.known.salt), browser.ask).thread["state"])


def main() -> int:
    """Drive the installation that ``make run`` serves."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, default=8000)
    parser.add_argument("--instance", type=Path, default=Path("instance"))
    asked = parser.parse_args()
    begun = time.monotonic()
    try:
        drive(f"http://127.0.0.1:{asked.port}", asked.instance)
    except Refused as refused:
        print(f"The server refused: {refused.status} {refused.sentence}", file=sys.stderr)
        return 1
    print(f"{time.monotonic() - begun:.0f} s")
    return 0


if __name__ == "__main__":
    sys.exit(main())
