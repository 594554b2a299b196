"""What ``varde case`` found, as one value from which its files are written, and the words it uses for it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any, Final

import polars as pl

from varde.annotation.names import HgvsNames
from varde.genome.builds import CONTIGS
from varde.genome.kin import Kin
from varde.genome.pedigree import Person
from varde.interpretation.analysis import Candidate, FilterOutcome, FilterSettings, PreparedCase
from varde.interpretation.filters import Step
from varde.interpretation.inheritance import Mode, Phase
from varde.interpretation.panels import Panel
from varde.interpretation.suggestion import Suggestion

_SHOWN_BASES: Final = 12

MEMBERS: Final = ("child", "mother", "father")
"""Prefixes of the columns that every table has."""

KIN_NAMES: Final = {
    Kin.CHILD: "Patient",
    Kin.MOTHER: "Mother",
    Kin.FATHER: "Father",
    Kin.SIBLING: "Sibling",
    Kin.MATERNAL_HALF_SIBLING: "Half sibling by the mother",
    Kin.PATERNAL_HALF_SIBLING: "Half sibling by the father",
    Kin.MATERNAL_GRANDMOTHER: "Mother's mother",
    Kin.MATERNAL_GRANDFATHER: "Mother's father",
    Kin.PATERNAL_GRANDMOTHER: "Father's mother",
    Kin.PATERNAL_GRANDFATHER: "Father's father",
    Kin.OFFSPRING: "Child of the patient",
    Kin.OTHER: "Other relative",
}

MODE_NAMES: Final = {
    Mode.DE_NOVO: "De novo",
    Mode.POSSIBLE_DE_NOVO: "Possible de novo: a parent has no data at the place",
    Mode.PARENTAL_MOSAICISM: "Inherited from a parent who may be mosaic",
    Mode.HOMOZYGOUS_RECESSIVE: "Homozygous recessive",
    Mode.RECESSIVE_UNIPARENTAL_HINT: "Homozygous, but only one parent carries it (uniparental disomy or deletion?)",
    Mode.COMPOUND_HETEROZYGOUS: "Compound heterozygous",
    Mode.COMPOUND_HETEROZYGOUS_DE_NOVO: "Compound heterozygous, one of the two de novo",
    Mode.COMPOUND_HETEROZYGOUS_UNPHASED: "Two variants in one gene, not known to be on different copies",
    Mode.X_LINKED_RECESSIVE: "X-linked recessive",
    Mode.X_LINKED_DE_NOVO: "De novo on X",
    Mode.X_LINKED_RECESSIVE_FEMALE: "X-linked recessive in a female",
    Mode.DOMINANT_INHERITED: "Dominant, inherited from an affected parent",
    Mode.MITOCHONDRIAL: "Mitochondrial",
}

PHASE_NAMES: Final = {
    Phase.TRANS_BY_PARENTS: "in trans, shown by the parents",
    Phase.TRANS_BY_READS: "in trans, shown by the reads",
    Phase.UNKNOWN: "phase unknown",
}

STEP_NAMES: Final = {
    Step.ALLELE: "Allele with a sequence",
    Step.CHILD: "Carried by the child",
    Step.QUALITY: "Caller's filter",
    Step.GATE: "Genotype gate",
    Step.FREQUENCY: "Frequency",
    Step.REGION: "Region",
    Step.CONSEQUENCE: "Consequence",
    Step.TRACT: "Polypyrimidine tract",
    Step.PANEL: "Gene panel",
    Step.INCIDENTAL: "Incidental findings",
    Step.INHERITANCE: "Inheritance",
}

LIMITS: Final = (
    "Copy-number changes, other structural changes, repeat expansions and changes of methylation were not looked for.",
    "Places that the sequencing does not cover cannot show a variant; a VCF does not say which those are.",
    "Variants outside the filters' settings were not judged; the trace names each of them.",
)
"""True of every run. What this run lacked is added from ``FilterOutcome.not_evaluated``."""

LACKING: Final = {
    "consequence": "Consequences on genes were not evaluated: no reference was given.",
    "compound_heterozygous": "Compound heterozygotes were not evaluated: without a reference no gene is known.",
    "panel": "The panel was not applied: without a reference no gene is known.",
    "region": "Distances to splice sites were not evaluated: no reference was given.",
    "incidental": "Genes of incidental findings were not kept back: without a reference no gene is known.",
    "frequency": "Frequencies were not evaluated: no register was given. Common variants are among the candidates.",
    "parent": "A parent has no data: what asks for both parents was not evaluated.",
    "identity": "The genotypes refute who somebody is said to be; what asks that person was not evaluated.",
}


@dataclass(frozen=True)
class CaseResult:
    """Everything that the files of a run are written from.

    ``suggestions`` are by the rank of their candidate, ``names`` by row and transcript; both cover the first candidates
    only, as many as the run names. ``laboratory`` is who reports; ``synthetic`` marks invented people.
    """

    case: PreparedCase
    outcome: FilterOutcome
    settings: FilterSettings
    panel: Panel | None
    reference: str | None
    hpo: tuple[str, ...]
    suggestions: Mapping[int, tuple[Suggestion, ...]]
    names: Mapping[tuple[int, str], HgvsNames]
    laboratory: str
    synthetic: bool
    made: datetime

    @property
    def child(self) -> Person:
        """The examined person."""
        return self.case.family[0].person

    @property
    def columns(self) -> tuple[str, ...]:
        """Prefixes of the people's columns: child, mother, father, then the relatives who have data."""
        return (*MEMBERS, *(one.column for one in self.case.relatives if one.column is not None))

    @cached_property
    def rows(self) -> Mapping[int, dict[str, Any]]:
        """Alleles of all candidates by row."""
        wanted = pl.Series(sorted({row for one in self.outcome.candidates for row in one.rows}), dtype=pl.UInt32)
        found = self.case.alleles.filter(pl.col("row").is_in(wanted.implode()))
        return {row["row"]: row for row in found.iter_rows(named=True)}

    @property
    def kept(self) -> int:
        """Alleles that passed all filters."""
        return int(self.outcome.trace["kept"].sum())

    @property
    def read(self) -> int:
        """Alleles read."""
        return self.outcome.trace.height

    @cached_property
    def de_novo(self) -> tuple[int, int]:
        """Alleles that the gate shows to be new in the child, before all filters; and how many have FILTER PASS."""
        new = self.case.modes.filter(pl.col("mode").is_in([Mode.DE_NOVO.value, Mode.X_LINKED_DE_NOVO.value]))
        rows = self.case.alleles.filter(pl.col("row").is_in(new["row"].unique().implode()))
        return rows.height, rows.filter(pl.col("filter") == "PASS").height

    @property
    def settings_shown(self) -> tuple[tuple[str, str], ...]:
        """Name and value of every setting, the same text in every run."""
        asked = self.settings
        return (
            ("Genotype gate", asked.gate),
            ("Caller's filter", "PASS or not set" if asked.require_pass else "all records"),
            ("Frequency, one allele suffices", f"at most {asked.dominant_frequency:g}"),
            ("Frequency, both alleles needed", f"at most {asked.recessive_frequency:g}"),
            ("Alleles counted, to judge a frequency", f"{asked.minimum_alleles_counted:,} or more"),
            (
                "Homozygous or hemizygous people",
                f"at most {asked.dominant_homozygotes}; recessive {asked.recessive_homozygotes}",
            ),
            ("Consequence", ", ".join([*sorted(asked.impacts), *sorted(asked.terms)]).replace("_", " ")),
            ("Panel confidence", f"{asked.panel_confidence.name.lower()} or better"),
            ("Modes of inheritance", "all" if asked.modes == frozenset(Mode) else ", ".join(sorted(asked.modes))),
        )

    def suggestion(self, candidate: Candidate, place: int) -> Suggestion | None:
        """What is suggested of a candidate's allele, None beyond the candidates that were judged."""
        found = self.suggestions.get(candidate.rank)
        return None if found is None else found[place]

    def names_of(self, row: int, transcript: str | None) -> HgvsNames | None:
        return None if transcript is None else self.names.get((row, transcript))


def has_met_criterion(suggestion: Suggestion) -> bool:
    """A class is only suggested where some evidence speaks; a sum of nothing is no class 3."""
    return any(criterion.strength is not None for criterion in suggestion.criteria)


def chromosome(allele: Mapping[str, Any]) -> str:
    """Chromosome name without prefix, or the file's own name of another sequence."""
    code = int(allele["contig"])
    return CONTIGS[code - 1] if code else str(allele["contig_name"])


def variant_text(allele: Mapping[str, Any]) -> str:
    """``20-1234-A-T``."""
    return f"{chromosome(allele)}-{allele['position']}-{allele['ref']}-{allele['alt']}"


def shown_variant(allele: Mapping[str, Any]) -> str:
    """``variant_text`` with long alleles cut and their length given: ``2-1234-GCCAGTCC…(57)-G``."""
    ref, alt = (
        bases if len(bases) <= _SHOWN_BASES else f"{bases[:8]}…({len(bases)})"
        for bases in (allele["ref"], allele["alt"])
    )
    return f"{chromosome(allele)}-{allele['position']}-{ref}-{alt}"
