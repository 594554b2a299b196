"""Normalisation against Tan's algorithm written letter by letter, and against bcftools norm."""

from __future__ import annotations

import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from shared_data import shared_data
from varde.genome.builds import Build
from varde.genome.errors import InputError
from varde.genome.keys import decode_key
from varde.genome.normalise import duplicate_rows, normalise, with_keys
from varde.genome.records import AlleleKind, concatenate
from varde.genome.references import Reference
from varde.genome.tests.tables import Row, alleles_of, reference_of, table_of
from varde.genome.vcf import read_whole_vcf


def tan(bases: str, position: int, ref: str, alt: str) -> tuple[int, str, str]:
    """Tan et al. 2015, algorithm 1, one base at a time."""
    while True:
        if ref and alt and ref[-1] == alt[-1] and (position > 1 or min(len(ref), len(alt)) > 1):
            ref, alt = ref[:-1], alt[:-1]
        elif not ref or not alt:
            position -= 1
            ref, alt = bases[position - 1] + ref, bases[position - 1] + alt
        else:
            break
    while len(ref) > 1 and len(alt) > 1 and ref[0] == alt[0]:
        position, ref, alt = position + 1, ref[1:], alt[1:]
    return position, ref, alt


def trimmed(position: int, ref: str, alt: str) -> tuple[int, str, str]:
    """Common last bases go first, then common first ones; one base of each stays."""
    while min(len(ref), len(alt)) > 1 and ref[-1] == alt[-1]:
        ref, alt = ref[:-1], alt[:-1]
    while min(len(ref), len(alt)) > 1 and ref[0] == alt[0]:
        position, ref, alt = position + 1, ref[1:], alt[1:]
    return position, ref, alt


def haplotype(bases: str, position: int, ref: str, alt: str) -> str:
    assert bases[position - 1 : position - 1 + len(ref)] == ref
    return bases[: position - 1] + alt + bases[position - 1 + len(ref) :]


def repetitive(rng: np.random.Generator, length: int) -> str:
    """Runs, short tandem repeats and random bases in turn."""
    text = ""
    while len(text) < length:
        unit = "".join(rng.choice(list("ACGT"), size=rng.integers(1, 5)))
        text += unit * int(rng.integers(1, 9))
    return text[:length]


def random_alleles(rng: np.random.Generator, contig: str, bases: str, count: int) -> list[Row]:
    """Insertions and deletions of repeat units, substitutions and anything else, not yet in their one form."""
    rows: list[Row] = []
    while len(rows) < count:
        start = int(rng.integers(0, len(bases) - 1))
        ref = bases[start : start + int(rng.integers(1, 13))]
        kind = rng.integers(4)
        if kind == 0:
            cut = int(rng.integers(0, len(ref)))
            alt = ref[:cut] + ref[cut + int(rng.integers(1, 6)) :]
        elif kind == 1:
            cut = int(rng.integers(0, len(ref) + 1))
            again = bases[max(0, start + cut - int(rng.integers(1, 6))) : start + cut] or "T"
            alt = ref[:cut] + again * int(rng.integers(1, 3)) + ref[cut:]
        elif kind == 2:
            cut = int(rng.integers(0, len(ref)))
            alt = ref[:cut] + str(rng.choice(list("ACGT"))) + ref[cut + 1 :]
        else:
            alt = "".join(rng.choice(list("ACGT"), size=rng.integers(1, 9)))
        if alt and alt != ref:
            rows.append((contig, start + 1, ref, alt))
    return rows


@pytest.fixture(scope="module")
def bases() -> dict[str, str]:
    rng = np.random.default_rng(20)
    return {"20": repetitive(rng, 3000), "X": "TTTTTTTTTTTTTTTTTTTTTTTT" + repetitive(rng, 1000)}


