"""Consequences that a file brings with it: VEP's CSQ, SnpEff's ANN, bcftools' BCSQ, read instead of made.

Terms that Varde does not rank are taken for the nearest one that it does (``NEAREST``); others are counted in
``unknown`` and leave their entry not evaluated. The annotator and its version stand beside them, as they must beside
every assessment.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from varde.annotation.consequence import SCHEMA, NotEvaluated
from varde.annotation.severity import BY_ENGINE_WORD, RANK, by_severity, impact
from varde.annotation.text_table import TextTable, info_field
from varde.genome.errors import InputError
from varde.genome.records import AlleleTable

FIELDS = ("CSQ", "ANN", "BCSQ")
NOT_GIVEN = "no_entry_in_the_file"
UNKNOWN_TERM = "unknown_term"
"""Why a row of the file has no consequence, beside ``NotEvaluated``."""

NEAREST: Mapping[str, str] = {
    "splice_donor_5th_base_variant": "splice_region_variant",
    "splice_donor_region_variant": "splice_region_variant",
    "splice_polypyrimidine_tract_variant": "splice_region_variant",
    "conservative_inframe_insertion": "inframe_insertion",
    "disruptive_inframe_insertion": "inframe_insertion",
    "conservative_inframe_deletion": "inframe_deletion",
    "disruptive_inframe_deletion": "inframe_deletion",
    "initiator_codon_variant": "start_retained_variant",
    "incomplete_terminal_codon_variant": "coding_sequence_variant",
    "5_prime_UTR_premature_start_codon_gain_variant": "5_prime_UTR_variant",
    "5_prime_UTR_truncation": "5_prime_UTR_variant",
    "3_prime_UTR_truncation": "3_prime_UTR_variant",
    "non_coding_transcript_exon_variant": "non_coding_transcript_variant",
    "non_coding_exon_variant": "non_coding_transcript_variant",
    "nc_transcript_variant": "non_coding_transcript_variant",
    "mature_miRNA_variant": "non_coding_transcript_variant",
    "NMD_transcript_variant": "non_coding_transcript_variant",
    "upstream_gene_variant": "intergenic_variant",
    "downstream_gene_variant": "intergenic_variant",
    "intergenic_region": "intergenic_variant",
    "regulatory_region_variant": "intergenic_variant",
    "TF_binding_site_variant": "intergenic_variant",
    "splice_site_region": "splice_region_variant",
}
_ANNOTATOR = {
    "CSQ": ("Ensembl VEP", re.compile(r'^##VEP="?v?([0-9][^ "]*)', re.MULTILINE)),
    "ANN": ("SnpEff", re.compile(r'^##SnpEffVersion="([0-9][^ "]*)', re.MULTILINE)),
    "BCSQ": ("bcftools csq", re.compile(r"^##bcftools/csqVersion=([^+ \n]*)", re.MULTILINE)),
}
_COLUMNS = {
    "CSQ": {
        "Allele": "allele", "Consequence": "words", "SYMBOL": "gene", "Gene": "gene_id", "Feature": "transcript",
        "Feature_type": "feature", "HGVSc": "dna_change", "HGVSp": "amino_acid_change", "MANE_SELECT": "mane_text",
        "ALLELE_NUM": "allele_number",
    },
    "ANN": {
        "Allele": "allele", "Annotation": "words", "Gene_Name": "gene", "Gene_ID": "gene_id",
        "Feature_ID": "transcript", "Feature_Type": "feature", "HGVS.c": "dna_change", "HGVS.p": "amino_acid_change",
    },
    "BCSQ": {
        "Consequence": "words", "gene": "gene", "transcript": "transcript", "amino_acid_change": "amino_acid_change",
        "dna_change": "dna_change",
    },
}  # fmt: skip
_BCSQ = ("Consequence", "gene", "transcript", "biotype", "strand", "amino_acid_change", "dna_change")
_NEEDED = ("words", "gene", "transcript")


@dataclass(frozen=True)
class GivenConsequences:
    """``frame`` as of ``varde.annotation.consequence``; ``unknown`` terms with their number."""

    frame: pl.DataFrame
    field: str
    annotator: str
    version: str
    unknown: Mapping[str, int]


def given_consequences(path: str | Path, table: AlleleTable, field: str) -> GivenConsequences:
    """The consequences that a file's INFO field tells of the alleles read from it, in the order of the table.

    ``table`` holds that file's alleles (by ``line`` and ``allele``; normalised or not). Raises InputError
    ``missing_column`` when the header does not declare the field or its layout, those of ``TextTable``, and
    ``unknown_field``.
    """
    if field not in FIELDS:
        raise InputError(
            "unknown_field", f"{field!r} is no field read here.", f"Known are {', '.join(FIELDS)}.", field=field
        )
    with TextTable(path) as text:
        layout = _layout(text.preamble, field, text.name)
        wanted = {"REF": "file_ref", "ALT": "file_alt", "INFO": "info"}
        blocks = [block.select("line", "file_ref", "file_alt", said=info_field(field)) for block in text.frames(wanted)]
        annotator, pattern = _ANNOTATOR[field]
        found = pattern.search(text.preamble)
    lines = pl.concat(blocks) if blocks else pl.DataFrame(schema=_LINES)
    entries = _entries(lines, layout, field)
    unknown: Counter[str] = Counter()
    frame = _of_alleles(table, _with_terms(entries, field, unknown))
    return GivenConsequences(frame, field, annotator, found[1] if found else "", dict(unknown))


_LINES = {"line": pl.Int64, "file_ref": pl.String, "file_alt": pl.String, "said": pl.String}


def _layout(preamble: str, field: str, source: str) -> tuple[str, ...]:
    """Names of the parts of an entry."""
    declared = re.search(rf"^##INFO=<ID={field},(.*)$", preamble, re.MULTILINE)
    if declared and field == "BCSQ":
        return _BCSQ
    shape = re.search(r"(?:Format:|annotations:)\s*'?\s*([^'\">]+)", declared[1]) if declared else None
    parts = tuple(part.strip() for part in shape[1].split("|")) if shape else ()
    missing = [name for name, new in _COLUMNS[field].items() if new in (*_NEEDED, "allele") and name not in parts]
    if missing:
        problem = f"The header does not declare INFO/{field} with {', '.join(missing)}."
        raise InputError(
            "missing_column", problem, "Annotate the file anew, or let Varde make the consequences.", source=source,
            field=field,
        )  # fmt: skip
    return parts


def _entries(lines: pl.DataFrame, layout: Sequence[str], field: str) -> pl.DataFrame:
    """One row per entry: line, allele_number (1-based, null unless told) and the parts by name."""
    each = (
        lines.drop_nulls("said")
        .with_columns(pl.col("said").str.split(","))
        .explode("said")
        .filter(~pl.col("said").str.starts_with("@"))  # BCSQ: the consequence stands at another record
        .with_columns(part=pl.col("said").str.split("|"))
    )
    places = {new: layout.index(name) for name, new in _COLUMNS[field].items() if name in layout}
    names = ("allele", "words", "gene", "gene_id", "transcript", "feature", "dna_change", "amino_acid_change")
    told = each.select(
        "line",
        "file_ref",
        "file_alt",
        *(
            (pl.col("part").list.get(places[name], null_on_oob=True) if name in places else pl.lit(None, pl.String))
            .replace("", None)
            .alias(name)
            for name in (*names, "mane_text", "allele_number")
        ),
    )
    of_transcripts = pl.col("feature").is_null() | pl.col("feature").str.to_lowercase().is_in(["transcript", ""])
    told = told.filter(of_transcripts)
    numbers = [
        int(row["allele_number"]) if (row["allele_number"] or "").isdigit() else _number(row)
        for row in told.select("file_ref", "file_alt", "allele", "allele_number").iter_rows(named=True)
    ]
    return told.with_columns(pl.Series("allele_number", numbers, dtype=pl.Int16))


def _number(row: Mapping[str, str | None]) -> int | None:
    """Which ALT an entry means by its letters: the ALT itself, or VEP's, which leaves out a shared first base."""
    ref, alts, said = row["file_ref"] or "", (row["file_alt"] or "").split(","), row["allele"]
    if said is None:
        return 1 if len(alts) == 1 else None
    if said in alts:
        return alts.index(said) + 1
    shared = all(alt[:1] == ref[:1] for alt in alts) and any(len(alt) != len(ref) for alt in alts)
    trimmed = [(alt[1:] or "-") if shared else alt for alt in alts]
    if said in trimmed:
        return trimmed.index(said) + 1
    return 1 if len(alts) == 1 and not set(said) - set("ACGTN-") else None


