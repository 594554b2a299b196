"""Other registers' sites as named sources beside the own counts: gnomAD, SweFreq, any VCF of sites with AC and AN.

A source is a folder: ``source.json`` (name, version, licence, build, digests, when it was imported, what was passed
over and why), ``sites.parquet`` (sorted by key), ``rsids.parquet`` (sorted by number) and ``names.parquet`` (key and
number, sorted by key). It exists whole or not at
all, and is never changed: another version is another source. What a source does not tell is null, never -1. Sources
are shown side by side; nothing is added up over them.

INFO follows gnomAD's vocabulary: ``AC``, ``AN``, ``AF``, ``nhomalt``, ``nhemi`` (else ``AC_XY`` on X outside the
pseudo-autosomal regions, and on Y), ``faf95`` (else ``fafmax_faf95_max``), and ``AC_g`` with ``AN_g`` for every group
g of letters alone.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pyarrow.parquet as pq
from numpy.typing import NDArray

from varde.frequency.site_records import Records, read_site_records
from varde.genome.alleles import Variant
from varde.genome.builds import Build
from varde.genome.errors import InputError
from varde.genome.keys import KEY_FORMAT, decode_key, encode_keys
from varde.genome.new_folder import new_folder
from varde.genome.reference_files import file_sha256
from varde.genome.references import Reference

FORMAT = 2
ROWS_PER_GROUP = 1 << 16
_SITES, _RSIDS, _NAMES, _DESCRIPTION = "sites.parquet", "rsids.parquet", "names.parquet", "source.json"
_FILES = (_SITES, _RSIDS, _NAMES)


@dataclass(frozen=True)
class Description:
    """What stands in ``source.json``. ``passed_over``: alleles by reason; ``rsids``: pairs of rsID
    and allele; ``groups``: names with AC and AN of their
    own; ``reference``: what the sites were checked and left-aligned with; None where they were only trimmed."""

    name: str
    version: str
    licence: str
    build: Build
    file: str
    file_sha256: str
    imported_on: date
    sites: int
    rsids: int
    groups: tuple[str, ...]
    passed_over: Mapping[str, int]
    reference: str | None


def add_source(
    root: str | Path,
    vcf: str | Path,
    *,
    name: str,
    version: str,
    licence: str,
    build: Build,
    imported_on: date,
    reference: Reference | None = None,
    identifiers_only: bool = False,
) -> Source:
    """Import a VCF of sites as ``<root>/<name>-<version>``.

    With ``reference`` REF is checked and indels are left-aligned as the own counts are. ``identifiers_only`` takes a
    file that has rsIDs and no counts. Raises InputError ``bad_name``, ``out_exists``, and those of
    ``read_site_records``; nothing is then stored.
    """
    for field, text in (("name", name), ("version", version), ("licence", licence)):
        _check_word(field, text)
    folder, path = Path(root) / f"{name}-{version}", Path(vcf)
    if folder.exists():
        raise InputError(
            "out_exists",
            f"The source {folder.name} is there already.",
            "Give another version: a source is never changed.",
            field="--version",
        )
    records = read_site_records(path, build, reference, identifiers_only=identifiers_only)
    described = Description(
        name,
        version,
        licence,
        build,
        path.name,
        file_sha256(path),
        imported_on,
        records.sites.height,
        records.rsids.height,
        records.groups,
        records.passed_over,
        reference.name if reference else None,
    )
    with new_folder(folder) as working:
        _write(working, described, records)
    return Source(folder)


class Source:
    """An imported source. Raises InputError ``no_source``, ``damaged_source``, ``unknown_format``."""

    def __init__(self, folder: str | Path) -> None:
        self.folder = Path(folder)
        self.description = _read_description(self.folder)

    @cached_property
    def _keys(self) -> NDArray[np.uint64]:
        return self._column_file(_SITES).read(["key"]).column("key").to_numpy()  # type: ignore[no-any-return]

    @cached_property
    def _numbers(self) -> NDArray[np.uint32]:
        return self._column_file(_RSIDS).read(["rsid"]).column("rsid").to_numpy()  # type: ignore[no-any-return]

    @cached_property
    def _named(self) -> NDArray[np.uint64]:
        return self._column_file(_NAMES).read(["key"]).column("key").to_numpy()  # type: ignore[no-any-return]

    def _column_file(self, name: str) -> pq.ParquetFile:
        try:
            return pq.ParquetFile(self.folder / name)
        except (OSError, ValueError) as error:
            raise _damaged(self.folder.name, name) from error

    def find(self, keys: NDArray[np.uint64]) -> pl.DataFrame:
        """What the source tells of each key, in the order given; ``key`` is null where it has no such site.

        Two long alleles of one place with one key (1 in 2**30) are not told apart here; ``lookup`` does.
        """
        row = np.minimum(np.searchsorted(self._keys, keys), max(len(self._keys) - 1, 0))
        found = self._keys[row] == keys if len(self._keys) else np.zeros(len(keys), dtype=np.bool_)
        held, place = np.unique(row[found], return_inverse=True)
        taken = pl.Series(np.full(len(keys), None), dtype=pl.UInt32)
        taken[np.flatnonzero(found)] = pl.Series(place.astype(np.uint32))
        return self._rows(held)[taken]

    def lookup(self, variant: Variant) -> dict[str, Any] | None:
        """The columns of one normalised variant by name; None where the source does not have it.

        Raises InputError ``wrong_build``.
        """
        if variant.build is not self.description.build:
            raise InputError(
                "wrong_build",
                f"{variant} is of {variant.build}, source {self.description.name} of {self.description.build}.",
                f"Give the position in {self.description.build}.",
            )
        key = encode_keys([variant.contig], [variant.position], [variant.ref], [variant.alt])
        row = self.find(key).row(0, named=True)
        stated = row["key"] is None or (row["ref"] or variant.ref, row["alt"] or variant.alt)
        return row if stated == (variant.ref, variant.alt) else None

    def of_rsid(self, number: int) -> tuple[Variant, ...]:
        """The variants that bear an rsID, by position."""
        low, high = (int(np.searchsorted(self._numbers, number, side)) for side in ("left", "right"))
        if low == high:
            return ()
        rows = pl.scan_parquet(self.folder / _RSIDS).slice(low, high - low).collect()
        variants = [_variant(self.description.build, *row) for row in rows.select("key", "ref", "alt").rows()]
        return tuple(sorted(variants))

    def names(self, keys: NDArray[np.uint64]) -> pl.DataFrame:
        """The rsIDs that the source gives to the alleles of these keys: ``key`` and ``rsid`` (the number), each pair
        once. Two long alleles of one place with one key (1 in 2**30) are not told apart."""
        wanted = np.unique(keys)
        low, high = (np.searchsorted(self._named, wanted, side) for side in ("left", "right"))
        rows = np.repeat(low - np.cumsum(high - low) + (high - low), high - low) + np.arange(int((high - low).sum()))
        return self._taken(_NAMES, rows)

    def _rows(self, rows: NDArray[np.int64]) -> pl.DataFrame:
        """Some sites, in ascending order."""
        return self._taken(_SITES, rows)

    def _taken(self, name: str, rows: NDArray[np.int64]) -> pl.DataFrame:
        """Some rows of a file, in ascending order, read by row group."""
        file = self._column_file(name)
        groups = np.unique(rows // ROWS_PER_GROUP)
        if not len(groups):
            return pl.DataFrame(schema=pl.read_parquet_schema(self.folder / name))
        table = pl.from_arrow(file.read_row_groups(groups.tolist()))
        within = np.searchsorted(groups, rows // ROWS_PER_GROUP) * ROWS_PER_GROUP + rows % ROWS_PER_GROUP
        return table[within]  # type: ignore[return-value]


def sources(root: str | Path, build: Build | None = None) -> tuple[Source, ...]:
    """The sources under a folder, by name and version; of one build where it is given."""
    found = [Source(path.parent) for path in sorted(Path(root).glob(f"*/{_DESCRIPTION}"))]
    return tuple(one for one in found if build in (None, one.description.build))


def side_by_side(found: Iterable[Source], variant: Variant) -> tuple[tuple[Description, dict[str, Any] | None], ...]:
    """What each source of the variant's build tells of it, or None."""
    return tuple((one.description, one.lookup(variant)) for one in found if one.description.build is variant.build)


