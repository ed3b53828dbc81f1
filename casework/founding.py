"""The demo province: every key, the root's included, made on this server by the steps that people take in real life.

In a real installation the root comes from a ceremony, each officer's keys from his own browser, and nobody ever holds
two people's keys in one place. Nothing that Kentongan promises holds for a demo.
"""

from __future__ import annotations

import base64
import os
import secrets
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from pathlib import Path

from flask import current_app
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from casework.accounts import Activation, NewAccount, add_account, keep_activation, open_invitation
from casework.models import Officer
from casework.terms import Role
from casework.vouching import DeskKey, DeskKeyCopy, Vouching, keep_desk_key, keep_vouching, recipients_of
from kernel import clock
from kernel.ceremony.root import Newcomer, Root, drawn_secret
from kernel.database import db, transaction
from kernel.directory import statements
from kernel.directory.queries import directory_in
from kernel.directory.services import add_statement, keep_public_key
from kernel.directory.statements import ACTIVE, Statement
from kernel.province import Desk
from kernel.routing import Storey
from kernel.vault import (
    PASSWORD_WORDS, Identity, Recipient, SigningKey, auth_token, box, context, draw, officer_keys, password_salt, seal,
    stretch, totp, unlock_key,
)  # fmt: skip
from kernel.web import current_province, current_settings
from ledger.publishing import publish_stated, servers_keys

SEED_BYTES = 32
POSTS = (
    ("kepala", Role.LEAD),
    ("pemeriksa1", Role.INVESTIGATOR),
    ("pemeriksa2", Role.INVESTIGATOR),
    ("peninjau1", Role.REVIEWER),
    ("peninjau2", Role.REVIEWER),
)
# One team after the other: at the top of the tree, in the two regions, and outside the tree.
FULL_NAMES = (
    ("Retno Kusumaningrum", "Bagus Wicaksono", "Endah Purwaningsih", "Slamet Riyanto", "Laksmi Handayani"),
    ("Teguh Prasetyanto", "Wahyu Nugrahini", "Agung Setyabudi", "Sri Lestariningsih", "Joko Pranowo"),
    ("Dewi Anggraheni", "Hendro Cahyadi", "Murni Widyastuti", "Yusuf Ardiansyah", "Kartika Rahmawati"),
    ("Bambang Sulistyo", "Nur Hidayati", "Rudi Hartanto", "Ambar Setyowati", "Dimas Kurniawan"),
)
DESKLESS = (
    ("pengawas", "Ratna Puspitasari", Role.OVERSEER),
    ("administrator", "Eko Budiarto", Role.ADMINISTRATOR),
)
PEOPLE_FILE = "demo-people.tsv"
WARNING = (
    "# DEMO. These are the passwords and authenticator secrets of invented people, made on this server. Whoever"
    " reads this file can be any of them. A file like this must not exist in a real installation."
)
MARK = "This is a demo: all of its keys, the root's included, were made on this server.\n"


class NotADemo(Exception):
    """This installation has a root of its own already; founding a demo over it would make it worthless."""


@dataclass(frozen=True)
class DemoPerson:
    """Somebody of the demo: what he would know (password), carry (authenticator) and hold (keys)."""

    id: str
    account: NewAccount
    password: str = field(repr=False)
    totp_secret: bytes = field(repr=False)
    identity: Identity
    sign: SigningKey = field(repr=False)


def is_founded() -> bool:
    """Tell whether there are officers here, of a demo or not."""
    return bool(db.session.scalar(select(func.count()).select_from(Officer)))


def found_demo() -> list[DemoPerson]:
    """Found the demo province and return its people; raises ``NotADemo`` where a real root key lies.

    The files are written before the transaction ends: a founding that was killed leaves no officers and is begun
    again, a founding that was committed has its files.
    """
    instance = current_settings().instance
    if (instance / "root.pub").exists() and not (instance / "DEMO").exists():
        raise NotADemo
    root = Root.from_secret(drawn_secret())
    _write(instance / "DEMO", MARK)
    _write(instance / "root.pub", f"{root.sign.public.hex()}\n")
    _adopt(root.sign.public)
    with transaction() as session:
        people = _found(session, root)
        _write(instance / PEOPLE_FILE, people_table(people))
    # Nobody seals to a key that is not published. Where this was killed before it, the worker's first turn does it.
    publish_stated()
    return people


def people_table(people: Iterable[DemoPerson]) -> str:
    """Write the people as tab-separated lines: name, role, desk, password, authenticator secret in base32."""
    lines = [WARNING, "# name\trole\tdesk\tpassword\ttotp_secret"]
    for person in people:
        account = person.account
        secret = base64.b32encode(person.totp_secret).decode("ascii")
        lines.append("\t".join((account.name, account.role, account.desk_id or "-", person.password, secret)))
    return "".join(f"{line}\n" for line in lines)


