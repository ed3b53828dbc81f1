"""The machine interface: sealed envelopes in, seals out. Described by ``openapi.json``."""

from __future__ import annotations

import base64
import hashlib
from typing import Any

from flask import Blueprint, jsonify, request
from flask.typing import ResponseReturnValue

from complaints import files
from complaints.desk_keys import key_of_desk, proof_of
from complaints.envelopes import (
    LARGEST_ACT, SealedText, read_act, read_envelope, read_hex, read_members, read_opening,
)  # fmt: skip
from complaints.history import History, ToldEvent, history_of
from complaints.keeping import keep_chunks_for_reporter
from complaints.openapi import description
from complaints.queries import Thread, bodies_behind, thread_of
from complaints.rules import MOST_FILES
from complaints.services import DirectoryChanged, act, lodge
from complaints.wire import posted_chunks, told_kept, written_file, written_receipt
from kernel import clock
from kernel.database import db
from kernel.directory.queries import bodies_for_sealing, current_directory, kem_of
from kernel.i18n import gettext as _
from kernel.refusal import Missing
from kernel.web import current_province, current_settings, without_secrets
from ledger.known import known_log
from ledger.witnesses import WrongPolicy, policy_of

blueprint = Blueprint("api", __name__, url_prefix="/api/v1")


@blueprint.post("/complaints")
def lodge_sealed() -> ResponseReturnValue:
    """Lodge a sealed complaint; the same envelope again is answered alike."""
    return jsonify(written_receipt(lodge(read_envelope(request.get_json())))), 201


@blueprint.get("/desks")
@without_secrets
def desks() -> ResponseReturnValue:
    """List the desks, and every statement by which a browser checks them."""
    return jsonify(_directory())


@blueprint.errorhandler(DirectoryChanged)
def take_the_new_directory(changed: DirectoryChanged) -> ResponseReturnValue:
    """Refuse what was sealed by an old directory, and give the new one with the refusal."""
    return jsonify(error=changed.sentence, directory=_directory()), changed.status


def _directory() -> dict[str, Any]:
    settings, directory, province = current_settings(), current_directory(), current_province()
    desks_open = directory.open_desks()
    listed = [
        {"id": desk.id, "name": desk.name, "region": desk.remit, "parent": desk.parent, "open": desk.id in desks_open}
        for desk in province.desks.values()
    ]
    return {
        "root": settings.root_key.hex() if settings.root_key else None,
        "salt": settings.salt.hex(),
        "today": clock.today().isoformat(),
        "floors": province.floors,
        "desks": listed,
        "statements": bodies_for_sealing(),
    }


@blueprint.get("/desks/<desk>/key")
@without_secrets
def desk_key(desk: str) -> ResponseReturnValue:
    """Give the X-Wing public key of one desk's newest epoch (1,216 bytes), and the proof that it was published."""
    directory = current_directory()
    if desk not in directory.open_desks():
        raise Missing(_("Kantor ini belum menerima laporan."))
    key = key_of_desk(db.session, directory, desk)
    told = {"epoch": key.epoch, "kem": _base64(kem_of(key.digest).raw), "proof": proof_of(db.session, key)}
    return jsonify(told | {"log": _log()})


@blueprint.post("/threads/open")
def open_thread() -> ResponseReturnValue:
    """Give the seals and the published state of one case to whoever knows its lookup token."""
    members = read_members(request.get_json(), {"token"})
    return jsonify(_thread(thread_of(_lookup_hash(members["token"]))))


@blueprint.post("/threads/history")
def tell_history() -> ResponseReturnValue:
    """Give every event of one case, and what proves it, to whoever knows its lookup token."""
    members = read_members(request.get_json(), {"token"})
    return jsonify(_history(history_of(_lookup_hash(members["token"]))))


@blueprint.post("/threads/acts")
def act_sealed() -> ResponseReturnValue:
    """Carry out an answer, a message, an objection or a withdrawal, sealed and signed by the reporter."""
    request.max_content_length = LARGEST_ACT
    members = read_members(request.get_json(), {"token", "body", "objects"})
    receipt, version = act(_lookup_hash(members["token"]), read_act(members))
    return jsonify(entry=receipt.entry.hex(), version=version, promise=receipt.promise), 201


@blueprint.post("/files")
def open_file() -> ResponseReturnValue:
    """Begin a file, or go on with it: say which of its chunks are here."""
    members = read_members(request.get_json(), {"token", "file", "epoch", "key", "progress", "size"})
    return jsonify(have=files.open_for_reporter(_lookup_hash(members["token"]), read_opening(members))), 201


@blueprint.put("/files/<file>/chunks/<int:first>")
def keep_chunks(file: str, first: int) -> ResponseReturnValue:
    """Keep sealed chunks of a file, from one on; the same again are answered alike."""
    return told_kept(keep_chunks_for_reporter(_lookup_hash(_bearer()), file, first, posted_chunks(request)))


@blueprint.post("/files/remove")
def remove_file() -> ResponseReturnValue:
    """Take a file away that no act has brought."""
    members = read_members(request.get_json(), {"token", "file"})
    files.take_away_for_reporter(_lookup_hash(members["token"]), read_hex(members["file"], 16).hex())
    return jsonify({})


@blueprint.get("/openapi.json")
@without_secrets
def openapi() -> ResponseReturnValue:
    """Describe this interface."""
    return jsonify(description())


def _bearer() -> str | None:
    """Return the token that a request without JSON brings in its header: it is none for an address."""
    authorization = request.authorization
    return authorization.token if authorization and authorization.type == "bearer" else None


def _lookup_hash(token: Any) -> bytes:
    return hashlib.sha256(read_hex(token, 32)).digest()


def _thread(thread: Thread) -> dict[str, Any]:
    return {
        "complaint": thread.complaint,
        "version": thread.version,
        "state": thread.state,
        "head": thread.head.hex(),
        "resumes": thread.resumes,
        "today": clock.today().isoformat(),
        "epoch": thread.epoch,
        "keys": [{"epoch": n, "sealed": _base64(key.sealed), "body": key.body} for n, key in thread.keys.items()],
        "statements": bodies_behind(thread),
        "account": {"epoch": thread.account.epoch, "box": _base64(thread.account.box)},
        "messages": [_text(m.text) | {"author": m.author, "day": m.day.isoformat()} for m in thread.messages],
        "files": [written_file(file) for file in thread.files],
        "limits": {"file": current_settings().largest_file, "files": MOST_FILES},
    }


def _history(history: History) -> dict[str, Any]:
    return {"events": list(map(_told, history.events)), "statements": history.statements, "log": _log()}


def _told(event: ToldEvent) -> dict[str, Any]:
    place = {"index": event.proof.index, "proof": event.proof.text} if event.proof else {"index": None, "proof": None}
    return {"body": event.body, "entry": event.entry.hex(), "promise": event.promise} | place


def _log() -> dict[str, str | None]:
    settings = current_settings()
    log = known_log(settings)
    if log is None:
        return {"vkey": None, "policy": None}
    try:
        return {"vkey": log.vkey, "policy": policy_of(settings, log).text}
    except WrongPolicy:
        return {"vkey": log.vkey, "policy": None}


def _text(text: SealedText) -> dict[str, Any]:
    return {"id": text.id, "kind": text.kind, "epoch": text.epoch, "box": _base64(text.box)}


def _base64(content: bytes) -> str:
    return base64.b64encode(content).decode()
