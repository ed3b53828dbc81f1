"""The demo, driven at a real server over each database, leaves cases that stand as told and prove their story.

Of its two hundred stories some of each course are driven here, and every hostile one.
"""

from __future__ import annotations

import shutil
import sqlite3
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from casework.models import AccessEvent, Case, Officer
from casework.terms import Outcome, State
from complaints.models import Complaint, File
from kernel.vault import canonical
from tests.database import Database
from tests.demo.courses import COURSES, UNOPENED
from tests.demo.drive import Lodged, drive, standing
from tests.demo.handwriting import HANDS, Hand
from tests.demo.material import Story, load_complaints, load_stories
from tests.demo.papers import BRINGS_EVERY
from tests.demo.reporter import SealedReporter
from tests.server import found, running
from tests.soundness import faults_of, ledger_keys

# Where each course leads.
LEADS_TO = {
    "RECEIVED": {UNOPENED, "read", "writes_again"},
    "TRIAGE": {
        "in_triage", "conversation", "urgent", "held", "threatened_later", "withdrawal_pending", "returned",
        "agency_returned",
    },
    "NEEDS_INFO": {"asked", "asked_again"},
    "INVESTIGATION": {"under_investigation", "stepped_aside", "extended", "reopened", "upheld"},
    "REFERRED": {"referred"},
    "REVIEW": {"in_review"},
    "CLOSED": {
        "rejected", "duplicate", "withdrawn", "examined", "sent_back", "changed_hands", "agency_answered", "dismissed",
        "upheld_and_closed",
    },
    "OBJECTION": {"objection_unassigned", "objection_heard"},
}  # fmt: skip
STATE_AFTER = {course: state for state, courses in LEADS_TO.items() for course in courses}
# What only time brings about: nobody has a state before he lodges, and contents are deleted after years.
NEVER_HERE = {"NEW", "PURGED"}
FLAGS = {
    "held": Case.legal_hold,
    "urgent": Case.urgent,
    "threatened_later": Case.threatened_on.is_not(None),
}  # fmt: skip
ENOUGH_OF_A_COURSE = 2


def some_of_each(stories: Sequence[Story]) -> list[Story]:
    """Return, in their order, the hostile stories and the first few of each course."""
    taken: Counter[str] = Counter()
    chosen = []
    for story, complaint in zip(stories, load_complaints(), strict=True):
        if complaint["hostile"] or taken[story.course] < ENOUGH_OF_A_COURSE:
            taken[story.course] += 1
            chosen.append(story)
    return chosen


PHRASE = "abjad angsa akrobat andong anglo ampela adonan anyaman"


@dataclass(frozen=True)
class Driven:
    """An installation after the demo: what was lodged, and what the server wrote.

    ``again`` are the few of a second run, begun as soon as the first was over. ``states`` and ``states_again`` say how
    their reporters find them.
    """

    database: Database
    instance: Path
    lodged: list[Lodged]
    states: Counter[str]
    again: list[Lodged]
    states_again: Counter[str]
    log: str

    @property
    def root(self) -> bytes:
        """Return the root's public key."""
        return bytes.fromhex((self.instance / "root.pub").read_text().strip())

    @property
    def secret(self) -> bytes:
        """Return the installation's secret."""
        return bytes.fromhex((self.instance / "secret").read_text().strip())

    def ids(self, *courses: str) -> list[str]:
        """Return the ids of those that took one of ``courses``; of all without any."""
        with self.database.engine().connect() as connection:
            by_key = {key: name for name, key in ledger_keys(connection, self.secret).items()}
        return [by_key[one.keys.ledger_key] for one in self.lodged if not courses or one.story.course in courses]

    def rows(self, query: Any) -> list[Any]:
        """Return a query's rows."""
        with self.database.engine().connect() as connection:
            return list(connection.execute(query))


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def driven(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Driven]:
    """The demo, driven once over each kind of database."""
    kinds = {"sqlite": "sqlite_files", "postgresql": "postgresql_server"}
    database, remove = request.getfixturevalue(kinds[request.param]).make()
    instance = tmp_path_factory.mktemp("driven") / "instance"
    stories = some_of_each(load_stories())
    found(instance, DATABASE_URL=database.url, KENTONGAN_OWNER_URL=database.owner_url)
    with running(instance, DATABASE_URL=database.url) as served:
        lodged = drive(served.url, instance, stories)
        states = standing(lodged)
        again = drive(served.url, instance, [story for story in stories if story.course == "withdrawn"])
        states_again = standing(again)
    log = (instance.parent / "instance.log").read_text()
    yield Driven(database, instance, lodged, states, again, states_again, log)
    remove()


def test_they_stand_as_told_in_every_state(driven: Driven) -> None:
    assert driven.states == Counter(STATE_AFTER[one.story.course] for one in driven.lodged)
    assert driven.states.keys() | NEVER_HERE == set(State)


def test_half_of_them_came_without_javascript(driven: Driven) -> None:
    assert sum(isinstance(one.reporter, SealedReporter) for one in driven.lodged) == (len(driven.lodged) + 1) // 2


def test_some_bring_a_photograph_and_a_paper_on_both_paths_and_investigators_their_own(driven: Driven) -> None:
    plain = File.progress_box.is_(None)
    query = select(File.side, plain).where(File.seq.is_not(None), File.complaint_id.in_(driven.ids()))
    brought = Counter(tuple(row) for row in driven.rows(query))
    lodged = range(len(driven.lodged))
    # Every second reporter has JavaScript.
    assert brought["thread", False] == 2 * len(lodged[:: 2 * BRINGS_EVERY]) > 0
    assert brought["thread", True] == 2 * len(lodged[BRINGS_EVERY :: 2 * BRINGS_EVERY]) > 0
    assert brought["case", False] > 0


