"""The status page's content: a thread in words, opened on the server or left sealed for the browser."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

from complaints.envelopes import SealedText
from complaints.forms import ComplaintForm
from complaints.history import files_in_order
from complaints.plain import manifests, open_text
from complaints.queries import Thread, ThreadMessage, bodies_behind
from complaints.wording import AUTHORS, CLEANED, KINDS, OUTCOMES, STATES, file_kind
from kernel import clock
from kernel.i18n import decimal, long_date
from kernel.i18n import gettext as _
from kernel.province import Province
from kernel.vault import Manifest, PhraseKeys, Unreadable

MEBIBYTE = 1024 * 1024
Opened = Callable[[SealedText], str | None]


@dataclass(frozen=True)
class MessageView:
    """One message: ``text`` where the server has opened it, else ``box`` (base64) for the browser."""

    id: str
    kind: str
    kind_label: Any
    author: str
    author_label: Any
    day: date
    epoch: int
    box: str | None
    text: str | None


@dataclass(frozen=True)
class FileView:
    """One file that was brought, opened on the server; without a name it is damaged."""

    number: int
    day: date
    name: str | None
    kind: Any
    size: str
    cleaned: Any


@dataclass(frozen=True)
class StatusView:
    """Everything the status page shows.

    ``keys`` are the reporter's sealed thread keys (base64) with the events that brought them, ``statements`` those by
    which his browser checks who signed these; ``head`` is the newest ledger entry (hex), ``may`` what he may do now;
    ``files_here`` is how many files there are of his, sent or half sent; ``account`` is ``None`` unless he asked to see
    it again.
    """

    complaint: str
    version: int
    state: str
    head: str
    resumes: str | None
    epoch: int
    today: date
    headline: Any
    explanation: Any
    next_step: str
    next_due: date | None
    outcome_label: Any
    decision: MessageView | None
    objection_until: date | None
    withdrawal_asked: bool
    steps: list[tuple[Any, date]]
    keys: list[dict[str, Any]]
    statements: list[str]
    messages: list[MessageView]
    files: list[FileView]
    files_here: int
    may: set[str]
    is_erased: bool
    account: Any


def sealed_status(thread: Thread, with_account: bool, province: Province) -> StatusView:
    """Return the status page's content with every text still sealed."""
    account = {"epoch": thread.account.epoch, "box": _base64(thread.account.box)} if with_account else None
    return _status(thread, lambda text: None, account, bodies_behind(thread), province, [])


def opened_status(thread: Thread, keys: PhraseKeys, with_account: bool, province: Province) -> StatusView:
    """Return the status page's content opened on the server, for a reporter without JavaScript."""
    opened = _opener(thread, keys)
    account = answers_of(opened(thread.account), province) if with_account else None
    return _status(thread, opened, account, [], province, _files(thread, keys))


def _opener(thread: Thread, keys: PhraseKeys) -> Opened:
    def opened(text: SealedText) -> str:
        try:
            return open_text(thread, keys, text)
        except (Unreadable, KeyError):
            # One damaged text must not hide the others from the reporter.
            return _("(Tulisan ini tidak dapat dibuka: isinya rusak atau diganti.)")

    return opened


def _files(thread: Thread, keys: PhraseKeys) -> list[FileView]:
    days, opened = {file.id: file.day for file in thread.files}, manifests(thread, keys)
    # As he sent them and as officers number them, and not by their ids, which are drawn.
    named = files_in_order(thread.complaint) if opened else []
    # Each once, and also one that no event should name: it is here, and he is to know of it.
    shown = [file for file in dict.fromkeys([*named, *opened]) if file in opened]
    return [_file(number, days[file], opened[file]) for number, file in enumerate(shown, 1)]


def _file(number: int, day: date, manifest: Manifest | None) -> FileView:
    if manifest is None:
        return FileView(number, day, None, "", "", "")
    kind = file_kind(manifest.type, manifest.name)
    return FileView(number, day, manifest.name, kind, _size(manifest.size), CLEANED[manifest.cleaned])


def _size(size: int) -> str:
    """Say how large a file is: to the kilobyte, or to a tenth of a megabyte."""
    if size < MEBIBYTE:
        return f"{-(-size // 1024)} KB"
    return f"{decimal(round(size / MEBIBYTE, 1))} MB"


def _status(
    thread: Thread, opened: Opened, account: Any, statements: list[str], province: Province, files: list[FileView]
) -> StatusView:
    words = STATES[thread.state]
    due = thread.objection_until if thread.state == "CLOSED" else thread.next_due
    messages = [_message(message, opened) for message in thread.messages]
    return StatusView(
        complaint=thread.complaint,
        version=thread.version,
        state=thread.state,
        head=thread.head.hex(),
        resumes=thread.resumes,
        epoch=thread.epoch,
        today=clock.today(),
        headline=words.headline,
        explanation=_meaning(thread, province),
        next_step=str(words.upcoming) % {"due": long_date(due)} if due else "",
        next_due=due,
        outcome_label=OUTCOMES[thread.outcome] if thread.outcome else None,
        decision=next((view for view in reversed(messages) if view.kind == "decision"), None),
        objection_until=thread.objection_until,
        withdrawal_asked=thread.withdrawal_asked,
        steps=[(STATES[state].headline, day) for state, day in thread.steps],
        keys=[{"epoch": n, "sealed": _base64(key.sealed), "body": key.body} for n, key in thread.keys.items()],
        statements=statements,
        messages=messages,
        files=files,
        files_here=len(thread.files),
        may=thread.acts(clock.today()),
        is_erased=thread.is_erased,
        account=account,
    )


def _meaning(thread: Thread, province: Province) -> Any:
    """Say what the state means; of a referral also to whom. A code that has left the province's file says nothing."""
    agency = province.agencies.get(thread.agency or "")
    if agency is None:
        return STATES[thread.state].meaning
    return _("Laporan Anda diteruskan ke %(agency)s, yang berwenang menanganinya.") % {"agency": agency.name}


def _message(message: ThreadMessage, opened: Opened) -> MessageView:
    text = opened(message.text)
    return MessageView(
        id=message.text.id,
        kind=message.text.kind,
        kind_label=KINDS[message.text.kind],
        author=message.author,
        author_label=AUTHORS[message.author],
        day=message.day,
        epoch=message.text.epoch,
        box=None if text is not None else _base64(message.text.box),
        text=text,
    )


def answers_of(account: str | None, province: Province) -> list[tuple[Any, str]]:
    """Return an opened account as questions and answers, in the form's order and words."""
    try:
        answers = json.loads(account or "")
    except ValueError:
        return [(_("Laporan Anda"), account or "")]
    form = ComplaintForm(province=province)
    return [(field.label.text, _in_words(field, str(answers[field.name]))) for field in form if field.name in answers]


def _in_words(field: Any, answer: str) -> str:
    choices = dict(getattr(field, "choices", None) or ())
    return ", ".join(str(choices.get(part, part)) for part in (answer.split("+") if choices else [answer]))


def _base64(content: bytes) -> str:
    return base64.b64encode(content).decode()
