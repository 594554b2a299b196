"""A person's classification of a variant: stored once, superseded by a newer one, never changed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Max
from django.http import Http404
from django.utils import timezone
from django.utils.translation import gettext as _

from varde.genome.errors import InputError
from varde.interpretation.reuse import same_event
from varde_node.lab import opened
from varde_node.lab.case_access import case_for
from varde_node.lab.judgement import CriteriaInput, Judgement, as_stored, judge
from varde_node.lab.laboratory_rules import rules_of
from varde_node.lab.models import Assessment, Case, CaseState
from varde_node.lab.queries.assessments import current_assessments, last_confirmed
from varde_node.lab.queries.candidates import names_of
from varde_node.lab.seen import check_seen, variant_token
from varde_node.people.services import Actor
from varde_node.registers.interpretations import queries as register

CLASSES = range(1, 6)


@dataclass(frozen=True)
class TakenOver:
    """Where a class was taken over from: the laboratory's own assessment, or an entry of the register of earlier
    interpretations. ``reconfirmed``: the person looked at the evidence again."""

    assessment_id: UUID | None = None
    entry_id: UUID | None = None
    reconfirmed: bool = False


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
    taken_over: TakenOver | None = None,
    seen: str | None = None,
) -> UUID:
    """Store an assessment of a variant of a case under interpretation; return its id.

    ``seen`` is the ``variant_token`` of the page that the form was on. Raises InputError ``reasoning_missing``,
    ``class_unknown``, ``not_open_for_work``, ``changed_since``, those of ``provenance_of`` and those of ``judged``;
    ``Http404`` for a variant that the case does not have.
    """
    case = case_for(actor, "lab.variant.assess", case_id, lock=True, details={"class": chosen_class})
    refuse_unless_open(case)
    check_seen(seen, variant_token(case, variant))
    check_decision(chosen_class, reasoning)
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
    build = opened.prepared_case(analysis).build.value
    return Assessment.objects.create(
        case=case,
        number=next_number(case, text),
        variant=text,
        build=build,
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
        **provenance_of(actor, case, text, build, taken_over),
    ).id


def _stored(found: Judgement, given: CriteriaInput) -> list[dict[str, Any]]:
    """The criteria with the day of each decision: that of an earlier assessment that holds it, or now."""
    now, earlier = timezone.now().isoformat(timespec="seconds"), {one.code: one.at for one in given.decisions}
    return [as_stored(criterion, earlier.get(criterion.code) or now) for criterion in found.criteria]


def next_number(case: Case, variant: str) -> int:
    """The number of the next assessment of a variant in a case (the caller holds the case's row)."""
    return (Assessment.objects.filter(case=case, variant=variant).aggregate(last=Max("number"))["last"] or 0) + 1


def provenance_of(actor: Actor, case: Case, variant: str, build: str, taken_over: TakenOver | None) -> dict[str, Any]:
    """The columns that say where a class was taken over from, of a small variant or of any other kind.

    Raises InputError ``not_to_be_taken_over`` for a source that is not of this laboratory and variant, and
    ``outdated`` when it is too old and the person has not said that the evidence was looked at again.
    """
    if taken_over is None or not (taken_over.assessment_id or taken_over.entry_id):
        return {}
    today, rules = timezone.localdate(), rules_of(case.laboratory_id)
    if taken_over.assessment_id:
        row = Assessment.objects.filter(
            id=taken_over.assessment_id, build=build, case__laboratory=case.laboratory_id
        ).first()
        if row is None or not same_event(row.variant, variant):
            raise _not_to_be_taken_over()
        fresh = rules.freshness(row.chosen_class, last_confirmed(row), today)
        columns: dict[str, Any] = {"based_on": row}
    else:
        entry = register.entry_of(actor, taken_over.entry_id, variant, build)
        if entry is None:
            raise _not_to_be_taken_over()
        fresh = rules.freshness(entry.acmg_class, entry.signed_no_earlier_than, today)
        columns = {
            "based_on_register": {
                "laboratory": entry.laboratory_name,
                "acmg_class": entry.acmg_class,
                "guideline": entry.guideline,
                "year": entry.year,
                "month": entry.month,
            }
        }
    if fresh.outdated and not taken_over.reconfirmed:
        raise InputError(
            code="outdated",
            problem=_("The class that you take over is outdated."),
            remedy=_("Look at the evidence again, and say so with the box; or classify anew."),
            field="reconfirmed",
        )
    return columns | {"reconfirmed": fresh.outdated}


def refuse_unless_open(case: Case) -> None:
    """Raises InputError ``not_open_for_work`` unless the case is being interpreted."""
    if case.state != CaseState.INTERPRETATION:
        raise InputError(
            code="not_open_for_work",
            problem=_("Variants are assessed while the case is being interpreted."),
            remedy=_("Have the interpretation returned first, if it is with the second reader."),
        )


def check_decision(chosen_class: int, reasoning: str) -> None:
    """Raises InputError ``class_unknown`` or ``reasoning_missing``."""
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


def _not_to_be_taken_over() -> InputError:
    return InputError(
        code="not_to_be_taken_over",
        problem=_("The interpretation to take over is not one of this variant that you may use."),
        remedy=_("Choose one of those on the variant's page."),
    )
