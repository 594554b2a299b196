"""Consequences of real variants against other makers: the bcftools of Debian, and a slow translator of codons."""

from __future__ import annotations

import gzip
import random
import shutil
import subprocess
from collections import defaultdict
from pathlib import Path

import polars as pl
import pytest

from shared_data import shared_data
from varde.annotation.consequence import consequences
from varde.annotation.genes import Transcript, TranscriptSet, reference_transcripts
from varde.annotation.severity import BY_ENGINE_WORD
from varde.annotation.tests.toy import table
from varde.genome.builds import Build
from varde.genome.records import AlleleTable
from varde.genome.references import Reference

SLOW_CODE = {
    "Ala": "GCT GCC GCA GCG", "Arg": "CGT CGC CGA CGG AGA AGG", "Asn": "AAT AAC", "Asp": "GAT GAC", "Cys": "TGT TGC",
    "Gln": "CAA CAG", "Glu": "GAA GAG", "Gly": "GGT GGC GGA GGG", "His": "CAT CAC", "Ile": "ATT ATC ATA",
    "Leu": "TTA TTG CTT CTC CTA CTG", "Lys": "AAA AAG", "Met": "ATG", "Phe": "TTT TTC", "Pro": "CCT CCC CCA CCG",
    "Ser": "TCT TCC TCA TCG AGT AGC", "Thr": "ACT ACC ACA ACG", "Trp": "TGG", "Tyr": "TAT TAC",
    "Val": "GTT GTC GTA GTG", "Ter": "TAA TAG TGA",
}  # fmt: skip
LETTER = dict(zip(SLOW_CODE, "ARNDCQEGHILKMFPSTWYV*", strict=True))
AMINO_ACID = {codon: LETTER[name] for name, codons in SLOW_CODE.items() for codon in codons.split()}
OPPOSITE = {"A": "T", "C": "G", "G": "C", "T": "A"}

CODING = {
    "synonymous_variant", "missense_variant", "stop_gained", "stop_lost", "start_lost", "stop_retained_variant",
    "start_retained_variant", "coding_sequence_variant",
}  # fmt: skip


def coding_bases(transcript: Transcript, reference: Reference) -> list[tuple[int, str]]:
    """(place on the contig, base on the transcript) of the coding sequence, read base by base."""
    assert transcript.cds is not None
    places = [p for s, e in transcript.exons for p in range(max(s, transcript.cds[0]), min(e, transcript.cds[1]))]
    contig = reference.sequence(transcript.contig, transcript.start0, transcript.end0)
    bases = [(p, contig[p - transcript.start0]) for p in places]
    return bases if transcript.strand == 1 else [(p, OPPOSITE[base]) for p, base in reversed(bases)]


def slow_snv(coding: list[tuple[int, str]], index: int, new: str) -> tuple[str, str]:
    """Consequence and amino-acid change of one substituted coding base."""
    first = index - index % 3
    old_codon = "".join(base for _, base in coding[first : first + 3])
    offset = index % 3
    new_codon = old_codon[:offset] + new + old_codon[offset + 1 :]
    old, now, number = AMINO_ACID[old_codon], AMINO_ACID[new_codon], first // 3 + 1
    last = number == len(coding) // 3
    if old == now:
        return ("stop_retained_variant" if last else "synonymous_variant"), f"{number}{old}"
    change = f"{number}{old}>{number}{now}"
    if number == 1:
        return "start_lost", change
    if last:
        return "stop_lost", change
    return ("stop_gained" if now == "*" else "missense_variant"), change


@pytest.fixture(scope="module")
def thousand_genomes() -> AlleleTable:
    """The 24,990 sites of the 1000 Genomes slice, without genotypes."""
    path = shared_data("genotypes", "1000g-chr20-grch37", "phased_300.vcf.gz")
    alleles = []
    with gzip.open(path, "rt") as file:
        for line in file:
            if not line.startswith("#"):
                contig, position, _, ref, alt, _ = line.split("\t", 5)
                alleles.append((contig, int(position), ref, alt))
    assert len(alleles) == 24_990
    return table(alleles, build=Build.GRCH37)


