"""What must outlive a transaction: intents to add to the counts, and rejections of contributions.

Files and database cannot change at one moment. An intent is written before a run is added, and goes when the row that
names the run is committed; a run that no row names, of an intent that was never fulfilled, is taken out again by
``reconcile``. A rejection is written as a file at once, and entered in the book as soon as no transaction can take it
back.
"""

from __future__ import annotations

import json
import os
import time
from datetime import date
from functools import partial
from pathlib import Path
from uuid import uuid4

from django.db import connection, transaction
from django.utils import timezone

from varde_node.registers.frequency.models import Contribution, ContributionState
from varde_node.registers.frequency.store import root

INTENT, REJECTION = ".intent", ".rejection"


def folder() -> Path:
    """Where they stand; it need not exist."""
    return root() / "outbox"


def intend(region: str) -> Path:
    """Note that a run is about to be added to a region's counts."""
    return _write(INTENT, {"region": region})


def fulfil(intent: Path) -> None:
    """The row that names the run is there for good, or the run is not."""
    intent.unlink(missing_ok=True)


def intents(older_than_s: float) -> tuple[list[Path], set[str]]:
    """Intents left behind, and the regions where something younger is under way."""
    left, busy = [], set()
    for path in _files(INTENT):
        region, written = _read(path).get("region", ""), path.stat().st_mtime
        if time.time() - written >= older_than_s:
            left.append(path)
        else:
            busy.add(str(region))
    return left, busy


def reject(region: str, people: int, reason: str) -> None:
    """Enter a rejection in the book, now or when the transaction around has ended."""
    _write(REJECTION, {"region": region, "people": people, "reason": reason, "on": str(timezone.localdate())})
    if not connection.in_atomic_block:
        settle()


def settle() -> int:
    """Enter the rejections that wait; return how many. Doing it twice enters them once."""
    waiting = _files(REJECTION)
    for path in waiting:
        said = _read(path)
        values = {
            "region": said["region"],
            "state": ContributionState.REJECTED,
            "people": said["people"],
            "reason": said["reason"],
            "received_on": date.fromisoformat(said["on"]),
        }
        Contribution.objects.get_or_create(id=path.stem, defaults=values)
        transaction.on_commit(partial(path.unlink, missing_ok=True))
    return len(waiting)


def _files(suffix: str) -> list[Path]:
    return sorted(folder().glob(f"*{suffix}")) if folder().is_dir() else []


def _write(suffix: str, said: dict[str, object]) -> Path:
    folder().mkdir(parents=True, exist_ok=True)
    path = folder() / f"{uuid4()}{suffix}"
    new = path.with_suffix(".new")
    with new.open("w", encoding="utf-8") as file:
        json.dump(said, file)
        file.flush()
        os.fsync(file.fileno())
    new.replace(path)
    return path


def _read(path: Path) -> dict[str, str]:
    return dict(json.loads(path.read_text(encoding="utf-8")))
