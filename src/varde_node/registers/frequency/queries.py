"""Reads of the frequency register: what is counted of a variant, in the nation and in each health region."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import lru_cache
from pathlib import Path

import numpy as np
import polars as pl
from django.conf import settings
from django.db.models import Count, Sum
from django.db.models.functions import TruncMonth

from varde.frequency.lookup import Counts, State, as_counted
from varde.frequency.ploidy import SEXES, allele_numbers, regions
from varde.frequency.store import GATES, MANIFEST, Settings
from varde.genome.alleles import Variant
from varde.genome.builds import CONTIGS
from varde.genome.errors import InputError
from varde.genome.pedigree import Sex
from varde.genome.references import Reference, ReferenceStore
from varde.interpretation.evidence_drawing import wilson_interval
from varde_node.people.services import Actor, require
from varde_node.registers.frequency.models import Contribution, ContributionState
from varde_node.registers.frequency.store import counted_regions, nation_folder, region_folder

NATION = "NATION"
X = CONTIGS.index("X") + 1


@dataclass(frozen=True)
class Place:
    """What one region, or the nation, counts of a variant. ``frequency`` and its 95 % interval: None where an is 0.

    ``expected`` is the allele number if everybody counted had been read here.
    """

    code: str
    people: int
    state: State
    ac: int
    an: int
    homozygotes: int
    hemizygotes: int
    expected: int
    frequency: float | None
    low: float | None
    high: float | None

    @property
    def read_in_few(self) -> bool:
        """Whether fewer than half of the alleles of those counted were read here: the frequency then says little."""
        return 0 < self.an < self.expected / 2


@dataclass(frozen=True)
class SexCount:
    """Alleles among people of one sex."""

    sex: Sex
    ac: int
    an: int
    frequency: float | None


@dataclass(frozen=True)
class FrequencyView:
    """The register's answer about one variant. ``variant`` is as the counts write it, ``asked`` as it was given."""

    variant: str
    asked: str
    moved: bool
    build: str
    nation: Place
    regions: tuple[Place, ...]
    sexes: tuple[SexCount, ...]
    sex_chromosome: bool
    counted_at: datetime
    gate: str
    reference: str | None


@dataclass(frozen=True)
class RegionSummary:
    """How much one region has given."""

    code: str
    people: int
    alleles_at_most: int
    variants: int
    counted_at: datetime


@dataclass(frozen=True)
class Summary:
    """What the register holds. ``examples``: variants of it as text, with a word for each."""

    build: str
    gate: str
    people: int
    alleles_at_most: int
    variants: int
    counted_at: datetime
    regions: tuple[RegionSummary, ...]
    examples: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class MonthSummary:
    """Contributions of a region in a month, of one state and reason."""

    month: date
    region: str
    state: ContributionState
    reason: str
    contributions: int
    people: int


def counts_folder() -> Path | None:
    """The nation's counts folder, or nothing while nobody is counted."""
    folder = nation_folder()
    return folder if (folder / MANIFEST).is_file() else None


def lookup(actor: Actor, text: str) -> FrequencyView | None:
    """What is counted of a variant such as ``20-1234-A-T``; nothing while nobody is counted.

    Raises InputError (field ``variant``) for a text that is no variant, of another build, or whose REF is not the
    reference's.
    """
    require(actor, "registers.frequency.read")
    if counts_folder() is None:
        return None
    nation = _counts(nation_folder())
    setting = nation.manifest.settings
    asked = Variant.parse(setting.build, text.strip())
    reference = _reference(setting)
    counted = as_counted(asked, reference)
    found = nation.lookup(counted)
    return FrequencyView(
        variant=str(counted),
        asked=str(asked),
        moved=counted != asked,
        build=str(setting.build),
        nation=_place(NATION, nation, counted),
        regions=tuple(
            _place(code, counts, counted)
            for code, counts in ((code, _counts(region_folder(code))) for code in counted_regions())
        ),
        sexes=tuple(
            SexCount(sex, ac, an, ac / an if an else None)
            for sex, ac, an in ((Sex.FEMALE, found.ac_xx, found.an_xx), (Sex.MALE, found.ac_xy, found.an_xy))
        ),
        sex_chromosome=counted.contig >= X,
        counted_at=_changed_at(nation_folder()),
        gate=str(setting.gate),
        reference=setting.reference,
    )


def summary(actor: Actor) -> Summary | None:
    """What the register holds; nothing while nobody is counted."""
    require(actor, "registers.frequency.read")
    if counts_folder() is None:
        return None
    nation = _counts(nation_folder())
    return Summary(
        build=str(nation.manifest.settings.build),
        gate=str(nation.manifest.settings.gate),
        people=nation.people,
        alleles_at_most=2 * nation.people,
        variants=_observed(nation),
        counted_at=_changed_at(nation_folder()),
        regions=tuple(
            RegionSummary(code, counts.people, 2 * counts.people, _observed(counts), _changed_at(region_folder(code)))
            for code, counts in ((code, _counts(region_folder(code))) for code in counted_regions())
        ),
        examples=_examples(nation.sites),
    )


