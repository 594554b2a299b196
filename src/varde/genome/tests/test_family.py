"""Families from one file or several: joined by allele, checked against a slow join, refused with reasons."""

from __future__ import annotations

import gzip
import io
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from shared_data import shared_data
from varde.genome.builds import Build
from varde.genome.errors import InputError
from varde.genome.family import family_pieces, load_family
from varde.genome.pedigree import Affected, Pedigree, Person, Sex, read_ped
from varde.genome.records import ABSENT, MISSING, AlleleTable
from varde.genome.references import Reference
from varde.genome.tests.tables import reference_of
from varde.genome.vcf import read_header

TRIO = Pedigree(
    (
        Person("f", "child", "dad", "mum", Sex.FEMALE, Affected.AFFECTED),
        Person("f", "mum", sex=Sex.FEMALE),
        Person("f", "dad", sex=Sex.MALE),
    )
)
CALLS = ("genotype", "phased", "phase_set", "depth_ref", "depth_alt", "depth_x", "genotype_quality")
HEADER = "##fileformat=VCFv4.2\n##contig=<ID=20,length=63025520>\n##contig=<ID=X,length=155270560>\n"
COLUMNS = "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\t"


def vcf(path: Path, samples: str, *records: str, header: str = HEADER) -> Path:
    """A VCF of records written with blanks for tabs, INFO and FORMAT included."""
    lines = "".join("\t".join(record.split()) + "\n" for record in records)
    path.write_text(header + COLUMNS + "\t".join(samples.split()) + "\n" + lines)
    return path


def rows_of(table: AlleleTable) -> list[tuple[int, str, str]]:
    return table.sites.select("position", "ref", "alt").rows()


def refusal(paths: Sequence[Path | str], pedigree: Pedigree = TRIO, **options: object) -> InputError:
    with pytest.raises(InputError) as caught:
        load_family(paths, pedigree, **options)  # type: ignore[arg-type]
    return caught.value


def test_a_joint_file_is_sorted_and_in_the_order_of_the_pedigree(tmp_path: Path) -> None:
    path = vcf(
        tmp_path / "joint.vcf",
        "dad mum child",
        "X 7 . A C . PASS . GT:DP 0:1 0/0:2 0/1:3",
        "20 9 . CA C,<DEL> . q10 . GT:DP 0/0:4 0|1:5 1/2:6",
        "20 9 . CAA CAG . . . GT:DP 0/1:7 ./.:8 0/0:9",
        "GL000191.1 3 . A C . PASS . GT:DP 0/1:7 ./.:8 0/0:9",
        "20 2 . T . . PASS . GT:DP 0/0:1 0/0:1 0/0:1",
    )
    table = load_family([path], TRIO)
    assert table.samples == ("child", "mum", "dad")
    assert table.build is Build.GRCH37
    assert table.sites.select("contig_name", "position", "ref", "alt", "line", "source").rows() == [
        ("20", 2, "T", ".", 9, "joint.vcf"),
        ("20", 9, "CA", "C", 6, "joint.vcf"),
        ("20", 9, "CA", "<DEL>", 6, "joint.vcf"),
        ("20", 11, "A", "G", 7, "joint.vcf"),
        ("X", 7, "A", "C", 5, "joint.vcf"),
        ("GL000191.1", 3, "A", "C", 8, "joint.vcf"),
    ]
    assert table.depth_x.tolist() == [[1, 1, 1], [6, 5, 4], [6, 5, 4], [9, 8, 7], [3, 2, 1], [9, 8, 7]]
    assert table.genotype[1].tolist() == [[1, 2], [0, 1], [0, 0]]
    assert table.genotype[2].tolist() == [[2, 1], [0, 2], [0, 0]]
    assert table.genotype[4].tolist() == [[0, 1], [0, 0], [0, ABSENT]]


