from __future__ import annotations

import gzip
import json
import os
import subprocess
import sys
from pathlib import Path
from threading import Thread

import numpy as np
import pysam
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from shared_data import shared_data
from varde.genome import vcf_lines
from varde.genome.builds import Build
from varde.genome.errors import InputError
from varde.genome.records import SITE_SCHEMA, AlleleKind
from varde.genome.tests.slow_vcf import slow_rows, slow_rows_of, table_rows
from varde.genome.vcf import read_header, read_vcf, read_whole_vcf

HEADER = """##fileformat=VCFv4.2
##FILTER=<ID=q10,Description="Quality, below 10">
##contig=<ID=chr20,length=64444167>
##contig=<ID=chrX>
##contig=<ID=chrUn_1,length=100>
##INFO=<ID=END,Number=1,Type=Integer,Description="End">
##FORMAT=<ID=GT,Number=1,Type=String,Description="Genotype">
##FORMAT=<ID=AD,Number=R,Type=Integer,Description="Depths">
##FORMAT=<ID=DP,Number=1,Type=Integer,Description="Depth">
##FORMAT=<ID=GQ,Number=1,Type=Integer,Description="Quality">
##FORMAT=<ID=PL,Number=G,Type=Integer,Description="Likelihoods">
##FORMAT=<ID=PS,Number=1,Type=Integer,Description="Phase set">
##FORMAT=<ID=PID,Number=1,Type=String,Description="Physical phase">
##FORMAT=<ID=PGT,Number=1,Type=String,Description="Physical phase genotype">
"""
COLUMN_LINE = "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\tchild\tmother\n"


def vcf_text(*records: str, columns: str = COLUMN_LINE) -> str:
    return HEADER + columns + "".join(record.replace(" ", "\t") + "\n" for record in records)


def write(folder: Path, text: str, name: str = "a.vcf") -> Path:
    path = folder / name
    path.write_bytes(text.encode())
    return path


EDGES = vcf_text(
    "chr20 100 rs1 A T 50 PASS . GT:AD:DP:GQ 0/1:10,12:22:99 0|0:9,0:9:.",
    "chr20 100 . ac g,A,act,tt . q10;s50 END=200 GT:AD:DP:GQ:PL 1/2:1,2,3,4,5:15:40:0,1,2 3|4:0,0,0,8,9:17:41.9",
    "chr20 101 . A T . . . GT 1 0",
    "chr20 102 . A T . . . GT ./1 1|.",
    "chr20 103 . A T . . . GT . ./.",
    "chr20 104 . A T . . . GT |1 /0|1",
    "chr20 105 . A T,C,G,AA,AC,AG,AT,CA,CC,CG,CT . . . GT 10/11 9|2",
    "chr20 106 . A T . . . DP:GT 7:0/1 .:1/1",
    "chr20 107 . A T . . . AD:DP 1,2:3 .",
    "chr20 108 . A T . . . GT:AD:DP:GQ:PL 0/1 0/1:1,1",
    "chr20 109 . A T . . . GT:AD:DP:GQ 0/1:.:.:. 0/1:.,.:.:.",
    "chr20 110 . A T . . . GT:AD 0/1:5 0/1:5,6,7",
    "chr20 111 . A T . . . GT:AD:GQ 0/1::1.5e+01 0/1:3,.:1e-1",
    "chr20 112 . A T . . . GT:PS 0|1:112 1|0:.",
    "chr20 113 . A T . . . GT:PGT:PID 0/1:1|0:100_A_T 0/1:0|1:100_A_T",
    "chr20 114 . A T,G . . . GT:PGT:PID:PS 1/2:0|1:100_A_T:9 0/2:1|0:100_A_T:.",
    "chr20 115 . A T . . . GT:PGT:PID 0|1:1|0:100_A_T 1/1:1|1:100_A_T",
    "chr20 116 . A T . . . GT:PGT:PID 0/1:.:. ./1:1|0:100_A_T",
    "chr20 120 . A <NON_REF> . . END=150 GT:DP:GQ 0/0:30:80 0/0:31:81",
    "chr20 151 . A . . PASS DP=3;END=160;X=1 GT:DP 0/0:30 0/0:31",
    "chr20 161 . A . . PASS WEND=200;END2=9;X . . .",
    "chr20 162 . A <*> 0 . END=170 GT:AD 0/0:3,0 ./.:0,0",
    "chr20 171 . A G,<NON_REF> . . . GT:AD:DP:GQ 0/1:10,9,1:20:50 0/0:20,0,0:20:60",
    "chr20 172 . ACCCCCCCCCCCCCCCCCCCG A,* . . . GT:AD 1/2:1,2,3 0/2:4,5,6",
    "chr20 173 sv1 N <DEL> . . SVTYPE=DEL;END=500 GT 0/1 0/0",
    "chr20 174 sv2 N N[chrX:77[ . . SVTYPE=BND;END=500 GT 0/1 0/0",
    "chr20 175 sv3 N ]chrX:77]N,N.,.NA,<INS:ME:ALU> . . END=176 GT 0/4 2/3",
    "chr20 176 . R Y . . . GT 0/1 0/0",
    "chr20 177 . A A . . . GT 0/1 0/0",
    "chr20 178 . ATG ATC,CTG,CTC,TTGA . . . GT 1/2 3/4",
    "chrX 5 a;b A T . averyveryverylongfiltername . GT 1 0/1",
    "chrX 6 averyveryverylongidentifier A T . averyveryverylongfiltername . GT 1 0/1",
    "chrUn_1 6 . A T . PASS . GT 1/1 0/1",
    "chrUn_veryverylongname 6 . A T . PASS . GT 1/1 0/1",
    "chrUn_veryverylongname 7 . A T . PASS . GT 1/1 0/1",
    "chr20 1 . A T . PASS . GT 1/1 0/1",
)


