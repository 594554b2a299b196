"""Structural variants and repeats of a case: prepared by a job of their own, beside the analysis of small variants."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_noop

from varde.genome.errors import InputError
from varde.interpretation.repeats.calls import read_repeats
from varde.interpretation.structural.prepared import prepare_structural
from varde_node.jobs import services as job_services
from varde_node.lab import opened, structural_tables
from varde_node.lab.case_access import in_data_folder
from varde_node.lab.family import pedigree_of
from varde_node.lab.models import CallLayer, Case, FamilyRole, FileKind, VariantFile
from varde_node.lab.structural_evidence import REPEATS_FILE
from varde_node.people.services import Actor
from varde_node.registers.frequency import queries as register

JOB_KIND = "lab.layer"
Report = Callable[[float, str], None]


def enqueue_layer(actor: Actor, case: Case, kind: FileKind) -> UUID:
    """Begin the preparation of a case's files of this kind (the caller holds the case's row); return the job."""
    files = case.files.filter(superseded=False, kind=kind).order_by("uploaded_at")
    names = [str(one) for one in files.values_list("id", flat=True)]
    layer = CallLayer.objects.create(case=case, kind=kind, files=names)
    layer.job_id = job_services.enqueue(
        JOB_KIND, layer.id, requested_by=actor.account_id, organisation=case.laboratory_id
    )
    layer.save(update_fields=["job_id"])
    return layer.job_id


def prepare_layer(layer_id: UUID, report: Report) -> UUID:
    """Run the library over the files of a layer and store it; return the case.

    An InputError is kept as the layer's problem; the file at fault is set aside, those of the layer before count again,
    and the error goes on to the job. The small variants are not touched. Again changes nothing.
    """
    layer = CallLayer.objects.select_related("case").get(id=layer_id)
    if layer.finished_at is not None:
        return layer.case_id
    files = list(VariantFile.objects.filter(id__in=layer.files).order_by("uploaded_at"))
    folder = f"cases/{layer.case_id}/layers/{layer.id}"
    report(0.1, gettext_noop("Reading the files"))
    try:
        prepare = _structural if layer.kind == FileKind.STRUCTURAL else _repeats
        versions = prepare(layer.case, [in_data_folder(one.stored_as) for one in files], in_data_folder(folder))
    except InputError as error:
        named = _named_after(files, error)
        _refuse(layer, files, error, named)
        raise named from None
    layer.folder, layer.versions, layer.finished_at = folder, versions, timezone.now()
    layer.save(update_fields=["folder", "versions", "finished_at"])
    return layer.case_id


def _structural(case: Case, paths: list[Path], folder: Path) -> dict[str, str]:
    reference = opened.reference()
    if reference is None:
        raise InputError("no_reference", "The node's reference has not been added.", "Add it: varde reference add.")
    prepared = prepare_structural(
        paths,
        pedigree_of(case),
        build=reference.build,
        reference=reference,
        frequencies=register.counts_folder(),
        tables=structural_tables.tables(reference.build),
        child=case.samples.get(role=FamilyRole.CHILD).name,
    )
    prepared.save(folder)
    return dict(prepared.versions)


def _repeats(case: Case, paths: list[Path], folder: Path) -> dict[str, str]:
    reference = opened.reference()
    if reference is None:
        raise InputError("no_reference", "The node's reference has not been added.", "Add it: varde reference add.")
    loci = structural_tables.repeat_loci(reference.build)
    samples = [person.identifier for person in pedigree_of(case).persons]
    found = read_repeats(paths, samples, reference.build, loci)
    folder.mkdir(parents=True, exist_ok=True)
    found.save(folder / REPEATS_FILE)
    return {"repeat_loci": str(loci)} if loci else {}


def _named_after(files: list[VariantFile], error: InputError) -> InputError:
    for file in files:
        if error.source == Path(file.stored_as).name:
            return replace(error, source=file.given_name)
    return error


@transaction.atomic
def _refuse(layer: CallLayer, files: list[VariantFile], error: InputError, named: InputError) -> None:
    Case.objects.select_for_update().get(id=layer.case_id)
    layer.problem = {name: getattr(named, name) for name in ("code", "problem", "remedy", "source", "line", "field")}
    layer.finished_at = timezone.now()
    layer.save(update_fields=["problem", "finished_at"])
    at_fault = [file.id for file in files if Path(file.stored_as).name == error.source]
    VariantFile.objects.filter(id__in=at_fault).update(superseded=True)
    before = layer.case.layers.filter(kind=layer.kind).exclude(folder="").order_by("-finished_at").first()
    if before is not None and at_fault:
        VariantFile.objects.filter(id__in=before.files).exclude(id__in=at_fault).update(superseded=False)
