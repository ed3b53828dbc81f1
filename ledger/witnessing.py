"""A witness: signs that a log's checkpoint continues all it has seen of that log (c2sp.org/tlog-witness).

It keeps the newest checkpoint of each log it knows in a folder of its own, and is worth what that folder is: put back
from a backup, it would sign a second history of what came since.
"""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256
from http import HTTPStatus
from pathlib import Path

from flask import Flask, Response, request

from kernel import clock
from kernel.config import kept_random
from kernel.vault import Malformed, SigningKey
from ledger.checkpoints import Checkpoint, read_checkpoint
from ledger.keeping import alone, keep, kept
from ledger.notes import COSIGNATURE, ED25519, Note, Signature, Verifier, cosign, read_note, write_note
from ledger.submitting import PATH, SIZE_TYPE, Submission, read_submission
from ledger.tree import EMPTY_ROOT, continues

KEY, NAME, LOGS = "key", "name", "logs"
SEED_BYTES = 32
MOST_BYTES = 64 * 1024
TEXT = "text/plain; charset=utf-8"
# What is kept of a log of which nothing was signed yet. Where nothing is kept, something is lost.
NOTHING_YET = "nothing signed yet\n"


class Lost(Exception):
    """What was signed of a log last is not here, or cannot be read: nothing more of it is signed."""

    def __init__(self, origin: str) -> None:
        super().__init__(
            f"What was signed of {origin} last is lost. Where that was something, begin anew with another name and "
            f"key, in another folder; where it was nothing, take its line out of {LOGS}, and start with --log again."
        )


class Refused(Exception):
    """What was posted is not signed: with which status, and what is said."""

    def __init__(self, status: HTTPStatus, text: str = "") -> None:
        super().__init__(status, text)
        self.status = status
        self.text = text or f"{status.phrase}\n"


@dataclass(frozen=True)
class Witness:
    """A witness by its folder, its name and key, and the logs that it knows."""

    folder: Path
    name: str
    key: SigningKey
    logs: tuple[Verifier, ...]

    @classmethod
    def open(cls, folder: Path) -> Witness:
        """Open a witness's folder; raises ``Malformed`` where it holds another log's key than one that logs sign by."""
        logs = tuple(Verifier.read(line) for line in (kept(folder / LOGS) or "").split())
        if any(log.kind != ED25519 for log in logs):
            raise Malformed
        key = SigningKey.from_seed(kept_random(folder / KEY, SEED_BYTES))
        return cls(folder, (folder / NAME).read_text(encoding="utf-8").strip(), key, logs)

    @property
    def verifier(self) -> Verifier:
        """What others check its signatures with."""
        return Verifier(self.name, self.key.public, COSIGNATURE)

    def add(self, posted: str) -> str:
        """Return the line that signs a checkpoint, once it is kept; raises ``Refused``."""
        try:
            asked = read_submission(posted)
            signed = read_note(asked.note)
            stated = read_checkpoint(signed.text)
        except Malformed:
            raise Refused(HTTPStatus.BAD_REQUEST) from None
        self._check_signer(signed, stated)
        if asked.old > stated.size:
            raise Refused(HTTPStatus.BAD_REQUEST)
        # Who compares and who keeps must be one: else an older request would put a newer one's checkpoint back.
        with alone(self.folder):
            self._check_continues(asked, signed, stated)
            line = cosign(signed.text, int(clock.now().timestamp()), self.name, self.key)
            keep(_place(self.folder, stated.origin), write_note(signed.text, [*self._signatures(signed), line]))
        return line.line

    def last(self, origin: str) -> Checkpoint:
        """Return the newest checkpoint that was signed of a log, of no entries where none was; raises ``Lost``."""
        note = kept(_place(self.folder, origin))
        if note == NOTHING_YET:
            return Checkpoint(origin, 0, EMPTY_ROOT)
        try:
            return read_checkpoint(read_note(note or "").text)
        except Malformed:
            raise Lost(origin) from None

    def _check_signer(self, signed: Note, stated: Checkpoint) -> None:
        keys = [log for log in self.logs if log.name == stated.origin]
        if not keys:
            raise Refused(HTTPStatus.NOT_FOUND)
        if not any(signed.is_signed_by(key) for key in keys):
            raise Refused(HTTPStatus.FORBIDDEN)

    def _check_continues(self, asked: Submission, signed: Note, stated: Checkpoint) -> None:
        last = self.last(stated.origin)
        if stated.size == last.size and stated.root != last.root and last.size:
            self._keep_fork(signed, stated)
        if asked.old != last.size or (asked.old == stated.size and stated.root != last.root):
            raise Refused(HTTPStatus.CONFLICT, f"{last.size}\n")
        if not continues(last.root, last.size, stated.root, stated.size, asked.proof):
            raise Refused(HTTPStatus.UNPROCESSABLE_ENTITY)

    def _keep_fork(self, signed: Note, stated: Checkpoint) -> None:
        """Keep two checkpoints of one size that one log has signed: proof to everybody that it shows two histories."""
        place = _place(self.folder, stated.origin)
        proof = place.with_suffix(".fork")
        if not proof.exists():  # the first is enough, and nobody fills the disk with more
            keep(proof, f"{kept(place)}\n{write_note(signed.text, self._signatures(signed))}")

    def _signatures(self, signed: Note) -> list[Signature]:
        """Return the log's own signatures, each once: others' are no business of this witness."""
        known = {(log.name, log.key_id) for log in self.logs}
        return list(dict.fromkeys(each for each in signed.signatures if (each.name, each.key_id) in known))


def learn(folder: Path, vkey: str) -> None:
    """Have the witness of a folder know one more log; nothing changes where it does already."""
    lines = (kept(folder / LOGS) or "").split()
    if vkey in lines:
        return
    place = _place(folder, Verifier.read(vkey).name)
    if kept(place) is None:  # else it was killed here before, or the log has another key as well
        keep(place, NOTHING_YET)
    keep(folder / LOGS, "".join(f"{line}\n" for line in [*lines, vkey]))


def _place(folder: Path, origin: str) -> Path:
    return folder / f"{sha256(origin.encode()).hexdigest()}.checkpoint"


def served(witness: Witness) -> Flask:
    """Return the application that answers logs, and nobody else."""
    app = Flask("witness", static_folder=None)
    app.config["MAX_CONTENT_LENGTH"] = MOST_BYTES

    @app.post(f"/{PATH}")
    def add_checkpoint() -> Response:
        try:
            return Response(witness.add(request.get_data().decode()), content_type=TEXT)
        except UnicodeDecodeError:
            return Response("", HTTPStatus.BAD_REQUEST, content_type=TEXT)
        except Refused as refused:
            kind = SIZE_TYPE if refused.status == HTTPStatus.CONFLICT else TEXT
            return Response(refused.text, refused.status, content_type=kind)

    return app
