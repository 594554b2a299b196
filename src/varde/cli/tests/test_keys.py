"""``varde keys``."""

from __future__ import annotations

from pathlib import Path

import pytest

from varde.cli import run
from varde.frequency.signing import PublicKey


def test_command_makes_and_shows_keys(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["keys", "new", "north", "--out", str(tmp_path)]) == 0
    identifier = PublicKey.load(tmp_path / "north.public.pem").identifier
    assert capsys.readouterr().out.startswith(f"Key {identifier} of north.\n")
    assert run(["keys", "show", str(tmp_path / "north.public.pem")]) == 0
    assert capsys.readouterr().out == f"Key {identifier} of north.\n"
    assert run(["keys", "new", "north", "--out", str(tmp_path)]) == 2
    assert "never overwritten" in capsys.readouterr().err
