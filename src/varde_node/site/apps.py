"""Registration of the site with Django."""

from django.apps import AppConfig


class SiteConfig(AppConfig):
    """The assembled node."""

    name = "varde_node.site"
    label = "site"

    def ready(self) -> None:
        """Register the rules of the site's own pages."""
        from varde_node.site import access

        access.register()
