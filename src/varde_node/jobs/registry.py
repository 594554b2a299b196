"""Which function does which kind of work."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from django.utils.functional import Promise


class Progress(Protocol):
    """What a job's function reports to."""

    def __call__(self, share: float, step: str = "") -> None:
        """Say how far the work is (0 to 1) and what is being done; stops the work when the job was cancelled."""

    def log(self, line: str) -> None:
        """Add a line to the log that the page shows. No personal data, no variant."""


JobFunction = Callable[..., Sequence[str] | None]


@dataclass(frozen=True)
class JobKind:
    """A kind of work: its function is called ``function(progress, *identifiers)`` and must be idempotent.

    It returns the identifiers of what it made (shown as the result), or nothing. What somebody is owed, such as taking
    out what they objected to, is not ``cancellable``.
    """

    kind: str
    title: str | Promise
    function: JobFunction
    attempts_max: int = 3
    result_url_name: str | None = None
    cancellable: bool = True


_KINDS: dict[str, JobKind] = {}
_REFUSALS: dict[type[Exception], Callable[[Any], None]] = {}


def register_job(kind: JobKind) -> None:
    """Make a kind of work known; called from a domain's ``apps.py``."""
    known = _KINDS.get(kind.kind)
    if known is not None and known.function is not kind.function:
        raise ValueError(f"job kind {kind.kind!r} is registered twice")
    _KINDS[kind.kind] = kind


def register_refusal(kind: type[Exception], record: Callable[[Any], None]) -> None:
    """Make an error known that says "not allowed": a job that raises it has failed, is not tried again, and ``record``
    writes the refusal down."""
    _REFUSALS[kind] = record


def record_refusal(problem: Exception) -> bool:
    """Write a refusal down; False when the error is none."""
    record = next((known for kind, known in _REFUSALS.items() if isinstance(problem, kind)), None)
    if record is not None:
        record(problem)
    return record is not None


def job_kind(kind: str) -> JobKind:
    """The registered kind; ``LookupError`` when no domain registered it."""
    try:
        return _KINDS[kind]
    except KeyError:
        raise LookupError(f"no job kind {kind!r} is registered") from None
