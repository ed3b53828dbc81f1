"""The publisher: signs the newest head, and never one that contradicts another it has signed. One runs, by a lock.

What it signed last it keeps outside the database, in the private folder: whoever rewrites the database, or restores an
old one, cannot have that signed. First it proves that the head continues what it signed last; then it keeps what it
signs, then publishes it, with what witnesses have signed by then. Killed between, it publishes that the next time.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from kernel import clock
from kernel.config import Settings, kept_random
from kernel.database import db, execute, put, transaction
from kernel.directory.statements import LOG, PROMISE
from kernel.jobs import Errand, Standing, enqueue
from kernel.migrating import revision_of
from kernel.static import current_static, files_of
from kernel.vault import Malformed, SigningKey
from kernel.web import current_settings
from ledger.checkpoints import Checkpoint, open_checkpoint, sign_checkpoint
from ledger.integrating import integrate, integrate_public, state, tiles_in
from ledger.keeping import alone, keep
from ledger.known import known_log, make_known, origin_of
from ledger.models import Head, Published
from ledger.notes import Signature, Verifier
from ledger.policies import Policy
from ledger.promises import promise_key
from ledger.public import Kind, release_body, restored_body, workflow_body
from ledger.tiles import nodes_in
from ledger.tree import EMPTY_ROOT, continues, prove_consistency, root_of
from ledger.witnesses import WrongPolicy, ask_witnesses, policy_of

# The publisher's folder is in no backup: put back with an old database it would not contradict it.
FOLDER, LAST, KEY = "log", "last", "log-key"
SEED_BYTES = 32
# The kind of the job; and how often it is done, also where nothing happened. Another has new keys published at once.
TEND = "log"
STATED = "log-stated"
EACH_HOUR, EACH_MINUTE = timedelta(hours=1), timedelta(minutes=1)
# It is harmless where two do it at once: who was killed keeps it from the others no longer than needed.
LEASE = timedelta(minutes=5)
logger = logging.getLogger(__name__)
# A witness signs again what it has signed: its newest time is what counts.
_SIGNED = text("""
    INSERT INTO log_cosignature (size, witness, line) VALUES (:size, :witness, :line)
    ON CONFLICT (size, witness) DO UPDATE SET line = excluded.line
""")
_WORKFLOW = text("SELECT from_state, to_state, action FROM transitions")


class NotPublished(Exception):
    """The log's head was not signed; the message says why, and what to do."""


@dataclass(frozen=True)
class Log:
    """Who signs: the log's key, and by which name it is known."""

    key: SigningKey
    origin: str

    @property
    def verifier(self) -> Verifier:
        """What others check with."""
        return Verifier(self.origin, self.key.public)


def log_of(settings: Settings) -> Log:
    """Return an installation's log, with the seed by which it signs: for its publisher, and who states its key."""
    return Log(SigningKey.from_seed(kept_random(settings.instance / KEY, SEED_BYTES)), origin_of(settings))


def servers_keys() -> dict[str, bytes]:
    """Return this server's own public keys for the root to name, by the kind of statement that names each."""
    settings = current_settings()
    log = log_of(settings).verifier
    make_known(settings, log)
    return {LOG: log.public, PROMISE: promise_key(settings.secret).public}


def tending(demo: bool) -> Standing:
    """Return the work that takes over what waits and publishes it, at times that tell of nothing that happened."""
    return Standing(take_turn, LEASE, every=EACH_MINUTE if demo else EACH_HOUR)


def take_turn() -> None:
    """Tend the log, as it is due; raises ``NotPublished``.

    What failed is tried again soon, off schedule. Where all that is left of it is to publish, no more is taken over: a
    batch of those few seconds would tell when something came.
    """
    if _is_owed():
        publish()
    else:
        tend()


def stating() -> Errand:
    """Return the work that publishes what has just been stated."""
    return Errand(publish_stated, LEASE)


def tend() -> None:
    """State what this version is and does, take over what waits, and publish it; raises ``NotPublished``."""
    _refuse_a_wrong_head()
    announce()
    integrate()
    publish()


def publish_soon(session: Session) -> None:
    """Have what is stated published at once, as part of ``session``: until then nobody seals to a key that is."""
    enqueue(session, STATED, "", clock.now())


def publish_stated() -> None:
    """Publish every statement there is, out of turn; raises ``NotPublished``.

    What happens to cases waits for its turn. Whoever has a case's key finds its entries, and would know, to the minutes
    between two publications, when each was written: any lead who makes a new key could have set that hour.
    """
    _refuse_a_wrong_head()
    integrate_public()
    publish()


def _refuse_a_wrong_head() -> None:
    # Behind a head that is refused nothing is put: what it lacks could not be had back any more.
    _signer(current_settings())
    if why := refusal():
        raise NotPublished(why)


def announce() -> None:
    """Have it entered, once each, which browser files this release has and by which table cases move."""
    state(Kind.RELEASE, release_body(files_of(current_static())))
    with Session(db.engine) as session:
        workflow = workflow_body(revision_of(session.connection()), {tuple(row) for row in session.execute(_WORKFLOW)})
    state(Kind.WORKFLOW, workflow)


def note_restored() -> None:
    """Have it entered that a backup was put back today, and as of which head."""
    with Session(db.engine) as session:
        size, root = session.execute(select(Head.size, Head.root)).one()
    state(Kind.RESTORED, restored_body(clock.now().date(), size, root))


def refusal() -> str:
    """Say why the log's head would not be signed now; nothing where it would."""
    settings = current_settings()
    log = known_log(settings)
    if log is None:  # nothing can have been signed
        return ""
    folder = settings.instance / FOLDER
    try:
        last = _last(folder, log)
        while why := _contradiction(last, log):
            # Nobody is kept out here: what was published between the two looks contradicts nothing.
            before, last = last, _last(folder, log)
            if last == before:
                return why
    except NotPublished as refused:
        return str(refused)
    return ""


