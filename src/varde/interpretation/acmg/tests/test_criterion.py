import re
from pathlib import Path
from string import Formatter

import pytest

from varde.genome.message import Message
from varde.interpretation.acmg.criterion import (
    CODES,
    Code,
    Criterion,
    Direction,
    Handling,
    State,
    Strength,
    decide_by_person,
    with_decisions,
)
from varde.interpretation.acmg.evaluation import evaluate
from varde.interpretation.acmg.evidence import Evidence
from varde.interpretation.acmg.pvs1 import Ask
from varde.interpretation.acmg.rules import GENERAL, Limit, RuleSet, Threshold
from varde.interpretation.acmg.texts import MISSING, TEXTS, text

ASSISTED = ["PS3", "PS4", "PP1", "PP4", "BS3", "BS4", "BP5"]
OFF = ["PP5", "BP6"]


def test_the_28_codes_with_their_default_strength():
    """Richards 2015: 1 very strong, 4 strong, 6 moderate, 5 supporting; 1 stand-alone, 4 strong, 7 supporting."""
    assert [row.code for row in CODES.values()] == list(Code)
    letters = {"V": Strength.VERY_STRONG, "S": Strength.STRONG, "M": Strength.MODERATE, "P": Strength.SUPPORTING}
    for code, row in CODES.items():
        expected = Strength.STAND_ALONE if code is Code.BA1 else letters[code.value[1]]
        assert row.default is (Strength.SUPPORTING if code is Code.PM2 else expected), code
        assert row.code.direction is (Direction.PATHOGENIC if code.value[0] == "P" else Direction.BENIGN)
    assert len(CODES) == 28


def test_who_judges_a_code():
    by = {h: [c.value for c, row in CODES.items() if row.handling is h] for h in Handling}
    assert by[Handling.ASSISTED] == ASSISTED
    assert by[Handling.OFF] == OFF
    assert len(by[Handling.COMPUTED]) == 19


def test_nothing_known_means_nothing_evaluated():
    found = evaluate(Evidence())
    assert [criterion.code.value for criterion in found] == [code.value for code in Code if code.value not in OFF]
    assert all(criterion.state is State.NOT_EVALUATED for criterion in found)
    assert all(criterion.suggested is None and criterion.missing for criterion in found)
    assert all(criterion.version == "varde-acmg 2026.2" and criterion.source for criterion in found)


def test_a_rule_set_of_another_gene_is_refused():
    own = GENERAL.for_gene("PAH", "pah", "2", "panel", {})
    with pytest.raises(ValueError, match="is for PAH"):
        evaluate(Evidence(gene="MYH7"), own)


@pytest.mark.parametrize(
    ("code", "strength", "label"),
    [
        (Code.PVS1, Strength.VERY_STRONG, "PVS1"),
        (Code.PVS1, Strength.STRONG, "PVS1_Strong"),
        (Code.PP1, Strength.VERY_STRONG, "PP1_VeryStrong"),
        (Code.PM2, Strength.SUPPORTING, "PM2"),
        (Code.BA1, Strength.STAND_ALONE, "BA1"),
    ],
)
def test_labels(code, strength, label):
    assert Criterion(code, State.MET, text("acmg.not_evaluated"), strength).label == label


@pytest.mark.parametrize(
    "wrong",
    [
        {"code": Code.PM2, "state": State.MET},
        {"code": Code.PM2, "state": State.NOT_MET, "strength": Strength.STRONG},
        {"code": Code.PM2, "state": State.NOT_EVALUATED},
        {"code": Code.PM2, "state": State.NOT_MET, "missing": ("inheritance",)},
        {"code": Code.PM2, "state": State.MET, "strength": Strength.STAND_ALONE},
        {"code": Code.BA1, "state": State.MET, "strength": Strength.STRONG},
        {"code": Code.PS4, "state": State.NOT_EVALUATED, "missing": ("confirmation",)},
        {"code": Code.PS4, "state": State.NOT_MET, "suggested": Strength.STRONG},
    ],
)
def test_illegal_criteria_cannot_be_written(wrong):
    with pytest.raises(ValueError, match=wrong["code"].value):
        Criterion(text=text("acmg.not_evaluated"), **wrong)


