"""Files that are refused: each with its code, its line and its field, whatever the reader had given before."""

from __future__ import annotations

import gzip
from pathlib import Path

import pysam
import pytest

from shared_data import shared_data
from varde.genome import vcf, vcf_lines
from varde.genome.builds import Build
from varde.genome.errors import InputError
from varde.genome.tests.test_vcf import COLUMN_LINE, HEADER, vcf_text, write
from varde.genome.vcf import read_header, read_vcf, read_whole_vcf

GOOD = "chr20 9 . A T 50 PASS . GT:AD:DP 0/1:1,2:3 0/0:3,0:3"
FIRST = HEADER.count("\n") + 2  # line of the first record


def refusal(path: Path, **options) -> InputError:
    with pytest.raises(InputError) as caught:
        read_whole_vcf(path, **options)
    assert caught.value.source == path.name
    assert str(path.parent) not in str(caught.value)
    return caught.value


def second(old: str, new: str) -> str:
    """A good record, and a copy of it in which something is changed."""
    assert old in GOOD
    return vcf_text(GOOD, GOOD.replace(old, new, 1))


RECORDS = {
    "a column too few": (second(" 0/0:3,0:3", ""), "bad_columns", None),
    "a column too many": (second("3,0:3", "3,0:3 0/0"), "bad_columns", None),
    "no samples at all": (second(" GT:AD:DP 0/1:1,2:3 0/0:3,0:3", ""), "bad_columns", None),
    "five columns": (second(" 50 PASS . GT:AD:DP 0/1:1,2:3 0/0:3,0:3", ""), "bad_columns", None),
    "a lone word": (vcf_text(GOOD, "word"), "bad_columns", None),
    "spaces for tabs": (vcf_text(GOOD) + GOOD + "\n", "bad_columns", None),
    "position is text": (second(" 9 ", " x "), "bad_position", "POS"),
    "position is negative": (second(" 9 ", " -9 "), "bad_position", "POS"),
    "position is empty": (second(" 9 ", "  "), "bad_position", "POS"),
    "position is too high": (second(" 9 ", " 2147483648 "), "bad_position", "POS"),
    "position wraps round": (second(" 9 ", " 18446744073709551625 "), "bad_position", "POS"),
    "REF is no base": (second(" A T", " A1 T"), "bad_allele", "REF"),
    "REF is missing": (second(" A T", " . T"), "bad_allele", "REF"),
    "ALT is no base": (second(" A T", " A Q,T"), "bad_allele", "ALT"),
    "ALT has an empty allele": (second(" A T", " A T,"), "bad_allele", "ALT"),
    "ALT has a missing allele": (second(" A T", " A T,."), "bad_allele", "ALT"),
    "ALT symbol is open": (second(" A T", " A <DEL"), "bad_allele", "ALT"),
    "empty CHROM": (second("chr20 ", " "), "empty_field", "CHROM"),
    "empty ID": (second(" 9 . A", " 9  A"), "empty_field", "ID"),
    "empty REF": (second(" A T", "  T"), "empty_field", "REF"),
    "empty ALT": (second(" A T", " A "), "empty_field", "ALT"),
    "empty INFO": (second(" PASS . GT", " PASS  GT"), "empty_field", "INFO"),
    "empty FORMAT": (second(" GT:AD:DP", " "), "empty_field", "FORMAT"),
    "empty sample": (second(" 0/1:1,2:3", " "), "empty_field", "sample child, GT"),
    "genotype is text": (second(" 0/1:", " het:"), "bad_genotype", "sample child, GT"),
    "genotype ends in a separator": (second(" 0/1:", " 0/:"), "bad_genotype", "sample child, GT"),
    "genotype is empty": (second(" 0/1:", " :"), "bad_genotype", "sample child, GT"),
    "allele beyond ALT": (second(" 0/0:", " 0/2:"), "bad_genotype", "sample mother, GT"),
    "allele wraps round": (second(" 0/0:", " 0/18446744073709551617:"), "bad_genotype", "sample mother, GT"),
    "allele without ALT": (second(" A T", " A ."), "bad_genotype", "sample child, GT"),
    "three alleles": (second(" 0/0:", " 0/0/1:"), "bad_ploidy", "sample mother, GT"),
    "depth is text": (second("2:3 ", "2:x "), "bad_number", "sample child, DP"),
    "depth is negative": (second("2:3 ", "2:-3 "), "bad_number", "sample child, DP"),
    "depth is too high": (second("2:3 ", "2:2147483648 "), "bad_number", "sample child, DP"),
    "depth is enormous": (second("2:3 ", "2:1e999 "), "bad_number", "sample child, DP"),
    "depth ends in letters": (second("2:3 ", "2:3x "), "bad_number", "sample child, DP"),
    "allele depth is text": (second(" 0/0:3,0", " 0/0:3,x"), "bad_number", "sample mother, AD"),
    "allele depth is too high": (second(" 0/0:3,0", " 0/0:3,2147483648"), "bad_number", "sample mother, AD"),
    "a value too many": (second("2:3 ", "2:3:4 "), "bad_format", "sample child, DP"),
    "a field twice": (second("GT:AD:DP", "GT:DP:DP"), "bad_format", "FORMAT"),
    "a thousand fields": (second("GT:AD:DP", "GT" + ":X" * 999), "bad_format", "FORMAT"),
    "END before POS": (vcf_text(GOOD, "chr20 9 . N <DEL> . . END=8 GT 0/1 0/0"), "bad_end", "INFO/END"),
    "END is text": (vcf_text(GOOD, "chr20 9 . N <DEL> . . X;END=a;Y GT 0/1 0/0"), "bad_end", "INFO/END"),
    "a second header": (vcf_text(GOOD) + "##fileformat=VCFv4.2\n", "second_header", None),
    "beyond the contig": (second(" 9 ", " 64444169 "), "wrong_build", "POS"),
    "a carriage return inside": (second("PASS", "PA\rSS"), "bad_columns", None),
    "a control character": (second("PASS", "PA\x01SS"), "encoding", None),
}


