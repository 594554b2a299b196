"""The programs that the workflow calls: found, asked for their versions, and named with what installs them."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from importlib.metadata import PackageNotFoundError, version
from types import MappingProxyType
from typing import Final

from varde.genome.errors import InputError

ASKED: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        "fastp": ("--version",),
        "bwa": (),
        "samtools": ("--version",),
        "bcftools": ("--version",),
        "mosdepth": ("--version",),
        "bgzip": ("--version",),
    }
)
"""Program, and the arguments that make it tell its version."""
PACKAGES: Final[Mapping[str, str]] = MappingProxyType({"bgzip": "tabix", "mosdepth": "mosdepth libhts-dev"})
"""Debian packages not named like the program. Debian 12's mosdepth opens libhts.so, which libhts-dev brings."""
_VERSION = re.compile(r"(\d+\.\d+[\w.+-]*)")


def tool_versions(extra: Sequence[str] = ()) -> dict[str, str]:
    """Version by program, Snakemake among them. Raises InputError ``tool_missing``, naming all that are missing or do
    not start and what installs them."""
    found: dict[str, str] = {}
    missing: list[str] = []
    for name in (*ASKED, *extra):
        told = _told_version(name)
        if told is None:
            missing.append(name)
        else:
            found[name] = told
    try:
        found["snakemake"] = version("snakemake")
    except PackageNotFoundError:
        raise InputError(
            "tool_missing",
            "Snakemake, which runs the workflow, is not installed.",
            f"Install it: {sys.executable} -m pip install 'varde[pipeline]'.",
            field="pipeline",
        ) from None
    if missing:
        packages = " ".join(PACKAGES.get(name, name) for name in missing)
        raise InputError(
            "tool_missing",
            f"Not installed, or not able to start: {', '.join(missing)}.",
            f"On Debian: apt-get install {packages}.",
            field="pipeline",
        )
    return found


def multiqc_version() -> str | None:
    """MultiQC's version; None where it is not installed: the summary is then left out."""
    return _told_version("multiqc", ("--version",))


def _told_version(name: str, arguments: Sequence[str] | None = None) -> str | None:
    path = shutil.which(name)
    if path is None:
        return None
    asked = [path, *(ASKED.get(name, ("--version",)) if arguments is None else arguments)]
    answer = subprocess.run(asked, capture_output=True, text=True, errors="replace", check=False, timeout=60)  # noqa: S603
    text = answer.stdout + answer.stderr
    found = _VERSION.search(text.split("Version:", 1)[-1])
    return found.group(1) if found and "could not load" not in text else None
