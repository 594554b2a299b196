"""Study results as the reference implementation of VA-Spec reads them."""

from __future__ import annotations

import json

import pytest
from ga4gh.va_spec.base import CohortAlleleFrequencyStudyResult

from varde.frequency.cohort_frequency import CohortCounts, cohort_allele_frequency
from varde.frequency.vrs import VrsAllele, vrs_allele
from varde.genome.builds import Build

SNV = vrs_allele(Build.GRCH38, 9, 128325835, "C", "T")
REPEAT = VrsAllele(SNV.accession, 100, 106, None, 8, 2)


@pytest.mark.parametrize("allele", [SNV, REPEAT])
def test_the_object_is_read_back_as_it_was_counted(allele: VrsAllele) -> None:
    parts = (CohortCounts("XX", 2, 80), CohortCounts("XY", 1, 120))
    told = cohort_allele_frequency(
        allele,
        CohortCounts("everybody counted", 3, 200),
        data_set="register",
        version="2026-11",
        parts=parts,
        ancillary={"homozygotes": 1},
    )
    read = CohortAlleleFrequencyStudyResult.model_validate_json(json.dumps(told))
    assert json.loads(read.model_dump_json(exclude_none=True)) == told
    assert (read.focusAlleleCount, read.locusAlleleCount, read.focusAlleleFrequency) == (3, 200, 0.015)
    assert [part.focusAlleleFrequency for part in read.subCohortFrequency] == [2 / 80, 1 / 120]
    assert {part.focusAllele.root for part in read.subCohortFrequency} == {allele.identifier}


def test_what_is_not_given_is_not_there() -> None:
    told = cohort_allele_frequency(SNV, CohortCounts("everybody counted", 0, 200), data_set="register", version="1")
    assert told.keys() == {
        *("type", "focusAllele", "focusAlleleCount", "locusAlleleCount", "focusAlleleFrequency", "cohort"),
        "sourceDataSet",
    }
