"""Primitives of the drawings: presentation attributes and ``currentColor`` only, every word escaped."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

SHOWN_CHARACTERS = 24


def figure(kind: str, size: tuple[int, int], parts: Sequence[str], **words: str) -> str:
    """A whole drawing with its title and description. ``words``: identifier, title, description; the caller's."""
    width, height = size
    own, title, description = (escape(words[name]) for name in ("identifier", "title", "description"))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="figure {kind}" viewBox="0 0 {width} {height}" width="{width}" '
        f'height="{height}" role="img" aria-labelledby="{own}-title {own}-desc">'
        f'<title id="{own}-title">{title}</title><desc id="{own}-desc">{description}</desc>'
        f"{''.join(parts)}</svg>"
    )


def line(x1: float | str, y1: float, x2: float | str, y2: float) -> str:
    """A thin line."""
    return f'<line {attributes(x1=x1, y1=y1, x2=x2, y2=y2)} stroke="currentColor" stroke-width="1.4"/>'


def text(x: float | str, y: float, words: str, *, anchor: str = "start", size: int = 12, weight: str = "400") -> str:
    """Words, cut where they are too long."""
    place = attributes(x=x, y=y)
    return (
        f'<text {place} text-anchor="{anchor}" font-size="{size}" font-weight="{weight}" fill="currentColor">'
        f"{escape(shortened(words))}</text>"
    )


def shortened(words: str, longest: int = SHOWN_CHARACTERS) -> str:
    """At most so many characters."""
    return words if len(words) <= longest else words[: longest - 1] + "…"


def attributes(**values: float | str) -> str:
    """Names and values as SVG wants them. Only numbers and our own words, never input."""
    return " ".join(f'{name}="{value}"' for name, value in values.items())


def number(value: float) -> str:
    """One decimal, none when it is zero."""
    return f"{value:.1f}".removesuffix(".0")
