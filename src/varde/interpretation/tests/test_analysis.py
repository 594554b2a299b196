"""From VCF to candidates on a made-up genome with planted answers, and on the real trio."""

from __future__ import annotations

import json
from dataclasses import replace
from itertools import product

import polars as pl
import pytest

from shared_data import shared_data
from varde.annotation.knowledge import GeneKnowledge, Inheritance, KnowledgeTable, LofMechanism
from varde.annotation.tests.toy import CDS, allele, make_reference, mirrored
from varde.frequency.count import Counting, count
from varde.frequency.genotypes import Gate as CountingGate
from varde.genome.builds import Build
from varde.genome.errors import InputError
from varde.genome.pedigree import Affected, Sex, read_ped
from varde.interpretation.analysis import (
    FilterSettings,
    PreparedCase,
    filter_case,
    prepare,
)
from varde.interpretation.filters import Rescue, SecondAllele, Step
from varde.interpretation.inheritance import Mode
from varde.interpretation.panels import Confidence, Panel, PanelGene
from varde.quality.tests.families import trio_pedigree

HEADER = """##fileformat=VCFv4.2
##contig=<ID=1>
##contig=<ID=2>
##contig=<ID=MT>
##FILTER=<ID=LowQual,Description="x">
##FORMAT=<ID=GT,Number=1,Type=String,Description="x">
##FORMAT=<ID=AD,Number=R,Type=Integer,Description="x">
##FORMAT=<ID=DP,Number=1,Type=Integer,Description="x">
##FORMAT=<ID=GQ,Number=1,Type=Integer,Description="x">
"""
READS = {"0/0": "30,0", "0/1": "15,15", "1/1": "0,30", "./.": "0,0"}

STOP = (*allele(CDS[0] + 12, 1, "T"), "PASS")  # CGA>TGA, residue 5
MISSENSE = (*allele(CDS[0] + 3, 1, "A"), "PASS")  # GCT>ACT, residue 2
SYNONYMOUS = (*allele(CDS[0] + 5, 1, "C"), "PASS")  # GCT>GCC
INTRON = (*allele(200, 1, "G"), "PASS")
MINUS_MISSENSE = (*allele(mirrored(CDS[0] + 3), 1, "T"), "PASS")
INTERGENIC = (*allele(650, 1, "G"), "PASS")
FILTERED = (*MISSENSE[:4], "LowQual")
SPANNING = (*allele(CDS[0] + 20, 1, "*"), "PASS")
DELETION = ("1", 700, allele(699, 1, "x")[2], "<DEL>", "PASS")


def write_vcf(path, rows, samples=("child", "mother", "father")):
    """``rows``: ((contig, position, ref, alt, filter), genotypes); a genotype may carry its own 'GT:AD:DP:GQ'."""
    lines = [HEADER + "\t".join(["#CHROM", "POS", "ID", "REF", "ALT", "QUAL", "FILTER", "INFO", "FORMAT", *samples])]
    for (contig, position, ref, alt, passed), calls in sorted(rows, key=lambda row: (row[0][0], row[0][1])):
        cells = [one if ":" in one else f"{one}:{READS[one]}:30:99" for one in calls]
        lines.append("\t".join([contig, str(position), ".", ref, alt, "50", passed, ".", "GT:AD:DP:GQ", *cells]))
    path.write_text("\n".join(lines) + "\n", encoding="ascii")
    return path


MATERNAL, PATERNAL = ("0/1", "0/1", "0/0"), ("0/1", "0/0", "0/1")
STORY = [
    (STOP, MATERNAL),
    (MISSENSE, PATERNAL),
    (SYNONYMOUS, ("1/1", "0/1", "0/1")),
    (INTRON, ("0/1", "0/0", "0/0")),
    (MINUS_MISSENSE, ("1/1", "0/1", "0/1")),
    (INTERGENIC, ("0/0", "0/1", "0/1")),
    (SPANNING, MATERNAL),
    (DELETION, MATERNAL),
]


@pytest.fixture(scope="module")
def reference(tmp_path_factory):
    return make_reference(tmp_path_factory.mktemp("toy"))


