"""Which days are worked: what an administrator notes of the decrees that came after the library of holidays.

An overseer reads the same page, and who noted what.
"""

from __future__ import annotations

from datetime import date

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from casework.calendar_forms import DecreeForm
from casework.calendar_page import NOTES, note_lines
from casework.oversight import officer_names
from casework.sessions import ROOM, current_officer, for_roles
from casework.terms import Role
from kernel import decrees
from kernel.database import Collision, db
from kernel.i18n import gettext as _
from kernel.refusal import Missing

blueprint = Blueprint("calendar", __name__, url_prefix=ROOM)


@blueprint.get("/libur")
@for_roles(Role.ADMINISTRATOR, Role.OVERSEER)
def days() -> ResponseReturnValue:
    """Show what was decreed, who noted and removed it, and to an administrator the form for more."""
    return _page(DecreeForm())


@blueprint.post("/libur")
@for_roles(Role.ADMINISTRATOR)
def decree() -> ResponseReturnValue:
    """Note what was decreed about a day."""
    form = DecreeForm(request.form)
    if not form.validate():
        return _page(form), 422
    try:
        decrees.decree(form.decreed_day(), form.decreed_name(), current_officer().id)
    except Collision as collision:  # another administrator notes the same day at this moment
        form.day.errors = [collision.sentence]
        return _page(form), collision.status
    return redirect(url_for("calendar.days"), 303)


@blueprint.post("/libur/<day>/hapus")
@for_roles(Role.ADMINISTRATOR)
def take_back(day: str) -> ResponseReturnValue:
    """Note that what was decreed about a day holds no more."""
    try:
        decrees.take_back(date.fromisoformat(day), current_officer().id)
    except ValueError:
        raise Missing(_("Tanggal ini tidak ada.")) from None
    return redirect(url_for("calendar.days"), 303)


def _page(form: DecreeForm) -> str:
    names, after = officer_names(), NOTES.read(request.args)
    notes, next_after = decrees.history(after)
    return render_template(
        "casework/calendar.html", form=form, decrees=decrees.decrees(db.session), names=names,
        notes=note_lines(notes, names), first=url_for("calendar.days") if after else None,
        next=url_for("calendar.days", setelah=NOTES.write(next_after)) if next_after else None,
    )  # fmt: skip
