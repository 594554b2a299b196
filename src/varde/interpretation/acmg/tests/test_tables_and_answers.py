"""Functional tables, a person's answers and tandem repeats: what they take and what they refuse."""

from __future__ import annotations

import pytest

from varde.genome.errors import InputError
from varde.interpretation.acmg.answers import FIELDS, Answers, answers_from
from varde.interpretation.acmg.evidence import FunctionalResult, PhenotypeFit, ProteinChange, Segregation
from varde.interpretation.acmg.functional_table import parse_functional_table, protein_change, read_functional_table
from varde.interpretation.acmg.tandem import tandem_copies

HEADER = "gene\tchange\tresult\tscore\todds_path\tassay\tversion\n"
ROW = "BRCA1\tp.(Cys61Gly)\tabnormal\t-2.1\t52.4\tSGE\t2018\n"


def parsed(text: str):
    return parse_functional_table(text.encode(), "mave.tsv")


def test_a_table_is_found_by_gene_and_change(tmp_path):
    path = tmp_path / "mave.tsv"
    path.write_text(f"# from a paper\n{HEADER}{ROW}BRCA1\tD67Y\tnormal\t\t\tSGE\t2018\n")
    table = read_functional_table(path)
    found = table.find("BRCA1", ProteinChange(61, "C", "G"))
    assert (found.result, found.score, found.odds_path, found.source) == (
        FunctionalResult.ABNORMAL,
        -2.1,
        52.4,
        "SGE 2018",
    )
    assert table.find("BRCA1", ProteinChange(67, "D", "Y")).odds_path is None
    for absent in ((None, ProteinChange(61, "C", "G")), ("BRCA2", ProteinChange(61, "C", "G")), ("BRCA1", None)):
        assert table.find(*absent) is None
    with pytest.raises(InputError, match="cannot be read"):
        read_functional_table(tmp_path / "none")


@pytest.mark.parametrize("written", ["p.Arg97=", "p.Arg97Ter", "p.Xyz97Cys", "R97", "", "p.Arg0Cys", "B97Z"])
def test_other_changes_are_no_change_of_one_residue(written):
    assert protein_change(written) is None


@pytest.mark.parametrize(
    ("text", "code", "line", "field"),
    [
        ("", "bad_row", None, None),
        (HEADER, "bad_row", None, None),
        ("gene\tchange\n", "missing_column", 1, None),
        (HEADER.replace("version", "gene"), "missing_column", 1, None),
        (HEADER + "a\tb\n", "bad_row", 2, None),
        (HEADER + ROW.replace("abnormal", "bad"), "bad_row", 2, "result"),
        (HEADER + ROW.replace("p.(Cys61Gly)", "c.181T>G"), "bad_row", 2, "change"),
        (HEADER + ROW.replace("-2.1", "x"), "bad_row", 2, "score"),
        (HEADER + ROW.replace("52.4", "0"), "bad_row", 2, "odds_path"),
        (HEADER + ROW.replace("52.4", "inf"), "bad_row", 2, "odds_path"),
        (HEADER + ROW.replace("SGE", ""), "bad_row", 2, "assay"),
        (HEADER + ROW + ROW, "duplicate_row", 3, "change"),
        (HEADER + "x" * 200_000 + "\n", "unreadable", None, None),
    ],
)
def test_a_bad_table_is_refused_with_its_place(text, code, line, field):
    with pytest.raises(InputError) as refused:
        parsed(text)
    assert (refused.value.code, refused.value.line, refused.value.field) == (code, line, field)


def test_a_table_that_is_no_text_is_refused():
    with pytest.raises(InputError, match="not UTF-8"):
        parse_functional_table(b"\xff\xfe\x00", "x")


FULL = {
    "phenotype": "specific",
    "full_penetrance": "yes",
    "critical_region": "no",
    "meioses": "3.5",
    "affected_without": "0",
    "unaffected_with": "1",
    "cases_with": "12",
    "cases": "1000",
    "controls_with": "2",
    "controls": "10000",
}


def test_answers_go_to_storage_and_back():
    found = answers_from(FULL)
    assert set(FULL) == set(FIELDS)
    assert (found.phenotype, found.full_penetrance, found.critical_region) == (PhenotypeFit.SPECIFIC, True, False)
    assert found.segregation == Segregation(3.5, 0, 1, "a person's count")
    assert found.stored() == FULL
    assert answers_from({}) == Answers()
    assert answers_from({"meioses": "2,5"}).segregation.meioses == 2.5
    assert Answers().stored() == {}


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"phenotype": "<script>"}, "phenotype"),
        ({"full_penetrance": "maybe"}, "full_penetrance"),
        ({"meioses": "-1"}, "meioses"),
        ({"meioses": "nan"}, "meioses"),
        ({"meioses": "1e9"}, "meioses"),
        ({"affected_without": "1.5"}, "affected_without"),
        ({"cases": ""}, "cases"),
        ({"cases": "11"}, "cases"),
        ({"controls": "0", "controls_with": "0"}, "controls"),
        ({"controls": "99999999999"}, "controls"),
        ({"cases_with": "²"}, "cases_with"),
    ],
)
def test_a_wrong_answer_is_refused_by_its_field(changed, field):
    with pytest.raises(InputError) as refused:
        answers_from(FULL | changed)
    assert (refused.value.code, refused.value.field) == ("bad_answer", field)


class Bases:
    """A reference of one sequence."""

    def __init__(self, bases: str) -> None:
        self._bases = bases

    def sequence(self, _contig: int, start0: int, end0: int) -> str:
        return self._bases[start0:end0]


@pytest.mark.parametrize(
    ("position", "ref", "alt", "copies"),
    [
        (4, "TCAG", "T", 4),
        (7, "GCAG", "G", 4),
        (4, "T", "TCAGCAG", 4),
        (16, "G", "GCAG", 4),
        (4, "TCAGCAG", "T", 4),
        (2, "TTT", "T", 3),
        (17, "A", "AGGG", 0),
        (5, "C", "T", None),
    ],
)
def test_copies_of_the_unit_side_by_side(position, ref, alt, copies):
    """ATTT CAGCAGCAGCAG ACT: wherever in the run the change is written, the run has four copies."""
    assert tandem_copies(Bases("ATTTCAGCAGCAGCAGACT"), 1, position, ref, alt) == copies
