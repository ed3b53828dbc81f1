"""The path without JavaScript: the server draws the phrase, seals in memory at once, and keeps no copy of the text."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field

from sqlalchemy import select
from sqlalchemy.orm import Session

from complaints.arriving import Arrivals, Arrived
from complaints.desk_keys import key_to_seal_to
from complaints.envelopes import Act, Envelope, Opening, SealedCopy, SealedText
from complaints.files import FILE, THREAD, forget, keep_whole_for_reporter, take_away_for_reporter
from complaints.models import Complaint
from complaints.queries import KeptFile, Thread, thread_of
from complaints.rules import account_json
from complaints.services import (
    FRIGHTENED, NOBODY, TEXTS_OF_ACTIONS, Receipt, act, key_ref, lodge, receipt_of, route_of, text_ref,
)  # fmt: skip
from kernel import clock
from kernel.database import Collision, db
from kernel.directory.queries import current_directory, kem_of
from kernel.i18n import gettext as _
from kernel.refusal import Conflict, Missing, Refused
from kernel.routing import Label
from kernel.vault import (
    Manifest, PhraseKeys, TooLong, Unreadable, bodies, box, box_file_key, box_manifest, context, file_digest, keys_of,
    open_file_key, open_manifest, pad, padded_size, plain_complaint_id, plain_phrase, seal, unbox, unpad, unseal,
)  # fmt: skip
from kernel.web import current_settings, current_stretcher
from ledger.body import Event, ObjectRef, write_event

KEY_BYTES = 32
# While files come an officer may act, or the same form come twice: what is sent is looked at again then.
MOST_ATTEMPTS = 3


class TooMuch(Refused):
    """An account that no padded size holds: within every answer's bound, of characters that JSON writes long."""


class DamagedThread(Conflict):
    """The reporter's copy of the thread key does not open, so nothing can be sealed under it."""


@dataclass(frozen=True)
class PlainReceipt:
    """A receipt, and the phrase and its keys, which the server forgets with this answer."""

    phrase: str
    receipt: Receipt
    complaint: str
    keys: PhraseKeys = field(repr=False)


@dataclass(frozen=True)
class Letter:
    """What files come with: the act, by where the case stands when they are here, its text, and that he is afraid."""

    action: Callable[[Thread], str]
    text: str = ""
    threatened: bool = False


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
    lookup = _lookup_hash(keys)
    known = _receipt_of(complaint_id, lookup)
    receipt = known or _lodge(_seal(complaint_id, answers, label, threatened, keys), complaint_id)
    return PlainReceipt(phrase, receipt, complaint_id, keys)


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
    return receipt_of(*found, current_directory()) if found else None


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
    return Envelope(body, _lookup_hash(keys), keys.reporter.recipient.raw, keys.ledger_key, boxed, copies)


def _padded(account: bytes) -> bytes:
    try:
        return pad(account)
    except TooLong:
        raise TooMuch(_("Tulisan ini terlalu panjang. Pendekkan, lalu kirim lagi.")) from None


def _copies(complaint_id: str, desk: str, thread_key: bytes, keys: PhraseKeys) -> tuple[SealedCopy, ...]:
    key = key_to_seal_to(db.session, current_directory(), desk)
    recipients = {"reporter": keys.reporter.recipient, f"desk:{desk}:{key.epoch}": kem_of(key.digest)}
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


def act_plainly(
    thread: Thread, keys: PhraseKeys, action: str, text: str, threatened: bool, files: Sequence[Arrived] = ()
) -> None:
    """Seal and sign an answer, message, objection or withdrawal for a reporter without JavaScript.

    ``threatened`` says, in the clear, that he feels threatened. Where ``files`` come with it, it may have no text.
    """
    thread_key = _present_key(thread, keys)
    texts = () if files and not text else (_sealed_text(thread, thread_key, action, text),)
    kept = [_kept(thread, thread_key, keys, file) for file in files]
    event = Event(
        case=thread.complaint, seq=thread.version + 1, previous=thread.head, action=action,
        from_state=thread.state, to_state=thread.state_after(action), day=clock.today(), actor="reporter",
        access=None, clear=FRIGHTENED if threatened else {},
        objects=(*map(text_ref, texts), *(ref for ref, _manifest in kept)),
    )  # fmt: skip
    body = bodies.sign(write_event(event), keys.sign)
    act(_lookup_hash(keys), Act(body, texts, tuple(manifest for _ref, manifest in kept)))


