"""Registration of the domain with Django."""

from typing import Any

from django.apps import AppConfig
from django.db.models.signals import post_migrate


class ConsentConfig(AppConfig):
    """Consent."""

    name = "varde_node.consent"
    label = "consent"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Register this domain's rules and navigation."""
        from varde_node.consent import access

        access.register()
        post_migrate.connect(load_forms, sender=self)


def load_forms(**_signal: Any) -> None:
    """A node has its forms as soon as it has its tables."""
    from varde_node.consent import services

    services.load_forms()
