"""Upload of variant files: streamed to the data folder, judged by the header before anything is stored of them."""

from __future__ import annotations

import hashlib
import unicodedata
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol
from uuid import UUID, uuid4

from django.conf import settings
from django.db import transaction
from django.http import Http404

from varde.genome.errors import InputError
from varde.genome.references import Reference, ReferenceStore
from varde.genome.vcf import read_header
from varde.interpretation.call_kind import kind_of_file
from varde_node.lab.case_access import case_for, in_data_folder
from varde_node.lab.models import Case, CaseState, FileKind, VariantFile
from varde_node.lab.services.analysis import enqueue_analysis, is_stuck, refuse_after_withdrawal
from varde_node.lab.services.layers import enqueue_layer
from varde_node.lab.states import LAYER_STATES
from varde_node.people.services import Actor, decide, require

CHUNK_BYTES = 1 << 20
NAME_CHARACTERS = 120
_BGZF_START = b"\x1f\x8b\x08\x04"
_BGZF_END = bytes.fromhex("1f8b08040000000000ff0600424302001b0003000000000000000000")
"""The empty block that ends every whole bgzip file (SAM specification, section 4.1.2)."""


class ByteStream(Protocol):
    """What can be read in pieces."""

    def read(self, size: int = -1, /) -> bytes: ...


@dataclass(frozen=True)
class _Incoming:
    path: Path
    label: str
    sha256: str
    size_bytes: int


def upload_file(actor: Actor, case_id: UUID, given_name: str, stream: ByteStream) -> UUID:
    """Take in a VCF or BCF of one or more of the case's people; the last missing one starts the analysis.

    What it holds is told from the file: small variants, structural ones, or repeats. The latter two are layers of their
    own, taken while the case is open and prepared at once. An earlier file of the same person is superseded and kept;
    of structural variants and repeats only one of the same name, as several callers go together.

    Raises InputError: ``not_expected``, ``consent_lacks``,
    ``too_large``, ``duplicate_file``, ``samples_not_of_case``, ``no_samples``, ``wrong_build``, those of
    ``read_header``, and those of the reference store. After an error nothing is stored.
    """
    case = Case.objects.filter(id=case_id).first()
    if case is None:
        raise Http404
    if not decide(actor, "lab.file.upload", subject=case.patient_id, organisation=case.laboratory_id).allowed:
        require(actor, "lab.file.upload", subject=case.patient_id, object_id=case.id, organisation=case.laboratory_id)
    _refuse_closed(case)
    label = safe_label(given_name)
    stored_as = f"cases/{case.id}/files/{uuid4()}"
    path = in_data_folder(stored_as)
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    try:
        incoming = _stream_to(path, label, stream)
        samples = _check_header(case, incoming)
        kind = FileKind(kind_of_file(path).value)
        if kind is FileKind.SMALL:
            refuse_unexpected(case)
        return _store(actor, case, stored_as, incoming, samples, kind)
    except BaseException:
        path.unlink(missing_ok=True)
        with suppress(OSError):
            path.parent.rmdir()
            path.parent.parent.rmdir()
        raise


def safe_label(given_name: str) -> str:
    """A file name fit to be shown: no folder, no control or direction character, at most 120 characters."""
    last = given_name.replace("\\", "/").rsplit("/", 1)[-1]
    kept = "".join(letter for letter in last if unicodedata.category(letter)[0] in "LNPSM" or letter == " ")
    return kept.strip(" .")[-NAME_CHARACTERS:] or "file"


def node_reference() -> Reference:
    """The reference that this node analyses with. Raises InputError when it has not been added."""
    return ReferenceStore(settings.REFERENCES).get(settings.REFERENCE)


def _refuse_closed(case: Case) -> None:
    """Refuse what no kind of file could mend, before anything is received."""
    if case.state not in LAYER_STATES:
        refuse_unexpected(case)
    refuse_after_withdrawal(case)


def refuse_unexpected(case: Case) -> None:
    """Raises InputError ``not_expected`` where the case takes no file now, and ``consent_lacks``."""
    refuse_after_withdrawal(case)
    if case.state == CaseState.ORDERED:
        missing = ", ".join(case.samples.filter(received_at=None).values_list("name", flat=True))
        raise InputError(
            "not_expected",
            f"Not every tube has arrived: {missing} is missing.",
            "Register the tubes first.",
            field="file",
        )
    open_states = (CaseState.SAMPLES_RECEIVED, CaseState.QUALITY_STOP)
    if case.state not in open_states and not is_stuck(case):
        raise InputError(
            "not_expected",
            "The case takes no file now: it is being analysed, interpreted or has ended.",
            "Wait for the analysis to end; a signed case is not analysed again.",
            field="file",
        )


