"""Transcripts from GFF3, and the geometry of exons and coding sequence."""

from __future__ import annotations

import gzip
import hashlib
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared_data import shared_data
from varde.annotation.genes import ManeStatus, Transcript, TranscriptSet, read_gff3, reference_transcripts
from varde.annotation.genetic_code import translate
from varde.annotation.tests import toy
from varde.genome.builds import Build
from varde.genome.errors import InputError
from varde.genome.references import Reference


@pytest.fixture
def transcripts(toy_reference: Reference) -> TranscriptSet:
    return reference_transcripts(toy_reference)


def slow_coding_places(transcript: Transcript) -> list[int]:
    """Contig places of the coding bases, 5' to 3', one by one."""
    assert transcript.cds is not None
    places = [p for s, e in transcript.exons for p in range(s, e) if transcript.cds[0] <= p < transcript.cds[1]]
    return places if transcript.strand == 1 else places[::-1]


def test_reads_all_columns_of_a_transcript(transcripts: TranscriptSet) -> None:
    assert transcripts.get("T_PLUS") == Transcript(
        identifier="T_PLUS",
        version=2,
        gene="PLUS",
        gene_id="G_PLUS",
        contig=1,
        strand=1,
        exons=((100, 160), (260, 320), (420, 500)),
        cds=(120, 461),
        biotype="protein_coding",
        mane_status=ManeStatus.SELECT,
        refseq="NM_000001.4",
        protein="P_PLUS.1",
        phase=0,
    )
    assert [t.identifier for t in transcripts.transcripts] == [
        "T_PLUS", "T_PLUS_B", "T_NONCODING", "T_MINUS", "T_ODD", "T_MITO",
    ]  # fmt: skip
    assert transcripts.refused == {}


def test_finds_by_identifier_with_and_without_version(transcripts: TranscriptSet) -> None:
    assert transcripts.get("T_PLUS.2") is transcripts.get("T_PLUS")
    assert transcripts.get("T_PLUS.3") is None
    assert transcripts.get("T_NOBODY") is None


def test_prefers_mane_select_within_a_gene(transcripts: TranscriptSet) -> None:
    assert [t.identifier for t in transcripts.by_gene["PLUS"]] == ["T_PLUS", "T_PLUS_B"]
    assert [t.mane for t in transcripts.by_gene["PLUS"]] == [True, False]


