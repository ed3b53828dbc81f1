"""Whether this process lives, and whether it can serve: asked on the machine itself, the proxy shows neither."""

from __future__ import annotations

from collections.abc import Iterator

from flask import Blueprint, Response
from sqlalchemy.exc import SQLAlchemyError

from kernel.database import db
from kernel.migrating import newest_revision, revision_of
from kernel.web import current_stretcher

blueprint = Blueprint("operations", __name__)


@blueprint.get("/healthz")
def lives() -> Response:
    """Answer, and touch nothing: who restarts processes by this must not do so because the database is away."""
    return Response("lives\n", mimetype="text/plain")


@blueprint.get("/readyz")
def is_ready() -> Response:
    """Say what stands against serving, a line each, with 503; who hands out requests sends them elsewhere then."""
    against = "".join(f"{line}\n" for line in _against())
    return Response(against or "ready\n", 503 if against else 200, mimetype="text/plain")


def _against() -> Iterator[str]:
    try:
        revision = revision_of(db.session.connection())
    except SQLAlchemyError:
        yield "the database does not answer"
    else:
        if revision != newest_revision():
            yield "the database has another schema than this version"
    if current_stretcher().is_full:
        yield "as many phrases wait as may"
