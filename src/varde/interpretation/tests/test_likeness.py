"""The phenotype's likeness against a slow reading of its definition, and what it says of itself."""

import math

import pytest

from varde.interpretation.likeness import (
    LEAST_SHARE,
    LEAST_TERMS,
    WEIGHT_OF_DISEASE,
    GeneProfile,
    Profiles,
    explain,
    ontology_profiles,
    phenotype_scores,
    phenotype_value,
)
from varde.interpretation.phenotype import disease_terms, gene_terms, with_ancestors

SEIZURE, DELAY, FEBRILE, HYPOTONIA = "HP:0001250", "HP:0001263", "HP:0002373", "HP:0001252"
HEART = "HP:0001627"


def slow_information(term: str) -> float:
    having = sum(any(term in with_ancestors(one) for one in terms) for terms in disease_terms().values())
    return -math.log(max(having, 1) / len(disease_terms()))


def slow_score(patient: tuple[str, ...], profile: tuple[str, ...]) -> float:
    worth: dict[str, float] = {}

    def of(term: str) -> float:
        return worth.setdefault(term, slow_information(term))

    def best(term: str, others: tuple[str, ...]) -> float:
        above = set().union(*(with_ancestors(one) for one in others))
        return max((of(one) for one in with_ancestors(term) & above), default=0.0)

    explained = sum(best(term, profile) for term in patient) / sum(of(term) for term in patient)
    found = sum(best(term, patient) for term in profile) / sum(of(term) for term in profile)
    return (explained + WEIGHT_OF_DISEASE * found) / (1 + WEIGHT_OF_DISEASE)


def test_the_score_is_the_slow_one():
    patient = (SEIZURE, HYPOTONIA)
    profiles = {"A": (FEBRILE, DELAY), "B": (HEART,), "C": (SEIZURE, HYPOTONIA)}
    found = Profiles([GeneProfile(gene, terms) for gene, terms in profiles.items()]).scores(patient)
    assert found == {gene: pytest.approx(slow_score(patient, terms), abs=1e-9) for gene, terms in profiles.items()}
    assert found["C"] == pytest.approx(1.0)


def test_a_genes_best_disease_counts_and_is_named():
    both = Profiles([GeneProfile("A", (HEART, SEIZURE)), GeneProfile("A", (SEIZURE,), "Epilepsy (OMIM:1)")])
    told = both.explain((SEIZURE,), "A", (HEART,))
    assert (told.disease, told.score, told.rank, told.genes) == ("Epilepsy (OMIM:1)", pytest.approx(1.0), 1, 1)
    assert told.against == ()
    assert both.scores((SEIZURE,)) == {"A": pytest.approx(1.0)}


def test_the_explanation_names_what_matched_and_what_speaks_against():
    told = Profiles([GeneProfile("A", (FEBRILE, DELAY))]).explain((SEIZURE, HEART), "A", (DELAY, HYPOTONIA))
    assert [(one.term, one.shared, one.exact) for one in told.matches] == [
        (SEIZURE, SEIZURE, True),
        (HEART, None, False),
    ]
    assert [one.share < LEAST_SHARE for one in told.matches] == [False, True]
    assert told.against == (DELAY,)
    assert told.score == pytest.approx(
        (told.patient_explained + WEIGHT_OF_DISEASE * told.disease_found) / (1 + WEIGHT_OF_DISEASE)
    )


def test_the_value_is_the_rank_among_all_genes():
    patient = (SEIZURE, DELAY, HYPOTONIA)
    scores = phenotype_scores(patient)
    told = explain(patient, "SCN1A")
    above = sum(score > scores["SCN1A"] + 1e-9 for score in scores.values())
    assert (told.rank, told.genes) == (1 + above, len(scores))
    assert phenotype_value(patient, "SCN1A") == pytest.approx(1 - math.log(1 + above) / math.log(len(scores)))
    assert all(0 <= score <= 1 for score in scores.values())


def test_excluded_terms_do_not_lower_the_score():
    plain, told = explain((SEIZURE,), "SCN1A"), explain((SEIZURE,), "SCN1A", excluded=(DELAY,))
    assert (plain.score, plain.against) == (told.score, ())
    assert told.against in ((), (DELAY,))


def test_every_disease_set_apart_lies_within_its_gene():
    genes = gene_terms()
    apart = [one for one in ontology_profiles().profiles if one.disease]
    assert len(apart) > 5000
    assert all(set(one.terms) < set(genes[one.gene]) and len(one.terms) >= LEAST_TERMS for one in apart[::50])


def test_nothing_known_has_no_explanation():
    assert explain((), "SCN1A") is None
    assert explain((SEIZURE,), "NO-SUCH-GENE") is None
    assert explain(("HP:9999999",), "SCN1A") is None
    assert Profiles([]).scores((SEIZURE,)) == {}
