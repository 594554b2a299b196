"""One small variant of one build, as people name it."""

from __future__ import annotations

import re
from dataclasses import dataclass

from varde.genome.builds import CONTIGS, Build, build_of_accession, contig_code, contig_length
from varde.genome.errors import InputError

_SHAPE = re.compile(
    r"([^\s:>/]+?)[\s:\-_]+([0-9][0-9,]{0,19})[\s:\-_]*([A-Za-z*.<\[\]]+)[\s:\->/_]+([A-Za-z*.<\]\[>_]+)"
)
_SPDI = re.compile(r"([a-z]{2}_[0-9]+\.[0-9]+):([0-9]{1,9}):([acgtn]*|[0-9]{1,9}):([acgtn]*)", re.IGNORECASE)
_BASES = re.compile(r"[ACGTN]+")
_INVISIBLE = dict.fromkeys(
    [0x00AD, 0x180E, *range(0x200B, 0x2010), *range(0x202A, 0x202F), *range(0x2060, 0x2065), 0xFEFF]
)
_DASHES = dict.fromkeys([*range(0x2010, 0x2016), 0x2212, 0xFE58, 0xFE63, 0xFF0D], "-")
_AS_TYPED = {**_INVISIBLE, **_DASHES}


def as_typed(text: str) -> str:
    """A pasted text as a keyboard writes it: without invisible characters and blanks around it, any dash a hyphen."""
    return text.translate(_AS_TYPED).strip()


@dataclass(frozen=True)
class Spdi:
    """A change in SPDI: ``start0`` counts from 0, before the first deleted base; ``contig`` is a code 1-25.

    ``deleted`` is the bases, or their number where the text gives that alone.
    """

    build: Build
    contig: int
    start0: int
    deleted: str | int
    inserted: str

    @classmethod
    def parse(cls, build: Build, text: str) -> Spdi | None:
        """The parts of ``NC_000020.11:1233:A:T`` or ``NC_000020.11:1233:1:T``; None for a text of another shape.

        An accession with colons is SPDI wherever Varde reads it, never VCF style. Raises InputError ``bad_contig`` and
        ``wrong_build``.
        """
        found = _SPDI.fullmatch(as_typed(text))
        if not found:
            return None
        accession, start, deleted, inserted = found.groups()
        code = _contig(build, accession)
        number = int(deleted) if deleted.isdigit() else deleted.upper()
        return cls(build, code, int(start), number, inserted.upper())

    @property
    def variant(self) -> Variant | None:
        """In VCF terms; None where that takes bases of the reference."""
        if isinstance(self.deleted, int) or not self.deleted or not self.inserted:
            return None
        return Variant(self.build, self.contig, self.start0 + 1, self.deleted, self.inserted)


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
        """From ``20-1234-A-T``, ``chr20:1234:A:T``, ``20:1234A>T``, ``20_1234_A_T``, and by SPDI
        ``NC_000020.11:1233:A:T``, which counts from 0.

        Raises InputError: ``bad_variant`` (not of this shape), ``needs_reference`` (SPDI that leaves bases to the
        reference), ``bad_contig``, ``wrong_build`` (an accession of the other build), and as the constructor does.
        """
        typed = as_typed(text)
        if spdi := Spdi.parse(build, typed):
            if spdi.variant is None:
                raise _refused("needs_reference", f"{typed[:60]} leaves bases to the reference.", None)
            return spdi.variant
        found = _SHAPE.fullmatch(typed)
        if not found:
            raise _refused("bad_variant", f"A variant is written 20-1234-A-T; found {text[:60]!r}.", None)
        name, position, ref, alt = found.groups()
        return cls(build, _contig(build, name), int(position.replace(",", "")), ref.upper(), alt.upper())


def _contig(build: Build, name: str) -> int:
    code = contig_code(name)
    if not code:
        raise _refused("bad_contig", f"{name[:40]!r} is not a contig: 1-22, X, Y, MT or a RefSeq accession.", None)
    told = build_of_accession(name)
    if told not in (None, build):
        raise _refused("wrong_build", f"{name} belongs to {told}; {build} is expected.", None)
    return code


def _refused(code: str, problem: str, field: str | None) -> InputError:
    return InputError(code, problem, "Write it as contig-position-REF-ALT, for example 20-1234-A-T.", field=field)
