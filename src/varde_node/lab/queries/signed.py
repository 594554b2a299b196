"""A signed case as the answer needs it: every value comes from what was stored, analysed and consented to."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from varde.annotation.genes import reference_transcripts
from varde.consent import Purpose
from varde.genome.pedigree import Sex
from varde.interpretation.analysis import FilterOutcome, PreparedCase
from varde.interpretation.filters import Step
from varde.interpretation.inheritance import Mode
from varde.interpretation.panels import Confidence
from varde.interpretation.recurrence import Parent, recurrence_risk
from varde_node.consent import queries as consent
from varde_node.lab import opened
from varde_node.lab.conclusions import alleles_in, parents_show
from varde_node.lab.contracts import SignedCase, SignedVariant
from varde_node.lab.evidence import Allele, alleles_of, row_of
from varde_node.lab.family import place_order
from varde_node.lab.models import Assessment, Case, ConfirmationResult, FileKind, GeneOpening, Interpretation, Scope
from varde_node.lab.queries.assessments import whole_or_hundredths
from varde_node.lab.queries.coverage import coverage_limits
from varde_node.lab.structural_evidence import (
    SEQUENCE_KINDS,
    current_layer,
    event_facts,
    looked_at_repeats,
    places_of,
    structural_alleles,
    structural_layer,
)


def signed_case(case: Case, row: Interpretation) -> SignedCase:
    """The case with both signatures. The caller holds the case's row and has just stored the approval."""
    analysis = opened.analysis_of(case)
    prepared = opened.prepared_case(analysis)
    outcome = opened.outcome(case, analysis, opened.default_settings(analysis), row.scope)
    opening = GeneOpening.objects.filter(case=case).first()
    override = getattr(analysis, "override", None)
    answered = row.assessments.filter(in_answer=True).order_by("variant")
    small = [one for one in answered if one.kind in SEQUENCE_KINDS]
    events = structural_alleles(case, answered)
    alleles = _alleles(prepared, small) | {text: one.allele for text, one in events.items()}
    layers = _layers(case)
    return SignedCase(
        case_id=case.id,
        case_number=case.number,
        order_id=case.order_id,
        laboratory_id=case.laboratory_id,
        conclusion=row.conclusion,
        scope=row.scope,
        gene=row.gene,
        inheritance_mode=row.inheritance_mode,
        summary=row.summary,
        author_name=row.author.full_name,
        signed_at=row.signed_at,
        approver_name=row.approver.full_name,
        approved_at=row.approved_at,
        panel_name=case.panel.name,
        panel_version=case.panel.version,
        panel_genes=len(case.panel.genes),
        opening_reason=opening.reason if opening else "",
        opened_at=opening.at if opening else None,
        variants=tuple(
            _variant(one, alleles[one.variant], event_facts(case, one.variant) if one.variant in events else None)
            for one in answered
        ),
        quality=tuple((analysis.quality or {}).get("metrics", ())),
        quality_override=override
        and {
            "by": override.by.full_name,
            "reason": override.reason,
            "at": override.at.isoformat(),
        },
        not_looked_at=not_looked_at(case, prepared, outcome, row.scope),
        recurrence=_recurrence(row, alleles_in(prepared, row.gene, [one.variant for one in small], events.values())),
        versions={**outcome.versions, **layers, "ruleset": ", ".join(sorted({one.ruleset for one in answered}))},
        record_counts={
            "read": outcome.trace.height,
            "kept": int(outcome.trace["kept"].sum()),
            **{one.step.value: one.dropped for one in outcome.counts},
        },
        kind=row.kind,
        reason=row.reopening.reason if row.reopening else "",
        evaluated=evaluated(row),
        confirmations=tuple(
            case.confirmations.exclude(result=ConfirmationResult.CANCELLED)
            .order_by("ordered_at")
            .values("variant", "gap", "method", "result")
        ),
    )


def evaluated(row: Interpretation) -> tuple[dict[str, Any], ...]:
    """Every variant that the round rests on: those with a class, highest first, then those that were set aside."""
    assessed = [
        {
            "kind": one.kind,
            "variant": one.variant,
            "build": one.build,
            "gene": one.gene,
            "names": {key: value for key, value in one.names.items() if value},
            "acmg_class": one.chosen_class,
            "in_answer": one.in_answer,
            "reason": "",
            "comment": "",
        }
        for one in row.assessments.order_by("-chosen_class", "gene", "variant")
    ]
    known = {one["variant"] for one in assessed if one["in_answer"]}
    aside = [
        {
            "kind": one.kind,
            "variant": one.variant,
            "build": "",
            "gene": one.gene,
            "names": {key: value for key, value in one.names.items() if value},
            "acmg_class": None,
            "in_answer": False,
            "reason": one.reason,
            "comment": one.comment,
        }
        for one in row.dismissals.order_by("gene", "variant")
        if one.variant not in known
    ]
    return (*assessed, *aside)


