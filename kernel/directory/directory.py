"""The directory: which keys and desks are vouched for, judged from signed statements alone (formats §5).

Whoever holds the statements may withhold, add and reorder them; he cannot make a key count. A subject is judged by
its newest statement only. Where that one is not rightly issued the subject is void: nothing older comes back.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from types import MappingProxyType

from kernel.directory.claims import (
    Claim, HeldKey, Subject, claims_by_subject, keys_ever_held, keys_named_by, may_issue_at,
)  # fmt: skip
from kernel.directory.statements import ACTIVE, LOG, PROMISE, ROOT, Statement
from kernel.vault import Recipient


NO_PINS: Mapping[str, int] = MappingProxyType({})


class Reason(StrEnum):
    """Why something is not vouched for, in the order in which it is looked at."""

    UNKNOWN = "unknown"  # no statement names it
    OLDER = "older"  # a newer version has been seen before
    DOUBLE = "double"  # two bodies have the newest version
    DESK = "desk"  # the desk it belongs to is not vouched for
    ISSUER = "issuer"  # who issued it may not, or is not vouched for himself
    SIGNATURE = "signature"  # its issuer did not sign it
    REVOKED = "revoked"  # rightly revoked
    KEY = "key"  # the key at hand is not the one the statement names


# Whoever stated it counts no more, or has other keys now.
WITHOUT_ISSUER = frozenset({Reason.ISSUER, Reason.SIGNATURE})
# A statement waits for its desk or for whoever stated it: when that counts again, so do the keys it names.
WAITS = frozenset({Reason.DESK, *WITHOUT_ISSUER})


class NotVouched(Exception):
    """No chain of statements leads from the root to this; ``reason`` says where it breaks."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(reason.value)
        self.reason = reason


@dataclass(frozen=True)
class VouchedDesk:
    """A desk of the tree. ``remit`` is a region's code, ``province`` or ``outside``."""

    id: str
    parent: str | None
    remit: str


@dataclass(frozen=True)
class VouchedOfficer:
    """An officer whose keys count: ``kem_digest`` is the SHA-256 (hex) of his X-Wing key, ``sign`` his Ed25519 key."""

    id: str
    desk: str
    role: str
    kem_digest: str
    sign: bytes


