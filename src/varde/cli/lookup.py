"""``varde lookup``: what the counts say of one variant."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import typer

from varde.cli import output
from varde.cli.reference import reference_store
from varde.frequency.lookup import Counts, State, as_counted
from varde.frequency.store import Settings
from varde.genome.alleles import Variant
from varde.genome.references import Reference

_MEANING = {
    State.OBSERVED: "observed",
    State.ABSENT_COVERED: "not observed, though people were covered there",
    State.NOT_COVERED: "not covered: nothing is known of it here",
}


def command(
    variant: Annotated[str, typer.Argument(help="20-1234-A-T, chr20:1234:A:T or NC_000020.11:1234:A:T")],
    counts: Annotated[Path, typer.Option("--counts", help="Folder written by 'varde count'.")],
    as_json: output.JsonOption = False,
) -> None:
    """Tell AC, AN, homozygotes and hemizygotes of a variant: observed, covered and absent, or not covered."""
    store = Counts(counts)
    settings = store.manifest.settings
    asked = Variant.parse(settings.build, variant)
    reference = _reference_of(settings)
    counted = as_counted(asked, reference)
    found = store.lookup(counted)
    result = {
        "variant": str(asked),
        "looked_up_as": str(counted),
        "normalised_with": reference.name if reference else None,
        "build": str(settings.build),
        "state": str(found.state),
        "ac": found.ac,
        "an": found.an,
        "af": found.allele_frequency,
        "nhomalt": found.homozygotes,
        "nhemi": found.hemizygotes,
        "xx": {"ac": found.ac_xx, "an": found.an_xx},
        "xy": {"ac": found.ac_xy, "an": found.an_xy},
        "people": store.people,
        "gate": str(settings.gate),
    }
    output.print_result(result, as_json=as_json, text=_text(result))


def _reference_of(settings: Settings) -> Reference | None:
    """The reference that the counts were normalised with, when the store has it."""
    store = reference_store()
    if settings.reference is None or settings.reference not in store.names():
        return None
    reference = store.get(settings.reference)
    return reference if Settings.checksum_of(reference) == settings.reference_sha256 else None


def _text(result: Mapping[str, Any]) -> str:
    reference, af = result["normalised_with"], result["af"]
    how = f"left-aligned with reference {reference}" if reference else "trimmed; no reference to left-align with"
    lines = [
        f"{result['variant']} ({result['build']}): {_MEANING[State(result['state'])]}.",
        f"Looked up as {result['looked_up_as']} ({how}).",
    ]
    if af is not None:
        people = f"{result['nhomalt']} homozygous, {result['nhemi']} hemizygous"
        lines.append(f"AC {result['ac']}, AN {result['an']}, AF {af:.6g}, {people}.")
    return "\n".join([*lines, f"{result['people']:,} people counted, gate {result['gate']}."])
