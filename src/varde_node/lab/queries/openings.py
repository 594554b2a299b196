"""What the page that opens all genes says before it is done."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from varde_node.consent import queries as consent
from varde_node.lab import opened
from varde_node.lab.case_access import case_for
from varde_node.lab.models import Scope
from varde_node.lab.queries.candidates import CaseHead, case_head
from varde_node.lab.queries.interpretations import OpeningView, opening_of
from varde_node.lab.services.opening import may_open
from varde_node.people.services import Actor


@dataclass(frozen=True)
class OpeningPage:
    """The case, what its consent says of all genes now, and the opening when it was done."""

    head: CaseHead
    allowed: bool
    sentence: str
    candidates_in_panel: int
    opening: OpeningView | None


def opening_page(actor: Actor, case_id: UUID) -> OpeningPage:
    """Before opening: nothing of what lies outside the panel is told. Raises InputError ``not_analysed``."""
    case = case_for(actor, "lab.case.read", case_id)
    analysis = opened.analysis_of(case)
    decision = may_open(case.patient_id)
    narrow = opened.outcome(case, analysis, opened.default_settings(analysis), Scope.PANEL)
    return OpeningPage(
        head=case_head(case, analysis),
        allowed=decision.allowed,
        sentence=consent.sentence_of(decision),
        candidates_in_panel=narrow.ranked.height,
        opening=opening_of(case),
    )
