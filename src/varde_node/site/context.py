"""What every page's template knows."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest

from varde_node.people.queries import navigation_for

SCHEMES = ("auto", "light", "dark")


def page(request: HttpRequest) -> dict[str, Any]:
    """Actor, navigation, colour scheme, temper, demo and the footer's links."""
    actor = getattr(request, "actor", None)
    scheme = request.COOKIES.get("scheme", "auto")
    return {
        "actor": actor,
        "navigation": navigation_for(actor.role) if actor else [],
        "shortcuts": request.COOKIES.get("shortcuts") != "off",
        "scheme": scheme if scheme in SCHEMES else "auto",
        "temper": "staff" if actor and not actor.is_patient else "citizen",
        "demo": settings.DEMO,
        "languages": settings.LANGUAGES,
        "accessibility_statement_url": settings.CONFIGURATION.accessibility_statement_url,
        "here": request.get_full_path(),
    }
