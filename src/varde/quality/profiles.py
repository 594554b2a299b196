"""Gate profiles: what a laboratory asks of each metric of an assay, as versioned data."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from varde.genome.errors import InputError
from varde.genome.message import Message
from varde.quality.report import Light, Metric, Origin
from varde.quality.texts import text
from varde.quality.thresholds import Assay

LIMITS = ("fail_below", "warn_below", "warn_above", "fail_above")
LONGEST_TEXT = 200
_LABORATORY = "Common laboratory practice, to be set by each laboratory"
_PROPOSAL = "Varde's proposal"


@dataclass(frozen=True)
class Gate:
    """The limits of one metric. Red below ``fail_below`` and above ``fail_above``; else yellow below ``warn_below`` and
    above ``warn_above``; else green. A value equal to a limit is on its better side, so every band is half-open and
    none is left out. ``confirmed`` is False where the numbers are practice or a proposal, not a checked source.

    Raises InputError ``bad_gate``: no limit at all, a limit that is no number, limits out of order, no source.
    """

    metric: str
    unit: str
    source: str
    fail_below: float | None = None
    warn_below: float | None = None
    warn_above: float | None = None
    fail_above: float | None = None
    confirmed: bool = False

    def __post_init__(self) -> None:
        limits = [getattr(self, name) for name in LIMITS if getattr(self, name) is not None]
        if not limits or not all(math.isfinite(one) for one in limits):
            raise _bad(self.metric, "A gate needs at least one limit, and every limit is a finite number.")
        if limits != sorted(limits):
            raise _bad(self.metric, "The limits are not in order: fails below, warns below, warns above, fails above.")
        if not 0 < len(self.source.strip()) <= LONGEST_TEXT:
            raise _bad(self.metric, f"Every limit has a source, of at most {LONGEST_TEXT} characters.")

    def light(self, value: float | None) -> Light:
        """The light of a value; NOT_EVALUATED for none and for what is no number."""
        if value is None or not math.isfinite(value):
            return Light.NOT_EVALUATED
        if _below(value, self.fail_below) or _above(value, self.fail_above):
            return Light.RED
        if _below(value, self.warn_below) or _above(value, self.warn_above):
            return Light.YELLOW
        return Light.GREEN

    @property
    def threshold(self) -> Message:
        """The limits in words: what passes, then what fails where that is another limit."""
        low = self.fail_below if self.warn_below is None else self.warn_below
        high = self.fail_above if self.warn_above is None else self.warn_above
        side, passes = _passing(low, high)
        told: dict[str, float] = {}
        if self.fail_below not in (None, low):
            told["fail_low"] = self.fail_below
        if self.fail_above not in (None, high):
            told["fail_high"] = self.fail_above
        if not told:
            fails = self.fail_below is not None or self.fail_above is not None
            return text(f"quality.limit.{side}{'_else_fails' if fails else ''}", **passes)
        if side == "between":
            which = "outside" if len(told) == 2 else "below" if "fail_low" in told else "above"
            return text(f"quality.limit.between_fails_{which}", **passes, **told)
        where = "below" if side == "at_least" else "above"
        return text(f"quality.limit.{side}_fails_{where}", **passes, fail=next(iter(told.values())))


@dataclass(frozen=True)
class Profile:
    """The gates of one assay: ``version`` names this set of numbers for ever.

    Raises InputError ``bad_profile`` for an empty name or version, or a metric that has two gates.
    """

    name: str
    version: str
    assay: Assay
    gates: tuple[Gate, ...]

    def __post_init__(self) -> None:
        metrics = [gate.metric for gate in self.gates]
        twice = sorted({one for one in metrics if metrics.count(one) > 1})
        if twice:
            raise InputError("bad_profile", f"{twice[0]} has two gates.", "Keep one.", field=twice[0])
        for value in (self.name, self.version):
            if not 0 < len(value.strip()) <= LONGEST_TEXT:
                raise InputError("bad_profile", "A profile has a name and a version.", "Write both.", field="name")

    @property
    def label(self) -> str:
        """Name and version, as a report keeps them."""
        return f"{self.name} {self.version}"

    def gate(self, metric: str) -> Gate | None:
        """The gate of a metric, None when the profile has none."""
        return next((gate for gate in self.gates if gate.metric == metric), None)

    def judge(self, metric: Metric) -> Metric:
        """The metric under this profile's gate; its value, note and origin stay. Without a gate: not evaluated."""
        return self.metric(metric.sample, metric.name, metric.value, unit=metric.unit, note=metric.note,
                           origin=metric.origin)  # fmt: skip

    def metric(
        self,
        sample: str | None,
        name: str,
        value: float | None,
        *,
        unit: str = "",
        note: tuple[Message, ...] = (),
        origin: Origin | None = None,
    ) -> Metric:
        """A measured value with the light of its gate."""
        gate = self.gate(name)
        if gate is None:
            none = text("quality.limit.none")
            return Metric(sample, name, value, unit, Light.NOT_EVALUATED, none, self.label, note, origin)
        return Metric(sample, name, value, gate.unit, gate.light(value), gate.threshold, gate.source, note, origin)

    def as_dict(self) -> dict[str, Any]:
        """Plain values for a file or a table."""
        return {**asdict(self), "assay": self.assay.value, "gates": [asdict(gate) for gate in self.gates]}

    @classmethod
    def from_dict(cls, stored: Mapping[str, Any]) -> Profile:
        """The profile that ``as_dict`` wrote. Raises InputError ``bad_profile`` or ``bad_gate``."""
        try:
            gates = tuple(Gate(**one) for one in stored["gates"])
            return cls(str(stored["name"]), str(stored["version"]), Assay(stored["assay"]), gates)
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise InputError(
                "bad_profile",
                f"The gate profile cannot be read: {error}.",
                "A profile has name, version, assay and gates; a gate has metric, unit, source and limits.",
            ) from None


