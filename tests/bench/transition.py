"""A fired transition beside a bare two-row update: same database, same durability, one process and four.

The transition is a real one: a lead takes a case (RECEIVED to TRIAGE) by an event he has signed; the service checks
version, signature, reading, guards and seals, writes the event, its projections, its ledger entry and what is sealed.
The bare update changes two rows of a table that nobody guards, by two strings handed to the driver within the one way
to write. Between the two stand

- the same two rows by statements made once, as the program sends all of its own: what SQLAlchemy and parameters cost;
- as many such updates in one transaction as a transition has statements: what these cost, whatever they ask or write;
- an event and its case's row by plain SQL, into copies of their tables and into the guarded ones: what the database's
  own guards cost, whatever the program does.
"""

from __future__ import annotations

import multiprocessing
import secrets
import statistics
import time
from collections.abc import Callable, Iterator
from dataclasses import astuple, dataclass
from functools import partial
from itertools import islice
from multiprocessing.queues import Queue
from multiprocessing.synchronize import Barrier
from pathlib import Path

from sqlalchemy import bindparam, column, text, update
from sqlalchemy import table as table_named

from casework.forms import read_posted_act
from casework.logins import CurrentOfficer
from casework.services import PostedAct, fire
from kernel import clock
from kernel.database import db, execute, transaction
from kernel.vault import bodies, keys_of
from ledger.body import read_event
from tests import client
from tests.bench.crowd import as_logged_in
from tests.bench.load import remembering
from tests.database import APPLICATION, Database
from tests.officer import Text, compose, open_case
from tests.province import ANSWERS, Province, found_province

DESK = "33.08"
PROCESSES = (1, 4)
ROUNDS = 3
# The first of each process are not counted: statements are compiled then, from the sixth on prepared, and PostgreSQL
# plans a prepared one five times more before it settles.
WARMING, FIRED, UPDATED = 12, 20, 150
PATIENCE = 120
# The application is made once; its directory and calendar are known to each process, as after its first request.
FORKING = multiprocessing.get_context("fork")
UPDATE = "UPDATE bare SET version = version + 1 WHERE id = {}"
# A transition's own statements (ADR 0021).
AS_MANY = 15
_BARE = table_named("bare", column("id"), column("version"))
_UPDATE = update(_BARE).where(_BARE.c.id == bindparam("row")).values(version=_BARE.c.version + 1)
APPEND = """INSERT INTO {}case_events (
    case_id, seq, prev_seq, from_state, to_state, action, actor_kind, actor_id, day, body, entry
) VALUES (:case, :seq, :seq - 1, 'RECEIVED', 'RECEIVED', 'flag', 'officer', :officer, :day, :body, :entry)"""
FLAG = "UPDATE {}cases SET urgent = NOT urgent WHERE id = :case"
# A body is about so long.
BODY = "x" * 900
Once = Callable[[int], None]
Prepared = tuple[str, PostedAct]


@dataclass(frozen=True)
class Pair:
    """The rates (a second) of one round, and the processor time of one transition in the web process (ms)."""

    fired: float
    bare: float
    executed: float
    as_many: float
    copied: float
    guarded: float
    cpu_ms: float

    def share(self, what: str) -> float:
        """Return how many of ``what`` (``fired``, ``executed``, ...) there are for a hundred bare updates."""
        return 100 * float(getattr(self, what)) / self.bare


def measure_transitions(database: Database, instance: Path) -> dict[int, list[Pair]]:
    """Return every round's figures by the number of processes; both sides of a pair follow each other at once."""
    province = found_province(database, instance)
    lodged = lodging(province)
    cases = list(islice(lodged, ROUNDS * sum(PROCESSES)))
    _make_bare(database, max(PROCESSES))
    taken = islice(lodged, ROUNDS * (WARMING + FIRED) * sum(PROCESSES))
    prepared = iter([prepare(province, case) for case in taken])
    with province.app.app_context():
        lead = as_logged_in("lead", DESK)
    pairs: dict[int, list[Pair]] = {processes: [] for processes in PROCESSES}
    for _round in range(ROUNDS):
        for processes in PROCESSES:
            bare = together(province, [_updating(turn) for turn in range(processes)], UPDATED)
            made = [
                together(province, [_executing(turn, count) for turn in range(processes)], UPDATED)
                for count in (2, AS_MANY)
            ]
            fresh = [cases.pop() for _process in range(processes)]
            plain = [
                together(province, [_appending(lead, case, tables) for case in fresh], UPDATED)
                for tables in ("copied_", "")
            ]
            acts = [list(islice(prepared, WARMING + FIRED)) for _process in range(processes)]
            fired = together(province, [partial(take, lead, each) for each in acts], FIRED)
            floors = [each.rate for each in (bare, *made, *plain)]
            pairs[processes].append(Pair(fired.rate, *floors, fired.cpu_ms))
    return pairs


