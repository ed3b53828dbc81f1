"""Asking the log's witnesses to sign a checkpoint, all at once, and for no longer than publishing may wait."""

from __future__ import annotations

import http.client
import logging
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from queue import Empty, Queue
from threading import Thread
from time import monotonic

from kernel.vault import Malformed
from ledger.checkpoints import SIZE, Checkpoint
from ledger.notes import Signature, read_note
from ledger.policies import Known
from ledger.submitting import PATH, Submission

# For one answer, and for all of them together: a witness that trickles would never be late for the first.
SECONDS_EACH, SECONDS = 5, 10
MOST_BYTES = 4096

Prove = Callable[[int], Sequence[bytes]]
log = logging.getLogger(__name__)


class NotSigned(Exception):
    """A witness has not signed; the message says why."""


@dataclass(frozen=True)
class Question:
    """What is asked: the note of a checkpoint, and what proves that it continues a smaller size."""

    note: str
    stated: Checkpoint
    prove: Prove

    def to(self, witness: Known, old: int) -> Signature:
        """Return a witness's signature. ``old`` is the size it is thought to know; raises ``NotSigned``."""
        for _turn in range(2):
            status, text = _post(witness.url, Submission(old, tuple(self.prove(old)), self.note).text)
            if status == HTTPStatus.OK:
                return self._signature(witness, text)
            if status != HTTPStatus.CONFLICT:
                raise NotSigned(f"it answers {status}")
            old = self._other_size(text)
        raise NotSigned(f"it has seen another log of {old} entries: compare what it kept with what was published")

    def _other_size(self, text: str) -> int:
        known = text.removesuffix("\n")
        if not SIZE.fullmatch(known):
            raise NotSigned("it answers 409 without a size")
        if int(known) > self.stated.size:
            raise NotSigned(f"it has seen {known} entries, and this log has {self.stated.size}: entries are lost")
        return int(known)

    def _signature(self, witness: Known, text: str) -> Signature:
        """Return the line that is the witness's own, and holds; others that it sends are no business of ours."""
        try:
            signed = read_note(self.note + text)
        except Malformed:
            raise NotSigned("it answers with no signature") from None
        verifier = witness.verifier
        own = [each for each in signed.signatures if (each.name, each.key_id) == (verifier.name, verifier.key_id)]
        if not signed.is_signed_by(verifier):
            raise NotSigned("it answers with a signature that is not its own")
        return own[0]


def collected(question: Question, asked: Mapping[Known, int]) -> dict[str, Signature]:
    """Return by witnesses' names what came in time; ``asked`` says which size each is thought to know."""
    answers: Queue[tuple[Known, Signature | None]] = Queue()
    for witness, old in asked.items():
        # Not waited for at the process's end: whoever does not answer holds up nobody.
        Thread(target=_ask, args=(question, witness, old, answers), name=witness.name, daemon=True).start()
    found: dict[str, Signature] = {}
    until = monotonic() + SECONDS
    for _answer in asked:
        try:
            witness, signature = answers.get(timeout=max(0, until - monotonic()))
        except Empty:
            log.warning("a witness was too late")
            break
        if signature is not None:
            found[witness.name] = signature
    return found


def _ask(question: Question, witness: Known, old: int, answers: Queue[tuple[Known, Signature | None]]) -> None:
    signature = None
    try:
        signature = question.to(witness, old)
    except NotSigned as why:
        log.warning("witness %s has not signed: %s", witness.name, why)
    finally:
        answers.put((witness, signature))


def _post(url: str, text: str) -> tuple[int, str]:
    asked = urllib.request.Request(f"{url}/{PATH}", text.encode(), {"Content-Type": "text/plain; charset=utf-8"})
    try:
        with urllib.request.urlopen(asked, timeout=SECONDS_EACH) as answer:
            return answer.status, answer.read(MOST_BYTES).decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read(MOST_BYTES).decode(errors="replace")
    except (OSError, ValueError, http.client.HTTPException) as error:
        raise NotSigned(f"it cannot be reached: {error}") from None
