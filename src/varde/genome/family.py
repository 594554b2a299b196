"""A family's variants as one table: from one joint file, or from several files joined by allele."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray

from varde.genome.builds import Build
from varde.genome.errors import InputError
from varde.genome.keys import check_collisions
from varde.genome.normalise import duplicate_rows, normalise, with_keys
from varde.genome.pedigree import Pedigree
from varde.genome.records import MISSING, AlleleKind, AlleleTable, concatenate
from varde.genome.reference_blocks import ReferenceBlocks
from varde.genome.references import Reference
from varde.genome.text_source import STANDARD_INPUT
from varde.genome.vcf import BATCH_RECORDS, read_header, read_vcf, read_whole_vcf

PIECE_ROWS = 250_000
"""Alleles of a piece: some 80 MB for three people while it is worked on."""
CUT_BASES = 2_000
"""Bases without a record where a file may be cut: few indels, in the longest repeats, are aligned so far left."""

_CALLS = ("genotype", "phased", "phase_set", "depth_ref", "depth_alt", "depth_x", "genotype_quality")


def load_family(
    paths: Sequence[str | Path],
    pedigree: Pedigree,
    *,
    build: Build | None = None,
    reference: Reference | None = None,
    progress: Callable[[int], None] | None = None,
    ignore_extra: bool = False,
    allow_unsequenced: bool = False,
) -> AlleleTable:
    """Everyone of the pedigree who has data, in its order, in one keyed table sorted by contig, position and allele.

    Alleles are normalised against the reference, or only trimmed without one. Rows of contig code 0 come last. Added to
    the columns of ``normalise`` is ``source``, the name of the file that ``line`` counts in.

    Several files (each with one person or more) are joined by allele. Where a person's file has no record of an allele,
    a reference block or another record that says what the person has at all its REF bases answers: see
    ``ReferenceBlocks.answers``; else every call is ``MISSING``. Reference blocks themselves are not rows of a joined
    table. The row describes the first file that has the allele, ``record`` is renumbered to be unique, and ``filter``
    is PASS when it is in any file (``bcftools merge --filter-logic x``).

    ``progress`` is called with the records read so far. People of the files who are not in the pedigree are refused
    unless ``ignore_extra``; people of the pedigree who are in no file are refused unless ``allow_unsequenced``: a name
    that is spelt in two ways must not pass for a person without data. Raises InputError: those of ``read_vcf`` and
    ``normalise``, ``no_vcf``, ``unknown_build``, ``build_mismatch``, ``unexpected_samples``, ``missing_samples``,
    ``repeated_sample``, ``duplicate_record``, ``key_collision``.
    """
    files, agreed = _checked_files(
        paths, pedigree, build, reference, ignore_extra=ignore_extra, allow_unsequenced=allow_unsequenced
    )
    tables: list[AlleleTable] = []
    records = 0
    for file in files:
        wanted = [name for name in pedigree.identifiers if name in file.samples]
        table = file.read(wanted, agreed, _counting_from(records, progress))
        records += 0 if len(table) == 0 else int(table.sites["record"][-1]) + 1
        tables.append(_unambiguous(table, reference, file.name))
    joined = tables[0] if len(tables) == 1 else _joined(tables)
    return _sorted(joined).select_samples([name for name in pedigree.identifiers if name in joined.samples])


def family_pieces(
    paths: Sequence[str | Path],
    pedigree: Pedigree,
    *,
    build: Build | None = None,
    reference: Reference | None = None,
    progress: Callable[[int], None] | None = None,
    ignore_extra: bool = False,
    allow_unsequenced: bool = False,
    rows: int = PIECE_ROWS,
) -> Iterator[AlleleTable]:
    """As ``load_family``, in pieces, so that a genome need not be held whole: one file is cut where ``CUT_BASES`` hold
    no record, or between contigs, after at least so many ``rows``.

    A file of no more rows, and several files, come as one piece, the table of ``load_family``; the pieces of a longer
    one stand in the file's order of contigs. Raises InputError as ``load_family``, and ``unsorted`` for a longer file
    whose records are not in order.
    """
    asked = {"ignore_extra": ignore_extra, "allow_unsequenced": allow_unsequenced}
    files, agreed = _checked_files(paths, pedigree, build, reference, **asked)
    if len(files) > 1 or files[0].table is not None:
        yield load_family(paths, pedigree, build=build, reference=reference, progress=progress, **asked)
        return
    (file,) = files
    wanted = [name for name in pedigree.identifiers if name in file.samples]
    batches = read_vcf(
        file.path, build=agreed, samples=wanted, batch_records=min(rows, BATCH_RECORDS), progress=progress
    )
    cut = _cut(batches, rows, file.name)
    first = next(cut)
    yield _sorted(_unambiguous(first, reference, file.name))
    for table in cut:
        yield _sorted(_unambiguous(table, reference, file.name))


def _cut(batches: Iterator[AlleleTable], rows: int, source: str) -> Iterator[AlleleTable]:
    """Batches gathered to pieces of at least so many rows, each cut at a gap; the last one may be shorter."""
    waiting: list[AlleleTable] = []
    order = _Order(source)
    cut_before = False
    for batch in batches:
        waiting.append(batch)
        if cut_before or sum(map(len, waiting)) > rows:
            # Only now is the file known to be long: a short one may be in any order.
            for table in waiting if not cut_before else [batch]:
                order.check(table)
            cut_before = True
        if sum(map(len, waiting)) <= rows:
            continue
        gathered = concatenate(waiting)
        place = _last_gap(gathered)
        waiting = [gathered]
        if place:
            yield gathered.take(np.arange(place))
            waiting = [gathered.take(np.arange(place, len(gathered)))]
    yield concatenate(waiting)


def _last_gap(table: AlleleTable) -> int:
    """The row at which the last stretch without records ends; 0 when there is none."""
    sites = table.sites
    contig = sites["contig_name"].rle_id().to_numpy()
    reach = np.maximum.accumulate(sites["end"].to_numpy() + (contig.astype(np.int64) << 32))
    start = sites["position"].to_numpy() + (contig.astype(np.int64) << 32)
    gaps = np.flatnonzero(start[1:] - reach[:-1] > CUT_BASES)
    return int(gaps[-1]) + 1 if len(gaps) else 0


class _Order:
    """Whether a long file's records go by contig and position, over all its batches."""

    def __init__(self, source: str) -> None:
        self._source = source
        self._contigs: list[str] = []
        self._position = 0

    def check(self, table: AlleleTable) -> None:
        """Raises InputError ``unsorted`` with the first line out of order."""
        if not len(table):
            return
        runs = table.sites.select("line", "contig_name", "position", run=pl.col("contig_name").rle_id()).with_columns(
            before=pl.col("position").shift().over("run")
        )
        starts = runs.group_by("run", maintain_order=True).first()
        for name, line, position in starts.select("contig_name", "line", "position").iter_rows():
            continues = bool(self._contigs) and self._contigs[-1] == name
            if (continues and position < self._position) or (not continues and name in self._contigs):
                raise self._refusal(line)
            if not continues:
                self._contigs.append(name)
            self._position = 0
        back = runs.filter(pl.col("position") < pl.col("before"))
        if not back.is_empty():
            raise self._refusal(back["line"][0])
        self._position = int(runs["position"][-1])

    def _refusal(self, line: int) -> InputError:
        return InputError(
            "unsorted",
            f"The record is out of order, in a file of more than {PIECE_ROWS:,} alleles.",
            "Sort the file: bcftools sort.",
            source=self._source,
            line=line,
            field="POS",
        )


