"""The strategy's story as a report: two variants of one gene in trans. Every person and name is invented."""

from __future__ import annotations

from datetime import UTC, date, datetime
from uuid import UUID

from varde.fhir.case import (
    Relation,
    ReportedCase,
    ReportedImplication,
    ReportedOrder,
    ReportedPerson,
    ReportedPhase,
    ReportedRecurrence,
    ReportedRelative,
    ReportedSpecimen,
    ReportedVariant,
    ReportStatus,
    Sex,
    Term,
)
from varde.fhir.codes import AllelicState, ConditionInheritance, Origin, PhaseRelation, Significance

HPO = "http://human-phenotype-ontology.org"

CASE = ReportedCase(
    identifier=UUID("6f3d2c1e-3b51-4c55-9c52-0f5f3f5f0a01"),
    status=ReportStatus.FINAL,
    issued=datetime(2026, 11, 20, 12, 30, tzinfo=UTC),
    patient=ReportedPerson(
        identifier="01810010068",
        sex=Sex.FEMALE,
        system="urn:oid:2.16.578.1.12.4.1.4.666",
        name="Synne Prøve",
        birth_date=date(2022, 5, 17),
    ),
    conclusion="Two variants in GENEA, one from each parent, explain the child's disease.",
    performer="Laboratory of medical genetics",
    variants=(
        ReportedVariant(
            build="GRCh38",
            chromosome="20",
            position=1234567,
            ref="G",
            alt="A",
            allelic_state=AllelicState.HETEROZYGOUS,
            origin=Origin.MATERNAL,
            gene="GENEA",
            gene_code="HGNC:1100",
            reference_sequence="NC_000020.11",
            transcript="NM_000001.1",
            hgvs_genomic="NC_000020.11:g.1234567G>A",
            hgvs_coding="NM_000001.1:c.100G>A",
            hgvs_protein="NP_000001.1:p.(Gly34Arg)",
            consequences=("missense_variant", "splice_region_variant"),
            depth_alt=21,
            allele_fraction=0.4565,
            note="Register: 0 of 1,000 alleles.",
        ),
        ReportedVariant(
            build="GRCh38",
            chromosome="20",
            position=1240000,
            ref="CAG",
            alt="C",
            allelic_state=AllelicState.HETEROZYGOUS,
            origin=Origin.PATERNAL,
            gene="GENEA",
            gene_code="HGNC:1100",
            transcript="ENST00000000001.1",
            consequences=("frameshift_variant", "a_term_of_tomorrow"),
        ),
    ),
    implications=(
        ReportedImplication(
            variant=0,
            significance=Significance.LIKELY_PATHOGENIC,
            phenotype=Term("Developmental and epileptic encephalopathy"),
            inheritance=ConditionInheritance.AUTOSOMAL_RECESSIVE,
            criteria=("PM3 (moderate): in trans with a pathogenic variant.", "PM2 (supporting): absent, AN 1,000."),
            ruleset="ACMG points 2020: 7 points",
        ),
        ReportedImplication(variant=1, significance=Significance.PATHOGENIC),
    ),
    phases=(ReportedPhase(0, 1, PhaseRelation.TRANS, "One from each parent"),),
    relatives=(ReportedRelative(Relation.MOTHER, "S-2"), ReportedRelative(Relation.FATHER, "S-3")),
    specimen=ReportedSpecimen("S-1", Term("Blood"), datetime(2026, 11, 2, 8, 0, tzinfo=UTC)),
    order=ReportedOrder(
        identifier=UUID("0a3d2c1e-3b51-4c55-9c52-0f5f3f5f0a02"),
        reasons=(Term("Seizure", HPO, "HP:0001250"), Term("Delayed development")),
        family="F-7",
        requester="Dr. Kari Eksempel",
        authored=datetime(2026, 11, 1, 9, 0, tzinfo=UTC),
    ),
    recurrence=ReportedRecurrence("25 % for each child of the same parents.", 0.25, "Mendelian expectation"),
    interpreters=("Interpreter One", "Approver Two"),
    quality=("All quality lights are green.",),
    methods=("bcftools csq 1.24", "Reference GRCh38"),
    limits=("Repeat expansions were not looked at.", "Deletions of whole exons were not looked at."),
    synthetic=True,
)
