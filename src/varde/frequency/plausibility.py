"""Whether an increment can be what so many people, added and taken away, come to."""

from __future__ import annotations

import numpy as np
import polars as pl

from varde.frequency.cells import Cell
from varde.frequency.increment import Increment
from varde.genome.builds import CONTIGS, contig_lengths
from varde.genome.errors import InputError
from varde.genome.keys import decode_alleles, encode_keys, is_hashed, key_contigs, key_positions

_INDEX = {
    "observations": ("key", "cell"),
    "coverage": ("cell", "place"),
    "structural": ("kind", "contig", "start", "end", "mate_contig", "mate_position", "length", "cell"),
    "people": ("cell",),
    "long": ("key",),
}
_VALUES = {
    "observations": ("het", "hom", "hemi", "beside"),
    "coverage": ("change",),
    "structural": ("het", "hom", "hemi"),
    "people": ("people", "structural_people"),
}


def check_increment(increment: Increment, plus: int, minus: int, source: str | None = None) -> None:
    """Raise InputError ``implausible_counts`` unless ``plus`` people more and ``minus`` fewer can bring this about.

    Every index stands once and in order, every cell and place exists, no number passes what these people can
    contribute, and every long allele is spelled as its key says. ``minus`` 0 means that nothing may be below zero.
    """
    problem = implausible(increment, plus, minus)
    if problem:
        raise InputError(
            "implausible_counts",
            f"These cannot be the counts of {plus} people more and {minus} fewer: {problem}.",
            "Have the region count and send again; nothing was stored.",
            source=source,
        )


def implausible(increment: Increment, plus: int, minus: int) -> str | None:
    """What is wrong with an increment as that of ``plus`` people more and ``minus`` fewer; None when nothing is."""
    return (
        _disorder(increment)
        or _no_such_cell(increment)
        or _no_such_place(increment)
        or _misspelled(increment)
        or _too_many(increment, plus, minus)
        or _open_end(increment)
    )


def _disorder(increment: Increment) -> str | None:
    for name, index in _INDEX.items():
        frame: pl.DataFrame = getattr(increment, name)
        if any(frame.null_count().row(0)):
            return f"{name} has empty fields"
        rows = frame.select(index)
        if not rows.equals(rows.unique().sort(index)):
            return f"{name} does not have each row once and in order"
    return None


def _no_such_cell(increment: Increment) -> str | None:
    for name in _VALUES:
        for code in getattr(increment, name)["cell"].unique():
            try:
                Cell.of_code(code)
            except ValueError:
                return f"{name} has a cell {code}, which does not exist"
    return None


def _no_such_place(increment: Increment) -> str | None:
    keys, place = increment.observations["key"].to_numpy(), increment.coverage["place"].to_numpy()
    calls = increment.structural
    for name, contig, position in (
        ("observations", key_contigs(keys), key_positions(keys)),
        ("coverage", place >> 32, np.maximum(place & 0xFFFFFFFF, 1)),
        ("structural", calls["contig"].to_numpy(), calls["start"].to_numpy()),
        ("structural", calls["contig"].to_numpy(), calls["end"].to_numpy()),
    ):
        lengths = contig_lengths(increment.build)
        known = (contig >= 1) & (contig <= len(CONTIGS))
        if not np.all(known & (position >= 1) & (position <= lengths[np.where(known, contig, 1)])):
            return f"{name} has a place outside the chromosomes of {increment.build}"
    return None


def _misspelled(increment: Increment) -> str | None:
    keys, long = increment.observations["key"].unique().to_numpy(), increment.long
    hashed = is_hashed(keys)
    if not np.array_equal(np.sort(keys[hashed]), long["key"].to_numpy()):
        return "the letters of its long alleles are not those that are needed"
    ref, alt = decode_alleles(keys[~hashed])
    if not (ref.str.len_bytes().min() or 1) or not (alt.str.len_bytes().min() or 1):
        return "a key spells no allele"
    found = long["key"].to_numpy()
    if long.height and not np.array_equal(
        encode_keys(key_contigs(found), key_positions(found), long["ref"], long["alt"]), found
    ):
        return "a long allele is not the one of its key"
    return None


def _too_many(increment: Increment, plus: int, minus: int) -> str | None:
    if increment.number_of_people != plus - minus:
        return f"they are of {increment.number_of_people} people net"
    for name, values in _VALUES.items():
        frame: pl.DataFrame = getattr(increment, name)
        for value in values:
            numbers = frame[value] if name != "coverage" else _levels(frame)
            if len(numbers) and not -minus <= int(numbers.min()) <= int(numbers.max()) <= plus:  # type: ignore[arg-type]
                below = -minus > int(numbers.min())  # type: ignore[arg-type]
                return f"{name} has {'fewer' if below else 'more'} people in {value!r} than these can make"
    return None


def _open_end(increment: Increment) -> str | None:
    """Steps that do not come down to nobody within their chromosome."""
    ends = increment.coverage.group_by("cell", pl.col("place") // (1 << 32)).agg(pl.col("change").cast(pl.Int64).sum())
    return "callable intervals do not end" if (ends["change"] != 0).any() else None


def _levels(coverage: pl.DataFrame) -> pl.Series:
    return coverage.select(pl.col("change").cast(pl.Int64).cum_sum().over("cell"))["change"]
