"""Input that cannot be counted is refused with its place and remedy, and leaves nothing behind."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from varde.frequency.callable_intervals import Intervals, Tracks
from varde.frequency.cells import Cell
from varde.frequency.count import CallableBed, Counting, StructuralVcf, add_person, count, remove_person, sum_again
from varde.frequency.genotypes import Gate
from varde.frequency.increment import sum_runs
from varde.frequency.lookup import Counts, State
from varde.frequency.run import Alleles, Run, write_parquet
from varde.frequency.store import MANIFEST, RUNS, SUMS, TRACKS, read_manifest
from varde.frequency.tests.cohorts import vcf_text
from varde.genome.alleles import Variant
from varde.genome.builds import Build
from varde.genome.errors import InputError
from varde.genome.pedigree import Sex

ALL = Counting(Build.GRCH38, Gate.NONE)
TABLES = ("observations", "coverage", "people", "long")
TWO = vcf_text(
    ["A", "B"], ["20\t100\t.\tA\tG\t.\tPASS\t.\tGT\t0/1\t1/1", "X\t50000000\t.\tA\tG\t.\tPASS\t.\tGT\t0/1\t1"]
)


@pytest.fixture
def two(tmp_path: Path) -> Path:
    vcf = tmp_path / "two.vcf"
    vcf.write_text(TWO)
    return vcf


def refused(folder: Path, *vcfs: Path, counting: Counting = ALL, **options: object) -> InputError:
    before = sorted(path.name for path in folder.iterdir())
    with pytest.raises(InputError) as caught:
        count(vcfs, out=folder / "made" / "out", counting=counting, **options)
    assert sorted(path.name for path in folder.iterdir()) == before
    return caught.value


def test_a_file_without_quality_and_depth_is_refused_under_adj(tmp_path: Path, two: Path) -> None:
    error = refused(tmp_path, two, counting=Counting(Build.GRCH38))
    assert (error.code, error.source, error.field) == ("gate_values_missing", "two.vcf", "FORMAT/GQ")
    assert "--gate none" in error.remedy


def test_a_file_without_allele_depths_is_refused_under_adj(tmp_path: Path) -> None:
    vcf = tmp_path / "a.vcf"
    vcf.write_text(vcf_text(["A"], ["20\t100\t.\tA\tG\t.\tPASS\t.\tGT:DP:GQ\t0/1:30:99"]))
    error = refused(tmp_path, vcf, counting=Counting(Build.GRCH38))
    assert (error.code, error.field) == ("gate_values_missing", "FORMAT/AD")


def test_a_sample_that_the_pedigree_does_not_know_is_refused(tmp_path: Path, two: Path) -> None:
    error = refused(tmp_path, two, sexes={"A": Sex.FEMALE})
    assert (error.code, error.source, error.field) == ("sample_not_in_ped", "two.vcf", "--ped")
    assert "'B'" in error.problem


def test_the_same_content_twice_is_refused(tmp_path: Path, two: Path) -> None:
    again = tmp_path / "again.vcf"
    again.write_text(TWO)
    assert refused(tmp_path, two, again).code == "same_file_twice"


@pytest.mark.parametrize(
    ("sex", "genotypes", "on_y", "shown"),
    [
        ("male", ["0/1"] * 60 + ["1/1"] * 60, 0, "60 of the 120 variants on X are heterozygous"),
        (
            "female",
            ["1/1"] * 115 + ["0/1"] * 5,
            30,
            "only 5 of the 120 variants on X are heterozygous, and 30 stand on Y",
        ),
        ("female", ["1"] * 110 + ["0/1"] * 10, 0, "110 of the 120 variants on X are written with one allele"),
        ("male", ["1"] * 110 + ["0/1"] * 10, 30, None),
        ("female", ["1/1"] * 90 + ["0/1"] * 30, 30, None),
        ("unknown", ["1/1"] * 60 + ["0/1"] * 60, 30, None),
        ("male", ["0/1"] * 99, 0, None),
        ("male", ["0/0"] * 300 + ["./."] * 300, 0, None),
    ],
)
def test_a_sex_that_contradicts_the_data_is_refused(
    tmp_path: Path, sex: str, genotypes: list[str], on_y: int, shown: str | None
) -> None:
    records = [f"X\t{50_000_000 + i}\t.\tA\tG\t.\t.\t.\tGT\t{g}" for i, g in enumerate(genotypes)]
    # In the region that X and Y share, everybody is diploid; that tells nothing.
    records = [f"X\t{20_000 + i}\t.\tA\tG\t.\t.\t.\tGT\t0/1" for i in range(300)] + records
    records += [f"Y\t{10_000_000 + i}\t.\tA\tG\t.\t.\t.\tGT\t1/1" for i in range(on_y)]
    vcf = tmp_path / "a.vcf"
    vcf.write_text(vcf_text(["A"], records))
    if shown is None:
        count([vcf], out=tmp_path / "out", counting=ALL, sexes={"A": Sex(sex)})
        assert Counts(tmp_path / "out").people == 1
        return
    error = refused(tmp_path, vcf, sexes={"A": Sex(sex)})
    assert (error.code, error.field) == ("sex_contradicts_data", "sex")
    assert shown in error.problem


def test_callable_intervals_of_a_stranger_are_refused(tmp_path: Path, two: Path) -> None:
    bed = tmp_path / "c.bed"
    bed.write_text("20\t0\t100\n")
    error = refused(tmp_path, two, callable_beds=[CallableBed(bed, "C")])
    assert (error.code, error.source) == ("unknown_sample", "c.bed")


@pytest.mark.parametrize("mark", ["# Kit 7, hg19", "track name=kit db=hg19", "#build=GRCh37"])
def test_a_kit_that_names_another_build_is_refused(tmp_path: Path, two: Path, mark: str) -> None:
    bed = tmp_path / "kit.bed"
    bed.write_text(f"{mark}\n20\t0\t1000\n")
    error = refused(tmp_path, two, callable_beds=[CallableBed(bed)])
    assert (error.code, error.source, error.line) == ("wrong_build", "kit.bed", 1)
    bed.write_text("# Kit 7, hg38, from hg38 genes\n20\t0\t1000\n")
    count([two], out=tmp_path / "out", counting=ALL, callable_beds=[CallableBed(bed)])


def test_structural_variants_are_counted_of_those_who_have_a_file(tmp_path: Path, two: Path) -> None:
    calls = tmp_path / "sv.vcf"
    record = "20\t5000\t.\tA\t<DEL>\t.\tPASS\tSVTYPE=DEL;END=9000\tGT\t0/1"
    calls.write_text(vcf_text(["B"], [record]))
    error = refused(tmp_path, two, structural=[StructuralVcf(calls, "C")])
    assert (error.code, error.field) == ("unknown_sample", "--structural")
    count([two], out=tmp_path / "out", counting=ALL, structural=[StructuralVcf(calls)])
    counts = Counts(tmp_path / "out")
    assert counts.increment.people.select("people", "structural_people").sum().row(0) == (2, 1)
    (call,) = counts.increment.structural.select("kind", "start", "end", "het", "hom").rows()
    assert call == ("DEL", 5001, 9000, 1, 0)
    before = counts.increment
    sum_again(tmp_path / "out")
    assert Counts(tmp_path / "out").increment.structural.equals(before.structural)
    with_calls = max(
        counts.manifest.runs, key=lambda run: (tmp_path / "out/runs" / f"{run.identifier}.structural.parquet").exists()
    )
    remove_person(tmp_path / "out", with_calls.identifier)
    left = Counts(tmp_path / "out").increment
    assert (left.structural.height, left.people["structural_people"].sum()) == (0, 0)


@pytest.mark.parametrize("content", ["", "20\tx\t100\n", "20\t0\t999999999\n"])
def test_a_bed_that_cannot_be_read_is_refused(tmp_path: Path, two: Path, content: str) -> None:
    bed = tmp_path / "c.bed"
    bed.write_text(content)
    assert refused(tmp_path, two, callable_beds=[CallableBed(bed)]).source == "c.bed"


@pytest.mark.parametrize("content", [b"", b"not a vcf\n", b"\xff\xfe##fileformat", TWO.encode()[:-30]])
def test_a_file_that_is_no_vcf_is_refused(tmp_path: Path, content: bytes) -> None:
    vcf = tmp_path / "bad.vcf"
    vcf.write_bytes(content)
    assert refused(tmp_path, vcf).source == "bad.vcf"


def test_another_build_is_refused(tmp_path: Path, two: Path) -> None:
    error = refused(tmp_path, two, counting=Counting(Build.GRCH37, Gate.NONE))
    assert (error.code, error.source) == ("wrong_build", "two.vcf")


def test_no_sample_and_no_file_are_refused(tmp_path: Path) -> None:
    vcf = tmp_path / "sites.vcf"
    vcf.write_text(vcf_text([], []).replace("\tFORMAT", "").replace("FORMAT\t", ""))
    assert refused(tmp_path, vcf).code == "no_samples"
    assert refused(tmp_path).code == "no_input"
    assert refused(tmp_path, Path("-")).code == "standard_input"


def test_counts_are_never_written_over(tmp_path: Path, two: Path) -> None:
    count([two], out=tmp_path / "out", counting=ALL)
    before = {path: path.read_bytes() for path in (tmp_path / "out").rglob("*.*")}
    with pytest.raises(InputError) as caught:
        count([two], out=tmp_path / "out", counting=ALL)
    assert caught.value.code == "out_exists"
    assert {path: path.read_bytes() for path in (tmp_path / "out").rglob("*.*")} == before


def test_other_settings_are_not_added(tmp_path: Path, two: Path) -> None:
    count([two], out=tmp_path / "out", counting=ALL)
    before = {path: path.read_bytes() for path in (tmp_path / "out").rglob("*.*")}
    for counting in (Counting(Build.GRCH38), Counting(Build.GRCH38, Gate.NONE, passing_only=True)):
        with pytest.raises(InputError) as caught:
            add_person(tmp_path / "out", [two], sample="A", sex=Sex.FEMALE, counting=counting)
        assert caught.value.code == "other_settings"
    with pytest.raises(InputError) as caught:
        add_person(tmp_path / "out", [two], sample="Z", sex=Sex.FEMALE, counting=ALL)
    assert caught.value.code == "unknown_sample"
    with pytest.raises(InputError) as caught:
        remove_person(tmp_path / "out", "0" * 32)
    assert caught.value.code == "unknown_run"
    assert {path: path.read_bytes() for path in (tmp_path / "out").rglob("*.*")} == before


def test_damaged_sums_are_not_read_and_can_be_made_again(tmp_path: Path, two: Path) -> None:
    folder = tmp_path / "out"
    count([two], out=folder, counting=ALL)
    before = {path: path.read_bytes() for path in folder.rglob("*.*") if path.is_file()}
    (segment,) = read_manifest(folder).segment_folders()
    for damage in ("cut", "gone"):
        observations = segment / "observations.parquet"
        if damage == "cut":
            observations.write_bytes(observations.read_bytes()[:-9])
        else:
            observations.unlink()
        with pytest.raises(InputError) as caught:
            Counts(folder).lookup(Variant(Build.GRCH38, 20, 100, "A", "G"))
        assert (caught.value.code, caught.value.source) == ("damaged", segment.name)
        sum_again(folder)
        assert {path: path.read_bytes() for path in folder.rglob("*.*") if path.is_file()} == before
    assert list((folder / SUMS).iterdir()) == [segment]


def test_a_folder_that_holds_no_counts_is_refused(tmp_path: Path) -> None:
    (tmp_path / "manifest.json").write_text('{"format": "another"}')
    for folder in (tmp_path, tmp_path / "nothing"):
        with pytest.raises(InputError) as caught:
            Counts(folder)
        assert caught.value.code == "no_counts"


def test_two_long_alleles_with_one_key_stop_the_sums() -> None:
    key = np.array([(20 << 59) | (100 << 31) | (1 << 30)], dtype=np.uint64)
    one = np.ones(1, dtype=np.uint8)
    runs = [
        Run(
            Build.GRCH38,
            "none",
            Cell(Sex.FEMALE),
            Alleles(key, one, one * 0, pl.DataFrame({"key": key, "ref": ["A"], "alt": [letter * 13]})),
            (),
            Intervals.empty(),
            Intervals.empty(),
        )
        for letter in "CG"
    ]
    with pytest.raises(InputError) as caught:
        sum_runs(Build.GRCH38, runs, Tracks())
    assert caught.value.code == "key_collision"


def test_what_records_cannot_say_is_told_from_absence(tmp_path: Path, two: Path) -> None:
    bed = tmp_path / "c.bed"
    bed.write_text("20\t193\t213\n")
    count([two], out=tmp_path / "out", counting=ALL, callable_beds=[CallableBed(bed, "B")])
    counts = Counts(tmp_path / "out")

    def state(contig: int, position: int, alt: str = "G") -> tuple[State, int, int, float | None]:
        found = counts.lookup(Variant(Build.GRCH38, contig, position, "A", alt))
        return found.state, found.ac, found.an, found.allele_frequency

    assert state(20, 100) == (State.OBSERVED, 3, 4, 0.75)
    assert state(20, 100, "C") == (State.ABSENT_COVERED, 0, 4, 0.0)
    assert state(20, 200) == (State.NOT_COVERED, 0, 0, None)
    assert state(20, 201) == (State.ABSENT_COVERED, 0, 2, 0.0)
    assert state(20, 211) == (State.NOT_COVERED, 0, 0, None)
    assert state(23, 50_000_000) == (State.NOT_COVERED, 0, 0, None)
    with pytest.raises(InputError) as caught:
        counts.lookup(Variant(Build.GRCH38, 24, 20_000, "A", "G"))
    assert caught.value.code == "y_pseudoautosomal"
    with pytest.raises(InputError) as caught:
        counts.lookup(Variant(Build.GRCH37, 20, 100, "A", "G"))
    assert caught.value.code == "build_mismatch"
    unkeyed = counts.annotate(
        np.zeros(1, dtype=np.uint64), np.array([20], dtype=np.uint8), np.array([100], dtype=np.int64)
    )
    assert unkeyed.row(0) == (None,) * 6


def bytes_below(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-20])


def in_manifest(name: str, value: object) -> Callable[[Path], None]:
    def change(folder: Path) -> None:
        entries = json.loads((folder / MANIFEST).read_text())
        entries.pop(name)
        (folder / MANIFEST).write_text(json.dumps(entries if value is None else entries | {name: value}))

    return change


def first_run(folder: Path) -> Path:
    return min(path for path in (folder / RUNS).iterdir() if path.name.count(".") == 1)


DAMAGE: dict[str, tuple[Callable[[Path], None], str]] = {
    "another person's run": (lambda folder: shutil.copyfile(max((folder / RUNS).iterdir()), first_run(folder)), "Run "),
    "a run that is cut": (lambda folder: cut(first_run(folder)), "Run "),
    "a run that is gone": (lambda folder: first_run(folder).unlink(), "Run "),
    "a run without columns": (lambda folder: pl.DataFrame({"key": [1]}).write_parquet(first_run(folder)), "Run "),
    "a track that is cut": (lambda folder: cut(next((folder / TRACKS).iterdir())), "Track "),
    "another track": (
        lambda folder: write_parquet(Intervals.points(np.array([20 << 32])).frame(), next((folder / TRACKS).iterdir())),
        "Track ",
    ),
    "a list that is cut": (lambda folder: cut(next((folder / SUMS).glob("*/runs.parquet"))), "The list of runs"),
    "a list that is gone": (lambda folder: next((folder / SUMS).glob("*/runs.parquet")).unlink(), "The lists of runs"),
    "files that are cut": (lambda folder: cut(next((folder / SUMS).glob("*/files.json"))), "The list of files"),
    "no reference": (in_manifest("reference", None), "The manifest"),
    "an unknown build": (in_manifest("build", "GRCh99"), "The manifest"),
    "an unknown status": (in_manifest("statuses", {"lost": 1}), "The manifest"),
    "segments that are none": (in_manifest("segments", [1]), "The manifest"),
}


@pytest.mark.parametrize("name", DAMAGE)
def test_nobody_is_withdrawn_from_a_damaged_folder(tmp_path: Path, two: Path, name: str) -> None:
    folder = tmp_path / "out"
    count([two], out=folder, counting=ALL)
    run = first_run(folder).name.split(".")[0]
    damage, said = DAMAGE[name]
    damage(folder)
    before = bytes_below(folder)
    with pytest.raises(InputError) as caught:
        remove_person(folder, run)
    error = caught.value
    assert error.code == "damaged"
    assert error.problem.startswith(said)
    assert run in error.problem or said != "Run "
    assert "backup" in error.remedy
    assert bytes_below(folder) == before


def genotypes(number: int, samples: list[str], *, apart: int, last: list[str] | None = None) -> str:
    """``number`` heterozygous records so far ``apart`` on chromosomes 1 to 4; ``last``: the last one's genotypes."""
    places = [(1 + i % 4, 10_000 + apart * (i // 4)) for i in range(number)]
    records = [f"{c}\t{p}\t.\tA\tG\t.\tPASS\t.\tGT" + "\t0/1" * len(samples) for c, p in sorted(places)]
    if last:
        records[-1] = "\t".join([*records[-1].split("\t")[:9], *last])
    return vcf_text(samples, records)


def test_one_person_under_two_names_is_refused(tmp_path: Path) -> None:
    both, one, again = (tmp_path / name for name in ("both.vcf", "one.vcf", "again.vcf"))
    both.write_text(genotypes(60, ["A", "B"], apart=1_000_000))
    one.write_text(genotypes(60, ["A"], apart=1_000_000))
    again.write_text(genotypes(60, ["Z"], apart=1_000_000))
    for vcfs, names in (((both,), {"'A'", "'B'"}), ((one, again), {"'A'", "'Z'"})):
        error = refused(tmp_path, *vcfs)
        assert (error.code, error.field) == ("person_twice", "--vcf")
        assert names == set(re.findall("'.'", error.problem))
    assert refused(tmp_path, both, sexes={"A": Sex.FEMALE, "B": Sex.MALE}).code == "person_twice"
    both.write_text(genotypes(60, ["A", "B"], apart=1_000_000, last=["0/1", "1/1"]))
    assert count([both], out=tmp_path / "out", counting=ALL).people == 2


def test_thirty_places_a_megabase_apart_can_tell(tmp_path: Path) -> None:
    both = tmp_path / "both.vcf"
    both.write_text(genotypes(30, ["A", "B"], apart=1_000_000))
    assert refused(tmp_path, both).code == "person_twice"


@pytest.mark.parametrize(
    ("build", "end", "refuses"),
    [
        (Build.GRCH38, 63_025_520, True),  # all of GRCh37's chromosome 20, which is shorter
        (Build.GRCH37, 64_444_167, True),
        (Build.GRCH38, 64_444_167, False),
        (Build.GRCH38, 63_025_519, False),
    ],
)
def test_a_bed_that_ends_where_the_other_builds_contig_ends_is_refused(
    tmp_path: Path, build: Build, end: int, refuses: bool
) -> None:
    vcf, bed = tmp_path / "a.vcf", tmp_path / "c.bed"
    length = 63_025_520 if build is Build.GRCH37 else 64_444_167
    vcf.write_text(TWO.replace("64444167", str(length)))
    bed.write_text(f"20\t0\t1000\n20\t60000000\t{end}\nMT\t0\t16569\n")
    given = {"counting": Counting(build, Gate.NONE), "callable_beds": [CallableBed(bed)]}
    if refuses:
        error = refused(tmp_path, vcf, **given)
        assert (error.code, error.source) == ("wrong_build", "c.bed")
        return
    count([vcf], out=tmp_path / "out", **given)
    assert Counts(tmp_path / "out").people == 2


def test_one_interval_beyond_the_other_builds_end_belongs_to_this_build(tmp_path: Path, two: Path) -> None:
    bed = tmp_path / "c.bed"
    bed.write_text("20\t0\t63025520\n20\t63100000\t63200000\n")
    assert count([two], out=tmp_path / "out", counting=ALL, callable_beds=[CallableBed(bed)]).people == 2


def test_an_unsorted_file_counts_as_the_sorted_one(tmp_path: Path) -> None:
    """The order of records means nothing to a count; the same people give the same bytes."""
    records = [
        f"{contig}\t{position}\t.\t{ref}\t{alt}\t.\tPASS\t.\tGT\t{genotypes}"
        for contig, position, ref, alt, genotypes in (
            ("20", 100, "A", "G", "0/1\t1/1"),
            ("20", 100, "A", "AT", "0/0\t0/1"),
            ("20", 250, "ACGTACGTACGTAC", "A", "0/1\t0/0"),
            ("21", 9_000_000, "C", "G,T", "1/2\t0/2"),
            ("X", 50_000_000, "A", "G", "0/1\t1"),
            ("MT", 150, "T", "C", "1\t0"),
        )
    ]
    orders = {"sorted": records, "turned": records[::-1], "mixed": records[3:] + records[:3]}
    sexes, bed = {"A": Sex.FEMALE, "B": Sex.MALE}, tmp_path / "c.bed"
    bed.write_text("20\t0\t1000\nX\t49999990\t50000010\n")
    written = {}
    for name, lines in orders.items():
        vcf = tmp_path / f"{name}.vcf"
        vcf.write_text(vcf_text(["A", "B"], lines))
        count([vcf], out=tmp_path / name, counting=ALL, sexes=sexes, callable_beds=[CallableBed(bed)])
        # The lists name the file by its digest; runs, tracks and sums do not.
        written[name] = {
            path: content
            for path, content in bytes_below(tmp_path / name).items()
            if path.startswith((RUNS, TRACKS)) or path.endswith(tuple(f"{table}.parquet" for table in TABLES))
        }
        written[name] = {path.split("/")[0] + "/" + path.split("/")[-1]: one for path, one in written[name].items()}
    assert len(written["sorted"]) >= 6
    assert written["turned"] == written["mixed"] == written["sorted"]
