"""What must hold before a release is measured: enough people, enough new ones, several regions, nothing on its way."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Q, Sum
from django.utils.translation import gettext as _

from varde.frequency.release.parameters import Parameters
from varde.genome.errors import InputError
from varde_node.registers.frequency.exchange import unsent
from varde_node.registers.frequency.models import Contribution, ContributionState, Release, Shard, ShardState
from varde_node.registers.frequency.store import counted_regions

OK, WARN, STOP = "ok", "warn", "stop"


@dataclass(frozen=True)
class Check:
    """One condition: what is there and what is needed. ``light`` is ok, warn (said, not stopping) or stop."""

    key: str
    light: str
    found: int
    needed: int


@dataclass(frozen=True)
class Batch:
    """People of a region's shards that no earlier release held."""

    region: str
    shards: int
    added: int
    withdrawn: int
    corrected: int


def batches(release: Release) -> tuple[Batch, ...]:
    """What is new in a release, by region."""
    rows = Shard.objects.filter(_in(release.batches), state=ShardState.ACCEPTED)
    found: dict[str, list[Shard]] = {}
    for row in rows.order_by("region", "sequence") if release.batches else ():
        found.setdefault(row.region, []).append(row)
    return tuple(
        Batch(
            region,
            len(some),
            sum(one.people_added for one in some),
            sum(one.people_withdrawn for one in some),
            sum(one.people_corrected for one in some),
        )
        for region, some in found.items()
    )


def people_of_the_nation() -> int:
    """People that the accepted shards have brought, net; a corrected one is still one."""
    sums = Shard.objects.filter(state=ShardState.ACCEPTED).aggregate(Sum("people_added"), Sum("people_withdrawn"))
    return (sums["people_added__sum"] or 0) - (sums["people_withdrawn__sum"] or 0)


def checks(release: Release, parameters: Parameters | None = None) -> tuple[Check, ...]:
    """All conditions, in the order in which the page shows them."""
    asked = parameters or Parameters(scheme=release.scheme)
    changed = sum(batch.added + batch.withdrawn + batch.corrected for batch in batches(release))
    least = asked.least_batch_after(release.previous.people) if release.previous else asked.least_people
    regions = Shard.objects.filter(state=ShardState.ACCEPTED).values("region").distinct().count()
    made = len([region for region in counted_regions() if unsent(region)])
    leaving = Contribution.objects.filter(state=ContributionState.WITHDRAWING).count()
    people, held_out = people_of_the_nation(), held_out_people()
    return (
        _at_least("people", people, asked.least_people),
        # A correction must not wait for people; what it tells of the difference is measured all the same.
        _at_least("batch", changed, least, otherwise=WARN if release.corrects_id else STOP),
        _at_least("regions", regions, asked.regions_per_site),
        _at_least("held_out", held_out, people, otherwise=WARN if held_out else STOP),
        Check("shards_on_their_way", STOP if made else OK, made, 0),
        Check("withdrawals_on_their_way", STOP if leaving else OK, leaving, 0),
    )


def refuse_unready(release: Release) -> None:
    """Raise InputError ``release_not_ready`` naming the first check that stops."""
    stopped = next((check for check in checks(release) if check.light == STOP), None)
    if stopped is not None:
        raise InputError(
            "release_not_ready",
            _("A check stops the release: there are %(found)s, needed are %(needed)s.")
            % {"found": stopped.found, "needed": stopped.needed},
            _("Wait for what is missing, or discard the release."),
            field=stopped.key,
        )


def held_out_people() -> int:
    """People kept out of all counts in order to measure the risk."""
    standing = Contribution.objects.filter(state=ContributionState.COUNTED)
    return int(standing.aggregate(total=Sum("held_out"))["total"] or 0)


def _at_least(key: str, found: int, needed: int, otherwise: str = STOP) -> Check:
    return Check(key, OK if found >= needed else otherwise, found, needed)


def _in(pairs: list[list[object]]) -> Q:
    condition = Q()
    for region, sequence in pairs:
        condition |= Q(region=region, sequence=sequence)
    return condition
