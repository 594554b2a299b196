"""How much one client may ask: a bucket that fills evenly and holds one minute's worth.

Budgets keep the node answering for everybody. They do not protect anonymity: whoever wants the public release downloads
it whole. What protects people is the gate that a release must pass.

A bucket is known by an address prefix (open answers) or an account (professional answers), lives in the memory of one
server process, and holds a number only: what was asked is not kept.
"""

from __future__ import annotations

import ipaddress
import math
import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import wraps

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.translation import gettext as _

ITEMS_PER_UNIT = 100
"""Variants or rows that cost as much as one request."""
MOST_CLIENTS = 20_000
IPV4_PREFIX, IPV6_PREFIX = 24, 56
Clock = Callable[[], float]
Refusal = Callable[[int], HttpResponse]


@dataclass
class Budget:
    """Units per minute for each client; the clients that asked longest ago are forgotten first."""

    per_minute: int
    clock: Clock = time.monotonic
    _held: OrderedDict[str, tuple[float, float]] = field(default_factory=OrderedDict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def wait_for(self, client: str, units: float = 1) -> float:
        """Take units: 0 when they were there, else the seconds until one is, and nothing is taken.

        A client may overdraw once: an answer larger than the bucket is given, and paid for by waiting.
        """
        with self._lock:
            now = self.clock()
            left, since = self._held.pop(client, (float(self.per_minute), now))
            left = min(left + (now - since) * self.per_minute / 60, float(self.per_minute))
            allowed = left >= 1
            self._held[client] = (left - units if allowed else left, now)
            while len(self._held) > MOST_CLIENTS:
                self._held.popitem(last=False)
            return 0 if allowed else (1 - left) * 60 / self.per_minute

    def charge(self, client: str, items: int) -> None:
        """Take what an answer of so many items costs beside its request."""
        with self._lock:
            left, since = self._held.get(client, (float(self.per_minute), self.clock()))
            self._held[client] = (left - items / ITEMS_PER_UNIT, since)


_budgets: dict[str, Budget] = {}


def budgeted(name: str, refusal: Refusal | None = None) -> Callable[..., Callable[..., HttpResponse]]:
    """A view under the budget ``public`` or ``professional``; 429 with Retry-After when it is used up."""

    def decorate(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
        @wraps(view)
        def counted(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
            budget, client = budget_of(name), client_of(request)
            wait = math.ceil(budget.wait_for(client))
            if wait:
                response = (refusal or too_many)(wait)
                response["Retry-After"] = str(wait)
                return response
            request.charge = lambda items: budget.charge(client, items)  # type: ignore[attr-defined]
            return view(request, *args, **kwargs)

        return counted

    return decorate


def budget_of(name: str) -> Budget:
    """The budget of that name, as large as the settings say."""
    per_minute = settings.PUBLIC_BUDGET if name == "public" else settings.PROFESSIONAL_BUDGET
    held = _budgets.get(name)
    if held is None or held.per_minute != per_minute:
        held = _budgets[name] = Budget(per_minute)
    return held


def client_of(request: HttpRequest) -> str:
    """Who asks: the account, or the prefix of the address (a /24 or a /56)."""
    actor = getattr(request, "actor", None)
    if actor is not None:
        return f"account {actor.account_id}"
    return prefix_of(_address(request))


def prefix_of(address: str) -> str:
    """The network that stands for a client."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return "unknown"
    if isinstance(found, ipaddress.IPv6Address) and found.ipv4_mapped:
        found = found.ipv4_mapped
    bits = IPV4_PREFIX if found.version == 4 else IPV6_PREFIX
    return str(ipaddress.ip_network(f"{found}/{bits}", strict=False))


def too_many(wait_s: int) -> HttpResponse:
    """429 as problem details."""
    body = {
        "type": "about:blank",
        "title": _("Too many requests"),
        "status": 429,
        "detail": _("Wait %(seconds)s seconds, or download the whole release.") % {"seconds": wait_s},
    }
    return JsonResponse(body, status=429, content_type="application/problem+json")


def _address(request: HttpRequest) -> str:
    """The client's address, as told by the nearest proxy that is ours; without one the connection's."""
    told = [part.strip() for part in request.headers.get("X-Forwarded-For", "").split(",") if part.strip()]
    ours = settings.TRUSTED_PROXIES
    if ours and len(told) >= ours:
        return told[-ours]
    return str(request.META.get("REMOTE_ADDR", ""))
