"""Scores against a hand-written formula, the order, and how phenotypes are compared."""

from __future__ import annotations

import math
import subprocess
import sys

import polars as pl
import pytest

from varde.annotation.knowledge import Inheritance
from varde.genome.errors import InputError
from varde.interpretation.inheritance import PAIRED_MODES, Mode
from varde.interpretation.likeness import phenotype_value
from varde.interpretation.phenotype import (
    PhenotypeTerm,
    find_terms,
    is_current_term,
    named_terms,
    read_terms,
    term_name,
    term_of_name,
)
from varde.interpretation.ranking import (
    MODE_VALUES,
    WEIGHTS,
    candidate_of,
    inheritance_fits,
    rank_candidates,
)

FOUND = {
    "gene": pl.String, "mode": pl.String, "row_a": pl.UInt32, "row_b": pl.UInt32, "phase": pl.String,
    "evaluated": pl.Boolean,
}  # fmt: skip
ALLELES = {
    "row": pl.UInt32, "contig": pl.UInt8, "position": pl.Int64, "ref": pl.String, "alt": pl.String,
    "filter": pl.String, "af": pl.Float64,
}  # fmt: skip


def ranked(found, alleles, impacts=(), genes=(), phenotypes=()):
    frame = rank_candidates(
        pl.DataFrame(found, schema=FOUND, orient="row"),
        pl.DataFrame(alleles, schema=ALLELES, orient="row"),
        pl.DataFrame(list(impacts), schema={"row": pl.UInt32, "gene": pl.String, "impact": pl.String}, orient="row"),
        inheritance_fits(genes),
        pl.DataFrame(list(phenotypes), schema={"gene": pl.String, "phenotype": pl.Float64}, orient="row"),
    )
    return [candidate_of(row) for row in frame.iter_rows(named=True)]


def test_a_score_is_the_weighted_mean_of_its_parts():
    (one,) = ranked(
        [("A", "compound_heterozygous", 0, 1, "trans_by_parents", True)],
        [(0, 1, 10, "A", "C", "PASS", 1e-4), (1, 1, 20, "A", "C", "LowQual", 1e-5)],
        [(0, "A", "HIGH"), (1, "A", "MODERATE"), (1, "B", "HIGH")],
        [("A", frozenset({Inheritance.AUTOSOMAL_RECESSIVE}))],
        [("A", 0.4)],
    )
    expected = {
        "consequence": (1.0 + 0.6) / 2,
        "mode": 0.9,
        "frequency": 1 - math.log10(1e-4 / 1e-6) / math.log10(1e-2 / 1e-6),
        "calls": 0.6,
        "gene_inheritance": 1.0,
        "phenotype": 0.4,
    }
    assert {part.name: part.value for part in one.parts} == pytest.approx(expected, rel=1e-12)
    assert one.score == round(sum(WEIGHTS[name] * value for name, value in expected.items()), 6)
    assert one.explanations == ("mode.compound_heterozygous", "phase.trans_by_parents", "gene_inheritance.fits")
    assert (one.rank, one.rows) == (1, (0, 1))


def test_weights_sum_to_one_and_every_mode_has_a_value():
    assert sum(WEIGHTS.values()) == pytest.approx(1.0, abs=1e-12)
    assert set(MODE_VALUES) == set(Mode)


def test_what_is_not_evaluated_counts_neither_for_nor_against_and_is_said():
    (one,) = ranked([(None, "de_novo", 0, None, None, False)], [(0, 1, 10, "A", "C", "PASS", None)])
    neutral = 0.24 * 0.5 + 0.12 * 0.5 + 0.08 * 0.5 + 0.32 * 0.1
    assert one.score == round(0.16 * 1.0 + 0.08 * 0.4 + neutral, 6)
    assert one.explanations == (
        "mode.de_novo", "calls.not_evaluated", "consequence.not_evaluated", "frequency.not_evaluated",
        "gene_inheritance.not_evaluated", "phenotype.not_evaluated",
    )  # fmt: skip


@pytest.mark.parametrize(("af", "value"), [(0.0, 1.0), (1e-6, 1.0), (1e-2, 0.0), (0.3, 0.0), (1e-4, 0.5)])
def test_rarity_falls_with_the_logarithm(af, value):
    (one,) = ranked([("A", "de_novo", 0, None, None, True)], [(0, 1, 10, "A", "C", "PASS", af)])
    assert one.part("frequency") == pytest.approx(value, abs=1e-12)


def test_equal_scores_are_ordered_by_place_whatever_the_order_given():
    alleles = [(row, contig, position, "A", alt, "PASS", None) for row, (contig, position, alt) in enumerate(
        [(2, 5, "C"), (1, 70, "C"), (1, 8, "T"), (1, 8, "G")])]  # fmt: skip
    found = [("A", "de_novo", row, None, None, True) for row in range(4)]
    for order in (found, found[::-1]):
        assert [one.rows for one in ranked(order, alleles)] == [(3,), (2,), (1,), (0,)]


