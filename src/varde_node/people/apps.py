"""Registration of the domain with Django."""

from django.apps import AppConfig


class PeopleConfig(AppConfig):
    """People, roles, access and the trail."""

    name = "varde_node.people"
    label = "people"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Register this domain's rules and navigation, and what a refusal inside a job is."""
        from varde_node.jobs.services import register_refusal
        from varde_node.people import access
        from varde_node.people.services import AccessDenied, record_denial

        access.register()
        register_refusal(AccessDenied, record_denial)
