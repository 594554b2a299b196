"""Every sentence of the quality report in English, by key; a translation keeps the names in braces."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from varde.genome.message import Message, Parameter, message_of

TEXTS: Mapping[str, str] = MappingProxyType(
    {
        "quality.limit.none": "no limit in this profile",
        "quality.limit.at_least": ">= {limit}",
        "quality.limit.at_most": "<= {limit}",
        "quality.limit.between": "{low} to {high}",
        "quality.limit.below": "< {limit}",
        "quality.limit.at_least_else_fails": ">= {limit}, else fails",
        "quality.limit.at_most_else_fails": "<= {limit}, else fails",
        "quality.limit.between_else_fails": "{low} to {high}, else fails",
        "quality.limit.at_least_fails_below": ">= {limit}, fails < {fail}",
        "quality.limit.at_most_fails_above": "<= {limit}, fails > {fail}",
        "quality.limit.between_fails_below": "{low} to {high}, fails < {fail_low}",
        "quality.limit.between_fails_above": "{low} to {high}, fails > {fail_high}",
        "quality.limit.between_fails_outside": "{low} to {high}, fails outside {fail_low} to {fail_high}",
        "quality.limit.sex": "male <= {one}, female >= {two} of the carried X SNVs heterozygous",
        "quality.limit.y_calls": "supports the sex check, no limit",
        "quality.limit.kinship.parent_child": "0.25 ({low} to {high}), opposite homozygotes <= {share} of the sites",
        "quality.limit.kinship.full_siblings": "0.25 ({low} to {high})",
        "quality.limit.kinship.second_degree": "0.125 ({low} to {high})",
        "quality.limit.kinship.parents": "unrelated, < {limit}",
        "quality.limit.kinship.other": "not the same person, <= {limit}",
        "quality.limit.tool_sex": "as declared",
        "quality.limit.relatedness.parent_child": "{low} to {high}, opposite homozygotes <= {share} of the sites",
        "quality.limit.concordance": ">= {limit}, fails < {fail}",
        "quality.too_few.alleles": "{n} alleles, at least {least} are needed.",
        "quality.too_few.sites": "{n} sites, at least {least} are needed.",
        "quality.too_few.hets": "{n} heterozygous calls in either person, at least {least} are needed.",
        "quality.too_few.x": "{n} X SNVs carried, at least {least} are needed.",
        "quality.too_few.informative": "At least {least} are needed.",
        "quality.missing": "No file brings this metric.",
        "quality.depth_at_records": "Depth at the records of the VCF, not over the whole target.",
        "quality.sites": "{n} sites",
        "quality.over": "{above} over {below}",
        "quality.denominator_zero": "The denominator is 0.",
        "quality.sex.unclear": "The data show neither one X nor two clearly.",
        "quality.sex.undeclared.male": "No sex is declared; the data look male.",
        "quality.sex.undeclared.female": "No sex is declared; the data look female.",
        "quality.sex.agrees.male": "The data look male, as declared.",
        "quality.sex.agrees.female": "The data look female, as declared.",
        "quality.sex.differs.male": "The data look male, declared is female: a swapped sample or pedigree.",
        "quality.sex.differs.female": "The data look female, declared is male: a swapped sample or pedigree.",
        "quality.sex.y_calls": "Calls on Y: {n}.",
        "quality.sex.no_y": "The file has no record on Y.",
        "quality.kinship.counts.parent_child": "parent and child; {sites} sites, {n} opposite homozygotes.",
        "quality.kinship.counts.full_siblings": "full siblings; {sites} sites, {n} opposite homozygotes.",
        "quality.kinship.counts.second_degree": "second-degree relatives; {sites} sites, {n} opposite homozygotes.",
        "quality.kinship.counts.parents": "parents of one child; {sites} sites, {n} opposite homozygotes.",
        "quality.kinship.counts.other": "not stated; {sites} sites, {n} opposite homozygotes.",
        "quality.kinship.duplicate": "The same person twice, or identical twins: a duplicated or swapped sample.",
        "quality.kinship.not_parent_child": "Not parent and child.",
        "quality.kinship.rather_siblings": "First-degree relatives, but rather siblings than parent and child.",
        "quality.kinship.not_siblings": "Not full siblings.",
        "quality.kinship.not_second_degree": "Not second-degree relatives.",
        "quality.kinship.beyond_second_degree": "Farther than second-degree relatives.",
        "quality.kinship.within_second_degree": "Nearer than second-degree relatives.",
        "quality.kinship.parents_first_degree": "First-degree relatives: child and parent may be swapped, or the "
        "parents are so closely related.",
        "quality.kinship.parents_second_degree": "Consanguinity: the parents look like second-degree relatives.",
        "quality.kinship.parents_third_degree": "Consanguinity: the parents look like third-degree relatives.",
        "quality.relatedness.scale": "Relatedness, twice the scale of kinship: 0.5 for parent and child.",
        "quality.mendel.counts": "{n} of {all} alleles.",
        "quality.mendel.red": "A wrong or swapped parent, or poor calls.",
        "quality.uniparental.counts": "{n} informative sites: {mother} show the mother only, {father} the father only, "
        "{both} both.",
        "quality.uniparental.mother": "The chromosome may come from the mother only (uniparental disomy), or the "
        "other parent's is deleted.",
        "quality.uniparental.father": "The chromosome may come from the father only (uniparental disomy), or the "
        "other parent's is deleted.",
        "quality.concordance.counts": "{n} of {all} shared genotypes are equal to those of {earlier}.",
        "quality.concordance.differs": "Not the person of the earlier sample: a swapped tube, now or then.",
    }
)


def text(key: str, **parameters: Parameter) -> Message:
    """The message with its parameters; whole numbers lose their decimals.

    Raises KeyError for an unknown key, ValueError for other parameter names.

    >>> str(text("quality.limit.at_least", limit=80.0))
    '>= 80'
    """
    return message_of(TEXTS, key, **{name: _plain(value) for name, value in parameters.items()})


def _plain(value: Parameter) -> Parameter:
    return int(value) if isinstance(value, float) and value.is_integer() else value
