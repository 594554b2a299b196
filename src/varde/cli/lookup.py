"""``varde lookup``: what counts, or a public release, say of one variant, and counts of structural events like one."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from varde.cli import output
from varde.cli.reference import reference_store
from varde.frequency.lookup import Counts, State
from varde.frequency.store import Settings
from varde.frequency.structural_clusters import StructuralCall
from varde.frequency.structural_notation import looks_structural, parse_event
from varde.genome.alleles import Variant
from varde.genome.builds import Build
from varde.genome.errors import InputError
from varde.genome.references import Reference

if TYPE_CHECKING:
    from varde.frequency.release.read import Release

VARIANT_HELP = (
    "20-1234-A-T or chr20:1234:A:T, counted from 1; SPDI such as NC_000020.11:1233:A:T, counted from 0; "
    "or an HGVS name: g., and with a reference that has genes c. and p.; of structural variants X:1000-2000:DEL (DUP, "
    "INV, CNV), 7:1000:INS:300, 2:1000-5:2000:BND, or a record of a VCF"
)
_MEANING = {
    State.OBSERVED: "observed",
    State.ABSENT_COVERED: "not observed, though people were covered there",
    State.NOT_COVERED: "not covered: nothing is known of it here",
}
_PUBLIC_MEANING = {
    "in_bin": "observed; the release tells in which bin",
    "below": "covered, with fewer copies than the lowest bin tells of, or none: the release does not tell which",
    "not_covered": "not covered: nothing is known of it here",
    "not_in_release": "outside the genes of the release: nothing is told of it",
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
    variant: Annotated[str, typer.Argument(help=VARIANT_HELP)],
    counts: Annotated[Path | None, typer.Option("--counts", help="Folder written by 'varde count'.")] = None,
    release: Annotated[Path | None, typer.Option("--release", help="Folder of a release: its public part.")] = None,
    reference: Annotated[
        str | None, typer.Option("--reference", help="With --release: reference to check REF and left-align with.")
    ] = None,
    as_json: output.JsonOption = False,
) -> None:
    """Tell what counts or a release say of a variant, and apart from it whether anything is known there at all.

    Of a structural variant: every counted event like it, among the people read by a method that sees such.
    """
    if (counts is None) == (release is None):
        raise InputError(
            "bad_arguments", "One of --counts and --release is needed.", "Give one.", field="--counts, --release"
        )
    if release is not None:
        if looks_structural(variant):
            raise InputError(
                "no_structural_variants",
                "A public release tells of no structural variant.",
                "Ask the counts, with --counts.",
                field="--release",
            )
        result = _of_release(release, variant, reference)
        output.print_result(result, as_json=as_json, text=_release_text(result))
    elif reference is not None:
        raise InputError(
            "bad_arguments",
            "Counts are looked up with the reference that they were counted with.",
            "Leave --reference out.",
            field="--reference",
        )
    elif counts is not None and looks_structural(variant):
        store = Counts(counts)
        told = _events(store, parse_event(store.settings.build, variant))
        output.print_result(told, as_json=as_json, text=_events_text(told))
    elif counts is not None:
        result = _of_counts(counts, variant)
        output.print_result(result, as_json=as_json, text=_counts_text(result))


def _of_counts(folder: Path, text: str) -> dict[str, Any]:
    store = Counts(folder)
    settings = store.manifest.settings
    reference = _reference_of(settings)
    asked, counted = _normalised(text, settings.build, reference)
    found = store.lookup(counted)
    return {
        **_head(asked, counted, reference),
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


def _of_release(folder: Path, text: str, name: str | None) -> dict[str, Any]:
    from varde.frequency.release.read import Release as Opened

    release = Opened(folder)
    reference = reference_store().get(name) if name is not None else None
    if reference is not None and reference.build is not release.build:
        raise InputError(
            "build_mismatch",
            f"The release is of {release.build}, reference {name} is of {reference.build}.",
            f"Use a reference of {release.build}.",
            field="--reference",
        )
    asked, counted = _normalised(text, release.build, reference)
    answer = release.lookup(counted).as_json()
    told = release.interpretations_of(counted).select("class", "laboratories", "year", "guideline")
    return {
        **_head(asked, counted, reference),
        **answer,
        "least_people": _least_people(release) if answer["homozygotes"] is not None else None,
        "interpretations": told.to_dicts(),
    }


def _normalised(text: str, build: Build, reference: Reference | None) -> tuple[Variant, Variant]:
    """As asked and as counts write it. Raises InputError as the search, and where the text names several variants."""
    from varde.frequency.search import Searcher

    choice = Searcher(build, reference).one(text)
    asked, counted = choice.asked, choice.target
    if asked is None or not isinstance(counted, Variant):
        raise AssertionError("the search gives one variant or raises")
    return asked, counted


def _head(asked: Variant, counted: Variant, reference: Reference | None) -> dict[str, Any]:
    return {
        "variant": str(asked),
        "looked_up_as": str(counted),
        "normalised_with": reference.name if reference else None,
        "build": str(asked.build),
    }


def _least_people(release: Release) -> int:
    """The k of "fewer than k people"."""
    return int(release.manifest["parameters"]["people_per_site"]["value"])


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


def _said_first(result: Mapping[str, Any], meaning: str) -> list[str]:
    reference = result["normalised_with"]
    how = f"left-aligned with reference {reference}" if reference else "trimmed; no reference to left-align with"
    return [
        f"{result['variant']} ({result['build']}): {meaning}.",
        f"Looked up as {result['looked_up_as']} ({how}).",
    ]


def _counts_text(result: Mapping[str, Any]) -> str:
    lines = _said_first(result, _MEANING[State(result["state"])])
    if result["af"] is not None:
        people = f"{result['nhomalt']} homozygous, {result['nhemi']} hemizygous"
        lines.append(f"AC {result['ac']}, AN {result['an']}, AF {result['af']:.6g}, {people}.")
    return "\n".join([*lines, f"{result['people']:,} people counted, gate {result['gate']}."])


def _release_text(result: Mapping[str, Any]) -> str:
    lines = _said_first(result, _PUBLIC_MEANING[result["state"]])
    if result["an"] is not None:
        least = result["least_people"]
        people = {"fewer_than_k": f"fewer than {least}, or none", "at_least_k": f"at least {least}"}
        lines += [
            f"AC {result['ac_low']:,} to {result['ac_high']:,} of about AN {result['an']:,}, "
            f"AF {result['af_low']:.6g} to {result['af_high']:.6g}, faf95 at most {result['faf95_at_most']:.6g}.",
            f"Homozygous people: {people[result['homozygotes']]}; hemizygous: {people[result['hemizygotes']]}.",
        ]
    lines += [
        f"Interpreted as class {one['class']} by {one['laboratories']} laboratories, the last in {one['year']} "
        f"({one['guideline']})."
        for one in result["interpretations"]
    ]
    return "\n".join([*lines, f"Release {result['release']}."])
