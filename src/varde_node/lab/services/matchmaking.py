"""Telling of a patient to other hospitals, asking them, and answering them: only with consent, each time anew."""

from __future__ import annotations

import http.client
from collections.abc import Iterable
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from varde.consent import Decision, Purpose
from varde.genome.errors import InputError
from varde.interpretation.matchmaking import MatchError, Profile, ranked, read_answer, write_request
from varde_node.consent import queries as consent
from varde_node.jobs import services as jobs
from varde_node.lab.case_access import case_for
from varde_node.lab.match_profiles import profile_of
from varde_node.lab.matchmakers import askable_services, post
from varde_node.lab.models import Assessment, Case, MatchmakingService, MatchProfile, MatchQuestion
from varde_node.people.services import Actor, record, record_refusal, require

ASK_JOB = "lab.matchmaking.ask"
SHARE, ASK, ANSWER = "lab.matchmaking.share", "lab.matchmaking.ask", "lab.matchmaking.answer"
SHORTEST_REASON = 10
"""Characters of a reason that another person can understand. Varde's proposal."""
NOT_SENT = "The consent does not allow it any more: nothing was sent."
DISCLAIMER = "For diagnosis of the patient only. Do not try to identify anybody, and do not publish without asking."


def share_profile(actor: Actor, case_id: UUID, *, genes: Iterable[str], with_variant: bool, reason: str) -> UUID:
    """Let other hospitals find the case's patient by these candidate genes; return the profile.

    ``genes`` are genes that the case has an assessed variant in. ``with_variant`` tells the variant's place as well.
    A profile that stands is stopped and a new one made. Raises InputError ``reason_missing``, ``no_contact``,
    ``gene_not_assessed`` and ``consent_lacks``; the last stands in the trail as a refusal.
    """
    with transaction.atomic():
        case = case_for(actor, SHARE, case_id, lock=True, personal={"reason": reason.strip()})
        chosen = _checked(case, genes, reason.strip())
        decision = consent.decide(case.patient_id, Purpose.MATCHMAKING)
        if decision.allowed:
            _stop(actor, case)
            return MatchProfile.objects.create(
                case=case,
                genes=[{"symbol": one.gene, "variant": one.variant if with_variant else ""} for one in chosen],
                hpo_terms=list(case.hpo_terms),
                build=chosen[0].build,
                reason=reason.strip(),
                by_id=actor.account_id,
            ).id
        transaction.set_rollback(True)
    raise _refused(actor, SHARE, case, decision)


@transaction.atomic
def stop_sharing(actor: Actor, case_id: UUID) -> None:
    """Tell nobody more of the case's patient. Again changes nothing."""
    _stop(actor, case_for(actor, SHARE, case_id, lock=True, details={"stop": True}))


def ask_services(actor: Actor, case_id: UUID) -> tuple[UUID, ...]:
    """Ask every service that may be asked about the case's profile, each in a job; return the questions.

    Raises InputError ``not_shared``, ``nobody_to_ask`` and ``consent_lacks``; the last stands in the trail.
    """
    with transaction.atomic():
        case = case_for(actor, ASK, case_id, lock=True)
        profile = case.match_profiles.filter(stopped_at=None).first()
        if profile is None:
            raise InputError(
                "not_shared", _("The case has no profile to ask with."), _("Choose the genes first."), field="genes"
            )
        decision = consent.decide(case.patient_id, Purpose.MATCHMAKING)
        if decision.allowed:
            return _asked(actor, case, profile)
        transaction.set_rollback(True)
    raise _refused(actor, ASK, case, decision)


def send_question(question_id: UUID) -> UUID:
    """Send a question and keep the answer; return its case. Sent again changes nothing.

    Consent is asked once more just before. A service that cannot be reached, or answers wrongly, is named in the
    question's ``problem``.
    """
    question = MatchQuestion.objects.select_related("service", "profile__case").get(id=question_id)
    profile, service = question.profile, question.service
    if profile is None:
        raise ValueError("only a question of ours is sent")
    if question.answered_at is None:
        if profile.stopped_at is not None or not consent_for(profile.case, service).allowed:
            _end(question, problem=NOT_SENT)
        else:
            _ask(question, service, profile)
    return profile.case_id


