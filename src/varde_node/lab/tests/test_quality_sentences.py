"""Every sentence that the library says of quality is recognised, and said in the reader's language."""

from __future__ import annotations

from dataclasses import replace
from itertools import chain

import numpy as np
import pytest
from django.utils.translation import override

from varde.genome.pedigree import Pedigree, Person, Sex, read_ped
from varde.genome.vcf import read_whole_vcf
from varde.quality import thresholds
from varde.quality.assess import assess
from varde.quality.thresholds import Assay, Threshold
from varde.simulate.country import FAMILIES
from varde_node.lab.quality_sentences import recognised, said

pytestmark = pytest.mark.django_db


def reports(demo_country):
    """Whole families, a family of few records, and one with parents and child exchanged."""
    for family in FAMILIES:
        if not demo_country.files.family_vcf(family.plan).exists():
            continue
        table = read_whole_vcf(demo_country.files.family_vcf(family.plan))
        pedigree = read_ped(demo_country.files.family_ped(family.plan))
        for assay in Assay:
            yield assess(table, pedigree, assay=assay)
        yield assess(table.take(range_of(table, 30)), pedigree)
        child = pedigree.proband()
        mother, father = child.mother, child.father
        renamed = {child.identifier: mother, mother: child.identifier, father: father}
        yield assess(replace_names(table, renamed), pedigree)
        yield assess(table, with_grandmother(pedigree, father))


def range_of(table, rows: int):
    return np.arange(min(rows, len(table)))


def with_grandmother(pedigree, father: str):
    """The father said to be the child's grandfather, so that second-degree relatives are asked for."""
    child = pedigree.proband()
    between = Person(child.family, "between", father, None, Sex.MALE)
    others = tuple(one for one in pedigree.persons if one != child)
    return Pedigree((*others, between, replace(child, father="between")))


def replace_names(table, names: dict[str, str]):
    return replace(table, samples=tuple(names[name] for name in table.samples))


def test_every_sentence_of_a_report_is_recognised(demo_country) -> None:
    texts = {
        text
        for report in reports(demo_country)
        for metric in report.metrics
        for text in (metric.threshold_text, metric.source, metric.note)
    }
    assert sorted(text for text in texts if recognised(text) is None) == []
    assert len(texts) > 40


def test_every_source_of_a_limit_of_the_report_is_recognised() -> None:
    values = chain.from_iterable(
        one.values() if isinstance(one, dict) else one if isinstance(one, tuple) else (one,)
        for one in vars(thresholds).values()
    )
    limits = [one for one in values if isinstance(one, Threshold)]
    shown = {one.source for one in limits if not one.source.startswith(("Fewer observations", "Genotype gate"))}
    assert sorted(source for source in shown if recognised(source) is None) == []


@pytest.mark.parametrize(
    ("text", "language", "expected"),
    [
        (
            "The data look male, declared is female: a swapped sample or pedigree. Calls on Y: 3.",
            "nb",
            "Dataene ser mannlige ut, men er oppgitt som kvinnelige: forbyttet prøve eller feil slektstre."
            " Kall på Y: 3.",
        ),
        ("parent and child; 2869 sites, 0 opposite homozygotes.", "nn",
         "forelder og barn; 2\u202f869 stader, 0 motsette homozygotar."),
        ("unrelated, < 0.0442", "nb", "ubeslektet, < 0,0442"),
        ("2.6 to 3.1", "en", "2.6 to 3.1"),
        ("something new", "nb", "something new"),
    ],
)  # fmt: skip
def test_a_sentence_is_said_in_the_readers_language(text: str, language: str, expected: str) -> None:
    with override(language):
        assert said(text) == expected
