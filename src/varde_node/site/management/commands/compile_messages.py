"""``varde-node compile-messages``: write the ``.mo`` files (no gettext needed)."""

from django.core.management.base import BaseCommand

from varde_node.site import messages


class Command(BaseCommand):
    """Compile the catalogues."""

    help = "Compile the catalogues of nb and nn."
    requires_system_checks = ()

    def handle(self, **_options: object) -> None:
        """Compile those that changed."""
        self.stdout.write(f"{messages.compile_all()} catalogues compiled")
