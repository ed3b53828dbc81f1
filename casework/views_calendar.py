"""Which days are worked: what an administrator notes of the decrees that came after the library of holidays."""

from __future__ import annotations

from datetime import date

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from casework.calendar_forms import DecreeForm
from casework.oversight import officer_names
from casework.sessions import ROOM, current_officer, for_roles
from casework.terms import Role
from kernel import decrees
from kernel.database import db
from kernel.i18n import gettext as _
from kernel.refusal import Missing

blueprint = Blueprint("calendar", __name__, url_prefix=ROOM)


@blueprint.get("/libur")
@for_roles(Role.ADMINISTRATOR)
def days() -> ResponseReturnValue:
    """Show what was decreed, and the form for more."""
    return _page(DecreeForm())


@blueprint.post("/libur")
@for_roles(Role.ADMINISTRATOR)
def decree() -> ResponseReturnValue:
    """Note what was decreed about a day."""
    form = DecreeForm(request.form)
    if not form.validate():
        return _page(form), 422
    decrees.decree(form.decreed_day(), form.decreed_name(), current_officer().id)
    return redirect(url_for("calendar.days"), 303)


@blueprint.post("/libur/<day>/hapus")
@for_roles(Role.ADMINISTRATOR)
def take_back(day: str) -> ResponseReturnValue:
    """Forget what was noted about a day."""
    try:
        decrees.take_back(date.fromisoformat(day))
    except ValueError:
        raise Missing(_("Tanggal ini tidak ada.")) from None
    return redirect(url_for("calendar.days"), 303)


def _page(form: DecreeForm) -> str:
    return render_template(
        "casework/calendar.html", form=form, decrees=decrees.decrees(db.session), names=officer_names()
    )
