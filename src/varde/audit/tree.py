"""The Merkle tree of RFC 6962 (hashes) and RFC 9162 (proofs), kept as complete subtrees only.

A leaf is hashed from the bytes as they are stored, never from an object made anew. Level 0 holds leaf hashes; the node
``(level, index)`` covers the leaves ``[index * 2**level, (index + 1) * 2**level)``. An append writes one leaf and on
average one parent; roots and proofs are read from at most ``2 * log2(n)`` stored nodes.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Protocol

EMPTY_ROOT = sha256(b"").digest()


class NodeStore(Protocol):
    """Where complete subtrees are kept."""

    def get(self, level: int, index: int) -> bytes:
        """Return the 32-byte hash of a complete subtree; raise ``KeyError`` when it is not stored."""

    def put(self, level: int, index: int, digest: bytes) -> None:
        """Store the hash of a complete subtree once."""


@dataclass
class MemoryNodes:
    """A node store in memory, for verification and for small trees."""

    nodes: dict[tuple[int, int], bytes] = field(default_factory=dict)

    def get(self, level: int, index: int) -> bytes:
        """Return a stored hash; ``KeyError`` when absent."""
        return self.nodes[level, index]

    def put(self, level: int, index: int, digest: bytes) -> None:
        """Store a hash."""
        self.nodes[level, index] = digest


def leaf_hash(stored: bytes) -> bytes:
    """Hash of a leaf: SHA-256(0x00 || stored bytes)."""
    return sha256(b"\x00" + stored).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Hash of an inner node: SHA-256(0x01 || left || right)."""
    return sha256(b"\x01" + left + right).digest()


def append(store: NodeStore, index: int, stored: bytes) -> bytes:
    """Append leaf number ``index`` (0-based, contiguous) and every subtree it completes; return the leaf hash."""
    digest = leaf = leaf_hash(stored)
    level = 0
    store.put(level, index, digest)
    while index % 2:
        digest = node_hash(store.get(level, index - 1), digest)
        level, index = level + 1, index // 2
        store.put(level, index, digest)
    return leaf


def root(store: NodeStore, size: int) -> bytes:
    """Root of the tree of the first ``size`` leaves."""
    return range_hash(store, 0, size)


def range_hash(store: NodeStore, start: int, end: int) -> bytes:
    """MTH of the leaves ``[start, end)`` as it occurs in the recursion of RFC 6962 (``start`` is a multiple of the
    largest power of two that is not above ``end - start``)."""
    if start == end:
        return EMPTY_ROOT
    digest: bytes | None = None
    for level, index in reversed(_complete_subtrees(start, end)):
        part = store.get(level, index)
        digest = part if digest is None else node_hash(part, digest)
    assert digest is not None  # noqa: S101 - start < end gives at least one subtree
    return digest


def inclusion_proof(store: NodeStore, index: int, size: int) -> list[bytes]:
    """Audit path of leaf ``index`` in the tree of ``size`` leaves (RFC 9162, 2.1.3.1), from the leaf upwards."""
    if not 0 <= index < size:
        raise ValueError(f"leaf {index} is not in a tree of {size} leaves")
    start, end, path = 0, size, []
    while end - start > 1:
        middle = start + _split(end - start)
        if index < middle:
            path.append(range_hash(store, middle, end))
            end = middle
        else:
            path.append(range_hash(store, start, middle))
            start = middle
    return path[::-1]


def verify_inclusion(leaf: bytes, index: int, size: int, path: Sequence[bytes], expected_root: bytes) -> bool:
    """Whether ``path`` leads from the leaf hash to the root (RFC 9162, 2.1.3.2)."""
    if not 0 <= index < size:
        return False
    position, last, digest = index, size - 1, leaf
    for sibling in path:
        if last == 0:
            return False
        if position % 2 or position == last:
            digest = node_hash(sibling, digest)
            while position % 2 == 0 and position:
                position, last = position >> 1, last >> 1
        else:
            digest = node_hash(digest, sibling)
        position, last = position >> 1, last >> 1
    return last == 0 and digest == expected_root


def consistency_proof(store: NodeStore, old_size: int, size: int) -> list[bytes]:
    """Proof that the tree of ``size`` leaves only appended to that of ``old_size`` leaves (RFC 9162, 2.1.4.1)."""
    if not 0 <= old_size <= size:
        raise ValueError(f"a tree of {size} leaves cannot have grown from one of {old_size}")
    if old_size in (0, size):
        return []
    start, end, whole, path = 0, size, True, []
    while old_size != end:
        middle = start + _split(end - start)
        if old_size <= middle:
            path.append(range_hash(store, middle, end))
            end = middle
        else:
            path.append(range_hash(store, start, middle))
            start, whole = middle, False
    if not whole:
        path.append(range_hash(store, start, end))
    return path[::-1]


def verify_consistency(old_size: int, old_root: bytes, size: int, new_root: bytes, path: Sequence[bytes]) -> bool:
    """Whether ``path`` shows that the new tree only appended to the old one (RFC 9162, 2.1.4.2)."""
    if not 0 <= old_size <= size:
        return False
    if old_size == size:
        return not path and old_root == new_root
    if old_size == 0:
        return not path and old_root == EMPTY_ROOT
    hashes = list(path)
    if old_size & (old_size - 1) == 0:
        hashes.insert(0, old_root)
    if not hashes:
        return False
    position, last = old_size - 1, size - 1
    while position % 2:
        position, last = position >> 1, last >> 1
    old_digest = new_digest = hashes[0]
    for sibling in hashes[1:]:
        if last == 0:
            return False
        if position % 2 or position == last:
            old_digest, new_digest = node_hash(sibling, old_digest), node_hash(sibling, new_digest)
            while position % 2 == 0 and position:
                position, last = position >> 1, last >> 1
        else:
            new_digest = node_hash(new_digest, sibling)
        position, last = position >> 1, last >> 1
    return last == 0 and old_digest == old_root and new_digest == new_root


def stream_root(leaves: Iterable[bytes]) -> tuple[int, bytes]:
    """Size and root over a stream of stored bytes, with memory for ``log2(n)`` hashes only."""
    peaks: list[tuple[int, bytes]] = []
    size = 0
    for stored in leaves:
        level, digest = 0, leaf_hash(stored)
        while peaks and peaks[-1][0] == level:
            digest = node_hash(peaks.pop()[1], digest)
            level += 1
        peaks.append((level, digest))
        size += 1
    if not peaks:
        return 0, EMPTY_ROOT
    digest = peaks[-1][1]
    for _, left in reversed(peaks[:-1]):
        digest = node_hash(left, digest)
    return size, digest


def complete_nodes(leaves: Iterable[bytes]) -> Iterator[tuple[int, int, bytes]]:
    """Every node ``(level, index, hash)`` that :func:`append` would have stored for these leaves, in that order."""
    memory = MemoryNodes()
    for position, stored in enumerate(leaves):
        append(memory, position, stored)
        level, index = 0, position
        yield level, index, memory.get(level, index)
        while index % 2:
            memory.nodes.pop((level, index - 1))
            memory.nodes.pop((level, index))
            level, index = level + 1, index // 2
            yield level, index, memory.get(level, index)


def _split(count: int) -> int:
    """Largest power of two smaller than ``count`` (``count`` > 1)."""
    return 1 << ((count - 1).bit_length() - 1)


def _complete_subtrees(start: int, end: int) -> list[tuple[int, int]]:
    subtrees = []
    while start < end:
        level = (end - start).bit_length() - 1
        subtrees.append((level, start >> level))
        start += 1 << level
    return subtrees
