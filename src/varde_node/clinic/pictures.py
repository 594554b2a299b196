"""Pictures of an answer: the pedigree with carriers, and a chance drawn as figures."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from html import escape

from django.utils.translation import gettext as _

from varde.genome.kin import Related, pedigree_of_relations, role_of
from varde.genome.pedigree import Affected, Sex
from varde.interpretation.drawing import Allele, Carriage, PedigreeMember, pedigree_svg
from varde_node.clinic.document import Picture
from varde_node.clinic.words import role_words
from varde_node.lab.contracts import SignedVariant


def carriage(genotype: str | None) -> Carriage:
    """How many copies a genotype such as 0/1, 1|1 or 1 shows."""
    alleles = (genotype or "").replace("|", "/").split("/")
    if not genotype or "." in alleles:
        return Carriage.UNKNOWN
    copies = sum(allele not in ("0", "") for allele in alleles)
    return (Carriage.NONE, Carriage.ONE, Carriage.TWO)[min(copies, 2)]


CARRIAGE_WORDS = {Carriage.NONE: "0/0", Carriage.UNKNOWN: "?"}


def pedigree(
    variants: tuple[SignedVariant, ...],
    sexes: Mapping[str, str],
    affected: Mapping[str, bool | None],
    labels: Mapping[str, str],
) -> Picture:
    """The family with their genotypes. Circle: the first variant; diamond: the second."""
    tree = pedigree_of_relations("family", [_related(place, sexes[place], affected[place]) for place in labels])
    members, said = {}, []
    for person in tree.persons:
        place = person.identifier
        if place not in labels:
            members[place] = PedigreeMember(_absent_words(place), has_data=False)
            continue
        alleles = tuple(
            Allele(
                carriage(variant.zygosity.get(place)), f"{_short_name(variant)} {variant.zygosity.get(place) or '?'}"
            )
            for variant in variants[:2]
        )
        members[place] = PedigreeMember(labels[place], alleles)
    for place, label in labels.items():
        words = "; ".join(f"{_short_name(v)} {v.zygosity.get(place) or '?'}" for v in variants[:2])
        ill = {True: _("affected"), False: _("not affected"), None: _("not known whether affected")}[affected[place]]
        said.append(f"{label} ({ill}): {words}" if words else f"{label} ({ill})")
    description = ". ".join(said) + "."
    svg = pedigree_svg(
        tree, "child", members, identifier="family", title=_("Pedigree of the family"), description=description
    )
    return Picture(_for_page(svg), description)


def _related(place: str, sex: str, affected: bool | None) -> Related:
    state = {True: Affected.AFFECTED, False: Affected.UNAFFECTED, None: Affected.UNKNOWN}[affected]
    return Related(place, role_of(place)[0], Sex(sex), state)


def _absent_words(place: str) -> str:
    """A parent who was not examined: 'child-mother', or the other parent of a half sibling."""
    return role_words("father" if place.endswith("-father") else "mother")


def _short_name(variant: SignedVariant) -> str:
    return variant.names.get("coding", "").rpartition(":")[2] or variant.variant


class Figure(StrEnum):
    """One child of a chance picture."""

    ILL = "ill"
    CARRIER = "carrier"
    NEITHER = "neither"


@dataclass(frozen=True)
class Chance:
    """A row of figures with the words under it."""

    figures: tuple[Figure, ...]
    legend: tuple[tuple[Figure, str], ...]


_WIDTH, _HEIGHT, _COLUMNS = 56, 74, 10


def chance_picture(chance: Chance, description: str) -> Picture:
    """Figures in a row (at most ten; more are drawn as small dots in tens): filled is ill, half filled a carrier."""
    many = len(chance.figures) > _COLUMNS
    step_x, step_y = (24, 24) if many else (_WIDTH, _HEIGHT)
    rows = -(-len(chance.figures) // _COLUMNS)
    wide = min(len(chance.figures), _COLUMNS) * step_x
    body = []
    for place, figure in enumerate(chance.figures):
        x = (place % _COLUMNS) * step_x + step_x // 2
        y = (place // _COLUMNS) * step_y
        body.append(_dot(figure, x, y + 12) if many else _child(figure, x, y))
    top = rows * step_y + 12
    for place, (figure, words) in enumerate(chance.legend):
        y = top + 12 + place * 26
        body.append(_dot(figure, 12, y))
        body.append(f'<text x="32" y="{y + 5}" font-size="15" fill="currentColor">{escape(words)}</text>')
    width = max(wide, 32 + max((len(words) for _figure, words in chance.legend), default=0) * 8 + 8)
    height = top + 26 * len(chance.legend)
    svg = (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="picture chance" viewBox="0 0 {width} {height}" '
        f'width="{width}" height="{height}" role="img" aria-labelledby="chance-title">'
        f'<title id="chance-title">{escape(description)}</title>{"".join(body)}</svg>'
    )
    return Picture(svg, description)


def _child(figure: Figure, x: int, y: int) -> str:
    head, body = f'<circle cx="{x}" cy="{y + 14}" r="10"', f'<path d="M{x - 14} {y + 62}v-18a14 14 0 0 1 28 0v18z"'
    line = ' stroke="currentColor" stroke-width="2"'
    if figure is Figure.ILL:
        return f'{head} fill="currentColor"{line}/>{body} fill="currentColor"{line}/>'
    half = ""
    if figure is Figure.CARRIER:
        half = (
            f'<path d="M{x} {y + 4}a10 10 0 0 1 0 20z" fill="currentColor"/>'
            f'<path d="M{x} {y + 30}a14 14 0 0 1 14 14v18h-14z" fill="currentColor"/>'
        )
    return f'{head} fill="none"{line}/>{body} fill="none"{line}/>{half}'


def _dot(figure: Figure, x: int, y: int) -> str:
    fill = "currentColor" if figure is Figure.ILL else "none"
    half = f'<path d="M{x} {y - 8}a8 8 0 0 1 0 16z" fill="currentColor"/>' if figure is Figure.CARRIER else ""
    return f'<circle cx="{x}" cy="{y}" r="8" fill="{fill}" stroke="currentColor" stroke-width="1.6"/>{half}'


def _for_page(svg: str) -> str:
    return svg.replace('class="figure ', 'class="picture figure ', 1)
