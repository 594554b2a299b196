"""ClinVar's three layouts imported and asked, against ClinVar's own columns and hand-made files."""

from __future__ import annotations

import gzip
from datetime import date
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from shared_data import shared_data
from varde.annotation.clinvar import ClinVar, GeneSpectrum
from varde.annotation.clinvar_import import import_clinvar
from varde.annotation.clinvar_terms import ProteinChange, engine_change, named_change, significance, stars
from varde.annotation.source_folder import Origin, verify
from varde.annotation.tests.toy import CDS, CODONS, EXONS, PROTEIN
from varde.genome.builds import Build
from varde.genome.errors import InputError
from varde.genome.keys import encode_keys
from varde.genome.references import Reference

ORIGIN = Origin("ClinVar", "2026-11", "public domain", date(2026, 12, 1))
HEADER = (
    "##fileformat=VCFv4.1\n##fileDate=2026-11-24\n##source=ClinVar\n##reference=GRCh38\n"
    '##INFO=<ID=CLNSIG,Number=.,Type=String,Description="x">\n'
    '##INFO=<ID=CLNREVSTAT,Number=.,Type=String,Description="x">\n'
    "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\n"
)


def info(significance: str, status: str = "criteria_provided,_single_submitter", **more: str) -> str:
    return ";".join([f"CLNREVSTAT={status}", f"CLNSIG={significance}", *(f"{k}={v}" for k, v in more.items())])


def vcf(folder: Path, *rows: tuple[object, ...], header: str = HEADER) -> Path:
    path = folder / "clinvar.vcf.gz"
    text = header + "".join(
        "\t".join([str(c), str(p), str(i), r, a, ".", ".", said]) + "\n" for c, p, i, r, a, said in rows
    )
    path.write_bytes(gzip.compress(text.encode()))
    return path


def test_every_row_of_a_real_table_has_the_stars_and_the_protein_change_that_the_table_tells(tmp_path: Path) -> None:
    file = shared_data("knowledge", "clinvar", "clinvar_alleles_750.b37.tsv.gz")
    clinvar = ClinVar.open(import_clinvar(tmp_path, file, ORIGIN, Build.GRCH37))
    told = pl.read_csv(file, separator="\t", quote_char=None, infer_schema=False)
    keys = encode_keys(np.ones(told.height), told["pos"].cast(pl.Int64).to_numpy(), told["ref"], told["alt"])

    found = clinvar.at(keys)

    assert found.height == 749
    assert found["stars"].to_list() == told["gold_stars"].cast(pl.Int64).to_list()
    assert found["conflicting"].cast(pl.String).replace({"true": "1", "false": "0"}).equals(told["conflicted"])
    assert found["variation_id"].cast(pl.String).equals(told["variation_id"])
    simple = told["hgvs_p"].str.contains(r"p\.[A-Z][a-z]{2}\d+[A-Z][a-z]{2}$")
    written = told["hgvs_p"].str.extract(r"(p\..*)$")
    assert simple.sum() == 370
    assert found.filter(simple)["protein_change"].equals(written.filter(simple))
    assert dict(found["classification"].value_counts().rows()) == {1: 101, 2: 213, 3: 279, 4: 19, 5: 76, None: 61}


def test_the_same_real_variants_of_both_builds_have_the_same_classes(tmp_path: Path) -> None:
    tables = []
    for build, name in ((Build.GRCH37, "b37"), (Build.GRCH38, "b38")):
        file = shared_data("knowledge", "clinvar", f"clinvar_alleles_750.{name}.tsv.gz")
        tables.append(pl.read_parquet(import_clinvar(tmp_path / name, file, ORIGIN, build) / "records.parquet"))
    both = tables[0].join(tables[1], on="variation_id")
    assert both.height > 700
    for name in ("classification", "stars", "protein_change", "gene"):
        assert both[name].equals(both[f"{name}_right"])


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("Pathogenic", (5, False, ())),
        ("Likely_pathogenic", (4, False, ())),
        ("Pathogenic/Likely_pathogenic", (4, False, ())),
        ("Benign/Likely benign", (2, False, ())),
        ("Uncertain significance", (3, False, ())),
        ("Conflicting_classifications_of_pathogenicity", (None, True, ())),
        ("Conflicting_interpretations_of_pathogenicity|other", (None, True, ("other",))),
        ("Pathogenic|drug_response", (5, False, ("drug response",))),
        ("Pathogenic/Likely_pathogenic/Pathogenic,_low_penetrance", (4, False, ("low penetrance",))),
        ("Benign, risk factor", (1, False, ("risk factor",))),
        ("Pathogenic;Uncertain significance", (None, True, ())),
        ("Likely benign;Pathogenic", (None, True, ())),
        ("Likely_risk_allele", (None, False, ("likely risk allele",))),
        ("not_provided", (None, False, ("not provided",))),
    ],
)
def test_significance(words: str, expected: tuple[int | None, bool, tuple[str, ...]]) -> None:
    found = significance(words)
    assert (found.classification, found.conflicting, found.other) == expected