@pytest.mark.parametrize("name", RECORDS)
@pytest.mark.parametrize("window", [64, 8 << 20])
def test_a_bad_record_is_refused_with_its_line_and_field(tmp_path, monkeypatch, name, window):
    text, code, field = RECORDS[name]
    monkeypatch.setattr(vcf_lines, "WINDOW_BYTES", window)
    error = refusal(write(tmp_path, text))
    assert (error.code, error.line, error.field) == (code, FIRST + 1, field)


def test_a_genotype_only_record_is_held_to_the_same_rules(tmp_path):
    for genotypes, code, field in (
        ("0/1 0/2", "bad_genotype", "sample mother, GT"),
        ("2|0 0/0", "bad_genotype", "sample child, GT"),
        ("0/1/1 0/0", "bad_ploidy", "sample child, GT"),
        ("0/1:3 0/0", "bad_format", "sample child, GT"),
        ("0/1  0/0", "empty_field", "sample mother, GT"),
        ("0/1", "bad_columns", None),
        ("0/1 0/0 0/0", "bad_columns", None),
    ):
        error = refusal(
            write(tmp_path, vcf_text("chr20 9 . A T . . . GT 0/1 0/1", f"chr20 9 . A T . . . GT {genotypes}"))
        )
        assert (error.code, error.line, error.field) == (code, FIRST + 1, field), genotypes


def test_the_message_shows_the_value_and_what_to_do(tmp_path):
    error = refusal(write(tmp_path, second(" 0/0:", " 0/7:")), build=Build.GRCH38)
    assert str(error) == (
        f"a.vcf, line {FIRST + 1}, sample mother, GT: GT '0/7' names an allele that the record does not have. "
        "Correct the record, or write the file anew with the program that called the variants."
    )


