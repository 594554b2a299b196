"""``varde-node settings-page``: print the guide's page of settings."""

from django.core.management.base import BaseCommand

from varde_node.site.configuration import settings_page


class Command(BaseCommand):
    """Print ``docs/guide/settings.md``."""

    help = "Print the guide's page of settings."
    requires_system_checks = ()

    def handle(self, **_options: object) -> None:
        """Print it."""
        self.stdout.write(settings_page(), ending="")
