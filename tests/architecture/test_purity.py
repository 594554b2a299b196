"""The library runs without the node's frameworks: every module is imported in a clean interpreter, then one looks."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

SOURCE = Path(__file__).resolve().parents[2] / "src"
FORBIDDEN = ("django", "ninja", "huey", "granian", "pydantic_settings", "structlog", "allauth", "csp", "varde_node")


def library_modules() -> list[str]:
    files = (path.relative_to(SOURCE) for path in sorted((SOURCE / "varde").rglob("*.py")))
    names = (path.with_suffix("").parts for path in files if "tests" not in path.parts and path.name != "__main__.py")
    return [".".join(parts[:-1] if parts[-1] == "__init__" else parts) for parts in names]


def test_importing_the_whole_library_loads_no_framework() -> None:
    modules = library_modules()
    assert len(modules) > 20
    program = (
        "import importlib, sys\n"
        f"for name in {modules!r}: importlib.import_module(name)\n"
        f"print(sorted({{name.split('.')[0] for name in sys.modules}} & set({FORBIDDEN!r})))"
    )
    found = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert found.stdout.strip().splitlines()[-1] == "[]"