@pytest.mark.parametrize("name", ["T_PLUS", "T_MINUS"])
def test_coding_sequence_and_positions(name: str, transcripts: TranscriptSet, toy_reference: Reference) -> None:
    transcript = transcripts.get(name)
    assert transcript is not None
    assert transcript.coding_sequence(toy_reference) == toy.CODING
    assert translate(transcript.coding_sequence(toy_reference)) == toy.PROTEIN + "*"
    assert (transcript.coding_length, transcript.protein_length, transcript.coding_start) == (141, 46, 20)
    places = slow_coding_places(transcript)
    assert [transcript.genomic_position(i) for i in range(141)] == places
    found = [transcript.coding_position(p) for p in range(transcript.start0 - 5, transcript.end0 + 5)]
    assert found == [
        places.index(p) if p in places else None for p in range(transcript.start0 - 5, transcript.end0 + 5)
    ]
    for place in (0, 39, 40, 99, 100, 140):
        codon = transcript.codon_at(places[place], toy_reference)
        assert codon is not None
        assert (codon.number, codon.bases, codon.offset) == (place // 3 + 1, toy.CODONS[place // 3], place % 3)
    with pytest.raises(IndexError):
        transcript.genomic_position(141)
    with pytest.raises(IndexError):
        transcript.genomic_position(-1)


@pytest.mark.parametrize("name", ["T_PLUS", "T_MINUS"])
def test_exons_and_last_junction(name: str, transcripts: TranscriptSet) -> None:
    transcript = transcripts.get(name)
    assert transcript is not None
    at = (lambda p: p) if name == "T_PLUS" else toy.mirrored
    assert [transcript.exon_number(at(p)) for p in (99, 100, 159, 160, 260, 319, 320, 420, 499, 500)] == [
        None, 1, 1, None, 2, 2, None, 3, 3, None,
    ]  # fmt: skip
    assert [transcript.exon_coding_range(n) for n in (1, 2, 3)] == [(0, 40), (40, 100), (100, 141)]
    assert transcript.last_junction == 100
    assert transcript.transcript_position(at(100)) == 0
    assert transcript.transcript_position(at(499)) == 199


def test_last_junction_in_an_untranslated_region(transcripts: TranscriptSet) -> None:
    plus = transcripts.get("T_PLUS")
    assert plus is not None
    assert replace(plus, cds=(120, 150)).last_junction == 100
    assert replace(plus, cds=(120, 150)).coding_length == 30
    assert replace(plus, cds=(430, 460)).last_junction == -10
    assert replace(plus, cds=(430, 460)).exon_coding_range(1) is None
    assert replace(plus, exons=((100, 500),), cds=(120, 150)).last_junction is None
    noncoding = transcripts.get("T_NONCODING")
    assert noncoding is not None
    assert noncoding.last_junction is None
    assert (noncoding.coding_length, noncoding.protein_length, noncoding.coding_segments) == (0, 0, ())


def test_next_start_in_frame(transcripts: TranscriptSet, toy_reference: Reference) -> None:
    for name in ("T_PLUS", "T_MINUS"):
        transcript = transcripts.get(name)
        assert transcript is not None
        assert transcript.next_in_frame_met(toy_reference) == toy.PROTEIN.index("M", 1) + 1 == 16
        assert transcript.next_in_frame_met(toy_reference, after_codon=16) is None


def test_the_start_of_an_incomplete_coding_sequence(transcripts: TranscriptSet, toy_reference: Reference) -> None:
    plus = transcripts.get("T_PLUS")
    assert plus is not None
    incomplete = replace(plus, cds=(121, 461), phase=2)
    codon = incomplete.codon_at(123, toy_reference)
    assert codon is not None
    assert (codon.number, codon.bases) == (1, "GCT")
    assert incomplete.codon_at(121, toy_reference) is None
    assert incomplete.next_in_frame_met(toy_reference) == 15


@given(start=st.integers(0, 2000), length=st.integers(0, 600))
def test_overlapping_equals_a_slow_search(toy_reference: Reference, start: int, length: int) -> None:
    transcripts = reference_transcripts(toy_reference)
    expected = {
        t.identifier
        for t in transcripts.transcripts
        if t.contig == 1 and any(start <= p < start + length for p in range(t.start0, t.end0))
    }
    assert {t.identifier for t in transcripts.overlapping(1, start, start + length)} == expected
    ranges, members = transcripts.overlap_pairs(
        np.array([3, 1], dtype=np.uint8), np.array([start, start]), np.array([start + length] * 2)
    )
    if length:
        assert {transcripts.transcripts[m].identifier for m in members.tolist()} == expected
    assert set(ranges.tolist()) <= {1}


def test_a_gap_overlaps_what_has_bases_on_both_sides(transcripts: TranscriptSet) -> None:
    gaps = np.array([100, 101, 499, 500])
    ranges, members = transcripts.overlap_pairs(np.ones(4, dtype=np.uint8), gaps, gaps)
    assert sorted(zip(ranges.tolist(), members.tolist(), strict=True)) == [(1, 0), (1, 1), (2, 0), (2, 1)]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"strand": 0}, "strand"),
        ({"exons": ()}, "not empty"),
        ({"exons": ((100, 160), (150, 320))}, "overlap"),
        ({"exons": ((260, 320), (100, 160))}, "ascending"),
        ({"cds": (90, 461)}, "outside the exons"),
    ],
)
def test_a_transcript_that_cannot_be_is_refused(transcripts: TranscriptSet, change: dict, message: str) -> None:
    plus = transcripts.get("T_PLUS")
    assert plus is not None
    with pytest.raises(ValueError, match=message):
        replace(plus, **change)


def test_transcripts_that_contradict_themselves_are_named(tmp_path: Path) -> None:
    lines = toy.annotation().splitlines(keepends=True)
    broken = [line for line in lines if not ("exon" in line and "T_NONCODING" in line)]
    twice = "".join(line for line in lines if "ID=transcript:T_ODD" in line)
    other = "".join(lines[1:]).replace("1\ttoy", "HSCHR6_MHC_APD\ttoy").replace("T_", "A_").replace("MT", "GL1")
    gap = [line for line in broken if not ("\tCDS\t261\t" in line and "T_PLUS_B" in line)]
    path = tmp_path / "broken.gff3"
    path.write_text("".join(gap) + twice + other, encoding="ascii")
    read = read_gff3(path, Build.GRCH38)
    assert [t.identifier for t in read.transcripts if t.contig == 1] == ["T_PLUS", "T_MINUS"]
    assert {name: reason.split(": ")[-1] for name, reason in read.refused.items() if name.startswith("T_")} == {
        "T_PLUS_B": "its coding parts do not fill the exons between start and stop",
        "T_NONCODING": "has no exon",
        "T_ODD": "the identifier stands on more than one transcript",
    }
    assert read.elsewhere == 6


