"""A VCF written in the other build, nothing silent."""

from __future__ import annotations

import gzip
from pathlib import Path

import polars as pl
import pysam
import pytest

from shared_data import shared_data
from varde.genome.builds import Build
from varde.genome.chains import read_chains
from varde.genome.errors import InputError
from varde.genome.lifted_vcf import Lift, lift_vcf
from varde.genome.tests.tables import reference_of
from varde.genome.tests.test_liftover import PLAIN, SIZE37, SIZE38, TURNED, opposite
from varde.genome.vcf import read_header, read_whole_vcf

CONTIG = f"##contig=<ID=chr20,length={SIZE37}>\n"
COLUMNS = "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\tA\n"


def lift(folder: Path, chain: str, *records: str, contig: str = CONTIG, **options: object) -> Lift:
    """Lift records given as ``POS REF ALT INFO GT`` of chr20."""
    rows = [one.split() for one in records]
    lines = [f"chr20\t{pos}\t.\t{ref}\t{alt}\t.\tPASS\t{info}\tGT\t{gt}\n" for pos, ref, alt, info, gt in rows]
    (folder / "in.vcf").write_text("##fileformat=VCFv4.2\n##source=test\n" + contig + COLUMNS + "".join(lines))
    (folder / "made.over.chain").write_text(chain)
    chains = read_chains(folder / "made.over.chain")
    return lift_vcf(folder / "in.vcf", folder / "out.vcf.gz", folder / "rejected.vcf", chains, **options)


def lines_of(path: Path) -> list[str]:
    content = path.read_bytes()
    return (gzip.decompress(content) if path.name.endswith(".gz") else content).decode().splitlines()


def records_of(path: Path) -> list[str]:
    return [" ".join(line.split("\t")[i] for i in (0, 1, 3, 4, 7, 9)) for line in lines_of(path) if line[0] != "#"]


def test_what_lifts_and_what_does_not(tmp_path):
    found = lift(
        tmp_path,
        PLAIN,
        "25 A G,T AC=1,1 1/2",
        "19 A G . 0/1",
        "13 AC A,* END=14;DP=3 0|1",
        "11 A <DEL> END=15 0/1",
        "12 A . END=16 0/0",
        "5 A C DP=9 0/1",
        "14 A C . 1/1",
    )
    assert found == Lift(
        Build.GRCH37, Build.GRCH38, 7, 3, 0, {"gap": 1, "no_chain": 1, "not_sequence": 2}, checked=False
    )
    assert records_of(tmp_path / "out.vcf.gz") == [
        "chr20 113 AC A,* END=114;DP=3;Varde_lifted_from=chr20:13 0|1",
        "chr20 114 A C Varde_lifted_from=chr20:14 1/1",
        "chr20 127 A G,T AC=1,1;Varde_lifted_from=chr20:25 1/2",
    ]
    assert records_of(tmp_path / "rejected.vcf") == [
        "chr20 19 A G Varde_unlifted=gap 0/1",
        "chr20 11 A <DEL> END=15;Varde_unlifted=not_sequence 0/1",
        "chr20 12 A . END=16;Varde_unlifted=not_sequence 0/0",
        "chr20 5 A C DP=9;Varde_unlifted=no_chain 0/1",
    ]
    with pysam.VariantFile(str(tmp_path / "out.vcf.gz")) as vcf:
        assert [one.pos for one in vcf.fetch("chr20", 120, 127)] == [127]
    assert read_header(tmp_path / "out.vcf.gz").build is Build.GRCH38
    assert read_header(tmp_path / "rejected.vcf").build is Build.GRCH37
    assert any(line.startswith("##varde_lift=<from=GRCh37,to=GRCh38") for line in lines_of(tmp_path / "out.vcf.gz"))


