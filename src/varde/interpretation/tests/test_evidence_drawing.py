"""Frequencies and genes as pictures: intervals against exact roots, places against hand-drawn ones."""

from __future__ import annotations

import re
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from varde.interpretation.evidence_drawing import (
    Z_95,
    Band,
    Mark,
    frequency_svg,
    gene_model_svg,
    points_svg,
    wilson_interval,
)

WORDS = {"identifier": "f", "title": "A < B", "description": "d"}


@given(st.integers(1, 10_000).flatmap(lambda total: st.tuples(st.integers(0, total), st.just(total))))
def test_the_interval_ends_where_the_score_test_does(counts: tuple[int, int]) -> None:
    count, total = counts
    low, high = wilson_interval(count, total)
    for end in (low, high):
        if 0 < end < 1 and (count, end) not in {(0, low), (total, high)}:
            score = (count / total - end) / (end * (1 - end) / total) ** 0.5
            assert abs(score) == pytest.approx(Z_95, rel=1e-6)
    assert 0 <= low <= count / total <= high <= 1


def test_published_intervals() -> None:
    # Newcombe 1998, table I: 81/263, 15/148, 0/20, 1/29 by the score method.
    published = {
        (81, 263): (0.2553, 0.3662),
        (15, 148): (0.0624, 0.1605),
        (0, 20): (0.0, 0.1611),
        (1, 29): (0.0061, 0.1718),
    }
    for (count, total), interval in published.items():
        assert tuple(round(end, 4) for end in wilson_interval(count, total)) == interval


@pytest.mark.parametrize(("count", "total"), [(1, 0), (0, 0), (3, 2), (-1, 5)])
def test_no_proportion_is_refused(count: int, total: int) -> None:
    with pytest.raises(ValueError, match="no proportion"):
        wilson_interval(count, total)


def _elements(picture: str) -> list[ElementTree.Element]:
    return list(ElementTree.fromstring(picture).iter())  # noqa: S314 - our own picture


def _circle(picture: str) -> dict[str, str]:
    return next(one.attrib for one in _elements(picture) if one.tag.endswith("circle"))


def test_a_frequency_of_one_in_a_thousand_stands_at_the_middle() -> None:
    seen = _circle(frequency_svg(1, 1000, marks=(Mark(1e-4, "dominant"),), **WORDS))
    assert (seen["cx"], seen["fill"]) == ("200", "currentColor")


def test_absent_is_hollow_at_the_left_end_and_not_covered_has_no_mark() -> None:
    absent = _circle(frequency_svg(0, 2720, **WORDS))
    assert (absent["cx"], absent["fill"]) == ("12", "none")
    for counts in ((None, None), (0, 0), (0, None)):
        empty = frequency_svg(*counts, **WORDS)
        assert "<circle" not in empty
        assert "stroke-dasharray" in empty


def test_words_are_escaped_and_nothing_is_styled() -> None:
    picture = frequency_svg(1, 10, marks=(Mark(0.1, "<b>"),), **WORDS)
    assert "A &lt; B" in picture
    assert "&lt;b&gt;" in picture
    assert not re.search(r"style=|<script|<b>", picture)


def _marker_x(strand: int, position0: int) -> float:
    picture = gene_model_svg([(100, 200), (1000, 1100)], (150, 1050), strand, position0, marker="v", **WORDS)
    return float(re.search(r'class="variant" d="M([\d.]+) ', picture)[1])


def test_the_marker_stands_on_its_base_in_the_direction_of_the_transcript() -> None:
    # Two exons of 100 bases share 376 - 24 units: 1.76 per base.
    assert _marker_x(1, 150) == pytest.approx(12 + 50 * 1.76)
    assert _marker_x(-1, 150) == pytest.approx(400 - (12 + 50 * 1.76))
    assert _marker_x(1, 600) == pytest.approx(12 + 176 + 12)
    assert (_marker_x(1, 5), _marker_x(1, 5000)) == (12.0, 388.0)


def test_coding_parts_are_tall() -> None:
    picture = gene_model_svg([(100, 200), (1000, 1100)], (150, 1050), 1, 150, marker="v", **WORDS)
    boxes = [(one.attrib["height"], one.attrib["width"]) for one in _elements(picture) if "rect" in one.tag]
    assert boxes == [("10", "174.2"), ("22", "86.2"), ("10", "174.2"), ("22", "86.2")]


BANDS = (Band(-12, -7, "1"), Band(-6, -1, "2"), Band(0, 5, "3"), Band(6, 9, "4"), Band(10, 15, "5"))


@pytest.mark.parametrize(
    ("points", "shown", "held"),
    [
        (8, "+8", "4"),
        (0, "0", "3"),
        (-1, "-1", "2"),
        (-7, "-7", "1"),
        (10, "+10", "5"),
        (40, "+40", "5"),
        (-40, "-40", "1"),
    ],
)
def test_a_sum_stands_in_the_band_of_its_class(points: int, shown: str, held: str) -> None:
    picture = points_svg(points, BANDS, identifier="p", title="Points", description="x")
    root = ElementTree.fromstring(picture)  # noqa: S314 our own picture
    texts = {node.text: node.get("font-weight") for node in root.iter() if node.tag.endswith("text")}
    assert texts[shown] == "700"
    assert [word for word in "12345" if texts[word] == "700"] == [held]
    (mark,) = (node for node in root.iter() if node.get("class") == "sum")
    boxes = [node for node in root.iter() if node.tag.endswith("rect")]
    (filled,) = (box for box in boxes if box.get("fill-opacity") == "0.7")
    left = float(filled.get("x"))
    assert left <= float(mark.get("d")[1:].split()[0]) <= left + float(filled.get("width"))
