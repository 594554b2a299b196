"""Gene specifications: what they change, and what a file is refused for."""

from __future__ import annotations

import json
import random
from contextlib import suppress
from pathlib import Path

import pytest

from varde.genome.errors import InputError
from varde.interpretation.acmg.criterion import Code, State, Strength
from varde.interpretation.acmg.evaluation import evaluate
from varde.interpretation.acmg.evidence import Evidence, GroupCount, Inheritance, Population
from varde.interpretation.acmg.frequency import maximum_credible_frequency
from varde.interpretation.acmg.rules import GENERAL, Limit
from varde.interpretation.acmg.specifications import parse_gene_specifications, read_gene_specifications

AD, AR = Inheritance.AUTOSOMAL_DOMINANT, Inheritance.AUTOSOMAL_RECESSIVE


def one(**changed):
    base = {
        "gene": "TOY",
        "inheritance": ["AR"],
        "name": "TOY panel",
        "version": "2.0",
        "source": "https://example.org/toy",
        "criteria": {},
        "limits": {},
    }
    return {key: value for key, value in {**base, **changed}.items() if value is not None}


def written(*specifications, **changed):
    told = {"format": "varde-gene-specifications", "format_version": 1, "name": "Laboratory", "version": "7"}
    return json.dumps({**told, "specifications": list(specifications), **changed}).encode()


def parsed(*specifications):
    return parse_gene_specifications(written(*specifications), "toy.json")


def judged(found, code, **evidence):
    known = Evidence(gene="TOY", **evidence)
    rules = found.rules(known.gene, known.inheritance)
    return next(one for one in evaluate(known, rules) if one.code == code)


def counted(ac, an, mode=AR):
    return {"inheritance": mode, "populations": (Population("gnomAD", "4", (GroupCount("all", ac, an, 0, 0),)),)}


def test_a_limit_of_the_gene_s_own_and_where_it_came_from():
    found = parsed(one(limits={"pm2_frequency_recessive": 0.0002}))
    own = judged(found, "PM2", **counted(15, 100_000))
    assert (own.state, own.version) == (State.MET, "TOY panel 2.0")
    assert "TOY panel 2.0" in own.source
    general = judged(found, "PM2", **counted(15, 100_000, AD))
    assert (general.state, general.version) == (State.NOT_MET, GENERAL.name)


def test_strength_use_and_cap():
    criteria = {
        "PM2": {"strength": "moderate"},
        "BS1": {"at_most": "supporting"},
        "PVS1": {"applies": False, "note": "gain of function"},
    }
    found = parsed(one(criteria=criteria))
    assert judged(found, "PM2", **counted(0, 100_000)).label == "PM2_Moderate"
    assert judged(found, "BS1", **counted(2000, 100_000)).strength is Strength.SUPPORTING
    unused = judged(found, "PVS1", inheritance=AR)
    assert unused.state is State.NOT_MET
    assert str(unused.text) == "Not used for this gene: gain of function."


def test_a_maximum_credible_frequency_is_held_against_the_filtering_frequency():
    """Whiffin 2017: hypertrophic cardiomyopathy, MYBPC3, 4e-5. One allele of 2,000 does not exceed it."""
    told = {"prevalence": 0.002, "allelic": 0.02, "penetrance": 0.5}
    found = parsed(one(inheritance=["AD"], maximum_credible_frequency=told))
    assert found.find("TOY", AD).limits[Limit.BS1_CREDIBLE_FREQUENCY] == pytest.approx(4e-5)
    few, many = (judged(found, "BS1", **counted(ac, an, AD)) for ac, an in ((1, 2000), (20, 200_000)))
    assert (few.state, many.state, many.strength) == (State.NOT_MET, State.MET, Strength.STRONG)


def test_maximum_credible_frequencies():
    assert maximum_credible_frequency(1 / 10_000, AR) == pytest.approx(0.01)
    assert maximum_credible_frequency(1 / 10_000, AR, allelic=0.5, genetic=0.25) == pytest.approx(0.0025)
    assert maximum_credible_frequency(1 / 1000, AD) == pytest.approx(0.0005)
    with pytest.raises(ValueError, match="mitochondrial"):
        maximum_credible_frequency(0.1, Inheritance.MITOCHONDRIAL)
    with pytest.raises(ValueError, match="penetrance 0"):
        maximum_credible_frequency(0.1, AD, penetrance=0)


def test_one_gene_may_have_a_specification_per_inheritance():
    found = parsed(one(version="1"), one(inheritance=["AD", "XLD"], version="2"), one(gene="OTHER", inheritance=[]))
    assert [found.find("TOY", mode) and found.find("TOY", mode).version for mode in (AR, AD, None)] == ["1", "2", None]
    assert found.find("OTHER", None).gene == "OTHER"
    assert found.find("THIRD", AD) is None


def test_a_code_that_is_not_used_keeps_no_other_away():
    """PM3 needs PM2 where it is used."""
    found = parsed(one(criteria={"PM2": {"applies": False}}))
    assert judged(found, "PM3", **counted(0, 100_000), homozygous_occurrences=2, partners=()).state is State.NOT_MET


