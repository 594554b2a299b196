"""Tables as XLSX files. Every text is stored as text: what looks like a formula is none, in this file or its copies."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from io import BytesIO

import xlsxwriter
from django.http import HttpResponse
from django.utils.translation import gettext as _

from varde_node.lab.queries.interpretations import InterpretationView
from varde_node.lab.queries.work_list import WorkListRow

MEDIA_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
Cell = str | int | float | date | None
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
_LONGEST_CELL = 32_767
"""Characters of a cell (the format's limit)."""


@dataclass(frozen=True)
class Sheet:
    """A table with a heading of its own. The rows are as long as ``columns``."""

    title: str
    columns: tuple[str, ...]
    rows: tuple[Sequence[Cell], ...]


def workbook(sheets: Iterable[Sheet]) -> bytes:
    """An XLSX file. A text that begins like a formula is marked as text too, so that copying it keeps it one."""
    held = BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with xlsxwriter.Workbook(held, options) as book:
        heading = book.add_format({"bold": True, "bottom": 1})
        day = book.add_format({"num_format": "yyyy-mm-dd"})
        quoted = book.add_format({"quote_prefix": True})
        for sheet in sheets:
            page = book.add_worksheet(_sheet_name(sheet.title))
            page.freeze_panes(1, 0)
            for column, name in enumerate(sheet.columns):
                page.write_string(0, column, name, heading)
            for number, row in enumerate(sheet.rows, start=1):
                for column, value in enumerate(row):
                    if value is None or value == "":
                        continue
                    if isinstance(value, date):
                        page.write_datetime(number, column, value, day)
                    elif isinstance(value, (int, float)):
                        page.write_number(number, column, value)
                    else:
                        text = value[:_LONGEST_CELL]
                        page.write_string(number, column, text, quoted if text.startswith(_FORMULA_STARTS) else None)
            page.autofit()
    return held.getvalue()


def spreadsheet(name: str, sheet: Sheet) -> HttpResponse:
    """A sheet as a download."""
    response = HttpResponse(workbook([sheet]), content_type=MEDIA_TYPE)
    response["Content-Disposition"] = f'attachment; filename="{name}.xlsx"'
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "private, no-store"
    return response


def work_list_sheet(rows: Iterable[WorkListRow]) -> Sheet:
    """The work list."""
    columns = (
        _("Case"),
        _("Child"),
        _("Indication"),
        _("State"),
        _("Quality"),
        _("Panel"),
        _("Works on it"),
        _("Answer due"),
        _("Urgent"),
    )
    return Sheet(
        _("Work list"),
        columns,
        tuple(
            (
                row.number,
                row.initials,
                row.indication,
                str(row.state_word.text),
                str(row.quality_word.text),
                row.panel,
                row.assignee,
                row.due_on,
                _("yes") if row.urgent else _("no"),
            )
            for row in rows
        ),
    )


def evaluated_sheet(view: InterpretationView) -> Sheet:
    """Every variant of a case that was evaluated: classified or set aside."""
    columns = (
        _("Variant"),
        _("Gene"),
        _("Coding name"),
        _("Protein name"),
        _("Class"),
        _("Points"),
        _("Rule set"),
        _("In the answer"),
        _("Set aside because"),
        _("Reasoning"),
        _("By"),
        _("Day"),
    )
    assessed = [
        (
            one.variant,
            one.gene,
            one.names.get("coding", ""),
            one.names.get("protein", ""),
            one.chosen_class,
            one.points,
            one.ruleset,
            _("yes") if one.in_answer else _("no"),
            "",
            one.reasoning,
            one.author_name,
            one.at.date(),
        )
        for one in view.assessments
    ]
    aside = [
        (
            one.variant,
            one.gene,
            one.names.get("coding", ""),
            one.names.get("protein", ""),
            None,
            None,
            "",
            _("no"),
            str(one.reason_words),
            one.comment,
            one.author_name,
            one.at.date(),
        )
        for one in view.dismissals
    ]
    return Sheet(_("Evaluated variants"), columns, (*assessed, *aside))


def _sheet_name(title: str) -> str:
    """A name that the format takes: 31 characters, none of those it keeps for itself."""
    return "".join(letter for letter in title if letter not in r"[]:*?/\\'")[:31] or "1"