def test_every_edge_reads_as_the_slow_reader_reads_it(tmp_path):
    table = read_whole_vcf(write(tmp_path, EDGES))
    assert table_rows(table) == slow_rows(EDGES)
    assert table.sites.schema == SITE_SCHEMA
    assert table.samples == ("child", "mother")
    assert table.build is Build.GRCH38


def test_the_slow_reader_itself_reads_known_rows(tmp_path):
    rows = table_rows(read_whole_vcf(write(tmp_path, EDGES)))
    first, second, third = rows[:3]
    assert first == (
        *(16, 0, 1, 1, 20, "chr20", 100, 100, "rs1", "A", "T", "PASS", int(AlleleKind.SNV)),
        (0, 1, False, -1, 10, 12, 22, 99),
        (0, 0, True, -1, 9, 0, 9, -1),
    )
    assert second[2:] == (
        *(1, 4, 20, "chr20", 100, 101, ".", "AC", "G", "q10;s50", int(AlleleKind.DELINS)),
        (1, 2, False, -1, 1, 2, 15, 40),
        (2, 2, True, -1, 0, 0, 17, 41),
    )
    assert third[10:] == (
        *("A", "q10;s50", int(AlleleKind.DELETION)),
        (2, 1, False, -1, 1, 3, 15, 40),
        (2, 2, True, -1, 0, 0, 17, 41),
    )
    by_position = {row[6]: row for row in rows}
    assert by_position[101][13:] == ((1, -2, False, -1, -1, -1, -1, -1), (0, -2, False, -1, -1, -1, -1, -1))
    assert by_position[103][13:] == ((-1, -1, False, -1, -1, -1, -1, -1),) * 2
    assert by_position[113][13:] == ((1, 0, True, 100, -1, -1, -1, -1), (0, 1, True, 100, -1, -1, -1, -1))
    assert by_position[120][7] == 150
    assert by_position[151][7] == 160
    assert by_position[161][7] == 161


@pytest.mark.parametrize("window", [16, 100, 1000])
@pytest.mark.parametrize("batch_records", [1, 2, 7, 1000])
def test_batches_and_windows_of_every_size_give_the_same_rows(tmp_path, monkeypatch, window, batch_records):
    monkeypatch.setattr(vcf_lines, "WINDOW_BYTES", window)
    counts: list[int] = []
    tables = list(read_vcf(write(tmp_path, EDGES), batch_records=batch_records, progress=counts.append))
    assert [row for table in tables for row in table_rows(table)] == slow_rows(EDGES)
    assert all(len(set(table.sites["record"])) <= batch_records for table in tables)
    assert counts[-1] == EDGES.count("\n") - HEADER.count("\n") - 1
    assert counts == sorted(counts)


