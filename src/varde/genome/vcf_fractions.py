"""Allele fractions that callers write for mitochondrial calls, read from the text of the few records that have them.

GATK Mutect2 and mutserve write AF, DeepVariant and mity VAF, mtDNA-Server HF: one value per ALT, or one in all.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

FRACTION_FIELDS = (b"AF", b"VAF", b"HF")
_FORMAT = 8


def fractions(lines: Sequence[bytes], alleles: Sequence[int], places: NDArray[np.int32]) -> NDArray[np.float32]:
    """Fractions float32 [rows, samples] of record lines and ALT numbers; NaN where no field gives one from 0 to 1.

    ``places`` int32 [sample columns of the file] is each column's place in the table, -1 for one not chosen.
    """
    found = np.full((len(lines), int(places.max(initial=-1)) + 1), np.nan, dtype=np.float32)
    for row, (line, allele) in enumerate(zip(lines, alleles, strict=True)):
        columns = line.rstrip(b"\r\n").split(b"\t")
        keys = columns[_FORMAT].split(b":") if len(columns) > _FORMAT else []
        field = next((keys.index(name) for name in FRACTION_FIELDS if name in keys), None)
        if field is None:
            continue
        for place, cell in zip(places.tolist(), columns[_FORMAT + 1 :], strict=False):
            if place >= 0:
                found[row, place] = _fraction(cell, field, allele)
    return found


def _fraction(cell: bytes, field: int, allele: int) -> float:
    values = cell.split(b":")
    told = values[field].split(b",") if field < len(values) else []
    chosen = told[allele - 1] if 0 < allele <= len(told) else b"."
    try:
        value = float(chosen)
    except ValueError:
        return np.nan
    return value if 0 <= value <= 1 else np.nan
