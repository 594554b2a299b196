"""The order of candidates: a weighted mean of parts that each stay visible. A suggestion where to look first."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType

from varde.annotation.knowledge import Inheritance
from varde.annotation.severity import Impact
from varde.interpretation.inheritance import DOMINANT_MODES, PAIRED_MODES, Mode, Phase

SOURCE = (
    "Varde's proposal, version 1: weights and values of varde.interpretation.ranking; not calibrated on solved cases"
)

WEIGHTS = MappingProxyType(
    {"consequence": 0.30, "mode": 0.20, "frequency": 0.15, "calls": 0.10, "gene_inheritance": 0.10, "phenotype": 0.15}
)
"""Weight of each part; parts that are not evaluated are left out of the mean, with their weight."""

IMPACT_VALUES = MappingProxyType({Impact.HIGH: 1.0, Impact.MODERATE: 0.6, Impact.LOW: 0.25, Impact.MODIFIER: 0.05})
MODE_VALUES = MappingProxyType(
    {
        Mode.DE_NOVO: 1.0,
        Mode.X_LINKED_DE_NOVO: 1.0,
        Mode.COMPOUND_HETEROZYGOUS: 0.9,
        Mode.HOMOZYGOUS_RECESSIVE: 0.9,
        Mode.X_LINKED_RECESSIVE: 0.9,
        Mode.COMPOUND_HETEROZYGOUS_DE_NOVO: 0.8,
        Mode.X_LINKED_RECESSIVE_FEMALE: 0.8,
        Mode.DOMINANT_INHERITED: 0.7,
        Mode.RECESSIVE_UNIPARENTAL_HINT: 0.6,
        Mode.PARENTAL_MOSAICISM: 0.6,
        Mode.MITOCHONDRIAL: 0.5,
        Mode.POSSIBLE_DE_NOVO: 0.5,
        Mode.COMPOUND_HETEROZYGOUS_UNPHASED: 0.4,
    }
)
_ONE_ALLELE = DOMINANT_MODES - {Mode.MITOCHONDRIAL, Mode.X_LINKED_DE_NOVO}
_BOTH_ALLELES = PAIRED_MODES | {Mode.HOMOZYGOUS_RECESSIVE, Mode.RECESSIVE_UNIPARENTAL_HINT}
_ON_X = frozenset(Mode) - {Mode.MITOCHONDRIAL, Mode.HOMOZYGOUS_RECESSIVE}
_FITTING = MappingProxyType(
    {
        Inheritance.AUTOSOMAL_DOMINANT: _ONE_ALLELE,
        Inheritance.AUTOSOMAL_RECESSIVE: _BOTH_ALLELES,
        Inheritance.SEMIDOMINANT: _ONE_ALLELE | _BOTH_ALLELES,
        Inheritance.X_LINKED: _ON_X,
        Inheritance.X_LINKED_DOMINANT: _ON_X,
        Inheritance.X_LINKED_RECESSIVE: _ON_X,
        Inheritance.Y_LINKED: frozenset({Mode.DE_NOVO, Mode.POSSIBLE_DE_NOVO}),
        Inheritance.MITOCHONDRIAL: frozenset({Mode.MITOCHONDRIAL}),
    }
)
_RARE, _COMMON = 1e-6, 0.01
"""Frequencies that count as 1 and 0; between them the value falls with the logarithm."""


@dataclass(frozen=True)
class AlleleEvidence:
    """What ranking asks of one allele. None is "not evaluated"."""

    impact: str | None
    frequency: float | None
    filter_passed: bool
    place: tuple[int, int, str, str]
    """Contig code, position, REF, ALT: the order of candidates with equal scores."""


@dataclass(frozen=True)
class ScorePart:
    """One part of a score, 0 to 1; None when not evaluated."""

    name: str
    value: float | None
    weight: float


@dataclass(frozen=True)
class Candidate:
    """One gene and the one or two alleles that may explain the patient, under one mode of inheritance.

    ``rows`` are rows of the prepared case. ``evaluated`` is False when the mode cannot be excluded, but a call of the
    family lacks. ``explanations`` are stable keys of sentences, most important first. ``rank`` is 1 for the best.
    """

    gene: str | None
    mode: Mode
    rows: tuple[int, ...]
    evaluated: bool
    phase: Phase | None
    score: float
    parts: tuple[ScorePart, ...]
    explanations: tuple[str, ...]
    place: tuple[tuple[int, int, str, str], ...]
    rank: int = 0

    def part(self, name: str) -> float | None:
        """Value of a part. Raises KeyError for an unknown name."""
        return {part.name: part.value for part in self.parts}[name]


def score_candidate(
    gene: str | None,
    mode: Mode,
    alleles: Mapping[int, AlleleEvidence],
    *,
    evaluated: bool,
    phase: Phase | None = None,
    gene_inheritance: frozenset[Inheritance] = frozenset(),
    phenotype: float | None = None,
) -> Candidate:
    """A candidate with its score; ``alleles`` maps its rows to what is known of them."""
    values = {
        "consequence": _mean([_impact_value(allele.impact) for allele in alleles.values()]),
        "mode": MODE_VALUES[mode],
        "frequency": _least([_frequency_value(allele.frequency) for allele in alleles.values()]),
        "calls": _calls_value(evaluated, all(allele.filter_passed for allele in alleles.values())),
        "gene_inheritance": _inheritance_value(gene_inheritance, mode),
        "phenotype": phenotype,
    }
    parts = tuple(ScorePart(name, values[name], weight) for name, weight in WEIGHTS.items())
    known = [(part.value, part.weight) for part in parts if part.value is not None]
    score = sum(value * weight for value, weight in known) / sum(weight for _, weight in known)
    return Candidate(
        gene=gene,
        mode=mode,
        rows=tuple(alleles),
        evaluated=evaluated,
        phase=phase,
        score=round(score, 6),
        parts=parts,
        explanations=_explanations(mode, parts, evaluated, phase),
        place=tuple(allele.place for allele in alleles.values()),
    )


def rank(candidates: Sequence[Candidate]) -> tuple[Candidate, ...]:
    """The candidates by falling score, then place, gene and mode; ``rank`` counts from 1, the same in every run."""
    ordered = sorted(candidates, key=lambda one: (-one.score, one.place, one.gene or "", one.mode.value))
    return tuple(replace(candidate, rank=number) for number, candidate in enumerate(ordered, start=1))


def _impact_value(impact: str | None) -> float | None:
    return None if impact is None else IMPACT_VALUES[Impact(impact)]


def _frequency_value(frequency: float | None) -> float | None:
    if frequency is None:
        return None
    if frequency <= _RARE:
        return 1.0
    return max(0.0, 1 - math.log(frequency / _RARE) / math.log(_COMMON / _RARE))


def _calls_value(evaluated: bool, passed: bool) -> float:
    return (0.6 if evaluated else 0.0) + (0.4 if passed else 0.0)


def _inheritance_value(known: frozenset[Inheritance], mode: Mode) -> float | None:
    if not known:
        return None
    return 1.0 if any(mode in _FITTING[inheritance] for inheritance in known) else 0.0


def _mean(values: list[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return sum(known) / len(known) if known else None


def _least(values: list[float | None]) -> float | None:
    return min((value for value in values if value is not None), default=None)


def _explanations(mode: Mode, parts: tuple[ScorePart, ...], evaluated: bool, phase: Phase | None) -> tuple[str, ...]:
    keys = [f"mode.{mode.value}"]
    if phase is not None:
        keys.append(f"phase.{phase.value}")
    if not evaluated:
        keys.append("calls.not_evaluated")
    keys += [f"{part.name}.not_evaluated" for part in parts if part.value is None]
    value = {part.name: part.value for part in parts}["gene_inheritance"]
    if value is not None:
        keys.append("gene_inheritance.fits" if value else "gene_inheritance.differs")
    return tuple(keys)
