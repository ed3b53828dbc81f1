"""The path without JavaScript: the server draws the phrase, seals in memory at once, and keeps no copy of the text."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from complaints.envelopes import Act, Envelope, SealedCopy, SealedText
from complaints.models import Complaint
from complaints.queries import Thread
from complaints.rules import account_json
from complaints.services import (
    FRIGHTENED, NOBODY, TEXTS_OF_ACTIONS, Receipt, act, key_ref, lodge, route_of, text_ref,
)  # fmt: skip
from kernel import clock
from kernel.database import Collision, db
from kernel.directory.queries import current_directory, kem_of
from kernel.i18n import gettext as _
from kernel.refusal import Conflict, Refused
from kernel.routing import Label
from kernel.vault import (
    PhraseKeys, TooLong, Unreadable, bodies, box, context, keys_of, pad, plain_complaint_id, plain_phrase, seal, unbox,
    unpad, unseal,
)  # fmt: skip
from kernel.web import current_settings, current_stretcher
from ledger.body import Event, ObjectRef, write_event

KEY_BYTES = 32


class TooMuch(Refused):
    """An account that no padded size holds: within every answer's bound, of characters that JSON writes long."""


class DamagedThread(Conflict):
    """The reporter's copy of the thread key does not open, so nothing can be sealed under it."""


@dataclass(frozen=True)
class PlainReceipt:
    """A receipt, and the phrase, which the server forgets with this answer."""

    phrase: str
    receipt: Receipt


def lodge_plainly(answers: Mapping[str, str], label: Label, threatened: bool, nonce: bytes) -> PlainReceipt:
    """Seal and lodge a complaint for a reporter without JavaScript.

    The phrase follows from the instance secret, the form's ``nonce`` (16 bytes) and the answers: the same form
    posted again gives the same phrase and lodges nothing twice.
    """
    settings = current_settings()
    account = account_json(answers)
    phrase = plain_phrase(settings.secret, nonce, account)
    complaint_id = plain_complaint_id(settings.secret, nonce, account)
    keys = keys_of(current_stretcher().stretch(phrase, settings.salt))
    lookup = hashlib.sha256(keys.lookup_token).digest()
    known = _receipt_of(complaint_id, lookup)
    return PlainReceipt(phrase, known or _lodge(_seal(complaint_id, answers, label, threatened, keys), complaint_id))


def _lodge(envelope: Envelope, complaint_id: str) -> Receipt:
    try:
        return lodge(envelope)
    except Collision:  # the same form came twice at once, and each time it was sealed under other keys
        known = _receipt_of(complaint_id, envelope.lookup)
        if known is None:
            raise
        return known


def _receipt_of(complaint_id: str, lookup: bytes) -> Receipt | None:
    with Session(db.engine) as session:
        query = select(Complaint.entry, Complaint.lodged_on).where(
            Complaint.id == complaint_id, Complaint.lookup_hash == lookup
        )
        found = session.execute(query).one_or_none()
    return Receipt(*found) if found else None


def _seal(
    complaint_id: str, answers: Mapping[str, str], label: Label, threatened: bool, keys: PhraseKeys
) -> Envelope:
    thread_key = secrets.token_bytes(KEY_BYTES)
    account = account_json({**answers, "ledger_key": keys.ledger_key.hex()})
    boxed = box(_padded(account), thread_key, context("account", complaint_id, complaint_id, 1))
    desk = route_of(label, current_directory())
    copies = _copies(complaint_id, desk, thread_key, keys)
    event = Event(
        case=complaint_id, seq=1, previous=None, action="lodge", from_state="NEW", to_state="RECEIVED",
        day=clock.today(), actor="reporter", access=None, clear=_clear(desk, label, threatened, keys),
        objects=(
            ObjectRef("account", complaint_id, hashlib.sha256(boxed).hexdigest()),
            *(key_ref("thread-key", 1, copy.recipient, copy.sealed) for copy in copies),
        ),
    )  # fmt: skip
    body = bodies.sign(write_event(event), keys.sign)
    lookup = hashlib.sha256(keys.lookup_token).digest()
    return Envelope(body, lookup, keys.reporter.recipient.raw, keys.ledger_key, boxed, copies)


def _padded(account: bytes) -> bytes:
    try:
        return pad(account)
    except TooLong:
        raise TooMuch(_("Tulisan ini terlalu panjang. Pendekkan, lalu kirim lagi.")) from None


def _copies(complaint_id: str, desk: str, thread_key: bytes, keys: PhraseKeys) -> tuple[SealedCopy, ...]:
    epoch, digest = current_directory().desk_key(desk)
    recipients = {"reporter": keys.reporter.recipient, f"desk:{desk}:{epoch}": kem_of(digest)}
    return tuple(
        SealedCopy(name, seal(thread_key, recipient, context("thread-key", complaint_id, epoch=1, recipient=name)))
        for name, recipient in recipients.items()
    )


def _clear(desk: str, label: Label, threatened: bool, keys: PhraseKeys) -> dict[str, str]:
    return {
        "desk": desk,
        "excluded": "+".join(sorted(label.excluded)) or NOBODY,
        "kem": keys.reporter.recipient.digest,
        "level": label.level.value,
        "region": label.region,
        "sector": label.sector,
        "sign": keys.sign.public.hex(),
        "threatened": "yes" if threatened else "no",
    }


def act_plainly(thread: Thread, keys: PhraseKeys, action: str, text: str, threatened: bool) -> None:
    """Seal and sign an answer, message, objection or withdrawal for a reporter without JavaScript.

    ``threatened`` says, in the clear, that he feels threatened.
    """
    kind, text_id = TEXTS_OF_ACTIONS[action], secrets.token_hex(16)
    thread_key = _present_key(thread, keys)
    boxed = box(pad(text.encode()), thread_key, context(kind, thread.complaint, text_id, thread.epoch))
    sealed = SealedText(kind, text_id, thread.epoch, boxed)
    event = Event(
        case=thread.complaint, seq=thread.version + 1, previous=thread.head, action=action,
        from_state=thread.state, to_state=thread.state_after(action), day=clock.today(), actor="reporter",
        access=None, clear=FRIGHTENED if threatened else {}, objects=(text_ref(sealed),),
    )  # fmt: skip
    body = bodies.sign(write_event(event), keys.sign)
    act(hashlib.sha256(keys.lookup_token).digest(), Act(body, (sealed,)))


def _present_key(thread: Thread, keys: PhraseKeys) -> bytes:
    try:
        return open_thread_key(thread, keys, thread.epoch)
    except (Unreadable, KeyError):
        raise DamagedThread(_("Kunci percakapan ini rusak atau diganti. Tulisan Anda belum terkirim.")) from None


def open_thread_key(thread: Thread, keys: PhraseKeys, epoch: int) -> bytes:
    """Open the reporter's copy of the thread key of ``epoch`` (32 bytes); raises ``Unreadable``."""
    # Who brought it is for browsers to ask: here the server, which could lie about it, is itself the one that reads.
    where = context("thread-key", thread.complaint, epoch=epoch, recipient="reporter")
    return unseal(thread.keys[epoch].sealed, keys.reporter, where)


def open_text(thread: Thread, keys: PhraseKeys, text: SealedText) -> str:
    """Open one boxed text of the thread, its account included; raises ``Unreadable``."""
    thread_key = open_thread_key(thread, keys, text.epoch)
    return unpad(unbox(text.box, thread_key, context(text.kind, thread.complaint, text.id, text.epoch))).decode()
