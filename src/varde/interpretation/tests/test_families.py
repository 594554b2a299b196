"""Families of every shape from VCF to ranked candidates, and what relatives say of an allele, with its reason."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from varde.annotation.tests.toy import make_reference
from varde.genome.builds import Build
from varde.genome.errors import InputError
from varde.genome.kin import Kin
from varde.genome.pedigree import Affected, Pedigree, Person, Sex
from varde.interpretation.analysis import PreparedCase, filter_case, prepare
from varde.interpretation.tests.test_analysis import MISSENSE, STOP, fell, found, write_vcf

AFFECTED, UNAFFECTED, UNKNOWN = Affected.AFFECTED, Affected.UNAFFECTED, Affected.UNKNOWN


def person(name, parents=(None, None), sex=Sex.MALE, affected=UNAFFECTED):
    father, mother = parents
    return Person("f", name, father, mother, sex, affected)


CHILD = person("child", ("father", "mother"), affected=AFFECTED)
MOTHER, FATHER = person("mother", sex=Sex.FEMALE), person("father")
TRIO = (CHILD, MOTHER, FATHER)


@pytest.fixture(scope="module")
def reference(tmp_path_factory):
    return make_reference(tmp_path_factory.mktemp("toy"))


def case_of(tmp_path, persons, rows, samples=None, **options):
    names = samples or tuple(one.identifier for one in persons)
    vcf = write_vcf(tmp_path / "family.vcf", rows, names)
    options = {"build": Build.GRCH38, **options} if "reference" not in options else options
    return prepare([vcf], Pedigree(tuple(persons)), **options)


class TestShapes:
    def test_one_person_alone(self, tmp_path, reference):
        rows = [(STOP, ("0/1",)), (MISSENSE, ("0/1",))]
        case = case_of(tmp_path, [person("child", affected=AFFECTED)], rows, reference=reference)
        outcome = filter_case(case)
        assert case.members == ("child", None, None)
        assert case.alleles["mother_gt"].to_list() == [None, None]
        assert sorted(found(outcome)) == [
            ("PLUS", "compound_heterozygous_unphased", 2),
            ("PLUS", "possible_de_novo", 1),
            ("PLUS", "possible_de_novo", 1),
        ]
        assert not any(one.evaluated for one in outcome.candidates)
        assert "parent" in outcome.not_evaluated

    def test_a_child_and_one_parent(self, tmp_path, reference):
        rows = [(STOP, ("0/1", "0/1")), (MISSENSE, ("0/1", "0/0"))]
        child = person("child", (None, "mother"), affected=AFFECTED)
        case = case_of(tmp_path, [child, MOTHER], rows, reference=reference)
        assert case.members == ("child", "mother", None)
        assert sorted(found(filter_case(case))) == [
            ("PLUS", "compound_heterozygous_unphased", 2),
            ("PLUS", "possible_de_novo", 1),
        ]

    def test_a_parent_in_the_pedigree_who_was_not_sequenced(self, tmp_path, reference):
        rows = [(STOP, ("0/1", "0/1"))]
        with pytest.raises(InputError) as raised:
            case_of(tmp_path, TRIO, rows, ("child", "mother"), reference=reference)
        assert raised.value.code == "missing_samples"
        case = case_of(tmp_path, TRIO, rows, ("child", "mother"), reference=reference, allow_unsequenced=True)
        assert case.members == ("child", "mother", None)
        assert [(one.person.identifier, one.kin, one.column) for one in case.family] == [
            ("child", Kin.CHILD, "child"),
            ("mother", Kin.MOTHER, "mother"),
            ("father", Kin.FATHER, None),
        ]

    def test_relatives_have_columns_and_survive_a_folder(self, tmp_path):
        persons = [
            person("granny", sex=Sex.FEMALE, affected=UNKNOWN),
            person("mother", (None, "granny"), Sex.FEMALE),
            FATHER,
            person("sister", ("father", "mother"), Sex.FEMALE),
            CHILD,
        ]
        case = case_of(tmp_path, persons, [(STOP, ("0/1", "0/1", "0/0", "0/1", "0/1"))])
        assert [(one.person.identifier, one.kin, one.column) for one in case.family] == [
            ("child", Kin.CHILD, "child"),
            ("mother", Kin.MOTHER, "mother"),
            ("father", Kin.FATHER, "father"),
            ("granny", Kin.MATERNAL_GRANDMOTHER, "relative_1"),
            ("sister", Kin.SIBLING, "relative_2"),
        ]
        row = case.alleles.row(0, named=True)
        assert [row[f"relative_2_{name}"] for name in ("gt", "ad_ref", "ad_alt", "dp", "gq", "ab", "gate")] == [
            "0/1", 15, 15, 30, 99, 0.5, 1,
        ]  # fmt: skip
        case.save(tmp_path / "case")
        loaded = PreparedCase.load(tmp_path / "case")
        assert (loaded.family, loaded.refuted) == (case.family, case.refuted)
        assert loaded.pedigree.parents(loaded.pedigree.person("mother")) == (persons[0], None)

    def test_the_examined_person_must_have_data(self, tmp_path):
        with pytest.raises(InputError) as raised:
            case_of(tmp_path, TRIO, [(STOP, ("0/1", "0/0"))], ("mother", "father"), allow_unsequenced=True)
        assert raised.value.code == "child_without_data"


SIBLING = person("sib", ("father", "mother"), Sex.FEMALE)


def reason(tmp_path, calls, others, site=STOP):
    """The trace of one allele in a trio with others."""
    case = case_of(tmp_path, [*TRIO, *others], [(site, calls)])
    return fell(filter_case(case), site)[:3]


class TestRelatives:
    def test_an_unaffected_sibling_with_both_copies_removes_with_a_name(self, tmp_path):
        assert reason(tmp_path, ("1/1", "0/1", "0/1", "1/1"), [SIBLING]) == (
            "inheritance",
            "relative",
            "sib (unaffected sibling) has no other copy: 1/1",
        )
        assert reason(tmp_path, ("1/1", "0/1", "0/1", "0/1"), [SIBLING])[0] == "kept"

    def test_a_new_allele_that_a_healthy_sibling_has_too(self, tmp_path):
        assert reason(tmp_path, ("0/1", "0/0", "0/0", "0/1"), [SIBLING])[2] == (
            "sib (unaffected sibling) has it once: 0/1"
        )

    def test_an_affected_sibling_without_it(self, tmp_path):
        ill = person("sib", ("father", "mother"), Sex.FEMALE, AFFECTED)
        persons = [*TRIO, ill]
        case = case_of(tmp_path, persons, [(STOP, ("0/1", "0/0", "0/0", "0/0"))], child="child")
        assert fell(filter_case(case), STOP)[1:3] == ("relative", "sib (affected sibling) does not have it: 0/0")

    @pytest.mark.parametrize("sibling", ["./.", "0/1:4,4:8:99", "1/1:0,30:30:5"])
    def test_a_sibling_of_unknown_affection_or_without_a_good_call_removes_nothing(self, tmp_path, sibling):
        calls = ("1/1", "0/1", "0/1", sibling)
        case = case_of(tmp_path, [*TRIO, SIBLING], [(STOP, calls)])
        (candidate,) = filter_case(case).candidates
        assert (candidate.mode.value, candidate.evaluated) == ("homozygous_recessive", False)
        unsaid = person("sib", ("father", "mother"), Sex.FEMALE, UNKNOWN)
        case = case_of(tmp_path, [*TRIO, unsaid], [(STOP, ("1/1", "0/1", "0/1", "1/1"))])
        assert [one.evaluated for one in filter_case(case).candidates] == [True]

    def test_a_healthy_sibling_with_both_halves_removes_the_pair_and_with_one_does_not(self, tmp_path, reference):
        persons = [*TRIO, SIBLING]
        both = [(STOP, ("0/1", "0/1", "0/0", "0/1")), (MISSENSE, ("0/1", "0/0", "0/1", "0/1"))]
        outcome = filter_case(case_of(tmp_path, persons, both, reference=reference))
        assert found(outcome) == []
        for site in (STOP, MISSENSE):
            assert fell(outcome, site)[1:3] == ("relative", "sib (unaffected sibling) has both halves: 0/1")
        one = [both[0], (MISSENSE, ("0/1", "0/0", "0/1", "0/0"))]
        assert found(filter_case(case_of(tmp_path, persons, one, reference=reference))) == [
            ("PLUS", "compound_heterozygous", 2)
        ]

    def test_dominant_over_generations(self, tmp_path):
        granny = person("granny", sex=Sex.FEMALE, affected=AFFECTED)
        mother = person("mother", (None, "granny"), Sex.FEMALE, AFFECTED)
        aunt = person("aunt", (None, "granny"), Sex.FEMALE)
        persons = [CHILD, mother, FATHER, granny, aunt]
        case = case_of(tmp_path, persons, [(STOP, ("0/1", "0/1", "0/0", "0/1", "0/0"))], child="child")
        assert found(filter_case(case)) == [(None, "dominant_inherited", 1)]
        case = case_of(tmp_path, persons, [(STOP, ("0/1", "0/1", "0/0", "0/1", "0/1"))], child="child")
        assert fell(filter_case(case), STOP)[2] == "aunt (unaffected other) has it once: 0/1"
        case = case_of(tmp_path, persons, [(STOP, ("0/1", "0/1", "0/0", "0/0", "0/0"))], child="child")
        assert fell(filter_case(case), STOP)[2] == "granny (affected maternal grandmother) does not have it: 0/0"

    def test_dominant_through_a_parent_who_was_not_sequenced(self, tmp_path):
        granny = person("granny", sex=Sex.FEMALE, affected=AFFECTED)
        mother = person("mother", (None, "granny"), Sex.FEMALE, UNKNOWN)
        persons, rows = [CHILD, mother, FATHER, granny], [(STOP, ("0/1", "0/0", "0/1"))]
        names = ("child", "father", "granny")
        case = case_of(tmp_path, persons, rows, names, child="child", allow_unsequenced=True)
        modes = case.modes.rows()
        assert modes == [
            (0, "dominant_inherited", False, None),
            (0, "possible_de_novo", False, None),
        ]


def many_rows(people, sites=1200, seed=3):
    """Well-called rows of unlinked SNVs for a family given by Mendel's laws; ``people``: name -> (father, mother)."""
    draw = np.random.default_rng(seed)
    dose = {}
    for name, (father, mother) in people.items():
        halves = [
            draw.integers(0, 2, sites) if parent is None else dose[parent][draw.integers(0, 2, sites), np.arange(sites)]
            for parent in (father, mother)
        ]
        dose[name] = np.stack(halves)
    text = np.array(["0/0", "0/1", "1/1"])
    columns = [text[one.sum(axis=0)] for one in dose.values()]
    return [
        (("2", 1000 + 10 * number, "A", "C", "PASS"), tuple(str(call) for call in calls))
        for number, calls in enumerate(zip(*columns, strict=True))
    ]


