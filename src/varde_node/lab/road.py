"""The road of a case: its stations, where it stands, and the one next step."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from varde_node.lab.models import CaseState


@dataclass(frozen=True)
class Station:
    """A station: ``place`` is done, here or ahead."""

    name: str | Promise
    place: str
    word: str | Promise
    url_name: str


@dataclass(frozen=True)
class NextStep:
    """The next step: the button's words, the line under it that says what it will do, and where it leads. Without an
    address there is nothing to do here now."""

    label: str | Promise
    effect: str | Promise
    url_name: str = ""


_PLACES = {"done": _("done"), "here": _("now"), "ahead": _("later")}
_STATIONS: tuple[tuple[str | Promise, str], ...] = (
    (_("Ordered"), "lab:case"),
    (_("Samples"), "lab:samples"),
    (_("Files"), "lab:files"),
    (_("Quality"), "lab:quality"),
    (_("Interpretation"), "lab:candidates"),
    (_("Approval"), "lab:approval"),
    (_("Answer"), "lab:approval"),
)
_HERE = {
    CaseState.ORDERED: 1,
    CaseState.SAMPLES_RECEIVED: 2,
    CaseState.ANALYSING: 2,
    CaseState.QUALITY_STOP: 3,
    CaseState.INTERPRETATION: 4,
    CaseState.APPROVAL: 5,
    CaseState.SIGNED: 7,
}
_NEXT = {
    CaseState.ORDERED: NextStep(
        _("Register the tubes"), _("Opens the arrival of samples; nothing is sent."), "lab:samples"
    ),
    CaseState.SAMPLES_RECEIVED: NextStep(
        _("Upload variant files"), _("The analysis starts by itself when every person has a file."), "lab:files"
    ),
    CaseState.ANALYSING: NextStep(
        _("See the progress"), _("The analysis is running; you may leave the page."), "lab:files"
    ),
    CaseState.QUALITY_STOP: NextStep(
        _("See what stops the case"),
        _("A red light must be explained, or the files replaced, before anyone interprets."),
        "lab:quality",
    ),
    CaseState.INTERPRETATION: NextStep(
        _("Open the candidates"),
        _("Shows the ranked variants with their evidence; opening is logged."),
        "lab:candidates",
    ),
    CaseState.APPROVAL: NextStep(
        _("Read for approval"),
        _("A second person reads all and approves or returns; never the one who signed."),
        "lab:approval",
    ),
    CaseState.SIGNED: NextStep(_("Signed by two"), _("The answer has gone to the clinic.")),
    CaseState.CANCELLED: NextStep(_("Cancelled"), _("The clinic cancelled the order; nothing more is done.")),
}
_FAILED = NextStep(
    _("Start the analysis again"), _("The last run ended without a result; the files are still here."), "lab:files"
)


def road_of(state: str) -> tuple[Station, ...]:
    """The stations of a case in this state; a cancelled one stands before all that was not done."""
    here = _HERE.get(CaseState(state), 0)
    return tuple(_station(number, here) for number in range(len(_STATIONS)))


def next_step(state: str, *, stuck: bool = False) -> NextStep:
    """The one next step of a case; ``stuck`` when its analysis ended without a result."""
    return _FAILED if stuck else _NEXT[CaseState(state)]


def _station(number: int, here: int) -> Station:
    name, url_name = _STATIONS[number]
    place = "done" if number < here else "here" if number == here else "ahead"
    return Station(name, place, _PLACES[place], url_name)
