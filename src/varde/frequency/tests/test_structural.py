"""Structural calls of a person, and their clusters over many."""

from __future__ import annotations

import random
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared_data import shared_data
from varde.frequency.cells import Cell
from varde.frequency.genotypes import Gate
from varde.frequency.increment import STRUCTURAL
from varde.frequency.structural import StructuralReading, structural_calls
from varde.frequency.structural_clusters import CALL, clusters, labels
from varde.frequency.tests.structural_oracle import MAN, UNKNOWN, WOMAN, deletion, increment, slow_clusters, some_calls
from varde.genome.builds import Build
from varde.genome.errors import InputError
from varde.genome.pedigree import Sex

HEADER = "##fileformat=VCFv4.3\n#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\tA\tB\n"


def read(folder: Path, *records: str, cell: Cell = WOMAN, **options: object) -> StructuralReading:
    """Records given as ``CHROM POS ID REF ALT FILTER INFO FORMAT value`` for sample A; B carries nothing."""
    lines = []
    for record in records:
        chrom, pos, name, ref, alt, passed, info, form, value = record.split()
        lines.append("\t".join((chrom, pos, name, ref, alt, "50", passed, info, form, value, "0/0")))
    path = folder / "sv.vcf"
    path.write_text(HEADER + "".join(f"{line}\n" for line in lines))
    return structural_calls(path, "A", cell, build=Build.GRCH38, **options)


def rows(reading: StructuralReading) -> list[tuple[object, ...]]:
    return reading.calls.drop("cell").rows()


def test_intervals_are_the_bases_affected(tmp_path):
    spelled = "A" + "C" * 60
    reading = read(
        tmp_path,
        "1 100 a N <DEL> PASS SVTYPE=DEL;END=200;SVLEN=-100 GT 0/1",
        "1 5000 b N <DUP:TANDEM> PASS END=5300 GT 1/1",
        "1 9000 c N <INV> . SVLEN=400 GT 0/1",
        "1 12000 d N <INS:ME:ALU> PASS SVLEN=280 GT 0|1",
        f"2 700 e {spelled}G AG PASS . GT 0/1",
        f"2 9000 f A {spelled} PASS . GT 1/1",
        "3 50 g A G PASS . GT 0/1",
    )
    assert rows(reading) == [
        ("DEL", 1, 101, 200, 0, 0, 100, 1, 0, 0),
        ("DEL", 2, 701, 760, 0, 0, 60, 1, 0, 0),
        ("DUP", 1, 5001, 5300, 0, 0, 300, 0, 1, 0),
        ("INS", 1, 12000, 12000, 0, 0, 280, 1, 0, 0),
        ("INS", 2, 9000, 9000, 0, 0, 60, 0, 1, 0),
        ("INV", 1, 9001, 9400, 0, 0, 400, 1, 0, 0),
    ]
    assert (reading.records, reading.unusable) == (6, {})


def test_both_ends_of_a_breakend_are_one_call(tmp_path):
    reading = read(
        tmp_path,
        "5 900 one N N]2:400] PASS MATEID=two GT 0/1",
        "2 400 two N ]5:900]N PASS MATEID=one GT 0/1",
        "3 10 three N [chr1:77[N PASS . GT 0/1",
        "3 20 lonely N N. PASS . GT 0/1",
        "3 30 bad N N[1:x[ PASS . GT 0/1",
        "3 40 far N N[GL000207.1:3[ PASS . GT 0/1",
    )
    assert rows(reading) == [("BND", 1, 77, 77, 3, 10, 0, 1, 0, 0), ("BND", 2, 400, 400, 5, 900, 0, 1, 0, 0)]
    assert reading.merged == 1
    assert reading.unusable == {"bad_breakend": 1, "other_sequence": 1, "single_breakend": 1}


