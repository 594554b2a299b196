"""The sums over runs: per allele the carriers by sex, with the allele number that the callable intervals give."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import polars as pl
from numpy.typing import NDArray

from varde.frequency.callable_intervals import Steps, places
from varde.frequency.ploidy import PLOIDY, allele_numbers, regions
from varde.frequency.run import BESIDE_INTERVALS, NO_LONG_ALLELES, Alleles
from varde.genome.builds import CONTIGS, Build
from varde.genome.compiled import compiled
from varde.genome.keys import check_collisions, decode_alleles, is_hashed, key_contigs, key_positions, place_key

COUNTS = ("ac", "an", "nhomalt", "nhemi", "nobs")
"""Alternate alleles, all alleles called, people homozygous, people hemizygous, people carrying."""

SITE_COLUMNS = ("key", "contig", "position", "ref", "alt", *COUNTS, *(f"{c}_{s}" for s in ("xx", "xy") for c in COUNTS))

# An observation in 64 bits: the key without its contig (59 bits), then sex (2), dosage (2) and beside (1).
_PAYLOAD_BITS = 5
_SEX_SHIFT, _DOSAGE_SHIFT = 3, 1


@compiled
def _count_observations(
    packed: NDArray[np.uint64],
    keys: NDArray[np.uint64],
    single: NDArray[np.int64],
    double: NDArray[np.int64],
    beside: NDArray[np.int64],
) -> None:
    """Add up sorted observations into rows of distinct keys; columns are sexes."""
    row = -1
    previous = np.uint64(0)
    for i in range(len(packed)):
        key = packed[i] >> np.uint64(_PAYLOAD_BITS)
        if row < 0 or key != previous:
            row += 1
            keys[row] = key
            previous = key
        sex = np.int64(packed[i] >> np.uint64(_SEX_SHIFT)) & 3
        dosage = np.int64(packed[i] >> np.uint64(_DOSAGE_SHIFT)) & 3
        single[row, sex] += dosage == 1
        double[row, sex] += dosage == 2
        beside[row, sex] += np.int64(packed[i]) & 1


def pack_observations(alleles: Alleles, sex: int) -> NDArray[np.uint64]:
    """One number per allele of a run, in the order of the run."""
    beside = (alleles.flags & BESIDE_INTERVALS) // BESIDE_INTERVALS
    payload = (sex << _SEX_SHIFT) | (alleles.dosage << _DOSAGE_SHIFT) | beside
    return (alleles.keys << np.uint64(_PAYLOAD_BITS)) | payload.astype(np.uint64)


def sum_sites(build: Build, runs: Iterable[tuple[Alleles, int]], steps: Steps) -> pl.DataFrame:
    """``SITE_COLUMNS`` over runs, each given as its alleles and its sex column, sorted by key.

    Raises InputError ``key_collision`` when two long alleles share a key.
    """
    by_contig: list[list[NDArray[np.uint64]]] = [[] for _ in CONTIGS]
    side = []
    bounds = np.array([place_key(code + 1, 0) for code in range(len(CONTIGS) + 1)], dtype=np.uint64)
    for alleles, sex in runs:
        packed = pack_observations(alleles, sex)
        edges = np.searchsorted(alleles.keys, bounds)
        for code in np.flatnonzero(np.diff(edges)):
            by_contig[code].append(packed[edges[code] : edges[code + 1]])
        if alleles.long.height:
            side.append(alleles.long)
    letters = pl.concat([NO_LONG_ALLELES, *side]).unique()
    check_collisions(letters)
    frames = [_sum_contig(build, code + 1, parts, steps) for code, parts in enumerate(by_contig) if parts]
    return _with_letters(pl.concat(frames) if frames else _no_sites(build, steps), letters)


def _no_sites(build: Build, steps: Steps) -> pl.DataFrame:
    return _sum_contig(build, 1, [np.empty(0, dtype=np.uint64)], steps)


def _sum_contig(build: Build, code: int, parts: list[NDArray[np.uint64]], steps: Steps) -> pl.DataFrame:
    packed = np.concatenate(parts)
    packed.sort()
    distinct = int(np.count_nonzero(np.diff(packed >> np.uint64(_PAYLOAD_BITS)))) + 1 if len(packed) else 0
    keys = np.empty(distinct, dtype=np.uint64)
    single, double, beside = (np.zeros((distinct, 3), dtype=np.int64) for _ in range(3))
    _count_observations(packed, keys, single, double, beside)
    keys |= np.uint64(code) << np.uint64(59)
    contig, position = key_contigs(keys), key_positions(keys)
    region = regions(build, contig, position)
    counts = {
        "ac": single + 2 * double,
        "an": allele_numbers(region, steps.at(places(contig, position)) + beside),
        "nhomalt": double,
        "nhemi": single * (PLOIDY[region] == 1),
        "nobs": single + double,
    }
    columns = {"key": keys, "contig": contig, "position": position.astype(np.uint32)}
    columns |= {name: counts[name].sum(axis=1).astype(np.uint32) for name in COUNTS}
    for column, suffix in enumerate(("xx", "xy")):
        columns |= {f"{name}_{suffix}": counts[name][:, column].astype(np.uint32) for name in COUNTS}
    return pl.DataFrame(columns)


def _with_letters(sites: pl.DataFrame, side: pl.DataFrame) -> pl.DataFrame:
    ref, alt = decode_alleles(sites["key"].to_numpy())
    long = sites.select("key").join(side, on="key", how="left", maintain_order="left")
    hashed = pl.Series(is_hashed(sites["key"].to_numpy()))
    letters = pl.DataFrame({"ref": ref, "alt": alt, "long_ref": long["ref"], "long_alt": long["alt"], "hashed": hashed})
    chosen = letters.select(
        ref=pl.when("hashed").then("long_ref").otherwise("ref"), alt=pl.when("hashed").then("long_alt").otherwise("alt")
    )
    return sites.with_columns(chosen).select(SITE_COLUMNS)
