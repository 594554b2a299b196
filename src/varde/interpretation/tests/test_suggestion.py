"""A prepared case as evidence: what it says, and that what it lacks stays unknown."""

from __future__ import annotations

from dataclasses import replace

import polars as pl
import pytest

from varde.annotation import consequence as annotation
from varde.annotation.knowledge import GeneKnowledge, KnowledgeTable, LofMechanism
from varde.annotation.knowledge import Inheritance as GeneInheritance
from varde.genome.builds import Build
from varde.genome.message import Message
from varde.genome.records import AlleleKind
from varde.interpretation.acmg import Code, Criterion, State, Strength
from varde.interpretation.acmg.answers import Answers
from varde.interpretation.acmg.evidence import Inheritance, PhenotypeFit
from varde.interpretation.allele_evidence import Sources, inheritance_of, parentage_verified
from varde.interpretation.analysis import Candidate, PreparedCase
from varde.interpretation.inheritance import Mode, Phase
from varde.interpretation.suggestion import Suggestion, suggest
from varde.quality.report import Light, Metric, QualityReport

KNOWN = KnowledgeTable(
    (
        GeneKnowledge("GENEA", GeneInheritance.AUTOSOMAL_RECESSIVE, LofMechanism.ESTABLISHED, "list", "1"),
        GeneKnowledge("GENEA", GeneInheritance.Y_LINKED, LofMechanism.NO, "list", "1"),
    )
)


def kinship(first: str, second: str, light: Light) -> Metric:
    value = None if light is Light.NOT_EVALUATED else 0.25
    return Metric(f"{first} / {second}", "kinship", value, "kinship", light, Message("none", "none"), "")


def case(
    rows: list[dict], *, lights: tuple[Light, Light] = (Light.GREEN, Light.GREEN), frequencies: bool = False
) -> PreparedCase:
    base = {"contig": 1, "kind": int(AlleleKind.SNV), "ref": "A", "alt": "G", "mother_gt": "0/0", "father_gt": "0/0"}
    counts = {"ac": None, "an": None, "nhomalt": None, "nhemi": None, "modes": None, "child_gt": "0/1"}
    alleles = [{"row": number, "position": 100 + number, **base, **counts, **row} for number, row in enumerate(rows)]
    placed = [
        {"row": number, "gene": "GENEA", "transcript": "T1", "mane": True, "consequence": "missense_variant"}
        for number in range(len(rows))
    ]
    return PreparedCase(
        build=Build.GRCH38,
        gate="varde",
        members=("c", "m", "f"),
        alleles=pl.DataFrame(alleles, infer_schema_length=None),
        consequences=pl.DataFrame(placed, schema=annotation.SCHEMA),
        modes=pl.DataFrame(),
        halves=pl.DataFrame(),
        quality=QualityReport((kinship("c", "m", lights[0]), kinship("f", "c", lights[1])), "test"),
        genes={},
        versions={},
        inputs=(),
        has_consequences=True,
        has_frequencies=frequencies,
    )


def candidate(mode: Mode, *rows: int, phase: Phase | None = None, evaluated: bool = True) -> Candidate:
    return Candidate(
        rank=1,
        gene="GENEA",
        mode=mode,
        rows=rows,
        evaluated=evaluated,
        phase=phase,
        score=1.0,
        parts=(),
        explanations=(),
    )


def criterion(suggestion: Suggestion, code: Code) -> Criterion:
    return next(one for one in suggestion.criteria if one.code is code)


@pytest.mark.parametrize(
    ("mode", "on_x", "expected"),
    [
        (Mode.DE_NOVO, False, Inheritance.AUTOSOMAL_DOMINANT),
        (Mode.DE_NOVO, True, Inheritance.X_LINKED),
        (Mode.X_LINKED_DE_NOVO, True, Inheritance.X_LINKED),
        (Mode.COMPOUND_HETEROZYGOUS, False, Inheritance.AUTOSOMAL_RECESSIVE),
        (Mode.COMPOUND_HETEROZYGOUS, True, Inheritance.X_LINKED_RECESSIVE),
        (Mode.HOMOZYGOUS_RECESSIVE, False, Inheritance.AUTOSOMAL_RECESSIVE),
        (Mode.X_LINKED_RECESSIVE, True, Inheritance.X_LINKED_RECESSIVE),
        (Mode.DOMINANT_INHERITED, False, Inheritance.AUTOSOMAL_DOMINANT),
        (Mode.MITOCHONDRIAL, False, Inheritance.MITOCHONDRIAL),
    ],
)
def test_inheritance_of_a_mode(mode: Mode, on_x: bool, expected: Inheritance) -> None:
    assert inheritance_of(mode, on_x=on_x) is expected


