"""The genotype gate at its borders."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest

from varde.interpretation.gate import GATES, VARDE, Gate, allele_balance, evaluate
from varde.quality.tests.families import call, trio_pedigree, trio_table

PASS, FAIL, NOT_EVALUABLE = 1, 0, -1


def verdict(one, gate="varde", who=0, **site):
    """The gate's word on one call of the child (0), mother (1) or father (2)."""
    calls = [call("0/0"), call("0/0"), call("0/0")]
    calls[who] = one
    return evaluate(trio_table(calls, **site), trio_pedigree(), GATES[gate])[0, who]


@pytest.mark.parametrize(
    ("text", "ad", "dp", "gq", "expected"),
    [
        ("0/1", (5, 5), 10, 20, PASS),
        ("0/1", (5, 5), 9, 20, FAIL),
        ("0/1", (5, 5), 10, 19, FAIL),
        ("0/1", (8, 2), 10, 99, PASS),  # balance 0.20
        ("0/1", (81, 19), 100, 99, FAIL),  # 0.19
        ("0/1", (2, 8), 10, 99, PASS),  # 0.80
        ("0/1", (19, 81), 100, 99, FAIL),
        ("0/0", (50, 1), 51, 99, PASS),  # 0.0196
        ("0/0", (49, 1), 50, 99, FAIL),  # 0.02
        ("1/1", (1, 51), 52, 99, PASS),  # 0.9808
        ("1/1", (1, 49), 50, 99, FAIL),  # 0.98
        ("0/1", (5, 5), None, 99, PASS),  # depth from AD
        ("0/1", (5, 4), None, 99, FAIL),
        ("0/1", (5, 5), 10, None, NOT_EVALUABLE),
        ("0/1", (5, 4), 9, None, FAIL),  # what is known to fail fails
        ("./.", (5, 5), 10, 99, NOT_EVALUABLE),
        ("./.", (5, 5), 1, 1, NOT_EVALUABLE),
        ("./1", (5, 5), 10, 99, NOT_EVALUABLE),
        ("./1", (5, 4), 9, 99, FAIL),
    ],
)
def test_autosomal_limits(text, ad, dp, gq, expected):
    assert verdict(call(text, ad, dp, gq)) == expected


def test_missing_allele_depths_are_neither_pass_nor_fail():
    without = {**call("0/1", dp=30), "ref": -1, "alt": -1}
    assert verdict(without) == NOT_EVALUABLE
    assert verdict(without, gate="slivar") == PASS  # no rule of balance there
    assert verdict({**without, "dp": -1}, gate="slivar") == NOT_EVALUABLE
    assert verdict({**without, "dp": -1, "gq": -1}, gate="none") == PASS


@pytest.mark.parametrize(
    ("text", "ad", "dp", "gq", "expected"),
    [
        ("1", (0, 6), 6, 10, PASS),
        ("1/1", (0, 6), 6, 10, PASS),
        ("1", (0, 5), 5, 10, FAIL),
        ("1", (0, 6), 6, 9, FAIL),
        ("0/1", (7, 3), 10, 99, FAIL),  # 0.30
        ("0/1", (69, 31), 100, 99, PASS),
        ("0/1", (1, 99), 100, 99, PASS),  # het calls of a male's only X may be nearly all alternate
        ("1", (2, 98), 100, 99, FAIL),
    ],
)
def test_x_of_a_male_has_limits_of_its_own(text, ad, dp, gq, expected):
    assert verdict(call(text, ad, dp, gq), contig=23, position=50_000_000) == expected
    father = verdict(call(text, ad, dp, gq), who=2, contig=23, position=50_000_000)
    assert father == expected


def test_pseudoautosomal_x_and_a_females_x_have_the_autosomal_limits():
    shallow = call("0/1", (3, 3), 6, 10)
    assert verdict(shallow, contig=23, position=60_001) == FAIL
    assert verdict(shallow, who=1, contig=23, position=50_000_000) == FAIL


def test_heteroplasmy_is_not_a_failed_balance():
    assert verdict(call("0/1", (95, 5), 100, 99), contig=25, position=3243) == PASS


def test_slivars_gate_asks_more_than_ten_of_depth_and_quality():
    assert verdict(call("0/1", (10, 1), 11, 11), gate="slivar") == PASS
    assert verdict(call("0/1", (5, 5), 10, 99), gate="slivar") == FAIL
    assert verdict(call("0/1", (9, 9), 18, 10), gate="slivar") == FAIL


def test_balance_with_another_alternate_is_held_against_the_whole_depth():
    table = trio_table([call("1/2", (0, 15), 30), call("0/2", (14, 0), 30), call("0/0", (0, 0), 0)])
    balance = allele_balance(table)[0].tolist()
    assert balance[:2] == [0.5, 0.0]
    assert math.isnan(balance[2])
    assert verdict(call("1/2", (0, 15), 30)) == PASS
    assert verdict({**call("1/2", (0, 15)), "dp": -1}) == NOT_EVALUABLE


def test_gates_are_named_and_checked():
    assert list(GATES) == ["varde", "slivar", "none"]
    assert all(name == gate.name and gate.source for name, gate in GATES.items())
    with pytest.raises(ValueError, match="not a range"):
        replace(VARDE, het_balance=(0.8, 0.2))
    with pytest.raises(ValueError, match="name"):
        Gate(name="", source="x")
    with pytest.raises(ValueError, match="no build"):
        evaluate(replace(trio_table(["0/1", "0/0", "0/0"]), build=None), trio_pedigree(), VARDE)