def test_line_ends_of_windows_blank_last_lines_and_a_missing_last_line_end(tmp_path):
    expected = slow_rows(EDGES)
    for text in (EDGES.replace("\n", "\r\n"), EDGES + "\n\n", EDGES.removesuffix("\n"), EDGES + "\r\n"):
        assert table_rows(read_whole_vcf(write(tmp_path, text))) == expected


def test_gzip_of_several_members_bgzip_and_plain_are_the_same(tmp_path):
    expected = slow_rows(EDGES)
    raw = EDGES.encode()
    plain = write(tmp_path, EDGES)
    many = tmp_path / "many.vcf.gz"
    many.write_bytes(gzip.compress(raw[:700]) + gzip.compress(raw[700:1500]) + gzip.compress(raw[1500:]))
    pysam.tabix_compress(str(plain), str(tmp_path / "b.vcf.gz"))
    for path in (plain, many, tmp_path / "b.vcf.gz"):
        assert table_rows(read_whole_vcf(path)) == expected


def test_chosen_samples_come_in_the_order_asked_for(tmp_path):
    path = write(tmp_path, EDGES)
    whole = read_whole_vcf(path)
    for names in (["mother", "child"], ["mother"], []):
        chosen = read_whole_vcf(path, samples=names)
        assert table_rows(chosen) == table_rows(whole.select_samples(names))
        assert chosen.samples == tuple(names)


def test_sites_only_and_a_format_without_samples(tmp_path):
    bare = vcf_text("chr20 9 . A T . . .", columns=COLUMN_LINE.replace("\tFORMAT\tchild\tmother", ""))
    assert table_rows(read_whole_vcf(write(tmp_path, bare))) == slow_rows(bare)
    no_one = vcf_text("chr20 9 . A T . . . GT", columns=COLUMN_LINE.replace("\tchild\tmother", ""))
    assert table_rows(read_whole_vcf(write(tmp_path, no_one))) == slow_rows(no_one)


def test_a_header_alone_gives_one_empty_table_with_its_samples(tmp_path):
    tables = list(read_vcf(write(tmp_path, vcf_text())))
    assert [len(table) for table in tables] == [0]
    assert tables[0].samples == ("child", "mother")
    assert tables[0].build is Build.GRCH38
    assert tables[0].sites.schema == SITE_SCHEMA


def test_a_record_with_more_alternates_than_a_batch_has_room_for(tmp_path):
    alternates = ["C" * length for length in range(2, 3000)]
    text = vcf_text(f"chr20 9 . A {','.join(alternates)} . . . GT 1/2998 0/17", "chr20 10 . A T . . . GT 0/1 0/0")
    tables = list(read_vcf(write(tmp_path, text), batch_records=1))
    assert [row for table in tables for row in table_rows(table)] == slow_rows(text)


def test_a_line_longer_than_the_window_and_a_contig_name_of_a_megabyte(tmp_path):
    long = "x" * (9 << 20)
    text = vcf_text(f"chr20 9 . A T . . NOTE={long} GT 0/1 0/0", f"{long[: 1 << 20]} 10 . A T . . . GT 0/1 1/1")
    assert table_rows(read_whole_vcf(write(tmp_path, text))) == slow_rows(text)


def test_depths_that_are_not_one_per_allele_by_the_header_are_not_read(tmp_path):
    text = vcf_text("chr20 9 . A . . . . GT:AD 0/0:28 0/0:0").replace("ID=AD,Number=R", "ID=AD,Number=1")
    table = read_whole_vcf(write(tmp_path, text))
    assert table.depth_ref.tolist() == [[-1, -1]]
    counted = read_whole_vcf(write(tmp_path, text.replace("ID=AD,Number=1", "ID=AD,Number=.")))
    assert counted.depth_ref.tolist() == [[28, 0]]


def test_the_mitochondrion_of_hg19_is_not_mt(tmp_path):
    text = vcf_text("chrM 9 . A T . . . GT 1 1", "chr20 9 . A T . . . GT 1 1").replace(
        "##contig=<ID=chr20,length=64444167>", "##contig=<ID=chr20,length=63025520>\n##contig=<ID=chrM,length=16571>"
    )
    table = read_whole_vcf(write(tmp_path, text))
    assert (table.build, table.sites["contig"].to_list()) == (Build.GRCH37, [0, 20])
    cambridge = read_whole_vcf(write(tmp_path, text.replace("16571", "16569")))
    assert cambridge.sites["contig"].to_list() == [25, 20]


