"""Commands on the region's counts: contribute, withdraw, import a population, and make good after an interruption.
Those on shards and releases stand in ``exchange`` and ``releases``; other domains find them here.

The database decides. A withdrawal is a row first and the files follow; an addition writes an intent before the files,
so that a run whose row was never committed is found again (``reconcile``).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from varde.frequency.cells import Assay, Cell, DiseaseGroup
from varde.frequency.count import (
    CallableBed,
    Counting,
    StructuralVcf,
    add_person,
    compact,
    count,
    remove_person,
    sum_again,
)
from varde.frequency.merge import merge
from varde.frequency.reading import file_digest
from varde.frequency.store import read_manifest
from varde.genome.builds import Build
from varde.genome.errors import InputError
from varde.genome.pedigree import Sex
from varde.genome.references import Reference
from varde_node.jobs import services as jobs
from varde_node.people import queries as people
from varde_node.people.services import Actor, Relation, require
from varde_node.registers.frequency import kin, outbox
from varde_node.registers.frequency.exchange import make_keys, recover_shards, send, trust
from varde_node.registers.frequency.jobs import COMPACT_JOB
from varde_node.registers.frequency.models import Contribution, ContributionState
from varde_node.registers.frequency.release_queries import release as read_release
from varde_node.registers.frequency.releases import measure as measure_release
from varde_node.registers.frequency.releases import prepare as prepare_release
from varde_node.registers.frequency.releases import publish as publish_release
from varde_node.registers.frequency.releases import settle as settle_releases
from varde_node.registers.frequency.releases import sign as sign_release
from varde_node.registers.frequency.store import (
    REGIONS,
    counted_regions,
    forget_members,
    hold_out,
    people_counted,
    region_folder,
    scratch_folder,
    stored_runs,
)

__all__ = [
    "UNDER_WAY_S",
    "add_contribution",
    "compact_region",
    "counted_regions",
    "import_population",
    "make_keys",
    "measure_release",
    "prepare_release",
    "publish_release",
    "read_release",
    "rebuild",
    "reconcile",
    "send",
    "sign_release",
    "trust",
    "withdraw_contribution",
]

UNDER_WAY_S = 900.0
"""An intent younger than this may belong to a contribution that is being made."""


def add_contribution(
    actor: Actor,
    *,
    vcf: Path,
    samples: Mapping[str, Sex | str],
    build: Build,
    reference: Reference | None,
    region: str | None = None,
    callable_bed: Path | None = None,
    group: DiseaseGroup = DiseaseGroup.UNSPECIFIED,
    assay: Assay = Assay.UNSPECIFIED,
    structural_vcf: Path | None = None,
) -> str:
    """Count these people of a file in their region; return the contribution's name, which alone can withdraw it.

    ``samples``: sample names with sex. ``region``: that of the actor's organisation when not given. ``callable_bed``:
    where the laboratory reads well enough to call; without it a person counts only where the file has a record, and
    what others carry elsewhere has an allele number that is too small. ``structural_vcf``: of a caller of structural
    variants; without it they count in none of those. What may be withdrawn separately
    is contributed by separate calls. Kin of somebody counted is kept and not counted. Raises InputError as
    ``varde.frequency.count.add_person``, ``duplicate_person`` and ``no_region``; the counts are then as before, and
    the rejection with its reason enters the book.
    """
    require(actor, "registers.contribution.add", details={"people": len(samples)})
    region = region or _region_of(actor)
    folder = _folder(region)
    counting = Counting(build=build, reference=reference)
    runs: list[str] = []
    intent = outbox.intend(region)
    try:
        if not samples:
            raise InputError("no_samples", "Nobody was named.", "Name at least one sample.", field="samples")
        for sample, sex in samples.items():
            runs.append(
                add_person(
                    folder,
                    [vcf],
                    sample=sample,
                    sex=Sex(sex),
                    counting=counting,
                    callable_beds=_beds(callable_bed),
                    group=group,
                    assay=assay,
                    structural=[StructuralVcf(structural_vcf, sample)] if structural_vcf else (),
                )
            )
        related = len(kin.look_at(region, runs).related)
        name = _enter(region, len(samples), runs=runs, group=group, assay=assay, related=related)
    except BaseException as error:
        _take_out(region, runs)
        outbox.fulfil(intent)
        if isinstance(error, InputError):
            outbox.reject(region, len(samples), error.code)
        raise
    transaction.on_commit(partial(outbox.fulfil, intent))
    return name


def withdraw_contribution(actor: Actor, run: str, *, subject: UUID | None = None, in_care: bool = False) -> None:
    """Take a contribution out of the region's counts, when the transaction around commits; the nation's follow with
    the region's next shard.

    ``subject`` is the person who withdraws, known to the caller and not to the register: a patient may withdraw their
    own or their child's. Raises InputError ``unknown_contribution``, also for one that is withdrawn already.
    """
    relations = (Relation.CARE,) if in_care else ()
    require(actor, "registers.contribution.withdraw", subject=subject, relations=relations)
    with transaction.atomic():
        row = Contribution.objects.select_for_update().filter(id=run, state=ContributionState.COUNTED).first()
        if row is None:
            raise InputError(
                "unknown_contribution",
                "No contribution of this name is counted here.",
                "Give the name that adding it gave; one that is withdrawn already needs nothing more.",
                field="run",
            )
        row.state, row.withdrawn_on = ContributionState.WITHDRAWING, timezone.localdate()
        row.save(update_fields=["state", "withdrawn_on"])
        transaction.on_commit(partial(_finish_withdrawal, row.id))


def import_population(
    actor: Actor,
    *,
    vcfs: Mapping[str, Path],
    sexes: Mapping[str, Sex],
    build: Build,
    reference: Reference | None,
    callable_bed: Path | None = None,
    progress: Callable[[str], None] | None = None,
    cells: Mapping[str, Cell] | None = None,
    held_out: bool = False,
    structural: Mapping[str, Path] | None = None,
) -> int:
    """Take whole files into their regions; a file that is there already is left. Return how many are counted now.

    ``vcfs``: region code to file; ``structural`` likewise, of a caller of structural variants: those of the region's
    people whose name is in it count as read for such. ``cells`` by sample says more than ``sexes``. ``held_out`` people
    are in no sum and serve to measure the risk of a release. Raises InputError as ``varde.frequency.count.count``;
    regions done before the error stay, and the call can be repeated.
    """
    require(actor, "registers.frequency.import", details={"regions": len(vcfs), "held_out": held_out})
    counting = Counting(build=build, reference=reference)
    known = cells or {sample: Cell(sex) for sample, sex in sexes.items()}
    for region, vcf in vcfs.items():
        folder = _folder(region)
        if folder.exists() and file_digest(vcf) in read_manifest(folder).files:
            continue
        if progress:
            progress(region)
        intent = outbox.intend(region)
        with scratch_folder() as scratch:
            new = scratch / "counts"
            counted = count(
                [vcf],
                out=new,
                counting=counting,
                cells=known,
                callable_beds=_beds(callable_bed),
                structural=[StructuralVcf(structural[region])] if structural and region in structural else (),
            )
            runs = [run.identifier for run in counted.runs]
            if held_out:
                hold_out(new)
            merge([*([folder] if folder.exists() else []), new], folder)
        _enter(region, len(runs), runs=runs, held_out=len(runs) if held_out else 0)
        transaction.on_commit(partial(outbox.fulfil, intent))
    return sum(people_counted(region) for region in counted_regions())


def rebuild(actor: Actor) -> int:
    """Make the sums of all regions here anew from their runs; return the number of people counted in them."""
    require(actor, "registers.frequency.rebuild")
    for region in counted_regions():
        sum_again(region_folder(region))
    return sum(people_counted(region) for region in counted_regions())


def compact_region(region: str) -> None:
    """Join a region's sums. Until then, what was added and taken away stands in them side by side: a person's run."""
    folder = region_folder(region)
    if region in counted_regions() and len(read_manifest(folder).segments) > 1:
        compact(folder)


def reconcile(*, older_than_s: float = UNDER_WAY_S) -> dict[str, int]:
    """Make good what an interruption left between database and files; doing it twice changes nothing more.

    Rejections are entered, withdrawals finished, runs that no row names taken out, shards offered again, folders of
    releases moved back that were not published; returns how many of each, and of ``missing`` runs that a row names and
    the files lack. A region with a younger intent is left for later (``busy``).
    """
    left, busy = outbox.intents(older_than_s)
    withdrawing = Contribution.objects.filter(state=ContributionState.WITHDRAWING).values_list("id", flat=True)
    finished = [_finish_withdrawal(row) for row in withdrawing]
    orphans = missing = 0
    for region in (region for region in counted_regions() if region not in busy):
        there, named = _runs_there(region), _runs_named(region)
        orphans += (there - named).total()
        missing += (named - there).total()
        _take_out(region, list((there - named).elements()))
    for intent in left:
        outbox.fulfil(intent)
    return {
        "rejections": outbox.settle(),
        "withdrawals": len(finished),
        "orphans": orphans,
        "missing": missing,
        "busy": len(busy),
        "shards": recover_shards(),
        "releases": settle_releases(),
    }


def _finish_withdrawal(row_id: UUID) -> None:
    row = Contribution.objects.filter(id=row_id, state=ContributionState.WITHDRAWING).first()
    if row is None:
        return
    _take_out(row.region, row.runs)
    row.runs, row.state = [], ContributionState.WITHDRAWN
    row.save(update_fields=["runs", "state"])
    _count_freed(row.region)
    # The sums are right already; joining them takes time by the region's size, so that nobody waits for it.
    jobs.enqueue(COMPACT_JOB, row.region)


def _count_freed(region: str) -> None:
    """Kin of whoever left are counted now, and their rows say so."""
    freed = set(kin.reconsider(region)) if region in counted_regions() else set()
    for row in Contribution.objects.filter(region=region, state=ContributionState.COUNTED, related__gt=0):
        row.related -= len(freed.intersection(row.runs))
        row.save(update_fields=["related"])


def _runs_there(region: str) -> Counter[str]:
    return Counter(run.identifier for run in stored_runs(region))


def _runs_named(region: str) -> Counter[str]:
    standing = Contribution.objects.filter(region=region, state=ContributionState.COUNTED)
    return Counter(run for runs in standing.values_list("runs", flat=True).iterator() for run in runs)


def _beds(callable_bed: Path | None) -> tuple[CallableBed, ...]:
    return (CallableBed(callable_bed),) if callable_bed else ()


def _folder(region: str) -> Path:
    if region not in REGIONS:
        raise InputError(
            "no_region",
            f"{region!r} is not a health region.",
            f"Contribute from an organisation in one of {', '.join(REGIONS)}.",
            field="region",
        )
    return region_folder(region)


def _region_of(actor: Actor) -> str:
    place = people.organisation(actor.organisation_id) if actor.organisation_id else None
    return place.region if place else ""


def _take_out(region: str, runs: list[str]) -> None:
    """Runs that are gone already are: an interruption may have come after them."""
    forget_members(region, runs)
    for run in runs:
        try:
            remove_person(region_folder(region), run)
        except InputError as error:
            if error.code != "unknown_run":
                raise


def _enter(
    region: str,
    number: int,
    *,
    runs: list[str],
    group: DiseaseGroup = DiseaseGroup.UNSPECIFIED,
    assay: Assay = Assay.UNSPECIFIED,
    held_out: int = 0,
    related: int = 0,
) -> str:
    row = Contribution.objects.create(
        region=region,
        state=ContributionState.COUNTED,
        people=number,
        held_out=held_out,
        related=related,
        group=str(group),
        assay=str(assay),
        runs=runs,
        received_on=timezone.localdate(),
    )
    return str(row.id)
