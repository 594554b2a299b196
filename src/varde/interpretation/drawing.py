"""Pictures for pages and reports: a family's pedigree and the allele balance of its members, as SVG.

Made for a strict Content-Security-Policy and for print: no script, no ``style`` attribute, only presentation
attributes, classes and ``currentColor``, so that a picture takes the colours of light, dark and printed pages. Every
picture has a title and a description for screen readers. All words come from the caller, who knows the language.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from varde.genome.pedigree import Affected, Pedigree, Person, Sex
from varde.genome.svg import attributes, figure, line, number, shortened, text
from varde.interpretation.pedigree_layout import Couple, Layout, lay_out


class Carriage(StrEnum):
    """Whether a person's call shows the allele."""

    NONE = "none"
    ONE = "one"
    TWO = "two"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Allele:
    """One variant in one person: a mark (circle for the first variant, diamond for the second) and its words."""

    carriage: Carriage
    text: str


@dataclass(frozen=True)
class PedigreeMember:
    """What is written of a person of the pedigree: ``label`` under the symbol, ``alleles`` under the label. A person
    without data has a dashed outline."""

    label: str
    alleles: tuple[Allele, ...] = ()
    has_data: bool = True


@dataclass(frozen=True)
class BalanceMember:
    """Reads of the reference and of the allele in one person, None where the file does not give them.

    ``text`` stands beside the bar, for example "21 of 46 reads".
    """

    label: str
    depth_ref: int | None
    depth_alt: int | None
    text: str

    @property
    def fraction(self) -> float | None:
        """Reads of the allele over reads of both; None where not given or without reads."""
        if self.depth_ref is None or self.depth_alt is None or self.depth_ref + self.depth_alt <= 0:
            return None
        return self.depth_alt / (self.depth_ref + self.depth_alt)


_SYMBOL = 36
_HALF = _SYMBOL // 2
_ROW = 17
_COLUMN = 124
_MARGIN = 70
_NARROWEST = 340


def pedigree_svg(
    pedigree: Pedigree,
    proband: str,
    members: Mapping[str, PedigreeMember],
    *,
    identifier: str,
    title: str,
    description: str,
) -> str:
    """A family's pedigree, the oldest generation above, with an arrow at the proband.

    Square male, circle female, diamond unknown; filled when affected, with a question mark when that is not known, with
    a dot in a healthy carrier; dashed without data. Two lines join parents with a common ancestor in the pedigree.
    ``members`` has everybody of the pedigree. ``identifier`` makes the picture's ids unique on its page.
    """
    layout = lay_out(pedigree, proband)
    tops = _tops(layout, members)
    wide = round(2 * _MARGIN + layout.width * _COLUMN)
    margin = _MARGIN + max(0, _NARROWEST - wide) // 2
    place = {
        name: (round(margin + column * _COLUMN), tops[generation])
        for name, (column, generation) in layout.place.items()
    }
    lines = [part for couple in layout.couples for part in _couple(couple, place)]
    people = [_person(person, members[person.identifier], *place[person.identifier]) for person in pedigree.persons]
    return figure(
        "pedigree",
        (max(_NARROWEST, wide), tops[-1]),
        [*lines, _proband_arrow(*place[proband]), *people],
        identifier=identifier,
        title=title,
        description=description,
    )


def _tops(layout: Layout, members: Mapping[str, PedigreeMember]) -> list[int]:
    """The height of each generation's symbols, and that of the whole."""
    tops = [26]
    for generation in range(layout.generations):
        lines = max(len(members[name].alleles) for name, (_, own) in layout.place.items() if own == generation)
        below = 12 if generation == layout.generations - 1 else _HALF + 42
        tops.append(tops[-1] + _HALF + _ROW * (lines + 1) + below)
    return tops


