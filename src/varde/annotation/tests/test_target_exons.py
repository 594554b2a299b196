"""Target exons against counting by hand, and their total against the transcripts' own coding lengths."""

from __future__ import annotations

import pytest

from varde.annotation.target_exons import SCHEMA, Padding, target_exons
from varde.annotation.transcripts import ManeStatus, Transcript, TranscriptSet
from varde.genome.builds import Build


def transcript(name: str, strand: int, mane: ManeStatus = ManeStatus.NONE, **changes: object) -> Transcript:
    values = {
        "gene": "GENE", "gene_id": "ENSG1", "contig": 7, "exons": ((100, 200), (300, 400), (500, 600)),
        "cds": (150, 550), "biotype": "protein_coding", "mane_status": mane, **changes,
    }  # fmt: skip
    return Transcript(identifier=name, version=2, strand=strand, **values)


def among(*transcripts: Transcript) -> TranscriptSet:
    return TranscriptSet(Build.GRCH38, transcripts, "test", "0")


def test_coding_parts_are_padded_and_numbered_in_the_direction_of_the_transcript() -> None:
    forward = target_exons(among(transcript("F", 1)), ["GENE"], Padding(20, 6))
    assert forward.rows() == [
        ("GENE", "F.2", 1, 7, 130, 206), ("GENE", "F.2", 2, 7, 280, 406), ("GENE", "F.2", 3, 7, 480, 556),
    ]  # fmt: skip
    backward = target_exons(among(transcript("R", -1)), ["GENE"], Padding(20, 6))
    assert backward.rows() == [
        ("GENE", "R.2", 1, 7, 494, 570), ("GENE", "R.2", 2, 7, 294, 420), ("GENE", "R.2", 3, 7, 144, 220),
    ]  # fmt: skip


def test_mane_select_is_taken_and_plus_clinical_adds_its_own_exons() -> None:
    select = transcript("S", 1, ManeStatus.SELECT)
    longer = transcript("L", 1, exons=((100, 700),), cds=(100, 700))
    plus = transcript("P", 1, ManeStatus.PLUS_CLINICAL, exons=((100, 200), (300, 400), (900, 950)), cds=(150, 950))
    found = target_exons(among(longer, plus, select), None, Padding(0, 0))
    assert [(row[1], row[2], row[4]) for row in found.rows()] == [
        ("S.2", 1, 150), ("S.2", 2, 300), ("S.2", 3, 500), ("P.2", 3, 900),
    ]  # fmt: skip


def test_an_untranslated_exon_is_no_target_and_a_gene_without_coding_has_no_row() -> None:
    noncoding = transcript("N", 1, gene="OTHER", cds=None)
    leading = transcript("U", 1, cds=(320, 380))
    found = target_exons(among(noncoding, leading), ["GENE", "OTHER", "UNKNOWN"], Padding(10, 10))
    assert found.rows() == [("GENE", "U.2", 2, 7, 310, 390)]
    assert target_exons(among(noncoding), []).schema == SCHEMA


def test_a_padding_is_never_negative_and_never_before_the_contig() -> None:
    with pytest.raises(ValueError, match="negative"):
        Padding(-1, 0)
    first = transcript("B", 1, exons=((5, 50),), cds=(5, 50))
    assert target_exons(among(first), None).row(0)[4:] == (0, 60)
