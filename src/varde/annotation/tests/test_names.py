"""HGVS names: worked examples on both strands, and real places against slow independent readings of the names."""

from __future__ import annotations

import json
import random
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from varde.annotation.cdot_data import ensure_transcripts_json
from varde.annotation.genes import Transcript, reference_transcripts
from varde.annotation.names import HgvsNamer, HgvsNames
from varde.annotation.tests import toy
from varde.annotation.tests.hgvs_oracle import (
    applied,
    applied_protein,
    coding_name_of,
    contig_place_of,
    reading,
    slow_frameshift,
    transcript_places,
)
from varde.genome.alleles import Variant
from varde.genome.builds import Build
from varde.genome.errors import InputError
from varde.genome.references import Reference, ReferenceStore


@pytest.fixture(scope="module")
def toy_namer(toy_reference: Reference) -> HgvsNamer:
    return HgvsNamer(toy_reference)


@pytest.fixture(scope="module")
def namer(chromosome_20: Reference) -> HgvsNamer:
    return HgvsNamer(chromosome_20)


def change(place: int, taken: int, put: str, *, minus: bool) -> Variant:
    """A change of PLUS (0-based place on contig 1), or its mirror image in MINUS, with a base before it."""
    contig = toy.sequences()["1"]
    start = toy.mirrored(place + taken - 1) if minus else place
    put = toy.reverse_complement(put) if minus else put
    if taken == len(put):
        return Variant(Build.GRCH38, 1, start + 1, contig[start : start + taken], put)
    ref = contig[start - 1 : start + taken]
    return Variant(Build.GRCH38, 1, start, ref, ref[0] + put)


EXAMPLES = [
    # place on PLUS, bases taken, bases put, c., p.
    (124, 1, "T", "c.5C>T", "p.(Ala2Val)"),
    (125, 1, "G", "c.6T>G", "p.(Ala2=)"),
    (132, 1, "T", "c.13C>T", "p.(Arg5Ter)"),
    (120, 1, "G", "c.1A>G", "p.(Met1?)"),
    (122, 1, "A", "c.3G>A", "p.(Met1?)"),
    (458, 1, "C", "c.139T>C", "p.(Ter47GlnextTer?)"),
    (459, 1, "G", "c.140A>G", "p.(Ter47=)"),
    (126, 3, "", "c.10_12del", "p.(Lys4del)"),
    (126, 1, "", "c.12del", "p.(Lys4AsnfsTer29)"),
    (126, 0, "AAA", "c.10_12dup", "p.(Lys4dup)"),
    (126, 0, "A", "c.12dup", "p.(Arg5ThrfsTer32)"),
    (144, 3, "", "c.28_30del", "p.(Gln10del)"),
    (144, 0, "CAG", "c.28_30dup", "p.(Gln10dup)"),
    (129, 0, "GGT", "c.9_10insGGT", "p.(Lys3_Lys4insGly)"),
    (123, 2, "TT", "c.4_5delinsTT", "p.(Ala2Phe)"),
    (132, 4, "ATCG", "c.13_16inv", "p.(Arg5_Cys6delinsIleGly)"),
    (160, 1, "A", "c.40+1G>A", "p.?"),
    (161, 1, "A", "c.40+2T>A", "p.?"),
    (258, 1, "C", "c.41-2A>C", "p.?"),
    (259, 1, "C", "c.41-1G>C", "p.?"),
    (209, 1, "A", "c.40+50", "p.?"),
    (210, 1, "A", "c.41-50", "p.?"),
    (119, 1, "A", "c.-1", "p.?"),
    (100, 1, "A", "c.-20", "p.?"),
    (461, 1, "A", "c.*1", "p.?"),
    (499, 1, "G", "c.*39", "p.?"),
]


