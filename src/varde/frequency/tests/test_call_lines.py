"""Genotypes called straight from the text equal those called by hand from the table that ``read_vcf`` makes."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from varde.frequency.call_lines import HEMI, HET, HOM, MISSED
from varde.frequency.calling import Caller, called_batches
from varde.frequency.genotypes import Gate
from varde.frequency.ploidy import PLOIDY, Region, regions
from varde.genome.builds import Build
from varde.genome.errors import InputError
from varde.genome.normalise import with_keys
from varde.genome.records import AlleleTable
from varde.genome.vcf import read_vcf

FEW = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
PLACES = {"20": 1_000, "X": 2_781_479, "Y": 5_000_000, "MT": 150}  # X: PAR1 ends there
NUMBERS = {"AD": "R", "DP": "1", "GQ": "1", "MIN_DP": "1", "PL": "G", "PGT": "1", "PS": "1", "XX": "."}
GENOTYPES = ("0/0", "0|0", "0/1", "1|0", "1/1", "./.", ".|.", "0", "1", ".", "0/.", "./1", "1/2", "2", "10/3", "|0|1")
BAD_CELLS = (
    "0/0:3:x",
    "0//1",
    "0/0:1,2,:5:5:5:5:5:5:5:5",
    "0/9",
    "",
    "a",
    "0/0/0",
    "0/0:-1",
    "0/0:3;4",
    "0/0:99999999999",
)


def text_of(random: np.random.Generator, people: int, records: int) -> str:
    lines = [
        "##fileformat=VCFv4.3",
        '##FORMAT=<ID=GT,Number=1,Type=String,Description="">',
        *(f'##FORMAT=<ID={tag},Number={number},Type=String,Description="">' for tag, number in NUMBERS.items()),
        "\t".join(
            ("#CHROM", "POS", "ID", "REF", "ALT", "QUAL", "FILTER", "INFO", "FORMAT", *(f"P{i}" for i in range(people)))
        ),
    ]
    for contig, first in PLACES.items():
        for i in range(records):
            lines.append(record(random, contig, first + i, people))
    return "\n".join(lines) + "\n"


def record(random: np.random.Generator, contig: str, position: int, people: int) -> str:
    alternates = int(random.choice([1, 1, 1, 2, 3, 12]))
    alts = ",".join("ACGT"[(i + 1) % 4] * (i // 3 + 1) for i in range(alternates))
    tags = [str(tag) for tag in random.permutation(list(NUMBERS))[: random.integers(0, len(NUMBERS) + 1)]]
    layout = ["GT", *tags]
    if random.random() < 0.1:
        layout = [str(tag) for tag in random.permutation(layout)]
    reference = random.random() < 0.5  # a line of people who mostly carry nothing
    cells = [cell(random, layout, alternates, reference) for _ in range(people)]
    kind = str(random.choice(["PASS", ".", "low"]))
    return "\t".join((contig, str(position), ".", "A", alts, ".", kind, ".", ":".join(layout), *cells))


def cell(random: np.random.Generator, layout: list[str], alternates: int, reference: bool) -> str:
    allowed = [g for g in GENOTYPES if all(int(a) <= alternates for a in g.replace("|", "/").split("/") if a.isdigit())]
    genotype = "0/0" if reference and random.random() < 0.9 else str(random.choice(allowed))
    values = [genotype if tag == "GT" else value(random, tag, alternates) for tag in layout]
    kept = len(values) if random.random() < 0.8 else int(random.integers(1, len(values) + 1))
    return ":".join(values[:kept]) or "."


def value(random: np.random.Generator, tag: str, alternates: int) -> str:
    draw = random.random()
    if draw < 0.1:
        return "." if draw < 0.07 else ""
    if tag == "AD":
        count = alternates + 1 if random.random() < 0.9 else int(random.integers(1, alternates + 3))
        return ",".join("." if random.random() < 0.03 else number(random) for _ in range(count))
    if tag in ("DP", "GQ", "MIN_DP"):
        return str(random.choice(["48.73", "1e2", "007"])) if draw < 0.13 else number(random)
    return {"PL": "0,30,300", "PGT": "0|1", "PS": "150", "XX": "a;b=c d" * int(random.integers(0, 14))}[tag]


def number(random: np.random.Generator) -> str:
    return str(random.choice([0, 4, 5, 9, 10, 19, 20, 21, 99, 100, 9_999, 10_000, 123_456_789, 2_147_483_647]))


def written_alleles(table: AlleleTable, rows: range, person: int) -> list[int]:
    """Both alleles as the record numbers them, or the negative codes."""
    found = []
    for i in range(2):
        codes = [int(table.genotype[row, person, i]) for row in rows]
        found.append(codes.index(1) + 1 if 1 in codes else codes[0])
    return found


def by_hand(table: AlleleTable, sex: np.ndarray, gate: Gate, passing_only: bool) -> tuple[dict, int]:
    """Row and person to what they are there; and how many genotypes were called, at the first row of their record."""
    found, called = {}, 0
    region = regions(Build.GRCH38, table.sites["contig"].to_numpy(), table.sites["position"].to_numpy())
    record = table.sites["record"].to_list()
    for row, number in enumerate(record):
        first = record.index(number)
        rows = range(first, first + record.count(number))
        untrusted = passing_only and table.sites["filter"][row] not in ("PASS", ".")
        for person in range(len(sex)):
            alleles = written_alleles(table, rows, person)
            copies = PLOIDY[region[row], sex[person]]
            if copies == 0:
                continue
            depths = [int(table.depth_alt[other, person]) for other in rows]
            values = (int(table.depth_x[row, person]), int(table.genotype_quality[row, person]), depths)
            mt = region[row] == Region.MITOCHONDRIAL
            if untrusted or not passes(alleles, copies, mt, gate, *values):
                found[row, person] = MISSED
                continue
            called += row == first
            kind = kind_of(alleles, row - first + 1, copies, mt, depths[row - first], values[0])
            if kind:
                found[row, person] = kind
    return found, called


def passes(alleles: list[int], copies: int, mt: bool, gate: Gate, depth: int, quality: int, depths: list[int]) -> bool:
    a, b = alleles
    if a < 0 or b == -1 or (b == -2 and copies == 2):
        return False
    uneven = b >= 0 and a != b
    if uneven and copies == 1 and not mt:
        return False
    if gate is Gate.NONE:
        return True
    if quality < 20 or depth < (10 if copies == 2 else 5):
        return False
    if not uneven or mt:
        return True
    return all(depths[allele - 1] >= 0 and depths[allele - 1] >= depth / 5 for allele in alleles if allele > 0)


def kind_of(alleles: list[int], allele: int, copies: int, mt: bool, alternate: int, depth: int) -> int:
    if allele not in alleles:
        return 0
    if mt and alternate >= 0 and depth > 0:
        return HEMI if alternate >= 0.95 * depth else HET if alternate >= 0.1 * depth else 0
    if mt:
        return HEMI if set(alleles) <= {allele, -2} else HET
    if copies == 1:
        return HEMI
    return HOM if alleles == [allele, allele] else HET


@FEW
@given(st.integers(0, 2**32 - 1), st.sampled_from(Gate), st.booleans())
def test_any_cell_is_called_as_by_hand(
    tmp_path_factory: pytest.TempPathFactory, seed: int, gate: Gate, passing_only: bool
) -> None:
    random = np.random.default_rng(seed)
    people = int(random.integers(1, 20))
    path = tmp_path_factory.mktemp("lines") / "cohort.vcf"
    text = text_of(random, people, 3)
    path.write_bytes(text.replace("\n", "\r\n" if random.random() < 0.2 else "\n").encode())
    chosen = [f"P{i}" for i in random.permutation(people)[: random.integers(1, people + 1)]]
    sex = random.integers(0, 3, len(chosen))
    caller = Caller(sex, Build.GRCH38, gate, passing_only=passing_only)
    (batch,) = called_batches(path, caller, chosen)
    (table,) = read_vcf(path, build=Build.GRCH38, samples=chosen)
    table = with_keys(table)
    expected, called = by_hand(table, sex, gate, passing_only)
    lines = {key: i for i, key in enumerate(zip(batch.sites["line"], batch.sites["allele"], strict=True))}
    kept = [lines.get(key) for key in zip(table.sites["line"], table.sites["allele"], strict=True)]
    found = {(int(r), int(p)): int(k) for r, p, k in zip(batch.row, batch.person, batch.kind, strict=True)}
    assert found == {(kept[row], person): kind for (row, person), kind in expected.items() if kept[row] is not None}
    assert caller.tally()["genotypes_called"] == called
    assert caller.tally()["genotypes_read"] == 12 * len(chosen)
    present = {"GQ": table.genotype_quality, "DP": table.depth_x, "AD": table.depth_alt}
    if gate is Gate.ADJ:
        assert caller.given == [tag for tag, values in present.items() if (values >= 0).any()]


@FEW
@given(st.integers(0, 2**32 - 1), st.sampled_from(Gate))
def test_a_bad_cell_is_refused_as_the_table_refuses_it(
    tmp_path_factory: pytest.TempPathFactory, seed: int, gate: Gate
) -> None:
    random = np.random.default_rng(seed)
    people = int(random.integers(1, 12))
    path = tmp_path_factory.mktemp("bad") / "cohort.vcf"
    lines = text_of(random, people, 3).splitlines()
    line = int(random.integers(len(lines) - 12, len(lines)))
    columns = lines[line].split("\t")
    column = int(random.integers(9, len(columns)))
    if random.random() < 0.5:
        columns[column] = str(random.choice(BAD_CELLS))
    else:
        place = int(random.integers(0, len(columns[column]) + 1))
        letter = str(random.choice(list("x/|:,;.- \x80\t9")))
        columns[column] = columns[column][:place] + letter + columns[column][place + int(random.integers(0, 2)) :]
    lines[line] = "\t".join(columns)
    path.write_text("\n".join(lines) + "\n", encoding="latin-1")
    refusals: list[InputError | None] = []
    for read in (
        lambda: list(read_vcf(path, build=Build.GRCH38)),
        lambda: list(called_batches(path, Caller(np.zeros(people), Build.GRCH38, gate))),
    ):
        try:
            read()
            refusals.append(None)
        except InputError as error:
            refusals.append(error)
    by_table, from_text = refusals
    assert (by_table is None) == (from_text is None), (by_table, from_text)
    if by_table is not None and from_text is not None:
        assert from_text.line == line + 1
        assert (from_text.code, from_text.line, from_text.field, from_text.problem, from_text.source) == (
            by_table.code,
            by_table.line,
            by_table.field,
            by_table.problem,
            by_table.source,
        )


@pytest.mark.parametrize("people", [1, 7, 8, 9, 64, 65])
def test_a_short_line_that_turns_out_not_to_be_one_leaves_nothing_behind(tmp_path: Path, people: int) -> None:
    """Genotypes alone are read four bytes at a time until the last cell is none of those."""
    cells = ["1|1"] * (people - 1) + [".|."]
    head = [
        "##fileformat=VCFv4.3",
        "\t".join(["#CHROM", "POS", "ID", "REF", "ALT", "QUAL", "FILTER", "INFO", "FORMAT"]),
    ]
    head[1] += "".join(f"\tP{i}" for i in range(people))
    rows = ["\t".join(("20", str(10 + i), ".", "A", "G", ".", "PASS", ".", "GT", *cells)) for i in range(3)]
    (tmp_path / "c.vcf").write_text("\n".join([*head, *rows]) + "\n")
    caller = Caller(np.zeros(people), Build.GRCH38, Gate.NONE)
    (batch,) = called_batches(tmp_path / "c.vcf", caller)
    assert Counter(batch.kind.tolist()) == Counter({MISSED: 3, **({HOM: 3 * (people - 1)} if people > 1 else {})})
    assert batch.person.tolist() == [*range(people)] * 3
