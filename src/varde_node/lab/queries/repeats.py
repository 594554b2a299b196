"""The repeats of a case, by locus, with the family's sizes."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from varde.annotation.knowledge import Inheritance
from varde.interpretation.repeats.calls import FamilyRepeats, RepeatAllele, RepeatCall, RepeatState, affects
from varde.interpretation.repeats.loci import Locus, LocusTable
from varde_node.lab import structural_tables
from varde_node.lab.case_access import case_for, current_analysis
from varde_node.lab.family import place_order, place_words
from varde_node.lab.models import Case, FileKind, VariantKind
from varde_node.lab.queries.assessments import AssessmentView, current_assessments
from varde_node.lab.queries.candidates import CaseHead, case_head
from varde_node.lab.queries.structural import LayerState, layer_state
from varde_node.lab.structural_evidence import current_layer, panel_genes, repeat_layer
from varde_node.lab.structural_words import REPEAT_STATE_NAMES, REPEAT_WHY
from varde_node.lab.words import Text
from varde_node.people.services import Actor

_ORDER = (RepeatState.EXPANDED, RepeatState.INTERMEDIATE, RepeatState.NOT_EVALUATED, RepeatState.NORMAL)


@dataclass(frozen=True)
class RepeatPerson:
    """One person's sizes at a locus."""

    member: Text
    call: RepeatCall
    state: str
    state_words: Text
    why: Text
    sizes: tuple[RepeatAllele, ...]
    affects: bool | None


@dataclass(frozen=True)
class RepeatLine:
    """One locus with the family's sizes, the child's first. ``locus`` is None where the table lacks it."""

    name: str
    gene: str
    motif: str
    place: str
    filter: str
    locus: Locus | None
    child: RepeatPerson
    family: tuple[RepeatPerson, ...]
    variant: str
    decided: AssessmentView | None


@dataclass(frozen=True)
class RepeatsView:
    """The page of a case's repeats; ``hidden`` counts loci outside the panel's genes."""

    head: CaseHead
    state: LayerState
    lines: tuple[RepeatLine, ...]
    hidden: int
    records: int
    has_table: bool
    not_applicable: tuple[Text, ...]
    versions: dict[str, str]


def repeats(actor: Actor, case_id: UUID) -> RepeatsView:
    """The repeats of a case that it is open for."""
    case = case_for(actor, "lab.repeats.read", case_id)
    found = repeat_layer(case)
    head, state = case_head(case, current_analysis(case)), layer_state(case, FileKind.REPEAT)
    if found is None:
        return RepeatsView(head, state, (), 0, 0, False, (), {})
    lines, hidden = repeat_lines(case, found)
    row = current_layer(case, FileKind.REPEAT)
    samples = {sample.name: sample.place for sample in case.samples.all()}
    return RepeatsView(
        head=head,
        state=state,
        lines=lines,
        hidden=hidden,
        records=found.records,
        has_table=bool(found.table),
        not_applicable=tuple(place_words(place) for name, place in samples.items() if name not in found.samples),
        versions=dict(row.versions) if row else {},
    )


def repeat_lines(case: Case, found: FamilyRepeats) -> tuple[tuple[RepeatLine, ...], int]:
    """The loci that the case is open for, the most telling first, and how many it is not; the caller has access."""
    places = {sample.name: sample.place for sample in case.samples.all()}
    by_locus: dict[tuple[str, str, int], dict[str, RepeatCall]] = {}
    for call in found.calls:
        by_locus.setdefault((call.locus or call.name, call.contig, call.position), {})[places[call.sample]] = call
    genes, table, given = panel_genes(case), structural_tables.repeat_loci(found.build), current_assessments(case)
    lines, hidden = [], 0
    for people in by_locus.values():
        child = people.get("child")
        if child is None:
            continue
        if genes is not None and child.gene not in genes:
            hidden += 1
            continue
        lines.append(_line(people, child, table, given))
    lines.sort(key=lambda line: (_ORDER.index(line.child.call.state), line.gene, line.name))
    return tuple(lines), hidden


def repeat_text(call: RepeatCall) -> str:
    """The name of a repeat among the assessments: contig, place, motif and units of its alleles."""
    sizes = "_".join(str(one.units) for one in call.alleles)
    return f"{call.contig.removeprefix('chr')}-{call.position}-{call.motif or call.name}-{sizes}"


def _line(
    people: dict[str, RepeatCall], child: RepeatCall, table: LocusTable | None, given: dict[str, AssessmentView]
) -> RepeatLine:
    locus = table.by_name.get(child.locus) if table else None
    text = repeat_text(child)
    decided = given.get(text)
    return RepeatLine(
        name=child.locus or child.name,
        gene=child.gene,
        motif=child.motif,
        place=f"{child.contig.removeprefix('chr')}:{child.position}",
        filter=child.filter,
        locus=locus,
        child=_person("child", child, locus),
        family=tuple(
            _person(place, people[place], locus) for place in sorted(people, key=place_order) if place != "child"
        ),
        variant=text,
        decided=decided if decided is not None and decided.kind == VariantKind.REPEAT else None,
    )


def _person(place: str, call: RepeatCall, locus: Locus | None) -> RepeatPerson:
    return RepeatPerson(
        member=place_words(place),
        call=call,
        state=call.state.value,
        state_words=REPEAT_STATE_NAMES[call.state],
        why=REPEAT_WHY.get(call.why, ""),
        sizes=call.alleles,
        affects=affects(call, locus.inheritance if locus else Inheritance.UNKNOWN),
    )
