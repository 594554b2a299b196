"""One allele of a prepared case as ACMG evidence: what the case, the family and the imported sources say of it.

What none of them says stays unknown, and the criteria that need it stay not evaluated.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
import polars as pl

from varde.annotation import knowledge as genes
from varde.annotation.clinvar import ClinVarRecord
from varde.annotation.consequence import primary_consequence
from varde.annotation.genes import reference_transcripts
from varde.annotation.knowledge import KnowledgeTable
from varde.annotation.transcripts import Transcript
from varde.genome.builds import X
from varde.genome.records import AlleleKind
from varde.genome.references import Reference
from varde.interpretation.acmg import GENERAL, Evidence, RuleSet
from varde.interpretation.acmg.answers import Answers
from varde.interpretation.acmg.evidence import (
    OVERALL,
    DeNovoObservation,
    GroupCount,
    Inheritance,
    KnownMissense,
    KnownVariants,
    LofConfidence,
    LofMechanism,
    PartnerAllele,
    Phase,
    PhenotypeMatch,
    Population,
    ProteinChange,
    Segregation,
    TranscriptFacts,
)
from varde.interpretation.acmg.functional_table import FunctionalTable
from varde.interpretation.acmg.known_variants import MISSENSE_TERMS
from varde.interpretation.acmg.rules import Limit
from varde.interpretation.acmg.segregation import segregation_of
from varde.interpretation.acmg.specifications import GeneSpecifications
from varde.interpretation.acmg.tandem import tandem_copies
from varde.interpretation.acmg.transcript_facts import transcript_facts
from varde.interpretation.inheritance import PAIRED_MODES, Mode
from varde.interpretation.known import KnowledgeBase
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
_ONE_RESIDUE = re.compile(r"(\d+)([A-Z])>\1([A-Z])")
_LETTERS = frozenset("ARNDCQEGHILKMFPSTWYV")
_TRUSTED_STARS = 2
"""Stars from which ClinVar's class of another variant of the family's is taken for BP2."""


@dataclass(frozen=True)
class Sources:
    """What the laboratory holds beside the case. ``reference`` is the one that the case was prepared with."""

    reference: Reference | None = None
    genes: KnowledgeTable | None = None
    known: KnowledgeBase | None = None
    specifications: GeneSpecifications | None = None
    functional: FunctionalTable | None = None


@dataclass(frozen=True)
class Surroundings:
    """What is known of the rest of the case: classes that people gave to its alleles, by row; genes in which a variant
    of class 4 or 5 was found; and how many other candidate genes fit the phenotype as well, None when not compared."""

    decided: Mapping[int, int] = field(default_factory=dict)
    explained_by: frozenset[str] = frozenset()
    rivals: int | None = None


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


@dataclass(frozen=True)
class AlleleInCase:
    """One allele of a candidate, with all that is asked about it."""

    case: PreparedCase
    candidate: Candidate
    row: int
    sources: Sources

    @cached_property
    def columns(self) -> dict[str, Any]:
        """The allele's row of the prepared case."""
        return self.case.alleles.row(self.row, named=True)

    @cached_property
    def consequence(self) -> dict[str, Any]:
        """The most severe consequence of an allele on the candidate's gene; empty where nothing was evaluated."""
        mine = pl.col("row") == self.row
        on_gene = self.case.consequences.filter(mine & pl.col("gene").eq_missing(self.candidate.gene))
        rows = primary_consequence(on_gene).to_dicts()
        return rows[0] if rows else {}

    @cached_property
    def inheritance(self) -> Inheritance:
        return inheritance_of(self.candidate.mode, on_x=self.columns["contig"] == X)

    @property
    def rules(self) -> RuleSet:
        """The general rules, or those that the laboratory has for the gene under this inheritance."""
        specifications = self.sources.specifications
        return GENERAL if specifications is None else specifications.rules(self.candidate.gene, self.inheritance)

    def evidence(self, answers: Answers, around: Surroundings) -> Evidence:
        """All evidence but the partner alleles of a pair, which depend on each other."""
        allele, gene = self.columns, self.candidate.gene
        terms, transcript = self.consequence.get("consequence"), self._transcript
        consequence = None if terms is None else frozenset(terms.split("&"))
        change = self._protein_change(consequence)
        hom = self.candidate.mode is Mode.HOMOZYGOUS_RECESSIVE
        constraint = self._constraint()
        functional = self.sources.functional
        return Evidence(
            gene=gene,
            consequence=consequence,
            inheritance=self.inheritance,
            transcript=self._facts(transcript),
            relevant_transcript=True if transcript is not None and transcript.mane else None,
            critical_region=answers.critical_region,
            lof_mechanisms=_mechanisms(self.sources.genes, gene),
            populations=self._outside(),
            register=self._register(),
            full_penetrance_early_onset=answers.full_penetrance,
            de_novo=self._de_novo(answers),
            partners=self._others(around.decided),
            homozygous_occurrences=1 if hom and self.candidate.evaluated else 0,
            repeat_region=self._repeat(transcript),
            protein_change=change,
            known_variants=self._known_variants(change),
            missense_z=constraint.missense_z if constraint else None,
            constraint_source=f"{constraint.source} {constraint.version}" if constraint else None,
            missense_score=allele.get("revel"),
            missense_predictor=self._version("predictor_revel"),
            splice_score=allele.get("spliceai"),
            splice_predictor=self._version("predictor_spliceai"),
            conservation=allele.get("conservation"),
            case_control=answers.case_control,
            functional=functional.find(gene, change) if functional is not None else None,
            segregation=answers.segregation or self._segregation(bool(answers.full_penetrance)),
            phenotype_match=self._phenotype_match(around.rivals),
            phenotype_fit=answers.phenotype,
            other_cause=bool(around.explained_by - {gene}) if around.explained_by else None,
        )

    @cached_property
    def _transcript(self) -> Transcript | None:
        identifier, reference = self.consequence.get("transcript"), self.sources.reference
        if identifier is None or reference is None or reference.gff3 is None:
            return None
        return reference_transcripts(reference).get(identifier)

    @property
    def _spelt(self) -> bool:
        allele = self.columns
        return AlleleKind(allele["kind"]) in _SEQUENCE_RESOLVED and not set(allele["ref"] + allele["alt"]) - set("ACGT")

    def _facts(self, transcript: Transcript | None) -> TranscriptFacts | None:
        allele, reference = self.columns, self.sources.reference
        if transcript is None or reference is None or not self._spelt:
            return None
        return transcript_facts(transcript, allele["position"], allele["ref"], allele["alt"], reference)

    def _repeat(self, transcript: Transcript | None) -> bool | None:
        allele, reference = self.columns, self.sources.reference
        if transcript is None or reference is None or not self._spelt:
            return None
        copies = tandem_copies(reference, transcript.contig, allele["position"], allele["ref"], allele["alt"])
        return None if copies is None else copies >= self.rules.value(Limit.REPEAT_COPIES)

    def _protein_change(self, consequence: frozenset[str] | None) -> ProteinChange | None:
        if consequence is None or not consequence & MISSENSE_TERMS:
            return None
        told = _ONE_RESIDUE.fullmatch(self.consequence.get("amino_acid_change") or "")
        return None if told is None else ProteinChange(int(told[1]), told[2], told[3])

    def _register(self) -> Population | None:
        allele = self.columns
        if not self.case.has_frequencies or allele["an"] is None:
            return None
        total = GroupCount(OVERALL, allele["ac"], allele["an"], allele["nhomalt"], allele["nhemi"])
        return Population(REGISTER, "", (total,))

    def _outside(self) -> tuple[Population, ...]:
        """Outside sources that hold the allele. One that does not says nothing: it does not tell where it looked."""
        known, key = self.sources.known, self.columns.get("key")
        if known is None or key is None:
            return ()
        found = []
        for source in known.frequencies:
            if source.description.build is not self.case.build:
                continue
            row = source.find(np.array([key], dtype=np.uint64)).row(0, named=True)
            if row["key"] is None or row["ac"] is None or row["an"] is None:
                continue
            told = source.description
            total = GroupCount(OVERALL, row["ac"], row["an"], row["nhomalt"], row["nhemi"])
            groups = [(name, row[f"ac_{name}"], row[f"an_{name}"]) for name in told.groups]
            parts = tuple(GroupCount(*one) for one in groups if None not in one)
            found.append(Population(told.name, told.version, (total, *parts)))
        return tuple(found)

    def _de_novo(self, answers: Answers) -> tuple[DeNovoObservation, ...] | None:
        found = {Mode(mode) for mode in self.columns["modes"] or ()}
        if found & _NEW:
            return (DeNovoObservation(True, parentage_verified(self.case), answers.phenotype),)
        if Mode.POSSIBLE_DE_NOVO in found:
            return (DeNovoObservation(False, parentage_verified(self.case), answers.phenotype),)
        carried = any("1" in (self.columns[f"{parent}_gt"] or "") for parent in ("mother", "father"))
        return () if carried else None

    def _others(self, decided: Mapping[int, int]) -> tuple[PartnerAllele, ...] | None:
        """Other alleles of the gene in the same person that are known to be pathogenic."""
        if not self.case.has_consequences:
            return None
        here = self.case.consequences.filter(pl.col("gene").eq_missing(self.candidate.gene))["row"].unique()
        columns = self.case.alleles.columns
        told = pl.col("clinvar_class") if "clinvar_class" in columns else pl.lit(None, dtype=pl.UInt8)
        stars = pl.col("clinvar_stars") if "clinvar_stars" in columns else pl.lit(0, dtype=pl.UInt8)
        person = pl.col("row").replace_strict(dict(decided), default=None, return_dtype=pl.UInt8)
        known = pl.coalesce(person, pl.when(stars >= _TRUSTED_STARS).then(told)) == 5
        mine = pl.col("row").is_in(here.implode()) & (pl.col("row") != self.row)
        rows = self.case.alleles.filter(mine & known & pl.col("child_gt").fill_null("").str.contains("1"))
        return tuple(PartnerAllele(5, _phase(self.columns, other)) for other in rows.iter_rows(named=True))

    def _known_variants(self, change: ProteinChange | None) -> KnownVariants | None:
        clinvar = self.sources.known.clinvar if self.sources.known is not None else None
        gene = self.candidate.gene
        if clinvar is None or gene is None or change is None or clinvar.description.build is not self.case.build:
            return None
        span = int(self.rules.value(Limit.PM1_WINDOW))
        records = [one for one in clinvar.near(gene, change.position, span) if one.key != self.columns.get("key")]
        if any(one.aa_position == change.position and one.aa_ref != change.reference for one in records):
            return None  # Numbered on another transcript: nothing can be compared.
        spectrum, own = clinvar.spectrum(gene), self._own_in_spectrum()
        return KnownVariants(
            source=clinvar.description.title,
            missense=tuple(missense for one in records if (missense := _missense(one)) is not None),
            gene_missense_pathogenic=(spectrum.pathogenic_missense if spectrum else 0) - (own >= 4),
            gene_missense_benign=(spectrum.benign_missense if spectrum else 0) - (own in (1, 2)),
            gene_truncating_pathogenic=spectrum.pathogenic_lof if spectrum else 0,
        )

    def _own_in_spectrum(self) -> int:
        """The class with which the variant itself is counted among the gene's; 0 when it is not."""
        allele = self.columns
        return (allele.get("clinvar_class") or 0) if (allele.get("clinvar_stars") or 0) >= 1 else 0

    def _constraint(self) -> genes.GeneKnowledge | None:
        table, gene = self.sources.genes, self.candidate.gene
        if table is None or gene is None:
            return None
        return next((row for row in table.by_gene.get(gene, ()) if row.missense_z is not None), None)

    def _version(self, place: str) -> str | None:
        """Name and version of a source without its checksum."""
        told = self.case.versions.get(place)
        return told.partition(" sha256:")[0] if told else None

    def _segregation(self, full_penetrance: bool) -> Segregation | None:
        family = self.case.family
        if not family or self.inheritance is Inheritance.MITOCHONDRIAL:
            return None
        both = self.inheritance is Inheritance.AUTOSOMAL_RECESSIVE
        if both and len(self.candidate.rows) > 1:
            return None  # Of a pair each half says nothing alone.
        carries = {}
        for member in family:
            name = member.person.identifier
            if member.column is None or name in self.case.refuted or self.columns[f"{member.column}_gate"] != 1:
                continue
            copies = (self.columns[f"{member.column}_gt"] or "").replace("|", "/").split("/").count("1")
            carries[name] = copies >= (2 if both else 1)
        proband = family[0].person.identifier
        if not carries.get(proband):
            return None
        return segregation_of(self.case.pedigree, proband, carries, self.inheritance, full_penetrance=full_penetrance)

    def _phenotype_match(self, rivals: int | None) -> PhenotypeMatch | None:
        score = next((part.value for part in self.candidate.parts if part.name == "phenotype"), None)
        if score is None or rivals is None:
            return None
        return PhenotypeMatch(score, rivals, self.case.versions.get("phenotype", ""))


def _missense(record: ClinVarRecord) -> KnownMissense | None:
    if record.aa_position is None or not {record.aa_ref, record.aa_alt} <= _LETTERS:
        return None
    change = ProteinChange(record.aa_position, record.aa_ref or "", record.aa_alt or "")
    name = f"{record.variant} ({change}, ClinVar {record.variation_id})"
    return KnownMissense(name, change, record.classification, record.stars)


def _phase(one: Mapping[str, Any], other: Mapping[str, Any]) -> Phase:
    """By the parents: from the same one alone in cis, from one each in trans, else unphased."""
    origins = []
    for allele in (one, other):
        carriers = [name for name in ("mother", "father") if "1" in (allele.get(f"{name}_gt") or "")]
        read = all(allele.get(f"{name}_gt") for name in ("mother", "father"))
        origins.append(carriers[0] if read and len(carriers) == 1 else None)
    if None in origins:
        return Phase.UNPHASED
    return Phase.IN_CIS if origins[0] == origins[1] else Phase.IN_TRANS


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
