"""Steps of the interpretation's tests: consents, and a case brought to a station through the services alone."""

from __future__ import annotations

from datetime import timedelta

from django.utils import timezone

from varde.consent import Purpose
from varde_node.consent import services as consent
from varde_node.people.services import Role

ALL_YES = (Purpose.CARE_PANEL, Purpose.CARE_ALL_GENES, Purpose.REGISTER_COUNT)
REASON = "Panel without a certain finding; a recessive disease is suspected."
REASONING = "Null variant in a gene where loss of function is established; in trans with the other."


def consent_of_parents(case, people, actor_as, allowed=ALL_YES) -> None:
    """The mother decides for the child."""
    from datetime import date

    from varde_node.people import services as people_services

    child = case.row.patient_id
    people_services.add_representation(people.mother, child, "parent", date(2020, 1, 1), date(2038, 1, 1))
    consent.load_forms()
    consent.record_consent(
        actor_as(Role.CLINICIAN),
        subject_id=child,
        decided_by_id=people.mother,
        allowed=allowed,
        means="paper",
        decided_at=timezone.now() - timedelta(hours=1),
        in_care=True,
    )
