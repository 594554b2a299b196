"""Looking alleles up in a counts folder: observed, covered and absent, or not covered."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray

from varde.frequency.callable_intervals import Steps, places
from varde.frequency.ploidy import Region, allele_numbers, regions
from varde.frequency.store import CALLABLE, SITES, Contents, read_manifest
from varde.genome.alleles import Variant
from varde.genome.builds import CONTIGS
from varde.genome.errors import InputError
from varde.genome.keys import encode_keys
from varde.genome.normalise import normalise, with_keys
from varde.genome.records import SITE_SCHEMA, AlleleKind, AlleleTable
from varde.genome.references import Reference


class State(StrEnum):
    """What counts say of an allele. Absence is evidence only where people were covered."""

    OBSERVED = "observed"
    ABSENT_COVERED = "absent_covered"
    NOT_COVERED = "not_covered"


STATES = pl.Enum([str(state) for state in State])


@dataclass(frozen=True)
class Frequency:
    """Counts of one allele among all people counted, and among XX and XY."""

    state: State
    ac: int
    an: int
    homozygotes: int
    hemizygotes: int
    ac_xx: int
    an_xx: int
    ac_xy: int
    an_xy: int

    @property
    def allele_frequency(self) -> float | None:
        """AC / AN; None, not zero, where nobody was called."""
        return self.ac / self.an if self.an else None


def as_counted(variant: Variant, reference: Reference | None) -> Variant:
    """The variant as counts write it: trimmed and, with a reference, its REF checked and left-aligned.

    Raises InputError as ``normalise``.
    """
    table = _table_of(variant)
    row = (normalise(table, reference) if reference else with_keys(table)).sites.row(0, named=True)
    return Variant(variant.build, row["contig"], row["position"], row["ref"], row["alt"])


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
    """A counts folder, read when first asked. Raises InputError ``no_counts``, ``unknown_format``."""

    def __init__(self, folder: str | Path) -> None:
        self.folder = Path(folder)
        self.manifest: Contents = read_manifest(self.folder)

    @property
    def people(self) -> int:
        """People counted."""
        return len(self.manifest.runs)

    @cached_property
    def sites(self) -> pl.DataFrame:
        """All sums, sorted by key. Raises InputError ``counts_interrupted``."""
        return self._read(SITES)

    @cached_property
    def steps(self) -> Steps:
        """People callable at every position. Raises InputError ``counts_interrupted``."""
        return Steps.from_frame(self._read(CALLABLE))

    @cached_property
    def _keys(self) -> NDArray[np.uint64]:
        return self.sites["key"].to_numpy()

    def _read(self, name: str) -> pl.DataFrame:
        path = self.folder / name
        if not path.exists() or pl.read_parquet_metadata(path).get("runs_sha256") != self.manifest.digest:
            raise InputError(
                "counts_interrupted",
                f"{name} was not made from the runs that the manifest names: a change was interrupted.",
                "Make the sums anew with varde.frequency.count.sum_again.",
                source=self.folder.name,
            )
        return pl.read_parquet(path)

    def lookup(self, variant: Variant) -> Frequency:
        """Counts of one variant, as written: write it as the counts do first (``varde.genome.normalise``).

        Raises InputError ``build_mismatch``, ``y_pseudoautosomal``.
        """
        build = self.manifest.settings.build
        if variant.build is not build:
            raise InputError(
                "build_mismatch",
                f"The variant is of {variant.build}, the counts are of {build}.",
                f"Give the position in {build}.",
            )
        contig, position = np.array([variant.contig], dtype=np.uint8), np.array([variant.position], dtype=np.int64)
        if regions(build, contig, position)[0] == Region.EXCLUDED:
            raise InputError(
                "y_pseudoautosomal",
                f"{variant} lies in the pseudo-autosomal region of Y, whose sequence is counted on X.",
                "Give the position on X.",
            )
        key = encode_keys(contig, position, [variant.ref], [variant.alt])
        row = int(np.searchsorted(self._keys, key[0]))
        stored = self.sites.row(row, named=True) if row < len(self._keys) and self._keys[row] == key[0] else None
        if stored is None or (stored["ref"], stored["alt"]) != (variant.ref, variant.alt):
            xx, xy, unknown = (int(number) for number in self._allele_numbers(contig, position)[0])
            an = xx + xy + unknown
            return Frequency(State.ABSENT_COVERED if an else State.NOT_COVERED, 0, an, 0, 0, 0, xx, 0, xy)
        state = State.OBSERVED if stored["ac"] else State.ABSENT_COVERED if stored["an"] else State.NOT_COVERED
        names = ("ac", "an", "nhomalt", "nhemi", "ac_xx", "an_xx", "ac_xy", "an_xy")
        return Frequency(state, *(stored[name] for name in names))

    def annotate(self, key: NDArray[np.uint64], contig: NDArray[np.uint8], position: NDArray[np.int64]) -> pl.DataFrame:
        """Counts of many alleles, in their order: ac, an, nhomalt, nhemi (UInt32), af (null where an is 0) and state.

        ``key``, ``contig`` and the 1-based ``position`` are of normalised alleles. Key 0 is an allele without key
        (symbolic, breakend, spanning): all its columns are null, for nothing is known of it. Two long alleles of one
        place whose keys collide (1 in 2**30) are not told apart here; ``lookup`` does.
        """
        row = np.minimum(np.searchsorted(self._keys, key), max(len(self._keys) - 1, 0))
        found = self._keys[row] == key if len(self._keys) else np.zeros(len(key), dtype=np.bool_)
        an = self._allele_numbers(contig, position).sum(axis=1)
        columns = {"ac": np.zeros(len(key), dtype=np.int64), "an": an}
        columns |= {name: np.zeros(len(key), dtype=np.int64) for name in ("nhomalt", "nhemi")}
        for name, values in columns.items():
            values[found] = self.sites[name].to_numpy()[row[found]]
        known = (
            pl.DataFrame(columns)
            .cast(pl.UInt32)
            .with_columns(
                af=pl.when(pl.col("an") > 0).then(pl.col("ac") / pl.col("an")),
                state=pl.when(pl.col("ac") > 0)
                .then(pl.lit(State.OBSERVED.value, STATES))
                .when(pl.col("an") > 0)
                .then(pl.lit(State.ABSENT_COVERED.value, STATES))
                .otherwise(pl.lit(State.NOT_COVERED.value, STATES)),
            )
        )
        return known.select(pl.when(pl.Series(key != 0)).then(pl.all()))

    def _allele_numbers(self, contig: NDArray[np.uint8], position: NDArray[np.int64]) -> NDArray[np.int64]:
        """Allele numbers by sex, int64 [positions, 3], from the people callable there."""
        region = regions(self.manifest.settings.build, contig, position)
        return allele_numbers(region, self.steps.at(places(contig, position)))
