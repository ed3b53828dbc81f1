"""Logging in and out, locking, and how an invited officer makes his keys."""

from __future__ import annotations

import base64
from typing import Any

from flask import Blueprint, Response, jsonify, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from casework import accounts, logins, sessions, throttle, wire
from casework.account_forms import ROLE_LABELS, GiveUpForm
from casework.accounts import LoggedIn
from casework.logins import KEYLESS
from casework.models import Officer
from casework.sessions import current_officer, for_every_login, for_key_holders, for_strangers
from casework.terms import Role
from casework.wire import base64_of, optional_base64
from kernel.vault import password_salt, totp
from kernel.web import current_province, current_settings, without_secrets

blueprint = Blueprint("accounts", __name__, url_prefix=sessions.ROOM)

# By this cookie a browser that has activated an account or logged in before is known, and waits in a lane of its own.
BROWSER_COOKIE = "__Host-peramban"
BROWSER_KNOWN_FOR = 180 * 24 * 3600


@blueprint.errorhandler(throttle.TooSoon)
def wait_first(too_soon: throttle.TooSoon) -> ResponseReturnValue:
    """Answer an attempt before its time with the time to wait, in seconds."""
    answer = {"error": too_soon.sentence, "wait": too_soon.seconds}
    return jsonify(answer), too_soon.status, {"Retry-After": str(too_soon.seconds)}


@blueprint.get("/masuk")
@for_strangers
@without_secrets
def login() -> ResponseReturnValue:
    """Show the form to log in; ``ke`` is where to go afterwards, if it is one of the room's pages."""
    wanted = request.args.get("ke", "")
    return render_template("casework/login.html", next=wanted if _is_ours(wanted) else "")


@blueprint.post("/masuk/garam")
@for_strangers
def salt() -> ResponseReturnValue:
    """Hand out an account's salt, there or not."""
    name = wire.read_salt_question(request.get_json(silent=True))
    return {"salt": base64_of(password_salt(current_settings().secret, name))}


@blueprint.post("/masuk")
@for_strangers
def enter() -> ResponseReturnValue:
    """Log in: the seed's box is handed out only after password and code."""
    attempt = wire.read_attempt(request.get_json(silent=True), request.cookies.get(BROWSER_COOKIE))
    logged_in = accounts.log_in(attempt)
    if current_user.is_authenticated:
        # The cookie is replaced: nobody could end the login before by it any more.
        logins.end(current_officer().token)
    response = make_response(_opened(logged_in))
    sessions.give_cookie(response, logged_in.begun.token)
    _know(response, attempt.name)
    return response


def _know(response: Response, name: str) -> None:
    """Have the browser of whoever owns this account known: no flood of strangers' attempts stands in its way."""
    response.set_cookie(
        BROWSER_COOKIE, throttle.known_browser(name), max_age=BROWSER_KNOWN_FOR,
        secure=True, httponly=True, samesite="Strict", path="/",
    )  # fmt: skip


def _opened(logged_in: LoggedIn) -> dict[str, Any]:
    return {
        "seedBox": optional_base64(logged_in.seed_box),
        "sessionKey": base64_of(logged_in.begun.seed_key),
        "officer": logged_in.officer_id,
        "home": url_for(home_of(logged_in.role)),
    }


def home_of(role: Role | None) -> str:
    """Return the endpoint where a role's work begins."""
    return "people.accounts" if role is Role.ADMINISTRATOR else "casework.queue"


@blueprint.post("/kunci")
@for_every_login
def seed_key() -> ResponseReturnValue:
    """Hand the key of the seed in the browser's storage to the login it belongs to, unless that is locked."""
    officer = current_officer()
    if officer.seed_key is None:
        raise sessions.Locked
    return {"sessionKey": base64_of(officer.seed_key), "officer": officer.id}


@blueprint.post("/kunci/buka")
@for_every_login
def unlock() -> ResponseReturnValue:
    """Unlock this login by its password."""
    officer = current_officer()
    unlocked = accounts.unlock(officer.id, officer.token, wire.read_password(request.get_json(silent=True)))
    return {
        "seedBox": optional_base64(unlocked.seed_box),
        "sessionKey": base64_of(unlocked.seed_key),
        "officer": officer.id,
    }


