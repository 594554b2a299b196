"""503 people of chromosome 20 through the whole command line: a reference made from FASTA and GFF3, every REF checked,
every site counted as bcftools counts it after its own normalisation."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import polars as pl
import pytest

from shared_data import shared_data
from varde.cli import run
from varde.frequency.lookup import Counts
from varde.genome.references import ReferenceStore

FILES = ("phased_300.vcf.gz", "unphased_203.vcf.gz")
RECORDS = 24_990


def filled_tags(fasta: Path) -> pl.DataFrame:
    """Position, REF, ALT, AC, AN and AC_Hom of every allele that somebody carries, by bcftools."""
    vcfs = [str(shared_data("genotypes", "1000g-chr20-grch37", name)) for name in FILES]
    steps = (
        ["bcftools", "merge", *vcfs, "-Ou"],
        ["bcftools", "norm", "-m-", "-c", "e", "-f", str(fasta), "-Ou"],
        ["bcftools", "+fill-tags", "-Ou", "--", "-t", "AC,AN,AC_Hom"],
        ["bcftools", "query", "-f", r"%POS\t%REF\t%ALT\t%AC\t%AN\t%AC_Hom\n"],
    )
    data = b""
    for step in steps:
        data = subprocess.run(step, input=data, check=True, capture_output=True).stdout
    names = ["position", "ref", "alt", "ac", "an", "ac_hom"]
    found = pl.read_csv(data, separator="\t", has_header=False, new_columns=names)
    assert found.height == RECORDS  # fill-tags stops without a word where the header lacks a contig
    return found.filter(pl.col("ac") > 0)


@pytest.mark.skipif(shutil.which("bcftools") is None, reason="bcftools is not installed")
def test_counts_by_a_stored_reference_equal_bcftools(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("VARDE_REFERENCES", str(tmp_path / "references"))
    fasta = [str(shared_data("reference", f"GRCh37_chr{name}.fa.gz")) for name in ("20", "X_1-70Mb")]
    genes = str(shared_data("reference", "mane_on_grch37_chr20_chrX.gff3.gz"))
    add = ["reference", "add", "--fasta", fasta[0], "--fasta", fasta[1], "--gff3", genes]
    assert run([*add, "--build", "GRCh37", "--name", "shared"]) == 0, capsys.readouterr().err
    capsys.readouterr()

    vcfs = [word for name in FILES for word in ("--vcf", str(shared_data("genotypes", "1000g-chr20-grch37", name)))]
    count = ["count", *vcfs, "--reference", "shared", "--gate", "none", "--out", str(tmp_path / "counts"), "--json"]
    assert run(count) == 0, capsys.readouterr().err  # a single REF that differs would be refused
    told = json.loads(capsys.readouterr().out)
    assert (told["people"]["total"], told["reference"]["name"]) == (503, "shared")
    assert [file["records_read"] for file in told["files"].values()] == [RECORDS, RECORDS]

    theirs = filled_tags(ReferenceStore(tmp_path / "references").get("shared").fasta).sort("position", "ref", "alt")
    sites = Counts(tmp_path / "counts").sites.filter(pl.col("ac") > 0)
    ours = sites.select("position", "ref", "alt", "ac", "an", ac_hom=2 * pl.col("nhomalt")).cast(
        dict.fromkeys(("position", "ac", "an", "ac_hom"), pl.Int64)
    )
    assert ours.sort("position", "ref", "alt").equals(theirs)
