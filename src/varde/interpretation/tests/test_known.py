"""Imported sources joined to a case's alleles, and what a newer version would change."""

from __future__ import annotations

import gzip
from datetime import date
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from varde.annotation.clinvar import ClinVar
from varde.annotation.clinvar_import import import_clinvar
from varde.annotation.conservation import import_conservation
from varde.annotation.gene_tables import import_gene_table
from varde.annotation.knowledge import GeneKnowledge, Inheritance, KnowledgeTable, LofMechanism
from varde.annotation.knowledge_changes import ClinVarChange, clinvar_changes, gene_changes, score_changes
from varde.annotation.predictor_formats import ColumnDescription
from varde.annotation.predictors import Predictor, import_predictor
from varde.annotation.source_folder import Origin
from varde.annotation.tests.toy import CDS, make_reference
from varde.frequency.sources import add_source
from varde.genome.builds import Build
from varde.genome.errors import InputError
from varde.genome.keys import encode_keys
from varde.genome.references import Reference
from varde.interpretation.known import KNOWN_SCHEMA, KnowledgeBase, with_known
from varde.interpretation.preparation import prepare
from varde.quality.tests.families import trio_pedigree

DAY = date(2026, 12, 1)
VCF = (
    "##fileformat=VCFv4.1\n##reference=GRCh38\n##INFO=<ID=CLNSIG>\n##INFO=<ID=CLNREVSTAT>\n"
    "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\n"
)
CADD = "## CADD GRCh38-v1.7\n#Chrom\tPos\tRef\tAlt\tRawScore\tPHRED\n"
SITES = (
    "##fileformat=VCFv4.2\n##contig=<ID=1,length=248956422>\n"
    + "".join(
        f"##INFO=<ID={name},Number=1,Type=Float,Description=x>\n"
        for name in ("AC", "AN", "AF", "nhomalt", "faf95", "AC_nfe", "AN_nfe", "AC_afr", "AN_afr")
    )
    + "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\n"
)
FIRST, SECOND = CDS[0] + 4, CDS[0] + 5  # 1-based; the G and C of GCT, residue 2


def clinvar(folder: Path, version: str, *rows: tuple[int, int, str, str, str, str]) -> ClinVar:
    """``rows``: position, number, ref, alt, class, review status."""
    path = folder / f"clinvar-{version}.vcf"
    path.write_text(
        VCF + "".join(f"1\t{p}\t{i}\t{r}\t{a}\t.\t.\tCLNSIG={s};CLNREVSTAT={t}\n" for p, i, r, a, s, t in rows)
    )
    return ClinVar.open(import_clinvar(folder, path, Origin("ClinVar", version, "public", DAY), Build.GRCH38))


SINGLE, EXPERT = "criteria_provided,_single_submitter", "reviewed_by_expert_panel"


@pytest.fixture(scope="module")
def reference(tmp_path_factory: pytest.TempPathFactory) -> Reference:
    return make_reference(tmp_path_factory.mktemp("toy"))


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    root = tmp_path_factory.mktemp("sources")
    cadd, own, bed, sites, genes = (root / name for name in ("cadd.tsv", "own.tsv", "phylop", "sites.vcf", "genes.tsv"))
    cadd.write_text(CADD + f"1\t{FIRST}\tG\tA\t3\t24.1\n")
    own.write_text(f"c\tp\tr\ta\ts\n1\t{SECOND}\tC\tA\t-4.5\n")
    bed.write_text(f"chr1\t{FIRST - 1}\t{FIRST}\t7.25\n")
    low = "AC=5;AN=100000;AF=0.00005;nhomalt=1;faf95=0.00001;AC_nfe=1;AN_nfe=50000;AC_afr=3;AN_afr=30000"
    sites.write_text(SITES + f"1\t{FIRST}\t.\tG\tA\t.\tPASS\t{low}\n")
    other = root / "other.vcf"
    other.write_text(
        SITES + f"1\t{FIRST}\t.\tG\tA\t.\tPASS\tAC=1;AN=400;AF=0.0025;nhomalt=0;AC_nfe=1;AN_nfe=400;AC_afr=0;AN_afr=0\n"
    )
    genes.write_text(
        "gene\tinheritance\tlof_mechanism\tdisease\thpo\tsource\tversion\nPLUS\tAR\testablished\t\t\tlist\t1\n"
    )
    described = ColumnDescription("own", "c", "p", "r", "a", "s")
    found = {
        "clinvar": clinvar(root, "1", (FIRST, 7, "G", "A", "Pathogenic", EXPERT)).folder,
        "cadd": import_predictor(root, cadd, Origin("CADD", "1.7", "academic", DAY), Build.GRCH38, "cadd"),
        "own": import_predictor(root, own, Origin("own", "1", "ours", DAY), Build.GRCH38, described),
        "phylop": import_conservation(root, bed, Origin("phyloP", "1", "free", DAY), Build.GRCH38),
        "genes": import_gene_table(root, genes, Origin("list", "1", "ours", DAY), "gene_list"),
    }
    for name, path in (("gnomAD", sites), ("other", other)):
        source = add_source(root, path, name=name, version="4", licence="CC0", build=Build.GRCH38, imported_on=DAY)
        found[name] = source.folder
    return found


