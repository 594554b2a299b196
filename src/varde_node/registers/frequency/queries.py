"""Reads of the professional tier: exact counts of a variant, a region or a gene, in the nation and in the regions.

The nation is as of the last shard that it accepted; the reader's own health region is as it is now. Every look is
logged: the kind of question in clear, the question itself as a commitment only.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from django.conf import settings
from django.db.models import Count, Sum
from django.db.models.functions import TruncMonth

from varde.frequency.browse import Window
from varde.frequency.cells import Assay, Cell, DiseaseGroup
from varde.frequency.index import FrequencyIndex
from varde.frequency.lookup import Counts, State, as_counted
from varde.frequency.ploidy import SEXES, Region, allele_numbers, regions
from varde.frequency.sources import side_by_side
from varde.frequency.statistics import faf, wilson_interval
from varde.frequency.store import GATES, MANIFEST, Contents, Settings
from varde.genome.alleles import Variant
from varde.genome.builds import CONTIGS, Build, X
from varde.genome.errors import InputError
from varde.genome.keys import encode_keys, is_substitution, place_key
from varde.genome.pedigree import Sex
from varde.genome.references import Reference, ReferenceStore
from varde.genome.regions import Region as Stretch
from varde_node.people import queries as people
from varde_node.people.services import Actor, require
from varde_node.registers.frequency import search
from varde_node.registers.frequency.indexes import (
    COUNTED,
    NATION,
    SEX_PARTS,
    assay_part,
    contents_of,
    events_of,
    group_part,
    index_of,
    loaded_sources,
    parts_of,
    region_parts,
)
from varde_node.registers.frequency.models import Contribution, ContributionState
from varde_node.registers.frequency.store import counted_regions, nation_folder, region_folder

READ, LOOK_UP = "registers.frequency.read", "registers.frequency.lookup"
NEIGHBOUR_BASES = 25
MOST_NEIGHBOURS = 12


@dataclass(frozen=True)
class Place:
    """What one region, or the nation, counts of a variant. ``frequency`` and its 95 % interval: None where an is 0.

    ``carriers`` are people; ``heteroplasmic`` those on MT who are not in ``ac``.
    ``expected`` is the allele number if everybody counted had been read here. ``as_of``: when it was counted last.
    """

    code: str
    people: int
    state: State
    ac: int
    an: int
    homozygotes: int
    hemizygotes: int
    carriers: int
    heteroplasmic: int
    expected: int
    frequency: float | None
    low: float | None
    high: float | None
    faf95: float | None
    faf99: float | None
    as_of: datetime

    @property
    def read_in_few(self) -> bool:
        """Whether fewer than half of the alleles of those counted were read here: the frequency then says little."""
        return 0 < self.an < self.expected / 2


@dataclass(frozen=True)
class Part:
    """Alleles among a part of the people counted: one sex, disease group or assay."""

    of: Sex | DiseaseGroup | Assay
    people: int
    ac: int
    an: int
    homozygotes: int
    hemizygotes: int
    frequency: float | None


@dataclass(frozen=True)
class Neighbour:
    """Another allele at the place or close by."""

    variant: str
    distance: int
    ac: int
    an: int


@dataclass(frozen=True)
class Elsewhere:
    """What another register tells of the variant; ``has`` is false where it does not have it. None: not told."""

    name: str
    version: str
    licence: str
    imported_on: date
    has: bool
    ac: int | None = None
    an: int | None = None
    frequency: float | None = None
    homozygotes: int | None = None
    hemizygotes: int | None = None
    faf95: float | None = None


@dataclass(frozen=True)
class FrequencyView:
    """The register's answer about one variant. ``variant`` is as the counts write it, ``asked`` as it was given.

    ``own`` is the reader's own health region as it is now; None for who belongs to none, or where it counts nobody.
    """

    variant: str
    asked: str
    moved: bool
    build: str
    nation: Place
    own: Place | None
    regions: tuple[Place, ...]
    sexes: tuple[Part, ...]
    groups: tuple[Part, ...]
    assays: tuple[Part, ...]
    sex_chromosome: bool
    neighbours: tuple[Neighbour, ...]
    elsewhere: tuple[Elsewhere, ...]
    counted_at: datetime
    gate: str
    reference: str | None

    @property
    def counted(self) -> Variant:
        """The variant as the counts write it."""
        return Variant.parse(Build(self.build), self.variant)


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
class RegionView:
    """The sites of a stretch: ``window`` with ac, an, nhomalt, nhemi and af (NaN where an is 0), those observed.

    ``events`` are the structural ones (``CLUSTERS``) that touch it; ``assayed`` people were read for such.
    """

    window: Window
    events: pl.DataFrame
    assayed: int
    index: FrequencyIndex
    people: int
    alleles_at_most: int
    counted_at: datetime


@dataclass(frozen=True)
class MonthSummary:
    """Contributions of a region in a month, of one state and reason. Of the people, ``held_out`` only measure the risk
    and ``related`` are kin of somebody counted: neither are in the sums."""

    month: date
    region: str
    state: ContributionState
    reason: str
    contributions: int
    people: int
    held_out: int
    related: int


def counts_folder() -> Path | None:
    """The nation's counts folder, or nothing while nobody is counted."""
    folder = nation_folder()
    return folder if (folder / MANIFEST).is_file() else None


