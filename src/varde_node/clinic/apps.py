"""Registration of the domain with Django."""

from django.apps import AppConfig


class ClinicConfig(AppConfig):
    """Orders, counselling and answers."""

    name = "varde_node.clinic"
    label = "clinic"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Register rules and navigation, listen for signed cases, and tell of care and holdings."""
        from varde_node.clinic import access, holdings, services
        from varde_node.consent.contracts import register_care_check, register_holder
        from varde_node.lab.contracts import on_signed

        access.register()
        on_signed(services.release_answer)
        register_care_check(holdings.treats)
        register_holder(holdings.holdings)
