"""Reads of releases: the list, one release on its road, and which published one readers have now."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Any, cast
from uuid import UUID

from django.http import Http404

from varde_node.jobs import queries as jobs
from varde_node.jobs.queries import JobView
from varde_node.people import queries as people
from varde_node.people.services import Actor, require
from varde_node.registers.frequency import release_files
from varde_node.registers.frequency.models import Gate, Release, ReleaseState
from varde_node.registers.frequency.release_checks import (
    STOP,
    Batch,
    Check,
    batches,
    checks,
    held_out_people,
    people_of_the_nation,
)

READ = "registers.release.read"


@dataclass(frozen=True)
class Signature:
    """Who signed in which role, and when."""

    name: str
    role: str
    at: datetime


@dataclass(frozen=True)
class ReleaseLine:
    """A release in the list. ``corrected_by`` names the release that replaced a withdrawn one."""

    id: UUID
    name: str
    state: ReleaseState
    gate: Gate
    people: int
    prepared_at: datetime
    published_at: datetime | None
    withdrawn_at: datetime | None
    withdrawal_reason: str
    corrects: str
    corrected_by: str


@dataclass(frozen=True)
class ReleaseView:
    """A release with all that its steps show. ``manifest`` is None until it was measured; ``manifest_before``: of
    the one before."""

    line: ReleaseLine
    previous: str
    prepared_by: str
    is_own: bool
    batches: tuple[Batch, ...]
    checks: tuple[Check, ...]
    people: int
    held_out: int
    job: JobView | None
    problem: str
    digest: str
    measured_at: datetime | None
    signatures: tuple[Signature, ...]
    may_sign: bool
    manifest: dict[str, Any] | None
    manifest_before: dict[str, Any] | None

    @property
    def ready(self) -> bool:
        """Whether no check stops the release."""
        return all(check.light != STOP for check in self.checks)

    @property
    def may_publish(self) -> bool:
        """Whether the gate passed and two people have signed."""
        return self.line.state == ReleaseState.SIGNED and len(self.signatures) == 2

    @property
    def may_withdraw(self) -> bool:
        """Whether it is published."""
        return self.line.state == ReleaseState.PUBLISHED


@dataclass(frozen=True)
class PublishedRelease:
    """A release that readers have or had. ``folder`` holds ``manifest.json`` and, if there is one, ``public``."""

    name: str
    folder: Path
    published_at: datetime
    people: int
    withdrawn_at: datetime | None
    withdrawal_reason: str
    corrected_by: str


def published_releases() -> tuple[PublishedRelease, ...]:
    """Every release that was ever published, the newest first; withdrawn ones with their reason. Open to everybody."""
    rows = Release.objects.filter(state__in=[ReleaseState.PUBLISHED, ReleaseState.WITHDRAWN])
    return tuple(_published(row) for row in rows.order_by("-published_at"))


def current_release() -> PublishedRelease | None:
    """The newest published release that was not withdrawn; nothing while there is none. Open to everybody."""
    row = Release.objects.filter(state=ReleaseState.PUBLISHED).order_by("-published_at").first()
    return _published(row) if row else None


def releases(actor: Actor) -> tuple[ReleaseLine, ...]:
    """All releases, the newest first."""
    require(actor, READ)
    return tuple(_line(row) for row in Release.objects.select_related("corrects").order_by("-prepared_at"))


def release(actor: Actor, release_id: UUID) -> ReleaseView:
    """One release with its checks, its job, what was measured and who signed."""
    require(actor, READ, object_id=release_id)
    row = Release.objects.select_related("previous", "corrects").filter(id=release_id).first()
    if row is None:
        raise Http404
    signers = (row.first_by, row.second_by)
    return ReleaseView(
        line=_line(row),
        previous=row.previous.name if row.previous else "",
        prepared_by=people.account_name(row.prepared_by),
        is_own=row.prepared_by == actor.account_id,
        batches=batches(row),
        checks=checks(row) if row.open else (),
        people=row.people or people_of_the_nation(),
        held_out=held_out_people(),
        job=jobs.job(row.job) if row.job else None,
        problem=row.problem,
        digest=row.digest,
        measured_at=row.measured_at,
        signatures=_signatures(row),
        may_sign=_may_sign(row, actor, signers),
        manifest=manifest_of(row.name) if row.digest else None,
        manifest_before=manifest_of(row.previous.name) if row.previous else None,
    )


def release_named(actor: Actor, name: str) -> UUID:
    """The release of a name."""
    require(actor, READ, details={"release": name})
    row = Release.objects.filter(name=name).first()
    if row is None:
        raise Http404
    return row.id


def manifest_of(name: str) -> dict[str, Any] | None:
    """What a release says of itself; nothing where its files are not there."""
    path = release_files.folder_of(name) / release_files.MANIFEST
    return dict(_read(path, path.stat().st_mtime_ns)) if path.is_file() else None


@lru_cache(maxsize=16)
def _read(path: Path, _changed_ns: int) -> dict[str, Any]:
    return dict(json.loads(path.read_text(encoding="utf-8")))


def _may_sign(row: Release, actor: Actor, signers: tuple[UUID | None, UUID | None]) -> bool:
    if row.gate != Gate.PASSED or row.state not in (ReleaseState.MEASURED, ReleaseState.SIGNED) or all(signers):
        return False
    return row.first_by is None or actor.account_id not in (row.first_by, row.prepared_by)


def _signatures(row: Release) -> tuple[Signature, ...]:
    signed = ((row.first_by, row.first_role, row.first_at), (row.second_by, row.second_role, row.second_at))
    return tuple(Signature(people.account_name(by), role, at) for by, role, at in signed if by and at)


def _line(row: Release) -> ReleaseLine:
    return ReleaseLine(
        row.id,
        row.name,
        ReleaseState(row.state),
        Gate(row.gate),
        row.people,
        row.prepared_at,
        row.published_at,
        row.withdrawn_at,
        row.withdrawal_reason,
        row.corrects.name if row.corrects else "",
        _correction_of(row),
    )


def _published(row: Release) -> PublishedRelease:
    folder = release_files.published_folder(row.name)
    return PublishedRelease(
        row.name,
        folder,
        cast(datetime, row.published_at),
        row.people,
        row.withdrawn_at,
        row.withdrawal_reason,
        _correction_of(row),
    )


def _correction_of(row: Release) -> str:
    if row.state != ReleaseState.WITHDRAWN:
        return ""
    published = row.corrections.filter(state=ReleaseState.PUBLISHED).order_by("-published_at").first()
    return published.name if published else ""
