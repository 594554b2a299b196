"""What texts in the search box mean: every notation of a variant leads to it; what is open is offered; none fails."""

from __future__ import annotations

import contextlib
import copy
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from varde.annotation.genes import reference_transcripts
from varde.annotation.genetic_code import reverse_complement
from varde.annotation.names import HgvsNamer
from varde.annotation.tests.toy import make_reference
from varde.frequency.lookup import as_counted
from varde.frequency.search import LONGEST_WRITTEN, Gene, Reading, Searcher, SeveralVariants
from varde.genome.alleles import Variant
from varde.genome.builds import Build, contig_code, contig_length, refseq_accession
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
            assert len(choices) == 1
        checked += 1


def test_an_accession_with_colons_is_spdi_also_where_the_base_before_is_the_same(reference, searcher):
    sequence, accession = reference.sequence(1, 0, 2_000), refseq_accession(reference.build, 1)
    twice = next(i for i in range(100, 1_900) if sequence[i] == sequence[i - 1])
    other = next(base for base in "ACGT" if base != sequence[twice])
    text = f"{accession}:{twice}:{sequence[twice]}:{other}"
    choice = searcher.understand(text).only
    assert (choice.reading, str(choice.target)) == (Reading.SPDI, f"1-{twice + 1}-{sequence[twice]}-{other}")
    assert as_counted(Variant.parse(reference.build, text), reference) == choice.target
    assert searcher.understand(text.lower()).only == choice
    dashes = searcher.understand(text.replace(":", "-")).only
    assert (dashes.reading, str(dashes.target)) == (Reading.VCF, f"1-{twice}-{sequence[twice - 1]}-{other}")


def test_an_accession_with_colons_that_was_counted_from_one_is_refused_with_the_reason(reference, searcher):
    sequence = reference.sequence(1, 0, 2_000)
    once = next(i for i in range(100, 1_900) if sequence[i] != sequence[i + 1])
    with pytest.raises(InputError) as refused:
        searcher.understand(f"{refseq_accession(reference.build, 1)}:{once + 1}:{sequence[once]}:N")
    assert refused.value.code == "spdi_mismatch"
    assert "counts from 0" in refused.value.remedy


def test_spdi_may_leave_bases_to_the_reference(reference, searcher):
    accession, before = refseq_accession(reference.build, 1), reference.sequence(1, 299, 300)
    inserted = searcher.understand(f"{accession}:300::TTTGGG").only
    assert inserted.target == as_counted(Variant(reference.build, 1, 300, before, f"{before}TTTGGG"), reference)
    deleted = searcher.understand(f"{accession}:300:7:").only
    ref = reference.sequence(1, 299, 307)
    assert deleted.target == as_counted(Variant(reference.build, 1, 300, ref, before), reference)
    for text, code in ((f"{accession}:300:10001:", "too_long"), (f"{accession}:5:A:A", "bad_allele")):
        with pytest.raises(InputError) as refused:
            searcher.understand(text)
        assert refused.value.code == code


def test_what_people_paste_is_read(reference, searcher):
    ref, at = reference.sequence(1, 299, 300), 300
    alt = next(base for base in "ACGT" if base != ref)
    expected = f"1-{at}-{ref}-{alt}"
    texts = [f"1:{at}{ref}>{alt}", f"1_{at}_{ref}_{alt}", f"chr1 {at} {ref} {alt}", f"chr1\t{at}\t{ref}\t{alt}"]
    texts += [f"\u200b 1\u2013{at}\u2013{ref}\u2013{alt}\ufeff\n", f"CHR1:{at}:{ref}:{alt}", f"chr1:g.{at}{ref}>{alt}"]
    texts += [f"\u00a0{refseq_accession(reference.build, 1)}:g.{at}{ref}>{alt}\u200e"]
    for text in [*texts, *map(str.lower, texts)]:
        assert str(searcher.one(text).target) == expected, text


