"""Points, combinations of 2015 and conflicts, against the published tables and against slow readings of them."""

import random
from dataclasses import replace
from itertools import combinations_with_replacement, product

import pytest

from varde.interpretation.acmg.combinations import ACGS, RICHARDS, classify_by_combination
from varde.interpretation.acmg.conflicts import PAIRS, Effect, Pair, conflict_free, conflicts
from varde.interpretation.acmg.criterion import CODES, Code, Criterion, Direction, Handling, State, Strength
from varde.interpretation.acmg.points import (
    Tier,
    class_of_points,
    classify,
    posterior_probability,
    tier_of_points,
)
from varde.interpretation.acmg.rulesets import TITLES, Ruleset, assess
from varde.interpretation.acmg.texts import text

SUP, M, S, VS, ALONE = (
    Strength.SUPPORTING,
    Strength.MODERATE,
    Strength.STRONG,
    Strength.VERY_STRONG,
    Strength.STAND_ALONE,
)
GRADES = (SUP, M, S, VS)
PATHOGENIC = [c for c in Code if c.direction is Direction.PATHOGENIC and CODES[c].handling is not Handling.OFF]
BENIGN = [c for c in Code if c.direction is Direction.BENIGN and CODES[c].handling is not Handling.OFF]


# Codes of which no two make a pair: what a table of combinations is held against.
UNPAIRED = [Code.PVS1, Code.PS1, Code.PS2, Code.PS4, Code.PM2, Code.PM3, Code.PP1, Code.PM5, Code.PM4]
STRONGER = [pair for pair in PAIRS if pair.effect is Effect.STRONGER_COUNTS]


def richards(criteria):
    return classify_by_combination(criteria, RICHARDS)


def met(code, strength=None):
    return Criterion(code, State.MET, text("acmg.not_evaluated"), strength or CODES[code].default)


def of_labels(*labels):
    """Criteria as laboratories write them: ``PVS1_Strong``."""
    words = {"Supporting": SUP, "Moderate": M, "Strong": S, "VeryStrong": VS}
    return [met(Code(label.split("_")[0]), words[label.split("_")[1]] if "_" in label else None) for label in labels]


class TestPoints:
    @pytest.mark.parametrize(
        ("points", "acmg_class"),
        [(30, 5), (10, 5), (9, 4), (6, 4), (5, 3), (0, 3), (-1, 2), (-6, 2), (-7, 1), (-30, 1)],
    )
    def test_classes(self, points, acmg_class):
        assert class_of_points(points) == acmg_class

    def test_a_laboratory_may_ask_two_points_of_likely_benign(self):
        assert [class_of_points(p, -2) for p in (0, -1, -2, -6, -7)] == [3, 3, 2, 2, 1]
        assert classify([met(Code.BP4)], likely_benign_at=-2).acmg_class == 3
        with pytest.raises(ValueError, match="expected -1 or -2"):
            class_of_points(0, -3)

    @pytest.mark.parametrize(
        ("points", "tier"),
        [(5, Tier.HOT), (4, Tier.HOT), (3, Tier.TEPID), (2, Tier.TEPID), (1, Tier.COLD), (0, Tier.COLD)],
    )
    def test_tiers(self, points, tier):
        assert tier_of_points(points) is tier

    @pytest.mark.parametrize(
        ("points", "probability"),
        [(0, 0.1), (1, 0.188), (2, 0.325), (4, 0.675), (6, 0.900), (8, 0.975), (10, 0.994), (-4, 0.006), (-7, 0.001)],
    )
    def test_probabilities(self, points, probability):
        """Tavtigian 2020: likely pathogenic from 0.90, pathogenic from 0.99, likely benign below 0.10."""
        assert round(posterior_probability(points), 3) == probability

    def test_a_sum(self):
        found = classify(of_labels("PVS1", "PM2", "PP4_Moderate", "BP4"))
        assert (found.points, found.acmg_class, found.tier) == (10, 5, None)
        assert found.counted == (("PVS1", 8), ("PM2", 1), ("PP4_Moderate", 2), ("BP4", -1))

    def test_one_very_strong_and_one_moderate_is_pathogenic(self):
        assert classify(of_labels("PVS1", "PM5")).acmg_class == 5

    def test_ba1_decides_alone(self):
        found = classify(of_labels("BA1", "PVS1", "PS3"))
        assert (found.acmg_class, found.stand_alone, found.posterior, found.decision_required) == (1, True, None, True)
        assert not classify(of_labels("BA1")).decision_required

    def test_what_is_not_met_or_not_evaluated_counts_nothing(self):
        quiet = [
            Criterion(Code.PVS1, State.NOT_MET, text("acmg.not_evaluated")),
            Criterion(Code.BA1, State.NOT_EVALUATED, text("acmg.not_evaluated"), missing=("population_counts",)),
        ]
        assert classify([*quiet, met(Code.PM2)]) == classify([met(Code.PM2)])

    def test_a_code_stands_once(self):
        with pytest.raises(ValueError, match="stands twice: PM2"):
            classify([met(Code.PM2), met(Code.PM2)])

    @pytest.mark.parametrize(
        ("labels", "acmg_class"),
        [
            (("PVS1", "PS1"), 5),
            (("PVS1", "PM1", "PM2_Moderate"), 5),
            (("PS1", "PS2", "PM1"), 5),
            (("PVS1", "PM2"), 4),
            (("PS1", "PM1"), 4),
            (("PS1", "PP1", "PP2"), 4),
            (("PM1", "PM5", "PM6"), 4),
            (("PM1", "PM5", "PP1", "PM2"), 4),
            (("PM1", "PM5"), 3),
            (("BS1", "BS2"), 1),
            (("BS1", "BP1"), 2),
            (("BP1", "BP4"), 2),
            (("PM2", "BP4"), 3),
        ],
    )
    def test_known_combinations(self, labels, acmg_class):
        assert classify(of_labels(*labels)).acmg_class == acmg_class


