"""Names say what a module is for."""

from __future__ import annotations

import ast
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
BANNED_MODULES = {"utils", "util", "helpers", "helper", "common", "misc", "manager", "managers", "legacy"}


def sources() -> list[Path]:
    return sorted((ROOT / "src").rglob("*.py"))


def test_no_module_has_a_name_that_says_nothing() -> None:
    assert [
        str(path) for path in sources() if {path.stem, path.parent.name} & BANNED_MODULES or path.stem.endswith("_json")
    ] == []


def test_no_function_just_processes() -> None:
    wrong = []
    for path in sources():
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            named = isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)
            # Django calls a middleware's hook process_exception.
            if named and node.name.startswith("process_") and node.name != "process_exception":
                wrong.append(f"{path.relative_to(ROOT)}: {node.name}")
    assert wrong == []


def test_every_package_and_module_says_what_it_is() -> None:
    silent = [
        str(path.relative_to(ROOT))
        for path in sources()
        if not {"migrations", "tests"} & set(path.parts)
        and path.read_text(encoding="utf-8").strip()
        and ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) is None
    ]
    assert silent == []
