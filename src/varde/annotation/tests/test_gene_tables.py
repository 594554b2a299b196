"""Tables of genes as sources, and symbols resolved, against the real tables."""

from __future__ import annotations

from collections import Counter
from datetime import date
from pathlib import Path

import polars as pl
import pytest

from shared_data import shared_data
from varde.annotation.gene_names import GeneNames, ResolvedSymbol, SymbolState, import_gene_names
from varde.annotation.gene_tables import import_gene_table, open_gene_table
from varde.annotation.gene_validity import read_clingen_validity
from varde.annotation.knowledge import Inheritance, read_clingen_dosage, read_gnomad_constraint
from varde.annotation.source_folder import Origin
from varde.genome.errors import InputError

ORIGIN = Origin("genes", "2026-08", "CC0", date(2026, 12, 1))
VALIDITY = ("knowledge", "clingen", "clingen_gene_disease_summary_reduced.csv")


def test_clingen_validity_against_the_file_itself() -> None:
    path = shared_data(*VALIDITY)
    table = read_clingen_validity(path)
    assert len(table.rows) == 435
    assert Counter(row.validity for row in table.rows) == {
        "Definitive": 317,
        "Limited": 41,
        "Moderate": 41,
        "Disputed": 25,
        "Refuted": 7,
        "Strong": 2,
        "No Known Disease Relationship": 2,
    }
    (row,) = table.by_gene["ABCD1"]
    assert (row.disease, row.inheritance, row.validity, row.version) == (
        "adrenoleukodystrophy",
        Inheritance.X_LINKED,
        "Definitive",
        "2026-08-25",
    )
    order = [row.validity for row in table.rows if row.gene == table.rows[0].gene]
    assert order == sorted(order, key=["Definitive", "Strong", "Moderate", "Limited", "Disputed"].index)


@pytest.mark.parametrize(
    ("kind", "parts"),
    [
        ("clingen_validity", VALIDITY),
        ("clingen_dosage", ("knowledge", "clingen", "clingen_dosage_sensitivity_reduced.csv")),
        ("gnomad_constraint", ("knowledge", "gnomad", "gnomad_v4.1.1_constraint_reduced.tsv.gz")),
    ],
)
def test_a_table_is_stored_and_read_back_alike(tmp_path: Path, kind: str, parts: tuple[str, ...]) -> None:
    path = shared_data(*parts)
    readers = {
        "clingen_validity": read_clingen_validity,
        "clingen_dosage": read_clingen_dosage,
        "gnomad_constraint": lambda one: read_gnomad_constraint(one, "2026-08"),
    }
    assert open_gene_table(import_gene_table(tmp_path, path, ORIGIN, kind)).rows == readers[kind](path).rows


def test_the_missense_z_score_is_that_of_the_file() -> None:
    path = shared_data("knowledge", "gnomad", "gnomad_v4.1.1_constraint_reduced.tsv.gz")
    told = pl.read_csv(path, separator="\t", infer_schema=False).filter(
        (pl.col("mane_select") == "true") & pl.col("transcript").str.starts_with("ENST")
    )
    table = read_gnomad_constraint(path, "4.1.1")
    expected = {gene: None if z == "NA" else float(z) for gene, z in told.select("gene", "mis.z_score").rows()}
    assert len(expected) == 245
    assert {row.gene: row.missense_z for row in table.rows if row.gene in expected} == expected


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("a,b\n1,2\n", "not_clingen_validity"),
        ('"FILE CREATED: 2026-01-01"\nGENE SYMBOL,DISEASE LABEL,MOI,CLASSIFICATION\nA,d,AD,Sure\n', "bad_row"),
        ('"FILE CREATED: 2026-01-01"\nGENE SYMBOL,DISEASE LABEL,MOI,CLASSIFICATION\nA,d,XX,Strong\n', "bad_row"),
        ('"FILE CREATED: 2026-01-01"\nGENE SYMBOL,DISEASE LABEL,MOI,CLASSIFICATION\nA,d\n', "bad_row"),
        ('"FILE CREATED: 2026-01-01"\nGENE SYMBOL,DISEASE LABEL,MOI,CLASSIFICATION\n', "no_rows"),
    ],
)
def test_another_table_is_refused(tmp_path: Path, text: str, code: str) -> None:
    path = tmp_path / "validity.csv"
    path.write_text(text)
    with pytest.raises(InputError) as caught:
        import_gene_table(tmp_path / "s", path, ORIGIN, "clingen_validity")
    assert caught.value.code == code
    assert not (tmp_path / "s").exists()


def test_old_symbols_find_their_genes_in_the_real_tables(tmp_path: Path) -> None:
    names = GeneNames.open(
        import_gene_names(
            tmp_path,
            shared_data("reference", "ncbi_gene_2022.tsv.gz"),
            shared_data("reference", "ncbi_gene_alias_2022.tsv.gz"),
            ORIGIN,
        )
    )
    assert names.resolve("KMT2D") == ResolvedSymbol("KMT2D", SymbolState.CURRENT, "KMT2D")
    assert names.resolve("MLL3").symbol == "KMT2C"
    assert names.resolve("GBA").candidates == ("GBA1", "GBAP1")
    assert names.resolve("GBA", frozenset({"GBA1", "TTN"})).symbol == "GBA1"
    assert names.resolve("NOSUCHGENE") == ResolvedSymbol("NOSUCHGENE", SymbolState.UNKNOWN, None)
    several = names.resolve("MLL2")  # KMT2D of old, and KMT2B
    assert several == ResolvedSymbol("MLL2", SymbolState.AMBIGUOUS, None, ("KMT2B", "KMT2D"))
    assert names.resolve("MLL2", frozenset({"KMT2D"})).symbol == "KMT2D"
    assert names.resolve("MLL2", frozenset({"MLL2"})).state is SymbolState.CURRENT


def test_damaged_tables_of_names_are_refused(tmp_path: Path) -> None:
    genes, aliases = tmp_path / "genes.tsv", tmp_path / "aliases.tsv"
    genes.write_text("entrez\tsymbol\n1\tA1BG\n")
    aliases.write_text("entrez\talias\none\tA1B\n")
    with pytest.raises(InputError) as caught:
        import_gene_names(tmp_path / "s", genes, aliases, ORIGIN)
    assert (caught.value.code, caught.value.source, caught.value.line) == ("bad_row", "aliases.tsv", 2)
    assert not (tmp_path / "s").exists()
