"""Reads of the Matchmaker Exchange: what a case tells, whom it may ask, and what was answered."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db.models import Q
from django.utils import timezone

from varde.consent import Purpose
from varde.interpretation.matchmaking import Profile, read_request
from varde.interpretation.phenotype import named_terms
from varde_node.consent import queries as consent
from varde_node.lab.case_access import case_for
from varde_node.lab.matchmakers import askable_services
from varde_node.lab.models import Case, MatchmakingService, MatchProfile, MatchQuestion
from varde_node.lab.services.matchmaking import consent_for
from varde_node.people import queries as people
from varde_node.people.services import Actor, require

FEW = 5
"""Numbers below are told as 0: how few cases a small laboratory shares would say something of them."""


@dataclass(frozen=True)
class ServiceLine:
    """A service, and what the consent says of it now."""

    name: str
    countries: tuple[str, ...]
    allowed: bool
    sentence: str


@dataclass(frozen=True)
class FoundLine:
    """A patient of another hospital that fits, as that hospital tells of them."""

    score: float
    profile: Profile
    shared_genes: tuple[str, ...]
    terms: tuple[tuple[str, str, bool], ...]
    """Identifier and name of each sign that was seen there, and whether our patient has it."""


@dataclass(frozen=True)
class QuestionLine:
    """A question of ours, or one that came and was told of our patient. ``results`` best first."""

    service: str
    ours: bool
    at: datetime
    answered_at: datetime | None
    problem: str
    disclaimer: str
    results: tuple[FoundLine, ...]


@dataclass(frozen=True)
class ProfileLine:
    """What is told of the patient."""

    id: UUID
    genes: tuple[tuple[str, str], ...]
    terms: tuple[tuple[str, str], ...]
    reason: str
    by: str
    at: datetime


@dataclass(frozen=True)
class MatchmakingView:
    """The page of a case. ``genes`` are those with an assessed variant: (symbol, class)."""

    case_id: UUID
    case_number: str
    allowed: bool
    sentence: str
    genes: tuple[tuple[str, int], ...]
    profile: ProfileLine | None
    services: tuple[ServiceLine, ...]
    questions: tuple[QuestionLine, ...]


def matchmaking(actor: Actor, case_id: UUID) -> MatchmakingView:
    """What the case tells and was told; the read is logged."""
    case = case_for(actor, "lab.matchmaking.read", case_id)
    decision = consent.decide(case.patient_id, Purpose.MATCHMAKING)
    row = case.match_profiles.filter(stopped_at=None).first()
    return MatchmakingView(
        case_id=case.id,
        case_number=case.number,
        allowed=decision.allowed,
        sentence=consent.sentence_of(decision),
        genes=_genes(case),
        profile=_profile(row) if row else None,
        services=tuple(_service(case, one) for one in askable_services()),
        questions=tuple(_question(case, one) for one in _questions(case)),
    )


def exchange_metrics(actor: Actor) -> dict[str, int | str]:
    """Numbers for a service, small ones as 0, of profiles whose consent holds now for that service."""
    require(actor, "lab.matchmaking.answer", details={"of": "metrics"})
    rows = list(MatchProfile.objects.filter(stopped_at=None).select_related("case"))
    held = [row for row in rows if consent.decide(row.case.patient_id, Purpose.MATCHMAKING).allowed]
    genes = [one["symbol"] for row in held for one in row.genes]
    counted = {
        "numberOfCases": len(held),
        "numberOfGenes": len(genes),
        "numberOfUniqueGenes": len(set(genes)),
        "numberOfVariants": sum(bool(one["variant"]) for row in held for one in row.genes),
        "numberOfFeatures": sum(len(row.hpo_terms) for row in held),
    }
    told = {name: 0 if value < FEW else value for name, value in counted.items()}
    return {**told, "dateGenerated": date.isoformat(timezone.localdate())}


def _genes(case: Case) -> tuple[tuple[str, int], ...]:
    newest = {row.gene: row.chosen_class for row in case.assessments.order_by("number", "at") if row.gene}
    return tuple(sorted(newest.items(), key=lambda pair: (-pair[1], pair[0])))


def _profile(row: MatchProfile) -> ProfileLine:
    return ProfileLine(
        id=row.id,
        genes=tuple((one["symbol"], one["variant"]) for one in row.genes),
        terms=tuple((term.identifier, term.name) for term in named_terms(row.hpo_terms)),
        reason=row.reason,
        by=people.account_name(row.by_id),
        at=row.at,
    )


def _service(case: Case, service: MatchmakingService) -> ServiceLine:
    decision = consent_for(case, service)
    return ServiceLine(service.name, tuple(service.countries), decision.allowed, consent.sentence_of(decision))


def _questions(case: Case) -> list[MatchQuestion]:
    own = [str(row.id) for row in case.match_profiles.all()]
    asked = Q(profile__case=case)
    for identifier in own:
        asked |= Q(told__icontains=identifier)
    return list(MatchQuestion.objects.filter(asked).select_related("service", "profile").order_by("-at"))


def _question(case: Case, row: MatchQuestion) -> QuestionLine:
    ours = row.profile_id is not None
    genes = frozenset(one["symbol"].upper() for one in row.profile.genes) if ours else frozenset()
    results = [_found(case, one, genes) for one in row.results]
    return QuestionLine(
        service=row.service.name,
        ours=ours,
        at=row.at,
        answered_at=row.answered_at,
        problem=row.problem,
        disclaimer=row.disclaimer,
        results=tuple(sorted(results, key=lambda one: -one.score)),
    )


def _found(case: Case, told: dict[str, object], genes: frozenset[str]) -> FoundLine:
    profile = _stored_profile(told)
    own = set(case.hpo_terms)
    names = {term.identifier: term.name for term in named_terms(profile.observed)}
    return FoundLine(
        score=float(str(told["score"])),
        profile=profile,
        shared_genes=tuple(sorted(genes & profile.genes)),
        terms=tuple((term, names.get(term) or term, term in own) for term in profile.observed),
    )


def _stored_profile(told: dict[str, object]) -> Profile:
    """A profile as it was answered."""
    return read_request(json.dumps({"patient": told["patient"]}).encode())
