"""A backup put back where nothing is yet, and looked through before anybody may use it."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from flask import current_app
from sqlalchemy.orm import Session

from kernel.config import Settings, WrongSetting, read_settings
from kernel.database import db
from kernel.migrating import migrate, revisions
from kernel.schema import WrongSchema
from kernel.store import Store, current_store, patient
from kernel.store_errors import StoreFailed
from ledger.publishing import note_restored
from operations.backup import (
    ABOUT, FOLDER, FORMAT, OBJECTS, RESTORED, SUMS, About, digest_of, names, write_privately,
)  # fmt: skip
from operations.dumps import FILES, DumpFailed, is_empty, kind_of, load
from operations.soundness import faults
from operations.sweeping import Swept, look

# Stands in the private folder from the first byte restored until everything has been looked through.
MARK = "RESTORING"
SHOWN = 5


class RestoreFailed(Exception):
    """The backup was not restored, or is not sound; the message says why."""


class UnfinishedRestore(Exception):
    """What lies in the private folder was never restored to its end."""

    def __init__(self, instance: Path) -> None:
        super().__init__(
            f"A restore into {instance} did not come to its end: {(instance / MARK).read_text().strip()} Empty that "
            "folder and its database, and restore again."
        )


def refuse_an_unfinished_restore(settings: Settings) -> None:
    """Refuse to start, by ``UnfinishedRestore``, on what a restore has left half done or found unsound."""
    if (settings.instance / MARK).exists():
        raise UnfinishedRestore(settings.instance)


def restore(settings: Settings, source: Path) -> Swept:
    """Restore the backup in ``source`` into an installation that is as a first start leaves it, and look it through.

    Return what of the store was found: a bucket's objects are as they are, whatever the database was then. Raises
    ``RestoreFailed``. What was refused before anything was written left nothing; whatever fails later leaves a mark,
    with which Kentongan refuses to start.
    """
    about = verified(source)
    owner_url = _refuse_unless_empty(settings, about)
    write_privately(settings.instance / MARK, "It was begun.\n")
    try:
        _put_back(settings, source, owner_url)
        found = _faults(settings)
        swept = look()
        if not found:
            note_restored()
    except StoreFailed as failed:
        found = [_unreachable(failed)]
    except (DumpFailed, WrongSchema, WrongSetting, OSError) as error:
        found = [str(error)]
    if found:
        told = "; ".join(found[:SHOWN])
        write_privately(settings.instance / MARK, f"{told}.\n")
        raise RestoreFailed(f"What was restored is not sound: {told}.")
    (settings.instance / MARK).unlink()
    return swept


def _unreachable(failed: StoreFailed) -> str:
    return f"the store for files cannot be reached ({failed.reason})"


def verified(source: Path) -> About:
    """Return what the backup in ``source`` is of; raises ``RestoreFailed`` where a file is not what it was."""
    try:
        told = (source / SUMS).read_text().splitlines()
    except OSError:
        raise RestoreFailed(f"{source / SUMS} cannot be read: {source} is no backup.") from None
    found = [f"{digest_of(source / name)}  {name}" for name in names(source)]
    for line in sorted(set(told) ^ set(found)):
        raise RestoreFailed(f"{source / line.partition('  ')[2]} is not as {SUMS} says.")
    about = re.fullmatch(rf"{FORMAT}\ndatabase (\w+)\nrevision (\w+)\n", (source / ABOUT).read_text())
    if about is None or about[1] not in FILES:
        raise RestoreFailed(f"{source / ABOUT} is of another version of Kentongan.")
    return About(about[1], about[2])


def _refuse_unless_empty(settings: Settings, about: About) -> str:
    """Return the owner's URL; raises ``RestoreFailed`` where something stands against restoring here."""
    for sentence in _against(settings, about):
        raise RestoreFailed(sentence)
    return str(settings.owner_url)


def _against(settings: Settings, about: About) -> Iterator[str]:
    if not settings.owner_url:
        yield "Set KENTONGAN_OWNER_URL to the role that is to own the tables."
    elif about.kind != kind_of(settings.owner_url):
        yield f"The backup is of a {about.kind} database: set DATABASE_URL to an empty one of that kind."
    elif not is_empty(settings.owner_url):
        yield "There are tables in the database already: name an empty one in DATABASE_URL."
    elif (settings.instance / "root.pub").exists():
        yield f"{settings.instance} is an installation's already: name another folder in KENTONGAN_INSTANCE."
    elif about.revision not in revisions():
        yield f"The backup's schema is {about.revision}, of a newer version of Kentongan: restore with that one."
    else:
        yield from _against_the_store(settings)


def _against_the_store(settings: Settings) -> Iterator[str]:
    try:
        occupied = _holds_objects(current_store())
    except StoreFailed as failed:
        yield f"Nothing was restored: {_unreachable(failed)}."
        return
    if occupied and isinstance(settings.store, Path):
        yield f"There are files' objects in {settings.store} already: name an empty folder in KENTONGAN_STORE."


def _holds_objects(store: Store) -> bool:
    return next(iter(store.keys()), None) is not None


def _put_back(settings: Settings, source: Path, owner_url: str) -> None:
    load(source / FILES[kind_of(owner_url)], owner_url)
    # What a first start has drawn there makes room: with an empty database it opens nothing.
    for path in sorted((source / FOLDER).rglob("*")):
        target = settings.instance / path.relative_to(source / FOLDER)
        if path.is_dir():
            target.mkdir(mode=0o700, exist_ok=True)
        else:
            shutil.copyfile(path, target)
            target.chmod(0o600)
    _put_objects_back(settings, source / OBJECTS)
    migrate(owner_url, settings.database_url)


def _put_objects_back(settings: Settings, objects: Path) -> None:
    """Keep the backup's objects in the store; where that holds some already, the sweep leaves those without a row.

    A bucket that outlived its server holds what came after the backup, too; and while a restore is only tried, it is
    another installation that its objects belong to.
    """
    store = current_store()
    if _holds_objects(store):
        write_privately(settings.instance / RESTORED, "The store held objects when this was restored.\n")
    patiently = patient(store)
    for path in sorted(objects.glob("??/*")):
        patiently.keep(path.name, path.read_bytes())


def _faults(settings: Settings) -> list[str]:
    """Look through what was restored, as the installation that it is now."""
    here = {"KENTONGAN_INSTANCE": str(settings.instance), "DATABASE_URL": settings.database_url}
    restored = current_app.extensions["kentongan.settings"] = replace(read_settings(here), store=settings.store)
    with Session(db.engine) as session:
        return list(faults(session, restored.secret))
