"""Two signatures: one person concludes, another approves or returns. The answer goes out with the second."""

from __future__ import annotations

from uuid import UUID

from django.db import transaction
from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext as _

from varde.genome.builds import Build
from varde.genome.errors import InputError
from varde_node.jobs import services as jobs
from varde_node.lab import opened
from varde_node.lab.case_access import case_for
from varde_node.lab.conclusions import alleles_in, check_conclusion
from varde_node.lab.contracts import SignedCase, announce_signed
from varde_node.lab.models import Assessment, Case, CaseState, Conclusion, Interpretation, RoundKind, VariantKind
from varde_node.lab.queries.interpretations import interpretation_of
from varde_node.lab.queries.signed import signed_case
from varde_node.lab.seen import case_token, check_seen
from varde_node.lab.structural_evidence import SEQUENCE_KINDS, structural_alleles
from varde_node.people import queries as people
from varde_node.people.services import Actor, record_refusal
from varde_node.registers.interpretations.services import record_interpretation

COUNT_JOB = "lab.count"
APPROVE = "lab.interpretation.approve"


@transaction.atomic
def sign_interpretation(
    actor: Actor,
    case_id: UUID,
    *,
    conclusion: str,
    summary: str,
    gene: str = "",
    mode: str = "",
    seen: str | None = None,
) -> UUID:
    """Sign the conclusion and hand the case to the second reader; return the interpretation.

    ``seen`` is the ``case_token`` of the page that was signed. Raises InputError ``changed_since``, ``blocked`` naming
    the first obstacle, ``conclusion_unknown``, ``summary_missing``,
    ``conclusion_without_variant``, and those of ``check_conclusion``.
    """
    case = case_for(actor, "lab.interpretation.sign", case_id, lock=True, details={"conclusion": conclusion})
    check_seen(seen, case_token(case))
    view = interpretation_of(case)
    for obstacle in view.obstacles:
        if obstacle.blocks:
            raise InputError(
                code="blocked", problem=obstacle.text, remedy=_("Mend that, then sign."), field=obstacle.key
            )
    _check(conclusion, summary, has_variant=bool(view.answered))
    found = conclusion != Conclusion.NO_CERTAIN_FINDING
    gene, mode = (gene or view.proposal.gene, mode or view.proposal.mode) if found else ("", "")
    if found:
        classes = {one.variant: one.chosen_class for one in view.answered}
        prepared = opened.prepared_case(opened.analysis_of(case))
        small = [one.variant for one in view.answered if one.kind in SEQUENCE_KINDS]
        events = structural_alleles(case, view.answered).values()
        check_conclusion(conclusion, mode, classes, alleles_in(prepared, gene, small, events))
    last = Interpretation.objects.filter(case=case).aggregate(last=Max("number"))["last"] or 0
    row = Interpretation.objects.create(
        case=case,
        number=last + 1,
        kind=view.reopening.kind if view.reopening else RoundKind.FIRST,
        reopening=case.reopenings.order_by("-at").first(),
        scope=case.scope,
        conclusion=conclusion,
        gene=gene,
        inheritance_mode=mode,
        summary=summary.strip(),
        author_id=actor.account_id,
    )
    row.assessments.set(Assessment.objects.filter(id__in=[one.id for one in view.assessments]))
    row.dismissals.set([one.id for one in view.dismissals])
    case.state = CaseState.APPROVAL
    case.save(update_fields=["state"])
    return row.id


def approve_interpretation(actor: Actor, case_id: UUID, *, seen: str | None = None) -> UUID:
    """Approve another person's interpretation: the case is signed, told to those who wait for it, and counted;
    the classes of its variants enter the register of earlier interpretations.

    Raises InputError ``not_waiting``, ``changed_since`` when the page was of another round or state, or
    ``own_interpretation``; the latter is written to the trail as a refusal.
    """
    with transaction.atomic():
        case = case_for(actor, APPROVE, case_id, lock=True)
        row = _waiting(case)
        check_seen(seen, case_token(case))
        if not people.same_person(row.author_id, actor.account_id):
            return _approve(actor, case, row)
        transaction.set_rollback(True)
    record_refusal(actor, APPROVE, "own_interpretation", subject=case.patient_id, object_id=case.id)
    raise InputError(
        code="own_interpretation",
        problem=_("You signed this interpretation yourself."),
        remedy=_("Another person reads and approves it."),
    )


