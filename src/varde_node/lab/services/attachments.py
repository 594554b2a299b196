"""Files kept with a case: streamed to the data folder, told by their content, and handed out as downloads only."""

from __future__ import annotations

import hashlib
from contextlib import suppress
from pathlib import Path
from uuid import UUID, uuid4

from django.db import transaction
from django.http import Http404
from django.utils import timezone
from django.utils.translation import gettext as _

from varde.genome.errors import InputError
from varde_node.lab.case_access import case_for, in_data_folder
from varde_node.lab.file_content import media_type_of
from varde_node.lab.models import Attachment, Case
from varde_node.lab.services.files import CHUNK_BYTES, ByteStream, safe_label
from varde_node.lab.services.work import LONGEST_VARIANT
from varde_node.people.services import Actor, decide, require

LIMIT_BYTES = 25_000_000
"""Bytes of one attachment. Varde's proposal."""
MOST_PER_CASE = 200
WRITE = "lab.attachment.write"


def attach(actor: Actor, case_id: UUID, given_name: str, stream: ByteStream, *, variant: str = "") -> UUID:
    """Keep a file with a case or one of its variants; return it, also one that is kept there already.

    Raises InputError ``too_large``, ``too_many`` and those of ``media_type_of``; after an error nothing is stored.
    """
    case = Case.objects.filter(id=case_id).first()
    if case is None:
        raise Http404
    if not decide(actor, WRITE, subject=case.patient_id, organisation=case.laboratory_id).allowed:
        require(actor, WRITE, subject=case.patient_id, object_id=case.id, organisation=case.laboratory_id)
    label = safe_label(given_name)
    stored_as = f"cases/{case.id}/attachments/{uuid4()}"
    path = in_data_folder(stored_as)
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    try:
        sha256, size = _stream_to(path, label, stream)
        media_type = media_type_of(path, label)
        kept = _store(
            actor,
            case_id,
            Attachment(
                case=case,
                variant=variant[:LONGEST_VARIANT],
                given_name=label,
                stored_as=stored_as,
                media_type=media_type,
                size_bytes=size,
                sha256=sha256,
                by_id=actor.account_id,
            ),
        )
    except BaseException:
        _remove(path)
        raise
    if kept.stored_as != stored_as:
        _remove(path)
    return kept.id


@transaction.atomic
def withdraw_attachment(actor: Actor, case_id: UUID, attachment_id: UUID, reason: str) -> None:
    """Take a file out of the case; the row and the file are kept, and nobody is handed it any more.

    Raises InputError ``reason_missing``; ``Http404`` for a file that is not there.
    """
    case = case_for(actor, WRITE, case_id, lock=True, personal={"reason": reason.strip()})
    row = Attachment.objects.filter(case=case, id=attachment_id, withdrawn_at=None).first()
    if row is None:
        raise Http404
    if not reason.strip():
        raise InputError(
            "reason_missing", _("The reason is missing."), _("Write why the file is taken out."), field="reason"
        )
    row.withdrawn_at, row.withdrawn_by_id, row.withdraw_reason = timezone.now(), actor.account_id, reason.strip()
    row.save(update_fields=["withdrawn_at", "withdrawn_by", "withdraw_reason"])


def attached_file(actor: Actor, case_id: UUID, attachment_id: UUID) -> tuple[Attachment, Path]:
    """A file for handing out; the look is written to the trail. Raises ``Http404`` for one that is not there."""
    case = case_for(actor, "lab.attachment.read", case_id, details={"attachment": True})
    row = Attachment.objects.filter(case=case, id=attachment_id, withdrawn_at=None).first()
    if row is None or not in_data_folder(row.stored_as).is_file():
        raise Http404
    return row, in_data_folder(row.stored_as)


@transaction.atomic
def _store(actor: Actor, case_id: UUID, row: Attachment) -> Attachment:
    case = case_for(actor, WRITE, case_id, lock=True, details={"bytes": row.size_bytes})
    kept = case.attachments.filter(withdrawn_at=None)
    known = kept.filter(variant=row.variant, sha256=row.sha256).first()
    if known is not None:
        return known
    if kept.count() >= MOST_PER_CASE:
        raise InputError(
            "too_many",
            _("The case has as many attachments as it may have."),
            _("Take one out first."),
            field="file",
        )
    row.save(force_insert=True)
    return row


def _stream_to(path: Path, label: str, stream: ByteStream) -> tuple[str, int]:
    digest, size = hashlib.sha256(), 0
    with path.open("xb") as file:
        path.chmod(0o600)
        while chunk := stream.read(CHUNK_BYTES):
            size += len(chunk)
            if size > LIMIT_BYTES:
                raise InputError(
                    "too_large",
                    _("The file is larger than 25 MB."),
                    _("Attach a smaller file."),
                    source=label,
                    field="file",
                )
            digest.update(chunk)
            file.write(chunk)
    return digest.hexdigest(), size


def _remove(path: Path) -> None:
    path.unlink(missing_ok=True)
    with suppress(OSError):
        path.parent.rmdir()