@pytest.mark.parametrize(
    ("known", "mode", "value"),
    [
        ({Inheritance.AUTOSOMAL_DOMINANT}, Mode.DE_NOVO, 1.0),
        ({Inheritance.AUTOSOMAL_DOMINANT}, Mode.HOMOZYGOUS_RECESSIVE, 0.0),
        ({Inheritance.AUTOSOMAL_RECESSIVE}, Mode.DE_NOVO, 0.0),
        ({Inheritance.AUTOSOMAL_RECESSIVE, Inheritance.AUTOSOMAL_DOMINANT}, Mode.DE_NOVO, 1.0),
        ({Inheritance.X_LINKED_RECESSIVE}, Mode.X_LINKED_RECESSIVE, 1.0),
        ({Inheritance.X_LINKED}, Mode.HOMOZYGOUS_RECESSIVE, 0.0),
        ({Inheritance.MITOCHONDRIAL}, Mode.MITOCHONDRIAL, 1.0),
        ({Inheritance.AUTOSOMAL_RECESSIVE}, Mode.MITOCHONDRIAL, 0.0),
    ],
)
def test_the_genes_inheritance_fits_the_mode_or_not(known, mode, value):
    fits = inheritance_fits([("A", frozenset(known)), ("B", frozenset())])
    assert fits.filter(pl.col("mode") == mode.value).select("gene", "gene_inheritance").rows() == [("A", value)]


def test_every_paired_mode_fits_a_recessive_gene():
    fits = inheritance_fits([("A", frozenset({Inheritance.AUTOSOMAL_RECESSIVE}))])
    fitting = set(fits.filter(pl.col("gene_inheritance") == 1.0)["mode"])
    assert {mode.value for mode in PAIRED_MODES} <= fitting


class TestPhenotype:
    def test_a_gene_of_epilepsy_is_nearer_to_seizures_than_one_of_the_heart(self):
        seizures = read_terms(["HP:0001250", "hp:0001263 "])
        assert seizures == ("HP:0001250", "HP:0001263")
        assert phenotype_value(seizures, "SCN1A") > phenotype_value(seizures, "MYH7") > 0

    def test_the_laboratorys_terms_go_before_the_ontologys(self):
        assert phenotype_value(("HP:0001250",), "SCN1A", ("HP:0001250",)) == pytest.approx(1.0, abs=1e-6)
        assert phenotype_value(("HP:0001250",), "NO-SUCH-GENE", ("HP:0001250",)) == pytest.approx(1.0, abs=1e-6)

    def test_nothing_known_is_not_evaluated(self):
        assert phenotype_value((), "SCN1A") is None
        assert phenotype_value(("HP:0001250",), "NO-SUCH-GENE") is None
        assert phenotype_value(("HP:0001250",), "NO-SUCH-GENE", ("HP:9999999",)) is None

    @pytest.mark.parametrize("text", ["HP:9999999", "HP:125", "seizure", "HP:0001250;HP:0001263"])
    def test_what_is_no_term_is_refused(self, text):
        with pytest.raises(InputError) as raised:
            read_terms([text])
        assert (raised.value.code, raised.value.field) == ("unknown_hpo", "hpo")


class TestTerms:
    def test_a_term_has_its_name_and_an_unknown_one_has_none(self):
        assert (term_name("HP:0001250"), term_name("HP:9999999")) == ("Seizure", None)
        assert named_terms(["HP:0001250", "HP:9999999"]) == (
            PhenotypeTerm("HP:0001250", "Seizure"),
            PhenotypeTerm("HP:9999999", ""),
        )

    def test_an_obsolete_term_keeps_its_name_but_is_not_offered(self):
        name = term_name("HP:0000057")
        assert name == "obsolete Clitoromegaly"
        assert (is_current_term("HP:0000057"), is_current_term("HP:0001250")) == (False, True)
        assert find_terms(name, 5) == ()
        assert term_of_name(name) is None

    def test_a_whole_name_in_any_case_is_its_term(self):
        assert (term_of_name(" sEIZURE "), term_of_name("seizur")) == ("HP:0001250", None)

    def test_every_word_must_be_in_the_name_and_the_shortest_names_come_first(self):
        found = find_terms("seizure focal", 4)
        assert len(found) == 4
        assert all("seizure" in term.name.casefold() and "focal" in term.name.casefold() for term in found)
        assert [len(term.name) for term in found] == sorted(len(term.name) for term in found)
        assert find_terms("seizure", 1) == (PhenotypeTerm("HP:0001250", "Seizure"),)
        assert find_terms("  ", 5) == find_terms("no-such-word", 5) == find_terms("seizure", 0) == ()

    def test_threads_load_the_ontology_once_and_print_nothing(self):
        script = """
from concurrent.futures import ThreadPoolExecutor
from varde.interpretation.phenotype import find_terms, ontology_version, term_name
from varde.interpretation.likeness import phenotype_value
asked = [lambda: term_name("HP:0001250"), lambda: find_terms("seizure", 1), ontology_version,
         lambda: phenotype_value(("HP:0001250",), "SCN1A")] * 4
with ThreadPoolExecutor(8) as pool:
    answers = list(pool.map(lambda ask: ask(), asked))
assert len(set(answers)) == 4, answers
"""
        done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
        assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
