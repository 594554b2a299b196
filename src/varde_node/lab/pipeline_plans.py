"""What the laboratory's settings say of standard processing: inbox, target, truth samples, version in use."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

from django.conf import settings
from django.utils import timezone

from varde.genome.errors import InputError
from varde.genome.references import ReferenceStore
from varde.genome.vcf import read_header
from varde.pipeline.inputs import match_reads
from varde.pipeline.plan import Plan
from varde.pipeline.running import Host, Who
from varde_node.lab.family import pedigree_of
from varde_node.lab.models import Case, PipelineVersion, VersionSignature
from varde_node.people import queries as people


@dataclass(frozen=True)
class TruthSet:
    """A truth sample: one folder of the truth folder. ``sex`` stands in ``sex.txt``; without it X is called as two."""

    name: str
    folder: Path

    @property
    def truth(self) -> Path:
        return self.folder / "truth.vcf.gz"

    @property
    def confident(self) -> Path:
        return next(
            (path for path in self.folder.glob("confident.bed*") if path.suffix in (".bed", ".gz")), self.folder
        )

    @property
    def coding(self) -> Path | None:
        path = self.folder / "coding.bed"
        return path if path.is_file() else None

    @property
    def sample(self) -> str:
        """The first person of the truth. Raises InputError as ``read_header`` does."""
        return read_header(self.truth).samples[0]


def truth_sets() -> tuple[TruthSet, ...]:
    """The truth samples that are whole, by name."""
    folder = Path(settings.PIPELINE_TRUTH)
    places = sorted(path for path in folder.iterdir() if path.is_dir()) if folder.is_dir() else []
    sets = (TruthSet(path.name, path) for path in places)
    return tuple(one for one in sets if one.truth.is_file() and one.confident.is_file())


def truth_set(name: str) -> TruthSet:
    """The truth sample of that name. Raises InputError ``unknown_truth``."""
    found = next((one for one in truth_sets() if one.name == name), None)
    if found is None:
        raise InputError(
            "unknown_truth",
            "There is no such truth sample.",
            "A truth sample is a folder with truth.vcf.gz, confident.bed and the sample's reads.",
            field="truth_set",
        )
    return found


def inbox(laboratory_id: UUID) -> Path:
    """The laboratory's own folder of the inbox: its organisation number, or its identifier where it has none. Tubes of
    two laboratories may bear the same name."""
    return Path(settings.PIPELINE_INBOX) / inbox_name(laboratory_id)


def inbox_name(laboratory_id: UUID) -> str:
    """The folder's name, as the page tells it."""
    found = people.organisation(laboratory_id)
    return (found.number if found else "") or str(laboratory_id)


def plan_of_case(case: Case) -> Plan:
    """The case's reads in the laboratory's inbox, to be run with the settings of today. Raises InputError as
    ``match_reads`` does."""
    sexes = {person.identifier: person.sex.value for person in pedigree_of(case).persons}
    tubes = case.samples.order_by("role").values_list("name", flat=True)
    return _plan(case.number, inbox(case.laboratory_id), {name: sexes[name] for name in tubes})


def plan_of_truth(chosen: TruthSet) -> Plan:
    """The truth sample's reads, with the same settings as cases."""
    told = chosen.folder / "sex.txt"
    sex = told.read_text(encoding="utf-8").strip() if told.is_file() else "unknown"
    return _plan(chosen.sample, chosen.folder, {chosen.sample: sex})


def version_row(plan: Plan) -> PipelineVersion:
    """The row of the version that a plan would run with, made when it is new. Raises InputError ``tool_missing``."""
    version = plan.version()
    row, _ = PipelineVersion.objects.get_or_create(digest=version.digest, defaults={"told": version.as_dict()})
    return row


def signature_with(laboratory_id: UUID, digest: str) -> VersionSignature | None:
    """The laboratory's signature on the version of that digest, or nothing."""
    rows = VersionSignature.objects.select_related("signed_by", "version")
    return rows.filter(laboratory_id=laboratory_id, version__digest=digest).first()


def host() -> Host:
    """Where runs go."""
    return Host(cores=settings.PIPELINE_CORES, profile=settings.PIPELINE_PROFILE)


def who(name: str) -> Who:
    """A person, and the node's clock."""
    return Who(name, timezone.now)


def watcher(report: Callable[[float, str], None], until: float) -> Callable[[float, str], None]:
    """Tells a job how far the workflow is: it is the job's first part, up to ``until``."""
    return lambda share, step: report(share * until, step)


def told_problem(error: InputError) -> dict[str, Any]:
    """An error as a row keeps it."""
    return asdict(error)


def _plan(family: str, folder: Path, sexes: Mapping[str, str]) -> Plan:
    files = []
    with suppress(OSError):
        files = [path for path in folder.iterdir() if path.is_file()]
    return Plan(
        family=family,
        samples=match_reads(files, sexes),
        reference=ReferenceStore(settings.REFERENCES).get(settings.REFERENCE),
        target=Path(settings.PIPELINE_TARGET) if settings.PIPELINE_TARGET else None,
        threads=settings.PIPELINE_CORES,
    )
