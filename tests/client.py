"""A reporter's program in Python: seals, signs and opens as docs/formats.md says, over any HTTP client.

The light client of the demo and the benchmarks, and a second implementation of the browser's half in the tests.
"""

import base64
import hashlib
import json
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from kernel.directory.directory import Directory, vouched_recipient
from kernel.routing import Label, Level, Storey, route
from kernel.vault import (
    PhraseKeys, Recipient, bodies, box, context, draw, keys_of, pad, seal, stretch, unbox, unpad, unseal,
)  # fmt: skip
from ledger.body import Event, ObjectRef, write_event
from ledger.entries import entry_of

Json = dict[str, Any]
# Posts JSON to a path (or gets it, where the second is None) and returns the status and the JSON answered.
Ask = Callable[[str, Json | None], tuple[int, Json]]
KINDS = {"answer": "answer", "message": "message", "object": "objection", "withdraw": "withdrawal"}


class Refused(Exception):
    """The server said no; ``status`` and ``sentence`` are its answer."""

    def __init__(self, status: int, answer: Json) -> None:
        super().__init__(status, answer.get("error"))
        self.status = status
        self.sentence = str(answer.get("error"))
        self.answer = answer


def base64_of(content: bytes) -> str:
    """Write ``content`` in base64."""
    return base64.b64encode(content).decode()


def asked(ask: Ask, path: str, posted: Json | None = None) -> Json:
    """Ask, and raise ``Refused`` unless the answer is a success."""
    status, answer = ask(path, posted)
    if status >= 400:
        raise Refused(status, answer)
    return answer


@dataclass(frozen=True)
class Installation:
    """What a reporter's program knows of an installation once it has checked the tree of desks from the root."""

    directory: Directory
    salt: bytes
    today: date
    floors: Mapping[str, Storey]


def installation(ask: Ask, root: bytes) -> Installation:
    """Fetch the desks and judge them by ``root``, which the reporter knows from elsewhere."""
    told = asked(ask, "/api/v1/desks")
    floors = {sector: Storey(floor) for sector, floor in told["floors"].items()}
    directory = Directory(root, told["statements"])
    return Installation(directory, bytes.fromhex(told["salt"]), date.fromisoformat(told["today"]), floors)


def desk_recipient(ask: Ask, known: Installation, desk: str) -> tuple[str, Recipient]:
    """Return how a desk is named as a recipient, and its key, vouched for by the directory."""
    told = asked(ask, f"/api/v1/desks/{desk}/key")
    epoch, digest = known.directory.desk_key(desk)
    return f"desk:{desk}:{epoch}", vouched_recipient(base64.b64decode(told["kem"]), digest)


def envelope(
    answers: Mapping[str, str],
    keys: PhraseKeys,
    known: Installation,
    ask: Ask,
    excluded: frozenset[str] = frozenset(),
    channel: str | None = None,
) -> Json:
    """Seal a complaint: return what is posted to ``/api/v1/complaints``, by a ``channel`` to ``/petugas/bantu``."""
    complaint, thread_key = secrets.token_hex(16), secrets.token_bytes(32)
    label = Label(answers["region"], answers["sector"], Level(answers["level"]), excluded)
    remits = {desk.id: desk.remit for desk in known.directory.desks().values()}
    desk = route(label, remits, known.directory.open_desks(), known.floors)
    account = json.dumps(
        {**answers, "ledger_key": keys.ledger_key.hex()}, sort_keys=True, separators=(",", ":"), ensure_ascii=False
    )
    boxed = box(pad(account.encode()), thread_key, context("account", complaint, complaint, 1))
    recipients = [("reporter", keys.reporter.recipient), desk_recipient(ask, known, desk)]
    copies = [
        (name, seal(thread_key, key, context("thread-key", complaint, epoch=1, recipient=name)))
        for name, key in recipients
    ]
    event = Event(
        case=complaint, seq=1, previous=None, action="lodge", from_state="NEW", to_state="RECEIVED", day=known.today,
        actor="reporter", access=None,
        clear=_clear(desk, label, answers, keys) | ({"channel": channel} if channel else {}),
        objects=(
            ObjectRef("account", complaint, hashlib.sha256(boxed).hexdigest()),
            *(ObjectRef("thread-key", f"1.{name}", hashlib.sha256(sealed).hexdigest()) for name, sealed in copies),
        ),
    )  # fmt: skip
    return {
        "body": bodies.sign(write_event(event), keys.sign),
        "lookup": hashlib.sha256(keys.lookup_token).hexdigest(),
        "kem": base64_of(keys.reporter.recipient.raw),
        "ledger_key": keys.ledger_key.hex(),
        "account": base64_of(boxed),
        "keys": [{"recipient": name, "sealed": base64_of(sealed)} for name, sealed in copies],
    }


