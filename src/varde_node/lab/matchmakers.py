"""The services of the Matchmaker Exchange that the node knows: who they are, their tokens, and the way to them."""

from __future__ import annotations

import hashlib
import http.client
import json
import secrets
import ssl
from collections.abc import Iterable
from pathlib import Path
from urllib.parse import urlsplit

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from varde.genome.errors import InputError
from varde.interpretation.matchmaking import MEDIA_TYPE, MatchError
from varde_node.lab.case_access import in_data_folder
from varde_node.lab.models import MatchmakingService
from varde_node.people import services as people
from varde_node.people.services import Actor, Role, require

TIMEOUT_S = 30
LARGEST_ANSWER_BYTES = 5_000_000


@transaction.atomic
def add_service(
    actor: Actor, name: str, *, address: str, countries: Iterable[str], token_to_send: str = "", may_ask: bool = True
) -> str:
    """Make a service known; return the token that it must show us, told this once, or '' when it may not ask.

    ``address`` is its base, to which /match is added; empty: it is never asked. Raises InputError ``address``,
    ``countries`` and ``service_known``.
    """
    require(actor, "lab.matchmaking.add_service", details={"service": name})
    _check_service(name, address, tuple(countries))
    token = secrets.token_urlsafe(30) if may_ask else ""
    place = people.add_organisation(name, name[:60], "matchmaker")
    account = people.add_account(f"matchmaker-{secrets.token_hex(4)}", name)
    people.add_membership(account, Role.MATCHMAKING_SERVICE, place)
    row = MatchmakingService.objects.create(
        name=name,
        address=address.rstrip("/"),
        countries=sorted({country.upper() for country in countries}),
        account_id=account,
        token_sha256=token_digest(token) if token else "",
    )
    if token_to_send:
        _token_file(row).parent.mkdir(parents=True, exist_ok=True)
        _token_file(row).touch(mode=0o600)
        _token_file(row).write_text(token_to_send, encoding="utf-8")
    return token


def service_actor(token: str) -> Actor | None:
    """The actor of the service that shows this token; None for a token of nobody."""
    row = MatchmakingService.objects.filter(active=True, token_sha256=token_digest(token)).first() if token else None
    return None if row is None else people.actor_named(row.account.username, Role.MATCHMAKING_SERVICE)


def token_digest(token: str) -> str:
    """What is kept of a token."""
    return hashlib.sha256(token.encode("utf-8")).hexdigest()


def askable_services() -> tuple[MatchmakingService, ...]:
    """Services that have an address and for which a token lies ready."""
    rows = MatchmakingService.objects.filter(active=True).exclude(address="").order_by("name")
    return tuple(row for row in rows if _token_file(row).is_file())


def _token_file(service: MatchmakingService) -> Path:
    return in_data_folder(f"matchmakers/{service.id}.token")


def post(service: MatchmakingService, body: dict[str, object]) -> bytes:
    """Send a question to a service and return what it said. Raises OSError, HTTPException or MatchError."""
    parts = urlsplit(f"{service.address}/match")
    secure = parts.scheme == "https"
    kind = http.client.HTTPSConnection if secure else http.client.HTTPConnection
    options = {"context": ssl.create_default_context()} if secure else {}
    connection = kind(parts.hostname or "", parts.port, timeout=TIMEOUT_S, **options)
    token = _token_file(service).read_text(encoding="utf-8").strip()
    headers = {"Content-Type": MEDIA_TYPE, "Accept": MEDIA_TYPE, "X-Auth-Token": token}
    try:
        connection.request("POST", parts.path, json.dumps(body).encode(), headers)
        answer = connection.getresponse()
        said = answer.read(LARGEST_ANSWER_BYTES + 1)
    finally:
        connection.close()
    if answer.status != http.client.OK:
        raise MatchError(answer.status, f"the service answered {answer.status}")
    if len(said) > LARGEST_ANSWER_BYTES:
        raise MatchError(422, "the answer is too large")
    return said


def _check_service(name: str, address: str, countries: tuple[str, ...]) -> None:
    parts = urlsplit(address)
    here = parts.hostname in ("127.0.0.1", "localhost", "::1")
    if address and (not parts.hostname or parts.query or (parts.scheme != "https" and not (here and settings.DEMO))):
        raise InputError(
            "address",
            _("The address must begin with https:// and name a host."),
            _("Ask the service for its base address."),
            field="address",
        )
    if not countries or any(not (len(one) == 2 and one.isascii() and one.isalpha()) for one in countries):
        raise InputError(
            "countries",
            _("Say in which countries the service works on the data, two letters each."),
            _("For example SE."),
            field="countries",
        )
    if MatchmakingService.objects.filter(name=name).exists():
        raise InputError("service_known", _("This service is known already."), _("Choose another name."), field="name")