@pytest.fixture(scope="module")
def answered(thousand_genomes: AlleleTable, chromosome_20: Reference) -> pl.DataFrame:
    frame = consequences(thousand_genomes, chromosome_20)
    return frame.join(thousand_genomes.sites.with_row_index("row").select("row", "position", "ref", "alt"), on="row")


def test_real_snvs_equal_the_slow_translator(answered: pl.DataFrame, chromosome_20: Reference) -> None:
    transcripts = reference_transcripts(chromosome_20)
    told = {
        (row["position"], row["alt"], row["transcript"]): row
        for row in answered.filter(pl.col("ref").str.len_bytes() == 1, pl.col("alt").str.len_bytes() == 1).iter_rows(
            named=True
        )
    }
    judged = 0
    for transcript in transcripts.overlapping(20, 1_000_000, 4_000_000):
        coding = coding_bases(transcript, chromosome_20)
        at = {place: i for i, (place, _) in enumerate(coding)}
        for (position, alt, identifier), row in told.items():
            if identifier != transcript.identifier:
                continue
            terms = set(row["consequence"].split("&")) & CODING
            if position - 1 not in at:
                assert terms == set()
                continue
            new = alt if transcript.strand == 1 else OPPOSITE[alt]
            expected, change = slow_snv(coding, at[position - 1], new)
            assert (terms, row["amino_acid_change"]) == ({expected}, change), (position, alt, identifier)
            judged += 1
    assert judged == 622


@pytest.mark.parametrize("symbol", ["PSMF1", "DEFB128", "PRNP"])
def test_every_snv_of_a_gene_equals_the_slow_translator(symbol: str, chromosome_20: Reference) -> None:
    (transcript,) = reference_transcripts(chromosome_20).by_gene[symbol]
    coding = coding_bases(transcript, chromosome_20)
    alleles, expected = [], []
    for index, (place, base) in enumerate(coding):
        for new in "ACGT":
            if new != base:
                on_contig = (base, new) if transcript.strand == 1 else (OPPOSITE[base], OPPOSITE[new])
                alleles.append(("20", place + 1, *on_contig))
                consequence, change = slow_snv(coding, index, new)
                expected.append((transcript.identifier, {consequence}, change))
    frame = consequences(table(alleles, build=Build.GRCH37), chromosome_20).filter(
        pl.col("transcript") == transcript.identifier
    )
    told = [
        (identifier, set(terms.split("&")) & CODING, change)
        for identifier, terms, change in frame.select("transcript", "consequence", "amino_acid_change").rows()
    ]
    assert len(told) == 3 * len(coding)
    assert told == expected


def debian_bcftools() -> str:
    program = shutil.which("bcftools", path="/usr/bin")
    if program is None:
        pytest.skip("bcftools not present")
    version = subprocess.run([program, "--version"], capture_output=True, text=True, check=True).stdout.split()[1]
    if not version.startswith("1.16"):
        pytest.skip(f"bcftools is {version}; the listed differences are those of 1.16")
    return program