def lookup(actor: Actor, text: str) -> FrequencyView | None:
    """What is counted of a variant in any notation that the search reads; nothing while nobody is counted.

    Raises InputError (field ``variant``) for a text that is no variant, or several (``SeveralVariants``), of another
    build, or whose REF is not the reference's, and ``y_pseudoautosomal``.
    """
    require(actor, LOOK_UP, details={"of": "variant"}, personal={"variant": text[:200]})
    nation, index = contents_of(nation_folder()), index_of(nation_folder())
    if nation is None or index is None:
        return None
    setting = nation.settings
    asked = search.one(text)[0]
    counted = as_counted(asked, _reference(setting))
    _refuse_excluded(counted)
    numbers = _numbers(index, counted)
    return FrequencyView(
        variant=str(counted),
        asked=str(asked),
        moved=counted != asked,
        build=str(setting.build),
        nation=_place(NATION, nation, counted, numbers),
        own=_own_region(actor, counted),
        regions=tuple(_region_places(counted)),
        sexes=_parts(nation, numbers, SEX_PARTS),
        groups=_parts(nation, numbers, {group: group_part(group) for group in DiseaseGroup}),
        assays=_parts(nation, numbers, {assay: assay_part(assay) for assay in Assay}),
        sex_chromosome=counted.contig >= X,
        neighbours=_neighbours(index, counted),
        elsewhere=tuple(_elsewhere(counted)),
        counted_at=changed_at(nation_folder()),
        gate=str(setting.gate),
        reference=setting.reference,
    )


def region(actor: Actor, stretch: Stretch) -> RegionView | None:
    """The observed sites of a stretch of the genome; nothing while nobody is counted. Raises InputError
    ``build_mismatch``."""
    require(actor, LOOK_UP, details={"of": "region"}, personal={"region": str(stretch)})
    nation, index = contents_of(nation_folder()), index_of(nation_folder())
    if nation is None or index is None:
        return None
    if stretch.build is not nation.settings.build:
        raise InputError("build_mismatch", f"The counts are of {nation.settings.build}.", "Give the region in it.")
    window = Window.of(index, stretch, COUNTED)
    window = window.only(window.columns["nobs"] > 0)
    with np.errstate(invalid="ignore", divide="ignore"):
        window = window.beside(af=window.columns["ac"] / window.columns["an"])
    held = events_of(nation_folder())
    events = held.touching(stretch.contig_code, stretch.start0 + 1, stretch.end0)
    return RegionView(window, events, held.people, index, nation.people, 2 * nation.people, changed_at(nation_folder()))


def summary(actor: Actor) -> Summary | None:
    """What the register holds; nothing while nobody is counted."""
    require(actor, READ)
    nation, index = contents_of(nation_folder()), index_of(nation_folder())
    if nation is None or index is None:
        return None
    return Summary(
        build=str(nation.settings.build),
        gate=str(nation.settings.gate),
        people=nation.people,
        alleles_at_most=2 * nation.people,
        variants=_held(index.path).observed,
        counted_at=changed_at(nation_folder()),
        regions=tuple(_region_summaries()),
        examples=_held(index.path).examples,
    )


def warm_up() -> None:
    """Make and map the indexes, and load what writes a variant as they do, before the first page needs it."""
    nation, index = contents_of(nation_folder()), index_of(nation_folder())
    if nation is None or index is None:
        return
    search.warm_up()
    for code in counted_regions():
        _counts(region_folder(code))
    for _word, text in _held(index.path).examples[:1]:
        counted = as_counted(Variant.parse(nation.settings.build, text), _reference(nation.settings))
        _place(NATION, nation, counted, _numbers(index, counted))
        list(_region_places(counted))


