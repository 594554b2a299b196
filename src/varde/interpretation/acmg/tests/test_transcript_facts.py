"""Facts of a toy gene against an oracle that edits a genome of labelled bases and translates with another package."""

import random
from collections import Counter
from itertools import pairwise

import pysam
import pytest
from bioutils.sequences import reverse_complement, translate_cds
from hypothesis import example, given, settings
from hypothesis import strategies as st

from shared_data import shared_data
from varde.annotation.genes import read_gff3
from varde.annotation.transcripts import Transcript
from varde.genome.builds import Build
from varde.interpretation.acmg.evidence import Branch
from varde.interpretation.acmg.transcript_facts import deletion_facts, transcript_facts

CODONS = [a + b + c for a in "ACGT" for b in "ACGT" for c in "ACGT" if a + b + c not in ("TAA", "TAG", "TGA")]
UTR5, UTR3 = 10, 30
CODING = (61, 90, 80, 72)  # coding bases of the four exons; exon 2 alone keeps the frame when skipped
INTRON = 60
LENGTH = sum(CODING) // 3 - 1


def toy_gene():
    """Genome, and the exons on it: 20 bases before the first exon and after the last."""
    draw = random.Random(7)
    coding = "ATG" + "".join(draw.choice(CODONS) for _ in range(LENGTH - 1)) + "TAA"
    spliced = (
        "".join(draw.choice("ACGT") for _ in range(UTR5)) + coding + "".join(draw.choice("ACGT") for _ in range(UTR3))
    )
    lengths = [CODING[0] + UTR5, CODING[1], CODING[2], CODING[3] + UTR3]
    genome, exons = "C" * 20, []
    for number, length in enumerate(lengths):
        start = sum(lengths[:number])
        exons.append((len(genome), len(genome) + length))
        genome += spliced[start : start + length]
        if number < 3:
            genome += "GT" + "".join(draw.choice("CT") for _ in range(INTRON - 4)) + "AG"
    return genome + "C" * 20, tuple(exons)


GENOME, EXONS = toy_gene()
CDS = (EXONS[0][0] + UTR5, EXONS[3][1] - UTR3)


class Sequence:
    def __init__(self, bases):
        self.bases = bases

    def sequence(self, contig_code, start0, end0):
        assert contig_code == 20
        return self.bases[start0:end0]


def gene(strand=1, exons=EXONS, cds=CDS, **other):
    return Transcript(
        "T", 1, "TOY", "G", contig=20, strand=strand, exons=exons, cds=cds, biotype="protein_coding", **other
    )


def mirrored(span):
    return len(GENOME) - span[1], len(GENOME) - span[0]


PLUS, PLUS_SOURCE = gene(), Sequence(GENOME)
MINUS = gene(-1, tuple(sorted(map(mirrored, EXONS))), mirrored(CDS))
MINUS_SOURCE = Sequence(reverse_complement(GENOME))


def facts_of(start0, end0, inserted):
    """Facts on the plus strand; asserts that the mirrored gene on the minus strand says the same."""
    bases = GENOME[start0 - 1]
    plus = transcript_facts(PLUS, start0, bases + GENOME[start0:end0], bases + inserted, PLUS_SOURCE)
    low, high = mirrored((start0, end0))
    anchor = MINUS_SOURCE.bases[low - 1]
    ref, alt = anchor + MINUS_SOURCE.bases[low:high], anchor + reverse_complement(inserted)
    assert transcript_facts(MINUS, low, ref, alt, MINUS_SOURCE) == plus
    return plus


def genomic(coding0):
    """Place on the plus genome of a coding base."""
    for (start, end), length, skip in zip(EXONS, CODING, (UTR5, 0, 0, 0), strict=True):
        if coding0 < length:
            return start + skip + coding0
        coding0 -= length
        assert end
    raise AssertionError


