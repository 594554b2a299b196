"""Loading a case for an actor: the one place where the laboratory asks whether the case may be seen or changed."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from uuid import UUID

from django.conf import settings
from django.db.models import OuterRef, QuerySet
from django.http import Http404

from varde_node.lab.models import Analysis, Case
from varde_node.people.services import Actor, require


def case_for(
    actor: Actor,
    action: str,
    case_id: UUID,
    *,
    lock: bool = False,
    details: Mapping[str, str | int | bool] | None = None,
    personal: Mapping[str, str] | None = None,
) -> Case:
    """The case with its panel, once the actor may do the action on it; written to the trail either way.

    ``lock`` holds the row until the end of the transaction (commands). Raises ``Http404`` when there is no such case
    and ``AccessDenied`` when it is not the actor's laboratory's.
    """
    rows = Case.objects.select_for_update(of=("self",)) if lock else Case.objects.all()
    case = rows.select_related("panel").filter(id=case_id).first()
    if case is None:
        raise Http404
    require(
        actor,
        action,
        subject=case.patient_id,
        object_id=case.id,
        organisation=case.laboratory_id,
        details=details,
        personal=personal,
    )
    return case


def current_analysis(case: Case) -> Analysis | None:
    """The newest finished analysis with its override, or nothing."""
    return finished_analyses(case.pk).select_related("override").first()


def finished_analyses(case: UUID | OuterRef) -> QuerySet[Analysis]:
    """The finished analyses of a case, the newest first."""
    finished = Analysis.objects.filter(case=case, finished_at__isnull=False).exclude(folder="")
    return finished.order_by("-finished_at")


def in_data_folder(relative: str) -> Path:
    """The place of what a row stores as a path relative to the data folder (files, prepared cases)."""
    return Path(settings.DATA) / relative
