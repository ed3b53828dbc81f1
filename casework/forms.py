"""What officers ask for and post: the queue's filter from its address, an act from its JSON."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from casework.checking import LONGEST_MARK
from casework.queries import ENDED, QueueFilter
from casework.services import PostedAct, PostedKey
from casework.terms import Action, KeyKind, OpeningReason, State
from complaints.envelopes import (
    SEALED_KEY_BYTES, Malformed, read_bytes, read_list, read_members, read_number, read_objects, read_text,
)  # fmt: skip
from kernel.i18n import gettext as _
from kernel.refusal import Refused

# A new epoch is sealed to everybody who remains: the desk, the reporter, an assignee, each reviewer; twice. Whoever
# joins is given every epoch there has been. The event names each.
MOST_KEYS = 200
LONGEST_BODY = 32 * 1024
LONGEST_RECIPIENT = 80
LONGEST_KIND = 8
YES = "ya"


def read_filter(asked: Mapping[str, str], desks: Collection[str]) -> QueueFilter:
    """Read the queue's filter from its address; what nobody could have chosen there counts as not chosen."""
    state = _state(asked.get("tahap", ""))
    return QueueFilter(
        desk=asked["meja"] if asked.get("meja") in desks else None,
        state=state,
        mine=asked.get("milik-saya") == YES,
        urgent=asked.get("mendesak") == YES,
        overdue=asked.get("terlambat") == YES,
        raised=asked.get("dinaikkan") == YES,
        ended=state in ENDED,
    )


def _state(value: str) -> State | None:
    return State(value) if value in set(State) - {State.NEW} else None


def read_named(asked: Mapping[str, str]) -> tuple[Action | None, str | None]:
    """Return the act that is asked about, and whom it names; raises ``Malformed`` for an act there is not."""
    action, assignee = asked.get("tindakan"), asked.get("petugas")
    if action is None:
        return None, None
    if action not in set(Action):
        raise Malformed
    return Action(action), assignee


def read_posted_act(data: Any) -> PostedAct:
    """Read the JSON of an act; raises ``Malformed``."""
    checked = {"check"} & data.keys() if isinstance(data, dict) else set()
    members = read_members(data, {"body", "objects", "keys"} | checked)
    texts, files = read_objects(members["objects"])
    keys = tuple(_key(entry) for entry in read_list(members["keys"], MOST_KEYS))
    mark = read_text(members["check"], LONGEST_MARK) if checked else ""
    return PostedAct(read_text(members["body"], LONGEST_BODY), texts, keys, files, mark)


class NoReason(Refused):
    """A file is to be opened for no reason, or for one that there is not."""

    def __init__(self) -> None:
        super().__init__(_("Pilih dahulu untuk apa bukti dibuka. Bila pilihannya tidak tampak, muat ulang halaman."))


def read_reason(data: Any) -> OpeningReason:
    """Read why a file is opened; raises ``Malformed`` or ``NoReason``."""
    reason = read_members(data, {"reason"})["reason"] if data else None
    if reason not in list(OpeningReason):
        raise NoReason
    return OpeningReason(reason)


def read_mark(data: Any) -> str:
    """Read how far evidence has been read again: empty where that begins; raises ``Malformed``."""
    return read_text(read_members(data, {"mark"})["mark"], LONGEST_MARK) if data else ""


def _key(data: Any) -> PostedKey:
    members = read_members(data, {"kind", "epoch", "recipient", "sealed"})
    return PostedKey(
        _kind(read_text(members["kind"], LONGEST_KIND)),
        read_number(members["epoch"], 2**31 - 1),
        read_text(members["recipient"], LONGEST_RECIPIENT),
        read_bytes(members["sealed"], SEALED_KEY_BYTES),
    )


def _kind(value: str) -> KeyKind:
    try:
        return KeyKind(value)
    except ValueError:
        raise Malformed from None