def alleles() -> pl.DataFrame:
    rows = [(1, FIRST, "G", "A", "T_PLUS"), (1, SECOND, "C", "A", "T_PLUS"), (1, 5, "A", "<DEL>", None)]
    frame = pl.DataFrame(
        rows,
        schema={"contig": pl.UInt8, "position": pl.Int64, "ref": pl.String, "alt": pl.String, "transcript": pl.String},
        orient="row",
    )
    keys = encode_keys([1, 1], [FIRST, SECOND], ["G", "C"], ["A", "A"])
    return frame.with_columns(key=pl.Series([*keys.tolist(), None], dtype=pl.UInt64))


def test_all_sources_are_joined_and_silence_is_null(folders: dict[str, Path], reference: Reference) -> None:
    base = KnowledgeBase.open(folders.values())
    base.check(Build.GRCH38)

    found = with_known(alleles(), base, reference)

    assert found.columns == [*alleles().columns, *KNOWN_SCHEMA, "score_own"]
    first, second, third = found.drop("contig", "position", "ref", "alt", "transcript", "key").to_dicts()
    silent = dict.fromkeys([*KNOWN_SCHEMA, "score_own"])
    assert third == silent
    assert second == silent | {"score_own": -4.5, "splice_site": "donor", "splice_distance": -36}
    assert first == silent | {
        "clinvar_id": 7,
        "clinvar_class": 5,
        "clinvar_conflicting": False,
        "clinvar_stars": 3,
        "cadd": 24.1,
        "conservation": 7.25,
        "outside_af": 0.0025,  # the higher of two sources
        "outside_popmax": 0.0001,  # 3 of 30,000; the other source's group has fewer than 2,000 alleles
        "outside_faf95": 0.00001,
        "outside_nhomalt": 1,
        "splice_site": "donor",
        "splice_distance": -37,
    }
    assert base.genes is not None
    assert base.genes.by_gene["PLUS"][0].inheritance is Inheritance.AUTOSOMAL_RECESSIVE


def test_without_sources_the_columns_are_there_and_null() -> None:
    found = with_known(alleles(), None, None)
    assert found.schema == alleles().schema | KNOWN_SCHEMA
    assert found.select(list(KNOWN_SCHEMA)).null_count().row(0) == (3,) * len(KNOWN_SCHEMA)
    assert with_known(found, None, None).equals(found)  # joined again, nothing is doubled
    assert with_known(alleles().clear(), KnowledgeBase(), None).height == 0


def test_a_prepared_case_has_the_columns_and_names_the_versions(
    tmp_path: Path, folders: dict[str, Path], reference: Reference
) -> None:
    header = "##fileformat=VCFv4.2\n##contig=<ID=1>\n##FORMAT=<ID=GT,Number=1,Type=String,Description=x>\n"
    path = tmp_path / "family.vcf"
    path.write_text(
        header
        + "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\tchild\tmother\tfather\n"
        + f"1\t{FIRST}\t.\tG\tA\t.\tPASS\t.\tGT\t0/1\t0/1\t0/0\n"
    )
    base = KnowledgeBase.open(folders.values())
    case = prepare([path], trio_pedigree(), reference=reference, known=base)
    assert case.alleles.select("clinvar_class", "cadd", "outside_nhomalt", "splice_distance").row(0) == (
        5,
        24.1,
        1,
        -37,
    )
    assert case.versions["clinvar"].startswith("ClinVar 1 sha256:")
    assert {"predictor_cadd", "predictor_own", "conservation", "frequency_gnomAD"} <= case.versions.keys()


