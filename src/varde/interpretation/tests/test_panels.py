"""Panels from PanelApp and from tables, and what is refused."""

from __future__ import annotations

import hashlib
import json
from datetime import date

import pytest

from shared_data import shared_data
from varde.annotation.gene_names import GeneNames, import_gene_names
from varde.annotation.knowledge import Inheritance
from varde.annotation.source_folder import Origin
from varde.genome.errors import InputError
from varde.interpretation.panels import (
    Confidence,
    Panel,
    PanelGene,
    compare_panels,
    inheritance_of,
    parse_panels,
    read_panel,
    read_panels,
    resolve_panel,
)

GENE = {"gene_data": {"gene_symbol": "SCN1A"}, "confidence_level": "3"}
DOMINANT, RECESSIVE = Inheritance.AUTOSOMAL_DOMINANT, Inheritance.AUTOSOMAL_RECESSIVE


class TestPanelApp:
    def test_three_real_panels(self):
        path = shared_data("knowledge", "panels", "panelapp_panels.jsonl")
        panels = read_panels(path)
        assert [(one.identifier, one.name, one.version, len(one.genes)) for one in panels] == [
            ("522", "Familial melanoma", "2.5", 8),
            ("1141", "Acute rhabdomyolysis", "2.8", 69),
            ("399", "Additional findings health related", "0.116", 14),
        ]
        assert [len(one.symbols()) for one in panels] == [4, 52, 13]
        assert [len(one.symbols(Confidence.AMBER)) for one in panels] == [8, 59, 13]
        assert {one.checksum for one in panels} == {hashlib.sha256(path.read_bytes()).hexdigest()}
        first = panels[0].genes[0]
        assert (first.symbol, first.confidence, first.inheritance, first.hgnc_id) == (
            "BAP1", Confidence.GREEN, frozenset({DOMINANT}), "HGNC:950",
        )  # fmt: skip

    def test_one_is_chosen_by_identifier_or_name(self):
        path = shared_data("knowledge", "panels", "panelapp_panels.jsonl")
        assert read_panel(path, "1141") == read_panel(path, "Acute rhabdomyolysis")
        for wrong in (None, "7"):
            with pytest.raises(InputError) as raised:
                read_panel(path, wrong)
            assert raised.value.code == "panel_choice"
            assert "522 Familial melanoma" in raised.value.problem

    @pytest.mark.parametrize("wrap", [lambda one: one, lambda one: [one], lambda one: {"results": [one]}])
    def test_one_document_may_be_a_panel_a_list_or_a_page_of_results(self, tmp_path, wrap):
        path = tmp_path / "panel.json"
        path.write_text(json.dumps(wrap({"id": 1, "name": "n", "version": "2.0", "genes": [GENE]}), indent=1))
        assert read_panel(path).symbols() == {"SCN1A"}

    @pytest.mark.parametrize(
        ("panel", "field"),
        [
            ({"name": "n", "version": "1"}, "genes"),
            ({"name": "n", "genes": [{}]}, "version"),
            ({"name": "n", "version": "1", "genes": [{}]}, "genes"),
            ({"name": "n", "version": "1", "genes": ["SCN1A"]}, "genes"),
            (
                {"name": "n", "version": "1", "genes": [{"gene_data": {"gene_symbol": ""}, "confidence_level": "3"}]},
                "genes",
            ),
            (["SCN1A"], "panel"),
        ],
    )
    def test_what_is_no_panel_is_refused(self, tmp_path, panel, field):
        path = tmp_path / "panel.json"
        path.write_text(json.dumps(panel))
        with pytest.raises(InputError) as raised:
            read_panels(path)
        assert (raised.value.code, raised.value.field, raised.value.source) == ("not_a_panel", field, "panel.json")

    def test_a_line_that_is_no_json_is_named(self, tmp_path):
        line = json.dumps({"name": "n", "version": "1", "genes": [GENE]})
        path = tmp_path / "panels.jsonl"
        path.write_text(f"{line}\n{line[:-5]}\n")
        with pytest.raises(InputError) as raised:
            read_panels(path)
        assert (raised.value.code, raised.value.line) == ("not_json", 2)