def _with_terms(entries: pl.DataFrame, field: str, unknown: Counter[str]) -> pl.DataFrame:
    """``consequence`` in Varde's terms; null where none of an entry's terms is known."""
    own = BY_ENGINE_WORD if field == "BCSQ" else {}
    told: dict[str, str | None] = {}
    for words in entries["words"].drop_nulls().unique().to_list():
        terms = []
        for word in words.replace("*", "").split("&"):
            term = own.get(word, NEAREST.get(word, word))
            if term in RANK:
                terms.append(term)
            else:
                unknown[word] += entries.filter(pl.col("words") == words).height
        told[words] = "&".join(terms) or None
    listed = pl.col("words").replace_strict(told, default=None, return_dtype=pl.String).str.split("&")
    return entries.with_columns(by_severity(listed).alias("consequence"))


def _of_alleles(table: AlleleTable, entries: pl.DataFrame) -> pl.DataFrame:
    rows = table.sites.select("line", pl.col("allele").alias("allele_number")).with_row_index("row")
    joined = rows.join(
        entries.drop("file_ref", "file_alt", "allele"), on=["line", "allele_number"], how="left", maintain_order="left"
    )
    reason = (
        pl.when(pl.col("words").is_null())
        .then(pl.lit(NOT_GIVEN))
        .when(pl.col("consequence").is_null())
        .then(pl.lit(UNKNOWN_TERM))
    )
    told = joined.with_columns(
        pl.col("row").cast(pl.UInt32),
        mane=pl.col("mane_text").is_not_null() & pl.col("words").is_not_null(),
        impact=impact(pl.col("consequence")),
        not_evaluated=reason,
        engine_consequence=pl.lit(None, pl.String),
    )
    return told.select(pl.col(name).cast(kind) for name, kind in SCHEMA.items())


__all__ = ["FIELDS", "NEAREST", "NOT_GIVEN", "UNKNOWN_TERM", "GivenConsequences", "NotEvaluated", "given_consequences"]
