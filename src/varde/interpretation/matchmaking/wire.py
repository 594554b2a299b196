"""Messages of the exchange: reading what others wrote, writing what they will read.

A message that is wrong raises ``MatchError`` with the HTTP status that the API gives the fault, and a sentence that
names the field. Fields that the API does not know are passed over; those with an underscore are allowed to be there.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from varde.interpretation.matchmaking.profile import (
    HPO,
    HUMAN,
    LONGEST_TEXT,
    Contact,
    Feature,
    GenomicFeature,
    PlacedVariant,
    Profile,
    Sex,
)

VERSIONS = ("1.0", "1.1")
LATEST = VERSIONS[-1]
ACCEPTED = tuple(f"application/vnd.ga4gh.matchmaker.v{version}+json" for version in VERSIONS)
MEDIA_TYPE = ACCEPTED[-1]
LARGEST_MESSAGE_BYTES = 1_000_000
MOST_FEATURES = 500
"""Signs or genes of one profile that are read. Varde's limit: real profiles have some tens."""

_VERSIONED = re.compile(r"application/vnd\.ga4gh\.matchmaker(?:\.v(\d+)\.(\d+))?\+json\Z")
_ADDRESS = re.compile(r"(https?://|mailto:)[^\s<>\"']+\Z")


class MatchError(ValueError):
    """A message that cannot be answered. ``status`` is the HTTP status of the API's table of errors."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.message = message

    def body(self) -> dict[str, Any]:
        """The body of the answer that tells of it."""
        told: dict[str, Any] = {"message": self.message}
        return told | ({"supportedVersions": list(VERSIONS)} if self.status == 406 else {})


@dataclass(frozen=True)
class Answer:
    """What another service answered: profiles with the score it gave them, and its own terms."""

    results: tuple[tuple[float, Profile], ...]
    disclaimer: str = ""
    terms: str = ""


def agreed_version(media_type: str | None) -> str:
    """The version to answer in, from a Content-Type or Accept. Raises MatchError 415 (no such type) or 406."""
    bare = (media_type or "").split(";")[0].strip().lower()
    found = _VERSIONED.match(bare)
    if found is None:
        raise MatchError(415, f"the content type is {bare or 'missing'}, expected {MEDIA_TYPE}")
    major = found.group(1)
    if major not in (None, "1"):
        raise MatchError(406, "unsupported API version")
    return LATEST


def write_request(profile: Profile, *, disclaimer: str = "") -> dict[str, Any]:
    """A question: the body of POST /match."""
    return {**({"disclaimer": disclaimer} if disclaimer else {}), "patient": _written(profile)}


def write_answer(results: Iterable[tuple[float, Profile]], *, disclaimer: str = "") -> dict[str, Any]:
    """An answer: the profiles that fit, with their scores, 0 to 1."""
    listed = [{"score": {"patient": round(score, 4)}, "patient": _written(profile)} for score, profile in results]
    return {**({"disclaimer": disclaimer} if disclaimer else {}), "results": listed}


def read_request(body: bytes) -> Profile:
    """The profile that somebody asks about. Raises MatchError 400 or 422."""
    message = _message(body)
    return _profile(_member(message, "patient", dict, ""), "patient")


def read_answer(body: bytes) -> Answer:
    """What another service answered. Raises MatchError 422 when it is no answer of the exchange."""
    message = _message(body)
    results = []
    for place, result in enumerate(_member(message, "results", list, "")):
        path = f"results[{place}]"
        if not isinstance(result, dict):
            raise MatchError(422, f"{path} is not an object")
        score = _member(_member(result, "score", dict, path), "patient", (int, float), f"{path}.score")
        if isinstance(score, bool) or not 0 <= score <= 1:
            raise MatchError(422, f"{path}.score.patient is {score!r}, expected a number from 0 to 1")
        results.append((float(score), _profile(_member(result, "patient", dict, path), f"{path}.patient")))
    return Answer(tuple(results), _text(message, "disclaimer", "", 10_000), _text(message, "terms", "", 10_000))


def _message(body: bytes) -> dict[str, Any]:
    if len(body) > LARGEST_MESSAGE_BYTES:
        raise MatchError(422, f"the message has more than {LARGEST_MESSAGE_BYTES} bytes")
    try:
        message = json.loads(body.decode("utf-8"), parse_constant=_no_constant)
    except (ValueError, RecursionError):
        raise MatchError(400, "the body is not JSON in UTF-8") from None
    if not isinstance(message, dict):
        raise MatchError(422, "the body is not a JSON object")
    return message


def _no_constant(name: str) -> float:
    raise ValueError(f"{name} is no JSON")


def _member(holder: dict[str, Any], name: str, kind: type | tuple[type, ...], path: str) -> Any:
    where = f"{path}.{name}" if path else name
    if name not in holder:
        raise MatchError(422, f"{where} is missing")
    if not isinstance(holder[name], kind):
        raise MatchError(422, f"{where} has the wrong type")
    return holder[name]


def _text(holder: dict[str, Any], name: str, path: str, longest: int = LONGEST_TEXT) -> str:
    """An optional text, '' when not given."""
    value = holder.get(name)
    where = f"{path}.{name}" if path else name
    if value is None:
        return ""
    if not isinstance(value, str):
        raise MatchError(422, f"{where} is not a text")
    if len(value) > longest:
        raise MatchError(422, f"{where} has more than {longest} characters")
    if any(ord(letter) < 32 and letter not in "\n\t\r" for letter in value):
        raise MatchError(422, f"{where} has control characters")
    return value.strip()


def _needed(holder: dict[str, Any], name: str, path: str) -> str:
    value = _text(holder, name, path)
    if not value:
        raise MatchError(422, f"{path}.{name} is missing")
    return value


def _profile(patient: dict[str, Any], path: str) -> Profile:
    contact = _member(patient, "contact", dict, path)
    href = _needed(contact, "href", f"{path}.contact")
    if not _ADDRESS.match(href):
        raise MatchError(422, f"{path}.contact.href is not an http, https or mailto address")
    sex = _text(patient, "sex", path)
    if sex and sex not in set(Sex):
        raise MatchError(422, f"{path}.sex is {sex!r}, expected one of {', '.join(Sex)}")
    species = _text(patient, "species", path) or HUMAN
    features = [_feature(one, where) for one, where in _listed(patient, "features", path)]
    genomic = [_genomic(one, where) for one, where in _listed(patient, "genomicFeatures", path)]
    if not features and not genomic:
        raise MatchError(422, f"{path} needs features or genomicFeatures")
    return Profile(
        identifier=_needed(patient, "id", path),
        contact=Contact(
            _needed(contact, "name", f"{path}.contact"), href, _text(contact, "institution", f"{path}.contact")
        ),
        features=tuple(features),
        genomic_features=tuple(genomic),
        label=_text(patient, "label", path),
        sex=Sex(sex) if sex else None,
        age_of_onset=_hpo(patient, "ageOfOnset", path),
        inheritance_mode=_hpo(patient, "inheritanceMode", path),
        disorders=tuple(_needed(one, "id", where) for one, where in _listed(patient, "disorders", path)),
        species=species,
        test=patient.get("test") is True,
    )


def _listed(patient: dict[str, Any], name: str, path: str) -> list[tuple[dict[str, Any], str]]:
    value = patient.get(name)
    if value is None:
        return []
    if not isinstance(value, list):
        raise MatchError(422, f"{path}.{name} is not a list")
    if len(value) > MOST_FEATURES:
        raise MatchError(422, f"{path}.{name} has more than {MOST_FEATURES} entries")
    for place, one in enumerate(value):
        if not isinstance(one, dict):
            raise MatchError(422, f"{path}.{name}[{place}] is not an object")
    return [(one, f"{path}.{name}[{place}]") for place, one in enumerate(value)]


def _hpo(holder: dict[str, Any], name: str, path: str) -> str:
    value = _text(holder, name, path)
    if value and not HPO.match(value):
        raise MatchError(422, f"{path}.{name} is {value!r}, expected an HPO identifier")
    return value


def _feature(one: dict[str, Any], path: str) -> Feature:
    identifier = _needed(one, "id", path)
    if not HPO.match(identifier):
        raise MatchError(422, f"{path}.id is {identifier!r}, expected an HPO identifier")
    observed = _text(one, "observed", path) or "yes"
    if observed not in ("yes", "no"):
        raise MatchError(422, f"{path}.observed is {observed!r}, expected yes or no")
    return Feature(identifier, observed == "yes", _text(one, "label", path))


def _genomic(one: dict[str, Any], path: str) -> GenomicFeature:
    gene = _needed(_member(one, "gene", dict, path), "id", f"{path}.gene")
    zygosity = one.get("zygosity")
    kind = one.get("type")
    effect = _text(kind, "id", f"{path}.type") if isinstance(kind, dict) else ""
    told = one.get("variant")
    if told is not None and not isinstance(told, dict):
        raise MatchError(422, f"{path}.variant is not an object")
    try:
        if isinstance(zygosity, bool) or not (zygosity is None or isinstance(zygosity, int)):
            raise ValueError(f"zygosity {zygosity!r}, expected 1 or 2")
        return GenomicFeature(gene, _variant(told, f"{path}.variant") if told else None, zygosity, effect)
    except MatchError:
        raise
    except ValueError as error:
        raise MatchError(422, f"{path}: {error}") from None


def _variant(told: dict[str, Any], path: str) -> PlacedVariant | None:
    """The variant, None without a start: the exchange's own benchmark patients have such, and the gene still counts."""
    if "start" not in told:
        return None
    start, end = _member(told, "start", int, path), told.get("end")
    if isinstance(start, bool) or isinstance(end, bool) or not (end is None or isinstance(end, int)):
        raise MatchError(422, f"{path}: start and end are whole numbers")
    return PlacedVariant(
        assembly=_needed(told, "assembly", path),
        chromosome=_needed(told, "referenceName", path),
        start=start,
        end=end,
        ref=_text(told, "referenceBases", path, 10_000),
        alt=_text(told, "alternateBases", path, 10_000),
    )