@pytest.fixture(scope="module")
def counts(tmp_path_factory, reference):
    """Ten people: everybody has the synonymous allele, three are homozygous for the one of MINUS."""
    folder = tmp_path_factory.mktemp("people")
    people = [f"person{number}" for number in range(10)]
    rows = [
        (SYNONYMOUS, ["0/1"] * 10),
        (MINUS_MISSENSE, ["1/1"] * 3 + ["0/0"] * 7),
        (STOP, ["0/0"] * 10),
        (MISSENSE, ["0/1"] + ["0/0"] * 9),
    ]
    vcf = write_vcf(folder / "people.vcf", rows, people)
    sexes = dict.fromkeys(people, Sex.FEMALE)
    settings = Counting(Build.GRCH38, gate=CountingGate.NONE, reference=reference)
    count([vcf], out=folder / "counts", counting=settings, sexes=sexes)
    return folder / "counts"


@pytest.fixture(scope="module")
def case(tmp_path_factory, reference):
    vcf = write_vcf(tmp_path_factory.mktemp("family") / "family.vcf", STORY)
    return prepare([vcf], trio_pedigree(), reference=reference)


@pytest.fixture(scope="module")
def counted_case(tmp_path_factory, reference, counts):
    vcf = write_vcf(tmp_path_factory.mktemp("family") / "family.vcf", STORY)
    return prepare([vcf], trio_pedigree(), reference=reference, frequencies=counts)


def panel(*genes, confidence=Confidence.GREEN):
    return Panel("toy", "1", "toy.tsv", "0" * 64, tuple(PanelGene(gene, confidence) for gene in genes))


def fell(outcome, site):
    """(dropped_by, parameter, value, threshold, rescued_by) of one allele; the first is 'kept' for a kept one."""
    row = outcome.trace.filter((pl.col("position") == site[1]) & (pl.col("alt") == site[3])).row(0, named=True)
    return tuple("kept" if key == "dropped_by" and row["kept"] else row[key] for key in
                 ("dropped_by", "parameter", "value", "threshold", "rescued_by"))  # fmt: skip


def found(outcome):
    return [(one.gene, one.mode.value, len(one.rows)) for one in outcome.candidates]


class TestStory:
    def test_two_damaging_alleles_one_from_each_parent_come_first(self, case):
        outcome = filter_case(case)
        first = outcome.candidates[0]
        assert (first.gene, first.mode, first.rank, first.evaluated) == ("PLUS", Mode.COMPOUND_HETEROZYGOUS, 1, True)
        alleles = case.alleles[list(first.rows)]
        assert alleles["consequence"].to_list() == ["missense_variant", "stop_gained"]
        assert alleles["amino_acid_change"].to_list() == ["2A>2T", "5R>5*"]
        assert found(outcome) == [("PLUS", "compound_heterozygous", 2), ("MINUS", "homozygous_recessive", 1)]
        assert outcome.not_evaluated == ("frequency",)

    def test_every_other_allele_says_where_it_fell(self, case):
        outcome = filter_case(case)
        assert fell(outcome, STOP) == ("kept", None, None, None, None)
        assert fell(outcome, SYNONYMOUS)[:3] == ("consequence", "impact", "synonymous_variant")
        assert fell(outcome, SYNONYMOUS)[3] == "HIGH, MODERATE, splice_region_variant"
        assert fell(outcome, INTRON)[:2] == ("region", "splice_window")
        assert fell(filter_case(case, FilterSettings(splice_window=None)), INTRON)[:3] == (
            "consequence",
            "impact",
            "intron_variant",
        )
        assert fell(outcome, INTERGENIC)[:3] == ("child", "genotype", "0/0")
        assert fell(outcome, SPANNING)[:3] == ("allele", "kind", "spanning")
        assert fell(outcome, DELETION)[:3] == ("allele", "kind", "symbolic")
        assert [(one.step.value, one.dropped, one.left) for one in outcome.counts] == [
            ("allele", 2, 6), ("child", 1, 5), ("quality", 0, 5), ("gate", 0, 5), ("frequency", 0, 5),
            ("region", 1, 4), ("consequence", 1, 3), ("tract", 0, 3), ("panel", 0, 3), ("incidental", 0, 3),
            ("inheritance", 0, 3),
        ]  # fmt: skip

    def test_a_panel_first_and_all_genes_then(self, case):
        outcome = filter_case(case, panel=panel("MINUS", "ELSEWHERE"))
        assert found(outcome) == [("MINUS", "homozygous_recessive", 1)]
        assert fell(outcome, STOP)[:4] == ("panel", "gene", "PLUS", "2 genes")
        assert outcome.versions["panel"].startswith("toy 1 (toy.tsv")
        amber = panel("MINUS", confidence=Confidence.AMBER)
        assert found(filter_case(case, panel=amber)) == []
        lax = FilterSettings(panel_confidence=Confidence.AMBER)
        assert found(filter_case(case, lax, panel=amber)) == [("MINUS", "homozygous_recessive", 1)]

    def test_phenotype_and_inheritance_of_the_gene_decide_between_equals(self, reference, tmp_path):
        vcf = write_vcf(tmp_path / "f.vcf", [(STOP, MATERNAL), (MISSENSE, PATERNAL), STORY[4]])
        epilepsy, heart = ("HP:0001250", "HP:0001263"), ("HP:0001638",)
        for fitting, other in (("PLUS", "MINUS"), ("MINUS", "PLUS")):
            rows = tuple(
                GeneKnowledge(gene, Inheritance.AUTOSOMAL_RECESSIVE, LofMechanism.ESTABLISHED, "list", "1", hpo=terms)
                for gene, terms in ((fitting, epilepsy), (other, heart))
            )
            prepared = prepare([vcf], trio_pedigree(), reference=reference, knowledge=KnowledgeTable(rows))
            outcome = filter_case(prepared, hpo=["HP:0001250"])
            parts = {one.gene: one.part("phenotype") for one in outcome.candidates}
            assert parts[fitting] > parts[other]
            assert all(one.part("gene_inheritance") == 1.0 for one in outcome.candidates)
            assert outcome.versions["phenotype"].startswith("HPO 20")
            assert prepared.versions["gene_knowledge"] == "list 1"

    def test_unknown_phenotypes_are_refused(self, case):
        for wrong in ("HP:9999999", "epilepsy"):
            with pytest.raises(InputError) as raised:
                filter_case(case, hpo=[wrong])
            assert raised.value.code == "unknown_hpo"