@pytest.mark.parametrize("course", FLAGS)
def test_the_marks_of_a_course_are_set(driven: Driven, course: str) -> None:
    query = select(Case.id).where(FLAGS[course], Case.id.in_(driven.ids(course)))
    assert len(driven.rows(query)) == ENOUGH_OF_A_COURSE


def test_the_closed_ones_have_every_outcome(driven: Driven) -> None:
    query = select(Case.outcome).where(Case.state == "CLOSED", Case.id.in_(driven.ids()))
    assert {row.outcome for row in driven.rows(query)} == set(Outcome)


def test_a_second_run_does_the_same_again(driven: Driven) -> None:
    assert driven.states_again == {"CLOSED": 2}


def test_what_came_by_night_has_been_opened_by_nobody(driven: Driven) -> None:
    query = select(AccessEvent.case_id).where(AccessEvent.case_id.in_(driven.ids(UNOPENED)))
    assert driven.rows(query) == []


def test_the_lead_above_has_read_what_he_reopened(driven: Driven) -> None:
    query = select(Officer.name).join(AccessEvent, AccessEvent.officer_id == Officer.id)
    readers = {row.name for row in driven.rows(query.where(AccessEvent.case_id.in_(driven.ids("reopened"))))}
    assert {"kepala.33", "kepala.33.08"} <= readers


def test_keys_are_renewed_where_the_investigator_stepped_aside(driven: Driven) -> None:
    query = select(Complaint.epoch).where(Complaint.id.in_(driven.ids("changed_hands")))
    assert [row.epoch for row in driven.rows(query)] == [2]


def test_every_history_is_chained_signed_and_entered_and_nothing_is_missing(driven: Driven) -> None:
    assert faults_of(driven.database.engine(), driven.root, driven.secret) == []


def test_the_entries_are_made_with_the_keys_of_the_phrases(driven: Driven) -> None:
    with driven.database.engine().connect() as connection:
        kept = Counter(ledger_keys(connection, driven.secret).values())
    assert kept == Counter(one.keys.ledger_key for one in driven.lodged + driven.again)


def test_the_server_had_nothing_to_say(driven: Driven) -> None:
    assert driven.log == ""


# Each of these, done to a database in which all is well, must be seen.
HARMS = {
    "a message gone": "DELETE FROM messages WHERE id = (SELECT min(id) FROM messages)",
    "a message changed": "UPDATE messages SET box = zeroblob(9) WHERE id = (SELECT min(id) FROM messages)",
    "a note gone": "DELETE FROM sealed_notes WHERE id = (SELECT min(id) FROM sealed_notes WHERE kind = 'note')",
    "a note too many": "INSERT INTO sealed_notes SELECT hex(randomblob(16)), case_id, seq, kind, epoch, box"
    " FROM sealed_notes LIMIT 1",
    "an account changed": "UPDATE complaints SET account = zeroblob(9) WHERE id = (SELECT min(id) FROM complaints)",
    "a sealed key gone": "DELETE FROM sealed_keys WHERE recipient = 'reporter' AND object ="
    " (SELECT min(id) FROM complaints)",
    "a status gone": "DELETE FROM published_statuses WHERE complaint_id = (SELECT min(id) FROM complaints)",
    "a status behind": "UPDATE published_statuses SET version = version - 1",
    "a step gone": "DELETE FROM published_steps WHERE seq = 1",
    "a ledger key gone": "DELETE FROM ledger_keys WHERE complaint_id = (SELECT min(id) FROM complaints)",
    "a finding changed": "UPDATE allegations SET status = 'partly_proven'",
    "an event changed": "UPDATE case_events SET body = replace(body, 'uang_pelicin', 'calo')",
    "an event gone": "DELETE FROM case_events WHERE action = 'note'",
    "a case without its story": "DELETE FROM case_events WHERE case_id = (SELECT min(id) FROM cases)",
    "a case ahead": "UPDATE cases SET version = version + 1",
    "a reading gone": "DELETE FROM access_events WHERE seq = 1",
    "a reader changed": "UPDATE access_events SET officer_id = (SELECT max(id) FROM officers)",
    "a reason made up": "UPDATE access_events SET reason = 'examine' WHERE seq = 1",
    "nobody vouched for": "DELETE FROM statements WHERE kind = 'officer'",
}


@pytest.mark.parametrize("driven", ["sqlite"], indirect=True)
@pytest.mark.parametrize("harm", HARMS.values(), ids=list(HARMS))
def test_harm_is_seen(driven: Driven, harm: str, tmp_path: Path) -> None:
    copy = tmp_path / "harmed.sqlite3"
    shutil.copyfile(driven.database.url.removeprefix("sqlite:///"), copy)
    _do_behind_the_guards(copy, harm)
    assert faults_of(Database("sqlite", f"sqlite:///{copy}", "").engine(), driven.root, driven.secret)


def _do_behind_the_guards(file: Path, harm: str) -> None:
    """Take the triggers away, do ``harm`` without foreign keys, and put the triggers back."""
    with closing(sqlite3.connect(file)) as connection, connection:
        guards = connection.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'").fetchall()
        for name, _sql in guards:
            connection.execute(f"DROP TRIGGER {name}")
        assert connection.execute(harm).rowcount > 0
        for _name, made in guards:
            connection.execute(made)


@pytest.mark.parametrize("hand", HANDS)
def test_each_hand_is_read(hand: Hand) -> None:
    assert hand(PHRASE) != PHRASE
    assert canonical(hand(PHRASE)) == PHRASE


def test_every_course_is_taken() -> None:
    assert {story.course for story in load_stories()} == COURSES.keys() | {UNOPENED}