@pytest.mark.parametrize("gene", ["PLUS", "MINUS"])
@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example[3])
def test_worked_examples_on_both_strands(
    example: tuple[int, int, str, str, str], gene: str, toy_namer: HgvsNamer
) -> None:
    place, taken, put, coding, protein = example
    if ">" not in coding and taken == 1 and put:
        coding += f"{toy.sequences()['1'][place]}>{put}"
    names = toy_namer.names(change(place, taken, put, minus=gene == "MINUS"), f"T_{gene}")
    assert (names.coding, names.protein) == (f"T_{gene}.2:{coding}", f"P_{gene}.1:{protein}")
    assert (names.transcript, names.refseq, names.error) == (f"T_{gene}.2", "NM_000001.4", None)


def test_the_genomic_name_is_shifted_along_the_contig_whatever_the_strand(toy_namer: HgvsNamer) -> None:
    plus = toy_namer.names(change(126, 1, "", minus=False), "T_PLUS")
    assert plus.genomic == "NC_000001.11:g.132del"
    minus = toy_namer.names(change(126, 1, "", minus=True), "T_MINUS")
    assert minus.genomic == f"NC_000001.11:g.{toy.mirrored(126) + 1}del"


def test_a_transcript_that_codes_for_nothing_is_named_with_n(toy_namer: HgvsNamer) -> None:
    ref = toy.sequences()["1"][805]
    names = toy_namer.names(Variant(Build.GRCH38, 1, 806, ref, "ACGT"["TGCA".index(ref)]), "T_NONCODING")
    assert names.coding == f"T_NONCODING.2:n.66{ref}>{'ACGT'['TGCA'.index(ref)]}"
    assert (names.protein, names.error) == (None, None)


def test_mitochondrial_names_use_m_and_the_mitochondrial_code(toy_namer: HgvsNamer) -> None:
    assert toy_namer.names(Variant(Build.GRCH38, 25, 62, "A", "C"), "T_MITO") == HgvsNames(
        "NC_012920.1:m.62A>C", "T_MITO.2:c.12A>C", "P_MITO.1:p.(Met4Ile)", "T_MITO.2"
    )


def test_a_bad_question_is_answered_with_its_error(toy_namer: HgvsNamer) -> None:
    good = toy.sequences()["1"][124]
    cases = {
        "the transcript is not in": (Variant(Build.GRCH38, 1, 125, good, "T"), "T_NOBODY"),
        "the variant is on GRCh37": (Variant(Build.GRCH37, 1, 125, good, "T"), "T_PLUS"),
        "different contigs": (Variant(Build.GRCH38, 2, 125, good, "T"), "T_PLUS"),
        "REF is G, the reference has C": (Variant(Build.GRCH38, 1, 125, "G", "T"), "T_PLUS"),
        "outside reference": (Variant(Build.GRCH38, 1, 5000, "G", "T"), "T_PLUS"),
    }
    for message, (variant, transcript) in cases.items():
        names = toy_namer.names(variant, transcript)
        assert message in str(names.error)
        assert (names.genomic, names.coding, names.protein) == (None, None, None)


def test_a_place_outside_the_transcript_keeps_its_genomic_name(toy_namer: HgvsNamer) -> None:
    ref = toy.sequences()["1"][650]
    names = toy_namer.names(Variant(Build.GRCH38, 1, 651, ref, "ACGT"["TGCA".index(ref)]), "T_PLUS")
    assert names.genomic == f"NC_000001.11:g.651{ref}>{'ACGT'['TGCA'.index(ref)]}"
    assert (names.coding, names.protein) == (None, None)
    assert names.error is not None


def test_equal_questions_are_answered_from_memory(toy_namer: HgvsNamer) -> None:
    first = toy_namer.names(change(124, 1, "T", minus=False), "T_PLUS")
    assert toy_namer.names(change(124, 1, "T", minus=False), "T_PLUS") is first


