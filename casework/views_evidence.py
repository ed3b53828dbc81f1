"""Addresses of a case's evidence, for programs of the case's page: everything here is sealed."""

from __future__ import annotations

from flask import Blueprint, Response, jsonify, request, stream_with_context
from flask.typing import ResponseReturnValue

from casework import evidence
from casework.forms import read_mark, read_reason
from casework.sessions import ROOM, current_officer, for_roles
from casework.terms import Role
from complaints.envelopes import read_members, read_opening
from complaints.wire import posted_chunks, told_kept
from kernel.web import OCTETS

blueprint = Blueprint("evidence", __name__, url_prefix=f"{ROOM}/perkara/<number>/bukti")

READERS = (Role.LEAD, Role.INVESTIGATOR, Role.REVIEWER)


@blueprint.post("")
@for_roles(*READERS)
def begin(number: str) -> ResponseReturnValue:
    """Begin an officer's own file, or go on with it: say which of its chunks are here."""
    members = read_members(request.get_json(silent=True), {"file", "epoch", "key", "progress", "size"})
    return jsonify(have=evidence.begin(number, current_officer(), read_opening(members))), 201


@blueprint.put("/<file>/<int:first>")
@for_roles(*READERS)
def keep_chunks(number: str, file: str, first: int) -> ResponseReturnValue:
    """Keep sealed chunks of an officer's own file, from one on."""
    return told_kept(evidence.keep_chunks(number, current_officer(), file, first, posted_chunks(request)))


@blueprint.post("/<file>/hapus")
@for_roles(*READERS)
def take_away(number: str, file: str) -> ResponseReturnValue:
    """Take an officer's own file away that no event has brought."""
    evidence.take_away(number, current_officer(), file)
    return jsonify({})


@blueprint.post("/<file>/buka")
@for_roles(*READERS)
def hand_out(number: str, file: str) -> ResponseReturnValue:
    """Put on record that an officer opens a file, and why; only then is he given its chunks."""
    reason = read_reason(request.get_json(silent=True))
    return jsonify(access=evidence.hand_out(number, current_officer(), file, reason).hex())


@blueprint.get("/<file>/<int:first>-<int:last>")
@for_roles(*READERS)
def read_chunks(number: str, file: str, first: int, last: int) -> ResponseReturnValue:
    """Give sealed chunks of a file that the officer has opened, from the first on as far as they can be read."""
    chunks = evidence.read_chunks(number, current_officer(), file, range(first, last + 1))
    # Passed on as they are read: nothing has them all in memory.
    return Response(stream_with_context(chunks), mimetype=OCTETS, direct_passthrough=True)


@blueprint.post("/periksa")
@for_roles(*READERS)
def check(number: str) -> ResponseReturnValue:
    """Read the next of a case's evidence again, and name what is not as it was brought."""
    check = evidence.check(number, current_officer(), read_mark(request.get_json(silent=True)))
    return jsonify(checked=check.read, part=check.part, of=len(check.brought), wrong=check.wrong, mark=check.mark)