class TestRichards:
    def test_there_are_18_combinations(self):
        assert len(RICHARDS) == 18
        assert [sum(rule.acmg_class == c for rule in RICHARDS) for c in (5, 4, 2, 1)] == [8, 6, 2, 2]

    @staticmethod
    def table_5(vs, s, m, p):
        """Table 5 of the paper, word by word, for pathogenic evidence."""
        pathogenic = (
            (vs >= 1 and (s >= 1 or m >= 2 or (m == 1 and p == 1) or p >= 2))
            or s >= 2
            or (s == 1 and (m >= 3 or (m == 2 and p >= 2) or (m == 1 and p >= 4)))
        )
        if pathogenic:
            return 5
        likely = (
            (vs == 1 and m == 1)
            or (s == 1 and 1 <= m <= 2)
            or (s == 1 and p >= 2)
            or m >= 3
            or (m == 2 and p >= 2)
            or (m == 1 and p >= 4)
        )
        return 4 if likely else 3

    def test_table_5_for_every_count(self):
        """Only one difference: two very strong criteria, which the table forgot, are pathogenic."""
        for vs, s, m, p in product(range(3), range(4), range(5), range(6)):
            grades = [VS] * vs + [S] * s + [M] * m + [SUP] * p
            if len(grades) > len(UNPAIRED):
                continue
            found = richards([met(c, g) for c, g in zip(UNPAIRED, grades, strict=False)]).acmg_class
            expected = 5 if vs >= 2 else self.table_5(vs, s, m, p)
            assert found == expected, (vs, s, m, p)

    @pytest.mark.parametrize(
        ("labels", "acmg_class"),
        [
            (("BA1",), 1),
            (("BS1", "BS2"), 1),
            (("BS1", "BP4"), 2),
            (("BP4", "BP7"), 2),
            (("BS1",), 3),
            (("BP4",), 3),
            (("BP4_Moderate", "BP7"), 2),
            (("PVS1", "PM2"), 3),
            (("PVS1", "PS1", "BS1", "BS2"), 3),
            (("PVS1", "PS1", "BP4"), 5),
            (("PM1", "BS1", "BS2"), 1),
        ],
    )
    def test_benign_and_mixed(self, labels, acmg_class):
        assert richards(of_labels(*labels)).acmg_class == acmg_class

    def test_contradiction_is_said(self):
        found = richards(of_labels("PVS1", "PS1", "BS1", "BS2"))
        assert (found.contradictory, found.combination) == (True, None)

    def test_both_rule_sets_are_shown(self):
        found = assess(of_labels("PVS1", "PM2"))
        assert (found.acmg_class, found.verdict(Ruleset.RICHARDS).acmg_class, found.agree) == (4, 3, False)
        assert [one.ruleset for one in found.differing] == [Ruleset.RICHARDS, Ruleset.ACGS]
        assert assess(of_labels("PVS1", "PS1")).agree
        assert set(TITLES) == set(Ruleset)

    def test_the_chosen_rule_set_decides(self):
        labels = of_labels("PS1", "PS2")
        assert [assess(labels, one).acmg_class for one in Ruleset] == [4, 4, 5, 4]
        assert [assess(of_labels("BP4"), one).acmg_class for one in Ruleset] == [2, 3, 3, 3]