@blueprint.post("/saya/kata-sandi")
@for_every_login
def new_password() -> ResponseReturnValue:
    """Put a new password in the place of the old one; other browsers have to log in again."""
    officer = current_officer()
    accounts.change_password(officer.id, officer.token, wire.read_new_password(request.get_json(silent=True)))
    return {}, 201


@blueprint.post("/saya/bocor")
@for_key_holders
def give_up() -> ResponseReturnValue:
    """End an officer's own keys where he says that they have leaked, and tell him whom to call."""
    form = GiveUpForm(request.form)
    if not form.validate():
        return _own_page(form), 422
    accounts.give_up(current_officer().id)
    response = make_response(render_template("casework/give_up.html"))
    sessions.take_cookie(response)
    return response


@blueprint.post("/kunci/tutup")
@for_every_login
def lock() -> ResponseReturnValue:
    """Lock this login."""
    officer = current_officer()
    logins.lock(officer.token)
    return _done(home_of(officer.role))


@blueprint.post("/keluar")
@for_every_login
def logout() -> ResponseReturnValue:
    """End this login."""
    logins.end(current_officer().token)
    return _out()


@blueprint.post("/keluar-semua")
@for_every_login
def logout_everywhere() -> ResponseReturnValue:
    """End every login of this officer."""
    logins.end_all(current_officer().id)
    return _out()


def _out() -> Response:
    response = make_response(_done("accounts.login"))
    sessions.take_cookie(response)
    return response


def _done(endpoint: str) -> ResponseReturnValue:
    """Answer a script with nothing but yes, and a form with the next page."""
    return {} if request.is_json else redirect(url_for(endpoint), 303)


@blueprint.get("/saya")
@for_every_login
def me() -> ResponseReturnValue:
    """Show an officer his account: his desk, whether his keys count, his six words, and how to log out everywhere."""
    return _own_page(GiveUpForm())


def _own_page(form: GiveUpForm) -> str:
    officer = current_officer()
    desk = current_province().desks.get(officer.desk_id or "")
    role = ROLE_LABELS[officer.role] if officer.role else None
    return render_template("casework/me.html", form=form, desk=desk, role=role)


@blueprint.get("/aktivasi")
@for_strangers
@without_secrets
def activation() -> ResponseReturnValue:
    """Show the pages of activation; the invitation stands in the address's fragment, which no server sees."""
    return render_template("casework/activation.html")


@blueprint.post("/aktivasi/mulai")
@for_strangers
def begin_activation() -> ResponseReturnValue:
    """Say whose invitation this is, and hand out the authenticator's secret."""
    officer, secret = accounts.begin_activation(wire.read_invitation(request.get_json(silent=True)))
    return {
        "officer": officer.id,
        "name": officer.name,
        "fullName": officer.full_name,
        "hasKeys": officer.role not in KEYLESS,
        "salt": base64_of(password_salt(current_settings().secret, officer.name)),
        "totp": base64.b32encode(secret).decode("ascii"),
        "picture": _picture(officer, secret),
    }


@blueprint.post("/aktivasi/selesai")
@for_strangers
def activate() -> ResponseReturnValue:
    """Keep what the browser has made."""
    response = make_response({}, 201)
    _know(response, accounts.activate(wire.read_activation(request.get_json(silent=True))))
    return response


def _picture(officer: Officer, secret: bytes) -> list[str]:
    """Return the squares of the picture that an authenticator reads: a line of 0 and 1 for each row."""
    # Only here: nothing else of a web process needs it.
    import segno

    code = segno.make(totp.uri(secret, officer.name), error="l", micro=False, boost_error=False)
    return ["".join(str(square) for square in row) for row in code.matrix]


def _is_ours(address: str) -> bool:
    """Tell whether an address stays in the room: neither another host's nor one that a browser reads as such."""
    return address.startswith(f"{sessions.ROOM}/") and "\\" not in address and "//" not in address
