"""Reading a release: what the public is told of alleles, places and site sets."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from varde.frequency.callable_intervals import Intervals
from varde.frequency.index import FrequencyIndex
from varde.frequency.ploidy import Region, regions
from varde.frequency.release import layout
from varde.frequency.release.answers import AtLeast, PublicAnswer, PublicState
from varde.frequency.release.bounds import with_bounds
from varde.frequency.release.public import PUBLIC_COVERAGE
from varde.frequency.release.site_sets import SITE_SETS, SiteSet, sets_of
from varde.frequency.release.tables import read_table
from varde.genome.alleles import Variant
from varde.genome.builds import Build
from varde.genome.errors import InputError
from varde.genome.keys import encode_keys, key_contigs, key_positions

STATES = pl.Enum([str(state) for state in PublicState])

Whole = NDArray[np.int64]


class Release:
    """A release folder, read when first asked. Raises InputError ``no_release``, ``unknown_format``."""

    def __init__(self, folder: str | Path) -> None:
        self.folder = Path(folder)
        self.manifest: Mapping[str, Any] = read_manifest(self.folder)
        self.name: str = self.manifest["release"]
        self.build = Build(self.manifest["build"])

    @property
    def is_public(self) -> bool:
        """Whether the gate let anything be published."""
        return bool(self.manifest["gate"]["public"])

    @property
    def scheme(self) -> str:
        return str(self.manifest["parameters"]["scheme"]["value"])

    @cached_property
    def index(self) -> FrequencyIndex:
        """The memory-mapped index. Raises InputError ``no_public_release``."""
        self._refuse_private()
        return FrequencyIndex.open(self.folder / layout.INDEX)

    @cached_property
    def site_sets(self) -> tuple[SiteSet, ...]:
        """What is told of, in the order of priority. Raises InputError ``no_public_release``."""
        self._refuse_private()
        return sets_of(read_table(self.folder / layout.SITE_SETS, SITE_SETS))

    @cached_property
    def coverage(self) -> pl.DataFrame:
        """Rounded allele numbers, ``PUBLIC_COVERAGE``. Raises InputError ``no_public_release``."""
        self._refuse_private()
        return read_table(self.folder / layout.COVERAGE, PUBLIC_COVERAGE)

    @cached_property
    def interpretations(self) -> pl.DataFrame:
        """Earlier interpretations of alleles in the site sets, ``layout.INTERPRETED``."""
        self._refuse_private()
        return read_table(self.folder / layout.INTERPRETATIONS, layout.INTERPRETED)

    def interpretations_of(self, variant: Variant) -> pl.DataFrame:
        """The rows of ``interpretations`` of one variant, as written: normalise it first."""
        key = encode_keys([variant.contig], [variant.position], [variant.ref], [variant.alt])[0]
        return self.interpretations.filter(key=np.uint64(key))

    def lookup(self, variant: Variant) -> PublicAnswer:
        """The answer for one variant, as written: normalise it first, as ``lookup.as_counted`` does.

        Raises InputError ``build_mismatch``, ``y_pseudoautosomal``, ``no_public_release``.
        """
        contig, position = self._place(variant)
        key = int(encode_keys(contig, position, [variant.ref], [variant.alt])[0])
        covered = self.index.at(variant.contig, variant.position)
        row = self.index.row(key, variant.ref, variant.alt)
        if not covered["told"]:
            return PublicAnswer(self.name, str(self.build), PublicState.NOT_IN_RELEASE)
        if row is None and not covered["an"]:
            return PublicAnswer(self.name, str(self.build), PublicState.NOT_COVERED)
        found = row or {"an": covered["an"], "bin": 0, "homozygotes": 0, "hemizygotes": 0}
        state = PublicState.IN_BIN if row else PublicState.BELOW
        bounds = self._bounded(pl.DataFrame({"an": [found["an"]], "bin": [found["bin"]]})).row(0, named=True)
        homozygotes, hemizygotes = (list(AtLeast)[found[name]] for name in ("homozygotes", "hemizygotes"))
        told = PublicAnswer(self.name, str(self.build), state, homozygotes=homozygotes, hemizygotes=hemizygotes)
        return replace(told, **bounds)

    def find(self, keys: NDArray[np.uint64]) -> pl.DataFrame:
        """Answers for many keys of normalised alleles, in their order: key, state, an, bin, homozygotes, hemizygotes
        (true: at least k people), and the bounds of ``with_bounds``; null where the state tells nothing.

        Two long alleles of one place whose keys collide (1 in 2**30) are not told apart here; ``lookup`` does.
        """
        contig, position = key_contigs(keys), key_positions(keys)
        told, covered = (self.index.covered(contig, position, name) for name in ("told", "an"))
        row = np.where(told > 0, self.index.find(keys), -1)
        columns = {name: self._column(name, row) for name in ("bin", "homozygotes", "hemizygotes")}
        an = np.where(row >= 0, self._column("an", row), covered)
        state = np.select([told == 0, row >= 0, an > 0], [3, 0, 1], 2)
        frame = pl.DataFrame({"an": np.maximum(an, 1), **columns})
        known = self._bounded(frame).with_columns(pl.col("homozygotes", "hemizygotes") > 0)
        known = known.select(pl.when(pl.Series(state < 2)).then(pl.all()))
        states = pl.Series([str(one) for one in PublicState], dtype=STATES).gather(state)
        return known.select(pl.Series("key", keys), states.alias("state"), pl.all())

    def sites(self, contig: int, start: int, end: int) -> pl.DataFrame:
        """Sites above the lowest bin at 1-based positions ``start`` to ``end``: key, contig, position, ref, alt, an,
        bin, homozygotes, hemizygotes and the bounds of their bins, sorted. Raises InputError ``no_public_release``."""
        found = self.index.frame(*self.index.range(contig, start, end))
        return self._bounded(found).with_columns(pl.col("homozygotes", "hemizygotes") > 0)

    def all_sites(self) -> pl.DataFrame:
        """``sites`` of the whole release."""
        return self._bounded(self.index.frame()).with_columns(pl.col("homozygotes", "hemizygotes") > 0)

    def coverage_of(self, contig: int, start: int, end: int) -> pl.DataFrame:
        """``PUBLIC_COVERAGE`` of the stretches that touch 1-based positions ``start`` to ``end``."""
        return self.coverage.filter(contig=contig).filter(pl.col("start0") < end, pl.col("end0") >= start)

    def told_of(self) -> Intervals:
        """The places that the release tells of."""
        edges = self.index.coverage
        place = edges.keys(0, edges.rows).astype(np.int64)
        told = edges.column("told", 0, edges.rows) > 0
        return Intervals.of(place[:-1][told[:-1]], place[1:][told[:-1]])

    def _column(self, name: str, row: Whole) -> Whole:
        found = np.zeros(len(row), dtype=np.int64)
        found[row >= 0] = self.index.sites.values(name, row[row >= 0])
        return found

    def _bounded(self, frame: pl.DataFrame) -> pl.DataFrame:
        return with_bounds(frame, self.scheme)

    def _place(self, variant: Variant) -> tuple[NDArray[np.uint8], Whole]:
        if variant.build is not self.build:
            raise InputError(
                "build_mismatch",
                f"The variant is of {variant.build}, the release is of {self.build}.",
                f"Give the position in {self.build}.",
            )
        contig, position = np.array([variant.contig], dtype=np.uint8), np.array([variant.position], dtype=np.int64)
        if regions(self.build, contig, position)[0] == Region.EXCLUDED:
            raise InputError(
                "y_pseudoautosomal",
                f"{variant} lies in the pseudo-autosomal region of Y, whose sequence is counted on X.",
                "Give the position on X.",
            )
        return contig, position

    def _refuse_private(self) -> None:
        if not self.is_public:
            raise InputError(
                "no_public_release",
                f"Release {self.name} has no public part. {self.manifest['gate']['sentence']}",
                "Ask an earlier release; professionals of the health service see exact counts in the register.",
                source=self.folder.name,
            )


def read_manifest(folder: Path) -> Mapping[str, Any]:
    """The manifest of a release. Raises InputError ``no_release``, ``unknown_format``."""
    try:
        manifest: Mapping[str, Any] = json.loads((folder / layout.MANIFEST).read_text(encoding="utf-8"))
        found = manifest["format"], manifest["format_version"]
    except (OSError, ValueError, KeyError, TypeError):
        raise InputError(
            "no_release",
            f"{folder.name!r} holds no release: {layout.MANIFEST} is not there or cannot be read.",
            "Give the folder that 'varde release' wrote.",
            source=folder.name,
        ) from None
    if found != (layout.KIND, layout.FORMAT):
        raise InputError(
            "unknown_format",
            f"The release has the format {found}, expected {(layout.KIND, layout.FORMAT)}.",
            "Read it with the version of Varde that it names.",
            source=layout.MANIFEST,
        )
    return manifest
