from __future__ import annotations

import csv
import gzip

import numpy as np
import pysam
import pytest
from bioutils.assemblies import get_assembly

from shared_data import shared_data
from varde.genome.builds import (
    CONTIGS,
    MT,
    PSEUDOAUTOSOMAL,
    Build,
    X,
    Y,
    build_named,
    build_of_accession,
    build_of_header,
    contig_code,
    contig_codes,
    contig_length,
    contig_lengths,
    in_pseudoautosomal_region,
    refseq_accession,
)
from varde.genome.errors import InputError


@pytest.mark.parametrize("build", Build)
def test_lengths_and_accessions_are_those_of_the_ncbi_assembly_reports(build):
    reported = {sequence["name"]: sequence for sequence in get_assembly(str(build))["sequences"]}
    for code, name in enumerate(CONTIGS[:24], start=1):
        assert contig_length(build, code) == reported[name]["length"]
        assert refseq_accession(build, code) == reported[name]["refseq_ac"]
    assert (contig_length(build, MT), refseq_accession(build, MT)) == (16_569, "NC_012920.1")
    assert contig_lengths(build)[1:].tolist() == [contig_length(build, code) for code in range(1, 26)]


def test_lengths_are_those_of_real_files():
    with gzip.open(shared_data("reference", "ucsc_hg38_chrlengths.tsv.gz"), "rt") as file:
        told = {row["chrom"]: int(row["length"]) for row in csv.DictReader(file, delimiter="\t")}
    assert [contig_length(Build.GRCH38, code) for code in range(1, 25)] == [told[name] for name in CONTIGS[:24]]
    with pysam.VariantFile(str(shared_data("trio", "ashkenazi", "ashk-trio.vcf.gz"))) as file:
        told = {name: contig.length for name, contig in file.header.contigs.items()}
    assert [contig_length(Build.GRCH37, code) for code in range(1, 26)] == [told[name] for name in CONTIGS]


@pytest.mark.parametrize(
    ("name", "code"),
    [
        *(
            ("1", 1),
            ("20", 20),
            ("chr20", 20),
            ("CHR9", 9),
            ("X", 23),
            ("chrY", 24),
            ("MT", 25),
            ("M", 25),
            ("chrM", 25),
        ),
        *(("chrMT", 25), ("NC_000020.10", 20), ("NC_000020.11", 20), ("NC_000024.9", 24), ("NC_012920.1", 25)),
        *(("NC_000020.12", 0), ("NC_000025.1", 0), ("NC_001807.4", 0), ("", 0), ("0", 0), ("23", 0), ("01", 0)),
        *(
            ("chr", 0),
            ("chr1_KI270706v1_random", 0),
            ("GL000207.1", 0),
            ("hs37d5", 0),
            ("20 ", 0),
            ("２０", 0),
            ("MTB_anc", 0),
        ),
    ],
)
def test_contigs_have_one_code_under_every_usual_name(name, code):
    assert contig_code(name) == code
    assert contig_codes([name, "chrX"]).tolist() == [code, 23]


@pytest.mark.parametrize("code", [0, 26, -1])
def test_codes_outside_the_contigs_have_no_length(code):
    with pytest.raises(KeyError):
        contig_length(Build.GRCH38, code)
    with pytest.raises(KeyError):
        refseq_accession(Build.GRCH38, code)


def test_accessions_name_their_build():
    assert build_of_accession("NC_000020.10") is Build.GRCH37
    assert build_of_accession("NC_000020.11") is Build.GRCH38
    assert [build_of_accession(name) for name in ("NC_012920.1", "NC_000020.12", "chr20")] == [None, None, None]


@pytest.mark.parametrize(
    ("text", "build"),
    [
        *(("b37", Build.GRCH37), ("hg19", Build.GRCH37), ("file:///x/human_g1k_v37.fasta", Build.GRCH37)),
        *(("hs37d5", Build.GRCH37), ("GRCh38.p14", Build.GRCH38), ("hg38", Build.GRCH38), ("hs38DH.fa", Build.GRCH38)),
        *(("hg19ToHg38", None), ("lifted from hg19 to hg38", None), ("mm10", None), ("", None), ("hg381", None)),
    ],
)
def test_a_build_is_known_by_its_names(text, build):
    assert build_named(text) is build


def test_a_header_tells_its_build_by_lengths_accessions_or_tags():
    assert build_of_header({"20": 63_025_520}) is Build.GRCH37
    assert build_of_header({"chr20": 64_444_167, "chrUn": 5}) is Build.GRCH38
    assert build_of_header({"NC_000001.11": None}) is Build.GRCH38
    assert build_of_header({"20": None}, ["b37"]) is Build.GRCH37
    assert build_of_header({"1": 249_250_621, "2": 249_250_621}) is Build.GRCH37  # one length is simply wrong
    assert build_of_header({"20": 66_210_255, "MT": 16_569}) is None
    assert build_of_header({"chrM": 16_571}) is None
    assert build_of_header({}) is None


@pytest.mark.parametrize(
    ("lengths", "assemblies"),
    [
        ({"1": 249_250_621, "2": 242_193_529}, ()),
        ({"NC_000001.11": None, "2": 243_199_373}, ()),
        ({"1": 249_250_621}, ("GRCh38",)),
        ({}, ("b37", "GRCh38.p13")),
    ],
)
def test_two_builds_in_a_header_are_refused(lengths, assemblies):
    with pytest.raises(InputError, match="belong to two builds") as caught:
        build_of_header(lengths, assemblies)
    assert caught.value.code == "mixed_build"


@pytest.mark.parametrize("build", Build)
def test_pseudoautosomal_regions_are_of_equal_length_on_x_and_y(build):
    lengths = [[end - start for start, end in PSEUDOAUTOSOMAL[build][code]] for code in (X, Y)]
    assert lengths[0] == lengths[1]
    assert lengths[0][0] in (2_639_520, 2_771_479)


def test_pseudoautosomal_borders_are_the_published_ones():
    borders = {  # 1-based, inclusive
        Build.GRCH37: {
            X: (60_001, 2_699_520, 154_931_044, 155_260_560),
            Y: (10_001, 2_649_520, 59_034_050, 59_363_566),
        },
        Build.GRCH38: {
            X: (10_001, 2_781_479, 155_701_383, 156_030_895),
            Y: (10_001, 2_781_479, 56_887_903, 57_217_415),
        },
    }
    for build, contigs in borders.items():
        for code, (a, b, c, d) in contigs.items():
            position = np.array([a - 1, a, b, b + 1, c - 1, c, d, d + 1], dtype=np.int64)
            expected = [False, True, True, False, False, True, True, False]
            contig = np.full(8, code, dtype=np.uint8)
            assert in_pseudoautosomal_region(build, contig, position).tolist() == expected
            assert not in_pseudoautosomal_region(build, np.full(8, 1, dtype=np.uint8), position).any()
    assert in_pseudoautosomal_region(Build.GRCH37, np.array([], dtype=np.uint8), np.array([], dtype=np.int64)).size == 0


def test_the_first_pseudoautosomal_base_of_x_is_the_first_that_is_sequenced():
    with gzip.open(shared_data("reference", "GRCh37_chrX_1-70Mb.fa.gz"), "rt") as file:
        file.readline()
        sequence = "".join(next(file).strip() for _ in range(1100))
    start = PSEUDOAUTOSOMAL[Build.GRCH37][X][0][0]
    assert set(sequence[:start]) == {"N"}
    assert sequence[start] != "N"
