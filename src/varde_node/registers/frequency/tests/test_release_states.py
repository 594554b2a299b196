"""The road of a release: what each step refuses, and that a refused step changed nothing."""

from __future__ import annotations

import pytest

from varde_node.people.services import Role
from varde_node.registers.frequency.models import Release


@pytest.mark.parametrize("role", [Role.REGISTER_MANAGER, Role.DATA_PROTECTION_OFFICER])
def test_the_list_and_the_first_step_open(data, client_as, role):
    client = client_as(Role.REGISTER_MANAGER)
    answer = client.post("/register/releases/prepare/")
    assert answer.status_code == 302
    reader = client_as(role)
    assert "is being made" in reader.get("/register/releases/").content.decode()
    for step in ("batches", "measure", "report", "difference", "sign", "withdraw"):
        assert reader.get(answer["Location"].replace("batches", step)).status_code == 200, step


@pytest.mark.parametrize("text", ["not-a-uuid", "1" * 5_000, "\0", "'; --"])
def test_a_correction_of_what_is_no_release_begins_nothing(data, client_as, text):
    answer = client_as(Role.REGISTER_MANAGER).post("/register/releases/prepare/", {"corrects": text})
    assert answer.status_code == 404
    assert not Release.objects.exists()