def test_files_are_joined_by_normalised_allele(tmp_path: Path) -> None:
    reference = reference_of(tmp_path, {"20": "ACGTTTTTTGCAACCC"})
    child = vcf(
        tmp_path / "child.vcf",
        "child",
        "20 1 . A G . q10 . GT:AD:DP:GQ 0/1:3,4:7:50",
        "20 8 . TT T . LowQ . GT:AD:DP:GQ 0/1:5,6:11:40",
        "20 12 . AACC AACG,AGCC . PASS . GT:AD:DP:GQ 1|2:1,2,3:6:30",
    )
    parents = vcf(
        tmp_path / "parents.vcf",
        "mum dad stranger",
        "20 3 . GT G . PASS . GT:AD:DP:GQ 0/1:7,8:15:60 0/0:9,0:9:20 1/1:0,1:1:1",
        "20 15 . C G . . . GT:AD:DP:GQ 0|1:2,2:4:10 ./.:.:.:. 1/1:0,1:1:1",
    )
    table = load_family([child, parents], TRIO, reference=reference, ignore_extra=True)
    assert rows_of(table) == [(1, "A", "G"), (3, "GT", "G"), (13, "A", "G"), (15, "C", "G")]
    assert table.genotype.tolist() == [
        [[0, 1], [-1, -1], [-1, -1]],
        [[0, 1], [0, 1], [0, 0]],
        [[2, 1], [-1, -1], [-1, -1]],
        [[1, 2], [0, 1], [-1, -1]],
    ]
    assert table.phased.tolist() == [[0, 0, 0], [0, 0, 0], [1, 0, 0], [1, 1, 0]]
    assert table.depth_ref.tolist() == [[3, -1, -1], [5, 7, 9], [1, -1, -1], [1, 2, -1]]
    assert table.depth_alt.tolist() == [[4, -1, -1], [6, 8, 0], [3, -1, -1], [2, 2, -1]]
    assert table.depth_x.tolist() == [[7, -1, -1], [11, 15, 9], [6, -1, -1], [6, 4, -1]]
    assert table.sites["filter"].to_list() == ["q10", "PASS", "PASS", "PASS"]
    assert table.sites["source"].to_list() == ["child.vcf"] * 4
    assert table.sites["record"].to_list() == [0, 1, 2, 2]
    other_order = load_family([parents, child], TRIO, reference=reference, ignore_extra=True)
    assert rows_of(other_order) == rows_of(table)
    assert other_order.sites["source"].to_list() == ["child.vcf", "parents.vcf", "child.vcf", "parents.vcf"]
    assert other_order.sites["record"].n_unique() == 4
    for name in CALLS:
        assert np.array_equal(getattr(other_order, name), getattr(table, name))


def test_symbolic_alleles_are_joined_when_all_is_the_same(tmp_path: Path) -> None:
    child = vcf(
        tmp_path / "child.vcf",
        "child",
        "20 5 . T <DEL> . PASS END=90 GT 0/1",
        "20 5 . T <DEL> . PASS END=99 GT 1/1",
        "20 5 . T <DEL> . PASS END=99 GT 0/1",
        "20 6 . A * . PASS . GT 0/1",
    )
    mum = vcf(
        tmp_path / "mum.vcf", "mum", "20 5 . T <DEL> . PASS END=99 GT 0/1", "20 1 . A <NON_REF> . . END=20 GT 0/0"
    )
    table = load_family([child, mum], Pedigree((Person("f", "mum"), Person("f", "child"))))
    assert table.sites.select("alt", "end", "key").rows() == [
        ("<DEL>", 90, None),
        ("<DEL>", 99, None),
        ("<DEL>", 99, None),
        ("*", 6, None),
    ]
    assert table.genotype.tolist() == [
        [[-1, -1], [0, 1]],
        [[0, 1], [1, 1]],
        [[-1, -1], [0, 1]],
        [[-1, -1], [0, 1]],
    ]


