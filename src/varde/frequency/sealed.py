"""Sealed files: what regions and nation send each other, a ZIP archive signed by whoever made it.

::

    header.json              who, what and of which counts, with the SHA-256 of each member
    header.sig               the maker's Ed25519 signature over header.json
    <member>.parquet ...     tables

The same content gives the same bytes; the SHA-256 of ``header.json`` names all the rest. Nothing of an unsigned file is
interpreted but the name in its header.
"""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from varde.frequency.new_file import new_file
from varde.frequency.signing import SIGNATURE_BYTES, PrivateKey, PublicKey
from varde.genome.errors import InputError

HEADER, SIGNATURE = "header.json", "header.sig"
_LONGEST_HEADER = 1 << 20


@dataclass(frozen=True)
class Kind:
    """One kind of sealed file: ``noun`` as problems call it, ``code`` as their codes do (``damaged_shard``).

    ``format`` are the values of format, format_version and key_format; ``signer`` is region or register, and the field
    of the header that names it; ``made_by`` is the command that writes such files.
    """

    noun: str
    code: str
    format: tuple[str, int, int]
    signer: str
    made_by: str
    members: Collection[str]

    @property
    def as_json(self) -> dict[str, object]:
        """What every header of the kind begins with."""
        return dict(zip(("format", "format_version", "key_format"), self.format, strict=True))

    def damaged(self, problem: str, source: str) -> InputError:
        """What to raise for a file that is not as it was made."""
        return InputError(
            f"damaged_{self.code}",
            f"The {self.noun} is damaged or was changed. {problem}",
            f"Fetch the file from the {self.signer} again; nothing of it was stored.",
            source=source,
        )

    def other_format(self, problem: object, source: str) -> InputError:
        """What to raise for a header of another version."""
        return InputError(
            "unknown_format",
            f"The header does not say what a {self.noun} of this version says: {problem}.",
            f"Have the {self.noun} made with the register's version of Varde.",
            source=source,
            field=HEADER,
        )


@dataclass(frozen=True)
class Sealed:
    """A sealed file that was read: its header, its tables by member, and ``digest``, the SHA-256 of the header."""

    header: Mapping[str, Any]
    tables: Mapping[str, pl.DataFrame]
    digest: str


@dataclass(frozen=True)
class Draft:
    """A sealed file before it is signed and written: ``head`` is ``header.json``."""

    kind: Kind
    head: bytes
    members: Mapping[str, bytes]

    @classmethod
    def of(cls, kind: Kind, header: Mapping[str, Any], tables: Mapping[str, pl.DataFrame]) -> Draft:
        members = {f"{name}.parquet": _parquet(tables[name]) for name in kind.members}
        listed = {
            name: {"bytes": len(body), "sha256": hashlib.sha256(body).hexdigest()} for name, body in members.items()
        }
        entries = {**kind.as_json, **header, "members": listed}
        return cls(kind, (json.dumps(entries, indent=1, sort_keys=True) + "\n").encode(), members)

    @property
    def digest(self) -> str:
        """SHA-256 of the header."""
        return hashlib.sha256(self.head).hexdigest()

    def write(self, path: Path, key: PrivateKey) -> None:
        """Sign and write it at ``path``. Raises InputError ``out_exists``, ``out_not_writable``; nothing is then left.

        ValueError when it is not ``key``'s owner that the header names.
        """
        entries = json.loads(self.head)
        if (entries[self.kind.signer], entries["key"]) != (key.name, key.public.identifier):
            raise ValueError(f"a {self.kind.noun} is signed by the {self.kind.signer} that it names")
        content = {HEADER: self.head, SIGNATURE: key.sign(self.head), **self.members}
        try:
            with new_file(path) as partial, zipfile.ZipFile(partial, "w", zipfile.ZIP_STORED) as archive:
                for name, body in content.items():
                    archive.writestr(zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0)), body)
        except OSError as error:
            taken = isinstance(error, FileExistsError)
            problem = f"The {self.kind.noun} cannot be written: {error.strerror}."
            raise InputError(
                "out_exists" if taken else "out_not_writable",
                "A file of this name is already there." if taken else problem,
                "Choose another name; nothing is overwritten." if taken else "Choose a folder you may write to.",
                source=path.name,
                field="--out",
            ) from None


def read_sealed(path: str | Path, kind: Kind, trusted: Mapping[str, PublicKey]) -> Sealed:
    """The header and tables of a file, after its signature and its digests were checked.

    ``trusted`` are keys by name. Raises InputError ``no_<code>``, ``damaged_<code>``, ``unknown_<signer>``,
    ``wrong_signature``, ``unknown_format``.
    """
    source = Path(path).name
    with _archive(Path(path), kind, source) as archive:
        head, signature = _member(archive, HEADER, kind, source), _member(archive, SIGNATURE, kind, source)
        header = _signed_header(head, signature, kind, trusted, source)
        tables = {name: _table(archive, f"{name}.parquet", header, kind, source) for name in kind.members}
    return Sealed(header, tables, hashlib.sha256(head).hexdigest())


