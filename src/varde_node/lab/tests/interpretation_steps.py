"""Steps of the interpretation's tests: consents, and a case brought to a station through the services alone."""

from __future__ import annotations

import re
from datetime import date, timedelta

from django.utils import timezone

from varde.consent import Purpose
from varde_node.consent import services as consent
from varde_node.lab import queries, services
from varde_node.people import services as people_services
from varde_node.people.services import Role

ALL_YES = (Purpose.CARE_PANEL, Purpose.CARE_ALL_GENES, Purpose.REGISTER_COUNT)
REASON = "The panel gave no certain finding; a recessive disease is suspected."
REASONING = "Null variant in a gene where loss of function is established; in trans with the other."
FROM_FATHER, FROM_MOTHER = "2-245474-GC-G", "2-247146-G-T"
"""The two planted variants of the family solberg, in DEMO17."""


def consent_of_parents(case, people, actor_as, allowed=ALL_YES):
    """The mother decides for the child; returns the consent's stream."""
    child = case.row.patient_id
    people_services.add_representation(people.mother, child, "parent", date(2020, 1, 1), date(2038, 1, 1))
    consent.load_forms()
    return consent.record_consent(
        actor_as(Role.CLINICIAN),
        subject_id=child,
        decided_by_id=people.mother,
        allowed=allowed,
        means="paper",
        decided_at=timezone.now() - timedelta(hours=1),
        in_care=True,
    )


def assess_both(reader, case, chosen_class=5):
    """Both variants of the pair assessed as the programme suggests, for the answer."""
    for variant in (FROM_FATHER, FROM_MOTHER):
        services.assess_variant(
            reader, case.id, variant, chosen_class=chosen_class, reasoning=REASONING, in_answer=True
        )


def sign(reader, case):
    """The proposed conclusion, signed."""
    proposal = queries.interpretation(reader, case.id).proposal
    return services.sign_interpretation(
        reader,
        case.id,
        conclusion=proposal.conclusion,
        summary=proposal.summary,
        gene=proposal.gene,
        mode=proposal.mode,
    )


def send(client, page, body):
    """Post a form as a browser does: with the token of the page as it stands now."""
    found = re.search(r'name="seen" value="([^"]+)"', client.get(page).content.decode())
    return client.post(page, {"seen": found.group(1) if found else "", **body})
