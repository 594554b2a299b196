"""Many variants as texts, read at once: each gets its normalised key, or the reason why it has none.

Texts are in VCF style (``20-1234-A-T``) or SPDI with its bases (``NC_000020.11:1233:A:T``, which counts from 0). Others
(HGVS, rsID, SPDI that leaves bases to the reference) go to the search, a limited number of them, for each of them costs
a thousand times as much.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import polars as pl
from numpy.typing import NDArray

from varde.frequency.index import FrequencyIndex
from varde.frequency.ploidy import Region, regions
from varde.frequency.release.answers import AtLeast
from varde.frequency.release.read import Release
from varde.frequency.search import Searcher
from varde.frequency.statistics import faf
from varde.genome.alleles import Variant
from varde.genome.builds import CONTIGS, Build, build_of_accession, contig_code, contig_lengths
from varde.genome.errors import InputError
from varde.genome.keys import is_hashed, key_contigs, key_positions
from varde.genome.normalise import Agreement, agreement, normalise, with_keys
from varde.genome.records import SITE_SCHEMA, AlleleKind, AlleleTable

MOST_ITEMS = 20_000
MOST_NAMES = 500
"""Items of one batch that may be something else than VCF style or SPDI."""
LONGEST_ITEM = 2_000
_SHAPE = r"^\s*([^\s:>/]+?)[\s:\-_]+([0-9][0-9,]{0,11})[\s:\-_]*([ACGTNacgtn]+)[\s:\->/_]+([ACGTNacgtn]+)\s*$"
_SPDI = r"^\s*[A-Za-z]{2}_[0-9]+\.[0-9]+:[0-9]{1,9}:[ACGTNacgtn]+:[ACGTNacgtn]+\s*$"


class Status(StrEnum):
    """What became of one item. The first four are answers, the others say why there is none."""

    MATCHED = "matched"
    COVERED_ABSENT = "covered_absent"
    BELOW = "below"
    NOT_COVERED = "not_covered"
    NOT_IN_RELEASE = "not_in_release"
    REFERENCE_MISMATCH = "reference_mismatch"
    NOT_PARSEABLE = "not_parseable"
    WRONG_BUILD = "wrong_build"
    OUTSIDE_REFERENCE = "outside_reference"
    Y_PSEUDOAUTOSOMAL = "y_pseudoautosomal"


_STATUS = pl.Enum([str(one) for one in Status])
_PUBLIC_STATUS = {
    "in_bin": Status.MATCHED,
    "below": Status.BELOW,
    "not_covered": Status.NOT_COVERED,
    "not_in_release": Status.NOT_IN_RELEASE,
}


@dataclass(frozen=True)
class Batch:
    """Items in their order. ``frame``: asked, status (null where the item has a key), variant (as the counts write it),
    ref, alt, normalised (whether that differs from what was asked), problem. ``keys`` uint64, 0 where there is none."""

    frame: pl.DataFrame
    keys: NDArray[np.uint64]


def read_batch(texts: Sequence[str], searcher: Searcher) -> Batch:
    """Parse, check REF, left-align and key. Raises InputError ``too_large``; all else is an item's status."""
    if len(texts) > MOST_ITEMS:
        raise InputError(
            "too_large",
            f"{len(texts):,} variants; at most {MOST_ITEMS:,} are answered at once.",
            "Send several batches.",
        )
    asked = pl.Series("asked", [text[:LONGEST_ITEM] for text in texts], dtype=pl.String)
    items = _parsed(asked, searcher.build)
    items = _with_names(items, searcher)
    return _keyed(_against_reference(items, searcher), searcher)


def public_answers(release: Release, batch: Batch) -> pl.DataFrame:
    """What the release says of each item: asked, status, variant, normalised, problem and the bounds of its bin.

    Covered-absent and below the lowest edge are one status, ``below``, with the same values.
    """
    found = release.find(batch.keys).with_row_index("row")
    for row in _misspelled(release.index, batch):
        told = release.lookup(Variant.parse(release.build, batch.frame["variant"][row])).as_json()
        found = pl.concat([found.filter(pl.col("row") != row), _as_found(told, row, found)]).sort("row")
    status = found["state"].cast(pl.String).replace_strict(_PUBLIC_STATUS, return_dtype=_STATUS)
    names = ("an", "bin", "ac_low", "ac_high", "af_low", "af_high", "faf95_at_most")
    people = [
        pl.when(pl.col(name).is_not_null()).then(
            pl.when(name).then(pl.lit(str(AtLeast.AT_LEAST_K))).otherwise(pl.lit(str(AtLeast.FEWER_THAN_K)))
        ).alias(name)
        for name in ("homozygotes", "hemizygotes")
    ]  # fmt: skip
    return _joined(batch, status, found.select(*names, *people))


