"""The browser checks a case's whole history, and names the first event that does not hold."""

import os
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from hashlib import sha256
from typing import Any

import pytest
from playwright.sync_api import Page

from kernel.vault import SigningKey, leave_unsigned, sign_body
from ledger.body import Event, ObjectRef, write_event
from ledger.entries import entry_of
from tests.vectors.directories import ID, KEY, PROVINCE, desk, key_of, officer

CASE, OTHER_CASE = os.urandom(16).hex(), os.urandom(16).hex()
K = os.urandom(32)
REPORTER = SigningKey.from_seed(os.urandom(32))
BOX = os.urandom(80)
TEXT = ObjectRef("message", "m1", sha256(BOX).hexdigest())
LODGED = {"desk": "33.08", "excluded": "none", "sign": REPORTER.public.hex()}
ACTS = (
    ("reporter", "lodge", "NEW", "RECEIVED"),
    ("lead08", "open", "RECEIVED", "TRIAGE"),
    ("reporter", "message", "TRIAGE", "TRIAGE"),
    ("system", "escalate", "TRIAGE", "TRIAGE"),
    ("lead08", "investigate", "TRIAGE", "INVESTIGATION"),
)


@dataclass(frozen=True)
class Act:
    """One event to be: who truly signs it may be another than it names."""

    event: Event
    signer: SigningKey | None


def acts() -> list[Act]:
    return [_act(seq, *act) for seq, act in enumerate(ACTS, start=1)]


def _act(seq: int, who: str, action: str, before: str, after: str) -> Act:
    mine = who in {"reporter", "system"}
    event = Event(
        case=CASE, seq=seq, previous=None, action=action, from_state=before, to_state=after, day=date(2026, 11, 24),
        actor=who if mine else f"officer:{ID[who]}", access=None if mine else os.urandom(32),
        clear=LODGED if action == "lodge" else {},
        objects=(TEXT,) if action == "message" else (),
    )  # fmt: skip
    return Act(event, {"reporter": REPORTER, "system": None}.get(who) or (None if mine else key_of(who)))


def logged(history: list[Act], key: bytes = K) -> list[dict[str, str]]:
    """Write the events, each after the entry of the one before, as the server would."""
    told: list[dict[str, str]] = []
    for act in history:
        previous = bytes.fromhex(told[-1]["entry"]) if told else None
        body = write_event(replace(act.event, previous=act.event.previous or previous))
        body = leave_unsigned(body) if act.signer is None else sign_body(body, act.signer)
        told.append({"body": body, "entry": entry_of(key, act.event.seq, body).hex()})
    return told


def read(page: Page, told: list[dict[str, str]], **more: Any) -> Any:
    given = {
        "root": KEY["root"].public.hex(), "statements": list(PROVINCE.values()), "complaint": CASE,
        "ledgerKey": K.hex(), "logged": told, "carried": None,
    }  # fmt: skip
    script = "async (given) => (await import('/tests/browser/vault.js')).history(given)"
    return page.evaluate(script, given | more)


def changed(at: int, signer: SigningKey | None = None, **given: Any) -> list[Act]:
    history = acts()
    act = history[at]
    history[at] = Act(replace(act.event, **given), signer or act.signer)
    return history


def test_a_history_that_holds_is_read(blank: Page) -> None:
    assert read(blank, logged(acts())) == {"actions": [action for _, action, *_ in ACTS], "author": None}


def test_a_case_whose_question_was_not_answered_goes_back_without_a_signature(blank: Page) -> None:
    assert read(blank, logged(_asked("TRIAGE")))["actions"][2:4] == ["ask", "resume"]


def test_it_goes_back_to_where_it_was_asked_whatever_was_written_meanwhile(blank: Page) -> None:
    *asked, resumed = _asked("TRIAGE")
    noted = _act(4, "lead08", "note", "NEEDS_INFO", "NEEDS_INFO")
    told = logged([*asked, noted, Act(replace(resumed.event, seq=5), None)])
    assert read(blank, told)["actions"][2:] == ["ask", "note", "resume"]


