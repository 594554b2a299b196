from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from varde.genome.alleles import Spdi, Variant
from varde.genome.builds import CONTIGS, Build, contig_length, refseq_accession
from varde.genome.errors import InputError

BASES = st.text("ACGTN", min_size=1, max_size=8)


@pytest.mark.parametrize(
    "text",
    [
        *("20-1234-A-T", "chr20:1234:A:T", " 20:1,234 A>T ", "20 1234 A T", "chr20-1234-A-T", "20:1234A>T"),
        *(
            "20_1234_A_T",
            "chr20\t1234\tA\tT",
            "CHR20  1234 a t",
            "20\u20131234\u2013A\u2013T",
            "\ufeff20-12\u200b34-A-T\u00a0",
        ),
        *("NC_000020.11-1234-A-T", "NC_000020.11 1234 A T", "NC_000020.11_1234_A_T", "nc_000020.11:1234A>T"),
        *("NC_000020.11:1233:A:T", "nc_000020.11:1233:a:t"),
    ],
)
def test_the_usual_ways_to_write_a_variant_mean_the_same(text):
    assert Variant.parse(Build.GRCH38, text) == Variant(Build.GRCH38, 20, 1234, "A", "T")


@given(st.sampled_from(Build), st.integers(1, 25), st.data(), BASES, BASES)
def test_an_accession_with_colons_counts_from_zero_and_anything_else_from_one(build, contig, data, ref, alt):
    position = data.draw(st.integers(1, contig_length(build, contig) - 7))
    alt += "A" * (ref == alt)
    accession, variant = refseq_accession(build, contig), Variant(build, contig, position, ref, alt)
    assert Variant.parse(build, f"{accession}:{position - 1}:{ref}:{alt}") == variant
    assert Variant.parse(build, f"{accession}-{position}-{ref}-{alt}") == variant
    assert Variant.parse(build, f"chr{CONTIGS[contig - 1]}:{position}:{ref}:{alt}") == variant
    assert Spdi.parse(build, f"{accession}:{position - 1}:{len(ref)}:{alt}") == Spdi(
        build, contig, position - 1, len(ref), alt
    )


@given(st.sampled_from(Build), st.integers(1, 25), st.data(), BASES, BASES)
def test_a_variant_reads_back_from_its_text(build, contig, data, ref, alt):
    position = data.draw(st.integers(1, contig_length(build, contig) - 7))
    if ref == alt:
        alt += "A"
    variant = Variant(build, contig, position, ref, alt)
    assert Variant.parse(build, str(variant)) == variant
    assert (variant.start0, variant.end0 - variant.start0) == (position - 1, len(ref))


@pytest.mark.parametrize(
    ("text", "code"),
    [
        *(("", "bad_variant"), ("rs123", "bad_variant"), ("20-1234-A", "bad_variant"), ("20-x-A-T", "bad_variant")),
        *((f"20-{'1' * 5_000}-A-T", "bad_variant"), (f"{'1' * 5_000}-1-A-T", "bad_contig")),
        *(("20-123456789012345678-A-T", "bad_position"), (f"20-{'9' * 21}-A-T", "bad_variant")),
        *(("20-1234-A-T-G", "bad_variant"), ("20-A-T", "bad_variant")),
        *(("chrUn-1-A-T", "bad_contig"), ("26-1-A-T", "bad_contig"), ("NC_000020.10-1-A-T", "wrong_build")),
        *(("20-0-A-T", "bad_position"), ("20-64444168-A-T", "bad_position"), ("20-64444167-AC-T", "bad_position")),
        *(
            ("20-1-A-A", "bad_allele"),
            ("20-1-a-A", "bad_allele"),
            ("20-1-A-*", "bad_allele"),
            ("20-1-A-R", "bad_allele"),
        ),
        *(("NC_000020.10:1:A:T", "wrong_build"), ("NC_000020.11:5::T", "needs_reference")),
        *(("NC_000020.11:5:1:T", "needs_reference"), ("NM_000059.4:5:A:T", "bad_contig")),
        *((f"20-{'1' * 5_000}-A-T", "bad_variant"), ("20", "bad_variant")),
        *(("20-1-A-<DEL>", "bad_allele"), ("20-1-A-.", "bad_allele")),
    ],
)
def test_other_texts_are_refused(text, code):
    with pytest.raises(InputError) as caught:
        Variant.parse(Build.GRCH38, text)
    assert caught.value.code == code


@pytest.mark.parametrize("contig", [0, 26, -1])
def test_contig_codes_are_checked(contig):
    with pytest.raises(InputError) as caught:
        Variant(Build.GRCH38, contig, 1, "A", "T")
    assert caught.value.code == "bad_contig"


def test_variants_sort_by_place():
    texts = ["X-5-A-T", "2-10-A-T", "2-9-C-T", "2-9-A-T", "MT-1-G-A"]
    assert [str(variant) for variant in sorted(Variant.parse(Build.GRCH37, text) for text in texts)] == [
        *("2-9-A-T", "2-9-C-T", "2-10-A-T", "X-5-A-T", "MT-1-G-A")
    ]
