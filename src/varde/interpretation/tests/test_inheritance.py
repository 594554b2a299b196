"""Each mode by hand, the rules that other systems broke, and the known counts of the real trio."""

from __future__ import annotations

import polars as pl
import pytest

from shared_data import shared_data
from varde.genome.builds import Build
from varde.genome.errors import InputError
from varde.genome.pedigree import Affected, Pedigree, Person, Sex, read_ped
from varde.genome.records import AlleleKind
from varde.interpretation.gate import GATES, NONE, SLIVAR, VARDE
from varde.interpretation.inheritance import (
    DOMINANT_MODES,
    PAIRED_MODES,
    Mode,
    compound_heterozygotes,
    modes,
)
from varde.quality.tests.families import call, read_with_pysam, table_of, trio_pedigree, trio_table

X = {"contig": 23, "position": 50_000_000}
PAR = {"contig": 23, "position": 100_000}
Y = {"contig": 24, "position": 20_000_000}
UNKNOWN_PARENTS = {"mother": Affected.UNKNOWN, "father": Affected.UNKNOWN}
LACKING = {"low": call("0/0", (9, 0)), "missing": call("./.")}


def found(calls, sex=Sex.MALE, gate=VARDE, pedigree=None, **site):
    """{mode: evaluated} of one row of child, mother and father."""
    status = {key: site.pop(key) for key in ("mother", "father") if key in site}
    table = trio_table(calls, **site)
    answer = modes(table, pedigree or trio_pedigree(sex, **status), Build.GRCH37, gate)
    return {Mode(mode): evaluated for mode, evaluated in answer.select("mode", "evaluated").iter_rows()}


class TestNewAlleles:
    def test_de_novo(self):
        assert found(["0/1", "0/0", "0/0"]) == {Mode.DE_NOVO: True}
        assert found(["0/1", "0/0", "0/0"], Sex.FEMALE, **X) == {Mode.DE_NOVO: True}
        assert found(["1/1", "0/0", "0/0"]) == {}

    def test_an_inherited_allele_is_not_new(self):
        assert found(["0/1", "0/1", "0/0"]) == {}
        assert found(["0/1", "0/0", "1/1"]) == {}

    @pytest.mark.parametrize(
        ("mother", "father", "expected"), [(0, 1, True), (1, 0, True), (1, 1, False), (2, 0, False)]
    )
    def test_two_alternate_reads_in_the_parents_are_too_many(self, mother, father, expected):
        calls = ["0/1", call("0/0", (200, mother)), call("0/0", (200, father))]
        assert (Mode.DE_NOVO in found(calls)) is expected
        assert (Mode.DE_NOVO in found(calls, gate=SLIVAR)) is expected
        assert Mode.DE_NOVO in found(calls, gate=NONE)

    @pytest.mark.parametrize("lacking", LACKING.values(), ids=LACKING)
    def test_a_parent_without_coverage_makes_it_possible_only(self, lacking):
        assert found(["0/1", lacking, "0/0"]) == {Mode.POSSIBLE_DE_NOVO: False}
        assert found(["0/1", "0/0", lacking]) == {Mode.POSSIBLE_DE_NOVO: False}
        assert found(["0/1", lacking, lacking]) == {Mode.POSSIBLE_DE_NOVO: False}

    def test_a_shallow_parent_that_shows_the_allele_does_not_make_it_possibly_new(self):
        assert found(["0/1", call("0/1", (4, 4)), "0/0"]) == {}

    def test_quality_that_is_not_given_makes_it_possible_only(self):
        assert found(["0/1", call("0/0", gq=None), "0/0"]) == {Mode.POSSIBLE_DE_NOVO: False}
        assert found([call("0/1", gq=None), "0/0", "0/0"]) == {Mode.POSSIBLE_DE_NOVO: False}

    def test_a_parent_of_low_quality_but_good_depth_is_a_failed_call_not_a_lacking_one(self):
        assert found(["0/1", call("0/0", gq=19), "0/0"]) == {}

    @pytest.mark.parametrize(
        ("alt", "depth", "expected"),
        [(1, 50, False), (2, 100, True), (2, 101, False), (20, 100, True), (21, 100, False)],
    )
    def test_parental_mosaicism_at_its_borders(self, alt, depth, expected):
        parent = call("0/0", (depth - alt, alt))
        answer = {Mode.PARENTAL_MOSAICISM: True} if expected else {}
        assert found(["0/1", parent, "0/0"]) == answer
        assert found(["0/1", "0/0", parent]) == answer

    def test_both_parents_mosaic_is_no_mosaicism_and_a_mosaic_fathers_x_does_not_reach_a_son(self):
        parent = call("0/0", (90, 10))
        assert found(["0/1", parent, parent]) == {}
        assert found(["1", "0/0", parent], **X) == {}
        assert found(["1", parent, "0"], **X) == {Mode.PARENTAL_MOSAICISM: True}

    def test_x_de_novo_of_a_male(self):
        assert found(["1", "0/0", "0"], **X) == {Mode.X_LINKED_DE_NOVO: True}
        assert found(["1/1", "0/0", "0/0"], **X) == {Mode.X_LINKED_DE_NOVO: True}
        assert found([call("0/1", (69, 31)), "0/0", "0"], **X) == {Mode.X_LINKED_DE_NOVO: True}
        assert found([call("0/1", (70, 30)), "0/0", "0"], **X) == {}

    def test_de_novo_on_y_asks_the_father_only(self):
        assert found(["1", "./.", "0"], **Y) == {Mode.DE_NOVO: True}
        assert found(["1", "./.", "1"], **Y) == {}
        assert found(["1", "./.", "0"], Sex.FEMALE, **Y) == {}


