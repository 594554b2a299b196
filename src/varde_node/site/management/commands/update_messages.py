"""``varde-node update-messages``: bring every catalogue up to date with the texts in the code."""

from django.core.management.base import BaseCommand

from varde_node.site import messages


class Command(BaseCommand):
    """Add missing texts to the catalogues and drop unused ones."""

    help = "Bring the catalogues of nb and nn up to date with the texts in code and templates."
    requires_system_checks = ()

    def handle(self, **_options: object) -> None:
        """Update and tell what is left to translate."""
        for path, count in messages.update().items():
            self.stdout.write(f"{path}: {count} without translation")