@pytest.mark.parametrize(
    ("record", "reason"),
    [
        ("1 100 . N <DEL> PASS . GT 0/1", "no_end"),
        ("1 100 . N <DEL> PASS END=90 GT 0/1", "bad_end"),
        ("1 100 . N <DEL> PASS END=x GT 0/1", "bad_end"),
        ("1 100 . N <DEL> PASS END=248956423 GT 0/1", "bad_end"),
        ("1 100 . N <DEL> PASS END=1100;SVLEN=-300 GT 0/1", "length_contradicts_end"),
        ("1 100 . N <STR27> PASS END=200 GT 0/1", "unknown_symbol"),
        ("GL000207.1 100 . N <DEL> PASS END=200 GT 0/1", "other_sequence"),
        ("1 999999999 . N <DEL> PASS END=200 GT 0/1", "bad_position"),
        ("MT 100 . N <DEL> PASS END=200 GT 0/1", "mitochondrial"),
        ("Y 5000000 . N <DEL> PASS END=5000900 GT 0/1", "no_chromosome"),
        ("1 100 . N <DEL> LowQual END=200 GT 0/1", "filtered"),
        ("1 100 . N <DEL> PASS END=200 GT:FT 0/1:LowGQ", "filtered"),
        ("1 100 . N <DEL> PASS END=200 GT ./.", "no_call"),
        ("1 100 . N <DEL> PASS END=200 GT 0/.", "no_call"),
        ("1 100 . N <DEL> PASS END=200 GT 1", "unexpected_haploid"),
        ("1 100 . N <DEL> PASS END=200 GT:GQ 0/1:19", "low_genotype_quality"),
    ],
)
def test_what_cannot_be_used_is_counted_by_its_reason(tmp_path, record, reason):
    reading = read(tmp_path, record)
    assert (reading.calls.height, reading.unusable) == (0, {reason: 1})


def test_gate_and_filter_can_be_left_out(tmp_path):
    records = ("1 100 . N <DEL> LowQual END=200 GT:GQ:FT 0/1:3:LowGQ",)
    assert rows(read(tmp_path, *records, gate=Gate.NONE, passing_only=False)) == [
        ("DEL", 1, 101, 200, 0, 0, 100, 1, 0, 0)
    ]


@pytest.mark.parametrize(
    ("cell", "contig", "copies", "expected"),
    [
        (WOMAN, "1", 2, None),
        (WOMAN, "1", 1, ("DEL", 1, 0, 0)),
        (WOMAN, "1", 0, ("DEL", 0, 1, 0)),
        (WOMAN, "1", 3, ("DUP", 1, 0, 0)),
        (WOMAN, "1", 6, ("DUP", 1, 0, 0)),
        (WOMAN, "X", 1, ("DEL", 1, 0, 0)),
        (MAN, "X", 1, None),
        (MAN, "X", 0, ("DEL", 0, 0, 1)),
        (MAN, "X", 2, ("DUP", 0, 0, 1)),
    ],
)
def test_copy_number_is_compared_with_the_ploidy(tmp_path, cell, contig, copies, expected):
    reading = read(tmp_path, f"{contig} 5000000 . N <CNV> PASS END=5009000 GT:CN ./.:{copies}", cell=cell)
    told = [(kind, *dosage) for kind, *_, het, hom, hemi in rows(reading) for dosage in [(het, hom, hemi)]]
    assert told == ([expected] if expected else [])
    assert reading.not_carried == (expected is None)


def test_haploid_contigs_and_unknown_sex(tmp_path):
    record = "X 5000000 . N <DEL> PASS END=5009000 GT 1/1"
    assert rows(read(tmp_path, record, cell=MAN))[0][-3:] == (0, 0, 1)
    assert rows(read(tmp_path, record, cell=WOMAN))[0][-3:] == (0, 1, 0)
    assert read(tmp_path, record, cell=UNKNOWN).unusable == {"no_chromosome": 1}
    assert read(tmp_path, record.replace("1/1", "0/1"), cell=MAN).unusable == {"heterozygous_haploid": 1}
    in_par = "X 20000 . N <DEL> PASS END=21000 GT 0/1"
    assert rows(read(tmp_path, in_par, cell=MAN))[0][-3:] == (1, 0, 0)


