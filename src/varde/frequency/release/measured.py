"""What was measured of a release: the attacks that were run on it, and how well they did."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True)
class Power:
    """Share of people recognised at a share ``fpr`` of false alarms, with its 95 % interval; None: not estimable."""

    fpr: float
    power: float | None
    low: float | None
    high: float | None


@dataclass(frozen=True)
class Attack:
    """One attacker against one kind of people (``members``, or ``relatives`` of members).

    ``attacker``: ``pooled`` knows the frequencies of the population the register is drawn from; ``outside`` those of
    another register; ``previous`` has the release before too. ``worst`` is the highest score of anybody, in nats.
    Histograms: people by score between ``edges`` [n + 1], of members and of those held out [n].
    """

    attacker: str
    people: str
    sites: int
    powers: tuple[Power, ...]
    worst: float
    roc: tuple[tuple[float, float], ...]
    edges: tuple[float, ...]
    recognised: tuple[int, ...]
    held_out: tuple[int, ...]

    def upper(self, fpr: float) -> float | None:
        """The upper 95 % bound of the power at ``fpr``; None: not estimable."""
        return next((power.high for power in self.powers if power.fpr == fpr), None)


@dataclass(frozen=True)
class Choice:
    """What a release of the first ``sets`` site sets would be: its utility and its power at 5 % with interval.

    ``share`` is the share, of all alleles observed in the sets offered, that stand in a bin above the lowest.
    """

    sets: int
    sites: int
    released: int
    share: float
    power: float | None
    low: float | None
    high: float | None


@dataclass(frozen=True)
class Refused:
    """A group that cannot be told of, with the class of the reason: too_few_people, one_region or gate."""

    group: str
    reason: str


@dataclass(frozen=True)
class Measured:
    """Everything measured. ``chosen`` is the number of site sets that the measure lets through.

    ``difference`` tells of the pair with the release before: sites whose bin changed, people who came or went, and the
    power of somebody who compares; None without one. ``complements`` tells of groups and what is left without them.
    """

    members: int
    held_out: int
    chosen: int
    attacks: tuple[Attack, ...]
    curve: tuple[Choice, ...]
    difference: Mapping[str, Any] | None = None
    complements: tuple[Mapping[str, Any], ...] = ()
    refused: tuple[Refused, ...] = ()

    def upper(self, fpr: float = 0.05) -> float | None:
        """The greatest upper bound of any attack on members; None when one of them could not be estimated."""
        bounds = [attack.upper(fpr) for attack in self.attacks if attack.people == "members"]
        known = [bound for bound in bounds if bound is not None]
        return max(known) if known and len(known) == len(bounds) else None

    def as_json(self) -> dict[str, Any]:
        return asdict(self)

    @property
    def digest(self) -> str:
        """SHA-256 of it: what an acceptance accepts."""
        return hashlib.sha256(json.dumps(self.as_json(), sort_keys=True).encode()).hexdigest()
