"""ClinVar's files as a knowledge source: the weekly VCF, ``variant_summary.txt``, and the allele tables of 2016-2018
that the MacArthur laboratory made (columns ``clinical_significance``, ``review_status``, ``hgvs_p``).

Protein changes are those of our own consequence engine when a reference with transcripts is given, on the gene's
preferred transcript (MANE Select where marked); without one they are read from the name's ``p.`` part, on whatever
transcript ClinVar named (``protein_from`` says which).
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from varde.annotation import consequence as engine
from varde.annotation.clinvar_terms import (
    ProteinChange,
    Significance,
    engine_change,
    named_change,
    significance,
    stars,
)
from varde.annotation.genes import reference_transcripts
from varde.annotation.keyed_file import ROWS_PER_GROUP
from varde.annotation.source_alleles import check_build, keyed, long_alleles, without
from varde.annotation.source_folder import Origin, describe, new_source
from varde.annotation.text_table import TextTable, info_field, refuse_rows
from varde.annotation.transcripts import preference
from varde.genome.builds import Build, build_named
from varde.genome.errors import InputError
from varde.genome.liftover import bare_table
from varde.genome.normalise import with_keys
from varde.genome.references import Reference

KIND = "clinvar"
RECORDS, RESIDUES, GENES = "records.parquet", "residues.parquet", "genes.parquet"

_RAW = pl.Schema(
    {
        "line": pl.Int64, "contig": pl.String, "position": pl.String, "ref": pl.String, "alt": pl.String,
        "variation_id": pl.String, "gene": pl.String, "significance": pl.String, "conflict": pl.String,
        "review_status": pl.String, "condition": pl.String, "last_evaluated": pl.String, "name": pl.String,
        "molecular_consequence": pl.String,
    }
)  # fmt: skip
_NO_TEXT = ("", "-", ".", "na", "not provided")
_REMEDY = (
    "Use ClinVar's VCF (clinvar.vcf.gz), its variant_summary.txt.gz, or an allele table with columns chrom, pos, ref, "
    "alt, variation_id, symbol, clinical_significance and review_status."
)
_SUMMARY = {
    "Chromosome": "contig", "PositionVCF": "position", "ReferenceAlleleVCF": "ref", "AlternateAlleleVCF": "alt",
    "VariationID": "variation_id", "GeneSymbol": "gene", "ClinicalSignificance": "significance",
    "ReviewStatus": "review_status", "PhenotypeList": "condition", "LastEvaluated": "last_evaluated", "Name": "name",
}  # fmt: skip
_ALLELES = {
    "chrom": "contig", "pos": "position", "ref": "ref", "alt": "alt", "variation_id": "variation_id",
    "symbol": "gene", "clinical_significance": "significance", "review_status": "review_status",
    "all_traits": "condition", "last_evaluated": "last_evaluated", "hgvs_p": "name",
    "molecular_consequence": "molecular_consequence",
}  # fmt: skip
_SEQUENCE_ONTOLOGY = {
    "nonsense": "stop_gained", "initiator_codon_variant": "start_lost", "initiatior_codon_variant": "start_lost",
    "non-coding_transcript_variant": "non_coding_transcript_variant", "2KB_upstream_variant": "upstream_gene_variant",
    "500B_downstream_variant": "downstream_gene_variant", "genic_upstream_transcript_variant": "intron_variant",
    "genic_downstream_transcript_variant": "intron_variant",
}  # fmt: skip
"""ClinVar's own words for a consequence and the Sequence Ontology's."""
_VCF = ("CHROM", "POS", "ID", "REF", "ALT", "QUAL", "FILTER", "INFO")


@dataclass(frozen=True)
class _Layout:
    """One of the three layouts: rows as ``_RAW``, the build and the date that the file tells of itself."""

    rows: Iterator[pl.DataFrame]
    build: Build | None = None
    file_date: str | None = None


def import_clinvar(
    root: str | Path,
    file: str | Path,
    origin: Origin,
    build: Build,
    *,
    reference: Reference | None = None,
    progress: Callable[[int], None] | None = None,
) -> Path:
    """Import one of ClinVar's files as ``<root>/<name>-<version>``; return the folder.

    ``variant_summary`` holds both builds: the rows of ``build`` are taken. Raises InputError: those of ``TextTable``
    and ``keyed``, ``missing_column``, ``wrong_build``, ``bad_row`` (unknown review status, no variation number) and
    ``no_rows``; nothing is then stored.
    """
    path = Path(file)
    dropped: Counter[str] = Counter()
    with TextTable(path) as table, new_source(root, origin) as working:
        layout = _layout(table, build, dropped)
        check_build(layout.build, build, table.name)
        read = 0
        blocks = []
        for raw in layout.rows:
            read += raw.height
            blocks.append(_records(raw, build, reference, table.name, dropped))
            if progress is not None:
                progress(read)
        records = _one_per_allele(_merged(blocks, table.name), dropped)
        _write(working, records)
        describe(
            working, KIND, origin, path,
            build=build, read=read + dropped["other_build"], kept=records.height, dropped=dropped,
            details=_details(layout, reference),
        )  # fmt: skip
    return Path(root) / f"{origin.name}-{origin.version}"


def _details(layout: _Layout, reference: Reference | None) -> dict[str, str]:
    details = {"protein_from": "name", "reference": reference.name if reference else ""}
    if layout.file_date:
        details["file_date"] = layout.file_date
    if reference is not None and reference.gff3 is not None:
        source = engine.source(reference)
        details |= {
            "protein_from": f"{source.engine} {source.version}",
            "transcripts": f"{source.annotation} sha256:{source.annotation_sha256}",
        }
    return details


def _layout(table: TextTable, build: Build, dropped: Counter[str]) -> _Layout:
    if table.columns[:8] == _VCF:
        return _vcf(table)
    if "ClinicalSignificance" in table.columns:
        table.require([*_SUMMARY, "Assembly"], _REMEDY)
        return _Layout(_summary(table, build, dropped))
    table.require(list(_ALLELES), _REMEDY)
    return _Layout(_raw(block) for block in table.frames(_ALLELES))


def _raw(block: pl.DataFrame) -> pl.DataFrame:
    absent = [pl.lit("", dtype=kind).alias(name) for name, kind in _RAW.items() if name not in block.columns]
    return block.with_columns(absent).select(list(_RAW)).with_columns(pl.col("conflict").fill_null(""))


def _summary(table: TextTable, build: Build, dropped: Counter[str]) -> Iterator[pl.DataFrame]:
    found = 0
    for block in table.frames({**_SUMMARY, "Assembly": "assembly"}):
        rows = without(block, pl.when(pl.col("assembly") != str(build)).then(pl.lit("other_build")), dropped)
        found += rows.height
        yield _raw(rows)
    if not found:
        raise InputError(
            "wrong_build", f"No row is of {build}.", "Use a file with that assembly.", source=table.name,
            field="Assembly",
        )  # fmt: skip


def _vcf(table: TextTable) -> _Layout:
    declared = set(re.findall(r"##INFO=<ID=([^,>]+)", table.preamble))
    missing = {"CLNSIG", "CLNREVSTAT"} - declared
    if missing:
        problem = f"The header does not declare INFO/{' or INFO/'.join(sorted(missing))}."
        raise InputError("missing_column", problem, _REMEDY, source=table.name, field="INFO")
    told = re.search(r"^##reference=(.*)$", table.preamble, re.MULTILINE)
    dated = re.search(r"^##fileDate=(.*)$", table.preamble, re.MULTILINE)
    wanted = {"CHROM": "contig", "POS": "position", "ID": "variation_id", "REF": "ref", "ALT": "alt", "INFO": "info"}
    return _Layout(
        (_vcf_rows(block) for block in table.frames(wanted)),
        build_named(told[1]) if told else None,
        dated[1].strip() if dated else None,
    )


def _vcf_rows(block: pl.DataFrame) -> pl.DataFrame:
    def field(name: str) -> pl.Expr:
        return info_field(name).fill_null("").alias(name)

    fields = block.with_columns(
        field(name) for name in ("CLNSIG", "CLNSIGCONF", "CLNREVSTAT", "CLNDN", "CLNHGVS", "GENEINFO", "MC")
    )
    return _raw(
        fields.with_columns(
            significance="CLNSIG",
            conflict="CLNSIGCONF",
            review_status="CLNREVSTAT",
            condition=pl.col("CLNDN").str.replace_all("_", " "),
            name="CLNHGVS",
            gene=pl.col("GENEINFO").str.extract(r"^([^:|]+)").fill_null(""),
            molecular_consequence=pl.col("MC").str.extract(r"\|([A-Za-z0-9_]+)").fill_null(""),
        ).drop("info", "CLNSIG", "CLNSIGCONF", "CLNREVSTAT", "CLNDN", "CLNHGVS", "GENEINFO", "MC")
    )


def _records(
    raw: pl.DataFrame, build: Build, reference: Reference | None, source: str, dropped: Counter[str]
) -> pl.DataFrame:
    """One block's rows with values instead of words."""
    refuse_rows(
        raw, ~pl.col("variation_id").str.contains("^[0-9]{1,9}$"), source, "variation_id",
        "ClinVar's variation number is expected.", _REMEDY,
    )  # fmt: skip
    told = without(
        raw,
        pl.when(pl.col("significance").str.to_lowercase().is_in(["", "-", "."])).then(pl.lit("no_germline_class")),
        dropped,
    )
    placed = keyed(_with_stars(told, source), build, reference, source, dropped)
    classed = placed.with_columns(_of_each(placed["significance"], _class_columns))
    changed = _with_protein(classed, build, reference)
    columns = changed.select(
        "key",
        "contig",
        "position",
        "ref",
        "alt",
        pl.col("variation_id").cast(pl.UInt32),
        _told("gene"),
        pl.col("significance").str.replace_all("_", " "),
        "classification",
        "conflicting",
        _told("conflict").str.replace_all("_", " "),
        "stars",
        pl.col("review_status").str.replace_all("_", " "),
        _told("condition"),
        _told("last_evaluated"),
        "protein_change",
        "aa_position",
        "aa_ref",
        "aa_alt",
        "transcript",
        "consequence",
    )
    return columns.with_columns(pl.col(_REPEATED).cast(pl.Categorical))


