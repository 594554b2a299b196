"""The fixed limits of the quality report: value, unit, source. A laboratory's own limits are gates of a profile
(``varde.quality.profiles``); a change of a value here is a new ``RULES_VERSION``."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

RULES_VERSION = "varde-quality-2"


class Assay(StrEnum):
    """What was sequenced; some limits differ."""

    EXOME = "exome"
    GENOME = "genome"
    PANEL = "panel"


@dataclass(frozen=True)
class Threshold:
    """One limit. ``confirmed`` is False where the value is common practice or a proposal, not a checked source."""

    value: float
    unit: str
    source: str
    confirmed: bool = False


_GATE = "Genotype gate: depth >= 10 and quality >= 20 (defaults of the fastVEP trio filter; slivar uses quality >= 20)"
_KING = "KING-robust: Manichaikul 2010, doi:10.1093/bioinformatics/btq559"
_LABORATORY = "Common laboratory practice, to be set by each laboratory"
_PROPOSAL = "Varde's proposal"

MINIMUM_DEPTH = Threshold(10, "x", _GATE, confirmed=True)
MINIMUM_GENOTYPE_QUALITY = Threshold(20, "Phred", _GATE, confirmed=True)

X_HET_ONE_COPY = Threshold(0.15, "fraction", "Near 0 with one X; the limit is " + _PROPOSAL)
X_HET_TWO_COPIES = Threshold(0.30, "fraction", "Clearly above 0 with two X; the limit is " + _PROPOSAL)

KINSHIP_DUPLICATE = Threshold(0.354, "kinship", _KING, confirmed=True)
KINSHIP_FIRST_DEGREE = Threshold(0.177, "kinship", _KING, confirmed=True)
KINSHIP_SECOND_DEGREE = Threshold(0.0884, "kinship", _KING, confirmed=True)
KINSHIP_THIRD_DEGREE = Threshold(0.0442, "kinship", _KING, confirmed=True)
PARENT_CHILD_IBS0 = Threshold(0.01, "fraction", "About 0 for parent and child; the limit is " + _PROPOSAL)

RELATEDNESS_PER_KINSHIP = Threshold(2, "factor", "somalier and peddy report relatedness, about twice KING's kinship")
_CONCORDANCE = "Varde's proposal: about 1 for one person, 0.74 for parent and child, 0.67 for strangers (measured)"
CONCORDANCE_SAME = Threshold(0.95, "fraction", _CONCORDANCE)
CONCORDANCE_OTHER = Threshold(0.85, "fraction", _CONCORDANCE)

MENDEL_ERROR_RATE = Threshold(0.01, "fraction", _LABORATORY)
UNIPARENTAL_SHARE = Threshold(0.9, "fraction", "Nearly all informative sites; the limit is " + _PROPOSAL)

_ENOUGH = "Fewer observations give no verdict; " + _PROPOSAL
MINIMUM_TI_TV_ALLELES = Threshold(100, "alleles", _ENOUGH)
MINIMUM_HET_HOM_ALLELES = Threshold(100, "alleles", _ENOUGH)
MINIMUM_DEPTH_SITES = Threshold(20, "sites", _ENOUGH)
MINIMUM_CALL_RATE_SITES = Threshold(20, "sites", _ENOUGH)
MINIMUM_X_SITES = Threshold(20, "sites", _ENOUGH)
MINIMUM_KINSHIP_HETS = Threshold(100, "heterozygous calls in either person", _ENOUGH)
MINIMUM_MENDEL_SITES = Threshold(100, "sites", _ENOUGH)
MINIMUM_CONCORDANCE_SITES = Threshold(100, "sites", _ENOUGH)
MINIMUM_UNIPARENTAL_SITES = Threshold(20, "sites", _ENOUGH)
