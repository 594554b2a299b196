"""What an attached file is, told by its content alone, and whether something in it could run.

Accepted: PDF, PNG, JPEG, plain text, and Word and Excel documents without macros. Whatever could act when it is opened
is refused: markup, drawings with script, programs, macros, and PDFs with script, actions, forms or files inside.
"""

from __future__ import annotations

import re
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path

from django.utils.translation import gettext as _

from varde.genome.errors import InputError

PDF, PNG, JPEG, TEXT = "application/pdf", "image/png", "image/jpeg", "text/plain; charset=utf-8"
_OFFICE = "application/vnd.openxmlformats-officedocument."
DOCX, XLSX = f"{_OFFICE}wordprocessingml.document", f"{_OFFICE}spreadsheetml.sheet"
ENDINGS = {PDF: ".pdf", PNG: ".png", JPEG: ".jpg", TEXT: ".txt", DOCX: ".docx", XLSX: ".xlsx"}
"""The ending under which a file of each kind is handed out, whatever it was called."""

INFLATED_LIMIT_BYTES = 200_000_000
"""Bytes that a file may unfold to while it is looked through. Varde's proposal."""
MEMBERS_LIMIT = 5_000
_PDF_ACTIVE = frozenset(
    b"/JavaScript /JS /OpenAction /AA /Launch /EmbeddedFile /EmbeddedFiles /RichMedia /XFA /AcroForm /SubmitForm "
    b"/ImportData /GoToE /GoToR /Movie /Rendition".split()
)
_NAME = re.compile(rb"/[^\x00-\x20()<>\[\]{}/%]+")
_ESCAPE = re.compile(rb"#([0-9A-Fa-f]{2})")
_STREAM = re.compile(rb"stream\r?\n")
_MARKUP = re.compile(
    r"<\s*(?:!doctype|html|head|body|script|svg|iframe|object|embed|img|form|style|meta|link|math|xml|\?xml|a\s|/)",
    re.IGNORECASE,
)
_OFFICE_ACTIVE = re.compile(
    r"vba|macro|activex|oleobject|embeddings/|customui|externallinks/|\.bin$|\.exe$|\.js$|\.html?$", re.IGNORECASE
)
_OUTSIDE = re.compile(rb'TargetMode\s*=\s*["\']External["\']', re.IGNORECASE)
_HYPERLINK = re.compile(rb"<Relationship\b[^>]*>", re.IGNORECASE)
_MACRO_TYPES = re.compile(rb"macroEnabled|vbaProject|ms-office\.activeX", re.IGNORECASE)


def media_type_of(path: Path, label: str) -> str:
    """The media type of a stored file; ``label`` is its name for the error.

    Raises InputError ``empty_file``, ``not_accepted`` for a kind that is not taken, ``active_content`` for something
    that could run, ``unreadable`` for a broken or locked one, and ``too_large`` for one that unfolds without end.
    """
    with path.open("rb") as file:
        start = file.read(16)
    if not start:
        raise InputError("empty_file", _("The file is empty."), _("Attach the file again."), source=label, field="file")
    if start.startswith(b"%PDF-"):
        _check_pdf(path.read_bytes(), label)
        return PDF
    if start.startswith(b"\x89PNG\r\n\x1a\n"):
        return PNG
    if start.startswith(b"\xff\xd8\xff"):
        return JPEG
    if start.startswith(b"PK\x03\x04"):
        return _office_type(path, label)
    return _text_type(path, label)


def _check_pdf(content: bytes, label: str) -> None:
    if b"%%EOF" not in content[-2048:]:
        raise _unreadable(label)
    for part in (content, *_unfolded(content, label)):
        names = {_plain_name(name) for name in _NAME.findall(part)}
        if b"/Encrypt" in names:
            raise _unreadable(label)
        found = names & _PDF_ACTIVE
        if found:
            raise _active(label, ", ".join(sorted(name.decode()[1:] for name in found)))


def _plain_name(name: bytes) -> bytes:
    """A PDF name with its escapes undone: ``/J#61vaScript`` is ``/JavaScript``."""
    return _ESCAPE.sub(lambda match: bytes([int(match.group(1), 16)]), name)


def _unfolded(content: bytes, label: str) -> Iterator[bytes]:
    """Every stream of a PDF that is compressed: object streams may hold what the outside does not show."""
    total = 0
    for match in _STREAM.finditer(content):
        unpacker = zlib.decompressobj()
        try:
            part = unpacker.decompress(content[match.end() :], INFLATED_LIMIT_BYTES - total + 1)
        except zlib.error:
            continue  # a picture or a font in another coding
        total += len(part)
        if total > INFLATED_LIMIT_BYTES:
            raise _unfolds(label)
        yield part


def _office_type(path: Path, label: str) -> str:
    try:
        with zipfile.ZipFile(path) as archive:
            members = archive.infolist()
            if len(members) > MEMBERS_LIMIT or sum(one.file_size for one in members) > INFLATED_LIMIT_BYTES:
                raise _unfolds(label)
            names = [one.filename for one in members]
            active = next((name for name in names if _OFFICE_ACTIVE.search(name)), None)
            if active is not None:
                raise _active(label, active)
            if "[Content_Types].xml" not in names:
                raise _not_accepted(label)
            if _MACRO_TYPES.search(archive.read("[Content_Types].xml")):
                raise _active(label, "macros")
            for name in names:
                if name.endswith(".rels"):
                    _check_relations(archive.read(name), label)
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, OSError, zlib.error):
        raise _unreadable(label) from None
    if "word/document.xml" in names:
        return DOCX
    if "xl/workbook.xml" in names:
        return XLSX
    raise _not_accepted(label)


def _check_relations(content: bytes, label: str) -> None:
    """Links that a person clicks are let be; templates, pictures and data that are fetched from outside are not."""
    for relation in _HYPERLINK.findall(content):
        if _OUTSIDE.search(relation) and b"/hyperlink" not in relation:
            raise _active(label, "external")


def _text_type(path: Path, label: str) -> str:
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError:
        raise _not_accepted(label) from None
    if any(ord(letter) < 32 and letter not in "\t\n\r\f" for letter in text):
        raise _not_accepted(label)
    if _MARKUP.search(text):
        raise _active(label, "markup")
    if text.startswith(("#!", "MZ", "{\\rtf")):
        raise _active(label, "program")
    return TEXT


def _active(label: str, what: str) -> InputError:
    return InputError(
        "active_content",
        _("The file holds something that could run when it is opened (%(what)s).") % {"what": what},
        _("Print it to a plain PDF, and attach that."),
        source=label,
        field="file",
    )


def _not_accepted(label: str) -> InputError:
    return InputError(
        "not_accepted",
        _("Files of this kind are not taken."),
        _("Attach PDF, PNG, JPEG, plain text in UTF-8, or a Word or Excel document without macros."),
        source=label,
        field="file",
    )


def _unreadable(label: str) -> InputError:
    return InputError(
        "unreadable",
        _("The file is broken, cut short or locked, and cannot be looked through."),
        _("Save it again without a password, and attach that."),
        source=label,
        field="file",
    )


def _unfolds(label: str) -> InputError:
    return InputError(
        "too_large",
        _("The file unfolds to more than is looked through."),
        _("Attach a smaller file."),
        source=label,
        field="file",
    )
