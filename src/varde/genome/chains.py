"""Chain files between GRCh37 and GRCh38: which bases of one build are which bases of the other.

A chain is a row of ungapped blocks, in the order of the source and on one strand of the target (UCSC's format,
https://genome.ucsc.edu/goldenPath/help/chain.html). A base lifts when exactly one block holds it; every other base has
a reason. Only chromosomes 1-22, X and Y take part; MT is the same sequence in both builds and lifts to itself (hg19's
``chrM`` of 16,571 bases is another sequence and is passed over).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import IntEnum
from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray

from varde.genome.builds import CONTIGS, MT, Build, contig_code, contig_length
from varde.genome.errors import InputError
from varde.genome.reference_files import file_sha256
from varde.genome.text_source import TextSource

_CONTIG_SHIFT = 32
Ints = NDArray[np.int64]


class Reason(IntEnum):
    """Why something does not lift. LIFTED is no failure."""

    LIFTED = 0
    NO_CHAIN = 1  # no chain reaches the place
    GAP = 2  # a chain passes, but the base is not in the other build
    SPLIT = 3  # REF, or the base behind an indel, lies in several blocks
    SEVERAL = 4  # several chains hold the base
    OTHER_SEQUENCE = 5  # it lies on a sequence of the other build that is no chromosome
    REF_DIFFERS = 6  # the other build has another base there
    SWAPPED = 7  # the other build's base is the ALT: who carries what would turn round
    STRAND_UNRESOLVED = 8  # an indel on the turned strand; the base before it is unknown without a reference
    UNCHECKABLE = 9  # the reference does not hold the place
    UNKNOWN_CONTIG = 10  # not a chromosome of the build
    NOT_SEQUENCE = 11  # symbolic, breakend, reference block: nothing whose letters could be compared
    COLLISION = 12  # two alleles of the file became one


REASONS = pl.Enum([reason.name.lower() for reason in Reason])


@dataclass(frozen=True)
class LiftedPoints:
    """In the order asked: ``contig`` codes and 1-based ``position`` (0 where not lifted), whether the strand turns,
    the ``block`` that the base lies in (-1 for none) and the ``Reason``."""

    contig: NDArray[np.uint8]
    position: Ints
    turned: NDArray[np.bool_]
    block: Ints
    reason: NDArray[np.uint8]


@dataclass(frozen=True)
class Chains:
    """The blocks of a chain file. ``start`` and ``end`` are places (contig << 32 | 0-based, end exclusive) of stretches
    that lie in one block only, sorted; ``base0`` is the 0-based target of the first base, going down where turned."""

    source: Build
    target: Build
    name: str
    sha256: str
    start: Ints
    end: Ints
    block: Ints
    to_contig: NDArray[np.uint8]
    base0: Ints
    turned: NDArray[np.bool_]
    several: tuple[Ints, Ints]
    """Starts and ends of the stretches that lie in several blocks."""
    reached: tuple[Ints, Ints]
    """Starts and ends of the stretches that chains reach over, their gaps included."""

    def lift_points(self, contig: NDArray[np.uint8], position: Ints) -> LiftedPoints:
        """Lift 1-based positions, vectorised."""
        place = (contig.astype(np.int64) << _CONTIG_SHIFT) | (position - 1)
        row = np.maximum(np.searchsorted(self.start, place, side="right") - 1, 0)
        held = (self.start[row] <= place) & (place < self.end[row])
        offset = place - self.start[row]
        landed = self.base0[row] + np.where(self.turned[row], -offset, offset) + 1
        reason = np.full(len(place), Reason.NO_CHAIN, dtype=np.uint8)
        reason[_within(self.reached, place)] = Reason.GAP
        reason[_within(self.several, place)] = Reason.SEVERAL
        reason[held] = np.where(self.to_contig[row[held]] == 0, Reason.OTHER_SEQUENCE, Reason.LIFTED)
        same = (contig == MT) & (position >= 1) & (position <= contig_length(self.source, MT))
        reason[same] = Reason.LIFTED
        reason[(contig == 0) | (contig > len(CONTIGS))] = Reason.UNKNOWN_CONTIG
        good = reason == Reason.LIFTED
        return LiftedPoints(
            np.where(good, np.where(same, MT, self.to_contig[row]), 0).astype(np.uint8),
            np.where(good, np.where(same, position, landed), 0),
            good & ~same & self.turned[row],
            np.where(same, np.iinfo(np.int64).max, np.where(held, self.block[row], -1)),
            reason,
        )

    def lift_intervals(self, contig: NDArray[np.uint8], start0: Ints, end0: Ints) -> tuple[pl.DataFrame, int]:
        """The pieces of half-open intervals that lift, and how many bases do not.

        Columns: contig, start0, end0 (of the target, forward strand, sorted), ``row`` of the interval it came from and
        ``from0``, its first base there. Of MT the whole interval lifts.
        """
        low = (contig.astype(np.int64) << _CONTIG_SHIFT) | start0
        high = low + (end0 - start0)
        first = np.searchsorted(self.end, low, side="right")
        count = np.maximum(np.searchsorted(self.start, high, side="left") - first, 0)
        row = np.repeat(np.arange(len(low)), count)
        piece = np.arange(len(row)) - np.repeat(np.cumsum(count) - count, count) + first[row]
        begin, stop = np.maximum(self.start[piece], low[row]), np.minimum(self.end[piece], high[row])
        near, far = begin - self.start[piece], stop - self.start[piece]
        turned = self.turned[piece]
        forward = np.where(turned, self.base0[piece] - far + 1, self.base0[piece] + near)
        frame = pl.DataFrame(
            {
                "contig": self.to_contig[piece],
                "start0": forward,
                "end0": forward + (stop - begin),
                "row": row,
                "from0": begin & ((1 << _CONTIG_SHIFT) - 1),
            }
        ).filter(pl.col("contig") > 0)
        same = pl.DataFrame(
            {"contig": contig, "start0": start0, "end0": end0, "row": np.arange(len(low)), "from0": start0},
            schema=frame.schema,
        ).filter(pl.col("contig") == MT)
        whole = pl.concat([frame, same]).sort("contig", "start0", "end0", "row")
        return whole, int((end0 - start0).sum()) - int((whole["end0"] - whole["start0"]).sum())


def read_chains(path: str | Path) -> Chains:
    """A chain file, gzip-compressed or not, between GRCh37 and GRCh38, whichever way.

    Raises InputError ``not_found``, ``empty``, ``truncated``, ``corrupt``, ``bad_chain`` (naming the line) and
    ``wrong_chain`` (lengths of contigs that are of neither build, or of one build on both sides).
    """
    with TextSource(path) as source:
        name = source.name
        text = source.read_all()
    blocks: list[tuple[Ints, ...]] = []
    reached: list[tuple[int, int]] = []
    sides: tuple[list[tuple[str, int]], list[tuple[str, int]]] = ([], [])
    for number, (head, numbers) in enumerate(_chains(text, name)):
        sides[0].append((head.contig_name, head.size))
        sides[1].append((head.to_name, head.to_size))
        if head.contig:
            blocks.append(_blocks(head, numbers, number))
            base = head.contig << _CONTIG_SHIFT
            reached.append((base + head.start, base + head.end))
    builds = [_build_of(side, name) for side in sides]
    if builds[0] is builds[1] or not blocks:
        raise _wrong(name, f"Both sides are {builds[0]}.")
    columns = [np.concatenate(parts) for parts in zip(*blocks, strict=True)]
    order = np.argsort(columns[0], kind="stable")
    start, end, block, to_contig, base0, turned = (column[order] for column in columns)
    kept, which, several = _single(start, end)
    shift = kept[0] - start[which]
    return Chains(
        builds[0],
        builds[1],
        name,
        file_sha256(Path(path)),
        kept[0],
        kept[1],
        block[which],
        to_contig[which].astype(np.uint8),
        base0[which] + np.where(turned[which] == 1, -shift, shift),
        turned[which] == 1,
        several,
        _union(np.array(reached, dtype=np.int64)),
    )


@dataclass(frozen=True)
class _Head:
    contig_name: str
    contig: int
    size: int
    start: int
    end: int
    to_name: str
    to_contig: int
    to_size: int
    to_start: int
    to_end: int
    turned: bool
    line: int


def _chains(text: bytes, source: str) -> Iterator[tuple[_Head, Ints]]:
    """Heads with their blocks, int64 [blocks, 3] of size and the gaps behind it in source and target."""
    lines = text.decode("ascii", errors="replace").splitlines()
    at = 0
    while at < len(lines):
        if not lines[at].strip() or lines[at].startswith("#"):
            at += 1
            continue
        head, stop = _head(lines[at], at + 1, source), at + 1
        while stop < len(lines) and lines[stop].strip() and not lines[stop].startswith("chain"):
            stop += 1
        yield head, _numbers(lines[at + 1 : stop], head, source)
        at = stop


def _head(line: str, number: int, source: str) -> _Head:
    fields = line.split()
    if len(fields) not in (12, 13) or fields[0] != "chain":
        raise _bad(source, number, "A chain starts with 'chain' and eleven fields.")
    _, _, name, size, strand, start, end, to_name, to_size, to_strand, to_start, to_end, *_ = fields
    numbers = (size, start, end, to_size, to_start, to_end)
    if strand != "+" or to_strand not in "+-" or not all(one.isascii() and one.isdigit() for one in numbers):
        raise _bad(source, number, "Strands are + (source) and + or -, sizes and places whole numbers.")
    a, b, c, d, e, f = (int(one) for one in numbers)
    if not (b < c <= a and e < f <= d):
        raise _bad(source, number, "The chain lies outside its sequences.")
    return _Head(name, _code(name, a), a, b, c, to_name, _code(to_name, d), d, e, f, to_strand == "-", number)


def _code(name: str, size: int) -> int:
    code = contig_code(name)
    return 0 if code == MT and size != contig_length(Build.GRCH38, MT) else code


def _numbers(lines: list[str], head: _Head, source: str) -> Ints:
    try:
        flat = np.array(" ".join(lines).split(), dtype=np.int64)
        blocks = np.append(flat, (0, 0)).reshape(-1, 3)
    except ValueError:
        raise _bad(source, head.line, "After a chain stand its blocks: size and two gaps, the last one size.") from None
    sums = blocks.sum(axis=0)
    whole = sums[0] + sums[1] == head.end - head.start and sums[0] + sums[2] == head.to_end - head.to_start
    if not whole or (blocks[:, 0] < 1).any() or (blocks < 0).any():
        raise _bad(source, head.line, "The blocks do not add up to the chain's length; lines are missing or changed.")
    return blocks


def _blocks(head: _Head, numbers: Ints, chain: int) -> tuple[Ints, ...]:
    """Columns by block: start, end (places), block, target's contig, its first base (forward, 0-based), turned."""
    before = np.concatenate(([0], np.cumsum(numbers[:-1].sum(axis=1) - numbers[:-1, 2])))
    before_target = np.concatenate(([0], np.cumsum(numbers[:-1, 0] + numbers[:-1, 2])))
    start = (head.contig << _CONTIG_SHIFT) + head.start + before
    first = head.to_start + before_target
    rows = len(numbers)
    block = (np.int64(chain) << _CONTIG_SHIFT) + np.arange(rows)
    base0 = head.to_size - 1 - first if head.turned else first
    return (
        start,
        start + numbers[:, 0],
        block,
        np.full(rows, head.to_contig, dtype=np.int64),
        base0,
        np.full(rows, int(head.turned), dtype=np.int64),
    )