def said_by_bcftools(
    thousand_genomes: AlleleTable, folder: Path
) -> dict[tuple[int, str, str, str], dict[str, set[str]]]:
    """By (position, ref, alt, gene): terms, transcripts, amino-acid and DNA changes of bcftools 1.16."""
    sites, said = folder / "sites.vcf", folder / "said.vcf"
    rows = thousand_genomes.sites.select("contig_name", "position", "ref", "alt").rows()
    lines = ["##fileformat=VCFv4.2", "##contig=<ID=20>", "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO"]
    lines += [f"{contig}\t{position}\t.\t{ref}\t{alt}\t.\t.\t." for contig, position, ref, alt in rows]
    sites.write_text("\n".join(lines) + "\n")
    fasta = shared_data("reference", "GRCh37_chr20.fa.gz")
    gff3 = shared_data("reference", "mane_on_grch37_chr20_chrX.gff3.gz")
    command = [debian_bcftools(), "csq", "-l", "-v", "0", "-f", fasta, "-g", gff3, "-o", said, sites]
    subprocess.run(command, check=True, capture_output=True)
    answers: dict[tuple[int, str, str, str], dict[str, set[str]]] = {}
    for line in said.read_text().splitlines():
        if line.startswith("#") or "BCSQ=" not in line:
            continue
        _, position, _, ref, alt, _, _, info = line.split("\t")
        for entry in info.removeprefix("BCSQ=").split(","):
            words, gene, transcript, _, *rest = [*entry.split("|"), "", "", "", ""]
            answer = answers.setdefault((int(position), ref, alt, gene), defaultdict(set))
            answer["terms"] |= {BY_ENGINE_WORD[word] for word in words.split("&")}
            answer["transcripts"] |= {transcript} - {""}
            answer["amino_acids"] |= {rest[1]} - {""}
            answer["dna"] |= {rest[2]} - {""}
    return answers


START_LOST_WITH_CHANGE = {(3_687_775, "1M>1V"), (3_802_765, "1M>1V")}
"""bcftools 1.24 tells the amino acids of a lost start codon, 1.16 does not."""


def test_equals_bcftools_1_16_but_for_the_listed_differences(
    answered: pl.DataFrame, thousand_genomes: AlleleTable, chromosome_20: Reference, tmp_path: Path
) -> None:
    expected = said_by_bcftools(thousand_genomes, tmp_path)
    transcripts = reference_transcripts(chromosome_20)
    started, introns = set(), 0
    seen = set()
    for row in answered.filter(pl.col("gene").is_not_null()).iter_rows(named=True):
        key = (row["position"], row["ref"], row["alt"], row["gene"])
        if (
            key not in expected
        ):  # difference 1: only one of two genes with an intron there is told, or none beside an exon
            assert row["consequence"] == "intron_variant"
            assert lies_in_an_intron(row, transcripts)
            introns += 1
            continue
        seen.add(key)
        answer = expected[key]
        assert set(row["consequence"].split("&")) == answer["terms"], key
        assert {row["transcript"]} == answer["transcripts"] or answer["terms"] == {"intron_variant"}, key
        if row["consequence"] == "start_lost":  # difference 2
            assert (answer["amino_acids"], answer["dna"]) == (set(), set())
            started.add((row["position"], row["amino_acid_change"]))
            continue
        assert {row["amino_acid_change"]} - {None} == answer["amino_acids"], key
        assert {row["dna_change"]} - {None} == answer["dna"], key
    assert seen == expected.keys()
    assert started == START_LOST_WITH_CHANGE
    assert introns == 107
    assert answered.filter(pl.col("gene").is_null()).get_column("consequence").unique().to_list() == [
        "intergenic_variant"
    ]
    assert answered.get_column("engine_consequence").null_count() == answered.height


def lies_in_an_intron(row: dict, transcripts: TranscriptSet) -> bool:
    transcript = transcripts.get(row["transcript"])
    assert transcript is not None
    start, end = row["position"] - 1, row["position"] - 1 + len(row["ref"])
    introns = [(left[1], right[0]) for left, right in zip(transcript.exons, transcript.exons[1:], strict=False)]
    return any(first <= start and end <= last for first, last in introns)


def test_places_without_a_consequence_touch_no_transcript(answered: pl.DataFrame, chromosome_20: Reference) -> None:
    transcripts = reference_transcripts(chromosome_20)
    lonely = answered.filter(pl.col("consequence") == "intergenic_variant").rows(named=True)
    for row in random.Random(3).sample(lonely, 500):
        assert transcripts.overlapping(20, row["position"], row["position"] - 1 + len(row["ref"])) == ()