def _stream_to(path: Path, label: str, stream: ByteStream) -> _Incoming:
    digest, size = hashlib.sha256(), 0
    with path.open("xb") as file:
        path.chmod(0o600)
        while chunk := stream.read(CHUNK_BYTES):
            size += len(chunk)
            if size > settings.UPLOAD_LIMIT_BYTES:
                raise InputError(
                    "too_large",
                    f"The file is larger than the limit of {settings.UPLOAD_LIMIT_BYTES} bytes.",
                    "Compress it with bgzip, split it by person, or have the administrator raise "
                    "VARDE_UPLOAD_LIMIT_BYTES.",
                    source=label,
                )
            digest.update(chunk)
            file.write(chunk)
    return _Incoming(path, label, digest.hexdigest(), size)


def _check_header(case: Case, incoming: _Incoming) -> tuple[str, ...]:
    _refuse_cut_bgzip(incoming)
    try:
        header = read_header(incoming.path)
    except InputError as error:
        raise replace(error, source=incoming.label) from None
    expected = tuple(case.samples.values_list("name", flat=True))
    if not header.samples:
        raise InputError(
            "no_samples",
            "The file has no person: it holds sites only.",
            f"Give a file with genotypes of {', '.join(expected)}.",
            source=incoming.label,
            line=header.line_count,
        )
    foreign = [name for name in header.samples if name not in expected]
    if foreign:
        named = ", ".join(foreign[:3]) + (", ..." if len(foreign) > 3 else "")
        raise InputError(
            "samples_not_of_case",
            f"The file has {len(header.samples)} people, and {len(foreign)} of them are not of this case: {named}. "
            f"Expected are {', '.join(expected)}.",
            "Take this family's people out with 'bcftools view -s', or rename them with 'bcftools reheader -s'.",
            source=incoming.label,
            line=header.line_count,
        )
    build = node_reference().build
    if header.build is not None and header.build != build:
        raise InputError(
            "wrong_build",
            f"The file is {header.build.value}; this laboratory analyses {build.value}.",
            "Map the reads and call again on that build, or lift the file over.",
            source=incoming.label,
            field="##contig",
        )
    return header.samples


def _refuse_cut_bgzip(incoming: _Incoming) -> None:
    with incoming.path.open("rb") as file:
        if file.read(len(_BGZF_START)) != _BGZF_START:
            return
        file.seek(max(0, incoming.size_bytes - len(_BGZF_END)))
        if file.read() == _BGZF_END:
            return
    raise InputError(
        "truncated",
        "The file ends in the middle: the closing bgzip block is missing.",
        "Copy it again from where it was made, and compare checksums.",
        source=incoming.label,
    )


@transaction.atomic
def _store(
    actor: Actor, case: Case, stored_as: str, incoming: _Incoming, samples: tuple[str, ...], kind: FileKind
) -> UUID:
    case = case_for(
        actor,
        "lab.file.upload",
        case.id,
        lock=True,
        details={"bytes": incoming.size_bytes, "kind": kind, "people": len(samples), "sha256": incoming.sha256},
    )
    _refuse_closed(case)
    if kind is FileKind.SMALL:
        refuse_unexpected(case)
    current = list(case.files.filter(superseded=False))
    for file in current:
        if file.sha256 == incoming.sha256:
            raise InputError(
                "duplicate_file",
                f"The case has this very file already ({file.given_name}).",
                "Choose another file, or start the analysis again.",
                source=incoming.label,
            )
    replaced = [
        file.id
        for file in current
        if file.kind == kind
        and set(file.samples) & set(samples)
        and (kind is FileKind.SMALL or file.given_name == incoming.label)
    ]
    VariantFile.objects.filter(id__in=replaced).update(superseded=True)
    row = VariantFile.objects.create(
        case=case,
        given_name=incoming.label,
        stored_as=stored_as,
        kind=kind,
        samples=list(samples),
        sha256=incoming.sha256,
        size_bytes=incoming.size_bytes,
        uploaded_by_id=actor.account_id,
    )
    if kind is not FileKind.SMALL:
        enqueue_layer(actor, case, kind)
    elif not case.missing_files():
        enqueue_analysis(actor, case)
    elif case.state != CaseState.SAMPLES_RECEIVED:
        case.state = CaseState.SAMPLES_RECEIVED
        case.save(update_fields=["state"])
    return row.id
