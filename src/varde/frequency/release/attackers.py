"""Who attacks a release: what each attacker knows, and what that makes of every site.

==========  ============================================================================================
population  knows the population's frequencies
outside     knows another register's frequencies
previous    takes the release before for the population's frequencies
file        knows the population, and holds the very file that was counted: where it was callable
both        knows the population, and has this release and the one before
came        the same who looks for those who came in between; only they are scored
gone        the same who looks for those who left in between; strangers stand for them, as ``left``
==========  ============================================================================================

All but two also add up in other ways: of every stretch of bases only the site that tells most (``linkage``).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import polars as pl
from numpy.typing import NDArray

from varde.frequency.disclosure.bins import AN_STEP, SCHEMES, rounded_an
from varde.frequency.disclosure.departed import as_departed
from varde.frequency.disclosure.differencing import Part, joint_weights
from varde.frequency.disclosure.linkage import STRETCHES, thinned
from varde.frequency.disclosure.populations import drawn_frequencies, released_frequencies
from varde.frequency.disclosure.scores import Meter, site_ploidy
from varde.frequency.disclosure.weights import CallableWeights, SiteWeights, site_weights, with_thresholds
from varde.frequency.increment import Increment, allele_number, sites
from varde.frequency.ploidy import SEXES
from varde.frequency.release.prepare import Prepared
from varde.frequency.release.read import Release
from varde.frequency.release.site_sets import set_of_sites
from varde.genome.builds import Build
from varde.genome.keys import key_contigs, key_positions

Real = NDArray[np.float64]
Whole = NDArray[np.int64]
Stages = NDArray[np.uint16]

POPULATION, OUTSIDE, PREVIOUS, FILE = "population", "outside", "previous", "file"
BOTH, CAME, GONE, LEFT = "both", "came", "gone", "left"
PARTS = {BOTH: Part.SHARED, CAME: Part.SECOND_ONLY, GONE: Part.FIRST_ONLY}
"""Whom somebody with two releases looks for."""
_CALLABLE_STREAM = 4
_MANY = 2**31


def ways(name: str) -> tuple[str, ...]:
    """The names of one attacker's ways of adding up: all sites, then one site of every stretch."""
    return (name, *(f"{name}_{stretch}" for stretch in STRETCHES))


