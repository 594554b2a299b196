"""A person's classification of a variant: stored once, superseded by a newer one, never changed."""

from __future__ import annotations

from uuid import UUID

from django.db import transaction
from django.db.models import Max
from django.http import Http404
from django.utils.translation import gettext as _

from varde.genome.errors import InputError
from varde.interpretation.acmg.evidence import PhenotypeFit
from varde_node.lab import opened
from varde_node.lab.case_access import case_for
from varde_node.lab.judgement import CriterionDecision, as_stored, judge
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
    decisions: tuple[CriterionDecision, ...] = (),
    phenotype: PhenotypeFit | None = None,
) -> UUID:
    """Store an assessment of a variant of a case under interpretation; return its id.

    Raises InputError ``reasoning_missing``, ``class_unknown``, ``not_open_for_work``, and those of ``judged``;
    ``Http404`` for a variant that the case does not have.
    """
    case = case_for(actor, "lab.variant.assess", case_id, lock=True, details={"class": chosen_class})
    check_assessment(case, chosen_class, reasoning)
    analysis = opened.analysis_of(case)
    given = current_assessments(case)
    found = judge(
        case,
        analysis,
        variant,
        decisions=decisions,
        phenotype=phenotype,
        person=actor.display_name,
        classes={text: one.chosen_class for text, one in given.items()},
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
        criteria=[as_stored(criterion) for criterion in found.criteria],
        phenotype_fit=phenotype.value if phenotype else "",
        points=found.assessment.points.points,
        suggested_class=found.assessment.points.acmg_class,
        chosen_class=chosen_class,
        ruleset=found.assessment.ruleset.value,
        reasoning=reasoning.strip(),
        in_answer=in_answer,
        author_id=actor.account_id,
    ).id


def check_assessment(case: Case, chosen_class: int, reasoning: str) -> None:
    """Refuse a class or a reasoning that no kind of variant may have, and a case that is not open for work."""
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
