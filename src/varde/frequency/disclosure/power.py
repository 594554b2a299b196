"""Power: the share of members recognised at a rate of false alarms among strangers, measured and by formula.

Measured power comes from the scores of members and of held-out people alone; nothing is assumed of their distribution
(Braun 2009: the normal model understates false alarms). The formulas hold for unlinked sites and are for planning.

Source: reference page "Anonymity of a public frequency register", sections 3 and 6.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from math import sqrt
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

from varde.frequency.disclosure.scores import HELD_OUT, KINDS, MEMBER, RegionScores

Whole = NDArray[np.int64]
Real = NDArray[np.float64]

FALSE_POSITIVE_RATES = (0.05, 0.01, 0.001)
LEAST_EXCEEDANCES = 10
"""A threshold must rest on as many held-out people: 200 for 5 %, 1,000 for 1 %, 10,000 for 0.1 %."""
REPLICATES = 4_000
_JEFFREYS = 0.5
ALLOWED_FACTOR = 2.0
"""Power allowed is this many times the rate of false positives: 0.10 at 5 %."""
NEVER_ABOVE = 0.5
_NORMAL = NormalDist()


def predicted_power(people: float, sites: float, fpr: float, kappa: float = 1.0) -> float:
    """Power against ``sites`` unlinked sites of ``people``, of whose information a share ``kappa`` is released.

    >>> round(predicted_power(50_000, 1_000_000, 0.05), 3)
    0.998
    """
    return _NORMAL.cdf(sqrt(kappa * sites / people) - _NORMAL.inv_cdf(1 - fpr))


def sites_limit(people: int, fpr: float = 0.05, kappa: float = 1.0) -> int:
    """The most unlinked sites that ``people`` can have released with power <= 2 x ``fpr``.

    >>> sites_limit(10_000)
    1319
    """
    shift = _NORMAL.inv_cdf(1 - fpr) - _NORMAL.inv_cdf(1 - ALLOWED_FACTOR * fpr)
    return int(people * shift**2 / kappa)


@dataclass(frozen=True)
class Power:
    """Share of people with scores above the threshold that a share ``fpr`` of the held-out people exceeds.

    ``low`` to ``high`` is the 90 % interval of a Bayesian bootstrap over members and held-out people, so ``high``
    is the upper 95 % bound. All three are None when too few people were held out to tell: "not estimable".
    """

    fpr: float
    estimate: float | None
    low: float | None
    high: float | None


class Gate(StrEnum):
    """What may be said of a release: anonymous; not, but acceptable to somebody who signs for it; never."""

    ANONYMOUS = "anonymous"
    NEEDS_ACCEPTANCE = "needs_acceptance"
    REFUSED = "refused"


def decide(powers: Sequence[Power]) -> Gate:
    """The gate over every attacker's power at 5 %: by upper bounds. What could not be estimated is not anonymous."""
    bounds = [1.0 if power.high is None else power.high for power in powers if power.fpr == FALSE_POSITIVE_RATES[0]]
    worst = max(bounds, default=1.0)
    if worst <= ALLOWED_FACTOR * FALSE_POSITIVE_RATES[0]:
        return Gate.ANONYMOUS
    return Gate.NEEDS_ACCEPTANCE if worst <= NEVER_ABOVE else Gate.REFUSED


def measured_power(people: Whole, held_out: Whole, fpr: float, seed: int = 0) -> Power:
    """From histograms of the scores of ``people`` and of held-out people, [cells].

    Within a cell the threshold is a toss, which is what makes the rate exactly ``fpr``.
    """
    strangers, found = int(held_out.sum()), int(people.sum())
    if round(strangers * fpr, 9) < LEAST_EXCEEDANCES or not found:
        return Power(fpr, None, None, None)
    (estimate,) = _recognised(people, held_out, np.array([fpr]))
    # Bayesian bootstrap (Rubin 1981): where the threshold lies among all strangers, then how many people lie above it.
    random = np.random.default_rng((seed, 3))
    rates = random.beta(fpr * strangers, (1 - fpr) * strangers, REPLICATES)
    above = found * _recognised(people, held_out, rates)
    low, high = np.quantile(random.beta(above + _JEFFREYS, found - above + _JEFFREYS), (0.05, 0.95))
    return Power(fpr, float(estimate), float(low), float(high))


def _recognised(people: Whole, held_out: Whole, rates: Real) -> Real:
    """The share of people above the thresholds that shares ``rates`` of the strangers exceed, [rates]."""
    used = np.flatnonzero(people + held_out)[::-1]
    alarms, recognised = (np.concatenate(([0], np.cumsum(values[used]))) for values in (held_out, people))
    allowed = rates * alarms[-1]
    edge = np.minimum(np.searchsorted(alarms, allowed, side="right"), len(used)) - 1
    part = (allowed - alarms[edge]) / np.maximum(alarms[edge + 1] - alarms[edge], 1)
    share = (recognised[edge] + part * (recognised[edge + 1] - recognised[edge])) / recognised[-1]
    return np.asarray(share, dtype=np.float64)


@dataclass(frozen=True)
class Worst:
    """The worst-placed member, without saying who.

    ``z`` is the greatest score of a member and ``z_held_out`` that of a held-out person, in deviations of strangers;
    ``beyond`` is the share of members whose score lies clearly above every held-out person's: known without doubt.
    """

    z: float
    z_held_out: float
    beyond: float


@dataclass(frozen=True)
class Risk:
    """What one attacker achieves: power over members and over their relatives, by ``FALSE_POSITIVE_RATES``."""

    attacker: str
    people: int
    held_out: int
    relatives_scored: int
    members: tuple[Power, ...]
    relatives: tuple[Power, ...]
    worst: Worst | None


def risk(scores: RegionScores, attacker: str, stage: int = 0, seed: int = 0) -> Risk:
    """Everything that the scores of all regions together tell of one attacker, at one stage."""
    members, held_out, relatives = (scores.counts(attacker, stage, kind) for kind in KINDS)
    of_members, of_relatives = (
        tuple(measured_power(people, held_out, fpr, seed) for fpr in FALSE_POSITIVE_RATES)
        for people in (members, relatives)
    )
    worst = _worst(scores, attacker, stage, members, held_out)
    return Risk(
        attacker, int(members.sum()), int(held_out.sum()), int(relatives.sum()), of_members, of_relatives, worst
    )


def _worst(scores: RegionScores, attacker: str, stage: int, members: Whole, held_out: Whole) -> Worst | None:
    rows = scores.greatest.filter(attacker=attacker, stage=stage)
    greatest = dict(zip(rows["kind"], rows["z"], strict=True))
    if MEMBER not in greatest or HELD_OUT not in greatest:
        return None
    last = int(np.flatnonzero(held_out)[-1])
    beyond = members[last + 1 :].sum() / members.sum()
    return Worst(greatest[MEMBER], greatest[HELD_OUT], float(beyond))


def worst_power(risks: Sequence[Risk], fpr: float = FALSE_POSITIVE_RATES[0]) -> Power:
    """The greatest upper bound over attackers, members and relatives; one that was not estimable is greater than any.

    Relatives count where any were simulated. Raises ValueError without an attacker.
    """
    powers = [power for one in risks for power in (*one.members, *(one.relatives if one.relatives_scored else ()))]
    return max((power for power in powers if power.fpr == fpr), key=upper_bound)


def upper_bound(power: Power) -> float:
    """The upper bound, to compare by: what was not estimable is greater than any."""
    return 2.0 if power.high is None else power.high
