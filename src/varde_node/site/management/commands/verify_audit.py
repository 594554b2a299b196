"""``varde-node verify-audit``: rebuild the trail's tree from the stored entries and compare."""

from django.core.management.base import BaseCommand, CommandParser

from varde_node.people.services import verify_trail


class Command(BaseCommand):
    """Verify the audit trail; exit code 1 when anything was changed."""

    help = "Rebuild the audit trail's tree from the stored entries and compare it with what is stored."

    def add_arguments(self, parser: CommandParser) -> None:
        """``--against``: a checkpoint kept elsewhere."""
        parser.add_argument("--against", metavar="SIZE:ROOT", help="A checkpoint printed earlier and kept elsewhere.")

    def handle(self, *_args: object, against: str | None = None, **_options: object) -> None:
        """Verify and print the checkpoint."""
        checkpoint, problems = verify_trail(against)
        for problem in problems:
            self.stderr.write(problem)
        self.stdout.write(checkpoint)
        if problems:
            raise SystemExit(1)
