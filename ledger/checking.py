"""How strangers check the log here: the program they run, the three commands, and how the log stands."""

from __future__ import annotations

import os
import shlex
from dataclasses import dataclass
from datetime import UTC, date, datetime
from hashlib import sha256
from pathlib import Path

from kernel import clock
from kernel.config import Settings
from kernel.database import Reader
from ledger.known import known_log
from ledger.notes import Note, read_note
from ledger.policies import Known
from ledger.proving import newest_checkpoint
from ledger.publishing import FOLDER, LAST
from ledger.witnesses import WrongPolicy, policy_of

# Read as a text, never as ours: who checks with it trusts nothing else of what is here.
PROGRAM = Path(__file__).with_name("verify.py").read_bytes()
DIGEST = sha256(PROGRAM).hexdigest()


@dataclass(frozen=True)
class Watcher:
    """A witness, and on which day it has signed the newest checkpoint; ``None`` where it has not."""

    known: Known
    signed_on: date | None


@dataclass(frozen=True)
class Standing:
    """How a log stands: by which key it is checked, what was signed last and when, and who watches over it.

    ``size`` is ``None`` where nothing was published yet, ``signed_on`` where another machine signs; ``watchers`` where
    the file that names them cannot be read.
    """

    vkey: str
    root: str
    size: int | None
    signed_on: date | None
    watchers: tuple[Watcher, ...] | None
    needed: int


def standing_of(settings: Settings, session: Reader) -> Standing | None:
    """Tell how the log of an installation stands; ``None`` while nobody knows it by anything."""
    log = known_log(settings)
    if log is None:
        return None
    newest = newest_checkpoint(session)
    root = (settings.root_key or b"").hex()
    told = (log.vkey, root, newest.size if newest else None, _signed_on(settings) if newest else None)
    try:
        policy = policy_of(settings, log)
    except WrongPolicy:
        return Standing(*told, None, 0)
    note = read_note(newest.note) if newest else Note("", ())
    return Standing(*told, tuple(_watcher(known, note) for known in policy.witnesses), policy.needed)


def _watcher(known: Known, note: Note) -> Watcher:
    at = note.seen_at(known.verifier)
    return Watcher(known, None if at is None else _day(at))


def commands(address: str, standing: Standing) -> tuple[str, str, str]:
    """Return what is typed to check the log at an address, in an empty folder: fetch, make ready, check.

    Whoever copies them has a shell read them, so what stands in them is quoted for one.
    """
    policy = ["policy"] if standing.watchers else []
    fetched = [shlex.quote(f"{address}/{name}") for name in ("verify.py", *policy)]
    options = f"--vkey {shlex.quote(standing.vkey)}" + " --policy policy" * len(policy)
    # Where witnesses are needed they sign each hour, so that nobody is shown for long what was newest yesterday.
    options += " --fresh 24" * (standing.needed > 0)
    return (
        f"curl -fsS --remote-name-all {' '.join(fetched)}",
        "python3 -m venv venv && venv/bin/pip install cryptography",
        f"venv/bin/python verify.py log {shlex.quote(address)} {options} --kept kept-checkpoint",
    )


def answer(size: int) -> str:
    """Return how the program's answer begins where a log of ``size`` entries holds."""
    return f"The log's {size} entries are what was signed;"


def _signed_on(settings: Settings) -> date | None:
    """Return the day on which the newest checkpoint was signed, if its signer's folder may be looked into from here."""
    try:
        return _day(int(os.stat(settings.instance / FOLDER / LAST).st_mtime))
    except OSError:
        return None


def _day(at: int) -> date:
    return clock.local(datetime.fromtimestamp(at, UTC)).date()
