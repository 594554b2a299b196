"""Reference builds, their contigs under every usual name, and the pseudo-autosomal regions."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from enum import StrEnum
from functools import lru_cache
from typing import TYPE_CHECKING

from varde.genome.errors import InputError

if TYPE_CHECKING:  # loaded where it is used: commands that must start at once ask for names and builds alone
    import numpy as np
    from numpy.typing import NDArray

CONTIGS = (*(str(number) for number in range(1, 23)), "X", "Y", "MT")
"""Contig names without prefix; a contig's code is its place here plus one (1-25). Code 0 is any other sequence."""

X, Y, MT = 23, 24, 25


class Build(StrEnum):
    """A human reference build. Positions of two builds are never compared."""

    GRCH37 = "GRCh37"
    GRCH38 = "GRCh38"


# Lengths and RefSeq accession versions of the NCBI assemblies GCF_000001405.13 (GRCh37) and GCF_000001405.26 (GRCh38).
# The mitochondrion of both is the revised Cambridge sequence NC_012920.1.
_LENGTHS = {
    Build.GRCH37: (
        *(249250621, 243199373, 198022430, 191154276, 180915260, 171115067, 159138663, 146364022, 141213431),
        *(135534747, 135006516, 133851895, 115169878, 107349540, 102531392, 90354753, 81195210, 78077248),
        *(59128983, 63025520, 48129895, 51304566, 155270560, 59373566, 16569),
    ),
    Build.GRCH38: (
        *(248956422, 242193529, 198295559, 190214555, 181538259, 170805979, 159345973, 145138636, 138394717),
        *(133797422, 135086622, 133275309, 114364328, 107043718, 101991189, 90338345, 83257441, 80373285),
        *(58617616, 64444167, 46709983, 50818468, 156040895, 57227415, 16569),
    ),
}
_GRCH37_VERSIONS = (10, 11, 11, 11, 9, 11, 13, 10, 11, 10, 9, 11, 10, 8, 9, 9, 10, 9, 9, 10, 8, 10, 10, 9)
_MITOCHONDRIAL_ACCESSION = "NC_012920.1"

HG19_MITOCHONDRION_LENGTH = 16571
"""Length of NC_001807, the ``chrM`` of UCSC's hg19: another sequence than the 16,569 bases of the Cambridge reference.

Its positions are not those of the MT contig, so a ``chrM`` declared with this length has contig code 0.
"""

PSEUDOAUTOSOMAL = {
    Build.GRCH37: {
        X: ((60_000, 2_699_520), (154_931_043, 155_260_560)),
        Y: ((10_000, 2_649_520), (59_034_049, 59_363_566)),
    },
    Build.GRCH38: {
        X: ((10_000, 2_781_479), (155_701_382, 156_030_895)),
        Y: ((10_000, 2_781_479), (56_887_902, 57_217_415)),
    },
}
"""PAR1 and PAR2, half-open with 0-based start. Source: Genome Reference Consortium, assembly region tables."""

_NAME = re.compile(r"(?:chr)?(?:([1-9]|1\d|2[0-2])|(X)|(Y)|(MT?))", re.IGNORECASE)
_ACCESSION = re.compile(r"NC_0000(0[1-9]|1\d|2[0-4])\.(\d+)", re.IGNORECASE)
_ASSEMBLY_WORD = re.compile(r"(grch37|hg19|b37|hs37d5|g1k_v37|grch38|hg38|b38|hs38dh|hs38)(?![0-9])")


@lru_cache(maxsize=4096)
def contig_code(name: str) -> int:
    """1-25 of a contig under any usual name in any case (``20``, ``chr20``, ``NC_000020.10``, ``chrM``); 0 when
    unknown."""
    found = _NAME.fullmatch(name)
    if found:
        number, x, y, _ = found.groups()
        return int(number) if number else X if x else Y if y else MT
    accession = name.upper()
    if accession == _MITOCHONDRIAL_ACCESSION:
        return MT
    code = int(accession[7:9]) if _ACCESSION.fullmatch(accession) else 0
    return code if code and accession in (refseq_accession(build, code) for build in Build) else 0


def contig_codes(names: Iterable[str]) -> NDArray[np.uint8]:
    """``contig_code`` of every name."""
    import numpy as np

    return np.array([contig_code(name) for name in names], dtype=np.uint8)


def build_of_accession(name: str) -> Build | None:
    """The build whose contig bears this RefSeq accession; None for any other name, and for MT, which both share."""
    code = contig_code(name)
    accession = name.upper()
    if not accession.startswith("NC_") or code in (0, MT):
        return None
    return next(build for build in Build if refseq_accession(build, code) == accession)


def contig_length(build: Build, code: int) -> int:
    """Bases of a contig. Raises KeyError for a code outside 1-25."""
    if not 1 <= code <= len(CONTIGS):
        raise KeyError(code)
    return _LENGTHS[build][code - 1]


def contig_lengths(build: Build) -> NDArray[np.int64]:
    """Bases by contig code, int64 [26]; place 0 (another sequence) is the greatest int64."""
    import numpy as np

    return np.array([np.iinfo(np.int64).max, *_LENGTHS[build]], dtype=np.int64)


def refseq_accession(build: Build, code: int) -> str:
    """RefSeq accession with version, for example ``NC_000020.11``. Raises KeyError for a code outside 1-25."""
    if not 1 <= code <= len(CONTIGS):
        raise KeyError(code)
    if code == MT:
        return _MITOCHONDRIAL_ACCESSION
    return f"NC_{code:06d}.{_GRCH37_VERSIONS[code - 1] + (build is Build.GRCH38)}"


def build_named(text: str) -> Build | None:
    """The build that a free text names (``b37``, ``GRCh38.p14``, a FASTA's path); None for none or for both."""
    words = set(_ASSEMBLY_WORD.findall(text.lower()))
    found = {Build.GRCH38 if "38" in word else Build.GRCH37 for word in words}
    return found.pop() if len(found) == 1 else None


def build_of_header(lengths: Mapping[str, int | None], assemblies: Iterable[str] = ()) -> Build | None:
    """The build of a VCF header's contigs, by their lengths and, where given, their ``assembly`` tags.

    The mitochondrion alone proves nothing: both builds share it, and hg19's older one was hg18's too. None when nothing
    tells. Raises InputError ``mixed_build`` when two builds are told of.
    """
    witnesses: dict[Build, str] = {}
    for name, length in lengths.items():
        code = contig_code(name)
        build = build_of_accession(name)
        if build is None and code not in (0, MT):
            build = next((build for build in Build if contig_length(build, code) == length), None)
        if build:
            witnesses.setdefault(build, f"{name} ({length:,} bases)" if length else name)
    for text in assemblies:
        if build := build_named(text):
            witnesses.setdefault(build, f"assembly={text}")
    if len(witnesses) > 1:
        told = "; ".join(f"{witness} is {build}" for build, witness in sorted(witnesses.items()))
        raise InputError(
            "mixed_build",
            f"The header's contigs belong to two builds: {told}.",
            "Use a file whose records and header come from one reference build.",
            field="##contig",
        )
    return next(iter(witnesses), None)


def in_pseudoautosomal_region(
    build: Build, contig: NDArray[np.uint8], position: NDArray[np.int64]
) -> NDArray[np.bool_]:
    """Whether each 1-based position on X or Y lies in PAR1 or PAR2; False on every other contig."""
    import numpy as np

    inside = np.zeros(len(position), dtype=np.bool_)
    for code, intervals in PSEUDOAUTOSOMAL[build].items():
        for start, end in intervals:
            inside |= (contig == code) & (position > start) & (position <= end)
    return inside
