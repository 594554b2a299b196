"""Consequences of alleles: worked examples, alleles that have none, and the engine's failures."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from varde.annotation import csq, csq_child
from varde.annotation.consequence import CSQ_VERSION, SCHEMA, consequences, primary_consequence, source
from varde.annotation.genes import reference_transcripts
from varde.annotation.severity import TERMS, Impact
from varde.annotation.tests import toy
from varde.annotation.tests.toy import allele, make_reference, table
from varde.genome.builds import Build
from varde.genome.errors import InputError
from varde.genome.references import Reference, ReferenceStore


def answers(reference: Reference, *alleles: tuple[str, int, str, str]) -> list[tuple[str | None, ...]]:
    """(transcript, consequence, amino_acid_change) of every row but those of the second transcript of PLUS."""
    frame = consequences(table(alleles), reference).filter(pl.col("transcript").fill_null("") != "T_PLUS_B")
    return frame.select("transcript", "consequence", "amino_acid_change").rows()


CODING_EXAMPLES = [
    # coding base (0-based), new base, consequence, amino-acid change
    (4, "T", "missense_variant", "2A>2V"),
    (5, "G", "synonymous_variant", "2A"),
    (12, "T", "stop_gained", "5R>5*"),
    (0, "G", "start_lost", "1M>1V"),
    (138, "C", "stop_lost", "47*>47Q"),
    (139, "G", "stop_retained_variant", "47*"),
    (37, "A", "missense_variant&splice_region_variant", "13G>13D"),
    (41, "T", "splice_region_variant&synonymous_variant", "14T"),
]


@pytest.mark.parametrize(("place", "base", "consequence", "change"), CODING_EXAMPLES)
def test_coding_examples_on_both_strands(
    place: int, base: str, consequence: str, change: str, toy_reference: Reference
) -> None:
    transcripts = reference_transcripts(toy_reference)
    plus, minus = transcripts.get("T_PLUS"), transcripts.get("T_MINUS")
    assert plus is not None
    assert minus is not None
    opposite = {"A": "T", "T": "A", "C": "G", "G": "C"}[base]
    assert answers(
        toy_reference,
        allele(plus.genomic_position(place), 1, base),
        allele(minus.genomic_position(place), 1, opposite),
    ) == [("T_PLUS", consequence, change), ("T_MINUS", consequence, change)]


PLACES = [
    # 0-based place in PLUS, bases taken away, bases put in, consequence
    (105, 1, "G", "5_prime_UTR_variant"),
    (480, 1, "G", "3_prime_UTR_variant"),
    (160, 1, "A", "splice_donor_variant"),
    (161, 1, "A", "splice_donor_variant"),
    (258, 1, "C", "splice_acceptor_variant"),
    (259, 1, "C", "splice_acceptor_variant"),
    (164, 1, "A", "splice_region_variant"),
    (200, 1, "A", "intron_variant"),
    (131, 2, "A", "frameshift_variant"),
    (131, 1, "TGCA", "inframe_insertion"),
]


def test_places_on_both_strands(toy_reference: Reference) -> None:
    alleles, expected = [], []
    for place, length, alt, consequence in PLACES:
        _, position, ref, _ = allele(place, length, alt)
        alt_plus = ref[0] + alt[1:] if length != len(alt) else alt
        alleles.append(("1", position, ref, alt_plus))
        expected.append(("T_PLUS", consequence))
        mirrored_ref = toy.sequences()["1"][toy.mirrored(place + length - 1) : toy.mirrored(place) + 1]
        alleles.append(("1", toy.mirrored(place + length - 1) + 1, mirrored_ref, toy.reverse_complement(alt_plus)))
        expected.append(("T_MINUS", consequence))
    frame = consequences(table(alleles), toy_reference).filter(pl.col("transcript") != "T_PLUS_B")
    assert frame.select("transcript", "consequence").rows() == expected


def test_genes_without_coding_sequence_and_places_without_gene(toy_reference: Reference) -> None:
    assert answers(
        toy_reference, allele(710, 1, "N"), allele(710, 1, _other(710)), allele(1710, 1, _other(1710)),
        allele(1780, 1, _other(1780)), allele(650, 1, _other(650)),
    ) == [
        ("T_NONCODING", None, None),
        ("T_NONCODING", "non_coding_transcript_variant", None),
        ("T_ODD", "non_coding_transcript_variant", None),
        ("T_ODD", "non_coding_transcript_variant", None),
        (None, "intergenic_variant", None),
    ]  # fmt: skip


def _other(place: int, contig: str = "1") -> str:
    return {"A": "C", "C": "G", "G": "T", "T": "A"}[toy.sequences()[contig][place]]


def test_the_mitochondrion_has_its_own_code(toy_reference: Reference) -> None:
    assert toy.MT_CODING == "ATG" + "GCT" + "AAA" + "ATA" + "TGA" + "GCT" + "GCT" + "AGA"
    assert answers(
        toy_reference,
        allele(50 + 9 + 2, 1, "C", "MT"),  # ATA is Met there, ATC Ile
        allele(50 + 12 + 2, 1, "G", "MT"),  # TGA and TGG are both Trp
        allele(50 + 21 + 2, 1, "G", "MT"),  # AGA and AGG are both stops
        allele(50 + 21 + 2, 1, "C", "MT"),
        allele(124, 1, "T"),
    ) == [
        ("T_MITO", "missense_variant", "4M>4I"),
        ("T_MITO", "synonymous_variant", "5W"),
        ("T_MITO", "stop_retained_variant", "8*"),
        ("T_MITO", "stop_lost", "8*>8S"),
        ("T_PLUS", "missense_variant", "2A>2V"),
    ]


NOT_EVALUATED = [
    (("1", 125, "C", "*"), "spanning_deletion", None),
    (("1", 125, "C", "."), "reference_allele", None),
    (("1", 125, "C", "<DEL>"), "symbolic_allele", "PLUS"),
    (("1", 650, "C", "<DUP>"), "symbolic_allele", None),
    (("1", 125, "C", "C[2:50["), "breakend", "PLUS"),
    (("1", 125, "C", "N"), "letter_other_than_acgt", "PLUS"),
    (("1", 125, "C", "CR"), "letter_other_than_acgt", "PLUS"),
    (("GL000191.1", 125, "C", "G"), "other_sequence", None),
    (("3", 125, "C", "G"), "contig_not_in_reference", None),
    (("2", 125, "C", "G"), "contig_not_in_annotation", None),
]


@pytest.mark.parametrize(("variant", "reason", "gene"), NOT_EVALUATED)
def test_what_cannot_be_judged_is_kept_with_the_reason(
    variant: tuple[str, int, str, str], reason: str, gene: str | None, toy_reference: Reference
) -> None:
    frame = consequences(table([variant]), toy_reference)
    assert frame.schema == SCHEMA
    assert frame.select("row", "gene", "consequence", "impact", "not_evaluated").rows() == [
        (0, gene, None, None, reason)
    ]


def test_a_symbolic_deletion_names_every_gene_in_its_range(toy_reference: Reference) -> None:
    frame = consequences(table([("1", 50, "C", "<DEL>")], ends=[1300]), toy_reference)
    assert frame.get_column("gene").to_list() == ["MINUS", "PLUS", "NONCODING"]
    assert frame.get_column("transcript").to_list() == ["T_MINUS", "T_PLUS", "T_NONCODING"]
    assert frame.get_column("mane").to_list() == [True, True, False]


def test_every_row_is_answered_in_order_repeats_and_small_letters_included(toy_reference: Reference) -> None:
    changed = ("1", *allele(124, 1, "T")[1:])
    frame = consequences(
        table(
            [("1", 650, "C", "*"), changed, allele(1780, 1, _other(1780)), changed, ("1", 125, changed[2].lower(), "t")]
        ),
        toy_reference,
    )
    assert frame.get_column("row").to_list() == [0, 1, 1, 2, 3, 3, 4, 4]
    assert frame.filter(pl.col("row") == 1).drop("row").equals(frame.filter(pl.col("row") == 4).drop("row"))
    assert frame.filter(pl.col("row") == 1).get_column("dna_change").to_list() == [f"125{changed[2]}>T"] * 2


def test_an_empty_table_gives_an_empty_frame(toy_reference: Reference) -> None:
    frame = consequences(table([]), toy_reference)
    assert (frame.height, frame.schema) == (0, SCHEMA)
    assert primary_consequence(frame).height == 0


def test_calls_do_not_touch_each_other(toy_reference: Reference) -> None:
    late, early = table([allele(1780, 1, _other(1780))]), table([allele(124, 1, _other(124))])
    first = consequences(early, toy_reference)
    consequences(late, toy_reference)
    assert consequences(early, toy_reference).equals(first)


def test_all_of_many_transcripts_are_told(tmp_path: Path) -> None:
    names = " ".join(f"T_{i}" for i in range(60))
    gff3 = "##gff-version 3\n" + toy.gene_rows("1", "MANY", "+", toy.EXONS, toy.CDS, transcripts=names)
    reference = make_reference(tmp_path, gff3=gff3)
    frame = consequences(table([allele(124, 1, "T")]), reference)
    assert sorted(frame.get_column("transcript").to_list()) == sorted(names.split())
    assert frame.get_column("consequence").unique().to_list() == ["missense_variant"]


def test_contig_names_of_the_reference_are_used_whatever_the_file_calls_them(tmp_path: Path) -> None:
    fasta, genes = tmp_path / "toy.fa", tmp_path / "toy.gff3"
    fasta.write_text("".join(f">chr{name.replace('MT', 'M')}\n{bases}\n" for name, bases in toy.sequences().items()))
    genes.write_text(toy.annotation())
    reference = ReferenceStore(tmp_path / "store").add(fasta, genes, Build.GRCH38, "chr")
    assert answers(reference, allele(124, 1, "T")) == [("T_PLUS", "missense_variant", "2A>2V")]


def test_the_primary_consequence_is_the_most_severe_then_mane() -> None:
    rows = [
        # row, transcript, mane, consequence
        (0, "A", False, "missense_variant"),
        (0, "B", True, "intron_variant"),
        (1, "A", False, "missense_variant"),
        (1, "B", True, "missense_variant&splice_region_variant"),
        (2, "A", False, None),
        (2, "B", False, "intergenic_variant"),
        (3, "A", False, None),
        (4, "A", False, "splice_region_variant&3_prime_UTR_variant"),
        (4, "B", False, "5_prime_UTR_variant&stop_gained"),
    ]
    frame = pl.DataFrame(rows, schema=["row", "transcript", "mane", "consequence"], orient="row")
    frame = frame.cast({"row": pl.UInt32})
    assert primary_consequence(frame).select("row", "transcript").rows() == [
        (0, "A"),
        (1, "B"),
        (2, "B"),
        (3, "A"),
        (4, "B"),
    ]


def test_severity_falls_from_high_to_modifier() -> None:
    order = [list(Impact).index(term.impact) for term in TERMS]
    assert all(left <= right for left, right in pairwise(order))
    assert len({term.accession for term in TERMS}) == len({term.name for term in TERMS}) == len(TERMS)


def test_impact_follows_the_worst_term(toy_reference: Reference) -> None:
    alleles = [allele(160, 1, "A"), allele(124, 1, "T"), allele(125, 1, "G"), allele(480, 1, "G"), allele(157, 1, "A")]
    frame = primary_consequence(consequences(table(alleles), toy_reference))
    assert frame.get_column("impact").to_list() == ["HIGH", "MODERATE", "LOW", "MODIFIER", "MODERATE"]


def test_the_source_names_engine_version_and_annotation(toy_reference: Reference) -> None:
    told = source(toy_reference)
    assert (told.engine, told.version, CSQ_VERSION) == ("bcftools csq", "1.24", "1.24")
    assert told.annotation_sha256 == toy_reference.checksums["genes.gff3"]


def test_wrong_build_missing_annotation_and_places_beyond_the_end(toy_reference: Reference, tmp_path: Path) -> None:
    with pytest.raises(InputError) as wrong:
        consequences(table([allele(124, 1, "T")], build=Build.GRCH37), toy_reference)
    assert wrong.value.code == "wrong_build"
    with pytest.raises(InputError) as beyond:
        consequences(table([("1", 2001, "A", "C")]), toy_reference)
    assert beyond.value.code == "beyond_reference"
    fasta = tmp_path / "toy.fa"
    fasta.write_text(">1\nACGT\n")
    bare = ReferenceStore(tmp_path / "store").add(fasta, None, Build.GRCH38, "bare")
    with pytest.raises(InputError) as none:
        consequences(table([("1", 1, "A", "C")]), bare)
    assert none.value.code == "no_annotation"


def test_a_reference_that_does_not_fit_is_refused_with_the_place(toy_reference: Reference) -> None:
    with pytest.raises(InputError) as raised:
        consequences(table([allele(105, 1, "G"), ("1", 125, "G", "T")]), toy_reference)
    assert raised.value.code == "ref_mismatch"
    assert raised.value.problem == "At 1:125 the file has REF G where the reference has C."


def test_the_options_of_the_engine_are_pinned() -> None:
    assert csq_child.options("f.fa", "g.gff3", "0", "in.vcf", "out.vcf") == [
        "-f", "f.fa", "-g", "g.gff3", "-l", "-G", "1", "-v", "0", "-C", "0",
        "--no-version", "-O", "v", "-o", "out.vcf", "in.vcf",
    ]  # fmt: skip


ALLELES = pl.DataFrame(
    {"contig": [1, 1], "contig_name": ["1", "1"], "position": [125, 126], "ref": ["C", "T"], "alt": ["T", "G"]},
    schema_overrides={"contig": pl.UInt8},
)


def test_an_engine_that_fails_is_told(toy_reference: Reference, tmp_path: Path) -> None:
    broken = tmp_path / "broken.gff3.gz"
    broken.write_bytes(b"\x1f\x8b nothing of use")
    with pytest.raises(csq.AnnotationError, match="ended with code"):
        csq.run_engine(ALLELES, toy_reference.fasta, broken)
    with pytest.raises(csq.AnnotationError, match="ended with code"):
        csq.run_engine(ALLELES, tmp_path / "absent.fa", toy_reference.gff3)


def test_output_that_stops_early_is_not_used(tmp_path: Path) -> None:
    numbered = ALLELES.with_row_index("allele")
    path = tmp_path / "annotated.vcf"
    whole = "##fileformat=VCFv4.2\n#CHROM\tPOS\n1\t125\t0\tC\tT\t.\t.\t.\n1\t126\t1\tT\tG\t.\t.\t.\n"
    path.write_text(whole)
    assert csq.read_answers(path, numbered).height == 2
    for end, message in (
        (len(whole) - 1, "cut off"),
        (whole.index("1\t126"), "1 of 2 records"),
        (40, "cut off"),
        (0, "cut off"),
    ):
        path.write_text(whole[:end])
        with pytest.raises(csq.AnnotationError, match=message):
            csq.read_answers(path, numbered)
    path.write_text(whole + "1\t126\t1\tT\tG\t.\t.\t.\n")
    with pytest.raises(csq.AnnotationError, match="3 of 2 records"):
        csq.read_answers(path, numbered)


@pytest.mark.parametrize("info", ["BCSQ=@125", "BCSQ=missense|G|T,novelty|G|T", "BCSQ=*missense|G|T", "END=5"])
def test_words_unknown_here_stop_the_annotation(info: str) -> None:
    with pytest.raises(csq.AnnotationError, match="terms unknown"):
        csq.parse_answers(pl.DataFrame({"allele": [0], "info": [info]}, schema_overrides={"allele": pl.UInt32}))


@settings(max_examples=6, deadline=None)
@given(st.lists(st.integers(0, 1998), min_size=1, max_size=40), st.randoms())
def test_the_order_of_the_table_does_not_matter(toy_reference: Reference, places: list[int], random) -> None:
    alleles = [allele(place, 1, _other(place)) for place in places]
    shuffled = list(range(len(alleles)))
    random.shuffle(shuffled)
    frame = consequences(table(alleles), toy_reference)
    again = consequences(table([alleles[i] for i in shuffled]), toy_reference)
    back = pl.DataFrame({"row": range(len(shuffled)), "was": shuffled}, schema={"row": pl.UInt32, "was": pl.UInt32})
    returned = again.join(back, on="row").with_columns(row=pl.col("was")).select(frame.columns)
    keys = ["row", "transcript"]
    assert returned.sort(keys).equals(frame.sort(keys))
