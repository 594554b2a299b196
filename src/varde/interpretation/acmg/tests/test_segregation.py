"""Informative meioses against published chances of sharing and against gene dropping; and PP1, BS4, BP2, BP5, PP4."""

from __future__ import annotations

import math
import random

import pytest

from varde.genome.pedigree import Affected, Pedigree, Person, Sex
from varde.interpretation.acmg.criterion import State, Strength
from varde.interpretation.acmg.evidence import (
    Evidence,
    Inheritance,
    PartnerAllele,
    Phase,
    PhenotypeFit,
    PhenotypeMatch,
    Segregation,
)
from varde.interpretation.acmg.family import evaluate_bp2, evaluate_bp5, evaluate_pp4, evaluate_segregation
from varde.interpretation.acmg.rules import GENERAL
from varde.interpretation.acmg.segregation import UNREAD_AT_MOST, informative_meioses, segregation_of

AD, AR, XL, MT = (
    Inheritance.AUTOSOMAL_DOMINANT,
    Inheritance.AUTOSOMAL_RECESSIVE,
    Inheritance.X_LINKED,
    Inheritance.MITOCHONDRIAL,
)
F, M = Sex.FEMALE, Sex.MALE
MET, NOT_MET, OPEN = State.MET, State.NOT_MET, State.NOT_EVALUATED


def person(name: str, father: str | None, mother: str | None, sex: Sex, affected: bool | None = None) -> Person:
    state = {None: Affected.UNKNOWN, True: Affected.AFFECTED, False: Affected.UNAFFECTED}[affected]
    return Person("fam", name, father, mother, sex, state)


# Two grandparents, a daughter and a son of theirs with spouses, and cousins: ids by generation.
FAMILY = Pedigree(
    (
        person("g1", None, None, M),
        person("g2", None, None, F, True),
        person("m", "g1", "g2", F, True),
        person("f", None, None, M, False),
        person("u", "g1", "g2", M, True),
        person("w", None, None, F, False),
        person("p", "f", "m", M, True),
        person("s", "f", "m", F, True),
        person("c", "u", "w", F, True),
        person("n", "f", "m", M, False),
    )
)


@pytest.mark.parametrize(
    ("seen", "meioses"),
    [
        ({"m": True}, 1),
        ({"s": True}, 1),
        ({"g2": True}, 2),
        ({"u": True}, 2),
        ({"c": True}, 3),
        ({"m": True, "g2": True, "u": True, "c": True}, 4),
        ({"m": True, "s": True}, 2),
        ({"n": False}, 1),
        ({"s": True, "n": False}, 2),
        ({}, 0),
    ],
)
def test_dominant_families(seen, meioses):
    """A first-degree relative shares a rare variant with chance 1/2, an uncle 1/4, a first cousin 1/8."""
    assert informative_meioses(FAMILY, "p", seen, AD) == pytest.approx(meioses)


@pytest.mark.parametrize(
    ("seen", "meioses"),
    [
        ({"m": True}, 0),
        ({"s": True}, 1),
        ({"u": True}, 2),
        ({"g2": True}, 1),
    ],
)
def test_x_linked_families(seen, meioses):
    """A boy has his X of his mother: her carrying it says nothing; hers came from either grandparent."""
    assert informative_meioses(FAMILY, "p", seen, XL) == pytest.approx(meioses)


def test_recessive_sibs():
    """Both copies in a full sib: 1 in 4, 2 meioses; not both: 3 in 4. Cousins are not counted."""
    assert informative_meioses(FAMILY, "p", {"s": True}, AR) == 2
    assert informative_meioses(FAMILY, "p", {"n": False}, AR) == pytest.approx(0.41504, abs=1e-5)
    assert informative_meioses(FAMILY, "p", {"c": True}, AR) == 0
    assert informative_meioses(FAMILY, "p", {"s": True}, MT) is None


def dropped(pedigree: Pedigree, proband: str, seen: dict[str, bool], rounds: int, inheritance: Inheritance) -> float:
    """The same by dropping one founder's allele through the pedigree many times: a slow and independent count."""
    draw = random.Random(11)
    founders = [p.identifier for p in pedigree.persons if p.father is None]
    copies = [1 if inheritance is XL and pedigree.person(name).sex is M else 2 for name in founders]
    both = alone = 0
    for _ in range(rounds):
        carried = set(draw.choices(founders, copies))
        for p in pedigree.persons:
            if p.father is None:
                continue
            from_mother = p.mother in carried and draw.random() < 0.5
            if inheritance is XL:
                from_father = p.father in carried and p.sex is F
            else:
                from_father = p.father in carried and draw.random() < 0.5
            if from_mother or from_father:
                carried.add(p.identifier)
        if proband in carried:
            alone += 1
            both += all((name in carried) is value for name, value in seen.items())
    return -math.log2(both / alone)


