"""What the first page of a new process would have to wait for, made before anybody asks."""

from __future__ import annotations

from varde.interpretation.likeness import ontology_profiles
from varde.interpretation.phenotype import find_terms
from varde_node.lab import opened
from varde_node.lab.case_access import current_analysis
from varde_node.lab.criteria import criteria_of
from varde_node.lab.evidence import alleles_of, suggestions
from varde_node.lab.models import Case, CaseState
from varde_node.lab.queries.candidates import SUGGESTED_FOR, names_of

WAITING = (CaseState.QUALITY_STOP, CaseState.INTERPRETATION, CaseState.APPROVAL)


def warm_up() -> None:
    """Load the ontology, the reference and what names variants, and open the cases that wait for a person.

    Nobody is shown anything of a case by this, so nothing is written to the trail.
    """
    find_terms("seizure", 1)
    ontology_profiles()
    opened.gene_knowledge()
    opened.namer()
    waiting = Case.objects.filter(state__in=WAITING).select_related("panel")
    for case in waiting.order_by("-urgent", "due_on", "number")[: opened.CASES_KEPT]:
        _open(case)


def _open(case: Case) -> None:
    analysis = current_analysis(case)
    if analysis is None:
        return
    listed = opened.outcome(case, analysis, opened.default_settings(analysis), case.scope).candidates
    alleles = alleles_of(opened.prepared_case(analysis), (row for one in listed for row in one.rows))
    laboratory = criteria_of(case.laboratory_id)
    for candidate in listed[:SUGGESTED_FOR]:
        suggestions(analysis, candidate, laboratory)
    for row in listed[0].rows if listed else ():
        names_of(analysis, alleles[row])
