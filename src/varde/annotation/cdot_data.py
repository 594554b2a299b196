"""Transcripts in the layout of cdot, written once per reference, so that ``hgvs`` needs no database and no network."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

from varde.annotation.genes import reference_transcripts
from varde.annotation.transcripts import ManeStatus, Transcript, TranscriptSet
from varde.genome.builds import refseq_accession
from varde.genome.references import Reference

FILE_NAME = "transcripts.json"
LAYOUT = 1
"""Counts up when what is written changes; a file of another layout is made again."""

CDOT_SCHEMA = "0.2.33"


def ensure_transcripts_json(reference: Reference) -> Path:
    """The reference's ``transcripts.json``, made when it is absent, or when the GFF3 or the layout is another one.

    Written beside and moved into place: a reader sees the old file, the new one, or none, never a part. Raises
    InputError ``no_annotation``.
    """
    transcripts = reference_transcripts(reference)
    path = Path(reference.folder) / FILE_NAME
    head = _head(transcripts)
    if path.is_file():
        with path.open("rb") as file:
            if file.read(len(head)) == head:
                return path
    partial = path.with_name(f"{FILE_NAME}.{os.getpid()}.partial")
    partial.write_bytes(_document(transcripts, head))
    partial.replace(path)
    return path


def _head(transcripts: TranscriptSet) -> bytes:
    metadata = {"layout": LAYOUT, "build": transcripts.build.value, "gff3_sha256": transcripts.checksum}
    return b'{"metadata":' + _encoded(metadata)


def _document(transcripts: TranscriptSet, head: bytes) -> bytes:
    body = {
        "cdot_version": CDOT_SCHEMA,
        "genome_builds": [transcripts.build.value],
        "transcripts": {t.name: _entry(t, transcripts) for t in transcripts.transcripts},
    }
    return head + b"," + _encoded(body)[1:]


def _encoded(value: dict[str, Any]) -> bytes:
    return json.dumps(value, separators=(",", ":")).encode("utf-8")


def _entry(transcript: Transcript, transcripts: TranscriptSet) -> dict[str, Any]:
    exons: list[list[int | None]] = []
    before = 0
    for order, (start, end) in enumerate(transcript.ordered_exons):
        exons.append([start, end, order, before + 1, before + end - start, None])
        before += end - start
    placed: dict[str, Any] = {
        "contig": refseq_accession(transcripts.build, transcript.contig),
        "strand": "+" if transcript.strand == 1 else "-",
        "exons": sorted(exons, key=lambda exon: exon[0] or 0),
    }
    entry: dict[str, Any] = {
        "id": transcript.name,
        "gene_name": transcript.gene,
        "gene_version": transcript.gene_id,
        "biotype": [transcript.biotype],
        "genome_builds": {transcripts.build.value: placed},
    }
    if transcript.mane_status is not ManeStatus.NONE:
        placed["tag"] = transcript.mane_status.value
    if transcript.protein:
        entry["protein"] = transcript.protein
    if transcript.cds is not None:
        placed["cds_start"], placed["cds_end"] = transcript.cds
        entry["start_codon"] = transcript.coding_start
        entry["stop_codon"] = transcript.coding_start + transcript.coding_length
    return entry
