"""Reads of the laboratory: frozen values, scoped by the actor."""

from varde_node.lab.queries import phenotypes
from varde_node.lab.queries.candidates import candidates
from varde_node.lab.queries.cases import case, progress, progress_of
from varde_node.lab.queries.criteria import criteria_page
from varde_node.lab.queries.interpretations import interpretation
from varde_node.lab.queries.notes import discussion, notes
from varde_node.lab.queries.panels import build_name, panel, panels
from varde_node.lab.queries.quality import quality
from varde_node.lab.queries.re_evaluation import laboratory_rules, re_evaluation
from varde_node.lab.queries.structural import pairs
from varde_node.lab.queries.trace import trace
from varde_node.lab.queries.variants import variant
from varde_node.lab.queries.work_list import work_list

__all__ = [
    "build_name",
    "candidates",
    "case",
    "criteria_page",
    "discussion",
    "interpretation",
    "laboratory_rules",
    "notes",
    "pairs",
    "panel",
    "panels",
    "phenotypes",
    "progress",
    "progress_of",
    "quality",
    "re_evaluation",
    "trace",
    "variant",
    "work_list",
]
