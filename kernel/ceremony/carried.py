"""What is carried by file between the server and the custodians' machine: requests one way, answers the other.

A file proves nothing by itself. Statements are judged by their signatures, newcomers by the six words they read out,
and sealed copies by whether they open (formats §8).
"""

from __future__ import annotations

import base64
import json
import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from kernel.ceremony.root import Newcomer
from kernel.directory.statements import DESK_ID, HASH, LEAD, LOG, OFFICER_ID, PROMISE, ROLE
from kernel.province_file import ZONES
from kernel.vault import Recipient, Unreadable

REQUESTS = "kentongan/v1/requests"
ANSWER = "kentongan/v1/answer"
LARGEST_FILE = 64 * 1024 * 1024
RECIPIENT = rf"recovery|officer:{OFFICER_ID}"
LARGEST_EPOCH = 2**31 - 1
SERVERS_KEYS = (LOG, PROMISE)


class UnreadableFile(Exception):
    """A file is not in the form it must have, or cannot be read or written at all; the message says which and why."""


@dataclass(frozen=True)
class SealedCopy:
    """A desk key's seed of one epoch, sealed to ``recovery`` or to a lead."""

    desk: str
    epoch: int
    recipient: str
    sealed: bytes = field(repr=False)


@dataclass(frozen=True)
class Requests:
    """What the server asks of the custodians.

    These are every statement it keeps, leads who wait to be vouched for, the desks' seeds sealed to the recovery key,
    and who is vouched for already: the desks' leads, and those for whom they have vouched. ``root`` is the public key
    by which it judges, ``zone`` the time by which its province counts days; ``keys`` are the server's own, by the kind
    of statement that names each (``log``, ``promise``).
    """

    root: bytes
    zone: ZoneInfo
    statements: Sequence[str]
    newcomers: Sequence[Newcomer] = ()
    copies: Sequence[SealedCopy] = ()
    colleagues: Sequence[Newcomer] = ()
    keys: Mapping[str, bytes] = field(default_factory=dict)


@dataclass(frozen=True)
class Answer:
    """What the custodians send back: statements the root has signed, and what goes with them."""

    root: bytes
    statements: Sequence[str]
    kems: Sequence[Recipient] = ()
    copies: Sequence[SealedCopy] = ()


def write_requests(requests: Requests) -> str:
    """Write requests as they are carried."""
    return _written(
        {
            "type": REQUESTS,
            "root": requests.root.hex(),
            "time_zone": requests.zone.key,
            "statements": list(requests.statements),
            "newcomers": [_told_officer(officer) for officer in requests.newcomers],
            "colleagues": [_told_officer(officer) for officer in requests.colleagues],
            "copies": [_told_copy(copy) for copy in requests.copies],
            **{kind: requests.keys[kind].hex() if kind in requests.keys else None for kind in SERVERS_KEYS},
        }
    )


def write_answer(answer: Answer) -> str:
    """Write an answer as it is carried."""
    return _written(
        {
            "type": ANSWER,
            "root": answer.root.hex(),
            "statements": list(answer.statements),
            "kems": [_base64(recipient.raw) for recipient in answer.kems],
            "copies": [_told_copy(copy) for copy in answer.copies],
        }
    )


def read_requests(path: Path) -> Requests:
    """Read a file of requests; raises ``UnreadableFile``."""
    members = {"root", "time_zone", "statements", "newcomers", "colleagues", "copies", *SERVERS_KEYS}
    told = _told(path, REQUESTS, members)
    try:
        return Requests(
            root=_public(told["root"]),
            zone=ZoneInfo(_shaped(told["time_zone"], "|".join(ZONES))),
            statements=_texts(told["statements"]),
            newcomers=[_officer(each, LEAD) for each in _list(told["newcomers"])],
            copies=[_copy(each) for each in _list(told["copies"])],
            colleagues=[_officer(each, ROLE) for each in _list(told["colleagues"])],
            keys={kind: _public(told[kind]) for kind in SERVERS_KEYS if told[kind] is not None},
        )
    except (Unreadable, KeyError, TypeError, ValueError):
        raise _no_such(path, REQUESTS) from None