def contributions(actor: Actor) -> tuple[MonthSummary, ...]:
    """The book, by month and region, newest first: counted, withdrawn, and rejected with the reason."""
    require(actor, "registers.contribution.list")
    rows = (
        Contribution.objects.annotate(month=TruncMonth("received_on"))
        .values("month", "region", "state", "reason")
        .annotate(contributions=Count("id"), total=Sum("people"), apart=Sum("held_out"), kin=Sum("related"))
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
            row["apart"],
            row["kin"],
        )
        for row in rows
    )


def gate_values(gate: str) -> dict[str, object]:
    """What a genotype must have to be counted, by name."""
    return next((dict(values) for name, values in GATES.items() if str(name) == gate), {})


def months_of(rows: Iterable[MonthSummary]) -> tuple[date, ...]:
    """The months of the book, newest first."""
    return tuple(dict.fromkeys(row.month for row in rows))


def _refuse_excluded(variant: Variant) -> None:
    if _region_of(variant) == Region.EXCLUDED:
        raise InputError(
            "y_pseudoautosomal",
            f"{variant} lies in the pseudo-autosomal region of Y, whose sequence is counted on X.",
            "Give the position on X.",
            field="variant",
        )


def _region_of(variant: Variant) -> int:
    contig, position = np.array([variant.contig], dtype=np.uint8), np.array([variant.position], dtype=np.int64)
    return int(regions(variant.build, contig, position)[0])


def _numbers(index: FrequencyIndex, variant: Variant) -> dict[str, int]:
    """The counts of a variant and of every part of the people; of one that nobody carries the allele numbers alone."""
    key = int(encode_keys([variant.contig], [variant.position], [variant.ref], [variant.alt])[0])
    found = index.row(key, variant.ref, variant.alt)
    if found is not None:
        return found
    return dict.fromkeys(index.columns, 0) | index.at(variant.contig, variant.position)


def _place(code: str, contents: Contents, variant: Variant, numbers: Mapping[str, int]) -> Place:
    ac, an = numbers["ac"], numbers["an"]
    low, high, faf95, faf99 = estimates(ac, an)
    return Place(
        code=code,
        people=contents.people,
        state=State.OBSERVED if numbers["nobs"] else State.ABSENT_COVERED if an else State.NOT_COVERED,
        ac=ac,
        an=an,
        homozygotes=numbers["nhomalt"],
        hemizygotes=numbers["nhemi"],
        carriers=numbers["nobs"],
        heteroplasmic=numbers["nhet_mt"],
        expected=_allele_number_of_everybody(contents.cells, variant),
        frequency=ac / an if an else None,
        low=low,
        high=high,
        faf95=faf95,
        faf99=faf99,
        as_of=changed_at(contents.folder),
    )


def estimates(ac: int, an: int) -> tuple[float | None, ...]:
    """The 95 % interval's ends, faf95 and faf99; None where an is 0."""
    if not an:
        return None, None, None, None
    low, high = wilson_interval(ac, an)
    return float(low) if ac else 0.0, float(high) if ac < an else 1.0, float(faf(ac, an)), float(faf(ac, an, 0.01))


def _region_places(variant: Variant) -> Iterable[Place]:
    """Each region as the nation holds it."""
    for code, folder in region_parts().items():
        contents, index = contents_of(folder), index_of(folder)
        if contents is not None and index is not None:
            yield _place(code, contents, variant, _numbers(index, variant))


def _own_region(actor: Actor, variant: Variant) -> Place | None:
    """The reader's own region, live."""
    place = people.organisation(actor.organisation_id) if actor.organisation_id else None
    code = place.region if place else ""
    if code not in counted_regions():
        return None
    counts = _counts(region_folder(code))
    found = counts.lookup(variant)
    numbers = (found.ac, found.an, found.homozygotes, found.hemizygotes, found.carriers, found.heteroplasmic)
    return _place(code, counts.manifest, variant, dict(zip(COUNTED, numbers, strict=True)))


def _parts(contents: Contents, numbers: Mapping[str, int], names: Mapping[Any, str]) -> tuple[Part, ...]:
    held = parts_of(contents)
    return tuple(
        Part(
            of,
            sum(contents.cells[cell] for cell in held[name]),
            *(numbers[f"{column}_{name}"] for column in COUNTED[:4]),
            numbers[f"ac_{name}"] / numbers[f"an_{name}"] if numbers[f"an_{name}"] else None,
        )
        for of, name in names.items()
        if name in held
    )


