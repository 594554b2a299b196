"""Criteria and class that the programme suggests for the alleles of a candidate: a prepared case as ACMG evidence.

What the case does not hold stays unknown, and the criteria that need it stay not evaluated. A person decides.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import polars as pl

from varde.annotation import knowledge as genes
from varde.annotation.consequence import primary_consequence
from varde.annotation.genes import reference_transcripts
from varde.annotation.knowledge import KnowledgeTable
from varde.annotation.transcripts import Transcript
from varde.genome.builds import X
from varde.genome.records import AlleleKind
from varde.genome.references import Reference
from varde.interpretation.acmg import GENERAL, Assessment, Criterion, Evidence, RuleSet, assess, evaluate
from varde.interpretation.acmg.evidence import (
    OVERALL,
    DeNovoObservation,
    GroupCount,
    Inheritance,
    LofConfidence,
    LofMechanism,
    PartnerAllele,
    PhenotypeFit,
    Population,
)
from varde.interpretation.acmg.evidence import Phase as PartnerPhase
from varde.interpretation.acmg.transcript_facts import transcript_facts
from varde.interpretation.inheritance import PAIRED_MODES, Mode, Phase
from varde.interpretation.prepared import PreparedCase
from varde.interpretation.ranking import Candidate
from varde.quality.report import Light

REGISTER = "Frequency register"

_SEQUENCE_RESOLVED = frozenset(
    {AlleleKind.SNV, AlleleKind.MNV, AlleleKind.INSERTION, AlleleKind.DELETION, AlleleKind.DELINS}
)
_RECESSIVE = PAIRED_MODES | {Mode.HOMOZYGOUS_RECESSIVE, Mode.RECESSIVE_UNIPARENTAL_HINT}
_X_RECESSIVE = frozenset({Mode.X_LINKED_RECESSIVE, Mode.X_LINKED_RECESSIVE_FEMALE})
_NEW = frozenset({Mode.DE_NOVO, Mode.X_LINKED_DE_NOVO})


@dataclass(frozen=True)
class Suggestion:
    """What the programme says of one allele of a candidate. ``row`` is its row in the prepared case.

    ``consequence``, ``transcript`` and ``mane`` are those on the candidate's gene; None where not evaluated.
    """

    row: int
    gene: str | None
    transcript: str | None
    mane: bool | None
    consequence: str | None
    evidence: Evidence
    criteria: tuple[Criterion, ...]
    assessment: Assessment


def suggest(
    case: PreparedCase,
    candidate: Candidate,
    *,
    reference: Reference | None = None,
    knowledge: KnowledgeTable | None = None,
    phenotype: PhenotypeFit | None = None,
    decided: Mapping[int, int] | None = None,
    rules: RuleSet = GENERAL,
) -> tuple[Suggestion, ...]:
    """One suggestion per allele of the candidate, in its order.

    ``reference`` is the one the case was prepared with; ``phenotype`` is a person's judgement of how specific the
    child's phenotype is. In a pair, each allele is the other's partner with the class a person gave it (``decided``, by
    row), else with the class it has by itself.
    """
    alone = [_Allele(case, candidate, row, reference).evidence(knowledge, phenotype) for row in candidate.rows]
    known = decided or {}
    classes = [
        known[row] if row in known else assess(evaluate(replace(one, partners=None), rules)).points.acmg_class
        for row, one in zip(candidate.rows, alone, strict=True)
    ]
    found = []
    for place, (row, evidence) in enumerate(zip(candidate.rows, alone, strict=True)):
        judged = replace(evidence, partners=_partners(case, candidate, classes, place))
        criteria = evaluate(judged, rules)
        shown = _consequence(case, candidate, row)
        found.append(
            Suggestion(
                row=row,
                gene=candidate.gene,
                transcript=shown.get("transcript"),
                mane=shown.get("mane"),
                consequence=shown.get("consequence"),
                evidence=judged,
                criteria=criteria,
                assessment=assess(criteria),
            )
        )
    return tuple(found)


def inheritance_of(mode: Mode, *, on_x: bool) -> Inheritance:
    """The inheritance under which an allele found in this mode is judged."""
    if mode is Mode.MITOCHONDRIAL:
        return Inheritance.MITOCHONDRIAL
    if mode in _X_RECESSIVE or (on_x and mode in _RECESSIVE):
        return Inheritance.X_LINKED_RECESSIVE
    if mode in _RECESSIVE:
        return Inheritance.AUTOSOMAL_RECESSIVE
    return Inheritance.X_LINKED if on_x or mode is Mode.X_LINKED_DE_NOVO else Inheritance.AUTOSOMAL_DOMINANT


def parentage_verified(case: PreparedCase) -> bool | None:
    """Whether the genotypes show both parents to be the child's: False when one is refuted, None when not shown."""
    child, *parents = case.members
    lights = []
    for parent in parents:
        lights += [
            metric.light
            for metric in case.quality.metrics
            if metric.name == "kinship" and set((metric.sample or "").split(" / ")) == {child, parent}
        ]
    if Light.RED in lights:
        return False
    return True if lights == [Light.GREEN, Light.GREEN] else None


