"""Words of the quality metrics: the library's stable names in the reader's language, and what a red light means."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

UNIPARENTAL = "uniparental_share_chromosome_"


@dataclass(frozen=True)
class MetricWords:
    """Name of a metric, decimals it is shown with, and what to suspect when its light is red."""

    name: str | Promise
    decimals: int
    suspicion: str | Promise = ""


_WORDS = {
    "ti_tv": MetricWords(_("Transitions per transversion"), 2),
    "het_hom": MetricWords(_("Heterozygous per homozygous"), 2),
    "mean_depth": MetricWords(_("Mean depth"), 0),
    "median_depth": MetricWords(_("Median depth"), 0),
    "call_rate": MetricWords(_("Call rate"), 3),
    "sex": MetricWords(
        _("Sex: heterozygous share of X"),
        3,
        _("The tube, the label or the pedigree belongs to someone of the other sex. Check which tubes were exchanged."),
    ),
    "y_calls": MetricWords(_("Alleles called on Y"), 0),
    "kinship": MetricWords(
        _("Kinship"),
        3,
        _(
            "These two are not related as the order says. Check the tubes first, then speak with the clinic; a "
            "surprising parentage is never told by the laboratory alone."
        ),
    ),
    "mendel_error_rate": MetricWords(
        _("Mendel errors"),
        4,
        _(
            "Too many of the child's genotypes cannot come from these parents: a wrong or exchanged parent, or poor "
            "calls."
        ),
    ),
}
UNIPARENTAL_WORDS = MetricWords(_("Uniparental share"), 3)


def words_of(name: str) -> MetricWords:
    """The words of a metric; an unknown one keeps its name."""
    if name.startswith(UNIPARENTAL):
        return UNIPARENTAL_WORDS
    return _WORDS.get(name, MetricWords(name.replace("_", " "), 3))
