"""The structural variants of a case, and one of them with its genes, frequencies and the scoring."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.http import Http404
from django.utils.translation import gettext as _

from varde.annotation.genes import reference_transcripts
from varde.annotation.transcripts import Transcript
from varde.interpretation.acmg.criterion import State
from varde.interpretation.acmg.evidence import PhenotypeFit
from varde.interpretation.inheritance import Mode, Phase
from varde.interpretation.structural.calls import Carried
from varde.interpretation.structural.criteria import (
    BENIGN,
    LIKELY_BENIGN,
    LIKELY_PATHOGENIC,
    METRIC,
    PATHOGENIC,
    Change,
)
from varde.interpretation.structural.events import MEMBERS
from varde.interpretation.structural.pairs import mixed_pairs
from varde.interpretation.structural.prepared import PreparedStructural
from varde.interpretation.structural.scoring import Scored
from varde.interpretation.structural.texts import MISSING, title
from varde_node.jobs import queries as jobs
from varde_node.lab import opened
from varde_node.lab.case_access import case_for, current_analysis
from varde_node.lab.evidence import Allele, Call, alleles_of
from varde_node.lab.family import place_order
from varde_node.lab.family import place_words as place_words_of
from varde_node.lab.models import Case, FileKind, VariantKind
from varde_node.lab.queries.assessments import (
    AssessmentView,
    assessment_views,
    current_assessments,
    earlier_assessments,
)
from varde_node.lab.queries.candidates import CaseHead, case_head
from varde_node.lab.seen import variant_token
from varde_node.lab.structural_evidence import (
    assessed_alike,
    current_layer,
    event_allele,
    event_number,
    is_open,
    newest_layer,
    outside_panel,
    places_of,
    register_frequency,
    selection,
    structural_layer,
)
from varde_node.lab.structural_judgement import (
    CnvDecision,
    CnvJudgement,
    judge_event,
    stored_cnv_decisions,
    suggested,
)
from varde_node.lab.structural_words import (
    CARRIED_NAMES,
    FALL_NAMES,
    KIND_NAMES,
    RATING_NAMES,
    SECTION_NAMES,
    UNUSABLE_NAMES,
    extent_words,
    length_words,
    place_words,
    points_words,
)
from varde_node.lab.words import MODE_NAMES, PHASE_NAMES, STATE_NAMES, Text, sentence
from varde_node.people.services import Actor, record_refusal

SUGGESTED_FOR = 60
"""Events of the list that get a suggested class."""
GENES_NAMED = 6


@dataclass(frozen=True)
class EventLine:
    """One event of the list."""

    text: str
    kind: Text
    place: str
    size: str
    genes: tuple[tuple[str, str], ...]
    more_genes: int
    origin: str
    mode_words: Text
    frequency: str
    suggested_class: int | None
    points: str
    decided: AssessmentView | None


@dataclass(frozen=True)
class LayerFacts:
    """What was read for the layer, of whom, and what was dropped for which reason."""

    records: int
    alleles: int
    kept: int
    events: int
    dropped: tuple[tuple[Text, int], ...]
    not_applicable: tuple[Text, ...]


@dataclass(frozen=True)
class MixedPair:
    """A small and a structural variant in one gene."""

    gene: str
    small: Allele
    event_text: str
    event_words: str
    phase_words: Text
    in_trans: bool


@dataclass(frozen=True)
class LayerState:
    """Whether there is a layer, one is being made, or one failed."""

    exists: bool
    job: jobs.JobView | None
    problem: Mapping[str, Any] | None


@dataclass(frozen=True)
class StructuralView:
    """The page of a case's structural variants."""

    head: CaseHead
    state: LayerState
    facts: LayerFacts | None
    lines: tuple[EventLine, ...]
    fallen: tuple[tuple[Text, int], ...]
    pairs: tuple[MixedPair, ...]
    versions: dict[str, str]


@dataclass(frozen=True)
class CnvRow:
    """One criterion: the programme's suggestion, the person's decision, and what counts."""

    code: str
    title: str
    low: str
    high: str
    fixed: bool
    suggested_points: str
    machine: Scored | None
    machine_text: str
    missing: tuple[str, ...]
    decided_state: str
    decided_points: str
    decided_reason: str
    effective: Scored | None

    @property
    def state(self) -> str:
        """The state that counts."""
        return self.effective.state.value if self.effective else State.NOT_EVALUATED.value

    @property
    def state_words(self) -> Text:
        """The state that counts, in words."""
        return STATE_NAMES[State(self.state)]

    @property
    def points(self) -> str:
        """The points that count, signed; empty for none."""
        given = self.effective.points if self.effective else 0
        return f"{'+' if given > 0 else ''}{points_words(given)}" if given else ""


