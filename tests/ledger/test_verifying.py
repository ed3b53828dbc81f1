"""Whatever is done to events and log by who owns database, secret and the log's key is found, and said where it is."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

import pytest
from sqlalchemy import Connection, select, text
from sqlalchemy.orm import Session

from kernel.database import db
from kernel.web import current_settings
from ledger.checkpoints import Checkpoint, open_checkpoint, sign_checkpoint
from ledger.entries import entry_of
from ledger.integrating import BATCH, integrate
from ledger.models import LedgerKey, Published
from ledger.publishing import Log, log_of, publish
from ledger.public import Kind, erased_body, public_entry, refilled_body
from ledger.services import open_key
from ledger.tiles import grown
from ledger.tree import leaf_hash, nodes_of, root_of
from ledger.verifying import Kept, faults
from tests.casework.test_acts import DECLARATION
from tests.ledger.owners import change, unguarded
from tests.ledger.test_integrating import await_entries, some
from tests.officer import Text, act
from tests.province import Province, own_province
from tests.remains import owners_engine

TABLES = ("case_events", "log_leaf", "log_tile", "log_head", "log_checkpoint", "log_public", "log_pending")


@dataclass(frozen=True)
class World:
    """A log of two checkpoints that strangers keep, and a case of two events, the first of them in the first."""

    province: Province
    case: str
    kept: tuple[str, str]
    log: Log


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def world(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """The world, at which nobody changes anything for good."""
    for province in own_province(request, tmp_path_factory):
        _phrase, case = province.lodge()
        with province.app.app_context():
            first = published(4)
        # A request is to have a context of its own.
        act(province.opened(province.number_of(case), "lead"), "open", "TRIAGE", [Text("declaration", DECLARATION)])
        with province.app.app_context():
            yield World(province, case, (first, published(200)), log_of(current_settings()))


def published(more: int) -> str:
    await_entries(*some(more))
    integrate()
    publish()
    db.session.remove()
    with Session(db.engine) as session:
        return session.scalars(select(Published.note).order_by(Published.size.desc()).limit(1)).one()


@dataclass(frozen=True)
class Hand:
    """Somebody who owns the database, in a transaction that is undone; he has the secret and the log's key as well."""

    world: World
    connection: Connection

    def do(self, *statements: str, **values: object) -> None:
        change(self.connection, *statements, **{"case": self.world.case, **values})

    def entry(self, seq: int, body: str) -> bytes:
        boxed = self.connection.scalar(select(LedgerKey.box).where(LedgerKey.complaint_id == self.world.case))
        assert boxed is not None
        return entry_of(open_key(self.world.case, boxed, current_settings().secret), seq, body)

    def edit(self, seq: int) -> tuple[bytes, bytes]:
        """Have an event say another day, with the entry that belongs to that; return the old entry and the new one."""
        asked = text("SELECT body, entry FROM case_events WHERE case_id = :case AND seq = :seq")
        body, old = self.connection.execute(asked, {"case": self.world.case, "seq": seq}).one()
        body = body.replace("date 20", "date 19")
        new = self.entry(seq, body)
        self.do("UPDATE case_events SET body = :body, entry = :new WHERE entry = :old", body=body, new=new, old=old)
        return bytes(old), new

    def leaves(self) -> list[bytes]:
        return [bytes(entry) for entry in self.connection.scalars(text("SELECT entry FROM log_leaf ORDER BY idx"))]

    def rewrite(self, entries: list[bytes]) -> None:
        """Have a log of these entries, whole in itself, with a checkpoint that the log's own key has signed."""
        hashes, log = [leaf_hash(entry) for entry in entries], self.world.log
        root = root_of(nodes_of(hashes), len(hashes))
        note = sign_checkpoint(Checkpoint(log.origin, len(hashes), root), log.key)
        self.do("DELETE FROM log_checkpoint", "DELETE FROM log_tile", "DELETE FROM log_leaf")
        for idx, entry in enumerate(entries):
            self.do("INSERT INTO log_leaf (idx, entry) VALUES (:idx, :entry)", idx=idx, entry=entry)
        made: dict[tuple[int | None, int], bytes] = {}
        made |= {(tile.level, tile.index): held for tile, held in grown(lambda _tile: b"", 0, hashes).items()}
        for (level, number), held in made.items():
            self.do("INSERT INTO log_tile VALUES (:level, :number, :held)", level=level, number=number, held=held)
        self.do("UPDATE log_head SET size = :size, root = :root", size=len(hashes), root=root)
        self.do("INSERT INTO log_checkpoint VALUES (:size, :root, :note)", size=len(hashes), root=root, note=note)


