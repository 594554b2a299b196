"""Where the counts stand: one counts folder per health region, and the nation as their sum."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings

from varde.frequency.combine import combine
from varde.frequency.store import MANIFEST

REGIONS = ("HSO", "HV", "HMN", "HN")
"""Codes of the four regional health authorities, as in people.Organisation.Region."""


def root() -> Path:
    """The register's own folder below the data folder; nothing else is kept there."""
    return Path(settings.DATA) / "registers" / "frequency"


def region_folder(region: str) -> Path:
    """The counts of one region; it need not exist."""
    return root() / "regions" / region


def nation_folder() -> Path:
    """The counts of the nation; it need not exist."""
    return root() / "nation"


def counted_regions() -> list[str]:
    """The regions that have counts, in the fixed order."""
    return [region for region in REGIONS if (region_folder(region) / MANIFEST).is_file()]


def sum_nation() -> int:
    """Make the nation's counts the sum of the regions'; return the number of people."""
    folders = [region_folder(region) for region in counted_regions()]
    return len(combine(folders, nation_folder()).runs) if folders else 0


@contextmanager
def scratch_folder() -> Iterator[Path]:
    """A folder beside the counts (so that runs can be linked into them), gone afterwards."""
    root().mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix=".import-", dir=root()))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
