"""Events of the log: canonical bytes (RFC 8785) and salted commitments for what is personal."""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import sha256
from hmac import compare_digest

import rfc8785

SALT_BYTES_MIN = 16
"""Shortest salt: 128 bits. A national identity number has 11 digits and would be found by trying all without it."""

EventValue = str | int | bool | None | list["EventValue"] | dict[str, "EventValue"]


def canonical_bytes(event: Mapping[str, EventValue]) -> bytes:
    """The event encoded once as RFC 8785 canonical JSON (UTF-8): these bytes are stored and hashed.

    Raises ``ValueError`` for what has no canonical form, such as an integer beyond 2**53.
    """
    try:
        return rfc8785.dumps(dict(event))
    except rfc8785.CanonicalizationError as problem:
        raise ValueError(f"event has no canonical form: {problem}") from problem


def commitment(field: str, salt: bytes, value: str) -> str:
    """Hex SHA-256(field || 0x00 || salt length || salt || value): binds the log to a personal value without showing it.

    The salt is random and kept beside the value; when both are erased the proof stands and the value is unreachable.
    """
    if len(salt) < SALT_BYTES_MIN:
        raise ValueError(f"a salt has at least {SALT_BYTES_MIN} bytes, this one has {len(salt)}")
    if not field or "\x00" in field:
        raise ValueError("a commitment needs the name of its field")
    framed = field.encode() + b"\x00" + len(salt).to_bytes(2, "big") + salt + value.encode()
    return sha256(framed).hexdigest()


def opens(committed: str, field: str, salt: bytes, value: str) -> bool:
    """Whether ``salt`` and ``value`` are what was committed to."""
    return compare_digest(committed, commitment(field, salt, value))
