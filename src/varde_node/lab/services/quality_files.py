"""Taking in what quality tools wrote: single reports, an archive of a pipeline's folder, or the folder itself."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from uuid import UUID, uuid4

from django.conf import settings
from django.db import transaction
from django.http import Http404
from django.utils.translation import gettext as _

from varde.genome.errors import InputError
from varde.quality.archive import is_archive, unpack
from varde.quality.folder import FolderQuality, read_files, scan
from varde.quality.formats.kinds import DEPTH
from varde.quality.formats.kinds import QualityFile as ReadFile
from varde.quality.measurement import Measurement
from varde_node.jobs import services as jobs
from varde_node.lab.case_access import case_for, in_data_folder
from varde_node.lab.family import pedigree_of
from varde_node.lab.models import AssayKind, Case, CaseState, QualityFile, QualityValue, SequencingRun
from varde_node.lab.services.analysis import refuse_after_withdrawal
from varde_node.lab.services.coverage import JOB_KIND
from varde_node.lab.services.files import CHUNK_BYTES, ByteStream, safe_label
from varde_node.lab.services.quality_judging import judge_again
from varde_node.people.services import Actor, decide, require

ACTION = "lab.quality.import"
_OPEN = (CaseState.SAMPLES_RECEIVED, CaseState.ANALYSING, CaseState.QUALITY_STOP, CaseState.INTERPRETATION)


@dataclass(frozen=True)
class Imported:
    """What an import did: files stored, files that the case had already, and files that are no reports."""

    stored: int
    unchanged: int
    other_files: int


@dataclass(frozen=True)
class _New:
    """A file to store, with what was read of it; ``path`` for a depth file, whose coverage a job computes."""

    kind: str
    name: str
    sample: str
    sha256: str
    size_bytes: int
    measurements: tuple[Measurement, ...] = ()
    path: Path | None = None


def import_quality(
    actor: Actor,
    case_id: UUID,
    uploads: Sequence[tuple[str, ByteStream]],
    *,
    assay: str = AssayKind.EXOME,
    run_id: UUID | None = None,
) -> Imported:
    """Take in uploaded reports, depth files, or archives of them, and judge the case anew.

    The same file again changes nothing; a changed one of the same name is a new version. Raises InputError:
    ``not_expected``, ``consent_lacks``, ``assay_unknown``, ``run_unknown``, ``no_file``, ``too_large``, and those of
    ``unpack`` and ``read_files``. After an error nothing is stored.
    """
    case = _case(actor, case_id)
    folder = _room(case)
    try:
        files = list(_received(folder, uploads))
        return _import(actor, case, files, (assay, run_id))
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def import_quality_folder(
    actor: Actor, case_id: UUID, source: Path, *, assay: str = AssayKind.EXOME, run_id: UUID | None = None
) -> Imported:
    """Take in the reports of a finished pipeline's folder on this machine; as ``import_quality``. The folder is only
    read: depth files are copied."""
    case = _case(actor, case_id)
    folder = _room(case)
    try:
        files = [(_copied(path, folder), str(path.relative_to(source))) for path in scan(source)]
        return _import(actor, case, files, (assay, run_id))
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _copied(path: Path, folder: Path) -> Path:
    """A depth file's copy, which may be moved into its place; any other file as it lies."""
    if not path.name.endswith(("per-base.bed", "per-base.bed.gz")):
        return path
    return Path(shutil.copyfile(path, folder / str(uuid4())))


def _case(actor: Actor, case_id: UUID) -> Case:
    case = Case.objects.filter(id=case_id).first()
    if case is None:
        raise Http404
    if not decide(actor, ACTION, subject=case.patient_id, organisation=case.laboratory_id).allowed:
        require(actor, ACTION, subject=case.patient_id, object_id=case.id, organisation=case.laboratory_id)
    _refuse_unexpected(case)
    return case


def _refuse_unexpected(case: Case) -> None:
    refuse_after_withdrawal(case)
    if case.state not in _OPEN:
        raise InputError(
            "not_expected",
            _("The case takes no quality files now."),
            _("They are taken from the arrival of the tubes until the interpretation is signed."),
            field="file",
        )


def _room(case: Case) -> Path:
    """A folder beside the case's files, so that moving a file into its place is renaming it."""
    place = in_data_folder(f"cases/{case.id}")
    place.mkdir(parents=True, exist_ok=True, mode=0o700)
    return Path(tempfile.mkdtemp(prefix=".quality.", dir=place))


