"""The consequence engine: ``bcftools csq`` as pysam carries it, in a child process, every record accounted for."""

from __future__ import annotations

import gzip
import io
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

import polars as pl

from varde.annotation.severity import BY_ENGINE_WORD, RANK
from varde.annotation.transcripts import Transcript, TranscriptSet
from varde.genome.builds import MT, contig_code
from varde.genome.errors import InputError

STANDARD, VERTEBRATE_MITOCHONDRIAL = "0", "2"
"""Genetic codes as ``bcftools csq -C`` numbers them."""

_CODING, _NON_CODING = "protein_coding", "lncRNA"

_MISMATCH = re.compile(r"does not match the VCF REF allele at (\S+):(\d+) .. fasta=(\S+) vcf=(\S+?)['\\\s]")


class AnnotationError(RuntimeError):
    """The engine failed, stopped early or said something unknown; nothing of its output is used."""


def fasta_lengths(fasta: Path) -> dict[int, tuple[str, int]]:
    """Name and length of the FASTA's human contigs by contig code, read from its ``.fai``, in the file's order."""
    index = Path(f"{fasta}.fai")
    rows = (line.split("\t") for line in index.read_text(encoding="utf-8").splitlines() if line)
    return {contig_code(row[0]): (row[0], int(row[1])) for row in rows if contig_code(row[0])}


def write_engine_gff3(transcripts: TranscriptSet, names: Mapping[int, str], path: Path) -> None:
    """The transcripts as the engine reads them: contigs named as in the FASTA, the gene's name replaced by its id.

    A transcript codes when it has a coding sequence, whatever its biotype: the engine knows a list of biotypes and
    would call every base of another one's exons an intron.

    Written beside and moved into place, so a reader sees the whole file or none.
    """
    genes: dict[tuple[str, int], list[Transcript]] = {}
    for transcript in transcripts.transcripts:
        if transcript.contig in names:
            genes.setdefault((transcript.gene_id, transcript.contig), []).append(transcript)
    text = io.StringIO()
    text.write("##gff-version 3\n")
    for (gene_id, contig), members in genes.items():
        name, strand = names[contig], "+" if members[0].strand == 1 else "-"
        start, end = min(t.start0 for t in members) + 1, max(t.end0 for t in members)
        biotype = _CODING if any(t.cds for t in members) else _NON_CODING
        text.write(f"{name}\t.\tgene\t{start}\t{end}\t.\t{strand}\t.\tID=gene:{gene_id};biotype={biotype}\n")
        for transcript in members:
            text.write(_gff3_rows(transcript, name))
    partial = path.with_name(f"{path.name}.{os.getpid()}.partial")
    partial.write_bytes(gzip.compress(text.getvalue().encode("utf-8"), compresslevel=1, mtime=0))
    partial.replace(path)


def _gff3_rows(transcript: Transcript, contig: str) -> str:
    strand = "+" if transcript.strand == 1 else "-"
    parent = f"Parent=transcript:{transcript.identifier}"
    biotype = _CODING if transcript.cds else _NON_CODING
    rows = [
        f"{contig}\t.\tmRNA\t{transcript.start0 + 1}\t{transcript.end0}\t.\t{strand}\t.\t"
        f"ID=transcript:{transcript.identifier};Parent=gene:{transcript.gene_id};biotype={biotype}\n"
    ]
    rows += [f"{contig}\t.\texon\t{start + 1}\t{end}\t.\t{strand}\t.\t{parent}\n" for start, end in transcript.exons]
    phase = transcript.phase
    for start, end in transcript.coding_segments:
        rows.append(f"{contig}\t.\tCDS\t{start + 1}\t{end}\t.\t{strand}\t{phase}\t{parent}\n")
        phase = (phase - (end - start)) % 3
    for kind, start, end in _untranslated(transcript):
        rows.append(f"{contig}\t.\t{kind}\t{start + 1}\t{end}\t.\t{strand}\t.\t{parent}\n")
    return "".join(rows)


def _untranslated(transcript: Transcript) -> list[tuple[str, int, int]]:
    if transcript.cds is None:
        return []
    first, last = transcript.cds
    before, after = ("five_prime_UTR", "three_prime_UTR")[:: transcript.strand]
    left = [(before, start, min(end, first)) for start, end in transcript.exons if start < first]
    right = [(after, max(start, last), end) for start, end in transcript.exons if end > last]
    return left + right


def run_engine(alleles: pl.DataFrame, fasta: Path, gff3: Path) -> pl.DataFrame:
    """What the engine says of each allele.

    ``alleles`` has ``contig`` (code), ``contig_name`` (as in the FASTA), ``position`` (1-based), ``ref`` and ``alt``
    (upper-case A, C, G, T), each allele once. Returns ``allele`` (row of ``alleles``), ``gene_id``, ``transcript``
    (empty for an intron or a non-coding transcript), ``consequence`` (Sequence Ontology terms joined by ``&``, the most
    severe first), ``amino_acid_change`` and ``dna_change``; an allele of which the engine says nothing has no row.
    Raises InputError ``ref_mismatch`` and AnnotationError.
    """
    numbered = alleles.with_row_index("allele")
    mitochondrial = pl.col("contig") == MT
    parts = [
        _run(numbered.filter(~mitochondrial), fasta, gff3, STANDARD),
        _run(numbered.filter(mitochondrial), fasta, gff3, VERTEBRATE_MITOCHONDRIAL),
    ]
    return pl.concat(parts).sort("allele", maintain_order=True)


