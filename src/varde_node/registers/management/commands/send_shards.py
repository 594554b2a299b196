"""``varde-node send-shards``: send what waits in the regions here to the nation, for a monthly timer."""

from __future__ import annotations

from django.core.management.base import BaseCommand, CommandError, CommandParser

from varde.genome.errors import InputError
from varde_node.people.services import Role, actor_named
from varde_node.registers.frequency import services

WAITS = {"too_few_people", "nothing_to_send"}
"""No fault: the people wait for the next time."""


class Command(BaseCommand):
    """Send shards."""

    help = "Send what waits in every region that counts here to the nation, in a register manager's name."

    def add_arguments(self, parser: CommandParser) -> None:
        """Who answers for it, and which regions."""
        parser.add_argument("--by", metavar="USERNAME", required=True, help="The register manager who does this.")
        parser.add_argument("--region", action="append", help="A region's code; repeatable. All when not given.")

    def handle(self, *_args: object, by: str, region: list[str] | None, **_options: object) -> None:
        """Exit code 1 when a shard was refused; the others are sent all the same."""
        try:
            actor = actor_named(by, Role.REGISTER_MANAGER)
        except LookupError:
            raise CommandError(f"'{by}' is no register manager here.") from None
        refused = False
        for code in region or services.counted_regions():
            try:
                row = services.send(actor, code)
            except InputError as error:
                refused |= error.code not in WAITS
                self.stdout.write(f"{code}: {error}")
            else:
                self.stdout.write(
                    f"{code}: shard {row.sequence}, {row.people_added} added, {row.people_withdrawn} gone"
                )
        if refused:
            raise SystemExit(1)