def test_stars_of_old_and_new_words() -> None:
    assert stars("practice_guideline") == 4
    assert stars("criteria_provided,_conflicting_classifications") == 1
    assert stars("criteria provided, conflicting interpretations") == 1
    assert stars("reviewed by my cousin") is None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("NM_005101.3(ISG15):c.62G>A (p.Ser21Asn)", ProteinChange(21, "S", "N")),
        ("NM_005101.3(ISG15):c.163C>T (p.Gln55Ter)", ProteinChange(55, "Q", "*")),
        ("NP_1.1:p.Pro10=", ProteinChange(10, "P", "=")),
        ("NP_1.1:p.Leu4Profs", ProteinChange(4, "L", "fs")),
        ("NP_1.1:p.(Leu4fs)", ProteinChange(4, "L", "fs")),
        ("NP_1.1:p.Leu4_Pro6del", None),
        ("NP_1.1:p.Leu4del", None),
        ("NC_1.1:g.5A>C", None),
        ("p.Xyz4Leu", None),
    ],
)
def test_protein_change_of_a_name(text: str, expected: ProteinChange | None) -> None:
    assert named_change(text) == expected


def test_protein_change_of_the_engine() -> None:
    assert engine_change("21S>21N") == ProteinChange(21, "S", "N")
    assert engine_change("55Q>55*") == ProteinChange(55, "Q", "*")
    assert engine_change("21S") == ProteinChange(21, "S", "=")
    assert engine_change("36FL>36CL") is None
    assert engine_change("36FLKP..") is None
    assert ProteinChange(55, "Q", "*").text == "p.Gln55Ter"


def test_residues_are_numbered_by_our_own_engine_on_our_transcript(tmp_path: Path, toy_reference: Reference) -> None:
    """Codon 2 of the toy gene: two missense alleles, one synonymous; a third missense six residues on."""
    start = CDS[0]
    codon = start + 3  # 0-based, codon 2
    assert CODONS[1] == "GCT"
    at = codon + 1  # 1-based position of the G
    later = start + 3 * 7 + 1  # codon 8
    assert EXONS[0][1] > later
    ref8 = CODONS[7]
    rows = (
        ("1", at, 11, "G", "A", info("Pathogenic", "reviewed_by_expert_panel", GENEINFO="PLUS:1", CLNDN="A_B|C")),
        ("1", at + 1, 12, "C", "A", info("Likely_pathogenic", GENEINFO="PLUS:1")),
        ("1", at + 2, 13, "T", "C", info("Benign", GENEINFO="PLUS:1")),
        ("1", later, 14, ref8[0], "G", info("Conflicting_classifications_of_pathogenicity",
         "criteria_provided,_conflicting_classifications", GENEINFO="PLUS:1", CLNSIGCONF="Pathogenic(1)|Benign(2)")),
    )  # fmt: skip
    clinvar = ClinVar.open(
        import_clinvar(tmp_path, vcf(tmp_path, *rows), ORIGIN, Build.GRCH38, reference=toy_reference)
    )

    same = clinvar.same_residue("PLUS", 2)

    assert [(one.variation_id, one.protein_change, one.classification, one.stars) for one in same] == [
        (11, "p.Ala2Thr", 5, 3),
        (12, "p.Ala2Asp", 4, 1),
        (13, "p.Ala2=", 1, 1),
    ]
    assert same[0].transcript == "T_PLUS"
    assert same[0].consequence == "missense_variant"
    assert same[0].condition == "A B|C"
    assert same[0].variant == f"1-{at}-G-A"
    assert PROTEIN[7] == clinvar.near("PLUS", 2, 6)[-1].aa_ref
    assert [one.variation_id for one in clinvar.near("PLUS", 2, 5)] == [11, 12, 13]
    assert clinvar.near("PLUS", 2, 6)[-1].conflict == "Pathogenic(1)|Benign(2)"
    assert clinvar.same_residue("OTHER", 2) == ()
    assert [one.variation_id for one in clinvar.around(1, at, 1)] == [11, 12]
    assert clinvar.spectrum("PLUS") == GeneSpectrum("PLUS", 2, 2, 0, 1, 0, 0)
    assert clinvar.description.details["protein_from"].startswith("bcftools csq")
    assert clinvar.description.details["file_date"] == "2026-11-24"
    verify(clinvar.folder)


