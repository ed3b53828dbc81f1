"""Whom an administrator invites, and for whose keys a lead vouches."""

from __future__ import annotations

from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue

from casework import accounts as services
from casework import sessions, vouching, wire
from casework.account_forms import ROLE_LABELS, AccountForm
from casework.accounts import Invitation, NameTaken
from casework.sessions import current_officer, for_roles
from casework.terms import Role
from kernel import clock
from kernel.directory.queries import statement_bodies
from kernel.web import current_province, without_secrets

blueprint = Blueprint("people", __name__, url_prefix=sessions.ROOM)


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
    """Replace an invitation that was lost, or whose keys turned out to be somebody else's."""
    invitation = services.invite_again(officer_id)
    return _accounts_page(AccountForm(province=current_province()), invitation), 201


def _accounts_page(form: AccountForm, invitation: Invitation | None = None) -> str:
    link = None
    if invitation:
        link = f"{url_for('accounts.activation', _external=True)}#{invitation.token.hex()}"
    return render_template(
        "casework/accounts.html", form=form, officers=services.every_account(), invitation=invitation, link=link,
        roles=ROLE_LABELS, desks=current_province().desks,
    )  # fmt: skip


@blueprint.get("/orang")
@for_roles(Role.LEAD)
def people() -> ResponseReturnValue:
    """Show a lead his desk's people and the leads of the desks below, with whom he may compare fingerprints."""
    officer = current_officer()
    desk = str(officer.desk_id)
    return render_template(
        "casework/people.html", people=vouching.people(desk), roles=ROLE_LABELS, desks=current_province().desks,
        desk=desk, has_key=vouching.has_key(desk), today=clock.today(),
    )  # fmt: skip


@blueprint.post("/orang/sahkan")
@for_roles(Role.LEAD)
def vouch() -> ResponseReturnValue:
    """Keep the statement a lead has signed in his browser."""
    vouching.vouch(current_officer().id, wire.read_vouching(request.get_json(silent=True)))
    return {}, 201


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