def test_single_bases_equal_a_slow_writer(namer: HgvsNamer, chromosome_20: Reference) -> None:
    chance = random.Random(5)
    transcripts = reference_transcripts(chromosome_20)
    strands: Counter[int] = Counter()
    for transcript in chance.sample(transcripts.transcripts, 60):
        places = transcript_places(transcript)
        edges = [x for exon in transcript.exons for x in exon][1:-1]
        chosen = [
            *chance.sample(places, 6),
            *(edge + chance.randint(-5, 5) for edge in chance.choices(edges or places, k=4)),
        ]
        for place in {p for p in chosen if transcript.start0 <= p < transcript.end0}:
            ref = chromosome_20.sequence(20, place, place + 1)
            alt = chance.choice([base for base in "ACGT" if base != ref])
            pair = (ref, alt) if transcript.strand == 1 else (toy.reverse_complement(ref), toy.reverse_complement(alt))
            names = namer.names(Variant(Build.GRCH37, 20, place + 1, ref, alt), transcript.identifier)
            assert names.genomic == f"NC_000020.10:g.{place + 1}{ref}>{alt}"
            assert names.coding == f"{transcript.name}:c.{coding_name_of(transcript, place)}{pair[0]}>{pair[1]}"
            strands[transcript.strand] += 1
    assert min(strands.values()) > 150


def random_indels(transcript: Transcript, reference: Reference, chance: random.Random, count: int) -> list[Variant]:
    """Small insertions, deletions and replacements in the coding parts, repeats preferred."""
    variants: set[Variant] = set()
    while len(variants) < count:
        start, end = chance.choice(transcript.coding_segments)
        place = chance.randrange(start, end)
        around = reference.sequence(20, place - 12, place + 12)
        taken = min(chance.choice((0, 0, 1, 1, 2, 3, 4, 6)), end - place)
        ref = around[11 : 12 + taken]
        repeat = around[12 : 12 + chance.choice((1, 2, 3, 4))]
        put = chance.choice((repeat, "".join(chance.choices("ACGT", k=chance.randint(1, 6))))) if not taken else ""
        if taken and chance.random() < 0.25:
            put = "".join(chance.choices("ACGT", k=chance.randint(1, 5)))
        if put != ref[1:]:
            variants.add(Variant(Build.GRCH37, 20, place, ref, ref[0] + put))
    return sorted(variants)


def test_names_of_indels_say_the_change_and_lie_furthest_3_prime(namer: HgvsNamer, chromosome_20: Reference) -> None:
    import hgvs.parser

    parser = hgvs.parser.Parser()
    chance = random.Random(8)
    kinds: Counter[str] = Counter()
    for transcript in chance.sample(reference_transcripts(chromosome_20).transcripts, 40):
        for variant in random_indels(transcript, chromosome_20, chance, 10):
            names = namer.names(variant, transcript.identifier)
            assert names.error is None
            assert names.coding is not None
            assert names.genomic is not None
            low, high = variant.position - 60, variant.position + 60
            contig = chromosome_20.sequence(20, low, high)
            at = variant.position - 1 - low
            expected = contig[:at] + variant.alt + contig[at + len(variant.ref) :]
            assert applied(names.genomic, None, chromosome_20, (low, high)) == expected, names
            assert applied(names.coding, transcript, chromosome_20, (low, high)) == expected, names
            assert str(parser.parse_hgvs_variant(names.coding)) == names.coding
            edit = next(word for word in ("delins", "del", "dup", "ins", "inv", ">") if word in names.coding)
            kinds[edit] += 1
            if edit in ("del", "dup", "ins"):
                assert not can_shift(names.coding, transcript, chromosome_20, expected, (low, high)), names
    assert all(kinds[edit] >= 20 for edit in ("delins", "del", "dup", "ins"))


def can_shift(name: str, transcript: Transcript, reference: Reference, expected: str, window: tuple[int, int]) -> bool:
    """Whether the same kind of change one base further 3' on the contig, along the transcript, says the same."""
    text = name.partition(":c.")[2]
    edit = next(word for word in ("delins", "del", "dup", "ins") if word in text)
    ends = [contig_place_of(transcript, part) for part in text.partition(edit)[0].split("_")]
    low, high = window
    contig = reference.sequence(20, low, high)
    start, end = min(ends) - low + transcript.strand, max(ends) + 1 - low + transcript.strand
    if edit == "del":
        return contig[:start] + contig[end:] == expected
    if edit == "dup":
        return contig[:end] + contig[start:end] + contig[end:] == expected
    middle, length = start + 1, len(expected) - len(contig)
    return contig[:middle] + expected[middle : middle + length] + contig[middle:] == expected


