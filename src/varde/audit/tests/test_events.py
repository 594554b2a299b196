"""Canonical bytes and commitments."""

from __future__ import annotations

from hashlib import sha256

import pytest

from varde.audit.events import canonical_bytes, commitment, opens

SALT = bytes(range(16))


def test_the_bytes_do_not_depend_on_the_order_of_the_fields() -> None:
    first = canonical_bytes({"b": 1, "a": "ø", "c": {"y": True, "x": None}})
    second = canonical_bytes({"c": {"x": None, "y": True}, "a": "ø", "b": 1})
    assert first == second == '{"a":"ø","b":1,"c":{"x":null,"y":true}}'.encode()


def test_a_number_beyond_two_to_the_53_is_refused() -> None:
    with pytest.raises(ValueError, match="no canonical form"):
        canonical_bytes({"a": 2**60})


def test_a_commitment_is_the_documented_hash() -> None:
    expected = sha256(b"subject\x00\x00\x10" + SALT + b"12057900499").hexdigest()
    assert commitment("subject", SALT, "12057900499") == expected
    assert opens(expected, "subject", SALT, "12057900499")
    assert not opens(expected, "subject", SALT, "12057900498")
    assert not opens(expected, "subject", SALT[::-1], "12057900499")
    assert not opens(expected, "actor", SALT, "12057900499")


def test_a_short_salt_is_refused() -> None:
    with pytest.raises(ValueError, match="at least 16 bytes, this one has 15"):
        commitment("subject", SALT[:15], "x")


def test_field_salt_and_value_cannot_be_shifted_into_each_other() -> None:
    assert commitment("a", SALT + b"x", "y") != commitment("a", SALT, "xy")