def test_alleles_are_found_as_our_own_are_left_aligned(tmp_path: Path, toy_reference: Reference) -> None:
    """An insertion in a run of A of the toy gene, written at its right end."""
    run = CDS[0] + 6  # AAAAAA, codons 3 and 4
    assert toy_reference.sequence(1, run, run + 6) == "AAAAAA"
    rows = [("1", run + 6, 5, "A", "AA", info("Pathogenic"))]
    clinvar = ClinVar.open(
        import_clinvar(tmp_path, vcf(tmp_path, *rows), ORIGIN, Build.GRCH38, reference=toy_reference)
    )
    before = toy_reference.sequence(1, run - 1, run)
    keys = encode_keys([1], [run], [before], [before + "A"])
    assert clinvar.at(keys)["variation_id"].to_list() == [5]
    record = clinvar.record(int(keys[0]))
    assert record is not None
    assert record.variant == f"1-{run}-{before}-{before}A"
    assert clinvar.record(int(keys[0]) + 1) is None


def test_what_is_left_out_is_counted_by_reason(tmp_path: Path, toy_reference: Reference) -> None:
    first = toy_reference.sequence(1, 0, 1)
    other = next(letter for letter in "ACGT" if letter != first)
    rows = (
        ("1", 1, 1, first, other, info("Pathogenic")),
        ("1", 1, 2, first, other, info("Pathogenic", "reviewed_by_expert_panel")),
        ("1", 1, 3, first, ".", info("Benign")),
        ("1", 1, 4, other, first, info("Benign")),
        ("NW_003315925.1", 1, 5, "A", "C", info("Benign")),
        ("3", 1, 6, "A", "C", info("Benign")),
        ("1", 50_000, 7, "A", "C", info("Benign")),
        ("1", 1, 8, first, other, "CLNREVSTAT=no_classification_for_the_single_variant;CLNSIGINCL=1:Pathogenic"),
    )
    clinvar = ClinVar.open(
        import_clinvar(tmp_path, vcf(tmp_path, *rows), ORIGIN, Build.GRCH38, reference=toy_reference)
    )
    told = clinvar.description
    assert (told.read, told.kept) == (8, 1)
    assert dict(told.dropped) == {
        "beyond_reference": 1,
        "contig_not_in_reference": 1,
        "no_germline_class": 1,
        "not_sequence": 1,
        "other_sequence": 1,
        "reference_differs": 1,
        "same_allele": 1,
    }
    assert told.read == told.kept + sum(told.dropped.values())
    assert clinvar.at(encode_keys([1], [1], [first], [other]))["stars"].to_list() == [3]


SUMMARY = (
    "#AlleleID\tType\tName\tGeneID\tGeneSymbol\tHGNC_ID\tClinicalSignificance\tLastEvaluated\tPhenotypeList\t"
    "Assembly\tChromosome\tReviewStatus\tVariationID\tPositionVCF\tReferenceAlleleVCF\tAlternateAlleleVCF\n"
)


def summary_row(build: str, position: int, number: int, ref: str = "G", alt: str = "A") -> str:
    name = "NM_005101.3(ISG15):c.62G>A (p.Ser21Asn)"
    return (
        f"1\tsingle nucleotide variant\t{name}\t9636\tISG15\tHGNC:4053\tPathogenic\tMay 26, 2017\tA|B\t{build}\t1\t"
        f"criteria provided, single submitter\t{number}\t{position}\t{ref}\t{alt}\n"
    )


def test_variant_summary_gives_the_rows_of_one_build(tmp_path: Path) -> None:
    text = SUMMARY + summary_row("GRCh37", 949422, 7) + summary_row("GRCh38", 1014042, 7)
    text += summary_row("GRCh38", -1, 8, "na", "na")
    path = tmp_path / "variant_summary.txt"
    path.write_text(text)
    clinvar = ClinVar.open(import_clinvar(tmp_path, path, ORIGIN, Build.GRCH38))
    assert (clinvar.description.read, clinvar.description.kept) == (3, 1)
    assert dict(clinvar.description.dropped) == {"no_position": 1, "other_build": 1}
    (record,) = clinvar.same_residue("ISG15", 21)
    assert (record.variant, record.protein_change, record.last_evaluated, record.transcript) == (
        "1-1014042-G-A",
        "p.Ser21Asn",
        "May 26, 2017",
        "NM_005101.3",
    )


def refused(tmp_path: Path, path: Path, build: Build = Build.GRCH38, **more: Reference) -> InputError:
    """The error of an import, which has stored nothing."""
    root = tmp_path / "sources"
    with pytest.raises(InputError) as caught:
        import_clinvar(root, path, ORIGIN, build, **more)
    assert not root.exists() or not list(root.iterdir())
    return caught.value


