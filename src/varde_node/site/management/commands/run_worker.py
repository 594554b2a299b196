"""``varde-node run-worker``: a process that runs jobs until it is told to stop."""

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser

from varde_node.jobs.services import work


class Command(BaseCommand):
    """Run jobs."""

    help = "Run jobs from the queue until stopped."

    def add_arguments(self, parser: CommandParser) -> None:
        """``--workers``: how many processes."""
        parser.add_argument("--workers", type=int, default=settings.CONFIGURATION.job_workers)

    def handle(self, *_args: object, workers: int, **_options: object) -> None:
        """Run until stopped."""
        work(workers)
