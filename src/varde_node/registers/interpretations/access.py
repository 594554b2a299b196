"""Who may read, enter and withdraw earlier interpretations."""

from __future__ import annotations

from varde_node.people.services import Relation, Role, Rule, register_rules

LABORATORY = (Role.LABORATORY_GENETICIST, Role.SECOND_READER)
RULES = (
    Rule("registers.interpretation.read", (*LABORATORY, Role.CLINICIAN, Role.COUNSELLOR, Role.REGISTER_MANAGER)),
    Rule("registers.interpretation.record", [Role.SECOND_READER], [Relation.ORGANISATION]),
    Rule("registers.disagreement.read", (*LABORATORY, Role.REGISTER_MANAGER)),
    Rule("registers.disagreement.write", LABORATORY, [Relation.ORGANISATION]),
    Rule("registers.interpretation.withdraw", LABORATORY, [Relation.ORGANISATION]),
)


def register() -> None:
    """Register the rules. The pages are those of the variant."""
    register_rules(RULES)
