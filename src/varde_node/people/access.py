"""Who may do what with people and the trail."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from varde_node.people.actors import Relation, Role
from varde_node.people.navigation import NavigationItem, register_navigation
from varde_node.people.policy import Rule, register_rules

RULES = (
    Rule("people.account.add", [Role.ADMINISTRATOR]),
    Rule("people.account.link", [Role.ADMINISTRATOR]),
    Rule("people.account.unlink", [Role.ADMINISTRATOR]),
    Rule("people.start.open", tuple(Role), logged=False),
    Rule("people.trail.read_own", [Role.PATIENT], [Relation.SELF, Relation.PROXY]),
    Rule("people.trail.read_own", [Role.DATA_PROTECTION_OFFICER]),
    Rule("people.trail.search", [Role.DATA_PROTECTION_OFFICER]),
    Rule("people.trail.verify", [Role.DATA_PROTECTION_OFFICER, Role.ADMINISTRATOR]),
)


def register() -> None:
    """Register rules and navigation."""
    register_rules(RULES)
    register_navigation(NavigationItem(_("Access log"), "people:access_log", "people.trail.search", 10))
