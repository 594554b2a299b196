"""RFC 6962 / 9162 against published values and a slow recursive reference."""

from __future__ import annotations

from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from varde.audit import tree

LEAVES = [
    bytes.fromhex(text)
    for text in ("", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f")
]
ROOTS = [
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]


def slow_root(leaves: list[bytes]) -> bytes:
    """MTH exactly as the definition reads."""
    if not leaves:
        return sha256(b"").digest()
    if len(leaves) == 1:
        return sha256(b"\x00" + leaves[0]).digest()
    split = 1
    while split * 2 < len(leaves):
        split *= 2
    return sha256(b"\x01" + slow_root(leaves[:split]) + slow_root(leaves[split:])).digest()


def grown(leaves: list[bytes]) -> tree.MemoryNodes:
    store = tree.MemoryNodes()
    for index, stored in enumerate(leaves):
        tree.append(store, index, stored)
    return store


@pytest.mark.parametrize("size", range(9))
def test_roots_equal_the_published_values(size: int) -> None:
    assert tree.root(grown(LEAVES), size).hex() == ROOTS[size]
    assert tree.stream_root(LEAVES[:size]) == (size, bytes.fromhex(ROOTS[size]))


@pytest.mark.parametrize(
    ("index", "size", "expected"),
    [
        (0, 8, ["96a296d224f285c6", "5f083f0a1a33ca07", "6b47aaf29ee3c2af"]),
        (5, 8, ["bc1a0643b12e4d2d", "ca854ea128ed050b", "d37ee418976dd957"]),
        (2, 3, ["fac54203e7cc696c"]),
        (1, 5, ["6e340b9cffb37a98", "5f083f0a1a33ca07", "bc1a0643b12e4d2d"]),
    ],
)
def test_inclusion_proofs_equal_the_published_values(index: int, size: int, expected: list[str]) -> None:
    assert [digest[:8].hex() for digest in tree.inclusion_proof(grown(LEAVES), index, size)] == expected


@pytest.mark.parametrize(
    ("old", "size", "expected"),
    [
        (1, 8, ["96a296d224f285c6", "5f083f0a1a33ca07", "6b47aaf29ee3c2af"]),
        (6, 8, ["0ebc5d3437fbe2db", "ca854ea128ed050b", "d37ee418976dd957"]),
        (2, 5, ["5f083f0a1a33ca07", "bc1a0643b12e4d2d"]),
        (7, 7, []),
    ],
)
def test_consistency_proofs_equal_the_published_values(old: int, size: int, expected: list[str]) -> None:
    assert [digest[:8].hex() for digest in tree.consistency_proof(grown(LEAVES), old, size)] == expected


@given(st.lists(st.binary(max_size=12), max_size=70))
def test_root_of_every_prefix_equals_the_slow_definition(leaves: list[bytes]) -> None:
    store = grown(leaves)
    for size in range(len(leaves) + 1):
        expected = slow_root(leaves[:size])
        assert tree.root(store, size) == expected
        assert tree.stream_root(leaves[:size]) == (size, expected)


def test_every_proof_verifies_and_no_proof_fits_another_place() -> None:
    leaves = [bytes([number]) for number in range(41)]
    store = grown(leaves)
    for size in range(1, 42):
        root = tree.root(store, size)
        for index in range(size):
            path = tree.inclusion_proof(store, index, size)
            leaf = tree.leaf_hash(leaves[index])
            assert tree.verify_inclusion(leaf, index, size, path, root)
            assert not tree.verify_inclusion(tree.leaf_hash(b"other"), index, size, path, root)
            assert not tree.verify_inclusion(leaf, index, size, [*path, root], root)
            if size > 1:
                assert not tree.verify_inclusion(leaf, (index + 1) % size, size, path, root)
                assert not tree.verify_inclusion(leaf, index, size, path[:-1], root)
        for old in range(size + 1):
            path = tree.consistency_proof(store, old, size)
            old_root = tree.root(store, old)
            assert tree.verify_consistency(old, old_root, size, root, path)
            if 0 < old < size:
                assert not tree.verify_consistency(old, tree.leaf_hash(b"x"), size, root, path)
                assert not tree.verify_consistency(old, old_root, size, tree.leaf_hash(b"x"), path)
                assert not tree.verify_consistency(old, old_root, size, root, path[:-1])


def test_a_proof_outside_the_tree_is_refused() -> None:
    store = grown(LEAVES)
    with pytest.raises(ValueError, match="leaf 8 is not in a tree of 8 leaves"):
        tree.inclusion_proof(store, 8, 8)
    with pytest.raises(ValueError, match="a tree of 3 leaves cannot have grown from one of 4"):
        tree.consistency_proof(store, 4, 3)
    assert not tree.verify_inclusion(tree.leaf_hash(b""), 8, 8, [], tree.root(store, 8))


@given(st.lists(st.binary(max_size=6), max_size=40))
def test_nodes_made_from_a_stream_equal_the_nodes_stored_by_appending(leaves: list[bytes]) -> None:
    produced = {(level, index): digest for level, index, digest in tree.complete_nodes(leaves)}
    assert produced == grown(leaves).nodes


def test_every_single_bit_edit_removal_and_exchange_changes_the_root() -> None:
    leaves = [f"event {number}".encode() for number in range(19)]
    _, root = tree.stream_root(leaves)
    seen = 0
    for index, stored in enumerate(leaves):
        for bit in range(len(stored) * 8):
            edited = bytearray(stored)
            edited[bit // 8] ^= 1 << bit % 8
            assert tree.stream_root([*leaves[:index], bytes(edited), *leaves[index + 1 :]])[1] != root
            seen += 1
        assert tree.stream_root(leaves[:index] + leaves[index + 1 :])[1] != root
        for other in range(index):
            exchanged = list(leaves)
            exchanged[index], exchanged[other] = exchanged[other], exchanged[index]
            assert tree.stream_root(exchanged)[1] != root
    assert seen == sum(len(stored) for stored in leaves) * 8
