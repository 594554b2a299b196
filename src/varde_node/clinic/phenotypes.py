"""Phenotype terms as the clinic names them: those most asked for in the reader's language, the others in English."""

from __future__ import annotations

import re

from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from varde.genome.errors import InputError
from varde.interpretation.phenotype import find_terms, is_current_term, term_name, term_of_name

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
    return str(COMMON.get(identifier) or term_name(identifier) or identifier)


def search(text: str, limit: int = 12) -> list[tuple[str, str]]:
    """(identifier, name) of terms whose name holds every word of the text: the common ones, then the shortest names."""
    words = text.casefold().split()
    if not words:
        return []
    common = [(key, str(name)) for key, name in COMMON.items() if all(word in str(name).casefold() for word in words)]
    taken = {key for key, _name in common}
    others = [(term.identifier, term.name) for term in find_terms(text, limit + len(taken))]
    return (common + [one for one in others if one[0] not in taken])[:limit]


def read(text: str) -> str:
    """The identifier in what was written: ``HP:0001250``, ``Seizure (HP:0001250)`` or a term's whole name.

    Raises InputError ``hpo`` naming the nearest terms.
    """
    found = _IDENTIFIER.search(text.upper())
    if found is not None and is_current_term(found.group()):
        return found.group()
    wanted = text.strip().casefold()
    common = next((key for key, name in COMMON.items() if str(name).casefold() == wanted), None)
    named = common or term_of_name(text)
    if named is not None:
        return named
    nearest = ", ".join(f"{name} ({key})" for key, name in search(text, 3)) or "Seizure (HP:0001250)"
    raise InputError(
        "hpo",
        gettext("“{text}” is no phenotype term.").format(text=text),
        gettext("Choose one from the list, for example {nearest}.").format(nearest=nearest),
        field="hpo_terms",
    )
