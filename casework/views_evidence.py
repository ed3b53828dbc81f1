"""Addresses of a case's evidence, for programs of the case's page: everything here is sealed."""

from __future__ import annotations

from flask import Blueprint, Response, jsonify, request
from flask.typing import ResponseReturnValue

from casework import evidence
from casework.forms import read_mark
from casework.sessions import ROOM, current_officer, for_roles
from casework.terms import Role
from complaints.envelopes import read_members, read_opening
from complaints.wire import posted_chunk
from kernel.web import OCTETS

blueprint = Blueprint("evidence", __name__, url_prefix=f"{ROOM}/perkara/<number>/bukti")

READERS = (Role.LEAD, Role.INVESTIGATOR, Role.REVIEWER)


@blueprint.post("")
@for_roles(*READERS)
def begin(number: str) -> ResponseReturnValue:
    """Begin an officer's own file, or go on with it: say which of its chunks are here."""
    members = read_members(request.get_json(silent=True), {"file", "epoch", "key", "progress", "size"})
    return jsonify(have=evidence.begin(number, current_officer(), read_opening(members))), 201


@blueprint.put("/<file>/<int:chunk>")
@for_roles(*READERS)
def keep_chunk(number: str, file: str, chunk: int) -> ResponseReturnValue:
    """Keep one sealed chunk of an officer's own file."""
    digest = evidence.keep_chunk(number, current_officer(), file, chunk, posted_chunk(request))
    return jsonify(digest=digest.hex()), 201


@blueprint.post("/<file>/hapus")
@for_roles(*READERS)
def take_away(number: str, file: str) -> ResponseReturnValue:
    """Take an officer's own file away that no event has brought."""
    evidence.take_away(number, current_officer(), file)
    return jsonify({})


@blueprint.post("/<file>/buka")
@for_roles(*READERS)
def hand_out(number: str, file: str) -> ResponseReturnValue:
    """Put on record that an officer opens a file; only then is he given its chunks."""
    return jsonify(access=evidence.hand_out(number, current_officer(), file).hex())


@blueprint.get("/<file>/<int:chunk>")
@for_roles(*READERS)
def read_chunk(number: str, file: str, chunk: int) -> ResponseReturnValue:
    """Give one sealed chunk of a file that the officer has opened."""
    return Response(evidence.read_chunk(number, current_officer(), file, chunk), mimetype=OCTETS)


@blueprint.post("/periksa")
@for_roles(*READERS)
def check(number: str) -> ResponseReturnValue:
    """Read the next of a case's evidence again, and name what is not as it was brought."""
    check = evidence.check(number, current_officer(), read_mark(request.get_json(silent=True)))
    return jsonify(checked=check.read, of=len(check.brought), wrong=check.wrong, mark=check.mark)
