"""One small variant of one build, as people name it."""

from __future__ import annotations

import re
from dataclasses import dataclass

from varde.genome.builds import CONTIGS, Build, build_of_accession, contig_code, contig_length
from varde.genome.errors import InputError

_SHAPE = re.compile(
    r"\s*([^\s:>/]+?)[\s:\-]+([0-9][0-9,]{0,19})[\s:\-]+([A-Za-z*.<\[\]]+)[\s:\->/]+([A-Za-z*.<\]\[>_]+)\s*"
)
_BASES = re.compile(r"[ACGTN]+")


@dataclass(frozen=True, order=True)
class Variant:
    """A sequence-resolved allele in VCF terms: ``position`` is 1-based, ``contig`` a code 1-25, bases in upper case.

    Not necessarily normalised: two Variants may mean the same change. Raises InputError: ``bad_contig``,
    ``bad_position`` (outside the contig), ``bad_allele``.
    """

    build: Build
    contig: int
    position: int
    ref: str
    alt: str

    def __post_init__(self) -> None:
        if not 1 <= self.contig <= len(CONTIGS):
            raise _refused("bad_contig", f"Contig code {self.contig} is not one of 1 to {len(CONTIGS)}.", "contig")
        for name, bases in (("ref", self.ref), ("alt", self.alt)):
            if not _BASES.fullmatch(bases):
                raise _refused(
                    "bad_allele", f"Bases must be A, C, G, T or N in upper case; found {bases[:40]!r}.", name
                )
        if self.ref == self.alt:
            raise _refused("bad_allele", f"REF and ALT are the same ({self.ref[:40]}); that is no variant.", "alt")
        length = contig_length(self.build, self.contig)
        if self.position < 1 or self.position + len(self.ref) - 1 > length:
            raise _refused(
                "bad_position",
                f"{self} does not lie within the contig's {length:,} bases in {self.build}.",
                "position",
            )

    def __str__(self) -> str:
        return f"{CONTIGS[self.contig - 1]}-{self.position}-{self.ref}-{self.alt}"

    @property
    def start0(self) -> int:
        """0-based start of REF."""
        return self.position - 1

    @property
    def end0(self) -> int:
        """0-based end of REF, exclusive."""
        return self.position - 1 + len(self.ref)

    @classmethod
    def parse(cls, build: Build, text: str) -> Variant:
        """From ``20-1234-A-T``, ``chr20:1234:A:T``, ``20:1234 A>T`` or ``NC_000020.11:1234:A:T``.

        Raises InputError: ``bad_variant`` (not of this shape), ``bad_contig``, ``wrong_build`` (an accession of the
        other build), and as the constructor does.
        """
        found = _SHAPE.fullmatch(text)
        if not found:
            raise _refused("bad_variant", f"A variant is written 20-1234-A-T; found {text[:60]!r}.", None)
        name, position, ref, alt = found.groups()
        code = contig_code(name)
        if not code:
            raise _refused("bad_contig", f"{name[:40]!r} is not a contig: 1-22, X, Y, MT or a RefSeq accession.", None)
        told = build_of_accession(name)
        if told not in (None, build):
            raise _refused("wrong_build", f"{name} belongs to {told}; {build} is expected.", None)
        return cls(build, code, int(position.replace(",", "")), ref.upper(), alt.upper())


def _refused(code: str, problem: str, field: str | None) -> InputError:
    return InputError(code, problem, "Write it as contig-position-REF-ALT, for example 20-1234-A-T.", field=field)
