"""Kept machine code: of all modules that it is made of, told of when it is made, and used again."""

from __future__ import annotations

import ast
import importlib.util
from pathlib import Path

import pytest

from varde.frequency import annotate_layout, machine_code
from varde.frequency.annotate import compiled_code


def imported(module: str) -> set[str]:
    """Modules of Varde that a module imports, itself included."""
    path = Path(str(importlib.util.find_spec(module).origin))  # type: ignore[union-attr]
    tree = ast.parse(path.read_text())
    found = {module}
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and str(node.module).startswith("varde."):
            found |= imported(str(node.module))
    return found


def test_every_module_of_the_compiled_code_decides_whether_it_is_right() -> None:
    assert imported("varde.frequency.annotate_lines") == set(annotate_layout.COMPILED)
    assert annotate_layout.COMPILED[-1] == "varde.frequency.annotate_lines"


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty cache, and a compiler that only says which function it was asked for."""
    monkeypatch.setattr(
        machine_code, "_folders", lambda source: [tmp_path / "closed" / "file" / "x", tmp_path / "kept"]
    )
    (tmp_path / "closed").mkdir()
    (tmp_path / "closed" / "file").write_text("no folder")
    monkeypatch.setattr(machine_code, "_compiled", lambda module, name: f"{module} {name}".encode())
    return tmp_path / "kept"


def test_it_is_made_once_and_said_beforehand(cache: Path, tmp_path: Path) -> None:
    said: list[str] = []
    first = machine_code._kept_code("f", annotate_layout.COMPILED, said.append)
    assert first == b"varde.frequency.annotate_lines f"
    assert said == ["Preparing machine code for this processor: 10 to 20 seconds, once after an installation ..."]
    assert machine_code._kept_code("f", annotate_layout.COMPILED, said.append) == first
    assert len(said) == 1
    (kept,) = cache.iterdir()
    kept.write_bytes(kept.read_bytes()[:-1])  # cut short: never run
    assert machine_code._kept_code("f", annotate_layout.COMPILED, said.append) == first
    assert len(said) == 2
    machine_code._kept_code("f", annotate_layout.COMPILED[1:], said.append)
    assert (len(said), len(list(cache.iterdir()))) == (3, 2)


def test_where_nothing_can_be_kept_that_is_said(cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(machine_code, "_folders", lambda source: [tmp_path / "closed" / "file" / "x"])
    said: list[str] = []
    machine_code._kept_code("f", annotate_layout.COMPILED, said.append)
    assert said[1].startswith("The machine code could not be kept, so every call prepares it anew.")
    assert str(tmp_path / "closed" / "file" / "x") in said[1]


def test_code_that_is_there_is_loaded_without_a_word() -> None:
    compiled_code(lambda sentence: None)
    said: list[str] = []
    assert callable(compiled_code(said.append))
    assert said == []
