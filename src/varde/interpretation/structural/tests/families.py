"""Small structural families: records as text, a pedigree, transcripts."""

from __future__ import annotations

from pathlib import Path

import polars as pl

from varde.annotation.transcripts import ManeStatus, Transcript, TranscriptSet
from varde.genome.builds import Build
from varde.genome.pedigree import Affected, Pedigree, Person, Sex
from varde.interpretation.structural.calls import FamilyStructural, read_family
from varde.interpretation.structural.events import family_events

HEADER = '##fileformat=VCFv4.3\n##ALT=<ID=DEL,Description="Deletion">\n'


def trio(sex: Sex = Sex.FEMALE, mother: Affected = Affected.UNAFFECTED) -> Pedigree:
    """Child C, mother M, father F."""
    return Pedigree(
        (
            Person("fam", "C", "F", "M", sex, Affected.AFFECTED),
            Person("fam", "M", sex=Sex.FEMALE, affected=mother),
            Person("fam", "F", sex=Sex.MALE, affected=Affected.UNAFFECTED),
        )
    )


def vcf(folder: Path, *records: str, samples: str = "C M F", name: str = "sv.vcf", header: str = HEADER) -> Path:
    """A file of records given as ``CHROM POS ID REF ALT FILTER INFO FORMAT value...``."""
    lines = [
        header + "\t".join(["#CHROM", "POS", "ID", "REF", "ALT", "QUAL", "FILTER", "INFO", "FORMAT", *samples.split()])
    ]
    for record in records:
        chrom, pos, identifier, ref, alt, passed, info, form, *values = record.split()
        lines.append("\t".join((chrom, pos, identifier, ref, alt, ".", passed, info, form, *values)))
    path = folder / name
    path.write_text("\n".join(lines) + "\n")
    return path


def read(folder: Path, *records: str, pedigree: Pedigree | None = None, samples: str = "C M F") -> FamilyStructural:
    """The family's calls in one file."""
    return read_family([vcf(folder, *records, samples=samples)], pedigree or trio(), Build.GRCH38)


def events(folder: Path, *records: str, pedigree: Pedigree | None = None, samples: str = "C M F") -> pl.DataFrame:
    """The family's events in one file."""
    given = pedigree or trio()
    return family_events(read(folder, *records, pedigree=given, samples=samples), given)


def gene(
    name: str, exons: list[tuple[int, int]], cds: tuple[int, int] | None, strand: int = 1, contig: int = 2
) -> Transcript:
    """A MANE transcript; places 0-based and half-open."""
    return Transcript(
        f"T{name}", None, name, f"G{name}", contig, strand, tuple(exons), cds, "protein_coding", ManeStatus.SELECT
    )


FORWARD = gene("AAA", [(1000, 1200), (2000, 2150), (3000, 3100), (4000, 4500)], (1100, 4200))
BACKWARD = gene("BBB", [(11000, 11500), (12000, 12100), (13000, 13300)], (11300, 13200), strand=-1)
TRANSCRIPTS = TranscriptSet(Build.GRCH38, (FORWARD, BACKWARD), "test.gff3", "0" * 64)
