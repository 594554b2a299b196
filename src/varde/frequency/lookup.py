"""Looking alleles up in a counts folder: observed, covered and absent, or not covered."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import cached_property
from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray

from varde.frequency.callable_intervals import places
from varde.frequency.cells import Cell
from varde.frequency.coverage import Coverage
from varde.frequency.increment import Increment, sites, spelled
from varde.frequency.ploidy import PLOIDY, Region, regions
from varde.frequency.store import Contents, Settings, read_manifest
from varde.frequency.structural_events import StructuralEvents
from varde.genome.alleles import Variant
from varde.genome.builds import CONTIGS
from varde.genome.errors import InputError
from varde.genome.keys import encode_keys
from varde.genome.normalise import normalise, with_keys
from varde.genome.pedigree import Sex
from varde.genome.records import SITE_SCHEMA, AlleleKind, AlleleTable
from varde.genome.references import Reference


class State(StrEnum):
    """What counts say of an allele. Absence is evidence only where people were covered."""

    OBSERVED = "observed"
    ABSENT_COVERED = "absent_covered"
    NOT_COVERED = "not_covered"


_SHOWN = 40
"""Letters of a variant or its REF that a message shows."""

STATES = pl.Enum([str(state) for state in State])


@dataclass(frozen=True)
class Frequency:
    """Counts of one allele among all people asked about, and among XX and XY of them.

    ``carriers`` are people; ``heteroplasmic`` those of them, on MT alone, who are not in ``ac``.
    """

    state: State
    ac: int
    an: int
    homozygotes: int
    hemizygotes: int
    ac_xx: int
    an_xx: int
    ac_xy: int
    an_xy: int
    heteroplasmic: int = 0
    carriers: int = 0

    @property
    def allele_frequency(self) -> float | None:
        """AC / AN; None, not zero, where nobody was called."""
        return self.ac / self.an if self.an else None


def as_counted(variant: Variant, reference: Reference | None) -> Variant:
    """The variant as counts write it: trimmed and, with a reference, its REF checked and left-aligned.

    Raises InputError as ``normalise``.
    """
    if _is_plain(variant, reference):
        return variant
    table = _table_of(variant)
    try:
        row = (normalise(table, reference) if reference else with_keys(table)).sites.row(0, named=True)
    except InputError as error:
        raise _of_one(error, variant, reference) from None
    return Variant(variant.build, row["contig"], row["position"], row["ref"], row["alt"])


def _of_one(error: InputError, variant: Variant, reference: Reference | None) -> InputError:
    """What is wrong with a single variant; the reader of files speaks of lines, records and the file's build."""
    if error.code != "ref_mismatch" or reference is None:
        return replace(error, line=None, source=None)
    found = reference.sequence(variant.contig, variant.start0, variant.end0)
    return InputError(
        "ref_mismatch",
        f"REF of {_short(str(variant))} differs from the reference: {reference.name} ({reference.build}) has "
        f"{_short(found)} there.",
        f"Check the position, the build ({reference.build}) and the strand.",
        field="REF",
    )


def _short(text: str) -> str:
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}..."


def _is_plain(variant: Variant, reference: Reference | None) -> bool:
    """Whether one base is replaced whose REF is the reference's: it has no other form, and needs no table."""
    if len(variant.ref) != 1 or len(variant.alt) != 1 or {variant.ref, variant.alt} - set("ACGT"):
        return False
    if reference is None:
        return True
    held = variant.build is reference.build and variant.contig in reference.codes
    if not held or variant.end0 > reference.contig(variant.contig).length:
        return False
    return reference.sequence(variant.contig, variant.start0, variant.end0) == variant.ref


