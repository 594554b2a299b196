"""Gene knowledge from a laboratory's list, ClinGen and gnomAD, and which of them decides."""

from __future__ import annotations

import gzip
from collections import Counter
from pathlib import Path

import pytest

from shared_data import shared_data
from varde.annotation.knowledge import (
    COLUMNS,
    GeneKnowledge,
    Inheritance,
    KnowledgeTable,
    LofMechanism,
    merge,
    read_clingen_dosage,
    read_gene_knowledge,
    read_gnomad_constraint,
)
from varde.genome.errors import InputError

HEADER = "\t".join(COLUMNS)
ESTABLISHED, NO, UNKNOWN = LofMechanism.ESTABLISHED, LofMechanism.NO, LofMechanism.UNKNOWN
AD, AR, XL, XLR = (Inheritance(short) for short in ("AD", "AR", "XL", "XLR"))


def curated(folder: Path, *rows: str, header: str = HEADER) -> KnowledgeTable:
    path = folder / "genes.tsv"
    path.write_text("\n".join((header, *rows)) + "\n", encoding="utf-8")
    return read_gene_knowledge(path)


def test_reads_a_list_with_comments_and_columns_in_any_order(tmp_path: Path) -> None:
    rows = curated(
        tmp_path,
        "# checked by two",
        "",
        "2026-1\tlist\tMADE1\tAR\testablished\tHP:0001250; HP:0001263\tØst syndrome\r",
        "2026-1\tlist\tMADE1\tAD\tno\t\t",
        header="version\tsource\tgene\tinheritance\tlof_mechanism\thpo\tdisease",
    ).rows
    assert rows == (
        GeneKnowledge("MADE1", AR, ESTABLISHED, "list", "2026-1", "Øst syndrome", ("HP:0001250", "HP:0001263")),
        GeneKnowledge("MADE1", AD, NO, "list", "2026-1"),
    )


def test_reads_gzip_and_a_byte_order_mark(tmp_path: Path) -> None:
    path = tmp_path / "genes.tsv.gz"
    path.write_bytes(gzip.compress(f"\ufeff{HEADER}\nMADE1\tAR\tno\t\t\tlist\t1\n".encode()))
    assert read_gene_knowledge(path).rows == (GeneKnowledge("MADE1", AR, NO, "list", "1"),)


GOOD = "MADE1\tAR\testablished\t\t\tlist\t1"


@pytest.mark.parametrize(
    ("text", "code", "line", "field"),
    [
        ("", "missing_column", None, None),
        ("# only a remark\n", "missing_column", None, None),
        ("gene\tinheritance\n", "missing_column", 1, None),
        (f"{HEADER}\tgene\n", "missing_column", 1, None),
        (f"{HEADER}\n{GOOD}\nMADE2\tAR\n", "bad_row", 3, None),
        (f"{HEADER}\n\n{GOOD.replace('AR', 'recessive')}\n", "bad_row", 3, "inheritance"),
        (f"{HEADER}\n{GOOD.replace('established', 'yes')}\n", "bad_row", 2, "lof_mechanism"),
        (f"{HEADER}\n{GOOD.replace('MADE1', ' ')}\n", "bad_row", 2, "gene"),
        (f"{HEADER}\n{GOOD[:-1]}\n", "bad_row", 2, "version"),
        (f"{HEADER}\nMADE1\tAR\tno\t\tHP:12\tlist\t1\n", "bad_row", 2, "hpo"),
        (f"{HEADER}\n{GOOD}\n{GOOD.replace('established', 'no')}\n", "duplicate_row", 3, None),
    ],
)
def test_a_bad_list_is_refused_with_line_and_field(
    text: str, code: str, line: int | None, field: str | None, tmp_path: Path
) -> None:
    path = tmp_path / "genes.tsv"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(InputError) as raised:
        read_gene_knowledge(path)
    assert (raised.value.code, raised.value.line, raised.value.field) == (code, line, field)
    assert raised.value.source == "genes.tsv"


@pytest.mark.parametrize("content", [None, b"\x1f\x8b\x08\x00cut", f"{HEADER}\nG\xe5\tAR".encode("latin-1")])
def test_what_cannot_be_read_is_refused(content: bytes | None, tmp_path: Path) -> None:
    path = tmp_path / "genes.tsv"
    if content is not None:
        path.write_bytes(content)
    for read in (read_gene_knowledge, read_clingen_dosage):
        with pytest.raises(InputError) as raised:
            read(path)
        assert (raised.value.code, raised.value.source) == ("unreadable", "genes.tsv")


CLINGEN = (
    '"CLINGEN DOSAGE SENSITIVITY CURATIONS","","","","","","",""\n'
    '"FILE CREATED: 2030-01-02","","","","","","",""\n'
    '"GENE/REGION","HGNC/ISCA","GRCh37","GRCh38","HAPLOINSUFFICIENCY","TRIPLOSENSITIVITY","ONLINE REPORT","DATE"\n'
    '"+++++","+++++","+++++","+++++","+++++","+++++","+++++","+++++"\n'
)


def clingen_row(gene: str, place: str, rating: str, identifier: str = "HGNC:1") -> str:
    return f'"{gene}","{identifier}","{place}","{place}","{rating}","","",""\n'


