"""Shards: what a region sends to the nation, one signed file of net counts over at least k people.

A shard is a ZIP archive without compression of its own::

    header.json              who, which number, for which counts, how many people, SHA-256 of each member
    header.sig               the region's Ed25519 signature over header.json
    observations.parquet     the increment's frames
    coverage.parquet  structural.parquet  people.parquet  long.parquet

Additions, withdrawals and corrections are summed to one net increment, by cell; no run and no person has a name in it.
It is still personal data in transit: with one withdrawal among additions, the rows below zero are that person's rare
alleles. Send it over a channel that only the register can read, and delete it when it is accepted.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

from varde.frequency.increment import COVERAGE, LONG, OBSERVATIONS, PEOPLE, STRUCTURAL, Increment
from varde.frequency.plausibility import check_increment
from varde.frequency.sealed import Draft, Kind, Sealed, read_sealed
from varde.frequency.signing import PrivateKey, PublicKey
from varde.frequency.store import Settings
from varde.genome.builds import Build
from varde.genome.errors import InputError
from varde.genome.keys import KEY_FORMAT

FRAMES = {
    "observations": OBSERVATIONS,
    "coverage": COVERAGE,
    "structural": STRUCTURAL,
    "people": PEOPLE,
    "long": LONG,
}
KIND = Kind("shard", "shard", ("varde-shard", 1, KEY_FORMAT), "region", "varde shard make", FRAMES)
LEAST_PEOPLE = 5
_MONTH = re.compile(r"20\d\d-(0[1-9]|1[0-2])")
_DIGEST = re.compile(r"[0-9a-f]{64}")


def is_month(text: str) -> bool:
    """Whether a text is a month as ``YYYY-MM``."""
    return bool(_MONTH.fullmatch(text))


@dataclass(frozen=True)
class Changed:
    """People whose counts a shard changes, each once: new, gone, and counted anew with other data."""

    added: int = 0
    withdrawn: int = 0
    corrected: int = 0

    @property
    def total(self) -> int:
        """All of them."""
        return self.added + self.withdrawn + self.corrected

    @property
    def coming(self) -> int:
        """People whose counts are added."""
        return self.added + self.corrected

    @property
    def going(self) -> int:
        """People whose counts are taken away."""
        return self.withdrawn + self.corrected

    def refuse_too_few(self, least: int, source: str | None = None) -> None:
        """Raise InputError ``too_few_people``; ValueError when ``least`` would let one person pass."""
        if least < 2:
            raise ValueError("one person's increment is a genotype: at least two people are needed")
        if self.total < least:
            raise InputError(
                "too_few_people",
                f"{self.total} people changed since the last shard; at least {least} are needed in one.",
                "Wait until more people were added or withdrawn: fewer people's counts are nearly their genotypes.",
                source=source,
                field="people",
            )


@dataclass(frozen=True)
class Header:
    """What a shard says of itself. ``previous`` is the digest of the region's shard before, None for its first.

    ``sequence`` counts a region's shards from 1; ``month`` is ``YYYY-MM``; ``key`` is the signer's identifier.
    """

    region: str
    key: str
    sequence: int
    previous: str | None
    month: str
    settings: Settings
    people: Changed

    def __post_init__(self) -> None:
        numbers = (self.sequence, self.people.added, self.people.withdrawn, self.people.corrected)
        if not all(type(number) is int and 0 <= number < 1 << 31 for number in numbers):
            raise ValueError("numbers of a shard must be whole and not negative")
        if self.sequence < 1 or (self.sequence == 1) != (self.previous is None):
            raise ValueError("the first shard of a region, and only that, has none before it")
        if self.previous is not None and not _DIGEST.fullmatch(self.previous):
            raise ValueError("previous must be a SHA-256")
        if not is_month(self.month):
            raise ValueError(f"{self.month!r} is not a month as YYYY-MM")

    def as_json(self) -> dict[str, object]:
        """As ``header.json`` has it, but for the format and the members."""
        return {
            "software": f"varde {version('varde')}",
            "region": self.region,
            "key": self.key,
            "sequence": self.sequence,
            "previous": self.previous,
            "month": self.month,
            "settings": self.settings.as_json(),
            "people": vars(self.people),
        }

    @classmethod
    def from_json(cls, entries: Mapping[str, Any]) -> Header:
        """Raises KeyError, TypeError or ValueError for what is no header."""
        names = ("region", "key", "sequence", "previous", "month")
        settings, people = Settings.from_json(entries["settings"]), Changed(**entries["people"])
        return cls(**{name: entries[name] for name in names}, settings=settings, people=people)


@dataclass(frozen=True)
class Shard:
    """A shard that was made or read. ``digest`` is the SHA-256 of ``header.json``, which names all the rest."""

    header: Header
    increment: Increment
    digest: str


def make_shard(
    path: Path, header: Header, increment: Increment, key: PrivateKey, *, least_people: int = LEAST_PEOPLE
) -> Shard:
    """Write and sign a shard at ``path``, which must be free. The same values give the same bytes.

    Raises InputError ``too_few_people``, ``implausible_counts``, ``out_exists``; no file is then left.
    """
    header.people.refuse_too_few(least_people)
    check_increment(increment, header.people.coming, header.people.going)
    draft = Draft.of(KIND, header.as_json(), {name: getattr(increment, name) for name in FRAMES})
    draft.write(path, key)
    return Shard(header, increment, draft.digest)


def read_shard(path: str | Path, trusted: Mapping[str, PublicKey]) -> Shard:
    """The shard of a file, after its signature, its digests and the sense of its numbers were checked.

    ``trusted`` are the regions' keys by name. Raises InputError ``no_shard``, ``damaged_shard``, ``unknown_format``,
    ``unknown_region``, ``wrong_signature``, ``implausible_counts``.
    """
    source, sealed = Path(path).name, read_sealed(path, KIND, trusted)
    try:
        header = Header.from_json(sealed.header)
    except (ValueError, KeyError, TypeError) as error:
        raise KIND.other_format(error, source) from None
    increment = increment_of(sealed, header.settings.build, KIND, source)
    check_increment(increment, header.people.coming, header.people.going, source)
    return Shard(header, increment, sealed.digest)


def increment_of(sealed: Sealed, build: Build, kind: Kind, source: str) -> Increment:
    """The increment of a sealed file with ``FRAMES``. Raises InputError ``damaged_<code>``."""
    try:
        return Increment(build, **sealed.tables)
    except ValueError as error:
        raise kind.damaged(f"{error}.", source) from None
