"""The national store: the sums of what regions sent, in all and by region, and nothing of anybody.

::

    manifest.json  sums/      a counts folder without runs: everybody, and the list of the shards taken in
    regions/<name>/           the same of one region

A shard enters its region's sums first and the nation's then; what an interruption left between the two is made good
before the next shard. The sums of a shard are joined with those before, so that no shard stands in the store by itself.
Taken in is what continues the region's chain of shards, was counted with the nation's settings, holds enough people,
and leaves sums that people can make.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from varde.frequency.increment import Increment
from varde.frequency.ledger import append, changing, compact, create, sweep
from varde.frequency.plausibility import implausible
from varde.frequency.shards import LEAST_PEOPLE, Shard, read_shard
from varde.frequency.signing import PublicKey
from varde.frequency.store import Contents, Segment, Settings, read_manifest
from varde.genome.errors import InputError
from varde.genome.new_folder import new_folder

REGIONS = "regions"


def found_nation(folder: str | Path, settings: Settings) -> Contents:
    """Make a national store of nobody. Raises InputError ``out_exists``, ``out_not_writable``."""
    with new_folder(Path(folder)) as private:
        create(private, settings, holds_runs=False)
        (private / REGIONS).mkdir()
    return read_manifest(Path(folder))


def accept_shard(
    nation: str | Path, file: str | Path, trusted: Mapping[str, PublicKey], *, least_people: int = LEAST_PEOPLE
) -> Shard:
    """Add a region's shard to the national store, or refuse it and change nothing. One at a time; others wait.

    Raises InputError as ``read_shard`` and ``read_manifest``, and ``other_settings``, ``too_few_people``,
    ``replayed_shard``, ``missing_shard``, ``broken_chain``, ``negative_counts``, ``too_few_left``.
    """
    shard, folder = read_shard(file, trusted), Path(nation)
    source, region = Path(file).name, folder / REGIONS / shard.header.region
    with changing(folder) as found:
        whole = _made_good(found)
        whole.settings.refuse_other(shard.header.settings)
        shard.header.people.refuse_too_few(least_people, source)
        if not region.exists():
            _refuse_out_of_turn(shard, (), source)
            _refuse_impossible_sums(shard, Increment.empty(whole.settings.build), least_people, source)
            with new_folder(region) as private:
                create(private, whole.settings, holds_runs=False)
        with changing(region) as part:
            _refuse_out_of_turn(shard, part.accepted, source)
            _refuse_impossible_sums(shard, part.read_increment(), least_people, source)
            sweep(append(part, Segment(shard.increment), [_entry(shard)]))
        sweep(append(whole, Segment(shard.increment), [_entry(shard)]))
    # A shard's rows do not stay apart: those below zero are the rare alleles of who was withdrawn with it.
    for place in (region, folder):
        compact(place)
    return shard


def regions_of(nation: str | Path) -> Mapping[str, Contents]:
    """What is counted of each region, by its name; ``read_increment()`` of each gives its sums."""
    folders = sorted((Path(nation) / REGIONS).iterdir())
    return {folder.name: read_manifest(folder) for folder in folders if not folder.name.startswith(".")}


def recover(nation: str | Path) -> None:
    """Make good what an interruption left: the nation's sums are again those of its regions."""
    with changing(Path(nation)) as whole:
        _made_good(whole)


def _made_good(whole: Contents) -> Contents:
    """The nation with every shard that a region has taken in; usually it lacks none."""
    regions = regions_of(whole.folder).values()
    known = {entry["digest"] for entry in whole.accepted}
    lacking = [entry for region in regions for entry in region.accepted if entry["digest"] not in known]
    if not lacking:
        return whole
    parts = [region.read_increment() for region in regions]
    missing = Increment.merged(whole.settings.build, [*parts, whole.read_increment().negated()])
    return append(whole, Segment(missing), lacking)


def _entry(shard: Shard) -> dict[str, object]:
    """What the nation keeps of a shard."""
    header = shard.header
    return {
        "region": header.region,
        "sequence": header.sequence,
        "digest": shard.digest,
        "month": header.month,
        "key": header.key,
        "people": dict(vars(header.people)),
    }


def _refuse_out_of_turn(shard: Shard, accepted: tuple[Mapping[str, object], ...], source: str) -> None:
    """Every shard once, in the region's order."""
    header, region = shard.header, shard.header.region
    if any(entry["digest"] == shard.digest for entry in accepted):
        raise InputError(
            "replayed_shard",
            f"Shard {header.sequence} of {region} was taken in before.",
            "Nothing needs to be done: it is counted, once. Delete the file.",
            source=source,
        )
    if header.sequence > len(accepted) + 1:
        raise InputError(
            "missing_shard",
            f"This is shard {header.sequence} of {region}; the last one taken in is {len(accepted)}.",
            f"Ask {region} for shard {len(accepted) + 1}, and take them in by their numbers.",
            source=source,
        )
    before = accepted[-1]["digest"] if accepted else None
    if header.sequence <= len(accepted) or header.previous != before:
        raise InputError(
            "broken_chain",
            f"Shard {header.sequence} of {region} does not follow on the {len(accepted)} that were taken in: it was "
            "made from another state.",
            f"Ask {region} to restore the folder of its shards; what was sent before counts.",
            source=source,
        )


def _refuse_impossible_sums(shard: Shard, counted: Increment, least: int, source: str) -> None:
    """What the region would have in all must be the counts of people, and of none or of enough."""
    region, total = shard.header.region, Increment.merged(counted.build, [counted, shard.increment])
    people = total.number_of_people
    problem = f"there would be {people} people" if people < 0 else implausible(total, people, 0)
    if problem:
        raise InputError(
            "negative_counts",
            f"The shard does not fit to what {region} has sent: of its {people} people {problem}.",
            f"Ask {region} to compare its counts with what it sent; the shard takes away what was never added.",
            source=source,
        )
    if 0 < people < least:
        raise InputError(
            "too_few_left",
            f"{people} people of {region} would be left in the national store; at least {least} are needed.",
            "Send it together with more people, or withdraw all of them.",
            source=source,
        )