class TestBothAlleles:
    def test_homozygous_recessive(self):
        assert found(["1/1", "0/1", "0/1"]) == {Mode.HOMOZYGOUS_RECESSIVE: True}
        assert found(["1/1", "1/1", "0/1"]) == {}
        assert found(["0/1", "0/1", "0/1"]) == {}

    def test_an_affected_parent_may_be_homozygous(self):
        assert found(["1/1", "1/1", "0/1"], mother=Affected.AFFECTED) == {Mode.HOMOZYGOUS_RECESSIVE: True}

    def test_one_parent_without_the_allele_is_tagged_not_dropped(self):
        assert found(["1/1", "0/1", "0/0"]) == {Mode.RECESSIVE_UNIPARENTAL_HINT: True}
        assert found(["1/1", "0/0", "0/1"]) == {Mode.RECESSIVE_UNIPARENTAL_HINT: True}
        assert found(["1/1", "0/1", "0"], Sex.FEMALE, **X) == {Mode.RECESSIVE_UNIPARENTAL_HINT: True}

    def test_a_lacking_parent_cannot_be_held_against_it(self):
        assert found(["1/1", "./.", "0/1"]) == {Mode.HOMOZYGOUS_RECESSIVE: False}
        assert found(["1/1", "./.", "0/0"]) == {Mode.RECESSIVE_UNIPARENTAL_HINT: False}


class TestX:
    def test_recessive_in_a_male(self):
        assert found(["1", "0/1", "0"], **X) == {Mode.X_LINKED_RECESSIVE: True}
        assert found(["1", "0/1", "1"], **X) == {}
        assert found(["1", "1/1", "0"], **X) == {}

    @pytest.mark.parametrize(("ref", "alt", "expected"), [(24, 76, True), (25, 75, False)])
    def test_a_het_call_of_a_males_x_counts_above_three_quarters(self, ref, alt, expected):
        answer = found([call("0/1", (ref, alt)), "0/1", "0"], **X)
        assert answer == ({Mode.X_LINKED_RECESSIVE: True} if expected else {})

    def test_recessive_in_a_female(self):
        assert found(["1/1", "0/1", "1"], Sex.FEMALE, **X) == {Mode.X_LINKED_RECESSIVE_FEMALE: True}
        assert found(["1/1", "0/1", "1/1"], Sex.FEMALE, **X) == {Mode.X_LINKED_RECESSIVE_FEMALE: True}

    @pytest.mark.parametrize(
        ("position", "mode"), [(60_001, Mode.HOMOZYGOUS_RECESSIVE), (2_699_520, Mode.HOMOZYGOUS_RECESSIVE)]
    )
    def test_the_pseudoautosomal_region_is_an_autosome(self, position, mode):
        assert found(["1/1", "0/1", "0/1"], contig=23, position=position) == {mode: True}
        assert found(["0/1", "0/0", "0/0"], contig=23, position=position) == {Mode.DE_NOVO: True}
        for outside in (60_000, 2_699_521):
            assert found(["1/1", "0/1", "0"], contig=23, position=outside) == {Mode.X_LINKED_RECESSIVE: True}

    def test_a_child_of_unknown_sex_shows_both_readings_and_neither_as_certain(self):
        answer = found(["1/1", "0/1", "0"], Sex.UNKNOWN, **X)
        assert answer == {Mode.X_LINKED_RECESSIVE: False, Mode.RECESSIVE_UNIPARENTAL_HINT: False}