class TestAcgs:
    """Table 3 of the guidelines, as Exomiser's tests of its Acgs2020Classifier state it."""

    @pytest.mark.parametrize(
        ("labels", "acmg_class"),
        [
            ("PVS1 PS2", 5),
            ("PVS1 PM2_Moderate", 5),
            ("PVS1 PP1 PM2", 5),
            ("PVS1 PS4_VeryStrong", 5),
            ("PS1 PS2 PS4", 5),
            ("PS1 PS2 PM3", 5),
            ("PS1 PS2 PM2 PP1", 5),
            ("PS2 PM3 PM4 PM5", 5),
            ("PS2 PM3 PM4 PM2 PP1", 5),
            ("PS2 PM3 PM2 PP1 PP2 PP3", 5),
            ("PS1 PS2", 4),
            ("PS2 PM3 PM4", 4),
            ("PS2 PM2 PP1", 4),
            ("PM3 PM4 PM5", 4),
            ("PM3 PM4 PM2 PP1", 4),
            ("PM3 PM2 PP1 PP2 PP3", 4),
            ("BA1", 1),
            ("BA1 BS1 BP1", 1),
            ("BS1 BS2", 1),
            ("BS1 BP1", 2),
            ("BP1 BP2", 2),
            ("PVS1 PP1", 3),
            ("PS1 PP1", 3),
            ("PM3 PM4 PP1", 3),
            ("PS1", 3),
            ("PM3 PM4", 3),
            ("PM3 PP1 PM2", 3),
            ("PS1 BP1", 3),
            ("BS1 BP1 PVS1 PS1", 3),
            ("BA1 PVS1 PM3", 3),
            # Exomiser calls this likely pathogenic, because it computes three supporting codes only; the table asks 4.
            ("PM3 PP1 PP2 PM2", 3),
        ],
    )
    def test_table_3(self, labels, acmg_class):
        assert classify_by_combination(of_labels(*labels.split()), ACGS).acmg_class == acmg_class