@pytest.mark.parametrize(
    ("lights", "expected"),
    [
        ((Light.GREEN, Light.GREEN), True),
        ((Light.GREEN, Light.RED), False),
        ((Light.RED, Light.NOT_EVALUATED), False),
        ((Light.GREEN, Light.NOT_EVALUATED), None),
        ((Light.GREEN, Light.YELLOW), None),
    ],
)
def test_parentage_is_shown_only_by_two_green_lights(lights: tuple[Light, Light], expected: bool | None) -> None:
    assert parentage_verified(case([{}], lights=lights)) is expected


def test_a_new_allele_is_ps2_with_a_judged_phenotype_and_not_evaluated_without() -> None:
    made = case([{"modes": ["de_novo"]}])
    (without,) = suggest(made, candidate(Mode.DE_NOVO, 0))
    assert criterion(without, Code.PS2).state is State.NOT_EVALUATED
    (judged,) = suggest(made, candidate(Mode.DE_NOVO, 0), answers=Answers(phenotype=PhenotypeFit.SPECIFIC))
    assert (criterion(judged, Code.PS2).state, criterion(judged, Code.PS2).strength) == (State.MET, Strength.STRONG)


def test_refuted_parentage_takes_the_de_novo_criteria_away() -> None:
    made = case([{"modes": ["de_novo"]}], lights=(Light.GREEN, Light.RED))
    (found,) = suggest(made, candidate(Mode.DE_NOVO, 0), answers=Answers(phenotype=PhenotypeFit.SPECIFIC))
    assert criterion(found, Code.PS2).state is State.NOT_MET
    assert criterion(found, Code.PM6).state is State.NOT_MET


def test_an_inherited_allele_is_not_new_and_one_without_calls_is_not_judged() -> None:
    (inherited,) = suggest(case([{"mother_gt": "0/1"}]), candidate(Mode.HOMOZYGOUS_RECESSIVE, 0))
    assert criterion(inherited, Code.PS2).state is State.NOT_MET
    (unseen,) = suggest(case([{"mother_gt": "./."}]), candidate(Mode.HOMOZYGOUS_RECESSIVE, 0))
    assert criterion(unseen, Code.PS2).state is State.NOT_EVALUATED


def test_the_register_is_asked_only_where_it_covers() -> None:
    covered = {"ac": 0, "an": 4000, "nhomalt": 0, "nhemi": 0}
    (found,) = suggest(case([covered], frequencies=True), candidate(Mode.DE_NOVO, 0))
    assert criterion(found, Code.PM2).state is State.MET
    (bare,) = suggest(case([covered | {"an": 0}], frequencies=True), candidate(Mode.DE_NOVO, 0))
    assert criterion(bare, Code.PM2).state is State.NOT_EVALUATED
    (none,) = suggest(case([{}]), candidate(Mode.DE_NOVO, 0))
    assert criterion(none, Code.PM2).state is State.NOT_EVALUATED
    common = {"ac": 400, "an": 4000, "nhomalt": 20, "nhemi": 0}
    (many,) = suggest(case([common], frequencies=True), candidate(Mode.DE_NOVO, 0))
    assert many.assessment.points.acmg_class == 1


def test_the_halves_of_a_pair_are_each_others_partners_with_their_own_class() -> None:
    counts = {"ac": 0, "an": 4000, "nhomalt": 0, "nhemi": 0}
    made = case([{"mother_gt": "0/1", **counts}, {"father_gt": "0/1", **counts}], frequencies=True)
    pair = candidate(Mode.COMPOUND_HETEROZYGOUS, 0, 1, phase=Phase.TRANS_BY_PARENTS)
    first, second = suggest(made, pair)
    assert [one.evidence.partners[0].acmg_class for one in (first, second)] == [3, 3]
    assert {one.evidence.partners[0].phase.value for one in (first, second)} == {"in_trans"}
    assert criterion(first, Code.PM3).state is State.NOT_MET  # an uncertain partner gives no points
    (unphased, _) = suggest(made, replace(pair, phase=Phase.UNKNOWN))
    assert unphased.evidence.partners[0].phase.value == "unphased"


def test_knowledge_of_a_mechanism_keeps_its_inheritance_and_source() -> None:
    (found,) = suggest(case([{}]), candidate(Mode.DE_NOVO, 0), sources=Sources(genes=KNOWN))
    assert [(one.inheritance, one.confidence.value, one.source) for one in found.evidence.lof_mechanisms] == [
        (Inheritance.AUTOSOMAL_RECESSIVE, "established", "list 1")
    ]
    (unknown,) = suggest(case([{}]), replace(candidate(Mode.DE_NOVO, 0), gene="GENEB"), sources=Sources(genes=KNOWN))
    assert unknown.evidence.lof_mechanisms is None
    assert unknown.consequence is None
