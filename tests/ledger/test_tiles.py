"""Tiles: the document's own examples, and trees that grow tile by tile as they would grow leaf by leaf."""

import os
from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ledger.tiles import (
    WIDTH, NoTile, Tile, grown, hashes_in, nodes_in, read_bundle, tiles_of, write_bundle,
)  # fmt: skip
from ledger.tree import leaf_hash, nodes_of, prove_consistency, prove_inclusion, root_of

LEAVES = [leaf_hash(at.to_bytes(3, "big")) for at in range(1200)]
often = settings(max_examples=60, deadline=None)
tiles = st.builds(Tile, st.none() | st.integers(0, 63), st.integers(0, 2**40), st.integers(1, WIDTH))


@pytest.mark.parametrize(
    ("tile", "path"),
    [
        (Tile(0, 1234067), "tile/0/x001/x234/067"),
        (Tile(0, 0), "tile/0/000"),
        (Tile(63, 999, 255), "tile/63/999.p/255"),
        (Tile(2, 1000, 1), "tile/2/x001/000.p/1"),
        (Tile(None, 273, 112), "tile/entries/273.p/112"),
    ],
)
def test_a_path_is_written_and_read(tile: Tile, path: str) -> None:
    assert tile.path == path
    assert Tile.read(path) == tile


@often
@given(tile=tiles)
def test_every_path_is_read_as_the_tile_it_was_written_for(tile: Tile) -> None:
    assert Tile.read(tile.path) == tile


@pytest.mark.parametrize(
    "path",
    [
        "", "tile", "tile/0", "tile/0/", "tile/0/0", "tile/0/0000", "tile/00/000", "tile/64/000", "tile/-1/000",
        "tile/0/x000/001", "tile/0/x001", "tile/0/001/x234", "tile/0/001/234", "tile/0/X001/234", "tile/0/000.p/0",
        "tile/0/000.p/256", "tile/0/000.p/01", "tile/0/000.p/", "tile/0/000.p", "tile/0/000/", "/tile/0/000",
        "tile/0/000\n", "tile/data/000", "tile/0/٠٠٠", "tile/8/0/000", "tile/0/../000", "checkpoint",
    ],
)  # fmt: skip
def test_a_path_written_otherwise_names_nothing(path: str) -> None:
    with pytest.raises(NoTile):
        Tile.read(path)


def test_the_tiles_of_a_tree_are_those_of_the_documents_examples() -> None:
    shown = Counter((tile.level, tile.width) for tile in tiles_of(70_000))
    assert shown == {(0, 256): 273, (0, 112): 1, (1, 256): 1, (1, 17): 1, (2, 1): 1}
    assert list(tiles_of(256)) == [Tile(0, 0), Tile(1, 0, 1)]
    assert list(tiles_of(0)) == []


@often
@given(size=st.integers(1, 300_000))
def test_a_tree_has_a_tile_where_the_tile_names_its_size(size: int) -> None:
    for tile in tiles_of(size):
        assert size in tile.sizes
        if tile.width < WIDTH:
            assert size not in Tile(tile.level, tile.index, tile.width + 1).sizes
            assert tile.width == 1 or size not in Tile(tile.level, tile.index, tile.width - 1).sizes
    assert size not in Tile(0, size // WIDTH + 1, 1).sizes


@often
@given(steps=st.lists(st.integers(0, 400), min_size=1, max_size=4), data=st.data())
def test_a_tree_that_grows_by_tiles_proves_what_its_leaves_do(steps: list[int], data: st.DataObject) -> None:
    held: dict[Tile, bytes] = {}
    size = 0
    for step in steps:
        step = min(step, len(LEAVES) - size)
        held |= grown(held.__getitem__, size, LEAVES[size : size + step])
        size += step
    if size == 0:
        return
    # All tiles of this size are among those held, each with what a tree made at once would hold.
    assert {tile: held[tile] for tile in tiles_of(size)} == dict(grown(held.__getitem__, 0, LEAVES[:size]))
    index, old = data.draw(st.integers(0, size - 1)), data.draw(st.integers(1, size))
    leafwise, tilewise = nodes_of(LEAVES), nodes_in(held.__getitem__, size)
    assert root_of(tilewise, size) == root_of(leafwise, size)
    assert prove_inclusion(tilewise, index, size) == prove_inclusion(leafwise, index, size)
    assert prove_consistency(tilewise, old, size) == prove_consistency(leafwise, old, size)


def test_a_proof_asks_for_each_tile_once() -> None:
    held = grown({}.__getitem__, 0, LEAVES)
    asked: Counter[Tile] = Counter()

    def read(tile: Tile) -> bytes:
        asked[tile] += 1
        return held[tile]

    prove_inclusion(nodes_in(read, len(LEAVES)), 700, len(LEAVES))
    assert max(asked.values()) == 1
    assert len(asked) <= 3


def test_a_tile_is_its_hashes_joined() -> None:
    assert hashes_in(b"".join(LEAVES[:7])) == LEAVES[:7]


def test_a_bundle_holds_each_entry_after_its_length() -> None:
    assert write_bundle([b"", b"abc", b"z" * 258]) == b"\0\0" + b"\0\3abc" + b"\1\2" + b"z" * 258
    entries = [os.urandom(64) for _ in range(64)]
    assert len(write_bundle(entries)) == 64 * 66
    assert read_bundle(write_bundle(entries)) == entries


@pytest.mark.parametrize("content", [b"\0", b"\0\1", b"\0\2a", b"\0\1a\0"])
def test_a_bundle_that_ends_within_an_entry_is_refused(content: bytes) -> None:
    with pytest.raises(NoTile):
        read_bundle(content)
