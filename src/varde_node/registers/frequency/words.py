"""Words of the frequency register, for its pages."""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from varde.frequency.lookup import State
from varde.genome.errors import InputError
from varde.genome.pedigree import Sex
from varde_node.registers.frequency.models import ContributionState
from varde_node.registers.frequency.queries import NATION

PLACES: dict[str, str | Promise] = {
    NATION: _("All of Norway"),
    "HSO": _("South-East"),
    "HV": _("West"),
    "HMN": _("Central Norway"),
    "HN": _("North"),
}
STATES: dict[State, tuple[str, str | Promise, str | Promise]] = {
    State.OBSERVED: ("info", _("Observed"), _("At least one of those counted carries it.")),
    State.ABSENT_COVERED: (
        "ok",
        _("Covered and absent"),
        _("The place was read in the number of alleles given, and none of them carries it."),
    ),
    State.NOT_COVERED: (
        "warn",
        _("Not covered"),
        _("Nobody was read well enough at this place. Nothing can be said: this is not a frequency of zero."),
    ),
}
SEXES: dict[Sex, str | Promise] = {Sex.FEMALE: _("Women (XX)"), Sex.MALE: _("Men (XY)")}
CONTRIBUTION_STATES: dict[ContributionState, tuple[str, str | Promise]] = {
    ContributionState.COUNTED: ("ok", _("Counted")),
    ContributionState.WITHDRAWN: ("plain", _("Withdrawn")),
    ContributionState.REJECTED: ("stop", _("Rejected")),
}
REASONS: dict[str, str | Promise] = {
    "unknown_sample": _("The file does not hold the named person"),
    "sample_not_found": _("The file does not hold the named person"),
    "ref_mismatch": _("The file's reference bases are not the reference's: wrong build or damaged file"),
    "wrong_build": _("The file is of another build"),
    "build_mismatch": _("The file is of another build"),
    "mixed_build": _("The file mixes two builds"),
    "other_settings": _("Counted with other settings than the register"),
    "gate_values_missing": _("Genotype quality or depth is missing, so the gate cannot judge"),
    "truncated": _("The file ends in the middle"),
    "no_samples": _("No person was named"),
}
"""Plain words for codes of InputError; another code is shown as it is."""

EXAMPLES: dict[str, str | Promise] = {
    "common": _("common"),
    "rare": _("seen once"),
    "x": _("on the X chromosome"),
}


PROBLEMS: dict[str, str | Promise] = {
    "bad_variant": _("Write the variant as contig-position-REF-ALT, for example 20-1234-A-T."),
    "bad_contig": _("The contig is not known: write 1 to 22, X, Y or MT."),
    "bad_position": _("The position lies outside the chromosome. Check the position and the build."),
    "bad_allele": _("REF and ALT are written with A, C, G, T or N, and are not the same."),
    "wrong_build": _("The accession belongs to another build than the register's."),
    "ref_mismatch": _("REF is not what the reference has at this position. Check the position and the build."),
    "beyond_reference": _("The position lies outside the reference. Check the position and the build."),
    "contig_not_in_reference": _("The node's reference does not hold this contig."),
    "y_pseudoautosomal": _("This part of Y is counted on X. Give the position on X."),
}
"""What to do, by code of InputError, when a variant cannot be looked up."""


def problem_words(error: InputError) -> str | Promise:
    """What is wrong with the variant, in the reader's language; the error's own words where there are none."""
    return PROBLEMS.get(error.code, f"{error.problem} {error.remedy}")


def reason_words(code: str) -> str | Promise:
    """A rejection's reason in words, or its code."""
    return REASONS.get(code, code)
