"""The audit trail: canonical events in order, their Merkle tree, and the personal values beside them.

The sequence is assigned under a lock: on SQLite the write transaction itself (``BEGIN IMMEDIATE``), on PostgreSQL an
advisory lock held until the end of the transaction. The order is the index, never the time.
"""

from __future__ import annotations

import json
import secrets
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID, uuid4

from django.db import connection, transaction
from django.db.models import Max
from django.utils import timezone

from varde.audit import events, tree
from varde_node.people.actors import Actor
from varde_node.people.models import AuditEntry, AuditNode, AuditPersonalField

EVENT_VERSION = 1
ADVISORY_LOCK = 0x56_41_52_44_45  # "VARDE"
SALT_BYTES = 16


class DatabaseNodes:
    """Stores the tree's nodes in the database (the protocol of :class:`varde.audit.tree.NodeStore`)."""

    def get(self, level: int, index: int) -> bytes:
        """A stored hash; ``KeyError`` when absent."""
        row = AuditNode.objects.filter(level=level, index=index).values_list("digest", flat=True).first()
        if row is None:
            raise KeyError((level, index))
        return bytes(row)

    def put(self, level: int, index: int, digest: bytes) -> None:
        """Store a hash; a second one at the same place is an integrity error."""
        AuditNode.objects.create(level=level, index=index, digest=digest)


@dataclass(frozen=True)
class Event:
    """What happened. ``details`` and ``object_id`` hold no personal data; what is personal is in ``personal``, where
    only a salted commitment enters the log itself."""

    action: str
    outcome: str
    rule: str
    object_id: str = ""
    subject: UUID | None = None
    details: Mapping[str, str | int | bool] | None = None
    personal: Mapping[str, str] | None = None


def append(actor: Actor, event: Event, recorded: datetime | None = None) -> int:
    """Write an entry in the current transaction; return its index. Fails closed: no entry, no access."""
    recorded = (recorded or timezone.now()).astimezone(UTC)
    event_id = uuid4()
    values = _personal_values(actor, event)
    salts = {field: secrets.token_bytes(SALT_BYTES) for field in values}
    with transaction.atomic():
        index = _next_index()
        stored = events.canonical_bytes(
            {
                "version": EVENT_VERSION,
                "index": index,
                "id": str(event_id),
                "recorded": recorded.isoformat(timespec="microseconds"),
                "role": actor.role.value,
                "organisation": str(actor.organisation_id) if actor.organisation_id else "",
                "organisation_name": actor.organisation_name,
                "purpose": actor.purpose.value,
                "action": event.action,
                "outcome": event.outcome,
                "rule": event.rule,
                "object": event.object_id,
                "details": dict(event.details or {}),
                "personal": {field: events.commitment(field, salts[field], value) for field, value in values.items()},
            }
        )
        entry = AuditEntry(index=index, stored=stored, **columns(stored))
        entry.save()
        AuditPersonalField.objects.bulk_create(
            AuditPersonalField(entry=entry, field=field, salt=salts[field], value=value)
            for field, value in values.items()
        )
        tree.append(DatabaseNodes(), index, stored)
    return index


def columns(stored: bytes) -> dict[str, object]:
    """The searchable columns as the stored bytes say them."""
    event = json.loads(stored)
    return {
        "event_id": UUID(event["id"]),
        "recorded": datetime.fromisoformat(event["recorded"]),
        "action": event["action"],
        "role": event["role"],
        "organisation": UUID(event["organisation"]) if event["organisation"] else None,
        "outcome": event["outcome"],
        "object_id": event["object"],
    }


def erase_personal(entry_index: int, field: str) -> None:
    """Erase a personal value and its salt; the entry and every proof stay valid."""
    AuditPersonalField.objects.filter(entry_id=entry_index, field=field).update(salt=None, value=None)


@dataclass(frozen=True)
class Checkpoint:
    """Size and root of the tree: kept elsewhere, it shows a later rewriting of the whole trail."""

    size: int
    root: bytes

    def __str__(self) -> str:
        return f"{self.size}:{self.root.hex()}"

    @classmethod
    def parse(cls, text: str) -> Checkpoint:
        """Read ``size:hex root``."""
        size, _, root = text.strip().partition(":")
        return cls(int(size), bytes.fromhex(root))