@transaction.atomic
def return_interpretation(actor: Actor, case_id: UUID, reason: str, *, seen: str | None = None) -> None:
    """Send the interpretation back to be worked on. Raises InputError ``reason_missing``, ``changed_since`` or
    ``not_waiting``."""
    case = case_for(actor, "lab.interpretation.return", case_id, lock=True, personal={"reason": reason.strip()})
    row = _waiting(case)
    check_seen(seen, case_token(case))
    if not reason.strip():
        raise InputError(
            code="reason_missing",
            problem=_("The reason is missing."),
            remedy=_("Write what should be looked at again."),
            field="reason",
        )
    row.returned_at, row.returned_by_id, row.return_reason = timezone.now(), actor.account_id, reason.strip()
    row.save(update_fields=["returned_at", "returned_by", "return_reason"])
    case.state = CaseState.INTERPRETATION
    case.save(update_fields=["state"])


def _approve(actor: Actor, case: Case, row: Interpretation) -> UUID:
    row.approver_id, row.approved_at = actor.account_id, timezone.now()
    row.save(update_fields=["approver", "approved_at"])
    case.state = CaseState.SIGNED
    case.save(update_fields=["state"])
    signed = signed_case(case, row)
    announce_signed(signed)
    _enter_classes(actor, signed, row)
    jobs.enqueue(COUNT_JOB, case.id, requested_by=actor.account_id, organisation=case.laboratory_id)
    return row.id


def _enter_classes(actor: Actor, signed: SignedCase, row: Interpretation) -> None:
    """The laboratory's classes of the answer's variants, for other laboratories; neither case nor person goes along.

    A variant that an earlier answer of the case held, and this one does not, gets its new class there too.
    """
    before = Interpretation.objects.filter(case_id=row.case_id, approved_at__isnull=False).exclude(id=row.id)
    answered = set(before.filter(assessments__in_answer=True).values_list("assessments__variant", flat=True))
    for one in row.assessments.exclude(kind=VariantKind.STRUCTURAL).exclude(kind=VariantKind.REPEAT):
        if one.in_answer or one.variant in answered:
            record_interpretation(
                actor,
                variant=one.variant,
                build=Build(one.build),
                acmg_class=one.chosen_class,
                guideline=one.ruleset,
                laboratory=signed.laboratory_id,
                signed_on=timezone.localdate(signed.approved_at),
            )


def _waiting(case: Case) -> Interpretation:
    row = Interpretation.objects.filter(case=case, returned_at=None, approved_at=None).order_by("-number").first()
    if case.state != CaseState.APPROVAL or row is None:
        raise InputError(
            code="not_waiting",
            problem=_("The case has no interpretation that waits for approval."),
            remedy=_("Open the case to see where it stands."),
        )
    return row


def _check(conclusion: str, summary: str, *, has_variant: bool) -> None:
    if conclusion not in Conclusion.values:
        raise InputError(
            code="conclusion_unknown",
            problem=_("No conclusion was chosen."),
            remedy=_("Choose one of the three."),
            field="conclusion",
        )
    if not summary.strip():
        raise InputError(
            code="summary_missing",
            problem=_("The summary is missing."),
            remedy=_("Write the conclusion in words: it stands in the answer."),
            field="summary",
        )
    if conclusion != Conclusion.NO_CERTAIN_FINDING and not has_variant:
        raise InputError(
            code="conclusion_without_variant",
            problem=_("No assessed variant is marked for the answer."),
            remedy=_("Mark the variant on its page, or choose that there is no certain finding."),
            field="conclusion",
        )
