"""Alleles at the edges of exons and coding sequences, where the engine alone would understate."""

from __future__ import annotations

import random

import polars as pl
import pytest

from varde.annotation.consequence import consequences
from varde.annotation.edges import Change, inside_intron, near_edges, reconsider
from varde.annotation.genes import Transcript, TranscriptSet, reference_transcripts
from varde.annotation.genetic_code import translate
from varde.annotation.severity import IMPACT, Impact
from varde.annotation.tests import toy
from varde.annotation.tests.toy import table
from varde.genome.builds import Build
from varde.genome.references import Reference


def answer(reference: Reference, place: int, taken: int, put: str = "") -> dict[str, tuple[str, str | None]]:
    """Consequence and the engine's own word, if changed, on T_PLUS and, for the mirrored change, on T_MINUS."""
    contig = toy.sequences()["1"]
    alleles = []
    for start, bases in ((place, put), (toy.mirrored(place + taken - 1), toy.reverse_complement(put))):
        ref = contig[start - 1 : start + taken]
        alleles.append(("1", start, ref, ref[0] + bases))
    frame = consequences(table(alleles), reference).filter(pl.col("transcript") != "T_PLUS_B")
    rows = frame.select("transcript", "consequence", "engine_consequence").rows()
    return {transcript: (consequence, engine) for transcript, consequence, engine in rows}


@pytest.mark.parametrize(
    ("place", "taken", "term"), [(119, 2, "start_lost"), (110, 12, "start_lost"), (459, 10, "stop_lost")]
)
def test_a_deletion_of_start_or_stop_with_untranslated_bases(
    place: int, taken: int, term: str, toy_reference: Reference
) -> None:
    told = answer(toy_reference, place, taken)
    assert told.keys() == {"T_PLUS", "T_MINUS"}
    assert all(term in terms.split("&") for terms, _ in told.values())


def test_the_engines_own_word_is_kept_where_it_was_changed(toy_reference: Reference) -> None:
    assert answer(toy_reference, 119, 2)["T_PLUS"] == (
        "start_lost&5_prime_UTR_variant",
        "coding_sequence_variant&5_prime_UTR_variant",
    )


def test_a_deletion_of_a_whole_transcript_is_its_ablation(toy_reference: Reference) -> None:
    told = answer(toy_reference, 95, 410)
    assert {transcript: terms for transcript, (terms, _) in told.items()} == {
        "T_PLUS": "transcript_ablation",
        "T_MINUS": "transcript_ablation",
    }
    assert all(engine is not None and "transcript_ablation" not in engine for _, engine in told.values())


def test_a_deletion_of_a_whole_exon_is_high(toy_reference: Reference) -> None:
    for transcript, (terms, _) in answer(toy_reference, 250, 80).items():
        assert {"splice_acceptor_variant", "splice_donor_variant"} & set(terms.split("&")), transcript


def slow_effect(transcript: Transcript, change: Change, reference: Reference) -> str:
    """What a deletion within one exon must at least be called, told by rewriting the transcript."""
    contig = reference.sequence(transcript.contig, transcript.start0, transcript.end0)
    bases = {p: contig[p - transcript.start0] for s, e in transcript.exons for p in range(s, e)}
    assert transcript.cds is not None
    left = [p for p in sorted(bases) if not change.start0 <= p < change.end0]
    before = "".join(bases[p] for p in sorted(bases))
    after = "".join(bases[p] for p in left)
    if transcript.strand == -1:
        before, after = toy.reverse_complement(before), toy.reverse_complement(after)
    protein = translate(before[transcript.coding_start :]).split("*")[0] + "*"
    cds = before[transcript.coding_start : transcript.coding_start + transcript.coding_length]
    if cds in after:
        return "nothing"
    lost_start = not (after[: transcript.coding_start] == before[: transcript.coding_start] and
                      after[transcript.coding_start :].startswith("ATG"))  # fmt: skip
    if lost_start:
        return "start_lost"
    reading = translate(after[transcript.coding_start :])
    if reading.startswith(protein):
        return "nothing"
    return "changed"