def stored_entries() -> Iterator[bytes]:
    """The stored bytes of each entry, in order."""
    stored = AuditEntry.objects.order_by("index").values_list("stored", flat=True)
    return (bytes(one) for one in stored.iterator(chunk_size=2000))


def checkpoint() -> Checkpoint:
    """The tree as it stands."""
    size = _size()
    return Checkpoint(size, tree.root(DatabaseNodes(), size))


def verify(against: Checkpoint | None = None) -> tuple[Checkpoint, list[str]]:
    """Rebuild the tree from the stored bytes, compare everything; return the rebuilt checkpoint and what is wrong."""
    problems: list[str] = []
    prefix_root: list[bytes] = []
    stored_nodes = {
        (level, index): bytes(digest)
        for level, index, digest in AuditNode.objects.values_list("level", "index", "digest").iterator(2000)
    }
    memory = tree.MemoryNodes()
    size = 0
    for size, stored in enumerate(_checked_entries(problems), start=1):
        tree.append(memory, size - 1, stored)
        if against is not None and size == against.size:
            prefix_root.append(tree.root(memory, size))
    for place in sorted(memory.nodes.keys() | stored_nodes.keys()):
        if memory.nodes.get(place) != stored_nodes.get(place):
            problems.append(f"tree node {place[0]}/{place[1]} does not follow from the entries")
    problems.extend(_unopened_commitments())
    if against is not None and against.size:
        if size < against.size:
            problems.append(f"the kept checkpoint has {against.size} entries, the trail only {size}")
        elif prefix_root != [against.root]:
            problems.append(f"the first {against.size} entries are not those of the kept checkpoint")
    return Checkpoint(size, tree.root(memory, size)), problems


def _checked_entries(problems: list[str]) -> Iterator[bytes]:
    rows = AuditEntry.objects.order_by("index").iterator(2000)
    for expected, row in enumerate(rows):
        stored = bytes(row.stored)
        if row.index != expected:
            problems.append(f"entry {expected} is missing: the next one stored is {row.index}")
        try:
            said = columns(stored)
            inner_index = json.loads(stored)["index"]
        except (ValueError, KeyError, TypeError):
            problems.append(f"entry {row.index} cannot be read")
        else:
            if inner_index != row.index:
                problems.append(f"entry {row.index} says it is number {inner_index}")
            wrong = [name for name, value in said.items() if getattr(row, name) != value]
            if wrong:
                problems.append(f"entry {row.index}: column {', '.join(wrong)} differs from the stored event")
        yield stored


def _unopened_commitments() -> Iterator[str]:
    """Personal values that are not what the entry says. An erased one keeps its row: a row that is gone was not erased
    by us, and would hide who looked."""
    kept: dict[int, set[str]] = defaultdict(set)
    for index, field in AuditPersonalField.objects.values_list("entry_id", "field").iterator(2000):
        kept[index].add(field)
    for index, stored in AuditEntry.objects.order_by("index").values_list("index", "stored").iterator(2000):
        for field in sorted(_committed(bytes(stored)) - kept.pop(index, set())):
            yield f"entry {index}: the personal field {field} is gone"
    rows = AuditPersonalField.objects.filter(value__isnull=False).select_related("entry").order_by("entry_id")
    for row in rows.iterator(2000):
        try:
            committed = json.loads(bytes(row.entry.stored))["personal"][row.field]
            opened = events.opens(committed, row.field, bytes(row.salt), row.value)
        except (ValueError, KeyError, TypeError):
            opened = False
        if not opened:
            yield f"entry {row.entry_id}: the personal field {row.field} is not what was committed to"


def _committed(stored: bytes) -> set[str]:
    try:
        return set(json.loads(stored)["personal"])
    except (ValueError, KeyError, TypeError):
        return set()  # said already, as an entry that cannot be read


def _personal_values(actor: Actor, event: Event) -> dict[str, str]:
    values = {"account": str(actor.account_id), "name": actor.display_name}
    if event.subject is not None:
        values["subject"] = str(event.subject)
    # PostgreSQL's texts hold no NUL, and a question with one must still be written down.
    return {field: value.replace("\0", "\ufffd") for field, value in (values | dict(event.personal or {})).items()}


def _next_index() -> int:
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [ADVISORY_LOCK])
    return _size()


def _size() -> int:
    highest = AuditEntry.objects.aggregate(highest=Max("index"))["highest"]
    return 0 if highest is None else highest + 1
