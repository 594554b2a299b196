"""The columnar inheritance equals the slow one: on random families, on the real trio, with every gate."""

from __future__ import annotations

from itertools import product

import numpy as np
import polars as pl
import pytest

from shared_data import shared_data
from varde.genome.builds import Build
from varde.genome.pedigree import Affected, Pedigree, Person, Sex, read_ped
from varde.interpretation.gate import GATES, evaluate
from varde.interpretation.inheritance import (
    PAIRED_MODES,
    Mode,
    Phase,
    compound_halves,
    compound_heterozygotes,
    modes,
    pair_halves,
)
from varde.interpretation.tests.random_trios import random_table, slow_calls, with_inherited_hets
from varde.interpretation.tests.slow_modes import (
    Nobody,
    place_of,
    slow_family_modes,
    slow_half,
    slow_modes,
    slow_pairs,
    slow_relatives_of_pair,
)
from varde.quality.tests.families import read_with_pysam, trio_pedigree

STATUSES = (Affected.AFFECTED, Affected.UNAFFECTED, Affected.UNKNOWN)
FAMILIES = [
    (sex, mother, father, gate)
    for index, (sex, mother, father, gate) in enumerate(product(Sex, STATUSES, STATUSES, GATES.values()))
    if index % 4 == 0
]


def site_of(table, row):
    return (table.build, *table.sites.select("contig", "position", "kind").row(row))


def oracle_modes(table, pedigree, gate):
    persons = [pedigree.person(name) for name in table.samples]
    calls = slow_calls(table, gate, [person.sex is Sex.MALE for person in persons])
    child, mother, father, *others = persons
    found = []
    for row, (*people, told) in enumerate((*one[:3], one[3:]) for one in calls):
        relatives = [(call, person.sex.value, person.affected.value) for call, person in zip(told, others, strict=True)]
        answer = slow_family_modes(
            site_of(table, row),
            people,
            relatives,
            child_sex=child.sex.value,
            mother_status=mother.affected.value,
            father_status=father.affected.value,
            gate=gate,
        )
        found += [(row, mode.value, *said) for mode, said in answer.items()]
    return sorted(found, key=lambda one: one[:2])


def oracle_pairs(table, pedigree, gate, genes):
    persons = [pedigree.person(name) for name in table.samples]
    calls = slow_calls(table, gate, [person.sex is Sex.MALE for person in persons])
    rows = {}
    for row, people in enumerate(calls):
        s = table.sites.row(row, named=True)
        rows[row] = (
            slow_half(site_of(table, row), people[:3], child_sex=persons[0].sex.value, gate=gate),
            s["contig"],
            s["record"],
            (s["position"], s["end"]),
            table.genotype[row, 0].tolist(),
            bool(table.phased[row, 0]),
            int(table.phase_set[row, 0]),
        )
    return slow_pairs(rows, genes)


def test_random_families_have_every_mode_and_each_equals_the_slow_one():
    rows, seen = 0, set()
    for seed, (sex, mother, father, gate) in enumerate(FAMILIES):
        table = random_table(5_000, seed)
        pedigree = trio_pedigree(sex, mother, father)
        found = modes(table, pedigree, Build.GRCH37, gate)
        assert found.rows() == oracle_modes(table, pedigree, gate)
        rows += len(table)
        seen |= set(found["mode"])
    assert rows >= 100_000
    assert seen == {mode.value for mode in Mode} - {mode.value for mode in Mode if "compound" in mode.value}


def test_random_gates_equal_the_slow_ones():
    states = {"pass": 1, "fail": 0, "unknown": -1}
    for seed, gate in enumerate(GATES.values()):
        table = random_table(3_000, seed)
        expected = [[states[call.state] for call in row] for row in slow_calls(table, gate, [True, False, True])]
        assert evaluate(table, trio_pedigree(Sex.MALE), gate).tolist() == expected


@pytest.mark.parametrize("seed", range(6))
def test_random_pairs_equal_the_slow_ones(seed):
    table = with_inherited_hets(random_table(6_000, 100 + seed), 0.6, seed)
    gate = list(GATES.values())[seed % 3]
    pedigree = trio_pedigree(list(Sex)[seed % 3])
    draw = np.random.default_rng(seed)
    rows = draw.integers(0, len(table), 6_000)
    names = [None if number == 0 else f"G{number}" for number in draw.integers(0, 600, 6_000)]
    genes = pl.DataFrame({"row": rows, "gene": names}, schema={"row": pl.UInt32, "gene": pl.String})
    found = compound_heterozygotes(table, genes, pedigree, Build.GRCH37, gate)
    expected = oracle_pairs(table, pedigree, gate, list(zip(rows.tolist(), names, strict=True)))
    assert found.rows() == [(gene, a, b, phase, mode, passes) for gene, a, b, phase, mode, passes in expected]
    assert set(found["mode"]) == {mode.value for mode in PAIRED_MODES}
    assert set(found["phase"]) == {phase.value for phase in Phase}
    assert found.height > 1000


