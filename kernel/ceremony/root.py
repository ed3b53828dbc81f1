"""The root: two keys from one secret, and what is signed with them (formats §8)."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date

from kernel.directory import statements
from kernel.directory.directory import VouchedOfficer
from kernel.directory.statements import ACTIVE, ROOT, Statement
from kernel.province import Desk
from kernel.vault import Identity, Recipient, SigningKey, derive, fingerprint

SECRET_BYTES = 32
RECOVERY = "recovery"
REVOKED = "revoked"


@dataclass(frozen=True)
class Newcomer:
    """An officer whose keys are to count: his public keys are 1,216 and 32 bytes."""

    id: str
    full_name: str
    desk: str
    remit: str
    kem: bytes = field(repr=False)
    sign: bytes = field(repr=False)

    @property
    def words(self) -> str:
        """Return the six words that he reads out."""
        return fingerprint(self.kem, self.sign)

    def statement(self, issuer: str, version: int, day: date) -> Statement:
        """Return what whoever has compared his words says of him."""
        return Statement(
            kind="officer", subject=self.id, version=version, status=ACTIVE, desk=self.desk, parent=None,
            remit=self.remit, kem=Recipient.from_bytes(self.kem).digest, sign=self.sign.hex(), issued=day,
            issuer=issuer,
        )  # fmt: skip


@dataclass(frozen=True)
class Root:
    """The two keys that come from the root's secret."""

    sign: SigningKey = field(repr=False)
    recovery: Identity = field(repr=False)

    @classmethod
    def from_secret(cls, secret: bytes | bytearray) -> Root:
        """Derive both keys from the 32-byte secret that a ceremony parts among custodians."""
        recovery = Identity.from_seed(derive(secret, "kentongan/v1/root/recovery"))
        return cls(SigningKey.from_seed(derive(secret, "kentongan/v1/root/sign")), recovery)

    def first_statements(self, desks: Iterable[Desk], day: date) -> list[str]:
        """Name every desk, those above first, and the recovery key."""
        recovery = _named(RECOVERY, RECOVERY, 1, day, kem=self.recovery.recipient.digest)
        return [*(self.name_desk(desk, 1, day) for desk in desks), statements.sign(recovery, self.sign)]

    def name_desk(self, desk: Desk, version: int, day: date) -> str:
        """Say that a desk stands in the tree, where, and for what."""
        return statements.sign(_named("desk", desk.id, version, day, parent=desk.parent, remit=desk.remit), self.sign)

    def name_key(self, kind: str, public: bytes, version: int, day: date) -> str:
        """Say by which Ed25519 key the log signs (``log``), or by which a place in it is promised (``promise``)."""
        return statements.sign(_named(kind, kind, version, day, sign=public.hex()), self.sign)

    def vouch(self, newcomer: Newcomer, version: int, day: date) -> str:
        """Vouch for an officer whose fingerprint the custodians have compared."""
        return statements.sign(newcomer.statement(ROOT, version, day), self.sign)

    def revoke(self, officer: VouchedOfficer, version: int, day: date) -> str:
        """Say that an officer's keys count no longer."""
        said = Statement(
            kind="officer", subject=officer.id, version=version, status=REVOKED, desk=officer.desk, parent=None,
            remit=officer.role, kem=officer.kem_digest, sign=officer.sign.hex(), issued=day, issuer=ROOT,
        )  # fmt: skip
        return statements.sign(said, self.sign)


@contextmanager
def wiped(secret: bytes | bytearray) -> Iterator[bytearray]:
    """Lend a secret for as long as the block lasts, then overwrite it.

    As well as Python lets us: the libraries that part, join and derive make copies of their own. What counts is that
    the machine is switched off afterwards.
    """
    lent = bytearray(secret)
    try:
        yield lent
    finally:
        lent[:] = bytes(len(lent))


def drawn_secret() -> bytearray:
    """Draw the root's secret, 32 bytes."""
    return bytearray(secrets.token_bytes(SECRET_BYTES))


def _named(kind: str, subject: str, version: int, day: date, **said: str | None) -> Statement:
    silent: dict[str, str | None] = dict.fromkeys(("desk", "parent", "remit", "kem", "sign"))
    return Statement(
        kind=kind, subject=subject, version=version, status=ACTIVE, issued=day, issuer=ROOT, **(silent | said)
    )
