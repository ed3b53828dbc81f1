"""A desk's next key: its page, and the batches of copies that a lead's browser seals anew."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from casework import rotation, sessions, wire
from casework.case_page import moment_words
from casework.sessions import current_officer, for_roles
from casework.terms import Role
from kernel import clock
from kernel.web import current_province

blueprint = Blueprint("rotation", __name__, url_prefix=sessions.ROOM)


@blueprint.app_context_processor
def about_desk_keys() -> dict[str, Any]:
    """Let every page of a lead's say that his desk needs a new key, or has not finished with the one before."""
    return {"desk_needs_key": rotation.is_key_due, "desk_is_unfinished": rotation.is_unfinished}


@blueprint.get("/meja/kunci")
@for_roles(Role.LEAD)
def desk_key() -> ResponseReturnValue:
    """Show a lead how his desk's key stands, and let him make the next one."""
    desk = str(current_officer().desk_id)
    standing = rotation.standing(current_officer())
    return render_template(
        "casework/desk_key.html", standing=standing, desk=desk, name=current_province().desks[desk].name,
        until=moment_words(standing.until) if standing.until else None,
        is_over=standing.until is not None and standing.until <= clock.now(), today=clock.today(),
    )  # fmt: skip


@blueprint.post("/meja/kunci/salinan")
@for_roles(Role.LEAD)
def take() -> ResponseReturnValue:
    """Hand a lead the next copies to seal anew; that he reads their cases is on record by then."""
    return {"copies": [wire.written_sealed(copy) for copy in rotation.take_batch(current_officer())]}


@blueprint.post("/meja/kunci/salinan-baru")
@for_roles(Role.LEAD)
def keep() -> ResponseReturnValue:
    """Keep what a lead's browser has sealed anew."""
    progress = rotation.keep_batch(current_officer(), wire.read_resealed(request.get_json(silent=True)))
    return {"total": progress.total, "done": progress.done}
