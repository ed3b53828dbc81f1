"""The Merkle tree of RFC 6962 §2.1 (RFC 9162 §2.1): hashes, roots, and proofs made and verified. Pure.

A tree is known by ``Nodes``: the root of any whole subtree, of 2^level leaves from index·2^level on. Every range that a
proof needs is put together of such, so a prover may hold leaf hashes or tiles alike. Ranges are [start, end).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from hashlib import sha256
from itertools import dropwhile

HASH_BYTES = 32
LEAF, INNER = b"\x00", b"\x01"
EMPTY_ROOT = sha256(b"").digest()

Nodes = Callable[[int, int], bytes]
Range = tuple[int, int]


def leaf_hash(entry: bytes) -> bytes:
    """Return the hash of an entry as a leaf: SHA-256(0x00 ‖ entry)."""
    return sha256(LEAF + entry).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Return the hash of two subtrees side by side: SHA-256(0x01 ‖ left ‖ right)."""
    return sha256(INNER + left + right).digest()


def whole(hashes: Sequence[bytes]) -> bytes:
    """Return the root over neighbouring roots of one height, of which there are a power of two."""
    row = list(hashes)
    while len(row) > 1:
        row = [node_hash(left, right) for left, right in zip(row[::2], row[1::2], strict=True)]
    return row[0]


def nodes_of(leaves: Sequence[bytes]) -> Nodes:
    """Return the subtrees over leaf hashes held in memory."""
    return lambda level, index: whole(leaves[index << level : (index + 1) << level])


def root_of(nodes: Nodes, size: int) -> bytes:
    """Return the root of the tree of the first ``size`` entries."""
    return _over(nodes, (0, size)) if size else EMPTY_ROOT


def prove_inclusion(nodes: Nodes, index: int, size: int) -> list[bytes]:
    """Return the audit path of entry ``index`` in the tree of ``size`` entries, the leaf's sibling first (§2.1.1)."""
    return [_over(nodes, beside) for beside in _beside(index, size)]


def includes(root: bytes, size: int, index: int, leaf: bytes, proof: Sequence[bytes]) -> bool:
    """Tell whether ``proof`` shows that the tree of ``size`` entries and this root has that leaf hash at ``index``."""
    if not 0 <= index < size:
        return False
    ranges = _beside(index, size)
    if not _has_form([leaf, root, *proof], len(ranges) + 2):
        return False
    found = leaf
    for (_start, end), beside in zip(ranges, proof, strict=True):
        found = node_hash(beside, found) if end <= index else node_hash(found, beside)
    return found == root


def prove_consistency(nodes: Nodes, old: int, new: int) -> list[bytes]:
    """Return the proof that the tree of ``new`` entries continues that of ``old`` (§2.1.2); none is needed for 0."""
    seed, ranges = _above(old, new)
    return [_over(nodes, part) for part in (*seed, *ranges)]


def continues(old_root: bytes, old: int, new_root: bytes, new: int, proof: Sequence[bytes]) -> bool:
    """Tell whether ``proof`` shows that the first ``old`` entries of the new tree are the old tree's."""
    if not 0 <= old <= new:
        return False
    seed, ranges = _above(old, new)
    if not _has_form([old_root, new_root, *proof], len(seed) + len(ranges) + 2):
        return False
    if old == 0:
        return old_root == EMPTY_ROOT and (new > 0 or new_root == EMPTY_ROOT)
    return _climb(old, ranges, [*([] if seed else [old_root]), *proof]) == (old_root, new_root)


def _climb(old: int, ranges: list[Range], hashes: list[bytes]) -> tuple[bytes, bytes]:
    """Return both roots: of the old tree from what is left of its last entry, of the new one from all."""
    before = after = hashes[0]
    for (_start, end), beside in zip(ranges, hashes[1:], strict=True):
        if end <= old:
            before, after = node_hash(beside, before), node_hash(beside, after)
        else:
            after = node_hash(after, beside)
    return before, after


def _beside(index: int, size: int) -> list[Range]:
    """Return the ranges left and right of the way from leaf ``index`` up to the root, the lowest first."""
    ranges, start, end = [], 0, size
    while end - start > 1:
        middle = start + _left_part(end - start)
        if index < middle:
            ranges.append((middle, end))
            end = middle
        else:
            ranges.append((start, middle))
            start = middle
    return ranges[::-1]


def _above(old: int, new: int) -> tuple[list[Range], list[Range]]:
    """Return the largest range on the way that ends with the old tree, and the ranges beside the way above it.

    That range comes first in a proof, unless it is the old tree whole, whose root the verifier holds.
    """
    if old == 0:
        return [], []
    ranges = list(dropwhile(lambda beside: beside[1] < old, _beside(old - 1, new)))
    start = max((end for _start, end in ranges if end < old), default=0)
    return [(start, old)] if start else [], ranges


def _over(nodes: Nodes, part: Range) -> bytes:
    """Return the root over a range that begins where a subtree of its size can (RFC 6962 §2.1, MTH)."""
    start, end = part
    width = end - start
    if width & (width - 1) == 0:
        level = width.bit_length() - 1
        return nodes(level, start >> level)
    middle = start + _left_part(width)
    return node_hash(_over(nodes, (start, middle)), _over(nodes, (middle, end)))


def _left_part(width: int) -> int:
    """Return the largest power of two smaller than ``width``, which is at least 2."""
    return 1 << ((width - 1).bit_length() - 1)


def _has_form(hashes: Sequence[bytes], count: int) -> bool:
    # A hash one byte short and its neighbour one byte longer would join to the same bytes.
    return len(hashes) == count and all(len(each) == HASH_BYTES for each in hashes)
