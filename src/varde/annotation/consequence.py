"""Consequence of every allele of a table on every gene it touches, as a frame with one row per allele and transcript."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

import numpy as np
import polars as pl
import pysam
from numpy.typing import NDArray

from varde.annotation.csq import fasta_lengths, run_engine, write_engine_gff3
from varde.annotation.genes import reference_transcripts
from varde.annotation.severity import LEAST_SEVERE, impact, severity
from varde.annotation.transcripts import TranscriptSet, preference
from varde.genome.errors import InputError
from varde.genome.records import AlleleKind, AlleleTable
from varde.genome.references import Reference

ENGINE = "bcftools csq"
CSQ_VERSION = str(pysam.version.__bcftools_version__)
"""Version of the bcftools that pysam carries."""

INTERGENIC = "intergenic_variant"


class NotEvaluated(StrEnum):
    """Why an allele has no consequence: its ``consequence`` is null, which never means "none"."""

    REFERENCE = "reference_allele"
    SPANNING = "spanning_deletion"
    SYMBOLIC = "symbolic_allele"
    BREAKEND = "breakend"
    OTHER_SEQUENCE = "other_sequence"
    NOT_IN_FASTA = "contig_not_in_reference"
    NOT_IN_ANNOTATION = "contig_not_in_annotation"
    LETTER = "letter_other_than_acgt"
    ENGINE_SILENT = "no_consequence_for_overlapping_transcript"


_BY_KIND = {
    AlleleKind.REFERENCE: NotEvaluated.REFERENCE,
    AlleleKind.SPANNING: NotEvaluated.SPANNING,
    AlleleKind.SYMBOLIC: NotEvaluated.SYMBOLIC,
    AlleleKind.BREAKEND: NotEvaluated.BREAKEND,
}
_WITHOUT_GENE = (NotEvaluated.REFERENCE, NotEvaluated.SPANNING, NotEvaluated.OTHER_SEQUENCE)

SCHEMA = pl.Schema(
    {
        "row": pl.UInt32,
        "gene": pl.String,
        "gene_id": pl.String,
        "transcript": pl.String,
        "mane": pl.Boolean,
        "consequence": pl.String,
        "impact": pl.String,
        "amino_acid_change": pl.String,
        "dna_change": pl.String,
        "not_evaluated": pl.String,
    }
)


@dataclass(frozen=True)
class ConsequenceSource:
    """What made the consequences: to be stored with every assessment that rests on them."""

    engine: str
    version: str
    annotation: str
    annotation_sha256: str


def source(reference: Reference) -> ConsequenceSource:
    """Engine, its version, and the name and SHA-256 of the GFF3. Raises InputError ``no_annotation``."""
    transcripts = reference_transcripts(reference)
    return ConsequenceSource(ENGINE, CSQ_VERSION, transcripts.source, transcripts.checksum)


def consequences(table: AlleleTable, reference: Reference) -> pl.DataFrame:
    """Consequences of all alleles, in the order of the table: one row per allele and transcript (``SCHEMA``).

    Every row of the table is there at least once: with a consequence; as ``intergenic_variant`` where no transcript is
    touched; or with a null consequence and the reason in ``not_evaluated``. An intron hit names the gene's preferred
    transcript there. ``amino_acid_change`` is the engine's (``36F>36C``), ``dna_change`` its ``1099523T>G``.

    Raises InputError ``wrong_build``, ``no_annotation``, ``beyond_reference`` and ``ref_mismatch``, AnnotationError when
    the engine fails.
    """
    if table.build is not None and table.build != reference.build:
        raise InputError(
            "wrong_build",
            f"The alleles are on {table.build}, the reference is {reference.build}.",
            "Choose a reference of the same build.",
        )
    transcripts = reference_transcripts(reference)
    contigs = fasta_lengths(Path(reference.fasta))
    sites = _sites(table, contigs, transcripts, reference.name)
    judged = sites.filter(pl.col("not_evaluated").is_null())
    alleles = judged.unique(["contig", "position", "ref", "alt"], maintain_order=True).select(
        "contig",
        pl.col("contig").replace_strict({c: name for c, (name, _) in contigs.items()}, return_dtype=pl.String, default="").alias("contig_name"),
        "position",
        "ref",
        "alt",
        "start0",
        "end0",
    )
    said = run_engine(alleles, Path(reference.fasta), _engine_gff3(reference, transcripts, contigs))
    per_allele = _complete(alleles, said, transcripts)
    numbered = alleles.select("contig", "position", "ref", "alt").with_row_index("allele")
    rows = judged.select("row", "contig", "position", "ref", "alt").join(
        numbered, on=["contig", "position", "ref", "alt"], how="left", maintain_order="left"
    )
    answered = rows.select("row", "allele").join(per_allele, on="allele", how="left", maintain_order="left_right")
    frame = pl.concat([_conform(answered), _conform(_unjudged(sites, transcripts))]).sort("row", maintain_order=True)
    missing = table.sites.height - frame.get_column("row").n_unique()
    if missing:
        raise AssertionError(f"{missing} rows of the table are without an answer")
    return frame


def primary_consequence(frame: pl.DataFrame) -> pl.DataFrame:
    """One row per allele: the most severe consequence, MANE transcripts before others of the same severity.

    A row that was not evaluated comes only where nothing else is known of the allele.
    """
    ranked = frame.with_columns(
        severity(pl.col("consequence")).fill_null(LEAST_SEVERE).alias("_severity"),
        pl.col("mane").fill_null(value=False).not_().alias("_not_mane"),
    )
    ordered = ranked.sort(["row", "_severity", "_not_mane"], maintain_order=True)
    return ordered.unique("row", keep="first", maintain_order=True).drop("_severity", "_not_mane")


def _sites(
    table: AlleleTable, contigs: Mapping[int, tuple[str, int]], transcripts: TranscriptSet, reference_name: str
) -> pl.DataFrame:
    """row, contig, position, ref, alt (upper case), start0, end0 (bases changed) and not_evaluated."""
    annotated = transcripts.frame.get_column("contig").unique().to_list()
    contig = pl.col("contig")
    by_kind = pl.col("kind").replace_strict(
        {kind.value: reason.value for kind, reason in _BY_KIND.items()}, default=None, return_dtype=pl.String
    )
    reason = (
        pl.when(by_kind.is_not_null())
        .then(by_kind)
        .when(contig == 0)
        .then(pl.lit(NotEvaluated.OTHER_SEQUENCE.value))
        .when(~contig.is_in(list(contigs)))
        .then(pl.lit(NotEvaluated.NOT_IN_FASTA.value))
        .when(~contig.is_in(annotated))
        .then(pl.lit(NotEvaluated.NOT_IN_ANNOTATION.value))
        .when(~pl.concat_str("ref", "alt").str.contains("^[ACGT]+$"))
        .then(pl.lit(NotEvaluated.LETTER.value))
    )
    upper = table.sites.select(
        "contig", "position", "end", "kind", pl.col("ref", "alt").str.to_uppercase()
    ).with_row_index("row")
    anchored = pl.col("kind").is_in([AlleleKind.SYMBOLIC.value]) | (
        (pl.col("ref").str.len_bytes() != pl.col("alt").str.len_bytes())
        & (pl.col("ref").str.slice(0, 1) == pl.col("alt").str.slice(0, 1))
    )
    start = pl.col("position") - 1 + anchored.cast(pl.Int64)
    end = (
        pl.when(pl.col("kind") == AlleleKind.SYMBOLIC.value)
        .then(pl.col("end"))
        .otherwise(pl.col("position") - 1 + pl.col("ref").str.len_bytes().cast(pl.Int64))
    )
    sites = upper.with_columns(reason.alias("not_evaluated"), start.alias("start0"), pl.max_horizontal(start, end).alias("end0"))
    _refuse_beyond(sites, contigs, reference_name)
    return sites


def _refuse_beyond(sites: pl.DataFrame, contigs: Mapping[int, tuple[str, int]], reference_name: str) -> None:
    length = pl.col("contig").replace_strict({code: n for code, (_, n) in contigs.items()}, default=None, return_dtype=pl.Int64)
    beyond = sites.filter(pl.col("not_evaluated").is_null() & (pl.col("end0") > length))
    if beyond.height:
        first = beyond.row(0, named=True)
        name, bases = contigs[first["contig"]]
        raise InputError(
            "beyond_reference",
            f"The allele at {name}:{first['position']} lies beyond the reference's end ({bases:,} bases).",
            "Choose the reference the file was made with.",
            source=reference_name,
            field="POS",
        )


def _engine_gff3(reference: Reference, transcripts: TranscriptSet, contigs: Mapping[int, tuple[str, int]]) -> Path:
    names = {code: name for code, (name, _) in contigs.items()}
    key = hashlib.sha256(f"{transcripts.checksum} {sorted(names.items())}".encode()).hexdigest()[:16]
    path = Path(reference.folder) / f"csq-{key}.gff3.gz"
    if not path.exists():
        write_engine_gff3(transcripts, names, path)
    return path


def _complete(alleles: pl.DataFrame, said: pl.DataFrame, transcripts: TranscriptSet) -> pl.DataFrame:
    """The engine's answers with genes named, introns given a transcript, and an answer for every allele."""
    touched = _touched(alleles, transcripts)
    nearest = touched.unique(["allele", "gene_id"], keep="first", maintain_order=True)
    named = said.with_columns(pl.col("transcript").replace("", None)).join(
        nearest.select("allele", "gene_id", pl.col("transcript").alias("nearest")), on=["allele", "gene_id"], how="left", maintain_order="left"
    )
    answers = named.with_columns(pl.coalesce("transcript", "nearest").alias("transcript")).drop("nearest")
    silent = nearest.join(said, on=["allele", "gene_id"], how="anti", maintain_order="left").select(
        "allele", "gene_id", "transcript", pl.lit(NotEvaluated.ENGINE_SILENT.value).alias("not_evaluated")
    )
    known = pl.concat([answers, silent], how="diagonal")
    nothing = alleles.with_row_index("allele").select("allele").join(known, on="allele", how="anti")
    intergenic = nothing.with_columns(pl.lit(INTERGENIC).alias("consequence"))
    genes = transcripts.frame.select("transcript", "gene", "mane")
    return (
        pl.concat([known, intergenic], how="diagonal")
        .sort("allele", maintain_order=True)
        .join(genes, on="transcript", how="left", maintain_order="left")
    )