def header_digest(path: Path, kind: Kind) -> str:
    """The digest of a file that one has written oneself. Raises InputError ``no_<code>``, ``damaged_<code>``."""
    with _archive(path, kind, path.name) as archive:
        return hashlib.sha256(_member(archive, HEADER, kind, path.name)).hexdigest()


def typed(sealed: Sealed, name: str, schema: pl.Schema, kind: Kind, source: str) -> pl.DataFrame:
    """A table with the columns of ``schema`` and no empty fields. Raises InputError ``damaged_<code>``."""
    frame = sealed.tables[name]
    if frame.columns != schema.names():
        raise kind.damaged(f"{name}.parquet has other columns than it should.", source)
    try:
        cast = frame.cast(schema)
    except pl.exceptions.PolarsError:
        raise kind.damaged(f"{name}.parquet has other values than it should.", source) from None
    if any(cast.null_count().row(0)):
        raise kind.damaged(f"{name}.parquet has empty fields.", source)
    return cast


def _signed_header(
    head: bytes, signature: bytes, kind: Kind, trusted: Mapping[str, PublicKey], source: str
) -> Mapping[str, Any]:
    """The header, once the signature of the one whom it names holds."""
    try:
        entries: Mapping[str, Any] = json.loads(head)
        name, key = str(entries[kind.signer]), str(entries["key"])
    except (ValueError, KeyError, TypeError, RecursionError):
        raise kind.damaged(f"{HEADER} cannot be read.", source) from None
    if name not in trusted or trusted[name].identifier != key:
        known = "the name is known, but not with this key" if name in trusted else "no key of this name is trusted"
        raise InputError(
            f"unknown_{kind.signer}",
            f"The {kind.noun} says it comes from {name[:40]!r} with the key {key[:32]!r}: {known}.",
            f"Ask the {kind.signer} for its public key by a way you trust, and add it to the trusted keys.",
            source=source,
            field=kind.signer,
        )
    trusted[name].verify(head, signature, source)
    found = tuple(entries.get(part) for part in kind.as_json)
    if found != kind.format:
        raise kind.other_format(f"the format is {found}, expected {kind.format}", source)
    return entries


def _parquet(frame: pl.DataFrame) -> bytes:
    buffer = io.BytesIO()
    frame.write_parquet(buffer, compression="zstd", compression_level=3, row_group_size=131_072)
    return buffer.getvalue()


def _archive(path: Path, kind: Kind, source: str) -> zipfile.ZipFile:
    """The archive, with just the members of its kind, each once and stored as it is."""
    try:
        archive = zipfile.ZipFile(path)
    except OSError as error:
        raise InputError(
            f"no_{kind.code}",
            f"The file cannot be read: {error.strerror}.",
            f"Give the path of a {kind.noun} that {kind.made_by!r} wrote.",
            source=source,
        ) from None
    except (zipfile.BadZipFile, ValueError, NotImplementedError):
        raise kind.damaged("It is no whole archive; it may have been cut off.", source) from None
    entries = archive.infolist()
    expected = sorted((HEADER, SIGNATURE, *(f"{name}.parquet" for name in kind.members)))
    plain = all(entry.compress_type == zipfile.ZIP_STORED and not entry.flag_bits & 1 for entry in entries)
    if sorted(entry.filename for entry in entries) != expected or not plain:
        archive.close()
        raise kind.damaged(f"It does not have the members of a {kind.noun}, each once.", source)
    return archive


def _member(archive: zipfile.ZipFile, name: str, kind: Kind, source: str, size: int | None = None) -> bytes:
    most = {HEADER: _LONGEST_HEADER, SIGNATURE: SIGNATURE_BYTES}.get(name, size)
    if most is None or archive.getinfo(name).file_size > most:
        raise kind.damaged(f"{name} has another size than it should.", source)
    try:
        return archive.read(name)
    except (zipfile.BadZipFile, EOFError, OSError, ValueError):
        raise kind.damaged(f"{name} cannot be read whole.", source) from None


def _table(archive: zipfile.ZipFile, name: str, header: Mapping[str, Any], kind: Kind, source: str) -> pl.DataFrame:
    """A member's rows, once its digest is the one that was signed."""
    try:
        listed = header["members"][name]
        size, digest = int(listed["bytes"]), listed["sha256"]
    except (KeyError, TypeError, ValueError):
        raise kind.damaged(f"{HEADER} does not list {name}.", source) from None
    body = _member(archive, name, kind, source, size)
    if hashlib.sha256(body).hexdigest() != digest:
        raise kind.damaged(f"{name} is not what the {kind.signer} signed.", source)
    try:
        return pl.read_parquet(io.BytesIO(body))
    except pl.exceptions.PolarsError:
        raise kind.damaged(f"{name} is no Parquet file.", source) from None
