"""Who may see and change consents."""

from __future__ import annotations

from varde_node.people.services import Relation, Role, Rule, register_rules

CLINIC = (Role.CLINICIAN, Role.COUNSELLOR)
RULES = (
    Rule("consent.person.read", CLINIC, [Relation.CARE]),
    Rule("consent.person.read", [Role.PATIENT], [Relation.SELF, Relation.PROXY]),
    Rule("consent.entry.record", CLINIC, [Relation.CARE]),
    Rule("consent.entry.record", [Role.PATIENT], [Relation.SELF, Relation.PROXY]),
    Rule("consent.entry.withdraw", CLINIC, [Relation.CARE]),
    Rule("consent.entry.withdraw", [Role.PATIENT], [Relation.SELF, Relation.PROXY]),
    Rule("consent.portal.open", [Role.PATIENT]),
)


def register() -> None:
    """Register the rules."""
    register_rules(RULES)