def _couple(couple: Couple, place: Mapping[str, tuple[int, int]]) -> list[str]:
    """The lines between parents, down to their children's bar, and from it to each child."""
    parents = sorted(place[name] for name in couple.parents)
    children = [place[name] for name in couple.children]
    bar = min(y for _, y in children) - _HALF - 14
    lines = []
    if len(parents) == 2:
        (x1, y1), (x2, y2) = parents
        middle = (x1 + x2) // 2
        for offset in (-3, 3) if couple.related else (0,):
            lines.append(line(x1 + _HALF, y1 + offset, x2 - _HALF, y2 + offset))
        lines.append(line(middle, (y1 + y2) // 2 + (3 if couple.related else 0), middle, bar))
    else:
        ((x, y),) = parents
        middle = x + _COLUMN // 2
        lines += [line(x + _HALF, y, middle, y), line(middle, y, middle, bar)]
    ends = [middle, *(x for x, _ in children)]
    if min(ends) != max(ends):
        lines.append(line(min(ends), bar, max(ends), bar))
    return [*lines, *(line(x, bar, x, y - _HALF) for x, y in children)]


def allele_balance_svg(
    members: Sequence[BalanceMember],
    *,
    identifier: str,
    title: str,
    description: str,
    expected: tuple[float, float] | None = None,
) -> str:
    """One bar per person from 0 to 1: the filled part is the allele's share of the reads.

    ``expected`` shades the band a heterozygous call is expected in. Without reads the bar is dashed and empty.
    """
    left, width, top, row = 96, 180, 8, 26
    bottom = top + row * len(members)
    parts = []
    if expected is not None:
        low, high = expected
        band = attributes(x=number(left + low * width), y=top, width=number((high - low) * width), height=bottom - top)
        parts.append(f'<rect class="expected-band" {band} fill="currentColor" fill-opacity="0.09"/>')
    for place, member in enumerate(members):
        parts.append(_balance_bar(member, left, width, top + place * row))
    for share, words in ((0.0, "0"), (0.5, "0.5"), (1.0, "1")):
        x = number(left + share * width)
        parts.append(line(x, bottom, x, bottom + 4))
        parts.append(text(x, bottom + 16, words, anchor="middle", size=11))
    return figure(
        "allele-balance", (420, bottom + 22), parts, identifier=identifier, title=title, description=description
    )


def _balance_bar(member: BalanceMember, left: int, width: int, y: int) -> str:
    fraction = member.fraction
    outline = 'stroke-dasharray="3 3" ' if fraction is None else ""
    frame = attributes(x=left, y=y + 5, width=width, height=14)
    filled = ""
    if fraction is not None and fraction > 0:
        share = attributes(x=left, y=y + 5, width=number(fraction * width), height=14)
        filled = f'<rect class="allele-share" {share} fill="currentColor" fill-opacity="0.72"/>'
    return (
        '<g class="balance">'
        + text(left - 8, y + 16, member.label, anchor="end")
        + filled
        + f'<rect {frame} fill="none" stroke="currentColor" {outline}/>'
        + text(left + width + 8, y + 16, member.text)
        + "</g>"
    )


def _person(person: Person, member: PedigreeMember, x: int, y: int) -> str:
    affected = person.affected
    fill = "currentColor" if affected is Affected.AFFECTED else "none"
    inside = text(x, y + 5, "?", anchor="middle", size=15) if affected is Affected.UNKNOWN else ""
    carries = any(allele.carriage in (Carriage.ONE, Carriage.TWO) for allele in member.alleles)
    if affected is Affected.UNAFFECTED and carries:
        inside = f'<circle class="carrier" {attributes(cx=x, cy=y, r=5)} fill="currentColor"/>'
    dashes = "" if member.has_data else ' stroke-dasharray="4 3"'
    below = y + _HALF + 14
    alleles = "".join(
        _allele(allele, place, x, below + (place + 1) * _ROW) for place, allele in enumerate(member.alleles)
    )
    return (
        f'<g class="person {affected.value}">'
        f'{_outline(person.sex, x, y)} fill="{fill}" stroke="currentColor" stroke-width="1.6"{dashes}/>'
        f"{inside}{text(x, below, shortened(member.label, 17), anchor='middle', weight='600')}{alleles}</g>"
    )


def _outline(sex: Sex, x: int, y: int) -> str:
    if sex is Sex.MALE:
        return f'<rect class="male" {attributes(x=x - _HALF, y=y - _HALF, width=_SYMBOL, height=_SYMBOL)}'
    if sex is Sex.FEMALE:
        return f'<circle class="female" {attributes(cx=x, cy=y, r=_HALF)}'
    return f'<path class="sex-unknown" d="M{x} {y - _HALF}L{x + _HALF} {y}L{x} {y + _HALF}L{x - _HALF} {y}Z"'


def _allele(allele: Allele, place: int, x: int, y: int) -> str:
    """Mark and words, centred together: filled for carried, hollow for not, dashed for not known."""
    words = shortened(allele.text)
    start = x - (len(words) * 6 + 14) / 2
    fill = "none" if allele.carriage in (Carriage.NONE, Carriage.UNKNOWN) else "currentColor"
    dashes = ' stroke-dasharray="2 2"' if allele.carriage is Carriage.UNKNOWN else ""
    marks = []
    for copy in range(2 if allele.carriage is Carriage.TWO else 1):
        centre = start - copy * 12
        shape = (
            f"<circle {attributes(cx=number(centre), cy=y - 4, r=4)}"
            if place % 2 == 0
            else f'<path d="M{number(centre)} {y - 9}l5 5l-5 5l-5 -5Z"'
        )
        marks.append(f'{shape} fill="{fill}" stroke="currentColor"{dashes}/>')
    return (
        f'<g class="allele {allele.carriage.value}">{"".join(marks)}{text(number(start + 10), y, words, size=11)}</g>'
    )


def _proband_arrow(x: int, y: int) -> str:
    tip_x, tip_y = x - _HALF - 5, y + _SYMBOL // 4
    return (
        f'<path class="proband" d="M{tip_x - 16} {tip_y + 14}L{tip_x} {tip_y}m-8 1.5l8 -1.5l-1.5 8" '
        'fill="none" stroke="currentColor" stroke-width="1.6"/>'
    )