def _found(session: Session, root: Root) -> list[DemoPerson]:
    _state_tree(session, root)
    everyone = [_activate(session, account) for account in _accounts()]
    people = {(person.account.desk_id, person.account.role): person for person in everyone}
    desk_keys: dict[str, Recipient] = {"recovery": root.recovery.recipient}
    for desk in _staffed():
        lead = people[desk.id, Role.LEAD]
        _vouch(session, root, people[desk.parent, Role.LEAD] if desk.parent else None, lead)
        desk_keys |= _make_desk_key(session, root, lead, desk_keys)
        for person in everyone:
            if person.account.desk_id == desk.id and person is not lead:
                _vouch(session, root, lead, person)
    return everyone


def _state_tree(session: Session, root: Root) -> None:
    """Let the root name every desk and the recovery key."""
    for body in root.first_statements(current_province().desks.values(), clock.today()):
        add_statement(session, root.sign.public, body)
    keep_public_key(session, root.recovery.recipient)
    _state_log(session, root)


def _state_log(session: Session, root: Root) -> None:
    """Let the root name the keys by which this server's log signs, and by which a place in it is promised."""
    for kind, public in servers_keys().items():
        add_statement(session, root.sign.public, root.name_key(kind, public, 1, clock.today()))


def _staffed() -> list[Desk]:
    """Return the desks with people, a desk after the one above it, whose lead vouches for its own."""
    province = current_province()
    outside = province.desks_of(Storey.OUTSIDE)[:1]
    return [province.desks[desk] for desk in (province.province_desk, *province.demo_desks, *outside)]


def _accounts() -> list[NewAccount]:
    at_desks = [
        NewAccount(f"{post}.{desk.id}", full_name, role, desk.id)
        for desk, team in zip(_staffed(), FULL_NAMES)
        for (post, role), full_name in zip(POSTS, team, strict=True)
    ]
    return at_desks + [NewAccount(name, full_name, role, None) for name, full_name, role in DESKLESS]


def _activate(session: Session, account: NewAccount) -> DemoPerson:
    """Do what an administrator and the invited officer's browser do."""
    invitation = add_account(session, account)
    officer, totp_secret = open_invitation(session, invitation.token)
    password, seed = draw(PASSWORD_WORDS), secrets.token_bytes(SEED_BYTES)
    password_key = stretch(password, password_salt(current_settings().secret, account.name))
    identity, sign = officer_keys(seed)
    has_keys = account.desk_id is not None
    where = context("officer-seed", object_=officer.id, recipient="password")
    activation = Activation(
        token=invitation.token,
        auth=auth_token(password_key),
        code=totp.code(totp_secret, clock.now()),
        kem=identity.recipient.raw if has_keys else None,
        sign=sign.public if has_keys else None,
        seed_box=box(seed, unlock_key(password_key), where) if has_keys else None,
    )
    keep_activation(session, activation)
    # Nobody has seen this code, and whoever logs in at once needs it.
    officer.totp_step = 0
    return DemoPerson(officer.id, account, password, totp_secret, identity, sign)


def _vouch(session: Session, root: Root, issuer: DemoPerson | None, person: DemoPerson) -> None:
    """Do what a lead's browser does after comparing fingerprints; without ``issuer`` the custodians of the root."""
    account = person.account
    newcomer = Newcomer(
        person.id, account.full_name, str(account.desk_id), account.role, person.identity.recipient.raw,
        person.sign.public,
    )  # fmt: skip
    body = root.vouch(newcomer, 1, clock.today())
    if issuer:
        body = statements.sign(newcomer.statement(f"officer:{issuer.id}", 1, clock.today()), issuer.sign)
    keep_vouching(session, root.sign.public, issuer.id if issuer else "", Vouching(body))


def _make_desk_key(
    session: Session, root: Root, lead: DemoPerson, known: dict[str, Recipient]
) -> dict[str, Recipient]:
    """Do what the browser of a desk's first lead does; return the new key by the name under which others seal to it."""
    desk, seed = str(lead.account.desk_id), secrets.token_bytes(SEED_BYTES)
    key = Identity.from_seed(seed).recipient
    statement = Statement(
        kind="epoch", subject=desk, version=1, status=ACTIVE, desk=None, parent=None, remit=None, kem=key.digest,
        sign=None, issued=clock.today(), issuer=f"officer:{lead.id}",
    )  # fmt: skip
    recipients = known | {f"officer:{lead.id}": lead.identity.recipient}
    copies = [_copy(desk, seed, name, recipients[name]) for name in recipients_of(directory_in(session), desk)]
    desk_key = DeskKey(statements.sign(statement, lead.sign), key.raw, copies)
    keep_desk_key(session, root.sign.public, lead.id, desk_key)
    return {f"desk:{desk}:1": key}


def _copy(desk: str, seed: bytes, name: str, recipient: Recipient) -> DeskKeyCopy:
    where = context("desk-key", object_=desk, epoch=1, recipient=name)
    return DeskKeyCopy(desk, 1, name, seal(seed, recipient, where))


def _adopt(root_public: bytes) -> None:
    """Let this process know the root key that later ones read when they start."""
    settings = replace(current_settings(), root_key=root_public, demo=True)
    current_app.extensions["kentongan.settings"] = settings


def _write(path: Path, text: str) -> None:
    """Put a file in place whole, readable by its owner alone."""
    draft = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    os.replace(draft, path)
