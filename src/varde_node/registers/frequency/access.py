"""Who may look variants up, contribute, and keep the frequency register."""

from __future__ import annotations

from varde_node.people.services import Relation, Role, Rule, register_rules

LABORATORY = (Role.LABORATORY_GENETICIST, Role.SECOND_READER)
PROFESSIONALS = (*LABORATORY, Role.CLINICIAN, Role.COUNSELLOR, Role.REGISTER_MANAGER)
RULES = (
    Rule("registers.frequency.read", PROFESSIONALS, logged=False),
    Rule("registers.contribution.add", (*LABORATORY, Role.REGISTER_MANAGER)),
    Rule("registers.contribution.withdraw", (*LABORATORY, Role.REGISTER_MANAGER)),
    Rule("registers.contribution.withdraw", [Role.PATIENT], [Relation.SELF, Relation.PROXY]),
    Rule("registers.contribution.withdraw", [Role.CLINICIAN, Role.COUNSELLOR], [Relation.CARE]),
    Rule("registers.contribution.list", [Role.REGISTER_MANAGER]),
    Rule("registers.frequency.import", [Role.REGISTER_MANAGER]),
    Rule("registers.frequency.rebuild", [Role.REGISTER_MANAGER]),
)


def register() -> None:
    """Register the rules."""
    register_rules(RULES)
