"""Registration of the domain with Django."""

from django.apps import AppConfig


class LabConfig(AppConfig):
    """The laboratory."""

    name = "varde_node.lab"
    label = "lab"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Register this domain's rules, navigation, jobs, holdings and what it answers the register."""
        from varde_node.consent.contracts import register_holder
        from varde_node.lab import access, holdings, jobs, own_cases
        from varde_node.registers.frequency.contracts import register_own_cases

        access.register()
        jobs.register()
        register_holder(holdings.holdings)
        register_own_cases(own_cases.cases_of, own_cases.shown)
