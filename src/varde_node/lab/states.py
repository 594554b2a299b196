"""States of a case and of its quality in words and shapes, the same on every page."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from varde_node.lab.models import AssayKind, CaseState, FamilyRole, RunNoteKind


@dataclass(frozen=True)
class StateWord:
    """A state as a tag shows it: ``shape`` is ok, warn, stop, info or plain."""

    shape: str
    text: str | Promise


_STATES = {
    CaseState.ORDERED: StateWord("plain", _("Waiting for samples")),
    CaseState.SAMPLES_RECEIVED: StateWord("info", _("Waiting for files")),
    CaseState.ANALYSING: StateWord("info", _("Being analysed")),
    CaseState.QUALITY_STOP: StateWord("stop", _("Stopped by quality")),
    CaseState.INTERPRETATION: StateWord("info", _("To be interpreted")),
    CaseState.APPROVAL: StateWord("warn", _("Waiting for second reader")),
    CaseState.SIGNED: StateWord("ok", _("Signed by two")),
    CaseState.CANCELLED: StateWord("plain", _("Cancelled")),
}

LAYER_STATES = (CaseState.SAMPLES_RECEIVED, CaseState.ANALYSING, CaseState.QUALITY_STOP, CaseState.INTERPRETATION)
"""States in which a case takes structural variants and repeats."""

_LIGHTS = {
    "green": StateWord("ok", _("Passed")),
    "yellow": StateWord("warn", _("Look closer")),
    "red": StateWord("stop", _("Stops")),
    "not_evaluated": StateWord("plain", _("Not evaluated")),
}


def state_word(state: str) -> StateWord:
    """The word of a case's state."""
    return _STATES[CaseState(state)]


def light_word(light: str) -> StateWord:
    """The word of one quality light."""
    return _LIGHTS[light]


def quality_word(report: Mapping[str, Any] | None, stops: bool | None, overridden: bool) -> StateWord:
    """The word of a case's whole quality: its worst light, or that a person overrode it."""
    if report is None:
        return StateWord("plain", _("Quality not evaluated"))
    if stops:
        return StateWord("warn", _("Quality overridden")) if overridden else StateWord("stop", _("Quality stops"))
    if any(metric["light"] == "yellow" for metric in report["metrics"]):
        return StateWord("warn", _("Quality: look closer"))
    return StateWord("ok", _("Quality passed"))


WORK_LIST_FILTERS: tuple[tuple[str, str | Promise], ...] = (
    ("open", _("Open")),
    ("mine", _("Mine")),
    ("to_read", _("For me to approve")),
    ("written", _("The clinician has written")),
    ("due", _("To look at again")),
    ("unassigned", _("Nobody works on it")),
    ("overdue", _("Overdue")),
    *((state.value, _STATES[state].text) for state in CaseState),
    ("all", _("All")),
)
"""The filters of the work list: a key in the address, and its word."""

FAMILY_WORDS: dict[str, str | Promise] = {
    FamilyRole.CHILD: _("Child"),
    FamilyRole.MOTHER: _("Mother"),
    FamilyRole.FATHER: _("Father"),
    FamilyRole.SIBLING: _("Sibling"),
    FamilyRole.MATERNAL_HALF_SIBLING: _("Half sibling by the mother"),
    FamilyRole.PATERNAL_HALF_SIBLING: _("Half sibling by the father"),
    FamilyRole.MATERNAL_GRANDMOTHER: _("Mother's mother"),
    FamilyRole.MATERNAL_GRANDFATHER: _("Mother's father"),
    FamilyRole.PATERNAL_GRANDMOTHER: _("Father's mother"),
    FamilyRole.PATERNAL_GRANDFATHER: _("Father's father"),
    FamilyRole.OFFSPRING: _("Child of the patient"),
    FamilyRole.OTHER: _("Other relative"),
}
SEX_WORDS: dict[str, str | Promise] = {
    "female": _("girl or woman"),
    "male": _("boy or man"),
    "unknown": _("sex unknown"),
}
CONFIDENCE_WORDS: dict[str, StateWord] = {
    "green": StateWord("ok", _("Green: diagnostic")),
    "amber": StateWord("warn", _("Amber: moderate evidence")),
    "red": StateWord("stop", _("Red: low evidence")),
    "grey": StateWord("plain", _("Grey: not rated")),
}

ASSAY_WORDS: dict[str, str | Promise] = {
    AssayKind.EXOME: _("Exome"),
    AssayKind.GENOME: _("Genome"),
    AssayKind.PANEL: _("Gene panel"),
}
NOTE_WORDS: dict[str, str | Promise] = {
    RunNoteKind.REAGENT: _("Reagent"),
    RunNoteKind.SOFTWARE: _("Software"),
    RunNoteKind.SERVICE: _("Service"),
    RunNoteKind.OTHER: _("Other change"),
}