class TestPersons:
    def test_a_person_sets_a_manual_code_with_a_reason(self):
        found = decide_by_person(Code.PS3, State.MET, Strength.MODERATE, reason="Assay of 2024", person="staff-1")
        assert (found.points, found.decided_by, str(found.text)) == (2, "staff-1", "Set by a person: Assay of 2024")

    @pytest.mark.parametrize(
        ("code", "state", "strength", "reason", "person", "message"),
        [
            (Code.PP5, State.MET, Strength.SUPPORTING, "r", "p", "not for use"),
            (Code.BP6, State.MET, Strength.SUPPORTING, "r", "p", "not for use"),
            (Code.PS3, State.MET, Strength.STRONG, " ", "p", "needs a reason"),
            (Code.PS3, State.MET, Strength.STRONG, "r", "", "needs a reason"),
            (Code.PS3, State.NOT_EVALUATED, None, "r", "p", "met or not met"),
            (Code.PS3, State.MET, None, "r", "p", "strength"),
        ],
    )
    def test_refused(self, code, state, strength, reason, person, message):
        with pytest.raises(ValueError, match=message):
            decide_by_person(code, state, strength, reason=reason, person=person)

    def test_a_decision_takes_the_place_of_the_computed_criterion(self):
        computed = evaluate(Evidence())
        pm2 = decide_by_person(Code.PM2, State.MET, Strength.SUPPORTING, reason="own look-up", person="s")
        ps3 = decide_by_person(Code.PS3, State.NOT_MET, None, reason="no assay", person="s")
        together = with_decisions(computed, (pm2, ps3))
        assert [c.code for c in together] == [c.code for c in computed]
        assert (together[6], together[3]) == (pm2, ps3)
        with pytest.raises(ValueError, match="decided twice"):
            with_decisions(computed, (pm2, pm2))


class TestTables:
    def test_every_limit_but_the_optional_ones_has_value_unit_and_source(self):
        assert {row.limit for row in GENERAL.thresholds} == set(Limit) - {
            Limit.BP7_CONSERVATION,
            Limit.BS1_CREDIBLE_FREQUENCY,
        }
        assert all(row.unit and row.source for row in GENERAL.thresholds)

    def test_wrong_limits_are_refused(self):
        with pytest.raises(ValueError, match="finite"):
            Threshold(Limit.BA1_FREQUENCY, float("nan"), "x", "y")
        with pytest.raises(ValueError, match="no source"):
            Threshold(Limit.BA1_FREQUENCY, 0.05, "x", " ")
        one = Threshold(Limit.BA1_FREQUENCY, 0.05, "x", "y")
        with pytest.raises(ValueError, match="twice"):
            RuleSet("a", "1", (one, one))
        with pytest.raises(KeyError, match="no limit"):
            RuleSet("a", "1", (one,)).value(Limit.BS1_FREQUENCY_DOMINANT)

    def test_every_text_is_used_and_every_key_used_exists(self):
        source = "".join(path.read_text() for path in Path(__file__).parents[1].glob("*.py") if path.name != "texts.py")
        used = set(re.findall(r'"(acmg\.[a-z0-9_.]+)"', source)) | {f"acmg.title.{code.value}" for code in Code}
        assert used == set(TEXTS)

    def test_every_missing_key_is_explained_and_used(self):
        source = "".join(path.read_text() for path in Path(__file__).parents[1].glob("*.py") if path.name != "texts.py")
        assert set(Ask) <= set(MISSING)
        assert [key for key in MISSING if f'"{key}"' not in source] == []

    def test_a_message_needs_its_parameters(self):
        with pytest.raises(ValueError, match="asks for"):
            text("acmg.pvs1.met")
        with pytest.raises(KeyError):
            text("acmg.unknown")
        assert Message("k", "{a:.1f} of {b}", (("a", 1.25), ("b", "x"))).template == "{a:.1f} of {b}"

    def test_every_template_can_be_formatted(self):
        for key, template in TEXTS.items():
            fields = [(name, spec) for _, name, spec, _ in Formatter().parse(template) if name is not None]
            assert all(name.isidentifier() for name, _ in fields), key
