"""People who left between two releases: nothing is kept of them, so nobody is there to be scored.

Strangers stand for them. Who carries x copies with the population's chance P(x) carries them, given what was published
and that they were in the first release, with the chance P(x) exp(weight(x)), by Bayes' rule. Every copy number of a
stranger is turned into those of somebody who left by the coupling of the two that changes fewest (by quantiles), and
scores what these score on average. How sites go together stays that of real people.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from varde.frequency.disclosure.weights import SiteWeights, chances

Real = NDArray[np.float64]


def as_departed(weights: SiteWeights, frequency: Real) -> SiteWeights:
    """What a stranger's genotypes score on average when they are turned into those of somebody of the weights' part.

    ``frequency`` as given to ``site_weights``, [sites].
    """
    single = np.stack([1 - frequency, frequency], axis=1)
    return SiteWeights(_turned(weights.diploid, chances(frequency)), _turned(weights.haploid, single))


def _turned(told: Real, stranger: Real) -> Real:
    """[sites, copies]: E[told(x') | x], x as a stranger's and x' as that of somebody who left."""
    left = stranger * np.exp(told)
    left /= left.sum(axis=1, keepdims=True)
    before, after = (np.cumsum(np.pad(chance, ((0, 0), (1, 0))), axis=1) for chance in (stranger, left))
    low = np.maximum(before[:, :-1, None], after[:, None, :-1])
    high = np.minimum(before[:, 1:, None], after[:, None, 1:])
    shared = np.maximum(high - low, 0.0)
    of_each = shared.sum(axis=2)
    mean = np.divide((shared * told[:, None, :]).sum(axis=2), of_each, out=told.copy(), where=of_each > 0)
    return np.asarray(mean, dtype=np.float64)