@pytest.mark.parametrize("symbol", ["PSMF1", "DEFB128", "PRNP", "SIGLEC1"])
def test_no_deletion_within_an_exon_is_understated(symbol: str, chromosome_20: Reference) -> None:
    (transcript,) = reference_transcripts(chromosome_20).by_gene[symbol]
    assert transcript.cds is not None
    chance = random.Random(symbol)
    alleles, changes = [], []
    for edge in [*transcript.cds, *(x for exon in transcript.exons for x in exon)]:
        for length in (1, 2, 3, 5, 9):
            start = edge - chance.randint(0, length + 2)
            if not any(first < start and start + length <= last for first, last in transcript.exons):
                continue
            ref = chromosome_20.sequence(20, start - 1, start + length)
            alleles.append(("20", start, ref, ref[0]))
            changes.append(Change.of(start, ref, ref[0]))
    frame = consequences(table(alleles, build=Build.GRCH37), chromosome_20)
    own = frame.filter(pl.col("transcript") == transcript.identifier)
    terms_by_row = {row: set(terms.split("&")) for row, terms in own.select("row", "consequence").rows()}
    assert len(terms_by_row) == len(changes) >= 12
    for row, change in enumerate(changes):
        effect, terms = slow_effect(transcript, change, chromosome_20), terms_by_row[row]
        worst = min(list(Impact).index(IMPACT[term]) for term in terms)
        if effect == "start_lost":
            assert "start_lost" in terms, (change, terms)
        elif effect == "changed":
            assert worst <= list(Impact).index(Impact.MODERATE), (change, terms)


def test_an_insertion_before_the_start_codon_leaves_it_whole(toy_reference: Reference) -> None:
    for put in ("C", "TTC", "CATC"):
        for transcript, (terms, engine) in answer(toy_reference, 120, 0, put).items():
            assert terms == "5_prime_UTR_variant", (transcript, put)
            assert engine is None


@pytest.mark.parametrize(
    ("said", "change", "terms"),
    [
        ({"splice_region_variant"}, Change(158, 159, "A"), {"splice_region_variant", "synonymous_variant"}),
        ({"splice_region_variant"}, Change(158, 159, ""), {"splice_region_variant", "frameshift_variant"}),
        ({"splice_region_variant"}, Change(157, 157, "TAA"), {"splice_region_variant", "inframe_insertion"}),
        (set(), Change(120, 123, ""), {"start_lost", "inframe_deletion"}),
        (set(), Change(132, 133, "T"), {"stop_gained"}),
        (set(), Change(459, 460, "G"), {"stop_retained_variant"}),
        (set(), Change(458, 459, "C"), {"stop_lost"}),
        (set(), Change(123, 126, "GCA"), {"synonymous_variant"}),
        (set(), Change(123, 127, "G"), {"protein_altering_variant"}),
        ({"5_prime_UTR_variant"}, Change(105, 106, "A"), None),
        ({"missense_variant"}, Change(158, 159, "A"), None),
        ({"stop_gained"}, Change(158, 159, "A"), None),
        ({"intron_variant"}, Change(200, 201, "A"), None),
        ({"splice_region_variant"}, Change(158, 163, ""), {"splice_region_variant", "splice_donor_variant"}),
        ({"splice_region_variant"}, Change(258, 262, ""), {"splice_region_variant", "splice_acceptor_variant"}),
    ],
)
def test_judgements_by_hand(said: set[str], change: Change, terms: set[str] | None, toy_reference: Reference) -> None:
    plus = reference_transcripts(toy_reference).get("T_PLUS")
    assert plus is not None
    judgement = reconsider(frozenset(said), change, plus, toy_reference)
    assert (None if judgement is None else set(judgement.terms)) == terms


def test_near_edges_and_inside_intron_equal_a_slow_look(toy_reference: Reference) -> None:
    transcripts: TranscriptSet = reference_transcripts(toy_reference)
    chance = random.Random(11)
    ranges = [(chance.randrange(len(transcripts)), chance.randint(80, 1900), chance.randint(0, 30)) for _ in range(800)]
    frame = pl.DataFrame(ranges, schema=["member", "start0", "length"], orient="row")
    start, end = frame.get_column("start0").to_numpy(), (frame["start0"] + frame["length"]).to_numpy()
    members = frame.get_column("member").to_numpy()
    near = near_edges(transcripts, members, start, end)
    inside = inside_intron(transcripts, members, start, end)
    for i, (member, first, length) in enumerate(ranges):
        t = transcripts.transcripts[member]
        edges = {*(x for exon in t.exons for x in exon), *(t.cds or ())}
        assert near[i] == any(first - 8 < x < first + length + 8 for x in edges)
        introns = [(a[1], b[0]) for a, b in zip(t.exons, t.exons[1:], strict=False)]
        assert inside[i] == any(a <= first and first + length <= b for a, b in introns)
