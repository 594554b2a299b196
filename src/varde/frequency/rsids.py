"""Variants by rsID, over the sources that are loaded."""

from __future__ import annotations

import re
from collections.abc import Iterable

from varde.frequency.sources import Source
from varde.genome.alleles import Variant
from varde.genome.errors import InputError

_SHAPE = re.compile(r"\s*rs([1-9][0-9]{0,9})\s*", re.IGNORECASE)


def find(found: Iterable[Source], rsid: str) -> tuple[Variant, ...]:
    """The variants that any of the sources gives this rsID, each once, by position; empty when none does.

    An rsID names a place, not an allele: several variants are usual. Raises InputError ``bad_rsid``.
    """
    told = _SHAPE.fullmatch(rsid)
    if not told or int(told[1]) >= 1 << 32:
        raise InputError(
            "bad_rsid", f"{rsid[:40]!r} is no rsID.", "Write it as rs and a number, for example rs334.", field="rsid"
        )
    return tuple(sorted({variant for source in found for variant in source.of_rsid(int(told[1]))}))
