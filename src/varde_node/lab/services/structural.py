"""A person's classification of a structural variant: stored in the one table of assessments, never changed."""

from __future__ import annotations

from uuid import UUID

from django.db import transaction
from django.http import Http404

from varde.interpretation.acmg.evidence import PhenotypeFit
from varde_node.lab.case_access import case_for
from varde_node.lab.models import Assessment, VariantKind
from varde_node.lab.seen import check_seen, variant_token
from varde_node.lab.services.assessments import check_decision, next_number, refuse_unless_open
from varde_node.lab.structural_evidence import event_allele, event_number, is_open, outside_panel, structural_layer
from varde_node.lab.structural_judgement import CnvDecision, as_stored_cnv, judge_event
from varde_node.lab.structural_words import genomic_name
from varde_node.people.services import Actor

UNSCORED = "by reasoning"
"""Rule set of an event of a kind that the metric does not score."""


@transaction.atomic
def assess_structural(
    actor: Actor,
    case_id: UUID,
    text: str,
    *,
    chosen_class: int,
    reasoning: str,
    in_answer: bool,
    decisions: tuple[CnvDecision, ...] = (),
    phenotype: PhenotypeFit | None = None,
    seen: str | None = None,
) -> UUID:
    """Store an assessment of a structural variant of a case under interpretation; return its id.

    ``seen`` is the ``variant_token`` of the page that the form was on.

    Raises InputError as ``assess_variant`` and ``judge_event``, ``outside_panel``; ``Http404`` for an event that the
    child does not carry.
    """
    case = case_for(actor, "lab.structural.assess", case_id, lock=True, details={"class": chosen_class})
    refuse_unless_open(case)
    check_seen(seen, variant_token(case, text))
    check_decision(chosen_class, reasoning)
    layer = structural_layer(case)
    event = None if layer is None else event_number(layer, text)
    if layer is None or event is None:
        raise Http404
    if not is_open(case, layer, event):
        raise outside_panel()
    found = judge_event(case, layer, event, decisions=decisions, phenotype=phenotype, person=actor.display_name)
    told = event_allele(layer, event).allele
    return Assessment.objects.create(
        case=case,
        number=next_number(case, text),
        kind=VariantKind.STRUCTURAL,
        variant=text,
        build=layer.build.value,
        gene=told.gene or "",
        names={
            "genomic": genomic_name(layer.build, layer.events.row(event, named=True)),
            "coding": "",
            "protein": "",
            "transcript": told.transcript or "",
            "refseq": "",
        },
        criteria=[as_stored_cnv(one) for one in found.criteria],
        answers={"phenotype": phenotype.value} if phenotype else {},
        points=found.score.points / 100 if found.score else 0,
        suggested_class=found.score.acmg_class if found.score else chosen_class,
        chosen_class=chosen_class,
        ruleset=found.score.ruleset if found.score else UNSCORED,
        reasoning=reasoning.strip(),
        in_answer=in_answer,
        author_id=actor.account_id,
    ).id