@pytest.mark.parametrize(
    ("files", "pedigree", "options", "code", "words"),
    [
        ([], TRIO, {}, "no_vcf", "No VCF"),
        (["child mum dad x"], TRIO, {}, "unexpected_samples", "1 of 4 people of the VCF are not in the pedigree: x"),
        ([" ".join(f"p{i}" for i in range(200))], TRIO, {}, "unexpected_samples", "200 of 200 .*p4 and 195 more"),
        (["x y"], TRIO, {"ignore_extra": True}, "unexpected_samples", "2 of 2 people"),
        (["child mum"], TRIO, {}, "missing_samples", "dad of the pedigree is in no VCF"),
        (["child", "x"], TRIO, {"ignore_extra": True}, "unexpected_samples", "x"),
        (["x child"], TRIO, {"ignore_extra": True}, "missing_samples", "mum, dad of the pedigree are in no VCF"),
        (["child mum", "mum dad"], TRIO, {}, "repeated_sample", "mum is also in 0.vcf"),
        (["child mum dad"], TRIO, {"build": Build.GRCH38}, "build_mismatch", "of GRCh37, but GRCh38 is asked for"),
    ],
)
def test_people_and_builds_must_fit(
    tmp_path: Path, files: list[str], pedigree: Pedigree, options: dict[str, object], code: str, words: str
) -> None:
    paths = [vcf(tmp_path / f"{i}.vcf", samples) for i, samples in enumerate(files)]
    with pytest.raises(InputError, match=words) as caught:
        load_family(paths, pedigree, **options)  # type: ignore[arg-type]
    assert caught.value.code == code


def test_people_without_data_stay_in_the_pedigree_only_when_that_is_said(tmp_path: Path) -> None:
    path = vcf(tmp_path / "duo.vcf", "mum child", "20 7 . A C . PASS . GT 0/0 0/1")
    assert refusal([path]).code == "missing_samples"
    table = load_family([path], TRIO, allow_unsequenced=True)
    assert table.samples == ("child", "mum")
    assert table.genotype.tolist() == [[[0, 1], [0, 0]]]
    misspelt = vcf(tmp_path / "misspelt.vcf", "mum child father", "20 7 . A C . PASS . GT 0/0 0/1 0/0")
    assert refusal([misspelt], allow_unsequenced=True).code == "unexpected_samples"


def test_builds_of_all_inputs_must_agree(tmp_path: Path) -> None:
    reference = reference_of(tmp_path, {"20": "ACGT"})
    old = vcf(tmp_path / "old.vcf", "child mum")
    new = vcf(tmp_path / "new.vcf", "dad", header="##fileformat=VCFv4.2\n##contig=<ID=20,length=64444167>\n")
    bare = vcf(tmp_path / "bare.vcf", "dad", header="##fileformat=VCFv4.2\n")
    for error in (refusal([old, new]), refusal([old, new], reference=reference)):
        assert (error.code, error.source) == ("build_mismatch", "new.vcf")
    assert refusal([old, bare], build=Build.GRCH38, reference=reference).code == "build_mismatch"
    assert load_family([old, bare], TRIO).build is Build.GRCH37
    dad = Pedigree((Person("f", "dad"),))
    assert refusal([bare], dad).code == "unknown_build"
    assert load_family([bare], dad, build=Build.GRCH38).build is Build.GRCH38
    assert load_family([bare], dad, reference=reference).build is Build.GRCH37


def test_an_allele_given_twice_is_refused_with_both_lines(tmp_path: Path) -> None:
    reference = reference_of(tmp_path, {"20": "ACGTTTTTTGCA"})
    call = ". PASS . GT 0/1 0/0 0/0"
    path = vcf(
        tmp_path / "joint.vcf", "child mum dad", f"20 3 . GT G {call}", f"20 1 . A C {call}", f"20 8 . TT T {call}"
    )
    assert load_family([path], TRIO).sites.height == 3
    error = refusal([path], reference=reference)
    assert (error.code, error.source, error.line) == ("duplicate_record", "joint.vcf", 7)
    assert "20:3 GT>G stands on line 5 already; 1 alleles are repeated." in error.problem
    wrong = vcf(tmp_path / "wrong.vcf", "child mum dad", f"20 1 . A C {call}", f"20 3 . T C {call}")
    error = refusal([wrong], reference=reference)
    assert (error.code, error.source, error.line) == ("ref_mismatch", "wrong.vcf", 6)


def test_standard_input_is_read_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = vcf(tmp_path / "joint.vcf", "dad child mum", "20 1 . A C . PASS . GT 0/0 0/1 0/0")
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(path.read_bytes())))
    table = load_family(["-"], TRIO)
    assert table.genotype.tolist() == [[[0, 1], [0, 0], [0, 0]]]
    assert table.sites["source"].to_list() == ["standard input"]


