"""Phase by reads: made-up reads with known haplotypes, counted by fragment."""

from __future__ import annotations

from dataclasses import replace

import polars as pl
import pysam
import pytest

from varde.annotation.tests.toy import make_reference
from varde.genome.errors import InputError
from varde.genome.pedigree import Affected, Pedigree, Person
from varde.interpretation.analysis import filter_case, prepare
from varde.interpretation.read_phase import Place, ReadPhase, Relation, phase_pairs, phased_by_reads
from varde.interpretation.tests.test_analysis import MISSENSE, STOP, found, write_vcf

REFERENCE = "ACGTTGCAAGTCCATGCATTGACCATGGACTTAGCCATCGATCGGATTACAGCATTACGGATCATTACGGCATCAGTTACGACTAGCATTAGCAT"
A, B = Place(1, 11, "T", "G"), Place(1, 61, "A", "G")
INSERTION, DELETION = Place(1, 31, "T", "TGG"), Place(1, 45, "GATT", "G")


def haplotype(*variants: Place) -> str:
    """The reference with these alternates."""
    text = REFERENCE
    for one in sorted(variants, key=lambda one: -one.position):
        assert text[one.position - 1 :].startswith(one.ref)
        text = text[: one.position - 1] + one.alt + text[one.position - 1 + len(one.ref) :]
    return text


def cigar(*variants: Place) -> list[tuple[int, int]]:
    made, place = [], 0
    for one in sorted(variants, key=lambda one: one.position):
        longer = len(one.alt) - len(one.ref)
        if longer:
            made += [(0, one.position - place), (1 if longer > 0 else 2, abs(longer))]
            place = one.position + max(0, -longer)
    return [*made, (0, len(REFERENCE) - place)]


def bam(path, reads):
    """``reads``: (name, variants, changes)."""
    header = {"HD": {"VN": "1.6", "SO": "coordinate"}, "SQ": [{"SN": "chr1", "LN": 1000}]}
    with pysam.AlignmentFile(str(path), "wb", header=header) as out:
        for name, variants, changes in reads:
            read = pysam.AlignedSegment(out.header)
            read.query_name, read.query_sequence = name, haplotype(*variants)
            read.reference_id, read.reference_start, read.mapping_quality = 0, 0, 60
            read.cigartuples = cigar(*variants)
            read.query_qualities = pysam.qualitystring_to_array("I" * len(read.query_sequence))
            for key, value in changes.items():
                setattr(read, key, value)
            out.write(read)
    pysam.index(str(path))
    return path


def many(count, *variants, **changes):
    return [(f"{'-'.join(str(one.position) for one in variants)}{changes}{n}", variants, changes) for n in range(count)]


@pytest.mark.parametrize(
    ("reads", "expected"),
    [
        (many(3, A, B) + many(2), ReadPhase(Relation.CIS, 5, 0)),
        (many(2, A) + many(1, B), ReadPhase(Relation.TRANS, 0, 3)),
        (many(1, A), ReadPhase(Relation.UNKNOWN, 0, 1)),  # one fragment is too few
        (many(2, A), ReadPhase(Relation.TRANS, 0, 2)),
        (many(9, A, B) + many(1, A), ReadPhase(Relation.CIS, 9, 1)),
        (many(8, A, B) + many(1, A), ReadPhase(Relation.UNKNOWN, 8, 1)),  # 8 of 9 agree
        ([], ReadPhase(Relation.UNKNOWN, 0, 0)),
        (many(5, A, flag=0x400) + many(5, A, mapping_quality=19), ReadPhase(Relation.UNKNOWN, 0, 0)),
    ],
)
def test_fragments_decide(tmp_path, reads, expected):
    path = bam(tmp_path / "r.bam", reads)
    assert phase_pairs(path, [(A, B)]) == [expected]
    assert phase_pairs(path, [(B, A)]) == [expected]


def test_insertions_and_deletions_are_read_by_their_bases(tmp_path):
    path = bam(tmp_path / "r.bam", many(2, A, INSERTION) + many(2, DELETION))
    assert [one.relation for one in phase_pairs(path, [(A, INSERTION), (A, DELETION), (INSERTION, DELETION)])] == [
        Relation.CIS, Relation.TRANS, Relation.TRANS,
    ]  # fmt: skip


def test_mates_are_one_fragment(tmp_path):
    first = [(f"pair{n}", (A,), {"flag": 0x41, "cigartuples": [(0, 30), (4, 65)]}) for n in range(2)]
    second = [
        (f"pair{n}", (B,), {"flag": 0x81, "cigartuples": [(4, 50), (0, 45)], "reference_start": 50}) for n in range(2)
    ]
    path = bam(tmp_path / "r.bam", first + second)
    assert phase_pairs(path, [(A, B)]) == [ReadPhase(Relation.CIS, 2, 0)]


def test_what_cannot_be_read_is_refused(tmp_path):
    path = bam(tmp_path / "r.bam", many(2, A))
    (tmp_path / "r.bam.bai").unlink()
    for reads, pair, code in (
        (path, (A, B), "no_index"),
        (tmp_path / "none.bam", (A, B), "unreadable_reads"),
    ):
        with pytest.raises(InputError) as raised:
            phase_pairs(reads, [pair])
        assert raised.value.code == code
    pysam.index(str(path))
    with pytest.raises(InputError) as raised:
        phase_pairs(path, [(replace(A, contig=2), replace(B, contig=2))])
    assert raised.value.code == "unknown_contig"


def test_variants_far_apart_are_not_asked(tmp_path):
    path = bam(tmp_path / "r.bam", many(2, A))
    assert phase_pairs(path, [(A, replace(B, position=9_000))]) == [ReadPhase(Relation.UNKNOWN, 0, 0)]


@pytest.mark.parametrize("relation", ["trans", "cis", "unknown"])
def test_reads_speak_for_a_child_without_parents(tmp_path, relation):
    reference = make_reference(tmp_path / "toy")
    vcf = write_vcf(tmp_path / "f.vcf", [(STOP, ("0/1",)), (MISSENSE, ("0/1",))], ("child",))
    case = prepare([vcf], Pedigree((Person("f", "child", affected=Affected.AFFECTED),)), reference=reference)
    rows = case.alleles["row"].to_list()
    phases = pl.DataFrame([(rows[0], rows[1], relation, 3, 0)], schema=case.read_phases.schema, orient="row")
    outcome = filter_case(replace(case, read_phases=phases))
    pairs = [one for one in outcome.candidates if len(one.rows) == 2]
    expected = {
        "trans": [("compound_heterozygous", "trans_by_reads")],
        "unknown": [("compound_heterozygous_unphased", "unknown")],
        "cis": [],
    }[relation]
    assert [(one.mode.value, one.phase.value) for one in pairs] == expected
    assert len(found(outcome)) == 2 + len(expected)


def test_pairs_of_a_case_are_phased_by_row(tmp_path):
    alleles = pl.DataFrame(
        {"row": [4, 9], "contig": [1, 1], "position": [11, 61], "ref": [A.ref, B.ref], "alt": [A.alt, B.alt]},
        schema_overrides={"row": pl.UInt32},
    )
    path = bam(tmp_path / "r.bam", many(3, A, B))
    assert phased_by_reads(alleles, [(4, 9), (4, 9)], path).rows() == [(4, 9, "cis", 3, 0)]