_REPEATED = ["significance", "conflict", "review_status", "condition", "last_evaluated", "consequence"]
"""Texts that many records share: kept once while the file is read."""


def _told(name: str) -> pl.Expr:
    """A column with null instead of ClinVar's words for nothing."""
    return pl.when(~pl.col(name).is_in(_NO_TEXT)).then(name).alias(name)


def _with_stars(rows: pl.DataFrame, source: str) -> pl.DataFrame:
    words = rows["review_status"].unique().to_list()
    known = {word: stars(word) for word in words}
    given = rows.with_columns(
        pl.col("review_status").replace_strict(known, default=None, return_dtype=pl.UInt8).alias("stars")
    )
    refuse_rows(
        given, pl.col("stars").is_null(), source, "review_status", "not a review status known here.",
        "Use ClinVar's own file; if ClinVar has new words, this version of the software must learn them.",
    )  # fmt: skip
    return given


def _of_each(texts: pl.Series, values: Callable[[str], Mapping[str, object]]) -> list[pl.Series]:
    """Columns computed once for every distinct text."""
    distinct = texts.unique()
    table = pl.DataFrame([values(text) for text in distinct.to_list()], schema=_COLUMNS_OF[values])
    found = pl.DataFrame({"text": texts}).join(
        table.with_columns(text=distinct), on="text", how="left", maintain_order="left", nulls_equal=True
    )
    return found.drop("text").get_columns()


