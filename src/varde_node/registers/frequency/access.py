"""Who may look variants up, contribute, and keep the frequency register."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from varde_node.people.services import NavigationItem, Relation, Role, Rule, register_navigation, register_rules

LABORATORY = (Role.LABORATORY_GENETICIST, Role.SECOND_READER)
RELEASERS = (Role.REGISTER_MANAGER, Role.DATA_PROTECTION_OFFICER)
PROFESSIONALS = (*LABORATORY, Role.CLINICIAN, Role.COUNSELLOR, Role.REGISTER_MANAGER)
RULES = (
    Rule("registers.frequency.read", PROFESSIONALS, logged=False),
    Rule("registers.frequency.lookup", PROFESSIONALS),
    Rule("registers.contribution.add", (*LABORATORY, Role.REGISTER_MANAGER)),
    Rule("registers.contribution.withdraw", (*LABORATORY, Role.REGISTER_MANAGER)),
    Rule("registers.contribution.withdraw", [Role.PATIENT], [Relation.SELF, Relation.PROXY]),
    Rule("registers.contribution.withdraw", [Role.CLINICIAN, Role.COUNSELLOR], [Relation.CARE]),
    Rule("registers.contribution.list", [Role.REGISTER_MANAGER]),
    Rule("registers.frequency.import", [Role.REGISTER_MANAGER]),
    Rule("registers.frequency.rebuild", [Role.REGISTER_MANAGER]),
    Rule("registers.own_case.read", LABORATORY),
    Rule("registers.shard.list", [Role.REGISTER_MANAGER, Role.DATA_PROTECTION_OFFICER]),
    Rule("registers.shard.send", [Role.REGISTER_MANAGER]),
    Rule("registers.shard.accept", [Role.REGISTER_MANAGER]),
    Rule("registers.release.read", RELEASERS),
    Rule("registers.release.prepare", [Role.REGISTER_MANAGER]),
    Rule("registers.release.sign", RELEASERS),
    Rule("registers.release.publish", [Role.REGISTER_MANAGER]),
    Rule("registers.release.withdraw", RELEASERS),
)


def register() -> None:
    """Register rules and navigation."""
    register_rules(RULES)
    register_navigation(NavigationItem(_("Frequency register"), "registers:frequency", "registers.frequency.read", 40))
    register_navigation(
        NavigationItem(_("Contributions"), "registers:contributions", "registers.contribution.list", 45)
    )
    register_navigation(NavigationItem(_("Shards"), "registers:shards", "registers.shard.list", 46))
    register_navigation(NavigationItem(_("Releases"), "registers:releases", "registers.release.read", 47))