def test_reads_windows_lines_comments_sequences_and_gzip_alike(tmp_path: Path) -> None:
    plain, other = tmp_path / "a.gff3", tmp_path / "b.gff3.gz"
    plain.write_text(toy.annotation(), encoding="ascii")
    text = toy.annotation().replace("\n", "\r\n") + "###\r\n\r\n# a remark\r\n##FASTA\r\n>1\r\nACGT\r\n"
    raw = gzip.compress(text.replace("\r\n##FASTA", "\n##FASTA").encode())
    other.write_bytes(raw)
    first, second = read_gff3(plain, Build.GRCH38), read_gff3(other, Build.GRCH38)
    assert first.transcripts == second.transcripts
    assert second.checksum == hashlib.sha256(raw).hexdigest()
    assert second.source == "b.gff3.gz"


BAD = {
    "empty": (b"", "not_ensembl_gff3", None),
    "no transcript": (b"##gff-version 3\n1\tx\tgene\t1\t9\t.\t+\t.\tID=gene:A\n", "not_ensembl_gff3", None),
    "RefSeq's layout": (b"1\tx\tmRNA\t1\t9\t.\t+\t.\tID=rna-NM_1\n1\tx\texon\t1\t9\t.\t+\t.\tParent=rna-NM_1\n",
                        "not_ensembl_gff3", None),
    "eight columns": (b"##gff-version 3\n1\tx\tgene\t1\t9\t.\t+\t.\n", "malformed_gff3", 2),
    "a letter for a number": (b"\n\n1\tx\tgene\tone\t9\t.\t+\t.\tID=gene:A\n", "malformed_gff3", 3),
    "end before start": (b"1\tx\tgene\t9\t1\t.\t+\t.\tID=gene:A\n", "malformed_gff3", 1),
    "start of zero": (b"1\tx\tgene\t0\t1\t.\t+\t.\tID=gene:A\n", "malformed_gff3", 1),
    "latin 1": ("1\tx\tgene\t1\t9\t.\t+\t.\tID=gene:A\n#\u00f8\n".encode("latin-1"), "unreadable_gff3", 2),
    "cut off": (gzip.compress(b"1\tx\tgene\t1\t9\t.\t+\t.\tID=gene:A\n" * 99)[:-30], "unreadable_gff3", None),
    "another build": (b"##sequence-region 20 1 63025520\n", "wrong_build", None),
    "another build's name": (b"#!genome-build GRCh37.p13\n", "wrong_build", None),
}  # fmt: skip


@pytest.mark.parametrize("what", BAD)
def test_bad_annotation_is_refused_with_its_place(what: str, tmp_path: Path) -> None:
    content, code, line = BAD[what]
    path = tmp_path / "bad.gff3"
    path.write_bytes(content)
    with pytest.raises(InputError) as raised:
        read_gff3(path, Build.GRCH38)
    assert (raised.value.code, raised.value.line, raised.value.source) == (code, line, "bad.gff3")


def test_every_mane_transcript_of_the_shared_set(chromosome_20: Reference) -> None:
    whole = read_gff3(shared_data("reference", "mane_on_grch37_chr20_chrX.gff3.gz"), Build.GRCH37)
    assert (len(whole), len({t.gene for t in whole.transcripts}), whole.refused) == (860, 857, {})
    assert sum(t.mane_status is ManeStatus.PLUS_CLINICAL for t in whole.transcripts) == 3
    on_20 = reference_transcripts(chromosome_20)
    assert len(on_20) == 516
    for transcript in on_20.transcripts:
        coding = transcript.coding_sequence(chromosome_20)
        protein = translate(coding)
        assert coding.startswith("ATG")
        assert protein.index("*") == len(protein) - 1 == transcript.protein_length
