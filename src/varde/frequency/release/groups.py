"""Disease groups in a release: how many people, as far as that may be said, and which groups nothing can be told of."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

import numpy as np

from varde.frequency.cells import Cell, DiseaseGroup
from varde.frequency.disclosure.bins import rounded_an
from varde.frequency.increment import Increment
from varde.frequency.release.parameters import Parameters
from varde.frequency.release.sources import Sources


@dataclass(frozen=True)
class Refused:
    """A group that cannot be told of, with the class of the reason: ``too_few_people`` or ``one_region``."""

    group: str
    reason: str


def people_of(increment: Increment) -> Counter[DiseaseGroup]:
    """People by group."""
    counted: Counter[DiseaseGroup] = Counter()
    for code, people in increment.people.select("cell", "people").iter_rows():
        counted[Cell.of_code(code).group] += people
    return counted


def people_by_group(increment: Increment, parameters: Parameters) -> dict[str, int | str]:
    """People by group, to the nearest hundred; of small groups only that they are small."""
    least = parameters.least_group
    return {
        str(group): f"fewer than {least}" if people < least else int(rounded_an(np.array([people]))[0])
        for group, people in sorted(people_of(increment).items())
        if people
    }


def refused_groups(sources: Sources, parameters: Parameters) -> tuple[Refused, ...]:
    """Groups of too few people, and groups that nearly all come from one region, whose patients' district they tell."""
    by_region = [people_of(part) for part in sources.regions.values()]
    found = []
    for group, people in sorted(people_of(sources.total).items()):
        most = max(counted[group] for counted in by_region)
        if 0 < people < parameters.least_group:
            found.append(Refused(str(group), "too_few_people"))
        elif most > parameters.most_of_one_region * people:
            found.append(Refused(str(group), "one_region"))
    return tuple(found)
