"""``varde-node add-matchmaker``: make a service of the Matchmaker Exchange known."""

from __future__ import annotations

import sys

from django.core.management.base import BaseCommand, CommandError, CommandParser

from varde.genome.errors import InputError
from varde_node.lab.matchmakers import add_service
from varde_node.people.services import Role, actor_named


class Command(BaseCommand):
    """Make a service known."""

    help = "Make a service of the Matchmaker Exchange known: one that may ask, that may be asked, or both."

    def add_arguments(self, parser: CommandParser) -> None:
        """Which, where, and who answers for it."""
        parser.add_argument("name", help="As the pages show it.")
        parser.add_argument("--address", default="", help="Its base address, without /match; not when it only asks.")
        parser.add_argument("--country", action="append", default=[], help="Where it works on the data; again.")
        parser.add_argument("--by", metavar="USERNAME", required=True, help="The administrator who does this.")
        parser.add_argument(
            "--token-stdin", action="store_true", help="Read the token that the service gave us from standard input."
        )
        parser.add_argument("--may-not-ask", action="store_true", help="Make no token for it: it is asked only.")

    def handle(self, *_args: object, **given: object) -> None:
        """Make it known, written to the trail; its token is told once."""
        try:
            token = add_service(
                actor_named(str(given["by"]), Role.ADMINISTRATOR),
                str(given["name"]),
                address=str(given["address"]),
                countries=[str(one) for one in given["country"]],  # type: ignore[attr-defined]
                token_to_send=sys.stdin.readline().strip() if given["token_stdin"] else "",
                may_ask=not given["may_not_ask"],
            )
        except LookupError:
            raise CommandError(f"'{given['by']}' is no administrator here.") from None
        except InputError as error:
            raise CommandError(str(error)) from None
        self.stdout.write("The service is known.")
        if token:
            self.stdout.write(f"Its token, told this once: {token}")