def test_turned_records_of_several_alleles(tmp_path):
    """Source 11-30 lies turned at 111-130: an indel beside a substitution keeps one REF for both."""
    piece = "AACCGGTTACACACAGTGTG"
    reference = reference_of(tmp_path, {"20": "C" * 110 + opposite(piece) + "C" * 9}, Build.GRCH38)
    found = lift(tmp_path, TURNED, "19 AC A,TC . 1|2", "11 A G . 0/1", reference=reference)
    assert (found.lifted, found.turned, found.checked) == (2, 2, True)
    assert records_of(tmp_path / "out.vcf.gz") == [
        "chr20 120 TGT TT,TGA Varde_lifted_from=chr20:19;Varde_strand_turned 1|2",
        "chr20 130 T C Varde_lifted_from=chr20:11;Varde_strand_turned 0/1",
    ]


def test_two_places_that_become_one_are_both_rejected(tmp_path):
    twice = PLAIN + f"\nchain 1 chr20 {SIZE37} + 50 60 chr20 {SIZE38} + 110 120 2\n10\n"
    found = lift(tmp_path, twice, "11 A G . 0/1", "51 A G . 0/1", "51 A C . 0/1", "12 A G . 0/1", "12 A G . 0/1")
    assert found.unlifted == {"collision": 2}
    assert [one.split()[1:4] for one in records_of(tmp_path / "out.vcf.gz")] == [
        ["111", "A", "C"],
        ["112", "A", "G"],
        ["112", "A", "G"],
    ]


@pytest.mark.parametrize(
    ("contig", "options", "code"),
    [
        ("", {}, "unknown_build"),
        (CONTIG.replace(str(SIZE37), str(SIZE38)), {}, "wrong_build"),
        (CONTIG, {"source_build": Build.GRCH38}, "wrong_build"),
    ],
)
def test_refused_files_leave_nothing(tmp_path, contig, options, code):
    with pytest.raises(InputError) as refused:
        lift(tmp_path, PLAIN, "11 A G . 0/1", contig=contig, **options)
    assert refused.value.code == code
    assert sorted(path.name for path in tmp_path.iterdir()) == ["in.vcf", "made.over.chain"]


def test_a_bad_record_or_folder_leaves_nothing(tmp_path):
    with pytest.raises(InputError, match="whole number in POS"):
        lift(tmp_path, PLAIN, "11 A G . 0/1", "x A G . 0/1")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["in.vcf", "made.over.chain"]
    chains = read_chains(tmp_path / "made.over.chain")
    with pytest.raises(InputError) as refused:
        lift_vcf(tmp_path / "in.vcf", tmp_path / "none" / "o.vcf.gz", tmp_path / "r.vcf", chains)
    assert refused.value.code == "cannot_write"


def test_pharmacogenes_against_the_same_people_called_anew(tmp_path):
    """Lifted low-coverage calls of 2,504 people beside their GRCh38 calls, which were made anew from other reads."""
    chains = read_chains(shared_data("reference", "hg19ToHg38.over.chain.gz"))
    agreement = {}
    for gene in ("CYP17A1", "CYP26A1", "VKORC1"):
        old = shared_data("genotypes", "1000g-pharmacogenes-grch37", f"{gene}.vcf.gz")
        out = tmp_path / f"{gene}.vcf.gz"
        lift = lift_vcf(old, out, tmp_path / "r.vcf", chains, source_build=Build.GRCH37)
        assert not lift.unlifted
        people = read_header(old).samples
        tables = [
            read_whole_vcf(path, build=Build.GRCH38, samples=people)
            for path in (out, shared_data("genotypes", "1000g-pharmacogenes-grch38", f"{gene}.vcf.gz"))
        ]
        lifted, native = (
            table.sites.select("position", "ref", "alt", ac=pl.Series((table.genotype == 1).sum(axis=(1, 2))))
            for table in tables
        )
        both = lifted.join(native, on=["position", "ref", "alt"], suffix="_native")
        agreement[gene] = (lifted.height, both.height, both.filter(pl.col("ac") == pl.col("ac_native")).height)
    assert agreement == {"CYP17A1": (123, 120, 93), "CYP26A1": (83, 80, 50), "VKORC1": (78, 72, 51)}