def oracle(start0, end0, inserted, drop=()):
    """Protein and stop of the edited gene, with the last junction, by labels instead of arithmetic."""
    label = [next((n for n, (a, b) in enumerate(EXONS) if a <= i < b), None) for i in range(len(GENOME))]
    bases = [(GENOME[i], label[i], i) for i in range(len(GENOME))]
    bases[start0:end0] = [(base, label[start0 if start0 < end0 else start0 - 1], None) for base in inserted]
    spliced = [(base, exon, i) for base, exon, i in bases if exon is not None and exon not in drop]
    first = next(place for place, (_, _, i) in enumerate(spliced) if i == CDS[0])
    text = "".join(base for base, _, _ in spliced)[first:]
    protein = translate_cds(text[: len(text) // 3 * 3])
    junctions = [place for place, (a, b) in enumerate(pairwise(spliced), 1) if a[1] != b[1]]
    stop = protein.find("*")
    distance = junctions[-1] - (first + 3 * stop) if stop >= 0 else None
    return (protein if stop < 0 else protein[:stop]), distance


WILD = oracle(0, 0, "")[0]


def test_the_toy_gene_is_what_it_should_be():
    assert (len(WILD), WILD[0], LENGTH) == (100, "M", 100)


@pytest.mark.parametrize(
    ("codon", "distance"), [(2, 228), (20, 174), (61, 51), (62, 48), (77, 3), (78, 0), (79, -3), (100, -66)]
)
def test_nonsense_at_a_codon(codon, distance):
    """Coding base 231, the first of codon 78, is the first base of the last exon."""
    position = genomic(3 * (codon - 1))
    facts = facts_of(position, position + 3, "TAA")
    assert facts.branch is Branch.NONSENSE_FRAMESHIFT
    assert (facts.protein_position, facts.protein_length) == (codon, 100)
    assert facts.removed_fraction == (100 - codon + 1) / 100
    assert facts.ptc_to_last_junction == distance


@settings(max_examples=400, deadline=None, derandomize=True)
@given(st.integers(3, 299), st.integers(0, 7), st.text("ACGT", max_size=7))
@example(3, 0, "AAAAATG")
@example(299, 1, "GAAAA")
def test_changes_inside_an_exon_against_the_oracle(coding0, deleted, inserted):
    start0 = genomic(coding0)
    exon = next(span for span in EXONS if span[0] <= start0 < span[1])
    end0 = min(start0 + deleted, exon[1], CDS[1] - 3)
    if end0 < start0 or start0 in (exon[0], exon[1]) or (start0 == end0 and not inserted):
        return
    if GENOME[start0:end0] == inserted:
        return
    facts = facts_of(start0, end0, inserted)
    if facts.branch is None:
        assert (facts.problem, min(start0 - exon[0], exon[1] - end0) < 8) == ("splice_effect", True)
        return
    protein, distance = oracle(start0, end0, inserted)
    shift = len(inserted) - (end0 - start0)
    truncating = bool(shift % 3) or len(protein) < LENGTH + shift // 3
    if protein == WILD and not shift:
        truncating = False
    if (GENOME[:start0] + inserted + GENOME[end0:]).endswith(GENOME[CDS[0] :]):
        truncating = False  # the same sequence as an insertion before the start codon: the whole gene follows it
    if end0 == CDS[1] - 3 and inserted.startswith(GENOME[start0:end0]) and inserted[-1:] != GENOME[end0 - 1]:
        truncating = False  # an insertion between the last codon and the stop: every residue stands
    assert facts.branch is (Branch.NONSENSE_FRAMESHIFT if truncating else Branch.NOT_NULL)
    if truncating:
        kept = next((i for i, (a, b) in enumerate(zip(WILD, protein, strict=False)) if a != b), None)
        kept = min(len(WILD), len(protein)) if kept is None else kept
        assert (facts.protein_position, facts.removed_residues) == (kept + 1, 100 - kept)
        assert facts.ptc_to_last_junction == distance


def donor(exon):
    return EXONS[exon - 1][1]


def acceptor(exon):
    return EXONS[exon - 1][0]


@pytest.mark.parametrize("position", [donor(2), donor(2) + 1, acceptor(2) - 1, acceptor(2) - 2])
def test_a_splice_site_of_exon_2_skips_it_in_frame_but_for_a_new_stop(position):
    facts = facts_of(position, position + 1, "C")
    protein, distance = oracle(0, 0, "", drop={1})
    if len(protein) == 70:
        expected = (True, 30, None)
    else:
        kept = next(i for i, (a, b) in enumerate(zip(WILD, protein, strict=False)) if a != b)
        expected = (False, 100 - kept, distance)
    assert facts.branch is Branch.SPLICE
    assert (facts.frame_kept, facts.removed_residues, facts.ptc_to_last_junction) == expected
    assert facts.frame_kept is True, "the seed was chosen so that the frame is kept"


@pytest.mark.parametrize("position", [donor(3), donor(3) + 1, acceptor(3) - 1, acceptor(3) - 2])
def test_a_splice_site_of_exon_3_loses_the_frame(position):
    facts = facts_of(position, position + 1, "C")
    protein, distance = oracle(0, 0, "", drop={2})
    kept = next(i for i, (a, b) in enumerate(zip(WILD, protein, strict=False)) if a != b)
    assert (facts.branch, facts.frame_kept, facts.protein_position) == (Branch.SPLICE, False, kept + 1)
    assert (facts.removed_residues, facts.ptc_to_last_junction) == (100 - kept, distance)


@pytest.mark.parametrize("position", [donor(2) + 2, donor(2) + 30, acceptor(3) - 3])
def test_the_third_intronic_base_is_not_canonical(position):
    assert facts_of(position, position + 1, "A").branch is Branch.NOT_NULL


@pytest.mark.parametrize("position", [donor(1), acceptor(4) - 1])
def test_skipping_the_exon_of_the_start_or_the_stop_cannot_be_told(position):
    facts = facts_of(position, position + 1, "C")
    assert (facts.branch, facts.frame_kept, facts.removed_residues) == (Branch.SPLICE, None, None)


def test_a_splice_site_between_untranslated_exons_is_no_null_variant():
    late = gene(cds=(EXONS[1][0], CDS[1]))
    facts = transcript_facts(late, donor(1) + 1, "G", "C", PLUS_SOURCE)
    assert facts.branch is Branch.NOT_NULL


@pytest.mark.parametrize("position", [donor(2), acceptor(2)])
def test_an_insertion_between_exon_and_intron_cannot_be_told(position):
    facts = facts_of(position, position, "AC")
    assert (facts.branch, facts.problem) == (None, "splice_effect")


def test_a_repeated_base_at_the_edge_of_an_exon_lengthens_the_exon():
    """A base of the exon doubled leaves the same sequence wherever in its run it is written."""
    start = acceptor(3)
    run = next(i for i in range(1, 9) if GENOME[start + i] != GENOME[start])
    inside = facts_of(start + run, start + run, GENOME[start])
    assert inside.branch is Branch.NONSENSE_FRAMESHIFT
    written_left = transcript_facts(PLUS, start, GENOME[start - 1], GENOME[start - 1] + GENOME[start], PLUS_SOURCE)
    assert written_left == inside


def test_a_deletion_that_can_be_written_inside_the_exon_leaves_the_splice_site_alone():
    """...G|GTnn with one G deleted is ...|GTnn: the site is whole and the exon is shorter."""
    end = donor(2)
    genome = GENOME[: end - 1] + "G" + GENOME[end:]
    on_exon = transcript_facts(PLUS, end - 1, genome[end - 2 : end], genome[end - 2], Sequence(genome))
    on_site = transcript_facts(PLUS, end, genome[end - 1 : end + 1], genome[end - 1], Sequence(genome))
    assert on_exon == on_site
    assert on_exon.branch is Branch.NONSENSE_FRAMESHIFT


def test_start_codon():
    facts = facts_of(CDS[0] + 1, CDS[0] + 2, "C")
    following = next(i for i in range(2, 101) if WILD[i - 1] == "M")
    assert (facts.branch, facts.protein_position, facts.next_met) == (Branch.START, 1, following)


def test_a_deletion_over_the_start_codon():
    assert facts_of(CDS[0] - 3, CDS[0] + 1, "").branch is Branch.START


def test_a_change_before_the_start_codon_that_keeps_it():
    assert facts_of(CDS[0], CDS[0], "GCC").branch is Branch.NOT_NULL
    assert facts_of(CDS[0] - 2, CDS[0] - 1, "").branch is Branch.NOT_NULL


@pytest.mark.parametrize(("start", "end"), [(CDS[1] - 3, CDS[1] - 2), (CDS[1], CDS[1] + 4)])
def test_stop_codon_and_what_follows_remove_no_residue(start, end):
    assert facts_of(start, end, "").branch is Branch.NOT_NULL


def both_deletions(start0, end0):
    plus = deletion_facts(PLUS, start0, end0, PLUS_SOURCE)
    assert deletion_facts(MINUS, *mirrored((start0, end0)), MINUS_SOURCE) == plus
    return plus


class TestDeletions:
    def test_the_whole_gene(self):
        facts = both_deletions(5, len(GENOME) - 5)
        assert (facts.branch, facts.full_gene, facts.removed_fraction) == (Branch.DELETION, True, 1.0)

    def test_one_exon_in_frame(self):
        facts = both_deletions(acceptor(2) - 20, donor(2) + 20)
        assert (facts.branch, facts.full_gene, facts.frame_kept) == (Branch.DELETION, False, True)
        assert facts.removed_fraction == 0.30

    def test_two_exons_out_of_frame(self):
        facts = both_deletions(acceptor(2) - 20, donor(3) + 20)
        protein, distance = oracle(0, 0, "", drop={1, 2})
        assert (facts.frame_kept, facts.ptc_to_last_junction) == (False, distance)
        assert facts.removed_residues == 100 - next(i for i, (a, b) in enumerate(zip(WILD, protein)) if a != b)  # noqa: B905

    def test_a_breakpoint_inside_an_exon_cannot_be_told(self):
        facts = both_deletions(acceptor(2) - 20, acceptor(3) + 5)
        assert (facts.branch, facts.frame_kept, facts.full_gene) == (Branch.DELETION, None, False)

    def test_an_intron_alone_is_no_null_variant_but_for_its_sites(self):
        assert both_deletions(donor(2) + 2, acceptor(3) - 2).branch is Branch.NOT_NULL
        assert both_deletions(donor(2), acceptor(3)).frame_kept is None

    def test_empty(self):
        with pytest.raises(ValueError, match="is empty"):
            deletion_facts(PLUS, 5, 5, PLUS_SOURCE)


class TestPlace:
    @pytest.mark.parametrize(
        ("position", "near"),
        [
            (acceptor(2), True),
            (acceptor(2) + 1, False),
            (donor(2) - 1, True),
            (donor(2) - 3, True),
            (donor(2) - 4, False),
        ],
    )
    def test_near_a_splice_site(self, position, near):
        other = "A" if GENOME[position] != "A" else "C"
        assert facts_of(position, position + 1, other).near_splice_site is near

    def test_the_outer_ends_of_a_transcript_are_no_splice_sites(self):
        first = EXONS[0][0]
        assert facts_of(first, first + 1, "A" if GENOME[first] != "A" else "C").near_splice_site is False
        last = EXONS[3][1] - 1
        assert facts_of(last, last + 1, "A" if GENOME[last] != "A" else "C").near_splice_site is False

    @pytest.mark.parametrize(
        ("position", "offset"), [(donor(2), 1), (donor(2) + 6, 7), (acceptor(3) - 1, -1), (acceptor(3) - 21, -21)]
    )
    def test_offset_in_the_intron(self, position, offset):
        facts = facts_of(position, position + 1, "A" if GENOME[position] != "A" else "C")
        assert (facts.intron_offset, facts.near_splice_site) == (offset, None)

    def test_exon_number_follows_the_transcript(self):
        assert [
            facts_of(start + 12, start + 13, "A" if GENOME[start + 12] != "A" else "C").exon for start, _ in EXONS
        ] == [
            1,
            2,
            3,
            4,
        ]


class TestUnreadable:
    @pytest.mark.parametrize(
        "broken",
        [
            gene(cds=(CDS[0] + 1, CDS[1])),
            gene(cds=(CDS[0] + 3, CDS[1])),
            gene(cds=(CDS[0], CDS[1] - 3)),
            gene(phase=1),
        ],
        ids=["odd length", "no start codon", "no stop codon", "part codon"],
    )
    def test_a_coding_sequence_that_is_not_whole(self, broken):
        facts = transcript_facts(broken, EXONS[1][0] + 11, GENOME[EXONS[1][0] + 10], "ACGTA", PLUS_SOURCE)
        assert (facts.branch, facts.problem) == (None, "coding_sequence")

    def test_a_transcript_without_a_coding_sequence(self):
        facts = transcript_facts(gene(cds=None), EXONS[1][0] + 11, GENOME[EXONS[1][0] + 10], "ACGTA", PLUS_SOURCE)
        assert facts.branch is Branch.NOT_NULL

    @pytest.mark.parametrize(("ref", "alt"), [("A", "<DEL>"), ("A", "*"), ("", "A"), ("N", "A")])
    def test_alleles_without_a_sequence_are_refused(self, ref, alt):
        with pytest.raises(ValueError, match="expected bases"):
            transcript_facts(PLUS, 40, ref, alt, PLUS_SOURCE)


def test_stop_codons_of_real_transcripts():
    """1,548 random substitutions in the 516 MANE transcripts of chromosome 20, against codons read one by one."""
    transcripts = read_gff3(shared_data("reference", "mane_on_grch37_chr20_chrX.gff3.gz"), Build.GRCH37).transcripts
    with pysam.FastaFile(str(shared_data("reference", "GRCh37_chr20.fa.gz"))) as fasta:
        source = Sequence(fasta.fetch("20").upper())
    coding = [transcript for transcript in transcripts if transcript.contig == 20 and transcript.cds is not None]
    draw, found = random.Random(3), Counter()
    for transcript in coding:
        for _ in range(3):
            coding0 = draw.randrange(3, transcript.coding_length - 3)
            position0 = transcript.genomic_position(coding0)
            ref = source.bases[position0]
            alt = draw.choice([base for base in "ACGT" if base != ref])
            codon = transcript.codon_at(position0, source)
            base = alt if transcript.strand == 1 else reverse_complement(alt)
            altered = codon.bases[: codon.offset] + base + codon.bases[codon.offset + 1 :]
            facts = transcript_facts(transcript, position0 + 1, ref, alt, source)
            found[facts.branch] += 1
            if altered not in ("TAA", "TAG", "TGA"):
                assert facts.branch is Branch.NOT_NULL
                continue
            assert (facts.branch, facts.protein_position) == (Branch.NONSENSE_FRAMESHIFT, codon.number)
            assert facts.protein_length == transcript.protein_length
            junction = transcript.last_junction
            distance = None if junction is None else junction - 3 * (codon.number - 1)
            assert facts.ptc_to_last_junction == distance
    assert (len(coding), found.total()) == (516, 1548)
    assert found[Branch.NONSENSE_FRAMESHIFT] == 52