def _passing(low: float | None, high: float | None) -> tuple[str, dict[str, float]]:
    if low is None:
        return "at_most", {"limit": high or 0.0}
    return ("at_least", {"limit": low}) if high is None else ("between", {"low": low, "high": high})


def _below(value: float, limit: float | None) -> bool:
    return limit is not None and value < limit


def _above(value: float, limit: float | None) -> bool:
    return limit is not None and value > limit


def _bad(metric: str, problem: str) -> InputError:
    return InputError("bad_gate", problem, "Correct the gate.", field=metric)


_VERSION = "1"
_OF_ANY = (
    Gate("contamination", "fraction", _LABORATORY, warn_above=0.02, fail_above=0.05),
    Gate("duplicate_rate", "fraction", _LABORATORY, warn_above=0.25),
    Gate("mapped_rate", "fraction", _PROPOSAL, warn_below=0.95),
    Gate("call_rate", "fraction", _PROPOSAL, warn_below=0.95),
)
_HET_HOM = Gate("het_hom", "ratio", _LABORATORY, warn_below=1.3, warn_above=2.0)

STANDARD: Mapping[Assay, Profile] = {
    Assay.EXOME: Profile(
        "Varde exome",
        _VERSION,
        Assay.EXOME,
        (
            Gate("target_coverage", "x", _LABORATORY, fail_below=80),
            Gate("target_20x", "fraction", _LABORATORY, fail_below=0.95),
            *_OF_ANY,
            Gate("fold_80", "ratio", _PROPOSAL, warn_above=2.0),
            Gate("mean_depth", "x", _LABORATORY, warn_below=80),
            Gate("median_depth", "x", _LABORATORY, warn_below=80),
            Gate("ti_tv", "ratio", _LABORATORY, warn_below=2.6, warn_above=3.1),
            _HET_HOM,
        ),
    ),
    Assay.GENOME: Profile(
        "Varde genome",
        _VERSION,
        Assay.GENOME,
        (
            Gate("genome_coverage", "x", _LABORATORY, fail_below=30),
            Gate("genome_15x", "fraction", _LABORATORY, fail_below=0.95),
            *_OF_ANY,
            Gate("mean_depth", "x", _LABORATORY, warn_below=30),
            Gate("median_depth", "x", _LABORATORY, warn_below=30),
            Gate("ti_tv", "ratio", _LABORATORY, warn_below=2.0, warn_above=2.1),
            _HET_HOM,
        ),
    ),
    Assay.PANEL: Profile(
        "Varde panel",
        _VERSION,
        Assay.PANEL,
        (
            Gate("target_coverage", "x", _LABORATORY, fail_below=80),
            Gate("target_20x", "fraction", _LABORATORY, fail_below=0.95),
            *_OF_ANY,
            Gate("mean_depth", "x", _LABORATORY, warn_below=80),
            Gate("median_depth", "x", _LABORATORY, warn_below=80),
        ),
    ),
}
"""Varde's own profiles, where a laboratory has stored none. A few variants make neither Ti/Tv nor het/hom: none of them
in panels."""
