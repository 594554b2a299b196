"""Whether a sample is the person that it was before: genotypes kept from an earlier file, compared with today's."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from varde.genome.errors import InputError
from varde.genome.message import Message
from varde.quality import thresholds as limits
from varde.quality.report import Light, Metric
from varde.quality.texts import text

MOST_SITES = 20_000
"""Sites kept of a person; an exome carries about as many coding SNVs."""
_RECORD = np.dtype([("key", "<u8"), ("copies", "u1")])


@dataclass(frozen=True, eq=False)
class Fingerprint:
    """Sites of a person: ``key`` uint64 [n] (``varde.genome.keys``), ascending, each once, and ``copies`` uint8 [n] of
    the alternate allele, 1 or 2. Of one build, which the caller keeps beside it."""

    key: NDArray[np.uint64]
    copies: NDArray[np.uint8]

    @classmethod
    def of(cls, key: NDArray[np.uint64], copies: NDArray[np.uint8]) -> Self:
        """From carried alleles in any order; of more than ``MOST_SITES`` those of the lowest hash, so that two files of
        one person keep the same ones."""
        carried = copies > 0
        unique, first = np.unique(key[carried], return_index=True)
        kept = copies[carried][first]
        if len(unique) > MOST_SITES:
            lowest = np.sort(np.argsort(_hash(unique), kind="stable")[:MOST_SITES])
            unique, kept = unique[lowest], kept[lowest]
        return cls(unique.astype(np.uint64), kept.astype(np.uint8))

    def __len__(self) -> int:
        return len(self.key)

    def write(self) -> bytes:
        """Nine bytes for each site."""
        records = np.empty(len(self), dtype=_RECORD)
        records["key"], records["copies"] = self.key, self.copies
        return records.tobytes()

    @classmethod
    def read(cls, stored: bytes) -> Self:
        """What ``write`` gave. Raises InputError ``damaged_fingerprint``."""
        if len(stored) % _RECORD.itemsize == 0:
            records = np.frombuffer(stored, dtype=_RECORD)
            ascending = bool((records["key"][1:] > records["key"][:-1]).all())
            if ascending and bool(np.isin(records["copies"], (1, 2)).all()):
                return cls(records["key"].copy(), records["copies"].copy())
        raise InputError(
            "damaged_fingerprint", "The kept genotypes cannot be read.", "Analyse the earlier sample again."
        )


def concordance_metric(sample: str, mine: Fingerprint, earlier: Fingerprint, earlier_name: str) -> Metric:
    """The share of equal genotypes among sites that both samples carry, held against one person's.

    Sites that only one of them carries tell as much of the two files as of the person, and are not counted. Identical
    twins are one person here. Fewer than the least number of shared sites: NOT_EVALUATED.
    """
    _, first, second = np.intersect1d(mine.key, earlier.key, assume_unique=True, return_indices=True)
    shared, least = len(first), limits.MINIMUM_CONCORDANCE_SITES
    low, high = limits.CONCORDANCE_OTHER, limits.CONCORDANCE_SAME
    limit = text("quality.limit.concordance", limit=high.value, fail=low.value)
    if shared < least.value:
        few = text("quality.too_few.sites", n=shared, least=least.value)
        return Metric(sample, "concordance", None, "fraction", Light.NOT_EVALUATED, limit, high.source, (few,))
    equal = int(np.count_nonzero(mine.copies[first] == earlier.copies[second]))
    share = equal / shared
    note: tuple[Message, ...] = (text("quality.concordance.counts", n=equal, all=shared, earlier=earlier_name),)
    if share >= high.value:
        light = Light.GREEN
    elif share >= low.value:
        light = Light.YELLOW
    else:
        light, note = Light.RED, (*note, text("quality.concordance.differs"))
    return Metric(sample, "concordance", share, "fraction", light, limit, high.source, note)


def _hash(key: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """The finaliser of MurmurHash3: neighbours on the genome come far apart."""
    mixed = key.astype(np.uint64)
    for factor in (0xFF51AFD7ED558CCD, 0xC4CEB9FE1A85EC53):
        mixed = (mixed ^ (mixed >> np.uint64(33))) * np.uint64(factor)
    return mixed ^ (mixed >> np.uint64(33))
