"""Ways to bend an act that is right as it stands: each is to be refused, with a status that stands beside it."""

from __future__ import annotations

import base64
import hashlib
import secrets
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any, TypeAlias

from complaints.envelopes import MOST_OBJECTS
from kernel.vault import SigningKey, bodies
from ledger.body import Event, ObjectRef, read_event, write_event
from tests.client import Json, base64_of
from tests.officer import OpenedCase

MALFORMED, FORBIDDEN, MISSING, STALE, UNFIT = 400, 403, 404, 409, 422
FILE = "file"
Bent: TypeAlias = tuple[str, Any, set[int]]
KINDS = ("thread", "case")


@dataclass(frozen=True)
class Act:
    """An act composed and not yet posted; ``outsiders`` are recipients who are none of this case's."""

    case: OpenedCase
    event: Event
    posted: Json
    outsiders: tuple[str, ...]
    colleague: tuple[str, SigningKey]
    before: Json | None
    other_case: tuple[str, bytes]

    @classmethod
    def of(cls, case: OpenedCase, composed: tuple[str, Json], **more: Any) -> Act:
        """Return what ``compose`` has made as an act that can be bent."""
        unsigned, posted = composed
        return cls(case, read_event(bodies.sign(unsigned, case.login.sign)), posted, **more)

    def rightly(self) -> Json:
        """Return the act as it is to be posted."""
        return self.saying()

    def saying(self, by: SigningKey | None = None, posted: Mapping[str, Any] | None = None, **said: Any) -> Json:
        """Return the act with another body, rightly signed unless ``by`` another, and with other things posted."""
        body = bodies.sign(write_event(replace(self.event, **said)), by or self.case.login.sign)
        return {"body": body, **self.posted, **(posted or {})}

    def carrying(self, objects: list[Json], keys: list[Json]) -> Json:
        """Return the act carrying other things, which its body names as it should."""
        files = {ref.id: ref for ref in self.event.objects if ref.kind == FILE}
        refs = (*(files.get(each["id"]) or _text_ref(each) for each in objects), *map(_key_ref, keys))
        return self.saying(objects=refs, posted={"objects": objects, "keys": keys})


def _digest(content: str) -> str:
    return hashlib.sha256(base64.b64decode(content)).hexdigest()


def _text_ref(text: Json) -> ObjectRef:
    return ObjectRef(text["kind"], text["id"], _digest(text["box"]))


def _key_ref(key: Json) -> ObjectRef:
    return ObjectRef(f"{key['kind']}-key", f"{key['epoch']}.{key['recipient']}", _digest(key["sealed"]))


def bent(act: Act) -> Iterator[Bent]:
    """Return every way to bend what one act says and carries: its name, what is posted, and what may be answered."""
    yield from _signatures(act)
    yield from _places(act)
    yield from _values(act)
    yield from _texts(act)
    yield from _keys(act)


def strange(act: Act) -> Iterator[Bent]:
    """Return what no act has, whatever it is: words that do not exist, recipients that are nobody's, no JSON at all."""
    yield from _forgeries(act)
    yield from _words(act)
    yield from _strangers(act)
    yield from _crowds(act)
    yield from _shapes(act)


def _signatures(act: Act) -> Iterator[Bent]:
    name, key = act.colleague
    yield "signed by a colleague", act.saying(by=key), {FORBIDDEN}
    yield "in a colleague's name", act.saying(actor=f"officer:{name}"), {FORBIDDEN}
    yield "in a colleague's name and hand", act.saying(by=key, actor=f"officer:{name}"), {FORBIDDEN}


def _forgeries(act: Act) -> Iterator[Bent]:
    right = act.rightly()
    forged = right["body"].rpartition("signature ")[0] + f"signature {secrets.token_hex(64)}\n"
    yield "signed by nobody known", act.saying(by=SigningKey.from_seed(secrets.token_bytes(32))), {FORBIDDEN}
    yield "signature forged", right | {"body": forged}, {FORBIDDEN}
    yield "unsigned", right | {"body": bodies.leave_unsigned(write_event(act.event))}, {MALFORMED}
    yield "in the reporter's name", act.saying(actor="reporter", access=None), {FORBIDDEN}
    yield "in the clock's name", act.saying(actor="system", access=None), {MALFORMED}
    unsigned = write_event(replace(act.event, actor="system", access=None))
    yield "by the clock, unsigned", right | {"body": bodies.leave_unsigned(unsigned)}, {FORBIDDEN}


def _places(act: Act) -> Iterator[Bent]:
    event, (other, reading) = act.event, act.other_case
    older = read_event(act.case.told["events"][-1]["body"])
    if act.before:
        yield "replayed", act.before, {STALE}
    yield "stale", act.saying(seq=older.seq, previous=older.previous or bytes(64)), {MALFORMED, STALE}
    yield "ahead", act.saying(seq=event.seq + 1), {STALE}
    yield "after another entry", act.saying(previous=bytes(64)), {STALE}
    yield "the beginning once more", act.saying(seq=1, previous=None, from_state="NEW"), {STALE}
    yield "of another case", act.saying(case=other), {MALFORMED}
    yield "of no reading", act.saying(access=bytes(32)), {STALE}
    yield "of another case's reading", act.saying(access=reading), {STALE}
    yield "yesterday", act.saying(day=event.day - timedelta(days=1)), {STALE}
    yield "tomorrow", act.saying(day=event.day + timedelta(days=1)), {STALE}
    yield "from elsewhere", act.saying(from_state="PURGED"), {UNFIT}
    for state in {"RECEIVED", "CLOSED", "PURGED"} - {event.to_state}:
        yield f"to {state}", act.saying(to_state=state), {UNFIT}


