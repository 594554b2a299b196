"""What a public release answers for one allele."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from enum import StrEnum


class PublicState(StrEnum):
    """The four answers. Nobody and hardly anybody are one: ``BELOW``."""

    IN_BIN = "in_bin"
    BELOW = "below"
    NOT_COVERED = "not_covered"
    NOT_IN_RELEASE = "not_in_release"


class AtLeast(StrEnum):
    """Numbers of people as the public sees them."""

    FEWER_THAN_K = "fewer_than_k"
    AT_LEAST_K = "at_least_k"


@dataclass(frozen=True)
class PublicAnswer:
    """One answer. Everything is None where the state says that nothing is known or told.

    ``an`` is rounded; ``ac_low`` to ``ac_high`` are the counts of the bin, ``af_low`` and ``af_high`` those over
    ``an``. ``faf95_at_most``: the filtering allele frequency is not higher. With hysteresis the count behind a bin may
    lie one standard deviation outside of it, which ``faf95_at_most`` allows for.
    """

    release: str
    build: str
    state: PublicState
    an: int | None = None
    bin: int | None = None
    ac_low: int | None = None
    ac_high: int | None = None
    af_low: float | None = None
    af_high: float | None = None
    faf95_at_most: float | None = None
    homozygotes: AtLeast | None = None
    hemizygotes: AtLeast | None = None

    def as_json(self) -> dict[str, object]:
        """Plain values, always the same names in the same order."""
        return asdict(self)
