"""A sealed file opens whole and in order or not at all, and its stored size tells little of its length."""

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import chain
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kernel.vault import (
    BOXED_BYTES, CHUNK_BYTES, SealedFile, TooLong, Unreadable, box, box_into, box_manifest, context, cut_file,
    file_digest, open_file, open_manifest, pad, padded_size, unbox, unpad,
)  # fmt: skip
from tests.vectors.inputs import drawn
from tests.vectors.make import SMALL, opened_box, told_of
from tests.vectors.reading import vectors

CASE, FILE = "a" * 32, "b" * 32
SEALED = SealedFile(drawn("a file's key"), CASE, FILE)
# Three chunks, of which the last is not whole.
SIZE = 2 * CHUNK_BYTES + 77_777


def content(size: int) -> bytes:
    """Return bytes of which no stretch is like the next."""
    return b"".join(number.to_bytes(4, "big") for number in range(size // 4 + 1))[:size]


def sealed(*parts: bytes) -> list[bytes]:
    return list(map(SEALED.box_chunk, cut_file(parts)))


@pytest.fixture(scope="module")
def chunks() -> list[bytes]:
    return sealed(content(SIZE))


def opened(chunks: list[bytes], size: int = SIZE, sealed: SealedFile = SEALED) -> bytes:
    return b"".join(open_file(chunks, sealed, size))


@vectors("file-sizes")
def test_a_file_fills_a_size_that_tells_little(vector: dict[str, int]) -> None:
    padded = padded_size(vector["file_size"])
    assert padded == vector["padded"]
    assert -(-padded // CHUNK_BYTES) == vector["chunks"]


@settings(deadline=None)
@given(size=st.integers(4096, 2**40))
def test_padding_costs_an_eighth_at_most_and_is_padme(size: int) -> None:
    padded = padded_size(size)
    assert size <= padded <= size * 1.12
    # Padmé, as it is defined: no more significant bits than the exponent needs to be written.
    exponent = padded.bit_length() - 1
    assert padded % (1 << (exponent - exponent.bit_length())) == 0
    assert padded_size(padded) == padded


@vectors("file-chunks")
def test_a_chunk_opens_in_its_place_alone(vector: dict[str, str]) -> None:
    sealed = SealedFile(bytes.fromhex(vector["key"]), vector["complaint"], vector["file"])
    index, size = int(vector["index"]), int(vector["size"])
    # A chunk that is not the first stands behind a whole one.
    before = [box(content(CHUNK_BYTES), sealed.key, sealed.chunk_context(1, last=False))] * (index - 1)
    given = [*before, bytes.fromhex(vector["boxed"])]
    if vector["plaintext"] is None:
        with pytest.raises(Unreadable):
            opened(given, size, sealed)
    else:
        assert opened(given, size, sealed).hex() == vector["plaintext"]


@pytest.mark.parametrize(
    "size", [0, 1, 4096, 4097, CHUNK_BYTES - 1, CHUNK_BYTES, CHUNK_BYTES + 1, 2 * CHUNK_BYTES, SIZE]
)
def test_a_file_comes_back_whatever_its_parts(size: int) -> None:
    whole = content(size)
    for length in (70_001, CHUNK_BYTES, size + 1):
        chunks = sealed(*(whole[at : at + length] for at in range(0, size, length)))
        assert opened(chunks, size) == whole
        assert sum(map(len, chunks)) == padded_size(size) + 29 * len(chunks)
        assert [len(each) for each in chunks[:-1]] == [CHUNK_BYTES + 29] * (len(chunks) - 1)


MISCHIEF: dict[str, Callable[[list[bytes]], list[bytes]]] = {
    "two chunks exchanged": lambda chunks: [chunks[1], chunks[0], chunks[2]],
    "the last left out": lambda chunks: chunks[:2],
    "the middle left out": lambda chunks: [chunks[0], chunks[2]],
    "all left out": lambda chunks: [],
    "one twice": lambda chunks: [chunks[0], chunks[0], *chunks[1:]],
    "one more after the last": lambda chunks: [*chunks, chunks[2]],
    "a bit flipped": lambda chunks: [chunks[0][:-1] + bytes([chunks[0][-1] ^ 1]), *chunks[1:]],
    "one cut": lambda chunks: [chunks[0], chunks[1][:-1], chunks[2]],
    "one longer": lambda chunks: [chunks[0], chunks[1] + b"\0", chunks[2]],
}


@pytest.mark.parametrize("mischief", MISCHIEF.values(), ids=MISCHIEF)
def test_chunks_that_are_not_the_file_are_unreadable(
    chunks: list[bytes], mischief: Callable[[list[bytes]], list[bytes]]
) -> None:
    assert opened(chunks) == content(SIZE)
    with pytest.raises(Unreadable):
        opened(mischief(chunks))


def rightly_boxed(*plains: bytes) -> list[bytes]:
    """Box as somebody would who has the key and does not keep the format."""
    count = len(plains)
    return [box(plain, SEALED.key, SEALED.chunk_context(at, at == count)) for at, plain in enumerate(plains, 1)]


@pytest.mark.parametrize(
    ("plains", "size"),
    [
        ([b"a" * 4097], 4096), ([b"a" * 4095], 4095), ([b"a" * 10 + b"\1" * 4086], 10), ([b"a" * 4096], 10),
        ([b"a" * 2048, b"a" * 2048], 4096), ([b"", b"a" * 4096], 4096), ([b"a" * 4096, b""], 4096),
        # Sizes that are their own padded size: nothing but the cut is wrong.
        ([b"a" * (CHUNK_BYTES + 32768)], CHUNK_BYTES + 32768), ([b"a" * CHUNK_BYTES, b""], CHUNK_BYTES),
        ([b"a" * CHUNK_BYTES, b"a" * (2 * CHUNK_BYTES)], 3 * CHUNK_BYTES),
    ],
    ids=[
        "more than it fills", "not filled", "padding that is not zero", "another size", "chunks that are not whole",
        "an empty first chunk", "an empty last chunk", "a chunk too long", "an empty chunk behind a whole file",
        "two chunks in one",
    ],
)  # fmt: skip
def test_what_no_honest_program_seals_is_unreadable(plains: list[bytes], size: int) -> None:
    with pytest.raises(Unreadable):
        opened(rightly_boxed(*plains), size)


def test_another_key_case_or_file_opens_nothing(chunks: list[bytes]) -> None:
    key = SEALED.key
    for other in (SealedFile(drawn("another"), CASE, FILE), SealedFile(key, FILE, FILE), SealedFile(key, CASE, CASE)):
        with pytest.raises(Unreadable):
            opened(chunks, sealed=other)


def test_no_two_chunks_have_one_nonce_even_of_the_same_file(chunks: list[bytes]) -> None:
    again = sealed(content(SIZE))
    nonces = {each[1:13] for each in chain(chunks, again)}
    assert len(nonces) == len(chunks) + len(again)


def test_a_chunk_in_the_clear_does_not_show_itself() -> None:
    [chunk] = cut_file([b"rahasia"])
    assert b"rahasia" in chunk.content and "rahasia" not in repr(chunk)


def test_no_more_than_a_chunk_waits_while_a_file_is_cut() -> None:
    taken = 0

    def parts() -> Iterator[bytes]:
        nonlocal taken
        for _part in range(64):
            taken += 1
            yield bytes(65_536)

    cutting = cut_file(parts())
    for cut in (1, 2, 3):
        next(cutting)
        assert taken <= 16 * cut + 1


def test_a_part_that_is_a_chunk_is_not_copied() -> None:
    parts = [content(CHUNK_BYTES), bytes(CHUNK_BYTES), b"rest"]
    first, second, _last = cut_file(parts)
    assert first.content is parts[0] and second.content is parts[1]


def test_a_box_fills_what_it_needs_of_its_room() -> None:
    room = bytearray(b"x" * 100)
    boxed = box_into(room, b"rahasia", SEALED.key, b"di sini")
    assert unbox(boxed, SEALED.key, b"di sini") == b"rahasia"
    assert room == bytes(boxed) + b"x" * (100 - len(boxed)) and len(boxed) == len(b"rahasia") + BOXED_BYTES


@pytest.mark.parametrize("size", [0, 1, 12, 13, len(b"rahasia") + BOXED_BYTES - 1])
def test_a_box_for_which_there_is_too_little_room_fills_none(size: int) -> None:
    room = bytearray(b"x" * size)
    with pytest.raises(ValueError, match="buffer"):
        box_into(room, b"rahasia", SEALED.key, b"di sini")
    assert room == b"x" * size


@settings(max_examples=25, deadline=None)
@given(size=st.integers(0, 3 * CHUNK_BYTES), length=st.integers(30_000, 2_000_000))
def test_any_size_in_any_parts_comes_back(size: int, length: int) -> None:
    whole = bytes(size)
    assert opened(sealed(*(whole[at : at + length] for at in range(0, size, length))), size) == whole


def test_each_chunk_is_a_box_in_its_own_place(chunks: list[bytes]) -> None:
    place = f"kentongan/v1/file-chunk/{CASE}/{FILE}/2/more".encode()
    assert unbox(chunks[1], SEALED.key, place) == content(SIZE)[CHUNK_BYTES : 2 * CHUNK_BYTES]


@vectors("file-boxes")
def test_a_files_boxes_open_in_their_place_alone(vector: dict[str, Any]) -> None:
    if vector["opened"] is None:
        with pytest.raises(Unreadable):
            opened_box(vector)
    else:
        assert opened_box(vector) == vector["opened"]


MANIFEST = context("file-manifest", CASE, FILE)


@vectors("file-manifests")
def test_a_manifest_has_one_text_and_no_other_opens(vector: dict[str, Any]) -> None:
    text = bytes.fromhex(vector["text"])
    boxed = box(pad(text), SEALED.key, MANIFEST)
    if vector["manifest"] is None:
        with pytest.raises(Unreadable):
            open_manifest(boxed, SEALED)
    else:
        manifest = open_manifest(boxed, SEALED)
        assert told_of(manifest) == vector["manifest"]
        assert unpad(unbox(box_manifest(manifest, SEALED), SEALED.key, MANIFEST)) == text


def test_a_manifest_fills_64_kib_at_most() -> None:
    long = replace(SMALL, description="a" * 65_536)
    with pytest.raises(TooLong):
        box_manifest(long, SEALED)
    told = json.dumps(told_of(long), sort_keys=True, separators=(",", ":")).encode()
    with pytest.raises(Unreadable):
        open_manifest(box(pad(told), SEALED.key, MANIFEST), SEALED)
    chunks = (SMALL.sha256,) * 477
    assert len(box_manifest(replace(SMALL, chunks=chunks, size=500_000_000), SEALED)) == 65_536 + 29


@vectors("file-digests")
def test_a_files_digest_is_of_its_boxes_and_chunks_in_their_order(vector: dict[str, Any]) -> None:
    chunks = [bytes.fromhex(each) for each in vector["chunks"]]
    key, manifest = bytes.fromhex(vector["key_box"]), bytes.fromhex(vector["manifest_box"])
    assert file_digest(key, manifest, chunks) == vector["digest"]
