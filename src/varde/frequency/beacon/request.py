"""Beacon requests as sent: query strings (GET) and JSON bodies (POST) become one ``BeaconRequest``."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from varde.genome.errors import InputError

API_VERSION = "v2.1.0"
DEFAULT_LIMIT = 10
MOST_RECORDS = 1_000
"""Records of one page; ``limit`` 0 asks for as many."""
MOST_FILTERS = 20
_LONGEST_TEXT = 2_000
_FILTER = re.compile(r"(?P<id>[A-Za-z][\w.]*)\s*(?P<operator>>=|<=|=|<|>|!)\s*(?P<value>\S+)")
PARAMETERS: Mapping[str, type] = {
    "assemblyId": str,
    "referenceName": str,
    "start": list,
    "end": list,
    "referenceBases": str,
    "alternateBases": str,
    "variantType": str,
    "variantMinLength": int,
    "variantMaxLength": int,
    "geneId": str,
    "aminoacidChange": str,
    "genomicAlleleShortForm": str,
    "mateName": str,
}
_ALIASES = {"geneid": "geneId", "allele": "genomicAlleleShortForm"}
"""Names that the specification's own description of its GET parameters uses."""
_ENVELOPE = (
    "requestedGranularity",
    "includeResultsetResponses",
    "skip",
    "limit",
    "testMode",
    "filters",
    "requestedSchema",
    "requestedSchemas",
    "apiVersion",
)


class Granularity(StrEnum):
    """How much an answer tells."""

    BOOLEAN = "boolean"
    COUNT = "count"
    RECORD = "record"


class Include(StrEnum):
    """Which result sets an answer shows."""

    ALL = "ALL"
    HIT = "HIT"
    MISS = "MISS"
    NONE = "NONE"


@dataclass(frozen=True)
class Filter:
    """A filter as written; ``operator`` and ``value`` are empty where it names a term alone."""

    identifier: str
    operator: str = ""
    value: str = ""

    def __str__(self) -> str:
        return f"{self.identifier}{self.operator}{self.value}"


@dataclass(frozen=True)
class BeaconRequest:
    """One request. ``skip`` counts pages of ``limit`` records, as Beacon's schema says."""

    parameters: Mapping[str, Any] = field(default_factory=dict)
    filters: tuple[Filter, ...] = ()
    granularity: Granularity = Granularity.BOOLEAN
    include: Include = Include.HIT
    skip: int = 0
    limit: int = DEFAULT_LIMIT
    test_mode: bool = False
    schemas: tuple[str, ...] = ()

    @property
    def page(self) -> tuple[int, int]:
        """The first record of the page and the one behind its last."""
        size = min(self.limit, MOST_RECORDS) or MOST_RECORDS
        return self.skip * size, (self.skip + 1) * size


def from_query(query: Mapping[str, Sequence[str]]) -> BeaconRequest:
    """From the fields of a query string. Raises InputError ``bad_request`` with the field."""
    fields = {_ALIASES.get(name, name): values for name, values in query.items()}
    for name in fields:
        if name not in PARAMETERS and name not in _ENVELOPE:
            raise refused(f"There is no parameter {name[:60]!r}.", "See the map of the Beacon.", name)
    parameters = {name: _from_texts(name, fields[name]) for name in PARAMETERS if name in fields}
    envelope: dict[str, Any] = {name: fields[name][-1] for name in _ENVELOPE if name in fields}
    for name in ("skip", "limit"):
        if name in envelope:
            envelope[name] = _whole(name, envelope[name])
    if "testMode" in envelope:
        envelope["testMode"] = _truth(envelope["testMode"])
    texts = [one.strip() for value in fields.get("filters", ()) for one in value.split(",") if one.strip()]
    envelope["filters"] = [_filter_text(text) for text in texts]
    schemas = [one for name in ("requestedSchema", "requestedSchemas") for one in fields.get(name, ())]
    return _request(parameters, envelope, schemas)


def from_body(body: object) -> BeaconRequest:
    """From a decoded JSON body. Raises InputError ``bad_request`` with the field."""
    whole = _object(body, "the body")
    query, meta = _object(whole.get("query", {}), "query"), _object(whole.get("meta", {}), "meta")
    given = _object(query.get("requestParameters", {}), "requestParameters")
    for name in ("g_variant", "g_variants", "genomicVariant"):
        if isinstance(given.get(name), Mapping):
            given = given[name]
            break
    for name in given:
        if name not in PARAMETERS:
            raise refused(f"There is no parameter {str(name)[:60]!r}.", "See the map of the Beacon.", str(name)[:60])
    parameters = {name: _from_json(name, value) for name, value in given.items()}
    pagination = _object(query.get("pagination", {}), "pagination")
    envelope = {**query, **{name: pagination[name] for name in ("skip", "limit") if name in pagination}}
    asked = meta.get("requestedSchemas", [])
    schemas = [str(one.get("schema", "")) for one in asked if isinstance(one, Mapping)] if _is_list(asked) else []
    return _request(parameters, envelope, schemas)