@transaction.atomic
def answer_question(actor: Actor, asked: Profile) -> tuple[tuple[float, Profile], ...]:
    """The profiles that fit what a service asks; every person told of has it written in the trail.

    Raises AccessDenied for whoever is no service.
    """
    require(actor, ANSWER, details={"genes": len(asked.genomic_features)})
    service = MatchmakingService.objects.get(account_id=actor.account_id)
    rows = {str(row.id): row for row in _open_profiles() if consent_for(row.case, service).allowed}
    found = ranked(asked, [profile_of(row) for row in rows.values()])
    for one in found:
        case = rows[one.profile.identifier].case
        record(actor, ANSWER, subject=case.patient_id, object_id=case.id)
    MatchQuestion.objects.create(
        service=service, answered_at=timezone.now(), told=[one.profile.identifier for one in found]
    )
    return tuple((one.score, one.profile) for one in found)


def consent_for(case: Case, service: MatchmakingService) -> Decision:
    """Whether the patient's consent lets this service be told, now."""
    return consent.decide(case.patient_id, Purpose.MATCHMAKING, countries=frozenset(service.countries))


def _open_profiles() -> list[MatchProfile]:
    return list(MatchProfile.objects.filter(stopped_at=None).select_related("case").order_by("id"))


def _ask(question: MatchQuestion, service: MatchmakingService, profile: MatchProfile) -> None:
    try:
        answer = read_answer(post(service, write_request(profile_of(profile), disclaimer=DISCLAIMER)))
    except (OSError, http.client.HTTPException, MatchError) as error:
        _end(question, problem=f"{type(error).__name__}: {error}"[:300])
        return
    # The exchange's own form is kept: what was answered can be shown again as it came.
    results = [{"score": score, **write_request(found)} for score, found in answer.results]
    _end(question, results=results, disclaimer=answer.disclaimer)


def _asked(actor: Actor, case: Case, profile: MatchProfile) -> tuple[UUID, ...]:
    allowed = [one for one in askable_services() if consent_for(case, one).allowed]
    if not allowed:
        raise InputError(
            "nobody_to_ask",
            _("There is no service that may be asked: none is set up, or the consent does not reach its country."),
            _("An administrator adds services; the family decides how far the data may travel."),
        )
    questions = tuple(MatchQuestion.objects.create(service=one, profile=profile) for one in allowed)
    for question in questions:
        jobs.enqueue(ASK_JOB, question.id, requested_by=actor.account_id, organisation=case.laboratory_id)
    return tuple(question.id for question in questions)


def _checked(case: Case, genes: Iterable[str], reason: str) -> list[Assessment]:
    """The newest assessment in each gene."""
    if len(reason) < SHORTEST_REASON:
        raise InputError(
            "reason_missing",
            _("The reason is missing or too short to be understood by another."),
            _("Write why others are asked. The patient can read it."),
            field="reason",
        )
    if not settings.MATCHMAKER_CONTACT:
        raise InputError(
            "no_contact",
            _("The node has no address that other hospitals can write to."),
            _("An administrator sets VARDE_MATCHMAKER_CONTACT."),
        )
    wanted = list(dict.fromkeys(genes))
    newest = {row.gene: row for row in case.assessments.order_by("number", "at") if row.gene in wanted}
    missing = [gene for gene in wanted if gene not in newest]
    if missing or not wanted:
        raise InputError(
            "gene_not_assessed",
            _("No gene with an assessed variant is chosen."),
            _("Assess the variant first: others are asked about a gene that somebody suspects for a reason."),
            field="genes",
        )
    return [newest[gene] for gene in wanted]


def _refused(actor: Actor, action: str, case: Case, decision: Decision) -> InputError:
    record_refusal(actor, action, decision.reason.key, subject=case.patient_id, object_id=case.id)
    return InputError(
        "consent_lacks",
        consent.sentence_of(decision),
        _("Speak with the family through the requester: the choice is theirs."),
        field="consent",
    )


def _stop(actor: Actor, case: Case) -> None:
    case.match_profiles.filter(stopped_at=None).update(stopped_at=timezone.now(), stopped_by_id=actor.account_id)


def _end(
    question: MatchQuestion, *, results: list[dict[str, object]] | None = None, disclaimer: str = "", problem: str = ""
) -> None:
    question.answered_at = timezone.now()
    question.results, question.disclaimer, question.problem = results or [], disclaimer, problem
    question.save(update_fields=["answered_at", "results", "disclaimer", "problem"])
