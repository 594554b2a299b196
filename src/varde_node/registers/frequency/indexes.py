"""Memory-mapped indexes of the sums that pages read: made anew when the sums behind them have changed, and kept."""

from __future__ import annotations

import fcntl
import hashlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path

from varde.frequency.cells import Assay, Cell, DiseaseGroup
from varde.frequency.index import FrequencyIndex, index_increment
from varde.frequency.lookup import Counts
from varde.frequency.nation import REGIONS as PARTS
from varde.frequency.release.read import Release
from varde.frequency.sources import Source, sources
from varde.frequency.store import MANIFEST, Contents, read_manifest
from varde.frequency.structural_events import StructuralEvents
from varde.genome.builds import Build
from varde.genome.pedigree import Sex
from varde_node.registers.frequency import release_queries, store

SEX_PARTS: Mapping[Sex, str] = {Sex.FEMALE: "xx", Sex.MALE: "xy"}
NATION = "NATION"
"""The place that is all of the regions."""
COUNTED = ("ac", "an", "nhomalt", "nhemi", "nobs", "nhet_mt")
"""Columns of every part: as ``varde.frequency.increment.sites``."""


def group_part(group: DiseaseGroup) -> str:
    """The name of a disease group's columns."""
    return f"group_{group}"


def assay_part(assay: Assay) -> str:
    """The name of an assay's columns."""
    return f"assay_{assay}"


def index_of(folder: Path) -> FrequencyIndex | None:
    """The index of a counts folder as it is now, by sex, disease group and assay; nothing where nobody is counted.

    The first question after a change makes it; others wait.
    """
    if not (folder / MANIFEST).is_file():
        return None
    contents = _contents(folder, (folder / MANIFEST).stat().st_mtime_ns)
    path = _path_of(folder, contents)
    if not path.is_file():
        _make(path, folder)
    return _opened(path)


def make_all() -> None:
    """Make the indexes of the nation and of what it holds of each region, before a page asks for them."""
    for folder in (store.nation_folder(), *region_parts().values()):
        index_of(folder)


def parts_of(contents: Contents) -> dict[str, list[Cell]]:
    """The parts of the people that are told of apart: by sex, by disease group and by assay, those with anybody."""
    cells = [cell for cell, people in contents.cells.items() if people]
    parts = {name: [cell for cell in cells if cell.sex is sex] for sex, name in SEX_PARTS.items()}
    parts |= {group_part(group): [cell for cell in cells if cell.group is group] for group in DiseaseGroup}
    parts |= {assay_part(assay): [cell for cell in cells if cell.assay is assay] for assay in Assay}
    return {name: members for name, members in parts.items() if members}


def contents_of(folder: Path) -> Contents | None:
    """The manifest of a counts folder as it is now."""
    path = folder / MANIFEST
    return _contents(folder, path.stat().st_mtime_ns) if path.is_file() else None


def events_of(folder: Path) -> StructuralEvents:
    """The structural events of a counts folder as it is now, which must have been counted; kept until it changes."""
    return _events(folder, _contents(folder, (folder / MANIFEST).stat().st_mtime_ns).digest)


def region_parts() -> dict[str, Path]:
    """The folders of what the nation holds of each region, by the region's name."""
    folder = store.nation_folder() / PARTS
    if not folder.is_dir():
        return {}
    found = {store.code_of(path.name): path for path in sorted(folder.iterdir()) if (path / MANIFEST).is_file()}
    return {code: found[code] for code in (*store.REGIONS, *sorted(set(found) - set(store.REGIONS))) if code in found}


def public_release() -> Release | None:
    """The newest published release with a public part; nothing while there is none."""
    current = release_queries.current_release()
    if current is None:
        return None
    release = opened_release(current.folder)
    return release if release is not None and release.is_public else None


def opened_release(folder: Path) -> Release | None:
    """A published release, read once: it never changes."""
    return _release(folder) if (folder / MANIFEST).is_file() else None


def sources_folder() -> Path:
    """Other registers' sites (``varde.frequency.sources``); it need not exist."""
    return store.root() / "sources"


def loaded_sources(build: Build) -> tuple[Source, ...]:
    """The other registers of a build that are loaded now."""
    folder = sources_folder()
    return _sources(folder, folder.stat().st_mtime_ns, build) if folder.is_dir() else ()


@lru_cache(maxsize=4)
def _sources(folder: Path, _changed_ns: int, build: Build) -> tuple[Source, ...]:
    return sources(folder, build)


@lru_cache(maxsize=8)
def _release(folder: Path) -> Release:
    return Release(folder)


@lru_cache(maxsize=16)
def _contents(folder: Path, _changed_ns: int) -> Contents:
    return read_manifest(folder)


@lru_cache(maxsize=16)
def _events(folder: Path, _digest: str) -> StructuralEvents:
    return Counts(folder).events


@lru_cache(maxsize=16)
def _opened(path: Path) -> FrequencyIndex:
    return FrequencyIndex.open(path)


def _path_of(folder: Path, contents: Contents) -> Path:
    place = hashlib.sha256(str(folder.relative_to(store.root())).encode()).hexdigest()[:12]
    return store.root() / "indexes" / f"{place}-{contents.digest[:32]}.index"


def _make(path: Path, folder: Path) -> None:
    """Write the index of a folder and remove the older ones of the same folder."""
    with _alone(path.parent):
        if path.is_file():
            return
        counts = Counts(folder)
        made_from = {"counts": counts.manifest.digest}
        groups = parts_of(counts.manifest)
        index_increment(path, counts.increment, made_from=made_from, groups=groups, columns=COUNTED)
        for older in path.parent.glob(f"{path.name.partition('-')[0]}-*.index"):
            if older != path:
                older.unlink(missing_ok=True)


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