def _contradiction(last: Checkpoint | None, log: Verifier) -> str:
    try:
        _continuing(last, log)
    except NotPublished as refused:
        return str(refused)
    return ""


def publish() -> None:
    """Sign the log's head and publish it; raises ``NotPublished`` where that contradicts what was signed before."""
    settings = current_settings()
    log = _signer(settings)
    if log is None:
        return
    folder = settings.instance / FOLDER
    folder.mkdir(mode=0o700, exist_ok=True)
    with alone(folder):
        last = _last(folder, log.verifier)
        found = _continuing(last, log.verifier)
        # Ed25519 signs alike what it signs again.
        note = sign_checkpoint(found, log.key)
        if found != last:
            keep(folder / LAST, note)
        # Asked before it is published, so that whoever asks for their signatures finds them; but they hold it up for
        # seconds at most, and are asked again the next time.
        _put(found, note, ask_witnesses(_policy(settings, log.verifier), found, note))


def _signer(settings: Settings) -> Log | None:
    """Return who signs here, known to all from now on; ``None`` before the ceremony: nobody has a name then."""
    if settings.root_key is None:
        return None
    log = log_of(settings)
    make_known(settings, log.verifier)
    return log


def _policy(settings: Settings, log: Verifier) -> Policy:
    """Return whom to ask; a broken file holds up publishing as little as a dead witness."""
    try:
        return policy_of(settings, log)
    except WrongPolicy as wrong:
        logger.warning("no witness is asked: %s", wrong)
        return Policy(log)


def resume(note: str) -> None:
    """Go on from a checkpoint that others hold, where what was signed last is lost; raises ``NotPublished``."""
    settings = current_settings()
    folder, log = settings.instance / FOLDER, log_of(settings).verifier
    folder.mkdir(mode=0o700, exist_ok=True)
    with alone(folder):
        if _last(folder, log) is not None:
            raise NotPublished("What was signed last is here: nothing has to be resumed.")
        try:
            found = open_checkpoint(note, log)
        except Malformed:
            raise NotPublished("This is no checkpoint that this log's key has signed.") from None
        _continuing(found, log)
        keep(folder / LAST, note)


def _last(folder: Path, log: Verifier) -> Checkpoint | None:
    try:
        note = (folder / LAST).read_text(encoding="utf-8")
    except FileNotFoundError:
        return None
    try:
        return open_checkpoint(note, log)
    except Malformed:
        raise NotPublished(
            f"{FOLDER}/{LAST} is no checkpoint that this log's key has signed. Is {KEY} another? Put that key back. "
            f"Where {LAST} is broken, move it away and run `flask ledger resume` with the newest checkpoint there is."
        ) from None


def _continuing(last: Checkpoint | None, log: Verifier) -> Checkpoint:
    """Return the head, once it is proved to continue ``last`` and what was published; raises ``NotPublished``."""
    with Session(db.engine) as session:
        size, root = session.execute(select(Head.size, Head.root)).one()
        newest = _newest(session, log)
        if newest is not None and (last is None or last.size < newest.size):
            raise NotPublished(
                f"A checkpoint of {newest.size} entries was published, and what was signed last is not in "
                f"{FOLDER}/{LAST}: get the newest checkpoint anybody has, and run `flask ledger resume` with it."
            )
        if last is not None and last.size > size:
            raise NotPublished(
                f"The log has {size} entries, and {last.size} were published: restore a newer backup, which has them, "
                "or have them back from whoever mirrors the log, by `flask ledger refill`."
            )
        before = [newest, last or Checkpoint(log.name, 0, EMPTY_ROOT)]
        if not all(_continues(session, each, size, root) for each in before if each is not None):
            raise NotPublished(
                f"The log of {size} entries does not continue what was published at {last.size if last else 0}: it "
                "was rewritten. Run `flask ledger verify`, and restore a backup."
            )
    return Checkpoint(log.name, size, root)


def _newest(session: Session, log: Verifier) -> Checkpoint | None:
    """Return what was published last, if this log's key has signed it: `ledger verify` tells of what it has not."""
    note = session.scalar(select(Published.note).order_by(Published.size.desc()).limit(1))
    with suppress(Malformed):
        return open_checkpoint(note, log) if note is not None else None
    return None


def _continues(session: Session, last: Checkpoint, size: int, root: bytes) -> bool:
    nodes = nodes_in(tiles_in(session), size)
    try:
        proof = prove_consistency(nodes, last.size, size)
        return root_of(nodes, size) == root and continues(last.root, last.size, root, size, proof)
    except KeyError:  # a tile is not there, or shorter than the head says
        return False


def _is_owed() -> bool:
    """Tell whether more was taken over than was published."""
    with Session(db.engine) as session:
        size = session.scalars(select(Head.size)).one()
        published = session.scalar(select(func.max(Published.size))) or 0
    return current_settings().root_key is not None and size > published


def _put(found: Checkpoint, note: str, signed: Mapping[str, Signature]) -> None:
    with transaction() as session:
        there = session.scalar(select(Published.note).where(Published.size == found.size))
        if there is None:
            put(session, Published, {"size": found.size, "root": found.root, "note": note})
        elif there != note:
            raise NotPublished(
                f"The database has a checkpoint of {found.size} entries that was not signed here: somebody else wrote "
                "it. Keep a copy, as evidence; with the next entries another is published."
            )
        for name, each in signed.items():
            execute(session, _SIGNED, size=found.size, witness=name, line=each.line)
