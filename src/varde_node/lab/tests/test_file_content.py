"""What may be attached is told by content: each kind that is taken, and every way of hiding something that runs."""

from __future__ import annotations

import io
import zipfile
import zlib

import pytest

from varde.genome.errors import InputError
from varde_node.lab.file_content import DOCX, JPEG, PDF, PNG, TEXT, XLSX, media_type_of
from varde_node.lab.spreadsheets import Sheet, workbook

PLAIN_PDF = b"%PDF-1.7\n1 0 obj\n<< /Type /Catalog /Pages 2 0 R >>\nendobj\ntrailer\n<< /Root 1 0 R >>\n%%EOF\n"


def pdf(inside: bytes) -> bytes:
    return PLAIN_PDF.replace(b"trailer", inside + b"\ntrailer")


def packed(inside: bytes) -> bytes:
    return pdf(
        b"3 0 obj\n<< /Type /ObjStm /Filter /FlateDecode >>\nstream\n" + zlib.compress(inside) + b"\nendstream\nendobj"
    )


def office(members: dict[str, bytes]) -> bytes:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in {"[Content_Types].xml": b"<Types/>", **members}.items():
            archive.writestr(name, content)
    return held.getvalue()


WORD = {"word/document.xml": b"<w:document/>"}
LINK = b'<Relationship Id="1" Type="http://x/relationships/%s" Target="http://example.org/x" TargetMode="External"/>'
TAKEN = {
    "a plain PDF": (PLAIN_PDF, PDF),
    "a PDF with packed text": (packed(b"BT (Hello) Tj ET"), PDF),
    "PNG": (b"\x89PNG\r\n\x1a\n" + bytes(20), PNG),
    "JPEG": (b"\xff\xd8\xff\xe0" + bytes(20), JPEG),
    "text": ("Gel: bånd ved 300 bp, p < 0.05\n=1+1".encode(), TEXT),
    "Word": (office(WORD), DOCX),
    "Word with a link": (office({**WORD, "word/_rels/document.xml.rels": LINK % b"hyperlink"}), DOCX),
    "Excel": (workbook([Sheet("A", ("x",), ((1,),))]), XLSX),
}
REFUSED = {
    "nothing": (b"", "empty_file"),
    "HTML": (b"<!doctype html><script>alert(1)</script>", "active_content"),
    "HTML after blanks and a mark": (b"\xef\xbb\xbf  \n<html><body>", "active_content"),
    "SVG": (b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>', "active_content"),
    "markup deep in a text": (b"note\n" * 5000 + b"<img src=x onerror=alert(1)>", "active_content"),
    "a script": (b"#!/bin/sh\nrm -rf /\n", "active_content"),
    "a program": (b"MZ\x90\x00\x03", "not_accepted"),
    "a text of another encoding": ("blåbær".encode("latin-1"), "not_accepted"),
    "PDF with script": (pdf(b"3 0 obj\n<< /S /JavaScript /JS (app.alert\\(1\\)) >>\nendobj"), "active_content"),
    "PDF with an escaped name": (pdf(b"<< /S /J#61vaScript >>"), "active_content"),
    "PDF that acts when opened": (pdf(b"<< /OpenAction 4 0 R >>"), "active_content"),
    "PDF that starts a program": (pdf(b"<< /S /Launch /F (x.exe) >>"), "active_content"),
    "PDF with a file inside": (pdf(b"<< /Type /EmbeddedFile >>"), "active_content"),
    "PDF with a form": (pdf(b"<< /AcroForm << /XFA 5 0 R >> >>"), "active_content"),
    "PDF with packed script": (packed(b"<< /S /JavaScript /JS 9 0 R >>"), "active_content"),
    "PDF that is locked": (pdf(b"<< /Encrypt 5 0 R >>"), "unreadable"),
    "PDF cut short": (PLAIN_PDF[:40], "unreadable"),
    "a ZIP": (office({"a.txt": b"x"}), "not_accepted"),
    "Word with macros": (office({**WORD, "word/vbaProject.bin": b"x"}), "active_content"),
    "Word that says macros": (
        office(
            {**WORD, "[Content_Types].xml": b'<x ContentType="application/vnd.ms-word.document.macroEnabled.main"/>'}
        ),
        "active_content",
    ),
    "Word with an object inside": (office({**WORD, "word/embeddings/oleObject1.bin": b"x"}), "active_content"),
    "Word with a template from outside": (
        office({**WORD, "word/_rels/settings.xml.rels": LINK % b"attachedTemplate"}),
        "active_content",
    ),
    "Word cut short": (office(WORD)[:60], "unreadable"),
    "a ZIP that unfolds without end": (office({**WORD, "word/media/big.png": bytes(201_000_000)}), "too_large"),
}


@pytest.mark.parametrize("name", TAKEN)
def test_kinds_that_are_taken(name, tmp_path):
    content, media_type = TAKEN[name]
    path = tmp_path / "kept"
    path.write_bytes(content)
    assert media_type_of(path, "x.pdf") == media_type


@pytest.mark.parametrize("name", REFUSED)
def test_what_could_run_is_refused(name, tmp_path):
    content, code = REFUSED[name]
    path = tmp_path / "kept"
    path.write_bytes(content)
    with pytest.raises(InputError) as caught:
        media_type_of(path, "innocent.pdf")
    assert (caught.value.code, caught.value.source) == (code, "innocent.pdf")
