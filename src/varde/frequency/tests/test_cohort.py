"""Sums of a file of many people equal those of counting it person by person."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from shared_data import shared_data
from varde.frequency.cells import Assay, Cell, DiseaseGroup
from varde.frequency.cohort import CohortCounts, CohortReader
from varde.frequency.count import Counting, count, count_sums, remove_person
from varde.frequency.genotypes import Gate
from varde.frequency.lookup import Counts
from varde.frequency.merge import merge
from varde.frequency.tests.cohorts import GENOTYPES, random_cohort, vcf_text
from varde.frequency.tests.people import same
from varde.genome.builds import Build
from varde.genome.errors import InputError
from varde.genome.pedigree import Sex
from varde.genome.vcf import read_header

SEEDS = st.integers(0, 2**32 - 1)
FEW = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
CELLS = (
    Cell(Sex.FEMALE, DiseaseGroup.HEART, Assay.GENOME),
    Cell(Sex.MALE),
    Cell(Sex.UNKNOWN, DiseaseGroup.HEALTHY),
    Cell(Sex.FEMALE),
    Cell(Sex.MALE, DiseaseGroup.HEART, Assay.EXOME),
)


def sums(path: Path, cells: dict[str, Cell], gate: Gate, *, passing_only: bool = False) -> CohortCounts:
    each = [cells[name] for name in read_header(path).samples]
    return CohortReader(path, each, build=Build.GRCH38, gate=gate, passing_only=passing_only).read()


def by_person(path: Path, cells: dict[str, Cell], gate: Gate, out: Path, *, passing_only: bool = False) -> Counts:
    count([path], out=out, counting=Counting(Build.GRCH38, gate, None, passing_only), cells=cells)
    return Counts(out)


def assert_same(path: Path, cells: dict[str, Cell], gate: Gate, out: Path, *, passing_only: bool = False) -> None:
    counts = refusal = None
    try:
        counts = by_person(path, cells, gate, out, passing_only=passing_only)
    except InputError as error:
        refusal = error.code
    if counts is None:
        with pytest.raises(InputError) as found:
            sums(path, cells, gate, passing_only=passing_only)
        assert found.value.code == refusal
        return
    summed = sums(path, cells, gate, passing_only=passing_only)
    assert same(summed.increment, counts.increment)
    assert summed.tally == next(iter(counts.manifest.files.values()))
    assert summed.contradictions == sum(run.contradictions for run in counts.manifest.runs)


@FEW
@given(SEEDS, st.sampled_from(Gate), st.booleans())
def test_sums_equal_those_of_runs(tmp_path_factory: pytest.TempPathFactory, seed: int, gate: Gate, passing: bool):
    folder = tmp_path_factory.mktemp("cohort")
    joint = [text for text in random_cohort(seed).texts if "\tP" in text.partition("FORMAT\tP")[2].partition("\n")[0]]
    assume(joint)
    text = joint[0]
    path = folder / "cohort.vcf"
    path.write_text(text.replace("\tPASS\t", "\tlow\t", 3) if passing else text)
    cells = dict(zip(read_header(path).samples, CELLS, strict=False))
    assert_same(path, cells, gate, folder / "out", passing_only=passing)


@FEW
@given(SEEDS, st.integers(2, 40))
def test_genotypes_alone_are_counted_the_same(tmp_path_factory: pytest.TempPathFactory, seed: int, samples: int):
    """Lines of ``a|b`` of all lengths, mostly of alleles 0 and 1, between lines that are not so plain."""
    folder, random = tmp_path_factory.mktemp("plain"), np.random.default_rng(seed)
    path, names = folder / "cohort.vcf", [f"P{i}" for i in range(samples)]
    records = []
    for contig, position in [("20", 100 + 2 * i) for i in range(12)] + [("X", 5_000_000), ("Y", 5_000_000), ("MT", 9)]:
        bars = random.choice(["|", "/"], samples) if random.random() < 0.2 else ["|/"[random.integers(2)]] * samples
        drawn = random.random((samples, 2)) < random.choice([0.05, 0.5])
        cells = [f"{int(a)}{bar}{int(b)}" for (a, b), bar in zip(drawn, bars, strict=True)]
        if random.random() < 0.3:
            cells[random.integers(samples)] = str(random.choice([g for g in GENOTYPES if not set(g) & {"2", "3"}]))
        records.append("\t".join((contig, str(position), ".", "A", "G", ".", "PASS", ".", "GT", *cells)))
    end = "\r\n" if random.random() < 0.2 else "\n"
    path.write_bytes(vcf_text(names, records).replace("\n", end).encode())
    cells = {name: CELLS[i % len(CELLS)] for i, name in enumerate(names)}
    assert_same(path, cells, Gate.NONE, folder / "out")


def record(position: int, cells: str, *, contig: str = "20", ref: str = "A", alt: str = "G", info: str = ".") -> str:
    return "\t".join((contig, str(position), ".", ref, alt, ".", "PASS", info, "GT", *cells.split()))


def test_records_of_one_place_are_read_by_person(tmp_path: Path):
    """P0 is not called in one of the two records of a place and carries the other's allele; P1 contradicts himself."""
    path = tmp_path / "cohort.vcf"
    records = [
        record(10, "./. 0/1 0/0"),
        record(10, "0/1 0/0 1/1", alt="T"),
        record(20, "0/1 0/1 0/0"),
        record(20, "0/1 1/1 0/0"),
        record(30, "0/0 ./. 0/1", alt="T"),
    ]
    path.write_text(vcf_text(["P0", "P1", "P2"], records))
    cells = {f"P{i}": Cell(Sex.FEMALE) for i in range(3)}
    found = sums(path, cells, Gate.NONE)
    rows = {
        (key >> 31 & 0xFFFFFFF, het, hom, hemi, beside)
        for key, _, het, hom, hemi, beside in found.increment.observations.iter_rows()
    }
    assert rows == {(10, 1, 0, 0, 0), (10, 1, 1, 0, 1), (20, 1, 0, 0, 0), (30, 1, 0, 0, 0)}
    assert found.contradictions == 1
    changes = found.increment.coverage.filter(pl.col("change") > 0).select("place", "change").rows()
    assert changes == [(20 << 32 | 9, 2), (20 << 32 | 19, 2), (20 << 32 | 29, 2)]
    assert_same(path, cells, Gate.NONE, tmp_path / "out")


