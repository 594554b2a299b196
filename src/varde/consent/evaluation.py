"""One question, one answer: may this be done with this person's data, for this purpose, by this recipient, now?

Everything that must hold is asked in a fixed order and the first that fails is the reason. Nothing is allowed that no
rule in force allows.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from varde.consent.decisions import (
    ConsentDecision,
    DeciderKind,
    Objection,
    State,
    Terms,
    require_zone,
)
from varde.consent.purposes import OWN_ENTERPRISE, Purpose, Reach, Recipient, RecipientKind
from varde.consent.rules import NORWAY, Approval, Basis, LegalRule, RuleSet
from varde.consent.texts import Reason, reason

_REACHES = (Reach.NORWAY, Reach.EEA, Reach.THIRD_COUNTRY)


class Outcome(StrEnum):
    ALLOW = "allow"
    DENY = "deny"


class Use(StrEnum):
    """A new use, or one that was under way before the person came of age."""

    NEW = "new"
    UNDER_WAY = "under_way"


@dataclass(frozen=True)
class Subject:
    """The person whose data it is. ``birth_date`` None: not known."""

    identifier: str
    birth_date: date | None = None


@dataclass(frozen=True)
class Scope:
    """What else the question depends on. ``project`` is needed for research."""

    project: str | None = None
    use: Use = Use.NEW
    approvals: tuple[Approval, ...] = ()
    objections: tuple[Objection, ...] = ()


@dataclass(frozen=True)
class Decision:
    """The answer and what it rests on.

    ``rule`` is the legal rule judged under (``none`` where no rule is in force), ``citation`` its place in law,
    ``rule_set`` the version of the table, ``consent`` the stream that decided, ``form_version`` the form it was signed
    on. ``confirmed`` False: no lawyer has confirmed the rule.
    """

    outcome: Outcome
    rule: str
    reason: Reason
    rule_set: str
    citation: str = ""
    consent: str | None = None
    form_version: str | None = None
    confirmed: bool = False

    @property
    def allowed(self) -> bool:
        return self.outcome is Outcome.ALLOW


def evaluate(
    decisions: Iterable[ConsentDecision],
    purpose: Purpose,
    recipient: Recipient,
    *,
    at: datetime,
    subject: Subject,
    scope: Scope | None = None,
    rules: RuleSet = NORWAY,
) -> Decision:
    """Allow or deny, with the reason.

    ``decisions`` are the streams of this person; ``at`` is the moment asked about, with time zone: later events are not
    seen. A withdrawal ends everything signed before it, in its own stream and in others of the same project, and a
    withdrawn or suspended base decision ends research as well. Raises ValueError for a stream of another person and for
    a time without time zone.
    """
    require_zone(at)
    streams = tuple(decisions)
    if any(stream.subject != subject.identifier for stream in streams):
        raise ValueError("a consent of another person was handed in")
    asked = _Question(streams, purpose, recipient, at, subject, scope or Scope(), rules)
    answers = []
    for rule in rules.in_force(purpose, at.date()):
        answers.append(asked.under(rule))
        if answers[-1].allowed:
            return answers[-1]
    pending = asked.rule_not_in_force()
    if pending is None and answers:
        return answers[0]
    return asked.denied(pending, reason("consent.denied.rule_not_set", day=at.date().isoformat()))


@dataclass(frozen=True)
class _Question:
    streams: tuple[ConsentDecision, ...]
    purpose: Purpose
    recipient: Recipient
    at: datetime
    subject: Subject
    scope: Scope
    rules: RuleSet

    def under(self, rule: LegalRule) -> Decision:
        """The answer under one rule."""
        refused = self._objection() or self._frame(rule)
        if refused is not None:
            return self.denied(rule, refused)
        if rule.basis in (Basis.CONSENT, Basis.CONSENT_AND_APPROVAL):
            return self._by_consent(rule)
        return self._without_consent(rule)

    def denied(self, rule: LegalRule | None, why: Reason, stream: ConsentDecision | None = None) -> Decision:
        return self._decision(Outcome.DENY, rule, why, stream)

    def _decision(
        self, outcome: Outcome, rule: LegalRule | None, why: Reason, stream: ConsentDecision | None
    ) -> Decision:
        terms = stream.terms_at(self.at) if stream else None
        return Decision(
            outcome,
            rule=rule.identifier if rule else "none",
            reason=why,
            rule_set=self.rules.name,
            citation=rule.citation if rule else "",
            consent=stream.identifier if stream else None,
            form_version=f"{terms.form.identifier} {terms.form.version} {terms.form.language}" if terms else None,
            confirmed=rule.confirmed if rule else False,
        )

    def rule_not_in_force(self) -> LegalRule | None:
        """The rule that an approval at hand would need and that is not in force, where none in force needs one such."""
        kinds = {approval.kind for approval in self.scope.approvals}
        matching = [rule for rule in self.rules.rules if rule.purpose is self.purpose and rule.approval in kinds]
        if any(rule.in_force(self.at.date()) for rule in matching):
            return None
        return next(iter(matching), None)

    def _objection(self) -> Reason | None:
        held = [
            objection
            for objection in self.scope.objections
            if objection.subject == self.subject.identifier and objection.holds(self.purpose, self.at)
        ]
        return reason("consent.denied.objection", day=_day(min(o.at for o in held))) if held else None

    def _frame(self, rule: LegalRule) -> Reason | None:
        """What must hold before anybody's consent is looked at."""
        if not self.recipient.countries:
            return reason("consent.denied.country_unknown")
        if self.purpose is Purpose.RESEARCH and self.scope.project is None:
            return reason("consent.denied.project")
        if rule.own_enterprise_only and self.recipient.kind not in OWN_ENTERPRISE:
            return reason("consent.denied.own_enterprise")
        if rule.approval is not None and self._approval(rule) is None:
            return reason("consent.denied.approval", approval=rule.approval.value)
        return None

    def _approval(self, rule: LegalRule) -> Approval | None:
        fitting = (
            approval
            for approval in self.scope.approvals
            if approval.kind is rule.approval
            and approval.valid_on(self.at.date())
            and (self.purpose is not Purpose.RESEARCH or approval.project == self.scope.project)
        )
        return next(fitting, None)

    def _without_consent(self, rule: LegalRule) -> Decision:
        """No consent is asked for; a withdrawal, a suspension or a refusal of this purpose still holds as a no."""
        for stream in self._current_streams():
            stopped = self._stopped(stream) or self._refused(stream)
            if stopped is not None:
                return self.denied(rule, stopped, stream)
        approval = self._approval(rule) if rule.approval else None
        if approval is None:
            return self._decision(Outcome.ALLOW, rule, reason("consent.allowed.no_consent_needed"), None)
        key = "consent.allowed.waived" if rule.basis is Basis.WAIVED_CONSENT else "consent.allowed.decision"
        return self._decision(Outcome.ALLOW, rule, reason(key, reference=approval.reference), None)

    def _by_consent(self, rule: LegalRule) -> Decision:
        """The base decision must stand; for research a stream of the project goes before what the base says of it."""
        base, project = self._current(None), None
        if self.purpose is Purpose.RESEARCH:
            project = self._current(self.scope.project)
        if base is None:
            return self.denied(rule, reason("consent.denied.none"), project)
        for stream in (base, *([project] if project else [])):
            why = self._inactive(stream) or self._wrongly_decided(stream, rule)
            if why is not None:
                return self.denied(rule, why, stream)
        deciding = project or base
        why = self._terms_say_no(deciding, rule)
        if why is not None:
            return self.denied(rule, why, deciding)
        if any(self._awaits_self(stream) for stream in (base, deciding)):
            age = self.rules.ages.decides_alone_from
            return self._decision(Outcome.ALLOW, rule, reason("consent.allowed.awaiting_self", age=age), deciding)
        signed = deciding.signed_at(self.at)
        return self._decision(
            Outcome.ALLOW, rule, reason("consent.allowed.consent", given=_day(signed or self.at)), deciding
        )

    def _current(self, project: str | None) -> ConsentDecision | None:
        """The stream that speaks for a matter now.

        Streams given before the last withdrawal of the matter are over. Of the others a suspended one goes first,
        then the one signed last. With none left, the withdrawn one speaks, then a draft.
        """
        own = [s for s in self.streams if s.project == project and s.events_until(self.at)]
        withdrawn = [(moment, s) for s in own if (moment := s.withdrawn_at(self.at)) is not None]
        last = max(withdrawn, key=lambda pair: pair[0], default=None)
        signed = [
            s
            for s in own
            if s.withdrawn_at(self.at) is None
            and (given := s.given_at(self.at)) is not None
            and (last is None or given > last[0])
        ]
        suspended = (s for s in signed if s.state_at(self.at) is State.SUSPENDED)
        latest = max(signed, key=lambda s: s.signed_at(self.at) or self.at, default=None)
        found = next(suspended, latest)
        if found is not None:
            return found
        return last[1] if last is not None else next(iter(own), None)

    def _current_streams(self) -> list[ConsentDecision]:
        matters = [None, *([self.scope.project] if self.scope.project is not None else [])]
        return [stream for project in matters if (stream := self._current(project)) is not None]

    def _stopped(self, stream: ConsentDecision) -> Reason | None:
        match stream.state_at(self.at):
            case State.WITHDRAWN:
                return reason("consent.denied.withdrawn", day=_day(stream.withdrawn_at(self.at) or self.at))
            case State.SUSPENDED:
                return reason("consent.denied.suspended")
        return None

    def _refused(self, stream: ConsentDecision) -> Reason | None:
        terms = stream.terms_at(self.at)
        return reason("consent.denied.refused") if terms is not None and self.purpose in terms.refused else None

    def _inactive(self, stream: ConsentDecision) -> Reason | None:
        stopped = self._stopped(stream)
        if stopped is not None:
            return stopped
        terms = stream.terms_at(self.at)
        if terms is None:
            return reason("consent.denied.draft")
        if terms.valid_until is not None and self.at >= terms.valid_until:
            return reason("consent.denied.expired", day=_day(terms.valid_until))
        if terms.valid_from is not None and self.at < terms.valid_from:
            return reason("consent.denied.not_yet_valid", day=_day(terms.valid_from))
        return None

    def _wrongly_decided(self, stream: ConsentDecision, rule: LegalRule) -> Reason | None:
        """Whether the one who signed had the right to, then and now."""
        terms, signed = stream.terms_at(self.at), stream.signed_at(self.at)
        if terms is None or signed is None:
            return reason("consent.denied.draft")
        born, ages = self.subject.birth_date, self.rules.ages
        if born is None:
            return reason("consent.denied.birth_date")
        age_then, limit = age_on(born, signed.date()), ages.decides_alone_from
        decider = terms.decider
        if decider.kind is DeciderKind.SELF:
            return reason("consent.denied.too_young", age=limit) if age_then < limit else None
        if not decider.valid_on(signed.date()):
            return reason("consent.denied.representation", day=_day(signed))
        if decider.kind is DeciderKind.GUARDIAN and age_then >= limit:
            return (
                None if decider.valid_on(self.at.date()) else reason("consent.denied.representation", day=_day(self.at))
            )
        if age_then >= limit:
            return reason("consent.denied.parent_of_adult", age=limit)
        if age_then >= ages.view_recorded_from and not terms.child_view_recorded:
            return reason("consent.denied.child_not_heard", age=ages.view_recorded_from)
        if self._awaits_self(stream) and not self._within_grace():
            return reason("consent.denied.awaiting_self", age=limit)
        return None

    def _awaits_self(self, stream: ConsentDecision) -> bool:
        """Signed by another while the person was a child, and the person has come of age since."""
        terms, signed, born = stream.terms_at(self.at), stream.signed_at(self.at), self.subject.birth_date
        if terms is None or signed is None or born is None or terms.decider.kind is DeciderKind.SELF:
            return False
        limit = self.rules.ages.decides_alone_from
        return age_on(born, signed.date()) < limit <= age_on(born, self.at.date())

    def _within_grace(self) -> bool:
        grace, born = self.rules.ages.grace_after_majority, self.subject.birth_date
        if self.scope.use is not Use.UNDER_WAY or grace is None or born is None:
            return False
        return self.at.date() < birthday(born, self.rules.ages.decides_alone_from) + grace

    def _terms_say_no(self, stream: ConsentDecision, rule: LegalRule) -> Reason | None:
        terms = stream.terms_at(self.at)
        if terms is None:
            return reason("consent.denied.draft")
        if self.purpose in terms.refused:
            return reason("consent.denied.refused")
        if self.purpose not in terms.allowed:
            return reason("consent.denied.not_asked")
        if rule.written and not terms.written:
            return reason("consent.denied.not_written")
        return self._recipient_not_covered(terms)

    def _recipient_not_covered(self, terms: Terms) -> Reason | None:
        recipient = self.recipient
        if recipient.kind not in terms.recipients:
            return reason("consent.denied.recipient")
        is_group = recipient.kind is RecipientKind.RESEARCH_GROUP
        if is_group and terms.groups is not None and recipient.identifier not in terms.groups:
            return reason("consent.denied.recipient")
        if _REACHES.index(recipient.reach()) > _REACHES.index(terms.reach_for(self.purpose)):
            return reason("consent.denied.country", countries=", ".join(sorted(recipient.countries)))
        if recipient.commercial and not terms.commercial:
            return reason("consent.denied.commercial")
        return None


def birthday(born: date, years: int) -> date:
    """The day a person turns so many years; born on 29 February, on 1 March of a year without that day."""
    try:
        return born.replace(year=born.year + years)
    except ValueError:
        return date(born.year + years, 3, 1)


def age_on(born: date, day: date) -> int:
    """Whole years on the day; negative before the birth."""
    years = day.year - born.year
    return years if day >= birthday(born, years) else years - 1


def _day(moment: datetime) -> str:
    return moment.date().isoformat()
