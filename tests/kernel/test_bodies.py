"""Signed bodies: one text for one meaning, and a signature over exactly that text."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kernel.vault import Malformed, SigningKey, bodies, leave_unsigned, sign_body, signed_by
from tests.vectors.inputs import drawn

KEY = SigningKey.from_seed(drawn("a signer's seed"))
often = settings(max_examples=200, deadline=None)
values = st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=1, max_size=20)
names = st.text("abcxyz", min_size=1, max_size=8)
lines = st.lists(st.tuples(names, values), min_size=1, max_size=6, unique_by=lambda line: line[0])


@often
@given(written=lines)
def test_what_is_written_is_read_and_signed_by_its_signer_alone(written: list[tuple[str, str]]) -> None:
    body = sign_body(bodies.write(written), KEY)
    read = bodies.read(body, [key for key, _ in written] + ["signature"])
    del read["signature"]
    assert list(read.items()) == written
    assert signed_by(body, KEY.public)
    assert not signed_by(body, SigningKey.from_seed(drawn("another signer")).public)


@often
@given(written=lines, data=st.data())
def test_a_body_with_one_character_changed_is_refused_or_not_signed(
    written: list[tuple[str, str]], data: st.DataObject
) -> None:
    body = sign_body(bodies.write(written), KEY)
    where = data.draw(st.integers(0, len(body) - 1))
    other = data.draw(st.characters().filter(lambda letter: letter != body[where]))
    assert not signed_by(body[:where] + other + body[where + 1:], KEY.public)


@pytest.mark.parametrize("value", ["", " ", "a b", "a\n", "a\nkey b", "é", "\t", "\x7f", "\0"])
def test_a_value_no_line_can_hold_is_not_written(value: str) -> None:
    with pytest.raises(Malformed):
        bodies.write([("key", value)])


def test_an_unsigned_body_is_signed_by_nobody() -> None:
    assert not signed_by(leave_unsigned(bodies.write([("key", "value")])), KEY.public)


@pytest.mark.parametrize("body", ["", "\n", "signature \n", "signature " + "0" * 128 + "\n", "\ud800\n", "a" * 10_000])
def test_what_is_no_body_is_signed_by_nobody(body: str) -> None:
    assert not signed_by(body, KEY.public)
    with pytest.raises(Malformed):
        bodies.read(body, ["key"])


@pytest.mark.parametrize("value", ["0", "01", "-1", "+1", "1.0", "", "-", "1_0", str(2**64), "٣", "9" * 5000])
def test_a_number_is_written_in_one_way_only(value: str) -> None:
    with pytest.raises(Malformed):
        bodies.number(value)


@pytest.mark.parametrize("value", ["20261124", "2026-W48-2", "2026-02-30", "2026-1-1", "-", "2026-11-24T00:00:00"])
def test_a_day_is_written_in_one_way_only(value: str) -> None:
    with pytest.raises(Malformed):
        bodies.day(value)
