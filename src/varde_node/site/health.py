"""Whether the node lives, and whether it is ready for people."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import dataclass

from django.conf import settings
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from varde_node.formats import number
from varde_node.jobs import queries as jobs
from varde_node.site import frontend

FREE_BYTES_MIN = 1024**3
"""Below this an upload may not fit: the node says that it is not ready."""


@dataclass(frozen=True)
class Check:
    """One part of the node's health."""

    name: str
    title: str | Promise
    healthy: bool
    value: str


def checks() -> list[Check]:
    """Every check, each made whatever the others say."""
    makers: tuple[Callable[[], Check], ...] = (_database, _migrations, _disk, _front_end, _queue)
    return [maker() for maker in makers]


def _database() -> Check:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
            healthy = cursor.fetchone() == (1,)
    except DatabaseError:
        healthy = False
    return Check("database", _("Database"), healthy, connection.vendor)


def _migrations() -> Check:
    try:
        executor = MigrationExecutor(connection)
        missing = len(executor.migration_plan(executor.loader.graph.leaf_nodes()))
    except DatabaseError:
        return Check("migrations", _("Database changes not yet made"), False, "?")
    return Check("migrations", _("Database changes not yet made"), missing == 0, str(missing))


def _disk() -> Check:
    free = shutil.disk_usage(settings.DATA).free
    return Check("disk", _("Free disk space"), free >= FREE_BYTES_MIN, f"{number(free / 1024**3, 1)} GiB")


def _front_end() -> Check:
    count = len(frontend.manifest())
    return Check("front_end", _("Front-end files"), count > 0, str(count))


def _queue() -> Check:
    try:
        counted = jobs.counts_by_state()
    except DatabaseError:
        return Check("queue", _("Jobs waiting and running"), False, "?")
    return Check("queue", _("Jobs waiting and running"), True, f"{counted['queued']} + {counted['running']}")
