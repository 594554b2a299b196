"""``varde-node link-account``: say which subject of the sign-in provider an account belongs to."""

from __future__ import annotations

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from varde.genome.errors import InputError
from varde_node.people.services import Role, actor_named, link_account, unlink_account


class Command(BaseCommand):
    """Link an account, or take its link away."""

    help = "Let a subject ('sub') of the OpenID Connect provider sign in as an account."

    def add_arguments(self, parser: CommandParser) -> None:
        """The account, the subject, and who answers for it."""
        parser.add_argument("username", help="User name of the account.")
        parser.add_argument("subject", nargs="?", help="The provider's 'sub' of this person, as it stands.")
        parser.add_argument("--by", required=True, metavar="USERNAME", help="The administrator who does this.")
        parser.add_argument("--remove", action="store_true", help="Take the account's link away instead.")

    def handle(
        self, *_args: object, username: str, subject: str | None, by: str, remove: bool, **_options: object
    ) -> None:
        """Link or unlink, written to the trail in the administrator's name."""
        issuer = settings.CONFIGURATION.oidc_server_url
        if not issuer:
            raise CommandError("No provider is set up. Set VARDE_OIDC_SERVER_URL first.")
        if remove == (subject is not None):
            raise CommandError("Give either a subject or --remove.")
        try:
            actor = actor_named(by, Role.ADMINISTRATOR)
            if subject is None:
                count = unlink_account(actor, username, issuer)
                self.stdout.write("The link was taken away." if count else "There was no link.")
                return
            link_account(actor, username, issuer, subject)
        except LookupError:
            raise CommandError(f"'{by}' is no administrator here.") from None
        except InputError as error:
            raise CommandError(str(error)) from None
        self.stdout.write("The account is linked.")
