"""``varde-node register-keys``: make the register's missing keys, or trust the key of a region elsewhere."""

from __future__ import annotations

from pathlib import Path

from django.core.management.base import BaseCommand, CommandError, CommandParser

from varde.genome.errors import InputError
from varde_node.registers.frequency import services


class Command(BaseCommand):
    """Make keys."""

    help = "Make the missing keys of the regions here and of the register; or trust a key of a region elsewhere."

    def add_arguments(self, parser: CommandParser) -> None:
        """``--trust``: a public key to accept shards by."""
        parser.add_argument("--trust", type=Path, metavar="PUBLIC.pem", help="Accept shards that this key signs.")

    def handle(self, *_args: object, trust: Path | None, **_options: object) -> None:
        """Never replaces a key."""
        try:
            made = services.make_keys()
            if trust is not None:
                self.stdout.write(f"Shards of {services.trust(trust)} are accepted from now on.")
        except InputError as error:
            raise CommandError(str(error)) from None
        self.stdout.write(f"New keys: {', '.join(made)}." if made else "All keys are there.")
