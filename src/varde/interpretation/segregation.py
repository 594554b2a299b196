"""What relatives beside the parents say against a mode of inheritance: every affected one carries, no unaffected does.

A relative never removes an allele in silence: whoever speaks against a mode is named with the call that does. One of
unknown affection, or whose call says nothing, removes nothing; the latter leaves the mode not evaluated.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum

import numpy as np
import polars as pl
from numpy.typing import NDArray

from varde.genome.pedigree import Affected, Sex
from varde.interpretation.members import FamilyCalls, Inherited, Mask, RelativeCalls
from varde.interpretation.prepared import FamilyMember


class Need(IntEnum):
    """What a mode asks of relatives."""

    NOTHING = 0
    ONE_COPY = 1  # an affected one has the allele, an unaffected one has not
    ALL_COPIES = 2  # an affected one has no other copy, an unaffected one has


@dataclass(frozen=True)
class Barrier:
    """Every array is [rows]. ``code`` names the first relative who speaks against the mode and the call, -1 for nobody;
    ``unsure``: a relative who is asked says nothing."""

    code: NDArray[np.int16]
    unsure: Mask

    def texts(self, rows: NDArray[np.int64]) -> pl.Series:
        """Of these rows: null, or the relative's column and the call, such as 'relative_2 hom'."""
        codes = np.unique(self.code[self.code >= 0]).tolist()
        named = {code: f"{relative_column(code // len(_CALLS))} {_CALLS[code % len(_CALLS)]}" for code in codes}
        said = pl.Series(self.code[rows])
        return said.replace_strict(named, default=None, return_dtype=pl.String)


_CALLS = ("none", "het", "hom")


def relative_column(number: int) -> str:
    """The prefix of a relative's columns, for relatives numbered from 0."""
    return f"relative_{number + 1}"


def barrier(calls: FamilyCalls, places: Inherited, need: Need) -> Barrier:
    """What the relatives say against a mode with this need."""
    rows = len(places.autosomal)
    code, unsure = np.full(rows, -1, dtype=np.int16), np.zeros(rows, dtype=np.bool_)
    if need is Need.NOTHING:
        return Barrier(code, unsure)
    for number, relative in enumerate(calls.relatives):
        if relative.affected is Affected.UNKNOWN:
            continue
        against, silent = _against(relative, places, need)
        for place, call in enumerate((relative.none, relative.het, relative.hom)):
            code[against & call & (code < 0)] = number * len(_CALLS) + place
        unsure |= silent
    return Barrier(code, unsure)


def _against(relative: RelativeCalls, places: Inherited, need: Need) -> tuple[Mask, Mask]:
    """Where a relative's call speaks against the need, and where it is asked but says nothing."""
    asked = ~places.mitochondrial & ~(places.y if relative.sex is not Sex.MALE else np.zeros_like(places.y))
    affected = relative.affected is Affected.AFFECTED
    if need is Need.ONE_COPY:
        against = relative.none if affected else relative.carries
    else:
        every_copy = _every_copy(relative, places)
        against = relative.none | (relative.het & ~every_copy & ~_unclear(relative, places)) if affected else every_copy
    return against & asked, relative.unsure & asked


def _every_copy(relative: RelativeCalls, places: Inherited) -> Mask:
    """Whether all the relative's copies have the allele: homozygous, or a male's only X or Y."""
    only_one = (places.x | places.y) & (relative.sex is Sex.MALE)
    return relative.hom | (only_one & relative.het)


def _unclear(relative: RelativeCalls, places: Inherited) -> Mask:
    return places.x & (relative.sex is Sex.UNKNOWN)


def halves_in_relatives(calls: FamilyCalls, places: Inherited) -> dict[str, pl.Series]:
    """What the relatives say of each row as half of a pair: bits of ``in_unaffected`` (who has the allele),
    ``whole_in_unaffected`` (who has nothing else) and ``not_in_affected``, and ``relatives_unsure``."""
    rows = len(places.autosomal)
    bits = {
        name: np.zeros(rows, dtype=np.uint64) for name in ("in_unaffected", "whole_in_unaffected", "not_in_affected")
    }
    unsure = np.zeros(rows, dtype=np.bool_)
    for number, relative in enumerate(calls.relatives):
        if relative.affected is Affected.UNKNOWN:
            continue
        bit = np.uint64(1 << number)
        if relative.affected is Affected.AFFECTED:
            bits["not_in_affected"][relative.none] |= bit
        else:
            bits["in_unaffected"][relative.carries] |= bit
            bits["whole_in_unaffected"][_every_copy(relative, places)] |= bit
        unsure |= relative.unsure
    return {**{name: pl.Series(values) for name, values in bits.items()}, "relatives_unsure": pl.Series(unsure)}


def pair_barrier() -> pl.Expr:
    """Who speaks against a pair of halves (columns of ``halves_in_relatives``, the second half's with suffix '_b'):
    null, or the relative and 'hom', 'both' (an unaffected
    one) or 'none' (an affected one)."""
    whole = pl.col("whole_in_unaffected") | pl.col("whole_in_unaffected_b")
    both = pl.col("in_unaffected") & pl.col("in_unaffected_b")
    lacking = pl.col("not_in_affected") | pl.col("not_in_affected_b")

    def first(bits: pl.Expr, call: str) -> pl.Expr:
        return pl.when(bits > 0).then(pl.format(f"relative_{{}} {call}", bits.bitwise_trailing_zeros() + 1))

    return pl.coalesce(first(whole, "hom"), first(both, "both"), first(lacking, "none"))


def barrier_words(family: Sequence[FamilyMember]) -> pl.Expr:
    """The column ``barrier`` of a frame with the family's calls as text: who, of which affection, with which call; null
    where no relative is the barrier."""
    said = {
        "none": "does not have it",
        "het": "has it once",
        "hom": "has no other copy",
        "both": "has both halves",
    }
    by_relative = [
        pl.when(pl.col("barrier") == f"{one.column} {call}").then(
            pl.format(
                f"{{}} ({one.person.affected.value} {one.kin.value.replace('_', ' ')}) {words}: {{}}",
                pl.lit(one.person.identifier),
                pl.col(f"{one.column}_gt").fill_null("not given"),
            )
        )
        for one in family
        for call, words in said.items()
    ]
    return pl.coalesce(pl.lit(None, pl.String), *by_relative)