def _checked_files(
    paths: Sequence[str | Path],
    pedigree: Pedigree,
    build: Build | None,
    reference: Reference | None,
    *,
    ignore_extra: bool,
    allow_unsequenced: bool,
) -> tuple[list[_VariantFile], Build]:
    """The files with their headers, and the build that all agree on."""
    if not paths:
        raise InputError("no_vcf", "No VCF was given.", "Give at least one file.", field="vcf")
    files = [_VariantFile.open(path) for path in paths]
    _check_samples(files, pedigree, ignore_extra=ignore_extra, allow_unsequenced=allow_unsequenced)
    return files, _agreed_build(files, build, reference)


@dataclass(frozen=True)
class _VariantFile:
    path: str | Path
    name: str
    samples: tuple[str, ...]
    build: Build | None
    table: AlleleTable | None = None
    """What was read already, for standard input can be read only once."""

    @staticmethod
    def open(path: str | Path) -> _VariantFile:
        if str(path) == STANDARD_INPUT:
            table = read_whole_vcf(path)
            return _VariantFile(path, "standard input", table.samples, table.build, table)
        header = read_header(path)
        return _VariantFile(path, Path(path).name, header.samples, header.build)

    def read(self, samples: Sequence[str], build: Build, progress: Callable[[int], None] | None) -> AlleleTable:
        if self.table is None:
            return read_whole_vcf(self.path, build=build, samples=samples, progress=progress)
        return replace(self.table.select_samples(samples), build=build)