class TestDominant:
    def test_from_an_affected_parent(self):
        assert found(["0/1", "0/1", "0/0"], mother=Affected.AFFECTED) == {Mode.DOMINANT_INHERITED: True}
        assert found(["0/1", "0/1", "0/1"], mother=Affected.AFFECTED) == {}
        assert found(["0/1", "0/0", "0/1"], mother=Affected.AFFECTED) == {}

    def test_parents_of_unknown_affection_are_not_used_to_exclude(self):
        known = {"mother": Affected.AFFECTED, "father": Affected.UNKNOWN}
        assert found(["0/1", "0/1", "0/1"], **known) == {Mode.DOMINANT_INHERITED: True}
        assert found(["0/1", "0/1", "./."], **known) == {Mode.DOMINANT_INHERITED: True}
        assert found(["0/1", "0/1", "0/0"], **UNKNOWN_PARENTS) == {}

    def test_an_affected_father_passes_his_x_to_daughters_and_not_to_sons(self):
        father = {"father": Affected.AFFECTED}
        assert found(["0/1", "0/0", "1"], Sex.FEMALE, **father, **X) == {Mode.DOMINANT_INHERITED: True}
        assert found(["1", "0/0", "1"], Sex.MALE, **father, **X) == {}
        both = {"mother": Affected.AFFECTED, "father": Affected.AFFECTED}
        assert found(["1", "0/1", "0"], Sex.MALE, **both, **X)[Mode.DOMINANT_INHERITED] is True


def test_mitochondrial_is_any_allele_of_the_child_at_any_heteroplasmy():
    site = {"contig": 25, "position": 3243}
    assert found([call("0/1", (95, 5)), "0/0", "./."], **site) == {Mode.MITOCHONDRIAL: True}
    assert found(["1", "1", "0"], **site) == {Mode.MITOCHONDRIAL: True}
    assert found(["0/0", "1", "0"], **site) == {}


class TestOddCalls:
    """Haploid and half calls, spanning deletions, symbolic alleles."""

    def test_a_half_call_that_shows_the_allele_is_kept_as_not_evaluated(self):
        assert found(["./1", "0/0", "0/0"]) == {Mode.POSSIBLE_DE_NOVO: False}
        assert found(["./0", "0/0", "0/0"]) == {}
        assert found(["0/1", "./0", "0/0"]) == {Mode.POSSIBLE_DE_NOVO: False}
        assert found(["0/1", "./1", "0/0"]) == {}

    def test_a_haploid_call_on_an_autosome_is_of_the_only_copy(self):
        assert found(["1", "0/1", "0/1"]) == {Mode.HOMOZYGOUS_RECESSIVE: True}

    @pytest.mark.parametrize("kind", [AlleleKind.SPANNING, AlleleKind.REFERENCE])
    def test_what_is_no_allele_has_no_mode(self, kind):
        assert found(["0/1", "0/0", "0/0"], kind=int(kind)) == {}

    def test_a_symbolic_allele_is_inherited_like_any(self):
        assert found(["0/1", "0/0", "0/0"], kind=int(AlleleKind.SYMBOLIC)) == {Mode.DE_NOVO: True}


def pairs(rows, genes, pedigree=None, gate=VARDE, **site):
    """(row_a, row_b, phase, mode, evaluated) of the pairs of trio rows."""
    table = trio_table(*rows, **site)
    named = pl.DataFrame({"row": range(len(rows)), "gene": genes}, schema={"row": pl.UInt32, "gene": pl.String})
    answer = compound_heterozygotes(table, named, pedigree or trio_pedigree(), Build.GRCH37, gate)
    return answer.select("row_a", "row_b", "phase", "mode", "evaluated").rows()


MATERNAL, PATERNAL, NEW = ["0/1", "0/1", "0/0"], ["0/1", "0/0", "0/1"], ["0/1", "0/0", "0/0"]


