"""What the consents leave out, as tags: the laboratory sees the limits, never the consents themselves."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from varde.consent import Purpose
from varde_node.consent import queries as consent

LIMIT_WORDS: dict[Purpose, str | Promise] = {
    Purpose.CARE_PANEL: _("Consent: panel not allowed"),
    Purpose.CARE_ALL_GENES: _("Consent: panel only"),
    Purpose.INCIDENTAL_FINDINGS: _("Consent: no incidental findings"),
    Purpose.REGISTER_COUNT: _("Consent: not counted in the register"),
}


def limits_of(persons: Iterable[UUID]) -> dict[UUID, tuple[str | Promise, ...]]:
    """For each person, a phrase for each purpose that is not allowed now."""
    return {person: _words(consent.limits(person)) for person in persons}


def _words(allowed: dict[Purpose, bool]) -> tuple[str | Promise, ...]:
    return tuple(word for purpose, word in LIMIT_WORDS.items() if not allowed.get(purpose, False))