def _counting_from(start: int, progress: Callable[[int], None] | None) -> Callable[[int], None] | None:
    return None if progress is None else lambda records: progress(start + records)


def _check_samples(
    files: Sequence[_VariantFile], pedigree: Pedigree, *, ignore_extra: bool, allow_unsequenced: bool
) -> None:
    members = set(pedigree.identifiers)
    seen: dict[str, str] = {}
    for file in files:
        extra = [name for name in file.samples if name not in members]
        known = [name for name in file.samples if name in members]
        if (extra and not ignore_extra) or not known:
            raise InputError(
                "unexpected_samples",
                f"{len(extra)} of {len(file.samples)} people of the VCF are not in the pedigree: {_listed(extra)}."
                if extra
                else "The VCF has no people.",
                f"The pedigree has {_listed(pedigree.identifiers)}; give the family's own VCF, or name the people "
                "alike in PED and VCF.",
                source=file.name,
                field="#CHROM",
            )
        for name in known:
            if name in seen:
                raise InputError(
                    "repeated_sample",
                    f"{name} is also in {seen[name]}.",
                    "Give each person in one file.",
                    source=file.name,
                    field="#CHROM",
                )
            seen[name] = file.name
    missing = [name for name in pedigree.identifiers if name not in seen]
    if missing and not allow_unsequenced:
        raise InputError(
            "missing_samples",
            f"{_listed(missing)} of the pedigree {'is' if len(missing) == 1 else 'are'} in no VCF; the VCFs have "
            f"{_listed(list(seen))}.",
            "Give everyone's VCF, name the people alike in both, or say that who is in no VCF was not sequenced.",
            field="identifier",
        )


def _agreed_build(files: Sequence[_VariantFile], build: Build | None, reference: Reference | None) -> Build:
    if build is not None and reference is not None and build is not reference.build:
        raise InputError(
            "build_mismatch",
            f"Build {build} is asked for, but reference {reference.name} is of {reference.build}.",
            f"Use a reference of {build}.",
            field="build",
        )
    asked = build or (reference.build if reference is not None else None)
    told = [(file.name, file.build) for file in files if file.build is not None]
    agreed = asked or (told[0][1] if told else None)
    if agreed is None:
        raise InputError(
            "unknown_build",
            "No header tells the build of its positions.",
            f"Say which it is: {' or '.join(Build)}.",
            source=files[0].name,
            field="build",
        )
    for name, found in told:
        if found is not agreed:
            against = "is asked for" if asked else f"is the build of {told[0][0]}"
            raise InputError(
                "build_mismatch",
                f"The file is of {found}, but {agreed} {against}.",
                "Positions of two builds cannot be compared: give files of one build.",
                source=name,
                field="##contig",
            )
    return agreed


def _unambiguous(table: AlleleTable, reference: Reference | None, source: str) -> AlleleTable:
    """Keyed, with the column ``source``, and no allele twice."""
    try:
        keyed = with_keys(table) if reference is None else normalise(table, reference)
    except InputError as error:
        raise replace(error, source=source) from None
    repeated = duplicate_rows(keyed)
    if not repeated.is_empty():
        row, line, first_line, _ = repeated.row(0)
        site = keyed.sites.row(row, named=True)
        raise InputError(
            "duplicate_record",
            f"The allele {site['contig_name']}:{site['position']} {site['ref']}>{site['alt']} stands on line "
            f"{first_line} already; {repeated.height} alleles are repeated.",
            "Keep one record of each allele (bcftools norm --rm-dup exact shows which).",
            source=source,
            line=line,
            field="POS",
        )
    return replace(keyed, sites=keyed.sites.with_columns(source=pl.lit(source)))


def _sorted(table: AlleleTable) -> AlleleTable:
    sites = table.sites
    unnumbered = 256 + pl.col("contig_name").rank("dense").cast(pl.Int64)
    contig = sites.select(pl.when(pl.col("contig") == 0).then(unnumbered).otherwise(pl.col("contig").cast(pl.Int64)))
    keys = sites["key"].fill_null(np.iinfo(np.uint64).max).to_numpy()
    place = sites["position"].to_numpy()
    order = np.lexsort(
        (sites["allele"].to_numpy(), sites["record"].to_numpy(), keys, place, contig.to_series().to_numpy())
    )
    return table if np.array_equal(order, np.arange(len(order))) else table.take(order)


