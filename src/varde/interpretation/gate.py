"""The genotype gate: which calls are good enough to reason with. Gates have names, and outputs carry the name."""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from varde.genome.builds import MT, X, in_pseudoautosomal_region
from varde.genome.pedigree import Pedigree, Sex
from varde.genome.records import ABSENT, MISSING, AlleleTable

PASS, FAIL, NOT_EVALUABLE = 1, 0, -1
"""What ``evaluate`` says of a call."""


@dataclass(frozen=True)
class Gate:
    """Limits for one call. None switches a check off.

    Depth in reads, quality as Phred, balance as alternate reads over reference and alternate reads. ``male_x_*`` are
    for a male's X outside the pseudo-autosomal regions. FILTER is not part of a gate: it is a filter step of its own.
    """

    name: str
    source: str
    minimum_depth: int | None = None
    minimum_quality: int | None = None
    male_x_minimum_depth: int | None = None
    male_x_minimum_quality: int | None = None
    hom_ref_balance_below: float | None = None
    het_balance: tuple[float, float] | None = None
    hom_alt_balance_above: float | None = None
    male_x_het_balance_above: float | None = None
    parental_alt_reads_below: int | None = None

    def __post_init__(self) -> None:
        if not self.name:
            raise ValueError("a gate has a name")
        if self.het_balance is not None and not 0 <= self.het_balance[0] <= self.het_balance[1] <= 1:
            raise ValueError(f"heterozygous balance {self.het_balance} is not a range within 0 to 1")


VARDE = Gate(
    name="varde",
    source="Depth >= 10 and quality >= 20 (fastVEP trio default); balance bands of slivar's functions (Pedersen 2021)",
    minimum_depth=10,
    minimum_quality=20,
    male_x_minimum_depth=6,
    male_x_minimum_quality=10,
    hom_ref_balance_below=0.02,
    het_balance=(0.20, 0.80),
    hom_alt_balance_above=0.98,
    male_x_het_balance_above=0.30,
    parental_alt_reads_below=2,
)
SLIVAR = Gate(
    name="slivar",
    source="slivar's expression for a trio: quality > 10 and depth > 10 in all three, parental alternate reads < 2",
    minimum_depth=11,
    minimum_quality=11,
    male_x_minimum_depth=11,
    male_x_minimum_quality=11,
    parental_alt_reads_below=2,
)
NONE = Gate(name="none", source="No check of the calls")
GATES = MappingProxyType({gate.name: gate for gate in (VARDE, SLIVAR, NONE)})
"""The gates by name; 'varde' is the default."""


def evaluate(table: AlleleTable, pedigree: Pedigree, gate: Gate) -> NDArray[np.int8]:
    """The gate's word on every call: int8 [rows, samples], ``PASS``, ``FAIL`` or ``NOT_EVALUABLE``.

    A check that is known to fail fails the call. Else a value that is needed but not given (GQ, AD, depth, part of the
    genotype) makes it not evaluable. Mitochondrial calls have no bands of balance and no quality, which callers derive
    from two copies; their depth is asked. Raises ValueError for a table without a build, KeyError for an unknown
    sample.
    """
    male_x = male_x_calls(table, pedigree)
    shallow, unmeasured = _below(depth(table), male_x, (gate.minimum_depth, gate.male_x_minimum_depth))
    poor, unscored = _below(table.genotype_quality, male_x, (gate.minimum_quality, gate.male_x_minimum_quality))
    diploid = (table.sites["contig"].to_numpy() != MT)[:, None]
    poor, unscored = poor & diploid, unscored & diploid
    outside, unseen = _balance_checks(table, male_x, gate)
    fails = shallow | poor | outside
    unknown = unmeasured | unscored | unseen | incomplete(table)
    verdict = np.where(fails, FAIL, np.where(unknown, NOT_EVALUABLE, PASS)).astype(np.int8)
    verdict[missing(table)] = NOT_EVALUABLE
    return verdict


def too_shallow(table: AlleleTable, pedigree: Pedigree, gate: Gate) -> NDArray[np.bool_]:
    """Calls whose depth is given and below the gate's minimum; bool [rows, samples]."""
    limits = gate.minimum_depth, gate.male_x_minimum_depth
    return _below(depth(table), male_x_calls(table, pedigree), limits)[0]


