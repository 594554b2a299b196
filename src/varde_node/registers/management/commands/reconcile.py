"""``varde-node reconcile``: make good what an interruption left between the database and the register's files."""

from __future__ import annotations

from django.core.management.base import BaseCommand, CommandParser

from varde_node.registers.frequency import services


class Command(BaseCommand):
    """Reconcile."""

    help = "Make good what an interruption left between the database and the register's files. Twice does no harm."

    def add_arguments(self, parser: CommandParser) -> None:
        """How old an unfinished contribution must be to be taken for interrupted."""
        parser.add_argument(
            "--older-than-s",
            type=float,
            default=services.UNDER_WAY_S,
            help="Leave regions where a younger contribution is under way; 0 when no worker runs.",
        )

    def handle(self, *_args: object, older_than_s: float, **_options: object) -> None:
        """Exit code 1 when a run that the book names is not in the files: restore the copy of the register's folder."""
        done = services.reconcile(older_than_s=older_than_s)
        self.stdout.write(", ".join(f"{name} {number}" for name, number in done.items()))
        if done["missing"]:
            raise SystemExit(1)
