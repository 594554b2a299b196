"""``varde-node seed-demo``: bring the node to the state of the demo country and print the logins."""

from __future__ import annotations

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from varde_node.site import demo


class Command(BaseCommand):
    """Seed the demo country."""

    help = "Seed the synthetic demo country (again: the same state) and print the logins."

    def handle(self, **_options: object) -> None:
        """Seed, unless this node is not a demo."""
        if not settings.DEMO:
            raise CommandError("This node is no demo (VARDE_DEMO is false): nothing was seeded. Run it by `make demo`.")
        demo.seed(lambda step: self.stdout.write(f"  {step}"))
        self.stdout.write(f"\nSign in by one click, or with the password {demo.PASSWORD}:")
        for username, name, role in demo.logins():
            self.stdout.write(f"  {username:<10} {name:<20} {role.replace('_', ' ')}")
