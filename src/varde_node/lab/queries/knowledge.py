"""Knowledge sources as pages and other domains' pages show them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

import numpy as np
from django.http import Http404
from django.utils import timezone

from varde.annotation.clinvar import ClinVarRecord
from varde.genome.alleles import Variant
from varde.genome.builds import Build
from varde.genome.errors import InputError
from varde.genome.keys import encode_keys
from varde.interpretation.known import KnowledgeBase
from varde.interpretation.known_sources import Said
from varde_node.lab import opened
from varde_node.lab.models import Analysis, KnowledgeComparison, KnowledgeEffect, KnowledgeSource
from varde_node.people.services import Actor, require


@dataclass(frozen=True)
class SourceView:
    """One source. ``age_days`` since its import; ``problem`` is why the import was refused, in words."""

    id: UUID
    kind: str
    place: str
    name: str
    version: str
    build: str
    licence: str
    file_name: str
    sha256: str
    read: int
    kept: int
    dropped: tuple[tuple[str, int], ...]
    details: tuple[tuple[str, str], ...]
    state: str
    problem: str
    imported_at: datetime | None
    imported_by: str
    age_days: int | None


@dataclass(frozen=True)
class ChangeView:
    """One change of one case; ``old`` and ``new`` are what the versions say, None where one has nothing."""

    variant: str
    gene: str
    change: str
    matters: bool
    old: Said | None
    new: Said | None
    given_class: int | None


@dataclass(frozen=True)
class EffectView:
    """What a comparison found in a case."""

    case_id: UUID
    number: str
    closed: bool
    changes: tuple[ChangeView, ...]
    left_out: int


@dataclass(frozen=True)
class ComparisonView:
    """The newest comparison of a source for the actor's laboratory."""

    against: str
    asked_at: datetime
    finished_at: datetime | None
    cases_seen: int
    cases_left_out: int
    open_cases: tuple[EffectView, ...]
    closed_cases: tuple[EffectView, ...]


def knowledge_sources(actor: Actor) -> tuple[SourceView, ...]:
    """All sources, those in use first, then by name and the newest first."""
    require(actor, "lab.knowledge.read")
    rows = KnowledgeSource.objects.select_related("imported_by").order_by("-active", "name", "-requested_at")
    return tuple(_view(row) for row in rows)


def knowledge_source(actor: Actor, source_id: UUID) -> tuple[SourceView, ComparisonView | None]:
    """One source and the newest comparison that the actor's laboratory asked for."""
    require(actor, "lab.knowledge.read", object_id=source_id)
    row = KnowledgeSource.objects.select_related("imported_by").filter(id=source_id).first()
    if row is None:
        raise Http404
    asked = row.comparisons.filter(laboratory_id=actor.organisation_id).select_related("against")
    newest = asked.order_by("-asked_at").first()
    return _view(row), _comparison(newest) if newest else None


def effects_of_cases(laboratory_id: UUID) -> tuple[EffectView, ...]:
    """What the newest finished comparison of every source found, by case: for reminders. The caller has asked who may
    see the cases."""
    newest: dict[UUID, UUID] = {}
    finished = KnowledgeComparison.objects.filter(laboratory_id=laboratory_id, finished_at__isnull=False)
    for row in finished.order_by("asked_at"):
        newest[row.source_id] = row.id
    rows = KnowledgeEffect.objects.filter(comparison_id__in=newest.values()).select_related("case")
    return tuple(_effect(row) for row in rows.order_by("case__number"))


def _view(row: KnowledgeSource) -> SourceView:
    if row.problem is not None:
        state = "refused"
    elif row.imported_at is None:
        state = "importing"
    else:
        state = "active" if row.active else "ready"
    problem = f"{row.problem['problem']} {row.problem['remedy']}" if row.problem else ""
    if row.problem and row.problem.get("line"):
        problem = f"{row.problem.get('source') or row.file_name}, {row.problem['line']}: {problem}"
    return SourceView(
        id=row.id,
        kind=row.kind,
        place=row.place,
        name=row.name,
        version=row.version,
        build=row.build,
        licence=row.licence,
        file_name=row.file_name,
        sha256=row.sha256,
        read=row.read,
        kept=row.kept,
        dropped=tuple(sorted(row.dropped.items())),
        details=tuple(sorted((key, value) for key, value in row.details.items() if value)),
        state=state,
        problem=problem,
        imported_at=row.imported_at,
        imported_by=row.imported_by.full_name,
        age_days=(timezone.now() - row.imported_at).days if row.imported_at else None,
    )


