"""What texts in the search box mean: every notation of a variant leads to it; what is open is offered; none fails."""

from __future__ import annotations

import contextlib
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from varde.annotation.genes import reference_transcripts
from varde.annotation.names import HgvsNamer
from varde.annotation.tests.toy import make_reference
from varde.frequency.lookup import as_counted
from varde.frequency.search import Gene, Reading, Searcher
from varde.genome.alleles import Variant
from varde.genome.builds import Build, refseq_accession
from varde.genome.errors import InputError
from varde.genome.regions import Region


@pytest.fixture(scope="module")
def reference(tmp_path_factory):
    return make_reference(tmp_path_factory.mktemp("search"))


@pytest.fixture(scope="module")
def searcher(reference):
    def named(rsid):
        return [Variant(reference.build, 1, 300, reference.sequence(1, 299, 300), alt) for alt in "N" if rsid == "rs77"]

    return Searcher(reference.build, reference, named)


def test_every_notation_of_a_variant_leads_to_it(reference, searcher):
    draw, namer = random.Random(1), HgvsNamer(reference)
    accession = refseq_accession(reference.build, 1)
    checked = 0
    while checked < 40:
        position, length = draw.randrange(30, 1_560), draw.randrange(1, 4)
        ref = reference.sequence(1, position - 1, position - 1 + length)
        alt = "".join(draw.choice("ACGT") for _ in range(draw.randrange(1, 4)))
        if ref == alt:
            continue
        variant = Variant(reference.build, 1, position, ref, alt)
        counted = as_counted(variant, reference)
        transcripts = reference_transcripts(reference).overlapping(1, variant.start0, variant.end0)
        names = [namer.names(variant, one.identifier) for one in transcripts]
        texts = {
            f"1-{position}-{ref}-{alt}": Reading.VCF,
            f"chr1:{position}:{ref.lower()}:{alt}": Reading.VCF,
            f"1\t{position}\t.\t{ref}\t{alt}\t.\tPASS\t.": Reading.VCF,
            f"{accession}:{position - 1}:{ref}:{alt}": Reading.SPDI,
            f"{accession}:{position - 1}:{len(ref)}:{alt}": Reading.SPDI,
            **{name.genomic: Reading.HGVS_GENOMIC for name in names if name.genomic},
            **{name.coding: Reading.HGVS_TRANSCRIPT for name in names if name.coding},
        }
        for text, reading in texts.items():
            choices = searcher.understand(f"  {text} ").choices
            assert (reading, counted) in [(one.reading, one.target) for one in choices], text
            # Another meaning of an accession with a position is possible only where the reference allows it.
            assert all(one.reading in (Reading.SPDI, Reading.VCF) for one in choices[1:])
        checked += 1


def test_an_accession_that_reads_both_ways_is_offered_both_ways(reference, searcher):
    sequence = reference.sequence(1, 0, 2_000)
    at = next(i for i in range(100, 1_900) if sequence[i] == sequence[i - 1] and sequence[i + 1] != sequence[i])
    other = next(base for base in "ACGT" if base != sequence[at])
    found = searcher.understand(f"{refseq_accession(reference.build, 1)}:{at}:{sequence[at]}:{other}")
    assert [(one.reading, one.target.position) for one in found.choices] == [(Reading.SPDI, at + 1), (Reading.VCF, at)]
    assert found.only is None
    once = next(i for i in range(100, 1_900) if sequence[i] != sequence[i - 1])
    other = next(base for base in "ACGT" if base != sequence[once])
    found = searcher.understand(f"{refseq_accession(reference.build, 1)}:{once}:{sequence[once]}:{other}")
    assert found.only.target.position == once + 1


def test_several_alternates_are_several_choices(reference, searcher):
    ref = reference.sequence(1, 299, 300)
    others = [base for base in "ACGT" if base != ref]
    for text in (f"1-300-{ref}-{','.join(others)}", f"1\t300\trs1\t{ref}\t{','.join(others)}"):
        assert [one.target.alt for one in searcher.understand(text).choices] == others