@pytest.mark.parametrize(
    ("bad", "code"),
    [
        ("0/0 0/2 0/0", "bad_genotype"),
        ("0/0 0/x 0/0", "bad_genotype"),
        ("0/0 0/0", "bad_columns"),
        ("0/0 0/0 0/0 0/0", "bad_columns"),
        ("0/0 0/0/1 0/0", "bad_ploidy"),
        ("0/0 0/0:3 0/0", "bad_format"),
        ("0|0|0 0 0/0", "bad_ploidy"),
    ],
)
def test_a_bad_genotype_is_refused_with_its_line(tmp_path: Path, bad: str, code: str):
    path = tmp_path / "cohort.vcf"
    path.write_text(vcf_text(["P0", "P1", "P2"], [record(10, "0/0 0/1 0/0"), record(20, bad)]))
    with pytest.raises(InputError) as found:
        sums(path, {f"P{i}": Cell(Sex.FEMALE) for i in range(3)}, Gate.NONE)
    assert (found.value.code, found.value.line, found.value.source) == (code, 9, "cohort.vcf")


@pytest.mark.parametrize("name", ["VKORC1", "G6PD"])
def test_real_cohorts_are_summed_the_same(tmp_path: Path, name: str):
    path = shared_data("genotypes", "1000g-pharmacogenes-grch38", f"{name}.vcf.gz")
    cells = {sample: CELLS[i % 3] for i, sample in enumerate(read_header(path).samples)}
    assert_same(path, cells, Gate.NONE, tmp_path / "out")


