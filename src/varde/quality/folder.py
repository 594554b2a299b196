"""A finished pipeline's folder: which of its files tell of quality, and whose they are.

Read are the layouts of nf-core/raredisease, of Varde's own workflow and of a plain MultiQC folder; files are known by
name and first lines, so that a folder with more or fewer of them, or otherwise arranged, is read too.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from varde.genome.errors import InputError
from varde.quality.formats.kinds import DEPTH, QualityFile, kind_of, read_quality_file, who_of
from varde.quality.measurement import Measurement

MOST_FILES = 20_000
"""Files of a folder that are looked at; a run of a hundred people has some thousands."""


@dataclass(frozen=True)
class DepthFile:
    """A per-base depth file of one person."""

    path: Path
    name: str
    sha256: str
    sample: str


@dataclass(frozen=True)
class FolderQuality:
    """What a folder tells of a family: reports read (each with measurements of the family's people only), depth files,
    and the number of files that are none of ours."""

    reports: tuple[QualityFile, ...]
    depths: tuple[DepthFile, ...]
    other_files: int

    @property
    def measurements(self) -> tuple[Measurement, ...]:
        """Of all reports."""
        return tuple(one for report in self.reports for one in report.measurements)


def match_sample(name: str, known: Iterable[str]) -> str | None:
    """The person that a tool's name for a sample means: the name itself, or the longest known one that it begins with
    before a character that is no letter or digit (``kari_sorted_md`` is ``kari``). None when there is none.

    >>> match_sample("kari-1_L001.sorted", ["kari", "kari-1"])
    'kari-1'
    """
    fitting = [one for one in known if name == one or (name.startswith(one) and not name[len(one)].isalnum())]
    return max(fitting, key=len, default=None)


def scan(folder: Path) -> Iterator[Path]:
    """Files below a folder in the order of their names; links are not followed.

    Raises InputError ``not_found`` and ``too_large``.
    """
    if not folder.is_dir():
        raise InputError("not_found", "There is no such folder.", "Give the pipeline's folder.", source=folder.name)
    seen = 0
    for place, folders, names in os.walk(folder, followlinks=False):
        folders.sort()
        for name in sorted(names):
            path = Path(place) / name
            if path.is_symlink() or not path.is_file():
                continue
            seen += 1
            if seen > MOST_FILES:
                raise InputError(
                    "too_large",
                    f"The folder has more than {MOST_FILES} files.",
                    "Give the folder of one family's run.",
                    source=folder.name,
                )
            yield path


def read_folder(folder: Path, people: Sequence[str]) -> FolderQuality:
    """Every report and depth file of a folder that is of the family ``people``.

    A report of one person who is not of the family is refused, ``samples_unmatched``, as is a folder with nothing of
    the family; in reports of many (MultiQC, somalier) others are left out. The same folder gives the same result.
    Raises InputError: also ``nothing_found``, ``twice`` for two depth files of one person, and those of the readers.
    """
    return read_files([(path, str(path.relative_to(folder))) for path in scan(folder)], people, folder.name)


def read_files(files: Iterable[tuple[Path, str]], people: Sequence[str], source: str) -> FolderQuality:
    """As ``read_folder``, of paths with the names they are shown under; ``source`` names all of them in errors."""
    reports: list[QualityFile] = []
    depths: list[DepthFile] = []
    others, unmatched = 0, []
    for path, shown in files:
        name = shown.replace("\\", "/").rsplit("/", 1)[-1]
        kind = kind_of(name, _beginning(path))
        if kind is None:
            others += 1
        elif kind.key == DEPTH:
            who = who_of(kind, name) or ""
            sample = match_sample(who, people)
            if sample is None:
                unmatched.append(who)
            else:
                depths.append(DepthFile(path, shown, _sha256(path), sample))
        else:
            report = read_quality_file(path, name)
            mine = of_people(report, people)
            if not mine.measurements and report.measurements:
                unmatched.append(report.who or ", ".join(sorted(_told_of(report)))[:80])
            reports.append(replace(mine, name=shown))
    _refuse(reports, depths, unmatched, people, source)
    return FolderQuality(tuple(reports), tuple(depths), others)


def of_people(report: QualityFile, people: Sequence[str]) -> QualityFile:
    """The report with the family's names on its measurements; what tells of others is left out."""
    kept = []
    for one in report.measurements:
        sample = _named(one.sample, people) if one.sample is not None else None
        if sample is not None or one.sample is None:
            kept.append(replace(one, sample=sample))
    if report.kind.of_family and not any(one.sample is not None for one in kept):
        told = any(one.sample is not None for one in report.measurements)
        kept = [] if told else kept
    return replace(report, measurements=tuple(kept))


def _named(sample: str, people: Sequence[str]) -> str | None:
    names = [match_sample(part, people) for part in sample.split(" / ")]
    found = [name for name in names if name is not None]
    return " / ".join(sorted(found)) if len(found) == len(names) else None


def _told_of(report: QualityFile) -> set[str]:
    return {one.sample for one in report.measurements if one.sample is not None}


def _refuse(
    reports: list[QualityFile], depths: list[DepthFile], unmatched: list[str], people: Sequence[str], source: str
) -> None:
    if unmatched:
        shown = ", ".join(dict.fromkeys(unmatched))[:200]
        raise InputError(
            "samples_unmatched",
            f"Some files are not of this family: {shown}. Expected are {', '.join(people)}.",
            "Give the folder of this family's run, or name the samples in the pipeline as in the order.",
            source=source,
        )
    if not reports and not depths:
        raise InputError(
            "nothing_found",
            "No file is a report that Varde reads.",
            "Give the folder that the pipeline wrote, with its reports (MultiQC, mosdepth, Picard, somalier ...).",
            source=source,
        )
    whose = [one.sample for one in depths]
    twice = next((one for one in whose if whose.count(one) > 1), None)
    if twice:
        raise InputError(
            "twice", f"{twice} has two per-base depth files.", "Keep the one that was made last.", source=source
        )


def _beginning(path: Path) -> str | None:
    with path.open("rb") as file:
        first = file.read(4096)
    return None if b"\0" in first or first[:2] == b"\x1f\x8b" else first.decode("utf-8", "replace")


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
