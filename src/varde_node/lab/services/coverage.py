"""Coverage of all coding exons by a depth file, computed once by a job and kept; the depth file itself is not."""

from __future__ import annotations

import shutil
from uuid import UUID

from django.conf import settings
from django.db import transaction

from varde.annotation.genes import reference_transcripts
from varde.annotation.target_exons import Padding, target_exons
from varde.genome.errors import InputError
from varde.quality.coverage import coverage, wanted_of
from varde.quality.depth_runs import read_per_base
from varde_node.lab.case_access import in_data_folder
from varde_node.lab.models import QualityFile, SampleCoverage
from varde_node.lab.services.files import node_reference

JOB_KIND = "lab.coverage"


def compute_coverage(file_id: UUID) -> UUID:
    """Compute and keep the coverage of a depth file's person; return the case. Again: changes nothing.

    An InputError is kept as the file's problem, the file is set aside, and the error goes on to the job.
    """
    file = QualityFile.objects.get(id=file_id)
    if not file.stored_as:
        return file.case_id
    folder = f"cases/{file.case_id}/coverage/{file.id}"
    try:
        row = _computed(file, folder)
    except InputError as error:
        _refuse(file, error)
        raise
    with transaction.atomic():
        row.save()
        stored_as, file.stored_as = file.stored_as, ""
        file.save(update_fields=["stored_as"])
    in_data_folder(stored_as).unlink(missing_ok=True)
    return file.case_id


def _computed(file: QualityFile, folder: str) -> SampleCoverage:
    reference = node_reference()
    transcripts = reference_transcripts(reference)
    padding = Padding(settings.COVERAGE_BEFORE, settings.COVERAGE_AFTER)
    targets = target_exons(transcripts, None, padding)
    runs = read_per_base(in_data_folder(file.stored_as), reference.build, wanted_of(targets), file.name)
    found = coverage(runs, targets, settings.COVERAGE_MINIMUM)
    place = in_data_folder(folder)
    shutil.rmtree(place, ignore_errors=True)
    place.mkdir(parents=True, mode=0o700)
    found.exons.write_parquet(place / "exons.parquet")
    found.gaps.write_parquet(place / "gaps.parquet")
    return SampleCoverage(
        file=file,
        folder=folder,
        minimum_x=found.minimum_x,
        padding_before=padding.before,
        padding_after=padding.after,
        transcripts=f"{transcripts.source} sha256:{transcripts.checksum[:16]}",
    )


def _refuse(file: QualityFile, error: InputError) -> None:
    stored_as, file.stored_as, file.superseded = file.stored_as, "", True
    file.problem = {
        "code": error.code,
        "problem": error.problem,
        "remedy": error.remedy,
        "source": error.source,
        "line": error.line,
        "field": error.field,
    }
    file.save(update_fields=["problem", "stored_as", "superseded"])
    in_data_folder(stored_as).unlink(missing_ok=True)
