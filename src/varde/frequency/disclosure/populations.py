"""What an attacker takes for the allele frequencies of the population.

**The attacker who knows them.** Nobody does, and the obvious estimates are unfair. From the members alone nobody could
be told from the members. From members and held-out people pooled, or from those held out alone, the held-out people
are part of the reference, and the squared shift of the members comes out 1 + N/H times too great (N members, H held
out: twice, when there are as many). A draw from the posterior of the pooled counts is fair: given what was counted, the
true frequency and the draw have the same distribution, so members and held-out people are to the draw what they would
be to the truth. The prior is the log-uniform one, Beta(0, 0).

**Other attackers** take an outside register's frequencies, or what the previous release said.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Whole = NDArray[np.int64]
Real = NDArray[np.float64]

_HALF = 0.5


def drawn_frequencies(ac: Whole, an: Whole, seed: int, stream: int = 1) -> Real:
    """A draw of the true frequency of every site, [sites], given members and held-out people counted together.

    Draw once for all sites of a register, in the order of their keys, before choosing among them: the same counts and
    seed give the same frequencies. Draws from the same seed that must not follow each other have another ``stream``.
    """
    random = np.random.default_rng((seed, stream))
    return random.beta(np.maximum(ac, _HALF), np.maximum(an - ac, _HALF))


def released_frequencies(low: Whole, high: Whole, an: Whole) -> Real:
    """What a release tells of the frequency, [sites]: the mean of a log-uniform one within the bin of every site."""
    first, last = np.maximum(low, _HALF), np.minimum(high + _HALF, an)
    last = np.maximum(last, first + _HALF)
    mean = (last - first) / np.log(last / first)
    return np.asarray(np.minimum(mean / np.maximum(an, 1), 1.0), dtype=np.float64)
