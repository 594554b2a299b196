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
    Rule("lab.criteria.read", [*READERS, Role.ADMINISTRATOR]),
    Rule("lab.criteria.store", [Role.LABORATORY_GENETICIST, Role.ADMINISTRATOR]),
    Rule("lab.case.open", ORDERERS, OURS),
    Rule("lab.case.cancel", ORDERERS, OURS),
    Rule("lab.case.read", READERS, OURS),
    Rule("lab.sample.read", READERS, OURS),
    Rule("lab.sample.receive", READERS, OURS),
    Rule("lab.file.read", READERS, OURS),
    Rule("lab.file.upload", READERS, OURS),
    Rule("lab.quality.read", READERS, OURS),
    Rule("lab.quality.override", [Role.SECOND_READER], OURS),
    Rule("lab.quality.import", READERS, OURS),
    Rule("lab.coverage.read", READERS, OURS),
    Rule("lab.gates.read", READERS),
    Rule("lab.gates.store", [Role.SECOND_READER]),
    Rule("lab.charts.read", READERS),
    Rule("lab.runs.record", READERS),
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
    Rule("lab.panels.read", READERS, logged=False),
    Rule("lab.panel.change", READERS, OURS),
    Rule("lab.chain.read", READERS, OURS, logged=False),
    Rule("lab.chain.store", [Role.LABORATORY_GENETICIST], OURS),
    Rule("lab.chain.choose", READERS, OURS),
    Rule("lab.phenotype.read", READERS, OURS),
    Rule("lab.phenotype.change", READERS, OURS),
    Rule("lab.phenotype.search", [*READERS, *ORDERERS], logged=False),
    Rule("lab.clinvar.read", READERS, OURS),
    Rule("lab.clinvar.export", [Role.SECOND_READER], OURS),
    Rule("lab.pipeline.read", READERS, OURS),
    Rule("lab.pipeline.run", READERS, OURS),
    Rule("lab.truth.read", READERS, OURS),
    Rule("lab.truth.measure", READERS, OURS),
    Rule("lab.truth.sign", READERS, OURS),
    Rule("lab.variant.dismiss", READERS, OURS),
    Rule("lab.case.assign", READERS, OURS),
    Rule("lab.case.reopen", READERS, OURS),
    Rule("lab.assessment.reconfirm", READERS, OURS),
    Rule("lab.re_evaluation.read", READERS, OURS),
    Rule("lab.comment.write", READERS, OURS),
    Rule("lab.discussion.write", (*READERS, *ORDERERS), OURS),
    Rule("lab.discussion.read", ORDERERS, OURS),
    Rule("lab.attachment.read", READERS, OURS),
    Rule("lab.attachment.write", READERS, OURS),
    Rule("lab.reference.write", READERS, OURS),
    Rule("lab.confirmation.order", READERS, OURS),
    Rule("lab.confirmation.record", READERS, OURS),
    Rule("lab.rules.read", READERS, OURS),
    Rule("lab.rules.change", [Role.SECOND_READER], OURS),
    Rule("lab.table.export", READERS, OURS),
    Rule("lab.indicators.read", READERS, OURS),
    Rule("lab.knowledge.read", [*READERS, Role.ADMINISTRATOR]),
    Rule("lab.knowledge.import", [Role.LABORATORY_GENETICIST, Role.ADMINISTRATOR]),
    Rule("lab.knowledge.use", [Role.LABORATORY_GENETICIST, Role.ADMINISTRATOR]),
    Rule("lab.knowledge.compare", READERS, OURS),
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
    for order, (label, page, action) in enumerate(SETUP, start=20):
        register_navigation(NavigationItem(label, page, action, order, _("Laboratory set-up")))


SETUP = (
    (_("Panels"), "lab:panels", "lab.panels.read"),
    (_("Filter chains"), "lab:chains", "lab.chain.read"),
    (_("Rules for classes"), "lab:criteria", "lab.criteria.read"),
    (_("Knowledge sources"), "lab:knowledge", "lab.knowledge.read"),
    (_("Processing"), "lab:processing_board", "lab.pipeline.read"),
    (_("Quality gates"), "lab:gates", "lab.gates.read"),
    (_("Control charts"), "lab:charts", "lab.charts.read"),
    (_("ClinVar"), "lab:clinvar", "lab.clinvar.read"),
)
"""What a laboratory sets up for itself and looks at now and then: a menu beside its daily pages."""
