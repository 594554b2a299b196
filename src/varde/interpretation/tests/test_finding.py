"""What the chain drops and spares beyond its first steps, the search of its trace, and two runs held together."""

from __future__ import annotations

from dataclasses import replace

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from varde.interpretation.analysis import filter_case, prepare
from varde.interpretation.comparison import compare_outcomes
from varde.interpretation.filters import FilterSettings, Rescue, SecondAllele, SpliceWindow, Step, Withheld
from varde.interpretation.tests.test_analysis import (
    INTRON,
    MINUS_MISSENSE,
    MISSENSE,
    STOP,
    STORY,
    SYNONYMOUS,
    fell,
    panel,
    reference,  # noqa: F401
    write_vcf,
)
from varde.interpretation.trace_search import KEPT, TraceQuery, search_trace
from varde.quality.tests.families import trio_pedigree


@pytest.fixture(scope="module")
def case(tmp_path_factory, reference):  # noqa: F811
    vcf = write_vcf(tmp_path_factory.mktemp("family") / "family.vcf", STORY)
    return prepare([vcf], trio_pedigree(), reference=reference)


def with_columns(case, site, **values):
    """The case with other values at one allele."""
    here = (pl.col("position") == site[1]) & (pl.col("alt") == site[3])
    changed = {
        name: pl.when(here).then(pl.lit(value, case.alleles.schema[name])).otherwise(name)
        for name, value in values.items()
    }
    return replace(case, alleles=case.alleles.with_columns(**changed))


class TestRegionAndTract:
    def test_an_intron_is_cut_at_the_window(self, case):
        near = with_columns(case, INTRON, splice_site="acceptor", splice_distance=20)
        far = with_columns(case, INTRON, splice_site="acceptor", splice_distance=21)
        asked = FilterSettings(impacts=frozenset({"HIGH", "MODIFIER"}))
        assert fell(filter_case(near, asked), INTRON)[0] == "kept"
        assert fell(filter_case(far, asked), INTRON)[:4] == (
            "region", "splice_window", "21 bases from the acceptor", "[-20, +6]",
        )  # fmt: skip
        donor = with_columns(case, INTRON, splice_site="donor", splice_distance=7)
        assert fell(filter_case(donor, asked), INTRON)[0] == "region"
        wide = replace(asked, splice_window=SpliceWindow(20, 7))
        assert fell(filter_case(donor, wide), INTRON)[0] == "kept"

    @pytest.mark.parametrize(
        ("change", "distance", "outcome"),
        [("CT", 3, "tract"), ("AG", 20, "tract"), ("CT", 2, "kept"), ("CA", 10, "kept"), ("GT", 5, "kept")],
    )
    def test_a_tract_that_stays_a_tract_is_dropped(self, case, change, distance, outcome):
        made = with_columns(case, INTRON, splice_site="acceptor", splice_distance=distance)
        here = pl.col("position") == INTRON[1]
        bases = {
            name: pl.when(here).then(pl.lit(base)).otherwise(name)
            for name, base in zip(("ref", "alt"), change, strict=True)
        }
        made = replace(made, alleles=made.alleles.with_columns(**bases))
        asked = FilterSettings(impacts=frozenset({"HIGH", "MODIFIER"}), drop_tract=True)
        assert fell(filter_case(made, asked), (*INTRON[:3], change[1]))[0] == outcome


class TestOutsideFrequency:
    def test_the_highest_group_is_held_against_the_same_ceilings(self, case):
        common = with_columns(case, MINUS_MISSENSE, outside_popmax=0.02)
        assert fell(filter_case(common), MINUS_MISSENSE)[:4] == (
            "frequency", "outside_frequency", "0.02", "<= 0.005 in every group",
        )  # fmt: skip
        assert fell(filter_case(common, FilterSettings(outside=False)), MINUS_MISSENSE)[0] == "kept"
        people = with_columns(case, MINUS_MISSENSE, outside_popmax=0.001, outside_nhomalt=11)
        assert fell(filter_case(people), MINUS_MISSENSE)[:3] == ("frequency", "outside_homozygotes", "11")


