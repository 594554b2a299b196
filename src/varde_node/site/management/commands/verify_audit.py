"""``varde-node verify-audit``: rebuild the trail's tree from the stored entries and compare."""

from __future__ import annotations

from pathlib import Path

from django.core.management.base import BaseCommand, CommandError, CommandParser

from varde_node.people.services import export_trail, verify_trail


class Command(BaseCommand):
    """Verify the audit trail; exit code 1 when anything was changed."""

    help = "Rebuild the audit trail's tree from the stored entries and compare it with what is stored."

    def add_arguments(self, parser: CommandParser) -> None:
        """``--against``: a checkpoint kept elsewhere; ``--export``: a file for others to verify."""
        parser.add_argument("--against", metavar="SIZE:ROOT", help="A checkpoint printed earlier and kept elsewhere.")
        parser.add_argument("--export", metavar="FILE", help="A new file for the entries; see 'varde audit verify'.")

    def handle(self, *_args: object, against: str | None = None, export: str | None = None, **_options: object) -> None:
        """Verify and print the checkpoint."""
        if export is not None:
            self._export(Path(export))
        checkpoint, problems = verify_trail(against)
        for problem in problems:
            self.stderr.write(problem)
        self.stdout.write(checkpoint)
        if problems:
            raise SystemExit(1)

    def _export(self, path: Path) -> None:
        try:
            with path.open("xb") as file:
                file.writelines(export_trail())
        except OSError as error:
            raise CommandError(f"{path.name} cannot be made: {error.strerror}. Name a new file.") from None