class Directory:
    """What a set of statements amounts to, for a reader who trusts ``root_public`` (32 bytes) and nothing else.

    ``pins`` are the versions he has seen before, by ``"<kind>/<subject>"``. Bodies that are no statements are passed
    over; all is judged at once, so that one directory can be read by many threads.
    """

    def __init__(self, root_public: bytes, bodies: Iterable[str], pins: Mapping[str, int] = NO_PINS) -> None:
        self._root = root_public
        self._pins = pins
        self._claims = claims_by_subject(bodies)
        self._verdicts: dict[Subject, Statement | Reason] = {}
        for subject in self._claims:
            self._judge(subject)
        standing = [found for found in map(self._standing, sorted(self._claims)) if found]
        desks = [found for found in standing if found.kind == "desk"]
        self._desks = {found.subject: VouchedDesk(found.subject, found.parent, str(found.remit)) for found in desks}
        self._officers: dict[str, list[VouchedOfficer]] = defaultdict(list)
        for found in standing:
            if found.kind == "officer":
                self._officers[str(found.desk)].append(_officer(found))

    def desks(self) -> dict[str, VouchedDesk]:
        """Return the tree of desks, by id."""
        return dict(self._desks)

    def remits(self) -> dict[str, str]:
        """Return the remit of every desk of the tree, as the routing table wants them."""
        return {desk.id: desk.remit for desk in self.desks().values()}

    def children(self, desk: str) -> list[str]:
        """Return the desks right below ``desk``."""
        return [child.id for child in self.desks().values() if child.parent == desk]

    def open_desks(self) -> list[str]:
        """Return the desks of the tree that have a vouched key."""
        return [desk for desk in self.desks() if self._standing(("epoch", desk))]

    def officer(self, officer_id: str) -> VouchedOfficer:
        """Return an officer's vouched keys; raises ``NotVouched``."""
        return _officer(self._vouched("officer", officer_id))

    def officers(self, desk: str) -> list[VouchedOfficer]:
        """Return the vouched officers of ``desk``."""
        return list(self._officers.get(desk, []))

    def desk_key(self, desk: str) -> tuple[int, str]:
        """Return a desk's newest epoch and its key's digest (hex); raises ``NotVouched``."""
        found = self._vouched("epoch", desk)
        return found.version, str(found.kem)

    @property
    def recovery_digest(self) -> str:
        """Return the digest (hex) of the recovery key; raises ``NotVouched``."""
        return str(self._vouched("recovery", "recovery").kem)

    def named_key(self, kind: str) -> bytes | None:
        """Return the Ed25519 key that is vouched for as ``log`` or ``promise``, if one is."""
        found = self._standing((kind, kind))
        return bytes.fromhex(str(found.sign)) if found else None

    @property
    def log_key(self) -> bytes:
        """Return the Ed25519 key by which the log signs; raises ``NotVouched``."""
        return bytes.fromhex(str(self._vouched(LOG, LOG).sign))

    @property
    def promise_key(self) -> bytes:
        """Return the Ed25519 key by which it is promised now; raises ``NotVouched``."""
        return bytes.fromhex(str(self._vouched(PROMISE, PROMISE).sign))

    @cached_property
    def promise_keys(self) -> tuple[HeldKey, ...]:
        """Return every key that ever was for promises, the oldest first, and until when each was."""
        return keys_named_by(self._root, self._claims.get((PROMISE, PROMISE), []))

    def signing_keys(self, officer_id: str) -> frozenset[bytes]:
        """Return every Ed25519 key an officer ever rightly held, with which his *old* events may be signed."""
        return self._ever.get(officer_id, frozenset())

    def revocable(self, officer_id: str) -> VouchedOfficer | None:
        """Return the keys of which it can be stated that they count no more; ``None`` where nothing can come of any.

        They are those that stand, and those that wait: to be stated before they count again.
        """
        if self.reason("officer", officer_id) not in {None, *WAITS}:
            return None
        [newest] = self._newest(("officer", officer_id))
        return _officer(newest.statement) if newest.statement.status == ACTIVE else None

    def was_revoked(self, officer_id: str, sign: bytes) -> bool:
        """Tell whether it was said of an officer's Ed25519 key that it counts no more, by whomever.

        That ends what was named before, too: of a forged statement that came last it names the key, not the real one.
        """
        said = [claim.statement for claim in self._claims.get(("officer", officer_id), [])]
        named = [each.version for each in said if each.sign == sign.hex()]
        revoked = [each.version for each in said if each.status != ACTIVE]
        return bool(named and revoked) and min(named) <= max(revoked)

    def reason(self, kind: str, subject: str) -> Reason | None:
        """Say why a subject is not vouched for; ``None`` when it is."""
        verdict = self._verdicts.get((kind, subject), Reason.UNKNOWN)
        if isinstance(verdict, Reason):
            return verdict
        return None if verdict.status == ACTIVE else Reason.REVOKED

    def pins(self) -> dict[str, int]:
        """Return what to remember: the newest rightly issued version of each subject, revocations included.

        A version that nobody may have issued is not remembered: it would shut out the rightful next one.
        """
        seen = {f"{kind}/{name}": v.version for (kind, name), v in self._verdicts.items() if isinstance(v, Statement)}
        return {**self._pins, **seen}

    def _vouched(self, kind: str, subject: str) -> Statement:
        found = self._standing((kind, subject))
        if found is None:
            raise NotVouched(self.reason(kind, subject) or Reason.UNKNOWN)
        return found

    def _standing(self, subject: Subject) -> Statement | None:
        verdict = self._verdicts.get(subject)
        return verdict if isinstance(verdict, Statement) and verdict.status == ACTIVE else None

    def _judge(self, subject: Subject) -> Statement | None:
        """Judge a subject, unless that is done, and return its statement if it stands."""
        if subject not in self._verdicts:
            # Found again on the way up the chain, this is whoever vouches for himself: nobody does.
            self._verdicts[subject] = Reason.ISSUER
            self._verdicts[subject] = self._judge_newest(subject)
        return self._standing(subject)

    def _judge_newest(self, subject: Subject) -> Statement | Reason:
        newest = self._newest(subject)
        if not newest:
            return Reason.UNKNOWN
        if newest[0].statement.version < self._pins.get("/".join(subject), 0):
            return Reason.OLDER
        return self._judge_claim(newest[0]) if len(newest) == 1 else Reason.DOUBLE

    def _newest(self, subject: Subject) -> list[Claim]:
        """Return what is said of a subject in its newest version: more than one body where somebody cheats."""
        claims = self._claims.get(subject, [])
        version = max((claim.statement.version for claim in claims), default=0)
        return [claim for claim in claims if claim.statement.version == version]

    def _judge_claim(self, claim: Claim) -> Statement | Reason:
        if claim.desk is not None and self._judge(("desk", claim.desk)) is None:
            return Reason.DESK
        key = self._issuer_key(claim)
        if key is None:
            return Reason.ISSUER
        return claim.statement if claim.signed_by(key) else Reason.SIGNATURE

    def _issuer_key(self, claim: Claim) -> bytes | None:
        if claim.statement.issuer == ROOT:
            return self._root
        issuer = self._judge(("officer", claim.issuer_id))
        desk = claim.desk and self._judge(("desk", claim.desk))
        if issuer and desk and may_issue_at(issuer, claim.issuing_desk(desk.parent)):
            return bytes.fromhex(str(issuer.sign))
        return None

    @cached_property
    def _ever(self) -> dict[str, frozenset[bytes]]:
        return keys_ever_held(self._root, self._claims)


def _officer(found: Statement) -> VouchedOfficer:
    sign = bytes.fromhex(str(found.sign))
    return VouchedOfficer(found.subject, str(found.desk), str(found.remit), str(found.kem), sign)


def vouched_recipient(raw: bytes, digest: str) -> Recipient:
    """Return the key ``raw`` (1,216 bytes) as a recipient; raises ``NotVouched`` when it is not the one of ``digest``.

    The server sends keys beside statements; this is where a swapped one is caught.
    """
    recipient = Recipient.from_bytes(raw)
    if recipient.digest != digest:
        raise NotVouched(Reason.KEY)
    return recipient