@pytest.mark.parametrize(
    ("raw", "code", "line"),
    [
        (b"", "empty", None),
        (b"\n\n", "no_header", 1),
        (b"chr20\t9\t.\tA\tT\t.\t.\t.\n", "no_header", 1),
        (b"#just a comment\n", "no_header", 1),
        (COLUMN_LINE.encode(), "no_header", 1),
        (HEADER.encode(), "bad_columns", HEADER.count("\n")),
        (b"##fileformat=VCFv3.3\n" + COLUMN_LINE.encode(), "version", 1),
        (b"##fileformat=VCFv4.2\nchr20\t9\n", "bad_columns", 1),
        (b"##fileformat=VCFv4.2\n" + COLUMN_LINE.replace("\t", " ").encode(), "bad_columns", 2),
        (b"##fileformat=VCFv4.2\n" + COLUMN_LINE.replace("FORMAT", "child").encode(), "bad_columns", 2),
        (b"##fileformat=VCFv4.2\n" + COLUMN_LINE.replace("mother", "child").encode(), "duplicate_sample", 2),
        (b"##fileformat=VCFv4.2\n" + COLUMN_LINE.replace("mother", "").encode(), "duplicate_sample", 2),
        (b"##fileformat=VCFv4.2\n##contig=<ID=1,length=many>\n" + COLUMN_LINE.encode(), "bad_header", 2),
        (b"##fileformat=VCFv4.2\n##contig=<ID=1,length=1>\n##contig=<ID=1>\n" + COLUMN_LINE.encode(), "bad_header", 3),
        (b"\xef\xbb\xbf##fileformat=VCFv4.2\n" + COLUMN_LINE.encode(), "encoding", 1),
        (("##fileformat=VCFv4.2\n" + COLUMN_LINE).encode("utf-16"), "encoding", 1),
        (b"##fileformat=VCFv4.2\n##source=sm\xf8rbr\xf8d\n" + COLUMN_LINE.encode(), "encoding", 2),
        (vcf_text("chr20 9 blåbær A T . . . GT 0/1 0/1").encode("latin-1"), "encoding", FIRST),
        (vcf_text(GOOD, "chr20 9 r\0 A T . . . GT 0/1 0/1").encode(), "encoding", FIRST + 1),
        (b"\x1f\x8b\x09 no gzip at all, whatever its first two bytes say", "corrupt", None),
        (b"BCF\x02\x02 no bcf at all", "bad_bcf", None),
        (b"PK\x03\x04" + bytes(100), "encoding", 1),
        (b"%PDF-1.7\n", "no_header", 1),
    ],
)
def test_what_is_no_vcf_is_refused(tmp_path, raw, code, line):
    path = tmp_path / "a.vcf"
    path.write_bytes(raw)
    error = refusal(path)
    assert (error.code, error.line) == (code, line)


def test_folders_and_missing_files_are_refused(tmp_path):
    assert refusal(tmp_path / "none.vcf").code == "not_found"
    assert refusal(tmp_path).code == "not_found"


def compressed(tmp_path: Path, text: str) -> bytes:
    pysam.tabix_compress(str(write(tmp_path, text)), str(tmp_path / "a.vcf.gz"), force=True)
    return (tmp_path / "a.vcf.gz").read_bytes()