def test_the_header_tells_samples_contigs_filters_and_build(tmp_path):
    header = read_header(write(tmp_path, EDGES))
    assert header.samples == ("child", "mother")
    assert header.contigs == {"chr20": 64444167, "chrX": None, "chrUn_1": 100}
    assert header.filters == {"q10": "Quality, below 10"}
    assert header.build is Build.GRCH38
    assert header.text == HEADER + COLUMN_LINE.strip()


# Small random files.

BASES = st.text("ACGTacgtN", min_size=1, max_size=15)
ALTS = st.one_of(BASES, st.sampled_from(["*", "<DEL>", "<NON_REF>", "<*>", "A[chr20:7[", "]chrX:9]AC", "G."]))
NUMBER = st.one_of(st.just("."), st.integers(0, 2**31 - 1).map(str), st.floats(0, 1e4).map(lambda x: f"{x:.2f}"))
NAMES = st.text("abcÅ_-:.;", min_size=1, max_size=20)


@st.composite
def genotype(draw, alternates):
    allele = st.one_of(st.just("."), st.integers(0, alternates).map(str))
    return draw(st.sampled_from("/|")).join(draw(st.lists(allele, min_size=1, max_size=2)))


@st.composite
def sample(draw, keys, alternates):
    makers = {
        "GT": genotype(alternates),
        "AD": st.lists(st.one_of(st.just("."), st.integers(0, 9999).map(str)), min_size=1, max_size=alternates + 2).map(
            ",".join
        ),
        "DP": NUMBER,
        "GQ": NUMBER,
        "PS": st.one_of(st.just("."), st.integers(1, 10**8).map(str)),
        "PID": st.one_of(st.just("."), st.integers(1, 10**8).map(lambda x: f"{x}_A_T")),
        "PGT": st.sampled_from([".", "0|1", "1|0", "1|1", "0/1"]),
        "XX": st.text("01,./|", min_size=1, max_size=9),
    }
    values = [draw(makers[key]) for key in keys]
    return ":".join(values[: draw(st.integers(1, len(values)))])


@st.composite
def record(draw, samples):
    alts = draw(st.one_of(st.just([]), st.lists(ALTS, min_size=1, max_size=12)))
    ref, position = draw(BASES), draw(st.integers(1, 60_000_000))
    info = draw(st.lists(st.sampled_from(["DP=3", "FLAG", "X=END=3", f"END={position + 70}", "BEND=1"]), unique=True))
    keys = draw(
        st.lists(
            st.sampled_from(["GT", "AD", "DP", "GQ", "PS", "PID", "PGT", "XX"]), min_size=1, max_size=8, unique=True
        )
    )
    fields = [draw(st.sampled_from(["chr20", "20", "chrX", "decoy_with_a_long_name"])), str(position)]
    fields += [draw(NAMES), ref, ",".join(alts) or ".", ".", draw(st.sampled_from(["PASS", ".", "q10;q20", "q" * 13]))]
    fields += [";".join(info) or ".", ":".join(keys)]
    return "\t".join(fields + [draw(sample(keys, len(alts))) for _ in range(samples)])


@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_random_files_read_as_the_slow_reader_reads_them(data, tmp_path, monkeypatch):
    samples = data.draw(st.integers(0, 4))
    names = "".join(f"\ts{i}" for i in range(samples))
    columns = COLUMN_LINE.replace("\tchild\tmother", names)
    records = data.draw(st.lists(record(samples), max_size=8))
    text = HEADER.replace(",length=64444167", "") + columns + "".join(line + "\n" for line in records)
    monkeypatch.setattr(vcf_lines, "WINDOW_BYTES", data.draw(st.sampled_from([32, 333, 8 << 20])))
    raw = text.replace("\n", data.draw(st.sampled_from(["\n", "\r\n"]))).encode()
    path = tmp_path / "random.vcf"
    path.write_bytes(gzip.compress(raw, 1) if data.draw(st.booleans()) else raw)
    table = read_whole_vcf(path, batch_records=data.draw(st.sampled_from([1, 3, 100])))
    assert table_rows(table) == slow_rows(text)


