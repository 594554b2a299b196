"""Consequences read from files that others annotated."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from shared_data import shared_data
from varde.annotation.consequence import SCHEMA, primary_consequence
from varde.annotation.given_fields import NOT_GIVEN, UNKNOWN_TERM, given_consequences
from varde.genome.errors import InputError
from varde.genome.vcf import read_whole_vcf

CSQ = (
    '##INFO=<ID=CSQ,Number=.,Type=String,Description="Ensembl VEP. Format: '
    'Allele|Consequence|SYMBOL|Feature_type|Feature|HGVSp">\n'
)
ANN = (
    "##INFO=<ID=ANN,Number=.,Type=String,Description=\"Functional annotations: 'Allele | Annotation | Gene_Name | "
    "Feature_Type | Feature_ID | HGVS.p'\">\n"
)
BCSQ = '##INFO=<ID=BCSQ,Number=.,Type=String,Description="Format: Consequence|gene|...">\n'


def vcf(folder: Path, header: str, *rows: tuple[int, str, str, str]) -> Path:
    path = folder / "annotated.vcf"
    text = "##fileformat=VCFv4.2\n##contig=<ID=1>\n" + header + "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\n"
    path.write_text(text + "".join(f"1\t{p}\t.\t{r}\t{a}\t.\t.\t{info}\n" for p, r, a, info in rows))
    return path


def read(path: Path, field: str) -> tuple[list[tuple[object, ...]], object]:
    table = read_whole_vcf(path)
    found = given_consequences(path, table, field)
    assert found.frame.schema == SCHEMA
    return found.frame.select("row", "gene", "transcript", "consequence", "impact", "not_evaluated").rows(), found


def test_vep_by_allele_also_where_it_leaves_out_the_first_base(tmp_path: Path) -> None:
    path = vcf(
        tmp_path,
        '##VEP="v113.0" time="x"\n' + CSQ,
        (10, "A", "C", "CSQ=C|missense_variant&splice_region_variant|GENE|Transcript|T1|p.Ala2Pro"),
        (20, "AT", "A,ATT", "X=1;CSQ=-|frameshift_variant|GENE|Transcript|T1|,TT|intron_variant|GENE|Transcript|T2|"),
        (30, "A", "C", "X=1"),
        (40, "A", "C", "CSQ=C|sixth_sense_variant|GENE|Transcript|T1|"),
        (50, "A", "C", "CSQ=C|regulatory_region_variant||RegulatoryFeature|R1|"),
        (60, "A", "C", "CSQ=C|splice_donor_5th_base_variant&intron_variant|GENE|Transcript|T1|"),
    )
    rows, found = read(path, "CSQ")
    assert rows == [
        (0, "GENE", "T1", "missense_variant&splice_region_variant", "MODERATE", None),
        (1, "GENE", "T1", "frameshift_variant", "HIGH", None),
        (2, "GENE", "T2", "intron_variant", "MODIFIER", None),
        (3, None, None, None, None, NOT_GIVEN),
        (4, "GENE", "T1", None, None, UNKNOWN_TERM),
        (5, None, None, None, None, NOT_GIVEN),
        (6, "GENE", "T1", "splice_region_variant&intron_variant", "LOW", None),
    ]
    assert (found.annotator, found.version, dict(found.unknown)) == ("Ensembl VEP", "113.0", {"sixth_sense_variant": 1})
    assert found.frame["amino_acid_change"][0] == "p.Ala2Pro"


def test_snpeff_and_bcftools(tmp_path: Path) -> None:
    path = vcf(
        tmp_path,
        '##SnpEffVersion="5.1d (build 2022-04-19)"\n' + ANN,
        (
            10,
            "A",
            "C,G",
            "ANN=G|stop_gained|GENE|transcript|T1|p.A2*,C|disruptive_inframe_deletion|GENE|transcript|T1|",
        ),
        (20, "A", "C", "ANN=C|sequence_feature|GENE|domain|D1|,C|missense_variant|GENE|transcript|T1|"),
    )
    rows, found = read(path, "ANN")
    assert rows == [
        (0, "GENE", "T1", "inframe_deletion", "MODERATE", None),
        (1, "GENE", "T1", "stop_gained", "HIGH", None),
        (2, "GENE", "T1", "missense_variant", "MODERATE", None),
    ]
    assert (found.annotator, found.version) == ("SnpEff", "5.1d")
    path = vcf(
        tmp_path,
        "##bcftools/csqVersion=1.24+htslib-1.24\n" + BCSQ,
        (10, "A", "C", "BCSQ=missense|GENE|T1|protein_coding|+|5A>5C|10A>C,*stop_gained|GENE|T2|protein_coding|+"),
        (20, "A", "C", "BCSQ=@10"),
    )
    rows, found = read(path, "BCSQ")
    assert rows == [
        (0, "GENE", "T1", "missense_variant", "MODERATE", None),
        (0, "GENE", "T2", "stop_gained", "HIGH", None),
        (1, None, None, None, None, NOT_GIVEN),
    ]
    assert (found.annotator, found.version) == ("bcftools csq", "1.24")
    assert found.frame["dna_change"].to_list() == ["10A>C", None, None]


def test_two_annotators_of_one_real_file_agree_on_what_is_grave() -> None:
    path = shared_data("knowledge", "scout-demo", "643594.clinical.vcf.gz")
    table = read_whole_vcf(path, samples=())
    vep, snpeff = (given_consequences(path, table, field) for field in ("CSQ", "ANN"))
    assert (vep.annotator, vep.version, snpeff.annotator, snpeff.version) == ("Ensembl VEP", "85", "SnpEff", "4.2")
    assert vep.frame["row"].n_unique() == snpeff.frame["row"].n_unique() == len(table) == 680
    first, second = (primary_consequence(one.frame) for one in (vep, snpeff))
    assert first["not_evaluated"].null_count() == 680
    both = first.join(second, on="row")
    grave = both.filter(pl.col("impact").is_in(["HIGH", "MODERATE"]))
    same = grave.filter(pl.col("impact") == pl.col("impact_right"))
    assert grave.height > 50
    assert same.height / grave.height > 0.9


@pytest.mark.parametrize("field", ["CSQ", "ANN", "BCSQ"])
def test_a_file_without_the_field_is_refused(tmp_path: Path, field: str) -> None:
    path = vcf(tmp_path, "", (10, "A", "C", "X=1"))
    with pytest.raises(InputError) as caught:
        given_consequences(path, read_whole_vcf(path), field)
    assert (caught.value.code, caught.value.field) == ("missing_column", field)
    with pytest.raises(InputError, match="no field"):
        given_consequences(path, read_whole_vcf(path), "OTHER")
