"""Numbers, shares and times as the reader's language writes them; used by templates and by what a domain draws."""

from __future__ import annotations

from datetime import date, datetime

from babel.dates import format_date
from django.conf import settings
from django.utils import timezone
from django.utils.translation import get_language

THIN_SPACE = "\u202f"
"""Narrow no-break space: groups digits without letting a number break over two lines."""
BABEL_LOCALES = {"nb": "nb_NO", "nn": "nn_NO", "en": "en_GB"}


def number(value: int | float | None, decimals: int | None = None) -> str:
    """A number with thin spaces between thousands and the language's decimal sign; a dash when there is none."""
    if value is None:
        return "–"
    text = f"{value:,.{decimals}f}" if decimals is not None else f"{value:,}"
    whole, _, fraction = text.partition(".")
    whole = whole.replace(",", THIN_SPACE).replace("-", "−")
    sign = "." if _language() == "en" else ","
    return f"{whole}{sign}{fraction}" if fraction else whole


def percent(value: float | None, decimals: int = 1) -> str:
    """A share as percent: 0.987 is shown as 98,7 %."""
    return "–" if value is None else f"{number(value * 100, decimals)}\u00a0%"


def day(value: date | datetime | None) -> str:
    """A date in the reader's language: 22. nov. 2026."""
    if value is None:
        return "–"
    moment = timezone.localtime(value) if isinstance(value, datetime) else value
    return format_date(moment, "medium", locale=BABEL_LOCALES[_language()])


def moment(value: datetime | None) -> str:
    """Date and time in the node's time zone: 22. nov. 2026, 14:02."""
    if value is None:
        return "–"
    return f"{day(value)}, {timezone.localtime(value):%H:%M}"


def _language() -> str:
    language = (get_language() or settings.LANGUAGE_CODE).split("-")[0]
    return language if language in BABEL_LOCALES else "nb"
