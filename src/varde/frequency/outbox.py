"""A region's shards: what was sent, and the next one, from what has changed since.

::

    <outbox>/000001/shard.zip       to be sent; delete it when the nation has taken it in
    <outbox>/000001/shipped.json    the runs that the nation has counted after it, by cell; stays in the region
    <outbox>/000001/sums/           the increment of all shards so far; stays in the region

A shard and what is remembered of it take their name together, so that no shard is ever made twice.
"""

from __future__ import annotations

import json
import shutil
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from varde.frequency.cells import Cell
from varde.frequency.increment import Increment, read_increment, write_increment
from varde.frequency.ledger import changing
from varde.frequency.shards import LEAST_PEOPLE, Changed, Header, Shard, is_month, make_shard
from varde.frequency.signing import PrivateKey
from varde.frequency.store import Contents, Status
from varde.genome.builds import Build
from varde.genome.errors import InputError
from varde.genome.new_folder import new_folder

SHARD, SHIPPED, SUMS = "shard.zip", "shipped.json", "sums"

Runs = Counter[tuple[str, int]]
"""How often each run is counted in each cell (its code)."""


@dataclass(frozen=True)
class Shipped:
    """A shard that was made. ``waiting`` people changed in cells with too few changes, and go with a later one."""

    path: Path
    shard: Shard
    waiting: int


@dataclass(frozen=True)
class _State:
    """What the nation knows when it has taken in everything so far."""

    sequence: int
    digest: str | None
    runs: Runs
    increment: Increment


def ship(
    counts: str | Path,
    outbox: str | Path,
    key: PrivateKey,
    month: str,
    *,
    replaced: Mapping[str, str] | None = None,
    least_people: int = LEAST_PEOPLE,
    small_cells: bool = False,
) -> Shipped:
    """Make the next shard of a region's counts folder. ``month`` is ``YYYY-MM``.

    ``replaced`` maps runs that were wrong to the ones that stand for the same people now: each is one person corrected
    rather than one withdrawn and one added. A cell (sex, disease group, assay) in which fewer than ``least_people``
    changed waits, because its rows would be the genotypes of so few; ``small_cells`` sends it all the same, so that
    only the whole shard has as many. Raises InputError ``bad_month``, ``nothing_to_send``,
    ``too_few_people``, ``damaged_outbox``.
    """
    folder = Path(outbox)
    if not is_month(month):
        raise InputError("bad_month", f"{month!r} is no month.", "Write it as 2026-11.", field="month")
    with changing(Path(counts)) as contents:
        folder.mkdir(parents=True, exist_ok=True)
        state = _last(folder, contents.settings.build)
        now = _counted(contents)
        coming, going = now - state.runs, state.runs - now
        if not coming and not going:
            raise InputError("nothing_to_send", "Nobody changed since the last shard.", "Nothing needs to be done.")
        ready = _ready(coming, going, 1 if small_cells else least_people)
        leaving, entering = _of(going, ready), _of(coming, ready)
        people = _changed(entering, leaving, replaced or {})
        people.refuse_too_few(least_people)
        change = Increment.merged(contents.settings.build, [contents.read_increment(), state.increment.negated()])
        net = change.of_cells([Cell.of_code(code) for code in sorted(ready)])
        sequence = state.sequence + 1
        header = Header(key.name, key.public.identifier, sequence, state.digest, month, contents.settings, people)
        runs = state.runs + entering - leaving
        with new_folder(folder / f"{sequence:06d}") as private:
            shard = make_shard(private / SHARD, header, net, key, least_people=least_people)
            _remember(private, shard, runs, Increment.merged(net.build, [state.increment, net]))
    _forget_sums_before(folder, sequence)
    waiting = sum((coming - entering).values()) + sum((going - leaving).values())
    return Shipped(folder / f"{sequence:06d}" / SHARD, shard, waiting)


def sent_runs(outbox: str | Path, build: Build) -> frozenset[str]:
    """Runs that the nation counts when it has taken in every shard made.

    Raises InputError ``no_outbox``, ``damaged_outbox``.
    """
    if not Path(outbox).is_dir():
        remedy = "Give the folder that 'varde shard make --out' wrote into."
        raise InputError("no_outbox", "There is no folder of shards of this name.", remedy, source=Path(outbox).name)
    return frozenset(run for run, _ in _last(Path(outbox), build).runs)


def _counted(contents: Contents) -> Runs:
    return Counter((run.identifier, run.cell.code) for run in contents.runs if run.status is Status.COUNTED)


def _ready(coming: Runs, going: Runs, least: int) -> set[int]:
    """Codes of the cells in which enough people changed."""
    changes: Counter[int] = Counter()
    for (_, code), number in [*coming.items(), *going.items()]:
        changes[code] += number
    return {code for code, number in changes.items() if number >= least}


def _of(runs: Runs, cells: set[int]) -> Runs:
    return Counter({(run, code): number for (run, code), number in runs.items() if code in cells})


def _changed(entering: Runs, leaving: Runs, replaced: Mapping[str, str]) -> Changed:
    new, old = ({run for run, _ in runs} for runs in (entering, leaving))
    corrected = sum(before in old and after in new for before, after in replaced.items())
    return Changed(sum(entering.values()) - corrected, sum(leaving.values()) - corrected, corrected)


def _remember(folder: Path, shard: Shard, runs: Runs, sums: Increment) -> None:
    counted = sorted([run, code, number] for (run, code), number in runs.items() if number)
    text = json.dumps({"digest": shard.digest, "runs": counted}, indent=1) + "\n"
    (folder / SHIPPED).write_text(text, encoding="utf-8")
    (folder / SUMS).mkdir()
    write_increment(folder / SUMS, sums)


def _last(folder: Path, build: Build) -> _State:
    """The state after the last shard; the beginning when none was made."""
    made = sorted(path for path in folder.iterdir() if path.name.isdecimal())
    if not made:
        return _State(0, None, Counter(), Increment.empty(build))
    last = made[-1]
    try:
        entries = json.loads((last / SHIPPED).read_text(encoding="utf-8"))
        runs: Runs = Counter({(run, code): number for run, code, number in entries["runs"]})
        return _State(int(last.name), entries["digest"], runs, read_increment(last / SUMS))
    except (OSError, ValueError, KeyError, TypeError, InputError):
        raise InputError(
            "damaged_outbox",
            f"What was sent with shard {int(last.name)} cannot be read, so that the next one cannot follow on it.",
            "Restore the folder of shards from its copy.",
            source=last.name,
        ) from None


def _forget_sums_before(folder: Path, sequence: int) -> None:
    """Only the last state is needed; the lists of runs go with it, so that the withdrawn are not kept."""
    for path in folder.iterdir():
        if path.name.isdecimal() and int(path.name) < sequence:
            shutil.rmtree(path / SUMS, ignore_errors=True)
            (path / SHIPPED).unlink(missing_ok=True)
