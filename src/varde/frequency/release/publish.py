"""Writing the public part of a release: Parquet, VCF, index, coverage, site sets and interpretations."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from varde.frequency.disclosure.bins import SCHEMES
from varde.frequency.index import build_index
from varde.frequency.release import layout
from varde.frequency.release.parameters import Parameters
from varde.frequency.release.prepare import enough_laboratories
from varde.frequency.release.site_sets import SiteSet, all_places, frame_of
from varde.frequency.release.tables import write_sites, write_table
from varde.frequency.release.vcf import write_vcf
from varde.genome.builds import Build
from varde.genome.keys import is_hashed

_CONTIG_SHIFT = 32


@dataclass(frozen=True)
class PublicPart:
    """What is published: ``PUBLIC_SITES``, ``PUBLIC_COVERAGE``, the chosen sets and ``layout.INTERPRETED``."""

    sites: pl.DataFrame
    coverage: pl.DataFrame
    sets: Sequence[SiteSet]
    interpretations: pl.DataFrame


def write_public(folder: Path, part: PublicPart, build: Build, name: str, parameters: Parameters) -> None:
    """Fill the folder of release ``name`` with ``public/``; ``folder`` must hold no such yet."""
    (folder / layout.PUBLIC).mkdir()
    write_sites(part.sites, folder / layout.SITES)
    write_vcf(part.sites, folder / layout.VCF, build, name, parameters)
    write_table(part.coverage, folder / layout.COVERAGE, delta=("start0", "end0"))
    write_table(frame_of(part.sets), folder / layout.SITE_SETS)
    write_table(part.interpretations, folder / layout.INTERPRETATIONS)
    made_from = {
        "release": name,
        "scheme": parameters.scheme,
        "people_per_site": parameters.people_per_site,
        "parameters_sha256": parameters.digest,
    }
    write_index(folder / layout.INDEX, part, build, made_from)


def write_index(path: Path, part: PublicPart, build: Build, made_from: Mapping[str, Any]) -> None:
    """The index of the same: by site an, bin, homozygotes, hemizygotes; by place an, and whether it is told of.

    What the bins stand for is in the header: ``Scheme.edges``.
    """
    long = part.sites.filter(pl.Series(is_hashed(part.sites["key"].to_numpy()))).select("key", "ref", "alt")
    columns = part.sites.select("key", "an", "bin", "homozygotes", "hemizygotes")
    told = {**made_from, "edges": SCHEMES[made_from["scheme"]].edges}
    build_index(path, build, columns, _steps(part), long=long, made_from=told)


def _steps(part: PublicPart) -> pl.DataFrame:
    """Columns ``place``, ``an``, ``told``: constant from each place to the next."""
    told, base = all_places(part.sets), part.coverage["contig"].cast(pl.Int64).to_numpy() << _CONTIG_SHIFT
    start, stop = (base + part.coverage[name].to_numpy() for name in ("start0", "end0"))
    place = np.unique(np.concatenate((told.start, told.stop, start, stop)))
    an = np.zeros(len(place), dtype=np.int64)
    if len(start):
        row = np.maximum(np.searchsorted(start, place, side="right") - 1, 0)
        inside = (place >= start[row]) & (place < stop[row])
        an[inside] = part.coverage["an"].to_numpy()[row[inside]]
    return pl.DataFrame({"place": place.astype(np.uint64), "an": an, "told": told.covers(place).astype(np.int64)})


def told_interpretations(
    given: pl.DataFrame | None, in_bin: NDArray[np.uint64], parameters: Parameters
) -> pl.DataFrame:
    """Of ``layout.INTERPRETED`` rows those of enough laboratories and of alleles told of, whose keys are ``in_bin``.

    That somebody interpreted an allele tells that it was seen, and the lowest bin keeps that to itself.
    """
    if given is None:
        return layout.INTERPRETED.to_frame()
    rows = enough_laboratories(given, parameters).sort(layout.INTERPRETED.names())
    return rows.filter(pl.Series(np.isin(rows["key"].to_numpy(), in_bin), dtype=pl.Boolean))