def read_answer(path: Path) -> Answer:
    """Read a file of an answer; raises ``UnreadableFile``."""
    told = _told(path, ANSWER, {"root", "statements", "kems", "copies"})
    try:
        return Answer(
            root=_public(told["root"]),
            statements=_texts(told["statements"]),
            kems=[Recipient.from_bytes(_bytes(each)) for each in _list(told["kems"])],
            copies=[_copy(each) for each in _list(told["copies"])],
        )
    except (Unreadable, KeyError, TypeError, ValueError):
        raise _no_such(path, ANSWER) from None


def write_new(path: Path, text: str) -> None:
    """Write a file that was not there before, readable by its owner alone, whole on the disk before this returns.

    Raises ``UnreadableFile`` where it exists, or the folder does not.
    """
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        raise UnreadableFile(f"{path} exists already, and nothing is written over it. Name another file.") from None
    except OSError as error:
        raise UnreadableFile(f"{path} cannot be written: {error.strerror}.") from None
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())


def _written(told: Mapping[str, Any]) -> str:
    return json.dumps(told, indent=1, ensure_ascii=True) + "\n"


def _told(path: Path, type_: str, members: set[str]) -> dict[str, Any]:
    try:
        if path.stat().st_size > LARGEST_FILE:
            raise ValueError
        told = json.loads(path.read_text("utf-8"))
    except OSError as error:
        raise UnreadableFile(f"{path} cannot be read: {error.strerror}.") from None
    except (ValueError, RecursionError):
        raise _no_such(path, type_) from None
    if not isinstance(told, dict) or set(told) != members | {"type"} or told["type"] != type_:
        raise _no_such(path, type_)
    return told


def _no_such(path: Path, type_: str) -> UnreadableFile:
    return UnreadableFile(f"{path} is no file of {type_}, or not a whole one. Carry it again.")


def _officer(told: Mapping[str, Any], remit: str) -> Newcomer:
    kem, sign = Recipient.from_bytes(_bytes(told["kem"])), bytes.fromhex(_shaped(told["sign"], HASH))
    return Newcomer(
        _shaped(told["id"], OFFICER_ID), _text(told["name"]), _shaped(told["desk"], DESK_ID),
        _shaped(told["remit"], remit), kem.raw, sign,
    )  # fmt: skip


def _told_officer(officer: Newcomer) -> dict[str, str]:
    return {
        "id": officer.id,
        "name": officer.full_name,
        "desk": officer.desk,
        "remit": officer.remit,
        "kem": _base64(officer.kem),
        "sign": officer.sign.hex(),
    }


def _copy(told: Mapping[str, Any]) -> SealedCopy:
    epoch = told["epoch"]
    if type(epoch) is not int or not 1 <= epoch <= LARGEST_EPOCH:
        raise ValueError
    sealed = _bytes(told["sealed"])
    return SealedCopy(_shaped(told["desk"], DESK_ID), epoch, _shaped(told["recipient"], RECIPIENT), sealed)


def _told_copy(copy: SealedCopy) -> dict[str, Any]:
    return {"desk": copy.desk, "epoch": copy.epoch, "recipient": copy.recipient, "sealed": _base64(copy.sealed)}


def _public(value: Any) -> bytes:
    return bytes.fromhex(_shaped(value, HASH))


def _shaped(value: Any, shape: str) -> str:
    if not re.fullmatch(shape, _text(value)):
        raise ValueError
    return str(value)


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError
    return value


def _list(value: Any) -> list[Any]:
    if not isinstance(value, list):
        raise TypeError
    return value


def _texts(value: Any) -> list[str]:
    return [_text(each) for each in _list(value)]


def _bytes(value: Any) -> bytes:
    return base64.b64decode(_text(value), validate=True)


def _base64(content: bytes) -> str:
    return base64.b64encode(content).decode("ascii")
