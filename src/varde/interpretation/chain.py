"""A filter chain as a thing of its own: named, versioned, written as JSON, and said step by step in words.

The document is ``{"schema": 1, "name", "version", "description", "settings": {...}}``. Every setting may be left out
(its default is meant); an unknown one, or one of another type, is refused. What belongs to a case (the panel, the keys
of earlier interpretations, the genes the clinician named) is not part of a chain.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from typing import Any

from varde.annotation.severity import Impact
from varde.genome.errors import InputError
from varde.genome.message import Message, Parameter, message_of
from varde.interpretation.filters import FilterSettings, SecondAllele, SpliceWindow, Step
from varde.interpretation.inheritance import Mode
from varde.interpretation.panels import Confidence

SCHEMA = 1
LARGEST_BYTES = 100_000
_KEPT_OUT = frozenset({"rescues"})

TEXTS: Mapping[str, str] = {
    "chain.allele": "Alleles whose sequence is given.",
    "chain.child": "The child carries the allele, with a complete genotype.",
    "chain.quality": "The caller's FILTER is PASS or not set.",
    "chain.quality.off": "The caller's FILTER is not asked.",
    "chain.gate": "The child's genotype passes the gate “{gate}”: depth, genotype quality and allele balance.",
    "chain.frequency": (
        "One allele enough: at most {dominant} of the alleles and {dominant_homozygotes} people with two copies. Both "
        "alleles needed: at most {recessive} and {recessive_homozygotes} people. Asked where {alleles} alleles or more "
        "were counted. Source: slivar's recipe for rare disease and gnomAD's practice."
    ),
    "chain.frequency.outside": (
        "The same ceilings hold in every group of imported sources that has 2,000 alleles or more; the highest counts."
    ),
    "chain.region": (
        "Exons, and introns up to {acceptor} bases before an acceptor and {donor} after a donor. Source: ELLA's demo "
        "chain."
    ),
    "chain.region.off": "Introns are not cut.",
    "chain.consequence": "The most severe consequence is one of: {terms}.",
    "chain.tract": (
        "From 3 to 20 bases before an acceptor, an exchange within the pyrimidines or within the purines is dropped: "
        "the tract stays as it is. Source: ELLA's demo chain."
    ),
    "chain.tract.off": "The polypyrimidine tract is not asked.",
    "chain.panel": "Genes of the case's panel with the confidence {confidence} or higher, until all genes are opened.",
    "chain.incidental": "Findings in the laboratory's list of incidental findings, only if the patient asked for them.",
    "chain.inheritance": (
        "A mode of inheritance among: {modes}. At most {halves} alleles of a gene from one parent are paired."
    ),
    "chain.inheritance.second": (
        "The second allele of a pair may be of the impact {terms} and have a frequency of up to {recessive}."
    ),
    "chain.keep.earlier": "Never filtered: variants that the laboratory gave class 3, 4 or 5 before.",
    "chain.keep.clinvar": "Never filtered: (likely) pathogenic in ClinVar with {stars} stars or more.",
    "chain.keep.genes": (
        "Genes that the clinician named are looked at whatever the panel; quality and consequence drop nothing there."
    ),
}


@dataclass(frozen=True)
class FilterChain:
    """A chain at one version; another setting is another version."""

    name: str
    version: str
    settings: FilterSettings
    description: str = ""

    def __post_init__(self) -> None:
        if not self.name.strip() or not self.version.strip():
            raise ValueError("a filter chain has a name and a version")
        if self.settings.rescues:
            raise ValueError("the alleles of a case are not part of a chain")

    def as_text(self) -> str:
        """The chain as a JSON document with every setting written out; equal chains give equal text."""
        document = {
            "schema": SCHEMA,
            "name": self.name,
            "version": self.version,
            "description": self.description,
            "settings": settings_as_plain(self.settings),
        }
        return json.dumps(document, indent=1, sort_keys=True, ensure_ascii=False) + "\n"


def read_chain(text: str, source: str = "filter chain") -> FilterChain:
    """The chain of a JSON document. Raises InputError ``not_a_chain`` naming the field."""
    try:
        stored = json.loads(text) if len(text) <= LARGEST_BYTES else None
    except (ValueError, RecursionError):
        stored = None
    if not isinstance(stored, dict):
        raise _refusal("The text is not a JSON object of at most 100 kB.", None, source)
    if stored.get("schema") != SCHEMA:
        raise _refusal(f"The schema is {stored.get('schema')!r}, expected {SCHEMA}.", "schema", source)
    unknown = sorted(set(stored) - {"schema", "name", "version", "description", "settings"})
    if unknown:
        raise _refusal(f"A filter chain has no field {unknown[0]!r}.", unknown[0], source)
    for field in ("name", "version", "description"):
        value = stored.get(field, "")
        if not isinstance(value, str) or (field != "description" and not value.strip()):
            raise _refusal(f"{field} is a text.", field, source)
    settings = settings_from_plain(stored.get("settings", {}), source)
    return FilterChain(stored["name"].strip(), stored["version"].strip(), settings, stored.get("description", ""))


def settings_as_plain(settings: FilterSettings) -> dict[str, Any]:
    """The settings in values that JSON holds."""
    plain: dict[str, Any] = {}
    for field in fields(FilterSettings):
        if field.name not in _KEPT_OUT:
            plain[field.name] = _plain(getattr(settings, field.name))
    return plain


def settings_from_plain(plain: Any, source: str = "filter chain") -> FilterSettings:
    """Settings from their plain form. Raises InputError ``not_a_chain`` naming the field."""
    if not isinstance(plain, dict):
        raise _refusal("The settings are a JSON object.", "settings", source)
    known = {field.name for field in fields(FilterSettings)} - _KEPT_OUT
    unknown = sorted(set(plain) - known)
    if unknown:
        raise _refusal(f"There is no setting {unknown[0]!r}.", f"settings.{unknown[0]}", source)
    values: dict[str, Any] = {}
    for name, value in plain.items():
        try:
            values[name] = _READERS.get(name, _number_like(name))(value)
        except (TypeError, ValueError, KeyError) as error:
            problem = f"The setting {name} cannot be {str(value)[:60]!r} ({error})."
            raise _refusal(problem, f"settings.{name}", source) from None
    try:
        return FilterSettings(**values)
    except ValueError as error:
        raise _refusal(f"{error}.", "settings", source) from None


def explain(settings: FilterSettings) -> tuple[tuple[Step, tuple[Message, ...]], ...]:
    """What every step asks, in words with its values and source, in the order in which an allele meets them."""
    window, second = settings.splice_window, settings.second_allele
    quality = "chain.quality" if settings.require_pass else "chain.quality.off"
    told: dict[Step, list[Message]] = {
        Step.ALLELE: [_say("chain.allele")],
        Step.CHILD: [_say("chain.child")],
        Step.QUALITY: [_say(quality)],
        Step.GATE: [_say("chain.gate", gate=settings.gate)],
        Step.FREQUENCY: [
            _say(
                "chain.frequency",
                dominant=f"{settings.dominant_frequency:.3%}",
                dominant_homozygotes=settings.dominant_homozygotes,
                recessive=f"{settings.recessive_frequency:.3%}",
                recessive_homozygotes=settings.recessive_homozygotes,
                alleles=settings.minimum_alleles_counted,
            ),
            *([_say("chain.frequency.outside")] if settings.outside else []),
        ],
        Step.REGION: [
            _say("chain.region.off")
            if window is None
            else _say("chain.region", acceptor=window.acceptor, donor=window.donor)
        ],
        Step.CONSEQUENCE: [_say("chain.consequence", terms=_listed(settings.impacts, settings.terms))],
        Step.TRACT: [_say("chain.tract" if settings.drop_tract else "chain.tract.off")],
        Step.PANEL: [_say("chain.panel", confidence=settings.panel_confidence.name.lower())],
        Step.INCIDENTAL: [_say("chain.incidental")],
        Step.INHERITANCE: [
            _say(
                "chain.inheritance",
                modes=", ".join(mode.value.replace("_", " ") for mode in Mode if mode in settings.modes),
                halves=settings.halves_per_gene,
            )
        ],
    }
    if second is not None:
        told[Step.INHERITANCE].append(
            _say(
                "chain.inheritance.second",
                terms=_listed(second.impacts, second.terms),
                recessive=f"{second.recessive_frequency:.3%}",
            )
        )
    return tuple((step, tuple(messages)) for step, messages in told.items())


def explain_exceptions(settings: FilterSettings) -> tuple[Message, ...]:
    """What is never filtered, in words."""
    told = [_say("chain.keep.earlier")] if settings.keep_earlier else []
    if settings.keep_clinvar_stars is not None:
        told.append(_say("chain.keep.clinvar", stars=settings.keep_clinvar_stars))
    return (*told, *([_say("chain.keep.genes")] if settings.keep_named_genes else []))


def _say(key: str, **parameters: Parameter) -> Message:
    return message_of(TEXTS, key, **parameters)


def _listed(impacts: frozenset[str], terms: frozenset[str]) -> str:
    return ", ".join([*sorted(impacts), *(term.replace("_", " ") for term in sorted(terms))])


def _refusal(problem: str, field: str | None, source: str) -> InputError:
    return InputError("not_a_chain", problem, "Write a filter chain as the guide says.", source=source, field=field)


def _plain(value: Any) -> Any:
    if isinstance(value, frozenset):
        return sorted(str(one) for one in value)
    if isinstance(value, Confidence):
        return value.name.lower()
    if isinstance(value, SecondAllele | SpliceWindow):
        return {field.name: _plain(getattr(value, field.name)) for field in fields(value)}
    return value


def _number_like(name: str) -> Callable[[Any], Any]:
    """Reads a value of the type that the setting's default has: Boolean, whole number, number or text."""
    default = getattr(FilterSettings(), name)

    def read(value: Any) -> Any:
        if isinstance(default, bool) or isinstance(value, bool):
            if type(value) is not type(default):
                raise TypeError("of another type")
            return value
        if isinstance(default, int):
            if not isinstance(value, int):
                raise TypeError("a whole number is expected")
            return value
        if isinstance(default, float):
            return float(value) if isinstance(value, int | float) else _wrong("a number is expected")
        return value if isinstance(value, str) else _wrong("a text is expected")

    return read


