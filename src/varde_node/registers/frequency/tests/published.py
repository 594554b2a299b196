"""A counted country and a published release for tests of reading. The counts are real, the measure is assumed."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import uuid4

import numpy as np

from varde.annotation.genes import reference_transcripts
from varde.frequency.callable_intervals import Intervals
from varde.frequency.release.build import build_release
from varde.frequency.release.parameters import Parameters
from varde.frequency.release.prepare import Order, prepare
from varde.frequency.release.site_sets import SiteSet
from varde.frequency.release.sources import Sources
from varde.frequency.release.tests.registers import as_if_measured
from varde_node.registers.frequency import exchange, release_files, services, store
from varde_node.registers.frequency.models import Release, ReleaseState

NAME = "2026-10.1"


def count_country(manager, country, settings, regions=("HSO", "HN")):
    """Count the country's regions and send a shard of each to the nation."""
    settings.REFERENCES = country.reference.folder.parent
    settings.REFERENCE = country.reference.name
    exchange.make_keys()
    services.import_population(
        manager,
        vcfs={region: country.files.population_vcf(region) for region in regions},
        sexes=country.sexes,
        build=country.reference.build,
        reference=country.reference,
        callable_bed=country.files.population_bed,
        structural={region: country.files.population_structural_vcf(region) for region in regions},
    )
    for region in regions:
        exchange.send(manager, region)


def genes_of(country):
    """Each gene as a site set, by name."""
    found = {}
    for symbol, members in sorted(reference_transcripts(country.reference).by_gene.items()):
        base = members[0].contig << 32
        start, stop = min(one.start0 for one in members), max(one.end0 for one in members)
        found[symbol] = SiteSet(symbol, Intervals(np.array([base + start]), np.array([base + stop])))
    return found


def publish(country, *, chosen=3, name=NAME, least_people=10):
    """Build a release of the nation, of the first genes by name, and publish it."""
    sets = tuple(genes_of(country).values())
    parameters = Parameters(least_people=least_people, scheme="sqrt-2")
    prepared = prepare(Sources.of_nation(store.nation_folder()), Order(name, sets, parameters))
    folder = release_files.published_folder(name)
    folder.parent.mkdir(parents=True, exist_ok=True)
    build_release(folder, prepared, as_if_measured(chosen=chosen), exchange.private_key(exchange.REGISTER))
    now = datetime(2026, 10, 5, 9, tzinfo=UTC)
    return Release.objects.create(
        name=name,
        state=ReleaseState.PUBLISHED,
        gate="passed",
        digest=release_files.digest_of(name),
        people=prepared.sources.total.number_of_people,
        prepared_by=uuid4(),
        first_by=uuid4(),
        second_by=uuid4(),
        published_at=now,
        open=None,
    )