@pytest.mark.parametrize("inheritance", [AD, XL])
@pytest.mark.parametrize("seen", [{"c": True}, {"s": True, "n": False}, {"u": True, "n": False, "s": False}])
def test_against_gene_dropping(seen, inheritance):
    exact = informative_meioses(FAMILY, "s" if "s" not in seen else "p", seen, inheritance)
    slow = dropped(FAMILY, "s" if "s" not in seen else "p", seen, 40_000, inheritance)
    assert exact == pytest.approx(slow, abs=0.15)


def test_parents_who_are_cousins():
    """In a loop a child of two carriers misses the variant with chance 1/4: against gene dropping."""
    loop = Pedigree(
        (*FAMILY.persons, person("k", "p", "c", F, True), person("l", "p", "c", M, True)),
    )
    assert informative_meioses(loop, "k", {"l": True}, AD) == pytest.approx(
        dropped(loop, "k", {"l": True}, 60_000, AD), abs=0.1
    )


def test_a_family_too_large_or_not_read_is_not_counted():
    line = [person("f0", None, None, M)]
    for number in range(1, UNREAD_AT_MOST + 2):
        line += [person(f"w{number}", None, None, F), person(f"f{number}", f"f{number - 1}", f"w{number}", M)]
    long = Pedigree((*line, person("x", None, None, M)))
    assert informative_meioses(long, f"f{UNREAD_AT_MOST + 1}", {"f0": True}, AD) is None
    assert segregation_of(FAMILY, "p", {}, AD) is None
    assert segregation_of(FAMILY, "p", {"p": True, "g1": True}, AD) is None


def test_what_a_family_shows():
    seen = {"p": True, "m": True, "s": True, "u": False, "n": True, "f": False}
    found = segregation_of(FAMILY, "p", seen, AD)
    assert found == Segregation(2, affected_without=1, unaffected_with=1, source="pedigree")
    seen = {"p": True, "m": True, "s": True, "u": True, "c": True, "n": False, "f": False}
    assert segregation_of(FAMILY, "p", seen, AD).meioses == pytest.approx(4)
    assert segregation_of(FAMILY, "p", seen, AD, full_penetrance=True).meioses == pytest.approx(5)


@pytest.mark.parametrize(
    ("found", "penetrance", "pp1", "bs4"),
    [
        (Segregation(2.99, 0, 0, "x"), None, None, None),
        (Segregation(3, 0, 0, "x"), None, Strength.SUPPORTING, None),
        (Segregation(5, 0, 3, "x"), None, Strength.MODERATE, None),
        (Segregation(7, 0, 0, "x"), True, Strength.STRONG, None),
        (Segregation(7, 1, 0, "x"), None, None, Strength.STRONG),
        (Segregation(7, 0, 1, "x"), True, None, Strength.STRONG),
    ],
)
def test_pp1_and_bs4_are_suggested(found, penetrance, pp1, bs4):
    evidence = Evidence(segregation=found, full_penetrance_early_onset=penetrance)
    judged = evaluate_segregation(evidence, GENERAL)
    assert [one.suggested for one in judged] == [pp1, bs4]
    assert [one.state for one in judged] == [OPEN if s else NOT_MET for s in (pp1, bs4)]


def partner(acmg_class: int | None, phase: Phase) -> PartnerAllele:
    return PartnerAllele(acmg_class, phase)


@pytest.mark.parametrize(
    ("mode", "partners", "state"),
    [
        (AD, (partner(5, Phase.IN_TRANS),), MET),
        (AR, (partner(5, Phase.IN_TRANS),), NOT_MET),
        (AR, (partner(5, Phase.IN_CIS),), MET),
        (AD, (partner(4, Phase.IN_CIS),), NOT_MET),
        (AD, (partner(5, Phase.UNPHASED),), OPEN),
        (AD, (), NOT_MET),
        (AD, None, OPEN),
        (None, (), OPEN),
    ],
)
def test_bp2(mode, partners, state):
    assert evaluate_bp2(Evidence(inheritance=mode, partners=partners), GENERAL).state is state


def test_bp5_is_suggested_where_the_case_is_explained():
    assert evaluate_bp5(Evidence(), GENERAL).missing == ("other_cause",)
    assert evaluate_bp5(Evidence(other_cause=False), GENERAL).state is NOT_MET
    assert evaluate_bp5(Evidence(other_cause=True), GENERAL).suggested is Strength.SUPPORTING


@pytest.mark.parametrize(
    ("fit", "match", "suggested", "state"),
    [
        (PhenotypeFit.SPECIFIC, None, True, OPEN),
        (PhenotypeFit.CONSISTENT, PhenotypeMatch(1, 0, "hpo"), False, NOT_MET),
        (None, PhenotypeMatch(0.8, 0, "hpo"), True, OPEN),
        (None, PhenotypeMatch(0.9, 1, "hpo"), False, NOT_MET),
        (None, PhenotypeMatch(0.79, 0, "hpo"), False, NOT_MET),
        (None, None, False, OPEN),
    ],
)
def test_pp4_is_suggested_by_a_person_s_word_or_a_match_without_rivals(fit, match, suggested, state):
    found = evaluate_pp4(Evidence(phenotype_fit=fit, phenotype_match=match), GENERAL)
    assert (found.state, found.suggested is Strength.SUPPORTING) == (state, suggested)