def warm_up() -> None:
    """Read the counts, and load what writes a variant as they do, before the first page needs it."""
    if counts_folder() is None:
        return
    nation = _counts(nation_folder())
    for code in counted_regions():
        _counts(region_folder(code))
    setting = nation.manifest.settings
    for _word, text in _examples(nation.sites)[:1]:
        counted = as_counted(Variant.parse(setting.build, text), _reference(setting))
        _place(NATION, nation, counted)


def contributions(actor: Actor) -> tuple[MonthSummary, ...]:
    """The book, by month and region, newest first: counted, withdrawn, and rejected with the reason."""
    require(actor, "registers.contribution.list")
    rows = (
        Contribution.objects.annotate(month=TruncMonth("received_on"))
        .values("month", "region", "state", "reason")
        .annotate(contributions=Count("id"), total=Sum("people"))
        .order_by("-month", "region", "state", "reason")
    )
    return tuple(
        MonthSummary(
            row["month"],
            row["region"],
            ContributionState(row["state"]),
            row["reason"],
            row["contributions"],
            row["total"],
        )
        for row in rows
    )


def gate_values(gate: str) -> dict[str, object]:
    """What a genotype must have to be counted, by name."""
    return next((dict(values) for name, values in GATES.items() if str(name) == gate), {})


def _place(code: str, counts: Counts, variant: Variant) -> Place:
    found = counts.lookup(variant)
    expected = _allele_number_of_everybody(counts, variant)
    low, high = wilson_interval(found.ac, found.an) if found.an else (None, None)
    return Place(
        code,
        counts.people,
        found.state,
        found.ac,
        found.an,
        found.homozygotes,
        found.hemizygotes,
        expected,
        found.allele_frequency,
        low,
        high,
    )


def _allele_number_of_everybody(counts: Counts, variant: Variant) -> int:
    contig, position = np.array([variant.contig], dtype=np.uint8), np.array([variant.position], dtype=np.int64)
    sexes: Counter[Sex] = Counter()
    for cell, number in counts.people_by_cell.items():
        sexes[cell.sex] += number
    people = np.array([[sexes[sex] for sex in SEXES]], dtype=np.int64)
    return int(allele_numbers(regions(variant.build, contig, position), people).sum())


def _counts(folder: Path) -> Counts:
    """The counts of a folder, kept in memory until the folder changes."""
    return _read_counts(folder, (folder / MANIFEST).stat().st_mtime_ns)


@lru_cache(maxsize=8)
def _read_counts(folder: Path, _changed_ns: int) -> Counts:
    return Counts(folder)


def _changed_at(folder: Path) -> datetime:
    return datetime.fromtimestamp((folder / MANIFEST).stat().st_mtime, tz=UTC)


def _reference(setting: Settings) -> Reference | None:
    """The reference that the counts were normalised with, if the node has that very sequence."""
    if setting.reference is None:
        return None
    try:
        reference = ReferenceStore(settings.REFERENCES).get(setting.reference)
    except InputError:
        return None
    return reference if Settings.checksum_of(reference) == setting.reference_sha256 else None


def _observed(counts: Counts) -> int:
    return int((counts.sites["ac"] > 0).sum())


def _examples(sites: pl.DataFrame) -> tuple[tuple[str, str], ...]:
    """A common, a rare and an X-chromosomal single-base variant, where there are such."""
    single = (pl.col("ref").str.len_bytes() == 1) & (pl.col("alt").str.len_bytes() == 1) & (pl.col("ac") > 0)
    autosomal = (pl.col("contig") < X) & (pl.col("an") >= pl.col("an").max() / 2)
    share = pl.col("ac") / pl.col("an")
    wanted = {
        "common": sites.filter(single & autosomal & (share > 0.1) & (share < 0.4)),
        "rare": sites.filter(single & autosomal & (pl.col("ac") == 1)),
        "x": sites.filter(single & (pl.col("contig") == X) & (pl.col("nhemi") > 0)),
    }
    return tuple((word, _written(rows.row(0, named=True))) for word, rows in wanted.items() if rows.height)


def _written(row: dict[str, object]) -> str:
    return f"{CONTIGS[int(str(row['contig'])) - 1]}-{row['position']}-{row['ref']}-{row['alt']}"


def months_of(rows: Iterable[MonthSummary]) -> tuple[date, ...]:
    """The months of the book, newest first."""
    return tuple(dict.fromkeys(row.month for row in rows))
