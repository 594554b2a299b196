"""The law gate of a genetic examination: diagnostic, predictive or pharmacogenetic (bioteknologiloven chapter 5)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from varde.consent.evaluation import Decision, Outcome, age_on
from varde.consent.texts import Reason, reason

GATE = "bioteknologiloven-5 2026.1"
_LAW = "bioteknologiloven (LOV-2003-12-05-100)"
_EXEMPTION = "forskrift om unntak for farmakogenetiske undersøkelser (2016)"
CHILD_UNDER = 16
"""Age below which § 5-7 protects a child (years)."""


class ExaminationPurpose(StrEnum):
    """§ 5-1 second paragraph: letter a is diagnostic, letter b predictive, presymptomatic or carrier testing."""

    DIAGNOSTIC = "diagnostic"
    PREDICTIVE = "predictive"
    PHARMACOGENETIC = "pharmacogenetic"


@dataclass(frozen=True)
class Examination:
    """What the order says. ``written_consent_on`` and ``counselled_on`` are days; None: not recorded."""

    purpose: ExaminationPurpose | None
    test_day: date
    birth_date: date | None = None
    written_consent_on: date | None = None
    counselled_on: date | None = None
    predicts_disease: bool | None = None
    treatment_prevents_harm: bool | None = None
    signed_by_parent: bool = False
    parents_counselled: bool = False


def examination_gate(order: Examination) -> Decision:
    """Whether the examination may be done, with the paragraph. What is not recorded counts as not done."""
    if order.purpose is None:
        return _denied("1", f"{_LAW} § 5-1", reason("consent.examination.purpose_missing"))
    if order.purpose is ExaminationPurpose.DIAGNOSTIC:
        return _allowed("2", f"{_LAW} § 5-1", reason("consent.examination.diagnostic"))
    if order.purpose is ExaminationPurpose.PHARMACOGENETIC:
        if order.predicts_disease is None:
            return _denied("3", _EXEMPTION, reason("consent.examination.prediction_unknown"))
        if not order.predicts_disease:
            return _allowed("3", _EXEMPTION, reason("consent.examination.pharmacogenetic"))
    return _predictive(order)


def _predictive(order: Examination) -> Decision:
    if order.birth_date is None:
        return _denied("7", f"{_LAW} § 5-7", reason("consent.examination.birth_date"))
    if order.written_consent_on is None or order.written_consent_on > order.test_day:
        return _denied("5", f"{_LAW} § 5-4", reason("consent.examination.no_written_consent"))
    if order.counselled_on is None:
        return _denied("6", f"{_LAW} § 5-5", reason("consent.examination.no_counselling"))
    if age_on(order.birth_date, order.test_day) < CHILD_UNDER:
        if not order.treatment_prevents_harm:
            return _denied("7", f"{_LAW} § 5-7", reason("consent.examination.child", age=CHILD_UNDER))
        if not (order.signed_by_parent and order.parents_counselled):
            return _denied("8", f"{_LAW} §§ 5-4, 5-5", reason("consent.examination.parents", age=CHILD_UNDER))
    return _allowed("5-8", f"{_LAW} §§ 5-4, 5-5", reason("consent.examination.predictive"))


def _allowed(rule: str, citation: str, why: Reason) -> Decision:
    return Decision(Outcome.ALLOW, f"examination-{rule}", why, GATE, citation)


def _denied(rule: str, citation: str, why: Reason) -> Decision:
    return Decision(Outcome.DENY, f"examination-{rule}", why, GATE, citation)
