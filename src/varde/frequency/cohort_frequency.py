"""Exact counts as GA4GH VA-Spec objects: CohortAlleleFrequencyStudyResult, of the allele in its VRS 2 form.

Source: GA4GH Variant Annotation Specification 1.0 (https://va-ga4gh.readthedocs.io), profile of the study result for
the frequency of an allele in a cohort; names under ``ancillaryResults`` as gnomAD gives them, and ``faf95``. The count
of the allele is required there, so there is no such object of a public release: it has bins and no counts.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from varde.frequency.vrs import VrsAllele


@dataclass(frozen=True)
class CohortCounts:
    """What was counted in a group of people: alleles of interest ``ac`` of ``an`` at the place, ``an`` above 0."""

    name: str
    ac: int
    an: int


def cohort_allele_frequency(
    allele: VrsAllele,
    counts: CohortCounts,
    *,
    data_set: str,
    version: str,
    parts: Sequence[CohortCounts] = (),
    ancillary: Mapping[str, object] | None = None,
) -> dict[str, Any]:
    """The study result as JSON; ``parts`` are groups within the cohort, ``ancillary`` further results of the whole."""
    told = _of(allele.as_json(), counts)
    told["sourceDataSet"] = {"type": "DataSet", "name": data_set, "version": version}
    if ancillary:
        told["ancillaryResults"] = dict(ancillary)
    if parts:
        told["subCohortFrequency"] = [_of(allele.identifier, part) for part in parts]
    return told


def _of(allele: object, counts: CohortCounts) -> dict[str, Any]:
    return {
        "type": "CohortAlleleFrequencyStudyResult",
        "focusAllele": allele,
        "focusAlleleCount": counts.ac,
        "locusAlleleCount": counts.an,
        "focusAlleleFrequency": counts.ac / counts.an,
        "cohort": {"type": "StudyGroup", "name": counts.name},
    }