class TestConflicts:
    def test_thirteen_pairs_of_scout_and_three_of_fastvep(self):
        assert len({frozenset((pair.first, pair.second)) for pair in PAIRS}) == len(PAIRS) == 16
        assert sum("Scout" in pair.source for pair in PAIRS) == 13
        assert sum("fastVEP" in pair.source for pair in PAIRS) == 4
        assert all(pair.source for pair in PAIRS)

    @pytest.mark.parametrize("pair", PAIRS, ids=lambda pair: f"{pair.first}+{pair.second}")
    def test_every_pair_is_told_and_only_when_both_are_met(self, pair):
        strong = pair.effect is Effect.CAPPED
        first, second = met(pair.first, S if strong else None), met(pair.second)
        found = [one for one in conflicts([first, second]) if one.effect is not Effect.DECISION]
        assert [(one.codes, one.effect) for one in found] == [((pair.first, pair.second), pair.effect)]
        assert not conflicts([first])
        assert not conflicts([first, Criterion(pair.second, State.NOT_MET, text("acmg.not_evaluated"))])

    @pytest.mark.parametrize("pair", STRONGER, ids=lambda pair: f"{pair.first}+{pair.second}")
    def test_of_a_pair_the_stronger_counts_and_the_other_stays_shown(self, pair: Pair):
        for one, other in product(GRADES, repeat=2):
            first, second = met(pair.first, one), met(pair.second, other)
            found = classify([first, second])
            kept, aside = (first, second) if first.points >= second.points else (second, first)
            assert found.points == kept.points
            assert found.counted == ((kept.label, kept.points),)
            assert found.set_aside == (aside.code,)

    @pytest.mark.parametrize(
        ("labels", "points", "aside"),
        [
            ("PVS1 PP3", 8, "PP3"),
            ("PS1 PP3_Strong", 4, "PP3"),
            ("PM5 PP3", 3, ""),
            ("PM1 PP3_Strong", 4, "PM1"),
            ("PM1 PP3", 3, ""),
            ("PM1_Strong PP3_Strong", 4, "PP3"),
            ("PM1 PP3_VeryStrong", 8, "PM1"),
            ("PS1 PM5 PM1 PP3_Strong", 6, "PM5 PP3"),
            ("PVS1 PS3 PM1 PM4 PP2", 8, "PS3 PM1 PM4 PP2"),
            # One strong code loses against three that together weigh more and say different things.
            ("PVS1_Supporting PS3 PM1 PM4", 8, "PVS1"),
            ("BS4 PP4", -3, ""),
        ],
    )
    def test_what_rests_on_the_same_evidence_counts_once(self, labels, points, aside):
        found = classify(of_labels(*labels.split()))
        assert (found.points, " ".join(found.set_aside)) == (points, aside)

    def test_ways_against_all_subsets(self):
        """Every best set without a pair, against trying all subsets: the points are those of the best."""
        draw = random.Random(7)
        for _ in range(300):
            codes = draw.sample(PATHOGENIC, draw.randint(1, 8))
            given = [met(code, draw.choice(GRADES)) for code in codes if code is not Code.PM1]
            best = 0
            for picked in product((False, True), repeat=len(given)):
                some = {one.code: one for one, taken in zip(given, picked, strict=True) if taken}
                if not any(some.keys() >= {pair.first, pair.second} for pair in STRONGER):
                    best = max(best, sum(one.points for one in some.values()))
            assert max(sum(one.points for one in way) for way in conflict_free(given)) == best

    @pytest.mark.parametrize(
        ("labels", "decision"),
        [
            (("PS3", "BS3"), True),
            (("PVS1", "BS2"), True),
            (("PM1", "BS2"), False),
            (("PS3", "BP4"), False),
            (("BA1", "PM2"), True),
        ],
    )
    def test_strong_evidence_both_ways_is_for_a_person(self, labels, decision):
        assert classify(of_labels(*labels)).decision_required is decision


def test_more_pathogenic_evidence_never_lowers_the_class():
    """10,000 random cases. Scout turned pathogenic into uncertain when a criterion was raised (#6417, #6064)."""
    draw = random.Random(20260101)
    for _ in range(10_000):
        codes = draw.sample(PATHOGENIC, draw.randint(0, 8)) + draw.sample(BENIGN, draw.choice((0, 0, 1, 2, 4)))
        base = {code: met(code, None if code is Code.BA1 else draw.choice(GRADES)) for code in codes}
        code = draw.choice(PATHOGENIC)
        lowest = GRADES.index(base[code].strength) if code in base else 0
        raised = base | {code: met(code, draw.choice(GRADES[lowest:]))}
        was, now = assess(base.values()), assess(raised.values())
        case = [criterion.label for criterion in base.values()], raised[code].label
        assert now.points.points >= was.points.points, case
        for before, after in zip(was.verdicts, now.verdicts, strict=True):
            assert after.acmg_class >= before.acmg_class, (case, after.ruleset)


def test_no_single_step_up_lowers_the_class_under_richards():
    """All pathogenic multisets of up to five criteria: one level up, or one criterion more."""
    codes = UNPAIRED[:6]
    for size in range(6):
        for grades in combinations_with_replacement(GRADES, size):
            base = [met(c, g) for c, g in zip(codes, grades, strict=False)]
            class_before = richards(base).acmg_class
            steps = [[*base, met(codes[size], SUP)]]
            for place, grade in enumerate(grades):
                if grade is not VS:
                    higher = GRADES[GRADES.index(grade) + 1]
                    steps.append([*base[:place], replace(base[place], strength=higher), *base[place + 1 :]])
            assert all(richards(step).acmg_class >= class_before for step in steps)
