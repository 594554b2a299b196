"""Which events are shown; pairs of a small and a structural variant; the drawing; telling files apart."""

from __future__ import annotations

import pysam
import pytest

from shared_data import shared_data
from varde.genome.builds import Build
from varde.genome.pedigree import read_ped
from varde.interpretation.call_kind import CallKind, kind_of_file
from varde.interpretation.structural import prepared as layer_module
from varde.interpretation.structural.calls import read_family
from varde.interpretation.structural.drawing import event_svg
from varde.interpretation.structural.events import family_events
from varde.interpretation.structural.prepared import StructuralTables, prepare_structural
from varde.interpretation.structural.selection import select_events
from varde.interpretation.structural.tables import read_frequencies
from varde.interpretation.structural.tests.families import BACKWARD, FORWARD, TRANSCRIPTS, trio, vcf

RECORDS = (
    "2 499 whole N <DEL> PASS END=6000 GT:GQ 0/1:60 0/0:60 0/0:60",
    "2 12050 part N <DUP> PASS END=14000 GT:GQ 0/1:60 0/1:60 0/0:60",
    "2 20000 far N <DEL> PASS END=26000 GT:GQ 0/1:60 0/0:60 0/0:60",
    "2 990 weak N <INV> PASS END=3990 GT:GQ 0/1:5 0/0:60 0/0:60",
    "2 2990 bad N <INV> LowQual END=13990 GT:GQ 0/1:60 0/0:60 0/0:60",
    "2 3900 mothers N <DEL> PASS END=4700 GT:GQ 0/0:60 0/1:60 0/0:60",
    "2 1900 common N <DEL> PASS END=2300 GT:GQ 0/1:60 0/1:60 0/0:60",
)


@pytest.fixture
def layer(tmp_path, monkeypatch):
    monkeypatch.setattr(layer_module, "reference_transcripts", lambda _reference: TRANSCRIPTS)
    path = tmp_path / "gnomad.bed"
    path.write_text("chrom\tstart\tend\tsvtype\tAC\tAN\tAF\n2\t1900\t2300\tDEL\t600\t20000\t0.03\n")
    reference = type("WithGenes", (), {"gff3": "x"})()
    tables = StructuralTables(frequencies=(read_frequencies(path, Build.GRCH38, "gnomAD-SV", "4"),))
    return prepare_structural([vcf(tmp_path, *RECORDS)], trio(), build=Build.GRCH38, reference=reference, tables=tables)


def names(layer, events):
    return [layer.events.row(event, named=True)["identifiers"][0] for event in events]


def test_every_event_is_kept_or_has_a_reason(layer):
    everything = select_events(layer)
    assert names(layer, everything.kept) == ["whole", "part"]
    reasons = dict(everything.fallen.iter_rows())
    assert {names(layer, [event])[0]: fall for event, fall in reasons.items()} == {
        "far": "gene", "weak": "gate", "bad": "quality", "mothers": "child", "common": "frequency",
    }  # fmt: skip
    assert len(everything.kept) + sum(everything.counts.values()) == layer.events.height


def test_the_panel_hides_what_touches_none_of_its_genes(layer):
    panel = select_events(layer, genes={"BBB"})
    assert names(layer, panel.kept) == ["part"]
    assert panel.counts["panel"] == 1
    assert select_events(layer, genes=()).kept == ()


def test_the_drawing_is_sound(layer):
    svg = event_svg(
        (500, 6000), "DEL", [FORWARD, BACKWARD], marked=["AAA"], identifier="e", title="<t>", description="d & d"
    )
    assert "&lt;t&gt;</title>" in svg
    assert "d &amp; d</desc>" in svg
    assert svg.count("<rect") == 1 + len(FORWARD.exons) + len(BACKWARD.exons)
    assert "style" not in svg
    assert 'stroke-dasharray="4 3"' in svg


def test_files_are_told_apart(tmp_path):
    assert kind_of_file(vcf(tmp_path, *RECORDS)) is CallKind.STRUCTURAL
    assert kind_of_file(vcf(tmp_path)) is CallKind.STRUCTURAL
    small = "2 100 a A G PASS . GT 0/1 0/0 0/0"
    assert kind_of_file(vcf(tmp_path, small, small, RECORDS[0])) is CallKind.SMALL
    assert kind_of_file(vcf(tmp_path, small, header="##fileformat=VCFv4.3\n")) is CallKind.SMALL
    repeats = '##fileformat=VCFv4.1\n##FORMAT=<ID=REPCN,Number=1,Type=String,Description="x">\n'
    assert kind_of_file(vcf(tmp_path, header=repeats)) is CallKind.REPEAT


def test_real_files_are_told_apart():
    folder = shared_data("knowledge", "scout-demo")
    assert kind_of_file(folder / "643594.clinical.SV.vcf.gz") is CallKind.STRUCTURAL
    assert kind_of_file(folder / "643594.clinical.vcf.gz") is CallKind.SMALL


def test_a_real_trio_of_manta():
    folder = shared_data("knowledge", "scout-demo")
    pedigree = read_ped(folder / "643594.ped")
    family = read_family([folder / "643594.clinical.SV.vcf.gz"], pedigree, Build.GRCH37)
    found = family_events(family, pedigree)
    assert (family.alleles, family.kept, family.records) == (19, 19, 19)
    assert found.height == 19
    with pysam.VariantFile(str(folder / "643594.clinical.SV.vcf.gz")) as file:
        carried = sum(any(allele for allele in one.samples["ADM1059A2"]["GT"] if allele) for one in file)
    assert found.filter(child_state="carried").height == carried
