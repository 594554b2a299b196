"""Duplicates and kin in a region's counts folder: fingerprints, pairs, and who is set aside.

The panel of common alleles is chosen from the folder's own counts, or given: fingerprints of two panels are not
compared. Fingerprints are taken anew each time, and nothing of them is kept.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from varde.frequency.count import set_status
from varde.frequency.fingerprints import Fingerprints, Panel, choose_panel, fingerprint_of
from varde.frequency.increment import sites
from varde.frequency.kinship import Kin, maximal_unrelated, related_pairs
from varde.frequency.ledger import read_stored, read_tracks
from varde.frequency.store import Contents, Status, read_manifest
from varde.genome.errors import InputError

LEAST_PEOPLE = 20
"""Fewer people's counts do not tell which alleles are common; give a panel then."""
LEAST_SITES = 100
"""With 4 heterozygous sites in 10, so many tell a parent from a stranger; fewer cannot (``kinship.RESOLUTION``)."""
SET_ASIDE = (Kin.DUPLICATE, Kin.POSSIBLE_DUPLICATE, Kin.FIRST_DEGREE, Kin.SECOND_DEGREE)
"""Of two people as near as this only one is counted; as gnomAD, to the second degree."""


@dataclass(frozen=True)
class Family:
    """What was found. ``pairs`` as ``related_pairs``, of people counted or set aside before.

    ``leave``: counted people who are to be set aside; ``come``: people set aside before who may be counted again.
    ``identical``: runs counted more than once, of the very same alleles. ``held_out``: people held out who are kin of
    somebody counted, and so no strangers to the register: a release that is measured with them looks safer than it is.
    """

    panel: Panel
    people: int
    pairs: pl.DataFrame
    leave: tuple[str, ...]
    come: tuple[str, ...]
    identical: tuple[str, ...]
    held_out: tuple[str, ...]


def panel_of(folder: str | Path) -> Panel:
    """A panel from the counts of a folder. Raises InputError ``too_few_for_panel`` and as ``read_manifest``."""
    contents = read_manifest(Path(folder))
    panel = choose_panel(contents.settings.build, sites(contents.read_increment()))
    if contents.people < LEAST_PEOPLE or len(panel.keys) < LEAST_SITES:
        raise InputError(
            "too_few_for_panel",
            f"{contents.people} people and {len(panel.keys)} common alleles far apart cannot tell who is kin; "
            f"{LEAST_PEOPLE} people and {LEAST_SITES} alleles are needed.",
            "Count more people of whole exomes or genomes, or give a panel that was chosen elsewhere.",
            source=Path(folder).name,
            field="--panel",
        )
    return panel


def find_family(folder: str | Path, panel: Panel) -> Family:
    """Who is whom among the people counted or set aside in a folder; people held out are compared too.

    Of each family as many as can be stay counted, of equals those counted already. Raises InputError ``other_build``
    and as ``read_manifest``.
    """
    contents = read_manifest(Path(folder))
    if contents.settings.build is not panel.build:
        raise InputError(
            "other_build",
            f"The panel is of {panel.build}, the counts are of {contents.settings.build}.",
            "Choose a panel from counts of the same build.",
            field="--panel",
        )
    status = {run.identifier: run.status for run in contents.runs}
    pairs = related_pairs(_fingerprints(contents, panel))
    near = pairs.filter(pl.col("kin").is_in([str(kin) for kin in SET_ASIDE])).select("first", "second").rows()
    in_register = [run for run, now in status.items() if now is not Status.HELD_OUT]
    counted = [run for run in in_register if status[run] is Status.COUNTED]
    stay = maximal_unrelated(near, in_register, dict.fromkeys(counted, 1))
    leave = tuple(run for run in counted if run not in stay)
    come = tuple(sorted(run for run in stay if status[run] is Status.RELATED))
    often = [run.identifier for run in contents.runs if run.status is Status.COUNTED]
    identical = tuple(sorted({run for run, number in Counter(often).items() if number > 1}))
    no_strangers = {
        one
        for pair in near
        for one, other in (pair, pair[::-1])
        if status[one] is Status.HELD_OUT and status[other] is Status.COUNTED
    }
    return Family(panel, len(status), pairs, leave, come, identical, tuple(sorted(no_strangers)))


def apply_family(folder: str | Path, family: Family) -> None:
    """Set aside who leaves, and count who may come; each change happens whole. Raises InputError as ``set_status``."""
    for runs, status in ((family.leave, Status.RELATED), (family.come, Status.COUNTED)):
        _set_all(folder, runs, status)


def _set_all(folder: str | Path, runs: Sequence[str], status: Status) -> None:
    for run in runs:
        set_status(folder, run, status)


def _fingerprints(contents: Contents, panel: Panel) -> Fingerprints:
    """Of everybody, each run once."""
    found = {}
    for stored in contents.runs:
        if stored.identifier not in found:
            tracks = read_tracks(contents, stored.tracks)
            found[stored.identifier] = fingerprint_of(panel, read_stored(contents, stored), tracks)
    return Fingerprints.of(tuple(found), list(found.values()), len(panel.keys))