@dataclass(frozen=True)
class Knowledge:
    """Sites to attack and what is known of them. ``scored``: the sites with what is told of them, as ``scored_sites``;
    ``frequencies`` [sites] by attacker; ``held_out``: the counts of those held out."""

    prepared: Prepared
    scored: pl.DataFrame
    frequencies: Mapping[str, Real]
    held_out: Increment

    @classmethod
    def of(cls, prepared: Prepared, held_out: Increment, outside: pl.DataFrame | None) -> Knowledge:
        """``outside``: another register's ``key`` and ``af``."""
        scored = scored_sites(prepared, held_out)
        return cls(prepared, scored, _known(prepared, scored, outside), held_out)

    @property
    def compares(self) -> bool:
        """Whether there is a public release before, to compare with."""
        previous = self.prepared.order.previous
        return previous is not None and previous.is_public

    @property
    def looks_for_gone(self) -> bool:
        """Whether somebody left whom a comparison could find out."""
        return self.compares and self.changed[1] > 0

    @cached_property
    def changed(self) -> tuple[int, int]:
        """People who came and who left since the release before."""
        previous = self.prepared.order.previous
        return self.prepared.sources.changed_since(None if previous is None else previous.manifest)

    def meters(self, used: NDArray[np.bool_], stages: Stages) -> dict[str, Meter]:
        """Of everybody who attacks members; where somebody left, of who looks for them, too."""
        rows = self.scored.filter(pl.Series(used))
        found: dict[str, Meter] = {}
        for name, frequency in self.frequencies.items():
            weights = self._single(rows, frequency[used])
            found |= self._meters(rows, stages, name, weights, frequency[used], every_way=name == POPULATION)
            if name == POPULATION:
                there = self._callable.at(used)
                weights, beside = there.added_to(weights), there.variance
                found |= self._meters(rows, stages, FILE, weights, frequency[used], every_way=True, beside=beside)
        if self.compares:
            found |= self.comparing(BOTH, used, stages)
        if self.looks_for_gone:
            found |= self._gone(used, stages)
        return found

    def comparing(self, name: str, used: NDArray[np.bool_], stages: Stages) -> dict[str, Meter]:
        """The meters of somebody with both releases; ``name`` is one of ``PARTS``."""
        rows, frequency = self.scored.filter(pl.Series(used)), self.frequencies[POPULATION][used]
        weights = self._joint(rows, frequency, PARTS[name])
        return self._meters(rows, stages, name, weights, frequency, every_way=True)

    def _gone(self, used: NDArray[np.bool_], stages: Stages) -> dict[str, Meter]:
        """Who looks for those who left, and what strangers score when they stand for them, on the same scale."""
        rows, frequency = self.scored.filter(pl.Series(used)), self.frequencies[POPULATION][used]
        kinds = self._ways(rows, stages, GONE, self._joint(rows, frequency, PARTS[GONE]), frequency)
        found: dict[str, Meter] = {}
        for (name, kind), other in zip(kinds.items(), ways(LEFT), strict=True):
            meter, turned = (
                Meter.of(self._build, rows["key"].to_numpy(), one, frequency, stages)
                for one in (kind, as_departed(kind, frequency))
            )
            found |= {name: meter, other: replace(turned, mean=meter.mean, deviation=meter.deviation)}
        return found

    @property
    def _build(self) -> Build:
        return self.prepared.sources.settings.build

    def _ways(
        self,
        rows: pl.DataFrame,
        stages: Stages,
        name: str,
        weights: SiteWeights,
        frequency: Real,
        beside: Real | float = 0.0,
    ) -> dict[str, SiteWeights]:
        keys, (whole, *others) = rows["key"].to_numpy(), ways(name)
        thin = (thinned(keys, weights, frequency, stretch, stages, beside) for stretch in STRETCHES)
        return {whole: weights, **dict(zip(others, thin, strict=True))}

    def _meters(
        self,
        rows: pl.DataFrame,
        stages: Stages,
        name: str,
        weights: SiteWeights,
        frequency: Real,
        *,
        every_way: bool,
        beside: Real | float = 0.0,
    ) -> dict[str, Meter]:
        kinds = {name: weights}
        if every_way:
            kinds = self._ways(rows, stages, name, weights, frequency, beside)
        keys = rows["key"].to_numpy()
        return {one: Meter.of(self._build, keys, kind, frequency, stages, beside) for one, kind in kinds.items()}

    def _single(self, rows: pl.DataFrame, frequency: Real) -> SiteWeights:
        """What everything told of a site tells of a person: its bin, and whether k people are homozygous."""
        low, high, an = (rows[name].to_numpy() for name in ("low", "high", "an"))
        homozygotes, hemizygotes = self._told(rows, "homozygotes"), self._told(rows, "hemizygotes")
        weights, people = site_weights(low, high, an, frequency), self._people(rows, an)
        return with_thresholds(weights, homozygotes, hemizygotes, people, frequency)

    def _told(self, rows: pl.DataFrame, name: str) -> tuple[Whole, Whole]:
        """The numbers of people that "at least k" and "fewer" stand for; all where neither is told."""
        k, told = self.prepared.order.parameters.people_per_site, rows[name]
        at_least, known = told.fill_null(value=False).to_numpy(), told.is_not_null().to_numpy()
        return np.where(at_least, k, 0), np.where(known & ~at_least, k - 1, _MANY)

    def _people(self, rows: pl.DataFrame, an: Whole) -> tuple[Whole, Whole]:
        """How many people with two chromosomes and how many with one there are, about, for so many alleles."""
        ploidy = site_ploidy(self.prepared.sources.settings.build, rows["key"].to_numpy())
        two, one = (ploidy == 2).any(axis=1), (ploidy == 1).any(axis=1)
        each = an // np.maximum(2 * two + one, 1)
        return each * two, each * one

    @cached_property
    def _callable(self) -> CallableWeights:
        """What the rounded allele number of every site tells of who was callable there."""
        ploidy = site_ploidy(self._build, self.scored["key"].to_numpy()).astype(np.int64)
        counted, held = (_by_sex(part) for part in (self.prepared.sources.total, self.held_out))
        people, others = (ploidy > 0) @ counted, (ploidy > 0) @ held
        # Alleles that a person of no known sex has there, on average over everybody counted.
        each = np.maximum(ploidy @ counted, 1) / np.maximum(people, 1)
        an, held_an = (self.scored[name].to_numpy() for name in ("an", "held_an"))
        seen = np.minimum(np.rint((an + held_an) / each).astype(np.int64), people + others)
        chance = drawn_frequencies(seen, people + others, self.prepared.order.parameters.seed, _CALLABLE_STREAM)
        rounded = rounded_an(an)
        least = np.ceil((rounded - AN_STEP // 2) / each).astype(np.int64)
        most = np.floor((rounded + (AN_STEP - 1) // 2) / each).astype(np.int64)
        return CallableWeights.of(least, most, people, chance)

    def _joint(self, rows: pl.DataFrame, frequency: Real, part: Part) -> SiteWeights:
        """What the bins of both releases together tell of somebody in ``part``."""
        previous = self.prepared.order.previous
        if previous is None:
            raise ValueError("there is no release before to compare with")
        low, high, an = (rows[name].to_numpy() for name in ("low", "high", "an"))
        before = previous.find(rows["key"].to_numpy())
        # Where the release before told nothing, every count was possible.
        first = before["ac_low"].fill_null(0).to_numpy(), before["ac_high"].fill_null(_MANY).to_numpy()
        now = max(self.prepared.sources.total.number_of_people, 1)
        came, gone = (-(-an * number // now) for number in self.changed)
        came = np.minimum(came, an)
        stayed = an - came
        weights = joint_weights(first, (low, high), stayed, gone, came, frequency, part)
        above = before.with_columns(pl.when(pl.col("bin") > 0).then(pl.col("homozygotes", "hemizygotes")))
        (two0, one0), (two1, one1), (two2, one2) = (self._people(rows, number) for number in (stayed, gone, came))
        hom = self._told(above, "homozygotes"), self._told(rows, "homozygotes")
        hemi = self._told(above, "hemizygotes"), self._told(rows, "hemizygotes")
        of_two = joint_weights(*hom, two0, two1, two2, frequency**2, part).haploid
        of_one = joint_weights(*hemi, one0, one1, one2, frequency, part).haploid
        return SiteWeights(weights.diploid + of_two[:, [0, 0, 1]], weights.haploid + of_one)


def _by_sex(increment: Increment) -> Whole:
    """People by sex column."""
    found = np.zeros(len(SEXES), dtype=np.int64)
    for cell, people in zip(increment.cells(), increment.people["people"], strict=True):
        found[cell.sex_column] += people
    return found


def scored_sites(prepared: Prepared, held_out: Increment) -> pl.DataFrame:
    """Columns key, set, ac, an, low, high, homozygotes, hemizygotes (at least k people; null in the lowest bin),
    held_ac, held_an, sorted by key; with the sites that only those held out carry, whose bin is the lowest."""
    k, told = prepared.order.parameters.people_per_site, pl.Series(prepared.bins.number > 0)
    counted = prepared.sites.select(
        "key",
        pl.col("ac", "an").cast(pl.Int64),
        homozygotes=pl.when(told).then(pl.col("nhomalt") >= k),
        hemizygotes=pl.when(told).then(pl.col("nhemi") >= k),
        set=pl.Series(prepared.sets),
        low=pl.Series(prepared.bins.low),
        high=pl.Series(prepared.bins.high),
    )
    held = sites(held_out).filter(pl.col("nobs") > 0)
    number = set_of_sites(prepared.order.sets, held["key"].to_numpy())
    held = held.select("key", held_ac=pl.col("ac").cast(pl.Int64)).with_columns(held_set=pl.Series(number))
    joined = counted.join(held.filter(pl.col("held_set") >= 0), on="key", how="full", coalesce=True).sort("key")
    keys = joined["key"].to_numpy()
    place = key_contigs(keys), key_positions(keys)
    an = joined["an"].fill_null(pl.Series(allele_number(prepared.sources.total, *place)))
    lowest = SCHEMES[prepared.order.parameters.scheme].bounds(np.zeros(len(keys), dtype=np.int64), an.to_numpy())
    return joined.with_columns(
        pl.col("ac", "held_ac").fill_null(0),
        an=an,
        low=pl.col("low").fill_null(pl.Series(lowest[0])),
        high=pl.col("high").fill_null(pl.Series(lowest[1])),
        set=pl.col("set").fill_null(pl.col("held_set")),
        held_an=pl.Series(np.maximum(allele_number(held_out, *place), joined["held_ac"].fill_null(0).to_numpy())),
    )


def _known(prepared: Prepared, scored: pl.DataFrame, outside: pl.DataFrame | None) -> dict[str, Real]:
    """What every attacker takes for the population's frequencies, [sites]; what is not told is known as to others."""
    ac, an, held_ac, held_an = (scored[name].to_numpy() for name in ("ac", "an", "held_ac", "held_an"))
    pooled = drawn_frequencies(ac + held_ac, an + held_an, prepared.order.parameters.seed)
    known = {POPULATION: pooled}
    if outside is not None:
        found = scored.select("key").join(outside, on="key", how="left", maintain_order="left")["af"]
        known[OUTSIDE] = np.where(found.is_null().to_numpy(), pooled, found.fill_null(0.0).to_numpy())
    previous = prepared.order.previous
    if previous is not None and previous.is_public:
        known[PREVIOUS] = _known_before(previous, scored["key"].to_numpy(), pooled)
    return known


def _known_before(previous: Release, keys: NDArray[np.uint64], pooled: Real) -> Real:
    found = previous.find(keys)
    told = found["bin"].is_not_null().to_numpy()
    low, high, an = (found[name].fill_null(1).to_numpy() for name in ("ac_low", "ac_high", "an"))
    return np.where(told, released_frequencies(low, high, an), pooled)
