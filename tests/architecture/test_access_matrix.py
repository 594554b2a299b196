"""Every endpoint against every role. The golden file ``access_matrix.tsv`` shows a change of access in review.

Renew: ``make docs`` (or ``VARDE_RENEW=1 pytest tests/architecture``).
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from varde_node.people.models import AuditEntry
from varde_node.people.policy import all_rules, role_may, rules_for
from varde_node.people.services import Role

GOLDEN = Path(__file__).with_name("access_matrix.tsv")
OF_ALLAUTH = "accounts/"
EXAMPLES = {
    "uuid": "00000000-0000-4000-8000-000000000000",
    "int": 1,
    "str": "x",
    "slug": "x",
    "path": "x",
    "_layout": "csv",
}


@dataclass(frozen=True)
class Endpoint:
    name: str
    route: str
    action: str | None
    arguments: tuple[tuple[str, object], ...]

    def address(self) -> str:
        return reverse(self.name, kwargs=dict(self.arguments))


def endpoints(resolver: URLResolver | None = None, route: str = "", space: str = "") -> Iterator[Endpoint]:
    for entry in (resolver or get_resolver()).url_patterns:
        whole = route + str(entry.pattern)
        if isinstance(entry, URLPattern):
            name = f"{space}{entry.name}"
            converters = entry.pattern.converters.items()
            kinds = {key: type(value).__name__.removesuffix("Converter").lower() for key, value in converters}
            arguments = tuple((key, EXAMPLES.get(kind.replace("string", "str"), "x")) for key, kind in kinds.items())
            yield Endpoint(name, whole, getattr(entry.callback, "action", None), arguments)
        else:
            inner = f"{space}{entry.namespace}:" if entry.namespace else space
            yield from endpoints(entry, whole, inner)


OURS = [one for one in endpoints() if one.action is not None]
GUARDED = [one for one in OURS if one.action != "public"]


def matrix() -> str:
    """One line per endpoint, then one per action no endpoint is named after: which relation each role needs."""
    lines = ["\t".join(("endpoint", "action", *Role))]
    rows = [(f"/{one.route}", one.action or "") for one in OURS]
    named = {action for _, action in rows}
    rows += [("(command)", action) for action in all_rules() if action not in named]
    for address, action in sorted(rows):
        cells = ["open" if action == "public" else cell(role, action) for role in Role]
        lines.append("\t".join((address, action, *cells)))
    return "\n".join(lines) + "\n"


def cell(role: Role, action: str) -> str:
    mine = [rule for rule in rules_for(action) if role in rule.roles]
    if not mine:
        return "-"
    return "|".join(sorted({relation for rule in mine for relation in rule.relations or ("role",)}))


def test_every_endpoint_names_its_action() -> None:
    nameless = [one.route for one in endpoints() if one.action is None and not one.route.startswith(OF_ALLAUTH)]
    assert nameless == []


def test_every_action_of_an_endpoint_has_a_rule() -> None:
    assert [one.route for one in GUARDED if not rules_for(one.action or "")] == []


def test_the_matrix_is_the_one_that_was_reviewed() -> None:
    if os.environ.get("VARDE_RENEW"):
        GOLDEN.write_text(matrix(), encoding="utf-8")
    assert GOLDEN.read_text(encoding="utf-8") == matrix()


def fetch(client: Client, endpoint: Endpoint) -> int:
    response = client.get(endpoint.address())
    return (client.post(endpoint.address()) if response.status_code == 405 else response).status_code


@pytest.mark.django_db
@pytest.mark.parametrize("role", list(Role))
def test_a_role_without_a_rule_meets_a_logged_403_at_every_address(client_as, role: Role) -> None:
    client = client_as(role)
    refused = [one for one in GUARDED if not role_may(role, one.action or "")]
    before = AuditEntry.objects.filter(outcome="refused").count()
    assert {one.route: fetch(client, one) for one in refused} == {one.route: 403 for one in refused}
    assert AuditEntry.objects.filter(outcome="refused").count() == before + len(refused)


@pytest.mark.django_db
def test_a_visitor_is_sent_to_sign_in_from_every_guarded_page_and_a_program_told_that_it_must() -> None:
    client = Client()
    for one in GUARDED:
        response = client.get(one.address())
        if response.status_code == 405:
            response = client.post(one.address())
        if one.route.startswith(("api/", "beacon/professional/", "fhir/", "health/")):
            assert (one.route, response.status_code) == (one.route, 401)
            continue
        assert (one.route, response.status_code) == (one.route, 302)
        assert response["Location"].startswith("/sign-in/?next=")
