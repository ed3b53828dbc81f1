"""The Merkle tree: the published vectors, and for sizes to a few hundred the recursive definition of RFC 6962 §2.1."""

import os
from collections.abc import Iterator
from hashlib import sha256
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ledger.tree import (
    EMPTY_ROOT, continues, includes, leaf_hash, node_hash, nodes_of, prove_consistency, prove_inclusion, root_of,
)  # fmt: skip
from tests.vectors.reading import load, vectors

Vector = dict[str, Any]
EIGHT = [bytes.fromhex(entry) for entry in next(v for v in load("merkle") if v["name"] == "eight entries")["entries"]]
LEAVES = [leaf_hash(entry) for entry in EIGHT]
MANY = [leaf_hash(bytes([at >> 8, at & 255])) for at in range(300)]
often = settings(max_examples=150, deadline=None)
sizes = st.integers(1, len(MANY))


def mth(leaves: list[bytes]) -> bytes:
    """RFC 6962 §2.1, MTH(D[n]), word for word."""
    n = len(leaves)
    if n == 0:
        return sha256().digest()
    return leaves[0] if n == 1 else node_hash(mth(leaves[: k(n)]), mth(leaves[k(n) :]))


def path(m: int, leaves: list[bytes]) -> list[bytes]:
    """§2.1.1, PATH(m, D[n])."""
    n = len(leaves)
    if n == 1:
        return []
    if m < k(n):
        return [*path(m, leaves[: k(n)]), mth(leaves[k(n) :])]
    return [*path(m - k(n), leaves[k(n) :]), mth(leaves[: k(n)])]


def subproof(m: int, leaves: list[bytes], known: bool) -> list[bytes]:
    """§2.1.2, SUBPROOF(m, D[n], b)."""
    n = len(leaves)
    if m == n:
        return [] if known else [mth(leaves)]
    if m <= k(n):
        return [*subproof(m, leaves[: k(n)], known), mth(leaves[k(n) :])]
    return [*subproof(m - k(n), leaves[k(n) :], False), mth(leaves[: k(n)])]


def k(n: int) -> int:
    power = 1
    while power * 2 < n:
        power *= 2
    return power


def root(size: int, leaves: list[bytes] = MANY) -> bytes:
    return root_of(nodes_of(leaves), size)


def spoilt(proof: list[bytes]) -> Iterator[list[bytes]]:
    """Yield proofs that are not ``proof``: one part gone, added, exchanged, changed in a bit, or cut elsewhere."""
    for at, part in enumerate(proof):
        yield [*proof[:at], *proof[at + 1 :]]
        yield [*proof[:at], part, *proof[at:]]
        yield [*proof[:at], bytes([part[0] ^ 8]) + part[1:], *proof[at + 1 :]]
        yield [*proof[:at], part[:-1], *proof[at + 1 :]]
    yield [*proof, os.urandom(32)]
    yield [os.urandom(32), *proof]


@vectors("merkle", "root")
def test_a_root_is_the_published_one(vector: Vector) -> None:
    leaves = [leaf_hash(bytes.fromhex(entry)) for entry in vector["entries"]]
    assert root(len(leaves), leaves).hex() == vector["root"]


@vectors("merkle", "inclusion")
def test_an_inclusion_proof_is_the_published_one_and_no_other_passes(vector: Vector) -> None:
    index, size = vector["index"], vector["size"]
    proof = prove_inclusion(nodes_of(LEAVES), index, size)
    top = root(size, LEAVES)
    assert [part.hex() for part in proof] == vector["inclusion"]
    assert includes(top, size, index, LEAVES[index], proof)
    assert not any(includes(top, size, index, LEAVES[index], wrong) for wrong in spoilt(proof))
    assert not any(includes(top, size, other, LEAVES[index], proof) for other in range(-1, 9) if other != index)
    assert not includes(top, size, index, LEAVES[index - 7], proof)
    assert not includes(os.urandom(32), size, index, LEAVES[index], proof)


@vectors("merkle", "consistency")
def test_a_consistency_proof_is_the_published_one_and_no_other_passes(vector: Vector) -> None:
    old, new = vector["old"], vector["new"]
    proof = prove_consistency(nodes_of(LEAVES), old, new)
    before, after = root(old, LEAVES), root(new, LEAVES)
    assert [part.hex() for part in proof] == vector["consistency"]
    assert continues(before, old, after, new, proof)
    assert not any(continues(before, old, after, new, wrong) for wrong in spoilt(proof))
    assert not continues(os.urandom(32), old, after, new, proof)
    assert not continues(before, old, os.urandom(32), new, proof)
    others = [other for other in range(-1, new + 2) if other != old]
    assert not any(continues(before, other, after, new, proof) for other in others)


@often
@given(size=sizes, data=st.data())
def test_proofs_are_those_of_the_recursive_definition(size: int, data: st.DataObject) -> None:
    index, old = data.draw(st.integers(0, size - 1)), data.draw(st.integers(1, size))
    tree, leaves = nodes_of(MANY), MANY[:size]
    inclusion, consistency = prove_inclusion(tree, index, size), prove_consistency(tree, old, size)
    assert root(size) == mth(leaves)
    assert inclusion == path(index, leaves)
    assert consistency == subproof(old, leaves, True)
    assert includes(root(size), size, index, MANY[index], inclusion)
    assert continues(root(old), old, root(size), size, consistency)


@often
@given(size=st.integers(2, 300), changed=st.integers(0, 299), data=st.data())
def test_a_tree_in_which_an_old_entry_was_changed_continues_nothing(
    size: int, changed: int, data: st.DataObject
) -> None:
    old = data.draw(st.integers(1, size))
    at = changed % old
    forged = [*MANY[:at], leaf_hash(b"forged"), *MANY[at + 1 :]]
    proof = prove_consistency(nodes_of(forged), old, size)
    assert not continues(root(old), old, root(size, forged), size, proof)


def test_an_empty_tree_is_continued_by_any_and_proved_by_nothing() -> None:
    assert continues(EMPTY_ROOT, 0, root(9), 9, [])
    assert continues(EMPTY_ROOT, 0, EMPTY_ROOT, 0, [])
    assert not continues(EMPTY_ROOT, 0, root(9), 9, [MANY[0]])
    assert not continues(EMPTY_ROOT, 0, root(9), 0, [])
    assert not continues(root(1), 0, root(9), 9, [])
    assert not continues(root(9), 9, root(4), 4, [])
    assert not includes(EMPTY_ROOT, 0, 0, MANY[0], [])


@pytest.mark.parametrize("cut", [31, 33])
def test_a_proof_whose_hashes_are_cut_elsewhere_does_not_pass(cut: int) -> None:
    """The same bytes, joined, would make the same root: of an entry that is none."""
    inner = MANY[0] + MANY[1]
    assert not includes(root(2), 2, 0, inner[:cut], [inner[cut:]])
