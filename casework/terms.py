"""The words of casework, as they stand in events, in the database and on the wire."""

from __future__ import annotations

from enum import StrEnum


def N_(text: str) -> str:
    """Mark ``text`` for the catalogue; whoever shows it translates it."""
    return text


class State(StrEnum):
    """Where a case stands. ``NEW`` is before its first event."""

    NEW = "NEW"
    RECEIVED = "RECEIVED"
    TRIAGE = "TRIAGE"
    NEEDS_INFO = "NEEDS_INFO"
    INVESTIGATION = "INVESTIGATION"
    REFERRED = "REFERRED"
    REVIEW = "REVIEW"
    CLOSED = "CLOSED"
    OBJECTION = "OBJECTION"
    PURGED = "PURGED"


class Action(StrEnum):
    """What an event does."""

    LODGE = "lodge"
    OPEN = "open"
    INVESTIGATE = "investigate"
    ASK = "ask"
    ANSWER = "answer"
    RESUME = "resume"
    CONSENT = "consent"
    REFER = "refer"
    RECEIPT = "receipt"
    RETURNED = "returned"
    PROPOSE = "propose"
    CLOSE = "close"
    SEND_BACK = "send_back"
    OBJECT = "object"
    ASSIGN = "assign"
    UPHOLD = "uphold"
    DISMISS = "dismiss"
    REOPEN = "reopen"
    PURGE = "purge"
    MESSAGE = "message"
    REPLY = "reply"
    NOTE = "note"
    FINDING = "finding"
    EVIDENCE = "evidence"
    EXPORT = "export"
    TRANSFER = "transfer"
    WITHDRAW = "withdraw"
    RECUSE = "recuse"
    EXTEND = "extend"
    HOLD = "hold"
    RELEASE = "release"
    FLAG = "flag"
    ESCALATE = "escalate"


class ActorKind(StrEnum):
    """Who can act: officers and reporters sign, the system does not."""

    REPORTER = "reporter"
    OFFICER = "officer"
    SYSTEM = "system"


class Role(StrEnum):
    """What an officer is at his desk. Overseers and administrators touch no case."""

    LEAD = "lead"
    INVESTIGATOR = "investigator"
    REVIEWER = "reviewer"
    OVERSEER = "overseer"
    ADMINISTRATOR = "administrator"


class Outcome(StrEnum):
    """How a case ends."""

    PROVEN = "proven"
    PARTLY_PROVEN = "partly_proven"
    NOT_PROVEN = "not_proven"
    CANNOT_BE_PROCESSED = "cannot_be_processed"
    DUPLICATE = "duplicate"
    WITHDRAWN = "withdrawn"


class Severity(StrEnum):
    """How grave a case is."""

    LIGHT = "ringan"
    MODERATE = "sedang"
    GRAVE = "berat"


class Category(StrEnum):
    """The modus: how the money is asked for."""

    OVERCHARGED = "tarif_berlebih"
    FREE_SERVICE = "layanan_gratis"
    NO_RECEIPT = "tanpa_kuitansi"
    GREASE_MONEY = "uang_pelicin"
    FORCED_DONATION = "sumbangan_paksa"
    FORCED_PURCHASE = "wajib_beli"
    CUT = "potongan"
    TRIBUTE = "setoran"
    BROKER = "calo"
    OBSTRUCTION = "dipersulit"
    ROADSIDE_PEACE = "damai_di_tempat"
    GOODS = "barang_jasa"
    THREAT = "ancaman"
    PRIVATE_ACCOUNT = "rekening_pribadi"
    OTHER = "lainnya"


class AllegationStatus(StrEnum):
    """What was found about one allegation."""

    OPEN = "open"
    PROVEN = "proven"
    PARTLY_PROVEN = "partly_proven"
    NOT_PROVEN = "not_proven"


class OpeningReason(StrEnum):
    """Why a file of the evidence is opened: never in words of somebody's own, for it stands in the clear."""

    EXAMINE = "examine"
    COMPARE = "compare"
    CONCLUDE = "conclude"
    REVIEW = "review"
    REQUEST = "request"
    EXPORT = "export"
    TRANSFER = "transfer"


# For these a browser opens files once the act of this name is on record.
HANDING_ON = (OpeningReason.EXPORT, OpeningReason.TRANSFER)


class KeyKind(StrEnum):
    """The two keys of a case: the thread's, which the reporter holds too, and the officers' own."""

    THREAD = "thread"
    CASE = "case"