def test_copy_number_alleles_of_one_record(tmp_path):
    record = "1 100 . N <CN0>,<CN1>,<CN2>,<CN4> PASS END=900 GT"
    assert [row[0] for row in rows(read(tmp_path, f"{record} 1/3"))] == ["DEL", "DUP"]
    assert rows(read(tmp_path, f"{record} 0/2")) == []


def test_two_callers_of_one_event_count_the_person_once(tmp_path):
    reading = read(
        tmp_path,
        "1 10000 manta N <DEL> PASS END=20000 GT 0/1",
        "1 10040 cnvnator N <DEL> PASS END=20100 GT 1/1",
        "1 10000 other N <DUP> PASS END=20000 GT 0/1",
    )
    assert rows(reading) == [
        ("DEL", 1, 10041, 20100, 0, 0, 10060, 0, 1, 0),
        ("DUP", 1, 10001, 20000, 0, 0, 10000, 1, 0, 0),
    ]
    assert reading.merged == 1


def test_refused_files(tmp_path):
    path = tmp_path / "x.vcf"
    path.write_text(HEADER)
    with pytest.raises(InputError, match="named 'C'"):
        structural_calls(path, "C", WOMAN, build=Build.GRCH38)
    path.write_text(HEADER.replace("#CHROM", "##contig=<ID=1,length=249250621>\n#CHROM"))
    with pytest.raises(InputError) as refused:
        structural_calls(path, "A", WOMAN, build=Build.GRCH38)
    assert refused.value.code == "wrong_build"


@pytest.mark.parametrize(
    ("line", "sees"),
    [
        ("##ALT=<ID=DUP:TANDEM,Description=x>", True),
        ('##INFO=<ID=SVTYPE,Number=1,Type=String,Description="x">', True),
        ("##ALT=<ID=NON_REF,Description=x>", False),
        ("##source=DEL", False),
    ],
)
def test_a_file_of_another_method_is_refused(tmp_path, line, sees):
    """A long spelled deletion alone does not show that structural variants were looked for; a header does."""
    path = tmp_path / "x.vcf"
    record = f"1\t100\t.\tA{'C' * 60}\tA\t.\tPASS\t.\tGT\t0/1\t0/0\n"
    path.write_text(HEADER.replace("#CHROM", f"{line}\n#CHROM") + record)
    if sees:
        assert structural_calls(path, "A", WOMAN, build=Build.GRCH38).calls.height == 1
        return
    with pytest.raises(InputError) as refused:
        structural_calls(path, "A", WOMAN, build=Build.GRCH38)
    assert refused.value.code == "not_structural"


def test_real_trio():
    """19 Manta records of three people: every one is a call, not carried, or has its reason."""
    path = shared_data("knowledge", "scout-demo", "643594.clinical.SV.vcf.gz")
    read_in = {}
    for name, sex in (("ADM1059A1", Sex.MALE), ("ADM1059A2", Sex.MALE), ("ADM1059A3", Sex.FEMALE)):
        reading = structural_calls(path, name, Cell(sex), build=Build.GRCH37)
        told = reading.calls.height + reading.merged + reading.not_carried + sum(reading.unusable.values())
        assert (reading.records, told) == (19, 19)
        read_in[name] = reading.calls
    assert [calls.height for calls in read_in.values()] == [7, 10, 11]
    everybody = pl.concat(list(read_in.values())).group_by(*CALL, "cell").agg(pl.col("het", "hom", "hemi").sum())
    found = clusters(increment(everybody.rows(), {MAN: 2, WOMAN: 1}, Build.GRCH37))
    assert (found.height, found["ac"].max(), found["an"].unique().to_list()) == (19, 6, [6])
    assert found["nobs"].sum() == 28