def _table_of(variant: Variant) -> AlleleTable:
    """One row without samples."""
    row = {
        "line": 1,
        "record": 0,
        "allele": 1,
        "allele_count": 1,
        "contig": variant.contig,
        "contig_name": CONTIGS[variant.contig - 1],
        "position": variant.position,
        "end": variant.end0,
        "identifier": ".",
        "ref": variant.ref,
        "alt": variant.alt,
        "filter": ".",
        "kind": AlleleKind.DELINS,
    }
    none = np.empty((1, 0), dtype=np.int32)
    return AlleleTable(
        variant.build,
        (),
        pl.DataFrame([row], schema=SITE_SCHEMA),
        genotype=np.empty((1, 0, 2), dtype=np.int8),
        phased=np.empty((1, 0), dtype=np.bool_),
        phase_set=none,
        depth_ref=none,
        depth_alt=none,
        depth_x=none,
        genotype_quality=none,
    )


class Counts:
    """A counts folder, of a region or of the nation, read when first asked.

    Raises InputError ``no_counts``, ``unknown_format``, and ``damaged`` when its sums cannot be read.
    """

    def __init__(self, folder: str | Path) -> None:
        self.folder = Path(folder)
        self.manifest: Contents = read_manifest(self.folder)

    @property
    def people(self) -> int:
        """People counted."""
        return self.manifest.people

    @property
    def people_by_cell(self) -> dict[Cell, int]:
        """People counted, by cell."""
        return dict(self.manifest.cells)

    @property
    def settings(self) -> Settings:
        """How they were counted."""
        return self.manifest.settings

    @cached_property
    def increment(self) -> Increment:
        """Everything summed."""
        return self._read()

    @cached_property
    def events(self) -> StructuralEvents:
        """The structural events of everybody; only what they need is read."""
        return StructuralEvents.of(self._read(("structural", "people")))

    def _read(self, only: Collection[str] | None = None) -> Increment:
        while True:
            try:
                return self.manifest.read_increment(only)
            except InputError:
                # Segments go when a change joins them; what is then read is the folder after the change.
                newer = read_manifest(self.folder)
                if newer.segments == self.manifest.segments:
                    raise
                self.manifest = newer

    @cached_property
    def sites(self) -> pl.DataFrame:
        """``increment.sites`` of everybody."""
        return sites(self.increment)

    @cached_property
    def _coverage(self) -> Coverage:
        return Coverage(self.increment.coverage)

    @cached_property
    def _keys(self) -> NDArray[np.uint64]:
        return self.sites["key"].to_numpy()

    @cached_property
    def _observed(self) -> NDArray[np.uint64]:
        return self.increment.observations["key"].to_numpy()

    def lookup(self, variant: Variant, cells: Sequence[Cell] | None = None) -> Frequency:
        """Counts of one variant, as written, among everybody or among the people of some cells.

        Write the variant as the counts do first (``as_counted``). Raises InputError ``build_mismatch``,
        ``y_pseudoautosomal``.
        """
        build = self.settings.build
        if variant.build is not build:
            raise InputError(
                "build_mismatch",
                f"The variant is of {variant.build}, the counts are of {build}.",
                f"Give the position in {build}.",
            )
        contig, position = np.array([variant.contig], dtype=np.uint8), np.array([variant.position], dtype=np.int64)
        region = int(regions(build, contig, position)[0])
        if region == Region.EXCLUDED:
            raise InputError(
                "y_pseudoautosomal",
                f"{variant} lies in the pseudo-autosomal region of Y, whose sequence is counted on X.",
                "Give the position on X.",
            )
        rows, place = self._rows_of(variant, contig, position), places(contig, position)
        parts = [
            _CellCounts.of(cell, region, rows.get(cell.code), int(self._coverage.people(cell.code, place)[0]))
            for cell in self.increment.cells()
            if cells is None or cell in cells
        ]
        return _frequency(parts)

    def _rows_of(
        self, variant: Variant, contig: NDArray[np.uint8], position: NDArray[np.int64]
    ) -> dict[int, tuple[int, ...]]:
        """Het, hom, hemi and beside of an allele, by the code of the cell."""
        key = encode_keys(contig, position, [variant.ref], [variant.alt])
        first, stop = (int(np.searchsorted(self._observed, key[0], side=side)) for side in ("left", "right"))
        ref, alt = spelled(key, self.increment.long)
        if first == stop or (ref[0], alt[0]) != (variant.ref, variant.alt):
            return {}
        return {row[1]: row[2:] for row in self.increment.observations[first:stop].iter_rows()}

    def annotate(self, key: NDArray[np.uint64], contig: NDArray[np.uint8], position: NDArray[np.int64]) -> pl.DataFrame:
        """Counts of many alleles, in their order: ac, an, nhomalt, nhemi (UInt32), af (null where an is 0) and state.

        ``key``, ``contig`` and the 1-based ``position`` are of normalised alleles. Key 0 is an allele without key
        (symbolic, breakend, spanning): all its columns are null, for nothing is known of it. Two long alleles of one
        place whose keys collide (1 in 2**30) are not told apart here; ``lookup`` does.
        """
        row = np.minimum(np.searchsorted(self._keys, key), max(len(self._keys) - 1, 0))
        found = self._keys[row] == key if len(self._keys) else np.zeros(len(key), dtype=np.bool_)
        columns = {"ac": np.zeros(len(key), dtype=np.int64), "an": self._allele_numbers(contig, position)}
        columns |= {name: np.zeros(len(key), dtype=np.int64) for name in ("nhomalt", "nhemi", "nobs")}
        for name, values in columns.items():
            values[found] = self.sites[name].to_numpy()[row[found]]
        known = (
            pl.DataFrame(columns)
            .cast(pl.UInt32)
            .with_columns(
                af=pl.when(pl.col("an") > 0).then(pl.col("ac") / pl.col("an")),
                state=pl.when(pl.col("nobs") > 0)
                .then(pl.lit(State.OBSERVED.value, STATES))
                .when(pl.col("an") > 0)
                .then(pl.lit(State.ABSENT_COVERED.value, STATES))
                .otherwise(pl.lit(State.NOT_COVERED.value, STATES)),
            )
            .drop("nobs")
        )
        return known.select(pl.when(pl.Series(key != 0)).then(pl.all()))

    def _allele_numbers(self, contig: NDArray[np.uint8], position: NDArray[np.int64]) -> NDArray[np.int64]:
        """Alleles of the people callable at positions, all cells together."""
        region, place = regions(self.settings.build, contig, position), places(contig, position)
        total = np.zeros(len(contig), dtype=np.int64)
        for cell in self.increment.cells():
            total += PLOIDY[region, cell.sex_column].astype(np.int64) * self._coverage.people(cell.code, place)
        return total


