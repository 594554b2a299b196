"""Who is whom: duplicates and kin among fingerprints, and the largest set of people of whom no two are kin.

Kinship is KING-robust between families (Manichaikul 2010, doi:10.1093/bioinformatics/btq559, equation 11), which needs
no allele frequencies and holds in mixed populations. Its bounds for degrees are those of the paper, as in
``varde.quality.thresholds``.

Concordance is the share of equal genotypes among sites called in both; from 0.95 a duplicate is refused, as loqusdb
does with its profile of 50 SNPs. By itself it says little: at an allele frequency of 0.05 strangers agree at
p^4 + 4 p^2 q^2 + q^4 = 0.82 of sites, and siblings at 0.91, where loqusdb warns. So a duplicate is who also has the
kinship of duplicates or monozygotic twins (above 0.354); with that kinship and less concordance there is a warning.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from enum import StrEnum
from functools import cache

import numpy as np
import polars as pl
from numpy.typing import NDArray

from varde.frequency.fingerprints import Fingerprints
from varde.genome.compiled import compiled
from varde.quality import thresholds as limits

REFUSED_CONCORDANCE = 0.95
RESOLUTION = 2.4
"""Kinship that few sites cannot make by chance, times the root of the heterozygous sites: four standard errors.

Of strangers simulated at 500 to 10,000 unlinked sites the standard error times that root is 0.37 (all alleles at 0.05)
to 0.58 (0.3 to 0.5); 0.6 is taken. Linked sites would make it larger: hence the distance between sites of a panel.
"""
LARGEST_EXACT = 30
"""People of a family circle for whom the best choice is searched for; of larger ones, a good one is taken."""

_Bits = NDArray[np.uint64]


class Kin(StrEnum):
    """What two fingerprints say of two people."""

    DUPLICATE = "duplicate"  # one person twice, or monozygotic twins
    POSSIBLE_DUPLICATE = "possible_duplicate"  # as near, with more differences than a second reading has
    FIRST_DEGREE = "first_degree"
    SECOND_DEGREE = "second_degree"
    THIRD_DEGREE = "third_degree"
    UNRELATED = "unrelated"  # as far as the sites in common can tell
    UNKNOWN = "unknown"  # they cannot even tell a parent from a stranger


@compiled
def _ones(word: np.uint64) -> np.uint64:
    """Bits set, by summing neighbours."""
    word = word - ((word >> np.uint64(1)) & np.uint64(0x5555555555555555))
    word = (word & np.uint64(0x3333333333333333)) + ((word >> np.uint64(2)) & np.uint64(0x3333333333333333))
    word = (word + (word >> np.uint64(4))) & np.uint64(0x0F0F0F0F0F0F0F0F)
    return (word * np.uint64(0x0101010101010101)) >> np.uint64(56)


@compiled
def _compare(
    het: _Bits, ref: _Bits, alt: _Bits, het_2: _Bits, ref_2: _Bits, alt_2: _Bits, out: NDArray[np.int64]
) -> None:
    """Counts of one pair into ``out``: shared, equal, both het, opposite homozygotes, hets of each at shared sites."""
    shared = equal = both = opposite = first = second = np.uint64(0)
    for i in range(len(het)):
        called, called_2 = het[i] | ref[i] | alt[i], het_2[i] | ref_2[i] | alt_2[i]
        shared += _ones(called & called_2)
        equal += _ones((het[i] & het_2[i]) | (ref[i] & ref_2[i]) | (alt[i] & alt_2[i]))
        both += _ones(het[i] & het_2[i])
        opposite += _ones((ref[i] & alt_2[i]) | (alt[i] & ref_2[i]))
        first += _ones(het[i] & called_2)
        second += _ones(het_2[i] & called)
    out[0], out[1], out[2], out[3], out[4], out[5] = shared, equal, both, opposite, first, second


@compiled
def _one_to_all(
    het: _Bits, ref: _Bits, alt: _Bits, all_het: _Bits, all_ref: _Bits, all_alt: _Bits
) -> NDArray[np.int64]:
    counts = np.empty((len(all_het), 6), dtype=np.int64)
    for i in range(len(all_het)):
        _compare(het, ref, alt, all_het[i], all_ref[i], all_alt[i], counts[i])
    return counts


def compare(one: Fingerprints, row: int, others: Fingerprints) -> pl.DataFrame:
    """Person ``row`` of ``one`` held against ``others``, a row each in their order.

    Columns ``name``, ``shared`` (sites called in both), ``concordance``, ``kinship``, ``ibs0`` (share of opposite
    homozygotes) and ``kin`` (a ``Kin``). Shares are NaN where nothing is shared.
    """
    mine = (one.het[row], one.ref[row], one.alt[row])
    counts = _one_to_all(*mine, others.het, others.ref, others.alt)
    return _judged(counts).with_columns(name=pl.Series(others.names, dtype=pl.String)).select("name", *_COLUMNS)


def related_pairs(people: Fingerprints) -> pl.DataFrame:
    """All pairs that are kin to the third degree or nearer, as ``first``, ``second`` and the columns of ``compare``."""
    found = [_PAIRS.to_frame()]
    for row in range(len(people.names) - 1):
        after = Fingerprints(
            people.names[row + 1 :], people.het[row + 1 :], people.ref[row + 1 :], people.alt[row + 1 :]
        )
        pairs = compare(people, row, after).filter(~pl.col("kin").is_in([str(Kin.UNRELATED), str(Kin.UNKNOWN)]))
        if pairs.height:
            named = pairs.with_columns(first=pl.lit(people.names[row])).rename({"name": "second"})
            found.append(named.select(_PAIRS.names()))
    return pl.concat(found)


_COLUMNS = ("shared", "concordance", "kinship", "ibs0", "kin")
_PAIRS = pl.Schema(
    {
        "first": pl.String(),
        "second": pl.String(),
        "shared": pl.Int64(),
        "concordance": pl.Float64(),
        "kinship": pl.Float64(),
        "ibs0": pl.Float64(),
        "kin": pl.String(),
    }
)


def _judged(counts: NDArray[np.int64]) -> pl.DataFrame:
    shared, equal, both, opposite, first, second = counts.T
    fewer = np.minimum(first, second)
    with np.errstate(divide="ignore", invalid="ignore"):
        concordance, ibs0 = equal / shared, opposite / shared
        kinship = (both - 2 * opposite) / (2 * fewer) + 0.5 - (first + second) / (4 * fewer)
        chance = RESOLUTION / np.sqrt(fewer)
    kin = np.full(len(counts), str(Kin.UNRELATED), dtype=object)
    for bound, degree in (
        (limits.KINSHIP_THIRD_DEGREE, Kin.THIRD_DEGREE),
        (limits.KINSHIP_SECOND_DEGREE, Kin.SECOND_DEGREE),
        (limits.KINSHIP_FIRST_DEGREE, Kin.FIRST_DEGREE),
        (limits.KINSHIP_DUPLICATE, Kin.POSSIBLE_DUPLICATE),
    ):
        kin[(kinship > bound.value) & (kinship > chance)] = str(degree)
    alike = kin == str(Kin.POSSIBLE_DUPLICATE)
    kin[alike & (concordance >= REFUSED_CONCORDANCE)] = str(Kin.DUPLICATE)
    kin[~(chance < limits.KINSHIP_FIRST_DEGREE.value)] = str(Kin.UNKNOWN)
    columns = {"shared": shared, "concordance": concordance, "kinship": kinship, "ibs0": ibs0}
    return pl.DataFrame(columns).with_columns(kin=pl.Series(kin.tolist(), dtype=pl.String))


def maximal_unrelated(
    pairs: Iterable[tuple[str, str]], people: Iterable[str], prefer: Mapping[str, int] | None = None
) -> frozenset[str]:
    """People of whom no two stand in ``pairs``, as many as can be; the same input in any order gives the same people.

    Among equally many those with the greatest sum of ``prefer`` (0 where not given), then those whose names come first.
    Exact in families of at most ``LARGEST_EXACT``; in larger ones whoever has most kin left leaves, one by one.
    """
    everybody, wishes = sorted(set(people)), prefer or {}
    kin: dict[str, set[str]] = {name: set() for name in everybody}
    for first, second in pairs:
        if first != second and first in kin and second in kin:
            kin[first].add(second)
            kin[second].add(first)
    chosen: set[str] = set()
    for family in _families(kin):
        choose = _best if len(family) <= LARGEST_EXACT else _good
        chosen |= choose(family, kin, wishes)
    return frozenset(chosen)


def _families(kin: Mapping[str, set[str]]) -> list[list[str]]:
    """People whom pairs link together, each family sorted."""
    families, seen = [], set()
    for name in kin:
        if name in seen:
            continue
        family, waiting = {name}, [name]
        while waiting:
            found = kin[waiting.pop()] - family
            family |= found
            waiting += found
        seen |= family
        families.append(sorted(family))
    return families


def _best(family: Sequence[str], kin: Mapping[str, set[str]], prefer: Mapping[str, int]) -> set[str]:
    """The best choice, by trying the person with most kin left in and out."""
    bit = {name: 1 << (len(family) - 1 - place) for place, name in enumerate(family)}  # the first name is the highest
    near = {bit[name]: sum(bit[other] for other in kin[name]) for name in family}
    wish = {bit[name]: prefer.get(name, 0) for name in family}

    @cache
    def best(left: int) -> tuple[int, int, int]:
        """Number of people, sum of wishes, and the people as bits."""
        if not left:
            return 0, 0, 0
        who = max((one for one in near if one & left), key=lambda one: ((near[one] & left).bit_count(), one))
        number, wishes, people = best(left & ~who & ~near[who])
        inside = (number + 1, wishes + wish[who], people | who)
        return max(inside, best(left & ~who)) if near[who] & left else inside

    _, _, people = best(sum(near))
    return {name for name in family if bit[name] & people}


def _good(family: Sequence[str], kin: Mapping[str, set[str]], prefer: Mapping[str, int]) -> set[str]:
    """Whoever has most kin left leaves (the least preferred, then the last name); who then could stay comes back."""
    left = {name: set(kin[name]) for name in family}
    while True:
        name = max(left, key=lambda one: (len(left[one]), -prefer.get(one, 0), one))
        if not left[name]:
            break
        for other in left.pop(name):
            left[other].discard(name)
    chosen = set(left)
    for name in sorted(set(family) - chosen, key=lambda one: (-prefer.get(one, 0), one)):
        if not kin[name] & chosen:
            chosen.add(name)
    return chosen