def _run(alleles: pl.DataFrame, fasta: Path, gff3: Path, genetic_code: str) -> pl.DataFrame:
    if alleles.is_empty():
        return parse_answers(pl.DataFrame(schema={"allele": pl.UInt32, "info": pl.String}))
    with tempfile.TemporaryDirectory(prefix="varde-csq-") as folder:
        sites, annotated = Path(folder, "sites.vcf"), Path(folder, "annotated.vcf")
        _write_sites(alleles, sites)
        command = [sys.executable, "-P", "-m", "varde.annotation.csq_child"]  # -P: nothing from the working folder
        files = [str(Path(name).resolve()) for name in (fasta, gff3)]
        ended = subprocess.run(  # noqa: S603  our own module, file names as separate arguments
            [*command, *files, genetic_code, str(sites), str(annotated)],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
        if ended.returncode != 0 or not annotated.exists():
            raise _failure(ended.returncode, ended.stderr, fasta.name)
        return parse_answers(read_answers(annotated, alleles))


def _write_sites(alleles: pl.DataFrame, path: Path) -> None:
    names = alleles.get_column("contig_name").unique(maintain_order=True).to_list()
    order = pl.col("contig_name").replace_strict({name: i for i, name in enumerate(names)}, return_dtype=pl.Int32)
    fixed = [pl.lit(".").alias(column) for column in ("qual", "filter", "info")]
    body = alleles.sort(order, "position").select("contig_name", "position", "allele", "ref", "alt", *fixed)
    header = "##fileformat=VCFv4.2\n" + "".join(f"##contig=<ID={name}>\n" for name in names)
    header += "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\n"
    with path.open("wb") as file:
        file.write(header.encode("utf-8"))
        body.write_csv(file, include_header=False, separator="\t", quote_style="never")


def read_answers(path: Path, alleles: pl.DataFrame) -> pl.DataFrame:
    """``allele`` and ``info`` of the engine's output, a VCF whose ID is the allele's number.

    Raises AnnotationError unless every one of ``alleles`` is there once.
    """
    text = path.read_bytes()
    end_of_header = text.find(b"\n#CHROM")
    start = text.find(b"\n", end_of_header + 1) + 1
    if end_of_header < 0 or start == 0 or not text.endswith(b"\n"):
        raise AnnotationError("the consequence engine's output is cut off; nothing was annotated")
    fields = ["contig", "position", "allele", "ref", "alt", "quality", "filter", "info"]
    rows = pl.read_csv(
        io.BytesIO(text[start:]),
        separator="\t",
        has_header=False,
        quote_char=None,
        schema=dict.fromkeys(fields, pl.String),
        raise_if_empty=False,
    )
    said = rows.select(pl.col("allele").cast(pl.UInt32), "info")
    if not said.get_column("allele").sort().equals(alleles.get_column("allele").cast(pl.UInt32).sort()):
        raise AnnotationError(
            f"the consequence engine returned {said.height} of {alleles.height} records; nothing was annotated"
        )
    return said


def parse_answers(said: pl.DataFrame) -> pl.DataFrame:
    """The columns of ``run_engine`` from ``allele`` and ``info``. Raises AnnotationError for a word unknown here."""
    entries = (
        said.filter(pl.col("info") != ".")
        .with_columns(pl.col("info").str.strip_prefix("BCSQ=").str.split(","))
        .explode("info")
        .with_columns(pl.col("info").str.split("|").alias("fields"))
    )
    parsed = entries.select(
        "allele",
        *(
            pl.col("fields").list.get(place, null_on_oob=True).alias(name)
            for place, name in ((1, "gene_id"), (2, "transcript"), (5, "amino_acid_change"), (6, "dna_change"))
        ),
        pl.col("fields").list.get(0, null_on_oob=True).alias("words"),
    )
    words = parsed.get_column("words").unique()
    unknown = sorted({word for joined in words for word in joined.split("&")} - BY_ENGINE_WORD.keys())
    if unknown:
        raise AnnotationError(f"the consequence engine used terms unknown here: {', '.join(unknown)}")
    terms = {
        joined: "&".join(sorted({BY_ENGINE_WORD[word] for word in joined.split("&")}, key=RANK.__getitem__))
        for joined in words
    }
    return parsed.select(
        "allele",
        "gene_id",
        "transcript",
        pl.col("words").replace_strict(terms, return_dtype=pl.String).alias("consequence"),
        "amino_acid_change",
        "dna_change",
    )


def _failure(code: int, message: str, fasta_name: str) -> Exception:
    found = _MISMATCH.search(message)
    if found:
        contig, position, in_fasta, in_vcf = found.groups()
        return InputError(
            "ref_mismatch",
            f"At {contig}:{position} the file has REF {in_vcf} where the reference has {in_fasta}.",
            "Choose the reference the file was made with, or correct the file.",
            source=fasta_name,
            field="REF",
        )
    last = message.strip().splitlines()[-1:] or ["no message"]
    return AnnotationError(f"the consequence engine ended with code {code}: {last[0]}")