def not_looked_at(case: Case, prepared: PreparedCase, outcome: FilterOutcome, scope: str) -> tuple[dict[str, Any], ...]:
    """What the examination could not see, as keys of ``contracts.NOT_LOOKED_AT`` with their parameters."""
    found: list[dict[str, Any]] = []

    def say(key: str, **parameters: Any) -> None:
        found.append({"key": key, "parameters": parameters})

    green = [gene for gene in case.panel.genes if str(gene["confidence"]).upper() == Confidence.GREEN.name]
    if scope == Scope.PANEL:
        say("genes_outside_panel", panel=case.panel.name, version=case.panel.version, genes=len(green))
        unknown = _unknown_genes(green)
        if unknown:
            say("panel_genes_unknown", genes=", ".join(unknown))
    allowed = consent.decide(case.patient_id, Purpose.INCIDENTAL_FINDINGS).allowed
    say("incidental_findings", consented=allowed)
    dropped = {one.step: one.dropped for one in outcome.counts}
    found.extend(coverage_limits(case))
    say("deep_intronic")
    _say_structural(case, dropped[Step.ALLELE], say)
    loci = looked_at_repeats(case)
    if loci:
        say("repeats_other", count=loci)
    else:
        say("repeat_expansions")
    say("methylation")
    say("low_mosaicism")
    if dropped[Step.QUALITY]:
        say("failed_filter", count=dropped[Step.QUALITY])
    for key in ("frequency", "consequence", "parent", "identity"):
        if key in outcome.not_evaluated:
            say(key)
    return tuple(found)


def _say_structural(case: Case, unjudged: int, say: Callable[..., None]) -> None:
    """With a structural layer its own limits; without one, that nothing of the kind was looked for."""
    layer = structural_layer(case)
    if layer is None:
        say("copy_number")
        say("structural", count=unjudged)
        return
    lacking = [place for place, sample in places_of(case).items() if sample not in layer.samples]
    if lacking:
        say("structural_of", roles=sorted(lacking, key=place_order))
    say("structural_short")


def _layers(case: Case) -> dict[str, str]:
    """Versions behind the case's layers, without those that the small variants name already."""
    found: dict[str, str] = {}
    for kind in (FileKind.STRUCTURAL, FileKind.REPEAT):
        layer = current_layer(case, kind)
        found |= dict(layer.versions) if layer else {}
    return {name: value for name, value in found.items() if name not in ("transcripts", "frequencies")}


def _unknown_genes(genes: list[dict[str, Any]]) -> tuple[str, ...]:
    reference = opened.reference()
    if reference is None or reference.gff3 is None:
        return ()
    known = reference_transcripts(reference).by_gene
    return tuple(sorted(gene["symbol"] for gene in genes if gene["symbol"] not in known))


def _alleles(prepared: PreparedCase, answered: Any) -> dict[str, Allele]:
    rows = [row for row in (row_of(prepared, one.variant) for one in answered) if row is not None]
    return {one.variant: one for one in alleles_of(prepared, rows).values()}


def _variant(assessment: Assessment, allele: Allele, event: dict[str, Any] | None = None) -> SignedVariant:
    register = allele.register
    return SignedVariant(
        variant=assessment.variant,
        build=assessment.build,
        gene=assessment.gene,
        names={key: value for key, value in assessment.names.items() if value},
        consequence=allele.consequence_terms or "",
        zygosity={call.member: call.genotype for call in allele.calls if call.genotype is not None},
        depths={
            call.member: (call.depth_ref, call.depth_alt)
            for call in allele.calls
            if call.depth_ref is not None and call.depth_alt is not None
        },
        acmg_class=assessment.chosen_class,
        points=whole_or_hundredths(assessment.points),
        ruleset=assessment.ruleset,
        criteria=tuple(assessment.criteria),
        reasoning=assessment.reasoning,
        frequency={
            "state": register.state,
            "ac": register.allele_count,
            "an": register.allele_number,
            "homozygotes": register.homozygotes,
            "hemizygotes": register.hemizygotes,
            "af": register.frequency,
        },
        kind=assessment.kind,
        event=event,
    )


def _recurrence(row: Interpretation, alleles: tuple[Allele, ...]) -> dict[str, Any] | None:
    if not row.inheritance_mode:
        return None
    mode = Mode(row.inheritance_mode)
    # A parent without a call there gives no number, as for a variant that is only possibly new.
    told = mode if parents_show(mode, alleles) else Mode.POSSIBLE_DE_NOVO
    origins = {allele.origin for allele in alleles}
    carrier = {"mother": Parent.MOTHER, "father": Parent.FATHER}.get(origins.pop()) if len(origins) == 1 else None
    on_x = any(allele.variant.startswith("X-") for allele in alleles)
    risk = recurrence_risk(told, child_sex=Sex.UNKNOWN, x_linked=on_x, carrier_parent=carrier)
    return {
        "mode": mode.value,
        "probability": risk.probability,
        "carrier_probability": risk.carrier_probability,
        "key": risk.text.key,
        "text": str(risk.text),
        "parameters": dict(risk.text.parameters),
        "source": risk.source,
        "x_linked": on_x,
        "carrier_parent": carrier.value if carrier else "",
        "prenatal_options": risk.prenatal_options.key if risk.prenatal_options else "",
    }