# Real files.

REAL = {
    "ashk-trio": (("trio", "ashkenazi", "ashk-trio.vcf.gz"), 9_940, Build.GRCH37),
    "comphet": (("trio", "ashkenazi", "comphet.vcf.gz"), 14, Build.GRCH37),
    "platinum": (("na12878", "platinum_chr21_b37.vcf.gz"), 65_402, Build.GRCH37),
    "gvcf": (("na12878", "hc_chr21_b37.g.vcf.gz"), 84_085, Build.GRCH37),
    "structural": (("knowledge", "scout-demo", "643594.clinical.SV.vcf.gz"), 19, Build.GRCH37),
    "pharmcat": (("pharmacogenetics", "pharmcat_positions.vcf.gz"), 1_202, Build.GRCH38),
}


@pytest.mark.parametrize("name", REAL)
def test_real_files_read_as_the_slow_reader_reads_them(name):
    parts, records, build = REAL[name]
    table = read_whole_vcf(shared_data(*parts))
    assert table.sites["record"].n_unique() == records
    assert table.build is build
    assert table_rows(table) == slow_rows_of(shared_data(*parts))


def test_three_hundred_people_have_the_genotypes_that_pysam_reads():
    path = shared_data("genotypes", "1000g-chr20-grch37", "phased_300.vcf.gz")
    table = read_whole_vcf(path)
    assert table.genotype.shape == (24_990, 300, 2)
    with pysam.VariantFile(str(path)) as file:
        for row, found in zip(range(0, 24_990, 25), _every(file, 25), strict=True):
            assert table.genotype[row].tolist() == [list(call.allele_indices) for call in found.samples.values()]
            assert table.phased[row].tolist() == [call.phased for call in found.samples.values()]
            assert table.sites.row(row, named=True)["position"] == found.pos


def _every(records, step):
    return (record for number, record in enumerate(records) if number % step == 0)


def test_the_trio_has_the_calls_that_pysam_reads():
    path = shared_data("trio", "ashkenazi", "ashk-trio.vcf.gz")
    table = read_whole_vcf(path)
    rows = iter(range(len(table)))
    physically_phased = 0
    with pysam.VariantFile(str(path)) as file:
        for found in file:
            for allele, alt in enumerate(found.alts, start=1):
                row = next(rows)
                site = table.sites.row(row, named=True)
                assert (site["position"], site["ref"], site["alt"]) == (found.pos, found.ref, alt)
                assert site["filter"] == (";".join(found.filter.keys()) or ".")
                for column, call in enumerate(found.samples.values()):
                    told = [-1 if a is None else a if a == 0 else 1 if a == allele else 2 for a in call.allele_indices]
                    is_physical = call.get("PID") not in (None, ".") and call["PGT"] == "1|0" and not call.phased
                    assert table.genotype[row, column].tolist() == (told[::-1] if is_physical else told)
                    physically_phased += is_physical
                    depths = call.get("AD", (None,))
                    expected = depths if len(depths) == len(found.alts) + 1 else [None] * (allele + 1)
                    assert table.depth_ref[row, column] == (-1 if expected[0] is None else expected[0])
                    assert table.depth_alt[row, column] == (-1 if expected[allele] is None else expected[allele])
                    assert table.depth_x[row, column] == _number(call.get("DP"))
                    assert table.genotype_quality[row, column] == _number(call.get("GQ"))
    assert next(rows, None) is None
    assert physically_phased == 56


def _number(value):
    return -1 if value is None else value


CONFORMANCE = {  # a number of records, or the code of the refusal
    "formatcols": 1,
    "formatmissing": 1,
    "formatmissing-out": 1,
    "index": 621,
    "large_chr": 12,
    "noroundtrip": "bad_format",
    "noroundtrip-out": "bad_format",
    "test-vcf-hdr-in": "bad_genotype",
    "vcf_file": 15,
    "vcf_meta_meta": 1,
}


