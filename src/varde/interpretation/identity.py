"""Whom of a family the genotypes show not to be who the pedigree says: no mode of inheritance may rest on them."""

from __future__ import annotations

from varde.genome.pedigree import Pedigree
from varde.quality.report import Light, QualityReport


def refuted_people(quality: QualityReport, pedigree: Pedigree, proband: str) -> dict[str, str]:
    """People whose calls say nothing of the family, with the metric that shows it: 'kinship' or 'sex'.

    Refuted are a relative whose kinship to the examined person is red, and anybody whose genotypes show another sex
    than declared; of the examined person itself only the sex can be. Where that person is the one who was swapped,
    every relative is refuted, which comes to the same: no mode rests on them.
    """
    found: dict[str, str] = {}
    for metric in quality.metrics:
        if metric.light is not Light.RED or metric.sample is None:
            continue
        if metric.name == "sex":
            found.setdefault(metric.sample, "sex")
        elif metric.name == "kinship":
            pair = metric.sample.split(" / ")
            if proband in pair:
                found.update({name: "kinship" for name in pair if name != proband})
    return {name: found[name] for name in pedigree.identifiers if name in found}