def test_progress_counts_on_over_the_files(tmp_path: Path) -> None:
    records = [f"20 {i + 1} . A C . PASS . GT 0/1" for i in range(5)]
    paths = [vcf(tmp_path / f"{name}.vcf", name, *records) for name in TRIO.identifiers]
    seen: list[int] = []
    assert len(load_family(paths, TRIO, progress=seen.append)) == 5
    assert seen == [5, 10, 15]


@dataclass
class Record:
    """One line of a made-up file: ``end`` is given for reference blocks, ``alts`` has no <NON_REF>."""

    position: int
    ref: str
    alts: list[str]
    end: int
    genotype: tuple[int, int]
    depths: list[int] | None
    depth_x: int
    quality: int


BASES = "".join(np.random.default_rng(5).choice(list("ACGT"), 900))


def made_records(rng: np.random.Generator, style: str) -> list[Record]:
    """Blocks, variants and gaps one after the other over BASES; no two overlap."""
    records: list[Record] = []
    position = 1
    while position < len(BASES) - 12:
        what = rng.choice(["gap", "block", "snv", "snv", "indel", "many"], p=[0.15, 0.3, 0.2, 0.1, 0.15, 0.1])
        if what == "gap" or (what == "block" and style == "plain"):
            position += int(rng.integers(1, 4))
            continue
        size = {"block": 1, "snv": 1, "indel": int(rng.integers(1, 5)), "many": 2}[str(what)]
        ref = BASES[position - 1 : position - 1 + size]
        others = [base for base in "ACGT" if base != ref[0]]
        alts = {
            "block": [],
            "snv": [str(rng.choice(others))],
            "indel": [ref[0]] if size > 1 else [ref + str(rng.choice(["A", "GG"]))],
            "many": [ref[0], others[0] + ref[1:]],
        }[str(what)]
        end = position + (int(rng.integers(0, 8)) if what == "block" else size - 1)
        count = 1 + len(alts) + (style == "gatk")
        called = (0, 0) if what == "block" else tuple(int(i) for i in rng.integers(0, len(alts) + 1, 2))
        if rng.random() < 0.05:
            called = (MISSING, MISSING)
        elif rng.random() < 0.05 and style == "gatk":
            called = (0, count - 1)
        depths = None if style == "dot" and what == "block" else [int(i) for i in rng.integers(0, 30, count)]
        records.append(
            Record(position, ref, alts, end, called, depths, int(rng.integers(1, 60)), int(rng.integers(0, 99)))
        )
        position = max(end, position) + 1
    return records


def written(path: Path, sample: str, records: list[Record], style: str) -> Path:
    lines = []
    for one in records:
        alts = one.alts + (["<NON_REF>"] if style == "gatk" else [])
        info = f"END={one.end}" if not one.alts else "."
        called = "/".join("." if allele == MISSING else str(allele) for allele in one.genotype)
        depths = "." if one.depths is None else ",".join(map(str, one.depths))
        lines.append(
            f"20 {one.position} . {one.ref} {','.join(alts) or '.'} . PASS {info} GT:AD:DP:GQ "
            f"{called}:{depths}:{one.depth_x}:{one.quality}"
        )
    return vcf(path, sample, *lines)


def trimmed(position: int, ref: str, alt: str) -> tuple[int, str, str]:
    while min(len(ref), len(alt)) > 1 and ref[-1] == alt[-1]:
        ref, alt = ref[:-1], alt[:-1]
    while min(len(ref), len(alt)) > 1 and ref[0] == alt[0]:
        position, ref, alt = position + 1, ref[1:], alt[1:]
    return position, ref, alt


Call = tuple[tuple[int, int], int, int, int, int]
"""Genotype, AD of REF, AD of ALT, DP and GQ."""
NOTHING: Call = ((MISSING, MISSING), MISSING, MISSING, MISSING, MISSING)


def recoded(genotype: tuple[int, int], number: int) -> tuple[int, int]:
    first, second = (code if code <= 0 else 1 if code == number else 2 for code in genotype)
    return first, second