def test_names_on_genes_and_transcripts_are_read_as_reports_write_them(reference, searcher):
    transcript = next(
        one for one in reference_transcripts(reference).transcripts if one.contig == 1 and one.cds and one.strand == 1
    )
    gene, name = transcript.gene, transcript.name
    alone = searcher.one(f"{name}:c.4G>A").target
    for text in (
        *(f"{name}:c.4G>A p.(Ala2Thr)", f"{name}:c.4G>A p.Ala2Thr", f"{name}({gene}):c.4G>A (p.Ala2Thr)"),
        *(f"{name}:c.4G>A, p.A2T", f"{name}:c.4G>A; p.(=)", f"{gene}:c.4G>A", f"{gene} c.4G>A", f"{name} C.4G>A"),
        *(f"{gene} c.4g>a p.(ala2thr)", f"{name}:c.4G>A p.?", f"{name}:c.4G>A p.(Ala2Thrfs*5)"),
    ):
        assert searcher.one(text).target == alone, text
        assert searcher.one(text.lower()).target == alone, text
    with pytest.raises(InputError) as refused:
        searcher.one(f"{name}:c.4G>A p.(Ala2Val)")
    assert refused.value.code == "names_disagree"
    spelled = searcher.understand(f"{gene}:p.(Ala2Val)").choices
    assert len(spelled) == 4
    for text in (
        *(f"{gene} p.Ala2Val", f"{gene} A2V", f"{gene}:A2V", f"{gene} Ala2Val", f"{gene} (A2V)", f"{gene} p.A2V"),
        f"\u200b{gene}\u00a0p.(Ala2Val) ",
    ):
        assert searcher.understand(text).choices == spelled, text
        assert searcher.understand(text.lower()).choices == spelled, text
    assert searcher.understand(f"{gene} p.ala2fs").choices == searcher.understand(f"{gene}:p.(Ala2fs)").choices


def test_several_variants_are_told_where_one_is_needed(reference, searcher):
    transcript = next(one for one in reference_transcripts(reference).transcripts if one.contig == 1 and one.cds)
    choices = searcher.understand(f"{transcript.gene} A2V").choices
    with pytest.raises(SeveralVariants) as refused:
        searcher.one(f"{transcript.gene} A2V")
    assert refused.value.candidates == tuple(one.target for one in choices)
    assert (refused.value.code, refused.value.field) == ("ambiguous", "variant")
    assert copy.copy(refused.value).candidates == refused.value.candidates
    for text in ("chr1", transcript.gene, "1:5-9"):
        with pytest.raises(InputError) as refused:
            searcher.one(text)
        assert refused.value.code == "no_variant"


@pytest.mark.parametrize("text", ["X", "x", "20", "chr20", "MT", "NC_000020.11", "nc_000020.11"])
def test_the_name_of_a_chromosome_is_the_chromosome(text):
    found = Searcher(Build.GRCH38).understand(text).only
    code = contig_code(text.upper().removeprefix("CHR"))
    assert (found.reading, found.target) == (
        Reading.REGION,
        Region(Build.GRCH38, code, 0, contig_length(Build.GRCH38, code)),
    )


def test_a_long_variant_has_a_short_text_that_is_read_back(reference, searcher):
    def bases(first, last):
        return reference.sequence(1, first - 1, last)

    long = Variant(reference.build, 1, 700, bases(700, 1_600), bases(700, 700))
    dup = Variant(reference.build, 1, 700, bases(700, 700), bases(700, 1_600))
    inv = Variant(reference.build, 1, 700, bases(700, 1_600), reverse_complement(bases(700, 1_600)))
    swap = Variant(reference.build, 1, 700, bases(700, 1_600), "ACGTTT")
    for variant in (long, dup, inv, swap, Variant(reference.build, 1, 700, bases(700, 700), bases(700, 900))):
        counted = as_counted(variant, reference)
        text = searcher.written(counted)
        assert len(text) <= LONGEST_WRITTEN
        assert searcher.one(text).target == counted, text
    assert searcher.written(long) == f"{refseq_accession(reference.build, 1)}:699:901:{bases(700, 700)}"
    assert searcher.written(Variant(reference.build, 1, 700, bases(700, 700), "ACGT" * 200)) is None
    assert Searcher(reference.build).written(long) is None
    assert Searcher(reference.build).written(Variant(reference.build, 1, 7, "A", "T")) == "1-7-A-T"


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
    assert str(bare.understand("NC_000020.11:1233:A:T").only.target) == "20-1234-A-T"
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
