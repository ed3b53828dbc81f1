"""The log as it is served: byte for byte what c2sp.org/tlog-tiles says, to anybody, and only what was published."""

from __future__ import annotations

import re

from flask import Blueprint, Response, abort, render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy import func, select

from kernel.database import db
from kernel.web import current_settings, without_secrets
from ledger.checking import DIGEST as DIGEST_OF_PROGRAM
from ledger.checking import PROGRAM, answer, commands, standing_of
from ledger.known import known_log
from ledger.models import Leaf, PublicEntry, Published
from ledger.proving import newest_checkpoint
from ledger.public import Kind, public_start
from ledger.showing import content_of
from ledger.tiles import NoTile, Tile
from ledger.witnesses import WrongPolicy, policy_of

blueprint = Blueprint("log", __name__, url_prefix="/log")

# What the database can count.
LARGEST = 2**31 - 1
DIGEST = re.compile(r"[0-9a-f]{64}")
FOR_EVER = "public, max-age=31536000, immutable"
SHORTLY = "public, max-age=5"
TEXT, BYTES = "text/plain; charset=utf-8", "application/octet-stream"


@blueprint.get("/bukti")
@without_secrets
def checking() -> ResponseReturnValue:
    """Show what the log promises and what not, and how anybody checks it."""
    standing = standing_of(current_settings(), db.session)
    typed = commands(f"{request.host_url}log", standing) if standing else ()
    return render_template(
        "ledger/checking.html", standing=standing, commands=typed, answer=answer, digest=DIGEST_OF_PROGRAM
    )


@blueprint.get("/verify.py")
def program() -> ResponseReturnValue:
    """Show the program by which strangers check the log, to be read and to be run."""
    return _served(PROGRAM, TEXT, SHORTLY)


@blueprint.get("/checkpoint")
def checkpoint() -> ResponseReturnValue:
    """Show the newest checkpoint, with what witnesses have signed of it."""
    newest = newest_checkpoint(db.session)
    return _served(newest.note.encode(), TEXT, SHORTLY) if newest else abort(404)


@blueprint.get("/vkey")
def vkey() -> ResponseReturnValue:
    """Show by which key checkpoints are signed."""
    log = known_log(current_settings())
    return _served(f"{log.vkey}\n".encode(), TEXT, SHORTLY) if log else abort(404)


@blueprint.get("/policy")
def policy() -> ResponseReturnValue:
    """Show which witnesses the log has, and how many of them whoever checks it should ask for."""
    settings = current_settings()
    log = known_log(settings)
    if log is None:
        abort(404)
    try:
        written = policy_of(settings, log).text
    except WrongPolicy:
        abort(404)
    return _served(written.encode(), TEXT, SHORTLY)


@blueprint.get("/tile/<path:path>")
def tile(path: str) -> ResponseReturnValue:
    """Show a tile of a tree that was published."""
    try:
        asked = Tile.read(f"tile/{path}")
    except NoTile:
        abort(404)
    if not _was_published(asked):
        abort(404)
    try:
        content = content_of(db.session, asked)
    except KeyError:  # somebody has taken it away: whoever checks the log hears that it is gone, not that we failed
        abort(404)
    return _served(content, BYTES, FOR_EVER)


@blueprint.get("/public/<digest>")
def public(digest: str) -> ResponseReturnValue:
    """Show the body of a public entry, by its SHA-256, once the entry was published."""
    newest = select(func.max(Published.size)).scalar_subquery()
    entered = select(PublicEntry.body).join(Leaf, Leaf.entry == PublicEntry.entry).where(Leaf.idx < newest)
    body = db.session.scalar(entered.where(PublicEntry.entry.in_(_entries_of(digest))))
    return _served(body.encode(), TEXT, FOR_EVER) if body is not None else abort(404)


def _entries_of(digest: str) -> list[bytes]:
    """Return what entries there may be of a body, one of each kind; none where this is no hash."""
    return [public_start(kind) + bytes.fromhex(digest) for kind in Kind] if DIGEST.fullmatch(digest) else []


def _was_published(asked: Tile) -> bool:
    """Tell whether a tree that has this tile was: what else there is would tell when something happened."""
    sizes = asked.sizes
    if sizes.start > LARGEST:
        return False
    bounds = Published.size >= sizes.start, Published.size <= min(sizes.stop - 1, LARGEST)
    return db.session.scalar(select(Published.size).where(*bounds).limit(1)) is not None


def _served(content: bytes, kind: str, caching: str) -> Response:
    answer = Response(content, content_type=kind)
    answer.headers["Cache-Control"] = caching
    # Whoever checks the log from a page of his own may.
    answer.headers["Access-Control-Allow-Origin"] = "*"
    answer.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    return answer
