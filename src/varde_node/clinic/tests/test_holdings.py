"""The clinic and the laboratory tell what they hold, and only the clinic that treats a person sees their consents."""

from __future__ import annotations

import pytest

from varde_node.clinic import holdings as clinic_holdings
from varde_node.lab import holdings as lab_holdings
from varde_node.people.services import Role


def told(found) -> list[tuple[str, int]]:
    return [(str(one.what), one.number) for one in found]


@pytest.fixture
def order(signed_order):
    return signed_order


def test_the_treating_clinic_sees_the_consents_and_no_other(order, people, client_as) -> None:
    path = f"/consents/{people.child}/"
    assert client_as(Role.CLINICIAN).get(path).status_code == 200
    assert client_as(Role.CLINICIAN, name="b", organisation=people.other_clinic).get(path).status_code == 403
    assert client_as(Role.CLINICIAN).get(f"/consents/{people.stranger}/").status_code == 403


def test_what_is_held_is_told_of_the_patient(order, people) -> None:
    assert told(clinic_holdings.holdings(people.child)) == [("Orders of examinations", 1)]
    assert told(clinic_holdings.holdings(people.stranger)) == []
    assert told(lab_holdings.holdings(people.child)) == []
