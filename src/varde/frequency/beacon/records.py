"""Sites as Beacon's genomic variations (default model, LegacyVariation with a VRS 1.3 location)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from varde.frequency.beacon.holdings import Holdings, Told
from varde.frequency.beacon.query import kind_of
from varde.frequency.cohort_frequency import CohortCounts, cohort_allele_frequency
from varde.frequency.vrs import VrsAllele, vrs_allele
from varde.genome.builds import CONTIGS, Build, refseq_accession
from varde.genome.errors import InputError
from varde.genome.references import Reference

LONGEST_HGVS = 50
"""Bases of an allele above which its genomic name is left out: it would only repeat the bases."""


def record(holdings: Holdings, row: Mapping[str, Any], reference: Reference | None) -> dict[str, Any]:
    """One site: identifiers, variation, frequencies; what Beacon has no field for stands under ``info``."""
    contig, position, ref, alt = (row[name] for name in ("contig", "position", "ref", "alt"))
    told = holdings.tell(row)
    start, end, short_ref, short_alt = _trimmed(position - 1, ref, alt)
    identifiers: dict[str, Any] = {}
    allele = _vrs(holdings.build, contig, position, ref, alt, reference)
    vrs = allele.identifier if allele else None
    if allele:
        identifiers["variantAlternativeIds"] = [
            {"id": vrs, "notes": "GA4GH VRS 2 allele", "reference": "https://vrs.ga4gh.org/en/2.0/"}
        ]
    accession = refseq_accession(holdings.build, contig)
    if len(ref) == len(alt) == 1:
        identifiers["genomicHGVSId"] = f"{accession}:{'m' if contig == len(CONTIGS) else 'g'}.{position}{ref}>{alt}"
    return {
        "variantInternalId": f"{CONTIGS[contig - 1]}-{position}-{ref}-{alt}",
        "variation": {
            "variantType": kind_of(ref, alt),
            "referenceBases": short_ref,
            "alternateBases": short_alt,
            "location": {
                "type": "SequenceLocation",
                "sequence_id": f"refseq:{accession}",
                "interval": {
                    "type": "SequenceInterval",
                    "start": {"type": "Number", "value": start},
                    "end": {"type": "Number", "value": end},
                },
            },
        },
        "identifiers": identifiers,
        "frequencyInPopulations": [
            {
                "source": holdings.description,
                "sourceReference": holdings.reference_url,
                "version": holdings.version,
                "frequencies": told.frequencies,
            }
        ]
        if told.frequencies
        else [],
        "info": {"vrsId": vrs, **told.figures, **_study_result(holdings, told, allele)},
    }


def _study_result(holdings: Holdings, told: Told, allele: VrsAllele | None) -> dict[str, Any]:
    """Exact counts as a VA-Spec object too; nothing of a public release, which has none."""
    if allele is None or "ac" not in told.figures or not told.frequencies:
        return {}
    whole, *parts = (CohortCounts(one["population"], one["ac"], one["an"]) for one in told.frequencies)
    figures = told.figures
    ancillary = {"homozygotes": figures["nhomalt"], "hemizygotes": figures["nhemi"], "faf95": figures["faf95"]}
    result = cohort_allele_frequency(
        allele, whole, data_set=holdings.description, version=holdings.version, parts=parts, ancillary=ancillary
    )
    return {"cohortAlleleFrequency": result}


def _vrs(build: Build, contig: int, position: int, ref: str, alt: str, reference: Reference | None) -> VrsAllele | None:
    """The VRS 2 form; None for an insertion or deletion where no reference is loaded."""
    bases: NDArray[np.uint8] | None = None
    if reference is not None and len(ref) != len(alt) and contig in reference.codes:
        bases = reference.bases(contig)
    try:
        return vrs_allele(build, contig, position, ref, alt, bases)
    except InputError:
        return None


def _trimmed(start: int, ref: str, alt: str) -> tuple[int, int, str, str]:
    """Without the base that VCF repeats before an insertion or deletion; interbase start and end."""
    if len(ref) != len(alt) and ref[0] == alt[0]:
        start, ref, alt = start + 1, ref[1:], alt[1:]
    return start, start + len(ref), ref, alt
