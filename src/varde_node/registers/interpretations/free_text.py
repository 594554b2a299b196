"""Text that laboratories send one another: nothing in it may lead to a patient.

A program cannot find every name. It refuses what is sure to name somebody or a case, and the page says the rest.
"""

from __future__ import annotations

import re

from django.utils.translation import gettext as _

from varde.genome.errors import InputError

LONGEST_TEXT = 5_000
_MARKS = (
    ("national_identifier", re.compile(r"(?<!\d)\d{6}[\s-]?\d{5}(?!\d)")),
    ("case", re.compile(r"\b(?:NO|RQ)-\d{4}-\d{3,}\b", re.IGNORECASE)),
    ("date", re.compile(r"(?<!\d)(?:\d{1,2}[./-]\d{1,2}[./-](?:\d{4}|\d{2})|\d{4}-\d{2}-\d{2})(?!\d)")),
    ("address", re.compile(r"[^\s@]+@[^\s@]+\.[^\s@]+")),
    ("telephone", re.compile(r"(?<![\d.:-])(?:\+47[\s]?)?\d{2}[\s]\d{2}[\s]\d{2}[\s]\d{2}(?!\d)")),
)


def checked(text: str) -> str:
    """The text without surrounding blanks. Raises InputError ``text_missing``, ``text_too_long`` or
    ``names_somebody`` for an eleven-digit number, a case or order number, a full date, an e-mail address or a telephone
    number."""
    text = text.strip()
    if not text:
        raise InputError("text_missing", _("The text is missing."), _("Write something first."), field="text")
    if len(text) > LONGEST_TEXT:
        raise InputError(
            "text_too_long", _("The text is longer than 5 000 characters."), _("Shorten it."), field="text"
        )
    for _name, pattern in _MARKS:
        found = pattern.search(text)
        if found is not None:
            raise InputError(
                "names_somebody",
                _("The text holds something that may lead to a patient: “%(what)s”.") % {"what": found.group()[:20]},
                _("Take it out. Other laboratories read this: write of the variant, never of a person or a case."),
                field="text",
            )
    return text
