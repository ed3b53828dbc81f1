"""Statements: who serves where with which keys, and which desk stands above which (formats §5)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

from kernel.vault import SigningKey, bodies
from kernel.vault.bodies import ABSENT, Malformed

TYPE = "kentongan/v1/statement"
KEYS = (
    "type", "kind", "subject", "version", "status", "desk", "parent",
    "remit", "kem", "sign", "issued", "issuer", "signature",
)  # fmt: skip
ROOT = "root"
LEAD = "lead"
ACTIVE = "active"
# Both a kind and its one subject: the key by which the log signs, and that by which it is promised.
LOG, PROMISE = "log", "promise"

DESK_ID = r"[a-z0-9]+(?:\.[a-z0-9]+)*"
OFFICER_ID = r"[0-9a-f]{32}"
ROLE = "lead|investigator|reviewer"
HASH = r"[0-9a-f]{64}"
SHAPES = {
    "desk": {"subject": DESK_ID, "desk": "-", "parent": f"-|{DESK_ID}", "remit": DESK_ID, "kem": "-", "sign": "-"},
    "officer": {"subject": OFFICER_ID, "desk": DESK_ID, "parent": "-", "remit": ROLE, "kem": HASH, "sign": HASH},
    "epoch": {"subject": DESK_ID, "desk": "-", "parent": "-", "remit": "-", "kem": HASH, "sign": "-"},
    "recovery": {"subject": "recovery", "desk": "-", "parent": "-", "remit": "-", "kem": HASH, "sign": "-"},
    "log": {"subject": LOG, "desk": "-", "parent": "-", "remit": "-", "kem": "-", "sign": HASH},
    "promise": {"subject": PROMISE, "desk": "-", "parent": "-", "remit": "-", "kem": "-", "sign": HASH},
}
EVERY_SHAPE = {
    "type": re.escape(TYPE),
    "status": "active|revoked",
    "issuer": f"{ROOT}|officer:{OFFICER_ID}",
    "signature": r"[0-9a-f]{128}",
}


@dataclass(frozen=True)
class Statement:
    """One statement without its signature. What its kind does not have is ``None``.

    ``kem`` is the SHA-256 of an X-Wing public key, ``sign`` an Ed25519 public key, both in hex.
    """

    kind: str
    subject: str
    version: int
    status: str
    desk: str | None
    parent: str | None
    remit: str | None
    kem: str | None
    sign: str | None
    issued: date
    issuer: str


def parse(body: str) -> Statement:
    """Read a signed body; raises ``Malformed`` on anything that is not exactly a statement's form.

    Whether it is rightly signed is for the directory to judge.
    """
    lines = bodies.read(body, KEYS)
    if lines["kind"] not in SHAPES:
        raise Malformed
    shapes = EVERY_SHAPE | SHAPES[lines["kind"]]
    if not all(re.fullmatch(shape, lines[key]) for key, shape in shapes.items()):
        raise Malformed
    return Statement(
        kind=lines["kind"],
        subject=lines["subject"],
        version=bodies.number(lines["version"]),
        status=lines["status"],
        desk=_present(lines["desk"]),
        parent=_present(lines["parent"]),
        remit=_present(lines["remit"]),
        kem=_present(lines["kem"]),
        sign=_present(lines["sign"]),
        issued=bodies.day(lines["issued"]),
        issuer=lines["issuer"],
    )


def write(statement: Statement) -> str:
    """Write the unsigned body."""
    return bodies.write(
        [
            ("type", TYPE),
            ("kind", statement.kind),
            ("subject", statement.subject),
            ("version", str(statement.version)),
            ("status", statement.status),
            ("desk", statement.desk or ABSENT),
            ("parent", statement.parent or ABSENT),
            ("remit", statement.remit or ABSENT),
            ("kem", statement.kem or ABSENT),
            ("sign", statement.sign or ABSENT),
            ("issued", statement.issued.isoformat()),
            ("issuer", statement.issuer),
        ]
    )


def sign(statement: Statement, key: SigningKey) -> str:
    """Write the body, signed with the issuer's key."""
    return bodies.sign(write(statement), key)


def _present(value: str) -> str | None:
    return None if value == ABSENT else value
