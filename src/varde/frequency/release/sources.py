"""The counts that a release is made from: everybody's sums, region by region."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from varde.frequency.increment import Increment
from varde.frequency.lookup import Counts
from varde.frequency.merge import refuse_file_twice
from varde.frequency.nation import regions_of
from varde.frequency.same_person import refuse_person_in_two
from varde.frequency.store import Settings, read_manifest
from varde.genome.errors import InputError


@dataclass(frozen=True)
class Sources:
    """``regions``: sums by name. ``shards``: what the nation has accepted, digest and people, sorted by digest."""

    settings: Settings
    regions: Mapping[str, Increment]
    shards: tuple[Mapping[str, Any], ...] = ()

    @cached_property
    def total(self) -> Increment:
        """Everybody's counts."""
        return Increment.merged(self.settings.build, [self.regions[name] for name in sorted(self.regions)])

    @classmethod
    def of_nation(cls, folder: str | Path) -> Sources:
        """What a national store has accepted. Raises InputError as ``read_manifest``."""
        contents = read_manifest(Path(folder))
        shards = sorted(contents.accepted, key=lambda entry: str(entry["digest"]))
        regions = {name: part.read_increment() for name, part in regions_of(folder).items()}
        return cls(contents.settings, regions, tuple(shards))

    @classmethod
    def of_regions(cls, folders: Sequence[str | Path]) -> Sources:
        """Counts folders of regions at hand, each named as its folder.

        Raises InputError ``no_input``, ``region_twice``, ``other_settings``, ``same_file_twice``,
        ``person_in_two_folders`` and as ``Counts``.
        """
        if not folders:
            raise InputError("no_input", "No region was given.", "Give at least one counts folder.", field="--region")
        found = {Path(folder).resolve().name: Counts(folder) for folder in folders}
        if len(found) < len(folders):
            raise InputError(
                "region_twice", "Two regions have the same name.", "Give each region's folder once.", field="--region"
            )
        settings = next(iter(found.values())).settings
        for counts in found.values():
            settings.refuse_other(counts.settings)
        parts = [counts.manifest for counts in found.values()]
        refuse_file_twice(parts)
        refuse_person_in_two(parts)
        return cls(settings, {name: counts.increment for name, counts in found.items()})

    def changed_since(self, previous: Mapping[str, Any] | None) -> tuple[int, int]:
        """People added and withdrawn since the release with manifest ``previous``; all of them without one.

        From the shards that it did not have; without shards, the net change.
        """
        before = previous["people"]["all"] if previous else 0
        if not self.shards:
            net = self.total.number_of_people - before
            return max(net, 0), max(-net, 0)
        known = set(previous["sources"]["shards"]) if previous else set()
        new = [entry["people"] for entry in self.shards if entry["digest"] not in known]
        added = sum(people["added"] + people["corrected"] for people in new)
        return added, sum(people["withdrawn"] + people["corrected"] for people in new)