@dataclass(frozen=True)
class CnvSection:
    """One section of the metric."""

    number: int
    words: Text
    points: str
    rows: tuple[CnvRow, ...]

    @property
    def open(self) -> bool:
        """Whether anything in it is met or decided: it is then shown unfolded."""
        return any(row.state == State.MET.value or row.decided_state for row in self.rows)


@dataclass(frozen=True)
class CnvTally:
    """The running sum."""

    points: str
    acmg_class: int
    ruleset: str
    limits: str
    machine_points: str
    machine_class: int | None


@dataclass(frozen=True)
class EventView:
    """The page of one structural variant."""

    head: CaseHead
    text: str
    kind: Text
    row: Mapping[str, Any]
    place: str
    size: str
    genes: tuple[dict[str, Any], ...]
    models: tuple[Transcript, ...]
    marked: tuple[str, ...]
    origin: str
    mode_words: Text
    calls: tuple[tuple[Text, Text, Call, int | None], ...]
    allele: Allele
    frequencies: tuple[dict[str, Any], ...]
    dosage: tuple[dict[str, Any], ...]
    regions: tuple[dict[str, Any], ...]
    change: Change | None
    sections: tuple[CnvSection, ...]
    tally: CnvTally | None
    phenotype_fit: str
    asks_phenotype: bool
    earlier: tuple[AssessmentView, ...]
    alike: tuple[AssessmentView, ...]
    current: AssessmentView | None
    seen: str
    previous: str | None
    following: str | None
    versions: dict[str, str]


def structural(actor: Actor, case_id: UUID) -> StructuralView:
    """The structural variants of a case that it is open for."""
    case = case_for(actor, "lab.structural.read", case_id)
    layer = structural_layer(case)
    head = case_head(case, current_analysis(case))
    state = layer_state(case, FileKind.STRUCTURAL)
    if layer is None:
        return StructuralView(head, state, None, (), (), (), {})
    chosen = selection(case, layer)
    given = current_assessments(case)
    row = current_layer(case, FileKind.STRUCTURAL)
    return StructuralView(
        head=head,
        state=state,
        facts=_facts(layer, places_of(case)),
        lines=tuple(
            _line(case, layer, event, given, judged=place < SUGGESTED_FOR) for place, event in enumerate(chosen.kept)
        ),
        fallen=tuple((FALL_NAMES[fall], count) for fall, count in chosen.counts.items() if count),
        pairs=pairs_of(case, layer, chosen.kept),
        versions=dict(row.versions) if row else {},
    )


def event(
    actor: Actor,
    case_id: UUID,
    text: str,
    *,
    decisions: tuple[CnvDecision, ...] | None = None,
    phenotype: PhenotypeFit | None = None,
) -> EventView:
    """The page of one event. ``decisions`` None: those of the case's newest assessment of it.

    Raises ``Http404`` for an event that the child does not carry, InputError ``outside_panel`` and as ``judge_event``.
    """
    case = case_for(actor, "lab.structural.read", case_id, details={"variant_of_case": True})
    layer = structural_layer(case)
    number = None if layer is None else event_number(layer, text)
    if layer is None or number is None:
        raise Http404
    if not is_open(case, layer, number):
        record_refusal(actor, "lab.structural.read", "outside_panel", subject=case.patient_id, object_id=case.id)
        raise outside_panel()
    current = current_assessments(case).get(text)
    if decisions is None:
        decisions = stored_cnv_decisions(current.criteria if current else ())
        phenotype = PhenotypeFit(current.answers["phenotype"]) if current and "phenotype" in current.answers else None
    found = judge_event(case, layer, number, decisions=decisions, phenotype=phenotype, person=actor.display_name)
    return _view(case, layer, number, found, decisions, phenotype, current)


def layer_state(case: Case, kind: str) -> LayerState:
    """What there is of a kind of layer, and whether one is on its way or failed."""
    newest = newest_layer(case, kind)
    exists = current_layer(case, kind) is not None
    if newest is None:
        return LayerState(exists, None, None)
    waiting = newest.finished_at is None and newest.job_id is not None
    return LayerState(exists, jobs.job(newest.job_id) if waiting else None, newest.problem)