class TestExceptions:
    def test_what_clinvar_calls_pathogenic_with_two_stars_is_never_filtered(self, case):
        made = with_columns(case, SYNONYMOUS, clinvar_class=4, clinvar_stars=2)
        assert fell(filter_case(made), SYNONYMOUS)[0::4] == ("kept", "clinvar")
        fewer = with_columns(case, SYNONYMOUS, clinvar_class=4, clinvar_stars=1)
        assert fell(filter_case(fewer), SYNONYMOUS)[0] == "consequence"
        off = FilterSettings(keep_clinvar_stars=None)
        assert fell(filter_case(made, off), SYNONYMOUS)[0] == "consequence"

    def test_a_gene_that_the_clinician_named_is_looked_at_whatever_the_panel(self, case):
        narrow = filter_case(case, panel=panel("OTHER"))
        assert fell(narrow, MINUS_MISSENSE)[0] == "panel"
        named = filter_case(case, panel=panel("OTHER"), named_genes=["MINUS"])
        assert fell(named, MINUS_MISSENSE)[0] == "kept"
        assert fell(named, MISSENSE)[0] == "panel"
        silent = filter_case(case, named_genes=["PLUS"])
        assert fell(silent, SYNONYMOUS)[0::4] == ("kept", "named_gene")
        assert fell(silent, INTRON)[0] == "region"  # an intron is not shown whole
        off = FilterSettings(keep_named_genes=False)
        assert fell(filter_case(case, off, named_genes=["PLUS"]), SYNONYMOUS)[0] == "consequence"


class TestIncidentalFindings:
    def test_a_finding_that_was_not_asked_for_falls_with_that_reason(self, case):
        outcome = filter_case(case, withheld=Withheld("SF list 3.2", frozenset({"MINUS"})))
        assert fell(outcome, MINUS_MISSENSE)[:4] == (
            "incidental", "consent", "MINUS", "the patient has asked for the findings of SF list 3.2",
        )  # fmt: skip
        assert fell(outcome, STOP)[0] == "kept"
        assert {one.gene for one in outcome.candidates} == {"PLUS"}

    def test_a_gene_that_is_asked_for_is_no_incidental_one(self, case):
        withheld = Withheld("SF list", frozenset({"MINUS", "PLUS"}), frozenset({"PLUS"}))
        assert fell(filter_case(case, withheld=withheld), STOP)[0] == "kept"
        assert fell(filter_case(case, withheld=withheld, named_genes=["MINUS"]), MINUS_MISSENSE)[0] == "kept"

    def test_no_exception_lifts_it(self, case):
        made = with_columns(case, MINUS_MISSENSE, clinvar_class=5, clinvar_stars=3)
        outcome = filter_case(made, withheld=Withheld("SF list", frozenset({"MINUS"})))
        assert fell(outcome, MINUS_MISSENSE)[0] == "incidental"
        with pytest.raises(ValueError, match="cannot lift"):
            Rescue("x", frozenset({1}), frozenset({Step.INCIDENTAL}))


some_settings = st.builds(
    FilterSettings,
    require_pass=st.booleans(),
    dominant_frequency=st.sampled_from([0.0, 1e-4, 1.0]),
    impacts=st.frozensets(st.sampled_from(["HIGH", "MODERATE", "LOW", "MODIFIER"])),
    second_allele=st.none() | st.builds(SecondAllele),
    splice_window=st.none() | st.just(SpliceWindow(5, 5)),
    drop_tract=st.booleans(),
    halves_per_gene=st.integers(0, 2),
)
genes = st.lists(st.sampled_from(["PLUS", "MINUS", "OTHER"]), max_size=2)


@given(some_settings, st.none() | genes.map(lambda listed: [*listed, "PLUS"]), genes, genes)
@settings(max_examples=40, deadline=None)
def test_kept_and_dropped_sum_to_read(case, asked, listed, named, hidden):
    chosen = None if listed is None else panel(*sorted(set(listed)))
    withheld = Withheld("list", frozenset(hidden))
    outcome = filter_case(case, asked, chosen, named_genes=named, withheld=withheld)
    kept = int(outcome.trace["kept"].sum())
    assert kept + sum(one.dropped for one in outcome.counts) == outcome.trace.height == case.alleles.height
    assert outcome.counts[-1].left == kept
    dropped = outcome.trace.filter(~pl.col("kept"))
    assert not dropped.select("dropped_by", "parameter", "threshold").null_count().sum_horizontal().item()
    assert set(outcome.ranked["row_a"]) | set(outcome.ranked["row_b"].drop_nulls()) <= set(
        outcome.trace.filter("kept")["row"]
    )
    shown = {one.gene for one in outcome.candidates}
    assert not shown & (set(hidden) - set(named))
    assert chosen is None or shown <= set(listed) | set(named)


