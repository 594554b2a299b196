"""Bins: edges of the reference page, half-open ranges, hysteresis and the lowest bin, against slow definitions."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from varde.frequency.disclosure.bins import SCHEMES, Scheme, assign, rounded_an

COUNTS = st.integers(1, 40_000).flatmap(lambda an: st.tuples(st.integers(0, an), st.just(an)))
every_scheme = pytest.mark.parametrize("scheme", SCHEMES.values(), ids=list(SCHEMES))


def of(scheme: Scheme, ac: int, an: int, **rules: int) -> tuple[int, int, int]:
    columns = {name: np.array([value]) for name, value in rules.items()}
    bins = assign(np.array([ac]), np.array([an]), scheme, **columns)
    return int(bins.number[0]), int(bins.low[0]), int(bins.high[0])


def slow_edges(name: str, an: int) -> list[int]:
    """Where bins begin by the text of the page, after the lowest."""
    if name == "clinical":
        of_100 = (an + 50) // 100 * 100
        shares = (0.0001, 0.0005, 0.001, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25)
        edges = [-int(-round(share * 10_000) * of_100 // 10_000) for share in shares]
    else:
        edges = {"exact": range(an + 2), "sqrt-2": [(2 * i) ** 2 for i in range(200)]}.get(
            name, [(5 * i) ** 2 for i in range(200)]
        )
    return [edge for edge in edges if edge >= 5]


@every_scheme
@given(COUNTS)
def test_the_bin_is_the_half_open_range_between_two_edges(scheme: Scheme, counts: tuple[int, int]) -> None:
    ac, an = counts
    edges = [0, *slow_edges(scheme.name, an)]
    _, low, high = of(scheme, ac, an)
    assert low <= ac <= high
    assert low == max(edge for edge in edges if edge <= ac)
    after = [edge for edge in edges if edge > ac]
    assert high == min(after) - 1 if after and min(after) <= an else high >= an


@pytest.mark.parametrize(
    ("name", "people", "bins", "lowest"),
    [
        ("sqrt-2", 10_000, 70, 15),
        ("sqrt-2", 1_000, 22, 15),
        ("sqrt-5", 10_000, 29, 24),
        ("sqrt-5", 1_000, 9, 24),
        ("clinical", 10_000, 9, 9),
        ("clinical", 1_000, 7, 9),
        ("exact", 1_000, 1_997, 4),
    ],
)
def test_the_page_counts_the_same_bins(name: str, people: int, bins: int, lowest: int) -> None:
    ac = np.arange(2 * people + 1)
    found = assign(ac, np.full_like(ac, 2 * people), SCHEMES[name])
    assert len(np.unique(found.number)) == bins
    assert (found.number[0], found.low[0], found.high[0]) == (0, 0, lowest)


@every_scheme
@given(COUNTS, st.integers(0, 60))
def test_hysteresis_keeps_a_bin_until_the_count_has_crossed_its_edge_by_one_deviation(
    scheme: Scheme, counts: tuple[int, int], before: int
) -> None:
    ac, an = counts
    natural = of(scheme, ac, an)[0]
    (old_low,), (old_high,) = scheme.bounds(np.array([before]), np.array([an]))
    old = before if old_low > 0 else 0
    far = ac - (old_high + 1) > np.sqrt(ac) or old_low - ac > np.sqrt(ac)
    number, held_low, held_high = of(scheme, ac, an, previous=before)
    assert number == (natural if far else old)
    assert held_low <= ac <= held_high
    # Every count in the range said to lead here leads here, and the ones just outside do not.
    for other in {held_low, held_high, held_low - 1, held_high + 1} & set(range(an + 1)):
        assert (of(scheme, other, an, previous=before)[0] == number) == (held_low <= other <= held_high)


@every_scheme
@given(COUNTS)
def test_a_site_without_history_is_as_a_site_in_no_release(scheme: Scheme, counts: tuple[int, int]) -> None:
    assert of(scheme, *counts, previous=-1) == of(scheme, *counts)


@every_scheme
def test_few_people_or_one_region_put_a_site_into_the_lowest_bin(scheme: Scheme) -> None:
    natural = of(scheme, 400, 20_000)
    assert natural[0] > 0
    assert of(scheme, 400, 20_000, nobs=5, regions=2) == natural
    assert of(scheme, 0, 20_000, nobs=0, regions=0) == of(scheme, 0, 20_000)
    # Any count may stand behind it: it tells nothing of who carries the allele.
    lowered = (0, 0, 20_000)
    assert of(scheme, 400, 20_000, nobs=4, regions=2) == lowered
    assert of(scheme, 400, 20_000, nobs=200, regions=1) == lowered
    assert of(scheme, 400, 20_000, nobs=200, regions=1, previous=natural[0]) == lowered
    number, an = np.array([0]), np.array([20_000])
    assert scheme.bounds(number, an)[1] == of(scheme, 0, 20_000)[2]  # what is published says nothing of it


@every_scheme
def test_none_and_just_below_the_lowest_edge_are_one_answer(scheme: Scheme) -> None:
    edge = of(scheme, 0, 20_000)[2] + 1
    assert len({of(scheme, ac, 20_000) for ac in range(edge)}) == 1
    assert of(scheme, edge, 20_000)[0] > 0


@every_scheme
@given(COUNTS, st.integers(-49, 49))
def test_bounds_tell_no_more_of_the_allele_number_than_its_rounding(
    scheme: Scheme, counts: tuple[int, int], shift: int
) -> None:
    number, an = np.array([of(scheme, *counts)[0]]), rounded_an(np.array([counts[1]]))
    if an[0] + shift >= 0:
        assert scheme.bounds(number, an) == scheme.bounds(number, an + shift)


def test_more_alleles_than_there_are_is_refused() -> None:
    with pytest.raises(ValueError, match="between 0 and"):
        of(SCHEMES["sqrt-5"], 3, 2)


def test_rounding_of_allele_numbers() -> None:
    assert rounded_an(np.array([0, 49, 50, 149, 150, 20_000])).tolist() == [0, 0, 100, 100, 200, 20_000]
