"""A reporter's program in Python: seals, signs and opens as docs/formats.md says, over any HTTP client.

The light client of the demo and the benchmarks, and a second implementation of the browser's half in the tests.
"""

import base64
import hashlib
import json
import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from kernel.directory.directory import Directory, vouched_recipient
from kernel.routing import Label, Level, Storey, route
from kernel.vault import (
    CHUNK_BYTES, Manifest, PhraseKeys, Recipient, SealedFile, bodies, box, box_file_key, box_manifest, box_progress,
    context, cut_file, draw, file_digest, keys_of, pad, padded_size, seal, stretch, unbox, unpad, unseal,
)  # fmt: skip
from ledger.body import Event, ObjectRef, write_event
from ledger.entries import entry_of

Json = dict[str, Any]
# Posts JSON to a path (or gets it, where the second is None) and returns the status and the JSON answered.
Ask = Callable[[str, Json | None], tuple[int, Json]]
# Puts a chunk of a file to a path, with the lookup token (hex) in its header.
Put = Callable[[str, bytes, str], tuple[int, Json]]
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


@dataclass(frozen=True)
class Sealing:
    """A file as it is sent: what opens it, and every box of it; ``size`` is the padded one."""

    opened_by: SealedFile
    epoch: int
    key: bytes
    progress: bytes
    size: int
    chunks: tuple[bytes, ...]
    manifest: bytes
    # Of the chunks (SHA-256), where they are known already.
    digests: tuple[bytes, ...] = ()

    @property
    def id(self) -> str:
        """Return the file's id."""
        return self.opened_by.file

    @property
    def opening(self) -> Json:
        """Return what is posted to begin it, but for who posts it."""
        boxes = {"key": base64_of(self.key), "progress": base64_of(self.progress)}
        return {"file": self.id, "epoch": self.epoch, "size": self.size} | boxes

    @property
    def ref(self) -> ObjectRef:
        """Return how an event names it."""
        digests = self.digests or [hashlib.sha256(chunk).digest() for chunk in self.chunks]
        return ObjectRef("file", self.id, file_digest(self.key, self.manifest, digests))

    @property
    def posted(self) -> Json:
        """Return what an act carries of it."""
        return {"kind": "file", "id": self.id, "epoch": self.epoch, "box": base64_of(self.manifest)}


def sealed_file(complaint: str, content: bytes, key: bytes, epoch: int, side: str, **told: str) -> Sealing:
    """Seal a file of a thread's or a case's ``side`` under its ``key``; ``told`` stands in the manifest."""
    sealed = SealedFile(secrets.token_bytes(32), complaint, secrets.token_hex(16))
    chunks = tuple(map(sealed.box_chunk, cut_file([content])))
    padded = content.ljust(padded_size(len(content)), b"\0")
    read = [hashlib.sha256(padded[at : at + CHUNK_BYTES]).digest() for at in range(0, len(padded), CHUNK_BYTES)]
    manifest = Manifest(
        chunks=tuple(hashlib.sha256(chunk).hexdigest() for chunk in chunks), size=len(content),
        sha256=hashlib.sha256(content).hexdigest(),
        **{"cleaned": "original", "name": "kuitansi.jpg", "type": "image/jpeg"} | told,
    )  # fmt: skip
    return Sealing(
        sealed, epoch, box_file_key(sealed, key, epoch, side), box_progress(read, sealed), len(padded), chunks,
        box_manifest(manifest, sealed),
    )  # fmt: skip


def boxed_again(file: Sealing, key: bytes, epoch: int, side: str) -> Sealing:
    """Box the key of a file that waits again, under a later thread or case ``key``."""
    return replace(file, epoch=epoch, key=box_file_key(file.opened_by, key, epoch, side))


def seal_for(seen: Visit, content: bytes, **told: str) -> Sealing:
    """Seal a file of the reporter's under the newest thread key."""
    epoch = seen.thread["epoch"]
    return sealed_file(seen.thread["complaint"], content, seen.thread_key(epoch), epoch, "thread", **told)


def send_file(seen: Visit, content: bytes, ask: Ask, put: Put, **told: str) -> Sealing:
    """Seal a file and send it, all its chunks; an act is to bring it."""
    file, token = seal_for(seen, content, **told), seen.keys.lookup_token.hex()
    asked(ask, "/api/v1/files", {"token": token, **file.opening})
    for number, chunk in enumerate(file.chunks, 1):
        status, answer = put(f"/api/v1/files/{file.id}/chunks/{number}", chunk, token)
        if status >= 400:
            raise Refused(status, answer)
    return file


def act(
    seen: Visit, action: str, text: str, ask: Ask, clear: Mapping[str, str] | None = None,
    files: Sequence[Sealing] = (),
) -> Json:  # fmt: skip
    """Answer, write, object or withdraw on the case as it was ``seen``; files that were sent may come without text."""
    thread, kind, text_id = seen.thread, KINDS[action], secrets.token_hex(16)
    where = context(kind, thread["complaint"], text_id, thread["epoch"])
    boxed = box(pad(text.encode()), seen.thread_key(thread["epoch"]), where)
    ref = ObjectRef(kind, text_id, hashlib.sha256(boxed).hexdigest())
    texts = [(ref, base64_of(boxed))] if text or not files else []
    after = {"answer": thread["resumes"], "object": "OBJECTION"}.get(action, thread["state"])
    event = Event(
        case=thread["complaint"], seq=thread["version"] + 1, previous=bytes.fromhex(thread["head"]), action=action,
        from_state=thread["state"], to_state=after, day=date.fromisoformat(thread["today"]), actor="reporter",
        access=None, clear=clear or {}, objects=(*(ref for ref, _box in texts), *(file.ref for file in files)),
    )  # fmt: skip
    posted = [{"kind": kind, "id": text_id, "epoch": thread["epoch"], "box": boxed} for _ref, boxed in texts]
    body = bodies.sign(write_event(event), seen.keys.sign)
    return asked(
        ask, "/api/v1/threads/acts", {
            "token": seen.keys.lookup_token.hex(), "body": body,
            "objects": [*posted, *(file.posted for file in files)],
        }
    )  # fmt: skip
