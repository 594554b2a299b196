"""Registration of the domain with Django."""

from django.apps import AppConfig


class LabConfig(AppConfig):
    """The laboratory."""

    name = "varde_node.lab"
    label = "lab"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Register this domain's rules, navigation and jobs."""
        from varde_node.lab import access, jobs

        access.register()
        jobs.register()
