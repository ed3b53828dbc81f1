"""Whom an administrator invites, and for whose keys a lead vouches."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from casework import accounts as services
from casework import announcing, handing, revoking, sessions, vouching, wire
from casework.account_forms import ROLE_LABELS, AccountForm
from casework.accounts import Invitation, NameTaken
from casework.case_page import place_words
from casework.logins import given_up
from casework.oversight import officer_names
from casework.sessions import current_officer, for_roles
from casework.terms import Role
from kernel import clock
from kernel.database import db
from kernel.directory.queries import statement_bodies
from kernel.i18n import gettext as _
from kernel.refusal import Refused
from kernel.web import current_province, without_secrets

blueprint = Blueprint("people", __name__, url_prefix=sessions.ROOM)


@blueprint.app_context_processor
def about_leaks() -> dict[str, Any]:
    """Let every page of a lead's say that somebody's keys have leaked, and are his to revoke."""
    return {"leaked_keys": vouching.leaked}


@blueprint.get("/akun")
@for_roles(Role.ADMINISTRATOR)
def accounts() -> ResponseReturnValue:
    """Show every account, and the form for a new one."""
    return _accounts_page(AccountForm(province=current_province()))


@blueprint.post("/akun")
@for_roles(Role.ADMINISTRATOR)
def invite() -> ResponseReturnValue:
    """Make an account; the answer shows its invitation, once."""
    form = AccountForm(request.form, province=current_province())
    if not form.validate():
        return _accounts_page(form), 422
    try:
        invitation = services.invite(form.account())
    except NameTaken as taken:
        form.name.errors = [taken.sentence]
        return _accounts_page(form), taken.status
    return _accounts_page(AccountForm(province=current_province()), invitation), 201


@blueprint.post("/akun/<officer_id>/undang")
@for_roles(Role.ADMINISTRATOR)
def invite_again(officer_id: str) -> ResponseReturnValue:
    """Invite somebody anew: the invitation was lost, the keys were somebody else's, the password is lost or leaked."""
    form = AccountForm(province=current_province())
    try:
        return _accounts_page(form, services.invite_again(officer_id, current_officer().id)), 201
    except Refused as refused:
        return _accounts_page(form, problem=refused.sentence, about=officer_id), refused.status


@blueprint.post("/akun/<officer_id>/tutup")
@for_roles(Role.ADMINISTRATOR)
def leave(officer_id: str) -> ResponseReturnValue:
    """Close the account of somebody who has left, where the administrator says that he is sure."""
    try:
        if "sure" not in request.form:
            raise Refused(_("Akun belum ditutup: centang dulu bahwa orang ini berhenti atau pindah."))
        services.leave(officer_id, current_officer().id)
    except Refused as refused:
        form = AccountForm(province=current_province())
        return _accounts_page(form, problem=refused.sentence, about=officer_id), refused.status
    return redirect(url_for("people.accounts"), 303)


def _accounts_page(
    form: AccountForm, invitation: Invitation | None = None, *, problem: str = "", about: str = ""
) -> str:
    """Show the accounts; ``problem`` says what could not be done with the account that it is ``about``."""
    link = None
    if invitation:
        link = f"{url_for('accounts.activation', _external=True)}#{invitation.token.hex()}"
    officers = services.every_account()
    return render_template(
        "casework/accounts.html", form=form, officers=officers, invitation=invitation, link=link, roles=ROLE_LABELS,
        desks=current_province().desks, uninvited={each.id for each in officers if services.is_uninvited(each)},
        leaked=given_up(db.session), awaiting=vouching.awaiting(officers), problem=problem, about=about,
    )  # fmt: skip


@blueprint.get("/orang")
@for_roles(Role.LEAD)
def people() -> ResponseReturnValue:
    """Show a lead his desk's people and the leads of the desks below, with whom he may compare fingerprints."""
    desk = str(current_officer().desk_id)
    found = vouching.people(desk)
    return render_template(
        "casework/people.html", people=found, roles=ROLE_LABELS, desks=current_province().desks,
        desk=desk, has_key=vouching.has_key(desk), today=clock.today(), waiting=handing.who_waits(desk),
        leaked=vouching.leaked(desk),
        uninvited={each.officer.id for each in found if services.is_uninvited(each.officer)},
    )  # fmt: skip


@blueprint.post("/orang/sahkan")
@for_roles(Role.LEAD)
def vouch() -> ResponseReturnValue:
    """Keep the statement a lead has signed in his browser."""
    vouching.vouch(current_officer().id, wire.read_vouching(request.get_json(silent=True)))
    return {}, 201


@blueprint.post("/orang/cabut")
@for_roles(Role.LEAD)
def revoke() -> ResponseReturnValue:
    """Keep the statement by which a lead revokes an officer's keys."""
    revoking.revoke(current_officer().id, wire.read_statement(request.get_json(silent=True)))
    return {}, 201


@blueprint.post("/orang/kunci-perkara")
@for_roles(Role.LEAD)
def take_case_keys() -> ResponseReturnValue:
    """Hand a lead the next keys that an officer is to get again; that he reads their cases is on record by then."""
    officer_id = wire.read_officer(request.get_json(silent=True))
    taken = handing.take(current_officer(), officer_id)
    return {"copies": [wire.written_sealed(copy) for copy in taken.copies], "cases": taken.cases}


@blueprint.post("/orang/kunci-perkara/baru")
@for_roles(Role.LEAD)
def hand_case_keys() -> ResponseReturnValue:
    """Keep what a lead's browser has sealed to an officer anew."""
    return {"kept": handing.keep(current_officer(), wire.read_resealed(request.get_json(silent=True)))}


@blueprint.get("/orang/kunci")
@for_roles(Role.LEAD)
@without_secrets
def keys_to_know() -> ResponseReturnValue:
    """Tell a lead's browser of which keys he should have been told, for it to ask about those it does not know."""
    stated, province = announcing.keys_to_know(str(current_officer().desk_id)), current_province()
    return {
        "statements": [{"body": each.body, "place": place_words(each.place)} for each in stated],
        "names": officer_names(),
        "desks": {desk.id: desk.name for desk in province.desks.values()},
        "roles": {role.value: str(label) for role, label in ROLE_LABELS.items()},
    }


@blueprint.get("/orang/kunci-meja")
@for_roles(Role.LEAD)
def desk_keys() -> ResponseReturnValue:
    """Hand a lead the sealed desk keys that he can open."""
    officer = current_officer()
    copies = vouching.desk_key_copies(officer.id, str(officer.desk_id))
    return {"copies": [wire.written_copy(copy) for copy in copies]}


@blueprint.post("/orang/kunci-meja")
@for_roles(Role.LEAD)
def found_desk_key() -> ResponseReturnValue:
    """Keep the key that a lead has made for his desk."""
    vouching.found_desk_key(current_officer().id, wire.read_desk_key(request.get_json(silent=True)))
    return {}, 201


@blueprint.get("/direktori")
@for_roles(Role.LEAD, Role.INVESTIGATOR, Role.REVIEWER)
@without_secrets
def directory() -> ResponseReturnValue:
    """Hand out every statement and public key; the browser judges them for itself."""
    kems = {digest: wire.base64_of(raw) for digest, raw in vouching.public_keys().items()}
    return {"root": vouching.current_root_key().hex(), "statements": statement_bodies(), "kems": kems}
