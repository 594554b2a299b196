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
    "target_coverage": MetricWords(
        _("Mean coverage of the target"),
        0,
        _("Too few reads over the target: sequence more of the same library, or prepare it again."),
    ),
    "target_20x": MetricWords(
        _("Share of the target read at least 20 times"),
        3,
        _("Too much of the target was read too little. See which exons under Coverage."),
    ),
    "genome_coverage": MetricWords(
        _("Mean coverage of the genome"), 0, _("Too few reads over the genome: sequence more of the same library.")
    ),
    "genome_15x": MetricWords(
        _("Share of the genome read at least 15 times"),
        3,
        _("Too much of the genome was read too little. See which exons under Coverage."),
    ),
    "contamination": MetricWords(
        _("Reads of somebody else (FREEMIX)"),
        4,
        _("The sample holds another person's DNA. Take a new sample, or prepare the library again from the tube."),
    ),
    "duplicate_rate": MetricWords(_("Duplicate reads"), 3),
    "mapped_rate": MetricWords(_("Mapped reads"), 3),
    "fold_80": MetricWords(_("Evenness (fold-80 penalty)"), 2),
    "q30_rate": MetricWords(_("Bases of quality 30 or more"), 3),
    "insert_size_mean": MetricWords(_("Mean insert size"), 0),
    "error_rate": MetricWords(_("Mismatches per mapped base"), 4),
    "concordance": MetricWords(
        _("Same person as in an earlier sample"),
        3,
        _(
            "The genotypes are not those of the earlier sample of this person: one of the two tubes was exchanged. "
            "Check both before anything is told."
        ),
    ),
    "peddy_sex": MetricWords(
        _("Sex by peddy: ratio of heterozygous calls on X"),
        2,
        _("The data belong to someone of the other sex. Check which tubes were exchanged."),
    ),
    "somalier_sex": MetricWords(
        _("Sex by somalier: mean depth of X"),
        1,
        _("The data belong to someone of the other sex. Check which tubes were exchanged."),
    ),
    "peddy_relatedness": MetricWords(
        _("Relatedness by peddy"), 3, _("These two are not related as the order says. Check the tubes first.")
    ),
    "somalier_relatedness": MetricWords(
        _("Relatedness by somalier"), 3, _("These two are not related as the order says. Check the tubes first.")
    ),
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
