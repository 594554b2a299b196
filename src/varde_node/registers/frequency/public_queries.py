"""Reads of the public tier: what the newest published release says of an allele, a stretch or a gene.

Open to everybody. Nothing here looks at exact counts, and nothing is written about who asked.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from varde.frequency.browse import Window, coverage_steps
from varde.frequency.release.answers import PublicAnswer
from varde.frequency.release.bounds import with_bounds
from varde.frequency.release.read import Release
from varde.frequency.release.site_sets import SiteSet
from varde.genome.alleles import Variant
from varde.genome.errors import InputError
from varde.genome.regions import Region
from varde_node.registers.frequency import release_queries
from varde_node.registers.frequency.indexes import opened_release, public_release
from varde_node.registers.frequency.models import Gate, ReleaseState
from varde_node.registers.frequency.models import Release as ReleaseRow
from varde_node.registers.frequency.release_queries import PublishedRelease
from varde_node.registers.frequency.search import one, written

PUBLIC_COLUMNS = ("an", "bin", "homozygotes", "hemizygotes")


@dataclass(frozen=True)
class Interpretation:
    """An earlier interpretation as the public sees it: class, number of laboratories (at least two) and year."""

    assessed_class: str
    laboratories: int
    year: int
    guideline: str


@dataclass(frozen=True)
class PublicVariant:
    """The release's answer about one variant, written as the register writes it."""

    variant: Variant
    asked: str
    moved: bool
    answer: PublicAnswer
    interpretations: tuple[Interpretation, ...]
    release: Release


@dataclass(frozen=True)
class PublicRegion:
    """Sites of a stretch above the lowest bin: ``window`` with an, bin, homozygotes and hemizygotes (1: at least k),
    ac_low, ac_high, af_low and af_high."""

    window: Window
    release: Release


def lookup(text: str) -> PublicVariant | None:
    """The newest release's answer; nothing while there is no public release. Raises InputError as ``search.one``."""
    release = public_release()
    if release is None:
        return None
    asked, counted = one(text)
    answer = release.lookup(counted)
    return PublicVariant(counted, str(asked), counted != asked, answer, interpretations(release, counted), release)


def region(stretch: Region) -> PublicRegion | None:
    """The sites of a stretch. Raises InputError ``build_mismatch``."""
    release = public_release()
    if release is None:
        return None
    if stretch.build is not release.build:
        raise InputError("build_mismatch", f"The release is of {release.build}.", "Give the region in it.")
    window = Window.of(release.index, stretch, PUBLIC_COLUMNS)
    bounds = with_bounds(pl.DataFrame({name: window.columns[name] for name in ("an", "bin")}), release.scheme)
    added = {name: bounds[name].to_numpy() for name in bounds.columns if name not in ("an", "bin")}
    return PublicRegion(window.beside(**added), release)


def site_sets(release: Release) -> tuple[SiteSet, ...]:
    """The genes that a release tells of, by name."""
    return tuple(sorted(release.site_sets, key=lambda one: one.name))


def told_share(release: Release, stretch: Region) -> float:
    """The share of a stretch's bases that the release tells of."""
    steps = coverage_steps(release.index, stretch, "told").filter(pl.col("told") > 0)
    return int((steps["end0"] - steps["start0"]).sum()) / len(stretch)


def examples(release: Release) -> tuple[str, ...]:
    """Up to three variants that the release tells of: of the commonest, the middle and the rarest bin shown."""
    index = release.index
    if not len(index):
        return ()
    bins = index.sites.column("bin")
    order = np.argsort(-bins, kind="stable")
    rows = dict.fromkeys(int(order[place]) for place in (0, len(order) // 2, len(order) - 1))
    frames = [index.frame(row, row + 1).row(0, named=True) for row in rows]
    return tuple(written(row) for row in frames)


def current() -> PublishedRelease | None:
    """The newest published release that was not withdrawn."""
    return release_queries.current_release()


def why_none() -> str:
    """Why there is no public release: ``withdrawn``, ``gate`` (one was measured and did not pass) or ``not_yet``."""
    if ReleaseRow.objects.filter(state=ReleaseState.WITHDRAWN).exists():
        return "withdrawn"
    return "gate" if ReleaseRow.objects.filter(gate__in=[Gate.REFUSED, Gate.ACCEPTANCE]).exists() else "not_yet"


def releases() -> tuple[tuple[PublishedRelease, Release | None], ...]:
    """Every release that was ever published, the newest first, with its manifest where the folder is there."""
    return tuple((one, opened_release(one.folder)) for one in release_queries.published_releases())


def interpretations(release: Release, variant: Variant) -> tuple[Interpretation, ...]:
    """Earlier interpretations of a variant, as the counts write it, that the release tells of."""
    rows = release.interpretations_of(variant).iter_rows(named=True)
    return tuple(Interpretation(row["class"], row["laboratories"], row["year"], row["guideline"]) for row in rows)
