"""Long work of the frequency register."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils.translation import gettext_lazy as _

from varde_node.jobs.services import JobKind, Progress, register_job
from varde_node.registers.frequency.exchange import INDEX_JOB
from varde_node.registers.frequency.releases import MEASURE_JOB

COMPACT_JOB = "registers.compact_region"


def measure_release(progress: Progress, release_id: str) -> Sequence[str]:
    """Build a release and measure its risk; the result is the release."""
    from varde_node.registers.frequency import release_measure

    return release_measure.measure_release(progress, release_id)


def compact_region(progress: Progress, region: str) -> None:
    """Let nothing stay of who was withdrawn from a region."""
    from varde_node.registers.frequency import services

    services.compact_region(region)


def index_nation(progress: Progress) -> None:
    """Make the indexes that pages read, after the nation's sums changed."""
    from varde_node.registers.frequency import indexes

    indexes.make_all()


def register() -> None:
    """Register the kinds of jobs."""
    title = _("Measure of a release's risk")
    register_job(JobKind(MEASURE_JOB, title, measure_release, result_url_name="registers:release"))
    title = _("Index of the nation's counts")
    register_job(JobKind(INDEX_JOB, title, index_nation, cancellable=False))
    title = _("Removal of who was withdrawn from a region's sums")
    register_job(JobKind(COMPACT_JOB, title, compact_region, cancellable=False))
