"""Indicators count each case once, by its first signed answer, and say nothing of small groups."""

from __future__ import annotations

from datetime import date, timedelta
from uuid import uuid4

import pytest
from django.utils import timezone

from varde.interpretation.funnel import Place
from varde_node.lab.models import Analysis, Assessment, Case, Conclusion, Interpretation, PanelVersion, QualityOverride
from varde_node.lab.queries.indicators import Grouping, Indicator, Period, indicators
from varde_node.people.services import AccessDenied, Role, add_organisation


@pytest.fixture
def signed_cases(people, actor_as):
    """``signed_cases(20, explained=5, requester=...)``: that many signed cases of the laboratory."""
    author = actor_as(Role.LABORATORY_GENETICIST).account_id
    approver = actor_as(Role.SECOND_READER).account_id
    panel = PanelVersion.objects.create(name="Epilepsy", version="1.0", source="test", genes=[])

    def make(count, *, explained=0, uncertain=0, returned=0, overridden=0, late=0, days=30, requester=None):
        now = timezone.now()
        for place in range(count):
            case = Case.objects.create(
                number=f"L{uuid4().hex[:12]}",
                order_id=uuid4(),
                laboratory_id=people.laboratory,
                requester_id=requester or people.clinic,
                patient_id=people.child,
                indication="x",
                hpo_terms=["HP:0001250"],
                panel=panel,
                state="signed",
                due_on=(now + timedelta(days=-1 if place < late else 5)).date(),
            )
            Case.objects.filter(id=case.id).update(received_at=now - timedelta(days=days))
            said = Conclusion.EXPLAINS if place < explained else Conclusion.NO_CERTAIN_FINDING
            told = {"case": case, "scope": "panel", "summary": "s", "author_id": author}
            if place < returned:
                back = {"returned_at": now, "returned_by_id": approver, "return_reason": "look again"}
                Interpretation.objects.create(number=1, conclusion=Conclusion.EXPLAINS, **told, **back)
            for later in (0, 1):  # a corrected answer must not count the case again
                approved = {"approver_id": approver, "approved_at": now + timedelta(days=later)}
                Interpretation.objects.create(number=2 + later, conclusion=said, **told, **approved)
            if place < uncertain:
                judged = {"points": 2, "suggested_class": 3, "chosen_class": 3, "ruleset": "points", "reasoning": "r"}
                where = {"number": 1, "variant": "1-100-A-T", "build": "GRCh38", "gene": "G", "in_answer": True}
                Assessment.objects.create(case=case, author_id=author, **where, **judged)
            if place < overridden:
                analysis = Analysis.objects.create(case=case, folder="x", finished_at=now)
                QualityOverride.objects.create(analysis=analysis, by_id=approver, reason="seen to")

    return make


def test_every_case_counts_once_in_its_group(signed_cases, people, actor_as) -> None:
    north = add_organisation("Nordby hospital", "Nordby", "clinic", "HN")
    signed_cases(40, explained=10, uncertain=8, returned=4, overridden=2, late=20, days=20)
    signed_cases(40, explained=30, days=40, requester=north)
    signed_cases(3, explained=3, requester=people.other_clinic)

    view = indicators(actor_as(Role.SECOND_READER), Period.last_year(), Grouping.REGION)

    assert view.cases == 83
    assert [(one.group, one.cases, one.quartiles) for one in view.turnaround] == [
        ("HN", 40, (40.0, 40.0, 40.0)),
        ("HSO", 40, (20.0, 20.0, 20.0)),
        ("HV", 3, None),
    ]
    counted = {
        one: [(point.tally.group, point.tally.met, point.tally.total) for point in view.funnels[one].points]
        for one in Indicator
    }
    assert counted == {
        Indicator.IN_TIME: [("HN", 40, 40), ("HSO", 20, 40), ("HV", 3, 3)],
        Indicator.EXPLAINED: [("HN", 30, 40), ("HSO", 10, 40), ("HV", 3, 3)],
        Indicator.UNCERTAIN_FINDING: [("HN", 0, 40), ("HSO", 8, 40), ("HV", 0, 3)],
        Indicator.OPENED: [("HN", 0, 40), ("HSO", 0, 40), ("HV", 0, 3)],
        Indicator.QUALITY_OVERRIDDEN: [("HN", 0, 40), ("HSO", 2, 40), ("HV", 0, 3)],
        Indicator.RETURNED: [("HN", 0, 40), ("HSO", 4, 40), ("HV", 0, 3)],
    }
    assert [one.place for one in view.funnels[Indicator.EXPLAINED].points] == [
        Place.FAR_ABOVE,
        Place.FAR_BELOW,
        Place.TOO_FEW,
    ]
    by_panel = indicators(actor_as(Role.SECOND_READER), Period.last_year(), Grouping.PANEL)
    assert [one.tally.group for one in by_panel.funnels[Indicator.EXPLAINED].points] == ["Epilepsy"]


def test_another_laboratory_and_another_time_count_nothing(signed_cases, people, actor_as) -> None:
    signed_cases(6)
    other = actor_as(Role.SECOND_READER, name="b", organisation=people.other_laboratory)
    assert indicators(other, Period.last_year(), Grouping.INDICATION).cases == 0
    long_ago = Period(date(2020, 1, 1), date(2020, 12, 31))
    assert indicators(actor_as(Role.SECOND_READER), long_ago, Grouping.REGION).cases == 0
    with pytest.raises(AccessDenied):
        indicators(actor_as(Role.CLINICIAN), Period.last_year(), Grouping.REGION)


def test_the_page_draws_a_funnel_for_each_and_refuses_an_impossible_period(signed_cases, client_as) -> None:
    client = client_as(Role.SECOND_READER)
    assert "No answer was signed in this period" in client.get("/lab/indicators/").content.decode()
    signed_cases(12, explained=4)

    page = client.get("/lab/indicators/?by=indication").content.decode()
    assert page.count('class="figure funnel"') == len(Indicator)
    assert page.count("Nervous system") == 2 * len(Indicator) + 1 + len(Indicator)
    for asked in ("from=2027-01-01&to=2026-01-01", "from=yesterday", "from=1900-01-01"):
        assert client.get(f"/lab/indicators/?{asked}").status_code == 422
    assert client_as(Role.CLINICIAN).get("/lab/indicators/").status_code == 403
