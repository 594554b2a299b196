"""Commands on consent: record, change, withdraw; forms are loaded from the package."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from uuid import UUID, uuid4

from django.db import transaction
from django.utils import timezone

from varde.consent import Purpose
from varde.genome.errors import InputError
from varde_node.consent.contracts import announce_changed, on_changed
from varde_node.consent.models import ConsentEntry, ConsentForm, EntryKind, Means
from varde_node.consent.streams import decisions, entries_of
from varde_node.people import queries as people
from varde_node.people.services import Actor, Relation, require

__all__ = ["GENOME_EXAMINATION", "load_forms", "on_changed", "record_consent", "withdraw_consent"]

GENOME_EXAMINATION = "genome-examination"
ASKED = frozenset(
    {
        Purpose.CARE_PANEL,
        Purpose.CARE_ALL_GENES,
        Purpose.INCIDENTAL_FINDINGS,
        Purpose.MATCHMAKING,
        Purpose.REGISTER_COUNT,
    }
)
"""What the form of a genome examination asks. What is asked and not allowed is refused."""

FORMS = Path(__file__).parent / "forms"


def load_forms() -> int:
    """Store the package's forms (``forms/<code>.<version>.<language>.txt``); return how many were new.

    Raises ValueError when a stored version's text differs: a changed text is a new version.
    """
    new = 0
    for path in sorted(FORMS.glob("*.txt")):
        code, version, language = path.stem.rsplit("_", 2)
        title, _, text = path.read_text(encoding="utf-8").partition("\n")
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
        row, created = ConsentForm.objects.get_or_create(
            code=code,
            version=version,
            language=language,
            defaults={"title": title.strip(), "text": text.strip(), "sha256": digest},
        )
        if row.sha256 != digest:
            raise ValueError(f"{path.name} differs from what was stored under this version; give it a new version")
        new += created
    return new


@transaction.atomic
def record_consent(
    actor: Actor,
    *,
    subject_id: UUID,
    decided_by_id: UUID,
    form_code: str = GENOME_EXAMINATION,
    language: str = "nb",
    allowed: Iterable[Purpose],
    means: str,
    decided_at: datetime | None = None,
    note: str = "",
    in_care: bool = False,
) -> UUID:
    """Record what was decided: the first time, or as a change of the standing stream; return the stream.

    ``allowed`` are the purposes said yes to; what the form asks beside them is refused. ``in_care`` is the calling
    domain's word that the actor's clinic treats the person. Raises InputError for an unknown form or purpose, a person
    who may not decide, or a time before the last entry.
    """
    relations = (Relation.CARE,) if in_care else ()
    require(actor, "consent.entry.record", subject=subject_id, relations=relations, details={"means": means})
    said_yes = frozenset(Purpose(value) for value in allowed)
    _check_decider(subject_id, decided_by_id)
    if means not in Means.values:
        raise InputError("means", f"{means!r} is not a way to decide.", "Say portal, desk or paper.", field="means")
    if said_yes - ASKED:
        names = ", ".join(sorted(said_yes - ASKED))
        raise InputError("purpose", f"The form does not ask about {names}.", "Use the form that does.", field="allowed")
    now = timezone.now()
    at = decided_at or now
    history = entries_of(subject_id)
    if at > now or (history and at < history[-1].decided_at):
        raise InputError(
            "decided_at",
            "The time lies in the future, or before the last decision.",
            "Give the time of the decision.",
            field="decided_at",
        )
    standing = _standing(history, form_code)
    row = ConsentEntry.objects.create(
        stream=standing.stream if standing else uuid4(),
        number=standing.number + 1 if standing else 1,
        kind=EntryKind.CHANGED if standing else EntryKind.GIVEN,
        subject_id=subject_id,
        decided_by_id=decided_by_id,
        form=_form(form_code, language),
        allowed=sorted(said_yes),
        refused=sorted(ASKED - said_yes),
        means=means,
        note=note,
        decided_at=at,
        recorded_by_id=actor.account_id,
    )
    announce_changed(subject_id)
    return row.stream


@transaction.atomic
def withdraw_consent(
    actor: Actor, *, stream: UUID, decided_by_id: UUID, means: str = Means.PORTAL, note: str = "", in_care: bool = False
) -> None:
    """End a stream. New uses are denied from now on. Raises InputError when there is nothing to withdraw."""
    last = (
        ConsentEntry.objects.select_for_update()
        .filter(stream=stream)
        .select_related("form")
        .order_by("-number")
        .first()
    )
    if last is None:
        raise InputError("unknown_stream", "There is no such consent.", "Choose one of the standing consents.")
    relations = (Relation.CARE,) if in_care else ()
    require(actor, "consent.entry.withdraw", subject=last.subject_id, object_id=stream, relations=relations)
    _check_decider(last.subject_id, decided_by_id)
    if last.kind == EntryKind.WITHDRAWN:
        raise InputError("withdrawn", "This consent is withdrawn already.", "Nothing more needs to be done.")
    ConsentEntry.objects.create(
        stream=stream,
        number=last.number + 1,
        kind=EntryKind.WITHDRAWN,
        subject_id=last.subject_id,
        decided_by_id=decided_by_id,
        form=last.form,
        means=means,
        note=note,
        decided_at=timezone.now(),
        recorded_by_id=actor.account_id,
    )
    announce_changed(last.subject_id)


def _standing(history: list[ConsentEntry], code: str) -> ConsentEntry | None:
    own = [entry for entry in history if entry.form.code == code]
    decisions(own)  # a history that cannot be is found here, before anything is added to it
    return own[-1] if own and own[-1].kind != EntryKind.WITHDRAWN else None


def _form(code: str, language: str) -> ConsentForm:
    rows = ConsentForm.objects.filter(code=code, language=language).order_by("-version")
    row = rows.first()
    if row is None:
        raise InputError(
            "unknown_form",
            f"There is no form {code} in {language}.",
            "Load the forms, or choose another.",
            field="form",
        )
    return row


def _check_decider(subject_id: UUID, decided_by_id: UUID) -> None:
    """Oneself, or somebody who represents the person today."""
    if subject_id == decided_by_id:
        return
    if subject_id not in {person.id for person in people.represented_by(decided_by_id)}:
        raise InputError(
            "decider",
            "This person may not decide for the one concerned.",
            "Let the person, a parent or a guardian decide.",
            field="decided_by",
        )
