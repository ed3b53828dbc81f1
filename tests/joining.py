"""How an officer joins, written a second time in Python: he activates, is vouched for, and makes his desk's key."""

import base64
import re
import secrets
from dataclasses import dataclass

from kernel import clock
from kernel.ceremony.root import Newcomer
from kernel.directory import statements
from kernel.directory.statements import ACTIVE, LEAD, Statement
from kernel.vault import (
    PASSWORD_WORDS, Identity, Recipient, auth_token, box, context, draw, fingerprint, officer_keys, seal, stretch, totp,
    unlock_key,
)  # fmt: skip
from tests.client import Ask, asked, base64_of
from tests.officer import Login, seeds_for

SEED_BYTES = 32
COMPARED = re.compile(
    r'data-compare="(\w+)" data-name="([^"]+)"\s+data-role="(\w+)" data-desk="([^"]+)"\s+'
    r'data-kem="([^"]+)" data-sign="([^"]+)"'
)


@dataclass(frozen=True)
class Joined:
    """Somebody who has activated his account: what he knows, carries, and reads aloud."""

    id: str
    name: str
    password: str
    totp_secret: str
    words: str

    def code(self) -> str:
        """Return the code his authenticator shows."""
        return totp.code(base64.b32decode(self.totp_secret), clock.now())


def activate(ask: Ask, token: str) -> Joined:
    """Open an invitation (hex) and do what the browser does: draw a password and a seed, post what the server keeps."""
    told = asked(ask, "/petugas/aktivasi/mulai", {"token": token})
    password, seed = draw(PASSWORD_WORDS), secrets.token_bytes(SEED_BYTES)
    password_key = stretch(password, base64.b64decode(told["salt"]))
    identity, sign = officer_keys(seed)
    where = context("officer-seed", object_=told["officer"], recipient="password")
    made: dict[str, str | None] = {
        "kem": base64_of(identity.recipient.raw),
        "sign": base64_of(sign.public),
        "seedBox": base64_of(box(seed, unlock_key(password_key), where)),
    }
    words = fingerprint(identity.recipient.raw, sign.public)
    joined = Joined(told["officer"], told["name"], password, told["totp"], words)
    keys = made if told["hasKeys"] else dict.fromkeys(made)
    posted = {"token": token, "auth": base64_of(auth_token(password_key)), "totp": joined.code()}
    asked(ask, "/petugas/aktivasi/selesai", posted | keys)
    return joined


def vouch(login: Login, page: str, newcomer: Joined, version: int = 1) -> None:
    """Have a lead compare a newcomer's words with those of the keys on the ``page`` of people, and vouch for him.

    A new lead is given every key of his desk of which the one who vouches has a copy.
    """
    found = [_compared(*told) for told in COMPARED.findall(page)]
    [shown] = [each for each in found if each.id == newcomer.id]
    assert shown.words == newcomer.words
    body = statements.sign(shown.statement(f"officer:{login.id}", version, clock.today()), login.sign)
    kem = Recipient.from_bytes(shown.kem)
    copies = seeds_for(login, shown.desk, shown.id, kem) if shown.remit == LEAD else []
    asked(login.ask, "/petugas/orang/sahkan", {"body": body, "copies": copies})


def make_desk_key(login: Login, desk: str, epoch: int = 1) -> None:
    """Have a desk's lead make its next key, where it has none that counts."""
    seed = secrets.token_bytes(SEED_BYTES)
    key = Identity.from_seed(seed).recipient
    statement = Statement(
        kind="epoch", subject=desk, version=epoch, status=ACTIVE, desk=None, parent=None, remit=None, kem=key.digest,
        sign=None, issued=clock.today(), issuer=f"officer:{login.id}",
    )  # fmt: skip
    copies = [
        {"desk": desk, "epoch": epoch, "recipient": name, "sealed": base64_of(seal(seed, recipient, where))}
        for name, recipient in _holders(login, desk).items()
        for where in [context("desk-key", object_=desk, epoch=epoch, recipient=name)]
    ]
    body = statements.sign(statement, login.sign)
    asked(login.ask, "/petugas/orang/kunci-meja", {"body": body, "kem": base64_of(key.raw), "copies": copies})


def _compared(officer_id: str, name: str, role: str, desk: str, kem: str, sign: str) -> Newcomer:
    return Newcomer(officer_id, name, desk, role, base64.b64decode(kem), base64.b64decode(sign))


def _holders(login: Login, desk: str) -> dict[str, Recipient]:
    """Return to whom a desk's key is sealed."""
    directory = login.directory
    leads = [officer for officer in directory.officers(desk) if officer.role == LEAD]
    holders = {f"officer:{lead.id}": lead.kem_digest for lead in leads} | {"recovery": directory.recovery_digest}
    parent = directory.desks()[desk].parent
    if parent in directory.open_desks():
        epoch, digest = directory.desk_key(str(parent))
        holders[f"desk:{parent}:{epoch}"] = digest
    return {name: login.recipient(digest) for name, digest in holders.items()}