def _written(profile: Profile) -> dict[str, Any]:
    contact = {"name": profile.contact.name, "href": profile.contact.href}
    if profile.contact.institution:
        contact["institution"] = profile.contact.institution
    optional = {
        "label": profile.label,
        "sex": profile.sex.value if profile.sex else "",
        "ageOfOnset": profile.age_of_onset,
        "inheritanceMode": profile.inheritance_mode,
        "disorders": [{"id": identifier} for identifier in profile.disorders],
        "features": [_written_feature(one) for one in profile.features],
        "genomicFeatures": [_written_gene(one) for one in profile.genomic_features],
        "test": profile.test,
    }
    told = {name: value for name, value in optional.items() if value}
    return {"id": profile.identifier, "contact": contact, "species": profile.species, **told}


def _written_feature(one: Feature) -> dict[str, str]:
    labelled = {"label": one.label} if one.label else {}
    return {"id": one.identifier, **labelled, "observed": "yes" if one.observed else "no"}


def _written_gene(one: GenomicFeature) -> dict[str, Any]:
    told: dict[str, Any] = {"gene": {"id": one.gene}}
    if one.variant is not None:
        place = one.variant
        named = {"assembly": place.assembly, "referenceName": place.chromosome, "start": place.start}
        given = {"end": place.end, "referenceBases": place.ref or None, "alternateBases": place.alt or None}
        told["variant"] = {**named, **{name: value for name, value in given.items() if value is not None}}
    if one.zygosity is not None:
        told["zygosity"] = one.zygosity
    if one.effect:
        told["type"] = {"id": one.effect}
    return told
