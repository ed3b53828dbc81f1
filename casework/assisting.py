"""Assisted entry: an officer writes down what somebody tells at his desk, and has nothing to do with the case after."""

from __future__ import annotations

from dataclasses import replace

from casework.cases import in_tree
from casework.history import fold, step_of
from casework.logins import CurrentOfficer
from casework.rules import can_be_led
from complaints.envelopes import Envelope, Malformed
from complaints.services import Receipt, lodge, read_signed_event
from kernel.directory.queries import current_directory
from kernel.i18n import gettext as _
from kernel.refusal import Refused
from ledger.body import Event


class NobodyLeft(Refused):
    """The complaint's only lead would be barred from its case: somebody else must write it down."""


def lodge_for_visitor(envelope: Envelope, officer: CurrentOfficer) -> Receipt:
    """Keep a complaint that ``officer`` has written down for a visitor; its event names him, and the case bars him.

    Raises ``NobodyLeft`` where no other lead could open the case, and whatever ``lodge`` raises.
    """
    event = read_signed_event(envelope.body)
    if not _can_be_led_without(event, officer):
        raise NobodyLeft(_("Tidak ada kepala meja lain untuk laporan ini. Minta petugas lain mencatatnya."))
    return lodge(envelope, officer.id)


def _can_be_led_without(event: Event, officer: CurrentOfficer) -> bool:
    try:
        view = fold([step_of(event)])
    except (KeyError, ValueError):
        raise Malformed from None
    return can_be_led(in_tree(replace(view, recused=frozenset({officer.id})), current_directory()))
