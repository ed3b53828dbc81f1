"""The custodians' answers: vouching for a lead, handing him his desk's key, taking another's away.

The root trusts nobody here: the tree of desks, the desks' keys and the officers before are judged by its own
signatures, and whoever comes new by the words he reads out.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

from kernel.ceremony.carried import Answer, Requests, SealedCopy
from kernel.ceremony.root import RECOVERY, Newcomer, Root
from kernel.directory.claims import Claim, claims_by_subject
from kernel.directory.directory import Directory, NotVouched, VouchedOfficer
from kernel.directory.statements import ACTIVE, LEAD
from kernel.vault import Identity, Recipient, Unreadable, context, seal, unseal


class NotForThisRoot(Exception):
    """What was carried here cannot be answered with these shares; the message says why."""


@dataclass(frozen=True)
class Lead:
    """A lead as the root sees him: his statement, his name by the file, and those who count because of him."""

    vouched: VouchedOfficer
    full_name: str
    followers: Sequence[Newcomer]


@dataclass(frozen=True)
class Desk:
    """A desk about which something is asked: who leads it now, and who wants to."""

    id: str
    leads: Sequence[Lead]
    newcomers: Sequence[Newcomer]


@dataclass
class Decisions:
    """What the custodians have decided, desk by desk.

    ``compared`` have read out their words; the keys of ``lost`` shall count no longer; ``kept`` counted by the word of
    one of these, and shall by the root's; ``named`` are the kinds of the server's own keys that shall count.
    """

    compared: list[Newcomer] = field(default_factory=list)
    lost: list[VouchedOfficer] = field(default_factory=list)
    kept: list[Newcomer] = field(default_factory=list)
    named: list[str] = field(default_factory=list)

    @property
    def any(self) -> bool:
        """Tell whether there is anything to sign."""
        return bool(self.compared or self.lost or self.named)


def desks_asked_about(requests: Requests) -> list[Desk]:
    """Return the desks whose newcomers wait, judged by the root the file names, which ``answer`` then checks.

    Where nobody new waits it is about the leads of the desk whose keys are in the file. Raises ``NotForThisRoot`` where
    that root knows no such desk.
    """
    directory = Directory(requests.root, requests.statements)
    asked = sorted({each.desk for each in requests.newcomers or requests.copies})
    strangers = sorted(set(asked) - set(directory.desks()))
    if strangers:
        raise NotForThisRoot(f"The root knows no desk {', '.join(strangers)}: the file holds too few statements.")
    return [_desk(directory, requests, desk) for desk in asked]


def unnamed_keys(requests: Requests) -> dict[str, bytes]:
    """Return the server's own keys, by their kind, that the root the file names has not named."""
    directory = Directory(requests.root, requests.statements)
    return {kind: key for kind, key in requests.keys.items() if directory.named_key(kind) != key}


def answer(root: Root, requests: Requests, decisions: Decisions, day: date) -> Answer:
    """Vouch for the newcomers compared, hand each what opens his desk, and revoke the lost leads.

    Raises ``NotForThisRoot`` where the shares are another root's, a desk's newest key is not among the copies, or a
    copy is not what it says.
    """
    refuse_another_root(root, requests)
    # Who comes back with new keys has lost the old ones by that alone.
    gone = [officer for officer in decisions.lost if officer.id not in {each.id for each in decisions.compared}]
    vouched = [*decisions.compared, *decisions.kept]
    bodies = [root.vouch(officer, newest_version(requests, "officer", officer.id) + 1, day) for officer in vouched]
    bodies += [root.revoke(officer, newest_version(requests, "officer", officer.id) + 1, day) for officer in gone]
    bodies += [_named(root, requests, kind, day) for kind in decisions.named]
    copies = [copy for newcomer in decisions.compared for copy in _copies_for(root, requests, newcomer)]
    return Answer(root.sign.public, bodies, [Recipient.from_bytes(officer.kem) for officer in vouched], copies)


