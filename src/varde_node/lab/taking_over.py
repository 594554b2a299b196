"""An earlier interpretation put into the form of a new one: the class, the criteria and the words it rested on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from uuid import UUID

from django.utils.translation import gettext as _

from varde_node.formats import day
from varde_node.lab.judgement import CriterionDecision
from varde_node.lab.queries.beside import Beside


@dataclass(frozen=True)
class Taken:
    """What is taken over. ``decisions`` are a person's criteria, None where another laboratory gave only its class."""

    assessment_id: UUID | None
    entry_id: UUID | None
    acmg_class: int
    reasoning: str
    outdated: bool
    words: str
    decisions: tuple[CriterionDecision, ...] | None


def identifier(written: str) -> UUID | None:
    """The identifier that was written, or nothing."""
    try:
        return UUID(written)
    except ValueError:
        return None


def taken_from(beside: Beside, given: Mapping[str, str]) -> Taken | None:
    """What the address (``use`` or ``entry``) or the form (``based_on`` or ``entry``) takes over; only what stands
    beside the variant can be."""

    wanted = identifier(given.get("use", "") or given.get("based_on", ""))
    for one in beside.earlier:
        if one.said.id == wanted:
            said = one.said
            parts = {"number": said.case_number, "class": said.chosen_class, "day": day(said.at)}
            words = _("Taken over from %(number)s: class %(class)s, %(day)s.") % parts
            decisions = tuple(replace(one, by="", at="") for one in said.given.decisions)
            return Taken(said.id, None, said.chosen_class, said.reasoning, one.fresh.outdated, words, decisions)
    wanted = identifier(given.get("entry", ""))
    for other in beside.others:
        if other.id == wanted:
            month = f"{other.month:%m/%Y}"
            parts = {"place": other.laboratory, "class": other.acmg_class, "month": month, "rules": other.guideline}
            words = _("Taken over from %(place)s: class %(class)s, %(month)s, by %(rules)s.") % parts
            return Taken(None, other.id, other.acmg_class, words, other.fresh.outdated, words, None)
    return None