def _comparison(row: KnowledgeComparison) -> ComparisonView:
    effects = [_effect(one) for one in row.effects.select_related("case").order_by("case__number")]
    return ComparisonView(
        against=f"{row.against.name} {row.against.version}" if row.against else "",
        asked_at=row.asked_at,
        finished_at=row.finished_at,
        cases_seen=row.cases_seen,
        cases_left_out=row.cases_left_out,
        open_cases=tuple(one for one in effects if not one.closed),
        closed_cases=tuple(one for one in effects if one.closed),
    )


def _effect(row: KnowledgeEffect) -> EffectView:
    changes = tuple(
        ChangeView(
            one["variant"],
            one["gene"] or "",
            one["change"],
            one["matters"],
            Said(**one["old"]) if one["old"] else None,
            Said(**one["new"]) if one["new"] else None,
            one["given_class"],
        )
        for one in row.changes
    )
    return EffectView(row.case_id, row.case.number, row.case.state == "signed", changes, row.left_out)


@dataclass(frozen=True)
class Score:
    """One predictor's word on a variant; ``value`` None where it has none."""

    name: str
    value: float | None
    told: str
    source: str


@dataclass(frozen=True)
class OutsideFrequency:
    """One outside source's word on a variant; figures None where it does not have the allele."""

    source: str
    build: str
    imported_on: date
    figures: dict[str, Any] | None


@dataclass(frozen=True)
class VariantKnowledge:
    """What the sources in use say of one variant. ``case_saw`` are those that the case's analysis joined."""

    clinvar: ClinVarRecord | None
    clinvar_source: str
    clinvar_age: int | None
    same_residue: tuple[ClinVarRecord, ...]
    scores: tuple[Score, ...]
    frequencies: tuple[OutsideFrequency, ...]
    any_source: bool
    outdated: tuple[str, ...]


def variant_knowledge(analysis: Analysis, variant: str, build: Build) -> VariantKnowledge:
    """What the sources in use say of a variant of a case. The caller has asked whether it may be seen."""
    base = opened.knowledge_base()
    nothing = VariantKnowledge(None, "", None, (), (), (), any_source=False, outdated=())
    if base is None:
        return nothing
    try:
        asked = Variant.parse(build, variant)
    except InputError:  # a symbolic allele, or one on a sequence that the build does not number
        return nothing
    key = int(encode_keys([asked.contig], [asked.position], [asked.ref], [asked.alt])[0])
    keys = np.array([key], dtype=np.uint64)
    record = base.clinvar.record(key) if base.clinvar else None
    return VariantKnowledge(
        clinvar=record,
        clinvar_source=base.clinvar.description.title if base.clinvar else "",
        clinvar_age=_age(base),
        same_residue=_neighbours(base, record, key),
        scores=_scores(base, keys, asked),
        frequencies=tuple(
            OutsideFrequency(
                f"{one.description.name} {one.description.version}",
                one.description.build.value,
                one.description.imported_on,
                one.lookup(asked),
            )
            for one in base.frequencies
        ),
        any_source=True,
        outdated=tuple(
            said.split(" sha256:")[0]
            for place, said in sorted(base.versions.items())
            if analysis.versions.get(place) not in (None, said)
        ),
    )


def _age(base: KnowledgeBase) -> int | None:
    return None if base.clinvar is None else (timezone.localdate() - base.clinvar.description.imported_on).days


def _neighbours(base: KnowledgeBase, record: ClinVarRecord | None, key: int) -> tuple[ClinVarRecord, ...]:
    """Other records at the residue, for one that ClinVar has; for others the criteria ask by the consequence."""
    if base.clinvar is None or record is None or not record.gene or record.aa_position is None:
        return ()
    return tuple(one for one in base.clinvar.same_residue(record.gene, record.aa_position) if one.key != key)


def _scores(base: KnowledgeBase, keys: np.ndarray, asked: Variant) -> tuple[Score, ...]:
    found = []
    for one in base.predictors:
        row = one.at(keys).row(0, named=True)
        told = ""
        if row.get("effect"):
            told = f"{row['effect'].replace('_', ' ')}, {row['distance']:+d}"
        found.append(Score(one.predictor, row["score"], told, one.description.title))
    if base.conservation is not None:
        contig, position = np.array([asked.contig], dtype=np.uint8), np.array([asked.position])
        value = base.conservation.at(contig, position)[0]
        found.append(Score(base.conservation.description.name, value, "", base.conservation.description.title))
    return tuple(found)