def _class_columns(text: str) -> Mapping[str, object]:
    found: Significance = significance(text)
    return {"classification": found.classification, "conflicting": found.conflicting}


def _named_columns(text: str) -> Mapping[str, object]:
    return _change_columns(named_change(text or ""))


def _engine_columns(text: str | None) -> Mapping[str, object]:
    return _change_columns(engine_change(text or ""))


def _change_columns(change: ProteinChange | None) -> Mapping[str, object]:
    if change is None:
        return dict.fromkeys(_CHANGE)
    return {"protein_change": change.text, "aa_position": change.position, "aa_ref": change.ref, "aa_alt": change.alt}


_CHANGE = {"protein_change": pl.String, "aa_position": pl.UInt32, "aa_ref": pl.String, "aa_alt": pl.String}
_COLUMNS_OF: Mapping[Callable[..., Mapping[str, object]], Mapping[str, type[pl.DataType]]] = {
    _class_columns: {"classification": pl.UInt8, "conflicting": pl.Boolean},
    _named_columns: _CHANGE,
    _engine_columns: _CHANGE,
}


def _with_protein(rows: pl.DataFrame, build: Build, reference: Reference | None) -> pl.DataFrame:
    if reference is None or reference.gff3 is None:
        said = pl.col("molecular_consequence").str.extract(r"(?:^|:)([^:;,|]+)(?:[;,|]|$)").str.replace_all(" ", "_")
        return rows.with_columns(_of_each(rows["name"], _named_columns)).with_columns(
            transcript=pl.col("name").str.extract(r"^(N[MR]_[0-9.]+)"), consequence=said.replace(_SEQUENCE_ONTOLOGY)
        )
    table = with_keys(bare_table(rows.select("contig", "position", "ref", "alt"), build))
    frame = engine.consequences(table, reference)
    chosen = _preferred(frame, rows, reference)
    return rows.with_columns(
        pl.coalesce(chosen["gene"], _told("gene")).alias("gene"),
        chosen["transcript"],
        chosen["consequence"],
        *_of_each(chosen["amino_acid_change"], _engine_columns),
    )


