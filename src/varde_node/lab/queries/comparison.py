"""Two filter runs of one case side by side: another chain, or an earlier analysis."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

import polars as pl
from django.utils.translation import gettext_lazy as _

from varde.interpretation.analysis import FilterOutcome
from varde.interpretation.comparison import compare_outcomes
from varde.interpretation.filters import Step
from varde_node.lab import opened
from varde_node.lab.case_access import case_for, finished_analyses
from varde_node.lab.evidence import variant_text
from varde_node.lab.models import Analysis, Case
from varde_node.lab.queries.candidates import CaseHead, case_head
from varde_node.lab.queries.chains import ChainLine, chain_lines, settings_of
from varde_node.lab.words import STEP_NAMES, Text, short_variant, sources
from varde_node.people.services import Actor

MOST_ROWS = 50
LIBRARY = "varde"
"""Names the library's own settings in an address."""


@dataclass(frozen=True)
class Side:
    """One run: an analysis under a chain."""

    analysis_id: UUID
    at: datetime
    chain: ChainLine


@dataclass(frozen=True)
class DiffRow:
    """An allele that one run keeps and the other does not, and what each says of it."""

    variant: str
    gene: str | None
    before: Text
    after: Text
    reason: str

    @property
    def short(self) -> str:
        """The variant with long alleles cut."""
        return short_variant(self.variant)


@dataclass(frozen=True)
class ComparisonView:
    """``came`` and ``went`` are what only the second run keeps, and only the first; at most ``MOST_ROWS`` of each."""

    head: CaseHead
    before: Side
    after: Side
    analyses: tuple[tuple[UUID, datetime], ...]
    chains: tuple[ChainLine, ...]
    came: tuple[DiffRow, ...]
    went: tuple[DiffRow, ...]
    came_count: int
    went_count: int
    moved_count: int
    same: int
    sources: tuple[tuple[Text, str | None, str | None], ...]


def comparison(
    actor: Actor, case_id: UUID, before: tuple[str, str] = ("", ""), after: tuple[str, str] = ("", "")
) -> ComparisonView:
    """Two runs, each named by (analysis, chain); what is empty or unknown is the case's own.

    Raises InputError ``not_analysed``.
    """
    case = case_for(actor, "lab.candidates.read", case_id)
    current, own = opened.analysis_of(case), opened.chain_of(case)
    analyses = {str(one.id): one for one in finished_analyses(case.pk)}
    lines = chain_lines(case.laboratory_id)
    chains = {str(line.id or LIBRARY): line for line in lines}
    usual = chains[str(own.id) if own else LIBRARY]
    asked = [(analyses.get(run, current), chains.get(chain, usual)) for run, chain in (before, after)]
    diff = compare_outcomes(*(_run(case, analysis, chain) for analysis, chain in asked))
    first, second = (Side(analysis.id, analysis.finished_at, chain) for analysis, chain in asked)
    genes = [opened.prepared_case(analysis).alleles.select("row", "gene", "contig") for analysis, _chain in asked]
    return ComparisonView(
        head=case_head(case, current),
        before=first,
        after=second,
        analyses=tuple((one.id, one.finished_at) for one in analyses.values()),
        chains=lines,
        came=_rows(diff.kept, genes[1]),
        went=_rows(diff.lost, genes[0], of="row_before"),
        came_count=diff.kept.height,
        went_count=diff.lost.height,
        moved_count=diff.moved.height,
        same=diff.same,
        sources=tuple(
            (words, *values)
            for (words, _empty), values in zip(
                sources(dict.fromkeys(diff.versions, "")), diff.versions.values(), strict=True
            )
        ),
    )


def _run(case: Case, analysis: Analysis, chain: ChainLine) -> FilterOutcome:
    gate = opened.prepared_case(analysis).gate
    return opened.outcome(case, analysis, replace(settings_of(chain.id), gate=gate), case.scope)


def _rows(frame: pl.DataFrame, genes: pl.DataFrame, *, of: str = "row_after") -> tuple[DiffRow, ...]:
    named = frame.head(MOST_ROWS).join(genes, left_on=of, right_on="row", how="left", maintain_order="left")
    return tuple(
        DiffRow(
            variant=variant_text(one),
            gene=one["gene"],
            before=_word(one, "before"),
            after=_word(one, "after"),
            reason=_reason(one, "before" if of == "row_after" else "after"),
        )
        for one in named.iter_rows(named=True)
    )


def _word(one: dict[str, Any], when: str) -> Text:
    if one[f"kept_{when}"] is None:
        return _("not read")
    return _("kept") if one[f"kept_{when}"] else STEP_NAMES[Step(one[f"dropped_by_{when}"])]


def _reason(one: dict[str, Any], when: str) -> str:
    """What was held against what, where the allele fell."""
    value, threshold = one[f"value_{when}"], one[f"threshold_{when}"]
    return f"{value} ({threshold})" if value and threshold else ""
