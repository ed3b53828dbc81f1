"""The officers' pages: the queue and the case. What is sealed is handed out once the reading is on record."""

from __future__ import annotations

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from casework import opening, queries, services
from casework.access import desks_shown
from casework.case_page import answers, doer, reading_lines, sheet_of, words_of
from casework.forms import read_filter, read_named, read_posted_act
from casework.logins import CurrentOfficer
from casework.queue_page import QUEUE, board_of
from casework.services import StaleVersion
from casework.sessions import ROOM, current_officer, for_roles
from casework.terms import Role
from casework.wording import deed
from complaints.envelopes import LARGEST_ACT
from kernel.i18n import long_date
from kernel.web import current_province, with_frame

blueprint = Blueprint("casework", __name__, url_prefix=ROOM)

READERS = (Role.LEAD, Role.INVESTIGATOR, Role.REVIEWER)
WATCHERS = (*READERS, Role.OVERSEER)


@blueprint.get("/")
@for_roles(*WATCHERS)
def queue() -> ResponseReturnValue:
    """Show the cases an officer may know of, what is due first on top."""
    officer = current_officer()
    desks = desks_shown(officer)
    chosen = read_filter(request.args, desks)
    page = queries.queue(officer, chosen, QUEUE.read(request.args))
    reminders = queries.reminders(officer)
    board = board_of(_role(officer), desks, current_province(), request.args, chosen, page, reminders)
    return render_template("casework/queue.html", board=board)


@blueprint.get("/perkara/<number>")
@for_roles(*WATCHERS)
@with_frame
def case(number: str) -> ResponseReturnValue:
    """Show one case: what is in the clear, what may be done, and where what is sealed is opened."""
    officer, province = current_officer(), current_province()
    page = queries.case_page(number, officer)
    sheet = sheet_of(page, _role(officer), province)
    readings = reading_lines(queries.readings(number, officer), page)
    return render_template(
        "casework/case.html",
        sheet=sheet,
        words=words_of(page, province),
        answers=answers(province),
        readings=readings if sheet.sees_readings else [],
        openings=[reading for reading in readings if reading.file] if sheet.may_open else [],
    )


@blueprint.post("/perkara/<number>/buka")
@for_roles(*READERS)
def open_case(number: str) -> ResponseReturnValue:
    """Put the reading on record, then hand out the seals and boxes."""
    return opening.open_case(number, current_officer())


@blueprint.get("/perkara/<number>/keadaan")
@for_roles(*READERS)
def situation(number: str) -> ResponseReturnValue:
    """Say where a case stands; for a named act also what it must be sealed to."""
    action, assignee = read_named(request.args)
    return opening.situation(number, current_officer(), action, assignee)


@blueprint.post("/perkara/<number>/tindakan")
@for_roles(*READERS)
def act(number: str) -> ResponseReturnValue:
    """Carry a case on by one signed act; whoever comes second is told what happened before him."""
    request.max_content_length = LARGEST_ACT
    officer, posted = current_officer(), read_posted_act(request.get_json(silent=True))
    try:
        fired = services.fire(number, officer, posted)
    except StaleVersion as stale:
        return {"error": stale.sentence, "changes": _changes(number, officer, stale.seen)}, stale.status
    return {"version": fired.version, "state": fired.state}


def _changes(number: str, officer: CurrentOfficer, seen: int) -> list[dict[str, str]]:
    return [
        {"what": deed(line.action, line.from_state), "who": str(doer(line)), "day": long_date(line.day)}
        for line in queries.lines_since(number, officer, seen)
    ]


def _role(officer: CurrentOfficer) -> Role:
    """Return an officer's role, without which nobody comes this far."""
    if officer.role is None:
        raise LookupError(officer.id)
    return officer.role
