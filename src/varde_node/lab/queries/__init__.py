"""Reads of the laboratory: frozen values, scoped by the actor."""

from varde_node.lab.queries.cases import case, progress
from varde_node.lab.queries.panels import panel, panels
from varde_node.lab.queries.quality import quality
from varde_node.lab.queries.work_list import work_list

__all__ = ["case", "panel", "panels", "progress", "quality", "work_list"]
