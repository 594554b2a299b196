"""The quality report: metrics with lights, and whether they stop the sign-off."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any


class Light(StrEnum):
    """A metric's verdict. ``NOT_EVALUATED`` is said when data lack; it is never a pass."""

    GREEN = "green"
    YELLOW = "yellow"
    RED = "red"
    NOT_EVALUATED = "not_evaluated"


@dataclass(frozen=True)
class Metric:
    """One measured value. ``sample`` is a person, two persons joined by ' / ' for a pair, or None for the family."""

    sample: str | None
    name: str
    value: float | None
    unit: str
    light: Light
    threshold_text: str
    source: str
    note: str = ""

    def __post_init__(self) -> None:
        if self.value is None and self.light is not Light.NOT_EVALUATED:
            raise ValueError(f"{self.name}: a light needs a value")


@dataclass(frozen=True)
class QualityReport:
    """All metrics of one family under one version of the thresholds."""

    metrics: tuple[Metric, ...]
    profile_version: str

    @property
    def stops_sign_off(self) -> bool:
        """True while any light is red (sex, kinship or Mendel errors)."""
        return any(metric.light is Light.RED for metric in self.metrics)

    @property
    def reasons(self) -> tuple[str, ...]:
        """One sentence for every red light."""
        return tuple(
            f"{metric.sample or 'family'}: {metric.name.replace('_', ' ')} {metric.value:.4g} {metric.unit}"
            f" (expected {metric.threshold_text}). {metric.note}".rstrip()
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
            "metrics": [asdict(metric) for metric in self.metrics],
        }

    @classmethod
    def from_dict(cls, stored: dict[str, Any]) -> QualityReport:
        """The report that ``as_dict`` wrote. Raises KeyError or ValueError for anything else."""
        return cls(
            metrics=tuple(Metric(**{**metric, "light": Light(metric["light"])}) for metric in stored["metrics"]),
            profile_version=stored["profile_version"],
        )
