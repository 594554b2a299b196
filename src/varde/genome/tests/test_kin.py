"""Relations by name, and expected kinship against gene dropping through random pedigrees."""

from __future__ import annotations

import numpy as np
import pytest

from varde.genome.kin import (
    Kin,
    Related,
    expected_kinship,
    kin_of,
    on_maternal_line,
    pedigree_of_relations,
)
from varde.genome.pedigree import Pedigree, Person, Sex


def person(name: str, father: str | None = None, mother: str | None = None, sex: Sex = Sex.UNKNOWN) -> Person:
    return Person("f", name, father, mother, sex)


FAMILY = Pedigree(
    (
        person("mormor", sex=Sex.FEMALE),
        person("morfar", sex=Sex.MALE),
        person("farmor", sex=Sex.FEMALE),
        person("farfar", sex=Sex.MALE),
        person("mor", "morfar", "mormor", Sex.FEMALE),
        person("far", "farfar", "farmor", Sex.MALE),
        person("onkel", "morfar", "mormor", Sex.MALE),
        person("ny far", sex=Sex.MALE),
        person("barn", "far", "mor"),
        person("soster", "far", "mor", Sex.FEMALE),
        person("halvbror", "ny far", "mor", Sex.MALE),
        person("halvsoster", "far", "other"),
        person("other", sex=Sex.FEMALE),
        person("barnebarn", None, "soster"),
        person("sonn", "barn", None),
    )
)
RELATIONS = [
    ("barn", Kin.CHILD, 0.5),
    ("mor", Kin.MOTHER, 0.25),
    ("far", Kin.FATHER, 0.25),
    ("soster", Kin.SIBLING, 0.25),
    ("halvbror", Kin.MATERNAL_HALF_SIBLING, 0.125),
    ("halvsoster", Kin.PATERNAL_HALF_SIBLING, 0.125),
    ("mormor", Kin.MATERNAL_GRANDMOTHER, 0.125),
    ("morfar", Kin.MATERNAL_GRANDFATHER, 0.125),
    ("farmor", Kin.PATERNAL_GRANDMOTHER, 0.125),
    ("farfar", Kin.PATERNAL_GRANDFATHER, 0.125),
    ("onkel", Kin.OTHER, 0.125),
    ("barnebarn", Kin.OTHER, 0.125),
    ("sonn", Kin.OFFSPRING, 0.25),
    ("ny far", Kin.OTHER, 0.0),
]


@pytest.mark.parametrize(("name", "kin", "kinship"), RELATIONS)
def test_relations_by_name_and_number(name: str, kin: Kin, kinship: float) -> None:
    assert kin_of(FAMILY, FAMILY.person("barn"), FAMILY.person(name)) is kin
    assert expected_kinship(FAMILY, "barn", name) == expected_kinship(FAMILY, name, "barn") == kinship


def test_siblings_by_one_known_parent_are_siblings_not_half_ones() -> None:
    duo = Pedigree((person("mor", sex=Sex.FEMALE), person("a", None, "mor"), person("b", None, "mor")))
    assert kin_of(duo, duo.person("a"), duo.person("b")) is Kin.SIBLING


def test_cousins_who_marry_make_an_inbred_child() -> None:
    cousins = Pedigree(
        (
            person("x", sex=Sex.MALE), person("y", sex=Sex.FEMALE), person("u", sex=Sex.MALE),
            person("v", sex=Sex.FEMALE), person("a", "x", "y", Sex.MALE), person("b", "x", "y", Sex.FEMALE),
            person("c", "a", "v", Sex.MALE), person("d", "u", "b", Sex.FEMALE), person("e", "c", "d"),
        )
    )  # fmt: skip
    assert expected_kinship(cousins, "c", "d") == 1 / 16
    assert expected_kinship(cousins, "e", "e") == 0.5 * (1 + 1 / 16)


def test_kinship_is_what_dropped_genes_share() -> None:
    """Two alleles of each founder, dropped 20,000 times: the share of pairs alike by descent."""
    rng, times = np.random.default_rng(4), 20_000
    genes: dict[str, np.ndarray] = {}
    for number, one in enumerate(sorted(FAMILY.persons, key=lambda one: len(FAMILY.ancestors(one)))):
        copies = np.empty((times, 2), dtype=np.int64)
        for side, parent in enumerate((one.father, one.mother)):
            drawn = rng.integers(0, 2, times)
            copies[:, side] = 2 * number + side if parent is None else genes[parent][np.arange(times), drawn]
        genes[one.identifier] = copies
    for a, b in (("barn", "onkel"), ("barnebarn", "halvbror"), ("sonn", "mormor"), ("barnebarn", "farmor")):
        alike = (genes[a][:, :, None] == genes[b][:, None, :]).mean()
        assert alike == pytest.approx(expected_kinship(FAMILY, a, b), abs=0.01)


def test_the_maternal_line_goes_through_mothers_only() -> None:
    assert on_maternal_line(FAMILY, "barn", "onkel")
    assert on_maternal_line(FAMILY, "barnebarn", "mormor")
    assert not on_maternal_line(FAMILY, "barn", "far")
    assert not on_maternal_line(FAMILY, "sonn", "barn")


@pytest.mark.parametrize("missing", [None, Kin.MOTHER, Kin.FATHER])
def test_a_pedigree_of_relations_has_the_relations_it_was_made_of(missing: Kin | None) -> None:
    people = [
        Related(f"{kin.value}-{n}", kin) for kin in Kin for n in (1, 2) if n == 1 or kin in (Kin.SIBLING, Kin.OTHER)
    ]
    people = [one for one in people if one.kin is not missing]
    pedigree = pedigree_of_relations("f", people)
    proband = pedigree.persons[0]
    assert proband.identifier == "child-1"
    for one in people:
        assert kin_of(pedigree, proband, pedigree.person(one.identifier)) is one.kin
    added = set(pedigree.identifiers) - {one.identifier for one in people}
    half = {"maternal_half_sibling-1-father", "paternal_half_sibling-1-mother"}
    assert added == half | ({f"child-1-{missing.value}"} if missing else set())


def test_one_person_alone_gets_two_parents_without_data() -> None:
    pedigree = pedigree_of_relations("f", [Related("a", Kin.CHILD, Sex.MALE)])
    assert pedigree.identifiers == ("a", "a-father", "a-mother")
