"""Normalisation against Tan's algorithm written letter by letter, and against bcftools norm."""

from __future__ import annotations

import shutil
import subprocess
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
from varde.genome.references import Reference, ReferenceStore
from varde.genome.tests.tables import Row, alleles_of, reference_of, table_of


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
