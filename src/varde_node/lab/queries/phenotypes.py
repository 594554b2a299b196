"""Phenotype terms by name: in the reader's language where the node has a name in it, the others in English.

The ontology is public knowledge: nobody is asked for access.
"""

from __future__ import annotations

import re
from functools import lru_cache
from pathlib import Path

from django.conf import settings
from django.utils.functional import Promise
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _

from varde.genome.errors import InputError
from varde.interpretation.phenotype import find_terms, is_current_term, replacement_of, term_name, term_of_name
from varde.interpretation.phenotype_names import PhenotypeNames, read_phenotype_names

COMMON: dict[str, str | Promise] = {
    "HP:0001263": _("Global developmental delay"),
    "HP:0001250": _("Seizure"),
    "HP:0001249": _("Intellectual disability"),
    "HP:0000750": _("Delayed speech and language development"),
    "HP:0001270": _("Motor delay"),
    "HP:0002376": _("Developmental regression"),
    "HP:0000717": _("Autism"),
    "HP:0007018": _("Attention deficit hyperactivity disorder"),
    "HP:0001252": _("Hypotonia"),
    "HP:0001257": _("Spasticity"),
    "HP:0001251": _("Ataxia"),
    "HP:0001332": _("Dystonia"),
    "HP:0001324": _("Muscle weakness"),
    "HP:0000252": _("Microcephaly"),
    "HP:0000256": _("Macrocephaly"),
    "HP:0004322": _("Short stature"),
    "HP:0001508": _("Failure to thrive"),
    "HP:0011968": _("Feeding difficulties"),
    "HP:0001999": _("Abnormal facial shape"),
    "HP:0000365": _("Hearing impairment"),
    "HP:0000505": _("Visual impairment"),
    "HP:0000639": _("Nystagmus"),
    "HP:0000486": _("Strabismus"),
    "HP:0001627": _("Abnormal heart morphology"),
    "HP:0001638": _("Cardiomyopathy"),
    "HP:0002650": _("Scoliosis"),
    "HP:0000175": _("Cleft palate"),
    "HP:0003128": _("Lactic acidosis"),
}
"""The terms most asked for, with names in the reader's language; the others carry the ontology's English name."""

_IDENTIFIER = re.compile(r"HP:\d{7}")


def name_of(identifier: str) -> str:
    """The term's name in the reader's language where there is one, else the ontology's; the identifier if unknown."""
    own = _names().name(identifier, _language())
    return str(own or COMMON.get(identifier) or term_name(identifier) or identifier)


def search(text: str, limit: int = 12) -> list[tuple[str, str]]:
    """(identifier, name) of terms whose name holds every word of the text: the common ones, those of the node's table
    of names in the reader's language, then English ones, the shortest names first."""
    words = text.casefold().split()
    if not words:
        return []
    found = {key: str(name) for key, name in COMMON.items() if all(word in str(name).casefold() for word in words)}
    for key, label in _names().find(text, _language(), limit):
        found.setdefault(key, label)
    for term in find_terms(text, limit + len(found)):
        found.setdefault(term.identifier, term.name)
    return list(found.items())[:limit]


def read(text: str) -> str:
    """The identifier in what was written: ``HP:0001250``, ``Seizure (HP:0001250)`` or a term's whole name.

    Raises InputError ``hpo_obsolete`` naming the successor, and ``hpo`` naming the nearest terms.
    """
    found = _IDENTIFIER.search(text.upper())
    if found is not None and is_current_term(found.group()):
        return found.group()
    successor = replacement_of(found.group()) if found is not None else None
    if found is not None and successor is not None:
        raise InputError(
            "hpo_obsolete",
            gettext("{term} is no longer used.").format(term=found.group()),
            gettext("Its successor is {name} ({term}).").format(name=name_of(successor), term=successor),
            field="hpo_terms",
        )
    wanted = text.strip().casefold()
    common = next((key for key, name in COMMON.items() if str(name).casefold() == wanted), None)
    named = common or _names().term_of(text, _language()) or term_of_name(text)
    if named is not None:
        return named
    nearest = ", ".join(f"{name} ({key})" for key, name in search(text, 3)) or "Seizure (HP:0001250)"
    raise InputError(
        "hpo",
        gettext("“{text}” is no phenotype term.").format(text=text),
        gettext("Choose one from the list, for example {nearest}.").format(nearest=nearest),
        field="hpo_terms",
    )


def _language() -> str:
    return (get_language() or "en")[:2]


def _names() -> PhenotypeNames:
    path = Path(settings.PHENOTYPE_NAMES)
    return _read(path, path.stat().st_mtime_ns) if path.is_file() else _NOTHING


_NOTHING = PhenotypeNames({}, {})


@lru_cache(maxsize=2)
def _read(path: Path, _modified: int) -> PhenotypeNames:
    return read_phenotype_names(path)
