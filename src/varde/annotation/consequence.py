"""Consequence of every allele of a table on every gene it touches: one row per allele and transcript."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

import numpy as np
import polars as pl
from pysam.version import __bcftools_version__ as bcftools_version

from varde.annotation.csq import fasta_lengths, run_engine, write_engine_gff3
from varde.annotation.edges import Change, inside_intron, joined, near_edges, reconsider
from varde.annotation.genes import reference_transcripts
from varde.annotation.severity import LEAST_SEVERE, by_severity, impact, severity
from varde.annotation.transcripts import TranscriptSet
from varde.genome.errors import InputError
from varde.genome.records import AlleleKind, AlleleTable
from varde.genome.references import Reference

ENGINE = "bcftools csq"
CSQ_VERSION = str(bcftools_version)
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
        "engine_consequence": pl.String,
    }
)
"""``not_evaluated``: why ``consequence`` is null (``NotEvaluated``). ``engine_consequence``: what bcftools csq said,
where Varde judged otherwise (see ``edges``), ``none`` where it was silent."""

_JUDGED_SCHEMA = pl.Schema(
    {"allele": pl.UInt32}
    | dict.fromkeys(
        ("gene_id", "transcript", "consequence", "amino_acid_change", "dna_change", "engine_consequence"), pl.String
    )
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

    Raises InputError ``wrong_build``, ``no_annotation``, ``beyond_reference`` and ``ref_mismatch``, and AnnotationError
    when the engine fails.
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
        pl.col("contig")
        .replace_strict({c: name for c, (name, _) in contigs.items()}, return_dtype=pl.String, default="")
        .alias("contig_name"),
        "position",
        "ref",
        "alt",
        "start0",
        "end0",
    )
    said = run_engine(alleles, Path(reference.fasta), _engine_gff3(reference, transcripts, contigs))
    per_allele = _complete(alleles, said, transcripts, reference)
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
    sites = upper.with_columns(
        reason.alias("not_evaluated"), start.alias("start0"), pl.max_horizontal(start, end).alias("end0")
    )
    _refuse_beyond(sites, contigs, reference_name)
    return sites


def _refuse_beyond(sites: pl.DataFrame, contigs: Mapping[int, tuple[str, int]], reference_name: str) -> None:
    length = pl.col("contig").replace_strict(
        {code: n for code, (_, n) in contigs.items()}, default=None, return_dtype=pl.Int64
    )
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


def _complete(
    alleles: pl.DataFrame, said: pl.DataFrame, transcripts: TranscriptSet, reference: Reference
) -> pl.DataFrame:
    """The engine's answers, introns given a transcript, edges judged again, and an answer for every allele."""
    touched = _touched(alleles, transcripts)
    nearest = touched.unique(["allele", "gene_id"], keep="first", maintain_order=True)
    answers = (
        said.with_columns(pl.col("transcript").replace("", None))
        .join(
            nearest.select("allele", "gene_id", pl.col("transcript").alias("nearest")),
            on=["allele", "gene_id"],
            how="left",
            maintain_order="left",
        )
        .with_columns(pl.coalesce("transcript", "nearest").alias("transcript"))
        .drop("nearest")
    )
    answers = _merged(answers)
    again = _judged_again(alleles, touched, answers, transcripts, reference)
    kept = answers.join(again, on=["allele", "transcript"], how="anti", maintain_order="left")
    known = pl.concat([kept, again], how="diagonal")
    silent = _silent(
        alleles, nearest.join(known, on=["allele", "gene_id"], how="anti", maintain_order="left"), transcripts
    )
    known = pl.concat([known, silent], how="diagonal")
    nothing = alleles.with_row_index("allele").select("allele").join(known, on="allele", how="anti")
    genes = transcripts.frame.select("transcript", "gene", "mane")
    return (
        pl.concat([known, nothing.with_columns(pl.lit(INTERGENIC).alias("consequence"))], how="diagonal")
        .sort("allele", maintain_order=True)
        .join(genes, on="transcript", how="left", maintain_order="left")
    )


