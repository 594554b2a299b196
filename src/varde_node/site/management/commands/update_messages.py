"""``varde-node update-messages``: bring every catalogue up to date with the texts in the code."""

from django.core.management.base import BaseCommand, CommandParser

from varde_node.site import messages


class Command(BaseCommand):
    """Add missing texts to the catalogues and drop unused ones."""

    help = "Bring the catalogues of nb and nn up to date with the texts in code and templates."
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        """Domains to update; all when none is named."""
        parser.add_argument("domains", nargs="*")

    def handle(self, *_args: object, domains: list[str], **_options: object) -> None:
        """Update and tell what is left to translate."""
        for path, count in messages.update(domains).items():
            self.stdout.write(f"{path}: {count} without translation")
