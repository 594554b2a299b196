"""Who may do what in the laboratory."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from varde_node.people.services import NavigationItem, Relation, Role, Rule, register_navigation, register_rules

READERS = (Role.LABORATORY_GENETICIST, Role.SECOND_READER)
ORDERERS = (Role.CLINICIAN, Role.COUNSELLOR)
OURS = (Relation.ORGANISATION,)

RULES = (
    Rule("lab.work_list.read", READERS),
    Rule("lab.panel.store", [Role.LABORATORY_GENETICIST, Role.ADMINISTRATOR]),
    Rule("lab.case.open", ORDERERS, OURS),
    Rule("lab.case.cancel", ORDERERS, OURS),
    Rule("lab.case.read", READERS, OURS),
    Rule("lab.sample.read", READERS, OURS),
    Rule("lab.sample.receive", READERS, OURS),
    Rule("lab.file.read", READERS, OURS),
    Rule("lab.file.upload", READERS, OURS),
    Rule("lab.quality.read", READERS, OURS),
    Rule("lab.quality.override", [Role.SECOND_READER], OURS),
    Rule("lab.panel.read", READERS, OURS),
    Rule("lab.case.open_all_genes", READERS, OURS),
    Rule("lab.candidates.read", READERS, OURS),
    Rule("lab.trace.read", READERS, OURS),
    Rule("lab.variant.read", READERS, OURS),
    Rule("lab.variant.assess", READERS, OURS),
    Rule("lab.structural.read", READERS, OURS),
    Rule("lab.structural.assess", READERS, OURS),
    Rule("lab.repeats.read", READERS, OURS),
    Rule("lab.interpretation.read", READERS, OURS),
    Rule("lab.interpretation.sign", READERS, OURS),
    Rule("lab.interpretation.approve", [Role.SECOND_READER], OURS),
    Rule("lab.interpretation.return", [Role.SECOND_READER], OURS),
    Rule("lab.indicators.read", READERS, OURS),
    Rule("lab.matchmaking.read", READERS, OURS),
    Rule("lab.matchmaking.share", READERS, OURS),
    Rule("lab.matchmaking.ask", READERS, OURS),
    Rule("lab.matchmaking.answer", [Role.MATCHMAKING_SERVICE]),
    Rule("lab.matchmaking.add_service", [Role.ADMINISTRATOR]),
)


def register() -> None:
    """Register rules and navigation."""
    register_rules(RULES)
    register_navigation(NavigationItem(_("Work list"), "lab:work_list", "lab.work_list.read", 10))
    register_navigation(NavigationItem(_("Indicators"), "lab:indicators", "lab.indicators.read", 14))
