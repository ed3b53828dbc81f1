"""Who is asking, and which doors are open to him: every address of the room is closed unless it is marked.

Flask-Login asks one function for the user, and that function looks for the row that the cookie names. Its own ways
are not used: they keep the user's id in Flask's signed cookie, which no server can revoke, and which wants a
``SECRET_KEY`` that this installation therefore does not have.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar, cast

from flask import Flask, Request, Response, current_app, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import LoginManager, current_user

from casework import logins
from casework.logins import KEYLESS, CurrentOfficer, NotLoggedIn
from casework.terms import Role
from kernel.i18n import gettext as _
from kernel.refusal import Forbidden, Refused

COOKIE = "__Host-petugas"
ROOM = "/petugas"
V = TypeVar("V", bound=Callable[..., Any])


class Locked(Refused):
    """The login is locked: its password is asked for before anything else."""

    status = 423

    def __init__(self) -> None:
        super().__init__(_("Halaman terkunci. Buka dengan kata sandi Anda."))


@dataclass(frozen=True)
class Door:
    """Who may enter an endpoint: anybody, any login even when locked, or an unlocked one with one of ``roles``.

    ``None`` among these is whoever waits for a lead's word on his keys.
    """

    strangers: bool = False
    locked: bool = False
    roles: frozenset[Role | None] = frozenset()


def for_strangers(view: V) -> V:
    """Mark a view that needs no login."""
    return _mark(view, Door(strangers=True))


def for_every_login(view: V) -> V:
    """Mark a view for whoever is logged in, locked or not vouched for, too."""
    return _mark(view, Door(locked=True))


def for_roles(*roles: Role) -> Callable[[V], V]:
    """Mark a view for unlocked logins with one of ``roles``; with none named, for every role that counts."""
    return lambda view: _mark(view, Door(roles=frozenset(roles or Role)))


def for_key_holders(view: V) -> V:
    """Mark a view for unlocked logins that have keys, also while these wait for a lead's word."""
    return _mark(view, Door(roles=frozenset({*Role, None}) - KEYLESS))


def door_of(view: Callable[..., Any]) -> Door | None:
    """Return a view's mark; ``None`` means that nobody enters."""
    return getattr(view, "door", None)


def _mark(view: V, door: Door) -> V:
    setattr(view, "door", door)
    return view


def init_sessions(app: Flask) -> None:
    """Load officers by their cookie, and guard the room."""
    manager = LoginManager()
    manager.session_protection = None
    manager.request_loader(_officer_of)
    manager.init_app(app)
    # Flask-Login would read a "remember me" cookie first. No cookie's name holds a semicolon, so none is ever found.
    app.config["REMEMBER_COOKIE_NAME"] = ";"
    app.before_request(_guard)


def current_officer() -> CurrentOfficer:
    """Return who is logged in; raises ``NotLoggedIn``."""
    if not current_user.is_authenticated:
        raise NotLoggedIn
    return cast(CurrentOfficer, current_user._get_current_object())


def give_cookie(response: Response, token: bytes) -> None:
    """Hand a login's token to the browser, for as long as its window is open."""
    response.set_cookie(COOKIE, token.hex(), secure=True, httponly=True, samesite="Strict", path="/")


def take_cookie(response: Response) -> None:
    """Have the browser forget its login."""
    response.delete_cookie(COOKIE, secure=True, httponly=True, samesite="Strict", path="/")


def _officer_of(asked: Request) -> CurrentOfficer | None:
    try:
        token = bytes.fromhex(asked.cookies.get(COOKIE, ""))
    except ValueError:
        return None
    return logins.officer_of(token) if token else None


def _guard() -> ResponseReturnValue | None:
    rule = request.url_rule
    if rule is None or not rule.rule.startswith(ROOM):
        return None
    door = door_of(current_app.view_functions[rule.endpoint])
    if door is None:
        raise Forbidden(_("Halaman ini bukan untuk Anda."))
    if door.strangers:
        return None
    if not current_user.is_authenticated:
        return _ask_to_log_in()
    return _admit(current_officer(), door)


def _admit(officer: CurrentOfficer, door: Door) -> ResponseReturnValue | None:
    if officer.unseen:
        logins.see(officer.token)
    if door.locked:
        return None
    if officer.seed_key is None:
        return _ask_to_unlock()
    if officer.role in door.roles:
        return None
    return _ask_to_wait() if officer.role is None else _turn_away()


def _ask_to_log_in() -> ResponseReturnValue:
    if not _is_visit():
        raise NotLoggedIn
    return redirect(url_for("accounts.login", ke=request.full_path.rstrip("?")), 303)


def _ask_to_unlock() -> ResponseReturnValue:
    if not _is_visit():
        raise Locked
    return render_template("casework/locked.html"), Locked.status


def _ask_to_wait() -> ResponseReturnValue:
    if not _is_visit():
        raise Forbidden(_("Kunci Anda belum dicocokkan oleh kepala meja. Sebelum itu tidak ada yang dapat dibuka."))
    return redirect(url_for("accounts.me"), 303)


def _turn_away() -> ResponseReturnValue:
    # The room's own address is on every page; whoever has no queue is led to where his work begins.
    if _is_visit() and request.path == f"{ROOM}/":
        return redirect(url_for("people.accounts"), 303)
    raise Forbidden(_("Halaman ini bukan untuk Anda."))


def _is_visit() -> bool:
    """Tell whether a person is opening a page, not a script of a page fetching something."""
    return request.method == "GET" and request.headers.get("Sec-Fetch-Mode", "navigate") == "navigate"
