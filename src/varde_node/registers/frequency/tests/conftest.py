"""A small synthetic country, counted once per run of the tests."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace

import pytest

from varde.frequency.release.read import Release
from varde.genome.builds import Build
from varde.genome.pedigree import Sex, read_ped
from varde.genome.references import Reference, ReferenceStore
from varde.simulate.country import FAMILIES
from varde.simulate.files import CountryFiles, write_country
from varde_node.people.services import Role
from varde_node.registers.frequency import release_files, store
from varde_node.registers.frequency.tests.published import NAME, count_country, publish

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


@pytest.fixture(scope="session")
def larger_country(tmp_path_factory):
    """Enough people that rounded numbers are above zero."""
    folder = tmp_path_factory.mktemp("larger")
    files = write_country(folder / "files", 11, families=FAMILIES[:1], people_per_region=30)
    reference = ReferenceStore(folder / "references").add(files.fasta, files.gff3, Build.GRCH38, "larger")
    sexes = {person.identifier: person.sex for person in read_ped(files.population_ped).persons}
    return SimpleNamespace(files=files, reference=reference, sexes=sexes, counted=folder / "counted")


@pytest.fixture
def released(data, settings, manager, larger_country):
    """A release of two regions' counts, with three genes; counted once, copied for each test."""
    settings.REFERENCES, settings.REFERENCE = larger_country.reference.folder.parent, larger_country.reference.name
    if larger_country.counted.exists():
        shutil.copytree(larger_country.counted, store.root())
    else:
        count_country(manager, larger_country, settings)
        shutil.copytree(store.root(), larger_country.counted)
    publish(larger_country)
    return Release(release_files.published_folder(NAME))
