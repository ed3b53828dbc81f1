"""The viewing frame: where an officer's browser shows a file that it has opened, walled off from all else."""

from __future__ import annotations

from flask import Blueprint, make_response, render_template, request
from flask.typing import ResponseReturnValue

from casework.sessions import ROOM, for_roles
from casework.views import READERS

blueprint = Blueprint("viewing", __name__, url_prefix=ROOM)

# The sandbox gives the frame an origin that is nobody's: no cookie, no storage, no way into the page around it. What
# default-src does not reach is named besides. ADR 0023 tells what each word is for.
POLICY = "; ".join((
    "sandbox allow-scripts", "default-src 'none'", "script-src 'self'", "style-src 'self'", "img-src blob:",
    "media-src blob:", "form-action 'none'", "base-uri 'none'", "frame-ancestors 'self'",
    "require-trusted-types-for 'script'", "trusted-types 'none'",
))  # fmt: skip


@blueprint.get("/pratinjau")
@for_roles(*READERS)
def viewing() -> ResponseReturnValue:
    """Show the empty frame; ``?dokumen`` adds the library that draws PDF, which nothing else needs."""
    answer = make_response(render_template("casework/viewing.html", paper="dokumen" in request.args))
    answer.headers["Content-Security-Policy"] = POLICY
    answer.headers["X-Frame-Options"] = "SAMEORIGIN"
    answer.headers["Referrer-Policy"] = "no-referrer"
    answer.headers["X-DNS-Prefetch-Control"] = "off"
    return answer