class TestTable:
    def write(self, tmp_path, text):
        path = tmp_path / "epilepsy.tsv"
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return path

    def test_columns_and_comments(self, tmp_path):
        text = "# name: Epilepsy\n# version: 4.1\ngene\tconfidence\tinheritance\nSCN1A\tgreen\tAD\n\nALDH7A1\t2\tAR\n"
        panel = read_panel(self.write(tmp_path, text))
        assert (panel.name, panel.version, panel.source) == ("Epilepsy", "4.1", "epilepsy.tsv")
        assert panel.genes == (
            PanelGene("SCN1A", Confidence.GREEN, frozenset({DOMINANT}), "AD"),
            PanelGene("ALDH7A1", Confidence.AMBER, frozenset({RECESSIVE}), "AR"),
        )
        assert panel.unknown_symbols(["SCN1A", "TTN"]) == ("ALDH7A1",)

    def test_genes_alone_are_green_and_the_checksum_is_the_version(self, tmp_path):
        path = self.write(tmp_path, "gene\nSCN1A\n")
        panel = read_panel(path)
        assert panel.symbols() == {"SCN1A"}
        assert (panel.name, panel.version) == (
            "epilepsy",
            f"sha256:{hashlib.sha256(path.read_bytes()).hexdigest()[:12]}",
        )

    @pytest.mark.parametrize(
        ("text", "code", "line", "field"),
        [
            ("", "empty_panel", None, None),
            ("gene\n", "empty_panel", None, None),
            ("symbol\nSCN1A\n", "not_a_panel", 1, "gene"),
            ("gene\tconfidence\nSCN1A\tblue\n", "bad_confidence", 2, "confidence"),
            ("gene\nSCN1A\nSCN1A\n", "gene_twice", 3, "gene"),
            ("gene\nSCN1A or TTN\n", "bad_gene", 2, "gene"),
            ("gene\tinheritance\n\tAD\n", "bad_gene", 2, "gene"),
            (b"gene\nSCN\xff1A\n", "not_utf8", 2, None),
            (b"gene\nSCN1A\n\x00", "not_a_panel", None, None),
        ],
    )
    def test_what_is_wrong_is_named(self, tmp_path, text, code, line, field):
        with pytest.raises(InputError) as raised:
            read_panels(self.write(tmp_path, text))
        assert (raised.value.code, raised.value.line, raised.value.field) == (code, line, field)

    def test_an_absent_file_is_refused(self, tmp_path):
        with pytest.raises(InputError) as raised:
            read_panels(tmp_path / "none.tsv")
        assert raised.value.code == "unreadable"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("MONOALLELIC, autosomal or pseudoautosomal, NOT imprinted", {DOMINANT}),
        ("BIALLELIC, autosomal or pseudoautosomal", {RECESSIVE}),
        ("BOTH monoallelic and biallelic, autosomal or pseudoautosomal", {DOMINANT, RECESSIVE}),
        ("X-LINKED: hemizygous mutation in males, biallelic mutations in females", {Inheritance.X_LINKED}),
        ("MITOCHONDRIAL", {Inheritance.MITOCHONDRIAL}),
        ("ad/ar", {DOMINANT, RECESSIVE}), ("XLR", {Inheritance.X_LINKED_RECESSIVE}), ("Unknown", set()), ("", set()),
        (None, set()), ("something", set()),
    ],
)  # fmt: skip
def test_inheritance_in_words(text, expected):
    assert inheritance_of(text) == expected


