"""The coarse disease group, on the ontology itself."""

from __future__ import annotations

import pytest

from varde.frequency.cells import DiseaseGroup
from varde.interpretation.disease_group import BRANCHES, disease_group
from varde.interpretation.phenotype import is_current_term, with_ancestors


@pytest.mark.parametrize(
    ("terms", "group"),
    [
        (["HP:0001249"], DiseaseGroup.DEVELOPMENT),  # intellectual disability: also of the nervous system
        (["HP:0001250", "HP:0001251"], DiseaseGroup.NEUROLOGY),  # seizure, ataxia
        (["HP:0001263", "HP:0001638", "HP:0001639"], DiseaseGroup.HEART),  # most of the terms
        (["HP:0001638", "HP:0001263"], DiseaseGroup.DEVELOPMENT),  # as many of each: the order of the branches
        (["HP:0000365"], DiseaseGroup.EYE_EAR),  # hearing impairment
        (["HP:0002664"], DiseaseGroup.CANCER),
        (["HP:0001252"], DiseaseGroup.OTHER),  # hypotonia: of the muscles
        ([], DiseaseGroup.UNSPECIFIED),
        (["HP:9999999", "seizure"], DiseaseGroup.UNSPECIFIED),
    ],
)
def test_the_group_that_most_terms_lie_in(terms, group):
    assert disease_group(terms) is group
    assert disease_group(reversed(terms)) is group


def test_the_branches_are_terms_of_the_ontology():
    assert [branch for branch in BRANCHES if not is_current_term(branch)] == []
    assert with_ancestors("HP:0001263") >= {"HP:0001263", "HP:0012759", "HP:0000707", "HP:0000118", "HP:0000001"}