class TestRules:
    """Defects of other systems, each with its rule."""

    def test_the_two_halves_are_never_from_the_same_parent(self):
        assert pairs([MATERNAL, MATERNAL], ["A", "A"]) == []
        assert pairs([PATERNAL, PATERNAL], ["A", "A"]) == []
        assert pairs([MATERNAL, PATERNAL], ["A", "A"]) == [(0, 1, "trans_by_parents", "compound_heterozygous", True)]

    def test_homozygous_recessive_returns_no_compound_heterozygotes_and_the_other_way_round(self):
        assert found(MATERNAL) == found(PATERNAL) == {}
        assert pairs([["1/1", "0/1", "0/1"], MATERNAL, PATERNAL], ["A"] * 3)[0][:2] == (1, 2)
        assert len(pairs([["1/1", "0/1", "0/1"], PATERNAL], ["A", "A"])) == 0

    def test_an_unaffected_sibling_removes_nothing(self):
        family = Pedigree(
            (*trio_pedigree().persons, Person("family", "sister", "father", "mother", Sex.FEMALE, Affected.UNAFFECTED))
        )
        table = table_of(
            ("child", "mother", "father", "sister"), [({}, [call(text) for text in ("1/1", "0/1", "0/1", "1/1")])]
        )
        assert modes(table, family, Build.GRCH37, VARDE)["mode"].to_list() == ["homozygous_recessive"]

    def test_a_parent_without_these_calls_does_not_make_the_trio_filter_vanish(self):
        table = trio_table(["0/1", "0/0", "0/0"], ["1/1", "0/1", "0/1"]).select_samples(["child", "mother"])
        answer = modes(table, trio_pedigree(), Build.GRCH37, VARDE)
        assert answer.drop("barrier").rows() == [(0, "possible_de_novo", False), (1, "homozygous_recessive", False)]

    def test_multi_allelic_child_with_another_allele_than_its_parents_is_new(self):
        assert found([call("0/1", (15, 15)), call("0/2", (15, 0), 30), call("0/2", (15, 0), 30)]) == {
            Mode.DE_NOVO: True
        }

    def test_parental_mosaicism_and_missing_coverage_are_modes_of_their_own(self):
        assert {Mode.PARENTAL_MOSAICISM, Mode.POSSIBLE_DE_NOVO} <= DOMINANT_MODES
        assert PAIRED_MODES.isdisjoint(DOMINANT_MODES)


class TestPairs:
    def test_pairs_stay_within_a_gene_and_a_row_may_be_in_two(self):
        assert pairs([MATERNAL, PATERNAL], ["A", "B"]) == []
        table = trio_table(MATERNAL, PATERNAL)
        genes = pl.DataFrame({"row": [0, 0, 1, 1], "gene": ["A", "B", "A", "B"]})
        answer = compound_heterozygotes(table, genes, trio_pedigree(), Build.GRCH37, VARDE)
        assert answer.select("gene", "row_a", "row_b").rows() == [("A", 0, 1), ("B", 0, 1)]

    def test_rows_without_a_gene_are_not_paired(self):
        assert pairs([MATERNAL, PATERNAL], [None, None]) == []

    def test_both_parents_het_or_one_homozygous_is_no_half(self):
        assert pairs([["0/1", "0/1", "0/1"], PATERNAL], ["A", "A"]) == []
        assert pairs([["0/1", "1/1", "0/0"], PATERNAL], ["A", "A"]) == []

    def test_one_half_may_be_new_but_not_both(self):
        assert pairs([MATERNAL, NEW], ["A", "A"]) == [(0, 1, "unknown", "compound_heterozygous_de_novo", True)]
        assert pairs([NEW, NEW], ["A", "A"]) == []

    def test_reads_place_a_new_half(self):
        phased = {"ps": 1000}
        inherited = [{**call("0|1"), **phased}, "0/1", "0/0"]
        assert pairs([inherited, [{**call("1|0"), **phased}, "0/0", "0/0"]], ["A", "A"]) == [
            (0, 1, "trans_by_reads", "compound_heterozygous_de_novo", True)
        ]
        assert pairs([inherited, [{**call("0|1"), **phased}, "0/0", "0/0"]], ["A", "A"]) == []
        other_set = [{**call("0|1"), "ps": 2000}, "0/0", "0/0"]
        assert pairs([inherited, other_set], ["A", "A"])[0][2] == "unknown"

    def test_without_parents_the_reads_decide(self):
        alone = [["0|1", "./.", "./."], ["1|0", "./.", "./."], ["0/1", "./.", "./."]]
        assert pairs(alone[:2], ["A", "A"]) == [(0, 1, "trans_by_reads", "compound_heterozygous", False)]
        assert pairs([alone[0], alone[0]], ["A", "A"]) == []
        assert pairs([alone[0], alone[2]], ["A", "A"]) == [(0, 1, "unknown", "compound_heterozygous_unphased", False)]

    def test_with_one_parent_lacking_the_other_still_speaks(self):
        from_father, not_from_father = ["0/1", "./.", "0/1"], ["0/1", "./.", "0/0"]
        assert pairs([from_father, not_from_father], ["A", "A"]) == [
            (0, 1, "unknown", "compound_heterozygous_unphased", False)
        ]
        assert pairs([from_father, from_father], ["A", "A"]) == []

    def test_two_alternates_of_one_record_are_in_trans(self):
        rows = [
            ({"record": 5, "position": 100}, [call("1/2", (0, 15), 30), call("./."), call("./.")]),
            ({"record": 5, "position": 100, "alt": "G"}, [call("2/1", (0, 15), 30), call("./."), call("./.")]),
        ]
        table = table_of(("child", "mother", "father"), rows)
        genes = pl.DataFrame({"row": [0, 1], "gene": ["A", "A"]})
        answer = compound_heterozygotes(table, genes, trio_pedigree(), Build.GRCH37, VARDE)
        assert answer.select("phase", "mode").rows() == [("trans_by_reads", "compound_heterozygous")]

    def test_a_males_only_x_has_no_pairs_but_a_females_has(self):
        assert pairs([MATERNAL, PATERNAL], ["A", "A"], **X) == []
        assert len(pairs([MATERNAL, ["0/1", "0/0", "1"]], ["A", "A"], trio_pedigree(Sex.FEMALE), **X)) == 0
        assert len(pairs([MATERNAL, ["0/1", "0/0", "0/1"]], ["A", "A"], **PAR)) == 1


