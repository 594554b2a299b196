"""Who may see and change consents."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from varde_node.people.services import NavigationItem, Relation, Role, Rule, register_navigation, register_rules

CLINIC = (Role.CLINICIAN, Role.COUNSELLOR)
RULES = (
    Rule("consent.person.read", CLINIC, [Relation.CARE]),
    Rule("consent.person.read", [Role.PATIENT], [Relation.SELF, Relation.PROXY]),
    Rule("consent.entry.record", CLINIC, [Relation.CARE]),
    Rule("consent.entry.record", [Role.PATIENT], [Relation.SELF, Relation.PROXY]),
    Rule("consent.entry.withdraw", CLINIC, [Relation.CARE]),
    Rule("consent.entry.withdraw", [Role.PATIENT], [Relation.SELF, Relation.PROXY]),
    Rule("consent.portal.open", [Role.PATIENT], logged=False),
)


def register() -> None:
    """Register rules and navigation."""
    register_rules(RULES)
    register_navigation(NavigationItem(_("My page"), "consent:my", "consent.portal.open", 10))
    register_navigation(NavigationItem(_("My choices"), "consent:choices", "consent.portal.open", 12))
    register_navigation(NavigationItem(_("Who has looked"), "consent:looks", "consent.portal.open", 14))
