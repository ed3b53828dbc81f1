"""The alarms as an administrator sees them without a command line.

They stand above the officers' room, which knows nothing of them: its pages are only lent a word that counts them.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from casework.case_page import moment_words
from casework.sessions import ROOM, for_roles
from casework.terms import Role
from kernel import clock
from kernel.web import current_settings
from operations import watching
from operations.alarm_page import alarm_lines

# The timer looks every five minutes.
LONGEST_UNWATCHED = timedelta(minutes=15)

blueprint = Blueprint("alarms", __name__, url_prefix=ROOM)


@blueprint.app_context_processor
def about_alarms() -> dict[str, Any]:
    """Let a page say how many alarms ring."""
    return {"alarms_ringing": lambda: sum(alarm.rings for alarm in watching.alarms(current_settings()))}


@blueprint.get("/alarm")
@for_roles(Role.ADMINISTRATOR)
def alarms() -> ResponseReturnValue:
    """Look at every alarm now; say of each what it means and what to do, and when it was last looked at by itself."""
    settings = current_settings()
    lines = alarm_lines(watching.alarms(settings))
    by_itself, now = watching.last_look(settings), clock.now()
    return render_template(
        "operations/alarms.html", alarms=lines, ringing=[line for line in lines if line.rings],
        looked=moment_words(now), by_itself=moment_words(by_itself) if by_itself else None,
        is_watched=by_itself is not None and now - by_itself < LONGEST_UNWATCHED,
    )  # fmt: skip
