"""Automatic criteria on planted families, genes and tables; the layer kept in a folder."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from shared_data import shared_data
from varde.annotation.knowledge import GeneKnowledge, Inheritance, KnowledgeTable, LofMechanism
from varde.annotation.transcripts import TranscriptSet
from varde.genome.builds import Build
from varde.genome.errors import InputError
from varde.interpretation.acmg.criterion import State, Strength
from varde.interpretation.acmg.evidence import PhenotypeFit
from varde.interpretation.structural import prepared as layer_module
from varde.interpretation.structural.genes import genes_hit
from varde.interpretation.structural.intragenic import deletion_leaf
from varde.interpretation.structural.prepared import PreparedStructural, StructuralTables, prepare_structural
from varde.interpretation.structural.suggestion import evidence_of, suggest
from varde.interpretation.structural.tables import read_dosage, read_frequencies, read_hi_index, read_regions
from varde.interpretation.structural.tests.families import (
    BACKWARD,
    FORWARD,
    TRANSCRIPTS,
    events,
    gene,
    trio,
    vcf,
)

NEW = "0/1:60 0/0:60 0/0:60"
DOSAGE = (
    '"CLINGEN DOSAGE SENSITIVITY CURATIONS"\n"FILE CREATED: 2026-08-25"\n'
    "GENE/REGION,HGNC/ISCA,GRCh37,GRCh38,HAPLOINSUFFICIENCY,TRIPLOSENSITIVITY,ONLINE REPORT,DATE\n"
    "{}"
)


def dosage(folder, *rows):
    path = folder / "dosage.csv"
    path.write_text(DOSAGE.format("".join(f"{row},,\n" for row in rows)))
    return read_dosage(path, Build.GRCH38)


HI, TS, NONE = "Sufficient Evidence for {}", "Sufficient Evidence for Triplosensitivity", "No Evidence for {}"
AAA_HI = (
    f"AAA,HGNC:1,chr2:1001-4500,chr2:1001-4500,{HI.format('Haploinsufficiency')},{NONE.format('Triplosensitivity')}"
)
BBB_HI = f"BBB,HGNC:2,chr2:1-2,chr2:11001-13300,{HI.format('Haploinsufficiency')},{TS}"
REGION = f"2p25 region,ISCA-1,chr2:1-2,chr2:1001-30000,{HI.format('Haploinsufficiency')},{TS}"


@pytest.fixture
def family(tmp_path, monkeypatch):
    """Makes a layer of one record; transcripts are the test's own."""
    monkeypatch.setattr(layer_module, "reference_transcripts", lambda _reference: TRANSCRIPTS)

    class WithGenes:
        gff3 = "test.gff3"

    def make(kind, start, end, values=NEW, **tables):
        record = f"2 {start - 1} a N <{kind}> PASS END={end} GT:GQ {values}"
        return prepare_structural(
            [vcf(tmp_path, record)],
            trio(),
            build=Build.GRCH38,
            reference=WithGenes(),
            tables=StructuralTables(**tables),
        )

    return make


def said(layer, **more):
    found = suggest(evidence_of(layer, 0, **more))
    return {one.code: one for one in found.criteria}, found.score


def met(criteria):
    return {code: one.points for code, one in criteria.items() if one.state is State.MET}