def test_what_is_closed_may_be_erased_without_a_signature(blank: Page) -> None:
    assert read(blank, logged(_erased_to("PURGED")))["actions"][-1] == "purge"


def test_the_lead_of_the_desk_above_may_act_now_and_after_the_desk_has_moved(blank: Page) -> None:
    told = logged(_by("lead33", at=4))
    moved = desk("33.08", parent="luar", version=2)
    assert "actions" in read(blank, told)
    assert "actions" in read(blank, told, statements=[*PROVINCE.values(), moved])


def test_a_lodging_brings_the_threads_first_key(blank: Page) -> None:
    assert read(blank, logged(_lodged(_key("thread", 1))))["actions"][0] == "lodge"


def test_an_event_tells_who_brought_a_text(blank: Page) -> None:
    carried = {"kind": "message", "id": "m1", "digest": sha256(BOX).hexdigest()}
    assert read(blank, logged(acts()), carried=carried)["author"] == "reporter"
    for part in ({"kind": "answer"}, {"id": "m2"}, {"digest": sha256(b"").hexdigest()}):
        assert read(blank, logged(acts()), carried=carried | part).get("author") is None


def test_what_was_signed_with_keys_an_officer_held_before_still_holds(blank: Page) -> None:
    renewed = officer("lead08", "33.08", "lead", by="lead33", holds="rotated", version=2)
    told = logged(acts())
    assert "actions" in read(blank, told, statements=[*PROVINCE.values(), renewed])


TAMPERED: dict[str, tuple[Callable[[], list[dict[str, str]]], list[Any]]] = {
    "a body that is none": (lambda: _replaced(2, "body", lambda body: body[:-1]), ["form", 3]),
    "an event of another case": (lambda: logged(changed(2, case=OTHER_CASE)), ["case", 3]),
    "an event left out": (lambda: _without(2), ["order", 3]),
    "an event left out, the rest numbered anew": (lambda: logged(_numbered_anew()), ["state", 2]),
    "an event twice": (lambda: _twice(2), ["order", 4]),
    "a beginning that is no lodging": (lambda: logged(changed(0, action="open")), ["state", 1]),
    "another entry before": (lambda: logged(changed(3, previous=os.urandom(64))), ["previous", 4]),
    "a state that the case was not in": (lambda: logged(changed(2, from_state="REVIEW")), ["state", 3]),
    "another K's entries": (lambda: logged(acts(), os.urandom(32)), ["entry", 1]),
    "an entry of another body": (lambda: _replaced(4, "entry", _other_digit), ["entry", 5]),
    "an entry of half the length": (lambda: _replaced(4, "entry", lambda entry: entry[:64]), ["entry", 5]),
    "an officer's act signed by another": (lambda: logged(changed(1, key_of("lead71"))), ["signature", 2]),
    "an act of another desk's officer": (lambda: logged(_by("lead71")), ["signature", 2]),
    "an act of the desk above that is shut out": (lambda: logged(_shut_out()), ["signature", 5]),
    "an act of an officer nobody vouched for": (lambda: logged(_by("stranger")), ["signature", 2]),
    "a reporter's act signed by an officer": (lambda: logged(changed(2, key_of("lead08"))), ["signature", 3]),
    "a lodging signed by another than it names": (lambda: logged(changed(0, key_of("lead08"))), ["signature", 1]),
    "a lodging that names no key": (lambda: logged(changed(0, clear={})), ["signature", 1]),
    "a lodging whose key is none": (lambda: logged(changed(0, clear={"sign": "abc"})), ["signature", 1]),
    "a system's act that only people may do": (lambda: logged(changed(3, action="close")), ["signature", 4]),
    "a system's act that closes": (lambda: logged(changed(3, to_state="CLOSED")), ["signature", 4]),
    "a time-out where nothing was asked": (lambda: logged(changed(3, action="resume")), ["signature", 4]),
    "a time-out that leads on": (lambda: logged(_asked("INVESTIGATION")), ["signature", 4]),
    "a time-out after the answer": (lambda: logged(_timed_out_late()), ["signature", 6]),
    "an act of whoever wrote it down": (
        lambda: logged([changed(0, clear=LODGED | {"channel": ID["lead08"]})[0], *acts()[1:]]), ["signature", 2],
    ),
    "an erasure that leads elsewhere": (lambda: logged(_erased_to("TRIAGE")), ["signature", 4]),
    "an erasure of what is open": (lambda: logged(changed(3, action="purge", to_state="PURGED")), ["signature", 4]),
    "a system's act that brings a text": (lambda: logged(changed(3, objects=(TEXT,))), ["signature", 4]),
    "a system's act that brings a key": (lambda: logged(changed(3, objects=(_key("case", 2),))), ["signature", 4]),
    "a system's act that sets something": (lambda: logged(changed(3, clear={"outcome": "proven"})), ["signature", 4]),
    "a reporter's message with a key": (lambda: logged(changed(2, objects=(_key("thread", 2),))), ["signature", 3]),
    "a reporter's message with key 1": (lambda: logged(changed(2, objects=(_key("thread", 1),))), ["signature", 3]),
    "a lodging with a case key": (lambda: logged(_lodged(_key("case", 1))), ["signature", 1]),
    "a lodging with a later key": (lambda: logged(_lodged(_key("thread", 2))), ["signature", 1]),
}


