"""The laboratory's words for other domains: what it measures and says is called the same on every page."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from varde.interpretation.acmg import Strength
from varde.interpretation.filters import Step
from varde_node.lab.metrics import words_of
from varde_node.lab.quality_texts import said
from varde_node.lab.structural_words import KIND_NAMES, extent_words, length_words
from varde_node.lab.words import STEP_NAMES, STRENGTH_NAMES, consequence_words, sources

__all__ = [
    "consequence_words",
    "count_name",
    "event_words",
    "genes_words",
    "metric_name",
    "said",
    "sources",
    "strength_name",
]

_COUNTS: dict[str, str | Promise] = {"read": _("Alleles read"), "kept": _("Alleles kept")}


def metric_name(name: str) -> str:
    """A quality metric's name."""
    return str(words_of(name).name)


def count_name(key: str) -> str:
    """What a number of ``SignedCase.record_counts`` counts; at a filter step it is what fell there."""
    return str(_COUNTS.get(key) or (STEP_NAMES[Step(key)] if key in set(Step) else key.replace("_", " ")))


def event_words(event: Mapping[str, Any], gene: str) -> str:
    """A structural variant of an answer: ``Deletion, 4.2 kb: exons 2–3 of 12``."""
    told = f"{KIND_NAMES[event['kind']]}, {length_words(event)}"
    hit = next((one for one in event["genes"] if one["gene"] == gene), None)
    return f"{told}: {extent_words(hit)}" if hit else told


def genes_words(event: Mapping[str, Any]) -> str:
    """Every gene that a structural variant touches, and how."""
    return "; ".join(f"{one['gene']} {extent_words(one)}" for one in event["genes"]) or "–"


def strength_name(key: str) -> str:
    """The strength of a criterion."""
    return str(STRENGTH_NAMES[Strength(key)]) if key in set(Strength) else key.replace("_", " ")