def call_slowly(records: list[Record], style: str, allele: tuple[int, str, str]) -> Call:
    """What one file says of one allele, looked up base by base."""
    for one in records:
        for number, alt in enumerate(one.alts, start=1):
            if trimmed(one.position, one.ref, alt) == allele:
                assert one.depths is not None
                return recoded(one.genotype, number), one.depths[0], one.depths[number], one.depth_x, one.quality
    position, ref, alt = allele
    blocks = [one for one in records if not one.alts or style == "gatk"]
    over = [[one for one in blocks if one.position <= base <= one.end] for base in range(position, position + len(ref))]
    if all(over):
        found = list({one.position: one for covering in over for one in covering}.values())
        codes = [recoded(one.genotype, len(one.alts) + 1 if style == "gatk" else 99) for one in found]
        if len(found) == 1:
            genotype = (MISSING, MISSING) if 1 in codes[0] else codes[0]
        else:
            genotype = (0, 0) if all(code == (0, 0) for code in codes) else (MISSING, MISSING)
        reference = (
            MISSING if any(one.depths is None for one in found) else min(one.depths[0] for one in found if one.depths)
        )
        reads = max(one.depths[-1] for one in found if one.depths) if style == "gatk" else MISSING
        return genotype, reference, reads, min(one.depth_x for one in found), min(one.quality for one in found)
    if len(ref) == len(alt) == 1:
        for one in records:
            forms = [trimmed(one.position, one.ref, other) for other in one.alts]
            if any(form[0] == position and len(form[1]) == len(form[2]) == 1 for form in forms):
                assert one.depths is not None
                return recoded(one.genotype, 99), one.depths[0], MISSING, one.depth_x, one.quality
    return NOTHING


@pytest.mark.parametrize("seed", range(8))
def test_the_join_equals_a_slow_one_base_by_base(tmp_path: Path, seed: int) -> None:
    rng = np.random.default_rng(seed)
    styles = [str(style) for style in rng.permutation(["gatk", "dot", "plain"])]
    people = {name: made_records(rng, style) for name, style in zip(TRIO.identifiers, styles, strict=True)}
    paths = [
        written(tmp_path / f"{name}.vcf", name, people[name], style)
        for name, style in zip(TRIO.identifiers, styles, strict=True)
    ]
    table = load_family(paths, TRIO)
    alleles = sorted(
        {trimmed(one.position, one.ref, alt) for made in people.values() for one in made for alt in one.alts}
    )
    assert sorted(rows_of(table)) == alleles
    answered = 0
    for row, allele in enumerate(rows_of(table)):
        for column, (name, style) in enumerate(zip(TRIO.identifiers, styles, strict=True)):
            found: Call = (
                tuple(table.genotype[row, column].tolist()),
                *(int(getattr(table, field)[row, column]) for field in CALLS[3:]),
            )  # type: ignore[assignment]
            expected = call_slowly(people[name], style, allele)
            assert found == expected, (name, style, allele)
            answered += found != NOTHING
    assert len(alleles) < answered < 3 * len(alleles)


def test_split_records_are_no_witness_of_other_alleles(tmp_path: Path) -> None:
    child = vcf(tmp_path / "child.vcf", "child", "20 5 . A C . PASS . GT 0/1", "20 6 . A C . PASS . GT 0/1")
    mum = vcf(
        tmp_path / "mum.vcf",
        "mum",
        "20 5 . A G . PASS . GT 0/1",
        "20 5 . A T . PASS . GT 0/1",
        "20 6 . A G . PASS . GT 1/1",
    )
    family = Pedigree((Person("f", "child"), Person("f", "mum")))
    table = load_family([child, mum], family)
    wanted = {(5, "A", "C"): [-1, -1], (6, "A", "C"): [2, 2]}
    found = {allele: table.genotype[row, 1].tolist() for row, allele in enumerate(rows_of(table)) if allele in wanted}
    assert found == wanted


