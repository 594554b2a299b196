"""Transcripts read from a GFF3 laid out as Ensembl's: ``ID=gene:``, ``ID=transcript:``, ``Parent=``, ``biotype=``."""

from __future__ import annotations

import gzip
import hashlib
import re
import zlib
from collections import Counter
from functools import lru_cache
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import polars as pl

from varde.annotation.transcripts import ManeStatus, Span, Transcript, TranscriptSet
from varde.genome.builds import Build, build_of_header, contig_code
from varde.genome.errors import InputError
from varde.genome.references import Reference

__all__ = ["ManeStatus", "Span", "Transcript", "TranscriptSet", "read_gff3", "reference_transcripts"]

_COLUMNS = ("sequence", "source", "type", "start", "end", "score", "strand", "phase", "attributes")
_GFF3_REMEDY = "Use the GFF3 that Ensembl publishes for this build, or one laid out in the same way."


def read_gff3(path: str | Path, build: Build) -> TranscriptSet:
    """All transcripts of the 25 chromosomes.

    A transcript whose parts contradict each other is left out and named in ``TranscriptSet.refused``. Raises
    InputError: ``unreadable_gff3`` (truncated, not gzip, not UTF-8), ``malformed_gff3`` (a line that is not GFF3),
    ``wrong_build``, ``not_ensembl_gff3`` (no transcript with the ids that are needed).
    """
    file = Path(path)
    raw = file.read_bytes()
    text = _text(raw, file.name)
    _check_build(text, build, file.name)
    rows = _rows(text, file.name)
    transcripts, refused, elsewhere = _transcripts(rows)
    if not transcripts:
        raise InputError(
            "not_ensembl_gff3",
            "The file has no transcript on a human chromosome; rows with ID=transcript:... and exons with"
            " Parent=transcript:... were expected.",
            _GFF3_REMEDY,
            source=file.name,
        )
    return TranscriptSet(build, transcripts, file.name, hashlib.sha256(raw).hexdigest(), refused, elsewhere)


def reference_transcripts(reference: Reference) -> TranscriptSet:
    """The transcripts of a reference, read once per file. Raises InputError ``no_annotation`` when it has no GFF3."""
    if reference.gff3 is None:
        raise InputError(
            "no_annotation",
            "The reference has no gene annotation, so consequences and names cannot be told.",
            "Add the reference with a GFF3 (varde reference add --gff3 FILE).",
            source=reference.name,
        )
    path = Path(reference.gff3)
    found = path.stat()
    return _read_once(str(path), found.st_size, found.st_mtime_ns, Build(reference.build))


@lru_cache(maxsize=4)
def _read_once(path: str, _size: int, _modified_ns: int, build: Build) -> TranscriptSet:
    return read_gff3(path, build)


def _text(raw: bytes, name: str) -> bytes:
    try:
        plain = gzip.decompress(raw) if raw[:2] == b"\x1f\x8b" else raw
        plain.decode("utf-8")
    except (EOFError, OSError, zlib.error) as error:
        raise InputError(
            "unreadable_gff3", "The compressed file is cut off or damaged.", "Fetch the file again.", source=name
        ) from error
    except UnicodeDecodeError as error:
        line = plain.count(b"\n", 0, error.start) + 1
        raise InputError(
            "unreadable_gff3", "The text is not UTF-8.", "Convert the file to UTF-8.", source=name, line=line
        ) from error
    return plain.split(b"\n##FASTA", 1)[0]


def _check_build(text: bytes, build: Build, name: str) -> None:
    lengths: dict[str, int | None] = {}
    for contig, length in re.findall(rb"^##sequence-region\s+(\S+)\s+1\s+(\d+)", text, re.MULTILINE):
        lengths[contig.decode()] = int(length)
    assemblies = [word.decode() for word in re.findall(rb"^#!genome-(?:build|version)\s+(.*)$", text, re.MULTILINE)]
    found = build_of_header(lengths, assemblies)
    if found is not None and found is not build:
        raise InputError(
            "wrong_build",
            f"The annotation is on {found}, the reference on {build}.",
            "Use the GFF3 of the reference's build.",
            source=name,
        )


def _rows(text: bytes, name: str) -> pl.DataFrame:
    """The rows that make transcripts, with their line numbers (``line``) and their ids."""
    lines = pl.Series("text", text.split(b"\n"), dtype=pl.Binary).cast(pl.String).str.strip_suffix("\r")
    fields = (
        pl.DataFrame({"text": lines})
        .with_row_index("line", offset=1)
        .filter(pl.col("text").str.contains(r"^[^#\s]"))
        .with_columns(pl.col("text").str.split("\t").alias("fields"))
    )
    _require(fields, pl.col("fields").list.len() == 9, "Nine columns separated by tabulators were expected.", name)
    columns = [pl.col("fields").list.get(i).alias(column) for i, column in enumerate(_COLUMNS)]
    rows = fields.select("line", *columns).with_columns(
        pl.col("start").cast(pl.Int64, strict=False), pl.col("end").cast(pl.Int64, strict=False)
    )
    placed = pl.col("start").is_not_null() & pl.col("end").is_not_null() & (pl.col("start") >= 1)
    _require(rows, placed & (pl.col("start") <= pl.col("end")), "Start and end must be 1 <= start <= end.", name)
    rows = rows.with_columns(_attribute(key).alias(key) for key in ("ID", "Parent"))
    return rows.filter(
        pl.col("ID").str.contains("^(?:gene|transcript):").fill_null(value=False)
        | pl.col("type").is_in(["exon", "CDS"])
    )