@pytest.mark.parametrize("name", CONFORMANCE)
def test_the_conformance_files_of_htslib_are_read_or_refused(name):
    path = shared_data("sequencing", "htslib-conformance", f"{name}.vcf")
    expected = CONFORMANCE[name]
    if isinstance(expected, str):
        with pytest.raises(InputError) as caught:
            read_whole_vcf(path)
        assert caught.value.code == expected
        assert caught.value.line is not None
    else:
        table = read_whole_vcf(path)
        assert table.sites["record"].n_unique() == expected
        assert table_rows(table) == slow_rows_of(path)


# BCF and standard input.


def _as_bcf(path: Path, target: Path) -> Path:
    with pysam.VariantFile(str(path)) as file, pysam.VariantFile(str(target), "wb", header=file.header) as out:
        for found in file:
            out.write(found)
    return target


def test_bcf_gives_the_rows_of_its_vcf(tmp_path):
    path = shared_data("trio", "ashkenazi", "ashk-trio.vcf.gz")
    hostile_name = tmp_path / "trio##idx##x.bcf"  # htslib would take what follows ##idx## for an index
    table = read_whole_vcf(_as_bcf(path, tmp_path / "trio.bcf").rename(hostile_name))
    original = read_whole_vcf(path)
    assert [row[1:] for row in table_rows(table)] == [row[1:] for row in table_rows(original)]
    assert (table.samples, table.build) == (original.samples, original.build)


def test_a_bcf_left_in_the_middle_leaves_no_process_behind(tmp_path):
    path = write(tmp_path, vcf_text(*[f"chr20 9 {'x' * 5000} A T . PASS . GT 0/1 0/0"] * 4000))
    reader = read_vcf(_as_bcf(path, tmp_path / "a.bcf"), batch_records=1)
    assert len(next(reader)) == 1
    child = reader.gi_frame.f_locals["source"]._bcf._child
    assert child.poll() is None
    reader.close()
    assert child.returncode is not None


@pytest.mark.parametrize("name", ["a.vcf", "a.bcf"])
def test_a_named_pipe_is_read_once(tmp_path, name):
    text = vcf_text("chr20 9 . A T,G . PASS . GT:AD:DP 0/1:3,4,5:12 1/2:0,1,2:3")
    path = write(tmp_path, text)
    raw = (path if name == "a.vcf" else _as_bcf(path, tmp_path / name)).read_bytes()
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    writer = Thread(target=pipe.write_bytes, args=(raw,))
    writer.start()
    rows = table_rows(read_whole_vcf(pipe))
    writer.join()
    assert [row[1:] for row in rows] == [row[1:] for row in slow_rows(text)]


CHILD = """
import json, sys
from varde.genome.errors import InputError
from varde.genome.vcf import read_whole_vcf
from varde.genome.tests.slow_vcf import table_rows
try:
    print(json.dumps(table_rows(read_whole_vcf("-"))))
except InputError as error:
    print(json.dumps([error.code, error.source]))
"""


def _through_standard_input(data: bytes):
    child = subprocess.run([sys.executable, "-c", CHILD], input=data, capture_output=True, check=True)
    return json.loads(child.stdout)


def test_standard_input_reads_bgzip_and_bcf_and_knows_when_it_is_cut_short(tmp_path):
    text = vcf_text("chr20 9 . A T,G . PASS . GT:AD:DP 0/1:3,4,5:12 1/2:0,1,2:3")
    plain = write(tmp_path, text)
    pysam.tabix_compress(str(plain), str(tmp_path / "b.vcf.gz"))
    bcf = _as_bcf(plain, tmp_path / "c.bcf").read_bytes()
    expected = [[list(item) if isinstance(item, tuple) else item for item in row] for row in slow_rows(text)]
    assert _through_standard_input((tmp_path / "b.vcf.gz").read_bytes()) == expected
    assert [row[1:] for row in _through_standard_input(bcf)] == [row[1:] for row in expected]
    assert _through_standard_input(bcf[:-28]) == ["truncated", "standard input"]


def test_tables_are_read_without_numbers_shared_between_batches(tmp_path):
    tables = list(read_vcf(write(tmp_path, EDGES), batch_records=3))
    before = [table_rows(table) for table in tables]
    tables[0].depth_x[:] = 7
    assert [table_rows(table) for table in tables[1:]] == before[1:]
    assert np.all(tables[0].depth_x == 7)