def usual(pairs: list[Pair]) -> Pair:
    """Return the middle of several rounds, each figure by itself."""
    return Pair(*map(statistics.median, zip(*map(astuple, pairs), strict=True)))


def _make_bare(database: Database, processes: int) -> None:
    with database.engine(database.owner_url).begin() as connection:
        connection.execute(text("CREATE TABLE bare (id INTEGER PRIMARY KEY, version INTEGER NOT NULL)"))
        for row in range(2 * processes):
            connection.execute(text(f"INSERT INTO bare VALUES ({row}, 0)"))
        for table, key in (("cases", "id"), ("case_events", "case_id, seq")):
            connection.execute(text(f"CREATE TABLE copied_{table} AS SELECT * FROM {table}"))
            connection.execute(text(f"CREATE UNIQUE INDEX copied_{table}_key ON copied_{table} ({key})"))
        if database.kind == "postgresql":
            connection.execute(text(f"GRANT ALL ON bare, copied_cases, copied_case_events TO {APPLICATION}"))


def lodging(province: Province) -> Iterator[str]:
    """Lodge complaints one after another, by keys drawn at once, and tell their ids."""
    known, ask = province.installation(), remembering(province.visitor().ask)
    while True:
        envelope = client.envelope(ANSWERS, keys_of(secrets.token_bytes(32)), known, ask)
        client.asked(province.visitor().ask, "/api/v1/complaints", envelope)
        yield read_event(envelope["body"]).case


def prepare(province: Province, case: str) -> Prepared:
    """Open a case as its lead, and have him sign that he takes it: his work, which is not measured."""
    lead = province.log_in("lead", DESK)
    opened = open_case(lead, province.number_of(case))
    unsigned, posted = compose(opened, "open", "TRIAGE", [Text("declaration", "Tidak ada hubungan.")], {})
    return opened.number, read_posted_act({"body": bodies.sign(unsigned, lead.sign), **posted})


def _appending(lead: CurrentOfficer, case: str, tables: str) -> Once:
    """Write events of a case that has been lodged, each with its row, by plain SQL into the tables so called."""
    append, flag = text(APPEND.format(tables)), text(FLAG.format(tables))
    row = {"case": case, "officer": lead.id, "day": clock.today().isoformat(), "body": BODY}

    def once(turn: int) -> None:
        with transaction() as session:
            connection = session.connection()
            connection.execute(append, row | {"seq": turn + 2, "entry": secrets.token_bytes(64)})
            connection.execute(flag, {"case": case})

    return once


def take(lead: CurrentOfficer, prepared: list[Prepared], turn: int) -> None:
    number, posted = prepared[turn]
    fire(number, lead, posted)


def _updating(process: int) -> Once:
    statements = [UPDATE.format(2 * process + row) for row in range(2)]

    def once(_turn: int) -> None:
        with transaction() as session:
            for statement in statements:
                session.connection().exec_driver_sql(statement)

    return once


def _executing(process: int, count: int) -> Once:
    """Update the two rows in turn, ``count`` times in one transaction, by a statement made once."""

    def once(_turn: int) -> None:
        with transaction() as session:
            for statement in range(count):
                execute(session, _UPDATE, row=2 * process + statement % 2)

    return once


@dataclass(frozen=True)
class Rate:
    """What some processes did together: how much a second, and the processor time of each (ms)."""

    rate: float
    cpu_ms: float


def together(province: Province, works: list[Once], count: int) -> Rate:
    """Do ``count`` times what each of ``works`` says, each in a process of its own that begins with the others."""
    with province.app.app_context():
        # A connection is one process's own.
        db.session.remove()
        db.engine.dispose()
    start, told = FORKING.Barrier(len(works)), FORKING.Queue()
    children = [FORKING.Process(target=_work, args=(province, work, count, start, told)) for work in works]
    for child in children:
        child.start()
    spans = [told.get(timeout=PATIENCE) for _child in children]
    for child in children:
        child.join(PATIENCE)
    begun, ended = min(span[0] for span in spans), max(span[1] for span in spans)
    done = count * len(works)
    return Rate(done / (ended - begun), 1000 * sum(span[2] for span in spans) / done)


def _work(province: Province, work: Once, count: int, start: Barrier, told: Queue[tuple[float, float, float]]) -> None:
    with province.app.app_context():
        for turn in range(WARMING):
            work(turn)
        start.wait(PATIENCE)
        begun, spent = time.perf_counter(), time.process_time()
        for turn in range(WARMING, WARMING + count):
            work(turn)
        told.put((begun, time.perf_counter(), time.process_time() - spent))
