"""What a VCF holds, told from its header and first records: small variants, structural ones, or repeats."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path

from varde.frequency.structural import DECLARED, is_structural
from varde.genome.text_source import TextSource
from varde.genome.vcf_header import parse_header
from varde.genome.vcf_lines import LineWindow
from varde.interpretation.repeats.calls import DECLARES_REPEATS

LOOKED_AT = 200
"""Records that decide where the header declares structural variants."""


class CallKind(StrEnum):
    """A file's variants; a file of both kinds counts as small, and its structural alleles are not judged."""

    SMALL = "small"
    STRUCTURAL = "structural"
    REPEAT = "repeat"


def kind_of_file(path: str | Path) -> CallKind:
    """Repeats where REPCN is declared. Structural where the header declares such alleles and most of the first records
    have one, or there is no record. Else small. Raises InputError as ``read_header``."""
    with TextSource(path) as source:
        window = LineWindow(source)
        header = parse_header(window.take_header(), source.name)
        if DECLARES_REPEATS.search(header.text):
            return CallKind.REPEAT
        if not DECLARED.search(header.text):
            return CallKind.SMALL
        if window.start == window.stop and not window.is_done:
            window.refill()
        lines = window.text[window.start : window.stop].tobytes().decode(errors="replace").split("\n")[:LOOKED_AT]
    fields = [line.split("\t", 5) for line in lines if line.count("\t") >= 5]
    structural = sum(any(is_structural(one[3], alt) for alt in one[4].split(",")) for one in fields)
    return CallKind.STRUCTURAL if 2 * structural >= len(fields) else CallKind.SMALL
