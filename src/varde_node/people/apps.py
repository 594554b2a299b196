"""Registration of the domain with Django."""

from django.apps import AppConfig


class PeopleConfig(AppConfig):
    """People, roles, access and the trail."""

    name = "varde_node.people"
    label = "people"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Register this domain's rules and navigation."""
        from varde_node.people import access

        access.register()