def test_a_panel_has_a_name_a_version_and_each_gene_once():
    gene = PanelGene("A", Confidence.GREEN)
    for wrong in (("", "1", (gene,)), ("n", "", (gene,)), ("n", "1", ()), ("n", "1", (gene, gene))):
        with pytest.raises(ValueError, match="panel"):
            Panel(wrong[0], wrong[1], "s", "0", wrong[2])


class TestVersionsAndNames:
    def panel(self, version, *genes):
        return Panel("Epilepsy", version, "x.tsv", "0" * 64, genes)

    def test_what_a_version_changes(self):
        before = self.panel(
            "1",
            PanelGene("A", Confidence.GREEN),
            PanelGene("B", Confidence.AMBER, frozenset({DOMINANT}), "AD"),
            PanelGene("C", Confidence.GREEN, frozenset({DOMINANT}), "AD"),
            PanelGene("D", Confidence.GREEN, frozenset({DOMINANT}), "MONOALLELIC, autosomal"),
        )
        after = self.panel(
            "2",
            PanelGene("B", Confidence.GREEN, frozenset({DOMINANT}), "AD"),
            PanelGene("C", Confidence.GREEN, frozenset({RECESSIVE}), "AR"),
            PanelGene("D", Confidence.GREEN, frozenset({DOMINANT}), "AD"),
            PanelGene("E", Confidence.RED),
        )
        diff = compare_panels(before, after)
        assert [[one.symbol for one in part] for part in (diff.added, diff.removed)] == [["E"], ["A"]]
        assert [(old.symbol, old.confidence, new.confidence) for old, new in diff.changed] == [
            ("B", Confidence.AMBER, Confidence.GREEN),
            ("C", Confidence.GREEN, Confidence.GREEN),
        ]
        assert (diff.same, diff.is_empty, compare_panels(after, after).is_empty) == (1, False, True)

    def test_former_symbols_are_replaced_and_unknown_ones_named(self, tmp_path):
        genes, aliases = tmp_path / "genes.tsv", tmp_path / "aliases.tsv"
        genes.write_text("entrez\tsymbol\n1\tNEW\n2\tKNOWN\n3\tONE\n4\tTWO\n")
        aliases.write_text("entrez\talias\n1\tOLD\n3\tBOTH\n4\tBOTH\n")
        origin = Origin("NCBI", "1", "public", date(2022, 1, 1))
        names = GeneNames.open(import_gene_names(tmp_path / "sources", genes, aliases, origin))
        listed = [PanelGene(one, Confidence.GREEN) for one in ("OLD", "KNOWN", "BOTH", "NOBODY")]
        found = resolve_panel(self.panel("1", *listed, PanelGene("NEW", Confidence.RED)), names, frozenset({"NEW"}))
        assert [(one.symbol, one.confidence) for one in found.panel.genes] == [
            ("NEW", Confidence.GREEN),
            ("KNOWN", Confidence.GREEN),
            ("BOTH", Confidence.GREEN),
            ("NOBODY", Confidence.GREEN),
        ]
        assert found.renamed == (("OLD", "NEW"),)
        assert (found.unknown, found.ambiguous, found.is_clear) == (("NOBODY",), (("BOTH", ("ONE", "TWO")),), False)

    def test_without_tables_of_names_the_annotation_decides(self):
        listed = self.panel("1", PanelGene("A", Confidence.GREEN), PanelGene("B", Confidence.GREEN))
        assert resolve_panel(listed, None, frozenset({"A"})).unknown == ("B",)
        assert resolve_panel(listed, None, None).is_clear

    def test_regions_and_repeats_of_panelapp_are_named(self):
        written = {
            "id": 3, "name": "N", "version": "1.0", "genes": [GENE],
            "strs": [{"entity_name": "ATXN1_CAG"}], "regions": [{"verbose_name": "1q21 loss"}],
        }  # fmt: skip
        (read,) = parse_panels(json.dumps(written).encode(), "panel.json")
        assert read.left_out == ("ATXN1_CAG", "1q21 loss")
