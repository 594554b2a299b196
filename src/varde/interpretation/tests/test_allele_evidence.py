"""From files and imported sources to criteria: a family of four, ClinVar, REVEL, an outside register, own tables."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from varde.annotation.clinvar_import import import_clinvar
from varde.annotation.predictors import import_predictor
from varde.annotation.source_folder import Origin
from varde.annotation.tests.toy import CDS, make_reference
from varde.frequency.sources import add_source
from varde.genome.builds import Build
from varde.genome.pedigree import Affected, Pedigree, Person, Sex
from varde.genome.references import Reference
from varde.interpretation.acmg import State, Strength
from varde.interpretation.acmg.answers import Answers
from varde.interpretation.acmg.evidence import CaseControl, Phase, ProteinChange
from varde.interpretation.acmg.functional_table import parse_functional_table
from varde.interpretation.acmg.specifications import parse_gene_specifications
from varde.interpretation.allele_evidence import Sources, Surroundings
from varde.interpretation.inheritance import Mode
from varde.interpretation.known import KnowledgeBase
from varde.interpretation.preparation import prepare
from varde.interpretation.prepared import PreparedCase
from varde.interpretation.ranking import Candidate
from varde.interpretation.suggestion import suggest

DAY = date(2026, 12, 1)
EXPERT, SINGLE = "reviewed_by_expert_panel", "criteria_provided,_single_submitter"
FIRST = CDS[0] + 4
"""The G of GCT, residue 2 of PLUS: G>A is A2T."""

CLINVAR = (
    (FIRST, 1, "G", "A", "Benign", EXPERT),  # the variant itself: never asked
    (FIRST + 1, 2, "C", "A", "Pathogenic", EXPERT),  # A2D
    (FIRST + 3, 3, "A", "G", "Pathogenic", SINGLE),  # K3E
    (FIRST + 6, 4, "A", "G", "Likely_pathogenic", SINGLE),  # K4E
)
HEADER = (
    "##fileformat=VCFv4.2\n##contig=<ID=1>\n"
    + "".join(
        f"##FORMAT=<ID={name},Number={number},Type={kind},Description=x>\n"
        for name, number, kind in (
            ("GT", 1, "String"),
            ("AD", "R", "Integer"),
            ("DP", 1, "Integer"),
            ("GQ", 1, "Integer"),
        )
    )
    + "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\tchild\tmother\tfather\tsister\n"
)
CALLS = {"0/0": "0/0:30,0:30:99", "0/1": "0/1:15,15:30:99"}


def family_vcf(path: Path, *rows: tuple[int, str, str, str]) -> Path:
    """Rows of position, REF, ALT and the four genotypes joined by blanks."""
    lines = [
        f"1\t{position}\t.\t{ref}\t{alt}\t.\tPASS\t.\tGT:AD:DP:GQ\t" + "\t".join(CALLS[call] for call in calls.split())
        for position, ref, alt, calls in rows
    ]
    path.write_text(HEADER + "\n".join(lines) + "\n")
    return path


def person(name: str, sex: Sex, affected: Affected, *parents: str) -> Person:
    father, mother = parents or (None, None)
    return Person("family", name, father, mother, sex, affected)


FAMILY = Pedigree(
    (
        person("child", Sex.FEMALE, Affected.AFFECTED, "father", "mother"),
        person("mother", Sex.FEMALE, Affected.AFFECTED),
        person("father", Sex.MALE, Affected.UNAFFECTED),
        person("sister", Sex.FEMALE, Affected.AFFECTED, "father", "mother"),
    )
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("evidence")


@pytest.fixture(scope="module")
def reference(folder: Path) -> Reference:
    return make_reference(folder / "toy")


@pytest.fixture(scope="module")
def known(folder: Path, reference: Reference) -> KnowledgeBase:
    clinvar, revel, sites = (folder / name for name in ("clinvar.vcf", "revel.csv", "sites.vcf"))
    clinvar.write_text(
        "##fileformat=VCFv4.1\n##reference=GRCh38\n##INFO=<ID=CLNSIG>\n##INFO=<ID=CLNREVSTAT>\n"
        "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\n"
        + "".join(
            f"1\t{p}\t{i}\t{r}\t{a}\t.\t.\tCLNSIG={s};CLNREVSTAT={t};GENEINFO=PLUS:1\n" for p, i, r, a, s, t in CLINVAR
        )
    )
    revel.write_text(f"chr,hg19_pos,grch38_pos,ref,alt,aaref,aaalt,REVEL\n1,{FIRST},{FIRST},G,A,A,T,0.8\n")
    fields = ("AC", "AN", "AF", "nhomalt", "AC_nfe", "AN_nfe")
    sites.write_text(
        "##fileformat=VCFv4.2\n##contig=<ID=1,length=248956422>\n"
        + "".join(f"##INFO=<ID={name},Number=1,Type=Float,Description=x>\n" for name in fields)
        + "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\n"
        + f"1\t{FIRST}\t.\tG\tA\t.\tPASS\tAC=700;AN=60000;AF=0.01167;nhomalt=5;AC_nfe=690;AN_nfe=50000\n"
    )
    origin = Origin("ClinVar", "2026-11", "public", DAY)
    folders = [
        import_clinvar(folder / "sources", clinvar, origin, Build.GRCH38, reference=reference),
        import_predictor(folder / "sources", revel, Origin("REVEL", "1.3", "academic", DAY), Build.GRCH38, "revel"),
        add_source(
            folder / "sources", sites, name="gnomAD", version="4", licence="CC0", build=Build.GRCH38, imported_on=DAY
        ).folder,
    ]
    return KnowledgeBase.open(folders)


@pytest.fixture(scope="module")
def case(folder: Path, reference: Reference, known: KnowledgeBase) -> PreparedCase:
    vcf = family_vcf(
        folder / "family.vcf",
        (FIRST, "G", "A", "0/1 0/1 0/0 0/1"),
        (FIRST + 13, "G", "A", "0/1 0/1 0/0 0/0"),
        (FIRST + 15, "G", "C", "0/1 0/0 0/1 0/0"),
    )
    return prepare([vcf], FAMILY, reference=reference, known=known, child="child")


def judged(case: PreparedCase, sources: Sources, *, row: int = 0, mode: Mode = Mode.DOMINANT_INHERITED, **more):
    found = Candidate(1, "PLUS", mode, (row,), True, None, 1.0, (), ())
    (suggestion,) = suggest(case, found, sources=sources, **more)
    return suggestion, {criterion.code.value: criterion for criterion in suggestion.criteria}


def test_what_the_sources_and_the_family_say(case, reference, known):
    suggestion, found = judged(case, Sources(reference=reference, known=known))
    assert suggestion.evidence.protein_change == ProteinChange(2, "A", "T")
    assert (found["PM5"].state, found["PM5"].strength) == (State.MET, Strength.MODERATE)
    assert found["PM5"].value == f"1-{FIRST + 1}-C-A (A2D, ClinVar 2)"
    assert (found["PM1"].state, found["PM1"].value) == (State.MET, "3 pathogenic, 0 benign")
    assert (found["PP3"].strength, found["PP3"].data) == (Strength.MODERATE, "REVEL 1.3")
    assert found["PS1"].state is State.NOT_MET
    assert found["PM2"].state is State.NOT_MET
    assert (found["BS1"].state, found["BS1"].value, found["BS1"].data) == (State.MET, "0.0138", "gnomAD 4")
    assert found["PP1"].value == "2 meioses"
    assert found["BS4"].state is State.NOT_MET
    assert found["PS3"].missing == ("functional_table",)
    assert found["PM4"].state is State.NOT_MET
    assert suggestion.rules.name == "varde-acmg 2026.2"


def test_an_affected_sister_without_the_variant_speaks_against_it(case, reference):
    _, found = judged(case, Sources(reference=reference), row=1)
    assert (found["BS4"].state, found["BS4"].suggested) == (State.NOT_EVALUATED, Strength.STRONG)
    assert found["PP1"].state is State.NOT_MET


def test_without_sources_their_criteria_stay_open(case):
    _, found = judged(case, Sources())
    for code in ("PM1", "PM5", "PS1", "PP2", "BP1", "PM2", "PS3", "PS4"):
        assert found[code].state is State.NOT_EVALUATED, code


def test_other_pathogenic_variants_of_the_gene_by_phase(case, reference):
    sources = Sources(reference=reference)
    for row, phase, state in ((1, Phase.IN_CIS, State.MET), (2, Phase.IN_TRANS, State.MET)):
        suggestion, found = judged(case, sources, around=Surroundings(decided={row: 5}))
        assert [one.phase for one in suggestion.evidence.partners] == [phase]
        assert found["BP2"].state is state
    _, found = judged(case, sources, around=Surroundings(decided={1: 4, 2: 3}))
    assert found["BP2"].state is State.NOT_MET


def test_another_explanation_is_told_to_bp5(case, reference):
    around = Surroundings(explained_by=frozenset({"OTHER"}))
    assert judged(case, Sources(), around=around)[1]["BP5"].suggested is Strength.SUPPORTING
    around = Surroundings(explained_by=frozenset({"PLUS"}))
    assert judged(case, Sources(), around=around)[1]["BP5"].state is State.NOT_MET


def test_answers_and_tables_of_the_laboratory(case, reference):
    functional = parse_functional_table(
        b"gene\tchange\tresult\tscore\todds_path\tassay\tversion\nPLUS\tp.Ala2Thr\tabnormal\t-2\t20\tSGE\t1\n", "f.tsv"
    )
    specifications = parse_gene_specifications(
        b'{"format": "varde-gene-specifications", "format_version": 1, "name": "own", "version": "1", '
        b'"specifications": [{"gene": "PLUS", "inheritance": ["AD"], "name": "PLUS panel", "version": "2", '
        b'"source": "x", "criteria": {"PM1": {"applies": false}}}]}',
        "s.json",
    )
    sources = Sources(reference=reference, functional=functional, specifications=specifications)
    answers = Answers(case_control=CaseControl(12, 1000, 2, 10_000, "study"), critical_region=True)
    suggestion, found = judged(case, sources, answers=answers)
    assert (found["PS3"].suggested, found["PS3"].data) == (Strength.STRONG, "SGE 1")
    assert found["PS4"].suggested is Strength.STRONG
    assert str(found["PM1"].text) == "Not used for this gene: PLUS panel 2."
    assert suggestion.rules.name == "PLUS panel 2"
    assert suggestion.assessment.points.counted == (("PP3_Moderate", 2),)  # what is suggested counts nothing