def _received(folder: Path, uploads: Sequence[tuple[str, ByteStream]]) -> Iterable[tuple[Path, str]]:
    if not uploads:
        raise InputError(
            "no_file", _("No file was chosen."), _("Choose the tools' reports or an archive."), field="file"
        )
    left = settings.UPLOAD_LIMIT_BYTES
    for number, (given_name, stream) in enumerate(uploads):
        label, path = safe_label(given_name), folder / f"upload-{number}"
        with path.open("xb") as out:
            while chunk := stream.read(CHUNK_BYTES):
                left -= len(chunk)
                if left < 0:
                    raise InputError(
                        "too_large",
                        f"The files are larger than the limit of {settings.UPLOAD_LIMIT_BYTES} bytes.",
                        "Send fewer at a time, or have the administrator raise VARDE_UPLOAD_LIMIT_BYTES.",
                        source=label,
                    )
                out.write(chunk)
        if is_archive(path):
            yield from unpack(path, folder / f"unpacked-{number}", settings.UPLOAD_LIMIT_BYTES, label)
        else:
            yield path, label


def _import(actor: Actor, case: Case, files: Sequence[tuple[Path, str]], labelled: tuple[str, UUID | None]) -> Imported:
    assay, run_id = labelled
    if assay not in AssayKind.values:
        raise InputError("assay_unknown", _("The assay is not known."), _("Choose one of the three."), field="assay")
    run = SequencingRun.objects.filter(id=run_id, laboratory_id=case.laboratory_id).first() if run_id else None
    if run_id and run is None:
        raise InputError("run_unknown", _("There is no such run."), _("Record the run first."), field="run")
    people = list(case.samples.order_by("role").values_list("name", flat=True))
    found = read_files(files, people, _("The files"))
    sizes = {shown: path.stat().st_size for path, shown in files}
    moved: list[Path] = []
    try:
        return _store(actor, case, _new_files(found, sizes), (assay, run, moved), found)
    except BaseException:
        for path in moved:
            path.unlink(missing_ok=True)
        raise


def _new_files(found: FolderQuality, sizes: dict[str, int]) -> list[_New]:
    reports = [
        _New(one.kind.key, one.name[-255:], _one_sample(one), one.sha256, sizes[one.name], one.measurements)
        for one in found.reports
    ]
    depths = [
        _New(DEPTH, one.name[-255:], one.sample, one.sha256, sizes[one.name], path=one.path) for one in found.depths
    ]
    return [*reports, *depths]


def _one_sample(file: ReadFile) -> str:
    people = {one.sample for one in file.measurements}
    return (people.pop() or "") if len(people) == 1 else ""


@transaction.atomic
def _store(
    actor: Actor,
    case: Case,
    files: list[_New],
    labelled: tuple[str, SequencingRun | None, list[Path]],
    found: FolderQuality,
) -> Imported:
    assay, run, moved = labelled
    case = case_for(actor, ACTION, case.id, lock=True, details={"files": len(files), "assay": assay})
    _refuse_unexpected(case)
    current = {(one.kind, one.name): one for one in case.quality_files.filter(superseded=False)}
    stored = 0
    for new in files:
        old = current.get((new.kind, new.name))
        if old is not None and (old.sha256, old.assay, old.run_id) == (new.sha256, assay, run and run.id):
            continue
        if old is not None:
            old.superseded = True
            old.save(update_fields=["superseded"])
        row = QualityFile.objects.create(
            case=case,
            run=run,
            assay=assay,
            kind=new.kind,
            name=new.name,
            sample=new.sample,
            sha256=new.sha256,
            size_bytes=new.size_bytes,
            measurements=[_written(one) for one in new.measurements],
            uploaded_by_id=actor.account_id,
        )
        _keep_values(row, new.measurements)
        if new.path is not None:
            _keep_depth(actor, case, row, new.path, moved)
        stored += 1
    if stored:
        judge_again(case, pedigree_of(case))
    return Imported(stored, len(files) - stored, found.other_files)


def _written(one: Measurement) -> dict[str, object]:
    told = asdict(one)
    origin = told.pop("origin")
    return {**told, "producer": origin["producer"], "version": origin["version"]}


def _keep_values(row: QualityFile, measurements: Iterable[Measurement]) -> None:
    QualityValue.objects.bulk_create(
        QualityValue(file=row, sample=one.sample, metric=one.metric, value=one.number)
        for one in measurements
        if one.sample and " / " not in one.sample and "." not in one.metric and one.number is not None
    )


def _keep_depth(actor: Actor, case: Case, row: QualityFile, path: Path, moved: list[Path]) -> None:
    row.stored_as = f"cases/{case.id}/quality/{uuid4()}"
    target = in_data_folder(row.stored_as)
    target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    path.rename(target)
    target.chmod(0o600)
    moved.append(target)
    row.save(update_fields=["stored_as"])
    jobs.enqueue(JOB_KIND, row.id, requested_by=actor.account_id, organisation=case.laboratory_id)
