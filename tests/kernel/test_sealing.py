"""Seals and boxes open in one place only, whole, for whom they are meant; every other failure looks the same."""

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kernel.vault import Identity, Recipient, SigningKey, Unreadable, box, context, seal, unbox, unseal
from tests.vectors.inputs import drawn

IDENTITY = Identity.from_seed(drawn("a reporter's seed"))
KEY = drawn("a thread key")
WHERE = {"kind": "thread-key", "complaint": "a" * 32, "object_": "b" * 32, "epoch": 2, "recipient": "desk:33.08:1"}
PLACE = context(**WHERE)  # type: ignore[arg-type]
SECRET = b"kunci perkara"

Opener = Callable[[bytes, bytes], bytes]
BLOBS: list[tuple[bytes, Opener]] = [
    (seal(SECRET, IDENTITY.recipient, PLACE), lambda blob, place: unseal(blob, IDENTITY, place)),
    (box(SECRET, KEY, PLACE), lambda blob, place: unbox(blob, KEY, place)),
]
seal_or_box = pytest.mark.parametrize(("blob", "open_at"), BLOBS, ids=["seal", "box"])
often = settings(max_examples=150, deadline=None)
parts = st.text("abcdefghij0123456789.:_-", min_size=1, max_size=40)


def assert_unreadable(attempt: Callable[[], Any]) -> None:
    """Assert that ``attempt`` fails as everything does that does not open: without a word on why."""
    with pytest.raises(Unreadable) as failure:
        attempt()
    assert failure.type is Unreadable
    assert failure.value.args == ()
    assert failure.value.__cause__ is None
    assert failure.value.__suppress_context__ or failure.value.__context__ is None


@seal_or_box
def test_it_opens_where_it_was_made(blob: bytes, open_at: Opener) -> None:
    assert open_at(blob, PLACE) == SECRET


@seal_or_box
@often
@given(data=st.data())
def test_one_flipped_bit_is_unreadable(blob: bytes, open_at: Opener, data: st.DataObject) -> None:
    bit = data.draw(st.integers(0, len(blob) * 8 - 1))
    flipped = bytearray(blob)
    flipped[bit // 8] ^= 1 << bit % 8
    assert_unreadable(lambda: open_at(bytes(flipped), PLACE))


@seal_or_box
@often
@given(data=st.data())
def test_a_truncated_blob_is_unreadable(blob: bytes, open_at: Opener, data: st.DataObject) -> None:
    begin = data.draw(st.integers(0, len(blob)))
    end = data.draw(st.integers(begin, len(blob)))
    cut = blob[begin:end]
    if cut != blob:
        assert_unreadable(lambda: open_at(cut, PLACE))


@seal_or_box
@often
@given(before=st.binary(max_size=40), after=st.binary(max_size=40))
def test_an_extended_blob_is_unreadable(blob: bytes, open_at: Opener, before: bytes, after: bytes) -> None:
    if before or after:
        assert_unreadable(lambda: open_at(before + blob + after, PLACE))


@seal_or_box
@often
@given(name=st.sampled_from(sorted(set(WHERE) - {"epoch"})), value=parts)
def test_a_blob_moved_to_another_row_kind_case_or_recipient_is_unreadable(
    blob: bytes, open_at: Opener, name: str, value: str
) -> None:
    if value != WHERE[name]:
        moved = WHERE | {name: value}
        assert_unreadable(lambda: open_at(blob, context(**moved)))  # type: ignore[arg-type]


@seal_or_box
@often
@given(epoch=st.none() | st.integers(1, 2**64 - 1).filter(lambda epoch: epoch != WHERE["epoch"]))
def test_a_blob_moved_to_another_epoch_is_unreadable(blob: bytes, open_at: Opener, epoch: int | None) -> None:
    moved = WHERE | {"epoch": epoch}
    assert_unreadable(lambda: open_at(blob, context(**moved)))  # type: ignore[arg-type]


@often
@given(noise=st.binary(max_size=1300))
def test_noise_is_unreadable(noise: bytes) -> None:
    for version in (b"", b"\1", b"\2"):
        assert_unreadable(lambda: unseal(version + noise, IDENTITY, PLACE))  # noqa: B023
        assert_unreadable(lambda: unbox(version + noise, KEY, PLACE))  # noqa: B023


def test_a_seal_opens_for_its_recipient_only() -> None:
    other = Identity.from_seed(drawn("another seed"))
    assert_unreadable(lambda: unseal(BLOBS[0][0], other, PLACE))


def test_a_box_opens_under_its_key_only() -> None:
    assert_unreadable(lambda: unbox(BLOBS[1][0], drawn("another key"), PLACE))


def test_a_box_under_half_a_key_is_neither_made_nor_opened() -> None:
    assert_unreadable(lambda: box(SECRET, KEY[:16], PLACE))
    assert_unreadable(lambda: unbox(BLOBS[1][0], KEY[:16], PLACE))


def test_the_same_text_never_gives_the_same_blob() -> None:
    assert len({seal(SECRET, IDENTITY.recipient, PLACE) for _ in range(8)}) == 8
    assert len({box(SECRET, KEY, PLACE)[1:13] for _ in range(8)}) == 8


@pytest.mark.parametrize("size", [0, 31, 33, 64])
def test_a_seed_of_another_length_is_unreadable(size: int) -> None:
    assert_unreadable(lambda: Identity.from_seed(bytes(size)))
    assert_unreadable(lambda: SigningKey.from_seed(bytes(size)))


@often
@given(noise=st.binary(min_size=1216, max_size=1216))
def test_bytes_that_are_no_public_key_are_unreadable(noise: bytes) -> None:
    # 1,152 random bytes hold 768 coefficients; that all are below q = 3,329 happens to no test.
    assert_unreadable(lambda: Recipient.from_bytes(noise[:1100] + b"\xff" * 52 + noise[1152:]))


@often
@given(first=st.tuples(*[parts] * 4), second=st.tuples(*[parts] * 4), epochs=st.tuples(*[st.integers(1, 9)] * 2))
def test_two_places_never_have_one_context(first: Any, second: Any, epochs: tuple[int, int]) -> None:
    def at(given_parts: Any, epoch: int) -> bytes:
        return context(*given_parts[:3], epoch, given_parts[3])

    assert (at(first, epochs[0]) == at(second, epochs[1])) == ((first, epochs[0]) == (second, epochs[1]))


@pytest.mark.parametrize("epoch", [0, -1, 2**64])
def test_there_is_no_context_for_an_epoch_that_no_statement_can_have(epoch: int) -> None:
    assert context("account", epoch=2**64 - 1) == b"kentongan/v1/account/-/-/%d/-" % (2**64 - 1)
    with pytest.raises(ValueError):
        context("account", epoch=epoch)


def test_keys_do_not_show_their_secrets() -> None:
    assert drawn("a reporter's seed").hex() not in repr(IDENTITY)
    assert "key" not in repr(IDENTITY) + repr(SigningKey.from_seed(KEY))
