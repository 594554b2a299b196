"""Where the shared test data lie: never copied into the project, and a test that needs them is skipped without them."""

from __future__ import annotations

import os
from pathlib import Path

import pytest


def shared_data(*parts: str) -> Path:
    """A file or folder of the shared test data, or the running test is skipped."""
    beside_the_project = Path(__file__).resolve().parents[2] / "shared" / "data"
    path = Path(os.environ.get("VARDE_SHARED_DATA", beside_the_project)).joinpath(*parts)
    if not path.exists():
        pytest.skip("shared test data not present")
    return path
