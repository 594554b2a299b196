"""Numbers and times in sentences, in the reader's language: the same in page and PDF."""

from __future__ import annotations

from datetime import date, datetime

from babel.dates import format_date
from django.utils import timezone
from django.utils.translation import get_language

THIN_SPACE = "\u202f"
_LOCALES = {"nb": "nb_NO", "nn": "nn_NO", "en": "en_GB"}


def number(value: float | None) -> str:
    """A number with thin spaces between thousands; a dash when there is none."""
    if value is None:
        return "–"
    whole, _dot, fraction = f"{value:,}".partition(".")
    whole = whole.replace(",", THIN_SPACE).replace("-", "−")
    return f"{whole}{'.' if _language() == 'en' else ','}{fraction}" if fraction.strip("0") else whole


def share(value: float | None) -> str:
    """A share as percent with two significant digits: 0.000213 is 0.021 %."""
    if value is None:
        return "–"
    text = f"{100 * value:.2g}" if value < 0.1 else f"{100 * value:.1f}"
    return (text if _language() == "en" else text.replace(".", ",")) + "\u00a0%"


def day(value: date | datetime) -> str:
    """A date: 22. nov. 2026."""
    shown = timezone.localtime(value) if isinstance(value, datetime) else value
    return str(format_date(shown, "medium", locale=_LOCALES[_language()]))


def moment(value: datetime) -> str:
    """Date and time of the node's time zone: 22. nov. 2026, 14:02."""
    return f"{day(value)}, {timezone.localtime(value):%H:%M}"


def _language() -> str:
    language = (get_language() or "nb").split("-")[0]
    return language if language in _LOCALES else "nb"
