"""Every allele read, with the filter at which it fell: searched and paged."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from varde.interpretation.filters import FilterSettings, Step
from varde.interpretation.trace_search import TraceQuery, search_trace
from varde_node.lab import opened
from varde_node.lab.case_access import case_for
from varde_node.lab.evidence import variant_text
from varde_node.lab.models import Scope
from varde_node.lab.queries.candidates import CaseHead, FunnelStep, case_head, funnel
from varde_node.lab.words import EXCEPTION_NAMES, STEP_NAMES, Text, short_variant
from varde_node.people.services import Actor

PAGE_ROWS = 50


@dataclass(frozen=True)
class TraceRow:
    """Why one allele is kept or where it fell; ``value`` was held against ``threshold``."""

    variant: str
    opens: bool
    """Whether its own page may be opened: the sequence is given, and the case is open for its gene."""
    gene: str | None
    kept: bool
    step_words: Text | None
    parameter: str | None
    value: str | None
    threshold: str | None
    rescued_by: Text | None

    @property
    def short(self) -> str:
        """The variant with long alleles cut."""
        return short_variant(self.variant)


@dataclass(frozen=True)
class TraceView:
    """One page of the trace. ``read`` = ``kept`` + the dropped of all steps; ``matching`` rows fit the search."""

    head: CaseHead
    funnel: tuple[FunnelStep, ...]
    read: int
    kept: int
    dropped: int
    matching: int
    page: int
    pages: int
    rows: tuple[TraceRow, ...]


def trace(
    actor: Actor,
    case_id: UUID,
    settings: FilterSettings | None = None,
    *,
    scope: str | None = None,
    text: str = "",
    step: str = "",
    page: int = 1,
) -> TraceView:
    """The alleles that fit the search, ``text`` and ``step`` as in ``TraceQuery``.

    Raises InputError ``not_analysed``.
    """
    case = case_for(actor, "lab.trace.read", case_id)
    analysis = opened.analysis_of(case)
    shown = scope if case.scope == Scope.ALL_GENES and scope in Scope.values else case.scope
    found = opened.outcome(case, analysis, settings or opened.default_settings(analysis), shown)
    placed = opened.prepared_case(analysis).alleles.select("row", "contig", "gene", "child_carries")
    places = search_trace(found.trace, opened.prepared_case(analysis).alleles, TraceQuery(text, step))
    pages = max(1, -(-len(places) // PAGE_ROWS))
    page = min(max(1, page), pages)
    here = found.trace[places.slice((page - 1) * PAGE_ROWS, PAGE_ROWS)]
    rows = here.join(placed, on="row", how="left", maintain_order="left")
    kept = int(found.trace["kept"].sum())
    open_rows = opened.rows_in_scope(case, analysis)
    inside = None if open_rows is None else frozenset(open_rows)
    return TraceView(
        head=case_head(case, analysis),
        funnel=funnel(found),
        read=found.trace.height,
        kept=kept,
        dropped=sum(one.dropped for one in found.counts),
        matching=len(places),
        page=page,
        pages=pages,
        rows=tuple(_row(one, inside) for one in rows.iter_rows(named=True)),
    )


def _row(one: dict[str, object], inside: frozenset[int] | None) -> TraceRow:
    step = one["dropped_by"]
    return TraceRow(
        variant=variant_text(one),
        opens=not set(f"{one['ref']}{one['alt']}") - set("ACGTN") and (inside is None or one["row"] in inside),
        gene=one["gene"],
        kept=bool(one["kept"]),
        step_words=None if step is None else STEP_NAMES[Step(step)],
        parameter=one["parameter"],
        value=_shown(one["parameter"], one["value"]),
        threshold=one["threshold"],
        rescued_by=EXCEPTION_NAMES.get(one["rescued_by"], one["rescued_by"]),
    )


def _shown(parameter: object, value: str | None) -> str | None:
    """A frequency with three significant digits, written as its threshold is; anything else as it stands."""
    return value if value is None or not str(parameter).endswith("_frequency") else f"{float(value):.3g}"