class TestFilters:
    def test_frequency_needs_enough_counted_alleles(self, counted_case):
        assert counted_case.alleles.filter(pl.col("position") == MINUS_MISSENSE[1]).select(
            "ac", "an", "nhomalt"
        ).rows() == [(6, 20, 3)]
        outcome = filter_case(counted_case)
        assert ("MINUS", "homozygous_recessive", 1) in found(outcome)
        counted = filter_case(counted_case, FilterSettings(minimum_alleles_counted=20))
        assert fell(counted, MINUS_MISSENSE)[:4] == ("frequency", "recessive_frequency", "0.3", "<= 0.005")
        assert found(filter_case(counted_case, FilterSettings(minimum_alleles_counted=21))) == found(outcome)

    def test_homozygotes_have_a_ceiling_of_their_own(self, counted_case):
        settings = FilterSettings(minimum_alleles_counted=2, recessive_frequency=1.0, recessive_homozygotes=3)
        assert fell(filter_case(counted_case, settings), MINUS_MISSENSE)[0] == "kept"
        settings = replace(settings, recessive_homozygotes=2)
        assert fell(filter_case(counted_case, settings), MINUS_MISSENSE)[:4] == (
            "frequency",
            "homozygotes",
            "3",
            "<= 2",
        )

    def test_one_allele_modes_have_the_stricter_ceiling(self, reference, counts, tmp_path):
        vcf = write_vcf(tmp_path / "f.vcf", [(MISSENSE, ("0/1", "0/0", "0/0"))])
        prepared = prepare([vcf], trio_pedigree(), reference=reference, frequencies=counts)
        settings = FilterSettings(minimum_alleles_counted=2, recessive_frequency=0.1, dominant_frequency=0.05)
        assert found(filter_case(prepared, settings)) == [("PLUS", "de_novo", 1)]
        settings = replace(settings, dominant_frequency=0.04)
        outcome = filter_case(prepared, settings)
        assert found(outcome) == []
        assert fell(outcome, MISSENSE)[:2] == ("frequency", "dominant_frequency")
        assert "0.05" in fell(outcome, MISSENSE)[2]

    def test_filter_is_a_step_of_its_own_and_optional(self, reference, tmp_path):
        vcf = write_vcf(tmp_path / "f.vcf", [(FILTERED, ("0/1", "0/0", "0/0"))])
        prepared = prepare([vcf], trio_pedigree(), reference=reference)
        assert fell(filter_case(prepared), FILTERED)[:4] == ("quality", "FILTER", "LowQual", "PASS or not filtered")
        assert found(filter_case(prepared, FilterSettings(require_pass=False))) == [("PLUS", "de_novo", 1)]

    def test_the_gate_fails_a_call_and_missing_values_pass_through(self, reference, tmp_path):
        rows = [(STOP, ("0/1:28,2:30:99", "0/0", "0/0")), (MISSENSE, ("0/1:15,15:30:.", "0/0", "0/0"))]
        vcf = write_vcf(tmp_path / "f.vcf", rows)
        outcome = filter_case(prepare([vcf], trio_pedigree(), reference=reference))
        assert fell(outcome, STOP)[:3] == ("gate", "varde", "DP 30, GQ 99, balance 0.067")
        assert found(outcome) == [("PLUS", "possible_de_novo", 1)]
        assert "calls.not_evaluated" in outcome.candidates[0].explanations

    def test_an_uncalled_child_is_told_from_one_without_the_allele(self, reference, tmp_path):
        vcf = write_vcf(tmp_path / "f.vcf", [(STOP, ("./.", "0/1", "0/0"))])
        outcome = filter_case(prepare([vcf], trio_pedigree(), reference=reference))
        assert fell(outcome, STOP)[:3] == ("child", "no_call", "./.")

    def test_modes_can_be_chosen(self, case):
        settings = FilterSettings(modes=frozenset({Mode.COMPOUND_HETEROZYGOUS}))
        outcome = filter_case(case, settings)
        assert found(outcome) == [("PLUS", "compound_heterozygous", 2)]
        assert fell(outcome, MINUS_MISSENSE)[:2] == ("inheritance", "modes")

    def test_a_lone_inherited_allele_falls_at_inheritance_with_its_genotypes(self, reference, tmp_path):
        vcf = write_vcf(tmp_path / "f.vcf", [(STOP, MATERNAL)])
        outcome = filter_case(prepare([vcf], trio_pedigree(), reference=reference))
        assert fell(outcome, STOP)[:3] == ("inheritance", "mode", "child 0/1, mother 0/1, father 0/0")

    def test_an_exception_rescues_and_is_named(self, case):
        key = case.alleles.filter(pl.col("position") == SYNONYMOUS[1])["key"][0]
        settings = FilterSettings(rescues=(Rescue("laboratory class 4", frozenset({key})),))
        outcome = filter_case(case, settings)
        assert fell(outcome, SYNONYMOUS) == ("kept", None, None, None, "laboratory class 4")
        assert ("PLUS", "homozygous_recessive", 1) in found(outcome)
        limited = FilterSettings(rescues=(Rescue("x", frozenset({key}), frozenset({Step.QUALITY})),))
        assert fell(filter_case(case, limited), SYNONYMOUS)[0] == "consequence"

    def test_the_panel_cannot_be_lifted_by_an_exception(self, case):
        key = case.alleles.filter(pl.col("position") == STOP[1])["key"][0]
        outcome = filter_case(case, FilterSettings(rescues=(Rescue("x", frozenset({key})),)), panel=panel("MINUS"))
        assert fell(outcome, STOP)[0] == "panel"
        with pytest.raises(ValueError, match="cannot lift"):
            Rescue("x", frozenset(), frozenset({Step.PANEL}))

    def test_the_second_allele_may_have_laxer_criteria(self, reference, tmp_path):
        vcf = write_vcf(tmp_path / "f.vcf", [(STOP, MATERNAL), (SYNONYMOUS, PATERNAL)])
        prepared = prepare([vcf], trio_pedigree(), reference=reference)
        assert found(filter_case(prepared)) == []
        outcome = filter_case(prepared, FilterSettings(second_allele=SecondAllele()))
        assert found(outcome) == [("PLUS", "compound_heterozygous", 2)]
        assert fell(outcome, SYNONYMOUS) == ("kept", None, None, None, "second_allele")

    def test_two_lax_alleles_are_no_pair(self, reference, tmp_path):
        other = (*allele(CDS[0] + 8, 1, "G"), "PASS")  # AAA>AAG
        vcf = write_vcf(tmp_path / "f.vcf", [(other, MATERNAL), (SYNONYMOUS, PATERNAL)])
        prepared = prepare([vcf], trio_pedigree(), reference=reference)
        assert found(filter_case(prepared, FilterSettings(second_allele=SecondAllele()))) == []

    def test_settings_are_checked(self):
        for name, value in (
            ("dominant_frequency", -0.1),
            ("recessive_frequency", 1.5),
            ("minimum_alleles_counted", -1),
            ("recessive_homozygotes", -1),
        ):
            with pytest.raises(ValueError, match=f"{name} is {value}, expected"):
                FilterSettings(**{name: value})
        with pytest.raises(ValueError, match="no mode"):
            FilterSettings(modes=frozenset())

    def test_another_gate_than_the_prepared_one_is_refused(self, case):
        with pytest.raises(InputError) as raised:
            filter_case(case, FilterSettings(gate="slivar"))
        assert raised.value.code == "gate_mismatch"

    def test_kept_and_dropped_are_all_alleles_under_any_settings(self, counted_case):
        for require_pass, frequency, least, impacts, genes in product(
            (True, False), (0.0, 0.2), (0, 2000), ({"HIGH"}, {"HIGH", "MODERATE", "LOW", "MODIFIER"}), (None, ("PLUS",))
        ):
            settings = FilterSettings(
                require_pass=require_pass, recessive_frequency=frequency, minimum_alleles_counted=least,
                impacts=frozenset(impacts),
            )  # fmt: skip
            outcome = filter_case(counted_case, settings, panel=None if genes is None else panel(*genes))
            kept = outcome.trace["kept"].sum()
            assert kept + sum(one.dropped for one in outcome.counts) == len(STORY) == outcome.trace.height
            assert outcome.counts[-1].left == kept
            assert {row for one in outcome.candidates for row in one.rows} == set(
                outcome.trace.filter("kept")["row"].to_list()
            )


