"""Statements and public keys, added inside the caller's transaction."""

from __future__ import annotations

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from kernel import clock
from kernel.directory import models
from kernel.directory.claims import claims_by_subject
from kernel.directory.directory import Directory, Reason
from kernel.directory.queries import statement_bodies
from kernel.directory.statements import Statement, parse
from kernel.i18n import gettext as _
from kernel.refusal import Conflict, Forbidden
from kernel.vault import Malformed, Recipient


class VersionTaken(Conflict):
    """Somebody else's statement on the same subject came first."""


class StatementRefused(Forbidden):
    """A statement that no reader would count: malformed, or not rightly issued."""


def add_statement(session: Session, root_public: bytes, body: str) -> Statement:
    """Keep a signed statement, if it is its subject's next version and rightly issued.

    Readers judge for themselves; this only keeps out what would void its subject. Raises ``VersionTaken`` and
    ``StatementRefused``.
    """
    try:
        statement = parse(body)
    except Malformed:
        raise StatementRefused(_("Pernyataan ini tidak dapat dibaca. Muat ulang halaman, lalu coba lagi.")) from None
    # Both checks look at one reading: between two, somebody else's statement might come in.
    kept = statement_bodies(session)
    _check_version(statement, kept)
    _check_issued(root_public, statement, [*kept, body])
    row = models.Statement(
        kind=statement.kind, subject=statement.subject, version=statement.version, body=body, kept_at=clock.now()
    )  # fmt: skip
    try:
        session.add(row)
        session.flush()
    except IntegrityError:
        raise _taken() from None
    return statement


def keep_public_key(session: Session, recipient: Recipient) -> None:
    """Keep a public key that a statement names by its digest; keeping it twice is keeping it once."""
    session.merge(models.PublicKey(digest=recipient.digest, raw=recipient.raw))


def _check_version(statement: Statement, kept: list[str]) -> None:
    claims = claims_by_subject(kept).get((statement.kind, statement.subject), [])
    if statement.version != max((claim.statement.version for claim in claims), default=0) + 1:
        raise _taken()


def _check_issued(root_public: bytes, statement: Statement, bodies: list[str]) -> None:
    reason = Directory(root_public, bodies).reason(statement.kind, statement.subject)
    if reason not in {None, Reason.REVOKED}:
        raise StatementRefused(_("Penanda tangan pernyataan ini tidak berwenang. Periksa kuncinya, lalu coba lagi."))


def _taken() -> VersionTaken:
    return VersionTaken(_("Pernyataan lain tentang hal yang sama sudah ada. Muat ulang halaman, lalu coba lagi."))
