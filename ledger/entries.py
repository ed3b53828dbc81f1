"""Ledger entries: 64 bytes that bind an event's body and tell a stranger nothing (formats §6)."""

from __future__ import annotations

from kernel.vault import derive, keyed_hash

SEQ_BYTES = 8


def tag(ledger_key: bytes, seq: int) -> bytes:
    """Return the 32 bytes by which whoever holds K finds the entry of event ``seq``."""
    return keyed_hash(derive(ledger_key, "tag"), seq.to_bytes(SEQ_BYTES, "big"))


def commitment(ledger_key: bytes, seq: int, body: str) -> bytes:
    """Return the 32 bytes that bind the ``body`` of event ``seq`` and, without K, reveal nothing of it."""
    return keyed_hash(_blind(ledger_key, seq), body.encode("ascii"))


def _blind(ledger_key: bytes, seq: int) -> bytes:
    return keyed_hash(derive(ledger_key, "blind"), seq.to_bytes(SEQ_BYTES, "big"))


def entry_of(ledger_key: bytes, seq: int, body: str) -> bytes:
    """Return the entry of event ``seq``: tag ‖ commitment, 64 bytes."""
    return tag(ledger_key, seq) + commitment(ledger_key, seq, body)


def opening_of(ledger_key: bytes, seq: int, body: str) -> str:
    """Write the ``.opening`` of event ``seq``: by it others see what the entry is of, and nothing of other entries."""
    own = f"tag {tag(ledger_key, seq).hex()}\nblind {_blind(ledger_key, seq).hex()}"
    return f"kentongan/v1/opening\n{own}\n\n{body}"
