"""Registration of the domain with Django."""

from django.apps import AppConfig


class RegistersConfig(AppConfig):
    """The registers."""

    name = "varde_node.registers"
    label = "registers"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Register this domain's rules, navigation and jobs."""
        from varde_node.registers.frequency import access, jobs
        from varde_node.registers.interpretations import access as interpretation_access

        access.register()
        jobs.register()
        interpretation_access.register()
