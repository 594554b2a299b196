"""An answer as PDF by Typst: tagged, PDF/A-2a, with its fonts inside. The template gets the document as data, never as
markup, so that no text can become a command."""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Any

import typst
from django.utils.translation import gettext as _

from varde_node.clinic.document import Document, Table

TEMPLATE = Path(__file__).with_name("answer.typ")
STANDARD = "a-2a"


def pdf_of(document: Document, *, made_at: datetime, large: bool = False) -> bytes:
    """The document as PDF. ``made_at`` is written as its date: the same answer gives the same bytes. ``large``: the
    family's letter size."""
    data = _plain(document) | {"large": large, "page": _("Page")}
    content = typst.compile(
        TEMPLATE.read_bytes(),
        ignore_system_fonts=True,
        sys_inputs={"document": json.dumps(data, ensure_ascii=False)},
        pdf_standards=STANDARD,
        timestamp=int(made_at.timestamp()),
    )
    return bytes(content)


def _plain(document: Document) -> dict[str, Any]:
    plain = asdict(document)
    for section, whole in zip(plain["sections"], document.sections, strict=True):
        for block, original in zip(section["blocks"], whole.blocks, strict=True):
            if isinstance(original, Table):
                block["numeric"] = sorted(original.numeric)
    return plain
