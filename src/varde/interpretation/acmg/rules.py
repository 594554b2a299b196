"""The one table of limits of the ACMG criteria: value, unit, source. Rule sets have a version; a gene may override."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from math import isfinite


class Limit(StrEnum):
    ALLELE_NUMBER_FLOOR = "allele_number_floor"
    BA1_FREQUENCY = "ba1_frequency"
    BA1_FREQUENCY_MITOCHONDRIAL = "ba1_frequency_mitochondrial"
    BS1_FREQUENCY_DOMINANT = "bs1_frequency_dominant"
    BS1_FREQUENCY_RECESSIVE = "bs1_frequency_recessive"
    BS1_FREQUENCY_MITOCHONDRIAL = "bs1_frequency_mitochondrial"
    BS2_HOMOZYGOTES = "bs2_homozygotes"
    BS2_ALLELE_COUNT_DOMINANT = "bs2_allele_count_dominant"
    PM2_ALLELE_COUNT_DOMINANT = "pm2_allele_count_dominant"
    PM2_FREQUENCY_RECESSIVE = "pm2_frequency_recessive"
    PM2_FREQUENCY_MITOCHONDRIAL = "pm2_frequency_mitochondrial"
    PVS1_NMD_DISTANCE = "pvs1_nmd_distance"
    PVS1_REMOVED_FRACTION = "pvs1_removed_fraction"
    DE_NOVO_CONFIRMED_SPECIFIC = "de_novo_confirmed_specific"
    DE_NOVO_CONFIRMED_CONSISTENT = "de_novo_confirmed_consistent"
    DE_NOVO_CONFIRMED_HETEROGENEOUS = "de_novo_confirmed_heterogeneous"
    DE_NOVO_ASSUMED_SPECIFIC = "de_novo_assumed_specific"
    DE_NOVO_ASSUMED_CONSISTENT = "de_novo_assumed_consistent"
    DE_NOVO_ASSUMED_HETEROGENEOUS = "de_novo_assumed_heterogeneous"
    PM3_PATHOGENIC_IN_TRANS = "pm3_pathogenic_in_trans"
    PM3_PATHOGENIC_UNPHASED = "pm3_pathogenic_unphased"
    PM3_LIKELY_PATHOGENIC_IN_TRANS = "pm3_likely_pathogenic_in_trans"
    PM3_LIKELY_PATHOGENIC_UNPHASED = "pm3_likely_pathogenic_unphased"
    PM3_HOMOZYGOUS = "pm3_homozygous"
    PM3_HOMOZYGOUS_CAP = "pm3_homozygous_cap"
    SUM_SUPPORTING = "sum_supporting"
    SUM_MODERATE = "sum_moderate"
    SUM_STRONG = "sum_strong"
    SUM_VERY_STRONG = "sum_very_strong"
    BP7_SPLICE_SCORE = "bp7_splice_score"
    BP7_DONOR_OFFSET = "bp7_donor_offset"
    BP7_ACCEPTOR_OFFSET = "bp7_acceptor_offset"
    BP7_CONSERVATION = "bp7_conservation"


@dataclass(frozen=True)
class Threshold:
    limit: Limit
    value: float
    unit: str
    source: str

    def __post_init__(self) -> None:
        if not isfinite(self.value):
            raise ValueError(f"{self.limit} is {self.value}, expected a finite number")
        if not self.source.strip():
            raise ValueError(f"{self.limit} has no source")


@dataclass(frozen=True)
class RuleSet:
    """Limits that belong together. ``gene`` is set when they were specified for one gene."""

    identifier: str
    version: str
    thresholds: tuple[Threshold, ...]
    gene: str | None = None

    def __post_init__(self) -> None:
        if len({row.limit for row in self.thresholds}) != len(self.thresholds):
            raise ValueError(f"rule set {self.identifier}: a limit stands twice")

    @property
    def name(self) -> str:
        return f"{self.identifier} {self.version}"

    def find(self, limit: Limit) -> Threshold | None:
        """The limit, None where this rule set does not use it."""
        return next((row for row in self.thresholds if row.limit is limit), None)

    def __getitem__(self, limit: Limit) -> Threshold:
        found = self.find(limit)
        if found is None:
            raise KeyError(f"rule set {self.name} has no limit {limit}")
        return found

    def value(self, limit: Limit) -> float:
        return self[limit].value

    def for_gene(self, gene: str, identifier: str, version: str, source: str, values: Mapping[Limit, float]) -> RuleSet:
        """This rule set with a gene's own limits in place of the general ones (ClinGen expert panels publish such)."""
        kept = {row.limit: row for row in self.thresholds}
        for limit, value in values.items():
            kept[limit] = Threshold(limit, value, _UNITS[limit], source)
        return replace(self, identifier=identifier, version=version, thresholds=tuple(kept.values()), gene=gene)


_GHOSH = "Ghosh 2018 (ClinGen SVI, BA1)"
_AUTOACMG = "AutoACMG, acmg_seqvars_criteria"
_FASTVEP = "fastVEP, docs/ACMG.md"
_EXOMISER = "Exomiser, docs/acmg_assignment"
_PVS1 = "Abou Tayoun 2018 (ClinGen SVI, PVS1)"
_DE_NOVO = "ClinGen SVI, de novo criteria PS2 and PM6, 1.1"
_PM3 = "ClinGen SVI, in trans criterion PM3, 1.0, as restated in fastVEP, docs/ACMG.md"
_WALKER = "Walker 2023 (ClinGen SVI Splicing Subgroup)"