def _words(act: Act) -> Iterator[Bent]:
    yield "to nowhere", act.saying(to_state="ARCHIVED"), {MALFORMED}
    yield "teleported", act.saying(action="teleport"), {MALFORMED}
    yield "something more in the clear", act.saying(clear={**act.event.clear, "nonsense": "yes"}), {UNFIT}
    yield "far ahead", act.saying(seq=2**64 - 1), {STALE}


def _values(act: Act) -> Iterator[Bent]:
    clear = act.event.clear
    for name in clear:
        without = {each: value for each, value in clear.items() if each != name}
        yield f"without {name}", act.saying(clear=without), {UNFIT}
        yield f"another {name}", act.saying(clear={**clear, name: "-"}), {UNFIT}


def _strangers(act: Act) -> Iterator[Bent]:
    objects, keys = act.posted["objects"], act.posted["keys"]
    for recipient in act.outsiders:
        for kind in KINDS:
            yield f"{kind} key to {recipient}", act.carrying(objects, [*keys, _key(kind, 1, recipient)]), {UNFIT}
        if recipient.startswith("officer:"):
            for name in ("assignee", "reader"):
                yield f"{name} {recipient}", act.saying(clear={**act.event.clear, name: recipient[8:]}), {UNFIT}


def _crowds(act: Act) -> Iterator[Bent]:
    texts = [_text("note", 1) for _n in range(MOST_OBJECTS + 1)]
    yield "too many texts", act.carrying(texts, act.posted["keys"]), {MALFORMED}
    keys = [_key("case", n, act.outsiders[0]) for n in range(1, 202)]
    yield "too many keys", act.saying(posted={"keys": keys}), {MALFORMED}


def _texts(act: Act) -> Iterator[Bent]:
    objects, keys = act.posted["objects"], act.posted["keys"]
    more = [_text(kind, 1) for kind in ("account", "note")]
    for extra in more:
        yield f"{extra['kind']} besides", act.carrying([extra, *objects], keys), {UNFIT}
    for at, text in enumerate(objects):
        rest = [*objects[:at], *objects[at + 1 :]]
        yield f"without {text['kind']}", act.carrying(rest, keys), {UNFIT}
        for name, value in (("id", secrets.token_hex(16)), ("kind", "question"), ("box", more[0]["box"])):
            if text[name] != value:
                swapped = [*objects[:at], text | {name: value}, *objects[at + 1 :]]
                stranger = name == "id" and text["kind"] == FILE
                yield f"another {name} than signed", act.saying(posted={"objects": swapped}), {
                    MISSING if stranger else MALFORMED
                }
        for epoch, status in ((text["epoch"] + 1, STALE), (0, MALFORMED), (True, MALFORMED)):
            swapped = [*objects[:at], text | {"epoch": epoch}, *objects[at + 1 :]]
            yield f"under epoch {epoch!r}", act.saying(posted={"objects": swapped}), {status}


def _text(kind: str, epoch: int) -> Json:
    box = base64_of(b"\x02" + secrets.token_bytes(12 + 4096 + 16))
    return {"kind": kind, "id": secrets.token_hex(16), "epoch": epoch, "box": box}


def _keys(act: Act) -> Iterator[Bent]:
    objects, keys = act.posted["objects"], act.posted["keys"]
    for kind, recipient in (("case", "reporter"), ("thread", "desk:33.74:1"), ("case", act.outsiders[0])):
        yield f"{kind} key to {recipient}", act.carrying(objects, [*keys, _key(kind, 1, recipient)]), {UNFIT}
    for at, key in enumerate(keys):
        rest = [*keys[:at], *keys[at + 1 :]]
        yield f"without {key['recipient']}", act.carrying(objects, rest), {UNFIT}
        yield "to him twice", act.carrying(objects, [*keys, key]), {MALFORMED}
        yield "a foreign epoch", act.carrying(objects, [*rest, key | {"epoch": key["epoch"] + 7}]), {UNFIT}
        yield "to another", act.carrying(objects, [*rest, key | {"recipient": act.outsiders[0]}]), {UNFIT}
        other = _key(key["kind"], key["epoch"], key["recipient"])
        yield "another seal than signed", act.saying(posted={"keys": [*keys[:at], other, *keys[at + 1 :]]}), {MALFORMED}
    if len(keys) > 1:
        yield "keys in another order", act.saying(posted={"keys": [*reversed(keys)]}), {MALFORMED}


def _key(kind: str, epoch: int, recipient: str) -> Json:
    sealed = base64_of(b"\x01" + secrets.token_bytes(1120 + 32 + 16))
    return {"kind": kind, "epoch": epoch, "recipient": recipient, "sealed": sealed}


def _shapes(act: Act) -> Iterator[Bent]:
    right = act.rightly()
    for wrong in (None, [], "x", 1, {}, {"body": right["body"]}, right | {"more": 1}):
        yield f"JSON {type(wrong).__name__}", wrong, {MALFORMED}
    for body in ("", "\x00", "é", "\ud800", "x" * 40_000, 7, right["body"] + right["body"], right["body"].rstrip("\n")):
        yield f"body {str(body)[:4]!r}", right | {"body": body}, {MALFORMED}
    for name in ("objects", "keys"):
        for wrong in (None, {}, [None], [[]], [{}], ["x"]):
            yield f"{name} {wrong}", right | {name: wrong}, {MALFORMED}
