"""Expert panels' criteria to a class by our points, against the class the same panels gave in their summary.

The table keeps the codes; strengths other than the default stand in the summary (``PS4_Moderate``). PM2 was moderate
in these years unless the summary says otherwise. Rows whose summary names no class are left out.
"""

import csv
import re
from collections import Counter
from dataclasses import replace
from importlib import import_module

import pytest

from shared_data import shared_data
from varde.interpretation.acmg.conflicts import PAIRS, Effect
from varde.interpretation.acmg.criterion import CODES, Code, Criterion, Handling, State, Strength
from varde.interpretation.acmg.rulesets import assess
from varde.interpretation.acmg.texts import text

GRADES = {"supporting": "SUPPORTING", "p": "SUPPORTING", "moderate": "MODERATE", "m": "MODERATE"} | {
    "strong": "STRONG",
    "s": "STRONG",
    "verystrong": "VERY_STRONG",
    "vs": "VERY_STRONG",
}
CLASSES = {"pathogenic": 5, "likely pathogenic": 4, "likely benign": 2, "benign": 1}


def expert_rows():
    path = shared_data("knowledge", "acmg", "comparison_criteria_custom.csv")
    with path.open(encoding="utf-8", newline="") as lines:
        for row in csv.DictReader(lines):
            summary = re.split("in summary", row["comment"] or "", flags=re.IGNORECASE)
            said = re.findall(r"classified as (likely )?(pathogenic|benign)", "".join(summary[1:]), re.IGNORECASE)
            codes = [code for code in (row["expected_criteria"] or "").split(";") if code]
            if row["variant"].startswith("#") or not said or not codes:
                continue
            yield row["variant"], codes, row["comment"], CLASSES["".join(said[-1]).lower()]


def judged(codes, comment):
    for code in map(Code, codes):
        if CODES[code].handling is Handling.OFF:
            continue
        written = re.search(
            rf"{code.value}[_ -](very ?strong|strong|moderate|supporting|VS|S|M|P)\b", comment, re.IGNORECASE
        )
        grade = CODES[code].default if code is not Code.PM2 else Strength.MODERATE
        if written and code is not Code.BA1:
            grade = Strength[GRADES[written[1].lower().replace(" ", "")]]
        yield Criterion(code, State.MET, text("acmg.person", reason="expert panel"), grade, decided_by="panel")


NONE: tuple = ()
STRICT = tuple(
    replace(p, effect=Effect.STRONGER_COUNTS) if p.second is Code.PP3 and p.first is Code.PM5 else p for p in PAIRS
)


@pytest.mark.parametrize(("pairs", "exact"), [(NONE, 121), (PAIRS, 119), (STRICT, 112)])
def test_points_agree_with_expert_panels(pairs, exact, monkeypatch):
    """Exact classes of 123 with no rule on pairs, with the shipped ones, and with PM5 and PP3 counted once.

    PM5 with PP3 was made a warning after a look at this very table: only the last figure is independent of it.
    """
    monkeypatch.setattr(import_module("varde.interpretation.acmg.conflicts"), "PAIRS", pairs)
    found = Counter()
    for variant, codes, comment, expert in expert_rows():
        ours = assess(judged(codes, comment)).points.acmg_class
        found["rows"] += 1
        found["exact"] += ours == expert
        flipped = {ours >= 4, expert >= 4} == {True, False} and {ours <= 2, expert <= 2} == {True, False}
        assert not flipped, f"{variant}: {codes} gives {ours}, the panel said {expert}"
    assert found == Counter(rows=123, exact=exact)