@pytest.fixture(scope="module")
def single_files(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """The Ashkenazi trio as three files of one person each, and as three without the records of no variant."""
    lines = gzip.decompress(shared_data("trio", "ashkenazi", "ashk-trio.vcf.gz").read_bytes()).decode().splitlines()
    folder = tmp_path_factory.mktemp("single")
    rows = [line.split("\t") for line in lines if not line.startswith("##")]
    head = "\n".join(line for line in lines if line.startswith("##")) + "\n"
    paths = []
    for column, name in enumerate(rows[0][9:], start=9):
        for kind in ("all", "own"):
            kept = [
                row for row in rows if kind == "all" or row is rows[0] or set(row[column].split(":")[0]) & set("123")
            ]
            path = folder / f"{name}.{kind}.vcf"
            path.write_text(head + "".join("\t".join([*row[:9], row[column]]) + "\n" for row in kept))
            paths.append(path)
    return paths


def test_a_real_trio_is_the_same_from_one_file_and_from_three(single_files: list[Path]) -> None:
    pedigree = read_ped(shared_data("trio", "ashkenazi", "ashk-trio.ped"))
    joint = load_family([shared_data("trio", "ashkenazi", "ashk-trio.vcf.gz")], pedigree)
    assert joint.sites["record"].n_unique() == 9940
    joined = load_family([path for path in single_files if ".all." in path.name], pedigree)
    assert joined.sites.drop("source").equals(joint.sites.drop("source"))
    for name in CALLS:
        assert np.array_equal(getattr(joined, name), getattr(joint, name)), name
    assert set(joined.sites["source"].unique()) == {"HG002.all.vcf"}
    own = load_family([path for path in single_files if ".own." in path.name], pedigree)
    places = {row: i for i, row in enumerate(joint.sites.select("contig", "position", "ref", "alt").rows())}
    index = np.array([places[row] for row in own.sites.select("contig", "position", "ref", "alt").rows()])
    carried = (joint.genotype[index] > 0).any(axis=2)
    assert len(own) == np.count_nonzero((joint.genotype > 0).any(axis=(1, 2)))
    for name in CALLS:
        assert np.array_equal(getattr(own, name)[carried], getattr(joint, name)[index][carried]), name
    place = own.sites.select("contig", "position", shared=pl.col("record").n_unique().over("contig", "position") > 1)
    alone = ~place["shared"].to_numpy()
    assert np.count_nonzero(alone) > 9_000
    assert (own.genotype[alone][~carried[alone]] == MISSING).all()


def test_a_real_gvcf_answers_for_a_relative(tmp_path: Path) -> None:
    """NA12878 by two laboratories: one gives all sites of a region, the other its variants only."""
    truth = shared_data("na12878", "platinum_chr21_b37.vcf.gz")
    blocks = shared_data("na12878", "hc_chr21_b37.g.vcf.gz")
    text = gzip.decompress(truth.read_bytes()).decode().replace("FORMAT\tNA12878", "FORMAT\trelative")
    renamed = tmp_path / "relative.vcf"
    renamed.write_text(text)
    assert refusal([renamed], Pedigree((Person("f", "relative"),))).code == "duplicate_record"
    places = {tuple(line.split("\t")[:2]): line for line in text.splitlines() if line[:2] != "##"}
    renamed.write_text("\n".join([*(line for line in text.splitlines() if line[:2] == "##"), *places.values()]))
    family = Pedigree((Person("f", "NA12878"), Person("f", "relative")))
    table = load_family([blocks, renamed], family, build=Build.GRCH37)
    records = [
        line.split("\t") for line in gzip.decompress(blocks.read_bytes()).decode().splitlines() if line[0] != "#"
    ]
    block_of: dict[int, list[str]] = {}
    for row in records:
        if row[4] == ".":
            info = dict(part.partition("=")[::2] for part in row[7].split(";"))
            for place in range(int(row[1]), int(info.get("END", row[1])) + 1):
                block_of[place] = row
    own = {(int(row[1]), row[3], row[4]) for row in records}
    checked = 0
    for i, (position, ref, alt) in enumerate(rows_of(table)):
        block = block_of.get(position)
        if len(ref) == len(alt) == 1 and block is not None and (position, ref, alt) not in own:
            call = dict(zip(block[8].split(":"), block[9].split(":"), strict=False))
            expected = {"0/0": [0, 0], "0": [0, ABSENT], ".": [MISSING, MISSING]}[call["GT"]]
            assert table.genotype[i, 0].tolist() == expected
            assert table.depth_x[i, 0] == int(call.get("DP", MISSING))
            checked += 1
    assert checked > 50
    assert (table.genotype[:, 0] != MISSING).any(axis=1).sum() < len(table)


def test_reference_and_joined_real_records(shared_reference: Reference) -> None:
    """Two sets of people on one chromosome: the same 24,990 sites, joined by normalised allele."""
    folder = shared_data("genotypes", "1000g-chr20-grch37")
    paths = [folder / "phased_300.vcf.gz", folder / "unphased_203.vcf.gz"]
    people = [read_header(path).samples[0] for path in paths]
    pedigree = Pedigree(tuple(Person("f", name) for name in people))
    table = load_family(paths, pedigree, reference=shared_reference, ignore_extra=True)
    alone = load_family(paths[:1], Pedigree(pedigree.persons[:1]), reference=shared_reference, ignore_extra=True)
    assert table.sites["key"].to_list() == alone.sites["key"].to_list()
    assert (table.genotype >= 0).all()
    assert np.array_equal(table.genotype[:, :1], alone.genotype)


def test_the_depth_of_a_block_is_dp_or_else_min_dp(tmp_path: Path) -> None:
    """GATK gives both, DeepVariant's blocks have MIN_DP alone."""
    child = vcf(tmp_path / "child.vcf", "child", *(f"20 {i} . A C . PASS . GT:DP:GQ 0/1:9:9" for i in (5, 15, 25)))
    mum = vcf(
        tmp_path / "mum.vcf",
        "mum",
        "20 1 . A <NON_REF> . . END=9 GT:DP:GQ:MIN_DP 0/0:31:60:28",
        "20 10 . A <*> . . END=19 GT:GQ:MIN_DP:PL 0/0:50:27:0,9,99",
        "20 20 . A <*> . . END=29 GT:DP:MIN_DP 0/0:.:.",
    )
    table = load_family([child, mum], Pedigree((Person("f", "child"), Person("f", "mum"))))
    assert table.depth_x.tolist() == [[9, 31], [9, 27], [9, MISSING]]
    assert table.genotype_quality.tolist() == [[9, 60], [9, 50], [9, MISSING]]
    assert table.genotype[:, 1].tolist() == [[0, 0]] * 3


class TestPieces:
    """A long file in pieces is the same rows as the file at once."""

    @staticmethod
    def long_file(path: Path, *more: str) -> Path:
        records = [
            f"{contig} {start + step} . A C . PASS . GT:AD:DP 0/{(start + step) % 2}:9,1:10 0/0:9,0:9 0/1:5,5:10"
            for contig in ("X", "20")
            for start in (1_000, 50_000, 100_000)
            for step in range(40)
        ]
        return vcf(path, "child mum dad", *records, *more)

    @pytest.mark.parametrize(("rows", "pieces"), [(1_000, 1), (100, 2), (30, 6)])
    def test_the_pieces_are_the_whole(self, tmp_path: Path, rows: int, pieces: int) -> None:
        path = self.long_file(tmp_path / "f.vcf")
        found = list(family_pieces([path], TRIO, rows=rows))
        assert len(found) >= pieces - 1
        whole = load_family([path], TRIO)
        order = pl.concat([one.sites for one in found]).with_row_index("at").sort("contig", "position")["at"].to_numpy()
        assert pl.concat([one.sites for one in found])[order].equals(whole.sites)
        for name in CALLS:
            joined = np.concatenate([getattr(one, name) for one in found])[order]
            assert np.array_equal(joined, getattr(whole, name))
        for before, after in pairwise(found):
            last, first = before.sites.row(-1, named=True), after.sites.row(0, named=True)
            assert last["contig"] != first["contig"] or first["position"] - last["position"] > 2_000

    def test_a_long_file_out_of_order_is_refused_and_a_short_one_is_sorted(self, tmp_path: Path) -> None:
        for more in ("20 99000 . A C . PASS . GT 0/1 0/0 0/0", "X 200000 . A C . PASS . GT 0/1 0/0 0/0"):
            path = self.long_file(tmp_path / "f.vcf", more)
            with pytest.raises(InputError) as caught:
                list(family_pieces([path], TRIO, rows=100))
            assert (caught.value.code, caught.value.line) == ("unsorted", 245)
            (alone,) = family_pieces([path], TRIO, rows=1_000)
            assert len(alone) == 241
