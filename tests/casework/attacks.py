"""Ways to bypass the workflow, each with the guard that stands in its way."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, insert, text, update
from sqlalchemy.orm import Session

from casework.models import AccessEvent, Case, CaseEvent, Transition
from complaints.models import File, FileChunk
from kernel.decrees import Decree
from kernel.directory.models import SealedKey
from ledger.models import Leaf
from ledger.public import Kind, public_entry
from ledger.tree import leaf_hash
from tests.casework.stage import (
    ASKED, BEGUN, BROUGHT, CHANNEL, DECREED, ERASED, HANDLER, INVESTIGATOR, LEAD, OTHER_REVIEWER, REVIEWED, REVIEWER,
    RUNNING, WHOLE, case_row, chunk_row, decree_row, event_row, file_row, key_row, leaf_of, reading_row,
)  # fmt: skip

BOTH, SQLITE, POSTGRESQL = ("sqlite", "postgresql"), ("sqlite",), ("postgresql",)


@dataclass(frozen=True)
class Attack:
    """One attack: ``aims`` is the trigger that refuses it, where no key or check does so first."""

    name: str
    aims: str
    run: Callable[[Connection], Any]
    kinds: tuple[str, ...] = BOTH


def _sql(statement: str, **parameters: Any) -> Callable[[Connection], Any]:
    return lambda connection: connection.execute(text(statement), parameters)


def _event(*story: Any, verb: str = "INSERT", tail: str = "", **more: Any) -> Callable[[Connection], Any]:
    row = event_row(*story, **more)
    statement = f"{verb} INTO case_events ({', '.join(row)}) VALUES (:{', :'.join(row)}) {tail}"
    return lambda connection: connection.execute(text(statement), row)


def _case(case_id: str, verb: str = "INSERT", **more: Any) -> Callable[[Connection], Any]:
    row = case_row(case_id, urgent=False, withdrawal_asked=False, legal_hold=False, **more)
    statement = f"{verb} INTO cases ({', '.join(row)}) VALUES (:{', :'.join(row)})"
    return lambda connection: connection.execute(text(statement), row)


def _reading(*story: Any) -> Callable[[Connection], Any]:
    return lambda connection: connection.execute(insert(AccessEvent).values(reading_row(*story)))


def _opening(reason: str | None, what: str = f"file:{BROUGHT[:16]}") -> Callable[[Connection], Any]:
    row = reading_row(RUNNING, 3, reading_row(RUNNING, 2, None)["hash"]) | {"what": what, "reason": reason}
    return lambda connection: connection.execute(insert(AccessEvent).values(row))


def _decree(seq: int, name: str | None) -> Callable[[Connection], Any]:
    return lambda connection: connection.execute(insert(Decree).values(decree_row(seq, name)))


def _file(file: str, verb: str = "INSERT", **more: Any) -> Callable[[Connection], Any]:
    row = file_row(file, **more)
    statement = f"{verb} INTO files ({', '.join(row)}) VALUES (:{', :'.join(row)})"
    return lambda connection: connection.execute(text(statement), row)


def _chunk(file: str, number: float, verb: str = "INSERT", **more: Any) -> Callable[[Connection], Any]:
    row = chunk_row(file, number) | more
    statement = f"{verb} INTO file_chunks ({', '.join(row)}) VALUES (:{', :'.join(row)})"
    return lambda connection: connection.execute(text(statement), row)


def _set(file: str, **columns: Any) -> Callable[[Connection], Any]:
    changes = ", ".join(f"{name} = :{name}" for name in columns)
    return _sql(f"UPDATE files SET {changes} WHERE id = :file", file=file, **columns)


def _orm(change: Callable[[Session], Any]) -> Callable[[Connection], Any]:
    def run(connection: Connection) -> None:
        with Session(connection) as session:
            change(session)
            session.flush()

    return run


def _set_state(session: Session) -> None:
    case = session.get(Case, RUNNING)
    assert case is not None
    case.state = "CLOSED"


def _delete(model: type, key: Any) -> Callable[[Session], Any]:
    return lambda session: session.delete(session.get(model, key))


NEXT = (RUNNING, 5, "note", "INVESTIGATION", "INVESTIGATION", INVESTIGATOR)
MESSAGE = (RUNNING, 5, "message", "INVESTIGATION", "INVESTIGATION", "reporter")
FIRST_ENTRY = event_row(ASKED, 1, "lodge", "NEW", "RECEIVED", "reporter")["entry"]

LODGED = {
    "number": "'26-other'",
    "desk_id": "'33.01'",
    "region": "'33.01'",
    "sector": "'bansos'",
    "level": "'provinsi'",
    "excluded": "'33'",
    "threatened": "NOT threatened",
    "opened_on": "'2027-01-01'",
}

STATE = [
    Attack("orm set", "cases_follow", _orm(_set_state)),
    Attack("bulk update", "cases_follow", _orm(lambda session: session.execute(update(Case).values(state="CLOSED")))),
    Attack("raw state", "cases_follow", _sql("UPDATE cases SET state = 'CLOSED' WHERE id = :id", id=RUNNING)),
    Attack("raw version", "cases_follow", _sql("UPDATE cases SET version = version + 1 WHERE id = :id", id=RUNNING)),
    Attack(
        "rewind to an event there was",
        "cases_follow",
        _sql("UPDATE cases SET version = 2, state = 'TRIAGE' WHERE id = :id", id=RUNNING),
    ),
    Attack(
        "rewind to before",
        "cases_follow",
        _sql("UPDATE cases SET version = 0, state = 'NEW' WHERE id = :id", id=RUNNING),
    ),
    Attack("state to NULL", "cases_follow", _sql("UPDATE cases SET state = NULL WHERE id = :id", id=RUNNING)),
    Attack("version to NULL", "cases_follow", _sql("UPDATE cases SET version = NULL WHERE id = :id", id=RUNNING)),
    *(
        Attack(f"another {name}", "cases_follow", _sql(f"UPDATE cases SET {name} = {value} WHERE id = :id", id=RUNNING))
        for name, value in LODGED.items()
    ),
    Attack("another id", "cases_follow", _sql(f"UPDATE cases SET id = '{'f' * 32}' WHERE id = :id", id=RUNNING)),
    Attack(
        "update or replace over another case",
        "cases_follow",
        _sql(
            "UPDATE OR REPLACE cases SET number = (SELECT number FROM cases WHERE id = :other) WHERE id = :id",
            id=RUNNING,
            other=ASKED,
        ),
        SQLITE,
    ),
    Attack(
        "merge",
        "cases_follow",
        _sql(
            "MERGE INTO cases USING (VALUES (1)) AS v ON cases.id = :id WHEN MATCHED THEN UPDATE SET state = 'CLOSED'",
            id=RUNNING,
        ),
        POSTGRESQL,
    ),
]
CASES = [
    Attack("a case in mid-flow", "cases_begin", _case("e" * 32, version=4, state="INVESTIGATION")),
    Attack("a case already closed", "cases_begin", _case("e" * 32, state="CLOSED")),
    Attack("replace a case", "cases_begin", _case(RUNNING, "INSERT OR REPLACE"), SQLITE),
    Attack("replace by number", "cases_begin", _case("e" * 32, "REPLACE", number=f"26-{RUNNING[:7]}"), SQLITE),
    Attack("delete a case", "cases_stay", _orm(_delete(Case, RUNNING))),
    Attack("delete every case", "cases_stay", _sql("DELETE FROM cases")),
    Attack("truncate cases", "cases_stay", _sql("TRUNCATE cases CASCADE"), POSTGRESQL),
]
EVENTS = [
    Attack("skipped event", "case_events_continue", _event(RUNNING, 6, *NEXT[2:])),
    Attack("skipped event, hidden gap", "case_events_continue", _event(RUNNING, 6, *NEXT[2:], prev_seq=4)),
    Attack("forked event", "case_events_continue", _event(RUNNING, 4, *NEXT[2:], entry=b"f" * 64)),
    Attack("second beginning", "case_events_continue", _event(RUNNING, 1, "lodge", "NEW", "RECEIVED", "reporter")),
    Attack(
        "begun again further on",
        "case_events_continue",
        _event(RUNNING, 5, "lodge", "NEW", "RECEIVED", "reporter", prev_seq=None),
    ),
    Attack(
        "illegal transition",
        "case_events_continue",
        _event(RUNNING, 5, "close", "INVESTIGATION", "CLOSED", REVIEWER),
    ),
    Attack("unknown state", "case_events_continue", _event(RUNNING, 5, "note", "INVESTIGATION", "ARCHIVED", LEAD)),
    Attack("from an older state", "case_events_continue", _event(RUNNING, 5, "note", "TRIAGE", "TRIAGE", LEAD)),
    Attack("orphan event", "case_events_continue", _event("e" * 32, 1, "lodge", "NEW", "RECEIVED", "reporter")),
    Attack("event of nobody", "case_events_continue", _event(*NEXT[:5], "f" * 32)),
    Attack("bytes that read as an officer", "case_events_continue", _event(*NEXT, actor_id=LEAD.encode()), SQLITE),
    *(
        Attack(f"{column} NULL", "case_events_continue", _event(*NEXT, **{column: None}))
        for column in ("case_id", "seq", "prev_seq", "from_state", "to_state", "action")
    ),
    Attack("replace an event", "case_events_continue", _event(RUNNING, 4, *NEXT[2:], verb="REPLACE"), SQLITE),
    Attack("another case's tag", "case_events_tag", _event(*NEXT, entry=FIRST_ENTRY[:32] + b"t" * 32), SQLITE),
    Attack("another's tag", "uq_case_events_tag", _event(*NEXT, entry=FIRST_ENTRY[:32] + b"t" * 32), POSTGRESQL),
    Attack(
        "replace by tag", "case_events_tag",
        _event(*NEXT, verb="REPLACE", entry=FIRST_ENTRY[:32] + b"t" * 32), SQLITE,
    ),
    Attack("replace by entry", "case_events_continue", _event(*NEXT, verb="REPLACE", entry=FIRST_ENTRY), SQLITE),
    Attack(
        "ignore what refuses",
        "case_events_continue",
        _event(RUNNING, 7, *NEXT[2:], verb="INSERT OR IGNORE"),
        SQLITE,
    ),
    Attack(
        "upsert an event",
        "case_events_continue",
        _event(RUNNING, 4, *NEXT[2:], tail="ON CONFLICT (case_id, seq) DO UPDATE SET body = 'x'"),
    ),
    Attack("edit an event", "case_events_keep", _sql("UPDATE case_events SET body = 'x' WHERE seq = 1")),
    Attack("edit by orm", "case_events_keep", _orm(lambda each: each.execute(update(CaseEvent).values(body="x")))),
    Attack("delete events", "case_events_stay", _sql("DELETE FROM case_events WHERE case_id = :id", id=RUNNING)),
    Attack("delete the newest", "case_events_stay", _orm(_delete(CaseEvent, (RUNNING, 4)))),
    Attack("truncate events", "case_events_stay", _sql("TRUNCATE case_events CASCADE"), POSTGRESQL),
    Attack(
        "answered into another state",
        "case_events_return",
        _event(ASKED, 5, "answer", "NEEDS_INFO", "TRIAGE", "reporter"),
    ),
    Attack(
        "timed out into another state",
        "case_events_return",
        _event(ASKED, 5, "resume", "NEEDS_INFO", "TRIAGE", "system"),
    ),
    Attack(
        "sent back into another state",
        "case_events_return",
        _event(REVIEWED, 7, "send_back", "REVIEW", "INVESTIGATION", OTHER_REVIEWER),
    ),
    Attack("closed by its proposer", "case_events_four_eyes", _event(REVIEWED, 7, "close", "REVIEW", "CLOSED", LEAD)),
    Attack("closed by the handler", "case_events_four_eyes", _event(REVIEWED, 7, "close", "REVIEW", "CLOSED", HANDLER)),
    Attack(
        "closed again by who was objected to",
        "case_events_four_eyes",
        _event(REVIEWED, 7, "close", "REVIEW", "CLOSED", REVIEWER),
    ),
]
CHECKED = [
    Attack("an officer without a name", "ck_case_events_actor_id", _event(*NEXT, actor_id=None)),
    Attack("a reporter with a name", "ck_case_events_actor_id", _event(*MESSAGE, actor_id=LEAD)),
    Attack(
        "sent back by the system",
        "ck_case_events_system_acts",
        _event(REVIEWED, 7, "send_back", "REVIEW", "OBJECTION", "system"),
    ),
    Attack(
        "an answer from an officer",
        "ck_case_events_reporter_acts",
        _event(ASKED, 5, "answer", "NEEDS_INFO", "INVESTIGATION", LEAD),
    ),
    Attack("a note from the reporter", "ck_case_events_reporter_acts", _event(*NEXT[:5], "reporter")),
    Attack(
        "a time-out by hand",
        "ck_case_events_timer_acts",
        _event(ASKED, 5, "resume", "NEEDS_INFO", "INVESTIGATION", LEAD),
    ),
    Attack("an unknown kind of actor", "ck_case_events_actor_kind", _event(*NEXT[:5], "reporter", actor_kind="root")),
    Attack("a short entry", "ck_case_events_entry_size", _event(*NEXT, entry=b"short")),
]
WORKFLOW = [
    Attack(
        "an added way",
        "transitions_closed",
        _sql("INSERT INTO transitions (from_state, to_state, action) VALUES ('RECEIVED', 'CLOSED', 'close')"),
    ),
    Attack(
        "an added way by orm",
        "transitions_closed",
        _orm(lambda each: each.execute(insert(Transition).values(from_state="NEW", to_state="CLOSED", action="x"))),
    ),
    Attack(
        "a replaced way",
        "transitions_closed",
        _sql("INSERT OR REPLACE INTO transitions (from_state, to_state, action) VALUES ('NEW', 'RECEIVED', 'lodge')"),
        SQLITE,
    ),
    Attack("a bent way", "transitions_keep", _sql("UPDATE transitions SET to_state = 'CLOSED' WHERE action = 'purge'")),
    Attack("a way closed", "transitions_stay", _sql("DELETE FROM transitions WHERE action = 'purge'")),
    Attack("truncate the workflow", "transitions_stay", _sql("TRUNCATE transitions CASCADE"), POSTGRESQL),
]
READINGS = [
    Attack("skipped reading", "access_events_continue", _reading(RUNNING, 4, reading_row(RUNNING, 2, None)["hash"])),
    Attack("reading behind another", "access_events_continue", _reading(RUNNING, 3, b"x" * 32)),
    Attack("reading behind none", "access_events_continue", _reading(ASKED, 1, b"x" * 32)),
    Attack(
        "replaced reading",
        "access_events_continue",
        _sql(
            "REPLACE INTO access_events (case_id, seq, officer_id, what, at, previous, hash) "
            "SELECT case_id, seq, officer_id, 'x', at, previous, hash FROM access_events"
        ),
        SQLITE,
    ),
    Attack("a file opened for no reason", "access_events_reason", _opening(None)),
    Attack("a file opened for a reason of one's own", "access_events_reason", _opening("ingin tahu")),
    Attack("a file opened for a name alone", "access_events_reason", _opening("Examine")),
    Attack("a reason for what is no file", "access_events_reason", _opening("examine", what="open")),
    Attack("edit a reading", "access_events_keep", _sql("UPDATE access_events SET officer_id = :id", id=REVIEWER)),
    Attack("delete readings", "access_events_stay", _sql("DELETE FROM access_events")),
    Attack("truncate readings", "access_events_stay", _sql("TRUNCATE access_events"), POSTGRESQL),
]
STATEMENTS = [
    Attack(
        "skipped version",
        "statements_continue",
        _sql("INSERT INTO statements (kind, subject, version, body) VALUES ('desk', '33.08', 4, 'x')"),
    ),
    Attack(
        "replaced version",
        "statements_continue",
        _sql("REPLACE INTO statements (kind, subject, version, body) VALUES ('desk', '33.08', 1, 'x')"),
        SQLITE,
    ),
    Attack(
        "replaced by id",
        "statements_continue",
        _sql("REPLACE INTO statements (id, kind, subject, version, body) VALUES (1, 'desk', '33.01', 1, 'x')"),
        SQLITE,
    ),
    Attack("edit a statement", "statements_keep", _sql("UPDATE statements SET body = 'x'")),
    Attack("delete a statement", "statements_stay", _sql("DELETE FROM statements WHERE version = 2")),
    Attack("truncate statements", "statements_stay", _sql("TRUNCATE statements CASCADE"), POSTGRESQL),
]
DECREES = [
    Attack("a note left out", "decrees_continue", _decree(4, "x")),
    Attack("a note instead of another", "decrees_continue", _decree(1, "x")),
    Attack(
        "replaced note",
        "decrees_continue",
        _sql("REPLACE INTO decrees SELECT day, seq, name, :other, decided_at FROM decrees", other=REVIEWER),
        SQLITE,
    ),
    Attack("sign for another's note", "decrees_keep", _sql("UPDATE decrees SET decided_by = :id", id=REVIEWER)),
    Attack("edit a note by orm", "decrees_keep", _orm(lambda each: each.execute(update(Decree).values(name="x")))),
    Attack("take a note back without a trace", "decrees_stay", _sql("DELETE FROM decrees WHERE seq = 2")),
    Attack("delete a note by orm", "decrees_stay", _orm(_delete(Decree, (DECREED, 1)))),
    Attack("truncate what was decreed", "decrees_stay", _sql("TRUNCATE decrees"), POSTGRESQL),
]
CHANNELLED = [
    Attack(
        "a reading by the channel",
        "access_events_channel",
        lambda connection: connection.execute(
            insert(AccessEvent).values(reading_row(ASKED, 1, None) | {"officer_id": CHANNEL})
        ),
    ),
    Attack("an act of the channel's", "case_events_channel", _event(*NEXT[:-1], CHANNEL)),
    Attack(
        "nobody as channel", "cases_channel", _sql("UPDATE cases SET channel_id = NULL WHERE id = :id", id=RUNNING)
    ),
    Attack(
        "another channel",
        "cases_channel",
        _sql("UPDATE cases SET channel_id = :other WHERE id = :id", id=RUNNING, other=HANDLER),
    ),
    Attack(
        "a key for the channel",
        "sealed_keys_channel",
        lambda connection: connection.execute(insert(SealedKey).values(key_row(CHANNEL))),
    ),
    Attack(
        "somebody's key made the channel's",
        "sealed_keys_channel_again",
        _sql("UPDATE sealed_keys SET recipient = :channel", channel=f"officer:{CHANNEL}"),
    ),
]
ERASING = [
    Attack(
        "a key of what was erased", "sealed_keys_erased",
        lambda connection: connection.execute(insert(SealedKey).values(key_row(LEAD) | {"object": ERASED})),
    ),
    Attack(
        "a case's key of what was erased", "sealed_keys_erased",
        lambda connection: connection.execute(
            insert(SealedKey).values(key_row(LEAD) | {"object": ERASED, "kind": "case"})
        ),
    ),
    Attack(
        "a ledger key of what was erased", "ledger_keys_erased",
        _sql("INSERT INTO ledger_keys (complaint_id, box) VALUES (:erased, :box)", erased=ERASED, box=b"box"),
    ),
]
# Each of a file's columns, and another value that would fit there.
OTHER_VALUES: dict[str, Any] = {
    "id": "1" * 32, "complaint_id": ASKED, "side": "case", "epoch": 3, "key_box": b"k" * 61, "progress_box": None,
    "manifest_box": b"n", "size": 2 * 1024 * 1024 - 1, "chunks": 1, "author": LEAD, "opened_on": "2026-11-26", "seq": 3,
}  # fmt: skip
BEFORE = ("id", "complaint_id", "side", "progress_box", "size", "chunks", "author", "opened_on")
FILES = [
    Attack("a file of no size", "ck_files_size", _file("1" * 32, size=0, chunks=0)),
    Attack("a file brought from the first", "files_begin", _file("1" * 32, seq=4, manifest_box=b"m")),
    Attack("a manifest from the first", "files_begin", _file("1" * 32, manifest_box=b"m")),
    Attack("replace a file", "files_begin", _file(BROUGHT, "REPLACE"), SQLITE),
    Attack("replace one that waits", "files_begin", _file(WHOLE, "INSERT OR REPLACE", epoch=3), SQLITE),
    *(
        Attack(f"another {name} of what was brought", "files_keep", _set(BROUGHT, **{name: value}))
        for name, value in OTHER_VALUES.items()
    ),
    Attack("take back what was brought", "files_keep", _set(BROUGHT, seq=None, manifest_box=None)),
    *(
        Attack(f"another {name} before it is brought", "files_keep", _set(WHOLE, **{name: OTHER_VALUES[name]}))
        for name in BEFORE
    ),
    Attack("another key of the same epoch", "files_keep", _set(WHOLE, key_box=b"k" * 61)),
    Attack("a key of an epoch before", "files_keep", _set(WHOLE, epoch=1, key_box=b"k" * 61)),
    Attack("brought by an event that does not name it", "files_keep", _set(WHOLE, seq=3, manifest_box=b"m")),
    Attack("brought by an event to come", "files_keep", _set(WHOLE, seq=5, manifest_box=b"m")),
    Attack("brought and not whole", "files_keep", _set(BEGUN, seq=4, manifest_box=b"m")),
    Attack("brought without a manifest", "ck_files_brought", _set(WHOLE, seq=4)),
    Attack("a manifest without an event", "ck_files_brought", _set(WHOLE, manifest_box=b"m")),
    Attack("edit files by orm", "files_keep", _orm(lambda each: each.execute(update(File).values(key_box=b"k" * 61)))),
    Attack("delete what was brought", "files_stay", _sql("DELETE FROM files WHERE id = :id", id=BROUGHT)),
    Attack("delete it with its chunks", "files_stay", _orm(lambda each: each.delete(each.get_one(File, BROUGHT)))),
    Attack("truncate files", "files_whole", _sql("TRUNCATE files CASCADE"), POSTGRESQL),
    Attack("a chunk of what was brought", "file_chunks_begin", _chunk(BROUGHT, 3)),
    Attack("a chunk beyond the last", "file_chunks_begin", _chunk(BEGUN, 3)),
    Attack("a chunk before the first", "file_chunks_begin", _chunk(BEGUN, 0)),
    Attack("a chunk of no file", "file_chunks_begin", _chunk("1" * 32, 1)),
    Attack("a chunk between two", "file_chunks_begin", _chunk(BEGUN, 1.5), SQLITE),
    Attack("replace a chunk", "file_chunks_begin", _chunk(BEGUN, 1, "REPLACE", digest=b"d" * 32), SQLITE),
    Attack(
        "replace a chunk by its object's key",
        "file_chunks_begin",
        _chunk(BEGUN, 2, "REPLACE", key=chunk_row(BROUGHT, 1)["key"]),
        SQLITE,
    ),
    Attack(
        "a chunk in another file's object",
        "file_chunks_begin",
        _chunk(BEGUN, 2, key=chunk_row(BROUGHT, 1)["key"], begins=1_048_605),
    ),
    Attack(
        "two chunks in one place",
        "uq_file_chunks_key_begins",
        _chunk(BEGUN, 2, key=chunk_row(BEGUN, 1)["key"]),
        POSTGRESQL,
    ),
    Attack("a chunk before its object", "ck_file_chunks_begins", _chunk(BEGUN, 2, begins=-1)),
    Attack("a chunk from half a byte on", "file_chunks_begin", _chunk(BEGUN, 2, begins=0.5), SQLITE),
    Attack("edit a chunk", "file_chunks_keep", _sql("UPDATE file_chunks SET digest = :other", other=b"d" * 32)),
    Attack("another object", "file_chunks_keep", _orm(lambda each: each.execute(update(FileChunk).values(number=9)))),
    Attack("delete a brought chunk", "file_chunks_stay", _sql("DELETE FROM file_chunks WHERE number = 2")),
    Attack("truncate chunks", "file_chunks_whole", _sql("TRUNCATE file_chunks"), POSTGRESQL),
]
BATCH = b"".join(leaf_hash(leaf_of(idx)) for idx in range(64))
LOG = [
    Attack("enter again", "log_pending_begin", _sql("INSERT INTO log_pending VALUES (:entry)", entry=leaf_of(3))),
    Attack(
        "another entry waits", "log_pending_keep",
        _sql("UPDATE log_pending SET entry = :other WHERE entry = :entry", other=bytes(64), entry=FIRST_ENTRY),
    ),
    Attack("forget what waits", "log_pending_stay", _sql("DELETE FROM log_pending WHERE entry = :e", e=FIRST_ENTRY)),
    Attack("forget all that waits", "log_pending_whole", _sql("TRUNCATE log_pending"), POSTGRESQL),
    Attack("a leaf left out", "log_leaf_continue", _sql("INSERT INTO log_leaf VALUES (65, :e)", e=bytes(64))),
    Attack("replace a leaf", "log_leaf_continue", _sql("REPLACE INTO log_leaf VALUES (9, :e)", e=bytes(64)), SQLITE),
    Attack("a leaf moved", "log_leaf_continue", _sql("REPLACE INTO log_leaf VALUES (64, :e)", e=leaf_of(3)), SQLITE),
    Attack("edit a leaf", "log_leaf_keep", _sql("UPDATE log_leaf SET entry = :e WHERE idx = 9", e=bytes(64))),
    Attack("edit leaves by orm", "log_leaf_keep", _orm(lambda each: each.execute(update(Leaf).values(idx=Leaf.idx)))),
    Attack("cut the log", "log_leaf_stay", _sql("DELETE FROM log_leaf WHERE idx = 63")),
    Attack("truncate the log", "log_leaf_stay", _sql("TRUNCATE log_leaf"), POSTGRESQL),
    Attack("a tile left out", "log_tile_continue", _sql("INSERT INTO log_tile VALUES (0, 2, :all)", all=BATCH)),
    Attack("replace a tile", "log_tile_continue", _sql("REPLACE INTO log_tile VALUES (0, 0, :x)", x=BATCH), SQLITE),
    Attack("rewrite a tile", "log_tile_grow", _sql("UPDATE log_tile SET content = :x", x=BATCH[::-1] + BATCH)),
    Attack("a tile as it is", "log_tile_grow", _sql("UPDATE log_tile SET content = :x", x=BATCH)),
    Attack("cut a tile", "log_tile_grow", _sql("UPDATE log_tile SET content = :x", x=BATCH[:32])),
    Attack("move a tile", "log_tile_grow", _sql("UPDATE log_tile SET number = 1, content = :x", x=BATCH * 2)),
    Attack("delete a tile", "log_tile_stay", _sql("DELETE FROM log_tile")),
    Attack("truncate the tiles", "log_tile_stay", _sql("TRUNCATE log_tile"), POSTGRESQL),
    Attack("replace the head", "log_head_begin", _sql("REPLACE INTO log_head VALUES (1, 64, :r)", r=b"r" * 32), SQLITE),
    Attack("another root", "log_head_advance", _sql("UPDATE log_head SET root = :r", r=b"r" * 32)),
    Attack("a log that shrinks", "log_head_advance", _sql("UPDATE log_head SET size = 0")),
    Attack("a log beyond its leaves", "log_head_advance", _sql("UPDATE log_head SET size = 128")),
    Attack("delete the head", "log_head_stay", _sql("DELETE FROM log_head")),
    Attack("truncate the head", "log_head_stay", _sql("TRUNCATE log_head"), POSTGRESQL),
    Attack(
        "a checkpoint beyond the log", "log_checkpoint_continue",
        _sql("INSERT INTO log_checkpoint VALUES (128, :r, 'x')", r=b"r" * 32),
    ),
    Attack(
        "a checkpoint before the last", "log_checkpoint_continue",
        _sql("INSERT INTO log_checkpoint VALUES (63, :r, 'x')", r=bytes(32)),
    ),
    Attack(
        "replace a checkpoint", "log_checkpoint_continue",
        _sql("REPLACE INTO log_checkpoint VALUES (64, :r, 'x')", r=bytes(32)), SQLITE,
    ),
    Attack("another note", "log_checkpoint_keep", _sql("UPDATE log_checkpoint SET note = 'x'")),
    Attack("take a checkpoint back", "log_checkpoint_stay", _sql("DELETE FROM log_checkpoint")),
    Attack("take all back", "log_checkpoint_stay", _sql("TRUNCATE log_checkpoint CASCADE"), POSTGRESQL),
    Attack(
        "a public entry that does not say so", "log_public_begin",
        _sql("INSERT INTO log_public VALUES (:e, 'statement', 'x', NULL)", e=bytes(64)),
    ),
    Attack(
        "replace what is public", "log_public_begin",
        _sql("REPLACE INTO log_public VALUES (:e, 'statement', 'x', NULL)", e=public_entry(Kind.STATEMENT, "v1")),
        SQLITE,
    ),
    Attack("edit what is public", "log_public_keep", _sql("UPDATE log_public SET body = 'x'")),
    Attack("hide what is public", "log_public_stay", _sql("DELETE FROM log_public")),
    Attack("hide all that is public", "log_public_stay", _sql("TRUNCATE log_public"), POSTGRESQL),
]
ATTACKS = [
    *STATE, *CASES, *EVENTS, *CHECKED, *WORKFLOW, *READINGS, *STATEMENTS, *DECREES, *CHANNELLED, *ERASING, *FILES, *LOG,
]  # fmt: skip
