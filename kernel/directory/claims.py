"""Claims: statements with the bodies that carry them, before anybody has judged them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from kernel.directory.statements import ACTIVE, LEAD, ROOT, Statement, parse
from kernel.vault import Malformed
from kernel.vault.bodies import signed_by

Subject = tuple[str, str]


@dataclass(frozen=True)
class Claim:
    """What a body says; anybody may say anything."""

    statement: Statement
    body: str

    @property
    def desk(self) -> str | None:
        """Return the desk an officer or an epoch belongs to; other subjects belong to none."""
        return self.statement.subject if self.statement.kind == "epoch" else self.statement.desk

    @property
    def issuer_id(self) -> str:
        """Return the id of the officer who issued this; the root's is empty."""
        return self.statement.issuer.partition(":")[2]

    def issuing_desk(self, parent: str | None) -> str | None:
        """Return the desk whose leads may issue this, given its desk's parent; ``None`` leaves it to the root."""
        return parent if self.statement.remit == LEAD else self.desk

    def signed_by(self, public: bytes) -> bool:
        """Tell whether the holder of ``public`` signed the body."""
        return signed_by(self.body, public)


def claims_by_subject(bodies: Iterable[str]) -> dict[Subject, list[Claim]]:
    """Sort bodies by what they speak of; those that are no statements are passed over, twins counted once."""
    claims: dict[Subject, list[Claim]] = defaultdict(list)
    for body in dict.fromkeys(bodies):
        try:
            statement = parse(body)
        except Malformed:
            continue
        claims[statement.kind, statement.subject].append(Claim(statement, body))
    return dict(claims)


def may_issue_at(issuer: Statement, desk: str | None) -> bool:
    """Tell whether an officer with this statement may issue what only a lead of ``desk`` may."""
    return issuer.remit == LEAD and issuer.desk == desk


def keys_ever_held(root_public: bytes, claims: Mapping[Subject, list[Claim]]) -> dict[str, frozenset[bytes]]:
    """Return, by officer, every Ed25519 key he held by a statement whose issuer might issue it when he held *his*.

    It grows from what the root signed, statement by statement, until nothing is added; so circles add nothing.
    """
    parents = _parents_ever(root_public, claims)
    waiting = {claim for (kind, _), found in claims.items() if kind == "officer" for claim in found}
    waiting = {claim for claim in waiting if claim.statement.status == ACTIVE}
    held: dict[str, set[Statement]] = defaultdict(set)
    while added := {claim for claim in waiting if _was_issued(claim, root_public, held, parents)}:
        waiting -= added
        for claim in added:
            held[claim.statement.subject].add(claim.statement)
    return {officer: frozenset(bytes.fromhex(str(each.sign)) for each in found) for officer, found in held.items()}


@dataclass(frozen=True)
class HeldKey:
    """An Ed25519 key that the root once named; ``last`` is the day on which it named what followed, if it did."""

    public: bytes
    last: date | None


def keys_named_by(root_public: bytes, claims: Iterable[Claim]) -> tuple[HeldKey, ...]:
    """Return every key that the root named in these claims on one subject, the oldest first."""
    rightly = [claim for claim in claims if claim.statement.issuer == ROOT and claim.signed_by(root_public)]
    said = sorted((claim.statement for claim in rightly), key=lambda statement: statement.version)
    pairs = zip(said, [*(statement.issued for statement in said[1:]), None])
    return tuple(HeldKey(bytes.fromhex(str(each.sign)), last) for each, last in pairs if each.status == ACTIVE)


def _parents_ever(root_public: bytes, claims: Mapping[Subject, list[Claim]]) -> dict[str, set[str | None]]:
    parents: dict[str, set[str | None]] = defaultdict(set)
    desks = (claim for (kind, _), found in claims.items() if kind == "desk" for claim in found)
    for claim in desks:
        if claim.statement.issuer == ROOT and claim.signed_by(root_public):
            parents[claim.statement.subject].add(claim.statement.parent)
    return parents


def _was_issued(
    claim: Claim, root_public: bytes, held: Mapping[str, set[Statement]], parents: Mapping[str, set[str | None]]
) -> bool:
    if claim.statement.issuer == ROOT:
        return claim.signed_by(root_public)
    desks = {claim.issuing_desk(parent) for parent in parents.get(str(claim.desk), set())}
    issuers = [each for each in held.get(claim.issuer_id, set()) if any(may_issue_at(each, desk) for desk in desks)]
    return any(claim.signed_by(bytes.fromhex(str(issuer.sign))) for issuer in issuers)