def test_compressed_files_cut_anywhere_are_refused(tmp_path):
    raw = compressed(tmp_path, vcf_text(*[GOOD] * 5000))
    path = tmp_path / "cut.vcf.gz"
    for size in (1, 2, 10, 17, 18, 27, 28, 29, 40, len(raw) // 2):
        path.write_bytes(raw[:-size])
        assert refusal(path).code == "truncated", size
    for size in (3, 10, 18, 30, 1000):
        path.write_bytes(raw[:size])
        assert refusal(path).code == "truncated", size
    single = gzip.compress(vcf_text(*[GOOD] * 5000).encode())
    for size in (1, 8, 9, len(single) // 2):
        path.write_bytes(single[:-size])
        assert refusal(path).code == "truncated", size


def test_a_real_file_cut_between_two_blocks_is_refused(tmp_path):
    raw = shared_data("trio", "ashkenazi", "ashk-trio.vcf.gz").read_bytes()
    path = tmp_path / "cut.vcf.gz"
    path.write_bytes(raw[: raw.rindex(b"\x1f\x8b\x08\x04", 0, len(raw) - 28)])
    assert refusal(path).code == "truncated"


def test_changed_bytes_and_trailing_rubbish_are_refused(tmp_path):
    raw = compressed(tmp_path, vcf_text(*[GOOD] * 5000))
    path = tmp_path / "changed.vcf.gz"
    for place in range(40, len(raw) - 28, 97):
        changed = bytearray(raw)
        changed[place] ^= 0x10
        path.write_bytes(changed)
        assert refusal(path).code in ("corrupt", "truncated"), place
    path.write_bytes(raw + b"more")
    assert refusal(path).code in ("corrupt", "truncated")


def test_a_damaged_bcf_is_refused(tmp_path):
    bcf = tmp_path / "a.bcf"
    with (
        pysam.VariantFile(str(write(tmp_path, vcf_text(*[GOOD] * 20_000)))) as file,
        pysam.VariantFile(str(bcf), "wb", header=file.header) as out,
    ):
        for record in file:
            out.write(record)
    raw = bcf.read_bytes()
    bcf.write_bytes(raw[:-28])
    assert refusal(bcf).code == "truncated"
    bcf.write_bytes(raw[: len(raw) // 2])
    assert refusal(bcf).code == "truncated"
    middle = len(raw) // 2
    bcf.write_bytes(raw[:middle] + bytes(20) + raw[middle + 20 :])
    assert refusal(bcf).code == "bad_bcf"


def test_another_build_than_the_expected_is_refused(tmp_path):
    path = write(tmp_path, vcf_text(GOOD))
    error = refusal(path, build=Build.GRCH37)
    assert (error.code, error.field) == ("wrong_build", "##contig")
    assert "GRCh37 is expected" in error.problem
    assert "chr20 has 64,444,167 bases" in error.problem
    assert read_whole_vcf(path, build=Build.GRCH38).build is Build.GRCH38


def test_a_header_of_neither_build_is_refused_only_when_a_build_is_expected(tmp_path):
    path = write(tmp_path, vcf_text(GOOD).replace("64444167", "66210255"))  # T2T-CHM13
    assert read_whole_vcf(path).build is None
    assert refusal(path, build=Build.GRCH38).code == "wrong_build"


def test_a_silent_header_takes_the_expected_build_and_its_lengths(tmp_path):
    silent = vcf_text(GOOD, "chr20 64000000 . A T . . . GT 0/1 0/1").replace(",length=64444167", "")
    path = write(tmp_path, silent)
    assert read_whole_vcf(path).build is None
    assert read_whole_vcf(path, build=Build.GRCH38).build is Build.GRCH38
    error = refusal(path, build=Build.GRCH37)
    assert (error.code, error.line) == ("wrong_build", FIRST + 1)


def test_an_accession_of_another_build_among_the_records_is_refused(tmp_path):
    text = vcf_text(GOOD, GOOD.replace("chr20", "NC_000020.10"))
    error = refusal(write(tmp_path, text))
    assert (error.code, error.line, error.field) == ("wrong_build", FIRST + 1, "CHROM")
    own = read_whole_vcf(write(tmp_path, text.replace("NC_000020.10", "NC_000020.11")))
    assert own.sites["contig"].to_list() == [20, 20]


def test_two_builds_in_one_header_are_refused(tmp_path):
    text = vcf_text(GOOD).replace("##contig=<ID=chrX>", "##contig=<ID=chrX,length=155270560>")
    error = refusal(write(tmp_path, text))
    assert error.code == "mixed_build"
    assert "chrX (155,270,560 bases) is GRCh37" in error.problem


def test_an_unknown_sample_is_refused(tmp_path):
    error = refusal(write(tmp_path, vcf_text(GOOD)), samples=["child", "father"])
    assert error.code == "unknown_sample"
    assert "'father'" in error.problem
    assert "child, mother" in error.problem
    with pytest.raises(ValueError, match="twice"):
        read_whole_vcf(write(tmp_path, vcf_text(GOOD)), samples=["child", "child"])


def test_a_header_reads_though_the_records_are_bad(tmp_path):
    assert read_header(write(tmp_path, vcf_text("rubbish"))).samples == ("child", "mother")


def test_batches_before_the_fault_are_given(tmp_path):
    reader = read_vcf(write(tmp_path, second(" 0/0:", " 0/7:")), batch_records=1)
    assert len(next(reader)) == 1
    with pytest.raises(InputError):
        next(reader)


@pytest.mark.parametrize("count", [32_768, 200_000])
def test_a_record_of_too_many_alleles_is_refused(tmp_path, count):
    path = write(tmp_path, vcf_text(GOOD, GOOD.replace(" A T ", f" A {','.join('T' * count)} ")))
    error = refusal(path)
    assert (error.code, error.line, error.field) == ("too_many_alleles", FIRST + 1, "ALT")


def test_a_file_that_would_fill_the_memory_is_refused_on_the_way(tmp_path, monkeypatch):
    monkeypatch.setattr(vcf, "MOST_ALLELES", 5_000)
    path = tmp_path / "bomb.vcf.gz"
    with pysam.BGZFile(str(path), "w") as file:
        file.write(vcf_text(*[GOOD] * 6_000).encode())
    assert path.stat().st_size < 6_000
    error = refusal(path, batch_records=1_000)
    assert (error.code, error.line) == ("too_many_records", FIRST + 5_999)
    assert sum(len(table) for table in read_vcf(path)) == 6_000
