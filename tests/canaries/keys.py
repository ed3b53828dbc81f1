"""Every key of an installation that the server must not keep in the clear, gathered from those who hold it."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, Row, select

from casework.models import Officer, OfficerSession
from complaints.models import Complaint
from kernel.vault import Identity, auth_token, context, derive, password_salt, stretch, unbox, unlock_key, unseal
from tests import client
from tests.canaries.planting import Aviary
from tests.demo.browsing import Browser
from tests.officer import Login, OpenedCase
from tests.server import Person, read_people

INSTANCE_LABELS = ("ledger-key", "totp", "plain", "password-salt")


def remember_installation(aviary: Aviary, secret: bytes) -> None:
    """Remember the installation's secret and what is derived of it."""
    aviary.key("instance secret", secret)
    aviary.key("instance key", *(derive(secret, f"kentongan/v1/instance/{label}") for label in INSTANCE_LABELS))


def remember_people(aviary: Aviary, engine: Engine, instance: Path, secret: bytes) -> None:
    """Remember what each person knows and carries, and the seeds that his password opens."""
    people = read_people(instance)
    with engine.connect() as connection:
        for officer in connection.execute(select(Officer.__table__)):
            _remember_person(aviary, people[officer.name], officer, secret)


def _remember_person(aviary: Aviary, person: Person, officer: Row[Any], secret: bytes) -> None:
    aviary.password(person.password)
    aviary.key("authenticator", base64.b32decode(person.totp_secret))
    password_key = stretch(person.password, password_salt(secret, person.name))
    aviary.key("password key", password_key, unlock_key(password_key), auth_token(password_key))
    if officer.seed_box is not None:
        where = context("officer-seed", object_=officer.id, recipient="password")
        seed = unbox(officer.seed_box, unlock_key(password_key), where)
        halves = (derive(seed, "kentongan/v1/officer/kem"), derive(seed, "kentongan/v1/officer/sign"))
        aviary.key("officer's seed", seed, *halves)


def remember_case(aviary: Aviary, opened: OpenedCase) -> None:
    """Remember the thread and case keys an officer has opened, and the seeds of the desks through which he did."""
    for (kind, _epoch), key in opened.keys.items():
        aviary.key(f"{kind} key", key)
    own = f"officer:{opened.login.id}"
    for copy in opened.told["deskKeys"]:
        if copy["recipient"] == own:
            aviary.key("desk's seed", _desk_seed(opened.login, copy))


def _desk_seed(login: Login, copy: client.Json) -> bytes:
    where = context("desk-key", object_=copy["desk"], epoch=copy["epoch"], recipient=copy["recipient"])
    seed = unseal(base64.b64decode(copy["sealed"]), login.identity, where)
    assert Identity.from_seed(seed)
    return seed


def remember_cookies(aviary: Aviary, browsers: list[Browser]) -> None:
    """Remember the tokens by which browsers come back, and what opens a visit."""
    for browser in browsers:
        for name, value in browser.cookies.items():
            kind = {"__Host-petugas": "login's token", "__Host-kunjungan": "visit's token"}.get(name)
            if kind and value:
                aviary.key(kind, bytes.fromhex(value))
        visit = browser.cookies.get("__Host-kunjungan")
        if visit:
            aviary.key("visit's key", derive(bytes.fromhex(visit), "kentongan/v1/visit/key"))


def remember_what_is_readable(aviary: Aviary, engine: Engine) -> None:
    """Remember what the server keeps readable on purpose, which the search must therefore find."""
    with engine.connect() as connection:
        aviary.key("lookup hash", *connection.scalars(select(Complaint.lookup_hash)))
        kept = connection.scalars(select(OfficerSession.seed_key))
        aviary.key("session key", *(key for key in kept if key))
