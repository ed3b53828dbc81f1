"""What a reporter without JavaScript may take along of each step: the files that a browser writes of its own accord.

They are this server's word like the page that offers them; a verifier elsewhere makes proofs of them (formats §6).
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from complaints.history import ToldEvent, history_of
from kernel.i18n import decimal, long_date
from kernel.i18n import gettext as _
from kernel.vault import PhraseKeys
from ledger.body import read_event
from ledger.entries import opening_of
from ledger.promises import MERGED_WITHIN


@dataclass(frozen=True)
class Keepsake:
    """One step, where the log has it in words, and the files there are of it, by their names."""

    seq: int
    day: date
    where: str
    files: Mapping[str, str]


def keepsakes(keys: PhraseKeys) -> list[Keepsake]:
    """Return what there is of each step of a case, from the first; raises ``UnknownPhrase``."""
    told = history_of(hashlib.sha256(keys.lookup_token).digest()).events
    return [_keepsake(event, keys.ledger_key) for event in told]


def _keepsake(told: ToldEvent, ledger_key: bytes) -> Keepsake:
    event = read_event(told.body)
    texts = {
        "tlog-proof": told.proof.text if told.proof else None,
        "opening": opening_of(ledger_key, event.seq, told.body) if told.proof or told.promise else None,
        "promise": told.promise,
    }
    files = {f"{event.seq}.{kind}": text for kind, text in texts.items() if text is not None}
    return Keepsake(event.seq, event.day, _where(told, event.day), files)


def _where(told: ToldEvent, day: date) -> str:
    if told.proof is None:
        values = {"day": long_date(day + MERGED_WITHIN)}
        return _("Belum masuk buku catatan umum; paling lambat %(day)s.") % values
    return _("Buku catatan umum nomor %(number)s.") % {"number": decimal(told.proof.index)}
