"""Norwegian rules as data with in-force dates: the basis of each purpose, the ages, and where each stands in law.

``confirmed`` is False until a lawyer has read a rule against the law in force. A rule without ``in_force_from`` is
known to come but its date is not: it allows nothing.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from enum import StrEnum

from varde.consent.purposes import Purpose


class Basis(StrEnum):
    """What a use rests on."""

    CONSENT = "consent"  # the person's recorded yes to this purpose
    CONSENT_AND_APPROVAL = "consent_and_approval"  # research: ethics approval, and consent
    WAIVED_CONSENT = "waived_consent"  # research: the ethics committee has waived consent
    DECISION = "decision"  # the enterprise's leadership has decided
    ANONYMOUS = "anonymous"  # nothing that can be traced to a person is kept


class ApprovalKind(StrEnum):
    ETHICS = "ethics"
    ETHICS_WAIVED_CONSENT = "ethics_waived_consent"
    LEADERSHIP = "leadership"


@dataclass(frozen=True)
class Approval:
    """A decision of a committee or a leadership. Valid from ``valid_from`` up to, not including, ``valid_until``."""

    kind: ApprovalKind
    reference: str
    valid_from: date
    valid_until: date | None = None
    project: str | None = None

    def valid_on(self, day: date) -> bool:
        return self.valid_from <= day and (self.valid_until is None or day < self.valid_until)


@dataclass(frozen=True)
class LegalRule:
    """One basis for one purpose. ``in_force_until`` is exclusive. ``written``: the consent must be in writing."""

    identifier: str
    purpose: Purpose
    basis: Basis
    citation: str
    in_force_from: date | None
    in_force_until: date | None = None
    approval: ApprovalKind | None = None
    written: bool = False
    own_enterprise_only: bool = False
    confirmed: bool = False

    def in_force(self, day: date) -> bool:
        if self.in_force_from is None or day < self.in_force_from:
            return False
        return self.in_force_until is None or day < self.in_force_until


@dataclass(frozen=True)
class Ages:
    """Who decides. ``grace_after_majority`` None: no rule is set for how long a parent's consent carries on."""

    decides_alone_from: int
    view_recorded_from: int
    grace_after_majority: timedelta | None
    citation: str


@dataclass(frozen=True)
class RuleSet:
    """Rules judged together; their name goes into every decision."""

    identifier: str
    version: str
    rules: tuple[LegalRule, ...]
    ages: Ages

    def __post_init__(self) -> None:
        names = [rule.identifier for rule in self.rules]
        if len(set(names)) != len(names):
            raise ValueError(f"rule set {self.identifier}: a rule identifier stands twice")

    @property
    def name(self) -> str:
        return f"{self.identifier} {self.version}"

    def in_force(self, purpose: Purpose, day: date) -> tuple[LegalRule, ...]:
        """Rules for the purpose that are in force on the day, in the order of the table."""
        return tuple(rule for rule in self.rules if rule.purpose is purpose and rule.in_force(day))

    def with_rules(self, version: str, rules: Iterable[LegalRule]) -> RuleSet:
        """The same set with rules of the same identifier replaced and new ones added, under a new version."""
        kept = {rule.identifier: rule for rule in self.rules} | {rule.identifier: rule for rule in rules}
        return replace(self, version=version, rules=tuple(kept.values()))


_PATIENT_RIGHTS = "pasient- og brukerrettighetsloven (LOV-1999-07-02-63)"
_BIOTECHNOLOGY = "bioteknologiloven (LOV-2003-12-05-100)"
_HEALTH_PERSONNEL = "helsepersonelloven (LOV-1999-07-02-64)"
_HEALTH_RESEARCH = "helseforskningsloven (LOV-2008-06-20-44)"
_STRATEGY = "Nasjonal strategi for persontilpasset medisin i helsetjenesten 2017-2021, anonymt frekvensregister"

NORWAY = RuleSet(
    identifier="norway",
    version="2026.1",
    rules=(
        LegalRule("care-panel", Purpose.CARE_PANEL, Basis.CONSENT, f"{_PATIENT_RIGHTS} §§ 4-1, 4-2", date(2001, 1, 1)),
        LegalRule(
            "care-all-genes", Purpose.CARE_ALL_GENES, Basis.CONSENT, f"{_PATIENT_RIGHTS} §§ 4-1, 4-2", date(2001, 1, 1)
        ),
        LegalRule(
            "incidental-findings",
            Purpose.INCIDENTAL_FINDINGS,
            Basis.CONSENT,
            f"{_BIOTECHNOLOGY} §§ 5-1, 5-4",
            date(2004, 9, 1),
            written=True,
        ),
        LegalRule("register-count", Purpose.REGISTER_COUNT, Basis.ANONYMOUS, _STRATEGY, date(2017, 1, 1)),
        LegalRule(
            "quality",
            Purpose.QUALITY,
            Basis.DECISION,
            f"{_HEALTH_PERSONNEL} § 26",
            date(2001, 1, 1),
            approval=ApprovalKind.LEADERSHIP,
            own_enterprise_only=True,
        ),
        LegalRule(
            "research-consent",
            Purpose.RESEARCH,
            Basis.CONSENT_AND_APPROVAL,
            f"{_HEALTH_RESEARCH} §§ 9, 13",
            date(2009, 7, 1),
            approval=ApprovalKind.ETHICS,
            written=True,
        ),
        LegalRule(
            "research-waived",
            Purpose.RESEARCH,
            Basis.WAIVED_CONSENT,
            f"{_HEALTH_RESEARCH} § 14 a (Prop. 109 L (2024-2025))",
            None,
            approval=ApprovalKind.ETHICS_WAIVED_CONSENT,
        ),
        LegalRule(
            "matchmaking",
            Purpose.MATCHMAKING,
            Basis.CONSENT,
            f"{_HEALTH_PERSONNEL} § 22",
            date(2001, 1, 1),
            written=True,
        ),
    ),
    ages=Ages(
        decides_alone_from=16,
        view_recorded_from=12,
        grace_after_majority=None,
        citation=f"{_PATIENT_RIGHTS} §§ 4-3, 4-4; {_HEALTH_RESEARCH} § 17",
    ),
)
"""Rules as the reference of this project states them; none has been confirmed by a lawyer."""
