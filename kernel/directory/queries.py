"""The statements kept here, and the directory they amount to."""

from __future__ import annotations

from functools import lru_cache

from sqlalchemy import select

from kernel.database import Reader, db, execute
from kernel.directory.directory import Directory, NotVouched, Reason, vouched_recipient
from kernel.directory.models import PublicKey, Statement
from kernel.directory.statements import LEAD, LOG, PROMISE, parse
from kernel.vault import Recipient
from kernel.web import current_settings

DESK = "desk"
OFFICER = "officer"
_BODIES = select(Statement.body).order_by(Statement.id)


def current_directory() -> Directory:
    """Return the directory as it stands now."""
    return directory_in(db.session)


def directory_in(session: Reader) -> Directory:
    """Return the directory as ``session`` sees it. Before the ceremony there is no root, and nothing is vouched for."""
    return _directory(current_settings().root_key or b"", tuple(statement_bodies(session)))


def statement_bodies(session: Reader | None = None) -> list[str]:
    """Return every statement's body, in the order in which they came."""
    return list(execute(session or db.session, _BODIES).scalars().all())


def bodies_for_sealing() -> list[str]:
    """Return the statements by which a reporter's browser checks a desk's key: the tree, the keys, and their leads.

    Other officers vouch for nothing he relies on, and would be half of what his phone downloads. Whoever has ever been
    a lead is told of whole: leaving out that he no longer is one would make him one again.
    """
    return list(_for_sealing(tuple(statement_bodies())))


@lru_cache(maxsize=4)
def _for_sealing(bodies: tuple[str, ...]) -> tuple[str, ...]:
    statements = [parse(body) for body in bodies]
    leads = {statement.subject for statement in statements if statement.remit == LEAD}
    kept = zip(statements, bodies, strict=True)
    return tuple(body for statement, body in kept if statement.kind != OFFICER or statement.subject in leads)


def bodies_vouching_for(officers: frozenset[str], desks: frozenset[str]) -> list[str]:
    """Return the statements by which a browser checks what ``officers`` have signed, whenever it was.

    These are theirs, their issuers', those of all their desks and of ``desks``, and of the log's own keys.
    """
    return list(_vouching_for(tuple(statement_bodies()), officers, desks))


@lru_cache(maxsize=64)
def _vouching_for(bodies: tuple[str, ...], officers: frozenset[str], desks: frozenset[str]) -> tuple[str, ...]:
    statements = [parse(body) for body in bodies]
    of_officers = [statement for statement in statements if statement.kind == OFFICER]
    chain: frozenset[str] = frozenset()
    while officers - chain:
        chain |= officers
        officers = frozenset(each.issuer.partition(":")[2] for each in of_officers if each.subject in chain)
    theirs = desks | {each.desk for each in of_officers if each.subject in chain}
    told = {(OFFICER, officer) for officer in chain} | {(DESK, desk) for desk in theirs}
    told |= {(LOG, LOG), (PROMISE, PROMISE)}
    kept = zip(statements, bodies, strict=True)
    return tuple(body for statement, body in kept if (statement.kind, statement.subject) in told)


def kem_of(digest: str) -> Recipient:
    """Return the public key that a statement names by its digest (hex); raises ``NotVouched`` where it is not kept."""
    raw = db.session.scalar(select(PublicKey.raw).where(PublicKey.digest == digest))
    if raw is None:
        raise NotVouched(Reason.KEY)
    return vouched_recipient(raw, digest)


@lru_cache(maxsize=4)
def _directory(root_public: bytes, bodies: tuple[str, ...]) -> Directory:
    """Judge the statements once for as long as none is added: 300 of them cost 30 ms of signatures."""
    return Directory(root_public, bodies)
