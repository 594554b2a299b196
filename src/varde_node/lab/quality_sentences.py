"""The library's sentences on quality in the reader's language.

A stored report holds English text, made when the case was analysed. Its sentences are recognised by the templates they
were made from; a test holds the templates to the library. What is not recognised stays as it is.
"""

from __future__ import annotations

import re
from string import Formatter

from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _

from varde_node.formats import number

WORDS = (
    _("alleles"),
    _("sites"),
    _("heterozygous calls in either person"),
    _("X SNVs carried"),
    _("parent and child"),
    _("full siblings"),
    _("parents of one child"),
    _("second-degree relatives"),
    _("not stated"),
    _("male"),
    _("female"),
    _("unknown"),
    _("mother"),
    _("father"),
    _("second"),
    _("third"),
)
"""What may stand in a template's place that is named ``word`` or begins with it; every other place holds a number."""

TEMPLATES = (
    _("{n} {word}, at least {least} are needed."),
    _("{word}; {sites} sites, {n} opposite homozygotes."),
    _("The same person twice, or identical twins: a duplicated or swapped sample."),
    _("Not parent and child."),
    _("First-degree relatives, but rather siblings than parent and child."),
    _("Not full siblings."),
    _("Not second-degree relatives."),
    _("Farther than second-degree relatives."),
    _("Nearer than second-degree relatives."),
    _("First-degree relatives: child and parent may be swapped, or the parents are so closely related."),
    _("Consanguinity: the parents look like {word}-degree relatives."),
    _("{n} of {all} alleles."),
    _("A wrong or swapped parent, or poor calls."),
    _("{n} informative sites: {mother} show the mother only, {father} the father only, {both} both."),
    _("At least {least} are needed."),
    _("The chromosome may come from the {word} only (uniparental disomy), or the other parent's is deleted."),
    _("Depth at the records of the VCF, not over the whole target."),
    _("{n} sites"),
    _("{above} over {below}"),
    _("The denominator is 0."),
    _("The data show neither one X nor two clearly."),
    _("No sex is declared; the data look {word}."),
    _("The data look {word}, as declared."),
    _("The data look {word}, declared is {word_declared}: a swapped sample or pedigree."),
    _("Calls on Y: {n}."),
    _("The file has no record on Y."),
    _("0.25 ({low} to {high}), opposite homozygotes <= {share} of the sites"),
    _("0.25 ({low} to {high})"),
    _("0.125 ({low} to {high})"),
    _("unrelated, < {limit}"),
    _("not the same person, <= {limit}"),
    _("< {limit}"),
    _(">= {limit} x"),
    _(">= {limit}"),
    _("{low} to {high}"),
    _("male <= {one}, female >= {two} of the carried X SNVs heterozygous"),
    _("supports the sex check, no limit"),
    _("Common laboratory practice, to be set by each laboratory"),
    _("Near 0 with one X; the limit is Varde's proposal"),
    _("Clearly above 0 with two X; the limit is Varde's proposal"),
    _("About 0 for parent and child; the limit is Varde's proposal"),
    _("Nearly all informative sites; the limit is Varde's proposal"),
    _("Varde's proposal"),
    _("KING-robust: Manichaikul 2010, doi:10.1093/bioinformatics/btq559"),
)


def _pattern(template: str) -> re.Pattern[str]:
    parts = []
    for literal, name, _spec, _conversion in Formatter().parse(template):
        parts.append(re.escape(literal))
        if name is not None:
            held = "|".join(map(re.escape, WORDS)) if name.startswith("word") else r"-?\d+(?:\.\d+)?(?:e-?\d+)?"
            parts.append(f"(?P<{name}>{held})")
    return re.compile("".join(parts) + r"(?= |\Z)")


_PATTERNS = tuple((template, _pattern(template)) for template in TEMPLATES)


def recognised(text: str) -> list[tuple[str, dict[str, str]]] | None:
    """The templates and values that a text is made of, one after the other; None when a part is none of them."""
    found, place = [], 0
    while place < len(text):
        fits = [(template, match) for template, pattern in _PATTERNS if (match := pattern.match(text, place))]
        if not fits:
            return None
        template, match = max(fits, key=lambda fit: fit[1].end())
        found.append((template, match.groupdict()))
        place = match.end() + 1
    return found


def said(text: str) -> str:
    """A text of the quality report in the reader's language, its numbers as that language writes them."""
    parts = recognised(text)
    if parts is None:
        return text
    return " ".join(
        gettext(template).format(**{key: _value(key, one) for key, one in values.items()}) for template, values in parts
    )


def _value(key: str, text: str) -> str:
    if key.startswith("word"):
        return gettext(text)
    return number(float(text)) if "." in text or "e" in text else number(int(text))
