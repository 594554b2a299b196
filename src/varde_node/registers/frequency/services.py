"""Commands on the frequency register: contribute, withdraw, import a counted population, make the sums anew."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from varde.frequency.combine import combine
from varde.frequency.count import CallableBed, Counting, add_person, count, remove_person, sum_again
from varde.frequency.reading import file_digest
from varde.frequency.store import read_manifest
from varde.genome.builds import Build
from varde.genome.errors import InputError
from varde.genome.pedigree import Sex
from varde.genome.references import Reference
from varde_node.people import queries as people
from varde_node.people.services import Actor, Relation, require
from varde_node.registers.frequency.models import Contribution, ContributionState
from varde_node.registers.frequency.store import REGIONS, counted_regions, region_folder, scratch_folder, sum_nation

__all__ = ["add_contribution", "import_population", "rebuild", "withdraw_contribution"]


def add_contribution(
    actor: Actor,
    *,
    vcf: Path,
    samples: Mapping[str, Sex | str],
    build: Build,
    reference: Reference | None,
    region: str | None = None,
    callable_bed: Path | None = None,
) -> str:
    """Count these people of a file; return the contribution's name, which alone can withdraw it.

    ``samples``: sample names with sex. ``region``: that of the actor's organisation when not given. ``callable_bed``:
    where the laboratory reads well enough to call; without it a person counts only where the file has a record, and
    what others carry elsewhere has an allele number that is too small. What may be withdrawn separately
    is contributed by separate calls. Raises InputError as ``varde.frequency.count.add_person``, and ``no_region``; the
    counts are then as before, and the rejection with its reason stands in the book.
    """
    require(actor, "registers.contribution.add", details={"people": len(samples)})
    region = region or _region_of(actor)
    folder = _folder(region)
    counting = Counting(build=build, reference=reference)
    runs: list[str] = []
    try:
        if not samples:
            raise InputError("no_samples", "Nobody was named.", "Name at least one sample.", field="samples")
        for sample, sex in samples.items():
            beds = _beds(callable_bed)
            runs.append(add_person(folder, [vcf], sample=sample, sex=Sex(sex), counting=counting, callable_beds=beds))
        sum_nation()
    except InputError as error:
        _take_out(region, runs)
        _enter(region, ContributionState.REJECTED, len(samples), reason=error.code)
        raise
    try:
        return _enter(region, ContributionState.COUNTED, len(samples), runs=runs)
    except BaseException:
        _take_out(region, runs)
        raise


def withdraw_contribution(actor: Actor, run: str, *, subject: UUID | None = None, in_care: bool = False) -> None:
    """Take a contribution out. The counts are then, byte by byte, as if it had never been added.

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
        runs, row.runs = row.runs, []
        row.state, row.withdrawn_on = ContributionState.WITHDRAWN, timezone.localdate()
        row.save()
        _take_out(row.region, runs)


def import_population(
    actor: Actor,
    *,
    vcfs: Mapping[str, Path],
    sexes: Mapping[str, Sex],
    build: Build,
    reference: Reference | None,
    callable_bed: Path | None = None,
    progress: Callable[[str], None] | None = None,
) -> int:
    """Count whole files into their regions; a file that is counted already is left. Return how many are counted now.

    ``vcfs``: region code to file. Raises InputError as ``varde.frequency.count.count``; regions done before the error
    stay, and the call can be repeated.
    """
    require(actor, "registers.frequency.import", details={"regions": len(vcfs)})
    counting = Counting(build=build, reference=reference)
    for region, vcf in vcfs.items():
        folder = _folder(region)
        if folder.exists() and file_digest(vcf) in read_manifest(folder).files:
            continue
        if progress:
            progress(region)
        with scratch_folder() as scratch:
            counted = count(
                [vcf], out=scratch / "counts", counting=counting, sexes=sexes, callable_beds=_beds(callable_bed)
            )
            combine([*([folder] if folder.exists() else []), scratch / "counts"], folder)
        _enter(region, ContributionState.COUNTED, len(counted.runs), runs=[run.identifier for run in counted.runs])
    return sum_nation()


def rebuild(actor: Actor) -> int:
    """Make all sums anew from the runs, after an interruption; return the number of people counted."""
    require(actor, "registers.frequency.rebuild")
    for region in counted_regions():
        sum_again(region_folder(region))
    return sum_nation()


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
    for run in runs:
        remove_person(region_folder(region), run)
    if runs:
        sum_nation()


def _enter(
    region: str, state: ContributionState, number: int, *, runs: list[str] | None = None, reason: str = ""
) -> str:
    row = Contribution.objects.create(
        region=region, state=state, people=number, runs=runs or [], reason=reason, received_on=timezone.localdate()
    )
    return str(row.id)
