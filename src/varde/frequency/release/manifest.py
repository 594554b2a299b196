"""The manifest of a release: what it is, what was measured, what was decided, and which files it has."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from importlib.metadata import version
from typing import Any

from varde.frequency.release import layout
from varde.frequency.release.gate import Gate
from varde.frequency.release.groups import people_by_group
from varde.frequency.release.measured import Measured, coarse
from varde.frequency.release.prepare import Prepared
from varde.frequency.release.read import Release
from varde.frequency.release.sums import COMMANDS
from varde.frequency.signing import PublicKey
from varde.frequency.store import RULES

BIN_RULES = {
    "bins": "bounds of a bin's allele counts by its number and the rounded allele number, both inclusive",
    "lowest_bin": "has no rows: such an allele is told of as one that nobody carries",
    "coverage": "the least allele number of each block of bases, rounded; without a row it is that of the place; "
    "not part of the measure",
    "hysteresis": "a count may lie up to one standard deviation outside of the bin it is told in",
    "structural_variants": "not in the public part",
    "groups": "no frequency of a disease group, a sex or a region is published, so none follows by subtraction; one "
    "would have to be measured by itself and for its complement, which is not done",
    "measured": "rounded so that one person more or less is not read off; upper bounds are rounded up",
    "interpretations": "of at least two laboratories; not part of the measure",
}


def manifest_of(
    prepared: Prepared, measured: Measured, gate: Gate, key: PublicKey, artefacts: Sequence[Mapping[str, object]]
) -> dict[str, Any]:
    """The manifest of a release with these files."""
    order, sources, parameters = prepared.order, prepared.sources, prepared.order.parameters
    added, withdrawn = sources.changed_since(order.previous.manifest if order.previous else None)
    return {
        "format": layout.KIND,
        "format_version": layout.FORMAT,
        "release": order.name,
        "month": order.month,
        "correction": order.correction,
        "previous": _previous(order.previous),
        "build": str(sources.settings.build),
        "register": key.name,
        "register_key": key.identifier,
        "people": {"all": sources.total.number_of_people, "by_group": people_by_group(sources.total, parameters)},
        "batch": {"added": added, "withdrawn": withdrawn},
        "sources": {
            "regions": sorted(sources.regions),
            "shards": [entry["digest"] for entry in sources.shards],
            "counting": sources.settings.as_json(),
            "rules": RULES,
        },
        "parameters": parameters.table(),
        "parameters_sha256": parameters.digest,
        "methods": BIN_RULES,
        "hysteresis_applied": order.previous is not None and order.previous.is_public and parameters.hysteresis,
        "sites": _sites(prepared, measured, gate),
        "measured": measured.as_json(),
        "measured_sha256": measured.digest,
        "gate": gate.as_json(),
        "software": f"varde {version('varde')}",
        "seed": parameters.seed,
        "verify": COMMANDS,
        "artefacts": list(artefacts),
    }


def _previous(previous: Release | None) -> dict[str, str] | None:
    if previous is None:
        return None
    text = (previous.folder / layout.MANIFEST).read_bytes()
    return {"release": previous.name, "manifest_sha256": hashlib.sha256(text).hexdigest()}


def _sites(prepared: Prepared, measured: Measured, gate: Gate) -> dict[str, Any]:
    chosen = prepared.chosen(measured.chosen if gate.public else 0)
    above = prepared.bins.number > 0
    names = [chosen.name for chosen in prepared.order.sets]
    return {
        "offered": coarse(len(chosen)),
        "measured": coarse(int(chosen.sum())),
        "released": int((chosen & above).sum()),
        "below_threshold": coarse(int((chosen & ~above).sum())),
        "sets_offered": len(names),
        "sets_released": names[: measured.chosen] if gate.public else [],
    }