@pytest.mark.parametrize(
    ("start", "end", "expected"),
    [
        (500, 6000, [("AAA", "whole", "both", 1, 4, 550)]),
        (500, 1150, [("AAA", "exons", "five_prime", 1, 1, 50)]),
        (1990, 3500, [("AAA", "exons", "inside", 2, 3, 250)]),
        (1300, 1900, [("AAA", "intron", "inside", None, None, 0)]),
        (4300, 9000, [("AAA", "exons", "three_prime", 4, 4, 0)]),
        (300, 900, [("AAA", "promoter", None, None, None, 0)]),
        (5600, 9000, []),
        (12050, 14000, [("BBB", "exons", "five_prime", 1, 2, 251)]),
        (13350, 14000, [("BBB", "promoter", None, None, None, 0)]),
        (4400, 11100, [("AAA", "exons", "three_prime", 4, 4, 0), ("BBB", "exons", "three_prime", 3, 3, 0)]),
    ],
)
def test_genes_and_exons(tmp_path, start, end, expected):
    found = genes_hit(events(tmp_path, f"2 {start - 1} a N <DEL> PASS END={end} GT 0/1 0/0 0/0"), TRANSCRIPTS)
    columns = ("gene", "extent", "side", "first_exon", "last_exon", "coding_bases")
    assert found.select(columns).rows() == expected


def test_breakpoints_of_inversions_and_breakends(tmp_path):
    found = events(
        tmp_path,
        "2 2050 a N <INV> PASS END=12050 GT 0/1 0/0 0/0",
        "2 1500 b N N[2:40000[ PASS SVTYPE=BND GT 0/1 0/0 0/0",
    )
    told = genes_hit(found, TRANSCRIPTS).select("event", "gene", "extent", "first_exon").rows()
    assert told == [(0, "AAA", "breakpoint", None), (1, "AAA", "breakpoint", 2), (1, "BBB", "breakpoint", 2)]


def test_a_whole_haploinsufficient_gene_lost_is_pathogenic(tmp_path, family):
    layer = family("DEL", 500, 6000, dosage=dosage(tmp_path, AAA_HI))
    criteria, score = said(layer)
    assert met(criteria) == {"1A": 0, "2A": 100, "3A": 0}
    assert (score.points, score.acmg_class) == (100, 5)
    assert criteria["5A"].missing == ("phenotype_fit",)
    assert criteria["2F"].missing == ("benign_regions",)
    assert criteria["4O"].missing == ("frequencies",)


@pytest.mark.parametrize(
    ("start", "end", "expected"),
    [
        (500, 1150, {"2C-1": 90}),
        (500, 1050, {"2C-2": 0}),
        (4300, 9000, {"2D-1": 0}),
        (4100, 9000, {}),
        (2900, 9000, {"2D-4": 90}),
        (12050, 14000, {"2C-1": 90}),
        (500, 12050, {"2A": 100}),
    ],
)
def test_parts_of_haploinsufficient_genes(tmp_path, family, start, end, expected):
    criteria, _ = said(family("DEL", start, end, dosage=dosage(tmp_path, AAA_HI, BBB_HI)))
    assert {code: points for code, points in met(criteria).items() if code[0] == "2"} == expected
    if start == 4100:
        assert criteria["2D-2"].missing == criteria["2D-3"].missing == ("last_exon_variants",)


def test_de_novo_needs_the_phenotype_and_asks_the_kinship(family):
    layer = family("DEL", 500, 6000)
    for verified, fit, points in [
        (True, PhenotypeFit.SPECIFIC, 45),
        (None, PhenotypeFit.SPECIFIC, 30),
        (True, PhenotypeFit.HETEROGENEOUS, 15),
        (None, PhenotypeFit.NOT_CONSISTENT, 0),
    ]:
        criteria, _ = said(layer, parentage_verified=verified, phenotype=fit)
        assert criteria["5A"].points == points
        assert criteria["5A"].state is State.MET
    refuted, _ = said(layer, parentage_verified=False, phenotype=PhenotypeFit.SPECIFIC)
    assert refuted["5A"].state is State.NOT_EVALUATED


def test_inherited_and_unknown(family):
    criteria, _ = said(family("DEL", 500, 6000, "0/1:60 0/1:60 0/0:60"))
    assert (criteria["5A"].state, criteria["5B"].missing) == (State.NOT_MET, ("family_history", "phenotype_fit"))
    criteria, _ = said(family("DEL", 500, 6000, "0/1:60 ./.:. 0/0:60"))
    assert (criteria["5F"].state, criteria["5A"].missing) == (State.MET, ("parental_calls",))


