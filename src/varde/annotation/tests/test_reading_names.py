"""Names read back: against ``hgvs`` as namer, against the genetic code written out, and refusals."""

from __future__ import annotations

import contextlib
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from varde.annotation.genes import reference_transcripts
from varde.annotation.names import HgvsNamer
from varde.annotation.reading_names import Name, genomic_variant, protein_variants, transcript_variant
from varde.annotation.tests.toy import PROTEIN
from varde.genome.alleles import Variant
from varde.genome.builds import Build
from varde.genome.errors import InputError

LETTERS = "ACGT"


def spelled(reference, variant, length=2_000):
    """The whole contig with the variant in it: two variants are one change when this is the same."""
    before = reference.sequence(variant.contig, 0, variant.position - 1)
    assert reference.sequence(variant.contig, variant.start0, variant.end0) == variant.ref
    return before + variant.alt + reference.sequence(variant.contig, variant.end0, length)


def random_variant(draw, reference):
    position = draw.randrange(30, 1_560)
    ref = reference.sequence(1, position - 1, position - 1 + draw.randrange(1, 5))
    alt = "".join(draw.choice(LETTERS) for _ in range(draw.randrange(1, 5)))
    return None if ref == alt else Variant(reference.build, 1, position, ref, alt)


def test_what_hgvs_names_is_read_back_as_the_same_change(toy_reference):
    namer, draw = HgvsNamer(toy_reference), random.Random(3)
    transcripts = reference_transcripts(toy_reference)
    read = {"g": 0, "c": 0}
    while min(read.values()) < 150:
        variant = random_variant(draw, toy_reference)
        if variant is None:
            continue
        for transcript in transcripts.overlapping(1, variant.start0, variant.end0):
            names = namer.names(variant, transcript.identifier)
            for text in (names.genomic, names.coding):
                if text is None:
                    continue
                name = Name.parse(text)
                again = (
                    genomic_variant(name, toy_reference.build, toy_reference)
                    if name.kind == "g"
                    else transcript_variant(name, transcript, toy_reference.build, toy_reference)
                )
                assert spelled(toy_reference, again) == spelled(toy_reference, variant), text
                read["g" if name.kind == "g" else "c"] += 1


def test_a_protein_change_is_every_codon_that_spells_it(toy_reference):
    from bioutils.sequences import translate_cds

    for transcript in reference_transcripts(toy_reference).transcripts:
        if transcript.contig != 1 or transcript.cds is None:
            continue
        name = Name.parse("X:p.(Ala2Val)")
        found = protein_variants(name, transcript, toy_reference.build, toy_reference)
        assert len(found) == 4  # GTN
        assert len(found[0].ref) == 1
        coding = transcript.coding_sequence(toy_reference)
        for variant in found:
            changed = list(coding)
            for place in range(len(variant.ref)):
                at = transcript.coding_position(variant.start0 + place)
                base = variant.alt[place]
                changed[at] = base if transcript.strand == 1 else base.translate(str.maketrans("ACGT", "TGCA"))
            assert translate_cds("".join(changed)) == f"MV{PROTEIN[2:]}*"


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("1:g.0A>T", "bad_hgvs"),
        ("1:g.10_5del", "bad_hgvs"),
        ("1:g.999999999del", "bad_hgvs"),
        ("1:g.(5_9)del", "hgvs_uncertain"),
        ("1:g.5_9ins", "bad_hgvs"),
        ("1:g.5_9insA", "bad_hgvs"),
        ("1:g.5=", "bad_hgvs"),
        ("1:g.100_20000del", "too_long"),
        ("99:g.5del", "bad_contig"),
        ("NC_000001.99:g.5del", "bad_contig"),
    ],
)
def test_a_name_that_cannot_be_read_says_why(toy_reference, text, code):
    with pytest.raises(InputError) as refused:
        genomic_variant(Name.parse(text), toy_reference.build, toy_reference)
    assert refused.value.code == code


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ("1+1A>T", "bad_hgvs"),  # the first coding base is no exon's end
        ("99999A>T", "outside_transcript"),
        ("-9999A>T", "outside_transcript"),
        ("40+200A>T", "outside_transcript"),
        ("5_2del", "bad_hgvs"),
        ("1C>T", "ref_mismatch"),
        ("?", "bad_hgvs"),
    ],
)
def test_a_name_on_a_transcript_is_held_to_its_exons_and_bases(toy_reference, change, code):
    transcript = next(one for one in reference_transcripts(toy_reference).transcripts if one.contig == 1 and one.cds)
    with pytest.raises(InputError) as refused:
        transcript_variant(Name("T", "c", change), transcript, toy_reference.build, toy_reference)
    assert refused.value.code == code


def test_a_substitution_needs_no_reference_but_a_deletion_does():
    substitution = genomic_variant(Name.parse("NC_000020.11:g.1234A>T"), Build.GRCH38, None)
    assert str(substitution) == "20-1234-A-T"
    with pytest.raises(InputError, match="reference"):
        genomic_variant(Name.parse("NC_000020.11:g.1234del"), Build.GRCH38, None)
    with pytest.raises(InputError) as refused:
        genomic_variant(Name.parse("NC_000020.10:g.1234A>T"), Build.GRCH38, None)
    assert refused.value.code == "wrong_build"


@given(
    st.sampled_from("gmcnp"),
    st.one_of(st.text(max_size=30), st.text("0123456789_+-*?()=>delinsdupvACGT[];", max_size=30)),
)
def test_no_text_gives_anything_but_a_variant_or_a_reason(toy_reference, kind, change):
    transcript = next(one for one in reference_transcripts(toy_reference).transcripts if one.contig == 1 and one.cds)
    build = toy_reference.build
    with contextlib.suppress(InputError):
        if kind in "gm":
            genomic_variant(Name("1", kind, change), build, toy_reference)
        elif kind == "p":
            protein_variants(Name("X", kind, change), transcript, build, toy_reference)
        else:
            transcript_variant(Name("T", kind, change), transcript, build, toy_reference)