@pytest.mark.parametrize("name", TAMPERED)
def test_a_history_that_was_tampered_with_is_refused_where_it_breaks(blank: Page, name: str) -> None:
    told, broken = TAMPERED[name]
    assert read(blank, told()) == broken


def test_one_who_was_shown_nothing_refuses_nothing(blank: Page) -> None:
    assert read(blank, []) == {"actions": [], "author": None}


def _replaced(at: int, part: str, change: Callable[[str], str]) -> list[dict[str, str]]:
    told = logged(acts())
    told[at] = told[at] | {part: change(told[at][part])}
    return told


def _other_digit(entry: str) -> str:
    return entry[:-1] + ("0" if entry[-1] != "0" else "1")


def _without(at: int) -> list[dict[str, str]]:
    told = logged(acts())
    return told[:at] + told[at + 1 :]


def _twice(at: int) -> list[dict[str, str]]:
    told = logged(acts())
    return told[: at + 1] + told[at:]


def _numbered_anew() -> list[Act]:
    history = acts()
    kept = [history[0], *history[2:]]
    return [Act(replace(act.event, seq=seq), act.signer) for seq, act in enumerate(kept, start=1)]


def _asked(back_to: str) -> list[Act]:
    """Return a case whose reporter is asked something in TRIAGE, and which goes back by itself."""
    asked = _act(3, "lead08", "ask", "TRIAGE", "NEEDS_INFO")
    return [*acts()[:2], asked, _act(4, "system", "resume", "NEEDS_INFO", back_to)]


def _timed_out_late() -> list[Act]:
    """Return a case that goes back by itself once more, when nothing is being asked."""
    begun = _act(5, "lead08", "investigate", "TRIAGE", "INVESTIGATION")
    return [*_asked("TRIAGE"), begun, _act(6, "system", "resume", "INVESTIGATION", "TRIAGE")]


def _erased_to(state: str) -> list[Act]:
    """Return a case that is closed and erased, and then stands in ``state``."""
    closed = _act(3, "lead08", "close", "TRIAGE", "CLOSED")
    return [*acts()[:2], closed, _act(4, "system", "purge", "CLOSED", state)]


def _lodged(*objects: ObjectRef) -> list[Act]:
    return changed(0, objects=objects)


def _key(kind: str, epoch: int) -> ObjectRef:
    return ObjectRef(f"{kind}-key", f"{epoch}.desk:33.08:1", sha256(BOX).hexdigest())


def _by(name: str, at: int = 1) -> list[Act]:
    return changed(at, key_of(name), actor=f"officer:{ID[name]}")


def _shut_out() -> list[Act]:
    """Return a case that the lead above takes up, though its reporter has excluded that desk."""
    return [*changed(0, clear=LODGED | {"excluded": "33+33.71"})[:1], *_by("lead33", at=4)[1:]]
