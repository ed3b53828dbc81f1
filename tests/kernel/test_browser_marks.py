"""What was read of a file is known again by its marks: any change is seen, as is a chunk in another one's place."""

import os
from typing import Any

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from playwright.sync_api import Page

from kernel.vault import CHUNK_BYTES, padded_size

# A file of random bytes, read through and then once more, its `changes` in between: of a chunk, one of whose bits is
# turned at a place; `order` is which chunk then stands where.
READ = """async ({ size, changes, order }) => {
  const { readThrough } = await import("/static/js/vault/file-hashes.js");
  const { plainChunk } = await import("/static/js/vault/files.js");
  const whole = new Uint8Array(size);
  for (let at = 0; at < size; at += 65_536) crypto.getRandomValues(whole.subarray(at, at + 65_536));
  const blob = new Blob([whole]);
  const { marks } = await readThrough(blob, () => undefined);
  return Promise.all(order.map(async (number, at) => {
    const chunk = await plainChunk(blob, number);
    for (const [changed, byte, bit] of changes) if (changed === number) chunk[byte] ^= 1 << bit;
    return marks.fit(chunk, at + 1);
  }));
}"""
# The keys that two readings of a file draw; and, where all are the one that is given, the marks of it.
DRAWN = """async ({ size, key }) => {
  const { readThrough } = await import("/static/js/vault/file-hashes.js");
  const [subtle, keys, marks] = [SubtleCrypto.prototype, [], []];
  const { generateKey, encrypt } = subtle;
  const given = Uint8Array.from(key);
  subtle.generateKey = async function (...how) {
    keys.push(await generateKey.apply(this, how));
    return key.length ? this.importKey("raw", given, ...how) : keys.at(-1);
  };
  subtle.encrypt = async function (...how) {
    const mark = await encrypt.apply(this, how);
    marks.push([...new Uint8Array(mark)]);
    return mark;
  };
  for (const _turn of "12") await readThrough(new Blob([new Uint8Array(size).fill(7)]), () => undefined);
  return { keys: keys.map(({ extractable, algorithm }) => [extractable, algorithm]), marks };
}"""
TWO_AND_A_BIT = 2 * CHUNK_BYTES + 5
LAST = padded_size(TWO_AND_A_BIT) - 2 * CHUNK_BYTES - 1
AES = {"name": "AES-GCM", "length": 256}


@pytest.fixture(autouse=True)
def alone(blank: Page) -> None:
    """Some of these replace what a page calls."""
    blank.reload()


def known(blank: Page, size: int, order: list[int], *changes: tuple[int, int, int]) -> list[bool]:
    """Say of each chunk of a file of ``size`` bytes whether it is taken for what was read in its place."""
    return list(blank.evaluate(READ, {"size": size, "changes": changes, "order": order}))


@pytest.mark.parametrize("size", [1, 4096, 4097, CHUNK_BYTES - 1, CHUNK_BYTES])
def test_a_file_of_one_chunk_that_stays_is_what_was_read(blank: Page, size: int) -> None:
    assert known(blank, size, [1]) == [True]


def test_each_chunk_of_a_file_that_stays_is_what_was_read(blank: Page) -> None:
    assert known(blank, TWO_AND_A_BIT, [1, 2, 3]) == [True, True, True]


@pytest.mark.parametrize("number", [1, 2])
@pytest.mark.parametrize("byte", [0, 15, 16, CHUNK_BYTES // 2, CHUNK_BYTES - 1])
def test_one_bit_that_is_turned_anywhere_is_seen_in_its_chunk(blank: Page, number: int, byte: int) -> None:
    seen = known(blank, TWO_AND_A_BIT, [1, 2, 3], (number, byte, byte % 8))
    assert seen == [each != number for each in (1, 2, 3)]


@pytest.mark.parametrize("byte", [4, 5, LAST])
def test_zeros_after_the_end_are_known_as_the_rest_is(blank: Page, byte: int) -> None:
    assert known(blank, TWO_AND_A_BIT, [1, 2, 3], (3, byte, 0)) == [True, True, False]


@pytest.mark.parametrize("byte", [0, 1, 4095])
def test_a_file_of_one_byte_is_known_with_all_that_fills_it(blank: Page, byte: int) -> None:
    assert known(blank, 1, [1], (1, byte, 7)) == [False]


def test_chunks_that_were_exchanged_are_not_what_was_read(blank: Page) -> None:
    assert known(blank, 3 * CHUNK_BYTES, [2, 1, 3]) == [False, False, True]
    assert known(blank, 3 * CHUNK_BYTES, [1, 1, 1]) == [True, False, False]


def test_each_reading_draws_a_key_of_its_own_that_no_script_can_read(blank: Page) -> None:
    drawn: Any = blank.evaluate(DRAWN, {"size": CHUNK_BYTES, "key": []})
    assert drawn["keys"] == [[False, AES], [False, AES]]
    one, other = drawn["marks"]
    assert one != other, "the same chunk has the same mark in two readings"


def test_a_mark_is_gmac_whose_nonce_is_the_number_of_the_chunk(blank: Page) -> None:
    key, content = os.urandom(32), (bytes([7]) * TWO_AND_A_BIT).ljust(padded_size(TWO_AND_A_BIT), b"\0")
    drawn: Any = blank.evaluate(DRAWN, {"size": TWO_AND_A_BIT, "key": list(key)})
    chunks = [content[at : at + CHUNK_BYTES] for at in range(0, len(content), CHUNK_BYTES)]
    marks = [AESGCM(key).encrypt(number.to_bytes(12, "big"), b"", chunk) for number, chunk in enumerate(chunks, 1)]
    assert drawn["marks"] == [list(mark) for mark in marks] * 2
