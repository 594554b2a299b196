"""Scoring people against a release, where the people are: a region scores its own and returns histograms.

The nation sends a ``Meter``: the keys of the sites and what each genotype there tells. A person's score is that
of one who carries nothing, corrected at the sites where the person carries something or was not called, so a person
costs as much as they carry. Nothing that a region returns names anybody: how many people have about which score, and
the greatest.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from varde.frequency.callable_intervals import Intervals, places
from varde.frequency.disclosure.weights import SiteWeights, of_strangers
from varde.frequency.ploidy import PLOIDY, SEXES, regions
from varde.genome.builds import Build
from varde.genome.compiled import compiled
from varde.genome.keys import key_contigs, key_positions

Real = NDArray[np.float64]

CELLS = 4096
"""Cells of a histogram. They are equal in asinh(z), z = (score - mean) / deviation of strangers with unlinked sites:
0.005 deviations in the middle and 0.5 % of the distance further out, since linkage spreads real scores wider."""
REACH = float(np.arcsinh(1e4))

MEMBER, HELD_OUT, RELATIVE = "member", "held_out", "relative"
KINDS = (MEMBER, HELD_OUT, RELATIVE)
_INDEX = {"attacker": pl.String(), "stage": pl.UInt16(), "kind": pl.Enum(KINDS)}
HISTOGRAM = pl.Schema({**_INDEX, "cell": pl.UInt16(), "people": pl.Int64()})
GREATEST = pl.Schema({**_INDEX, "z": pl.Float64()})

_COPIES = np.array([0, 1, 2, 0])
"""Copies counted by dosage; dosage 3, heteroplasmic, is no allele counted."""


@dataclass(frozen=True)
class Person:
    """A person to score: sorted ``keys`` and ``dosage`` of their run, [alleles], and where they were callable.

    ``intervals`` None: everywhere.
    """

    keys: NDArray[np.uint64]
    dosage: NDArray[np.uint8]
    sex_column: int
    intervals: Intervals | None = None


@dataclass(frozen=True)
class Meter:
    """What one attacker knows. ``keys`` [sites], sorted; ``stages`` [sites]; ``table`` [sexes, sites, dosage 0-3].

    Stage s of a person's score is over the sites of stages 0 to s: one passage over the people measures every prefix of
    a list of site sets. ``mean`` and ``deviation`` [stages] are those of strangers, were the sites unlinked.
    """

    build: Build
    keys: NDArray[np.uint64]
    stages: NDArray[np.uint16]
    table: Real
    mean: Real
    deviation: Real

    @classmethod
    def of(
        cls,
        build: Build,
        keys: NDArray[np.uint64],
        weights: SiteWeights,
        frequency: Real,
        stages: NDArray[np.uint16] | None = None,
        beside: Real | float = 0.0,
    ) -> Meter:
        """From the weights of sites sorted by key; ``frequency`` as to ``site_weights``, ``beside`` as to ``thinned``.

        Raises ValueError unless the keys are sorted and distinct.
        """
        if np.any(keys[1:] <= keys[:-1]):
            raise ValueError("sites must be sorted by key, each once")
        if stages is None:
            stages = np.zeros(len(keys), dtype=np.uint16)
        ploidy, by_ploidy = site_ploidy(build, keys), weights.by_ploidy()
        table = np.stack([by_ploidy[np.arange(len(keys)), ploidy[:, s]][:, _COPIES] for s in range(len(SEXES))])
        mean, variance = of_strangers(weights, frequency)
        mean, variance = _by_stage(mean, stages), _by_stage(variance + beside, stages)
        return cls(build, keys, stages, np.ascontiguousarray(table), mean, np.sqrt(variance))

    @property
    def number_of_stages(self) -> int:
        return len(self.mean)


def cells_of(z: Real) -> NDArray[np.int64]:
    """The histogram cell of standardised scores."""
    place = (np.arcsinh(z) / REACH + 1) / 2 * CELLS
    return np.clip(np.floor(place), 0, CELLS - 1).astype(np.int64)


def _by_stage(values: Real, stages: NDArray[np.uint16]) -> Real:
    number = int(stages.max()) + 1 if len(stages) else 1
    return np.cumsum(np.bincount(stages, values, number)).astype(np.float64)


@compiled
def carried_sites(
    keys: NDArray[np.uint64], own: NDArray[np.uint64], site: NDArray[np.int64], allele: NDArray[np.int64]
) -> int:
    """Fill which sites (of ``keys``) and which alleles (of ``own``) are the same, both sorted; how many.

    Steps that double from the last place found: the cost follows the shorter list, but for a logarithm.
    """
    few, many = (keys, own) if len(keys) <= len(own) else (own, keys)
    found = at = 0
    for i in range(len(few)):
        step, low = 1, at
        while at + step < len(many) and many[at + step] < few[i]:
            low = at + step
            step *= 2
        high = min(at + step + 1, len(many))
        while low < high:
            middle = (low + high) // 2
            if many[middle] < few[i]:
                low = middle + 1
            else:
                high = middle
        at = low
        if at == len(many):
            break
        if many[at] == few[i]:
            site[found], allele[found] = (i, at) if len(keys) <= len(own) else (at, i)
            found += 1
    return found


@compiled
def _score(
    table: Real,
    stages: NDArray[np.uint16],
    base: Real,
    covered: NDArray[np.bool_],
    site: NDArray[np.int64],
    dosage: NDArray[np.uint8],
) -> Real:
    """Scores by stage: ``table`` [sites, dosage] of one sex; ``covered`` is empty where everything is."""
    out = base.copy()
    for i in range(len(covered)):
        if not covered[i]:
            out[stages[i]] -= table[i, 0]
    for j in range(len(site)):
        i = site[j]
        out[stages[i]] += table[i, dosage[j]]
        if len(covered) == 0 or covered[i]:
            out[stages[i]] -= table[i, 0]
    return np.cumsum(out)


@dataclass(frozen=True)
class Carried:
    """A person as the meter sees them: the sites with an observation, and which sites they were callable at."""

    site: NDArray[np.int64]
    dosage: NDArray[np.uint8]
    covered: NDArray[np.bool_]
    sex_column: int


class Scorer:
    """One attacker's meter, ready to score."""

    def __init__(self, meter: Meter) -> None:
        self.meter = meter
        stages = meter.number_of_stages
        self._base = [np.bincount(meter.stages, sex[:, 0], stages).astype(np.float64) for sex in meter.table]
        deviation = meter.deviation
        self._scale = np.divide(1.0, deviation, out=np.zeros(stages), where=deviation > 0)

    def z(self, person: Carried) -> Real:
        """Standardised scores, [stages]: in deviations of strangers with unlinked sites; 0 where nothing differs."""
        meter, sex = self.meter, person.sex_column
        own = _score(meter.table[sex], meter.stages, self._base[sex], person.covered, person.site, person.dosage)
        return (own - meter.mean) * self._scale


