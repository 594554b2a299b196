"""Words of the indicators: what each is, how its places are said, and the groups."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from varde.frequency.cells import DiseaseGroup
from varde.interpretation.funnel import Place
from varde_node.lab.queries.indicators import Grouping, Indicator
from varde_node.lab.states import StateWord


@dataclass(frozen=True)
class IndicatorWords:
    """An indicator's name, and how it is counted."""

    title: str | Promise
    counted: str | Promise


INDICATORS: dict[Indicator, IndicatorWords] = {
    Indicator.IN_TIME: IndicatorWords(
        _("Answered in time"), _("Cases whose first answer was signed by the day it was due, of all answered.")
    ),
    Indicator.EXPLAINED: IndicatorWords(
        _("Explained (yield)"), _("Cases with a signed conclusion that explains the disease, of all answered.")
    ),
    Indicator.UNCERTAIN_FINDING: IndicatorWords(
        _("Uncertain finding in the answer"), _("Cases with a variant of class 3 in the answer, of all answered.")
    ),
    Indicator.OPENED: IndicatorWords(
        _("Opened to all genes"), _("Cases that were opened beyond their panel, of all answered.")
    ),
    Indicator.QUALITY_OVERRIDDEN: IndicatorWords(
        _("Quality overridden"), _("Cases that went on by a named person's word after a red light, of all answered.")
    ),
    Indicator.RETURNED: IndicatorWords(
        _("Returned by the second reader"),
        _("Cases that were sent back at least once, of all answered."),
    ),
}
GROUPINGS: dict[Grouping, str | Promise] = {
    Grouping.REGION: _("Health region"),
    Grouping.INDICATION: _("Indication"),
    Grouping.PANEL: _("Panel"),
}
PLACES: dict[Place, StateWord] = {
    Place.WITHIN: StateWord("ok", _("As expected")),
    Place.ABOVE: StateWord("info", _("High: look")),
    Place.BELOW: StateWord("info", _("Low: look")),
    Place.FAR_ABOVE: StateWord("warn", _("Very high: find out why")),
    Place.FAR_BELOW: StateWord("warn", _("Very low: find out why")),
    Place.TOO_FEW: StateWord("plain", _("Too few to say")),
}
_REGIONS: dict[str, str | Promise] = {
    "HSO": _("South-East"),
    "HV": _("West"),
    "HMN": _("Central"),
    "HN": _("North"),
}
_GROUPS: dict[str, str | Promise] = {
    DiseaseGroup.UNSPECIFIED: _("Not stated"),
    DiseaseGroup.HEALTHY: _("Healthy"),
    DiseaseGroup.DEVELOPMENT: _("Development"),
    DiseaseGroup.NEUROLOGY: _("Nervous system"),
    DiseaseGroup.HEART: _("Heart"),
    DiseaseGroup.CANCER: _("Cancer"),
    DiseaseGroup.METABOLISM: _("Metabolism"),
    DiseaseGroup.KIDNEY: _("Kidney"),
    DiseaseGroup.EYE_EAR: _("Eye and ear"),
    DiseaseGroup.IMMUNE_BLOOD: _("Immune system and blood"),
    DiseaseGroup.OTHER: _("Other"),
}


def group_word(grouping: Grouping, group: str) -> str:
    """A group as the page names it."""
    words = {Grouping.REGION: _REGIONS, Grouping.INDICATION: _GROUPS}.get(grouping, {})
    return str(words.get(group, group))