def test_genes_and_regions(reference, searcher):
    transcripts = reference_transcripts(reference)
    symbol = next(one.gene for one in transcripts.transcripts if one.contig == 1)
    gene = searcher.understand(symbol.lower()).only.target
    assert isinstance(gene, Gene)
    members = transcripts.by_gene[symbol]
    assert (gene.region.start0, gene.region.end0) == (
        min(one.start0 for one in members),
        max(one.end0 for one in members),
    )
    assert searcher.understand(gene.identifier).only.target == gene
    assert searcher.understand("chr2:1-2,000").only.target == Region(reference.build, 2, 0, 2_000)
    assert searcher.understand("2:77").only.target == Region(reference.build, 2, 76, 77)
    assert searcher.genes_like(symbol[:2].lower())[0].upper().startswith(symbol[:2].upper())


def test_a_protein_change_gives_the_changes_of_dna_or_the_codons_place(reference, searcher):
    transcript = next(one for one in reference_transcripts(reference).transcripts if one.contig == 1 and one.cds)
    found = searcher.understand(f"{transcript.gene} p.Ala2Val").choices
    assert {one.reading for one in found} == {Reading.HGVS_PROTEIN}
    assert len(found) == 4
    assert {one.through for one in found} == {transcript.name}
    place = searcher.understand(f"{transcript.gene}:p.(Ala2fs)").only.target
    assert isinstance(place, Region)
    assert len(place) == 3


def test_rsids_are_found_where_they_are_loaded(searcher, reference):
    assert searcher.understand("RS77").only.reading is Reading.RSID
    with pytest.raises(InputError) as refused:
        searcher.understand("rs1")
    assert refused.value.code == "unknown_rsid"
    with pytest.raises(InputError) as refused:
        Searcher(reference.build, reference).understand("rs77")
    assert refused.value.code == "no_rsids"


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "empty_search"),
        ("A" * 2_001, "too_long"),
        ("NOSUCHGENE", "unknown_gene"),
        ("99-1-A-T", "bad_contig"),
        ("2:5-1", "bad_region"),
        ("2:1-999999999999", "bad_region"),
        ("ENST99999999.1:c.5del", "unknown_transcript"),
        ("NC_000001.99:5:A:T", "bad_contig"),
        ("c.5del", "gene_missing"),
        ("p.Gly12Val", "gene_missing"),
        ("<script>", "bad_variant"),
        ("1:g.(5_9)del", "hgvs_uncertain"),
    ],
)
def test_what_means_nothing_says_why(searcher, text, code):
    with pytest.raises(InputError) as refused:
        searcher.understand(text)
    assert (refused.value.code, refused.value.field) == (code, "variant")


def test_without_a_reference_positions_are_read_and_genes_are_not():
    bare = Searcher(Build.GRCH38)
    assert str(bare.understand("20-1234-A-T").only.target) == "20-1234-A-T"
    assert [one.reading for one in bare.understand("NC_000020.11:1234:A:T").choices] == [Reading.SPDI, Reading.VCF]
    for text in ("BRCA1", "BRCA1:c.5del"):
        with pytest.raises(InputError):
            bare.understand(text)


ALPHABET = "ACGTNacgtn0123456789-:_.,>/ chrXYMTgcpn()=delinsduprsENSTNC*+?\t"


@given(st.one_of(st.text(max_size=60), st.text(ALPHABET, max_size=60), st.from_regex(r"NC_00000[12]\.1[01]:.{0,20}")))
def test_no_text_is_an_error_of_ours(searcher, text):
    with contextlib.suppress(InputError):
        assert searcher.understand(text).choices
    searcher.genes_like(text)


def test_a_single_variant_with_another_ref_is_told_of_as_such(reference):
    """Not of a file, its lines and its records."""
    true = reference.sequence(1, 99, 100)
    wrong = next(base for base in "ACGT" if base != true)
    for ref in (wrong, wrong * 60):
        with pytest.raises(InputError) as caught:
            as_counted(Variant(reference.build, 1, 100, ref, f"{ref}A"), reference)
        error = caught.value
        assert (error.code, error.line, error.source, error.field) == ("ref_mismatch", None, None, "REF")
        assert error.problem.startswith("REF of 1-100-")
        assert (
            f"{reference.name} ({reference.build}) has {reference.sequence(1, 99, 99 + len(ref))[:40]}" in error.problem
        )
        assert not {"record", "line", "file"} & set(error.problem.replace(".", " ").split())
