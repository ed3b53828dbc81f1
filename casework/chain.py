"""Who vouched for whom: the newest statement on everything, under the one who signed it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from kernel.directory.directory import Directory, Reason
from kernel.directory.queries import current_directory, statement_bodies
from kernel.directory.statements import ROOT, Statement, parse


@dataclass(frozen=True)
class Vouched:
    """One newest statement, and why it does not count (``None`` where it does)."""

    statement: Statement
    reason: Reason | None


@dataclass(frozen=True)
class Link:
    """An officer in the chain, and the officers for whom he has signed."""

    vouched: Vouched
    below: list[Link]


def every_statement() -> list[Vouched]:
    """Return the newest statement on every subject, judged: desks, their keys, officers by name, and the rest."""
    return judged(current_directory(), statement_bodies())


def judged(directory: Directory, bodies: Iterable[str]) -> list[Vouched]:
    """Return the newest of these statements on every subject, judged by ``directory``."""
    newest: dict[tuple[str, str], Statement] = {}
    for statement in map(parse, bodies):
        subject = (statement.kind, statement.subject)
        if subject not in newest or newest[subject].version < statement.version:
            newest[subject] = statement
    return [Vouched(newest[each], directory.reason(*each)) for each in sorted(newest)]


def links(every: Iterable[Vouched]) -> list[Link]:
    """Return the chain of officers, from those whom the root vouches for downward.

    Whoever hangs on somebody outside the chain, or on himself, hangs on nothing and is in the table alone.
    """
    by_issuer: dict[str, list[Vouched]] = {}
    for vouched in every:
        if vouched.statement.kind == "officer":
            by_issuer.setdefault(vouched.statement.issuer, []).append(vouched)
    return _below(by_issuer, ROOT)


def _below(by_issuer: dict[str, list[Vouched]], issuer: str) -> list[Link]:
    # Each is taken out when first met, so that a circle of statements ends.
    return [
        Link(vouched, _below(by_issuer, f"officer:{vouched.statement.subject}"))
        for vouched in by_issuer.pop(issuer, [])
    ]
