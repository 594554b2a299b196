"""The laboratory's tables for structural variants and repeats: files of fixed names in one folder, read once."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from django.conf import settings

from varde.genome.builds import Build
from varde.interpretation.repeats.loci import LocusTable, read_loci
from varde.interpretation.structural.prepared import StructuralTables
from varde.interpretation.structural.tables import read_dosage, read_frequencies, read_hi_index, read_regions

DOSAGE, REGIONS, FREQUENCIES, HI_INDEX, REPEAT_LOCI = "dosage", "regions", "frequencies", "hi_index", "repeat_loci"


def tables(build: Build) -> StructuralTables:
    """What the folder holds: ``dosage.csv`` or ``.tsv`` (ClinGen), ``regions.tsv``, ``frequencies-NAME-VERSION.bed``
    (gnomAD-SV), ``hi_index.bed`` (DECIPHER), each plain or gzip. Raises InputError as the readers do."""
    dosage, regions, hi_index = (_one(name) for name in (DOSAGE, REGIONS, HI_INDEX))
    return StructuralTables(
        dosage=None if dosage is None else read_dosage(dosage, build),
        regions=None if regions is None else read_regions(regions, build),
        frequencies=tuple(read_frequencies(path, build, *_named(path)) for path in _all(FREQUENCIES)),
        hi_index={} if hi_index is None else read_hi_index(hi_index),
    )


def repeat_loci(build: Build) -> LocusTable | None:
    """``repeat_loci.tsv`` or ``.json``; None when there is none. Raises InputError as ``read_loci``."""
    path = _one(REPEAT_LOCI)
    return None if path is None else _loci(path, path.stat().st_mtime_ns, build)


@lru_cache(maxsize=2)
def _loci(path: Path, _modified: int, build: Build) -> LocusTable:
    return read_loci(path, build)


def _all(stem: str) -> list[Path]:
    folder = Path(settings.STRUCTURAL_TABLES)
    return sorted(path for path in folder.glob(f"{stem}*") if path.is_file()) if folder.is_dir() else []


def _one(stem: str) -> Path | None:
    return next((path for path in _all(stem) if path.name.partition(".")[0] == stem), None)


def _named(path: Path) -> tuple[str, str]:
    """Source and version of a frequency table from its file's name."""
    _, _, rest = path.name.removesuffix(".gz").rpartition(".")[0].partition("-")
    source, _, version = rest.rpartition("-")
    return (source, version) if source else (rest or path.name, "undated")
