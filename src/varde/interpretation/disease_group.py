"""The coarse disease group of an examination, from the patient's phenotype terms."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping

from varde.frequency.cells import DiseaseGroup
from varde.interpretation.phenotype import with_ancestors

BRANCHES: Mapping[str, DiseaseGroup] = {
    "HP:0002664": DiseaseGroup.CANCER,  # Neoplasm
    "HP:0012759": DiseaseGroup.DEVELOPMENT,  # Neurodevelopmental abnormality
    "HP:0000729": DiseaseGroup.DEVELOPMENT,  # Autistic behavior
    "HP:0000707": DiseaseGroup.NEUROLOGY,  # Abnormality of the nervous system
    "HP:0001626": DiseaseGroup.HEART,  # Abnormality of the cardiovascular system
    "HP:0001939": DiseaseGroup.METABOLISM,  # Abnormality of metabolism/homeostasis
    "HP:0000077": DiseaseGroup.KIDNEY,  # Abnormality of the kidney
    "HP:0000478": DiseaseGroup.EYE_EAR,  # Abnormality of the eye
    "HP:0000598": DiseaseGroup.EYE_EAR,  # Abnormality of the ear
    "HP:0002715": DiseaseGroup.IMMUNE_BLOOD,  # Abnormality of the immune system
    "HP:0001871": DiseaseGroup.IMMUNE_BLOOD,  # Abnormality of blood and blood-forming tissues
}
"""Branches of the Human Phenotype Ontology; the first that a term lies in decides."""


def disease_group(terms: Iterable[str]) -> DiseaseGroup:
    """The group that most of the terms lie in, of equally many the first of ``BRANCHES``.

    Terms of no branch are ``OTHER``; without terms, or with unknown ones alone, the group is ``UNSPECIFIED``.

    >>> disease_group(["HP:0001263", "HP:0001250"])
    <DiseaseGroup.DEVELOPMENT: 'development'>
    """
    votes = Counter(_group(above) for above in map(with_ancestors, terms) if above)
    if not votes:
        return DiseaseGroup.UNSPECIFIED
    order = [*dict.fromkeys(BRANCHES.values()), DiseaseGroup.OTHER]
    return max(votes, key=lambda group: (votes[group], -order.index(group)))


def _group(above: frozenset[str]) -> DiseaseGroup:
    return next((group for branch, group in BRANCHES.items() if branch in above), DiseaseGroup.OTHER)
