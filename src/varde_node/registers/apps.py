"""Registration of the domain with Django."""

from django.apps import AppConfig


class RegistersConfig(AppConfig):
    """The registers."""

    name = "varde_node.registers"
    label = "registers"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Register this domain's rules and navigation."""
        from varde_node.registers.frequency import access
        from varde_node.registers.interpretations import access as interpretation_access

        access.register()
        interpretation_access.register()