def test_clingen_ratings(tmp_path: Path) -> None:
    path = tmp_path / "dosage.csv"
    path.write_text(
        CLINGEN
        + clingen_row("MADE1", "chr1:1-9", "Sufficient Evidence for Haploinsufficiency")
        + clingen_row("MADE2", "chrX:1-9", "Sufficient Evidence for Haploinsufficiency")
        + clingen_row("MADE3", "chr1:1-9", "Gene Associated with Autosomal Recessive Phenotype")
        + clingen_row("MADE4", "chr1:1-9", "No Evidence for Haploinsufficiency")
        + clingen_row("MADE5", "chr1:1-9", "Dosage Sensitivity Unlikely")
        + clingen_row("1q21 region, with a comma", "chr1:1-9", "Sufficient Evidence for Haploinsufficiency", "ISCA-1")
    )
    table = read_clingen_dosage(path)
    assert [(row.gene, row.inheritance, row.lof_mechanism) for row in table.rows] == [
        ("MADE1", AD, ESTABLISHED),
        ("MADE2", XL, ESTABLISHED),
        ("MADE3", AR, UNKNOWN),
        ("MADE4", Inheritance.UNKNOWN, UNKNOWN),
        ("MADE5", Inheritance.UNKNOWN, NO),
    ]
    assert {(row.source, row.version) for row in table.rows} == {("ClinGen dosage sensitivity", "2030-01-02")}


@pytest.mark.parametrize(
    ("text", "code", "line"),
    [
        ("gene,score\nMADE1,3\n", "not_clingen_dosage", None),
        (CLINGEN.replace("FILE CREATED", "MADE"), "not_clingen_dosage", None),
        (CLINGEN + clingen_row("MADE1", "chr1:1-9", "Perhaps"), "bad_row", 5),
        (CLINGEN + '"MADE1","HGNC:1"\n', "bad_row", 5),
    ],
)
def test_another_file_is_not_taken_for_clingens(text: str, code: str, line: int | None, tmp_path: Path) -> None:
    path = tmp_path / "dosage.csv"
    path.write_text(text)
    with pytest.raises(InputError) as raised:
        read_clingen_dosage(path)
    assert (raised.value.code, raised.value.line) == (code, line)


CONSTRAINT = "gene\ttranscript\tmane_select\tlof.pLI\tlof.oe_ci.upper\n"


def test_constraint_is_of_the_mane_transcript_and_decides_nothing(tmp_path: Path) -> None:
    path = tmp_path / "constraint.tsv"
    path.write_text(
        CONSTRAINT
        + "MADE1\tNM_1\ttrue\t0.5\t0.4\nMADE1\tENST1\ttrue\t0.99\t0.2\nMADE1\tENST2\tfalse\t0\t1.9\n"
        + "MADE2\tENST3\ttrue\tNA\tNA\nMADE3\tENST4\tfalse\t1\t0.1\n"
    )
    table = read_gnomad_constraint(path, "4.1.1")
    assert [(row.gene, row.pli, row.loeuf, row.lof_mechanism) for row in table.rows] == [
        ("MADE1", 0.99, 0.2, UNKNOWN),
        ("MADE2", None, None, UNKNOWN),
    ]
    assert table.deciding_row("MADE1") is None
    assert table.constraint("MADE2") is None
    for bad in ("x", "-1", "inf", "nan"):
        path.write_text(CONSTRAINT + f"MADE1\tENST1\ttrue\t{bad}\t0.2\n")
        with pytest.raises(InputError) as raised:
            read_gnomad_constraint(path, "4.1.1")
        assert (raised.value.code, raised.value.line, raised.value.field) == ("bad_row", 2, "lof.pLI")


def row(gene: str, inheritance: Inheritance, mechanism: LofMechanism, source: str) -> GeneKnowledge:
    return GeneKnowledge(gene, inheritance, mechanism, source, "1")


def test_the_first_source_that_knows_decides_under_the_inheritance_asked() -> None:
    own = KnowledgeTable((row("A", AR, ESTABLISHED, "own"), row("A", AD, UNKNOWN, "own"), row("B", XLR, NO, "own")))
    other = KnowledgeTable(
        (row("A", AD, ESTABLISHED, "other"), row("A", AR, NO, "other"), row("B", XL, ESTABLISHED, "other"))
    )
    table = merge(own, other)
    decided = {
        (gene, inheritance): found and (found.source, found.lof_mechanism)
        for gene, inheritance in (("A", AR), ("A", AD), ("A", XL), ("B", XL), ("B", XLR), ("B", AD), ("C", AR))
        for found in [table.deciding_row(gene, inheritance)]
    }
    assert decided == {
        ("A", AR): ("own", ESTABLISHED),
        ("A", AD): ("other", ESTABLISHED),
        ("A", XL): None,
        ("B", XL): ("own", NO),
        ("B", XLR): ("own", NO),
        ("B", AD): None,
        ("C", AR): None,
    }
    assert [found.source for found in table.by_gene["A"]] == ["own", "own", "other", "other"]
    with pytest.raises(ValueError, match="must not be empty"):
        row("", AD, NO, "own")


def test_the_shared_files_of_clingen_and_gnomad() -> None:
    clingen = read_clingen_dosage(shared_data("knowledge", "clingen", "clingen_dosage_sensitivity_reduced.csv"))
    assert Counter((found.inheritance.value, found.lof_mechanism.value) for found in clingen.rows) == {
        ("AD", "established"): 83,
        ("XL", "established"): 24,
        ("AR", "unknown"): 55,
        ("unknown", "unknown"): 30,
    }
    assert {found.version for found in clingen.rows} == {"2026-08-25"}
    gnomad = read_gnomad_constraint(
        shared_data("knowledge", "gnomad", "gnomad_v4.1.1_constraint_reduced.tsv.gz"), "4.1.1"
    )
    found = merge(clingen, gnomad).constraint("ACTR3")
    assert found is not None
    assert (found.pli, found.loeuf, found.version) == (1.0, 0.34236, "4.1.1")