def pairs_of(case: Case, layer: PreparedStructural, events: Iterable[int]) -> tuple[MixedPair, ...]:
    """Pairs of a small and a structural variant that the case is open for."""
    analysis = current_analysis(case)
    if analysis is None or not analysis.folder:
        return ()
    prepared = opened.prepared_case(analysis)
    found = mixed_pairs(prepared, layer, tuple(events), opened.default_settings(analysis))
    inside = opened.rows_in_scope(case, analysis)
    if inside is not None:
        found = found.filter(found["row"].is_in(inside.implode()))
    alleles = alleles_of(prepared, found["row"].to_list())
    return tuple(
        MixedPair(
            gene=row["gene"],
            small=alleles[row["row"]],
            event_text=(told := event_allele(layer, row["event"]).allele).variant,
            event_words=told.consequence,
            phase_words=PHASE_NAMES[Phase(row["phase"])],
            in_trans=row["phase"] == Phase.TRANS_BY_PARENTS.value,
        )
        for row in found.iter_rows(named=True)
    )


def pairs(actor: Actor, case_id: UUID) -> tuple[MixedPair, ...]:
    """Pairs of a small and a structural variant that the case is open for."""
    return shown_pairs(case_for(actor, "lab.structural.read", case_id))


def shown_pairs(case: Case) -> tuple[MixedPair, ...]:
    """Pairs of a small and a structural variant of a case; the caller has asked for access."""
    layer = structural_layer(case)
    return () if layer is None else pairs_of(case, layer, selection(case, layer).kept)


def lines_with_class(case: Case) -> tuple[EventLine, ...]:
    """The events that the case is open for, the first ones with a suggested class; the caller has asked for access."""
    layer = structural_layer(case)
    if layer is None:
        return ()
    given, kept = current_assessments(case), selection(case, layer).kept
    return tuple(_line(case, layer, one, given, judged=True) for one in kept[:SUGGESTED_FOR])


def _line(
    case: Case, layer: PreparedStructural, number: int, given: Mapping[str, AssessmentView], *, judged: bool
) -> EventLine:
    row = layer.events.row(number, named=True)
    hits = layer.genes.filter(event=number).sort("coding_bases", "gene", descending=[True, False])
    named = [(one["gene"], extent_words(one)) for one in hits.head(GENES_NAMED).iter_rows(named=True)]
    found = suggested(case, layer, number) if judged else None
    return EventLine(
        text=row["text"],
        kind=KIND_NAMES[str(row["kind"])],
        place=place_words(row),
        size=length_words(row),
        genes=tuple(named),
        more_genes=max(0, hits.height - GENES_NAMED),
        origin=row["origin"] or "unknown",
        mode_words=MODE_NAMES[Mode(row["mode"])] if row["mode"] else "",
        frequency=_frequency_words(layer, number),
        suggested_class=found.score.acmg_class if found else None,
        points=points_words(found.score.points) if found else "",
        decided=given.get(row["text"]),
    )


def _frequency_words(layer: PreparedStructural, number: int) -> str:
    register = register_frequency(layer, number)
    if register.state == "observed":
        return f"{register.allele_count}/{register.allele_number}"
    if register.state == "absent_covered":
        return f"0/{register.allele_number}"
    return _("not evaluated")


def _calls(
    layer: PreparedStructural, number: int, places: Mapping[str, str], told: Allele
) -> tuple[tuple[Text, Text, Call, int | None], ...]:
    """Everybody of the case with what is said of them."""
    row = layer.events.row(number, named=True)
    others = {one["sample"]: one for one in layer.relatives.filter(event=number).iter_rows(named=True)}
    found = []
    for place, sample in sorted(places.items(), key=lambda one: place_order(one[0])):
        mine = others.get(sample, {})
        state = row[f"{place}_state"] if place in MEMBERS else mine.get("state", Carried.NOT_APPLICABLE.value)
        copies = row[f"{place}_copy_number"] if place in MEMBERS else mine.get("copy_number")
        found.append((place_words_of(place), CARRIED_NAMES[state], told.call(place), copies))
    return tuple(found)


def _facts(layer: PreparedStructural, places: Mapping[str, str]) -> LayerFacts:
    return LayerFacts(
        records=layer.records,
        alleles=layer.alleles,
        kept=layer.kept,
        events=layer.events.height,
        dropped=tuple((UNUSABLE_NAMES.get(reason, reason), count) for reason, count in layer.dropped.items()),
        not_applicable=tuple(
            place_words_of(place)
            for place, sample in sorted(places.items(), key=lambda one: place_order(one[0]))
            if sample not in layer.samples
        ),
    )


