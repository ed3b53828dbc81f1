"""Everything `flask check` looks at, one part after the other."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

from sqlalchemy.exc import SQLAlchemyError

from kernel.config import Settings
from kernel.database import db
from kernel.directory.agreement import disagreements, sentence_of, unsigned
from kernel.directory.queries import current_directory
from kernel.store import current_store
from kernel.web import current_province
from ledger.publishing import servers_keys
from operations.checks.cleaning import look_at_cleaning
from operations.checks.files import look_at_store
from operations.checks.findings import Finding, broken, warning
from operations.checks.folder import look_at_folder
from operations.checks.live import look_at
from operations.checks.machine import look_at_machine
from operations.checks.proxy import look_at_nginx
from operations.checks.stored import look_at_database
from operations.watching import alarms

SBIN = "/usr/local/sbin:/usr/sbin:/sbin"


def findings(settings: Settings, url: str | None, nginx: Path | None) -> Iterator[Finding]:
    """Yield what breaks a promise or is to be thought about; ``url`` is where people find the installation."""
    yield from look_at_folder(settings)
    yield from look_at_store(settings, current_store())
    yield from look_at_machine()
    yield from look_at_cleaning()
    yield from _database()
    yield from _province()
    yield from look_at_keys()
    yield from (warning(alarm.sentence) for alarm in alarms(settings) if alarm.rings)
    yield from _nginx(nginx, settings.largest_file)
    if url is None:
        yield warning("The address people are given was not looked at: --url says which it is.")
    else:
        yield from look_at(url, settings.demo)


def _database() -> Iterator[Finding]:
    try:
        with db.engine.connect() as connection:
            yield from look_at_database(connection)
    except SQLAlchemyError as error:
        yield broken(f"The database cannot be looked at ({type(error).__name__}).")


def _province() -> Iterator[Finding]:
    try:
        province, directory = current_province(), current_directory()
    except SQLAlchemyError:
        return  # said already
    found = disagreements(province, directory)
    if found:
        yield broken(sentence_of(found))
    for desk in unsigned(province, directory):
        yield warning(f"The province's file has a desk {desk}, which the root has not named: it stays closed.")


def look_at_keys() -> Iterator[Finding]:
    """Yield whether the root has named the keys by which this server's log signs, and promises."""
    try:
        directory = current_directory()
    except SQLAlchemyError:
        return  # said already
    if directory.desks() and any(directory.named_key(kind) != key for kind, key in servers_keys().items()):
        yield broken(
            "The root has not named the keys by which the log signs and promises: phones seal no report, and nothing is"
            " promised. Run `flask statements export-keys`, and carry its file to the custodians."
        )


def _nginx(given: Path | None, largest_file: int) -> Iterator[Finding]:
    configuration = given.read_text() if given else _printed()
    if configuration:
        yield from look_at_nginx(configuration, largest_file)
    else:
        yield warning("nginx's configuration was not looked at: --nginx says where it lies. Look for logs yourself.")


def _printed() -> str:
    """Return nginx's configuration with all its parts, as it prints it; empty where it does not."""
    program = shutil.which("nginx") or shutil.which("nginx", path=SBIN)
    if program is None:
        return ""
    return subprocess.run([program, "-T", "-q"], capture_output=True, text=True, check=False).stdout
