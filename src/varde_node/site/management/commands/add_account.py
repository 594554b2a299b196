"""``varde-node add-account``: make a staff account with a role at an organisation."""

from __future__ import annotations

import sys
from getpass import getpass

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction

from varde.genome.errors import InputError
from varde_node.people.services import Role, actor_named, add_organisation, add_staff

KINDS = ("clinic", "laboratory", "national")
REGIONS = ("HSO", "HV", "HMN", "HN")


class Command(BaseCommand):
    """Make an account."""

    help = "Make a staff account with a role at an organisation, which is made when it is new."

    def add_arguments(self, parser: CommandParser) -> None:
        """Who, in which role, where, and who answers for it."""
        parser.add_argument("username")
        parser.add_argument("full_name")
        roles = [role.value for role in Role if role is not Role.PATIENT]
        parser.add_argument("--role", required=True, choices=roles)
        parser.add_argument("--organisation", required=True, help="Full name.")
        parser.add_argument("--short-name", help="As the pages show it; the full name when not given.")
        parser.add_argument("--kind", choices=KINDS, default="national", help="Of a new organisation.")
        parser.add_argument("--region", choices=REGIONS, default="", help="Health region of a new organisation.")
        parser.add_argument("--by", metavar="USERNAME", help="The administrator who does this; not for the very first.")
        parser.add_argument("--password-stdin", action="store_true", help="Read the password from standard input.")
        parser.add_argument(
            "--no-password", action="store_true", help="The sign-in provider alone lets this person in."
        )

    def handle(self, *_args: object, **given: str | bool | None) -> None:
        """Make it, written to the trail."""
        try:
            actor = actor_named(str(given["by"]), Role.ADMINISTRATOR) if given["by"] else None
            password = None if given["no_password"] else _password(from_input=bool(given["password_stdin"]))
            organisation = str(given["organisation"])
            short, role = str(given["short_name"] or organisation), Role(str(given["role"]))
            with transaction.atomic():
                place = add_organisation(organisation, short, str(given["kind"]), str(given["region"]))
                add_staff(actor, str(given["username"]), str(given["full_name"]), role, place, password=password)
        except LookupError:
            raise CommandError(f"'{given['by']}' is no administrator here.") from None
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from None
        except InputError as error:
            raise CommandError(str(error)) from None
        self.stdout.write("The account is made.")


def _password(*, from_input: bool) -> str:
    password = sys.stdin.readline().rstrip("\n") if from_input else getpass("Password: ")
    validate_password(password)
    if not from_input and password != getpass("Once more: "):
        raise CommandError("The two are not the same.")
    return password
