"""A small synthetic country, counted once per run of the tests."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest

from varde.genome.builds import Build
from varde.genome.pedigree import Sex, read_ped
from varde.genome.references import Reference, ReferenceStore
from varde.simulate.country import FAMILIES
from varde.simulate.files import CountryFiles, write_country
from varde_node.people.services import Role

BUILD = Build.GRCH38


@dataclass(frozen=True)
class Country:
    """Its files, its reference and everybody's sex."""

    files: CountryFiles
    reference: Reference
    sexes: dict[str, Sex]
    family: Path


@pytest.fixture(scope="session")
def country(tmp_path_factory):
    folder = tmp_path_factory.mktemp("country")
    files = write_country(folder / "files", 7, families=FAMILIES[:1], people_per_region=12)
    reference = ReferenceStore(folder / "references").add(files.fasta, files.gff3, BUILD, "demo")
    sexes = {person.identifier: person.sex for person in read_ped(files.population_ped).persons}
    return Country(files, reference, sexes, files.family_vcf(FAMILIES[0].plan))


@pytest.fixture
def data(tmp_path, settings):
    """A data folder of its own."""
    settings.DATA = tmp_path
    return tmp_path


@pytest.fixture
def manager(actor_as):
    return actor_as(Role.REGISTER_MANAGER)


@pytest.fixture
def geneticist(actor_as):
    return actor_as(Role.LABORATORY_GENETICIST)
