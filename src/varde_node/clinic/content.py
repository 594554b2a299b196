"""A signed case as plain values for the database, and read back."""

from __future__ import annotations

import json
from dataclasses import asdict, fields
from datetime import datetime
from typing import Any
from uuid import UUID

from django.core.serializers.json import DjangoJSONEncoder

from varde_node.lab.contracts import SignedCase, SignedVariant

_IDS = ("case_id", "order_id", "laboratory_id")
_TIMES = ("signed_at", "approved_at", "opened_at")
_LISTS = ("quality", "not_looked_at", "evaluated", "confirmations")


class _Encoder(DjangoJSONEncoder):
    def default(self, value: Any) -> Any:
        # Django's encoder cuts microseconds; the times of signatures are kept whole.
        return value.isoformat() if isinstance(value, datetime) else super().default(value)


def to_plain(case: SignedCase) -> dict[str, Any]:
    """The case in values that JSON holds: identifiers and times as text, tuples as lists."""
    plain: dict[str, Any] = json.loads(json.dumps(asdict(case), cls=_Encoder))
    return plain


def from_plain(plain: dict[str, Any]) -> SignedCase:
    """The case that ``to_plain`` was given. Values that a later version added are left out."""
    values = {field.name: plain[field.name] for field in fields(SignedCase)}
    values |= {name: UUID(values[name]) for name in _IDS}
    values |= {name: datetime.fromisoformat(values[name]) for name in _TIMES if values[name] is not None}
    values |= {name: tuple(values[name]) for name in _LISTS}
    values["variants"] = tuple(_variant(one) for one in values["variants"])
    return SignedCase(**values)


def _variant(plain: dict[str, Any]) -> SignedVariant:
    values = {field.name: plain[field.name] for field in fields(SignedVariant)}
    values["depths"] = {role: tuple(reads) for role, reads in values["depths"].items()}
    values["criteria"] = tuple(values["criteria"])
    return SignedVariant(**values)
