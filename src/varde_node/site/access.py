"""Who may do what with the site's own pages: jobs and the health of the node."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from varde_node.people.services import NavigationItem, Relation, Role, Rule, register_navigation, register_rules

STAFF = tuple(role for role in Role if role is not Role.PATIENT)

RULES = (
    Rule("site.shortcuts.choose", STAFF, logged=False),
    Rule("site.health.read", [Role.ADMINISTRATOR], logged=False),
    Rule("site.job.read", STAFF, [Relation.ORGANISATION, Relation.SELF], logged=False),
    Rule("site.job.read", [Role.ADMINISTRATOR], logged=False),
    Rule("site.job.cancel", STAFF, [Relation.ORGANISATION, Relation.SELF]),
    Rule("site.job.cancel", [Role.ADMINISTRATOR]),
)


def register() -> None:
    """Register rules and navigation."""
    register_rules(RULES)
    register_navigation(NavigationItem(_("Health of the node"), "site:health", "site.health.read", 10))
    register_navigation(NavigationItem(_("Jobs"), "site:jobs", "site.job.read", 90))