def judged(hand: Hand, *kept: str) -> list[str]:
    with Session(hand.connection) as session:
        notes = [Kept(f"kept {at}", note) for at, note in enumerate(kept)]
        verifier = hand.world.log.verifier
        return list(faults(session, verifier, current_settings().secret, notes, lambda _more: None))


@pytest.fixture
def hand(world: World) -> Iterator[Hand]:
    """The hand that does what the rest of these tests find."""
    with owners_engine(world.province.app).connect() as connection, connection.begin() as undone:
        for table in TABLES:
            change(connection, *unguarded(f"UPDATE {table} "))
        yield Hand(world, connection)
        undone.rollback()


def test_where_nothing_was_done_nothing_is_found(hand: Hand) -> None:
    assert judged(hand, *hand.world.kept) == []


TAMPERED = {
    "UPDATE log_leaf SET entry = :other WHERE idx = 9":
        "tile/0/000 is not made of its entries, from hash 9 of level 0 on",
    "DELETE FROM log_leaf WHERE idx = 63": "tile/0/000 is not made of its entries, from hash 63 of level 0 on",
    "DELETE FROM log_leaf WHERE idx >= 300": "from hash 300 of level 0 on",
    "INSERT INTO log_leaf (idx, entry) VALUES (384, :other)":
        "the head says 384 entries, and there are 385, the last of them number 384",
    "UPDATE log_tile SET content = :other": "tile/0/000 is not made of its entries, from hash 0",
    "DELETE FROM log_tile WHERE level = 1": "tile/1/000.p/1 is not made of its entries, from hash 0 of level 1 on",
    "UPDATE log_head SET root = :half": "the head's root is not that of its 384 entries",
    "UPDATE log_checkpoint SET root = :half": "the checkpoint of 384 entries does not say what its signed note says",
    "UPDATE log_checkpoint SET note = 'x'": "the checkpoint of 128 entries does not say what its signed note says",
    "DELETE FROM log_public": "says that it is public, and its body is not here",
    "UPDATE log_public SET body = 'x'": "says that it is public, and its body is not here",
    "UPDATE log_public SET kind = 'x'": "says that it is public, and its body is not here",
    "UPDATE ledger_keys SET box = :other": ": its ledger key is of another secret",
    "DELETE FROM ledger_keys": ": its ledger key is gone, and it was not erased",
    "DELETE FROM case_events WHERE seq = 1": ": event 1 is gone",
    "DELETE FROM case_events WHERE seq = 2": ": event 2 is in the log, and gone from here",
    "DELETE FROM case_events": ": event 1 is in the log, and gone from here",
    "UPDATE case_events SET body = replace(body, 'date 20', 'date 19') WHERE seq = 2":
        ": event 2 was edited: its entry is of another body",
}  # fmt: skip


@pytest.mark.parametrize("statement", TAMPERED)
def test_what_was_changed_is_found_and_where(hand: Hand, statement: str) -> None:
    free(hand)
    hand.do(statement, other=bytes(64), half=bytes(32))
    found = judged(hand)
    assert any(TAMPERED[statement] in fault for fault in found), found


def test_a_back_dated_event_with_an_entry_of_its_own_is_not_in_the_log(hand: Hand) -> None:
    free(hand)
    hand.edit(2)
    assert f"case {hand.world.case}: event 2, as it is here, is not in the log" in judged(hand)


def test_an_erasure_is_stated_as_often_as_it_was_done(hand: Hand) -> None:
    stated = erased_body(date(2031, 11, 27), "33.08", "0" * 32)
    hand.do(ADD_PUBLIC, entry=public_entry(Kind.ERASED, stated), kind="erased", body=stated)
    assert "0 cases of desk 33.08 were erased on 2031-11-27, and 1 are stated" in judged(hand)
    free(hand)
    hand.do("DELETE FROM log_public WHERE kind = 'erased'", "DELETE FROM ledger_keys", *ERASE, day=date(2031, 11, 27))
    assert "1 cases of desk 33.08 were erased on 2031-11-27, and 0 are stated" in judged(hand)


def test_what_was_stated_of_an_erasure_that_was_lost_counts_no_more(hand: Hand) -> None:
    erased = erased_body(date(2031, 11, 27), "33.08", "0" * 32)
    entries = {"erased": public_entry(Kind.ERASED, erased)}
    refilled = refilled_body(date(2031, 11, 28), 384, 448)
    entries["refilled"] = public_entry(Kind.REFILLED, refilled)
    for (kind, entry), body, at in zip(entries.items(), (erased, refilled), (400, 448), strict=True):
        hand.do(ADD_PUBLIC, entry=entry, kind=kind, body=body)
        hand.do("INSERT INTO log_leaf (idx, entry) VALUES (:at, :entry)", at=at, entry=entry)
    assert not any("were erased" in fault for fault in judged(hand))


