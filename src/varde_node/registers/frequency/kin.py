"""One person once, and of a family only who is unrelated: new runs of a region held against everybody in it.

Fingerprints stand beside the runs and go with them. The panel of common alleles is chosen from the region's own counts
once enough people are in them; before that only runs of equal content are known again.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from django.utils.translation import gettext as _

from varde.frequency.count import set_status
from varde.frequency.fingerprints import Panel, choose_panel, fingerprint_of, read_fingerprints, write_fingerprint
from varde.frequency.kinship import Kin, compare
from varde.frequency.ledger import read_stored, read_tracks
from varde.frequency.lookup import Counts
from varde.frequency.store import RUNS, Contents, Status, read_manifest
from varde.genome.errors import InputError
from varde_node.registers.frequency.store import region_folder, root

LEAST_PEOPLE = 100
"""Fewer people's counts do not tell which alleles are common."""
NEAR = (Kin.POSSIBLE_DUPLICATE, Kin.FIRST_DEGREE, Kin.SECOND_DEGREE)
"""Who is kin of somebody counted to the second degree or nearer is set aside, as gnomAD does in its releases."""
_TOO_NEAR = {str(kin) for kin in (Kin.DUPLICATE, *NEAR)}


@dataclass(frozen=True)
class Looked:
    """What was found of new people: ``related`` of them are set aside as kin of somebody counted."""

    related: tuple[str, ...]


def look_at(region: str, new: Sequence[str]) -> Looked:
    """Hold new runs of a region against everybody else's, and set aside who is kin of somebody counted.

    Raises InputError ``duplicate_person``; the caller then takes the new runs out again.
    """
    contents = read_manifest(region_folder(region))
    everybody = [run.identifier for run in contents.runs]
    if len(everybody) != len(set(everybody)) and any(everybody.count(run) > 1 for run in new):
        raise _duplicate()
    panel = _panel(region, contents)
    if panel is None:
        return Looked(())
    _take_fingerprints(contents, panel)
    related = tuple(run for run in new if _is_kin(contents, panel, run, new))
    for run in related:
        set_status(region_folder(region), run, Status.RELATED)
    return Looked(related)


def reconsider(region: str) -> tuple[str, ...]:
    """Count those set aside who have no kin among those counted any more, after somebody left; their runs."""
    panel = _panel(region, read_manifest(region_folder(region)))
    freed = []
    if panel is not None:
        aside = [run.identifier for run in read_manifest(region_folder(region)).runs if run.status is Status.RELATED]
        for run in sorted(aside):
            if not _kinds(read_manifest(region_folder(region)), panel, run, {run}) & _TOO_NEAR:
                set_status(region_folder(region), run, Status.COUNTED)
                freed.append(run)
    return tuple(freed)


def _is_kin(contents: Contents, panel: Panel, run: str, new: Sequence[str]) -> bool:
    """Whether a new run is kin of somebody counted before it."""
    kinds = _kinds(contents, panel, run, set(new[new.index(run) :]))
    if str(Kin.DUPLICATE) in kinds:
        raise _duplicate()
    return bool(kinds & _TOO_NEAR)


def _kinds(contents: Contents, panel: Panel, run: str, without: set[str]) -> set[str]:
    """What a run is to those counted, without some runs."""
    others = [one.identifier for one in contents.runs if one.identifier not in without and one.status is Status.COUNTED]
    runs = contents.folder / RUNS
    own = read_fingerprints(runs, [run], panel)
    return set(compare(own, 0, read_fingerprints(runs, others, panel))["kin"].to_list())


def _panel(region: str, contents: Contents) -> Panel | None:
    """The region's panel, chosen when it has enough people and kept from then on."""
    path = _path(region)
    if path.is_file():
        return Panel.read(path)
    if contents.people < LEAST_PEOPLE:
        return None
    path.parent.mkdir(parents=True, exist_ok=True)
    panel = choose_panel(contents.settings.build, Counts(contents.folder).sites)
    panel.write(path)
    return panel


def _take_fingerprints(contents: Contents, panel: Panel) -> None:
    """Of everybody who has none of this panel yet."""
    runs = contents.folder / RUNS
    known = set(read_fingerprints(runs, [run.identifier for run in contents.runs], panel).names)
    lacking = [run for run in contents.runs if run.identifier not in known]
    tracks = read_tracks(contents, {digest for run in lacking for digest in run.tracks})
    for stored in lacking:
        copies = fingerprint_of(panel, read_stored(contents, stored), tracks)
        write_fingerprint(runs, stored.identifier, panel, copies)


def _path(region: str) -> Path:
    return root() / "panels" / f"{region}.parquet"


def _duplicate() -> InputError:
    return InputError(
        "duplicate_person",
        _("The region counts this person already, by their genotypes."),
        _("Nobody is counted twice. If it is another person, two samples were exchanged: look at that first."),
        field="samples",
    )
