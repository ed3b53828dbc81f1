"""A length tells nothing of a story beyond four sizes."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kernel.vault import LONGEST, TooLong, Unreadable, pad, unpad

SIZES = {4096, 16384, 65536, 262144}


@settings(max_examples=100, deadline=None)
@given(data=st.binary(max_size=5000) | st.integers(0, LONGEST).map(bytes))
def test_what_is_padded_comes_back(data: bytes) -> None:
    padded = pad(data)
    assert len(padded) in SIZES
    assert unpad(padded) == data


@pytest.mark.parametrize(("length", "size"), [(0, 4096), (4092, 4096), (4093, 16384), (LONGEST, 262144)])
def test_the_smallest_size_is_taken(length: int, size: int) -> None:
    assert len(pad(bytes(length))) == size


def test_a_text_beyond_the_largest_size_is_refused() -> None:
    with pytest.raises(TooLong):
        pad(bytes(LONGEST + 1))


@settings(max_examples=200, deadline=None)
@given(data=st.binary(max_size=60), where=st.integers(0, 4095), mask=st.integers(1, 255))
def test_a_padding_with_one_byte_changed_is_another_text_or_unreadable(data: bytes, where: int, mask: int) -> None:
    changed = bytearray(pad(data))
    changed[where] ^= mask
    try:
        found = unpad(bytes(changed))
    except Unreadable:
        return
    # A text may end in zeros, so a smaller length can be another text; what lies behind the text cannot.
    assert found != data
    assert where < 4 + len(data)
