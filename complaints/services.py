"""Lodging, and what a reporter does afterwards: each in one transaction, casework following by signal."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import bindparam, select, update
from sqlalchemy.orm import Session

from complaints import signals
from complaints.desk_keys import is_key_published, unpublished
from complaints.envelopes import Act, Envelope, Malformed, SealedText, read_hex
from complaints.files import REPORTER, THREAD, Holder, bring, refs_of
from complaints.models import Complaint, Message, PublishedStatus, PublishedStep, ThreadEpoch
from complaints.queries import UnknownPhrase
from kernel import clock
from kernel.database import Collision, db, execute, put, table_of, transaction
from kernel.directory.directory import Directory
from kernel.directory.epochs import epochs_taken
from kernel.directory.models import SealedKey
from kernel.directory.queries import current_directory
from kernel.i18n import gettext as _
from kernel.i18n import spoken
from kernel.refusal import Conflict, Refused
from kernel.routing import Label, Level, NoDesk, route
from kernel.vault import Recipient, Unreadable, bodies
from kernel.web import current_province, current_settings
from ledger.body import Event, ObjectRef, read_event
from ledger.entries import entry_of
from ledger.promises import MERGED_WITHIN, promised
from ledger.services import keep_key

CLEAR_AT_LODGING = {"desk", "excluded", "kem", "level", "region", "sector", "sign", "threatened"}
TEXTS_OF_ACTIONS = {"answer": "answer", "message": "message", "object": "objection", "withdraw": "withdrawal"}
# Who wrote a complaint down for whoever came to a desk: named by his own login's path alone.
CHANNEL = "channel"
FIRST_STEP = ("lodge", 1, "reporter", "NEW", "RECEIVED")
# What a reporter may set in the clear by a later act: that he feels threatened.
FRIGHTENED = {"threatened": "yes"}
NOBODY = "none"
SIGN_BYTES = 32
_STATUS = table_of(PublishedStatus)
_PUBLISH_AGAIN = update(_STATUS).where(_STATUS.c.complaint_id == bindparam("complaint"))


class WrongSignature(Refused):
    """A body whose signature is not the reporter's."""


class DirectoryChanged(Conflict):
    """A complaint sealed by a directory that is no longer the newest; whoever posted it takes the new one."""


class NoDeskForThis(Refused):
    """No desk may read this complaint; the sentence says where else to go."""


@dataclass(frozen=True)
class Receipt:
    """What a reporter gets for an event of his: its 64-byte ledger entry, its day, and the promise that the log will
    have it (``None`` where nobody vouches for the key by which that is promised)."""

    entry: bytes
    day: date
    promise: str | None

    @property
    def until(self) -> date:
        """Return the day by which the log will have it."""
        return self.day + MERGED_WITHIN


def receipt_of(entry: bytes, day: date, directory: Directory) -> Receipt:
    """Return the receipt for an event of a reporter's; for the same event it is the same."""
    return Receipt(entry, day, promised(entry, day, directory, current_settings().secret))


def lodge(envelope: Envelope, channel: str | None = None) -> Receipt:
    """Keep a sealed complaint; posting the same envelope again gives the same receipt.

    ``channel`` is the officer, known by his login, who wrote it down for somebody: the event must name him, and where
    there is none it must name nobody. Raises ``Refused`` with a sentence where anything in it does not agree with the
    rest, with the signed tree of desks, or with the route; nothing is written then.
    """
    event = read_signed_event(envelope.body)
    known = _receipt_of(event.case, envelope)
    if known:
        return known
    directory = current_directory()
    _admit(event, envelope, channel, directory)
    try:
        return receipt_of(_keep(event, envelope), event.day, directory)
    except Collision:  # the same envelope came twice at once, or another complaint has its id or phrase
        known = _receipt_of(event.case, envelope)
        if known is None:
            raise
        return known


def _keep(event: Event, envelope: Envelope) -> bytes:
    entry = entry_of(envelope.ledger_key, event.seq, envelope.body)
    with transaction() as session:
        put(session, Complaint, _row(event, envelope, entry))
        put(session, SealedKey, *_key_rows(event.case, envelope))
        put(session, ThreadEpoch, {"complaint_id": event.case, "epoch": 1, "body": envelope.body})
        keep_key(session, event.case, envelope.ledger_key, current_settings().secret)
        _tell(signals.lodged, session, event, envelope.body)
    return entry


