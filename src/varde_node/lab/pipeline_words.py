"""Steps, states and strata of standard processing in words."""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from varde.pipeline import steps
from varde_node.jobs.queries import JobState
from varde_node.lab.states import StateWord

Text = str | Promise

STEP_WORDS: dict[str, Text] = {
    "index_reference": _("Index of the reference"),
    "trim": _("Trimming the reads"),
    "align": _("Aligning the reads"),
    "take_alignment": _("Taking over the alignment"),
    "mark_duplicates": _("Marking duplicates"),
    "flagstat": _("Counting the reads"),
    "alignment_stats": _("Statistics of the alignment"),
    "depth": _("Depth"),
    "callable": _("Callable places"),
    "call": _("Calling variants"),
    "normalise": _("Normalising the variants"),
    "variant_stats": _("Statistics of the variants"),
    "summary": _("Summary of the quality"),
}
STEP_STATES = {
    steps.RUNNING: StateWord("info", _("Running")),
    steps.DONE: StateWord("ok", _("Done")),
    steps.FAILED: StateWord("stop", _("Failed")),
    steps.STOPPED: StateWord("plain", _("Stopped")),
}
RUN_STATES = {
    "done": StateWord("ok", _("Done")),
    "problem": StateWord("stop", _("Failed")),
    JobState.QUEUED: StateWord("plain", _("Waiting")),
    JobState.RUNNING: StateWord("info", _("Running")),
    JobState.CANCELLED: StateWord("plain", _("Cancelled")),
    JobState.FAILED: StateWord("stop", _("Failed")),
}
STRATUM_WORDS: dict[str, Text] = {
    "all": _("All"),
    "snv": _("Single bases (SNV)"),
    "mnv": _("Several bases replaced (MNV)"),
    "indel_1_5": _("Insertions and deletions, 1–5 bases"),
    "indel_6_15": _("Insertions and deletions, 6–15 bases"),
    "indel_over_15": _("Insertions and deletions, more than 15 bases"),
    "het": _("Heterozygous"),
    "hom": _("Homozygous or on one copy"),
    "coding": _("Coding regions"),
}


def step_word(rule: str) -> Text:
    """A rule of the workflow in words; a site's own rule by its name."""
    return STEP_WORDS.get(rule, rule.replace("_", " "))


def run_state(has_record: bool, has_problem: bool, job_state: JobState | None) -> StateWord:
    """The state of a run or measurement: what it left behind decides, else its job."""
    if has_record:
        return RUN_STATES["done"]
    if has_problem or job_state is None or job_state is JobState.DONE:
        return RUN_STATES["problem"]
    return RUN_STATES[job_state]


def duration(seconds: float | None) -> str:
    """``0:07``, ``12:40`` or ``3:05:00``; a dash where it is not known."""
    if seconds is None:
        return "–"
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{rest:02d}" if hours else f"{minutes}:{rest:02d}"
