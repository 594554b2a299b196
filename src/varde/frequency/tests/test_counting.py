"""Counts of random cohorts equal those made by hand, person by person and allele by allele."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from varde.frequency.count import CallableBed, Counting, add_person, compact, count, remove_person
from varde.frequency.genotypes import Gate
from varde.frequency.increment import COUNTS
from varde.frequency.lookup import Counts
from varde.frequency.sites import sites_by_sex
from varde.frequency.tests import oracle
from varde.frequency.tests.cohorts import PLACES, Cohort, random_cohort
from varde.genome.builds import Build, contig_code
from varde.genome.keys import encode_keys
from varde.genome.pedigree import Sex

EACH = (*COUNTS, "nhet_mt")
COLUMNS = (*EACH, *(f"{name}_{sex}" for sex in ("xx", "xy") for name in EACH))
SEEDS = st.integers(0, 2**32 - 1)
FEW = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def written(cohort: Cohort, folder: Path) -> tuple[list[Path], list[CallableBed]]:
    vcfs = []
    for i, text in enumerate(cohort.texts):
        vcfs.append(folder / f"{i}.vcf")
        vcfs[-1].write_text(text)
    if cohort.bed is None:
        return vcfs, []
    (folder / "covered.bed").write_text(cohort.bed)
    return vcfs, [CallableBed(folder / "covered.bed")]


def by_hand(cohort: Cohort, gate: Gate) -> list[oracle.Person]:
    people = {name: oracle.Person(sex) for name, sex in cohort.sexes.items()}
    for text in cohort.texts:
        oracle.read(people, text, gate is Gate.ADJ)
    present = {name for text in cohort.texts for name in text.partition("FORMAT\t")[2].partition("\n")[0].split("\t")}
    for person in people.values():
        for line in (cohort.bed or "").splitlines():
            contig, start, end = line.split("\t")
            person.covered.append((contig.removeprefix("chr"), int(start), int(end)))
    return [person for name, person in people.items() if name in present]


def gate_can_be_evaluated(cohort: Cohort) -> bool:
    """Whether each file has at least one GQ, DP and AD, without which ``adj`` is refused."""
    cells = [[line.split("\t")[9:] for line in text.splitlines() if line[0] != "#"] for text in cohort.texts]
    return all(all(any(cell.split(":")[i] != "." for row in file for cell in row) for i in (1, 2, 3)) for file in cells)


def as_arrays(alleles: list[oracle.Allele]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    contig = np.array([contig_code(allele[0]) for allele in alleles], dtype=np.uint8)
    position = np.array([allele[1] for allele in alleles], dtype=np.int64)
    return encode_keys(contig, position, [a[2] for a in alleles], [a[3] for a in alleles]), contig, position


@FEW
@given(SEEDS, st.sampled_from(Gate))
def test_counts_equal_those_made_by_hand(seed: int, gate: Gate) -> None:
    cohort = random_cohort(seed)
    if gate is Gate.ADJ and not gate_can_be_evaluated(cohort):
        gate = Gate.NONE
    people = by_hand(cohort, gate)
    alleles = sorted({allele for person in people for allele in person.statuses})
    never_seen = [(c, first + i, "A", "AAAAA") for c, (first, n) in PLACES.items() for i in range(-5, n + 10)]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        vcfs, beds = written(cohort, folder)
        count(
            vcfs,
            out=folder / "out",
            counting=Counting(Build.GRCH38, gate),
            sexes={name: Sex(sex) for name, sex in cohort.sexes.items()},
            callable_beds=beds,
        )
        counts = Counts(folder / "out")
        stored = {
            (row["contig"], row["position"], row["ref"], row["alt"]): row
            for row in sites_by_sex(counts.increment).iter_rows(named=True)
        }
        asked = [*alleles, *never_seen]
        annotated = counts.annotate(*as_arrays(asked)).to_dicts()
    for allele, found in zip(asked, annotated, strict=True):
        expected = oracle.counts(people, allele)
        state = "observed" if expected["nobs"] else "absent_covered" if expected["an"] else "not_covered"
        assert (found["ac"], found["an"], found["nhomalt"], found["nhemi"], found["state"]) == (
            *(expected[name] for name in ("ac", "an", "nhomalt", "nhemi")),
            state,
        ), allele
        row = stored.pop((contig_code(allele[0]), *allele[1:]), None)
        if row is None:
            assert expected["nobs"] == 0
        else:
            assert {name: row[name] for name in COLUMNS} == {name: expected[name] for name in COLUMNS}, allele
    assert stored == {}


@settings(FEW, max_examples=15)
@given(SEEDS)
def test_counts_add_up(seed: int) -> None:
    cohort = random_cohort(seed)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        vcfs, beds = written(cohort, folder)
        sexes = {name: Sex(sex) for name, sex in cohort.sexes.items()}
        counting = Counting(Build.GRCH38, Gate.NONE)
        files = count(vcfs, out=folder / "out", counting=counting, sexes=sexes, callable_beds=beds).files
        sites = sites_by_sex(Counts(folder / "out").increment)
    heterozygous = sites["nobs"].cast(int) - sites["nhomalt"] - sites["nhemi"] - sites["nhet_mt"]
    assert (sites["ac"] == 2 * sites["nhomalt"] + sites["nhemi"] + heterozygous).all()
    assert (heterozygous >= 0).all()
    assert (sites["ac"] <= sites["an"]).all()
    autosomal = sites.filter(sites["contig"] == 20)
    assert autosomal["nhemi"].sum() == 0
    y = sites.filter(sites["contig"] == 24)
    assert (y["nhomalt"].sum(), y["an_xx"].sum()) == (0, 0)
    for tally in files.values():
        assert tally["alleles_read"] == sum(tally["alleles_kept"].values()) + sum(tally["alleles_dropped"].values())
        assert tally["genotypes_read"] == tally["genotypes_called"] + sum(tally["genotypes_not_called"].values())


def content(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


@pytest.mark.parametrize("seed", range(8))
def test_neither_the_order_of_files_nor_their_names_matter(tmp_path: Path, seed: int) -> None:
    cohort = random_cohort(seed)
    vcfs, beds = written(cohort, tmp_path)
    sexes = {name: Sex(sex) for name, sex in cohort.sexes.items()}
    counting = Counting(Build.GRCH38, Gate.NONE)
    count(vcfs, out=tmp_path / "one", counting=counting, sexes=sexes, callable_beds=beds)
    renamed = [Path(shutil.copy(vcf, tmp_path / f"other{i}.vcf")) for i, vcf in enumerate(reversed(vcfs))]
    count(renamed, out=tmp_path / "two", counting=counting, sexes=sexes, callable_beds=beds)
    assert content(tmp_path / "one") == content(tmp_path / "two")
    assert not any(b"P1" in data for data in content(tmp_path / "one").values())


@pytest.mark.parametrize("seed", range(8))
def test_adding_people_one_by_one_gives_the_same_sums(tmp_path: Path, seed: int) -> None:
    cohort = random_cohort(seed)
    cohort = Cohort(cohort.sexes, cohort.texts[:1], cohort.bed)
    (vcf,), beds = written(cohort, tmp_path)
    samples = vcf.read_text().partition("FORMAT\t")[2].partition("\n")[0].split("\t")
    counting = Counting(Build.GRCH38, Gate.NONE)
    sexes = {name: Sex(sex) for name, sex in cohort.sexes.items()}
    count([vcf], out=tmp_path / "together", counting=counting, sexes=sexes, callable_beds=beds)
    for name in reversed(samples):
        add_person(tmp_path / "apart", [vcf], sample=name, sex=sexes[name], counting=counting, callable_beds=beds)
    together, apart = Counts(tmp_path / "together"), Counts(tmp_path / "apart")
    assert together.sites.equals(apart.sites)
    assert together.increment.coverage.equals(apart.increment.coverage)


@pytest.mark.parametrize("seed", range(8))
def test_a_removed_person_leaves_no_trace(tmp_path: Path, seed: int) -> None:
    cohort = random_cohort(seed)
    (vcf, *_), beds = written(cohort, tmp_path)
    samples = vcf.read_text().partition("FORMAT\t")[2].partition("\n")[0].split("\t")
    counting = Counting(Build.GRCH38, Gate.NONE)
    sexes = {name: Sex(sex) for name, sex in cohort.sexes.items()}
    folder = tmp_path / "register"
    for name in samples[1:]:
        add_person(folder, [vcf], sample=name, sex=sexes[name], counting=counting)
    if not folder.exists():
        count([vcf], out=folder, counting=counting, sexes=sexes)
    compact(folder)
    before = content(folder)
    other = tmp_path / "other.vcf"
    other.write_text(vcf.read_text().replace(samples[0], "Z"))
    run = add_person(folder, [other], sample="Z", sex=sexes[samples[0]], counting=counting, callable_beds=beds)
    assert content(folder) != before
    remove_person(folder, run)
    compact(folder)
    assert content(folder) == before
