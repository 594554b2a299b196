"""Pictures of evidence, as SVG: a frequency with its interval on a log axis, and a gene with the variant's place.

As in ``drawing``: no script, no ``style``, only ``currentColor``; all words come from the caller.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from varde.genome.svg import attributes, figure, line, number, text

Z_95 = 1.959963984540054
"""Standard normal quantile of a two-sided 95 % interval."""

LOWEST = 1e-6
"""Left end of the frequency axis; zero and anything lower stand there."""

_LEFT, _RIGHT = 12.0, 388.0


@dataclass(frozen=True)
class Mark:
    """A ceiling on the axis, a fraction of alleles, with its words."""

    frequency: float
    words: str


def wilson_interval(count: int, total: int) -> tuple[float, float]:
    """Two-sided 95 % interval of a proportion (Wilson 1927, score interval without continuity correction).

    Raises ValueError unless 0 <= count <= total and total > 0.

    >>> tuple(round(end, 6) for end in wilson_interval(0, 2720))
    (0.0, 0.00141)
    """
    if not 0 <= count <= total or total == 0:
        raise ValueError(f"{count} of {total} is no proportion")
    share, square = count / total, Z_95 * Z_95
    centre = share + square / (2 * total)
    half = Z_95 * math.sqrt(share * (1 - share) / total + square / (4 * total * total))
    low, high = ((centre + sign * half) / (1 + square / total) for sign in (-1, 1))
    return (0.0 if count == 0 else max(0.0, low)), (1.0 if count == total else min(1.0, high))


def frequency_svg(
    count: int | None,
    total: int | None,
    *,
    marks: Sequence[Mark] = (),
    identifier: str,
    title: str,
    description: str,
) -> str:
    """The allele frequency from 1e-6 to 1 with its 95 % interval; a hollow mark at the left end when none was seen.

    Without alleles counted (``total`` None or 0) the axis stands empty and dashed.
    """
    axis_y = 34
    parts = []
    for exponent in range(-6, 1):
        x = number(_x(10.0**exponent))
        label = f"{10.0**exponent:g}" if exponent >= -3 else f"1e{exponent}"
        parts += [line(x, axis_y, x, axis_y + 5), text(x, axis_y + 18, label, anchor=_anchor(exponent), size=11)]
    if count is None or not total:
        parts.append(f'<path d="M{_LEFT} {axis_y}H{_RIGHT}" stroke="currentColor" stroke-dasharray="3 4"/>')
    else:
        parts += [line(_LEFT, axis_y, _RIGHT, axis_y), _interval(count, total, axis_y - 12)]
    for place, mark in enumerate(sorted(marks, key=lambda one: one.frequency)):
        parts.append(_ceiling(mark, axis_y, axis_y + 38 + 16 * place))
    height = axis_y + 26 + 16 * len(marks)
    return figure("frequency", (400, height), parts, identifier=identifier, title=title, description=description)


@dataclass(frozen=True)
class Band:
    """A class on the scale of points, from its lowest to its highest sum; ``words`` stand below it."""

    low: int
    high: int
    words: str


def points_svg(points: int, bands: Sequence[Band], *, identifier: str, title: str, description: str) -> str:
    """A sum on the scale of points: the bands of the classes side by side, and a mark with the sum above its place.

    Bands ascend without a gap. A sum beyond either end stands at that end.
    """
    lowest, highest = bands[0].low, bands[-1].high
    step = (_RIGHT - _LEFT) / (highest - lowest + 1)
    y, parts = 34, []
    for number_of, band in enumerate(bands):
        x, width = _LEFT + (band.low - lowest) * step, (band.high - band.low + 1) * step
        holds = band.low <= min(max(points, lowest), highest) <= band.high
        box = attributes(x=number(x), y=y, width=number(width), height=12)
        # The class that holds is told by a filled box and bold words, not by a colour.
        opacity = "0.7" if holds else "0.12" if number_of % 2 else "0.2"
        parts.append(f'<rect {box} fill="currentColor" fill-opacity="{opacity}" stroke="currentColor"/>')
        weight = "700" if holds else "400"
        parts.append(text(number(x + width / 2), y + 28, band.words, anchor="middle", size=12, weight=weight))
    place = _LEFT + (min(max(points, lowest), highest) - lowest + 0.5) * step
    parts.append(f'<path class="sum" d="M{number(place)} {y - 2}l-6 -9h12Z" fill="currentColor"/>')
    parts.append(text(number(place), y - 16, f"{points:+d}" if points else "0", anchor="middle", size=13, weight="700"))
    return figure("points", (400, y + 36), parts, identifier=identifier, title=title, description=description)


def gene_model_svg(
    exons: Sequence[tuple[int, int]],
    cds: tuple[int, int] | None,
    strand: int,
    position0: int,
    *,
    marker: str,
    identifier: str,
    title: str,
    description: str,
) -> str:
    """Exons as boxes (coding parts tall), introns shortened to the same length, and the variant's place marked.

    Ranges are 0-based half-open on the contig, ascending; drawn in the transcript's direction, 5' at the left.
    """
    spans = [(start, end) for start, end in exons]
    places = _Places(spans, strand)
    y, low, tall = 46, 10, 22
    parts = [line(number(places.left), y, number(places.right), y)]
    for start, end in spans:
        parts.append(_box(places, (start, end), y, low, "0.25"))
        if cds is not None and max(start, cds[0]) < min(end, cds[1]):
            parts.append(_box(places, (max(start, cds[0]), min(end, cds[1])), y, tall, "0.55"))
    x = places.of(position0)
    parts.append(
        f'<path class="variant" d="M{number(x)} {y - tall // 2 - 3}l-6 -10h12Z" fill="currentColor"/>'
        + line(number(x), y - tall // 2 - 3, number(x), y + tall // 2 + 4)
    )
    anchor = "start" if x < 60 else "end" if x > 340 else "middle"
    parts.append(text(number(x), y - tall // 2 - 18, marker, anchor=anchor, size=12, weight="600"))
    numbered = spans if strand == 1 else spans[::-1]
    for count, (start, end) in enumerate(numbered, start=1):
        if count in (1, len(numbered)):
            middle = number((places.of(start) + places.of(end - 1)) / 2)
            parts.append(text(middle, y + tall // 2 + 18, str(count), anchor="middle", size=11))
    return figure(
        "gene-model", (400, y + tall // 2 + 26), parts, identifier=identifier, title=title, description=description
    )


class _Places:
    """Where a base of the contig stands in the picture: exons to scale among themselves, gaps all alike."""

    left, right = _LEFT, _RIGHT

    def __init__(self, spans: Sequence[tuple[int, int]], strand: int) -> None:
        self._strand = strand
        bases = sum(end - start for start, end in spans)
        gap = min(24.0, (self.right - self.left) * 0.35 / max(1, len(spans) - 1)) if len(spans) > 1 else 0.0
        scale = (self.right - self.left - gap * (len(spans) - 1)) / bases
        self._stops: list[tuple[int, float]] = []
        x = self.left
        for start, end in spans:
            self._stops += [(start, x), (end, x + (end - start) * scale)]
            x += (end - start) * scale + gap

    def of(self, position0: int) -> float:
        """Bases outside the exons stand in proportion between their neighbours; beyond the transcript at its end."""
        x = self._along(position0)
        return x if self._strand == 1 else self.left + self.right - x

    def _along(self, position0: int) -> float:
        if position0 <= self._stops[0][0]:
            return self._stops[0][1]
        for (before, x_before), (after, x_after) in zip(self._stops, self._stops[1:], strict=False):
            if before <= position0 < after:
                return x_before + (x_after - x_before) * (position0 - before) / (after - before)
        return self._stops[-1][1]


def _x(frequency: float) -> float:
    share = 1 - math.log10(max(frequency, LOWEST)) / math.log10(LOWEST)
    return _LEFT + share * (_RIGHT - _LEFT)


def _anchor(exponent: int) -> str:
    return {-6: "start", 0: "end"}.get(exponent, "middle")


def _interval(count: int, total: int, y: int) -> str:
    low, high = wilson_interval(count, total)
    x = number(_x(count / total))
    fill = "none" if count == 0 else "currentColor"
    whisker = f'<path class="interval" d="M{number(_x(low))} {y}H{number(_x(high))}" stroke="currentColor" '
    ends = "".join(line(number(_x(end)), y - 4, number(_x(end)), y + 4) for end in (low, high))
    return (
        f'{whisker}stroke-width="3" stroke-opacity="0.45"/>{ends}'
        f'<circle class="observed" {attributes(cx=x, cy=y, r=5)} fill="{fill}" stroke="currentColor"/>'
    )


def _ceiling(mark: Mark, axis_y: int, y: int) -> str:
    x = _x(mark.frequency)
    dashes = f'<path d="M{number(x)} {axis_y - 26}V{y - 4}" stroke="currentColor" stroke-dasharray="2 3"/>'
    anchor, shift = ("end", -5) if x > 200 else ("start", 5)
    return dashes + text(number(x + shift), y, mark.words, anchor=anchor, size=11)


def _box(places: _Places, span: tuple[int, int], y: int, height: int, opacity: str) -> str:
    edges = sorted((places.of(span[0]), places.of(span[1] - 1)))
    box = attributes(x=number(edges[0]), y=y - height // 2, width=number(max(1.0, edges[1] - edges[0])), height=height)
    return f'<rect {box} fill="currentColor" fill-opacity="{opacity}" stroke="currentColor"/>'