def test_protein_names_equal_slow_readings(namer: HgvsNamer, chromosome_20: Reference) -> None:
    chance = random.Random(21)
    judged: Counter[str] = Counter()
    for transcript in chance.sample(reference_transcripts(chromosome_20).transcripts, 40):
        for variant in random_indels(transcript, chromosome_20, chance, 8):
            names = namer.names(variant, transcript.identifier)
            assert names.protein is not None
            protein = names.protein.partition(":")[2]
            if protein == "p.?":  # the name lies in an intron: the splicing may change
                assert "+" in str(names.coding) or "-" in str(names.coding) or "*" in str(names.coding)
                judged["p.?"] += 1
                continue
            start, end = variant.position, variant.position - 1 + len(variant.ref)
            before, after = reading(transcript, chromosome_20, start, end, variant.alt[1:])
            if protein == "p.(Met1?)":
                assert after[:1] != "M"
                judged["start"] += 1
            elif "ext" in protein:
                judged["extension"] += 1
            elif (len(variant.alt) - len(variant.ref)) % 3:
                assert protein == slow_frameshift(before, after), names
                judged["frameshift"] += 1
            else:
                assert applied_protein(protein, before) == after.split("*")[0] + "*", names
                judged["in frame"] += 1
    assert judged["frameshift"] > 150
    assert judged["in frame"] > 50


def test_transcripts_json_is_what_cdot_reads(toy_reference: Reference, toy_namer: HgvsNamer) -> None:
    from cdot import models

    path = ensure_transcripts_json(toy_reference)
    assert path == toy_reference.transcripts_json
    data = models.load(str(path))
    assert data.metadata == {
        "layout": 1,
        "build": "GRCh38",
        "gff3_sha256": reference_transcripts(toy_reference).checksum,
    }
    minus = data.transcripts["T_MINUS.2"]
    assert (minus.start_codon, minus.stop_codon, minus.protein, minus.gene_name) == (20, 161, "P_MINUS.1", "MINUS")
    placed = minus.genome_builds["GRCh38"]
    assert (placed.contig, placed.strand, placed.tag) == ("NC_000001.11", "-", "MANE_Select")
    assert [tuple(exon) for exon in placed.exons] == [
        (1099 + 1, 1179 + 1, 2, 121, 200, None),
        (1280, 1340, 1, 61, 120, None),
        (1440, 1500, 0, 1, 60, None),
    ]


def test_transcripts_json_is_made_again_when_it_is_of_another_annotation(tmp_path: Path) -> None:
    reference = toy.make_reference(tmp_path)
    path = ensure_transcripts_json(reference)
    made = path.read_bytes()
    stamp = path.stat().st_mtime_ns
    assert ensure_transcripts_json(reference).stat().st_mtime_ns == stamp
    for other in (b"", made[:40], json.dumps({"metadata": {"gff3_sha256": "of another"}}).encode()):
        path.write_bytes(other)
        ensure_transcripts_json(reference)
        assert path.read_bytes() == made
    assert [file.name for file in reference.folder.glob("*.partial")] == []


def test_a_reference_without_annotation_cannot_name(tmp_path: Path) -> None:
    fasta = tmp_path / "toy.fa"
    fasta.write_text(">1\nACGT\n")
    bare = ReferenceStore(tmp_path / "store").add(fasta, None, Build.GRCH38, "bare")
    with pytest.raises(InputError) as raised:
        HgvsNamer(bare)
    assert raised.value.code == "no_annotation"


def test_importing_names_does_not_load_hgvs() -> None:
    program = "import sys, varde.annotation.names; print('hgvs' in sys.modules, 'cdot' in sys.modules)"
    ended = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert ended.stdout == "False False\n"