def missing(table: AlleleTable) -> NDArray[np.bool_]:
    """Calls that do not say whether this row's allele is carried: './.', '.', and half calls without it."""
    found: NDArray[np.bool_] = (table.genotype == MISSING).any(axis=2) & ~(table.genotype == 1).any(axis=2)
    return found


def incomplete(table: AlleleTable) -> NDArray[np.bool_]:
    """Calls with any place missing, half calls such as './1' included."""
    found: NDArray[np.bool_] = (table.genotype == MISSING).any(axis=2)
    return found


def depth(table: AlleleTable) -> NDArray[np.int32]:
    """DP where given, else the sum of AD, else ``MISSING``; int32 [rows, samples]."""
    both = (table.depth_ref != MISSING) & (table.depth_alt != MISSING)
    summed = np.where(both, table.depth_ref + table.depth_alt, MISSING)
    return np.where(table.depth_x != MISSING, table.depth_x, summed).astype(np.int32)


def allele_balance(table: AlleleTable) -> NDArray[np.float64]:
    """Reads of this allele over reads of reference and this allele; NaN where AD is not given or both are 0.

    A call with another alternate allele (1/2, 0/2) is held against DP, because its other reads are in neither count. Of
    a mitochondrial call it is the fraction that the caller gives, where it gives one.
    """
    other = (table.genotype == 2).any(axis=2)
    reads = np.where(other, table.depth_x, table.depth_ref + table.depth_alt).astype(np.float64)
    unknown = (table.depth_ref == MISSING) | (table.depth_alt == MISSING) | (reads <= 0)
    reads[unknown] = np.nan
    balance: NDArray[np.float64] = table.depth_alt / reads
    return balance if table.fraction is None else np.where(np.isnan(table.fraction), balance, table.fraction)


def ordinary_x(table: AlleleTable) -> NDArray[np.bool_]:
    """Rows on X outside the pseudo-autosomal regions. Raises ValueError for a table without a build."""
    if table.build is None:
        raise ValueError("the table has no build; pseudo-autosomal regions are unknown")
    contig = table.sites["contig"].to_numpy()
    inside = in_pseudoautosomal_region(table.build, contig, table.sites["position"].to_numpy())
    found: NDArray[np.bool_] = (contig == X) & ~inside
    return found


def male_x_calls(table: AlleleTable, pedigree: Pedigree) -> NDArray[np.bool_]:
    """Calls of males on X outside the pseudo-autosomal regions; bool [rows, samples]."""
    male = np.array([pedigree.person(name).sex is Sex.MALE for name in table.samples], dtype=np.bool_)
    return ordinary_x(table)[:, None] & male[None, :]


def _below(
    values: NDArray[np.int32], male_x: NDArray[np.bool_], minimum: tuple[int | None, int | None]
) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Calls below the minimum (ordinary, on a male's X), and those where it is asked but the value is not given."""
    ordinary, on_male_x = minimum
    limit = np.where(male_x, on_male_x or 0, ordinary or 0)
    given = values != MISSING
    return given & (values < limit), ~given & (limit > 0)


def _balance_checks(
    table: AlleleTable, male_x: NDArray[np.bool_], gate: Gate
) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Calls whose allele balance is outside its band, and those where it is needed but unknown."""
    balance = allele_balance(table)
    carried = (table.genotype == 1).any(axis=2)
    hom_alt = ((table.genotype == 1) | (table.genotype == ABSENT)).all(axis=2)
    het = carried & ~hom_alt
    # Heteroplasmy has no bands, and a half call does not say which band would hold.
    banded = (table.sites["contig"].to_numpy() != MT)[:, None] & ~incomplete(table)
    outside, needed = np.zeros_like(het), np.zeros_like(het)
    if gate.hom_ref_balance_below is not None:
        outside |= ~carried & (balance >= gate.hom_ref_balance_below)
        needed |= ~carried
    if gate.het_balance is not None:
        low, high = gate.het_balance
        outside |= het & ~male_x & ((balance < low) | (balance > high))
        needed |= het & ~male_x
    if gate.male_x_het_balance_above is not None:
        outside |= het & male_x & (balance <= gate.male_x_het_balance_above)
        needed |= het & male_x
    if gate.hom_alt_balance_above is not None:
        outside |= hom_alt & (balance <= gate.hom_alt_balance_above)
        needed |= hom_alt
    return outside & banded, needed & np.isnan(balance) & banded
