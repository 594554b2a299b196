"""Registration of the domain with Django."""

from django.apps import AppConfig


class ConsentConfig(AppConfig):
    """Consent."""

    name = "varde_node.consent"
    label = "consent"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Register this domain's rules and navigation."""
        from varde_node.consent import access

        access.register()
