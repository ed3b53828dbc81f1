"""Where entries stand in the published log, and the proofs of it for others (c2sp.org/tlog-proof; formats §6)."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Collection, Sequence
from contextlib import suppress
from dataclasses import dataclass

from sqlalchemy import bindparam, select

from kernel.database import Reader, execute
from kernel.vault import Malformed
from ledger.checkpoints import open_checkpoint
from ledger.integrating import tiles_in
from ledger.models import Leaf, Published
from ledger.notes import Verifier
from ledger.tiles import nodes_in
from ledger.tree import includes, leaf_hash, prove_inclusion
from ledger.witnesses import lines_under, signed_by

_NEWEST = select(Published.size, Published.note).order_by(Published.size.desc()).limit(1)
# What is integrated and unpublished would tell when something happened.
_PLACES = select(Leaf.entry, Leaf.idx).where(
    Leaf.entry.in_(bindparam("entries", expanding=True)), Leaf.idx < bindparam("size")
)


@dataclass(frozen=True)
class Signed:
    """A published checkpoint: how many entries it covers, and its note with what witnesses have signed of it."""

    size: int
    note: str


@dataclass(frozen=True)
class Proof:
    """That the log has an entry at ``index``, counted from 0, as the text of a ``.tlog-proof``."""

    index: int
    text: str


def newest_checkpoint(session: Reader) -> Signed | None:
    """Return the newest published checkpoint; ``None`` where none is yet."""
    found = execute(session, _NEWEST).first()
    return Signed(found.size, found.note + "".join(lines_under(session, found.size, found.note))) if found else None


def places_of(session: Reader, entries: Collection[bytes]) -> dict[bytes, int]:
    """Return the index of each of these entries that is published."""
    newest = execute(session, _NEWEST).first()
    return _places_below(session, entries, newest.size) if newest else {}


def proofs_of(session: Reader, entries: Collection[bytes]) -> dict[bytes, Proof]:
    """Return the proof of each of these entries that is published, all by the newest checkpoint.

    Where somebody has taken away what a proof is made of there is none: whoever misses it says so when it is due.
    """
    signed = newest_checkpoint(session)
    return _proofs_by(signed, session, entries) if signed else {}


def seen_proof_of(session: Reader, entry: bytes, needed: int) -> Proof | None:
    """Return the proof of an entry by the newest checkpoint that so many witnesses have signed; ``None`` without one.

    The newest of all may lack one of them who is out of reach: what was published before is as published as ever.
    """
    for size, note in signed_by(session, needed):
        lines = lines_under(session, size, note)
        if len(lines) >= needed:
            return _proofs_by(Signed(size, note + "".join(lines)), session, [entry]).get(entry)
    return None


def _proofs_by(signed: Signed, session: Reader, entries: Collection[bytes]) -> dict[bytes, Proof]:
    nodes = nodes_in(tiles_in(session), signed.size)
    places = _places_below(session, entries, signed.size)
    proofs = {}
    for entry, index in places.items():
        with suppress(KeyError):
            proofs[entry] = Proof(index, write_proof(index, prove_inclusion(nodes, index, signed.size), signed.note))
    return proofs


def is_proven(session: Reader, entry: bytes, log: Verifier) -> bool:
    """Tell whether a checkpoint that ``log`` signed has an entry, judged as a stranger would: by its proof alone."""
    signed, places = newest_checkpoint(session), places_of(session, [entry])
    if signed is None or entry not in places:
        return False
    try:
        stated = open_checkpoint(signed.note, log)
        path = prove_inclusion(nodes_in(tiles_in(session), stated.size), places[entry], stated.size)
    except (Malformed, KeyError):  # not signed by this log; a tile is not there
        return False
    return includes(stated.root, stated.size, places[entry], leaf_hash(entry), path)


def write_proof(index: int, hashes: Sequence[bytes], note: str) -> str:
    """Write a proof: the hashes beside an entry on the way up to the root that the note states, the lowest first."""
    path = "".join(f"{b64encode(each).decode()}\n" for each in hashes)
    return f"c2sp.org/tlog-proof@v1\nindex {index}\n{path}\n{note}"


def _places_below(session: Reader, entries: Collection[bytes], size: int) -> dict[bytes, int]:
    found = execute(session, _PLACES, entries=list(entries), size=size)
    return {entry: index for entry, index in found}
