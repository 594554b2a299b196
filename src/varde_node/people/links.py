"""Which account a subject of the sign-in provider belongs to."""

from __future__ import annotations

from django.conf import settings

from varde_node.people.models import Account, ProviderLink

WELL_KNOWN = "/.well-known/"
SUBJECT_CHARACTERS = 255
"""OpenID Connect Core 1.0, section 2: at most 255 ASCII characters."""


def issuer_name(address: str) -> str:
    """An issuer as it is stored: without the discovery document's path and without a closing slash."""
    return address.partition(WELL_KNOWN)[0].rstrip("/")


def linked_account(issuer: str, subject: str) -> Account | None:
    """The account that may sign in as this subject now."""
    link = (
        ProviderLink.objects.select_related("account")
        .filter(issuer=issuer_name(issuer), subject=subject, account__is_active=True)
        .first()
    )
    if link is None or (link.account.is_demo and not settings.DEMO):
        return None
    return link.account
