"""What was measured of a release: the attacks that were run on it, and how well they did."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from math import ceil
from typing import Any

from varde.frequency.disclosure.power import FALSE_POSITIVE_RATES, Power, Risk, upper_bound, worst_power


@dataclass(frozen=True)
class Attack:
    """What one attacker achieves against ``sites`` sites, with what a picture of it needs.

    ``risk.attacker`` as in ``release.attackers``. ``roc``: false alarms and power.
    Histograms: people by score between ``edges`` [n + 1], in deviations of strangers, of members and held-out [n].
    """

    risk: Risk
    sites: int
    roc: tuple[tuple[float, float], ...]
    edges: tuple[float, ...]
    members: tuple[int, ...]
    held_out: tuple[int, ...]


@dataclass(frozen=True)
class Choice:
    """What a release of the first ``sets`` site sets would be: its utility, and its power at 5 % with interval.

    ``share`` is the share, of all alleles observed in the sets offered, that stand in a bin above the lowest. The power
    is that of the strongest attacker; None where it could not be estimated.
    """

    sets: int
    sites: int
    released: int
    share: float
    power: float | None
    low: float | None
    high: float | None


def worse(power: Power, difference: Mapping[str, Any] | None) -> Power:
    """The greater of an attack's power at 5 % and of that of somebody who compares two releases."""
    compared = compared_power(difference)
    if compared is None or compared.high is None or power.high is None or compared.high <= power.high:
        return power
    return compared


def compared_power(difference: Mapping[str, Any] | None) -> Power | None:
    """The greatest power at 5 % over people who came or went; None when nobody did."""
    found = [power for power in (came_power(difference), gone_power(difference)) if power is not None]
    return max(found, key=upper_bound, default=None)


def came_power(difference: Mapping[str, Any] | None) -> Power | None:
    """The power at 5 % over people who came, as measured, or else over all who came or went by the formula."""
    if not difference:
        return None
    measured = difference["measured"]
    if measured and (power := _at_five_percent(measured["members"])) is not None:
        return power
    formula = difference["power_by_formula"]
    return None if formula is None else Power(FALSE_POSITIVE_RATES[0], formula, formula, formula)


def gone_power(difference: Mapping[str, Any] | None) -> Power | None:
    """The power at 5 % over people who went, for whom strangers stand; None when nobody did."""
    return _at_five_percent(difference["gone"]) if difference and difference["gone"] else None


def _at_five_percent(powers: Sequence[Mapping[str, Any]]) -> Power | None:
    """None where it is not estimable."""
    found = [Power(**power) for power in powers if power["fpr"] == FALSE_POSITIVE_RATES[0]]
    return next((power for power in found if power.high is not None), None)


@dataclass(frozen=True)
class Measured:
    """Everything measured. ``chosen`` is the number of site sets that the measure lets through.

    ``difference`` tells of the pair with the release before: how many sites changed their bin, and the power of
    somebody who compares: by the formula; measured, where it is known who came; over those who went. None without one.
    """

    members: int
    held_out: int
    chosen: int
    attacks: tuple[Attack, ...]
    curve: tuple[Choice, ...]
    difference: Mapping[str, Any] | None = None

    @property
    def worst(self) -> Power:
        """The power at 5 % of the worst attack on members, on relatives where such were simulated, or on the batch."""
        return worse(worst_power([attack.risk for attack in self.attacks]), self.difference)

    def as_json(self) -> dict[str, Any]:
        """What is told of it, to everybody: rounded, for exact sums and scores would themselves tell of people."""
        return {name: _rounded(value, name) for name, value in asdict(self).items()}

    @property
    def digest(self) -> str:
        """SHA-256 of what is told of it: what an acceptance accepts."""
        return hashlib.sha256(json.dumps(self.as_json(), sort_keys=True).encode()).hexdigest()


def coarse(number: int) -> int:
    """A number of sites of which most are told nothing of: to the nearest ten, or to two digits from 1,000 on.

    One person who came with a variant of their own would be seen in an exact one.
    """
    step: int = 10 ** max(len(str(number)) - 2, 1)
    return (number + step // 2) // step * step


def rounded_up(share: float) -> float:
    """An upper bound to a tenth of a percent, never lower than it is."""
    return ceil(round(share * 1_000, 9)) / 1_000


_COARSE = frozenset({"sites", "released"})
_DIGITS = {"estimate": 3, "power": 3, "low": 3, "beyond": 3, "power_by_formula": 3, "share": 2, "z": 1, "z_held_out": 1}


def _rounded(told: Any, name: str = "") -> Any:
    if isinstance(told, dict):
        return {key: _rounded(value, key) for key, value in told.items()}
    if isinstance(told, list | tuple):
        return [_rounded(value, name) for value in told]
    if name in _COARSE:
        return coarse(told)
    if name == "high" and told is not None:
        return rounded_up(told)
    return round(told, _DIGITS[name]) if name in _DIGITS and told is not None else told
