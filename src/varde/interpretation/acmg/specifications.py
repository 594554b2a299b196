"""Gene-specific specifications (expert panels publish them) as data: limits, strengths and use, per gene and mode.

A file holds any number of specifications, each with its own version and source; a gene has at most one per mode of
inheritance. What a specification does not say stays as in the general rules.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from varde.genome.errors import InputError
from varde.interpretation.acmg.criterion import CODES, Code, Handling, Strength
from varde.interpretation.acmg.evidence import Inheritance
from varde.interpretation.acmg.frequency import ba1_limit, bs1_limit, maximum_credible_frequency
from varde.interpretation.acmg.rules import GENERAL, CodeRule, Limit, RuleSet, unit_of

FORMAT = "varde-gene-specifications"
FORMAT_VERSION = 1
LARGEST_BYTES = 10_000_000

_FILE_KEYS = {"format", "format_version", "name", "version", "specifications"}
_KEYS = {"gene", "inheritance", "name", "version", "source", "criteria", "limits", "maximum_credible_frequency"}
_CRITERION_KEYS = {"applies", "strength", "at_most", "note"}
_FREQUENCY_KEYS = {"prevalence", "allelic", "genetic", "penetrance"}
_SHARES = ("frequency", "share", "score", "similarity")
_LADDERS = (
    (Limit.PP3_MISSENSE_SUPPORTING, Limit.PP3_MISSENSE_MODERATE, Limit.PP3_MISSENSE_STRONG),
    (
        Limit.BP4_MISSENSE_VERY_STRONG,
        Limit.BP4_MISSENSE_STRONG,
        Limit.BP4_MISSENSE_MODERATE,
        Limit.BP4_MISSENSE_SUPPORTING,
    ),
    (Limit.SUM_SUPPORTING, Limit.SUM_MODERATE, Limit.SUM_STRONG, Limit.SUM_VERY_STRONG),
    (Limit.PP1_MEIOSES_SUPPORTING, Limit.PP1_MEIOSES_MODERATE, Limit.PP1_MEIOSES_STRONG),
    (Limit.PS1_STARS_MODERATE, Limit.PS1_STARS_STRONG),
)
"""Limits that must rise in this order, or a stronger step could be easier to reach than a weaker one."""


@dataclass(frozen=True)
class GeneSpecification:
    """One gene's rules. ``inheritance`` empty: under any mode."""

    gene: str
    inheritance: frozenset[Inheritance]
    name: str
    version: str
    source: str
    limits: Mapping[Limit, float]
    criteria: tuple[CodeRule, ...]

    def covers(self, gene: str | None, inheritance: Inheritance | None) -> bool:
        if gene != self.gene:
            return False
        if not self.inheritance:
            return True
        return inheritance is not None and any(one.covers(inheritance) for one in self.inheritance)

    def rules(self, general: RuleSet = GENERAL) -> RuleSet:
        """The general rules with this gene's in their place."""
        changed = general.for_gene(self.gene, self.name, self.version, f"{self.name} {self.version}", self.limits)
        return replace(changed, criteria=self.criteria)


@dataclass(frozen=True)
class GeneSpecifications:
    """A file of specifications with its own name and version."""

    name: str
    version: str
    specifications: tuple[GeneSpecification, ...]

    def find(self, gene: str | None, inheritance: Inheritance | None) -> GeneSpecification | None:
        """The specification for a gene under a mode of inheritance; None: the general rules hold."""
        return next((one for one in self.specifications if one.covers(gene, inheritance)), None)

    def rules(self, gene: str | None, inheritance: Inheritance | None, general: RuleSet = GENERAL) -> RuleSet:
        found = self.find(gene, inheritance)
        return general if found is None else found.rules(general)


def read_gene_specifications(path: str | Path) -> GeneSpecifications:
    """A file of specifications. Raises InputError ``unreadable`` and those of ``parse_gene_specifications``."""
    file = Path(path)
    try:
        raw = file.read_bytes()
    except OSError as error:
        raise InputError("unreadable", "The file cannot be read.", "Choose the file again.", file.name) from error
    return parse_gene_specifications(raw, file.name)


