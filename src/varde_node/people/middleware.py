"""Puts the actor on the request: the account in the membership chosen in this session."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

import structlog
from django.http import HttpRequest, HttpResponse

from varde_node.people import queries
from varde_node.people.actors import Actor
from varde_node.people.services import actor_for

SESSION_KEY = "membership"


class ActorMiddleware:
    """Sets ``request.actor`` to an :class:`Actor`, or ``None`` when nobody is signed in or no role is chosen."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.actor = _actor(request) if request.user.is_authenticated else None
        if request.actor is not None:
            structlog.contextvars.bind_contextvars(
                account_id=str(request.actor.account_id),
                role=request.actor.role.value,
                organisation_id=str(request.actor.organisation_id or ""),
            )
        return self.get_response(request)


def _actor(request: HttpRequest) -> Actor | None:
    chosen = request.session.get(SESSION_KEY)
    if chosen is None:
        memberships = queries.memberships_of(request.user.id)
        if len(memberships) != 1:
            return None
        chosen = str(memberships[0].id)
        request.session[SESSION_KEY] = chosen
    try:
        return actor_for(request.user.id, UUID(chosen))
    except (LookupError, ValueError):
        request.session.pop(SESSION_KEY, None)
        return None