def test_without_tables_nothing_is_claimed(tmp_path):
    layer = prepare_structural(
        [vcf(tmp_path, f"2 499 a N <DEL> PASS END=6000 GT:GQ {NEW}")], trio(), build=Build.GRCH38
    )
    criteria, score = said(layer)
    assert met(criteria) == {}
    assert score.points == 0
    assert criteria["1A"].missing == ("transcripts",)
    assert criteria["2A"].missing == ("dosage", "transcripts")
    assert not any(one.state is State.NOT_MET for code, one in criteria.items() if code[0] in "123")


def test_between_genes(tmp_path, family):
    criteria, score = said(family("DEL", 6000, 9000, dosage=dosage(tmp_path, AAA_HI)))
    assert (met(criteria), score.acmg_class) == ({"1B": -60, "3A": 0}, 3)
    intron, _ = said(family("DEL", 1300, 1900, dosage=dosage(tmp_path, AAA_HI)))
    assert intron["1A"].missing == intron["1B"].missing == ("importance",)


def test_regions_whole_and_in_part(tmp_path, family):
    whole, score = said(family("DEL", 900, 31000, dosage=dosage(tmp_path, REGION)))
    assert (whole["2A"].points, score.acmg_class) == (100, 5)
    part, _ = said(family("DEL", 5000, 9000, dosage=dosage(tmp_path, REGION)))
    assert (part["2A"].state, part["2B"].state, part["1A"].state) == (State.NOT_MET, State.MET, State.MET)


def test_gains(tmp_path, family):
    table = dosage(tmp_path, AAA_HI, BBB_HI)
    whole, score = said(family("DUP", 500, 14000, dosage=table))
    assert met(whole) == {"1A": 0, "2A": 100, "2H": 0, "3A": 0}
    assert score.acmg_class == 5
    one = family("DUP", 2500, 6000, dosage=table)
    assert met(said(one)[0]) == {"1A": 0, "2J": 0, "3A": 0}
    assert met(said(one, phenotype=PhenotypeFit.SPECIFIC)[0])["2K"] == 45
    inside, _ = said(family("DUP", 1900, 3500, dosage=table))
    assert inside["2I"].missing == ("tandem", "pvs1")
    other, _ = said(family("DUP", 2500, 6000, dosage=dosage(tmp_path, BBB_HI)))
    assert met(other)["2L"] == 0


def regions(folder, *rows):
    path = folder / "regions.tsv"
    header = "contig\tstart\tend\tname\tchange\teffect\tsource\n"
    path.write_text(header + "".join("\t".join(row.split()) + "\n" for row in rows))
    return read_regions(path, Build.GRCH38)


def test_benign_regions(tmp_path, family):
    table = regions(tmp_path, "2 5000 20000 benign1 both benign lab", "2 1 90000 bad1 loss pathogenic lab")
    within, score = said(family("DEL", 6000, 9000, regions=table))
    assert (within["2F"].points, score.points, score.acmg_class) == (-100, -160, 1)
    more, _ = said(family("DEL", 4800, 9000, regions=table))
    assert (more["2F"].state, more["2G"].state) == (State.NOT_MET, State.MET)
    gains = {
        (5000, 20000): "2C",
        (6000, 9000): "2D",
        (6000, 12050): "2E",
        (2500, 9000): "2G",
    }
    for (start, end), code in gains.items():
        found = met(said(family("DUP", start, end, regions=table))[0])
        assert [one for one in found if one in ("2C", "2D", "2E", "2F", "2G")] == [code]


