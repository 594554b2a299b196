"""Verifying a release: the signature, the sums, what is there and what should be, and that the parts agree.

A stranger needs none of this: see ``sums``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from varde.frequency.index import FrequencyIndex
from varde.frequency.release import layout
from varde.frequency.release.public import PUBLIC_COVERAGE, PUBLIC_SITES
from varde.frequency.release.read import Release
from varde.frequency.release.site_sets import SITE_SETS, all_places, sets_of
from varde.frequency.release.sums import SIGNATURE, SUMS, digest_of, files_below
from varde.frequency.release.tables import read_sites, read_table
from varde.frequency.signing import PublicKey
from varde.genome.errors import InputError


@dataclass(frozen=True)
class Verified:
    """What was found to be as it should."""

    release: str
    key: str
    files: int
    bytes: int
    sites: int
    professional: bool


def verify_release(folder: str | Path, key: PublicKey) -> Verified:
    """Verify a whole release. Raises InputError for the first thing that is wrong, naming the file:

    ``no_release``, ``no_sums``, ``wrong_signature``, ``missing_file``, ``exchanged_file``, ``extra_file``,
    ``contradiction``, ``truncated_table``.
    """
    folder = Path(folder)
    listed = verify_sums(folder, key, but=(layout.PROFESSIONAL,))
    release = Release(folder)
    _manifest_agrees(release.manifest, listed, folder)
    sites = _public_agrees(release, listed) if release.is_public else _nothing_public(folder)
    professional = folder / layout.PROFESSIONAL
    if professional.is_dir():
        verify_sums(professional, key)
    size = sum((folder / name).stat().st_size for name in listed)
    return Verified(release.name, key.identifier, len(listed), size, sites, professional.is_dir())


def verify_sums(folder: Path, key: PublicKey, but: tuple[str, ...] = ()) -> dict[str, str]:
    """File to sha256 as signed, when every file is what was signed and there is no other. Raises as above."""
    try:
        text, signature = (folder / SUMS).read_bytes(), (folder / SIGNATURE).read_bytes()
    except OSError:
        raise InputError(
            "no_sums",
            f"{SUMS} or {SIGNATURE} is not there or cannot be read.",
            "Fetch the whole release again.",
            source=folder.name,
        ) from None
    key.verify(text, signature, SUMS)
    listed = dict(_lines(text))
    found = files_below(folder, but=(SUMS, SIGNATURE, *but))
    for name, expected in listed.items():
        if name not in found:
            raise _wrong("missing_file", f"{name} is signed and not there.", name)
        if digest_of(folder / name) != expected:
            raise _wrong("exchanged_file", f"{name} is not the file that was signed.", name)
    extra = next((name for name in found if name not in listed), None)
    if extra is not None:
        raise _wrong("extra_file", f"{extra} is there and was not signed.", extra)
    return listed


def _lines(text: bytes) -> Iterator[tuple[str, str]]:
    for line in text.decode("utf-8").splitlines():
        digest, _, name = line.partition("  ")
        yield name, digest


def _manifest_agrees(manifest: Mapping[str, Any], listed: Mapping[str, str], folder: Path) -> None:
    told = {entry["name"]: entry["sha256"] for entry in manifest["artefacts"]}
    signed = {name: digest for name, digest in listed.items() if name != layout.MANIFEST}
    if told != signed:
        other = sorted(set(told.items()) ^ set(signed.items()))[0][0]
        raise _wrong("contradiction", f"The manifest and {SUMS} disagree about {other}.", layout.MANIFEST)
    for entry in manifest["artefacts"]:
        if (folder / entry["name"]).stat().st_size != entry["bytes"]:
            raise _wrong("contradiction", f"The manifest gives another size of {entry['name']}.", layout.MANIFEST)


def _nothing_public(folder: Path) -> int:
    if (folder / layout.PUBLIC).exists():
        raise _wrong("contradiction", "The gate refused publication, and there is a public part.", layout.PUBLIC)
    return 0


def _public_agrees(release: Release, listed: Mapping[str, str]) -> int:
    """That Parquet, index, coverage, site sets and manifest tell the same; the number of sites."""
    folder = release.folder
    names = [name for name in listed if name.startswith(f"{layout.SITES}/")]
    sites = pl.concat([PUBLIC_SITES.to_frame(), *(read_sites(folder / name) for name in names)]).sort("key")
    index = FrequencyIndex.open(folder / layout.INDEX)
    index.verify()
    columns = ["an", "bin", "homozygotes", "hemizygotes"]
    written = sites.with_columns(pl.col(columns).cast(pl.Int64))
    if not index.frame().select(written.columns).equals(written):
        raise _wrong("contradiction", "The index tells other sites than the tables.", layout.INDEX)
    if sites.height != release.manifest["sites"]["released"]:
        raise _wrong("contradiction", "The manifest gives another number of sites.", layout.MANIFEST)
    told = all_places(sets_of(read_table(folder / layout.SITE_SETS, SITE_SETS)))
    place = sites["contig"].cast(pl.Int64).to_numpy() << 32 | sites["position"].cast(pl.Int64).to_numpy() - 1
    if not told.covers(place).all() or (sites["bin"] == 0).any():
        raise _wrong("contradiction", "A site is outside of what is told, or in the lowest bin.", layout.SITES)
    read_table(folder / layout.COVERAGE, PUBLIC_COVERAGE)
    read_table(folder / layout.INTERPRETATIONS, layout.INTERPRETED)
    return sites.height


def _wrong(code: str, problem: str, source: str) -> InputError:
    return InputError(
        code, problem, "Fetch the release again from the register; if it stays so, tell the register.", source=source
    )