def _sealed_text(thread: Thread, thread_key: bytes, action: str, text: str) -> SealedText:
    kind, text_id = TEXTS_OF_ACTIONS[action], secrets.token_hex(16)
    where = context(kind, thread.complaint, text_id, thread.epoch)
    return SealedText(kind, text_id, thread.epoch, box(pad(text.encode()), thread_key, where))


def _kept(thread: Thread, thread_key: bytes, keys: PhraseKeys, file: Arrived) -> tuple[ObjectRef, SealedText]:
    """Keep a file's rows; return how an event names it, and its manifest."""
    sealed, manifest = file.sealed, box_manifest(file.manifest, file.sealed)
    if thread.epoch not in file.key_boxes:
        file.key_boxes[thread.epoch] = box_file_key(sealed, thread_key, thread.epoch, THREAD)
    key_box = file.key_boxes[thread.epoch]
    opening = Opening(sealed.file, thread.epoch, key_box, None, padded_size(file.manifest.size))
    keep_whole_for_reporter(_lookup_hash(keys), opening, [(chunk.digest, chunk.extent) for chunk in file.chunks])
    digest = file_digest(key_box, manifest, [chunk.digest for chunk in file.chunks])
    return ObjectRef(FILE, sealed.file, digest), SealedText(FILE, sealed.file, thread.epoch, manifest)


def send_plainly(keys: PhraseKeys, letter: Letter, arrivals: Arrivals) -> None:
    """Send files that have come, and what they come with; what was sent before is not sent again.

    Where it is refused, or fails, nothing of it is left; raises ``Refused``.
    """
    for left in reversed(range(MOST_ATTEMPTS)):
        try:
            # What was read before the files came is old.
            db.session.rollback()
            return _send_once(thread_of(_lookup_hash(keys)), keys, letter, arrivals.arrived)
        except Exception as error:
            if not left or not isinstance(error, Conflict):
                _give_up(keys, arrivals.arrived)
                raise


def _send_once(thread: Thread, keys: PhraseKeys, letter: Letter, arrived: Sequence[Arrived]) -> None:
    action = letter.action(thread)
    text = "" if action == "message" and _is_said(thread, keys, letter.text) else letter.text
    there = {manifest.sha256 for manifest in manifests(thread, keys).values() if manifest}
    # Of two files with the same content in one form, too, one is enough.
    new = {file.manifest.sha256: file for file in arrived if file.manifest.sha256 not in there}
    if text or new:
        act_plainly(thread, keys, action, text, letter.threatened, tuple(new.values()))
    _give_up(keys, [file for file in arrived if new.get(file.manifest.sha256) is not file])


def _is_said(thread: Thread, keys: PhraseKeys, text: str) -> bool:
    """Tell whether this is what the reporter wrote last: his form came again because of the files, or on its own."""
    own = [message.text for message in thread.messages if message.author == "reporter"]
    with suppress(Unreadable, KeyError):
        return bool(own) and open_text(thread, keys, own[-1]) == text
    return False


def _give_up(keys: PhraseKeys, arrived: Sequence[Arrived]) -> None:
    """Take files away again that were not sent; what cannot be taken away now, the sweep takes."""
    for file in arrived:
        try:
            take_away_for_reporter(_lookup_hash(keys), file.sealed.file)
        except Missing:  # no row names it
            forget({chunk.extent.key for chunk in file.chunks})
        except Refused:
            continue


def manifests(thread: Thread, keys: PhraseKeys) -> dict[str, Manifest | None]:
    """Open the manifests of the reporter's files that were brought, by their ids; ``None`` for a damaged one."""
    return {file.id: _manifest(thread, keys, file) for file in thread.files if file.manifest is not None}


def _manifest(thread: Thread, keys: PhraseKeys, file: KeptFile) -> Manifest | None:
    try:
        thread_key = open_thread_key(thread, keys, file.epoch)
        sealed = open_file_key(file.key, thread_key, thread.complaint, file.id, file.epoch, THREAD)
        return open_manifest(file.manifest or b"", sealed)
    except (Unreadable, KeyError):
        return None


def _lookup_hash(keys: PhraseKeys) -> bytes:
    return hashlib.sha256(keys.lookup_token).digest()


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
