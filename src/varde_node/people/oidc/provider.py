"""The provider as the node meets it: it learns the subject, nothing else, and believes only what is signed."""

from __future__ import annotations

import hashlib
import secrets
from base64 import urlsafe_b64encode
from typing import Any

from allauth.socialaccount.models import SocialAccount, SocialApp, SocialLogin, SocialToken
from allauth.socialaccount.providers.oauth2.client import OAuth2Client, OAuth2Error
from allauth.socialaccount.providers.openid_connect.provider import OpenIDConnectProvider
from allauth.socialaccount.providers.openid_connect.views import OpenIDConnectOAuth2Adapter
from django.http import HttpRequest


def nonce_of(verifier: str) -> str:
    """The nonce of a sign-in, made from its PKCE verifier: both are bound to the browser's session, and neither the
    nonce nor the challenge, which travel in the open, tells the verifier."""
    return urlsafe_b64encode(hashlib.sha256(f"nonce:{verifier}".encode()).digest()).rstrip(b"=").decode()


class IdTokenAdapter(OpenIDConnectOAuth2Adapter):
    """Fetches the tokens and checks the id token: signature, issuer, audience, times, nonce."""

    @property
    def openid_config(self) -> dict[str, Any]:
        """The discovery document. Raises OAuth2Error when the provider does not answer."""
        try:
            return super().openid_config
        except OSError as error:
            raise OAuth2Error("the provider does not answer") from error

    def get_access_token_data(
        self, request: HttpRequest, app: SocialApp, client: OAuth2Client, pkce_code_verifier: str | None = None
    ) -> dict[str, Any]:
        """Exchange the code for tokens."""
        if not pkce_code_verifier:
            raise OAuth2Error("the sign-in has no PKCE verifier")
        self.nonce = nonce_of(pkce_code_verifier)
        data = super().get_access_token_data(request, app, client, pkce_code_verifier)
        # allauth trusts a token that came straight from the provider; the signature is checked nevertheless, since an
        # inner network may carry the connection without TLS.
        self.did_fetch_access_token = False
        return data

    def complete_login(self, request: HttpRequest, app: SocialApp, token: SocialToken, **kwargs: Any) -> SocialLogin:
        """The login that the id token proves. Raises OAuth2Error; user info is not asked for."""
        try:
            claims = self._decode_id_token(app, kwargs["response"]["id_token"])
            issuer, subject, nonce = claims["iss"], claims["sub"], claims["nonce"]
        except (KeyError, TypeError, ValueError) as error:
            raise OAuth2Error("the provider's answer is not an id token") from error
        if not secrets.compare_digest(str(nonce).encode(), self.nonce.encode()):
            raise OAuth2Error("the id token belongs to another sign-in")
        provider = self.get_provider()
        identity = SocialAccount(provider=provider.sub_id, uid=subject, extra_data={"issuer": issuer})
        return SocialLogin(account=identity, provider=provider)


class SubjectProvider(OpenIDConnectProvider):
    """Asks for the subject only, always with PKCE and a nonce."""

    package = "varde_node.people.oidc"
    oauth2_adapter_class = IdTokenAdapter
    pkce_enabled_default = True

    def get_default_scope(self) -> list[str]:
        """No name, no address."""
        return ["openid"]

    def get_pkce_params(self) -> dict[str, str]:
        """Challenge, verifier and nonce."""
        parameters = super().get_pkce_params()
        return {**parameters, "nonce": nonce_of(parameters["code_verifier"])}


provider_classes = [SubjectProvider]