def test_common_variation(tmp_path, family):
    path = tmp_path / "gnomad.bed"
    path.write_text(
        "#chrom\tstart\tend\tname\tsvtype\tAC\tAN\tAF\tN_HOMALT\n"
        "chr2\t500\t6050\tcommon\tDEL\t900\t20000\t0.045\t12\n"
        "chr2\t500\t9000\tother\tDEL\t1\t20000\t0.00005\t0\n"
        "chr2\t500\t6000\tcomplex\tCPX\t900\t20000\t0.045\t12\n"
    )
    table = read_frequencies(path, Build.GRCH38, "gnomAD-SV", "4.1")
    assert (table.rows.height, table.unplaced) == (2, 1)
    layer = family("DEL", 500, 6000, frequencies=(table,))
    assert layer.frequencies.select("source", "state", "ac", "alike").rows() == [
        ("gnomAD-SV 4.1", "observed", 900, "common")
    ]
    criteria, score = said(layer)
    assert (criteria["4O"].points, score.acmg_class) == (-100, 1)
    rare = family("DEL", 20000, 26000, frequencies=(table,))
    assert said(rare)[0]["4O"].missing == ("enough_alleles",)
    other = family("DEL", 500, 9000, frequencies=(table,))
    assert said(other)[0]["4O"].state is State.NOT_MET


def test_predictors_need_both(tmp_path, family):
    path = tmp_path / "hi.bed"
    path.write_text("track name=x\nchr2\t1000\t4500\tAAA|0.95|3.2%\n")
    known = KnowledgeTable(
        (GeneKnowledge("AAA", Inheritance.UNKNOWN, LofMechanism.UNKNOWN, "gnomAD", "4", pli=0.99, loeuf=0.2),)
    )
    both, _ = said(family("DEL", 500, 6000, hi_index=read_hi_index(path)), knowledge=known)
    assert both["2H"].points == 15
    lacking, _ = said(family("DEL", 500, 6000), knowledge=known)
    assert lacking["2H"].missing == ("hi_index",)


class Sequence:
    """Bases of one contig."""

    def __init__(self, text):
        self.text = text

    def sequence(self, _contig, start0, end0):
        return self.text[start0:end0]


LONG = gene("DDD", [(1000, 1200), (1500, 1600), (2000, 2150), (3000, 3100), (4000, 4500)], (1100, 4200))


@pytest.mark.parametrize(
    ("stop", "leaf", "strength"),
    [
        # Without exon 2 the stop's codon begins at base 222 of the coding sequence, 128 bases before the last junction.
        (2122, "DEL2", Strength.VERY_STRONG),
        # Here 20 bases before it: no decay, and what the lost part means is not known.
        (3080, "DEL4, DEL5, DEL6", None),
        (None, "DEL2, DEL4, DEL5, DEL6", None),
    ],
)
def test_a_shifted_frame_is_read_to_its_stop(stop, leaf, strength):
    bases = ["C"] * 5000
    if stop is not None:
        bases[stop : stop + 3] = "TAA"
    found = deletion_leaf(LONG, 1400, 1700, Sequence("".join(bases)))
    assert (found.leaf, found.strength) == (leaf, strength)


def test_a_kept_frame_and_a_cut_exon_stay_open():
    assert deletion_leaf(FORWARD, 1900, 2300, None).leaf == "DEL8, DEL9, DEL10"
    assert deletion_leaf(LONG, 1550, 1700, None).known is False


def test_the_layer_is_kept_whole_and_its_damage_is_seen(tmp_path, family):
    layer = family("DEL", 500, 6000, dosage=dosage(tmp_path, AAA_HI))
    folder = tmp_path / "layer"
    layer.save(folder)
    back = PreparedStructural.load(folder)
    frames = ("events", "relatives", "genes", "frequencies", "dosage", "regions")
    for name in frames:
        assert getattr(back, name).equals(getattr(layer, name))
    same = {name: getattr(layer, name) for name in frames}
    assert replace(back, **same) == layer
    layer.save(folder)
    (folder / "genes.parquet").write_bytes(b"changed")
    with pytest.raises(InputError) as error:
        PreparedStructural.load(folder)
    assert error.value.code == "damaged_layer"
    manifest = json.loads((folder / "structural.json").read_text())
    (folder / "structural.json").write_text(json.dumps(manifest | {"format": 99}))
    with pytest.raises(InputError) as error:
        PreparedStructural.load(folder)
    assert error.value.code == "unknown_format"
    with pytest.raises(InputError) as error:
        PreparedStructural.load(tmp_path / "nothing")
    assert error.value.code == "no_layer"


