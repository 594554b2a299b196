"""A counts folder: immutable runs, the tracks they share, the sums, and a manifest that names them all.

::

    manifest.json             build, reference, gate, people by sex, files read, runs, tracks
    sites.parquet             sums per allele, sorted by key
    callable.parquet          number of people callable, a step function over the genome
    runs/<id>.parquet         one person's alleles; runs/<id>.callable.parquet their own intervals
    tracks/<digest>.parquet   intervals that several people share

The sums depend on the set of runs alone: not on the order of adding, nor on who was ever added and taken out.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from importlib.metadata import version
from pathlib import Path
from typing import Any

import polars as pl

from varde.frequency import genotypes
from varde.frequency.callable_intervals import Intervals, Steps, without_chromosome
from varde.frequency.genotypes import Gate
from varde.frequency.person import Tracks
from varde.frequency.ploidy import SEXES
from varde.frequency.run import Run, read_alleles, read_own_intervals, write_parquet, write_run
from varde.frequency.sums import sum_sites
from varde.genome.builds import Build
from varde.genome.errors import InputError
from varde.genome.keys import KEY_FORMAT
from varde.genome.pedigree import Sex
from varde.genome.references import Reference

FORMAT = 1
MANIFEST, SITES, CALLABLE, RUNS, TRACKS = "manifest.json", "sites.parquet", "callable.parquet", "runs", "tracks"

GATES: Mapping[Gate, Mapping[str, object]] = {
    Gate.ADJ: {
        "name": "adj",
        "source": "gnomAD, get_adj_expr",
        "genotype_quality_at_least": genotypes.MIN_GENOTYPE_QUALITY,
        "depth_x_at_least_diploid": genotypes.MIN_DEPTH_DIPLOID_X,
        "depth_x_at_least_haploid": genotypes.MIN_DEPTH_HAPLOID_X,
        "allele_balance_of_heterozygotes_at_least": 1 / genotypes.MAX_DEPTH_PER_ALTERNATE,
    },
    Gate.NONE: {"name": "none"},
}

RULES = {
    "allele_number": "people callable at the position of the allele (VCF POS, the anchor base of an indel)",
    "half_call": "not called",
    "haploid_call_where_two_are_expected": "not called",
    "heterozygous_call_where_one_is_expected": "not called; on MT this is heteroplasmy",
    "x_and_y_of_unknown_sex": "not counted",
    "y_pseudoautosomal": "not counted; the sequence is counted on X",
    "mt": "one chromosome per person of any sex; carriers are given as nhemi",
    "records_of_one_allele_that_disagree": "not called",
}
"""What the counts mean where the formats leave a choice; written into every manifest."""


@dataclass(frozen=True)
class StoredRun:
    """A person's line in the manifest. ``files`` are digests of the files read for them.

    ``contradictions`` is the number of their alleles that records disagreed on, which counts as not called.
    """

    identifier: str
    sex: Sex
    tracks: tuple[str, ...]
    files: tuple[str, ...]
    contradictions: int

    @classmethod
    def from_json(cls, entry: Mapping[str, Any]) -> StoredRun:
        tracks, files = tuple(entry["tracks"]), tuple(entry["files"])
        return cls(entry["run"], Sex(entry["sex"]), tracks, files, entry["contradictions"])

    def as_json(self) -> dict[str, object]:
        return {
            "run": self.identifier,
            "sex": str(self.sex),
            "tracks": self.tracks,
            "files": self.files,
            "contradictions": self.contradictions,
        }


@dataclass(frozen=True)
class Settings:
    """What all runs of a folder have in common. Counts of two settings are never added up."""

    build: Build
    gate: Gate
    passing_only: bool
    reference: str | None
    reference_sha256: str | None

    @classmethod
    def of(cls, build: Build, gate: Gate, reference: Reference | None, *, passing_only: bool) -> Settings:
        if reference is None:
            return cls(build, gate, passing_only, None, None)
        return cls(build, gate, passing_only, reference.name, cls.checksum_of(reference))

    @staticmethod
    def checksum_of(reference: Reference) -> str:
        """SHA-256 of the sequence that alleles are normalised with."""
        return reference.checksums[reference.fasta.name]

    def as_json(self) -> dict[str, object]:
        return {
            "build": str(self.build),
            "gate": GATES[self.gate],
            "passing_records_only": self.passing_only,
            "reference": {"name": self.reference, "sha256": self.reference_sha256} if self.reference else None,
            "normalised": "left-aligned and trimmed" if self.reference else "trimmed, not left-aligned (no reference)",
        }

    @classmethod
    def from_json(cls, entry: Mapping[str, Any]) -> Settings:
        reference = entry["reference"] or {"name": None, "sha256": None}
        return cls(
            Build(entry["build"]),
            Gate(entry["gate"]["name"]),
            entry["passing_records_only"],
            reference["name"],
            reference["sha256"],
        )

    def refuse_other(self, other: Settings) -> None:
        """Raise InputError ``other_settings`` when counts made so cannot be added to these."""
        for name, mine, theirs in (
            ("build", self.build, other.build),
            ("gate", self.gate, other.gate),
            ("passing records only", self.passing_only, other.passing_only),
            ("reference sequence", self.reference_sha256, other.reference_sha256),
        ):
            if mine != theirs:
                raise InputError(
                    "other_settings",
                    f"These counts were made with the {name} {mine}, and {theirs} was asked for.",
                    "Count with the same settings, or into another folder.",
                    field=name,
                )


@dataclass(frozen=True)
class Contents:
    """The manifest of a folder."""

    settings: Settings
    runs: tuple[StoredRun, ...]
    files: Mapping[str, Mapping[str, object]]

    def as_json(self) -> dict[str, object]:
        by_sex = Counter(run.sex for run in self.runs)
        used = {digest for run in self.runs for digest in run.files}
        return {
            "format": "varde-counts",
            "format_version": FORMAT,
            "key_format": KEY_FORMAT,
            "software": f"varde {version('varde')}",
            **self.settings.as_json(),
            "rules": RULES,
            "people": {"total": len(self.runs), **{str(sex): by_sex[sex] for sex in SEXES}},
            "files": {digest: self.files[digest] for digest in sorted(used)},
            "runs": [run.as_json() for run in self.runs],
            "runs_sha256": self.digest,
        }

    @property
    def digest(self) -> str:
        """SHA-256 over the runs: what the sums must have been made from."""
        return hashlib.sha256("\n".join(run.identifier for run in self.runs).encode()).hexdigest()

    def with_runs(self, runs: Iterable[StoredRun], files: Mapping[str, Mapping[str, object]]) -> Contents:
        order = sorted((*self.runs, *runs), key=lambda run: (run.identifier, run.files))
        return replace(self, runs=tuple(order), files={**self.files, **files})

    def without_run(self, identifier: str) -> Contents:
        """Without one person of this run. Raises InputError ``unknown_run``."""
        where = next((i for i, run in enumerate(self.runs) if run.identifier == identifier), None)
        if where is None:
            raise InputError(
                "unknown_run",
                f"No run {identifier} is counted here.",
                "Give the identifier that adding the person gave.",
                field="run",
            )
        return replace(self, runs=self.runs[:where] + self.runs[where + 1 :])


def read_manifest(folder: Path) -> Contents:
    """The manifest. Raises InputError ``no_counts`` when the folder is none of ours, ``unknown_format`` for another."""
    try:
        entries = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
        found = entries["format"], entries["format_version"], entries["key_format"]
    except (OSError, ValueError, KeyError, TypeError):
        raise InputError(
            "no_counts",
            f"{folder.name!r} holds no counts: {MANIFEST} is not there or cannot be read.",
            "Give the folder that 'varde count --out' wrote.",
            source=folder.name,
        ) from None
    if found != ("varde-counts", FORMAT, KEY_FORMAT):
        raise InputError(
            "unknown_format",
            f"The counts have the format {found}, expected {('varde-counts', FORMAT, KEY_FORMAT)}.",
            "Count again with this version of Varde.",
            source=MANIFEST,
        )
    runs = tuple(StoredRun.from_json(entry) for entry in entries["runs"])
    return Contents(Settings.from_json(entries), runs, entries["files"])


def store_runs(folder: Path, runs: Iterable[Run], tracks: Tracks) -> None:
    """Write runs and the tracks they name into a folder."""
    for name in (RUNS, TRACKS):
        (folder / name).mkdir(parents=True, exist_ok=True)
    used: set[str] = set()
    for run in runs:
        write_run(folder / RUNS, run)
        used.update(run.tracks)
    for digest in used:
        write_parquet(tracks.by_digest[digest].frame(), folder / TRACKS / f"{digest}.parquet")


def write_sums(folder: Path, contents: Contents) -> None:
    """Sum all runs anew; write sites, callable people and, last, the manifest, each whole or not at all."""
    build = contents.settings.build
    nowhere = [without_chromosome(build, sex) for sex in range(len(SEXES))]
    sets = ((places - nowhere[sex], sex, people) for places, sex, people in _callable_sets(folder, contents.runs))
    steps = Steps.of_sets(sets)
    observed = ((read_alleles(folder / RUNS, run.identifier), SEXES.index(run.sex)) for run in contents.runs)
    sites = sum_sites(build, observed, steps)
    mark = {"runs_sha256": contents.digest}
    write_parquet(sites, folder / f"{SITES}.new", mark)
    write_parquet(steps.frame(), folder / f"{CALLABLE}.new", mark)
    manifest = json.dumps(contents.as_json(), indent=1, sort_keys=True) + "\n"
    (folder / f"{MANIFEST}.new").write_text(manifest, encoding="utf-8")
    for name in (SITES, CALLABLE, MANIFEST):
        (folder / f"{name}.new").replace(folder / name)


def _callable_sets(folder: Path, runs: Sequence[StoredRun]) -> Iterator[tuple[Intervals, int, int]]:
    """Interval sets with sex and weight: shared tracks once per group of people, then everybody's own."""
    tracks = Tracks.none()
    for digest in {digest for run in runs for digest in run.tracks}:
        tracks.by_digest[digest] = read_track(folder, digest)
    for (digests, sex), people in Counter((run.tracks, SEXES.index(run.sex)) for run in runs).items():
        yield tracks.union(digests), sex, people
    for run in runs:
        added, cut = read_own_intervals(folder / RUNS, run.identifier)
        yield added, SEXES.index(run.sex), 1
        yield cut, SEXES.index(run.sex), -1


def read_track(folder: Path, digest: str) -> Intervals:
    """A shared track of a folder."""
    return Intervals.from_frame(pl.read_parquet(folder / TRACKS / f"{digest}.parquet", memory_map=False))


def drop_unused(folder: Path, contents: Contents) -> None:
    """Remove the files of runs and tracks that the manifest does not name."""
    runs = {run.identifier for run in contents.runs}
    tracks = {digest for run in contents.runs for digest in run.tracks}
    for path in (folder / RUNS).iterdir():
        if path.name.split(".")[0] not in runs:
            path.unlink()
    for path in (folder / TRACKS).iterdir():
        if path.stem not in tracks:
            path.unlink()


@contextmanager
def exclusively(folder: Path) -> Iterator[None]:
    """One writer at a time, over processes; the next one waits."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)