def _elsewhere(variant: Variant) -> Iterable[Elsewhere]:
    """Other registers side by side; nothing is added up over them."""
    for said, row in side_by_side(loaded_sources(variant.build), variant):
        told = row or {}
        values = (told.get(name) for name in ("ac", "an", "af", "nhomalt", "nhemi", "faf95"))
        yield Elsewhere(said.name, said.version, said.licence, said.imported_on, row is not None, *values)


def _neighbours(index: FrequencyIndex, variant: Variant) -> tuple[Neighbour, ...]:
    """Observed alleles at the place and around it that have an address, the nearest first."""
    low, high = max(variant.position - NEIGHBOUR_BASES, 1), variant.position + NEIGHBOUR_BASES
    frame = index.frame(*index.range(variant.contig, low, high)) if index.sites.rows else None
    if frame is None:
        return ()
    found = [
        Neighbour(search.written(row), row["position"] - variant.position, row["ac"], row["an"])
        for row in frame.iter_rows(named=True)
        if row["ac"] and (row["position"], row["ref"], row["alt"]) != (variant.position, variant.ref, variant.alt)
    ]
    found = [one for one in found if one.variant]
    return tuple(sorted(found, key=lambda one: (abs(one.distance), one.variant))[:MOST_NEIGHBOURS])


def _allele_number_of_everybody(cells: Mapping[Cell, int], variant: Variant) -> int:
    contig, position = np.array([variant.contig], dtype=np.uint8), np.array([variant.position], dtype=np.int64)
    sexes: Counter[Sex] = Counter()
    for cell, number in cells.items():
        sexes[cell.sex] += number
    everybody = np.array([[sexes[sex] for sex in SEXES]], dtype=np.int64)
    return int(allele_numbers(regions(variant.build, contig, position), everybody).sum())


def _counts(folder: Path) -> Counts:
    """The counts of a folder, kept in memory until the folder changes."""
    return _read_counts(folder, (folder / MANIFEST).stat().st_mtime_ns)


@lru_cache(maxsize=8)
def _read_counts(folder: Path, _changed_ns: int) -> Counts:
    return Counts(folder)


def changed_at(folder: Path) -> datetime:
    """When a counts folder was changed last."""
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


def _region_summaries() -> Iterable[RegionSummary]:
    for code, folder in region_parts().items():
        contents, index = contents_of(folder), index_of(folder)
        if contents is not None and index is not None:
            observed = _held(index.path).observed
            yield RegionSummary(code, contents.people, 2 * contents.people, observed, changed_at(folder))


@dataclass(frozen=True)
class _Held:
    """What one index holds: how many sites somebody carries, and examples of them."""

    observed: int
    examples: tuple[tuple[str, str], ...]


@lru_cache(maxsize=8)
def _held(path: Path) -> _Held:
    index = FrequencyIndex.open(path)
    return _Held(int((index.sites.column("ac") > 0).sum()), _examples(index))


def _examples(index: FrequencyIndex) -> tuple[tuple[str, str], ...]:
    """A common, a rare and an X-chromosomal single-base variant, where there are such."""
    if not len(index):
        return ()
    start_of_x = int(index.sites.lower(np.array([place_key(X, 0)], dtype=np.uint64))[0])
    keys, ac, an, hemi = index.sites.keys(), *(index.sites.column(name) for name in ("ac", "an", "nhemi"))
    rows = np.arange(len(index))
    single, known = is_substitution(keys) & (ac > 0), (rows < start_of_x) & (an >= an.max() / 2)
    wanted = {
        "common": single & known & (ac * 10 > an) & (ac * 5 < 2 * an),
        "rare": single & known & (ac == 1),
        "x": single & (rows >= start_of_x) & (hemi > 0),
    }
    firsts = ((word, np.flatnonzero(chosen)) for word, chosen in wanted.items())
    return tuple(
        (word, _written(index.frame(int(found[0]), int(found[0]) + 1).row(0, named=True)))
        for word, found in firsts
        if len(found)
    )


def _written(row: Mapping[str, object]) -> str:
    return f"{CONTIGS[int(str(row['contig'])) - 1]}-{row['position']}-{row['ref']}-{row['alt']}"
