"""Reads of the laboratory: frozen values, scoped by the actor."""

from varde_node.lab.queries.candidates import candidates
from varde_node.lab.queries.cases import case, progress, progress_of
from varde_node.lab.queries.interpretations import interpretation
from varde_node.lab.queries.panels import build_name, panel, panels
from varde_node.lab.queries.quality import quality
from varde_node.lab.queries.structural import pairs
from varde_node.lab.queries.trace import trace
from varde_node.lab.queries.variants import variant
from varde_node.lab.queries.work_list import work_list

__all__ = [
    "build_name",
    "candidates",
    "case",
    "interpretation",
    "pairs",
    "panel",
    "panels",
    "progress",
    "progress_of",
    "quality",
    "trace",
    "variant",
    "work_list",
]
