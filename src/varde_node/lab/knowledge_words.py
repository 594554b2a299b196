"""Knowledge sources in words: kinds, places, states, what changed, why rows were left out."""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from varde_node.lab.states import StateWord

KINDS: Mapping[str, str | Promise] = {
    "clinvar": _("ClinVar (VCF or variant_summary)"),
    "revel": _("REVEL"),
    "spliceai": _("SpliceAI (VCF or table)"),
    "cadd": _("CADD"),
    "described": _("Another predictor, columns described"),
    "conservation": _("Conservation (bedGraph or wig)"),
    "frequency": _("Outside frequencies (VCF of sites)"),
    "gene_list": _("The laboratory's list of genes"),
    "clingen_dosage": _("ClinGen dosage sensitivity"),
    "clingen_validity": _("ClinGen gene-disease validity"),
    "gnomad_constraint": _("gnomAD constraint"),
    "gene_names": _("Symbols of genes"),
}

STATES: Mapping[str, StateWord] = {
    "active": StateWord("ok", _("In use")),
    "ready": StateWord("plain", _("Not in use")),
    "importing": StateWord("info", _("Being imported")),
    "refused": StateWord("stop", _("Refused")),
}

DETAILS: Mapping[str, str | Promise] = {
    "file_date": _("Date in the file"),
    "groups": _("Groups"),
    "predictor": _("Score"),
    "protein_from": _("Protein changes from"),
    "reference": _("Checked against"),
    "transcripts": _("Transcripts"),
}

CHANGES: Mapping[str, str | Promise] = {
    "class_changed": _("another class"),
    "appeared": _("new in the source"),
    "vanished": _("no longer in the source"),
    "conflict_changed": _("agreement changed"),
    "stars_changed": _("other stars"),
    "score_changed": _("another score"),
    "gene_changed": _("the gene is judged otherwise"),
}

REASONS: Mapping[str, str | Promise] = {
    "beyond_reference": _("outside the reference's sequence"),
    "contig_not_in_reference": _("chromosome not in the reference"),
    "lower_score_of_same_allele": _("lower score of the same allele"),
    "no_germline_class": _("no germline classification"),
    "no_position": _("no position in this build"),
    "no_score": _("no score"),
    "not_sequence": _("alleles not written as bases"),
    "other_build": _("of the other build"),
    "other_sequence": _("another sequence than the chromosomes"),
    "reference_differs": _("REF differs from the reference"),
    "same_allele": _("same allele again, fewer stars"),
    "same_as_reference": _("ALT is the same as REF"),
}