def _wrong(what: str) -> Any:
    raise TypeError(what)


def _impacts(value: Any) -> frozenset[str]:
    return frozenset(Impact(one).value for one in _list(value))


def _terms(value: Any) -> frozenset[str]:
    terms = _list(value)
    if not all(isinstance(one, str) and one.replace("_", "").isalnum() and one.isascii() for one in terms):
        raise ValueError("Sequence Ontology terms are expected")
    return frozenset(terms)


def _list(value: Any) -> list[Any]:
    if not isinstance(value, list):
        raise TypeError("a list is expected")
    return value


def _second(value: Any) -> SecondAllele | None:
    if value is None:
        return None
    if not isinstance(value, dict) or set(value) - {"impacts", "terms", "recessive_frequency"}:
        raise TypeError("impacts, terms and recessive_frequency are expected")
    frequency = _number_like("recessive_frequency")(value.get("recessive_frequency", 0.01))
    if not 0 <= frequency <= 1:
        raise ValueError("a frequency is from 0 to 1")
    impacts = _impacts(value["impacts"]) if "impacts" in value else SecondAllele().impacts
    return SecondAllele(impacts, _terms(value.get("terms", [])), frequency)


def _window(value: Any) -> SpliceWindow | None:
    if value is None:
        return None
    if not isinstance(value, dict) or set(value) - {"acceptor", "donor"}:
        raise TypeError("acceptor and donor are expected")
    whole = _number_like("halves_per_gene")
    return SpliceWindow(**{name: whole(bases) for name, bases in value.items()})


_READERS: Mapping[str, Callable[[Any], Any]] = {
    "impacts": _impacts,
    "terms": _terms,
    "panel_confidence": lambda value: Confidence[str(value).upper()],
    "modes": lambda value: frozenset(Mode(one) for one in _list(value)),
    "second_allele": _second,
    "splice_window": _window,
    "keep_clinvar_stars": lambda value: None if value is None else _number_like("halves_per_gene")(value),
}
