"""``varde-node run-worker``: a process that runs jobs until it is told to stop."""

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser


class Command(BaseCommand):
    """Run jobs."""

    help = "Run jobs from the queue until stopped."

    def add_arguments(self, parser: CommandParser) -> None:
        """``--workers``: how many processes."""
        parser.add_argument("--workers", type=int, default=settings.CONFIGURATION.job_workers)

    def handle(self, *_args: object, workers: int, **_options: object) -> None:
        """Start huey's consumer; SIGINT lets a running job end, SIGTERM stops at once (the sweeper takes it up)."""
        from django.db import connections
        from huey.consumer import Consumer

        from varde_node.jobs.queue import queue

        connections.close_all()  # the worker processes are forked: none may inherit an open connection
        Consumer(queue, workers=workers, worker_type="process", max_delay=1.0, check_worker_health=True).run()
