"""Measuring a prepared release: meters to the regions, scores back, and how many site sets may be told of."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from varde.frequency.disclosure.bins import SCHEMES
from varde.frequency.disclosure.differencing import Part, changed_power, joint_weights
from varde.frequency.disclosure.linkage import STRETCHES, thinned
from varde.frequency.disclosure.populations import drawn_frequencies, released_frequencies
from varde.frequency.disclosure.power import FALSE_POSITIVE_RATES, Power, Risk, risk, upper_bound, worst_power
from varde.frequency.disclosure.scores import HELD_OUT, MEMBER, Meter, RegionScores, site_ploidy
from varde.frequency.disclosure.selection import choose, stages_of
from varde.frequency.disclosure.weights import SiteWeights, site_weights, with_thresholds
from varde.frequency.increment import Increment, allele_number, sites
from varde.frequency.lookup import Counts
from varde.frequency.release.measured import Attack, Choice, Measured, worse
from varde.frequency.release.pictured import pictured
from varde.frequency.release.prepare import Prepared
from varde.frequency.release.read import Release
from varde.frequency.release.regional import held_out_counts, score_folder, score_strangers
from varde.frequency.release.site_sets import set_of_sites
from varde.frequency.store import read_manifest
from varde.genome.errors import InputError
from varde.genome.keys import key_contigs, key_positions

Real = NDArray[np.float64]
Whole = NDArray[np.int64]
Score = Callable[[Mapping[str, Meter]], RegionScores]
"""From the meters of all attackers to the scores of the people of all regions together."""

POPULATION, OUTSIDE, PREVIOUS, CAME = "population", "outside", "previous", "came"
LINKED = {stretch: f"linkage_{stretch}" for stretch in STRETCHES}
"""Attackers who know the population's frequencies and use the one site of every stretch that tells most."""
RELATIVES = 2_000
_MANY = 2**31