def test_a_source_of_the_other_build_stops_the_case(tmp_path: Path, folders: dict[str, Path]) -> None:
    path = tmp_path / "cadd.tsv"
    path.write_text("#Chrom\tPos\tRef\tAlt\tRawScore\tPHRED\n1\t5\tG\tA\t3\t24.1\n")
    old = import_predictor(tmp_path, path, Origin("CADD", "37", "academic", DAY), Build.GRCH37, "cadd")
    with pytest.raises(InputError) as caught:
        KnowledgeBase.open([old]).check(Build.GRCH38)
    assert (caught.value.code, caught.value.source) == ("wrong_build", "CADD 37")
    with pytest.raises(InputError) as caught:
        KnowledgeBase.open([old, folders["cadd"]])
    assert caught.value.code == "two_sources"


def test_what_a_newer_clinvar_says_otherwise(tmp_path: Path) -> None:
    conflict = "Conflicting_classifications_of_pathogenicity"
    disagreed = "criteria_provided,_conflicting_classifications"
    old = clinvar(
        tmp_path, "1",
        (10, 1, "A", "C", "Uncertain_significance", SINGLE),
        (11, 2, "A", "C", "Pathogenic", SINGLE),
        (12, 3, "A", "C", "Likely_pathogenic", SINGLE),
        (13, 4, "A", "C", "Benign", SINGLE),
        (14, 5, "A", "C", "Benign", SINGLE),
        (15, 6, "A", "C", "Likely_pathogenic", SINGLE),
    )  # fmt: skip
    new = clinvar(
        tmp_path, "2",
        (10, 1, "A", "C", "Pathogenic", EXPERT),
        (11, 2, "A", "C", conflict, disagreed),
        (12, 3, "A", "C", "Pathogenic", SINGLE),
        (14, 5, "A", "C", "Benign", EXPERT),
        (15, 6, "A", "C", "Likely_pathogenic", SINGLE),
        (16, 7, "A", "C", "Likely_benign", SINGLE),
    )  # fmt: skip
    keys = encode_keys([1] * 8, range(10, 18), ["A"] * 8, ["C"] * 8)
    rows = clinvar_changes(old, new, keys).select("variation_id", "change", "matters", "old_class", "new_class").rows()
    assert rows == [
        (1, ClinVarChange.CLASS, True, 3, 5),
        (2, ClinVarChange.CONFLICT, True, 5, None),
        (3, ClinVarChange.CLASS, False, 4, 5),
        (4, ClinVarChange.VANISHED, True, 1, None),
        (5, ClinVarChange.STARS, False, 1, 1),
        (7, ClinVarChange.APPEARED, True, None, 2),
    ]
    assert clinvar_changes(new, new, keys).is_empty()
    first = clinvar_changes(None, new, keys[:2])
    assert first.select("change", "matters", "new_class").rows() == [("appeared", True, 5), ("appeared", False, None)]
    assert clinvar_changes(old, new, np.empty(0, dtype=np.uint64)).is_empty()


def test_what_newer_scores_and_tables_of_genes_say_otherwise(tmp_path: Path) -> None:
    found = []
    for version, score in (("1", "0.2"), ("2", "0.7")):
        path = tmp_path / f"{version}.gz"
        body = f"chr,hg19_pos,grch38_pos,ref,alt,REVEL\n1,5,5,A,C,{score}\n1,6,6,A,C,0.5\n"
        path.write_bytes(gzip.compress(body.encode()))
        origin = Origin("REVEL", version, "academic", DAY)
        found.append(Predictor.open(import_predictor(tmp_path, path, origin, Build.GRCH38, "revel")))
    keys = encode_keys([1] * 3, [5, 6, 7], ["A"] * 3, ["C"] * 3)
    assert score_changes(found[0], found[1], keys).select("old", "new").rows() == [(0.2, 0.7)]
    assert score_changes(None, found[1], keys).select("old", "new").rows() == [(None, 0.7), (None, 0.5)]

    def table(version: str, mechanism: LofMechanism) -> KnowledgeTable:
        unchanged = GeneKnowledge("B", Inheritance.UNKNOWN, LofMechanism.NO, "list", version)
        return KnowledgeTable((GeneKnowledge("A", Inheritance.UNKNOWN, mechanism, "list", version), unchanged))

    old, new = table("1", LofMechanism.UNKNOWN), table("2", LofMechanism.ESTABLISHED)
    assert gene_changes(old, new, ["A", "B", "C"]) == ("A",)
    assert gene_changes(None, new, ["B", "C"]) == ("B",)