def _require(frame: pl.DataFrame, condition: pl.Expr, expectation: str, name: str) -> None:
    wrong = frame.filter(~condition)
    if wrong.height:
        raise InputError(
            "malformed_gff3", expectation, _GFF3_REMEDY, source=name, line=int(wrong.get_column("line")[0])
        )


def _attribute(key: str) -> pl.Expr:
    return pl.col("attributes").str.extract(rf"(?:^|;)\s*{key}=([^;]*)")


def _transcripts(rows: pl.DataFrame) -> tuple[tuple[Transcript, ...], dict[str, str], int]:
    attributes = ("Name", "biotype", "version", "tag", "refseq_transcript", "protein_id")
    named = rows.filter(pl.col("ID").is_not_null()).with_columns(_attribute(key).alias(key) for key in attributes)
    genes = {row["ID"]: row for row in named.filter(pl.col("ID").str.starts_with("gene:")).iter_rows(named=True)}
    parts = (
        rows.filter(pl.col("type").is_in(["exon", "CDS"]))
        .with_columns(pl.col("Parent").str.split(","))
        .explode("Parent")
        .sort("start", maintain_order=True)
        .group_by(["Parent", "type"], maintain_order=True)
        .agg("sequence", "start", "end", "strand", "phase", _attribute("protein_id").first().alias("protein_id"))
    )
    pieces = {(row["Parent"], row["type"]): row for row in parts.iter_rows(named=True)}
    found: dict[str, Transcript] = {}
    refused: dict[str, str] = {}
    elsewhere = 0
    heads = named.filter(pl.col("ID").str.starts_with("transcript:"))
    repeated = {identifier for identifier, count in Counter(heads.get_column("ID").to_list()).items() if count > 1}
    for head in heads.iter_rows(named=True):
        identifier = head["ID"].removeprefix("transcript:")
        if contig_code(head["sequence"]) == 0:
            elsewhere += 1
        elif head["ID"] in repeated:
            refused[identifier] = "the identifier stands on more than one transcript"
        else:
            exons, coding = pieces.get((head["ID"], "exon")), pieces.get((head["ID"], "CDS"))
            try:
                found[identifier] = _transcript(identifier, head, genes.get(head["Parent"]), exons, coding)
            except ValueError as error:
                refused[identifier] = str(error)
    return tuple(found.values()), refused, elsewhere


def _transcript(
    identifier: str,
    head: dict[str, Any],
    gene: dict[str, Any] | None,
    exons: dict[str, Any] | None,
    coding: dict[str, Any] | None,
) -> Transcript:
    if exons is None:
        raise ValueError(f"{identifier}: has no exon")
    places = {(sequence, head["strand"]) for part in (exons, coding) if part for sequence in part["sequence"]}
    strands = {strand for part in (exons, coding) if part for strand in part["strand"]}
    if places != {(head["sequence"], head["strand"])} or strands != {head["strand"]} or head["strand"] not in "+-":
        raise ValueError(f"{identifier}: its parts lie on different sequences or strands")
    spans = _spans(exons)
    cds = None if coding is None else (_spans(coding)[0][0], _spans(coding)[-1][1])
    gene_id = (head["Parent"] or "").removeprefix("gene:")
    transcript = Transcript(
        identifier=identifier,
        version=int(head["version"]) if (head["version"] or "").isdigit() else None,
        gene=unquote(gene["Name"]) if gene is not None and gene["Name"] else gene_id,
        gene_id=gene_id,
        contig=contig_code(head["sequence"]),
        strand=1 if head["strand"] == "+" else -1,
        exons=spans,
        cds=cds,
        biotype=head["biotype"] or "",
        mane_status=_mane_status(head["tag"]),
        refseq=head["refseq_transcript"],
        protein=head["protein_id"] or (coding["protein_id"] if coding is not None else None),
        phase=_first_phase(coding, head["strand"]),
    )
    if coding is not None and tuple(sorted(transcript.coding_segments)) != _spans(coding):
        raise ValueError(f"{identifier}: its coding parts do not fill the exons between start and stop")
    return transcript


def _spans(part: dict[str, Any]) -> tuple[Span, ...]:
    return tuple((start - 1, end) for start, end in zip(part["start"], part["end"], strict=True))


def _first_phase(coding: dict[str, Any] | None, strand: str) -> int:
    if coding is None:
        return 0
    phase = coding["phase"][0 if strand == "+" else -1]
    if phase not in ("0", "1", "2"):
        raise ValueError(f"coding sequence without a phase of 0, 1 or 2 but with {phase!r}")
    return int(phase)


def _mane_status(tag: str | None) -> ManeStatus:
    tags = set((tag or "").split(","))
    for status in (ManeStatus.SELECT, ManeStatus.PLUS_CLINICAL):
        if status.value in tags:
            return status
    return ManeStatus.NONE
