"""The one table of limits of the ACMG criteria: value, unit, source. Rule sets have a version; a gene may override."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from math import isfinite

from varde.interpretation.acmg.criterion import Code, Strength


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
    BS1_CREDIBLE_FREQUENCY = "bs1_credible_frequency"
    PM3_UNCERTAIN_IN_TRANS = "pm3_uncertain_in_trans"
    PM3_CONSANGUINEOUS = "pm3_consanguineous"
    PM3_WEAK_CAP = "pm3_weak_cap"
    PS1_STARS_STRONG = "ps1_stars_strong"
    PS1_STARS_MODERATE = "ps1_stars_moderate"
    PM5_STARS_MODERATE = "pm5_stars_moderate"
    PM1_WINDOW = "pm1_window"
    PM1_PATHOGENIC = "pm1_pathogenic"
    PP2_MISSENSE_Z = "pp2_missense_z"
    PP2_PATHOGENIC_SHARE = "pp2_pathogenic_share"
    BP1_TRUNCATING_SHARE = "bp1_truncating_share"
    CLASSIFIED_FLOOR = "classified_floor"
    PP3_MISSENSE_SUPPORTING = "pp3_missense_supporting"
    PP3_MISSENSE_MODERATE = "pp3_missense_moderate"
    PP3_MISSENSE_STRONG = "pp3_missense_strong"
    BP4_MISSENSE_SUPPORTING = "bp4_missense_supporting"
    BP4_MISSENSE_MODERATE = "bp4_missense_moderate"
    BP4_MISSENSE_STRONG = "bp4_missense_strong"
    BP4_MISSENSE_VERY_STRONG = "bp4_missense_very_strong"
    PP3_SPLICE = "pp3_splice"
    BP4_SPLICE = "bp4_splice"
    PS4_ODDS_RATIO = "ps4_odds_ratio"
    PS4_INTERVAL_ABOVE = "ps4_interval_above"
    PS3_ODDS_SUPPORTING = "ps3_odds_supporting"
    PS3_ODDS_MODERATE = "ps3_odds_moderate"
    PS3_ODDS_STRONG = "ps3_odds_strong"
    PS3_ODDS_VERY_STRONG = "ps3_odds_very_strong"
    BS3_ODDS_SUPPORTING = "bs3_odds_supporting"
    BS3_ODDS_MODERATE = "bs3_odds_moderate"
    BS3_ODDS_STRONG = "bs3_odds_strong"
    PP1_MEIOSES_SUPPORTING = "pp1_meioses_supporting"
    PP1_MEIOSES_MODERATE = "pp1_meioses_moderate"
    PP1_MEIOSES_STRONG = "pp1_meioses_strong"
    PP4_PHENOTYPE_SCORE = "pp4_phenotype_score"
    REPEAT_COPIES = "repeat_copies"


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
class CodeRule:
    """What a gene's specification says of one code: not for use, always of one strength, or at most of one.

    ``applies`` False with ``note`` as the reason; ``strength`` is that of the code whenever it is met.
    """

    code: Code
    applies: bool = True
    strength: Strength | None = None
    at_most: Strength | None = None
    note: str = ""


@dataclass(frozen=True)
class RuleSet:
    """Limits that belong together. ``gene`` is set when they were specified for one gene, with its ``criteria``."""

    identifier: str
    version: str
    thresholds: tuple[Threshold, ...]
    gene: str | None = None
    criteria: tuple[CodeRule, ...] = ()

    def __post_init__(self) -> None:
        if len({row.limit for row in self.thresholds}) != len(self.thresholds):
            raise ValueError(f"rule set {self.identifier}: a limit stands twice")

    @property
    def name(self) -> str:
        return f"{self.identifier} {self.version}"

    def find(self, limit: Limit) -> Threshold | None:
        """The limit, None where this rule set does not use it."""
        return next((row for row in self.thresholds if row.limit is limit), None)

    def code_rule(self, code: Code) -> CodeRule | None:
        """What the gene's specification says of a code, None where it says nothing."""
        return next((rule for rule in self.criteria if rule.code is code), None)

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
_PM3_SVI = "ClinGen SVI, in trans criterion PM3, 1.0"
_WALKER = "Walker 2023 (ClinGen SVI Splicing Subgroup)"
_PEJAVER = "Pejaver 2022 (REVEL, ClinGen SVI)"
_RICHARDS = "Richards 2015"
_BRNICH = "Brnich 2019 (ClinGen SVI, functional evidence)"
_KELLY = "Kelly 2018 (ClinGen, MYH7)"
_OWN = "Varde's proposal, not of a guideline"

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
    (Limit.PM3_LIKELY_PATHOGENIC_IN_TRANS, 1.0, "points per proband", _PM3),
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
    (Limit.PM3_UNCERTAIN_IN_TRANS, 0.25, "points per proband", _PM3_SVI),
    (Limit.PM3_CONSANGUINEOUS, 0.25, "points per proband", _PM3_SVI),
    (Limit.PM3_WEAK_CAP, 0.5, "points", _PM3_SVI),
    (Limit.PS1_STARS_STRONG, 2, "stars", _EXOMISER),
    (Limit.PS1_STARS_MODERATE, 1, "stars", _EXOMISER),
    (Limit.PM5_STARS_MODERATE, 2, "stars", _EXOMISER),
    (Limit.PM1_WINDOW, 5, "residues to either side", _FASTVEP),
    (Limit.PM1_PATHOGENIC, 3, "pathogenic missense variants", _FASTVEP),
    (Limit.PP2_MISSENSE_Z, 3.09, "missense Z", _FASTVEP),
    (Limit.PP2_PATHOGENIC_SHARE, 0.808, "share of classified missense variants", _AUTOACMG),
    (Limit.BP1_TRUNCATING_SHARE, 0.75, "share of pathogenic variants", _EXOMISER),
    (Limit.CLASSIFIED_FLOOR, 10, "classified variants of the gene", _OWN),
    (Limit.PP3_MISSENSE_SUPPORTING, 0.644, "REVEL score", _PEJAVER),
    (Limit.PP3_MISSENSE_MODERATE, 0.773, "REVEL score", _PEJAVER),
    (Limit.PP3_MISSENSE_STRONG, 0.932, "REVEL score", _PEJAVER),
    (Limit.BP4_MISSENSE_SUPPORTING, 0.290, "REVEL score", _PEJAVER),
    (Limit.BP4_MISSENSE_MODERATE, 0.183, "REVEL score", _PEJAVER),
    (Limit.BP4_MISSENSE_STRONG, 0.016, "REVEL score", _PEJAVER),
    (Limit.BP4_MISSENSE_VERY_STRONG, 0.003, "REVEL score", _PEJAVER),
    (Limit.PP3_SPLICE, 0.2, "SpliceAI delta score", _WALKER),
    (Limit.BP4_SPLICE, 0.1, "SpliceAI delta score", _WALKER),
    (Limit.PS4_ODDS_RATIO, 5, "odds ratio", _RICHARDS),
    (Limit.PS4_INTERVAL_ABOVE, 1, "lower end of the 95 % interval", _RICHARDS),
    (Limit.PS3_ODDS_SUPPORTING, 2.1, "odds of pathogenicity", _BRNICH),
    (Limit.PS3_ODDS_MODERATE, 4.3, "odds of pathogenicity", _BRNICH),
    (Limit.PS3_ODDS_STRONG, 18.7, "odds of pathogenicity", _BRNICH),
    (Limit.PS3_ODDS_VERY_STRONG, 350, "odds of pathogenicity", _BRNICH),
    (Limit.BS3_ODDS_SUPPORTING, 0.48, "odds of pathogenicity", _BRNICH),
    (Limit.BS3_ODDS_MODERATE, 0.23, "odds of pathogenicity", _BRNICH),
    (Limit.BS3_ODDS_STRONG, 0.053, "odds of pathogenicity", _BRNICH),
    (Limit.PP1_MEIOSES_SUPPORTING, 3, "informative meioses", _KELLY),
    (Limit.PP1_MEIOSES_MODERATE, 5, "informative meioses", _KELLY),
    (Limit.PP1_MEIOSES_STRONG, 7, "informative meioses", _KELLY),
    (Limit.PP4_PHENOTYPE_SCORE, 0.8, "phenotype similarity, 0 to 1", _OWN),
    (Limit.REPEAT_COPIES, 3, "copies of the unit in the reference", _OWN),
)

_UNITS = {limit: unit for limit, _, unit, _ in _TABLE} | {
    Limit.BP7_CONSERVATION: "phyloP",
    Limit.BS1_CREDIBLE_FREQUENCY: "allele frequency",
}


def unit_of(limit: Limit) -> str:
    """What a limit counts."""
    return _UNITS[limit]


GENERAL = RuleSet("varde-acmg", "2026.2", tuple(Threshold(*row) for row in _TABLE))
"""Limits for genes without their own specification.

``BP7_CONSERVATION`` is not among them: Walker 2023 lets BP7 rest on position and splice prediction. A laboratory that
asks for low conservation adds the limit, and a variant without a phyloP value is then not evaluated. Nor is
``BS1_CREDIBLE_FREQUENCY``: only a gene's own specification knows the disease's maximum credible frequency.
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