def two_files(folder: Path) -> tuple[list[Path], dict[str, Cell]]:
    """Two people in each of two files."""
    vcfs = []
    for i, cells in enumerate((("0/1 1/1", "0/0 ./."), ("0/1 0/0", "./. 0/1"))):
        vcfs.append(folder / f"{i}.vcf")
        records = [record(10, cells[0]), record(20, cells[1])]
        vcfs[-1].write_text(vcf_text([f"P{2 * i}", f"P{2 * i + 1}"], records))
    return vcfs, {f"P{i}": CELLS[i % 2] for i in range(4)}


def test_a_folder_of_sums_says_what_it_holds(tmp_path: Path):
    vcfs, cells = two_files(tmp_path)
    counting = Counting(Build.GRCH38, Gate.NONE)
    made = count_sums(vcfs, out=tmp_path / "sums", counting=counting, cells=cells)
    turned = count_sums(vcfs[::-1], out=tmp_path / "turned", counting=counting, cells=cells)
    count(vcfs, out=tmp_path / "runs", counting=counting, cells=cells)
    with_runs = Counts(tmp_path / "runs")
    assert same(Counts(tmp_path / "sums").increment, with_runs.increment)
    assert not made.holds_runs
    assert not (tmp_path / "sums" / "runs").exists()
    assert {entry["digest"] for entry in made.accepted} == set(with_runs.manifest.files)
    assert made.as_json() == turned.as_json()
    with pytest.raises(InputError, match="run"):
        remove_person(tmp_path / "sums", with_runs.manifest.runs[0].identifier)
    for vcf in vcfs:
        count_sums([vcf], out=tmp_path / vcf.stem, counting=counting, cells=cells)
    merged = merge([tmp_path / "1", tmp_path / "0"], tmp_path / "merged")
    assert merged.as_json() == made.as_json()
    with pytest.raises(InputError) as found:
        merge([tmp_path / "0", tmp_path / "sums"], tmp_path / "twice")
    assert found.value.code == "same_file_twice"
    assert not (tmp_path / "twice").exists()


def test_sums_that_would_tell_too_little_are_refused(tmp_path: Path):
    vcfs, cells = two_files(tmp_path)
    alone, again = tmp_path / "alone.vcf", tmp_path / "again.vcf"
    alone.write_text(vcf_text(["P9"], [record(10, "0/1")]))
    again.write_text(vcf_text(["P5", "P0"], [record(10, "0/1 0/1")]))
    men = {f"P{i}": Cell(Sex.MALE) for i in range(4)}
    on_x = tmp_path / "x.vcf"
    on_x.write_text(vcf_text(["P0", "P1"], [record(5_000_000 + i, "0/1 0", contig="X") for i in range(120)]))
    for given_files, given_cells, code in (
        ([], cells, "no_input"),
        (["-"], cells, "standard_input"),
        ([alone], None, "one_person"),
        ([*vcfs, again], None, "person_in_two_files"),
        ([vcfs[0], vcfs[0]], cells, "same_file_twice"),
        (vcfs, {"P0": CELLS[0]}, "sample_not_in_ped"),
        ([on_x], men, "sex_contradicts_data"),
    ):
        with pytest.raises(InputError) as found:
            count_sums(given_files, out=tmp_path / "out", counting=Counting(Build.GRCH38, Gate.NONE), cells=given_cells)
        assert found.value.code == code
        assert not (tmp_path / "out").exists()


def test_a_gate_that_cannot_be_evaluated_is_refused(tmp_path: Path):
    vcfs, cells = two_files(tmp_path)
    with pytest.raises(InputError) as found:
        count_sums(vcfs, out=tmp_path / "out", counting=Counting(Build.GRCH38), cells=cells)
    assert found.value.code == "gate_values_missing"
    assert not (tmp_path / "out").exists()
