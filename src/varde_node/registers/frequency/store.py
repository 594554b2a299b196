"""Where the counts stand: a counts folder with people for each health region here, and the nation's sums without.

::

    regions/HSO/     runs, held-out people, the region's sums        (varde.frequency.store)
    outgoing/HSO/    shards that were made there, and what they have told the nation so far
    members/HSO/     by release, which runs are in it (stays in the region)
    nation/          the sum of the accepted shards
    keys/            what regions and the register sign with; keys/trusted: whose shards are accepted
    prepared/, releases/    see release_files
    outbox/          what a transaction that was rolled back must not take with it
"""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from pathlib import Path

import polars as pl
from django.conf import settings

from varde.frequency.increment import Increment
from varde.frequency.ledger import changing, replace_sums
from varde.frequency.store import MANIFEST, Segment, Status, StoredRun, read_manifest

REGIONS = ("HSO", "HV", "HMN", "HN")
"""Codes of the four regional health authorities, as in people.Organisation.Region."""


def code_of(name: str) -> str:
    """A region's code from its name in keys, shards and the nation's store; of a region elsewhere that name itself."""
    return name.upper() if name.upper() in REGIONS else name


def root() -> Path:
    """The register's own folder below the data folder; nothing else is kept there."""
    return Path(settings.DATA) / "registers" / "frequency"


def region_folder(region: str) -> Path:
    """The counts of one region; it need not exist."""
    return root() / "regions" / region


def nation_folder() -> Path:
    """The counts of the nation, as of the shards accepted; it need not exist."""
    return root() / "nation"


def counted_regions() -> list[str]:
    """The regions that have counts here, in the fixed order."""
    return [region for region in REGIONS if (region_folder(region) / MANIFEST).is_file()]


def stored_runs(region: str) -> tuple[StoredRun, ...]:
    """Everybody in a region's counts, counted or not; nobody where there are no counts."""
    return read_manifest(region_folder(region)).runs if region in counted_regions() else ()


def people_counted(region: str) -> int:
    """People in a region's sums."""
    return read_manifest(region_folder(region)).people if region in counted_regions() else 0


def remember_members(region: str, release: str, runs: Collection[str]) -> None:
    """Keep in the region who is in a release, to measure later what the next one tells of those who come."""
    path = _members(region, release)
    path.parent.mkdir(parents=True, exist_ok=True)
    new = path.with_suffix(".new")
    new.write_text(json.dumps(sorted(runs)) + "\n", encoding="utf-8")
    new.replace(path)


def members_of(region: str, release: str) -> frozenset[str] | None:
    """The runs of a region that are in a release, without those withdrawn since; None where it is not known."""
    path = _members(region, release)
    return frozenset(json.loads(path.read_text(encoding="utf-8"))) if path.is_file() else None


def forget_members(region: str, runs: Collection[str]) -> None:
    """Let go of people who are withdrawn."""
    for path in (root() / "members" / region).glob("*.json"):
        known = members_of(region, path.stem) or frozenset()
        if known.intersection(runs):
            remember_members(region, path.stem, known.difference(runs))


def _members(region: str, release: str) -> Path:
    return root() / "members" / region / f"{release}.json"


def hold_out(folder: Path) -> None:
    """Take everybody of a folder out of its sums; their runs stay, to measure the risk of a release with."""
    with changing(folder) as contents:
        kind = contents.lines().schema["status"]
        lines = contents.lines().with_columns(status=pl.lit(str(Status.HELD_OUT), dtype=kind))
        replace_sums(contents, Segment(Increment.empty(contents.settings.build), lines, contents.files))


@contextmanager
def scratch_folder() -> Iterator[Path]:
    """A folder beside the counts (so that runs can be linked into them), gone afterwards."""
    root().mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix=".scratch-", dir=root()))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
