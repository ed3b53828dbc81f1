"""The signed words with which a lead seals a copy anew (docs/formats.md §5). Pure.

It goes to his desk's next key, or to the new key of an officer who held the copy under one that is lost.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

from kernel.vault import SigningKey, bodies
from kernel.vault.bodies import ABSENT, Malformed

TYPE = "kentongan/v1/reseal"
KEYS = ("type", "object", "kind", "epoch", "from", "to", "sealed", "date", "officer", "signature")
SHAPES = {
    "type": re.escape(TYPE),
    "object": r"[0-9a-f]{32}|[a-z0-9.]{1,32}",
    "kind": "thread|case|desk",
    "epoch": r"[1-9][0-9]{0,8}",
    "from": r"desk:[a-z0-9.]+:[1-9][0-9]*",
    "to": r"desk:[a-z0-9.]+:[1-9][0-9]*|officer:[0-9a-f]{32}",
    "sealed": r"-|[0-9a-f]{64}",
    "officer": r"[0-9a-f]{32}",
    "signature": r"[0-9a-f]{128}",
}


@dataclass(frozen=True)
class Reseal:
    """One key sealed anew, without its signature.

    ``before`` names the desk under the epoch by which it was opened, ``after`` its newest or an officer; ``sealed`` is
    the SHA-256 (hex) of the new copy, ``None`` where the old one did not open.
    """

    object: str
    kind: str
    epoch: int
    before: str
    after: str
    sealed: str | None
    day: date
    officer: str


def read(body: str) -> Reseal:
    """Read a signed body; raises ``Malformed`` on anything that is not exactly in form."""
    lines = bodies.read(body, KEYS)
    if not all(re.fullmatch(shape, lines[key]) for key, shape in SHAPES.items()):
        raise Malformed
    return Reseal(
        object=lines["object"], kind=lines["kind"], epoch=bodies.number(lines["epoch"]), before=lines["from"],
        after=lines["to"], sealed=None if lines["sealed"] == ABSENT else lines["sealed"], day=bodies.day(lines["date"]),
        officer=lines["officer"],
    )  # fmt: skip


def sign(reseal: Reseal, key: SigningKey) -> str:
    """Write the body, signed with the lead's key."""
    lines = [
        ("type", TYPE), ("object", reseal.object), ("kind", reseal.kind), ("epoch", str(reseal.epoch)),
        ("from", reseal.before), ("to", reseal.after), ("sealed", reseal.sealed or ABSENT),
        ("date", reseal.day.isoformat()), ("officer", reseal.officer),
    ]  # fmt: skip
    return bodies.sign(bodies.write(lines), key)