def _joined(tables: Sequence[AlleleTable]) -> AlleleTable:
    """All alleles of all tables, the people side by side."""
    stack = _stacked_sites(tables)
    check_collisions(stack)
    slot = _slots(stack)
    sites = stack.drop("file")
    count = int(slot.max(initial=-1)) + 1
    described = np.full(count, len(slot), dtype=np.int64)
    stacked = np.flatnonzero(slot >= 0)
    np.minimum.at(described, slot[stacked], stacked)
    passing = np.zeros(count, dtype=np.bool_)
    passing[slot[stacked[(sites["filter"] == "PASS").to_numpy()[stacked]]]] = True
    chosen = sites[described].with_columns(
        pl.when(pl.Series(passing)).then(pl.lit("PASS")).otherwise("filter").alias("filter")
    )
    calls: list[dict[str, NDArray[np.generic]]] = []
    any_fraction = any(table.fraction is not None for table in tables)
    start = 0
    for table in tables:
        own = slot[start : start + len(table)]
        start += len(table)
        row = np.full(count, -1, dtype=np.int64)
        row[own[own >= 0]] = np.flatnonzero(own >= 0)
        calls.append(_calls(table, row, chosen, any_fraction=any_fraction))
    people = tuple(name for table in tables for name in table.samples)
    given = [one["fraction"] for one in calls if "fraction" in one]
    return AlleleTable(
        tables[0].build,
        people,
        chosen,
        *(np.concatenate([one[name] for one in calls], axis=1) for name in _CALLS),
        fraction=np.concatenate(given, axis=1) if given else None,
    )


def _stacked_sites(tables: Sequence[AlleleTable]) -> pl.DataFrame:
    """The sites of all tables one after the other, with ``file`` and record numbers of their own."""
    parts: list[pl.DataFrame] = []
    first = 0
    for number, table in enumerate(tables):
        parts.append(table.sites.with_columns(pl.col("record") + first, pl.lit(number).alias("file")))
        first += int(table.sites["record"].max() or 0) + 1  # type: ignore[arg-type]
    return pl.concat(parts)


def _slots(sites: pl.DataFrame) -> NDArray[np.int64]:
    """The joined row of each stacked row, -1 for reference blocks. Alleles without a key are the same when all is."""
    slot = np.full(sites.height, -1, dtype=np.int64)
    keyed = sites["key"].is_not_null().to_numpy()
    keys, slot[keyed] = np.unique(sites["key"].drop_nulls().to_numpy(), return_inverse=True)
    other = np.flatnonzero(~keyed & (sites["kind"] != AlleleKind.REFERENCE).to_numpy())
    alike = ["contig", "contig_name", "position", "end", "ref", "alt"]
    named = sites[other].with_columns(
        pl.when(pl.col("contig") == 0).then("contig_name").otherwise(pl.lit("")).alias("contig_name"),
    )
    numbered = named.with_columns(pl.int_range(pl.len()).over([*alike, "file"]).alias("repeat"))
    groups = numbered.select(*alike, "repeat").unique(maintain_order=True).with_row_index("group")
    found = numbered.join(groups, on=[*alike, "repeat"], how="left", maintain_order="left")
    slot[other] = found["group"].to_numpy().astype(np.int64) + len(keys)
    return slot


def _calls(
    table: AlleleTable, row: NDArray[np.int64], sites: pl.DataFrame, *, any_fraction: bool
) -> dict[str, NDArray[np.generic]]:
    """One table's calls at the joined rows: its own, those of its reference blocks, or ``MISSING``."""
    calls: dict[str, NDArray[np.generic]] = {}
    present = row >= 0
    for name in _CALLS:
        given = getattr(table, name)
        calls[name] = np.full((len(row), *given.shape[1:]), False if name == "phased" else MISSING, dtype=given.dtype)
        calls[name][present] = given[row[present]]
    absent = np.flatnonzero(~present & sites["key"].is_not_null().to_numpy())
    answered, answers = ReferenceBlocks(table).answers(sites[absent])
    for name, values in answers.items():
        calls[name][absent[answered]] = values
    if any_fraction:
        fraction = np.full((len(row), len(table.samples)), np.nan, dtype=np.float32)
        if table.fraction is not None:
            fraction[present] = table.fraction[row[present]]
        calls["fraction"] = fraction
    return calls


def _listed(names: Sequence[str]) -> str:
    shown = ", ".join(names[:5])
    return f"{shown} and {len(names) - 5} more" if len(names) > 5 else shown
