"""``varde kin``: who is in a region's counts folder twice, or beside their kin."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import polars as pl
import typer

from varde.cli import output
from varde.frequency.fingerprints import Panel
from varde.frequency.kinship import Kin
from varde.frequency.relatives import Family, apply_family, find_family, panel_of
from varde.genome.errors import InputError


def command(
    counts: Annotated[Path, typer.Argument(help="A region's counts folder.")],
    panel: Annotated[
        Path | None,
        typer.Option("--panel", help="Panel of common alleles; chosen from the counts and written when not there."),
    ] = None,
    apply: Annotated[
        bool, typer.Option("--apply", help="Set aside who leaves, and count again who may come back.")
    ] = False,
    as_json: output.JsonOption = False,
) -> None:
    """List duplicates and kin, and who would be set aside so that nobody counted is kin of another.

    Runs are named, no people. Nothing is changed without --apply; a duplicate is set aside like kin, and better
    withdrawn ('varde withdraw').
    """
    if panel is None or not panel.exists():
        chosen = panel_of(counts)
        if panel is not None:
            _write(chosen, panel)
    else:
        chosen = Panel.read(panel)
    family = find_family(counts, chosen)
    if apply:
        apply_family(counts, family)
    pairs = family.pairs.sort("kinship", "first", "second", descending=[True, False, False])
    result = {
        "people": family.people,
        "panel": {"sites": len(chosen.keys), "digest": chosen.digest},
        "identical": family.identical,
        "pairs": pairs.to_dicts(),
        "set_aside": family.leave,
        "counted_again": family.come,
        "held_out_kin": family.held_out,
        "applied": apply,
    }
    output.print_result(result, as_json=as_json, text="\n".join(_lines(family, pairs, applied=apply)))


def _write(panel: Panel, path: Path) -> None:
    try:
        panel.write(path)
    except OSError as error:
        raise InputError(
            "out_not_writable",
            f"The panel cannot be written: {error.strerror}.",
            "Choose a folder you may write to.",
            source=path.name,
            field="--panel",
        ) from None


def _lines(family: Family, pairs: pl.DataFrame, *, applied: bool) -> list[str]:
    kinds = dict(pairs.group_by("kin").len().iter_rows())
    found = ", ".join(f"{kinds[str(kin)]:,} {kin.replace('_', ' ')}" for kin in Kin if str(kin) in kinds)
    lines = [f"{family.people:,} people compared at {len(family.panel.keys):,} alleles: {found or 'no kin'}."]
    lines += [f"  {run} is counted more than once, with the very same alleles." for run in family.identical]
    lines += [
        f"  {pair['first']}  {pair['second']}  {pair['kin'].replace('_', ' ')}, kinship {pair['kinship']:.3f}"
        for pair in pairs.iter_rows(named=True)
    ]
    for runs, now, then in (
        (family.leave, "set aside", "would be set aside"),
        (family.come, "counted again", "would be counted again"),
    ):
        lines += [f"{len(runs):,} {now if applied else then}:", *(f"  {run}" for run in runs)] if runs else []
    if family.held_out:
        lines.append(f"{len(family.held_out):,} people held out are kin of somebody counted; hold others out instead:")
        lines += [f"  {run}" for run in family.held_out]
    if (family.leave or family.come) and not applied:
        lines.append("Nothing was changed; --apply does it.")
    return lines
