"""The columnar inheritance equals the slow one: on random families, on the real trio, with every gate."""

from __future__ import annotations

from itertools import product

import numpy as np
import polars as pl
import pytest

from shared_data import shared_data
from varde.genome.builds import Build
from varde.genome.pedigree import Affected, Sex, read_ped
from varde.interpretation.gate import GATES, evaluate
from varde.interpretation.inheritance import PAIRED_MODES, Mode, Phase, compound_heterozygotes, modes
from varde.interpretation.tests.random_trios import random_table, slow_calls, with_inherited_hets
from varde.interpretation.tests.slow_modes import Nobody, slow_half, slow_modes, slow_pairs
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
    child, mother, father = persons
    found = []
    for row, people in enumerate(calls):
        answer = slow_modes(
            site_of(table, row),
            people,
            child_sex=child.sex.value,
            mother_status=mother.affected.value,
            father_status=father.affected.value,
            gate=gate,
        )
        found += [(row, mode.value, evaluated) for mode, evaluated in answer.items()]
    return sorted(found)


def oracle_pairs(table, pedigree, gate, genes):
    persons = [pedigree.person(name) for name in table.samples]
    calls = slow_calls(table, gate, [person.sex is Sex.MALE for person in persons])
    rows = {}
    for row, people in enumerate(calls):
        s = table.sites.row(row, named=True)
        rows[row] = (
            slow_half(site_of(table, row), people, child_sex=persons[0].sex.value, gate=gate),
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
        expected += [(row, mode.value, evaluated) for mode, evaluated in answer.items()]
    assert found.rows() == sorted(expected)
    assert not found.filter(mode="de_novo").height
