"""What a fault found by the parser means to the reader of the message."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from varde.genome import vcf_parser as parser
from varde.genome.errors import InputError
from varde.genome.vcf_header import COLUMNS, VcfHeader
from varde.genome.vcf_parser import Extent

_SHOWN = 40
_FAULTS = {
    parser.COLUMN_COUNT: ("bad_columns", "has another number of columns than the header's {columns}."),
    parser.POSITION: ("bad_position", "POS must be a whole number; found {text!r}."),
    parser.REFERENCE: ("bad_allele", "REF must be one or more bases (A C G T N or an IUPAC code); found {text!r}."),
    parser.ALTERNATE: ("bad_allele", "ALT must be bases, '*', '<NAME>', a breakend or '.'; found {text!r}."),
    parser.EMPTY_FIELD: ("empty_field", "has an empty column; a missing value is written '.'."),
    parser.SECOND_HEADER: ("second_header", "A header line stands among the records; the file was glued from several."),
    parser.GENOTYPE: ("bad_genotype", "GT must be allele numbers or '.' joined by '/' or '|'; found {text!r}."),
    parser.ALLELE_INDEX: ("bad_genotype", "GT {text!r} names an allele that the record does not have."),
    parser.PLOIDY: ("bad_ploidy", "GT {text!r} has more than two alleles; one or two can be read."),
    parser.NUMBER: ("bad_number", "A number from 0 to 2147483647 or '.' is expected; found {text!r}."),
    parser.REPEATED_FIELD: ("bad_format", "FORMAT names a field twice: {text!r}."),
    parser.SUBFIELD_COUNT: ("bad_format", "A sample has more values than FORMAT has fields."),
    parser.END: ("bad_end", "INFO/END must be a whole number not before POS; found {text!r}."),
    parser.FORMAT_FIELDS: ("bad_format", f"FORMAT has more than {parser.MAX_FORMAT_FIELDS} fields."),
}
_REMEDIES = {
    parser.COLUMN_COUNT: "Check that columns are separated by tabs and that the file is complete.",
    parser.SECOND_HEADER: "Join VCF files with bcftools concat.",
    parser.PLOIDY: "Call genotypes with ploidy 2 (1 for X and Y of a male).",
}
_DEFAULT_REMEDY = "Correct the record, or write the file anew with the program that called the variants."
_FIXED_FIELD = {parser.POSITION: "POS", parser.REFERENCE: "REF", parser.ALTERNATE: "ALT", parser.END: "INFO/END"}


def explain(extent: Extent, text: NDArray[np.uint8], header: VcfHeader, source: str) -> InputError:
    """The error of a fault at ``extent.place`` of the buffer, in the record that starts at ``extent.consumed``."""
    raw = text[extent.consumed : extent.consumed + (1 << 20)].tobytes().partition(b"\n")[0]
    place = extent.place - extent.consumed
    before = raw[:place]
    shown = _value_at(raw, place, extent.fault)
    expected = len(COLUMNS) + (1 + len(header.samples) if header.has_format else 0)
    code, problem = _FAULTS[extent.fault]
    if problem.startswith("has "):
        problem = f"The record {problem}"
    return InputError(
        code,
        problem.format(text=shown, columns=expected),
        _REMEDIES.get(extent.fault, _DEFAULT_REMEDY),
        source=source,
        line=extent.line,
        field=_field(extent.fault, before, header),
    )


def _value_at(raw: bytes, place: int, fault: int) -> str:
    ends = b"\t\r;" if fault == parser.END else b"\t\r," if fault == parser.ALTERNATE else b"\t\r"
    if fault in (parser.GENOTYPE, parser.ALLELE_INDEX, parser.PLOIDY, parser.NUMBER):
        ends = b"\t\r:"
    stop = place
    while stop < len(raw) and raw[stop] not in ends:
        stop += 1
    value = raw[place:stop].decode(errors="replace")
    return value if len(value) <= _SHOWN else value[:_SHOWN] + "..."


def _field(fault: int, before: bytes, header: VcfHeader) -> str | None:
    """The column, and for a sample's value the sample and the FORMAT field."""
    if fault in _FIXED_FIELD:
        return _FIXED_FIELD[fault]
    if fault in (parser.COLUMN_COUNT, parser.SECOND_HEADER):
        return None
    column = before.count(b"\t")
    if column < len(COLUMNS):
        return (COLUMNS[column]).removeprefix("#")
    if column == len(COLUMNS):
        return "FORMAT"
    columns = before.split(b"\t")
    keys = columns[8].decode(errors="replace").split(":")
    key = keys[min(columns[-1].count(b":"), len(keys) - 1)]
    return f"sample {header.samples[column - 9]}, {key}"