def _clear(desk: str, label: Label, answers: Mapping[str, str], keys: PhraseKeys) -> dict[str, str]:
    return {
        "desk": desk,
        "excluded": "+".join(sorted(label.excluded)) or "none",
        "kem": keys.reporter.recipient.digest,
        "level": label.level.value,
        "region": label.region,
        "sector": label.sector,
        "sign": keys.sign.public.hex(),
        "threatened": "yes" if answers.get("threatened") == "ya" else "no",
    }


def phrase_keys(phrase: str, salt: bytes) -> PhraseKeys:
    """Stretch a phrase into its keys."""
    return keys_of(stretch(phrase, salt))


def lodge(answers: Mapping[str, str], known: Installation, ask: Ask, phrase: str | None = None) -> tuple[str, Json]:
    """Lodge a complaint sealed; return its phrase and the receipt, whose entry is checked against our own."""
    phrase = phrase or draw(8)
    keys = phrase_keys(phrase, known.salt)
    posted = envelope(answers, keys, known, ask)
    receipt = asked(ask, "/api/v1/complaints", posted)
    assert receipt["entry"] == entry_of(keys.ledger_key, 1, posted["body"]).hex()
    return phrase, receipt


@dataclass(frozen=True)
class Visit:
    """A reporter looking at his case: his keys and the thread as the server gave it."""

    keys: PhraseKeys
    thread: Json

    def thread_key(self, epoch: int) -> bytes:
        """Open the reporter's copy of the thread key, whoever brought it: the servers this talks to are our own."""
        sealed = next(copy["sealed"] for copy in self.thread["keys"] if copy["epoch"] == epoch)
        where = context("thread-key", self.thread["complaint"], epoch=epoch, recipient="reporter")
        return unseal(base64.b64decode(sealed), self.keys.reporter, where)

    def text(self, message: Json) -> str:
        """Open one message."""
        where = context(message["kind"], self.thread["complaint"], message["id"], message["epoch"])
        return unpad(unbox(base64.b64decode(message["box"]), self.thread_key(message["epoch"]), where)).decode()

    def account(self) -> Json:
        """Open the account."""
        told = self.thread["account"] | {"kind": "account", "id": self.thread["complaint"]}
        return dict(json.loads(self.text(told)))


def visit(keys: PhraseKeys, ask: Ask) -> Visit:
    """Open a case with the keys of its phrase."""
    return Visit(keys, asked(ask, "/api/v1/threads/open", {"token": keys.lookup_token.hex()}))


def act(seen: Visit, action: str, text: str, ask: Ask, clear: Mapping[str, str] | None = None) -> Json:
    """Answer, write, object or withdraw on the case as it was ``seen``."""
    thread, kind, text_id = seen.thread, KINDS[action], secrets.token_hex(16)
    where = context(kind, thread["complaint"], text_id, thread["epoch"])
    boxed = box(pad(text.encode()), seen.thread_key(thread["epoch"]), where)
    after = {"answer": thread["resumes"], "object": "OBJECTION"}.get(action, thread["state"])
    event = Event(
        case=thread["complaint"], seq=thread["version"] + 1, previous=bytes.fromhex(thread["head"]), action=action,
        from_state=thread["state"], to_state=after, day=date.fromisoformat(thread["today"]), actor="reporter",
        access=None, clear=clear or {}, objects=(ObjectRef(kind, text_id, hashlib.sha256(boxed).hexdigest()),),
    )  # fmt: skip
    posted = {"kind": kind, "id": text_id, "epoch": thread["epoch"], "box": base64_of(boxed)}
    body = bodies.sign(write_event(event), seen.keys.sign)
    return asked(
        ask, "/api/v1/threads/acts", {"token": seen.keys.lookup_token.hex(), "body": body, "objects": [posted]}
    )
