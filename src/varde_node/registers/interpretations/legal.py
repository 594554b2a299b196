"""Why the register may be kept: another basis than the frequency register's."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True)
class LegalBasis:
    """A sentence for the reader, the acts it rests on, and whether a lawyer has confirmed the reading."""

    sentence: str | Promise
    acts: tuple[str, ...]
    confirmed: bool


LEGAL_BASIS = LegalBasis(
    sentence=_(
        "Laboratories show one another how they classified a variant in order to give health care. No person is named. "
        "The register rests on the rules for treatment-oriented health registers, not on the anonymity of the counts."
    ),
    acts=("helsepersonelloven", "pasientjournalloven"),
    confirmed=False,
)
