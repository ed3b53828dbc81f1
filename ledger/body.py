"""The canonical body of an event: what is signed, hashed and kept verbatim (formats §5)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from kernel.vault import bodies
from kernel.vault.bodies import ABSENT, Malformed

TYPE = "kentongan/v1/event"
KEYS = (
    "type", "case", "seq", "previous", "action", "from", "to",
    "date", "actor", "access", "clear", "objects", "signature",
)  # fmt: skip
NEW = "NEW"
SYSTEM = "system"

SHAPES = {
    "case": r"[0-9a-f]{32}",
    "previous": r"-|[0-9a-f]{128}",
    "action": r"[a-z_]+",
    "from": r"[A-Z_]+",
    "to": r"[A-Z_]+",
    "actor": r"reporter|officer:[0-9a-f]{32}|system",
    "access": r"-|[0-9a-f]{64}",
    "signature": r"-|[0-9a-f]{128}",
}
SETTING = re.compile(r"[a-z0-9_.]+=[A-Za-z0-9._:+/-]+")
OBJECT = re.compile(r"[a-z-]+/[A-Za-z0-9._:-]+/[0-9a-f]{64}")


@dataclass(frozen=True)
class ObjectRef:
    """One ciphertext an event carries; ``digest`` is its SHA-256 in hex."""

    kind: str
    id: str
    digest: str


@dataclass(frozen=True)
class Event:
    """One event of a case, without its signature.

    ``previous`` is the 64-byte entry of the event before, ``access`` the 32-byte hash of the newest access its officer
    was shown; ``None`` where there is none. ``clear`` is what it sets in the clear, by name.
    """

    case: str
    seq: int
    previous: bytes | None
    action: str
    from_state: str
    to_state: str
    day: date
    actor: str
    access: bytes | None
    clear: Mapping[str, str]
    objects: tuple[ObjectRef, ...]


def write_event(event: Event) -> str:
    """Write the unsigned body, to be signed by whoever acts (``sign_body``) or by nobody (``leave_unsigned``)."""
    return bodies.write(
        [
            ("type", TYPE),
            ("case", event.case),
            ("seq", str(event.seq)),
            ("previous", _hex(event.previous)),
            ("action", event.action),
            ("from", event.from_state),
            ("to", event.to_state),
            ("date", event.day.isoformat()),
            ("actor", event.actor),
            ("access", _hex(event.access)),
            ("clear", ",".join(f"{name}={value}" for name, value in sorted(event.clear.items())) or ABSENT),
            ("objects", ",".join(f"{ref.kind}/{ref.id}/{ref.digest}" for ref in event.objects) or ABSENT),
        ]
    )


def read_event(body: str) -> Event:
    """Read a body; raises ``Malformed`` on anything but exactly what would be written for the event it tells of.

    Whether it is rightly signed is for whoever knows the signer's key to judge (``signed_by``).
    """
    lines = bodies.read(body, KEYS)
    if not all(re.fullmatch(shape, lines[key]) for key, shape in SHAPES.items()):
        raise Malformed
    event = Event(
        case=lines["case"],
        seq=bodies.number(lines["seq"]),
        previous=_bytes(lines["previous"]),
        action=lines["action"],
        from_state=lines["from"],
        to_state=lines["to"],
        day=bodies.day(lines["date"]),
        actor=lines["actor"],
        access=_bytes(lines["access"]),
        clear={name: value for name, _, value in (part.partition("=") for part in _parts(SETTING, lines["clear"]))},
        objects=tuple(ObjectRef(*part.split("/")) for part in _parts(OBJECT, lines["objects"])),
    )
    _check_consistent(event, body)
    return event


def _hex(value: bytes | None) -> str:
    return ABSENT if value is None else value.hex()


def _bytes(value: str) -> bytes | None:
    return None if value == ABSENT else bytes.fromhex(value)


def _parts(shape: re.Pattern[str], value: str) -> list[str]:
    parts = [] if value == ABSENT else value.split(",")
    if not all(map(shape.fullmatch, parts)):
        raise Malformed
    return parts


def _check_consistent(event: Event, body: str) -> None:
    """Refuse what is well-formed line by line and contradicts itself."""
    first, unsigned = event.seq == 1, body.endswith(f"signature {ABSENT}\n")
    named = {(ref.kind, ref.id) for ref in event.objects}
    consistent = (
        first == (event.previous is None) == (event.from_state == NEW)
        and (event.access is not None) == event.actor.startswith("officer:")
        and unsigned == (event.actor == SYSTEM)
        and len(named) == len(event.objects)
        # A name twice, or names out of order, would be another body of the same event.
        and body.startswith(write_event(event))
    )
    if not consistent:
        raise Malformed
