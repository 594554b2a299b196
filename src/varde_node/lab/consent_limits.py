"""What the consents leave out, as tags: the laboratory sees the limits, never the consents themselves."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from varde.consent import Purpose
from varde_node.consent import queries as consent
from varde_node.lab.states import StateWord

LIMIT_WORDS: dict[Purpose, StateWord] = {
    Purpose.CARE_PANEL: StateWord("stop", _("Consent: panel not allowed")),
    Purpose.CARE_ALL_GENES: StateWord("warn", _("Consent: panel only")),
    Purpose.INCIDENTAL_FINDINGS: StateWord("plain", _("Consent: no incidental findings")),
    Purpose.REGISTER_COUNT: StateWord("plain", _("Consent: not counted in the register")),
}


def limits_of(persons: Iterable[UUID]) -> dict[UUID, tuple[StateWord, ...]]:
    """For each person, a tag for each purpose that is not allowed now."""
    return {person: _words(allowed) for person, allowed in consent.limits_of(persons).items()}


def _words(allowed: Mapping[Purpose, bool]) -> tuple[StateWord, ...]:
    return tuple(word for purpose, word in LIMIT_WORDS.items() if not allowed.get(purpose, False))
