"""Cases in all the positions an attack wants to find them in, written as rows, past every service."""

import hashlib
from datetime import date, datetime, timezone
from typing import Any

from sqlalchemy import Connection, insert, inspect, text

from casework.models import AccessEvent, Case, CaseEvent, Officer
from complaints.models import Complaint, File, FileChunk
from kernel.decrees import Decree
from kernel.directory.models import SealedKey, Statement
from ledger.models import Leaf, PublicEntry, Published, StoredTile
from ledger.public import Kind, public_entry
from ledger.tree import leaf_hash

DAY, DECREED = date(2026, 11, 25), date(2026, 12, 18)
LEAD, INVESTIGATOR, REVIEWER, OTHER_REVIEWER, HANDLER, CHANNEL = (f"{n:032x}" for n in range(1, 7))
# Under investigation; waiting for the reporter, asked while under investigation; in review for the second time; erased.
RUNNING, ASKED, REVIEWED, ERASED = "a" * 32, "b" * 32, "c" * 32, "9" * 32
# Of the running case: a file that its fourth event has brought; one that is whole and named there too; one begun.
BROUGHT, WHOLE, BEGUN = "d" * 32, "e" * 32, "f" * 32
STORIES: dict[str, list[tuple[str, str, str, str]]] = {
    RUNNING: [
        ("lodge", "NEW", "RECEIVED", "reporter"),
        ("open", "RECEIVED", "TRIAGE", LEAD),
        ("investigate", "TRIAGE", "INVESTIGATION", LEAD),
        ("note", "INVESTIGATION", "INVESTIGATION", INVESTIGATOR),
    ],
    ASKED: [
        ("lodge", "NEW", "RECEIVED", "reporter"),
        ("open", "RECEIVED", "TRIAGE", LEAD),
        ("investigate", "TRIAGE", "INVESTIGATION", LEAD),
        ("ask", "INVESTIGATION", "NEEDS_INFO", INVESTIGATOR),
    ],
    REVIEWED: [
        ("lodge", "NEW", "RECEIVED", "reporter"),
        ("open", "RECEIVED", "TRIAGE", LEAD),
        ("propose", "TRIAGE", "REVIEW", LEAD),
        ("close", "REVIEW", "CLOSED", REVIEWER),
        ("object", "CLOSED", "OBJECTION", "reporter"),
        ("dismiss", "OBJECTION", "REVIEW", HANDLER),
    ],
    ERASED: [
        ("lodge", "NEW", "RECEIVED", "reporter"),
        ("open", "RECEIVED", "TRIAGE", LEAD),
        ("propose", "TRIAGE", "REVIEW", LEAD),
        ("close", "REVIEW", "CLOSED", REVIEWER),
        ("purge", "CLOSED", "PURGED", "system"),
    ],
}


def event_row(
    case_id: str, seq: int, action: str, before: str, after: str, actor: str, /, **more: Any
) -> dict[str, Any]:
    """Return one event as a row; ``actor`` is ``reporter``, ``system`` or an officer's id."""
    officer = None if actor in {"reporter", "system"} else actor
    row = {
        "case_id": case_id,
        "seq": seq,
        "prev_seq": seq - 1 or None,
        "from_state": before,
        "to_state": after,
        "action": action,
        "actor_kind": "officer" if officer else actor,
        "actor_id": officer,
        "day": DAY,
        "body": f"{action} {seq}",
        "entry": hashlib.sha512(f"{case_id} {seq}".encode()).digest(),
    }
    return row | more


def case_row(case_id: str, **more: Any) -> dict[str, Any]:
    """Return a case before its first event, as a row."""
    row = {
        "id": case_id,
        "version": 0,
        "state": "NEW",
        "number": f"26-{case_id[:7]}",
        "desk_id": "33.08",
        "region": "33.08",
        "sector": "desa",
        "level": "desa",
        "excluded": "none",
        "threatened": False,
        "opened_on": DAY,
    }
    return row | more


def reading_row(case_id: str, seq: int, previous: bytes | None) -> dict[str, Any]:
    """Return one reading as a row; its hash is of its number."""
    return {
        "case_id": case_id,
        "seq": seq,
        "officer_id": LEAD,
        "what": "case",
        "at": datetime(2026, 11, 25, 1, 2, 3, tzinfo=timezone.utc),
        "previous": previous,
        "hash": hashlib.sha256(f"{case_id} {seq}".encode()).digest(),
    }


def decree_row(seq: int, name: str | None) -> dict[str, Any]:
    """Return one note about a day as a row."""
    at = datetime(2026, 11, 25, 1, 2, 3, tzinfo=timezone.utc)
    return {"day": DECREED, "seq": seq, "name": name, "decided_by": LEAD, "decided_at": at}


def key_row(officer: str) -> dict[str, Any]:
    """Return a key of the running case, sealed to an officer, as a row."""
    return {"kind": "thread", "object": RUNNING, "epoch": 1, "recipient": f"officer:{officer}", "sealed": b"sealed"}


