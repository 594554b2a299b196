"""Registration of the domain with Django."""

from django.apps import AppConfig


class ClinicConfig(AppConfig):
    """Orders, counselling and answers."""

    name = "varde_node.clinic"
    label = "clinic"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Register rules and navigation, and listen for signed cases."""
        from varde_node.clinic import access, services
        from varde_node.lab.contracts import on_signed

        access.register()
        on_signed(services.release_answer)
