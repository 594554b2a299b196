"""Registration of the domain with Django."""

from django.apps import AppConfig


class JobsConfig(AppConfig):
    """Long work."""

    name = "varde_node.jobs"
    label = "jobs"
    default_auto_field = "django.db.models.BigAutoField"