def act(lookup_hash: bytes, posted: Act) -> tuple[Receipt, int]:
    """Carry out an answer, a message, an objection or a withdrawal; return its receipt and the new version.

    Raises ``Missing`` for an unknown token, ``Conflict`` where the case has moved on since the body was signed.
    """
    event = read_signed_event(posted.body)
    with transaction() as session:
        complaint = session.scalar(select(Complaint).where(Complaint.lookup_hash == lookup_hash))
        if complaint is None or complaint.id != event.case:
            raise UnknownPhrase
        _check_act(session, event, posted, complaint)
        entry = _tell(signals.acted, session, event, posted.body)
        keep_texts(session, event, REPORTER, posted.objects)
        bring(session, event, posted.files)
    return receipt_of(entry, event.day, current_directory()), event.seq


def keep_texts(session: Session, event: Event, author: str, texts: Iterable[SealedText]) -> None:
    """Keep the thread texts that ``event`` carries; ``author`` is ``reporter`` or ``desk``."""
    rows = [
        {
            "id": text.id,
            "complaint_id": event.case,
            "seq": event.seq,
            "author": author,
            "purpose": text.kind,
            "epoch": text.epoch,
            "box": text.box,
            "posted_on": event.day,
        }
        for text in texts
    ]
    if rows:
        put(session, Message, *rows)


def begin_thread_epoch(session: Session, complaint_id: str, epoch: int, body: str) -> None:
    """Have the reporter seal under ``epoch`` from now on: an officer has just posted its keys, with this event."""
    session.execute(update(Complaint).where(Complaint.id == complaint_id).values(epoch=epoch))
    put(session, ThreadEpoch, {"complaint_id": complaint_id, "epoch": epoch, "body": body})


def publish(session: Session, status: Mapping[str, Any], entered: bool) -> None:
    """Let the reporter see ``status``, the values of a ``PublishedStatus``; ``entered`` says that its state is new.

    Called by casework alone, inside the transaction of the event that ``status`` follows from.
    """
    if status["version"] == 1:
        put(session, PublishedStatus, status)
    else:
        execute(session, _PUBLISH_AGAIN, complaint=status["complaint_id"], **status)
    if entered:
        step = {"complaint_id": status["complaint_id"], "seq": status["version"]}
        put(session, PublishedStep, step | {"state": status["state"], "day": status["since"]})


def read_signed_event(body: str) -> Event:
    """Read an event's body posted by a program; raises ``Malformed``."""
    try:
        return read_event(body)
    except ValueError:
        raise Malformed from None


def check_objects(event: Event, refs: list[ObjectRef]) -> None:
    """Refuse an event that does not name exactly these ciphertexts, by their hashes, in this order."""
    if list(event.objects) != refs:
        raise Malformed


def text_ref(text: SealedText) -> ObjectRef:
    """Return how an event names a boxed text."""
    return ObjectRef(text.kind, text.id, hashlib.sha256(text.box).hexdigest())


def key_ref(kind: str, epoch: int, recipient: str, sealed: bytes) -> ObjectRef:
    """Return how an event names a sealed key."""
    return ObjectRef(kind, f"{epoch}.{recipient}", hashlib.sha256(sealed).hexdigest())


def _tell(signal: Any, session: Session, event: Event, body: str) -> bytes:
    # One listener, casework: without it a complaint would lie where nobody looks.
    [(_receiver, entry)] = signal.send(event.case, session=session, event=event, body=body)
    return bytes(entry)


def _admit(event: Event, envelope: Envelope, channel: str | None, directory: Directory) -> None:
    step = (event.action, event.seq, event.actor, event.from_state, event.to_state)
    if set(event.clear) - {CHANNEL} != CLEAR_AT_LODGING or step != FIRST_STEP:
        raise Malformed
    # A stranger could else bar any officer from a case, by saying that he wrote it down.
    if event.clear.get(CHANNEL) != channel:
        raise Malformed
    _check_signature(envelope.body, read_hex(event.clear["sign"], SIGN_BYTES))
    _check_kem(event, envelope)
    check_objects(event, _refs(event, envelope))
    # What is days old was sealed by an old directory, too: the answer to that brings the new one, and the day with it.
    _check_route(event, envelope, directory)
    check_day(event)


def check_day(event: Event) -> None:
    """Refuse a day more than one off: the reporter's clock may differ, and midnight may pass while he writes."""
    if abs(event.day - clock.today()) > timedelta(days=1):
        raise Conflict(_("Tanggal di perangkat Anda tidak cocok. Muat ulang halaman, lalu kirim lagi."))


def _check_signature(body: str, public: bytes) -> None:
    if not bodies.signed_by(body, public):
        raise WrongSignature(_("Tanda tangan laporan ini tidak cocok. Kirim lagi dari awal."))


def _check_kem(event: Event, envelope: Envelope) -> None:
    try:
        digest = Recipient.from_bytes(envelope.kem).digest
    except Unreadable:
        raise Malformed from None
    if digest != event.clear["kem"]:
        raise Malformed