# Clusters


def test_cluster_with_its_window_counts_and_allele_number():
    calls = [deletion(1000, 2000, 1), deletion(1010, 2020, 3, 1), deletion(1010, 2020, 0, 0, 2, cell=MAN)]
    found = clusters(increment(calls, {WOMAN: 10, MAN: 5})).row(0, named=True)
    assert found == {
        **dict(zip(CALL, ("DEL", 1, 1010, 2020, 0, 0, 1011), strict=True)),
        **{"start_low": 1000, "start_high": 1010, "end_low": 2000, "end_high": 2020},
        **{"calls": 2, "ac": 8, "an": 30, "nhomalt": 1, "nhemi": 2, "nobs": 7, "people": 15},
    }


def test_allele_number_follows_the_sex_and_the_method():
    on_x = increment([deletion(5_000_000, 5_001_000, contig=23)], {WOMAN: 10, MAN: 5, UNKNOWN: 4})
    assert clusters(on_x)["an"].to_list() == [25]
    assert clusters(on_x, [MAN]).select("ac", "an", "people").row(0) == (0, 5, 5)


def test_a_chain_is_cut():
    """Each links with the next; the first and the last have nothing in common. The widest gap is between b and c."""
    chain = [deletion(1000 + shift, 2999 + shift) for shift in (0, 150, 400, 550)]
    found = clusters(increment(chain, {WOMAN: 9}))
    assert found.select("start_low", "start_high", "calls").rows() == [(1000, 1150, 2), (1400, 1550, 2)]


def test_breakends_and_insertions_are_compared_by_both_ends():
    def breakend(position: int, mate_contig: int, mate: int) -> tuple[object, ...]:
        return ("BND", 1, position, position, mate_contig, mate, 0, WOMAN.code, 1, 0, 0)

    def insertion(position: int, length: int) -> tuple[object, ...]:
        return ("INS", 1, position, position, 0, 0, length, WOMAN.code, 1, 0, 0)

    pairs = [breakend(1000, 2, 500), breakend(1500, 3, 500), breakend(3000, 2, 2900), breakend(3000, 2, 9000)]
    assert clusters(increment(pairs, {WOMAN: 9}))["calls"].to_list() == [2, 1, 1]
    inserted = [
        insertion(1000, 300),
        insertion(1100, 280),
        insertion(1100, 100),
        insertion(1050, 0),
        insertion(1080, 0),
    ]
    assert clusters(increment(inserted, {WOMAN: 9}))["calls"].to_list() == [2, 2, 1]


@settings(max_examples=150, deadline=None)
@given(some_calls(), st.randoms(use_true_random=False))
def test_clusters_are_those_of_all_pairs_in_any_order(calls, order: random.Random):
    order.shuffle(calls)
    frame = pl.DataFrame(calls, schema={name: STRUCTURAL[name] for name in CALL}, orient="row")
    groups: dict[int, set[tuple[object, ...]]] = {}
    for label, call in zip(labels(frame).tolist(), frame.rows(), strict=True):
        groups.setdefault(label, set()).add(call)
    assert {frozenset(group) for group in groups.values()} == slow_clusters(calls)


@settings(max_examples=30, deadline=None)
@given(some_calls(), st.randoms(use_true_random=False))
def test_permuted_arrival_gives_the_same_bytes(calls, order: random.Random):
    carried = [(*call, WOMAN.code, 1 + n % 3, n % 2, 0) for n, call in enumerate(calls)]
    first = clusters(increment(carried, {WOMAN: 99}))
    order.shuffle(carried)
    again = clusters(increment(carried, {WOMAN: 99}))
    assert first.serialize() == again.serialize()
    assert first["ac"].sum() == sum(row[-3] + 2 * row[-2] for row in carried)