def test_a_file_of_the_other_build_is_refused(tmp_path: Path, toy_reference: Reference) -> None:
    good = vcf(tmp_path, ("1", 949422, 1, "G", "A", info("Benign")))
    assert refused(tmp_path, good, Build.GRCH37).code == "wrong_build"
    length = 249_250_621  # of chromosome 1 in GRCh37; GRCh38 is shorter
    plain = vcf(tmp_path, ("1", length, 1, "G", "A", info("Benign")), header=HEADER.replace("##reference=GRCh38\n", ""))
    found = refused(tmp_path, plain, Build.GRCH38)
    assert (found.code, found.line) == ("wrong_build", 7)
    letters = toy_reference.sequence(1, 0, 40)
    turned = letters.translate(str.maketrans("ACGT", "CGTA"))
    rows = [("1", at + 1, at + 1, turned[at], letters[at], info("Benign")) for at in range(40)]
    assert refused(tmp_path, vcf(tmp_path, *rows), reference=toy_reference).code == "wrong_build"
    text = tmp_path / "variant_summary.txt"
    text.write_text(SUMMARY + summary_row("GRCh37", 949422, 7))
    assert (refused(tmp_path, text).code, refused(tmp_path, text).field) == ("wrong_build", "Assembly")


@pytest.mark.parametrize(
    ("text", "code", "line"),
    [
        (HEADER.replace("CLNSIG", "OTHER") + "1\t5\t1\tA\tC\t.\t.\tX=1\n", "missing_column", None),
        (HEADER + "1\t5\t1\tA\tC\t.\t.\tCLNSIG=Benign;CLNREVSTAT=by_my_cousin\n", "bad_row", 8),
        (HEADER + "1\tfive\t1\tA\tC\t.\t.\t" + info("Benign") + "\n", "bad_row", 8),
        (HEADER + "1\t5\trs1\tA\tC\t.\t.\t" + info("Benign") + "\n", "bad_row", 8),
        (HEADER + "1\t5\t1\tA\tC\t.\t.\t" + info("Benign") + "\n1\t6\t2\tA", "bad_row", 9),
        (HEADER, "no_rows", None),
        ("chrom\tpos\n1\t5\n", "missing_column", 1),
        ("", "empty", None),
        ("nothing at all\n", "no_heading", 1),
        ("a\ta\n1\t2\n", "duplicate_column", 1),
    ],
)
def test_a_damaged_or_foreign_file_is_refused_with_its_line(
    tmp_path: Path, text: str, code: str, line: int | None
) -> None:
    path = tmp_path / "clinvar.vcf"
    path.write_text(text)
    found = refused(tmp_path, path)
    assert (found.code, found.source) == (code, "clinvar.vcf")
    if line:
        assert found.line == line


def test_other_encodings_are_refused(tmp_path: Path) -> None:
    row = "1\t5\t1\tA\tC\t.\t.\t" + info("Benign", CLNDN="Sjögren")
    path = tmp_path / "clinvar.vcf"
    path.write_bytes((HEADER + row + "\n").encode("latin-1"))
    assert (refused(tmp_path, path).code, refused(tmp_path, path).line) == ("encoding", 8)
    path.write_bytes((HEADER + row + "\n").encode("utf-16"))
    assert refused(tmp_path, path).code == "encoding"
    path.write_bytes((HEADER + row + "\0\n").encode())
    assert refused(tmp_path, path).code == "encoding"


def test_a_file_cut_short_anywhere_is_refused_or_read_alike(tmp_path: Path) -> None:
    rows = [("1", 10 + at, at, "A", "C", info("Benign", GENEINFO=f"G{at}:1")) for at in range(1, 60)]
    whole = vcf(tmp_path, *rows).read_bytes()
    path = tmp_path / "cut.vcf.gz"
    for size in range(1, len(whole), 37):
        path.write_bytes(whole[:size])
        assert refused(tmp_path, path).code in {"truncated", "corrupt", "empty", "no_heading"}
    damaged = bytearray(whole)
    for at in range(20, len(whole) - 1, 41):
        damaged[at] ^= 0x55
        path.write_bytes(bytes(damaged))
        refused(tmp_path, path)
        damaged[at] ^= 0x55


def test_a_version_is_never_changed(tmp_path: Path) -> None:
    path = vcf(tmp_path, ("1", 949422, 1, "G", "A", info("Benign")))
    folder = import_clinvar(tmp_path / "sources", path, ORIGIN, Build.GRCH38)
    before = {one.name: one.read_bytes() for one in folder.iterdir()}
    with pytest.raises(InputError) as caught:
        import_clinvar(tmp_path / "sources", path, ORIGIN, Build.GRCH38)
    assert caught.value.code == "out_exists"
    assert {one.name: one.read_bytes() for one in folder.iterdir()} == before
    (folder / "records.parquet").write_bytes(b"PAR1")
    with pytest.raises(InputError, match=r"records\.parquet"):
        verify(folder)
    with pytest.raises(InputError) as caught:
        ClinVar.open(folder).record(1)
    assert caught.value.code == "damaged_source"
