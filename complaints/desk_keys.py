"""The keys that complaints are sealed to: each must have been published before, in the log that strangers check.

A key that is shown to one visitor alone, or that a lead has signed and nobody else has seen, is so never sealed to.
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import bindparam, select

from kernel.database import Reader, execute
from kernel.directory.directory import Directory
from kernel.directory.models import Statement
from kernel.i18n import gettext as _
from kernel.refusal import Overloaded
from kernel.web import current_settings
from ledger.known import known_log
from ledger.notes import Verifier
from ledger.proving import is_proven, proofs_of, seen_proof_of
from ledger.public import Kind, public_entry
from ledger.witnesses import WrongPolicy, policy_of

_EPOCH = select(Statement.body).where(
    Statement.kind == "epoch", Statement.subject == bindparam("desk"), Statement.version == bindparam("epoch")
)
# What has once been proved stays so: a tree that has it was signed. Proving it anew costs as much as a whole complaint.
_PROVED: set[tuple[Verifier, bytes]] = set()


class NotPublished(Overloaded):
    """A desk's newest key is in no published tree yet: sealing waits until it is."""


@dataclass(frozen=True)
class DeskKey:
    """A desk's newest epoch, its key's digest (hex), and the public entry of the statement that says so (64 bytes)."""

    epoch: int
    digest: str
    entry: bytes


def key_of_desk(session: Reader, directory: Directory, desk: str) -> DeskKey:
    """Return a desk's newest key, published or not; raises ``NotVouched``."""
    epoch, digest = directory.desk_key(desk)
    return DeskKey(epoch, digest, _entry_of(session, desk, epoch))


def _entry_of(session: Reader, desk: str, epoch: int) -> bytes:
    return public_entry(Kind.STATEMENT, execute(session, _EPOCH, desk=desk, epoch=epoch).scalar_one())


def key_to_seal_to(session: Reader, directory: Directory, desk: str) -> DeskKey:
    """Return a desk's newest key, proven to be published; raises ``NotPublished``, ``NotVouched``."""
    key = key_of_desk(session, directory, desk)
    if not _is_published(session, key.entry):
        raise NotPublished(unpublished())
    return key


def is_key_published(session: Reader, desk: str, epoch: int) -> bool:
    """Tell whether the key of one of a desk's epochs is proven to be published."""
    return _is_published(session, _entry_of(session, desk, epoch))


def unpublished() -> str:
    """Say why nothing may be sealed to a key."""
    return _("Kunci kantor penerima belum terbit di catatan umum, jadi belum boleh dipakai. Kirim lagi sebentar lagi.")


def _is_published(session: Reader, entry: bytes) -> bool:
    log = known_log(current_settings())
    if log is None:
        return False
    if (log, entry) not in _PROVED and is_proven(session, entry, log):
        _PROVED.add((log, entry))
    return (log, entry) in _PROVED


def proof_of(session: Reader, key: DeskKey) -> str | None:
    """Return the proof that a key is published, for whoever seals to it; ``None`` where it is not.

    Where the log's policy asks for witnesses it is one that suffices for it, if there is any: nobody could lodge else
    while one of them is out of reach.
    """
    needed = _needed()
    seen = seen_proof_of(session, key.entry, needed) if needed else None
    found = seen or proofs_of(session, [key.entry]).get(key.entry)
    return found.text if found else None


def _needed() -> int:
    settings = current_settings()
    log = known_log(settings)
    try:
        return policy_of(settings, log).needed if log else 0
    except WrongPolicy:
        return 0
