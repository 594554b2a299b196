"""Which signed classes can be shared with ClinVar, and what has been."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.conf import settings
from django.utils import timezone

from varde_node.lab.models import Assessment, ClinVarExport, Interpretation, VariantKind
from varde_node.people import queries as people
from varde_node.people.services import Actor, require


@dataclass(frozen=True)
class SharedClass:
    """The laboratory's newest signed class of a variant. ``exported_class``: that of the last file, None before.

    ``cases`` is how many of the laboratory's patients had it assessed in a signed answer.
    """

    assessment_id: UUID
    variant: str
    build: str
    gene: str
    name: str
    acmg_class: int
    points: int
    signed_on: date
    cases: int
    exported_class: int | None
    condition: str

    @property
    def changed(self) -> bool:
        """Whether ClinVar has not been told, or was told another class."""
        return self.exported_class != self.acmg_class


@dataclass(frozen=True)
class ExportLine:
    """A file made before."""

    id: UUID
    at: datetime
    by: str
    records: int


@dataclass(frozen=True)
class ClinVarView:
    """``allowed`` is the node's setting: whether the laboratory has decided to share."""

    allowed: bool
    classes: tuple[SharedClass, ...]
    exports: tuple[ExportLine, ...]


def clinvar(actor: Actor) -> ClinVarView:
    """The actor's laboratory's signed classes, those to be told of first. No person and no case is named."""
    require(actor, "lab.clinvar.read", organisation=actor.organisation_id)
    exports = list(ClinVarExport.objects.filter(laboratory_id=actor.organisation_id).order_by("-at"))
    found = signed_classes(actor.organisation_id, exports)
    return ClinVarView(
        allowed=settings.CLINVAR_SHARING,
        classes=tuple(sorted(found, key=lambda one: (not one.changed, one.gene, one.variant))),
        exports=tuple(ExportLine(row.id, row.at, people.account_name(row.by_id), len(row.records)) for row in exports),
    )


def export(actor: Actor, export_id: UUID) -> ClinVarExport | None:
    """A file of the actor's laboratory; None for another's or none."""
    require(actor, "lab.clinvar.read", organisation=actor.organisation_id, object_id=export_id)
    return ClinVarExport.objects.filter(id=export_id, laboratory_id=actor.organisation_id).first()


def signed_classes(laboratory: UUID | None, exports: list[ClinVarExport]) -> list[SharedClass]:
    """The newest class of each small variant in the laboratory's signed answers."""
    told = {(one["build"], one["variant"]): one for row in reversed(exports) for one in row.records}
    newest: dict[tuple[str, str], tuple[Assessment, datetime]] = {}
    cases: dict[tuple[str, str], set[UUID]] = {}
    rows = Interpretation.objects.filter(case__laboratory_id=laboratory, approved_at__isnull=False)
    for row in rows.prefetch_related("assessments").order_by("approved_at"):
        for one in row.assessments.all():
            if one.in_answer and one.kind == VariantKind.SMALL:
                key = (one.build, one.variant)
                newest[key] = (one, row.approved_at)
                cases.setdefault(key, set()).add(row.case_id)
    return [
        SharedClass(
            assessment_id=one.id,
            variant=one.variant,
            build=one.build,
            gene=one.gene,
            name=one.names.get("coding") or "",
            acmg_class=one.chosen_class,
            points=one.points,
            signed_on=timezone.localdate(at),
            cases=len(cases[key]),
            exported_class=told[key]["acmg_class"] if key in told else None,
            condition=told[key]["condition"] if key in told else "",
        )
        for key, (one, at) in newest.items()
    ]