def measure(
    prepared: Prepared,
    folders: Sequence[str | Path],
    *,
    outside: pl.DataFrame | None = None,
    came: Collection[str] | None = None,
    strangers: Sequence[str | Path] = (),
    progress: Callable[[int], None] = lambda passages: None,
) -> Measured:
    """Measure with the regions' own folders at hand; ``progress`` is called with the passages over the people done.

    ``outside``: another register's ``key`` and ``af``. ``came``: runs counted since the release before, whom somebody
    with both releases looks for; None: not known. ``strangers``: counts folders of people who are not in the register,
    to compare with, beside those that the regions hold out. Raises InputError ``unknown_runs`` and as
    ``read_manifest``.
    """
    order = sorted(folders, key=lambda path: Path(path).resolve().name)
    _refuse_unknown(came, order)
    settings, others = prepared.sources.settings, [Counts(folder) for folder in strangers]
    for other in others:
        settings.refuse_other(other.settings)
    parts = [*map(held_out_counts, order), *(other.increment for other in others)]
    held = Increment.merged(settings.build, parts)
    passages = 0

    def scorer(relatives: int, members: Collection[str] | None) -> Score:
        def score(meters: Mapping[str, Meter]) -> RegionScores:
            nonlocal passages
            told = {"relatives": relatives, "seed": prepared.order.parameters.seed}
            parts = [score_folder(folder, meters, members=members, **told) for folder in order]
            parts += [score_strangers(other.folder, meters) for other in others]
            passages += 1
            progress(passages)
            return RegionScores.merged(parts)

        return score

    everybody = scorer(-(-RELATIVES // max(len(order), 1)), None)
    return measure_with(prepared, held, everybody, outside, None if came is None else scorer(0, came))


def _refuse_unknown(came: Collection[str] | None, folders: Sequence[str | Path]) -> None:
    known = {run.identifier for folder in folders for run in read_manifest(Path(folder)).runs}
    unknown = sorted(set(came or ()) - known)
    if unknown:
        raise InputError(
            "unknown_runs",
            f"{len(unknown)} of those who came are no run of a region given here, such as {unknown[0]!r}.",
            "Give run identifiers, one a line: the column 'run' of the table of 'varde count --runs'.",
            field="--came",
        )


def measure_with(
    prepared: Prepared,
    held_out: Increment,
    score: Score,
    outside: pl.DataFrame | None = None,
    score_came: Score | None = None,
) -> Measured:
    """Measure where regions are elsewhere: ``held_out`` are the counts of all people held out.

    ``score_came`` scores, of the members, only those counted since the release before.
    """
    scored = _scored(prepared, held_out)
    measuring = _Measuring(prepared, scored, _known(prepared, scored, outside), score, score_came, {}, {})
    wanted, offered = prepared.order.wanted, len(prepared.order.sets)
    if wanted is None:
        chosen = choose(offered, measuring.powers).sets
    else:
        chosen = wanted
        measuring.powers(tuple(sorted({max(wanted // 4, 1), max(wanted // 2, 1), wanted, offered})))
    return measuring.conclude(chosen)


@dataclass(frozen=True)
class _Measuring:
    """``scored``: the sites with their bins; ``known``: frequencies by attacker; ``found``: scores by prefix;
    ``compared``: the same of those who came, by somebody with both releases."""

    prepared: Prepared
    scored: pl.DataFrame
    known: Mapping[str, Real]
    score: Score
    score_came: Score | None
    found: dict[int, tuple[RegionScores, int]]
    compared: dict[int, tuple[RegionScores, int]]

    def powers(self, prefixes: tuple[int, ...]) -> list[Power]:
        """The worst attacker's power at 5 % on every prefix, in one passage over the people."""
        stages = stages_of(self.scored["set"].to_numpy(), prefixes)
        used = stages < len(prefixes)
        rows, stages = self.scored.filter(pl.Series(used)), stages[used]
        meters: dict[str, Meter] = {}
        for name, frequency in self.known.items():
            weights = self._single(rows, frequency[used])
            meters |= self._meters(rows, stages, name, weights, frequency[used], linked=name == POPULATION)
        # Genes without any site add no stage of their own: they are told of for nothing.
        last = int(stages.max()) if len(stages) else 0
        scores = self.score(meters)
        self.found.update({prefix: (scores, min(stage, last)) for stage, prefix in enumerate(prefixes)})
        previous = self.prepared.order.previous
        if self.score_came is not None and previous is not None and previous.is_public:
            frequency = self.known[POPULATION][used]
            weights = self._joint(previous, rows, frequency)
            came = self.score_came(self._meters(rows, stages, CAME, weights, frequency, linked=True))
            self.compared.update({prefix: (came, min(stage, last)) for stage, prefix in enumerate(prefixes)})
        return [self._worst(prefix) for prefix in prefixes]

    def _meters(
        self,
        rows: pl.DataFrame,
        stages: NDArray[np.uint16],
        name: str,
        weights: SiteWeights,
        frequency: Real,
        *,
        linked: bool,
    ) -> dict[str, Meter]:
        """The meter of one attacker and, if ``linked``, of the same one who thins linked sites."""
        keys, build = rows["key"].to_numpy(), self.prepared.sources.settings.build
        kinds = {name: weights}
        if linked:
            for stretch, other in LINKED.items():
                kinds[f"{CAME}_{stretch}" if name == CAME else other] = thinned(
                    keys, weights, frequency, stretch, stages
                )
        return {one: Meter.of(build, keys, kind, frequency, stages) for one, kind in kinds.items()}

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

    def _joint(self, previous: Release, rows: pl.DataFrame, frequency: Real) -> SiteWeights:
        """What the bins of both releases together tell of somebody who came between them."""
        added, _ = self.prepared.sources.changed_since(previous.manifest)
        low, high, an = (rows[name].to_numpy() for name in ("low", "high", "an"))
        before = previous.find(rows["key"].to_numpy())
        an_before = before["an"].fill_null(0).to_numpy()
        # Where the release before told nothing, every count was possible.
        first = before["ac_low"].fill_null(0).to_numpy(), before["ac_high"].fill_null(_MANY).to_numpy()
        came = an * added // max(self.prepared.sources.total.number_of_people, 1)
        stayed = an - came
        gone = np.maximum(an_before - stayed, 0)
        weights = joint_weights(first, (low, high), stayed, gone, came, frequency, Part.SECOND_ONLY)
        above = before.with_columns(pl.when(pl.col("bin") > 0).then(pl.col("homozygotes", "hemizygotes")))
        (two0, one0), (two1, one1), (two2, one2) = (self._people(rows, number) for number in (stayed, gone, came))
        hom = self._told(above, "homozygotes"), self._told(rows, "homozygotes")
        hemi = self._told(above, "hemizygotes"), self._told(rows, "hemizygotes")
        of_two = joint_weights(*hom, two0, two1, two2, frequency**2, Part.SECOND_ONLY).haploid
        of_one = joint_weights(*hemi, one0, one1, one2, frequency, Part.SECOND_ONLY).haploid
        return SiteWeights(weights.diploid + of_two[:, [0, 0, 1]], weights.haploid + of_one)

    @property
    def _attackers(self) -> tuple[str, ...]:
        """All who were measured, the one who knows the population first."""
        return (POPULATION, *LINKED.values(), *sorted(name for name in self.known if name != POPULATION))

    def _risk(self, name: str, prefix: int) -> Risk:
        scores, stage = self.found[prefix]
        return risk(scores, name, stage, self.prepared.order.parameters.seed)

    def _worst(self, prefix: int) -> Power:
        attacked = worst_power([self._risk(name, prefix) for name in self._attackers])
        return worse(attacked, self._difference(prefix))

    def _difference(self, prefix: int) -> dict[str, Any] | None:
        found = _difference(self.prepared, prefix)
        if found is None or prefix not in self.compared:
            return found
        scores, stage = self.compared[prefix]
        seed = self.prepared.order.parameters.seed
        names = (CAME, *(f"{CAME}_{stretch}" for stretch in LINKED))
        strongest = max(
            (risk(scores, name, stage, seed) for name in names), key=lambda one: upper_bound(one.members[0])
        )
        return {**found, "measured": asdict(strongest)}

    def conclude(self, chosen: int) -> Measured:
        """What was measured of the chosen prefix, or of the smallest one that was tried when none passes."""
        shown = chosen or min(self.found)
        scores, stage = self.found[shown]
        members, held_out = (int(scores.counts(POPULATION, stage, kind).sum()) for kind in (MEMBER, HELD_OUT))
        attacks = tuple(self._attack(name, shown) for name in self._attackers)
        curve = tuple(self._choice(prefix) for prefix in sorted(self.found))
        return Measured(members, held_out, chosen, attacks, curve, self._difference(shown))

    def _sites(self, prefix: int) -> int:
        return int((self.scored["set"] < prefix).sum())

    def _attack(self, name: str, prefix: int) -> Attack:
        scores, stage = self.found[prefix]
        picture = pictured(*(scores.counts(name, stage, kind) for kind in (MEMBER, HELD_OUT)))
        return Attack(self._risk(name, prefix), self._sites(prefix), *picture)

    def _choice(self, prefix: int) -> Choice:
        power, ac = self._worst(prefix), self.prepared.sites["ac"].to_numpy()
        shown = self.prepared.chosen(prefix) & (self.prepared.bins.number > 0)
        share = float(ac[shown].sum() / max(ac.sum(), 1))
        bounds = power.estimate, power.low, power.high
        return Choice(prefix, self._sites(prefix), int(shown.sum()), share, *bounds)


def _scored(prepared: Prepared, held_out: Increment) -> pl.DataFrame:
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


def _difference(prepared: Prepared, sets: int) -> dict[str, Any] | None:
    """Sites told of whose bin is another one than in the release before, and what the formula makes of them."""
    previous = prepared.order.previous
    if previous is None or not previous.is_public:
        return None
    told = prepared.chosen(sets)
    before = previous.find(prepared.sites["key"].to_numpy()[told])["bin"].fill_null(-1).to_numpy()
    changed = int(((before >= 0) & (before != prepared.bins.number[told])).sum())
    batch = sum(prepared.sources.changed_since(previous.manifest))
    power = changed_power(changed, batch, FALSE_POSITIVE_RATES[0]) if batch else None
    return {"changed": changed, "batch": batch, "power_by_formula": power, "measured": None}
