"""Reads of the exchange between regions and nation: what waits in each region, and which shards were offered."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass
from datetime import date

from varde.frequency.outbox import SHIPPED
from varde.frequency.shards import LEAST_PEOPLE
from varde.frequency.store import Status
from varde_node.people.services import Actor, require
from varde_node.registers.frequency.exchange import outgoing_folder, unsent
from varde_node.registers.frequency.models import Contribution, ContributionState, Shard, ShardState
from varde_node.registers.frequency.store import REGIONS, counted_regions, people_counted, stored_runs

Runs = Counter[tuple[str, int]]
"""How often each run is counted in each cell (its code)."""


@dataclass(frozen=True)
class Waiting:
    """What has changed in a region since its last shard, in people.

    ``ready`` of them stand in cells (sex, disease group, assay) with enough changes and would go now; the others wait.
    ``since`` is the day of the oldest change that came as a contribution. ``unanswered``: a shard was made, and the
    nation has not taken it in.
    """

    region: str
    people: int
    changed: int
    ready: int
    since: date | None
    unanswered: bool
    needed: int = LEAST_PEOPLE

    @property
    def sendable(self) -> bool:
        """Whether a shard can be made and sent now."""
        return self.unanswered or self.ready >= self.needed


@dataclass(frozen=True)
class ShardLine:
    """A shard that was offered; ``reason`` is the code of its refusal."""

    region: str
    sequence: int
    state: ShardState
    reason: str
    people_added: int
    people_withdrawn: int
    people_corrected: int
    delivered: bool
    received_on: date


def waiting(actor: Actor) -> tuple[Waiting, ...]:
    """What waits in each region that has counts here."""
    require(actor, "registers.shard.list")
    return tuple(_waiting(region) for region in REGIONS if region in counted_regions())


def shards(actor: Actor, limit: int = 200) -> tuple[ShardLine, ...]:
    """Shards that were offered, the newest first."""
    require(actor, "registers.shard.list")
    rows = Shard.objects.order_by("-received_on", "region", "-sequence")[:limit]
    return tuple(
        ShardLine(
            row.region,
            row.sequence,
            ShardState(row.state),
            row.reason,
            row.people_added,
            row.people_withdrawn,
            row.people_corrected,
            row.delivered,
            row.received_on,
        )
        for row in rows
    )


def _waiting(region: str) -> Waiting:
    now, sent = _counted(region), sent_runs(region)
    coming, going = now - sent, sent - now
    changes: Counter[int] = Counter()
    for (_, cell), number in [*coming.items(), *going.items()]:
        changes[cell] += number
    return Waiting(
        region,
        people=people_counted(region),
        changed=changes.total(),
        ready=sum(number for number in changes.values() if number >= LEAST_PEOPLE),
        since=_since(region, {run for run, _ in coming}) if changes else None,
        unanswered=unsent(region) is not None,
    )


def _counted(region: str) -> Runs:
    return Counter((run.identifier, run.cell.code) for run in stored_runs(region) if run.status is Status.COUNTED)


def sent_runs(region: str) -> Runs:
    """What the nation has been told, as the region remembers it."""
    remembered = sorted(outgoing_folder(region).glob(f"*/{SHIPPED}"))
    if not remembered:
        return Counter()
    said = json.loads(remembered[-1].read_text(encoding="utf-8"))
    return Counter({(run, cell): number for run, cell, number in said["runs"]})


def _since(region: str, coming: set[str]) -> date | None:
    standing = Contribution.objects.filter(region=region, state=ContributionState.COUNTED).order_by("received_on")
    for day, runs in standing.values_list("received_on", "runs").iterator():
        if coming.intersection(runs):
            return day
    return None