ADD_PUBLIC = "INSERT INTO log_public (entry, kind, body) VALUES (:entry, :kind, :body)"
# As it would be done by hand: the newest event made the one that erases.
ERASE = (
    "UPDATE case_events SET action = 'purge', from_state = 'CLOSED', to_state = 'PURGED', day = :day WHERE seq = 2",
    "UPDATE cases SET state = 'PURGED'",
)


def free(hand: Hand) -> None:
    """Take away what keeps rows in their places, as an owner can."""
    if hand.connection.dialect.name == "sqlite":
        hand.do("PRAGMA defer_foreign_keys = ON")
        return
    asked = text("SELECT conrelid::regclass::text, conname FROM pg_constraint WHERE contype = 'f'")
    for table, name in hand.connection.execute(asked).all():
        hand.do(f"ALTER TABLE {table} DROP CONSTRAINT {name}")


def test_swapped_entries_are_found_where_they_are(hand: Hand) -> None:
    entries = hand.leaves()
    hand.do("UPDATE log_leaf SET entry = :x WHERE idx = 130", x=bytes(64))
    hand.do("UPDATE log_leaf SET entry = :x WHERE idx = 131", x=entries[130])
    hand.do("UPDATE log_leaf SET entry = :x WHERE idx = 130", x=entries[131])
    found = judged(hand, *hand.world.kept)
    assert "tile/0/000 is not made of its entries, from hash 130 of level 0 on" in found
    assert "kept 1 is not of this log: what was rewritten lies from entry 128 to 383" in found
    assert not any("kept 0" in fault for fault in found)


def test_an_event_replaced_with_tiles_head_and_a_signed_checkpoint_is_caught_by_any_that_was_kept(hand: Hand) -> None:
    free(hand)
    old, new = hand.edit(2)
    hand.rewrite([new if entry == old else entry for entry in hand.leaves()])
    assert judged(hand) == []  # in itself it holds: that is why strangers keep checkpoints
    assert judged(hand, *hand.world.kept) == [
        "kept 1 is not of this log: what was rewritten lies from entry 128 to 383",
    ]


def test_a_log_that_was_cut_short_is_caught(hand: Hand) -> None:
    free(hand)
    hand.do("DELETE FROM case_events WHERE case_id = :case AND seq = 2")
    hand.rewrite(hand.leaves()[: 2 * BATCH])
    assert judged(hand, *hand.world.kept) == ["kept 1 is of 384 entries: 256 of them are gone"]


def test_a_fork_of_the_same_length_and_two_histories_of_one_event_are_caught(hand: Hand) -> None:
    entries = hand.leaves()
    hand.rewrite([*entries[:-1], bytes(64)])
    assert judged(hand, *hand.world.kept)[-1] == (
        "kept 1 is not of this log: what was rewritten lies from entry 128 to 383"
    )
    hand.rewrite([*entries[:-2], entries[-1][:32] + bytes(32), entries[-1]])
    assert "entries 382 and 383 have one tag" in judged(hand)


def test_a_fork_that_was_shown_once_is_told_apart_from_what_else_was_signed(hand: Hand) -> None:
    log = hand.world.log
    fork = sign_checkpoint(Checkpoint(log.origin, 2 * BATCH, bytes(32)), log.key)
    assert judged(hand, fork, hand.world.kept[1]) == [
        "kept 0 is not of this log: what was rewritten lies from entry 0 to 127",
    ]


def test_behind_an_entry_that_is_gone_nothing_has_its_place(hand: Hand) -> None:
    hand.rewrite([*hand.leaves(), *some(3 * BATCH)])
    hand.do("DELETE FROM log_leaf WHERE idx = 63")
    assert judged(hand)[0] == "tile/0/000 is not made of its entries, from hash 63 of level 0 on"


def test_a_checkpoint_of_another_log_is_no_witness(hand: Hand) -> None:
    assert judged(hand, "x") == ["kept 0 is not signed by this log"]


def test_the_command_says_what_it_found_and_fails(world: World) -> None:
    run = world.province.app.test_cli_runner().invoke
    last = world.province.instance / "log" / "last"
    sound = run(args=["ledger", "verify"])
    assert sound.exit_code == 0 and "384 entries" in sound.output and "1 kept checkpoints" in sound.output
    kept = last.read_text()
    log, stated = world.log, open_checkpoint(kept, world.log.verifier)
    last.write_text(sign_checkpoint(Checkpoint(log.origin, stated.size, bytes(32)), log.key))
    found = run(args=["ledger", "verify"])
    last.write_text(kept)
    assert found.exit_code == 1 and f"{last} is not of this log" in found.output
