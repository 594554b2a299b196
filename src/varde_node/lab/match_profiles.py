"""A stored profile as the exchange tells it."""

from __future__ import annotations

from django.conf import settings

from varde.genome.alleles import Variant
from varde.genome.builds import CONTIGS, Build
from varde.interpretation.matchmaking import Contact, Feature, GenomicFeature, PlacedVariant, Profile, Sex
from varde.interpretation.phenotype import term_name
from varde_node.lab.models import MatchProfile
from varde_node.people import queries as people

SEX = {"female": Sex.FEMALE, "male": Sex.MALE}


def profile_of(row: MatchProfile) -> Profile:
    """Genes, signs and sex of the patient, and the laboratory to write to. No age, no name, no number."""
    laboratory, patient = people.organisation(row.case.laboratory_id), people.person(row.case.patient_id)
    return Profile(
        identifier=str(row.id),
        contact=Contact(laboratory.name if laboratory else "", settings.MATCHMAKER_CONTACT),
        features=tuple(Feature(term, label=term_name(term) or "") for term in row.hpo_terms),
        genomic_features=tuple(_gene(one, row.build) for one in row.genes),
        sex=SEX.get(patient.sex if patient else ""),
    )


def _gene(told: dict[str, str], build: str) -> GenomicFeature:
    if not told["variant"]:
        return GenomicFeature(told["symbol"])
    found = Variant.parse(Build(build), told["variant"])
    chromosome = CONTIGS[found.contig - 1].removeprefix("chr")
    place = PlacedVariant(build, chromosome, found.start0, found.end0, found.ref, found.alt)
    return GenomicFeature(told["symbol"], place)
