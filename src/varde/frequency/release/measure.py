"""Measuring a prepared release: meters to the regions, scores back, and how many site sets may be told of."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import polars as pl

from varde.frequency.disclosure.differencing import changed_power
from varde.frequency.disclosure.power import (
    FALSE_POSITIVE_RATES,
    Power,
    Risk,
    measured_power,
    risk,
    upper_bound,
    worst_power,
)
from varde.frequency.disclosure.scores import HELD_OUT, MEMBER, Meter, RegionScores
from varde.frequency.disclosure.selection import choose, stages_of
from varde.frequency.increment import Increment
from varde.frequency.lookup import Counts
from varde.frequency.release.attackers import BOTH, CAME, FILE, GONE, LEFT, POPULATION, Knowledge, ways
from varde.frequency.release.measured import Attack, Choice, Measured, worse
from varde.frequency.release.pictured import pictured
from varde.frequency.release.prepare import Prepared
from varde.frequency.release.regional import held_out_counts, score_folder, score_strangers
from varde.frequency.same_person import refuse_person_in_two
from varde.frequency.store import read_manifest
from varde.genome.errors import InputError

Score = Callable[[Mapping[str, Meter]], RegionScores]
"""From the meters of all attackers to the scores of the people of all regions together."""

RELATIVES = 2_000


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
    to compare with, beside those that the regions hold out. Raises InputError ``unknown_runs``,
    ``person_in_two_folders`` and as ``read_manifest``.
    """
    order = sorted(folders, key=lambda path: Path(path).resolve().name)
    _refuse_unknown(came, order)
    settings, others = prepared.sources.settings, [Counts(folder) for folder in strangers]
    for other in others:
        settings.refuse_other(other.settings)
    refuse_person_in_two([*(read_manifest(Path(folder)) for folder in order), *(other.manifest for other in others)])
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
    measuring = _Measuring(prepared, Knowledge.of(prepared, held_out, outside), score, score_came, {})
    wanted, offered = prepared.order.wanted, len(prepared.order.sets)
    if wanted is None:
        chosen = choose(offered, measuring.powers).sets
    else:
        chosen = wanted
        measuring.powers(tuple(sorted({max(wanted // 4, 1), max(wanted // 2, 1), wanted, offered})))
    return measuring.conclude(chosen)


@dataclass(frozen=True)
class _Found:
    """A prefix of the list, measured: at ``stage`` of everybody's ``scores``, and of those who ``came`` by somebody
    with both releases."""

    stage: int
    scores: RegionScores
    came: RegionScores | None


@dataclass(frozen=True)
class _Measuring:
    """``found``: what was measured, by prefix."""

    prepared: Prepared
    knowledge: Knowledge
    score: Score
    score_came: Score | None
    found: dict[int, _Found]

    def powers(self, prefixes: tuple[int, ...]) -> list[Power]:
        """The worst attacker's power at 5 % on every prefix, in one passage over the people."""
        knowledge = self.knowledge
        stages = stages_of(knowledge.scored["set"].to_numpy(), prefixes)
        used = stages < len(prefixes)
        stages = stages[used]
        scores, came = self.score(knowledge.meters(used, stages)), None
        if self.score_came is not None and knowledge.compares:
            came = self.score_came(knowledge.comparing(CAME, used, stages))
        # Genes without any site add no stage of their own: they are told of for nothing.
        last = int(stages.max()) if len(stages) else 0
        for stage, prefix in enumerate(prefixes):
            self.found[prefix] = _Found(min(stage, last), scores, came)
        return [self._worst(prefix) for prefix in prefixes]

    @property
    def _attackers(self) -> tuple[tuple[str, ...], ...]:
        """All who attack members, the one who knows the population first; ways of one told of together in one row."""
        others = sorted(name for name in self.knowledge.frequencies if name != POPULATION)
        compared = [ways(BOTH)] if self.knowledge.compares else []
        return (*((way,) for way in ways(POPULATION)), ways(FILE), *compared, *((name,) for name in others))

    def _strongest(self, names: Sequence[str], scores: RegionScores, stage: int) -> tuple[str, Risk]:
        """The way in which one attacker recognises most, with what they achieve."""
        seed = self.prepared.order.parameters.seed
        risks = {name: risk(scores, name, stage, seed) for name in names}
        return max(risks.items(), key=lambda one: upper_bound(worst_power([one[1]])))

    def _worst(self, prefix: int) -> Power:
        found = self.found[prefix]
        attacked = worst_power([self._strongest(names, found.scores, found.stage)[1] for names in self._attackers])
        return worse(attacked, self._difference(prefix))

    def _difference(self, prefix: int) -> dict[str, Any] | None:
        told = _difference(self.prepared, prefix)
        if told is None:
            return None
        found = self.found[prefix]
        if found.came is not None:
            told["measured"] = asdict(self._strongest(ways(CAME), found.came, found.stage)[1])
        if self.knowledge.looks_for_gone:
            told["gone"] = [asdict(power) for power in self._gone(found)]
        return told

    def _gone(self, found: _Found) -> tuple[Power, ...]:
        """The power over those who left, for whom strangers stand, by the strongest way of adding up."""
        seed, powers = self.prepared.order.parameters.seed, []
        for names in zip(ways(LEFT), ways(GONE), strict=True):
            left, strangers = (found.scores.counts(name, found.stage, HELD_OUT) for name in names)
            powers.append(tuple(measured_power(left, strangers, fpr, seed) for fpr in FALSE_POSITIVE_RATES))
        return max(powers, key=lambda one: upper_bound(one[0]))

    def conclude(self, chosen: int) -> Measured:
        """What was measured of the chosen prefix, or of the smallest one that was tried when none passes."""
        shown = chosen or min(self.found)
        scores, stage = self.found[shown].scores, self.found[shown].stage
        members, held_out = (int(scores.counts(POPULATION, stage, kind).sum()) for kind in (MEMBER, HELD_OUT))
        attacks = tuple(self._attack(names, shown) for names in self._attackers)
        curve = tuple(self._choice(prefix) for prefix in sorted(self.found))
        return Measured(members, held_out, chosen, attacks, curve, self._difference(shown))

    def _sites(self, prefix: int) -> int:
        return int((self.knowledge.scored["set"] < prefix).sum())

    def _attack(self, names: tuple[str, ...], prefix: int) -> Attack:
        found = self.found[prefix]
        way, strongest = self._strongest(names, found.scores, found.stage)
        picture = pictured(*(found.scores.counts(way, found.stage, kind) for kind in (MEMBER, HELD_OUT)))
        return Attack(replace(strongest, attacker=names[0]), self._sites(prefix), *picture)

    def _choice(self, prefix: int) -> Choice:
        power, ac = self._worst(prefix), self.prepared.sites["ac"].to_numpy()
        shown = self.prepared.chosen(prefix) & (self.prepared.bins.number > 0)
        share = float(ac[shown].sum() / max(ac.sum(), 1))
        bounds = power.estimate, power.low, power.high
        return Choice(prefix, self._sites(prefix), int(shown.sum()), share, *bounds)


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
    return {"changed": changed, "batch": batch, "power_by_formula": power, "measured": None, "gone": None}