def carried(keys: NDArray[np.uint64], person: Person, place: NDArray[np.int64] | None = None) -> Carried:
    """A person at sites ``keys``; ``place`` are the places of the keys, when at hand."""
    room = min(len(keys), len(person.keys))
    site, allele = np.empty(room, dtype=np.int64), np.empty(room, dtype=np.int64)
    found = carried_sites(keys, person.keys, site, allele)
    covered = np.empty(0, dtype=np.bool_)
    if person.intervals is not None:
        covered = person.intervals.covers(site_places(keys) if place is None else place)
    return Carried(site[:found], person.dosage[allele[:found]], covered, person.sex_column)


def site_places(keys: NDArray[np.uint64]) -> NDArray[np.int64]:
    """Places of keys, for callable intervals."""
    return places(key_contigs(keys), key_positions(keys))


def site_ploidy(build: Build, keys: NDArray[np.uint64]) -> NDArray[np.int8]:
    """Chromosomes by sex column, [sites, sexes]."""
    return PLOIDY[regions(build, key_contigs(keys), key_positions(keys))]


@dataclass(frozen=True)
class RegionScores:
    """What a region returns: ``histogram`` and ``greatest`` (z by attacker, stage and kind), each sorted.

    Nobody is named in it. The sum of two is that of one region with the people of both.
    """

    histogram: pl.DataFrame
    greatest: pl.DataFrame

    @classmethod
    def merged(cls, parts: Sequence[RegionScores]) -> RegionScores:
        """All regions as one, whatever the order."""
        counts = pl.concat([HISTOGRAM.to_frame(), *(part.histogram for part in parts)])
        greatest = pl.concat([GREATEST.to_frame(), *(part.greatest for part in parts)])
        index, of_greatest = HISTOGRAM.names()[:-1], GREATEST.names()[:-1]
        return cls(
            counts.group_by(index).agg(pl.col("people").sum()).sort(index),
            greatest.group_by(of_greatest).agg(pl.col("z").max()).sort(of_greatest),
        )

    def counts(self, attacker: str, stage: int, kind: str) -> NDArray[np.int64]:
        """People by cell, [``CELLS``]."""
        rows = self.histogram.filter(attacker=attacker, stage=stage, kind=kind)
        found = np.zeros(CELLS, dtype=np.int64)
        found[rows["cell"].to_numpy()] = rows["people"].to_numpy()
        return found


