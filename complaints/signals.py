"""What complaints tells whoever listens, inside the transaction in which it happened, and what it asks of them.

Receivers are handed ``session`` and open none; what they raise undoes the whole act.
"""

from __future__ import annotations

from blinker import Namespace

_signals = Namespace()

# sender: the complaint's id; session, event (ledger.body.Event) and its body; the receiver returns the 64-byte entry.
lodged = _signals.signal("lodged")
# The same, for an answer, a message, a withdrawal or an objection of the reporter's.
acted = _signals.signal("acted")
# sender: the complaint's id; session; the receiver returns all events of its case in order, each as body and entry.
retold = _signals.signal("retold")