def _single(start: Ints, end: Ints) -> tuple[tuple[Ints, Ints], Ints, tuple[Ints, Ints]]:
    """Stretches held by one block with its row, and stretches held by several.

    A running sum of rows over all block bounds is the row itself where just one block is open.
    """
    index = np.arange(len(start))
    place = np.concatenate((start, end))
    order = np.argsort(place, kind="stable")
    place = place[order]
    open_blocks = np.cumsum(np.concatenate((np.ones_like(start), -np.ones_like(end)))[order])[:-1]
    which = np.cumsum(np.concatenate((index, -index))[order])[:-1]
    low, high = place[:-1], place[1:]
    one, more = (low < high) & (open_blocks == 1), (low < high) & (open_blocks > 1)
    return (low[one], high[one]), which[one], (low[more], high[more])


def _union(pairs: Ints) -> tuple[Ints, Ints]:
    low, high = pairs[np.argsort(pairs[:, 0], kind="stable")].T
    furthest = np.maximum.accumulate(high)
    new = np.concatenate(([True], low[1:] > furthest[:-1]))
    return low[new], furthest[np.concatenate((new[1:], [True]))]


def _within(stretches: tuple[Ints, Ints], place: Ints) -> NDArray[np.bool_]:
    low, high = stretches
    if not len(low):
        return np.zeros(len(place), dtype=np.bool_)
    row = np.maximum(np.searchsorted(low, place, side="right") - 1, 0)
    return (low[row] <= place) & (place < high[row])


def _build_of(side: list[tuple[str, int]], source: str) -> Build:
    found: set[Build] = set()
    for name, size in set(side):
        code = contig_code(name)
        if code in (0, MT):
            continue
        fitting = {build for build in Build if contig_length(build, code) == size}
        if not fitting:
            raise _wrong(source, f"{name} has {size:,} bases there, which is neither GRCh37's nor GRCh38's.")
        found |= fitting
    if len(found) != 1:
        raise _wrong(source, "The lengths of its chromosomes are not those of one build on each side.")
    return found.pop()


def _wrong(source: str, problem: str) -> InputError:
    return InputError(
        "wrong_chain",
        f"The chain file does not lead between GRCh37 and GRCh38. {problem}",
        "Give hg19ToHg38.over.chain.gz or hg38ToHg19.over.chain.gz of UCSC, or one like them.",
        source=source,
    )


def _bad(source: str, line: int, problem: str) -> InputError:
    return InputError("bad_chain", problem, "Fetch the chain file anew.", source=source, line=line)
