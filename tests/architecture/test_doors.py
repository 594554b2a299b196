"""A domain is entered by its services, queries and contracts (plain values, hooks) only; the rest stays private."""

from __future__ import annotations

import ast
from pathlib import Path

NODE = Path(__file__).resolve().parents[2] / "src" / "varde_node"
DOORS = {"services", "queries", "contracts"}
GROUND = {"formats"}
"""No domains: modules that know none and that everybody may use."""


def imported(path: Path) -> list[str]:
    names = []
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
            names += [f"{node.module}.{alias.name}" for alias in node.names]
    return [name for name in names if name.startswith("varde_node.")]


def test_other_domains_are_entered_by_their_doors_only() -> None:
    wrong = []
    for path in sorted(NODE.rglob("*.py")):
        own, *rest = path.relative_to(NODE).parts
        if {"tests", "migrations"} & set(rest):
            continue
        for name in imported(path):
            other, *room = name.split(".")[1:]
            room = room[1:] if other == "registers" and room and room[0] not in DOORS else room
            if other != own and other not in GROUND and not (room and room[0] in DOORS):
                wrong.append(f"{path.relative_to(NODE)}: {name}")
    assert wrong == []
