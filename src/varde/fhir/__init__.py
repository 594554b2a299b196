"""FHIR R4 after HL7 Genomics Reporting 3.0.0 (STU3): a genomic report as a bundle, and the bundle read back."""

from varde.fhir.bundle import report_bundle
from varde.fhir.reading import parse_report

__all__ = ["parse_report", "report_bundle"]