def _check_word(field: str, text: str) -> None:
    usable = text and len(text) <= 64 and text == text.strip() and "/" not in text and not text.startswith(".")
    if not usable or not text.isprintable():
        raise InputError(
            "bad_name",
            f"{text[:64]!r} cannot be the {field} of a source.",
            "Give 1-64 printable characters without '/', not starting with '.'.",
            field=f"--{field}",
        )


def _write(folder: Path, described: Description, records: Records) -> None:
    names = records.rsids.select("key", "rsid").unique().sort("key", "rsid")
    for name, frame in zip(_FILES, (records.sites, records.rsids, names), strict=True):
        frame.write_parquet(folder / name, compression="zstd", row_group_size=ROWS_PER_GROUP, use_pyarrow=False)
    fields = asdict(described) | {"imported_on": described.imported_on.isoformat(), "build": str(described.build)}
    files = {name: file_sha256(folder / name) for name in _FILES}
    text = json.dumps({"format": FORMAT, "key_format": KEY_FORMAT, **fields, "files": files}, indent=1)
    (folder / _DESCRIPTION).write_text(text + "\n", encoding="utf-8")


def _read_description(folder: Path) -> Description:
    path = folder / _DESCRIPTION
    if not path.is_file():
        raise InputError(
            "no_source", f"{folder.name} is no imported source.", "Import one with varde source add.", field="source"
        )
    try:
        told = json.loads(path.read_text(encoding="utf-8"))
        if (told["format"], told["key_format"]) != (FORMAT, KEY_FORMAT):
            raise InputError(
                "unknown_format", f"{folder.name} was written by another version.", "Import the source anew."
            )
        fields = {name: told[name] for name in Description.__dataclass_fields__}
        fields |= {"build": Build(told["build"]), "imported_on": date.fromisoformat(told["imported_on"])}
        described = Description(**fields | {"groups": tuple(told["groups"])})
        if set(told["files"]) != set(_FILES) or not all((folder / name).is_file() for name in told["files"]):
            raise KeyError("files")
    except (ValueError, KeyError, TypeError):
        raise _damaged(folder.name, _DESCRIPTION) from None
    return described


def verify_source(source: Source) -> None:
    """Compare the files with their checksums. Raises InputError ``damaged_source``, naming the file."""
    told = json.loads((source.folder / _DESCRIPTION).read_text(encoding="utf-8"))
    for name, expected in told["files"].items():
        if file_sha256(source.folder / name) != expected:
            raise _damaged(source.folder.name, name)


def _damaged(source: str, file: str) -> InputError:
    return InputError(
        "damaged_source", f"Source {source} is damaged: {file}.", "Remove its folder and import it anew.", source=file
    )


def _variant(build: Build, key: int, ref: str | None, alt: str | None) -> Variant:
    decoded = decode_key(key)
    if decoded is not None:
        return Variant(build, *decoded)
    return Variant(build, key >> 59, key >> 31 & (1 << 28) - 1, ref or "", alt or "")
