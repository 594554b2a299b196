"""The quality report: metrics with lights, and whether they stop the sign-off."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any

from varde.genome.message import Message


class Light(StrEnum):
    """A metric's verdict. ``NOT_EVALUATED`` is said when data or a limit lack; it is never a pass."""

    GREEN = "green"
    YELLOW = "yellow"
    RED = "red"
    NOT_EVALUATED = "not_evaluated"


@dataclass(frozen=True)
class Origin:
    """Where a value was read: a file with its checksum, and the tool that wrote it with its version where told."""

    file: str
    sha256: str
    producer: str
    version: str | None = None


@dataclass(frozen=True)
class Metric:
    """One measured value held against its limit.

    ``sample`` is a person, two persons joined by ' / ' for a pair, or None for the family. ``source`` is the limit's;
    ``origin`` is the value's, None when Varde counted it in the family's own variant files.
    """

    sample: str | None
    name: str
    value: float | None
    unit: str
    light: Light
    threshold: Message
    source: str
    note: tuple[Message, ...] = ()
    origin: Origin | None = None

    def __post_init__(self) -> None:
        if self.value is None and self.light is not Light.NOT_EVALUATED:
            raise ValueError(f"{self.name}: a light needs a value")

    @property
    def words(self) -> str:
        """The note in English."""
        return " ".join(str(one) for one in self.note)


@dataclass(frozen=True)
class QualityReport:
    """All metrics of one family, under one version of the fixed rules and one of the gate profile."""

    metrics: tuple[Metric, ...]
    profile_version: str

    @property
    def stops_sign_off(self) -> bool:
        """True while any light is red."""
        return any(metric.light is Light.RED for metric in self.metrics)

    @property
    def reasons(self) -> tuple[str, ...]:
        """One sentence for every red light."""
        return tuple(
            f"{metric.sample or 'family'}: {metric.name.replace('_', ' ')} {metric.value:.4g} {metric.unit}"
            f" (expected {metric.threshold}). {metric.words}".rstrip()
            for metric in self.metrics
            if metric.light is Light.RED
        )

    def find(self, name: str, sample: str | None = None) -> Metric:
        """The metric of that name (and sample). Raises KeyError when there is none."""
        for metric in self.metrics:
            if metric.name == name and metric.sample == sample:
                return metric
        raise KeyError((name, sample))

    def as_dict(self) -> dict[str, Any]:
        """Plain values for a file."""
        return {
            "profile_version": self.profile_version,
            "stops_sign_off": self.stops_sign_off,
            "reasons": list(self.reasons),
            "metrics": [_written(metric) for metric in self.metrics],
        }

    @classmethod
    def from_dict(cls, stored: Mapping[str, Any]) -> QualityReport:
        """The report that ``as_dict`` wrote. Raises KeyError, TypeError or ValueError for anything else."""
        return cls(
            metrics=tuple(_read(metric) for metric in stored["metrics"]), profile_version=stored["profile_version"]
        )


def _written(metric: Metric) -> dict[str, Any]:
    return {
        **asdict(metric),
        "threshold": _message(metric.threshold),
        "note": [_message(one) for one in metric.note],
    }


def _message(one: Message) -> dict[str, Any]:
    return {"key": one.key, "template": one.template, "parameters": dict(one.parameters)}


def _read(stored: Mapping[str, Any]) -> Metric:
    origin = stored["origin"]
    return Metric(
        **{
            **stored,
            "light": Light(stored["light"]),
            "threshold": _message_of(stored["threshold"]),
            "note": tuple(_message_of(one) for one in stored["note"]),
            "origin": None if origin is None else Origin(**origin),
        }
    )


def _message_of(stored: Mapping[str, Any]) -> Message:
    return Message(stored["key"], stored["template"], tuple(sorted(stored["parameters"].items())))
