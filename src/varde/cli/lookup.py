"""``varde lookup``: what the counts say of one variant, or of structural events like one."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import typer

from varde.cli import output
from varde.cli.reference import reference_store
from varde.frequency.lookup import Counts, State, as_counted
from varde.frequency.store import Settings
from varde.frequency.structural_clusters import StructuralCall
from varde.frequency.structural_notation import looks_structural, parse_event
from varde.genome.alleles import Variant
from varde.genome.references import Reference

_MEANING = {
    State.OBSERVED: "observed",
    State.ABSENT_COVERED: "not observed, though people were covered there",
    State.NOT_COVERED: "not covered: nothing is known of it here",
}
_EVENT_MEANING = {
    State.OBSERVED: "events like it were counted",
    State.ABSENT_COVERED: "no event like it was counted, though people were read for such",
    State.NOT_COVERED: "nobody was read for such: nothing is known of it here",
}
_TOLD = (
    *("ac", "an", "nhomalt", "nhemi", "nobs", "people", "overlap", "distance", "calls", "calls_alike"),
    *("carriers_alike", "start_low", "start_high", "end_low", "end_high"),
)


def command(
    variant: Annotated[
        str,
        typer.Argument(
            help="20-1234-A-T, chr20:1234:A:T or NC_000020.11:1234:A:T; of structural variants X:1000-2000:DEL (DUP, "
            "INV, CNV), 7:1000:INS:300, 2:1000-5:2000:BND, or a record of a VCF."
        ),
    ],
    counts: Annotated[Path, typer.Option("--counts", help="Folder written by 'varde count'.")],
    as_json: output.JsonOption = False,
) -> None:
    """Tell AC, AN, homozygotes and hemizygotes of a variant: observed, covered and absent, or not covered.

    Of a structural variant: every counted event like it, among the people read by a method that sees such.
    """
    store = Counts(counts)
    settings = store.manifest.settings
    if looks_structural(variant):
        told = _events(store, parse_event(settings.build, variant))
        output.print_result(told, as_json=as_json, text=_events_text(told))
        return
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


def _events(store: Counts, call: StructuralCall) -> dict[str, Any]:
    found, nobody = store.events.like(call), store.events.people_at(call)
    return {
        "event": str(call),
        "build": str(store.settings.build),
        "state": str(State.OBSERVED if found.height else State.ABSENT_COVERED if nobody.an else State.NOT_COVERED),
        "people_assayed": nobody.people,
        "an": nobody.an,
        "matches": [
            {"event": str(StructuralCall.of(row)), "af": row["ac"] / row["an"] if row["an"] else None}
            | {name: row[name] for name in _TOLD}
            for row in found.iter_rows(named=True)
        ],
        "people": store.people,
        "gate": str(store.settings.gate),
    }


def _events_text(told: Mapping[str, Any]) -> str:
    lines = [f"{told['event']} ({told['build']}): {_EVENT_MEANING[State(told['state'])]}."]
    lines += [line for one in told["matches"] for line in _event_lines(one)]
    read = f"{told['people_assayed']:,} of {told['people']:,} people counted were read by a method that sees such"
    return "\n".join([*lines, f"{read}, gate {told['gate']}."])


def _event_lines(one: Mapping[str, Any]) -> list[str]:
    share = "" if one["af"] is None else f", AF {one['af']:.6g}"
    near = f"{one['distance']:,} bases away"
    if one["overlap"] is not None:
        near = f"{one['overlap']:.1%} of the longer one is shared"
    ends = f"{one['start_low']}-{one['start_high']} and {one['end_low']}-{one['end_high']}"
    carriers = f"{one['nobs']} carriers among {one['people']} people read for such"
    return [
        f"  {one['event']}: AC {one['ac']}, AN {one['an']}{share}; {carriers}.",
        f"    {one['nhomalt']} homozygous, {one['nhemi']} hemizygous; ends at {ends}.",
        f"    {near}; {one['calls_alike']} of its {one['calls']} calls are like it, in {one['carriers_alike']} people.",
    ]


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