def exact_answers(index: FrequencyIndex, batch: Batch) -> pl.DataFrame:
    """Exact counts of each item: asked, status, variant, normalised, problem, and ac, an, nhomalt, nhemi, nobs, af,
    faf95."""
    row = index.find(batch.keys)
    row[_misspelled(index, batch)] = -1
    contig, position = key_contigs(batch.keys), key_positions(batch.keys)
    names = ("ac", "an", "nhomalt", "nhemi", "nobs")
    columns = {name: np.zeros(len(row), dtype=np.int64) for name in names}
    columns["an"] = index.covered(contig, position, "an").astype(np.int64)
    for name in names:
        columns[name][row >= 0] = index.sites.values(name, row[row >= 0])
    an = columns["an"]
    status = np.where(columns["nobs"] > 0, Status.MATCHED, np.where(an > 0, Status.COVERED_ABSENT, Status.NOT_COVERED))
    counted = pl.DataFrame(columns).with_columns(
        af=pl.when(pl.col("an") > 0).then(pl.col("ac") / pl.col("an")),
        faf95=pl.Series(faf(columns["ac"], an)).fill_nan(None),
    )
    return _joined(batch, pl.Series(status.astype(str), dtype=_STATUS), counted)


def _parsed(asked: pl.Series, build: Build) -> pl.DataFrame:
    """Columns of ``SITE_SCHEMA`` that can be read, and ``status`` of what cannot."""
    parts = asked.str.extract_groups(_SHAPE).struct.unnest()
    parts.columns = ["name", "position", "ref", "alt"]
    names = parts["name"].unique().drop_nulls().to_list()
    codes = {name: contig_code(name) for name in names}
    wrong = {name for name in names if build_of_accession(name) not in (None, build)}
    lengths = contig_lengths(build)
    items = parts.with_columns(
        asked,
        contig=pl.col("name").replace_strict(codes, default=0, return_dtype=pl.UInt8),
        position=pl.col("position").str.replace_all(",", "").cast(pl.Int64, strict=False)
        + asked.str.contains(_SPDI).cast(pl.Int64),
        ref=pl.col("ref").str.to_uppercase(),
        alt=pl.col("alt").str.to_uppercase(),
    )
    end = items["position"].fill_null(0).to_numpy() + items["ref"].str.len_bytes().fill_null(0).to_numpy() - 1
    code = items["contig"].to_numpy()
    outside = (end > lengths[code]) | (items["position"].fill_null(0).to_numpy() < 1)
    return items.with_columns(
        status=pl.when(pl.col("alt").is_null() | (pl.col("contig") == 0) | (pl.col("ref") == pl.col("alt")))
        .then(pl.lit(Status.NOT_PARSEABLE.value, _STATUS))
        .when(pl.col("name").is_in(list(wrong)))
        .then(pl.lit(Status.WRONG_BUILD.value, _STATUS))
        .when(pl.Series(outside))
        .then(pl.lit(Status.OUTSIDE_REFERENCE.value, _STATUS)),
        shaped=pl.col("alt").is_not_null() & (pl.col("contig") > 0),
        problem=pl.lit(None, pl.String),
    )


def _with_names(items: pl.DataFrame, searcher: Searcher) -> pl.DataFrame:
    """Items in other notations, read one by one by the search up to the limit."""
    rows = np.flatnonzero(~items["shaped"].to_numpy())
    read = [_named(items["asked"][int(row)], searcher) for row in rows[:MOST_NAMES]]
    beyond = f"Only {MOST_NAMES} items may be other than VCF style (20-1234-A-T) or SPDI."
    read += [(None, Status.NOT_PARSEABLE, beyond)] * max(len(rows) - MOST_NAMES, 0)
    if not read:
        return items
    found = pl.DataFrame(
        {
            "row": rows.astype(np.uint32),
            "contig_": [one.contig if one else None for one, _, _ in read],
            "position_": [one.position if one else None for one, _, _ in read],
            "ref_": [one.ref if one else None for one, _, _ in read],
            "alt_": [one.alt if one else None for one, _, _ in read],
            "status_": [status and status.value for _, status, _ in read],
            "problem_": [problem for _, _, problem in read],
        },
        schema_overrides={
            "contig_": pl.UInt8, "position_": pl.Int64, "ref_": pl.String, "alt_": pl.String, "status_": _STATUS,
            "problem_": pl.String,
        },
    )  # fmt: skip
    joined = items.with_row_index("row").join(found, on="row", how="left", maintain_order="left")
    replaced = ("contig", "position", "ref", "alt", "status", "problem")
    new = [pl.when("shaped").then(name).otherwise(f"{name}_").alias(name) for name in replaced]
    return joined.with_columns(new).select(items.columns)


def _named(text: str, searcher: Searcher) -> tuple[Variant | None, Status | None, str | None]:
    try:
        found = searcher.one(text).target
    except InputError as error:
        known = {"wrong_build": Status.WRONG_BUILD, "ref_mismatch": Status.REFERENCE_MISMATCH}
        return None, known.get(error.code, Status.NOT_PARSEABLE), str(error)
    return (found, None, None) if isinstance(found, Variant) else (None, Status.NOT_PARSEABLE, None)


