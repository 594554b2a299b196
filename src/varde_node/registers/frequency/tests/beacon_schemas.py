"""The official Beacon v2 schemas, read from a copy of ga4gh-beacon/beacon-v2 that ``VARDE_BEACON_SCHEMAS`` names.

They are not part of this repository: without the folder the tests that need them are skipped.
"""

from __future__ import annotations

import json
import os
from pathlib import Path

import jsonschema_rs
import pytest

WEB = "https://raw.githubusercontent.com/ga4gh-beacon/beacon-v2/main"
RECORD = "bin/deref_schemas/genomicVariations/defaultSchema.json"
"""The record's schema with VRS written out."""


class Schemas:
    """Validators by the name of an answer's schema; ``validated`` counts the answers that passed."""

    def __init__(self, folder: Path) -> None:
        files = [path for path in (folder / "framework" / "json").rglob("*.json") if "examples" not in str(path)]
        named = {f"{WEB}/{path.relative_to(folder)}": _read(path) for path in files}
        base = f"{WEB}/framework/json/"
        registry = jsonschema_rs.Registry(list(named.items()))
        self._validators = {
            address.removeprefix(f"{base}responses/").removesuffix(".json"): jsonschema_rs.Draft202012Validator(
                {"$ref": address}, registry=registry, validate_formats=True
            )
            for address in named
            if address.startswith(f"{base}responses/")
        }
        self._record = jsonschema_rs.Draft202012Validator(_without_lists(_read(folder / RECORD)))
        self.validated = 0

    def check(self, body: object, name: str) -> None:
        """Fail with what is wrong."""
        wrong = [f"{error.instance_path}: {error.message}" for error in self._validators[name].iter_errors(body)]
        assert wrong == [], f"{name}: {wrong[:5]}"
        self.validated += 1

    def check_record(self, body: object) -> None:
        """One genomic variation."""
        wrong = [f"{error.instance_path}: {error.message}" for error in self._record.iter_errors(body)]
        assert wrong == [], wrong[:5]
        self.validated += 1


def schemas() -> Schemas:
    """Those of the named folder, or the running test is skipped."""
    folder = os.environ.get("VARDE_BEACON_SCHEMAS")
    if not folder or not (Path(folder) / RECORD).is_file():
        pytest.skip("VARDE_BEACON_SCHEMAS names no copy of ga4gh-beacon/beacon-v2")
    return Schemas(Path(folder))


def _read(path: Path) -> dict[str, object]:
    return json.loads(path.read_text(encoding="utf-8"))


def _without_lists(schema: object) -> object:
    """Without ``deprecated`` where the official file gives it a list: that annotation must be true or false."""
    if isinstance(schema, list):
        return [_without_lists(one) for one in schema]
    if not isinstance(schema, dict):
        return schema
    kept = {name: part for name, part in schema.items() if not (name == "deprecated" and isinstance(part, list))}
    return {name: _without_lists(part) for name, part in kept.items()}
