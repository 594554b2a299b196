"""Opening all genes: allowed by the person's consent, with a reason, and written down for them to see."""

from __future__ import annotations

from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from varde.consent import Decision, Purpose
from varde.genome.errors import InputError
from varde_node.consent import queries as consent
from varde_node.lab import opened
from varde_node.lab.case_access import case_for
from varde_node.lab.models import Case, CaseState, GeneOpening, Scope
from varde_node.people.services import Actor, record_refusal

ACTION = "lab.case.open_all_genes"
SHORTEST_REASON = 10
"""Letters of a reason that can be understood by somebody else."""


def may_open(patient_id: UUID) -> Decision:
    """What the consent says of all genes now."""
    return consent.decide(patient_id, Purpose.CARE_ALL_GENES, at=timezone.now())


def open_all_genes(actor: Actor, case_id: UUID, reason: str) -> UUID:
    """Look at all genes of a case from now on; return the opening.

    Raises InputError ``reason_missing``, ``already_opened``, ``not_open_for_work`` or ``consent_lacks`` with the
    consent's own sentence; then nothing is changed, and a refusal for consent stands in the trail.
    """
    decision: Decision | None = None
    with transaction.atomic():
        case = case_for(actor, ACTION, case_id, lock=True, personal={"reason": reason.strip()})
        _check(case, reason.strip())
        decision = may_open(case.patient_id)
        if decision.allowed:
            return _store(actor, case, reason.strip(), decision.rule)
        transaction.set_rollback(True)
    record_refusal(
        actor,
        ACTION,
        decision.reason.key,
        subject=case.patient_id,
        object_id=case.id,
        details={"consent_rule": decision.rule},
    )
    raise InputError(
        code="consent_lacks",
        problem=consent.sentence_of(decision),
        remedy=_("Speak with the family through the requester: the choice is theirs."),
        field="reason",
    )


def _check(case: Case, reason: str) -> None:
    if case.scope == Scope.ALL_GENES:
        raise InputError(
            code="already_opened", problem=_("All genes are open already."), remedy=_("Go on to the candidates.")
        )
    if case.state != CaseState.INTERPRETATION:
        raise InputError(
            code="not_open_for_work",
            problem=_("Genes are opened while a case is being interpreted."),
            remedy=_("Wait until the analysis is finished and its quality is settled."),
        )
    if len(reason) < SHORTEST_REASON:
        raise InputError(
            code="reason_missing",
            problem=_("The reason is missing or too short to be understood by another."),
            remedy=_("Write why the panel is not enough. The patient can read it."),
            field="reason",
        )


def _store(actor: Actor, case: Case, reason: str, rule: str) -> UUID:
    analysis = opened.analysis_of(case)
    settings = opened.default_settings(analysis)
    kept = {
        scope: int(opened.outcome(case, analysis, settings, scope).trace["kept"].sum())
        for scope in (Scope.PANEL, Scope.ALL_GENES)
    }
    opening = GeneOpening.objects.create(
        case=case,
        by_id=actor.account_id,
        reason=reason,
        consent_rule=rule,
        variants_added=kept[Scope.ALL_GENES] - kept[Scope.PANEL],
    )
    case.scope = Scope.ALL_GENES
    case.save(update_fields=["scope"])
    return opening.id
