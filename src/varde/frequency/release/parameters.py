"""The figures that a release is built by: one table, each with its unit and where it comes from."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field, fields
from typing import Any

from varde.frequency.disclosure.bins import AN_STEP, FEWEST_PEOPLE, FEWEST_REGIONS, LOWEST_EDGE, SCHEMES
from varde.frequency.disclosure.power import NEVER_ABOVE
from varde.frequency.release.gate import PASSES_UP_TO

_PAGE = "reference page on anonymity, section {}"


def _figure(value: Any, unit: str, section: str) -> Any:
    return field(default=value, metadata={"unit": unit, "source": _PAGE.format(section)})


@dataclass(frozen=True)
class Parameters:
    """Figures of one release. Raises ValueError for a scheme that there is not."""

    scheme: str = _figure("sqrt-5", "name of the bin edges, in alleles", "8.2")
    lowest_edge: int = _figure(LOWEST_EDGE, "alleles; no bin begins below", "5")
    people_per_site: int = _figure(FEWEST_PEOPLE, "people; fewer are the lowest bin", "8.3")
    regions_per_site: int = _figure(FEWEST_REGIONS, "regions; fewer are the lowest bin", "8.3")
    an_rounding: int = _figure(AN_STEP, "alleles", "8.2")
    hysteresis: bool = _figure(True, "one standard deviation of the count, or none", "8.4")
    least_people: int = _figure(1_000, "people in a release", "8.3")
    least_group: int = _figure(200, "people in a group whose size is told", "8.3")
    least_batch: int = _figure(200, "people added or withdrawn since the release before", "8.3")
    least_batch_share: float = _figure(0.05, "of the people of the release before", "8.3")
    passes_up_to: float = _figure(PASSES_UP_TO, "upper 95 % bound of the power at 5 % false positives", "6")
    accepted_up_to: float = _figure(NEVER_ABOVE, "upper 95 % bound of the power at 5 % false positives", "6")
    coverage_block: int = _figure(10, "bases; the allele number of a block is its least", "8.2")
    least_laboratories: int = _figure(2, "laboratories behind a published interpretation", "8.2")
    seed: int = _figure(20_260_101, "seed of the bootstrap and of simulated relatives", "8.6")

    def __post_init__(self) -> None:
        if self.scheme not in SCHEMES:
            raise ValueError(f"no scheme {self.scheme!r}; there are {', '.join(SCHEMES)}")

    def table(self) -> dict[str, dict[str, Any]]:
        """Name to value, unit and source, as it stands in the manifest."""
        return {entry.name: {"value": getattr(self, entry.name), **entry.metadata} for entry in fields(self)}

    @property
    def digest(self) -> str:
        """SHA-256 of names and values."""
        values = {entry.name: getattr(self, entry.name) for entry in fields(self)}
        return hashlib.sha256(json.dumps(values, sort_keys=True).encode()).hexdigest()

    def least_batch_after(self, people: int) -> int:
        """Fewest people to add and withdraw in all after a release of ``people`` people."""
        return max(self.least_batch, -int(-self.least_batch_share * people // 1))