@pytest.fixture(scope="module")
def outcome(case):
    return filter_case(case)


class TestSearch:
    def rows(self, case, outcome, text="", step=""):
        places = search_trace(outcome.trace, case.alleles, TraceQuery(text, step))
        return outcome.trace[places]["position"].to_list()

    @pytest.mark.parametrize("text", ["1-{}-{}-{}", "chr1-{}-{}-{}", " 1-{}-{}-{} "])
    def test_a_variant(self, case, outcome, text):
        assert self.rows(case, outcome, text.format(*STOP[1:4])) == [STOP[1]]

    def test_a_place_and_a_range(self, case, outcome):
        assert self.rows(case, outcome, f"chr1:{STOP[1]:,}") == [STOP[1]]
        assert self.rows(case, outcome, str(STOP[1])) == [STOP[1]]
        assert self.rows(case, outcome, f"1:{MISSENSE[1]}-{STOP[1]}") == [MISSENSE[1], SYNONYMOUS[1], STOP[1]]
        assert self.rows(case, outcome, f"2:{STOP[1]}") == []

    def test_a_gene_in_any_case_and_a_step(self, case, outcome):
        assert self.rows(case, outcome, "plus", KEPT) == [MISSENSE[1], STOP[1]]
        assert self.rows(case, outcome, "plus", Step.CONSEQUENCE) == [SYNONYMOUS[1]]
        assert len(self.rows(case, outcome)) == len(STORY)
        assert self.rows(case, outcome, step="no-such-step") == self.rows(case, outcome)

    def test_names_on_genome_and_protein(self, case, outcome):
        assert self.rows(case, outcome, f"NC_000001.11:g.{STOP[1]}C>T") == [STOP[1]]
        for name in ("p.Arg5Ter", "p.(Arg5*)", "NP_1.1:p.(Arg5Ter)", "p.Arg5"):
            assert self.rows(case, outcome, name) == [STOP[1]]
        assert self.rows(case, outcome, "p.Ala2Thr") == [MISSENSE[1], MINUS_MISSENSE[1]]
        assert self.rows(case, outcome, "p.Xyz5Ter") == self.rows(case, outcome, "p.Arg5Gly") == []

    @pytest.mark.parametrize("text", ["*", "(", "<script>", "1-2", "%", "p.", "1" * 40])
    def test_odd_texts_find_nothing(self, case, outcome, text):
        assert self.rows(case, outcome, text) == []


class TestComparison:
    def test_another_chain_says_what_came_and_went(self, case):
        before, after = filter_case(case), filter_case(case, FilterSettings(impacts=frozenset({"HIGH", "LOW"})))
        diff = compare_outcomes(before, after)
        kept = [set(one.trace.filter("kept")["row"]) for one in (before, after)]
        assert set(diff.kept["row"]) == kept[1] - kept[0]
        assert set(diff.lost["row"]) == kept[0] - kept[1] == {one for one in kept[0] if one in set(diff.lost["row"])}
        assert set(diff.lost["dropped_by_after"]) <= {"consequence", "inheritance"}
        changed = diff.kept.height + diff.lost.height + diff.moved.height
        assert diff.same + changed == diff.read_before == diff.read_after == len(STORY)
        assert diff.versions == {}

    def test_nothing_differs_from_itself(self, case):
        outcome = filter_case(case)
        diff = compare_outcomes(outcome, outcome)
        assert (diff.is_empty, diff.moved.height, diff.same) == (True, 0, len(STORY))

    def test_another_analysis_may_have_read_other_alleles(self, case, tmp_path, reference):  # noqa: F811
        later = prepare([write_vcf(tmp_path / "later.vcf", STORY[1:])], trio_pedigree(), reference=reference)
        diff = compare_outcomes(filter_case(case), filter_case(later))
        assert (diff.read_before, diff.read_after) == (len(STORY), len(STORY) - 1)
        assert STOP[1] in diff.lost["position"].to_list()
        gone = diff.lost.filter(pl.col("position") == STOP[1]).row(0, named=True)
        assert (gone["kept_before"], gone["kept_after"], gone["dropped_by_after"]) == (True, None, None)
