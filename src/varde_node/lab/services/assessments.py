"""A person's classification of a variant: stored once, superseded by a newer one, never changed."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Max
from django.http import Http404
from django.utils import timezone
from django.utils.translation import gettext as _

from varde.genome.errors import InputError
from varde_node.lab import opened
from varde_node.lab.case_access import case_for
from varde_node.lab.judgement import CriteriaInput, Judgement, as_stored, judge
from varde_node.lab.models import Assessment, Case, CaseState
from varde_node.lab.queries.assessments import current_assessments
from varde_node.lab.queries.candidates import names_of
from varde_node.people.services import Actor

CLASSES = range(1, 6)


@transaction.atomic
def assess_variant(
    actor: Actor,
    case_id: UUID,
    variant: str,
    *,
    chosen_class: int,
    reasoning: str,
    in_answer: bool,
    given: CriteriaInput | None = None,
) -> UUID:
    """Store an assessment of a variant of a case under interpretation; return its id.

    Raises InputError ``reasoning_missing``, ``class_unknown``, ``not_open_for_work``, and those of ``judged``;
    ``Http404`` for a variant that the case does not have.
    """
    case = case_for(actor, "lab.variant.assess", case_id, lock=True, details={"class": chosen_class})
    _check(case, chosen_class, reasoning)
    analysis = opened.analysis_of(case)
    before = current_assessments(case)
    told = given or CriteriaInput()
    if variant in before:
        told = told.carried(before[variant].given)
    found = judge(
        case,
        analysis,
        variant,
        given=told,
        person=actor.display_name,
        classes={text: one.chosen_class for text, one in before.items()},
    )
    if found is None:
        raise Http404
    names = names_of(analysis, found.allele)
    text = found.allele.variant
    last = Assessment.objects.filter(case=case, variant=text).aggregate(last=Max("number"))["last"] or 0
    return Assessment.objects.create(
        case=case,
        number=last + 1,
        variant=text,
        build=opened.prepared_case(analysis).build.value,
        gene=found.allele.gene or "",
        names={
            "genomic": (names and names.genomic) or "",
            "coding": (names and names.coding) or "",
            "protein": (names and names.protein) or "",
            "transcript": (names and names.transcript) or found.allele.transcript or "",
            "refseq": (names and names.refseq) or "",
        },
        criteria=_stored(found, told),
        answers=told.answers.stored(),
        points=found.assessment.points.points,
        suggested_class=found.assessment.acmg_class,
        chosen_class=chosen_class,
        ruleset=found.assessment.ruleset.value,
        reasoning=reasoning.strip(),
        in_answer=in_answer,
        author_id=actor.account_id,
    ).id


def _stored(found: Judgement, given: CriteriaInput) -> list[dict[str, Any]]:
    """The criteria with the day of each decision: that of an earlier assessment that holds it, or now."""
    now, earlier = timezone.now().isoformat(timespec="seconds"), {one.code: one.at for one in given.decisions}
    return [as_stored(criterion, earlier.get(criterion.code) or now) for criterion in found.criteria]


def _check(case: Case, chosen_class: int, reasoning: str) -> None:
    if case.state != CaseState.INTERPRETATION:
        raise InputError(
            code="not_open_for_work",
            problem=_("Variants are assessed while the case is being interpreted."),
            remedy=_("Have the interpretation returned first, if it is with the second reader."),
        )
    if chosen_class not in CLASSES:
        raise InputError(
            code="class_unknown",
            problem=_("The class is not one of 1 to 5."),
            remedy=_("Choose a class."),
            field="chosen_class",
        )
    if not reasoning.strip():
        raise InputError(
            code="reasoning_missing",
            problem=_("The reasoning is missing."),
            remedy=_("Write what the class rests on: the second reader and the next laboratory read it."),
            field="reasoning",
        )
