"""The witnesses of our own log: whom its policy names, and what they have signed of what is published."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from sqlalchemy import bindparam, func, select
from sqlalchemy.orm import Session

from kernel.config import Settings
from kernel.database import Reader, db, execute
from kernel.vault import Malformed
from kernel.web import current_settings
from ledger.asking import Question, collected
from ledger.checkpoints import Checkpoint
from ledger.integrating import tiles_in
from ledger.keeping import keep, kept
from ledger.models import Cosignature, Published
from ledger.notes import Signature, Verifier, read_note
from ledger.policies import Known, Policy
from ledger.tiles import nodes_in
from ledger.tree import prove_consistency

# In the private folder, not in the database: whoever writes to that names no witness of his own.
FILE = "log-policy"
# So far back a witness may have been out of reach: four weeks of hours.
FAR_BACK = 28 * 24
# A line that does not hold can only be planted, or of a key that was exchanged since: no request looks at many.
MOST_TRIED = 8
# Between a note's text and the lines that sign it.
APART = "\n\n"
_OLDEST = select(Published.size).order_by(Published.size.desc()).offset(FAR_BACK - 1).limit(1).scalar_subquery()
_SIGNED_BY = (
    select(Published.size, Published.note)
    .join(Cosignature, Cosignature.size == Published.size)
    .where(Cosignature.witness.in_(bindparam("names", expanding=True)), Published.size >= func.coalesce(_OLDEST, 0))
    .group_by(Published.size)
    .having(func.count() >= bindparam("needed"))
    .order_by(Published.size.desc())
    .limit(MOST_TRIED)
)


class WrongPolicy(Exception):
    """The file with the policy cannot be read; the message says which it is."""


def policy_of(settings: Settings, log: Verifier) -> Policy:
    """Return the policy of an installation's log; raises ``WrongPolicy`` where its file is none."""
    path = _path(settings)
    text = kept(path)
    try:
        return replace(Policy.read(text), log=log) if text is not None else Policy(log)
    except Malformed:
        raise WrongPolicy(f"{path} is no policy that `flask ledger witness` has written.") from None


def keep_policy(settings: Settings, policy: Policy) -> None:
    """Have a policy from now on."""
    keep(_path(settings), policy.text)


def sizes_signed(session: Reader) -> dict[str, int]:
    """Return how many entries the newest checkpoint has that each witness has signed."""
    query = select(Cosignature.witness, func.max(Cosignature.size)).group_by(Cosignature.witness)
    return {name: size for name, size in session.execute(query)}


def signed_by(session: Reader, needed: int) -> Sequence[tuple[int, str]]:
    """Return the few newest checkpoints under which so many of those whom the policy names have a line, newest first.

    Whether these lines hold, ``lines_under`` says.
    """
    names = [known.name for known in _named(current_settings())]
    return [(size, note) for size, note in execute(session, _SIGNED_BY, names=names, needed=needed)]


def lines_under(session: Reader, size: int, note: str) -> list[str]:
    """Return the witnesses' lines under the checkpoint of a size: of those whom the policy names, where they hold.

    The table is unguarded, and one line that does not hold spoils the whole note for whoever checks it.
    """
    found = dict(session.execute(select(Cosignature.witness, Cosignature.line).where(Cosignature.size == size)).all())
    lines = [(found[known.name], known.verifier) for known in _named(current_settings()) if known.name in found]
    return sorted(line for line, witness in lines if _is_line_of(witness, line, note))


def ask_witnesses(policy: Policy, stated: Checkpoint, note: str) -> dict[str, Signature]:
    """Ask every witness; return by witnesses' names what has come before time was up.

    Who has signed this checkpoint before is asked to sign it anew: by its time one tells a log that rests from one
    whose newest checkpoints are withheld.
    """
    with Session(db.engine) as session:
        signed = sizes_signed(session)
    # What a database tells that was put back is a guess; the witness says how much it knows.
    asked = {known: signed.get(known.name, 0) for known in policy.witnesses}
    engine = db.engine

    def prove(old: int) -> Sequence[bytes]:
        with Session(engine) as own:  # each witness is asked from a thread of its own
            return prove_consistency(nodes_in(tiles_in(own), stated.size), old, stated.size)

    return collected(Question(note, stated, prove), asked)


def _named(settings: Settings) -> tuple[Known, ...]:
    """Return whom the policy names; nobody where its file is none, which hinders no reader."""
    text = kept(_path(settings))
    with suppress(Malformed):
        return Policy.read(text).witnesses if text is not None else ()
    return ()


def _is_line_of(witness: Verifier, line: str, note: str) -> bool:
    """Tell whether a line is this witness's one signature under a note."""
    with suppress(Malformed):
        mine = read_note(f"{note.rpartition(APART)[0]}{APART}{line}")
        return len(mine.signatures) == 1 and mine.is_signed_by(witness)
    return False


def _path(settings: Settings) -> Path:
    return settings.instance / FILE
