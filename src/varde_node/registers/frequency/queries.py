"""Reads of the frequency register."""

from __future__ import annotations

from pathlib import Path

from varde.frequency.store import MANIFEST
from varde_node.registers.frequency.store import nation_folder


def counts_folder() -> Path | None:
    """The nation's counts folder, or nothing while nobody is counted."""
    folder = nation_folder()
    return folder if (folder / MANIFEST).is_file() else None