def _refs(event: Event, envelope: Envelope) -> list[ObjectRef]:
    account = ObjectRef("account", event.case, hashlib.sha256(envelope.account).hexdigest())
    return [account, *(key_ref("thread-key", 1, copy.recipient, copy.sealed) for copy in envelope.keys)]


def _check_route(event: Event, envelope: Envelope, directory: Directory) -> None:
    desk = route_of(read_label(event), directory)
    recipients = sorted(copy.recipient for copy in envelope.keys)
    taken = epochs_taken(desk, directory) if event.clear["desk"] == desk else []
    sealed_to = [epoch for epoch in taken if recipients == sorted([f"desk:{desk}:{epoch}", REPORTER])]
    if not sealed_to:
        raise DirectoryChanged(_("Daftar kantor penerima baru saja berubah. Muat ulang halaman, lalu kirim lagi."))
    if not is_key_published(db.session, desk, sealed_to[0]):
        raise DirectoryChanged(unpublished())


def read_label(event: Event) -> Label:
    """Read the routing label of a lodged event; raises ``Malformed`` where it names what does not exist."""
    clear, province = event.clear, current_province()
    excluded = frozenset() if clear["excluded"] == NOBODY else frozenset(clear["excluded"].split("+"))
    known = clear["region"] in province.regions and clear["sector"] in province.sectors
    if not known or clear["level"] not in set(Level) or not excluded <= province.desks.keys():
        raise Malformed
    if clear["threatened"] not in {"yes", "no"}:
        raise Malformed
    return Label(clear["region"], clear["sector"], Level(clear["level"]), excluded)


def route_of(label: Label, directory: Directory) -> str:
    """Return the desk that reads a complaint with this label; raises ``NoDeskForThis``."""
    province = current_province()
    remits = {desk.id: desk.remit for desk in directory.desks().values()}
    try:
        return route(label, remits, directory.open_desks(), province.floors)
    except NoDesk:
        sentence = _("Belum ada kantor di sini yang boleh membaca laporan ini. Sampaikan ke %(elsewhere)s.")
        raise NoDeskForThis(sentence % {"elsewhere": spoken(province.elsewhere)}) from None


def _check_act(session: Session, event: Event, posted: Act, complaint: Complaint) -> None:
    if event.actor != REPORTER or event.clear not in ({}, FRIGHTENED) or not _fits(event.action, posted):
        raise Malformed
    if any(text.epoch != complaint.epoch for text in posted.objects):
        raise Conflict(_("Kunci percakapan baru saja diganti. Muat ulang halaman, lalu kirim lagi."))
    _check_signature(posted.body, complaint.reporter_sign)
    check_day(event)
    holder = Holder(complaint.id, THREAD, REPORTER, complaint.epoch)
    check_objects(event, [*map(text_ref, posted.objects), *refs_of(session, holder, posted.files)])


def _fits(action: str, posted: Act) -> bool:
    """Tell whether an act carries its text; how many files it may, and whether they do without, the workflow says."""
    kinds = [text.kind for text in posted.objects]
    return action in TEXTS_OF_ACTIONS and (kinds == [TEXTS_OF_ACTIONS[action]] or not kinds and bool(posted.files))


def _row(event: Event, envelope: Envelope, entry: bytes) -> dict[str, Any]:
    clear = event.clear
    return {
        "id": event.case,
        "lookup_hash": envelope.lookup,
        "reporter_kem": envelope.kem,
        "reporter_sign": bytes.fromhex(clear["sign"]),
        "desk_id": clear["desk"],
        "region": clear["region"],
        "sector": clear["sector"],
        "level": clear["level"],
        "excluded": clear["excluded"],
        "threatened": clear["threatened"] == "yes",
        "lodged_on": event.day,
        "account": envelope.account,
        "envelope_hash": _hash(envelope),
        "entry": entry,
    }


def _key_rows(complaint_id: str, envelope: Envelope) -> list[dict[str, Any]]:
    return [
        {"kind": "thread", "object": complaint_id, "epoch": 1, "recipient": copy.recipient, "sealed": copy.sealed}
        for copy in envelope.keys
    ]


def _receipt_of(complaint_id: str, envelope: Envelope) -> Receipt | None:
    # A session of its own: the request's would still show what it saw before somebody else's commit.
    with Session(db.engine) as session:
        query = select(Complaint.entry, Complaint.lodged_on).where(
            Complaint.id == complaint_id, Complaint.envelope_hash == _hash(envelope)
        )
        found = session.execute(query).one_or_none()
    return receipt_of(*found, current_directory()) if found else None


def _hash(envelope: Envelope) -> bytes:
    """Return what tells one envelope from another: the body names every ciphertext, the rest stands beside it."""
    return hashlib.sha256(envelope.body.encode() + envelope.lookup + envelope.ledger_key).digest()
