"""Pictures for pages and reports: a trio's pedigree and the allele balance of its members, as SVG.

Made for a strict Content-Security-Policy and for print: no script, no ``style`` attribute, only presentation
attributes, classes and ``currentColor``, so that a picture takes the colours of light, dark and printed pages. Every
picture has a title and a description for screen readers. All words come from the caller, who knows the language.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from varde.genome.pedigree import Affected, Sex
from varde.genome.svg import attributes, figure, line, number, shortened, text


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
    """A person of the pedigree. ``label`` stands under the symbol, ``alleles`` under the label."""

    label: str
    sex: Sex
    affected: Affected
    alleles: tuple[Allele, ...] = ()


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
_ROW = 17


def pedigree_svg(
    child: PedigreeMember,
    mother: PedigreeMember,
    father: PedigreeMember,
    *,
    identifier: str,
    title: str,
    description: str,
) -> str:
    """A trio: father left, mother right, child below with the proband's arrow. Square male, circle female, diamond
    unknown; filled when affected, with a question mark when that is not known.

    ``identifier`` makes the picture's ids unique on its page.
    """
    rows = max(len(member.alleles) for member in (mother, father))
    parents_y, father_x, mother_x, child_x = 26, 80, 260, 170
    child_y = parents_y + _SYMBOL // 2 + _ROW * (rows + 1) + 42
    height = child_y + _SYMBOL // 2 + _ROW * (len(child.alleles) + 1) + 12
    sibship_y = child_y - _SYMBOL // 2 - 14
    lines = [
        line(father_x + _SYMBOL // 2, parents_y, mother_x - _SYMBOL // 2, parents_y),
        line(child_x, parents_y, child_x, sibship_y),
        line(child_x, sibship_y, child_x, child_y - _SYMBOL // 2),
        _proband_arrow(child_x, child_y),
    ]
    people = [
        _person(member, x, y)
        for member, x, y in ((father, father_x, parents_y), (mother, mother_x, parents_y), (child, child_x, child_y))
    ]
    return figure(
        "pedigree", (340, height), [*lines, *people], identifier=identifier, title=title, description=description
    )


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


def _person(member: PedigreeMember, x: int, y: int) -> str:
    fill = "currentColor" if member.affected is Affected.AFFECTED else "none"
    question = text(x, y + 5, "?", anchor="middle", size=15) if member.affected is Affected.UNKNOWN else ""
    below = y + _SYMBOL // 2 + 14
    alleles = "".join(
        _allele(allele, place, x, below + (place + 1) * _ROW) for place, allele in enumerate(member.alleles)
    )
    return (
        f'<g class="person {member.affected.value}">'
        f'{_outline(member.sex, x, y)} fill="{fill}" stroke="currentColor" stroke-width="1.6"/>'
        f"{question}{text(x, below, member.label, anchor='middle', weight='600')}{alleles}</g>"
    )


def _outline(sex: Sex, x: int, y: int) -> str:
    half = _SYMBOL // 2
    if sex is Sex.MALE:
        return f'<rect class="male" {attributes(x=x - half, y=y - half, width=_SYMBOL, height=_SYMBOL)}'
    if sex is Sex.FEMALE:
        return f'<circle class="female" {attributes(cx=x, cy=y, r=half)}'
    return f'<path class="sex-unknown" d="M{x} {y - half}L{x + half} {y}L{x} {y + half}L{x - half} {y}Z"'


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
    tip_x, tip_y = x - _SYMBOL // 2 - 5, y + _SYMBOL // 4
    return (
        f'<path class="proband" d="M{tip_x - 16} {tip_y + 14}L{tip_x} {tip_y}m-8 1.5l8 -1.5l-1.5 8" '
        'fill="none" stroke="currentColor" stroke-width="1.6"/>'
    )
