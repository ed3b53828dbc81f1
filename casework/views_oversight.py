"""What overseers look at beside the queue: who vouched for whom, who has opened what, how clocks are kept."""

from __future__ import annotations

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from casework import chain, oversight
from casework.access import desks_shown
from casework.oversight_page import READ_LOG, Words, branches, clock_lines, read_log, statement_lines
from casework.sessions import ROOM, current_officer, for_roles
from casework.terms import Role
from kernel.web import current_province

blueprint = Blueprint("oversight", __name__, url_prefix=ROOM)


@blueprint.get("/pernyataan")
@for_roles(Role.OVERSEER, Role.ADMINISTRATOR, Role.LEAD)
def statements() -> ResponseReturnValue:
    """Show who vouched for whom: as a picture, and the newest statement on everything as a table."""
    words = Words(oversight.officer_names(), current_province())
    every = chain.every_statement()
    return render_template(
        "casework/statements.html",
        branches=branches(chain.links(every), words),
        statements=statement_lines(every, words),
    )


@blueprint.get("/pembacaan")
@for_roles(Role.OVERSEER)
def openings() -> ResponseReturnValue:
    """Show who has opened which case and when, of one case or by one officer where asked."""
    asked = request.args
    page = oversight.openings(asked.get("perkara", "").strip(), asked.get("petugas"), READ_LOG.read(asked))
    return render_template("casework/openings.html", log=read_log(asked, page, oversight.readers()))


@blueprint.get("/tenggat")
@for_roles(Role.OVERSEER, Role.LEAD)
def clocks() -> ResponseReturnValue:
    """Show the ages and kept clocks of the desks whose cases one may know of."""
    desks = oversight.desk_clocks(desks_shown(current_officer()), current_officer().id)
    return render_template("casework/clocks.html", desks=clock_lines(desks, current_province()))