class TestPrepared:
    def test_columns_of_a_row(self, case):
        row = case.alleles.filter(pl.col("position") == STOP[1]).row(0, named=True)
        said = {key: row[key] for key in row if key.split("_")[0] in ("child", "mother", "father")}
        assert said == {
            "child_gt": "0/1", "child_ad_ref": 15, "child_ad_alt": 15, "child_dp": 30, "child_gq": 99, "child_ab": 0.5,
            "child_gate": 1, "mother_gt": "0/1", "mother_ad_ref": 15, "mother_ad_alt": 15, "mother_dp": 30,
            "mother_gq": 99, "mother_ab": 0.5, "mother_gate": 1, "father_gt": "0/0", "father_ad_ref": 30,
            "father_ad_alt": 0, "father_dp": 30, "father_gq": 99, "father_ab": 0.0, "father_gate": 1,
            "child_carries": True,
        }  # fmt: skip
        assert (row["gene"], row["impact"], row["mane"], row["af"], row["modes"]) == ("PLUS", "HIGH", True, None, None)

    def test_stored_and_loaded_gives_the_same_answer(self, counted_case, tmp_path):
        counted_case.save(tmp_path / "case")
        counted_case.save(tmp_path / "case")
        loaded = PreparedCase.load(tmp_path / "case")
        assert sorted(path.name for path in tmp_path.iterdir()) == ["case"]
        for name in ("alleles", "consequences", "modes", "halves"):
            assert getattr(loaded, name).equals(getattr(counted_case, name))
        for name in ("quality", "genes", "versions", "inputs", "members", "gate", "build", "has_frequencies"):
            assert getattr(loaded, name) == getattr(counted_case, name)
        one, other = filter_case(counted_case), filter_case(loaded)
        assert one.candidates == other.candidates
        assert one.trace.equals(other.trace)

    def test_a_failed_save_leaves_the_older_case(self, case, tmp_path, monkeypatch):
        case.save(tmp_path / "case")
        before = {path.name: path.read_bytes() for path in (tmp_path / "case").iterdir()}

        def no_room(*_args, **_more):
            raise OSError(28, "No space left on device")

        monkeypatch.setattr(pl.DataFrame, "write_parquet", no_room)
        with pytest.raises(OSError, match="No space"):
            case.save(tmp_path / "case")
        assert {path.name: path.read_bytes() for path in (tmp_path / "case").iterdir()} == before
        assert [path.name for path in tmp_path.iterdir()] == ["case"]

    @pytest.mark.parametrize(
        ("harm", "code"),
        [
            (lambda folder: (folder / "prepared.json").unlink(), "no_case"),
            (lambda folder: (folder / "prepared.json").write_text("{"), "damaged_case"),
            (lambda folder: (folder / "prepared.json").write_text('{"format": 99}'), "unknown_format"),
            (lambda folder: (folder / "modes.parquet").unlink(), "damaged_case"),
            (lambda folder: (folder / "alleles.parquet").write_bytes(b"PAR1"), "damaged_case"),
        ],
    )
    def test_a_damaged_case_is_refused(self, case, tmp_path, harm, code):
        case.save(tmp_path / "case")
        harm(tmp_path / "case")
        with pytest.raises(InputError) as raised:
            PreparedCase.load(tmp_path / "case")
        assert raised.value.code == code

    def test_inputs_and_versions_are_told(self, counted_case):
        assert [(one.name, len(one.sha256)) for one in counted_case.inputs] == [("family.vcf", 64)]
        assert counted_case.versions["consequence"].startswith("bcftools csq ")
        assert counted_case.versions["gate"].startswith("varde: ")
        assert "10 people" in counted_case.versions["frequencies"]
        json.dumps(dict(counted_case.versions))

    def test_counts_of_another_build_are_refused(self, counts):
        path = shared_data("trio", "ashkenazi", "ashk-trio.vcf.gz")
        pedigree = read_ped(shared_data("trio", "ashkenazi", "ashk-trio.ped"))
        with pytest.raises(InputError) as raised:
            prepare([path], pedigree, build=Build.GRCH37, frequencies=counts)
        assert raised.value.code == "build_mismatch"

    def test_an_unknown_gate_is_refused(self, tmp_path):
        with pytest.raises(InputError) as raised:
            prepare([tmp_path / "none.vcf"], trio_pedigree(), build=Build.GRCH37, gate="strict")
        assert raised.value.code == "unknown_gate"


