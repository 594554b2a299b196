"""Mitochondrial shares: from the fields that callers write to the candidate, and their names at the borders."""

from __future__ import annotations

import math

import pytest

from varde.genome.builds import Build
from varde.genome.pedigree import Affected, Pedigree, Person, Sex
from varde.genome.vcf import read_whole_vcf
from varde.interpretation.analysis import filter_case, prepare
from varde.interpretation.heteroplasmy import Plasmy, plasmy

HEADER = """##fileformat=VCFv4.2
##contig=<ID=chrM,length=16569>
##FORMAT=<ID=GT,Number=1,Type=String,Description="x">
##FORMAT=<ID=AD,Number=R,Type=Integer,Description="x">
##FORMAT=<ID=AF,Number=A,Type=Float,Description="x">
"""
FAMILY = Pedigree(
    (
        Person("f", "child", "dad", "mum", Sex.MALE, Affected.AFFECTED),
        Person("f", "mum", sex=Sex.FEMALE, affected=Affected.UNAFFECTED),
        Person("f", "dad", sex=Sex.MALE, affected=Affected.UNAFFECTED),
    )
)


def written(path, *records):
    lines = [
        "\t".join(["#CHROM", "POS", "ID", "REF", "ALT", "QUAL", "FILTER", "INFO", "FORMAT", "child", "mum", "dad"])
    ]
    lines += ["\t".join(record.split()) for record in records]
    path.write_text(HEADER + "\n".join(lines) + "\n")
    return path


@pytest.mark.parametrize(
    ("fraction", "name"),
    [
        (None, None), (0.0, None), (0.001, Plasmy.LOW), (0.0999, Plasmy.LOW), (0.10, Plasmy.HETEROPLASMIC),
        (0.9499, Plasmy.HETEROPLASMIC), (0.95, Plasmy.HOMOPLASMIC), (1.0, Plasmy.HOMOPLASMIC),
    ],
)  # fmt: skip
def test_names_at_the_borders(fraction, name):
    assert plasmy(fraction) is name


@pytest.mark.parametrize("field", ["AF", "VAF", "HF"])
def test_the_fraction_is_that_of_each_alternate(tmp_path, field):
    path = written(
        tmp_path / "m.vcf",
        "chrM 100 . A C . PASS . GT 0/1 0/0 0/0",
        f"chrM 3243 . A G,T . PASS . GT:{field} 0/1/2:0.62,0.05 0/1:0.03,. 0/0".replace("0/1/2", "1/2"),
        f"chrM 8993 . T G . PASS . GT:{field} 0/1:1.7 0/1:x 0/1:.",
    )
    table = read_whole_vcf(path, build=Build.GRCH38)
    given = [[None if math.isnan(value) else round(value, 3) for value in row] for row in table.fraction.tolist()]
    assert given == [
        [None, None, None],
        [0.62, 0.03, None],
        [0.05, None, None],
        [None, None, None],
    ]
    assert table.select_samples(["mum"]).take(table.sites["allele"].to_numpy() == 2).fraction.tolist()[0] != [0.05]


def test_no_fraction_is_read_of_other_chromosomes(tmp_path):
    path = tmp_path / "a.vcf"
    path.write_text(
        HEADER.replace("chrM,length=16569", "chr1,length=248956422")
        + "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\tchild\n"
        + "chr1\t100\t.\tA\tC\t.\tPASS\t.\tGT:AF\t0/1:0.5\n"
    )
    assert read_whole_vcf(path).fraction is None


def test_a_heteroplasmic_variant_without_quality_is_evaluated_and_the_mother_stands_beside(tmp_path):
    path = written(
        tmp_path / "m.vcf",
        "chrM 3243 . A G . PASS . GT:AD:AF:DP 0/1:380,620:0.62:1000 0/1:970,30:0.03:1000 0/0:1000,0:0:1000",
        "chrM 8993 . T G . PASS . GT:AD:DP 1:4,996:1000 0:1000,0:1000 0:1000,0:1000",
        "chrM 9000 . T G . PASS . GT:AD:DP 0/1:2,2:4 0/0:9,0:9 0/0:9,0:9",
    )
    case = prepare([path], FAMILY, build=Build.GRCH38)
    rows = case.alleles.select("child_ab", "mother_ab", "father_ab").rows()
    assert [tuple(round(value, 3) for value in row) for row in rows] == [
        (0.62, 0.03, 0.0), (0.996, 0.0, 0.0), (0.5, 0.0, 0.0),
    ]  # fmt: skip
    found = [(one.mode.value, one.rows, one.evaluated) for one in filter_case(case).candidates]
    assert sorted(found, key=lambda one: one[1]) == [("mitochondrial", (0,), True), ("mitochondrial", (1,), True)]