def test_members_without_structural_data_are_not_applicable(tmp_path):
    path = vcf(tmp_path, "2 499 a N <DEL> PASS END=6000 GT:GQ 0/1:60", samples="C")
    layer = prepare_structural([path], trio(), build=Build.GRCH38)
    assert layer.not_applicable == ("mother", "father")
    assert layer.events.select("mother_state", "mode", "origin").rows() == [
        ("not_applicable", "possible_de_novo", "unknown")
    ]


@pytest.mark.parametrize(
    ("text", "code", "line"),
    [
        ("x\ty\n1\t2\n", "not_clingen_dosage", None),
        (DOSAGE.format("AAA,HGNC:1,chr2:1-2,chr2:1-2,Perhaps,No Evidence for Triplosensitivity,,\n"), "bad_row", 4),
        (DOSAGE.format("AAA,HGNC:1\n"), "bad_row", 4),
        ('"CLINGEN\n', "bad_row", 1),
    ],
)
def test_dosage_files_that_are_refused(tmp_path, text, code, line):
    path = tmp_path / "dosage.csv"
    path.write_text(text)
    with pytest.raises(InputError) as error:
        read_dosage(path, Build.GRCH38)
    assert (error.value.code, error.value.line) == (code, line)


def test_clingens_region_list(tmp_path):
    path = tmp_path / "list.tsv"
    columns = "ISCA ID\tISCA Region Name\tcytoBand\tGenomic Location\tHaploinsufficiency Score\tTriplosensitivity Score"
    path.write_text(
        "#ClinGen Region Curation Results\n#25 Aug,2026\n#Genomic Locations are reported on GRCh38 (hg38)\n"
        f"#{columns}\n"
        "ISCA-1\tregion one\t2p25\tchr2:1001-30000\t3\t40\n"
        "ISCA-2\tregion two\t2p25\ttbd\tNot yet evaluated\tNot yet evaluated\n"
    )
    table = read_dosage(path, Build.GRCH38)
    assert table.rows.rows() == [("region one", "ISCA-1", False, 2, 1001, 30000, 3, 40)]
    assert (table.version, table.unplaced) == ("25 Aug,2026", 1)
    with pytest.raises(InputError) as error:
        read_dosage(path, Build.GRCH37)
    assert error.value.code == "wrong_build"


def test_the_real_dosage_table():
    path = shared_data("knowledge", "clingen", "clingen_dosage_sensitivity_reduced.csv")
    table = read_dosage(path, Build.GRCH38)
    assert (table.rows.height, table.version, table.unplaced) == (246, "2026-08-25", 0)
    assert table.rows.filter(name="ADNP").rows() == [("ADNP", "HGNC:15766", True, 20, 50888918, 50931437, 3, 0)]
    assert table.rows.filter(haploinsufficiency=3).height == 151


@pytest.mark.parametrize(
    ("row", "field"),
    [
        ("2 5000 20000 a both perhaps lab", "effect"),
        ("2 5000 20000 a any benign lab", "change"),
        ("2 20000 5000 a loss benign lab", "start"),
        ("99 1 2 a loss benign lab", "start"),
    ],
)
def test_regions_that_are_refused(tmp_path, row, field):
    with pytest.raises(InputError) as error:
        regions(tmp_path, row)
    assert (error.value.code, error.value.line, error.value.field) == ("bad_row", 2, field)


def test_transcripts_of_the_tests_are_what_they_seem():
    assert isinstance(TRANSCRIPTS, TranscriptSet)
    assert (FORWARD.coding_length, BACKWARD.coding_length) == (100 + 150 + 100 + 200, 200 + 100 + 200)