def _merged(answers: pl.DataFrame) -> pl.DataFrame:
    """One row per allele and transcript, as the engine may tell the splice region and the coding change apart."""
    repeated = answers.select("allele", "transcript").is_duplicated()
    several = answers.filter(repeated).group_by("allele", "gene_id", "transcript", maintain_order=True)
    merged = several.agg(
        pl.col("consequence").str.split("&").explode(),
        pl.col("amino_acid_change", "dna_change").drop_nulls().first(),
    ).with_columns(by_severity(pl.col("consequence")))
    return pl.concat([answers.filter(~repeated), merged.select(answers.columns)])


def _judged_again(
    alleles: pl.DataFrame,
    touched: pl.DataFrame,
    answers: pl.DataFrame,
    transcripts: TranscriptSet,
    reference: Reference,
) -> pl.DataFrame:
    """Answers that replace the engine's at the edges of exons and coding sequences; few, so one by one."""
    places = alleles.with_row_index("allele")
    candidates = touched.join(places, on="allele", how="left", maintain_order="left")
    near = near_edges(
        transcripts,
        candidates.get_column("member").to_numpy(),
        candidates.get_column("start0").to_numpy(),
        candidates.get_column("end0").to_numpy(),
    )
    coding = transcripts.frame.get_column("coding")[candidates.get_column("member")]
    spoken = answers.select("allele", "transcript", pl.col("consequence").alias("said"))
    rows = candidates.filter(pl.Series(near) & coding).join(
        spoken, on=["allele", "transcript"], how="left", maintain_order="left"
    )
    replaced: list[dict[str, object]] = []
    for row in rows.iter_rows(named=True):
        said = frozenset((row["said"] or "").split("&")) - {""}
        change = Change.of(row["position"], row["ref"], row["alt"])
        judgement = reconsider(said, change, transcripts.transcripts[row["member"]], reference)
        if judgement is not None:
            replaced.append(
                {
                    "allele": row["allele"],
                    "gene_id": row["gene_id"],
                    "transcript": row["transcript"],
                    "consequence": joined(judgement.terms),
                    "amino_acid_change": judgement.amino_acid_change,
                    "dna_change": f"{row['position']}{row['ref']}>{row['alt']}",
                    "engine_consequence": joined(said) or "none",
                }
            )
    return pl.DataFrame(replaced, schema=_JUDGED_SCHEMA)


def _silent(alleles: pl.DataFrame, pairs: pl.DataFrame, transcripts: TranscriptSet) -> pl.DataFrame:
    """Genes that an allele touches and the engine did not name: the plain cases told, the others left open."""
    placed = pairs.join(alleles.with_row_index("allele").select("allele", "start0", "end0"), on="allele", how="left")
    members, start0, end0 = (placed.get_column(name).to_numpy() for name in ("member", "start0", "end0"))
    intron = inside_intron(transcripts, members, start0, end0)
    near = near_edges(transcripts, members, start0, end0)
    coding = transcripts.frame.get_column("coding").to_numpy()[members]
    told = (
        pl.when(pl.Series(intron & ~near))
        .then(pl.lit("intron_variant"))
        .when(pl.Series(~coding))
        .then(pl.lit("non_coding_transcript_variant"))
    )
    return placed.select("allele", "gene_id", "transcript").with_columns(
        told.alias("consequence"),
        pl.when(told.is_null()).then(pl.lit(NotEvaluated.ENGINE_SILENT.value)).alias("not_evaluated"),
    )


def _touched(alleles: pl.DataFrame, transcripts: TranscriptSet) -> pl.DataFrame:
    """allele, member (place in the set), gene_id, transcript of every overlap, a gene's preferred transcript first."""
    places, members = transcripts.overlap_pairs(
        alleles.get_column("contig").to_numpy(),
        alleles.get_column("start0").to_numpy(),
        alleles.get_column("end0").to_numpy(),
    )
    chosen = transcripts.frame[members]
    return (
        pl.DataFrame({"allele": places.astype(np.uint32), "member": members, "rank": transcripts.ranks[members]})
        .with_columns(chosen.get_column("gene_id"), chosen.get_column("transcript"))
        .sort(["allele", "rank"])
        .drop("rank")
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
        .join(touched.drop("member"), on="allele", how="inner", maintain_order="left_right")
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
