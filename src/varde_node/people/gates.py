"""The gate of a page: signed in, a role chosen, and a role that the page's action allows at all.

It is the outer gate. The command or query behind the page still asks ``require`` with the person and the relation.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import TypeVar

from django.http import HttpRequest, HttpResponse

from varde_node.people.denials import AccessDenied, NoActor
from varde_node.people.policy import Decision, role_may, rules_for
from varde_node.people.trail import Event

View = TypeVar("View", bound=Callable[..., HttpResponse])
PUBLIC = "public"


def page(action: str) -> Callable[[View], View]:
    """Mark a view as the page of an action. ``request.actor`` is an ``Actor`` inside it.

    ``page("public")`` is open to everybody; ``request.actor`` may then be ``None``.
    """

    def decorate(view: View) -> View:
        @wraps(view)
        def gated(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
            if action == PUBLIC:
                return view(request, *args, **kwargs)
            if not request.user.is_authenticated:
                raise NoActor(signed_in=False)
            if request.actor is None:
                raise NoActor(signed_in=True)
            if not role_may(request.actor.role, action):
                sentence = "role_not_allowed" if rules_for(action) else "unknown_action"
                event = Event(action, "refused", sentence, request.resolver_match.view_name)
                raise AccessDenied(Decision(False, action, "default", sentence), request.actor, event)
            return view(request, *args, **kwargs)

        gated.action = action
        return gated

    return decorate