def parse_gene_specifications(raw: bytes, name: str) -> GeneSpecifications:
    """Specifications from the bytes of a JSON file.

    Raises InputError ``unreadable`` (too large, not UTF-8, not JSON, nested too deeply) and ``bad_specification``: its
    ``field`` is the place in the file, its problem names the gene and the criterion. Then nothing is read.
    """
    if len(raw) > LARGEST_BYTES:
        raise InputError(
            "unreadable", f"The file is larger than {LARGEST_BYTES // 1_000_000} MB.", "Split the file.", name
        )
    try:
        told = json.loads(raw.decode("utf-8-sig"), object_pairs_hook=_unique, parse_constant=_no_constant)
    except UnicodeDecodeError as error:
        raise InputError("unreadable", "The text is not UTF-8.", "Convert the file to UTF-8.", name) from error
    except (ValueError, RecursionError) as error:
        line = getattr(error, "lineno", None)
        raise InputError(
            "unreadable", "The file is not JSON, or names a key twice.", "Mend the file.", name, line
        ) from error
    return _Reading(name).file(told)


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a key is named twice")
    return found


def _no_constant(word: str) -> Any:
    raise ValueError(f"{word} is no number of JSON")


@dataclass(frozen=True)
class _Reading:
    """One file being read; every refusal names its place."""

    source: str

    def refuse(self, place: str, problem: str, remedy: str = "Mend the file; nothing was read.") -> InputError:
        return InputError("bad_specification", problem, remedy, self.source, field=place)

    def file(self, told: Any) -> GeneSpecifications:
        top = self.mapping(told, "file", _FILE_KEYS, "the file")
        if top.get("format") != FORMAT or top.get("format_version") != FORMAT_VERSION:
            raise self.refuse(
                "format", f"This is not {FORMAT} version {FORMAT_VERSION}.", "See the guide for the format."
            )
        listed = top.get("specifications")
        if not isinstance(listed, list) or not listed:
            raise self.refuse("specifications", "A list of at least one specification was expected.")
        found: list[GeneSpecification] = []
        for number, one in enumerate(listed):
            read = self.specification(one, f"specifications[{number}]")
            other = next((before for before in found if _overlap(before, read)), None)
            if other is not None:
                raise self.refuse(
                    f"specifications[{number}]", f"{read.gene} has two specifications for the same inheritance."
                )
            found.append(read)
        return GeneSpecifications(
            self.words(top, "name", "file", "the file"), self.words(top, "version", "file", "the file"), tuple(found)
        )

    def specification(self, told: Any, place: str) -> GeneSpecification:
        one = self.mapping(told, place, _KEYS, "a specification")
        gene = self.words(one, "gene", place, "a specification")
        modes = one.get("inheritance", [])
        if not isinstance(modes, list) or any(mode not in list(Inheritance) for mode in modes):
            raise self.refuse(
                f"{place}.inheritance",
                f"{gene}: the modes of inheritance are a list of {', '.join(Inheritance)}.",
            )
        inheritance = frozenset(Inheritance(mode) for mode in modes)
        limits = self.limits(one.get("limits", {}), f"{place}.limits", gene)
        limits |= self.credible(one.get("maximum_credible_frequency"), place, gene, inheritance)
        common = bs1_limit(GENERAL, next(iter(inheritance), None))
        self.ladders(limits, f"{place}.limits", gene, (*_LADDERS, (common, ba1_limit(next(iter(inheritance), None)))))
        return GeneSpecification(
            gene=gene,
            inheritance=inheritance,
            name=self.words(one, "name", place, gene),
            version=self.words(one, "version", place, gene),
            source=self.words(one, "source", place, gene),
            limits=limits,
            criteria=self.criteria(one.get("criteria", {}), f"{place}.criteria", gene),
        )

    def limits(self, told: Any, place: str, gene: str) -> dict[Limit, float]:
        found = {}
        for key, value in self.mapping(told, place, set(Limit), gene).items():
            limit = Limit(key)
            found[limit] = self.number(value, f"{place}.{key}", f"{gene}, {key}")
            share = any(word in unit_of(limit) for word in _SHARES)
            if found[limit] < 0 or (share and found[limit] > 1):
                between = "0 to 1" if share else "0 or more"
                raise self.refuse(f"{place}.{key}", f"{gene}, {key}: {value} is not {between}.")
        return found

    def ladders(
        self, limits: dict[Limit, float], place: str, gene: str, ladders: tuple[tuple[Limit, ...], ...]
    ) -> None:
        for ladder in ladders:
            steps = [limits.get(limit, row.value if (row := GENERAL.find(limit)) else None) for limit in ladder]
            known = [value for value in steps if value is not None]
            touched = [limit for limit in ladder if limit in limits]
            if touched and known != sorted(known):
                names = " <= ".join(limit.value for limit in ladder)
                raise self.refuse(f"{place}.{touched[0]}", f"{gene}: the limits must stand in the order {names}.")

    def credible(self, told: Any, place: str, gene: str, inheritance: frozenset[Inheritance]) -> dict[Limit, float]:
        if told is None:
            return {}
        where = f"{place}.maximum_credible_frequency"
        parts = self.mapping(told, where, _FREQUENCY_KEYS, f"{gene}, BS1")
        if len(inheritance) != 1:
            raise self.refuse(where, f"{gene}, BS1: a maximum credible frequency needs one mode of inheritance.")
        numbers = {key: self.number(value, f"{where}.{key}", f"{gene}, BS1, {key}") for key, value in parts.items()}
        if "prevalence" not in numbers:
            raise self.refuse(where, f"{gene}, BS1: the prevalence is missing.")
        try:
            value = maximum_credible_frequency(numbers.pop("prevalence"), next(iter(inheritance)), **numbers)
        except ValueError as error:
            raise self.refuse(where, f"{gene}, BS1: {error}.") from None
        return {Limit.BS1_CREDIBLE_FREQUENCY: value}

    def criteria(self, told: Any, place: str, gene: str) -> tuple[CodeRule, ...]:
        usable = {code for code in Code if CODES[code].handling is not Handling.OFF}
        found = []
        for key, value in self.mapping(told, place, usable, gene).items():
            where, who = f"{place}.{key}", f"{gene}, {key}"
            one = self.mapping(value, where, _CRITERION_KEYS, who)
            applies = one.get("applies", True)
            if not isinstance(applies, bool):
                raise self.refuse(f"{where}.applies", f"{who}: applies is true or false.")
            strength, at_most = (
                self.strength(one.get(name), f"{where}.{name}", who) for name in ("strength", "at_most")
            )
            if (strength or at_most) and (not applies or key == Code.BA1):
                raise self.refuse(where, f"{who}: no strength can be given here.")
            if strength and at_most:
                raise self.refuse(where, f"{who}: give a strength or the most it may be, not both.")
            note = one.get("note", "")
            if not isinstance(note, str):
                raise self.refuse(f"{where}.note", f"{who}: the note is text.")
            found.append(CodeRule(Code(key), applies, strength, at_most, note.strip()))
        return tuple(found)

    def strength(self, told: Any, place: str, who: str) -> Strength | None:
        if told is None:
            return None
        allowed = [one.value for one in Strength if one is not Strength.STAND_ALONE]
        if told not in allowed:
            raise self.refuse(place, f"{who}: the strength is one of {', '.join(allowed)}.")
        return Strength(told)

    def mapping(self, told: Any, place: str, keys: set[Any], who: str) -> dict[str, Any]:
        if not isinstance(told, dict):
            raise self.refuse(place, f"{who}: an object was expected.")
        unknown = sorted(str(key)[:40] for key in told if key not in keys)
        if unknown:
            raise self.refuse(f"{place}.{unknown[0]}", f"{who}: {unknown[0]!r} is not known here.")
        return told

    def words(self, told: Mapping[str, Any], key: str, place: str, who: str) -> str:
        value = told.get(key)
        if not isinstance(value, str) or not value.strip() or len(value) > 300 or not value.isprintable():
            raise self.refuse(f"{place}.{key}", f"{who}: {key} must be text of 1 to 300 characters.")
        return value.strip()

    def number(self, told: Any, place: str, who: str) -> float:
        # A whole number too large for a float is refused here as well.
        if isinstance(told, bool) or not isinstance(told, int | float) or not abs(told) < 1e300:
            raise self.refuse(place, f"{who}: a number was expected.")
        return float(told)


def _overlap(first: GeneSpecification, second: GeneSpecification) -> bool:
    if first.gene != second.gene:
        return False
    if not first.inheritance or not second.inheritance:
        return True
    return any(a.covers(b) or b.covers(a) for a in first.inheritance for b in second.inheritance)
