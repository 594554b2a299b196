"""VRS identifiers against the reference implementation, its published examples and the sequence at hand."""

from __future__ import annotations

import gzip

import numpy as np
import pytest
from ga4gh.core import ga4gh_identify
from ga4gh.vrs import models, normalize
from ga4gh.vrs.dataproxy import _DataProxy
from hypothesis import given, settings
from hypothesis import strategies as st

from shared_data import shared_data
from varde.frequency.vrs import refget_accession, sha512t24u, vrs_allele
from varde.genome.builds import CONTIGS, Build
from varde.genome.errors import InputError


class InMemory(_DataProxy):
    """One sequence for the reference implementation."""

    def __init__(self, sequence: str) -> None:
        self.sequence = sequence

    def get_sequence(self, identifier: str, start: int | None = None, end: int | None = None) -> str:
        return self.sequence[start:end]

    def get_metadata(self, identifier: str) -> dict[str, object]:
        return {"length": len(self.sequence), "aliases": [identifier]}


def theirs(accession: str, position: int, ref: str, alt: str, sequence: str) -> models.Allele:
    allele = models.Allele(
        location=models.SequenceLocation(
            sequenceReference=models.SequenceReference(refgetAccession=accession),
            start=position - 1,
            end=position - 1 + len(ref),
        ),
        state=models.LiteralSequenceExpression(sequence=alt),
    )
    return normalize(allele, InMemory(sequence), rle_seq_limit=0)


@settings(max_examples=400, deadline=None)
@given(
    sequence=st.text("AC", min_size=1, max_size=30) | st.text("ACGT", min_size=1, max_size=40),
    data=st.data(),
)
def test_identifiers_are_those_of_the_reference_implementation(sequence: str, data: st.DataObject) -> None:
    position = data.draw(st.integers(1, len(sequence)))
    ref = sequence[position - 1 :][: data.draw(st.integers(1, 8))]
    kind = data.draw(st.integers(0, 3))
    alt = data.draw(st.text("ACGT", min_size=1, max_size=8))
    if kind == 1:
        alt = ref + ref * data.draw(st.integers(1, 3))
    elif kind == 2:
        alt = ref[: data.draw(st.integers(1, len(ref)))]
    elif kind == 3:
        alt = ref[0] + alt + ref[1:]
    bases = np.frombuffer(sequence.encode(), dtype=np.uint8)
    mine = vrs_allele(Build.GRCH38, 20, position, ref, alt, bases)
    expected = theirs(refget_accession(Build.GRCH38, 20), position, ref, alt, sequence)
    assert mine.identifier == ga4gh_identify(expected)
    told = mine.as_json()
    assert (told["location"]["start"], told["location"]["end"]) == (expected.location.start, expected.location.end)
    assert told["location"]["id"] == ga4gh_identify(expected.location)
    assert told["state"] == expected.state.model_dump(exclude_none=True, mode="json")


@pytest.mark.parametrize(
    ("kind", "position", "ref", "alt", "state"),
    [
        ("substitution", 3, "G", "C", {"type": "LiteralSequenceExpression", "sequence": "C"}),
        ("several bases", 3, "GT", "CA", {"type": "LiteralSequenceExpression", "sequence": "CA"}),
        ("insertion", 3, "G", "GCC", {"type": "LiteralSequenceExpression", "sequence": "CC"}),
        ("deletion", 2, "CGT", "C", {"type": "ReferenceLengthExpression", "length": 0, "repeatSubunitLength": 2}),
        ("longer repeat", 7, "C", "CAG", {"type": "ReferenceLengthExpression", "length": 8, "repeatSubunitLength": 2}),
        ("shorter repeat", 7, "CAG", "C", {"type": "ReferenceLengthExpression", "length": 4, "repeatSubunitLength": 2}),
        ("deletion with insertion", 3, "GT", "CAT", {"type": "LiteralSequenceExpression", "sequence": "CA"}),
    ],
)
def test_every_kind_of_allele(kind: str, position: int, ref: str, alt: str, state: dict[str, object]) -> None:
    sequence = "ACGTTTCAGAGAGTTACG"
    assert sequence[position - 1 :].startswith(ref)
    bases = np.frombuffer(sequence.encode(), dtype=np.uint8)
    mine = vrs_allele(Build.GRCH38, 20, position, ref, alt, bases)
    expected = theirs(refget_accession(Build.GRCH38, 20), position, ref, alt, sequence)
    assert mine.identifier == ga4gh_identify(expected)
    assert mine.as_json()["state"] == expected.state.model_dump(exclude_none=True, mode="json") == state


def test_published_examples() -> None:
    # ClinVar 383650, and validation/models.yaml of VRS 2.0
    assert vrs_allele(Build.GRCH38, 9, 128325835, "C", "T").identifier == "ga4gh:VA.SZIS2ua7AL-0YgUTAqyBsFPYK3vE8h_d"
    assert sha512t24u(b"ACGT") == "aKF498dAxcJAqme6QYQ7EZ07-fiw8Kw2"


def test_an_insertion_needs_the_sequence() -> None:
    with pytest.raises(InputError) as told:
        vrs_allele(Build.GRCH38, 9, 128325835, "C", "CT")
    assert told.value.code == "sequence_needed"


def test_accessions() -> None:
    every = [refget_accession(build, code) for build in Build for code in range(1, len(CONTIGS) + 1)]
    assert len(set(every)) == 2 * len(CONTIGS) - 1  # both builds have the same MT
    assert all(len(one) == 35 for one in every)
    with pytest.raises(KeyError):
        refget_accession(Build.GRCH38, 26)


def test_accession_of_the_sequence_at_hand() -> None:
    packed = shared_data("reference", "GRCh37_chr20.fa.gz").read_bytes()
    _, _, lines = gzip.decompress(packed).partition(b"\n")
    sequence = lines.replace(b"\n", b"").upper()
    assert refget_accession(Build.GRCH37, 20) == "SQ." + sha512t24u(sequence)