def _against_reference(items: pl.DataFrame, searcher: Searcher) -> pl.DataFrame:
    """With the status of those whose REF is not the reference's or lies outside of it."""
    reference = searcher.reference
    ok = items["status"].is_null().to_numpy()
    if reference is None or not ok.any():
        return items
    held = np.isin(items["contig"].to_numpy(), np.array(reference.codes, dtype=np.uint8))
    rows = np.flatnonzero(ok & held)
    state = np.zeros(items.height, dtype=np.uint8)
    state[ok & ~held] = Agreement.BEYOND
    state[rows] = agreement(_sites(items[rows]), reference)
    return items.with_columns(
        status=pl.when(pl.Series(state == Agreement.DIFFERS))
        .then(pl.lit(Status.REFERENCE_MISMATCH.value, _STATUS))
        .when(pl.Series(state == Agreement.BEYOND))
        .then(pl.lit(Status.OUTSIDE_REFERENCE.value, _STATUS))
        .otherwise("status")
    )


def _keyed(items: pl.DataFrame, searcher: Searcher) -> Batch:
    rows = np.flatnonzero(items["status"].is_null().to_numpy())
    table = _table(_sites(items[rows]), searcher.build)
    normal = normalise(table, searcher.reference) if searcher.reference else with_keys(table)
    sites = normal.sites
    keys = np.zeros(items.height, dtype=np.uint64)
    keys[rows] = sites["key"].to_numpy()
    excluded = np.zeros(items.height, dtype=np.bool_)
    excluded[rows] = regions(searcher.build, key_contigs(keys[rows]), key_positions(keys[rows])) == Region.EXCLUDED
    keys[excluded] = 0
    names = pl.Series(["", *CONTIGS]).gather(sites["contig"])
    written = sites.select(
        row=pl.Series(rows.astype(np.uint32)),
        variant=pl.concat_str([names, pl.col("position").cast(pl.String), "ref", "alt"], separator="-"),
        ref="ref",
        alt="alt",
        normalised="moved",
    )
    frame = items.select("asked", "status", "problem").with_row_index("row")
    frame = frame.join(written, on="row", how="left", maintain_order="left").drop("row")
    status = pl.when(pl.Series(excluded)).then(pl.lit(Status.Y_PSEUDOAUTOSOMAL.value, _STATUS)).otherwise("status")
    return Batch(frame.with_columns(status=status), keys)


def _sites(items: pl.DataFrame) -> pl.DataFrame:
    """``SITE_SCHEMA`` of parsed items."""
    told = items.select("contig", "position", "ref", "alt").with_columns(
        line=pl.int_range(1, pl.len() + 1, dtype=pl.Int64),
        record=pl.int_range(pl.len(), dtype=pl.Int64),
        allele=pl.lit(1, pl.Int16),
        allele_count=pl.lit(1, pl.Int16),
        contig_name=pl.lit(""),
        end=pl.col("position") + pl.col("ref").str.len_bytes().cast(pl.Int64) - 1,
        identifier=pl.lit("."),
        filter=pl.lit("."),
        kind=pl.lit(int(AlleleKind.DELINS), pl.UInt8),
    )
    return told.select(SITE_SCHEMA.names()).cast(SITE_SCHEMA)


def _table(sites: pl.DataFrame, build: Build) -> AlleleTable:
    """Without samples."""
    rows = sites.height
    none = np.empty((rows, 0), dtype=np.int32)
    genotype, phased = np.empty((rows, 0, 2), dtype=np.int8), np.empty((rows, 0), dtype=np.bool_)
    return AlleleTable(build, (), sites, genotype, phased, none, none, none, none, none)


def _misspelled(index: FrequencyIndex, batch: Batch) -> list[int]:
    """Items whose hashed key is that of another long allele of the place (1 in 2**30)."""
    rows = np.flatnonzero(is_hashed(batch.keys)).tolist()
    found = index.find(batch.keys[rows]).tolist()
    ref, alt = batch.frame["ref"], batch.frame["alt"]
    return [row for row, at in zip(rows, found, strict=True) if at >= 0 and not index.spells(at, ref[row], alt[row])]


def _as_found(told: dict[str, object], row: int, like: pl.DataFrame) -> pl.DataFrame:
    """An answer of ``lookup`` as a row of ``find``."""
    values = {name: told.get(name) for name in like.columns}
    values |= {"row": row, "key": 0}
    for name in ("homozygotes", "hemizygotes"):
        values[name] = None if told[name] is None else told[name] == AtLeast.AT_LEAST_K
    return pl.DataFrame([values], schema=like.schema)


def _joined(batch: Batch, status: pl.Series, told: pl.DataFrame) -> pl.DataFrame:
    """The items with what is told of those that have a key."""
    known = batch.frame["status"].is_null()
    told = told.select(pl.when(known).then(pl.all()))
    first = batch.frame.select(
        "asked",
        pl.when(known).then(status).otherwise("status").alias("status"),
        "variant",
        "normalised",
        "problem",
    )
    return pl.concat([first, told], how="horizontal")
