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

import hashlib
import io
import json
import re
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

import polars as pl

from varde.frequency.increment import COVERAGE, LONG, OBSERVATIONS, PEOPLE, STRUCTURAL, Increment
from varde.frequency.new_file import new_file
from varde.frequency.plausibility import check_increment
from varde.frequency.signing import SIGNATURE_BYTES, PrivateKey, PublicKey
from varde.frequency.store import Settings
from varde.genome.errors import InputError
from varde.genome.keys import KEY_FORMAT

FORMAT = ("varde-shard", 1, KEY_FORMAT)
HEADER, SIGNATURE = "header.json", "header.sig"
FRAMES = {
    "observations": OBSERVATIONS,
    "coverage": COVERAGE,
    "structural": STRUCTURAL,
    "people": PEOPLE,
    "long": LONG,
}
LEAST_PEOPLE = 5
_LONGEST_HEADER = 1 << 20
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
        """As ``header.json`` has it, but for the members."""
        return {
            "format": FORMAT[0],
            "format_version": FORMAT[1],
            "key_format": FORMAT[2],
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
        if (found := (entries["format"], entries["format_version"], entries["key_format"])) != FORMAT:
            raise ValueError(f"the format is {found}, expected {FORMAT}")
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
    if (header.region, header.key) != (key.name, key.public.identifier):
        raise ValueError("a shard is signed by the region that it names")
    check_increment(increment, header.people.coming, header.people.going)
    members = {f"{name}.parquet": _parquet(getattr(increment, name)) for name in FRAMES}
    listed = {name: {"bytes": len(body), "sha256": hashlib.sha256(body).hexdigest()} for name, body in members.items()}
    head = (json.dumps({**header.as_json(), "members": listed}, indent=1, sort_keys=True) + "\n").encode()
    _write_archive(path, {HEADER: head, SIGNATURE: key.sign(head), **members})
    return Shard(header, increment, hashlib.sha256(head).hexdigest())


def read_shard(path: str | Path, trusted: Mapping[str, PublicKey]) -> Shard:
    """The shard of a file, after its signature, its digests and the sense of its numbers were checked.

    ``trusted`` are the regions' keys by name. Raises InputError ``no_shard``, ``damaged_shard``, ``unknown_format``,
    ``unknown_region``, ``wrong_signature``, ``implausible_counts``. Nothing of an unsigned file is interpreted but its
    header.
    """
    source = Path(path).name
    with _archive(Path(path), source) as archive:
        head, signature = _member(archive, HEADER, source), _member(archive, SIGNATURE, source)
        header, listed = _signed_header(head, signature, trusted, source)
        frames = {name: _frame(archive, f"{name}.parquet", listed, source) for name in FRAMES}
    try:
        increment = Increment(header.settings.build, **frames)
    except ValueError as error:
        raise _damaged(f"{error}.", source) from None
    check_increment(increment, header.people.coming, header.people.going, source)
    return Shard(header, increment, hashlib.sha256(head).hexdigest())


def _signed_header(
    head: bytes, signature: bytes, trusted: Mapping[str, PublicKey], source: str
) -> tuple[Header, Mapping[str, Any]]:
    """The header and the list of members, once the signature of the region that it names holds."""
    try:
        entries = json.loads(head)
        region, key = str(entries["region"]), str(entries["key"])
    except (ValueError, KeyError, TypeError, RecursionError):
        raise _damaged(f"{HEADER} cannot be read.", source) from None
    if region not in trusted or trusted[region].identifier != key:
        known = "the name is known, but not with this key" if region in trusted else "no key of this name is trusted"
        raise InputError(
            "unknown_region",
            f"The shard says it comes from {region[:40]!r} with the key {key[:32]!r}: {known}.",
            "Ask the region for its public key by a way you trust, and add it to the trusted keys.",
            source=source,
            field="region",
        )
    trusted[region].verify(head, signature, source)
    try:
        return Header.from_json(entries), entries["members"]
    except (ValueError, KeyError, TypeError) as error:
        raise InputError(
            "unknown_format",
            f"The header does not say what a shard of this version says: {error}.",
            "Have the shard made with the register's version of Varde.",
            source=source,
            field=HEADER,
        ) from None


def _parquet(frame: pl.DataFrame) -> bytes:
    buffer = io.BytesIO()
    frame.write_parquet(buffer, compression="zstd", compression_level=3, row_group_size=131_072)
    return buffer.getvalue()


def _write_archive(path: Path, members: Mapping[str, bytes]) -> None:
    try:
        with new_file(path) as partial, zipfile.ZipFile(partial, "w", zipfile.ZIP_STORED) as archive:
            for name, body in members.items():
                archive.writestr(zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0)), body)
    except OSError as error:
        taken = isinstance(error, FileExistsError)
        raise InputError(
            "out_exists" if taken else "out_not_writable",
            "A file of this name is already there." if taken else f"The shard cannot be written: {error.strerror}.",
            "Choose another name; nothing is overwritten." if taken else "Choose a folder you may write to.",
            source=path.name,
            field="--out",
        ) from None


def _archive(path: Path, source: str) -> zipfile.ZipFile:
    """The archive, with just the members of a shard, each once and stored as it is."""
    try:
        archive = zipfile.ZipFile(path)
    except OSError as error:
        raise InputError(
            "no_shard",
            f"The file cannot be read: {error.strerror}.",
            "Give the path of a shard that 'varde shard make' wrote.",
            source=source,
        ) from None
    except (zipfile.BadZipFile, ValueError, NotImplementedError):
        raise _damaged("It is no whole archive; it may have been cut off.", source) from None
    entries = archive.infolist()
    expected = sorted((HEADER, SIGNATURE, *(f"{name}.parquet" for name in FRAMES)))
    plain = all(entry.compress_type == zipfile.ZIP_STORED and not entry.flag_bits & 1 for entry in entries)
    if sorted(entry.filename for entry in entries) != expected or not plain:
        archive.close()
        raise _damaged("It does not have the members of a shard, each once.", source)
    return archive


def _member(archive: zipfile.ZipFile, name: str, source: str, size: int | None = None) -> bytes:
    most = {HEADER: _LONGEST_HEADER, SIGNATURE: SIGNATURE_BYTES}.get(name, size)
    if most is None or archive.getinfo(name).file_size > most:
        raise _damaged(f"{name} has another size than it should.", source)
    try:
        return archive.read(name)
    except (zipfile.BadZipFile, EOFError, OSError, ValueError):
        raise _damaged(f"{name} cannot be read whole.", source) from None


def _frame(archive: zipfile.ZipFile, name: str, listed: Mapping[str, Any], source: str) -> pl.DataFrame:
    """A member's rows, once its digest is the one that the region signed."""
    try:
        size, digest = int(listed[name]["bytes"]), listed[name]["sha256"]
    except (KeyError, TypeError, ValueError):
        raise _damaged(f"{HEADER} does not list {name}.", source) from None
    body = _member(archive, name, source, size)
    if hashlib.sha256(body).hexdigest() != digest:
        raise _damaged(f"{name} is not what the region signed.", source)
    try:
        return pl.read_parquet(io.BytesIO(body))
    except pl.exceptions.PolarsError:
        raise _damaged(f"{name} is no Parquet file.", source) from None


def _damaged(problem: str, source: str) -> InputError:
    return InputError(
        "damaged_shard",
        f"The shard is damaged or was changed. {problem}",
        "Fetch the file from the region again; nothing of it was stored.",
        source=source,
    )
