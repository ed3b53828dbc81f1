"""Assisted entry: the form an officer fills in for a visitor, and where what his browser has sealed comes in."""

from __future__ import annotations

from flask import Blueprint, jsonify, render_template, request
from flask.typing import ResponseReturnValue

from casework import assisting, sessions
from casework.sessions import current_officer, for_roles
from casework.terms import Role
from complaints.api import take_the_new_directory
from complaints.envelopes import read_envelope
from complaints.forms import ComplaintForm
from complaints.services import DirectoryChanged
from complaints.wire import written_receipt
from kernel.web import current_province

blueprint = Blueprint("assisting", __name__, url_prefix=sessions.ROOM)
blueprint.register_error_handler(DirectoryChanged, take_the_new_directory)

# Whoever belongs to a desk at which people come by.
RECEPTION = (Role.LEAD, Role.INVESTIGATOR, Role.REVIEWER)


@blueprint.get("/bantu")
@for_roles(*RECEPTION)
def assist() -> ResponseReturnValue:
    """Show the complaint's form to an officer who writes for a visitor."""
    form = ComplaintForm(province=current_province())
    return render_template("casework/assist.html", form=form, channel=current_officer().id)


@blueprint.post("/bantu")
@for_roles(*RECEPTION)
def lodge_for_visitor() -> ResponseReturnValue:
    """Lodge what was sealed in the officer's browser, with him as its channel."""
    receipt = assisting.lodge_for_visitor(read_envelope(request.get_json(silent=True)), current_officer())
    return jsonify(written_receipt(receipt)), 201
