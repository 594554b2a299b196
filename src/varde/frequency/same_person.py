"""Whether equal genotypes are one person's: they are when they agree at many places that are not inherited together."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from itertools import combinations
from pathlib import Path

import numpy as np
import polars as pl

from varde.frequency.callable_intervals import little_endian
from varde.frequency.reading_people import CountedPerson
from varde.frequency.run import Alleles, read_alleles
from varde.frequency.store import RUNS, Contents, Status
from varde.genome.errors import InputError
from varde.genome.keys import key_contigs, key_positions

TELLING_PLACES = 30
"""Places with a carried allele, in different megabases, from which on equal genotypes mean one person.

Neighbouring alleles are inherited together, so that strangers often carry the very same ones of one gene. At places
this far apart they agree by chance: two people have the same genotype of an allele with frequency 0.5 with probability
3/8, at 30 such places 2e-13, and both carry rarer ones less often.
"""
_MEGABASE = 1_000_000


def can_tell(alleles: Alleles) -> bool:
    """Whether somebody else with exactly these alleles would be the same person."""
    keys = alleles.keys[alleles.dosage > 0]
    megabases = key_contigs(keys).astype(np.int64) << 32 | key_positions(keys).astype(np.int64) // _MEGABASE
    return len(np.unique(megabases)) >= TELLING_PLACES


def refuse_same_person(people: Sequence[CountedPerson]) -> None:
    """Raise InputError ``person_twice`` for two samples of one person, as far as their alleles can tell."""
    seen: dict[bytes, str] = {}
    for person in people:
        alleles = person.run.alleles
        digest = hashlib.sha256(little_endian(alleles.keys) + little_endian(alleles.dosage)).digest()
        before = seen.setdefault(digest, person.sample)
        if before != person.sample and can_tell(alleles):
            raise InputError(
                "person_twice",
                f"Samples {before!r} and {person.sample!r} have the same {len(alleles.keys):,} alleles: they are one "
                "person, who would be counted twice.",
                "Leave one of the two out, or give both the same name if the files are parts of one person.",
                field="--vcf",
            )


def refuse_person_in_two(folders: Sequence[Contents]) -> None:
    """Raise InputError ``person_in_two_folders`` for a run that is counted in one folder and stored in another.

    Equal runs are one person when they are of the same file, or when ``can_tell``. Who is set aside as kin in the other
    folder is in no sum there. Raises InputError ``damaged``.
    """
    stored = [(contents, contents.lines().select("run", "status", "files")) for contents in folders]
    for (one, mine), (other, theirs) in combinations(stored, 2):
        both = mine.join(theirs, on="run", suffix="_other").filter(
            pl.any_horizontal(pl.col("status", "status_other") == Status.COUNTED),
            pl.all_horizontal(pl.col("status", "status_other") != Status.RELATED),
        )
        for run, _, files, _, files_other in both.iter_rows():
            same_file = set(files.split(",")) & set(files_other.split(",")) - {""}
            if same_file or can_tell(read_alleles(one.folder / RUNS, run)):
                raise InputError(
                    "person_in_two_folders",
                    f"Run {run} is in {_shown(one.folder)} and in {_shown(other.folder)}: that person would be counted "
                    "twice, or stand among those that the counted are compared with.",
                    "Give folders of different people.",
                    source=other.folder.name,
                    field="folders",
                )


def _shown(folder: Path) -> str:
    return repr(folder.resolve().name)
