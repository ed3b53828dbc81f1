"""An older database brought back to what was published: what it lacks is had from whoever mirrors the log."""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path

from kernel.vault import Malformed
from kernel.web import current_settings
from ledger.checkpoints import Checkpoint, open_checkpoint
from ledger.integrating import OtherLog, refill
from ledger.models import ENTRY_BYTES
from ledger.notes import Verifier
from ledger.publishing import log_of
from ledger.tiles import NoTile, Tile, read_bundle, tiles_of

HASH_AT = 32


def refill_from(mirror: Path) -> int:
    """Put back the entries that the log here lacks; return how many there are then. Raises ``OtherLog``.

    ``mirror`` is a folder with what lies below ``/log/``: ``checkpoint``, ``tile/entries/…`` of its size, ``public/…``.
    """
    stated = _stated(mirror / "checkpoint", log_of(current_settings()).verifier)
    entries = [entry for tile in tiles_of(stated.size) if tile.level == 0 for entry in _bundle(mirror, tile)]

    def body_of(entry: bytes) -> str | None:
        digest = entry[HASH_AT:]
        path = mirror / "public" / digest.hex()
        body = path.read_bytes() if path.is_file() else b""
        return body.decode("ascii") if sha256(body).digest() == digest else None

    refill(entries, body_of, stated.root)
    return stated.size


def _stated(path: Path, log: Verifier) -> Checkpoint:
    try:
        return open_checkpoint(path.read_text(encoding="utf-8"), log)
    except (OSError, UnicodeDecodeError, Malformed):
        raise OtherLog(f"{path} is no checkpoint that this log's key has signed.") from None


def _bundle(mirror: Path, tile: Tile) -> list[bytes]:
    path = mirror / Tile(None, tile.index, tile.width).path
    try:
        found = read_bundle(path.read_bytes())
    except (OSError, NoTile):
        found = []
    if [len(entry) for entry in found] != [ENTRY_BYTES] * tile.width:
        raise OtherLog(f"{path} does not hold {tile.width} entries.")
    return found
