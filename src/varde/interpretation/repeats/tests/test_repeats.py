"""Repeat files of both callers, limits and intervals, tables of loci."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from varde.annotation.knowledge import Inheritance
from varde.genome.builds import Build
from varde.genome.errors import InputError
from varde.interpretation.repeats.calls import FamilyRepeats, RepeatState, affects, read_repeats, state_of
from varde.interpretation.repeats.loci import COLUMNS, Locus, read_loci

TABLE = "\t".join(COLUMNS) + "\n{}"
ROWS = (
    "LOC1 GENE1 CAG 4 3074877 3074933 26 36 AD disease_one test",
    "LOC2 GENE2 GAA 9 69037287 69037304 33 66 AR disease_two test",
    "LOC3 GENE3 CGG X 147912051 147912110 44 201 XL disease_three test",
)
HEADER = (
    "##fileformat=VCFv4.1\n"
    '##FORMAT=<ID=REPCN,Number=1,Type=String,Description="Number of repeat units">\n'
    "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\tC\tM\n"
)


@pytest.fixture
def loci(tmp_path):
    path = tmp_path / "loci.tsv"
    path.write_text(TABLE.format("".join("\t".join(row.split()) + "\n" for row in ROWS)))
    return read_loci(path, Build.GRCH38)


def read(folder, table, *records, header=HEADER):
    path = folder / "repeats.vcf"
    path.write_text(header + "".join("\t".join(record.split()) + "\n" for record in records))
    return read_repeats([path], ["C", "M", "F"], Build.GRCH38, table)


def told(found):
    return [
        (one.sample, one.locus, [allele.units for allele in one.alleles], one.state.value, one.crosses, one.why)
        for one in found.calls
    ]


EXPANSION_HUNTER = (
    "chr4 3074876 . C <STR17>,<STR42> . PASS END=3074933;REF=19;RL=57;RU=CAG;VARID=LOC1;REPID=LOC1"
    " GT:SO:REPCN:REPCI 1/2:SPANNING/INREPEAT:17/42:17-17/34-51 0/1:SPANNING/SPANNING:19/17:19-19/17-17"
)


def test_expansion_hunter(tmp_path, loci):
    found = read(
        tmp_path,
        loci,
        EXPANSION_HUNTER,
        "chrX 147912050 . C <STR50> . LowDepth END=147912110;RU=CGG;REPID=LOC3 GT:REPCN:REPCI 1:50:45-200 ./.:./.:./.",
        "chr1 500 . C <STR9> . PASS END=530;RU=AT;REPID=OTHER GT:REPCN:REPCI 0/1:9/9:9-9/9-9 0/0:8/8:8-8/8-8",
    )
    assert told(found) == [
        ("C", "LOC1", [17, 42], "expanded", True, ""),
        ("M", "LOC1", [19, 17], "normal", False, ""),
        ("C", "LOC3", [50], "intermediate", False, ""),
        ("M", "LOC3", [], "not_evaluated", False, "no_call"),
        ("C", "", [9, 9], "not_evaluated", False, "no_locus"),
        ("M", "", [8, 8], "not_evaluated", False, "no_locus"),
    ]
    large = found.calls[0].alleles[1]
    assert (large.low_state, large.high_state, large.low, large.high) == ("intermediate", "expanded", 34, 51)
    assert (found.samples, found.records, found.calls[2].filter) == (("C", "M"), 3, "LowDepth")


def test_gangstr_is_matched_by_place_and_motif(tmp_path, loci):
    found = read(
        tmp_path,
        loci,
        "chr9 69037287 . gaagaa . . . END=69037304;RU=gaa;PERIOD=3;REF=6 GT:DP:Q:REPCN:REPCI"
        " 1/2:30:0.9:8,300:8-8,250-400 0/1:30:0.9:90,700:70-100,500-900",
        "chr4 3074877 . cagcag . . . END=3074933;RU=agc;PERIOD=3 GT:REPCN:REPCI 0/0:19,19:19-19,19-19 .:.:.",
        "chr4 3074877 . ctctct . . . END=3074933;RU=ct;PERIOD=2 GT:REPCN:REPCI 0/0:19,19:19-19,19-19 .:.:.",
    )
    assert told(found)[:3] == [
        ("C", "LOC2", [8, 300], "expanded", False, ""),
        ("M", "LOC2", [90, 700], "expanded", False, ""),
        ("C", "LOC1", [19, 19], "normal", False, ""),
    ]
    assert found.calls[4].why == "no_locus"
    recessive = Inheritance.AUTOSOMAL_RECESSIVE
    assert [affects(one, recessive) for one in found.calls[:3]] == [False, True, False]
    assert affects(found.calls[0], Inheritance.AUTOSOMAL_DOMINANT) is True
    assert affects(found.calls[4], recessive) is None


def test_without_a_table_nothing_is_claimed(tmp_path):
    found = read(tmp_path, None, EXPANSION_HUNTER)
    assert [one.state for one in found.calls] == [RepeatState.NOT_EVALUATED] * 2
    assert [one.units for one in found.calls[0].alleles] == [17, 42]


@given(st.integers(1, 100), st.integers(1, 100), st.integers(0, 300))
def test_limits_are_exact(normal_max, between, units):
    locus = Locus("L", "G", "CAG", 4, 1, 9, normal_max, normal_max + between, Inheritance.UNKNOWN, "", "s")
    expected = "normal" if units <= normal_max else "intermediate" if units < normal_max + between else "expanded"
    assert state_of(locus, units) == expected


def test_kept_in_a_file(tmp_path, loci):
    found = read(tmp_path, loci, EXPANSION_HUNTER)
    path = tmp_path / "repeats.json"
    found.save(path)
    assert FamilyRepeats.load(path) == found
    path.write_text("{}")
    with pytest.raises(InputError) as error:
        FamilyRepeats.load(path)
    assert error.value.code == "damaged_layer"


def test_catalogues_with_limits(tmp_path):
    path = tmp_path / "catalogue.json"
    entry = {
        "LocusId": "LOC1", "RepeatUnit": "CAG", "ReferenceRegion": "chr4:3074876-3074933", "HGNC_SYMBOL": "GENE1",
        "NormalMax": 26, "PathologicMin": 36, "InheritanceMode": "XR", "Disease": "one", "SourceDisplay": "book",
    }  # fmt: skip
    several = {"LocusId": "LOC9", "ReferenceRegion": ["chr4:1-9", "chr4:10-20"], "NormalMax": 1, "PathologicMin": 2}
    path.write_text(json.dumps([entry, several]))
    table = read_loci(path, Build.GRCH38)
    expected = Locus("LOC1", "GENE1", "CAG", 4, 3074877, 3074933, 26, 36, Inheritance.X_LINKED_RECESSIVE, "one", "book")
    assert (table.loci, table.without_limits) == ((expected,), 1)


@pytest.mark.parametrize(
    ("row", "code", "field"),
    [
        ("LOC1 G CAG 4 10 20 36 26 AD d s", "bad_row", "normal_max"),
        ("LOC1 G CA-G 4 10 20 26 36 AD d s", "bad_row", "normal_max"),
        ("LOC1 G CAG 99 10 20 26 36 AD d s", "bad_row", "start"),
        ("LOC1 G CAG 4 10 20 many 36 AD d s", "bad_row", "normal_max"),
        ("LOC1 G CAG 4 10 20 26 36 dominant d s", "bad_row", "inheritance"),
        ("LOC1 G CAG 4 10 20 26 36 AD d", "bad_row", None),
    ],
)
def test_tables_that_are_refused(tmp_path, row, code, field):
    path = tmp_path / "loci.tsv"
    path.write_text(TABLE.format("\t".join(row.split()) + "\n"))
    with pytest.raises(InputError) as error:
        read_loci(path, Build.GRCH38)
    assert (error.value.code, error.value.field, error.value.line) == (code, field, 2)


def test_files_that_are_refused(tmp_path, loci):
    with pytest.raises(InputError) as error:
        read(tmp_path, loci, header="##fileformat=VCFv4.1\n#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\tC\n")
    assert error.value.code == "not_repeats"
    with pytest.raises(InputError) as error:
        read(tmp_path, loci, header=HEADER.replace("\tM", "\tX"))
    assert error.value.code == "samples_not_of_case"
    with pytest.raises(InputError) as error:
        read(tmp_path, loci, "chr4 3074876 . C . . PASS END=3074933 GT 0/0")
    assert error.value.code == "bad_columns"
    with pytest.raises(InputError) as error:
        read(tmp_path, replace(loci, build=Build.GRCH37), EXPANSION_HUNTER)
    assert error.value.code == "build_mismatch"
