"""Entries of the main navigation, registered by the domains; a role sees those whose action it may do."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.functional import Promise

from varde_node.people.actors import Role
from varde_node.people.policy import role_may


@dataclass(frozen=True)
class NavigationItem:
    """A link in the header. ``url_name`` takes no argument; lower ``order`` stands first. Links of one ``group`` stand
    together in a menu of that name."""

    label: str | Promise
    url_name: str
    action: str
    order: int = 50
    group: str | Promise = ""


_ITEMS: dict[str, NavigationItem] = {}


def register_navigation(item: NavigationItem) -> None:
    """Add a link to the header."""
    _ITEMS[item.url_name] = item


def navigation_for(role: Role) -> list[NavigationItem]:
    """The links of a role, in order."""
    items = (item for item in _ITEMS.values() if role_may(role, item.action))
    return sorted(items, key=lambda item: (item.order, item.url_name))
