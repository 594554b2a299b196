"""Registers from the model of the reference page: unlinked sites, allele frequencies log-uniform from 1e-4 to 0.5."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from varde.frequency.disclosure.scores import Meter, Person, RegionScores, score_region
from varde.frequency.disclosure.weights import site_weights
from varde.genome.builds import Build
from varde.genome.keys import encode_keys

Dense = NDArray[np.uint8]


def site_keys(number: int) -> NDArray[np.uint64]:
    """Keys of that many SNVs on chromosome 20, ten bases apart."""
    return encode_keys(np.full(number, 20), 1_000 + 10 * np.arange(number), ["A"] * number, ["C"] * number)


def drawn(random: np.random.Generator, people: int, p: NDArray[np.float64]) -> Dense:
    """Genotypes [people, sites]."""
    first, second = (random.random((people, len(p)), dtype=np.float32) < p.astype(np.float32) for _ in range(2))
    return first.astype(np.uint8) + second


def as_people(keys: NDArray[np.uint64], genotypes: Dense) -> list[Person]:
    """Dense genotypes as runs."""
    found = []
    for row in genotypes:
        sites = np.flatnonzero(row)
        found.append(Person(keys[sites], row[sites], 0))
    return found


@dataclass(frozen=True)
class Register:
    """``tested`` of ``people`` members, as many strangers, and the counts of all members."""

    p: NDArray[np.float64]
    members: Dense
    strangers: Dense
    ac: NDArray[np.int64]
    an: NDArray[np.int64]

    @classmethod
    def drawn(cls, people: int, sites: int, tested: int, seed: int) -> Register:
        random = np.random.default_rng(seed)
        p = np.exp(random.uniform(np.log(1e-4), np.log(0.5), sites))
        members, strangers = drawn(random, tested, p), drawn(random, tested, p)
        ac = members.sum(axis=0, dtype=np.int64) + random.binomial(2 * (people - tested), p)
        return cls(p, members, strangers, ac, np.full(sites, 2 * people))

    def scores(self, low: NDArray[np.int64], high: NDArray[np.int64]) -> RegionScores:
        """Of the attacker who knows the true frequencies."""
        keys = site_keys(len(self.p))
        meter = Meter.of(Build.GRCH38, keys, site_weights(low, high, self.an, self.p), self.p)
        return score_region({"true": meter}, as_people(keys, self.members), as_people(keys, self.strangers))
