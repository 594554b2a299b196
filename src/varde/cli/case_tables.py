"""The case's tables: candidates, trace and quality, as files for programs."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any, Final

import polars as pl

from varde.cli.case_result import CaseResult, chromosome, has_met_criterion
from varde.interpretation.acmg import State

NOT_AVAILABLE: Final = "NA"
"""Not evaluated, or not given in the input; never zero and never "no"."""

_CALL: Final = ("gt", "ad_ref", "ad_alt", "dp", "gq")
_COUNTS: Final = ("ac", "an", "af", "nhomalt", "nhemi")


def write_candidates(result: CaseResult, path: Path) -> None:
    """One row per allele of each candidate, in rank order; the two alleles of a pair share a rank."""
    rows = [
        _candidate_row(result, candidate, place)
        for candidate in result.outcome.candidates
        for place in range(len(candidate.rows))
    ]
    columns = _columns(result)
    frame = pl.DataFrame(rows, infer_schema_length=None) if rows else pl.DataFrame(schema=dict.fromkeys(columns, str))
    frame.select(columns).write_csv(path, separator="\t", null_value=NOT_AVAILABLE)


def write_trace(result: CaseResult, path: Path) -> None:
    """One row per allele read, in the order of the files, compressed without a time stamp."""
    places = result.case.alleles.select("row", "source", "line", "identifier", "filter")
    trace = result.outcome.trace.join(places, on="row", how="left", maintain_order="left").drop("row")
    first = ("source", "line", "contig_name", "position", "identifier", "ref", "alt", "filter")
    ordered = trace.select(*first, pl.exclude(*first))
    text = ordered.write_csv(separator="\t", null_value=NOT_AVAILABLE)
    path.write_bytes(gzip.compress(text.encode(), compresslevel=6, mtime=0))


def write_quality(result: CaseResult, path: Path) -> None:
    """Every metric with its light, limit and source."""
    path.write_text(json.dumps(result.case.quality.as_dict(), indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


def _columns(result: CaseResult) -> list[str]:
    return [
        *("rank", "score", "gene", "mode", "mode_evaluated", "phase", "allele"),
        *("chromosome", "position", "ref", "alt", "filter"),
        *("consequence", "transcript", "mane", "hgvs_genomic", "hgvs_coding", "hgvs_protein"),
        *(f"{column}_{value}" for column in result.columns for value in _CALL),
        *_COUNTS,
        *("suggested_class", "points", "criteria_met", "criteria_not_met", "criteria_not_evaluated"),
    ]


def _candidate_row(result: CaseResult, candidate: Any, place: int) -> dict[str, Any]:
    allele = result.rows[candidate.rows[place]]
    suggestion = result.suggestion(candidate, place)
    transcript = None if suggestion is None else suggestion.transcript
    names = result.names_of(allele["row"], transcript)
    return {
        "rank": candidate.rank,
        "score": candidate.score,
        "gene": candidate.gene,
        "mode": candidate.mode.value,
        "mode_evaluated": candidate.evaluated,
        "phase": None if candidate.phase is None else candidate.phase.value,
        "allele": place + 1,
        "chromosome": chromosome(allele),
        **{name: allele[name] for name in ("position", "ref", "alt", "filter")},
        "consequence": None if suggestion is None else suggestion.consequence,
        "transcript": transcript,
        "mane": None if suggestion is None else suggestion.mane,
        "hgvs_genomic": None if names is None else names.genomic,
        "hgvs_coding": None if names is None else names.coding,
        "hgvs_protein": None if names is None else names.protein,
        **{f"{column}_{value}": allele[f"{column}_{value}"] for column in result.columns for value in _CALL},
        **{name: allele[name] for name in _COUNTS},
        **_judgement(suggestion),
    }


def _judgement(suggestion: Any) -> dict[str, Any]:
    if suggestion is None:
        return dict.fromkeys(
            ("suggested_class", "points", "criteria_met", "criteria_not_met", "criteria_not_evaluated")
        )
    speaks = has_met_criterion(suggestion)

    def labels(state: State) -> str:
        return ";".join(criterion.label for criterion in suggestion.criteria if criterion.state is state)

    return {
        "suggested_class": suggestion.assessment.points.acmg_class if speaks else None,
        "points": suggestion.assessment.points.points if speaks else None,
        "criteria_met": labels(State.MET),
        "criteria_not_met": labels(State.NOT_MET),
        "criteria_not_evaluated": labels(State.NOT_EVALUATED),
    }