def _touched(alleles: pl.DataFrame, transcripts: TranscriptSet) -> pl.DataFrame:
    """allele, gene_id, transcript of every overlap, the preferred transcript of a gene first."""
    places, members = transcripts.overlap_pairs(
        alleles.get_column("contig").to_numpy(),
        alleles.get_column("start0").to_numpy(),
        alleles.get_column("end0").to_numpy(),
    )
    ranked = sorted(range(len(transcripts)), key=lambda i: preference(transcripts.transcripts[i]))
    rank: NDArray[np.int64] = np.empty(len(transcripts), dtype=np.int64)
    rank[ranked] = np.arange(len(transcripts))
    chosen = transcripts.frame[members]
    return (
        pl.DataFrame({"allele": places.astype(np.uint32), "rank": rank[members]})
        .with_columns(chosen.get_column("gene_id"), chosen.get_column("transcript"))
        .sort(["allele", "rank"])
    )


def _unjudged(sites: pl.DataFrame, transcripts: TranscriptSet) -> pl.DataFrame:
    """Rows without a consequence, with the genes they touch where the allele has a place of its own."""
    left = sites.filter(pl.col("not_evaluated").is_not_null())
    placed = left.filter(~pl.col("not_evaluated").is_in([reason.value for reason in _WITHOUT_GENE]))
    touched = _touched(placed, transcripts).unique(["allele", "gene_id"], keep="first", maintain_order=True)
    genes = transcripts.frame.select("transcript", "gene", "mane")
    named = (
        placed.select("row")
        .with_row_index("allele")
        .join(touched.drop("rank"), on="allele", how="inner", maintain_order="left_right")
        .join(genes, on="transcript", how="left", maintain_order="left")
        .drop("allele")
    )
    return left.select("row", "not_evaluated").join(named, on="row", how="left", maintain_order="left_right")


def _conform(frame: pl.DataFrame) -> pl.DataFrame:
    given = frame.with_columns(
        pl.lit(None, dtype=dtype).alias(name) for name, dtype in SCHEMA.items() if name not in frame.columns
    )
    filled = given.with_columns(impact(pl.col("consequence")).alias("impact"), pl.col("mane").fill_null(value=False))
    return filled.select(pl.col(name).cast(dtype) for name, dtype in SCHEMA.items())