class TestIdentity:
    def test_a_declared_parent_refuted_by_genotypes_leaves_the_modes_not_evaluated(self, tmp_path):
        people = {"mother": (None, None), "father": (None, None), "true": (None, None), "child": ("true", "mother")}
        rows = [(site, (calls[3], calls[0], calls[1])) for site, calls in many_rows(people)]
        rows.append((STOP, ("0/1", "0/0", "0/0")))
        case = case_of(tmp_path, TRIO, rows)
        assert case.refuted == {"father": "kinship"}
        assert case.quality.stops_sign_off
        of_stop = case.alleles.filter(pl.col("position") == STOP[1])["row"][0]
        assert case.modes.filter(row=of_stop).rows() == [(of_stop, "possible_de_novo", False, None)]
        assert not case.modes["evaluated"].any()
        assert "identity" in filter_case(case).not_evaluated
        true = [(site, (calls[3], calls[0], calls[2])) for site, calls in many_rows(people)]
        true.append((STOP, ("0/1", "0/0", "0/0")))
        right = case_of(tmp_path, TRIO, true)
        assert right.refuted == {}
        of_stop = right.alleles.filter(pl.col("position") == STOP[1])["row"][0]
        assert right.modes.filter(row=of_stop).rows() == [(of_stop, "de_novo", True, None)]
        assert "identity" not in filter_case(right).not_evaluated

    def test_a_sibling_of_other_parents_is_not_asked(self, tmp_path):
        people = {"mother": (None, None), "father": (None, None), "child": ("father", "mother"), "sib": (None, None)}
        rows = [(site, (calls[2], calls[0], calls[1], calls[3])) for site, calls in many_rows(people)]
        rows.append((STOP, ("1/1", "0/1", "0/1", "1/1")))
        case = case_of(tmp_path, [*TRIO, SIBLING], rows)
        assert case.refuted == {"sib": "kinship"}
        of_stop = case.alleles.filter(pl.col("position") == STOP[1])["row"][0]
        assert case.modes.filter(row=of_stop).rows() == [(of_stop, "homozygous_recessive", False, None)]

    def test_swapped_parents_are_seen_by_their_sex(self, tmp_path):
        x = [
            (("X", 20_000_000 + number, "A", "C", "PASS"), ("0/1", "0/1" if number % 2 else "1/1", "1/1"))
            for number in range(60)
        ]
        child = person("child", ("father", "mother"), Sex.FEMALE, AFFECTED)
        right = case_of(tmp_path, [child, MOTHER, FATHER], x)
        assert right.refuted == {}
        swapped = case_of(tmp_path, [child, MOTHER, FATHER], [(site, (k, f, m)) for site, (k, m, f) in x])
        assert swapped.refuted == {"mother": "sex", "father": "sex"}
        reasons = swapped.quality.reasons
        assert [one.split(":")[0] for one in reasons] == ["mother", "father"]
        assert all("swapped sample or pedigree" in one for one in reasons)