def _named(root: Root, requests: Requests, kind: str, day: date) -> str:
    return root.name_key(kind, requests.keys[kind], newest_version(requests, kind, kind) + 1, day)


def _desk(directory: Directory, requests: Requests, desk: str) -> Desk:
    leads = [_lead(directory, requests, lead) for lead in directory.officers(desk) if lead.role == LEAD]
    return Desk(desk, leads, [newcomer for newcomer in requests.newcomers if newcomer.desk == desk])


def _lead(directory: Directory, requests: Requests, lead: VouchedOfficer) -> Lead:
    names = {officer.id: officer.full_name for officer in requests.colleagues}
    issued = {claim.statement.subject for claim in _newest_claims(requests) if claim.issuer_id == lead.id}
    followers = [each for each in requests.colleagues if each.id in issued and _is_vouched(directory, each)]
    return Lead(lead, names.get(lead.id, "?"), followers)


def _newest_claims(requests: Requests) -> list[Claim]:
    claims = claims_by_subject(requests.statements).items()
    return [max(found, key=lambda claim: claim.statement.version) for (kind, _), found in claims if kind == "officer"]


def _is_vouched(directory: Directory, officer: Newcomer) -> bool:
    """Tell whether the keys that the file gives somebody are those that count."""
    try:
        found = directory.officer(officer.id)
    except NotVouched:
        return False
    digest = Recipient.from_bytes(officer.kem).digest
    return (found.desk, found.role, found.kem_digest, found.sign) == (
        officer.desk, officer.remit, digest, officer.sign,
    )  # fmt: skip


def newest_version(requests: Requests, kind: str, subject: str) -> int:
    """Return the newest version of what the file says of a subject; 0 where it says nothing."""
    claims = claims_by_subject(requests.statements).get((kind, subject), [])
    return max((claim.statement.version for claim in claims), default=0)


def refuse_another_root(root: Root, requests: Requests) -> None:
    """Raise ``NotForThisRoot`` where the shares are not of the root by which the server judges."""
    if requests.root != root.sign.public:
        raise NotForThisRoot("The shares are of another root than this installation's. Take those of its ceremony.")


def _copies_for(root: Root, requests: Requests, newcomer: Newcomer) -> list[SealedCopy]:
    """Seal every seed of his desk to a new lead; without the newest he could read nothing that comes."""
    digests = _digests(requests, newcomer.desk)
    held = [copy for copy in requests.copies if (copy.desk, copy.recipient) == (newcomer.desk, RECOVERY)]
    if digests and max(digests) not in {copy.epoch for copy in held}:
        raise NotForThisRoot(f"The file does not hold the newest key of desk {newcomer.desk}. Export it again.")
    return [_resealed(root, copy, digests.get(copy.epoch, set()), newcomer) for copy in held]


def _digests(requests: Requests, desk: str) -> dict[int, set[str]]:
    """Return the digests of the keys that statements give a desk, by epoch."""
    digests: dict[int, set[str]] = {}
    for claim in claims_by_subject(requests.statements).get(("epoch", desk), []):
        if claim.statement.status == ACTIVE:
            digests.setdefault(claim.statement.version, set()).add(str(claim.statement.kem))
    return digests


def _resealed(root: Root, copy: SealedCopy, digests: set[str], newcomer: Newcomer) -> SealedCopy:
    recipient = f"officer:{newcomer.id}"
    try:
        seed = unseal(copy.sealed, root.recovery, _where(copy, RECOVERY))
        is_the_desks = Identity.from_seed(seed).recipient.digest in digests
    except Unreadable:
        is_the_desks = False
    if not is_the_desks:
        raise NotForThisRoot(f"The sealed key of desk {copy.desk}, epoch {copy.epoch}, is not that desk's.")
    sealed = seal(seed, Recipient.from_bytes(newcomer.kem), _where(copy, recipient))
    return SealedCopy(copy.desk, copy.epoch, recipient, sealed)


def _where(copy: SealedCopy, recipient: str) -> bytes:
    return context("desk-key", object_=copy.desk, epoch=copy.epoch, recipient=recipient)
