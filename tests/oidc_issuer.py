"""A small true OpenID Connect issuer on 127.0.0.1: discovery, keys, authorization code with PKCE (S256), id tokens.

It signs in whoever ``issuer.subject`` says, without asking. ``issuer.spoil`` lets a test make one thing wrong.
"""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import jwt
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key

CLIENT_ID, CLIENT_SECRET = "varde-test", "a secret of the test"
KEY_NAME = "one"
Claims = dict[str, Any]


@cache
def rsa_key(_name: str) -> RSAPrivateKey:
    """A key, made once per name and test run."""
    return generate_private_key(public_exponent=65537, key_size=2048)


@dataclass
class Issuer:
    """What the issuer does, and what it was asked."""

    url: str = ""
    subject: str = "nobody"
    key: RSAPrivateKey = field(default_factory=lambda: rsa_key(KEY_NAME))
    signing_key: RSAPrivateKey | str | None = None
    algorithm: str = "RS256"
    spoil: Callable[[Claims], Claims] = lambda claims: claims
    authorizations: list[dict[str, str]] = field(default_factory=list)
    exchanges: list[dict[str, str]] = field(default_factory=list)
    refusals: list[str] = field(default_factory=list)
    codes: dict[str, dict[str, str]] = field(default_factory=dict)

    def discovery(self) -> Claims:
        """The discovery document."""
        return {
            "issuer": self.url,
            "authorization_endpoint": f"{self.url}/authorize",
            "token_endpoint": f"{self.url}/token",
            "jwks_uri": f"{self.url}/keys",
            "response_types_supported": ["code"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["RS256"],
            "token_endpoint_auth_methods_supported": ["client_secret_post"],
            "code_challenge_methods_supported": ["S256"],
        }

    def keys(self) -> Claims:
        """The public key, as a JSON Web Key set."""
        key = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(self.key.public_key()))
        return {"keys": [{**key, "kid": KEY_NAME, "alg": "RS256", "use": "sig"}]}

    def authorize(self, asked: dict[str, str]) -> str:
        """Sign the subject in; return where the browser goes."""
        self.authorizations.append(asked)
        code = secrets.token_urlsafe(16)
        self.codes[code] = {**asked, "subject": self.subject}
        return f"{asked['redirect_uri']}?{urlencode({'code': code, 'state': asked['state']})}"

    def exchange(self, asked: dict[str, str]) -> Claims | None:
        """Tokens for a code, once; ``None`` and a line in ``refusals`` when anything does not fit."""
        self.exchanges.append(asked)
        granted = self.codes.pop(asked.get("code", ""), None)
        if granted is None:
            return self._refuse("code")
        digest = hashlib.sha256(asked.get("code_verifier", "").encode()).digest()
        challenge = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
        if granted.get("code_challenge_method") != "S256" or granted.get("code_challenge") != challenge:
            return self._refuse("verifier")
        if (asked.get("client_id"), asked.get("client_secret")) != (CLIENT_ID, CLIENT_SECRET):
            return self._refuse("client")
        if asked.get("redirect_uri") != granted["redirect_uri"]:
            return self._refuse("redirect_uri")
        return {"access_token": secrets.token_urlsafe(16), "token_type": "Bearer", "id_token": self.id_token(granted)}

    def id_token(self, granted: dict[str, str]) -> str:
        """The signed id token."""
        now = int(time.time())
        claims = {
            "iss": self.url,
            "sub": granted["subject"],
            "aud": CLIENT_ID,
            "iat": now,
            "exp": now + 300,
            "nonce": granted.get("nonce"),
            "jti": secrets.token_hex(8),
        }
        key = self.key if self.signing_key is None else self.signing_key
        return jwt.encode(self.spoil(claims), key, algorithm=self.algorithm, headers={"kid": KEY_NAME})

    def _refuse(self, reason: str) -> None:
        self.refusals.append(reason)


@contextmanager
def running_issuer() -> Iterator[Issuer]:
    """An issuer that answers until the block ends."""
    issuer = Issuer()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked = urlsplit(self.path)
            documents = {"/.well-known/openid-configuration": issuer.discovery, "/keys": issuer.keys}
            if asked.path in documents:
                self._answer(200, documents[asked.path]())
            elif asked.path == "/authorize":
                self.send_response(302)
                self.send_header("Location", issuer.authorize(_flat(asked.query)))
                self.send_header("Content-Length", "0")
                self.end_headers()
            else:
                self._answer(404, {})

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            tokens = issuer.exchange(_flat(body)) if self.path == "/token" else None
            self._answer(200, tokens) if tokens else self._answer(400, {"error": "invalid_grant"})

        def _answer(self, status: int, document: Claims) -> None:
            body = json.dumps(document).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_parts: object) -> None:
            """Keep the test's output clean."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    issuer.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield issuer
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def _flat(query: str) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(query).items()}
