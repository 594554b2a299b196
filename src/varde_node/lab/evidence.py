"""Alleles of an open case as plain values: calls, origin, frequency, and what the programme suggests of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any
from uuid import UUID

import polars as pl

from varde.genome.alleles import Variant
from varde.genome.builds import CONTIGS
from varde.interpretation.acmg import Criterion, State
from varde.interpretation.acmg.answers import Answers
from varde.interpretation.allele_evidence import Surroundings
from varde.interpretation.analysis import Candidate, PreparedCase
from varde.interpretation.inheritance import Mode
from varde.interpretation.suggestion import Suggestion, suggest
from varde_node.lab import opened
from varde_node.lab.criteria import LaboratoryCriteria, sources_of
from varde_node.lab.family import place_words, placed
from varde_node.lab.models import Analysis
from varde_node.lab.words import MEMBERS, consequence_words, short_variant

SUGGESTIONS_KEPT = 4096
_SHOWN_LETTERS = 24


@dataclass(frozen=True)
class Call:
    """One person's genotype of one allele; None: the file does not say. ``gate``: 1 passes, 0 fails, -1 unknown.

    ``member`` is the place in the family (``lab.family``).
    """

    member: str
    genotype: str | None
    depth_ref: int | None
    depth_alt: int | None
    depth: int | None
    quality: int | None
    balance: float | None
    gate: int | None

    @property
    def words(self) -> str:
        """Who it is, in the reader's language."""
        return place_words(self.member)

    @property
    def carries(self) -> bool | None:
        """Whether the allele is called in this person; None without a call."""
        if self.genotype is None or ("." in self.genotype and "1" not in self.genotype):
            return None
        return "1" in self.genotype


@dataclass(frozen=True)
class RegisterFrequency:
    """What the frequency register says: ``observed``, ``absent_covered``, ``not_covered`` or ``not_evaluated``."""

    state: str
    allele_count: int | None
    allele_number: int | None
    homozygotes: int | None
    hemizygotes: int | None
    frequency: float | None


@dataclass(frozen=True)
class Allele:
    """One allele. ``variant`` is contig-position-ref-alt; ``origin``: mother, father, both, new or unknown."""

    row: int
    variant: str
    gene: str | None
    consequence: str
    consequence_terms: str | None
    impact: str | None
    transcript: str | None
    mane: bool | None
    change: str | None
    filter: str
    origin: str
    calls: tuple[Call, ...]
    register: RegisterFrequency
    modes: tuple[Mode, ...]

    @property
    def short(self) -> str:
        """The variant with long alleles cut."""
        return short_variant(self.variant)

    def call(self, member: str) -> Call:
        """The call of child, mother or father, or of another place that has data. KeyError for one that has not."""
        return {call.member: call for call in self.calls}[member]

    @property
    def calls_with_data(self) -> tuple[Call, ...]:
        """The calls of those who were sequenced."""
        return tuple(call for call in self.calls if call.gate is not None)


def alleles_of(case: PreparedCase, rows: Iterable[int]) -> dict[int, Allele]:
    """The alleles of these rows."""
    wanted = pl.Series(sorted(set(rows)), dtype=pl.UInt32)
    found = case.alleles.filter(pl.col("row").is_in(wanted.implode()))
    return {row["row"]: _allele(case, row) for row in found.iter_rows(named=True)}


def row_of(case: PreparedCase, variant: str) -> int | None:
    """The row of a variant text; None when the case has no such allele."""
    asked = Variant.parse(case.build, variant)
    found = case.alleles.filter(
        (pl.col("contig") == asked.contig)
        & (pl.col("position") == asked.position)
        & (pl.col("ref") == asked.ref)
        & (pl.col("alt") == asked.alt)
    )
    return None if found.is_empty() else int(found["row"][0])


def variant_text(allele: Mapping[str, Any]) -> str:
    """``20-1234-A-T``, or the file's own contig name for one that is not of the build."""
    code = int(allele["contig"])
    contig = CONTIGS[code - 1] if code else str(allele["contig_name"])
    return f"{contig}-{allele['position']}-{allele['ref']}-{allele['alt']}"


def suggestions(
    analysis: Analysis,
    candidate: Candidate,
    laboratory: LaboratoryCriteria,
    *,
    answers: Answers | None = None,
    around: Surroundings | None = None,
) -> tuple[Suggestion, ...]:
    """What the programme suggests for a candidate's alleles; equal questions are answered from memory.

    ``around`` holds the classes that a person has given to alleles of the case, by row: PM3 and BP2 ask them.
    """
    rest = around or Surroundings()
    decided = tuple(sorted(rest.decided.items()))
    return _suggested(
        analysis.id,
        analysis.folder,
        candidate,
        laboratory,
        answers or Answers(),
        decided,
        rest.explained_by,
        rest.rivals,
    )


def speaks(criteria: Iterable[Criterion]) -> bool:
    """Whether any criterion is met: a sum of nothing is no class 3."""
    return any(criterion.state is State.MET for criterion in criteria)


@lru_cache(maxsize=SUGGESTIONS_KEPT)
def _suggested(
    _analysis: UUID,
    folder: str,
    candidate: Candidate,
    laboratory: LaboratoryCriteria,
    answers: Answers,
    decided: tuple[tuple[int, int], ...],
    explained_by: frozenset[str],
    rivals: int | None,
) -> tuple[Suggestion, ...]:
    return suggest(
        opened.prepared_folder(_analysis, folder),
        candidate,
        sources=sources_of(laboratory),
        answers=answers,
        around=Surroundings(dict(decided), explained_by, rivals),
        ruleset=laboratory.ruleset,
    )


def shortened(change: str | None) -> str | None:
    """A change as the consequence engine writes it; one that spells out a whole protein is cut."""
    return change if change is None or len(change) <= _SHOWN_LETTERS else change[: _SHOWN_LETTERS - 1] + "…"


def _allele(case: PreparedCase, row: Mapping[str, Any]) -> Allele:
    calls = (
        *(_call(row, member, member) for member in MEMBERS),
        *(
            _call(row, one.member.column, one.place)
            for one in placed(case)
            if one.member.column is not None and one.place not in MEMBERS
        ),
    )
    return Allele(
        row=row["row"],
        variant=variant_text(row),
        gene=row["gene"],
        consequence=consequence_words(row["consequence"]),
        consequence_terms=row["consequence"],
        impact=row["impact"],
        transcript=row["transcript"],
        mane=row["mane"],
        change=shortened(row["amino_acid_change"] or row["dna_change"]),
        filter=row["filter"],
        origin=_origin(calls),
        calls=calls,
        register=_register(case, row),
        modes=tuple(Mode(mode) for mode in row["modes"] or ()),
    )


def _call(row: Mapping[str, Any], column: str, place: str) -> Call:
    asked = ("gt", "ad_ref", "ad_alt", "dp", "gq", "ab", "gate")
    return Call(place, *(row[f"{column}_{name}"] for name in asked))


def _origin(calls: tuple[Call, ...]) -> str:
    mother, father = (call.carries for call in calls[1:3])
    if mother and father:
        return "both"
    if mother:
        return "mother"
    if father:
        return "father"
    return "new" if mother is False and father is False else "unknown"


def _register(case: PreparedCase, row: Mapping[str, Any]) -> RegisterFrequency:
    if not case.has_frequencies:
        state = "not_evaluated"
    elif not row["an"]:
        state = "not_covered"
    else:
        state = "observed" if row["ac"] else "absent_covered"
    return RegisterFrequency(state, row["ac"], row["an"], row["nhomalt"], row["nhemi"], row["af"])
