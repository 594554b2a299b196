"""The description of the API against the views: every address stands in it, and generated requests meet it."""

from __future__ import annotations

import json
from urllib.parse import quote

import jsonschema_rs
import pytest
import schemathesis
from django.test import Client
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis.core import NotSet

from varde_node.people.services import Role
from varde_node.registers.frequency import program_urls
from varde_node.registers.frequency.tests.test_api import DESCRIPTION

SCHEMA = schemathesis.openapi.from_dict(DESCRIPTION)
OPERATIONS = [(path, method) for path, methods in DESCRIPTION["paths"].items() for method in methods]
BOUNDED = settings(
    max_examples=12,
    deadline=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.filter_too_much],
)


def test_it_is_served_as_it_stands(db):
    answer = Client().get("/api/register/openapi.json")
    assert json.loads(answer.content) == DESCRIPTION
    assert answer["Cache-Control"] == "public, max-age=300"


def test_every_address_stands_in_it():
    ours = {f"/{one.pattern}".replace("<str:", "{").replace(">", "}") for one in program_urls.urlpatterns}
    api = {one for one in ours if one.startswith("/api/") and not one.endswith("openapi.json")}
    assert api == set(DESCRIPTION["paths"])


@pytest.mark.parametrize(("path", "method"), OPERATIONS)
def test_generated_requests_are_answered_as_described(released, client_as, path, method):
    client = Client() if "frequencies" in path else client_as(Role.CLINICIAN)
    described = DESCRIPTION["paths"][path][method]["responses"]
    statuses = set()

    @BOUNDED
    @given(data=st.data())
    def generated(data):
        case = data.draw(SCHEMA[path][method].as_strategy())
        answer = send(client, case)
        statuses.add(answer.status_code)
        assert str(answer.status_code) in described, answer.content[:300]
        matches(described[str(answer.status_code)], answer)

    generated()
    assert statuses <= {200, 304, 400, 404, 413, 422}


@pytest.mark.parametrize(("path", "method"), [one for one in OPERATIONS if one[1] == "get"])
def test_the_examples_of_the_description_are_answered(released, client_as, path, method):
    client = Client() if "frequencies" in path else client_as(Role.CLINICIAN)
    contig = released.all_sites()["contig"][0]
    known = {"region": str(contig), "symbol": released.site_sets[0].name, "name": released.name}
    known |= {"variant": f"{contig}-1-A-T", "event": f"{contig}:1000-9000:DEL"}
    answer = client.get(path.format(**known))
    expected = (200, 422) if "{variant}" in path else (200,)
    assert answer.status_code in expected
    matches(DESCRIPTION["paths"][path][method]["responses"][str(answer.status_code)], answer)


def send(client, case):
    """A generated request through the whole application."""
    query = {name: value for name, value in (case.query or {}).items() if value is not None}
    headers = {name: value for name, value in (case.headers or {}).items() if value.isprintable()}
    path = case.path.format(
        **{name: quote(str(value), safe="") for name, value in (case.path_parameters or {}).items()}
    )
    if isinstance(case.body, NotSet):
        return client.get(path, query, headers=headers)
    body = case.body if isinstance(case.body, str | bytes) else json.dumps(case.body)
    return client.post(path, body, content_type=case.media_type, headers=headers)


def matches(described, answer):
    """The body is of the type and schema that are described."""
    if answer.status_code == 304:
        return
    kind = answer["Content-Type"].partition(";")[0]
    schema = described["content"][kind]["schema"]
    if kind.endswith("json"):
        whole = {**schema, "components": DESCRIPTION["components"]}
        jsonschema_rs.Draft202012Validator(whole).validate(answer.json())
