"""The library's sentences on quality, named here so that they are translated, and said in the reader's language.

A stored report holds each sentence as a key, its English template and the parameters; a test holds the two together.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _

from varde_node.formats import number

SENTENCES = (
    _("no limit in this profile"),
    _(">= {limit}"),
    _("<= {limit}"),
    _("{low} to {high}"),
    _("< {limit}"),
    _(">= {limit}, else fails"),
    _("<= {limit}, else fails"),
    _("{low} to {high}, else fails"),
    _(">= {limit}, fails < {fail}"),
    _("<= {limit}, fails > {fail}"),
    _("{low} to {high}, fails < {fail_low}"),
    _("{low} to {high}, fails > {fail_high}"),
    _("{low} to {high}, fails outside {fail_low} to {fail_high}"),
    _("male <= {one}, female >= {two} of the carried X SNVs heterozygous"),
    _("supports the sex check, no limit"),
    _("0.25 ({low} to {high}), opposite homozygotes <= {share} of the sites"),
    _("0.25 ({low} to {high})"),
    _("0.125 ({low} to {high})"),
    _("unrelated, < {limit}"),
    _("not the same person, <= {limit}"),
    _("as declared"),
    _("{low} to {high}, opposite homozygotes <= {share} of the sites"),
    _("{n} alleles, at least {least} are needed."),
    _("{n} sites, at least {least} are needed."),
    _("{n} heterozygous calls in either person, at least {least} are needed."),
    _("{n} X SNVs carried, at least {least} are needed."),
    _("At least {least} are needed."),
    _("No file brings this metric."),
    _("Depth at the records of the VCF, not over the whole target."),
    _("{n} sites"),
    _("{above} over {below}"),
    _("The denominator is 0."),
    _("The data show neither one X nor two clearly."),
    _("No sex is declared; the data look male."),
    _("No sex is declared; the data look female."),
    _("The data look male, as declared."),
    _("The data look female, as declared."),
    _("The data look male, declared is female: a swapped sample or pedigree."),
    _("The data look female, declared is male: a swapped sample or pedigree."),
    _("Calls on Y: {n}."),
    _("The file has no record on Y."),
    _("parent and child; {sites} sites, {n} opposite homozygotes."),
    _("full siblings; {sites} sites, {n} opposite homozygotes."),
    _("second-degree relatives; {sites} sites, {n} opposite homozygotes."),
    _("parents of one child; {sites} sites, {n} opposite homozygotes."),
    _("not stated; {sites} sites, {n} opposite homozygotes."),
    _("The same person twice, or identical twins: a duplicated or swapped sample."),
    _("Not parent and child."),
    _("First-degree relatives, but rather siblings than parent and child."),
    _("Not full siblings."),
    _("Not second-degree relatives."),
    _("Farther than second-degree relatives."),
    _("Nearer than second-degree relatives."),
    _("First-degree relatives: child and parent may be swapped, or the parents are so closely related."),
    _("Consanguinity: the parents look like second-degree relatives."),
    _("Consanguinity: the parents look like third-degree relatives."),
    _("Relatedness, twice the scale of kinship: 0.5 for parent and child."),
    _("{n} of {all} alleles."),
    _("A wrong or swapped parent, or poor calls."),
    _("{n} informative sites: {mother} show the mother only, {father} the father only, {both} both."),
    _("The chromosome may come from the mother only (uniparental disomy), or the other parent's is deleted."),
    _("The chromosome may come from the father only (uniparental disomy), or the other parent's is deleted."),
    _("{n} of {all} shared genotypes are equal to those of {earlier}."),
    _("Not the person of the earlier sample: a swapped tube, now or then."),
)

SOURCES = (
    _("Common laboratory practice, to be set by each laboratory"),
    _("Varde's proposal"),
    _("Varde's proposal: about 1 for one person, 0.74 for parent and child, 0.67 for strangers (measured)"),
    _("Near 0 with one X; the limit is Varde's proposal"),
    _("Clearly above 0 with two X; the limit is Varde's proposal"),
    _("KING-robust: Manichaikul 2010, doi:10.1093/bioinformatics/btq559"),
    _("About 0 for parent and child; the limit is Varde's proposal"),
    _("Nearly all informative sites; the limit is Varde's proposal"),
)
"""Sources of Varde's own limits; a laboratory's own stay as they were written."""


def said(message: Mapping[str, Any]) -> str:
    """A stored message in the reader's language, its numbers as that language writes them."""
    template = message["template"]
    return gettext(template).format(**{name: _value(value) for name, value in message["parameters"].items()})


def note_said(messages: list[Mapping[str, Any]]) -> str:
    """A metric's note: its sentences one after the other."""
    return " ".join(said(one) for one in messages)


def source_said(source: str) -> str:
    """A limit's source in the reader's language where it is one of Varde's."""
    return gettext(source) if source else ""


def _value(value: str | int | float) -> str:
    return value if isinstance(value, str) else number(value)