_TABLE = (
    (Limit.ALLELE_NUMBER_FLOOR, 2000, "alleles", _GHOSH),
    (Limit.BA1_FREQUENCY, 0.05, "allele frequency", _GHOSH),
    (Limit.BA1_FREQUENCY_MITOCHONDRIAL, 0.01, "allele frequency", _AUTOACMG),
    (Limit.BS1_FREQUENCY_DOMINANT, 0.01, "allele frequency", _FASTVEP),
    (Limit.BS1_FREQUENCY_RECESSIVE, 0.015, "allele frequency", _EXOMISER),
    (Limit.BS1_FREQUENCY_MITOCHONDRIAL, 0.005, "allele frequency", _AUTOACMG),
    (Limit.BS2_HOMOZYGOTES, 2, "people", _AUTOACMG),
    (Limit.BS2_ALLELE_COUNT_DOMINANT, 5, "alleles", _AUTOACMG),
    (Limit.PM2_ALLELE_COUNT_DOMINANT, 0, "alleles", _EXOMISER),
    (Limit.PM2_FREQUENCY_RECESSIVE, 0.00007, "allele frequency", _FASTVEP),
    (Limit.PM2_FREQUENCY_MITOCHONDRIAL, 0.00002, "allele frequency", _AUTOACMG),
    (Limit.PVS1_NMD_DISTANCE, 50, "nucleotides", _PVS1),
    (Limit.PVS1_REMOVED_FRACTION, 0.10, "share of the protein", _PVS1),
    (Limit.DE_NOVO_CONFIRMED_SPECIFIC, 2.0, "points per proband", _DE_NOVO),
    (Limit.DE_NOVO_CONFIRMED_CONSISTENT, 1.0, "points per proband", _DE_NOVO),
    (Limit.DE_NOVO_CONFIRMED_HETEROGENEOUS, 0.5, "points per proband", _DE_NOVO),
    (Limit.DE_NOVO_ASSUMED_SPECIFIC, 1.0, "points per proband", _DE_NOVO),
    (Limit.DE_NOVO_ASSUMED_CONSISTENT, 0.5, "points per proband", _DE_NOVO),
    (Limit.DE_NOVO_ASSUMED_HETEROGENEOUS, 0.25, "points per proband", _DE_NOVO),
    (Limit.PM3_PATHOGENIC_IN_TRANS, 1.0, "points per proband", _PM3),
    (Limit.PM3_PATHOGENIC_UNPHASED, 0.5, "points per proband", _PM3),
    (Limit.PM3_LIKELY_PATHOGENIC_IN_TRANS, 0.5, "points per proband", _PM3),
    (Limit.PM3_LIKELY_PATHOGENIC_UNPHASED, 0.25, "points per proband", _PM3),
    (Limit.PM3_HOMOZYGOUS, 0.5, "points per proband", _PM3),
    (Limit.PM3_HOMOZYGOUS_CAP, 1.0, "points", _PM3),
    (Limit.SUM_SUPPORTING, 0.5, "points", _DE_NOVO),
    (Limit.SUM_MODERATE, 1.0, "points", _DE_NOVO),
    (Limit.SUM_STRONG, 2.0, "points", _DE_NOVO),
    (Limit.SUM_VERY_STRONG, 4.0, "points", _DE_NOVO),
    (Limit.BP7_SPLICE_SCORE, 0.1, "SpliceAI delta score", _WALKER),
    (Limit.BP7_DONOR_OFFSET, 7, "nucleotides into the intron", _WALKER),
    (Limit.BP7_ACCEPTOR_OFFSET, 21, "nucleotides before the exon", _WALKER),
)

_UNITS = {limit: unit for limit, _, unit, _ in _TABLE} | {Limit.BP7_CONSERVATION: "phyloP"}

GENERAL = RuleSet("varde-acmg", "2026.1", tuple(Threshold(*row) for row in _TABLE))
"""Limits for genes without their own specification.

``BP7_CONSERVATION`` is not among them: Walker 2023 lets BP7 rest on position and splice prediction. A laboratory that
asks for low conservation adds the limit, and a variant without a phyloP value is then not evaluated.
"""

BA1_EXCEPTIONS: frozenset[tuple[str, str]] = frozenset(
    {
        ("ACAD9", "c.-44_-41dup"),
        ("GJB2", "c.109G>A"),
        ("HFE", "c.187C>G"),
        ("HFE", "c.845G>A"),
        ("MEFV", "c.1105C>T"),
        ("MEFV", "c.1223G>A"),
        ("PIBF1", "c.1214G>A"),
        ("ACADS", "c.511C>T"),
        ("BTD", "c.1330G>C"),
    }
)
"""Gene and coding change of the common variants that BA1 must not touch (Ghosh 2018)."""

BOTTLENECK_GROUPS = frozenset({"ami", "asj", "fin", "mid", "remaining"})
"""gnomAD groups left out of the highest group frequency: founder effects, or too mixed (gnomAD, Ghosh 2018)."""