def _consequence(case: PreparedCase, candidate: Candidate, row: int) -> dict[str, Any]:
    """The most severe consequence of an allele on the candidate's gene; empty where nothing was evaluated."""
    on_gene = case.consequences.filter((pl.col("row") == row) & pl.col("gene").eq_missing(candidate.gene))
    rows = primary_consequence(on_gene).to_dicts()
    return rows[0] if rows else {}


def _partners(
    case: PreparedCase, candidate: Candidate, classes: list[int], place: int
) -> tuple[PartnerAllele, ...] | None:
    if not case.has_consequences:
        return None
    in_trans = candidate.phase in (Phase.TRANS_BY_PARENTS, Phase.TRANS_BY_READS)
    phase = PartnerPhase.IN_TRANS if in_trans else PartnerPhase.UNPHASED
    return tuple(PartnerAllele(other, phase) for number, other in enumerate(classes) if number != place)


@dataclass(frozen=True)
class _Allele:
    case: PreparedCase
    candidate: Candidate
    row: int
    reference: Reference | None

    def evidence(self, knowledge: KnowledgeTable | None, phenotype: PhenotypeFit | None) -> Evidence:
        allele = self.case.alleles.row(self.row, named=True)
        shown = _consequence(self.case, self.candidate, self.row)
        terms, transcript = shown.get("consequence"), self._transcript(shown.get("transcript"))
        inheritance = inheritance_of(self.candidate.mode, on_x=allele["contig"] == X)
        hom = self.candidate.mode is Mode.HOMOZYGOUS_RECESSIVE
        return Evidence(
            gene=self.candidate.gene,
            consequence=None if terms is None else frozenset(terms.split("&")),
            inheritance=inheritance,
            transcript=self._facts(transcript, allele),
            relevant_transcript=True if transcript is not None and transcript.mane else None,
            lof_mechanisms=_mechanisms(knowledge, self.candidate.gene),
            register=self._register(allele),
            de_novo=self._de_novo(allele, phenotype),
            homozygous_occurrences=1 if hom and self.candidate.evaluated else 0,
        )

    def _transcript(self, identifier: str | None) -> Transcript | None:
        if identifier is None or self.reference is None or self.reference.gff3 is None:
            return None
        return reference_transcripts(self.reference).get(identifier)

    def _facts(self, transcript: Transcript | None, allele: Mapping[str, Any]) -> Any:
        if transcript is None or self.reference is None or AlleleKind(allele["kind"]) not in _SEQUENCE_RESOLVED:
            return None
        if set(allele["ref"] + allele["alt"]) - set("ACGT"):
            return None
        return transcript_facts(transcript, allele["position"], allele["ref"], allele["alt"], self.reference)

    def _register(self, allele: Mapping[str, Any]) -> Population | None:
        if not self.case.has_frequencies or allele["an"] is None:
            return None
        total = GroupCount(OVERALL, allele["ac"], allele["an"], allele["nhomalt"], allele["nhemi"])
        return Population(REGISTER, "", (total,))

    def _de_novo(
        self, allele: Mapping[str, Any], phenotype: PhenotypeFit | None
    ) -> tuple[DeNovoObservation, ...] | None:
        found = {Mode(mode) for mode in allele["modes"] or ()}
        if found & _NEW:
            return (DeNovoObservation(True, parentage_verified(self.case), phenotype),)
        if Mode.POSSIBLE_DE_NOVO in found:
            return (DeNovoObservation(False, parentage_verified(self.case), phenotype),)
        carried = any("1" in (allele[f"{parent}_gt"] or "") for parent in ("mother", "father"))
        return () if carried else None


_INHERITANCE = {
    genes.Inheritance.AUTOSOMAL_DOMINANT: Inheritance.AUTOSOMAL_DOMINANT,
    genes.Inheritance.SEMIDOMINANT: Inheritance.AUTOSOMAL_DOMINANT,
    genes.Inheritance.AUTOSOMAL_RECESSIVE: Inheritance.AUTOSOMAL_RECESSIVE,
    genes.Inheritance.X_LINKED: Inheritance.X_LINKED,
    genes.Inheritance.X_LINKED_DOMINANT: Inheritance.X_LINKED_DOMINANT,
    genes.Inheritance.X_LINKED_RECESSIVE: Inheritance.X_LINKED_RECESSIVE,
    genes.Inheritance.MITOCHONDRIAL: Inheritance.MITOCHONDRIAL,
}
"""Inheritance of a gene as the criteria know it; a gene whose inheritance is not listed says nothing of a mechanism."""


def _mechanisms(knowledge: KnowledgeTable | None, gene: str | None) -> tuple[LofMechanism, ...] | None:
    if knowledge is None or gene is None or gene not in knowledge.by_gene:
        return None
    known = tuple(
        LofMechanism(
            _INHERITANCE[row.inheritance], LofConfidence(row.lof_mechanism.value), f"{row.source} {row.version}"
        )
        for row in knowledge.by_gene[gene]
        if row.inheritance in _INHERITANCE
    )
    return known or None