class TestWithoutReference:
    def test_what_needs_genes_is_not_evaluated_and_nothing_is_dropped_for_it(self, tmp_path):
        rows = [(STOP, MATERNAL), (MISSENSE, PATERNAL), (INTRON, ("0/1", "0/0", "0/0"))]
        prepared = prepare([write_vcf(tmp_path / "f.vcf", rows)], trio_pedigree(), build=Build.GRCH38)
        outcome = filter_case(prepared, panel=panel("PLUS"))
        assert outcome.not_evaluated == ("consequence", "compound_heterozygous", "panel", "frequency", "region")
        assert found(outcome) == [(None, "de_novo", 1)]
        dropped = fell(outcome, STOP)
        assert dropped[:2] == ("inheritance", "compound_heterozygous")
        assert "not evaluated" in dropped[2]

    @pytest.mark.parametrize(("gate", "de_novo", "passing"), [("slivar", 11, 4), ("varde", 3, 3), ("none", 31, 17)])
    def test_the_real_trio(self, gate, de_novo, passing):
        folder = shared_data("trio", "ashkenazi")
        prepared = prepare(
            [folder / "ashk-trio.vcf.gz"], read_ped(folder / "ashk-trio.ped"), build=Build.GRCH37, gate=gate
        )
        for require_pass, expected in ((False, de_novo), (True, passing)):
            outcome = filter_case(prepared, FilterSettings(gate=gate, require_pass=require_pass))
            assert sum(one.mode is Mode.DE_NOVO for one in outcome.candidates) == expected
            assert outcome.trace.height == 9940
            assert outcome.trace["kept"].sum() + sum(one.dropped for one in outcome.counts) == 9940

    def test_an_affected_mother_makes_it_dominant(self, tmp_path):
        vcf = write_vcf(tmp_path / "f.vcf", [(STOP, MATERNAL)])
        prepared = prepare([vcf], trio_pedigree(mother=Affected.AFFECTED), build=Build.GRCH38, child="child")
        assert found(filter_case(prepared)) == [(None, "dominant_inherited", 1)]


CROWDED = [
    (STOP, MATERNAL),
    (MISSENSE, PATERNAL),
    ((*allele(CDS[0] + 4, 1, "T"), "PASS"), MATERNAL),  # GCT>GTT
    ((*allele(CDS[0] + 7, 1, "C"), "PASS"), MATERNAL),  # AAA>ACA
]


def test_the_most_severe_of_a_parent_are_paired_and_the_others_say_so(reference, tmp_path):
    prepared = prepare([write_vcf(tmp_path / "f.vcf", CROWDED)], trio_pedigree(), reference=reference)
    assert len(filter_case(prepared).candidates) == 3
    outcome = filter_case(prepared, FilterSettings(halves_per_gene=1))
    assert [fell(outcome, site)[0] for site, _ in CROWDED] == ["kept", "kept", "inheritance", "inheritance"]
    assert fell(outcome, CROWDED[2][0])[1:4] == (
        "halves_per_gene",
        "child 0/1, mother 0/1, father 0/0",
        "among the 1 most severe of its gene from one parent",
    )