def score_region(
    meters: Mapping[str, Meter],
    members: Iterable[Person],
    held_out: Iterable[Person],
    *,
    relatives: int = 0,
    seed: int = 0,
) -> RegionScores:
    """Score people with every attacker's meter (of the same sites) in one passage; memory does not grow with people.

    ``relatives`` children are simulated, of the first members with the first held-out people; give people in the
    order of their run identifiers, and the same people give the same bytes. Raises ValueError for meters of different
    sites.
    """
    names = sorted(meters)
    keys = meters[names[0]].keys
    if any(not np.array_equal(meters[name].keys, keys) for name in names):
        raise ValueError("the meters of one passage must have the same sites")
    tally = _Tally({name: Scorer(meters[name]) for name in names})
    place, ploidy = site_places(keys), site_ploidy(meters[names[0]].build, keys)
    parents: dict[str, list[Carried]] = {MEMBER: [], HELD_OUT: []}
    for kind, people in ((MEMBER, members), (HELD_OUT, held_out)):
        for person in people:
            seen = carried(keys, person, place)
            tally.add(kind, seen)
            if len(parents[kind]) < relatives:
                parents[kind].append(seen)
    random = np.random.default_rng((seed, 2))
    for parent, mate in zip(parents[MEMBER], parents[HELD_OUT], strict=False):
        tally.add(RELATIVE, child(parent, mate, ploidy, random))
    return tally.scores()


class _Tally:
    def __init__(self, scorers: Mapping[str, Scorer]) -> None:
        self._scorers = scorers
        self._counts = {
            (name, kind): np.zeros((scorer.meter.number_of_stages, CELLS), dtype=np.int64)
            for name, scorer in scorers.items()
            for kind in KINDS
        }
        self._greatest = {place: np.full(len(counts), -np.inf) for place, counts in self._counts.items()}

    def add(self, kind: str, person: Carried) -> None:
        for name, scorer in self._scorers.items():
            z = scorer.z(person)
            self._counts[name, kind][np.arange(len(z)), cells_of(z)] += 1
            np.maximum(self._greatest[name, kind], z, out=self._greatest[name, kind])

    def scores(self) -> RegionScores:
        histograms, greatest = [HISTOGRAM.to_frame()], [GREATEST.to_frame()]
        for (name, kind), counts in self._counts.items():
            stage, cell = np.nonzero(counts)
            labels = {"attacker": pl.lit(name), "kind": pl.lit(kind)}
            rows = pl.DataFrame({"stage": stage, "cell": cell, "people": counts[stage, cell]}).with_columns(**labels)
            histograms.append(_as(rows, HISTOGRAM))
            best = self._greatest[name, kind]
            frame = pl.DataFrame({"stage": np.arange(len(best)), "z": best}).with_columns(**labels)
            greatest.append(_as(frame.filter(pl.col("z").is_finite()), GREATEST))
        return RegionScores.merged([RegionScores(pl.concat(histograms), pl.concat(greatest))])


def _as(frame: pl.DataFrame, schema: pl.Schema) -> pl.DataFrame:
    return frame.select(pl.col(name).cast(kind) for name, kind in schema.items())


def child(mother: Carried, father: Carried, ploidy: NDArray[np.int8], random: np.random.Generator) -> Carried:
    """A daughter by gene drop, sites independent (so with less spread than linked ones); callable where the mother is.

    ``ploidy`` [sites, sexes]. A single chromosome is handed on whole; mitochondria (the only single ones of a woman)
    come from the mother alone.
    """
    from_mother = _handed_on(mother, ploidy, random)
    from_father = np.where(ploidy[father.site, 0] == 1, 0, _handed_on(father, ploidy, random))
    site, position = np.unique(np.concatenate((mother.site, father.site)), return_inverse=True)
    dosage = np.bincount(position, np.concatenate((from_mother, from_father)), len(site))
    return Carried(site, dosage.astype(np.uint8), mother.covered, 0)


def _handed_on(parent: Carried, ploidy: NDArray[np.int8], random: np.random.Generator) -> NDArray[np.int64]:
    copies = _COPIES[parent.dosage]
    single = ploidy[parent.site, parent.sex_column] == 1
    tossed = random.random(len(copies)) < copies / 2
    return np.where(single, np.minimum(copies, 1), tossed).astype(np.int64)
