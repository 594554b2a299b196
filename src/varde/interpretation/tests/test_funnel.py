"""Funnel limits against exact fractions, and the places of groups."""

from __future__ import annotations

from fractions import Fraction
from math import comb

import pytest
from hypothesis import given
from hypothesis import strategies as st

from varde.interpretation.funnel import INNER, OUTER, Funnel, Place, Tally, funnel, limits
from varde.interpretation.funnel_drawing import FunnelWords, funnel_svg


def exact_quantile(target: Fraction, total: int, probability: Fraction) -> Fraction:
    """Spiegelhalter's interpolated quantile in fractions, term by term."""
    below = Fraction(0)
    for count in range(total + 1):
        own = comb(total, count) * target**count * (1 - target) ** (total - count)
        if below + own >= probability:
            return max(Fraction(0), (count - (below + own - probability) / own) / total)
        below += own
    raise AssertionError("probabilities sum to one")


@given(st.integers(1, 19), st.integers(1, 60))
def test_limits_are_those_of_exact_fractions(twentieths: int, total: int) -> None:
    target = Fraction(twentieths, 20)
    for coverage, tail in ((INNER, Fraction(1, 40)), (OUTER, Fraction(1, 1000))):
        low, high = limits(float(target), total, coverage)
        assert low == pytest.approx(float(exact_quantile(target, total, tail)), abs=1e-9)
        assert high == pytest.approx(float(exact_quantile(target, total, 1 - tail)), abs=1e-9)


def test_the_published_shape_more_cases_narrower_limits() -> None:
    widths = [limits(0.3, total, INNER)[1] - limits(0.3, total, INNER)[0] for total in (10, 50, 250, 1250)]
    assert widths == sorted(widths, reverse=True)
    low, high = limits(0.3, 5_000, INNER)
    normal = 1.959964 * (0.3 * 0.7 / 5_000) ** 0.5
    assert (low, high) == (pytest.approx(0.3 - normal, abs=3e-4), pytest.approx(0.3 + normal, abs=3e-4))


def test_groups_are_placed_and_few_cases_are_never_judged() -> None:
    counted = {"a": (30, 100), "b": (45, 100), "c": (60, 100), "d": (10, 100), "e": (4, 4), "f": (0, 0), "g": (20, 100)}
    shown = funnel([Tally(group, *told) for group, told in counted.items()], target=0.3)

    assert [(one.tally.group, one.place) for one in shown.points] == [
        ("a", Place.WITHIN),
        ("b", Place.FAR_ABOVE),
        ("c", Place.FAR_ABOVE),
        ("d", Place.FAR_BELOW),
        ("e", Place.TOO_FEW),
        ("f", Place.TOO_FEW),
        ("g", Place.BELOW),
    ]
    assert funnel([Tally("a", 1, 10), Tally("b", 5, 10)]).target == pytest.approx(0.3)
    assert funnel([Tally("a", 0, 0)]) == Funnel(None, funnel([Tally("a", 0, 0)]).points)
    assert {one.place for one in funnel([Tally("a", 10, 10), Tally("b", 20, 20)]).points} == {Place.WITHIN}


def test_impossible_shares_are_refused() -> None:
    with pytest.raises(ValueError, match="no share"):
        Tally("a", 3, 2)
    with pytest.raises(ValueError, match="expected 0 to 1"):
        funnel([], target=1.5)
    with pytest.raises(ValueError, match="no cases"):
        limits(0.5, 0, INNER)


def test_the_drawing_has_a_mark_for_each_group_and_escapes_words() -> None:
    shown = funnel(
        [Tally("Nord", 30, 100), Tally("Vest", 90, 100), Tally("<b>", 1, 3), Tally("none", 0, 0)], target=0.3
    )
    drawn = funnel_svg(
        shown, FunnelWords("cases", "95 %", "99.8 %"), identifier="f", title="Yield & more", description="d"
    )

    assert drawn.count("<circle") == 3
    assert drawn.count("<polyline") == 4
    assert "Yield &amp; more" in drawn
    assert "<b>" not in drawn
    assert "style" not in drawn
    assert "<circle" not in funnel_svg(funnel([]), FunnelWords("", "", ""), identifier="f", title="", description="")
