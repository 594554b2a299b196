"""A ClinVar submission: its records as the interface takes them, its refusals, and the table beside it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from varde.annotation.knowledge import Inheritance
from varde.genome.builds import Build
from varde.genome.errors import InputError
from varde.interpretation.clinvar_submission import (
    COLUMNS,
    RIGGS_2020,
    AlleleOrigin,
    Condition,
    CopyNumberChange,
    SubmittedVariant,
    submission,
    table,
)

SMALL = SubmittedVariant(
    local_id="L-1",
    build=Build.GRCH38,
    chromosome="chr2",
    start=165310413,
    stop=165310413,
    gene="SCN2A",
    acmg_class=5,
    evaluated_on=date(2026, 11, 30),
    condition=Condition("MONDO", "MONDO:0013387"),
    ref="C",
    alt="T",
    points=12.0,
    inheritance=Inheritance.AUTOSOMAL_DOMINANT,
    comment="De novo, kinship verified.",
    citations=("25741868",),
    origin=AlleleOrigin.DE_NOVO,
    features=("HP:0001250",),
    names=("NM_001040142.2:c.2558G>A",),
)
LOSS = SubmittedVariant(
    "L-2", Build.GRCH37, "chrM", 100, 5000, "SHOX", 4, date(2026, 12, 1), Condition(name="Short stature"),
    change=CopyNumberChange.LOSS, copy_number=1, accession="SCV000123456",
)  # fmt: skip


def test_the_records_are_those_of_the_interface() -> None:
    told = submission([SMALL, LOSS], name="December")

    assert told == {
        "submissionName": "December",
        "clinvarSubmissionReleaseStatus": "public",
        "assertionCriteria": {"db": "PubMed", "id": "25741868"},
        "germlineSubmission": [
            {
                "localID": "L-1",
                "recordStatus": "novel",
                "variantSet": {
                    "variant": [
                        {
                            "chromosomeCoordinates": {
                                "assembly": "GRCh38",
                                "chromosome": "2",
                                "start": 165310413,
                                "stop": 165310413,
                                "referenceAllele": "C",
                                "alternateAllele": "T",
                            },
                            "gene": [{"symbol": "SCN2A"}],
                            "alternateDesignations": ["NM_001040142.2:c.2558G>A"],
                        }
                    ]
                },
                "conditionSet": {"condition": [{"db": "MONDO", "id": "MONDO:0013387"}]},
                "germlineClassification": {
                    "germlineClassificationDescription": "Pathogenic",
                    "dateLastEvaluated": "2026-11-30",
                    "modeOfInheritance": "Autosomal dominant inheritance",
                    "comment": "De novo, kinship verified.",
                    "customClassificationScore": 12.0,
                    "citation": [{"db": "PubMed", "id": "25741868"}],
                },
                "observedIn": [
                    {
                        "alleleOrigin": "de novo",
                        "affectedStatus": "yes",
                        "collectionMethod": "clinical testing",
                        "numberOfIndividuals": 1,
                        "clinicalFeatures": [
                            {"db": "HP", "id": "HP:0001250", "clinicalFeaturesAffectedStatus": "present"}
                        ],
                    }
                ],
            },
            {
                "localID": "L-2",
                "recordStatus": "update",
                "clinvarAccession": "SCV000123456",
                "variantSet": {
                    "variant": [
                        {
                            "chromosomeCoordinates": {
                                "assembly": "GRCh37",
                                "chromosome": "MT",
                                "start": 100,
                                "stop": 5000,
                            },
                            "gene": [{"symbol": "SHOX"}],
                            "variantType": "copy number loss",
                            "copyNumber": "1",
                        }
                    ]
                },
                "conditionSet": {"condition": [{"name": "Short stature"}]},
                "germlineClassification": {
                    "germlineClassificationDescription": "Likely pathogenic",
                    "dateLastEvaluated": "2026-12-01",
                },
                "observedIn": [
                    {
                        "alleleOrigin": "germline",
                        "affectedStatus": "yes",
                        "collectionMethod": "clinical testing",
                        "numberOfIndividuals": 1,
                    }
                ],
            },
        ],
    }


def test_the_table_says_the_same_under_its_columns() -> None:
    row = dict(zip(COLUMNS, table([LOSS], RIGGS_2020)[0], strict=True))

    assert {name: value for name, value in row.items() if value} == {
        "Local ID": "L-2",
        "Gene symbol": "SHOX",
        "Assembly": "GRCh37",
        "Chromosome": "MT",
        "Start": "100",
        "Stop": "5000",
        "Variant type": "copy number loss",
        "Copy number": "1",
        "Preferred condition name": "Short stature",
        "Assertion method": "ACMG/ClinGen CNV Guidelines, 2019",
        "Assertion method citation": "PMID:31690835",
        "Germline classification": "Likely pathogenic",
        "Date last evaluated": "2026-12-01",
        "Allele origin": "germline",
        "Affected status": "yes",
        "Collection method": "clinical testing",
        "Number of individuals": "1",
        "ClinVarAccession": "SCV000123456",
    }


def test_what_cannot_be_sent_is_refused() -> None:
    for variants, code in (
        ([], "nothing_to_submit"),
        ([SMALL, replace(SMALL, acmg_class=4, local_id="L-9")], "repeated_record"),
        ([SMALL] * 10_001, "too_many"),
    ):
        with pytest.raises(InputError) as refused:
            submission(variants)
        assert refused.value.code == code


@pytest.mark.parametrize(
    "change",
    [
        {"acmg_class": 6},
        {"start": 0},
        {"ref": ""},
        {"change": CopyNumberChange.LOSS},
        {"accession": "RCV1"},
        {"features": ("epilepsy",)},
        {"citations": ("doi:10",)},
    ],
)
def test_an_impossible_record_cannot_be_made(change: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"expected|small variant"):
        replace(SMALL, **change)


@pytest.mark.parametrize(
    ("source", "identifier", "name"),
    [("", "", ""), ("OMIM", "1", ""), ("MONDO", "x", ""), ("OMIM", "123456", "n"), ("ICD", "123456", "")],
)
def test_a_condition_is_an_identifier_or_a_name(source: str, identifier: str, name: str) -> None:
    with pytest.raises(ValueError, match=r"condition|identifier"):
        Condition(source, identifier, name)
