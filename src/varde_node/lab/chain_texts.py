"""The library's sentences on filter chains, named here so that they are translated; a test holds the two together."""

from __future__ import annotations

from django.utils.translation import gettext_noop as _

SENTENCES = (
    _("Alleles whose sequence is given."),
    _("The child carries the allele, with a complete genotype."),
    _("The caller's FILTER is PASS or not set."),
    _("The caller's FILTER is not asked."),
    _("The child's genotype passes the gate “{gate}”: depth, genotype quality and allele balance."),
    _(
        "One allele enough: at most {dominant} of the alleles and {dominant_homozygotes} people with two "
        "copies. Both alleles needed: at most {recessive} and {recessive_homozygotes} people. Asked where "
        "{alleles} alleles or more were counted. Source: slivar's recipe for rare disease and gnomAD's "
        "practice."
    ),
    _("The same ceilings hold in every group of imported sources that has 2,000 alleles or more; the highest counts."),
    _(
        "Exons, and introns up to {acceptor} bases before an acceptor and {donor} after a donor. Source: "
        "ELLA's demo chain."
    ),
    _("Introns are not cut."),
    _("The most severe consequence is one of: {terms}."),
    _(
        "From 3 to 20 bases before an acceptor, an exchange within the pyrimidines or within the purines is "
        "dropped: the tract stays as it is. Source: ELLA's demo chain."
    ),
    _("The polypyrimidine tract is not asked."),
    _("Genes of the case's panel with the confidence {confidence} or higher, until all genes are opened."),
    _("Findings in the laboratory's list of incidental findings, only if the patient asked for them."),
    _("A mode of inheritance among: {modes}. At most {halves} alleles of a gene from one parent are paired."),
    _("The second allele of a pair may be of the impact {terms} and have a frequency of up to {recessive}."),
    _("Never filtered: variants that the laboratory gave class 3, 4 or 5 before."),
    _("Never filtered: (likely) pathogenic in ClinVar with {stars} stars or more."),
    _("Genes that the clinician named are looked at whatever the panel; quality and consequence drop nothing there."),
)