class TestWhoIsExamined:
    def test_the_child_must_be_in_the_table(self):
        table = trio_table(["0/1", "0/0", "0/0"]).select_samples(["mother", "father"])
        with pytest.raises(InputError) as raised:
            modes(table, trio_pedigree(), Build.GRCH37, VARDE)
        assert raised.value.code == "child_without_data"

    def test_the_table_must_be_of_the_build(self):
        with pytest.raises(ValueError, match="GRCh37"):
            modes(trio_table(["0/1", "0/0", "0/0"]), trio_pedigree(), Build.GRCH38, VARDE)


class TestRealTrio:
    """slivar's Ashkenazi trio (HG002, HG003, HG004), chromosomes 1 and 2."""

    @pytest.mark.parametrize(("gate", "count", "passing"), [("slivar", 11, 4), ("varde", 3, 3), ("none", 31, 17)])
    def test_de_novo_counts(self, gate, count, passing):
        folder = shared_data("trio", "ashkenazi")
        table, _ = read_with_pysam(folder / "ashk-trio.vcf.gz", Build.GRCH37, ("HG002", "HG003", "HG004"))
        answer = modes(table, read_ped(folder / "ashk-trio.ped"), Build.GRCH37, GATES[gate])
        rows = answer.filter(mode="de_novo")["row"]
        assert len(rows) == count
        assert table.sites[rows.to_list()].filter(pl.col("filter") == "PASS").height == passing

    def test_labelled_compound_heterozygotes(self):
        folder = shared_data("trio", "ashkenazi")
        table, info = read_with_pysam(folder / "comphet.vcf.gz", Build.GRCH37, ("HG002", "HG004", "HG003"))
        genes = pl.DataFrame({"row": range(len(info)), "gene": [one["BCSQ"][0].split("|")[1] for one in info]})
        answer = compound_heterozygotes(table, genes, read_ped(folder / "ashk-trio.ped"), Build.GRCH37, NONE)
        paired = set(answer["row_a"]) | set(answer["row_b"])
        assert paired == {row for row, one in enumerate(info) if one["expect"][0] == "yes"}
        assert answer.select("gene", "row_a", "row_b", "mode").rows() == [
            ("geneA", 0, 1, "compound_heterozygous"),
            ("geneC", 4, 5, "compound_heterozygous_de_novo"),
            ("geneE", 8, 9, "compound_heterozygous"),
            ("geneE", 8, 10, "compound_heterozygous"),
            ("geneF", 11, 12, "compound_heterozygous"),
        ]

    def test_two_affected_siblings_share_a_compound_heterozygote(self):
        folder = shared_data("trio", "ashkenazi")
        pedigree = read_ped(folder / "comphet-test-case.ped")
        path = folder / "comphet-test-case.vcf.gz"
        table, _ = read_with_pysam(path, Build.GRCH38, ("SID_3", "SID_1", "SID_2", "SID_4"))
        genes = pl.DataFrame({"row": [0, 1], "gene": ["PPIL1", "PPIL1"]})
        for child in ("SID_3", "SID_4"):
            answer = compound_heterozygotes(table, genes, pedigree, Build.GRCH38, VARDE, child=child)
            assert answer.rows() == [("PPIL1", 0, 1, "trans_by_parents", "compound_heterozygous", True)]
        with pytest.raises(InputError) as raised:
            modes(table, pedigree, Build.GRCH38, VARDE)
        assert raised.value.code == "ambiguous_proband"