def _request(parameters: Mapping[str, Any], envelope: Mapping[str, Any], schemas: Sequence[str]) -> BeaconRequest:
    filters = envelope.get("filters", [])
    if not _is_list(filters) or len(filters) > MOST_FILTERS:
        raise refused(f"filters must be a list of at most {MOST_FILTERS}.", "See /filtering_terms.", "filters")
    test_mode = envelope.get("testMode", False)
    if not isinstance(test_mode, bool):
        raise refused("testMode must be true or false.", "Write true or false.", "testMode")
    return BeaconRequest(
        parameters,
        tuple(_filter(one) for one in filters),
        _member(Granularity, "requestedGranularity", envelope, Granularity.BOOLEAN),
        _member(Include, "includeResultsetResponses", envelope, Include.HIT),
        _counting("skip", envelope.get("skip", 0)),
        _counting("limit", envelope.get("limit", DEFAULT_LIMIT)),
        test_mode,
        tuple(one[:200] for one in schemas[:20]),
    )


def _from_texts(name: str, values: Sequence[str]) -> Any:
    kind = PARAMETERS[name]
    if kind is list:
        pieces = [piece for value in values for piece in value.split(",")]
        return _from_json(name, [_whole(name, piece) for piece in pieces])
    return _from_json(name, _whole(name, values[-1]) if kind is int else values[-1])


def _from_json(name: str, value: object) -> Any:
    kind = PARAMETERS[name]
    if kind is list:
        numbers = list(value) if isinstance(value, list | tuple) else [value]
        if not 1 <= len(numbers) <= 2:
            raise refused(f"{name} has one or two values; found {len(numbers)}.", "Give one or two.", name)
        return [_counting(name, number) for number in numbers]
    if kind is int:
        return _counting(name, value)
    if not isinstance(value, str) or len(value) > _LONGEST_TEXT or not is_unicode(value):
        raise refused(f"{name} must be a text of at most {_LONGEST_TEXT:,} characters.", "Correct it.", name)
    return value.strip()


def _filter(given: object) -> Filter:
    if isinstance(given, str):
        given = _filter_text(given)
    found = _object(given, "filters")
    if "id" not in found:
        raise refused("A filter has no id.", "See /filtering_terms.", "filters")
    values = (found["id"], found.get("operator", ""), found.get("value", ""))
    texts = [str(value)[:200] for value in values]
    if not all(map(is_unicode, texts)):
        raise refused("A filter is no text.", "See /filtering_terms.", "filters")
    return Filter(*texts)


def _filter_text(text: str) -> dict[str, str]:
    found = _FILTER.fullmatch(text.strip())
    return found.groupdict() if found else {"id": text.strip()}


def _member(kind: type[Any], name: str, envelope: Mapping[str, Any], default: Any) -> Any:
    value = envelope.get(name, default)
    try:
        return kind(value)
    except ValueError:
        allowed = ", ".join(one.value for one in kind)
        raise refused(
            f"{name} is one of {allowed}; found {str(value)[:40]!r}.", f"Write one of {allowed}.", name
        ) from None


def _whole(name: str, text: str) -> int:
    if not re.fullmatch(r"[0-9]{1,15}", text.strip(), re.ASCII):
        raise refused(f"{name} must be a whole number from 0 on; found {text[:40]!r}.", "Give a number.", name)
    return int(text)


def _counting(name: str, value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value < 10**15:
        raise refused(f"{name} must be a whole number from 0 on; found {str(value)[:40]!r}.", "Give a number.", name)
    return value


def _truth(text: str) -> object:
    return {"true": True, "false": False}.get(text.lower(), text)


def _object(value: object, name: str) -> Mapping[str, Any]:
    if not isinstance(value, Mapping):
        raise refused(f"{name} must be an object.", "See the specification of Beacon v2.", name)
    return value


def is_unicode(text: str) -> bool:
    """Whether a text can be written: JSON may hold halves of letters."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _is_list(value: object) -> bool:
    return isinstance(value, list | tuple)


def refused(problem: str, remedy: str, name: str | None = None) -> InputError:
    """``bad_request`` about a field."""
    return InputError("bad_request", problem, remedy, field=name)