def _preferred(frame: pl.DataFrame, rows: pl.DataFrame, reference: Reference) -> pl.DataFrame:
    """One answer per row: on ClinVar's gene where the engine names it, there on the preferred transcript."""
    ranks = {
        one.identifier: rank
        for rank, one in enumerate(sorted(reference_transcripts(reference).transcripts, key=preference))
    }
    ranked = frame.join(rows.select(said="gene").with_row_index("row"), on="row", how="left", maintain_order="left")
    ordered = ranked.with_columns(
        pl.col("transcript").replace_strict(ranks, default=len(ranks), return_dtype=pl.Int64).alias("_rank"),
        (pl.col("gene") != pl.col("said")).fill_null(value=True).alias("_other"),
    ).sort("row", "_other", "_rank", maintain_order=True)
    return ordered.unique("row", keep="first", maintain_order=True)


def _merged(blocks: list[pl.DataFrame], source: str) -> pl.DataFrame:
    records = pl.concat(blocks) if blocks else pl.DataFrame()
    if records.is_empty():
        raise InputError("no_rows", "No row of the file can be used.", _REMEDY, source=source)
    return records


def _one_per_allele(records: pl.DataFrame, dropped: Counter[str]) -> pl.DataFrame:
    """Sorted by key; of several records of one allele the one with most stars, then the oldest number, is kept."""
    ordered = records.sort("key", "stars", "variation_id", descending=[False, True, False])
    kept = ordered.unique("key", keep="first", maintain_order=True)
    if ordered.height > kept.height:
        dropped["same_allele"] += ordered.height - kept.height
    return kept


def _write(folder: Path, records: pl.DataFrame) -> None:
    residues = records.filter(pl.col("aa_position").is_not_null() & pl.col("gene").is_not_null())
    residues = residues.sort("gene", "aa_position", "key").with_columns(pl.col(_REPEATED).cast(pl.String))
    shown = records.drop("contig", "position").with_columns(*long_alleles(), pl.col(_REPEATED).cast(pl.String))
    shown.write_parquet(folder / RECORDS, compression="zstd", row_group_size=ROWS_PER_GROUP)
    residues.write_parquet(folder / RESIDUES, compression="zstd", row_group_size=1 << 14)
    _spectra(records).write_parquet(folder / GENES, compression="zstd")


LOSS_OF_FUNCTION = ("stop_gained", "frameshift", "splice_donor_variant", "splice_acceptor_variant", "start_lost")
MISSENSE = "missense"


def _spectra(records: pl.DataFrame) -> pl.DataFrame:
    """What kinds of variants are pathogenic, and benign, by gene: records of one star or more."""
    said = pl.col("consequence").cast(pl.String).fill_null("")
    truncating = said.str.contains("|".join(LOSS_OF_FUNCTION))
    missense = said.str.contains(MISSENSE) & ~truncating
    harmful, harmless = pl.col("classification") >= 4, pl.col("classification") <= 2
    counted = records.filter((pl.col("stars") >= 1) & pl.col("gene").is_not_null())
    return (
        counted.group_by("gene")
        .agg(
            (harmful & missense).sum().alias("pathogenic_missense"),
            (harmful & truncating).sum().alias("pathogenic_lof"),
            harmful.sum().alias("pathogenic"),
            (harmless & missense).sum().alias("benign_missense"),
            harmless.sum().alias("benign"),
            (missense & (pl.col("classification") == 3)).sum().alias("uncertain_missense"),
        )
        .sort("gene")
    )