@pytest.mark.parametrize(
    ("specification", "field", "said"),
    [
        (one(gene=""), "specifications[0].gene", "gene"),
        (one(inheritance=["dominant"]), "specifications[0].inheritance", "TOY"),
        (one(inheritance=[["AD"]]), "specifications[0].inheritance", "TOY"),
        (one(version=2), "specifications[0].version", "TOY: version"),
        (one(source=None), "specifications[0].source", "TOY: source"),
        (one(criteria={"PP5": {}}), "specifications[0].criteria.PP5", "TOY: 'PP5' is not known"),
        (one(criteria={"PM9": {}}), "specifications[0].criteria.PM9", "TOY: 'PM9'"),
        (one(criteria={"PM2": {"strength": "huge"}}), "specifications[0].criteria.PM2.strength", "TOY, PM2"),
        (one(criteria={"PM2": {"strength": ["strong"]}}), "specifications[0].criteria.PM2.strength", "TOY, PM2"),
        (one(criteria={"PM2": {"applies": "no"}}), "specifications[0].criteria.PM2.applies", "TOY, PM2"),
        (one(criteria={"PM2": []}), "specifications[0].criteria.PM2", "TOY, PM2"),
        (one(criteria={"BA1": {"at_most": "strong"}}), "specifications[0].criteria.BA1", "TOY, BA1"),
        (one(criteria={"PM2": {"note": 3}}), "specifications[0].criteria.PM2.note", "TOY, PM2"),
        (one(criteria={"PM2": {"points": 3}}), "specifications[0].criteria.PM2.points", "TOY, PM2"),
        (one(limits={"pm2": 1}), "specifications[0].limits.pm2", "TOY"),
        (one(limits={"ba1_frequency": 1.5}), "specifications[0].limits.ba1_frequency", "0 to 1"),
        (one(limits={"ba1_frequency": -1}), "specifications[0].limits.ba1_frequency", "0 to 1"),
        (one(limits={"ba1_frequency": True}), "specifications[0].limits.ba1_frequency", "number"),
        (one(limits={"ba1_frequency": 10**400}), "specifications[0].limits.ba1_frequency", "number"),
        (one(limits={"pp3_missense_moderate": 0.95}), "specifications[0].limits.pp3_missense_moderate", "order"),
        (one(limits={"ba1_frequency": 0.01}), "specifications[0].limits.ba1_frequency", "order"),
        (
            one(inheritance=[], maximum_credible_frequency={"prevalence": 0.1}),
            "specifications[0].maximum_credible_frequency",
            "one mode",
        ),
        (
            one(maximum_credible_frequency={"prevalence": 2}),
            "specifications[0].maximum_credible_frequency",
            "prevalence 2",
        ),
        (one(maximum_credible_frequency={"allelic": 1}), "specifications[0].maximum_credible_frequency", "missing"),
        ("TOY", "specifications[0]", "object"),
    ],
)
def test_a_file_is_refused_whole_with_gene_criterion_and_place(specification, field, said):
    with pytest.raises(InputError) as refused:
        parsed(specification)
    assert (refused.value.code, refused.value.field, refused.value.source) == ("bad_specification", field, "toy.json")
    assert said in refused.value.problem


def test_two_specifications_for_one_gene_and_mode_are_refused():
    for other in (one(), one(inheritance=[]), one(inheritance=["AD", "AR"])):
        with pytest.raises(InputError, match="TOY has two specifications"):
            parsed(one(), other)
    with pytest.raises(InputError, match="two specifications"):
        parsed(one(inheritance=["XL"]), one(inheritance=["XLR"]))


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"{",
        b"\xff\xfe",
        b"[]",
        b"null",
        b'{"a": 1, "a": 2}',
        b'{"limits": NaN}',
        b"[" * 100_000,
        written(),
        written(one(), format="other"),
        written(one(), format_version=2),
        written(one(), unknown=1),
        written(one())[:-5],
    ],
)
def test_what_is_no_such_file_is_refused(raw):
    with pytest.raises(InputError) as refused:
        parse_gene_specifications(raw, "x.json")
    assert refused.value.code in ("unreadable", "bad_specification")


def test_a_file_is_read_from_its_place(tmp_path):
    path = tmp_path / "specs.json"
    path.write_bytes(written(one()))
    found = read_gene_specifications(path)
    assert (found.name, found.version, len(found.specifications)) == ("Laboratory", "7", 1)
    with pytest.raises(InputError, match="cannot be read"):
        read_gene_specifications(tmp_path / "none.json")


def test_mutilated_files_never_fail_otherwise():
    draw = random.Random(3)
    whole = written(one(criteria={"PM2": {"strength": "moderate"}}, limits={"ba1_frequency": 0.02}))
    for _ in range(500):
        raw = bytearray(whole)
        for _ in range(draw.randint(1, 4)):
            raw[draw.randrange(len(raw))] = draw.randrange(256)
        with suppress(InputError):
            parse_gene_specifications(bytes(raw), "x.json")


def test_every_code_keeps_its_state_where_a_specification_says_nothing():
    found = parsed(one())
    plain = Evidence(gene="TOY", **counted(0, 100_000))
    own = evaluate(plain, found.rules("TOY", AR))
    assert [(one.code, one.state, one.strength) for one in own] == [
        (one.code, one.state, one.strength) for one in evaluate(plain)
    ]
    assert {one.code for one in own} == {code for code in Code if code not in ("PP5", "BP6")}


def test_the_example_of_the_guide_can_be_stored():
    guide = Path(__file__).parents[5] / "docs" / "guide" / "laboratory.md"
    examples = [part.split("```")[0] for part in guide.read_text(encoding="utf-8").split("```json\n")[1:]]
    (example,) = (one for one in examples if "varde-gene-specifications" in one)
    found = parse_gene_specifications(example.encode(), "guide.json").find("MYBPC3", AD)
    assert found.limits[Limit.BS1_CREDIBLE_FREQUENCY] == pytest.approx(4e-5)
    assert [rule.code.value for rule in found.criteria] == ["PM2", "PP3", "BS2"]