@dataclass(frozen=True)
class _CellCounts:
    """Counts of one allele in one cell."""

    sex: Sex
    ac: int
    an: int
    homozygotes: int
    hemizygotes: int
    heteroplasmic: int
    people: int

    @classmethod
    def of(cls, cell: Cell, region: int, row: tuple[int, ...] | None, callable_people: int) -> _CellCounts:
        het, hom, hemi, beside = row or (0, 0, 0, 0)
        mitochondrial = region == Region.MITOCHONDRIAL
        ac = 2 * hom + hemi + (0 if mitochondrial else het)
        an = int(PLOIDY[region, cell.sex_column]) * (callable_people + beside)
        return cls(cell.sex, ac, an, hom, hemi, het if mitochondrial else 0, het + hom + hemi)


def _frequency(parts: Sequence[_CellCounts]) -> Frequency:
    def total(name: str, sex: Sex | None = None) -> int:
        return sum(getattr(part, name) for part in parts if sex in (None, part.sex))

    people, an = total("people"), total("an")
    return Frequency(
        State.OBSERVED if people else State.ABSENT_COVERED if an else State.NOT_COVERED,
        total("ac"),
        an,
        total("homozygotes"),
        total("hemizygotes"),
        total("ac", Sex.FEMALE),
        total("an", Sex.FEMALE),
        total("ac", Sex.MALE),
        total("an", Sex.MALE),
        total("heteroplasmic"),
        people,
    )