def _view(
    case: Case,
    layer: PreparedStructural,
    number: int,
    found: CnvJudgement,
    decisions: tuple[CnvDecision, ...],
    phenotype: PhenotypeFit | None,
    current: AssessmentView | None,
) -> EventView:
    row = layer.events.row(number, named=True)
    places = places_of(case)
    told = event_allele(layer, number, places).allele
    hits = layer.genes.filter(event=number)
    previous, following = _neighbours(case, layer, number)
    dosage = tuple(
        {**one, "hi": RATING_NAMES[one["haploinsufficiency"]], "ts": RATING_NAMES[one["triplosensitivity"]]}
        for one in layer.dosage.filter(event=number).iter_rows(named=True)
    )
    own = tuple(one.said for one in earlier_assessments(case, row["text"], layer.build.value))
    layer_row = current_layer(case, FileKind.STRUCTURAL)
    return EventView(
        head=case_head(case, current_analysis(case)),
        text=row["text"],
        kind=KIND_NAMES[str(row["kind"])],
        row=row,
        place=place_words(row),
        size=length_words(row),
        genes=tuple({**one, "words": extent_words(one)} for one in hits.iter_rows(named=True)),
        models=_models(hits["transcript"].to_list()),
        marked=tuple(one["name"] for one in dosage if 3 in (one["haploinsufficiency"], one["triplosensitivity"])),
        origin=row["origin"] or "unknown",
        mode_words=MODE_NAMES[Mode(row["mode"])] if row["mode"] else "",
        calls=_calls(layer, number, places, told),
        allele=told,
        frequencies=tuple(layer.frequencies.filter(event=number).iter_rows(named=True)),
        dosage=dosage,
        regions=tuple(layer.regions.filter(event=number).iter_rows(named=True)),
        change=found.change,
        sections=_sections(found, decisions),
        tally=tally_of(found),
        phenotype_fit=phenotype.value if phenotype else "",
        asks_phenotype=row["mode"] in (Mode.DE_NOVO.value, Mode.X_LINKED_DE_NOVO.value) or found.change is Change.GAIN,
        earlier=own,
        alike=assessment_views(assessed_alike(case, row["text"])),
        current=current if current is not None and current.kind == VariantKind.STRUCTURAL else None,
        seen=variant_token(case, row["text"]),
        previous=previous,
        following=following,
        versions=dict(layer_row.versions) if layer_row else {},
    )


def _models(names: Iterable[str]) -> tuple[Transcript, ...]:
    reference = opened.reference()
    if reference is None or reference.gff3 is None:
        return ()
    known = reference_transcripts(reference)
    return tuple(found for name in names if (found := known.get(name)) is not None)


def _sections(found: CnvJudgement, decisions: Iterable[CnvDecision]) -> tuple[CnvSection, ...]:
    if found.change is None or found.score is None:
        return ()
    machine = {one.code: one for one in (found.suggestion.criteria if found.suggestion else ())}
    counting = {one.code: one for one in found.criteria}
    own = {one.code: one for one in decisions}
    rows: dict[int, list[CnvRow]] = {number: [] for number in SECTION_NAMES}
    for code, info in METRIC[found.change].items():
        mine = own.get(code)
        computed = machine.get(code)
        rows[info.section].append(
            CnvRow(
                code=code,
                title=sentence(title(found.change, code)),
                low=points_words(info.lowest),
                high=points_words(info.highest),
                fixed=info.lowest == info.highest,
                suggested_points=points_words(info.suggested),
                machine=computed,
                machine_text=sentence(computed.text) if computed else "",
                missing=tuple(_(MISSING[name]) for name in computed.missing) if computed else (),
                decided_state=mine.state.value if mine else "",
                decided_points=f"{mine.points / 100:.2f}" if mine and mine.points is not None else "",
                decided_reason=mine.reason if mine else "",
                effective=counting.get(code),
            )
        )
    sums = found.score.sections
    return tuple(
        CnvSection(number, SECTION_NAMES[number], points_words(sums[number]), tuple(rows[number])) for number in rows
    )


def tally_of(found: CnvJudgement) -> CnvTally | None:
    """The sum as it stands; None for a kind that is not scored."""
    if found.score is None:
        return None
    alone = found.suggestion.score if found.suggestion else None
    return CnvTally(
        points=points_words(found.score.points),
        acmg_class=found.score.acmg_class,
        ruleset=found.score.ruleset,
        limits=" · ".join(points_words(one) for one in (PATHOGENIC, LIKELY_PATHOGENIC, LIKELY_BENIGN, BENIGN)),
        machine_points=points_words(alone.points) if alone else "",
        machine_class=alone.acmg_class if alone else None,
    )


def _neighbours(case: Case, layer: PreparedStructural, number: int) -> tuple[str | None, str | None]:
    order = selection(case, layer).kept
    if number not in order:
        return None, None
    place = order.index(number)
    names = {event: layer.events["text"][event] for event in order[max(0, place - 1) : place + 2]}
    before = names[order[place - 1]] if place else None
    after = names[order[place + 1]] if place + 1 < len(order) else None
    return before, after