@pytest.mark.parametrize("gate", GATES.values(), ids=GATES)
def test_every_mode_of_the_real_trio_equals_the_slow_one(gate):
    folder = shared_data("trio", "ashkenazi")
    pedigree = read_ped(folder / "ashk-trio.ped")
    table, info = read_with_pysam(folder / "ashk-trio.vcf.gz", Build.GRCH37, ("HG002", "HG004", "HG003"))
    found = modes(table, pedigree, Build.GRCH37, gate)
    assert found.rows() == oracle_modes(table, pedigree, gate)
    named = [
        (row, said[0].split("|")[1]) for row, one in enumerate(info) if (said := one.get("BCSQ")) and "|" in said[0]
    ]
    genes = pl.DataFrame(named, schema={"row": pl.UInt32, "gene": pl.String}, orient="row")
    pairs = compound_heterozygotes(table, genes, pedigree, Build.GRCH37, gate)
    assert pairs.rows() == oracle_pairs(table, pedigree, gate, named)
    assert pairs.height > 100


def test_a_child_alone_equals_the_slow_one_without_parents():
    table = random_table(4_000, 9).select_samples(["child"])
    pedigree = trio_pedigree(Sex.FEMALE)
    gate = GATES["varde"]
    calls = slow_calls(table, gate, [False])
    found = modes(table, pedigree, Build.GRCH37, gate)
    expected = []
    status = {"child_sex": "female", "mother_status": "unaffected", "father_status": "unaffected"}
    for row, (k,) in enumerate(calls):
        answer = slow_modes(site_of(table, row), (k, Nobody(), Nobody()), **status, gate=gate)
        expected += [(row, mode.value, evaluated, None) for mode, evaluated in answer.items()]
    assert found.rows() == sorted(expected, key=lambda one: one[:2])
    assert not found.filter(mode="de_novo").height


def random_pedigree(seed):
    """Child and parents, of any affection, with one to four more: siblings, grandparents, a cousin of the mother."""
    draw = np.random.default_rng(seed)

    def status():
        return list(Affected)[draw.choice(3, p=[0.4, 0.4, 0.2])]

    def sex():
        return list(Sex)[draw.choice(3, p=[0.45, 0.45, 0.1])]

    possible = [
        Person("family", "sib", "father", "mother", sex(), status()),
        Person("family", "granny", None, None, Sex.FEMALE, status()),
        Person("family", "twin", "father", "mother", sex(), status()),
        Person("family", "cousin", None, None, sex(), status()),
    ]
    chosen = [one for one in possible if draw.random() < 0.7] or possible[:1]
    granny = "granny" if any(one.identifier == "granny" for one in chosen) else None
    return Pedigree(
        (
            Person("family", "child", "father", "mother", sex(), Affected.AFFECTED),
            Person("family", "mother", None, granny, Sex.FEMALE, status()),
            Person("family", "father", None, None, Sex.MALE, status()),
            *chosen,
        )
    )


def test_random_pedigrees_equal_the_slow_ones():
    seen, barred, sure = set(), set(), 0
    for seed in range(16):
        pedigree = random_pedigree(seed)
        table = random_table(1_500, 500 + seed, pedigree.identifiers)
        gate = list(GATES.values())[seed % 3]
        found = modes(table, pedigree, Build.GRCH37, gate, child="child")
        assert found.rows() == oracle_modes(table, pedigree, gate)
        seen |= set(found.filter(pl.col("barrier").is_null())["mode"])
        barred |= set(found["barrier"].drop_nulls())
        sure += found.filter(pl.col("barrier").is_null() & pl.col("evaluated")).height
    assert seen == {mode.value for mode in Mode} - {mode.value for mode in Mode if "compound" in mode.value}
    assert barred >= {f"relative_{n} {call}" for n in (1, 2, 3) for call in ("none", "het", "hom")}
    assert sure > 200


def oracle_family_pairs(table, pedigree, gate, genes):
    """Pairs with who speaks against them, from the slow pairs and the slow relatives."""
    persons = [pedigree.person(name) for name in table.samples]
    calls = slow_calls(table, gate, [person.sex is Sex.MALE for person in persons])
    others = [(person.sex.value, person.affected.value) for person in persons[3:]]
    place = [place_of(table.build, *site) for site in table.sites.select("contig", "position").iter_rows()]
    found = []
    for gene, a, b, phase, mode, passes in oracle_pairs(table, pedigree, gate, genes):
        barrier, silent = slow_relatives_of_pair(calls[a][3:], calls[b][3:], place[a], place[b], others)
        found.append((gene, a, b, phase, mode, passes and not silent, barrier))
    return found


@pytest.mark.parametrize("seed", range(4))
def test_random_pairs_of_pedigrees_equal_the_slow_ones(seed):
    pedigree = random_pedigree(40 + seed)
    table = with_inherited_hets(random_table(2_500, 300 + seed, pedigree.identifiers), 0.6, seed)
    gate = list(GATES.values())[seed % 3]
    draw = np.random.default_rng(seed)
    rows, names = draw.integers(0, len(table), 2_500), draw.integers(0, 300, 2_500)
    placed = [(row, f"G{number}") for row, number in zip(rows.tolist(), names.tolist(), strict=True)]
    genes = pl.DataFrame(placed, schema={"row": pl.UInt32, "gene": pl.String}, orient="row")
    found = pair_halves(compound_halves(table, pedigree, Build.GRCH37, gate, child="child"), genes)
    assert found.rows() == oracle_family_pairs(table, pedigree, gate, placed)
    if any(person.affected is not Affected.UNKNOWN for person in pedigree.persons[3:]):
        assert found["barrier"].null_count() not in (0, found.height)
    assert found.height > 200
