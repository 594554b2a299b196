"""How an account proves itself, by password or by the provider."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from allauth.account.auth_backends import AuthenticationBackend
from django.conf import settings
from django.http import HttpRequest

from varde_node.people.models import Account


class AccountBackend(AuthenticationBackend):
    """Accounts of the demo country, whose password everybody knows, exist for sign-in and sessions in the demo only."""

    def authenticate(self, request: HttpRequest | None, **credentials: Any) -> Account | None:
        """The account that the credentials prove."""
        return _if_known(super().authenticate(request, **credentials))

    def get_user(self, user_id: UUID) -> Account | None:
        """The account of a session."""
        return _if_known(super().get_user(user_id))


def _if_known(account: Account | None) -> Account | None:
    return None if account is not None and account.is_demo and not settings.DEMO else account
