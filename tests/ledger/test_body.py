"""Events: one body for one meaning."""

from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kernel.vault import Malformed, SigningKey, leave_unsigned, sign_body
from ledger.body import Event, ObjectRef, read_event, write_event
from tests.vectors.inputs import drawn

KEY = SigningKey.from_seed(drawn("a signer's seed"))
HEX = "0123456789abcdef"


def hexes(size: int) -> st.SearchStrategy[str]:
    """Return texts of ``size`` bytes in hex."""
    return st.text(HEX, min_size=size * 2, max_size=size * 2)


values = st.text("abcXYZ019._:+/-", min_size=1, max_size=20)
clears = st.dictionaries(st.text("abc._19", min_size=1, max_size=9), values, max_size=5)
ids = st.text("aZ09._:-", min_size=1, max_size=40)
refs = st.builds(ObjectRef, st.text("ab-", min_size=1, max_size=8), ids, hexes(32))
objects = st.lists(refs, max_size=4, unique_by=lambda ref: (ref.kind, ref.id)).map(tuple)
reporters: dict[str, Any] = {"actor": st.just("reporter"), "access": st.none()}
officers: dict[str, Any] = {"actor": hexes(16).map("officer:{}".format), "access": st.binary(min_size=32, max_size=32)}
firsts: dict[str, Any] = {"seq": st.just(1), "previous": st.none(), "from_state": st.just("NEW")}
laters: dict[str, Any] = {
    "seq": st.integers(2, 2**64 - 1), "previous": st.binary(min_size=64, max_size=64), "from_state": st.just("TRIAGE"),
}  # fmt: skip


def events(place: dict[str, Any], who: dict[str, Any]) -> st.SearchStrategy[Event]:
    """Return events at a ``place`` in their case, by ``who``."""
    return st.builds(
        Event, case=hexes(16), action=st.just("close"), to_state=st.just("CLOSED"), day=st.dates(date(2000, 1, 1)),
        clear=clears, objects=objects, **place, **who,
    )  # fmt: skip


signed = st.one_of(*[events(place, who) for place in (firsts, laters) for who in (reporters, officers)])
unsigned = events(laters, {"actor": st.just("system"), "access": st.none()})
often = settings(max_examples=200, deadline=None)


@often
@given(event=signed)
def test_a_signed_event_is_read_as_it_was_written(event: Event) -> None:
    assert read_event(sign_body(write_event(event), KEY)) == event


@often
@given(event=unsigned)
def test_a_systems_event_is_read_as_it_was_written(event: Event) -> None:
    assert read_event(leave_unsigned(write_event(event))) == event


@often
@given(event=signed, data=st.data())
def test_a_body_that_is_read_is_exactly_what_would_be_written(event: Event, data: st.DataObject) -> None:
    body = sign_body(write_event(event), KEY)
    where = data.draw(st.integers(0, len(body) - 1))
    rest = body[where + data.draw(st.integers(0, 1)):]
    changed = body[:where] + data.draw(st.sampled_from("\n ,=/-+.:0aA\0é")) + rest
    try:
        found = read_event(changed)
    except Malformed:
        return
    assert changed.startswith(write_event(found))


def test_the_order_of_objects_is_kept_and_that_of_clear_values_is_not_chosen() -> None:
    refs = tuple(ObjectRef("message", name, "0" * 64) for name in "ba")
    event = Event(
        "0" * 32, 1, None, "lodge", "NEW", "RECEIVED", date(2026, 11, 24), "reporter", None, {"b": "1", "a": "2"}, refs
    )
    body = write_event(event)
    assert "clear a=2,b=1\n" in body
    assert f"objects message/b/{'0' * 64},message/a/{'0' * 64}\n" in body


@pytest.mark.parametrize("value", ["a,b", "a=b", "a b", "", "é", "a\\b"])
def test_a_clear_value_that_would_read_as_something_else_does_not_pass(value: str) -> None:
    event = Event(
        "0" * 32, 1, None, "lodge", "NEW", "RECEIVED", date(2026, 11, 24), "reporter", None, {"name": value}, ()
    )
    with pytest.raises(Malformed):
        read_event(sign_body(write_event(event), KEY))
