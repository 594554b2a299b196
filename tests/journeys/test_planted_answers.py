"""The library alone finds each planted answer of the demo country at rank 1, and stops mixed-up tubes."""

from __future__ import annotations

from pathlib import Path

import pytest

from varde.annotation.knowledge import read_gene_knowledge
from varde.frequency.count import CallableBed, Counting, count
from varde.genome.builds import Build
from varde.genome.pedigree import read_ped
from varde.genome.references import ReferenceStore
from varde.interpretation.analysis import filter_case, prepare
from varde.interpretation.panels import read_panel
from varde.simulate.country import FAMILIES, REGIONS, SEED
from varde.simulate.files import CountryFiles, write_country

pytestmark = pytest.mark.slow
BY_NAME = {family.plan.name: family for family in FAMILIES}


@pytest.fixture(scope="module")
def country(tmp_path_factory: pytest.TempPathFactory):
    folder = tmp_path_factory.mktemp("country")
    files = write_country(folder / "files", SEED)
    reference = ReferenceStore(folder / "references").add(files.fasta, files.gff3, Build.GRCH38, "demo")
    count(
        [files.population_vcf(region.code) for region in REGIONS],
        out=folder / "counts",
        counting=Counting(Build.GRCH38, reference=reference),
        sexes={person.identifier: person.sex for person in read_ped(files.population_ped).persons},
        callable_beds=[CallableBed(files.population_bed)],
    )
    return files, reference, folder / "counts"


def prepared(country, name: str):
    files, reference, counts = country
    plan = BY_NAME[name].plan
    return prepare(
        [files.family_vcf(plan)],
        read_ped(files.family_ped(plan)),
        reference=reference,
        frequencies=counts,
        knowledge=read_gene_knowledge(files.knowledge),
    )


@pytest.mark.parametrize(
    ("name", "gene", "mode", "alleles"),
    [
        ("solberg", "DEMO17", "compound_heterozygous", 2),
        ("nilsen", "DEMO05", "de_novo", 1),
        ("hansen", "DEMO63", "x_linked_recessive", 1),
        ("johansen", "DEMO22", "homozygous_recessive", 1),
    ],
)
def test_the_planted_answer_is_first(country, name: str, gene: str, mode: str, alleles: int) -> None:
    case = prepared(country, name)
    outcome = filter_case(case, hpo=BY_NAME[name].hpo)
    first = outcome.candidates[0]
    assert (first.rank, first.gene, first.mode, len(first.rows)) == (1, gene, mode, alleles)
    assert not case.quality.stops_sign_off
    kept = int(outcome.trace["kept"].sum())
    assert kept + sum(step.dropped for step in outcome.counts) == outcome.trace.height == case.alleles.height


def test_the_storys_panel_shows_nothing(country) -> None:
    files: CountryFiles = country[0]
    outcome = filter_case(prepared(country, "solberg"), panel=read_panel(Path(files.panel)), hpo=BY_NAME["solberg"].hpo)
    assert outcome.candidates == ()


def test_mixed_up_tubes_stop_the_sign_off(country) -> None:
    quality = prepared(country, "berg").quality
    assert quality.stops_sign_off
    red = {metric.name for metric in quality.metrics if metric.light == "red"}
    assert red == {"sex", "mendel_error_rate"}
    assert sorted({reason.split(":")[0] for reason in quality.reasons}) == ["berg-barn", "berg-far", "berg-mor"]