def file_row(file: str, **more: Any) -> dict[str, Any]:
    """Return a file of the running case, of two chunks, as it is begun, as a row."""
    row = {
        "id": file,
        "complaint_id": RUNNING,
        "side": "thread",
        "epoch": 2,
        "key_box": bytes(61),
        "progress_box": bytes(93),
        "manifest_box": None,
        "size": 2 * 1024 * 1024,
        "chunks": 2,
        "author": "reporter",
        "opened_on": DAY,
        "seq": None,
    }
    return row | more


def chunk_row(file: str, number: float) -> dict[str, Any]:
    """Return one chunk of a file as a row."""
    key = hashlib.sha256(f"{file} {number}".encode()).hexdigest()[:32]
    return {"file_id": file, "number": number, "digest": bytes(32), "key": key, "begins": 0}


def _set_files(connection: Connection) -> None:
    row = {
        "id": RUNNING, "lookup_hash": bytes(32), "reporter_kem": bytes(1216), "reporter_sign": bytes(32),
        "desk_id": "33.08", "region": "33.08", "sector": "desa", "level": "desa", "excluded": "none",
        "threatened": False, "lodged_on": DAY, "account": b"a", "envelope_hash": bytes(32), "entry": bytes(64),
    }  # fmt: skip
    connection.execute(insert(Complaint).values(row))
    for file in (BROUGHT, WHOLE, BEGUN):
        connection.execute(insert(File).values(file_row(file)))
        for number in (1, 2) if file != BEGUN else (1,):
            _put_chunk(connection, chunk_row(file, number))
    bring = text("UPDATE files SET seq = 4, manifest_box = :manifest WHERE id = :id")
    connection.execute(bring, {"id": BROUGHT, "manifest": b"m"})


def _put_chunk(connection: Connection, row: dict[str, Any]) -> None:
    """Write a chunk; an older version's table has not all of it."""
    there = {column["name"] for column in inspect(connection).get_columns("file_chunks")}
    connection.execute(insert(FileChunk).values({name: value for name, value in row.items() if name in there}))


def set_stage(connection: Connection) -> None:
    """Write the officers, four cases, a key, readings, a statement of two versions, a holiday taken back, files."""
    people = [(LEAD, "lead"), (INVESTIGATOR, "investigator"), (REVIEWER, "reviewer"), (OTHER_REVIEWER, "reviewer")]
    for officer, role in [*people, (HANDLER, "investigator"), (CHANNEL, "investigator")]:
        row = {"id": officer, "name": f"n{officer[-1]}", "full_name": "N", "role": role, "desk_id": "33.08"}
        connection.execute(insert(Officer).values(row | {"status": "vouched"}))
    for case_id, story in STORIES.items():
        connection.execute(insert(Case).values(case_row(case_id, channel_id=CHANNEL)))
        for seq, step in enumerate(story, 1):
            connection.execute(insert(CaseEvent).values(event_row(case_id, seq, *step) | _naming(case_id, seq)))
    connection.execute(insert(SealedKey).values(key_row(INVESTIGATOR)))
    first = reading_row(RUNNING, 1, None)
    for row in (first, reading_row(RUNNING, 2, first["hash"])):
        connection.execute(insert(AccessEvent).values(row))
    for version in (1, 2):
        connection.execute(insert(Statement).values(kind="desk", subject="33.08", version=version, body=f"v{version}"))
    connection.execute(insert(Decree).values(decree_row(1, "Pilkada")))
    connection.execute(insert(Decree).values(decree_row(2, None)))
    _set_files(connection)
    _set_log(connection)


def _naming(case_id: str, seq: int) -> dict[str, str]:
    """Have the running case's newest event name two files."""
    named = ",".join(f"file/{file}/{'0' * 64}" for file in (BROUGHT, WHOLE))
    return {"body": f"objects {named}\n"} if (case_id, seq) == (RUNNING, 4) else {}


def leaf_of(idx: int) -> bytes:
    """Return the entry that the log has at ``idx``."""
    return hashlib.sha512(f"leaf {idx}".encode()).digest()


def _set_log(connection: Connection) -> None:
    """Put a batch of entries into the log and publish it; the events wait, and a statement's entry with them."""
    connection.execute(insert(Leaf), [{"idx": idx, "entry": leaf_of(idx)} for idx in range(64)])
    content = b"".join(leaf_hash(leaf_of(idx)) for idx in range(64))
    connection.execute(insert(StoredTile).values(level=0, number=0, content=content))
    connection.execute(text("UPDATE log_head SET size = 64, root = :root"), {"root": bytes(32)})
    connection.execute(insert(Published).values(size=64, root=bytes(32), note="a note"))
    row = {"entry": public_entry(Kind.STATEMENT, "v1"), "kind": Kind.STATEMENT, "body": "v1", "statement_id": 1}
    connection.execute(insert(PublicEntry).values(row))


def picture(connection: Connection) -> list[list[tuple[Any, ...]]]:
    """Return every row of the guarded tables, to compare before and after."""
    tables = (
        "transitions", "cases", "case_events", "access_events", "statements", "decrees", "sealed_keys", "files",
        "file_chunks", "log_pending", "log_leaf", "log_tile", "log_head", "log_checkpoint", "log_public",
    )  # fmt: skip
    return [sorted(map(tuple, connection.execute(text(f"SELECT * FROM {table}"))), key=repr) for table in tables]
