"""Commands on releases: prepare, measure, sign by two people, publish, withdraw, discard.

Each step is a state of its own; what may follow is checked here with the row locked, and the database refuses what must
never be (one person's two signatures, a published release whose gate did not pass).
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from uuid import UUID

from django.db import transaction
from django.http import Http404
from django.utils import timezone
from django.utils.translation import gettext as _

from varde.frequency.signing import PublicKey
from varde.genome.errors import InputError
from varde_node.jobs import services as jobs
from varde_node.people import queries as people
from varde_node.people.services import Actor, record_refusal, require
from varde_node.registers.frequency import release_files
from varde_node.registers.frequency.exchange import public_key_path
from varde_node.registers.frequency.models import OPEN, Gate, Release, ReleaseState, Shard, ShardState
from varde_node.registers.frequency.release_checks import refuse_unready

MEASURE_JOB = "registers.measure_release"
SIGN, PUBLISH, WITHDRAW = "registers.release.sign", "registers.release.publish", "registers.release.withdraw"

__all__ = [
    "discard",
    "measure",
    "prepare",
    "publish",
    "refuse_result",
    "remove_discarded",
    "settle",
    "sign",
    "store_result",
    "withdraw",
]


def prepare(actor: Actor, *, corrects: UUID | None = None) -> UUID:
    """Begin the next release, of all that the nation has accepted; ``corrects`` is a withdrawn one that it replaces.

    Raises InputError ``release_open`` while another is being made, ``not_withdrawn`` for correcting one that stands.
    """
    with transaction.atomic():
        require(actor, "registers.release.prepare")
        if Release.objects.select_for_update().filter(open=True).exists():
            raise InputError(
                "release_open",
                _("Another release is being made."),
                _("Publish or discard that one first."),
            )
        row = Release(
            name=_next_name(),
            # Also a withdrawn one: it was read, so that what changes since it tells of those who came between.
            previous=Release.objects.filter(published_at__isnull=False).order_by("-published_at").first(),
            corrects=_corrected(corrects),
            prepared_by=actor.account_id,
        )
        row.batches = _batches_since(row.previous)
        row.save()
        return row.id


def measure(actor: Actor, release_id: UUID) -> UUID:
    """Build the release and measure its risk, in a job; return the job. Measuring again takes the signatures away.

    Raises InputError ``not_in_step``, and the first check that stops.
    """
    with transaction.atomic():
        require(actor, "registers.release.prepare", object_id=release_id)
        row = _locked(release_id, *OPEN)
        row.batches = _batches_since(row.previous)
        refuse_unready(row)
        _clear(row)
        row.state, row.gate, row.problem = ReleaseState.MEASURING, Gate.UNKNOWN, ""
        row.job = jobs.enqueue(MEASURE_JOB, row.id, requested_by=actor.account_id, organisation=actor.organisation_id)
        row.save()
        return row.job


def store_result(release_id: UUID, *, gate: Gate, digest: str, people: int) -> bool:
    """What the measure gave; says whether the release still waited for it."""
    return _ended(release_id, state=ReleaseState.MEASURED, gate=gate, digest=digest, people=people)


def refuse_result(release_id: UUID, problem: str) -> bool:
    """That the measure ended without a result; the release can be measured again."""
    return _ended(release_id, state=ReleaseState.DRAFT, problem=problem)


def sign(actor: Actor, release_id: UUID, digest: str) -> int:
    """Sign what was measured (``digest`` of its manifest, as shown); return which signature it is, 1 or 2.

    The second is another person's than the first and than who prepared the release, whatever account or role they act
    in. Raises InputError ``not_in_step``, ``gate_not_passed``, ``other_content``, ``own_release``.
    """
    with _refusals_written(actor, SIGN, release_id):
        require(actor, SIGN, object_id=release_id)
        row = _locked(release_id, ReleaseState.MEASURED, ReleaseState.SIGNED)
        _refuse_failed(row)
        _refuse_other_content(row, digest)
        number = _set_signature(row, actor)
        row.save()
        return number


def publish(actor: Actor, release_id: UUID) -> None:
    """Publish a release with two signatures whose gate passed. Its folder is never changed afterwards.

    Raises InputError ``not_in_step``, ``signature_missing``, ``gate_not_passed``, ``other_content`` when the files are
    not those that were signed; nothing is then published.
    """
    with _refusals_written(actor, PUBLISH, release_id):
        require(actor, PUBLISH, object_id=release_id)
        row = _locked(release_id, ReleaseState.MEASURED, ReleaseState.SIGNED)
        _refuse_failed(row)
        if row.first_by is None or row.second_by is None:
            raise InputError(
                "signature_missing",
                _("The release does not have two signatures."),
                _("Let two people sign; the second is not the one who prepared it."),
            )
        _refuse_other_content(row, release_files.digest_of(row.name))
        _refuse_changed_files(row)
        row.state, row.open, row.published_at = ReleaseState.PUBLISHED, None, timezone.now()
        row.save()
        # The last act of the transaction: if the folder cannot be moved, nothing is published. If the commit fails
        # after it, reconciling moves the folder back.
        release_files.publish(row.name)


def withdraw(actor: Actor, release_id: UUID, reason: str) -> None:
    """Mark a published release as wrong, with the reason that readers are shown. It is kept; a corrected one follows.

    Raises InputError ``not_in_step``, ``reason_missing``.
    """
    with _refusals_written(actor, WITHDRAW, release_id):
        require(actor, WITHDRAW, object_id=release_id, details={"reason": bool(reason.strip())})
        row = _locked(release_id, ReleaseState.PUBLISHED)
        if not reason.strip():
            raise InputError(
                "reason_missing",
                _("The reason is missing."),
                _("Write what is wrong with the release: readers are shown it."),
                field="reason",
            )
        row.state, row.withdrawn_at, row.withdrawn_by = ReleaseState.WITHDRAWN, timezone.now(), actor.account_id
        row.withdrawal_reason = reason.strip()
        row.save()


def discard(actor: Actor, release_id: UUID) -> None:
    """Give a release up before it is published; its files go, its row stays. Raises InputError ``not_in_step``."""
    with transaction.atomic():
        require(actor, "registers.release.prepare", object_id=release_id, details={"discarded": True})
        row = _locked(release_id, *OPEN)
        row.state, row.open = ReleaseState.DISCARDED, None
        row.save()
        name = row.name
        transaction.on_commit(lambda: release_files.remove_prepared(name))


def remove_discarded(release_id: UUID) -> None:
    """Delete what a measure wrote of a release that was given up meanwhile: it holds exact counts."""
    row = Release.objects.filter(id=release_id, state=ReleaseState.DISCARDED).first()
    if row is not None:
        release_files.remove_prepared(row.name)


def settle() -> int:
    """Move back the folders of publications that an interruption kept from being stored; return how many."""
    stored = set(Release.objects.filter(published_at__isnull=False).values_list("name", flat=True))
    loose = [name for name in release_files.published_names() if name not in stored]
    for name in loose:
        release_files.take_back(name)
    return len(loose)


@contextmanager
def _refusals_written(actor: Actor, action: str, release_id: UUID) -> Iterator[None]:
    """A transaction; what it refuses is written to the trail after nothing of it was kept."""
    try:
        with transaction.atomic():
            yield
    except InputError as error:
        record_refusal(actor, action, error.code, object_id=release_id)
        raise


def _set_signature(row: Release, actor: Actor) -> int:
    now = timezone.now()
    if row.first_by is None:
        row.first_by, row.first_role, row.first_at = actor.account_id, actor.role.value, now
        row.state = ReleaseState.SIGNED
        return 1
    if row.second_by is not None:
        raise _wrong_step()
    if any(people.same_person(actor.account_id, other) for other in (row.first_by, row.prepared_by)):
        raise InputError(
            "own_release",
            _("You prepared this release, or have signed it already."),
            _("The second signature is another person's."),
        )
    row.second_by, row.second_role, row.second_at = actor.account_id, actor.role.value, now
    return 2


def _refuse_failed(row: Release) -> None:
    if row.gate != Gate.PASSED:
        raise InputError(
            "gate_not_passed",
            _("The measured risk is above what the label anonymous allows."),
            _("Release fewer genes or coarser bins, or wait for more people, and measure again."),
        )


def _refuse_other_content(row: Release, digest: str) -> None:
    if not digest or digest != row.digest:
        raise _other_content()


def _refuse_changed_files(row: Release) -> None:
    """The manifest names every file that is published by its sum; the two have signed those very files."""
    try:
        release_files.verify(row.name, PublicKey.load(public_key_path()))
    except InputError as error:
        raise _other_content() from error


def _other_content() -> InputError:
    return InputError(
        "other_content",
        _("The release was measured anew since, or its files have changed."),
        _("Load the page again, read what was measured, and sign that."),
    )


def _locked(release_id: UUID, *states: ReleaseState) -> Release:
    row = Release.objects.select_for_update().filter(id=release_id).first()
    if row is None:
        raise Http404
    if row.state not in states:
        raise _wrong_step()
    return row


def _wrong_step() -> InputError:
    return InputError(
        "not_in_step",
        _("The release is not at the step where this can be done."),
        _("Load the page again to see where it is."),
    )


def _ended(release_id: UUID, **values: Any) -> bool:
    measured_at = timezone.now() if values["state"] == ReleaseState.MEASURED else None
    waiting = Release.objects.filter(id=release_id, state=ReleaseState.MEASURING)
    return waiting.update(measured_at=measured_at, job=None, **values) == 1


def _clear(row: Release) -> None:
    row.first_by = row.second_by = row.first_at = row.second_at = row.measured_at = None
    row.first_role = row.second_role = row.digest = ""


def _corrected(release_id: UUID | None) -> Release | None:
    if release_id is None:
        return None
    row = Release.objects.filter(id=release_id).first()
    if row is None or row.state != ReleaseState.WITHDRAWN:
        raise InputError(
            "not_withdrawn",
            _("Only a withdrawn release is corrected."),
            _("Withdraw it first, with the reason."),
        )
    return row


def _batches_since(previous: Release | None) -> list[list[Any]]:
    """Region and sequence of every accepted shard that no earlier release held."""
    held = {tuple(one) for row in _with_ancestors(previous) for one in row.batches}
    accepted = Shard.objects.filter(state=ShardState.ACCEPTED).order_by("region", "sequence")
    return [list(one) for one in accepted.values_list("region", "sequence") if one not in held]


def _with_ancestors(row: Release | None) -> list[Release]:
    found = []
    while row is not None:
        found.append(row)
        row = row.previous
    return found


def _next_name() -> str:
    """The month with a number, such as 2026-11.1, which never comes twice: discarded ones keep theirs."""
    month = timezone.localdate().strftime("%Y-%m")
    return f"{month}.{Release.objects.filter(name__startswith=f'{month}.').count() + 1}"
