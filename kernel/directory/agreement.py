"""Whether the private folder, the province's data file and the signed tree of desks speak of the same installation."""

from __future__ import annotations

from flask import Flask

from kernel.config import WrongSetting
from kernel.database import db
from kernel.directory.directory import Directory, VouchedDesk
from kernel.directory.queries import current_directory, statement_bodies
from kernel.province import Desk, Province
from kernel.web import current_province

SHOWN = 3


class AnotherProvince(WrongSetting):
    """The data file is not the one by which this installation's desks were signed; the message says where they part."""


class AnotherRoot(WrongSetting):
    """The database is another installation's: its statements were not signed by the root key in the private folder."""


def disagreements(province: Province, directory: Directory) -> list[str]:
    """Return what the signed tree says of desks and the file does not; nothing while nothing is signed.

    A desk that only the file has is none of these: it stands closed until the root names it.
    """
    told = ((desk, province.desks.get(desk.id)) for desk in directory.desks().values())
    return [_parted(signed, listed) for signed, listed in told if not _is_said(signed, listed)]


def unsigned(province: Province, directory: Directory) -> list[str]:
    """Return the desks that the file has and the signed tree has not."""
    signed = directory.desks()
    return [desk for desk in province.desks if signed and desk not in signed]


def refuse_another_root(app: Flask) -> None:
    """Refuse to start, by ``AnotherRoot``, on a database whose desks none was named by the root key that lies here.

    So a practice folder never serves real cases, nor a real folder those of practice.
    """
    with app.app_context():
        foreign = bool(statement_bodies()) and not current_directory().desks()
        db.session.remove()
    if foreign:
        raise AnotherRoot(
            "This database belongs to another installation: its desks were not signed by the root key in the folder"
            " of this one. Let KENTONGAN_INSTANCE and DATABASE_URL name a folder and a database that belong together."
        )


def refuse_another_province(app: Flask) -> None:
    """Refuse to start, by ``AnotherProvince``, where a desk was signed that the data file has not, or has otherwise."""
    with app.app_context():
        found = disagreements(current_province(), current_directory())
        db.session.remove()
    if found:
        raise AnotherProvince(sentence_of(found))


def sentence_of(found: list[str]) -> str:
    """Say what parts the file from the signed tree, and what to do."""
    more = f"; and {len(found) - SHOWN} more" if len(found) > SHOWN else ""
    return (
        f"The province's file is not the one this installation was founded with: {'; '.join(found[:SHOWN])}{more}. "
        "Set KENTONGAN_PROVINCE to the file the ceremony read; what was signed does not change."
    )


def _is_said(signed: VouchedDesk, listed: Desk | None) -> bool:
    return listed is not None and (listed.remit, listed.parent) == (signed.remit, signed.parent)


def _parted(signed: VouchedDesk, listed: Desk | None) -> str:
    if listed is None:
        return f"it has no desk {signed.id}"
    if listed.remit == signed.remit:
        above, before = (f'under "{desk.parent}"' if desk.parent else "under none" for desk in (listed, signed))
        return f"its desk {signed.id} stands {above}, and was signed {before}"
    return f'its desk {signed.id} has the remit "{listed.remit}", and was signed with "{signed.remit}"'
