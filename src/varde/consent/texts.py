"""Sentences of the consent rules in English, by key; a translation keeps the names in braces."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from string import Formatter
from types import MappingProxyType

TEXTS: Mapping[str, str] = MappingProxyType(
    {
        "consent.allowed.consent": "Allowed by the consent given on {given}.",
        "consent.allowed.waived": "Allowed: the ethics committee has waived consent ({reference}); nobody objected.",
        "consent.allowed.decision": "Allowed by the decision {reference}, without consent; nobody objected.",
        "consent.allowed.no_consent_needed": "Allowed without consent: what is kept is anonymous; nobody objected.",
        "consent.allowed.awaiting_self": "Allowed for what is already under way: the person has turned {age} and "
        "has not answered yet.",
        "consent.denied.rule_not_set": "Refused: no legal rule in force is set for this purpose on {day}.",
        "consent.denied.objection": "Refused: the person objected on {day}.",
        "consent.denied.withdrawn": "Refused: the consent was withdrawn on {day}.",
        "consent.denied.suspended": "Refused: the consent is suspended.",
        "consent.denied.draft": "Refused: the consent form has not been signed.",
        "consent.denied.expired": "Refused: the consent ended on {day}.",
        "consent.denied.not_yet_valid": "Refused: the consent is valid from {day}.",
        "consent.denied.none": "Refused: no consent is recorded.",
        "consent.denied.refused": "Refused: the person said no to this.",
        "consent.denied.not_asked": "Refused: the person has not been asked about this.",
        "consent.denied.recipient": "Refused: the consent does not cover this recipient.",
        "consent.denied.country": "Refused: the consent does not cover processing in {countries}.",
        "consent.denied.country_unknown": "Refused: it is not known in which countries the data will be processed.",
        "consent.denied.commercial": "Refused: the consent does not cover commercial actors.",
        "consent.denied.own_enterprise": "Refused: only for the enterprise's own use.",
        "consent.denied.approval": "Refused: a valid approval is missing ({approval}).",
        "consent.denied.project": "Refused: research is decided per project, and no project is named.",
        "consent.denied.birth_date": "Refused: the date of birth is not known, so it cannot be told who may decide.",
        "consent.denied.too_young": "Refused: the person was under {age} and a parent must decide.",
        "consent.denied.parent_of_adult": "Refused: the person was {age} or older and decides alone.",
        "consent.denied.awaiting_self": "Refused: the person has turned {age} and must answer in their own name.",
        "consent.denied.child_not_heard": "Refused: the child was {age} or older, and its own view is not recorded.",
        "consent.denied.representation": "Refused: the right to decide for the person was not valid on {day}.",
        "consent.denied.not_written": "Refused: written consent is required.",
        "consent.examination.diagnostic": "Allowed: a diagnostic examination follows the ordinary rules of consent.",
        "consent.examination.pharmacogenetic": "Allowed: a pharmacogenetic examination is exempt.",
        "consent.examination.predictive": "Allowed: written consent and counselling are in place.",
        "consent.examination.purpose_missing": "Refused: the purpose of the examination is not given.",
        "consent.examination.no_written_consent": "Refused: written consent before the test is required.",
        "consent.examination.no_counselling": "Refused: genetic counselling adapted to the case is not recorded.",
        "consent.examination.child": "Refused: a child under {age} is not tested unless treatment can prevent harm.",
        "consent.examination.parents": "Refused: a parent must sign and be counselled for a child under {age}.",
        "consent.examination.birth_date": "Refused: the date of birth is not known.",
        "consent.examination.prediction_unknown": "Refused: it is not stated whether the test also predicts disease.",
    }
)


@dataclass(frozen=True)
class Reason:
    """Why something is allowed or refused, for a person. Raises ValueError where names and parameters differ."""

    key: str
    template: str
    parameters: tuple[tuple[str, str | int], ...] = ()

    def __post_init__(self) -> None:
        wanted = {name for _, name, _, _ in Formatter().parse(self.template) if name}
        if wanted != {name for name, _ in self.parameters}:
            raise ValueError(f"reason {self.key}: the text asks for {sorted(wanted)}, given were {self.parameters}")

    def __str__(self) -> str:
        return self.template.format(**dict(self.parameters))


def reason(key: str, **parameters: str | int) -> Reason:
    """The reason with its parameters. Raises KeyError for an unknown key."""
    return Reason(key, TEXTS[key], tuple(sorted(parameters.items())))