@pytest.fixture(scope="module")
def reference(bases: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Reference:
    return reference_of(tmp_path_factory.mktemp("reference"), bases)


@pytest.fixture(scope="module")
def rows(bases: dict[str, str]) -> list[Row]:
    rng = np.random.default_rng(2015)
    many = random_alleles(rng, "20", bases["20"], 3000) + random_alleles(rng, "X", bases["X"], 2000)
    at_the_start = random_alleles(rng, "X", bases["X"][:14], 400)
    return [many[i] for i in rng.permutation(len(many))] + at_the_start


def test_every_allele_takes_the_form_of_tans_algorithm(
    rows: list[Row], reference: Reference, bases: dict[str, str]
) -> None:
    table = normalise(table_of(rows), reference)
    expected = [tan(bases[contig], position, ref, alt) for contig, position, ref, alt in rows]
    assert alleles_of(table) == expected
    assert table.sites["moved"].to_list() == [row[1:] != form for row, form in zip(rows, expected, strict=True)]
    assert table.sites["raw_position"].to_list() == [row[1] for row in rows]
    assert table.sites["end"].to_list() == [position + len(ref) - 1 for position, ref, _ in expected]
    for (contig, *allele), form in zip(rows, expected, strict=True):
        assert haplotype(bases[contig], *allele) == haplotype(bases[contig], *form)


def test_keys_hold_the_normalised_alleles(rows: list[Row], reference: Reference) -> None:
    sites = normalise(table_of(rows), reference).sites
    for key, contig, position, ref, alt in sites.select("key", "contig", "position", "ref", "alt").rows():
        decoded = decode_key(key)
        assert decoded == (contig, position, ref, alt) if len(ref + alt) <= 12 else decoded is None


def test_kinds_follow_the_trimmed_alleles(rows: list[Row], reference: Reference) -> None:
    for ref, alt, kind in normalise(table_of(rows), reference).sites.select("ref", "alt", "kind").rows():
        if len(ref) == len(alt):
            expected = AlleleKind.SNV if len(ref) == 1 else AlleleKind.MNV
        elif ref[0] == alt[0] and min(len(ref), len(alt)) == 1:
            expected = AlleleKind.DELETION if len(alt) == 1 else AlleleKind.INSERTION
        else:
            expected = AlleleKind.DELINS
        assert kind == expected


def test_a_second_run_changes_nothing_and_order_does_not_matter(rows: list[Row], reference: Reference) -> None:
    once = normalise(table_of(rows), reference)
    assert normalise(once, reference).sites.equals(once.sites)
    order = np.random.default_rng(3).permutation(len(rows))
    assert normalise(table_of(rows).take(order), reference).sites.equals(once.sites[order])
    halves = [normalise(table_of(rows).take(np.arange(a, b)), reference) for a, b in ((0, 2000), (2000, len(rows)))]
    assert concatenate(halves).sites.equals(once.sites)


@pytest.mark.skipif(shutil.which("bcftools") is None, reason="bcftools is not installed")
def test_bcftools_norm_agrees(rows: list[Row], reference: Reference, bases: dict[str, str], tmp_path: Path) -> None:
    vcf = tmp_path / "made.vcf"
    contigs = "".join(f"##contig=<ID={name},length={len(text)}>\n" for name, text in bases.items())
    lines = [
        f"{contig}\t{position}\t{i}\t{ref}\t{alt}\t.\t.\t.\n" for i, (contig, position, ref, alt) in enumerate(rows)
    ]
    heading = "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\n"
    vcf.write_text("##fileformat=VCFv4.2\n" + contigs + heading + "".join(lines))
    command = ["bcftools", "norm", "-m-", "-c", "e", "-f", str(reference.fasta), str(vcf)]
    out = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    theirs = {
        int(fields[2]): (int(fields[1]), fields[3], fields[4])
        for fields in (line.split("\t") for line in out.splitlines() if not line.startswith("#"))
    }
    ours = alleles_of(normalise(table_of(rows), reference))
    assert len(theirs) == len(rows)
    assert [theirs[i] for i in range(len(rows))] == ours


SMALL = {"20": "ACGTTTTGCANNNRYACGTACGTCCC", "MT": "GATTACA"}


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Reference:
    return reference_of(tmp_path_factory.mktemp("small"), SMALL)


def test_rows_without_sequence_stay_as_they_are(small: Reference) -> None:
    rows = [
        ("20", 3, "G", "<DEL>"),
        ("20", 3, "n", "<DUP>"),
        ("20", 4, "T", "*"),
        ("20", 4, "T", "]20:9]T"),
        ("20", 5, "T", "."),
        ("20", 8, "N", "<NON_REF>"),
        ("GL000191.1", 9, "CTT", "CT"),
    ]
    table = table_of(rows)
    found = normalise(table, small).sites
    assert found["key"].null_count() == len(rows)
    assert found["moved"].to_list() == [False] * len(rows)
    kept = found.select(table.sites.columns)
    assert kept.equals(table.sites.with_columns(ref=table.sites["ref"].str.to_uppercase()))
    assert with_keys(table).sites.equals(found)


def test_letter_case_and_ambiguous_bases_of_the_reference(small: Reference) -> None:
    rows = [
        ("chr20", 2, "c", "t"),
        ("20", 7, "tG", "Tgg"),
        ("20", 14, "R", "T"),
        ("20", 14, "A", "T"),
        ("20", 14, "g", "T"),
        ("20", 11, "N", "A"),
        ("20", 11, "A", "C"),
    ]
    found = normalise(table_of(rows), small)
    assert alleles_of(found) == [
        (2, "C", "T"),
        (7, "T", "TG"),
        (14, "R", "T"),
        (14, "A", "T"),
        (14, "G", "T"),
        (11, "N", "A"),
        (11, "A", "C"),
    ]
    assert found.sites["moved"].to_list() == [False, True, False, False, False, False, False]


@pytest.mark.parametrize(
    ("row", "code", "words"),
    [
        (("20", 2, "G", "T"), "ref_mismatch", "REF G differs from C at 20:2"),
        (("20", 2, "CA", "C"), "ref_mismatch", "REF CA differs from CG at 20:2"),
        (("20", 2, "N", "T"), "ref_mismatch", "REF N differs from C"),
        (("20", 14, "C", "T"), "ref_mismatch", "REF C differs from R"),
        (("20", 2, "G", "."), "ref_mismatch", "REF G differs from C"),
        (("20", 2, "G", "*"), "ref_mismatch", "REF G differs from C"),
        (("20", 26, "CC", "C"), "beyond_reference", "holds 26 bases, a part of 20 only"),
        (("20", 27, "C", "."), "beyond_reference", "20:27 with 1 bases"),
        (("20", 0, "N", "A"), "beyond_reference", "20:0"),
        (("21", 1, "A", "C"), "contig_not_in_reference", "does not hold 21; it holds 20, MT"),
        (("20", 2, "C", "c"), "alt_equals_ref", "ALT is the same as REF"),
    ],
)
def test_what_contradicts_the_reference_is_named(small: Reference, row: Row, code: str, words: str) -> None:
    right = [("20", 1, "A", "C"), ("MT", 1, "G", "C"), ("20", 8, "G", "C")]
    with pytest.raises(InputError, match=words) as caught:
        normalise(table_of([*right, row, row]).take(np.array([4, 3, 2, 1, 0])), small)
    assert (caught.value.code, caught.value.line) == (code, 14)


def test_many_mismatches_point_to_the_build(small: Reference) -> None:
    right, wrong = ("20", 1, "A", "C"), ("20", 1, "C", "A")
    with pytest.raises(InputError, match=r"2 of 4 records differ.*Is GRCh37 the right build"):
        normalise(table_of([right, right, wrong, wrong]), small)
    with pytest.raises(InputError, match=r"3 of 4 records differ.*probably the wrong build"):
        normalise(table_of([right, wrong, wrong, wrong]), small)
    with pytest.raises(InputError) as caught:
        normalise(table_of([right], build=Build.GRCH38), small)
    assert caught.value.code == "build_mismatch"
    assert normalise(table_of([right], build=None), small).build is Build.GRCH37


def test_without_a_reference_alleles_are_trimmed_only(rows: list[Row], reference: Reference) -> None:
    found = with_keys(table_of(rows))
    assert alleles_of(found) == [trimmed(*row[1:]) for row in rows]
    assert normalise(found, reference).sites["key"].equals(normalise(table_of(rows), reference).sites["key"])
    assert with_keys(found).sites.equals(found.sites)


@pytest.mark.parametrize("position", [0, 2**28])
def test_positions_without_a_key_are_named(position: int) -> None:
    with pytest.raises(InputError) as caught:
        with_keys(table_of([("1", 5, "A", "C"), ("1", position, "A", "C")]))
    assert (caught.value.code, caught.value.line) == ("position_out_of_range", 12)


def test_an_allele_written_twice_is_found(small: Reference) -> None:
    rows = [
        ("20", 4, "T", "TT"),
        ("20", 1, "A", "C"),
        ("20", 7, "T", "TT"),
        ("20", 2, "C", "<DEL>"),
        ("20", 2, "C", "<DEL>"),
        ("20", 3, "GT", "GTT"),
        ("20", 1, "A", "T"),
    ]
    found = normalise(table_of(rows), small)
    key = found.sites["key"][0]
    assert duplicate_rows(found).rows() == [(2, 13, 11, key), (5, 16, 11, key)]
    assert duplicate_rows(with_keys(table_of(rows))).is_empty()


def test_an_empty_table_stays_empty(small: Reference) -> None:
    found = normalise(table_of([]), small)
    assert len(found) == 0
    assert found.sites.schema["key"] == pl.UInt64
    assert duplicate_rows(found).is_empty()


@pytest.mark.parametrize("name", ["phased_300.vcf.gz", "unphased_203.vcf.gz"])
def test_real_records_agree_with_the_reference(shared_reference: Reference, name: str) -> None:
    table = read_whole_vcf(shared_data("genotypes", "1000g-chr20-grch37", name), samples=[])
    assert table.sites["record"].n_unique() == 24_990
    found = normalise(table, shared_reference)
    assert found.sites["key"].null_count() == 0
    shifted = table.sites.with_columns(pl.col("position") + 1)
    with pytest.raises(InputError, match=r"of 24,990 records differ.*probably the wrong build"):
        normalise(replace(table, sites=shifted), shared_reference)


@pytest.mark.skipif(shutil.which("bcftools") is None, reason="bcftools is not installed")
def test_bcftools_norm_agrees_on_real_records(shared_reference: Reference) -> None:
    source = shared_data("genotypes", "1000g-chr20-grch37", "phased_300.vcf.gz")
    view = subprocess.run(["bcftools", "view", "-G", str(source)], check=True, capture_output=True).stdout
    command = ["bcftools", "norm", "-m-", "-c", "e", "-f", str(shared_reference.fasta), "-"]
    out = subprocess.run(command, input=view, check=True, capture_output=True, text=False).stdout.decode()
    theirs = [
        (int(fields[1]), fields[3], fields[4])
        for fields in (line.split("\t") for line in out.splitlines() if not line.startswith("#"))
    ]
    ours = alleles_of(normalise(read_whole_vcf(source, samples=[]), shared_reference))
    assert sorted(ours) == sorted(theirs)
