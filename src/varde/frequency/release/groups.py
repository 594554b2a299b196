"""Disease groups in a release: how many people, as far as that may be said. No frequency is told of a group."""

from __future__ import annotations

from collections import Counter

import numpy as np

from varde.frequency.cells import Cell, DiseaseGroup
from varde.frequency.disclosure.bins import rounded_an
from varde.frequency.increment import Increment
from varde.frequency.release.parameters import Parameters


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
