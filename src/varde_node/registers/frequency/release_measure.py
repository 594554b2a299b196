"""Building a release and measuring its risk: from the nation's counts and the people of the regions here.

Genes come in an order that no genotype decides: those with an earlier interpretation first, then by their symbols.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from uuid import UUID

import numpy as np
import polars as pl
from django.conf import settings
from django.utils.translation import gettext_noop

from varde.annotation.genes import reference_transcripts
from varde.frequency.disclosure.scores import Meter, RegionScores
from varde.frequency.increment import Increment
from varde.frequency.release import layout
from varde.frequency.release.build import build_release
from varde.frequency.release.gate import Gate as Decision
from varde.frequency.release.gate import Verdict
from varde.frequency.release.measure import RELATIVES, Score, measure_with
from varde.frequency.release.parameters import Parameters
from varde.frequency.release.prepare import Order, Prepared, interpreted_first, prepare
from varde.frequency.release.read import Release as ReleaseFolder
from varde.frequency.release.regional import held_out_counts, score_folder
from varde.frequency.release.site_sets import gene_sets
from varde.frequency.release.sources import Sources
from varde.genome.alleles import Variant
from varde.genome.builds import Build
from varde.genome.errors import InputError
from varde.genome.keys import encode_keys
from varde.genome.references import ReferenceStore
from varde_node.jobs.services import Progress
from varde_node.registers.frequency import release_files, releases
from varde_node.registers.frequency.exchange import private_key
from varde_node.registers.frequency.exchange_queries import sent_runs
from varde_node.registers.frequency.models import Gate, Release, ReleaseState
from varde_node.registers.frequency.store import (
    code_of,
    counted_regions,
    members_of,
    nation_folder,
    region_folder,
    remember_members,
)
from varde_node.registers.interpretations import queries as interpretations


def measure_release(progress: Progress, release_id: str) -> Sequence[str]:
    """Build and measure a release that waits for it; the result is the release. Doing it again does no harm."""
    row = Release.objects.select_related("previous").filter(id=release_id, state=ReleaseState.MEASURING).first()
    if row is None:
        return [release_id]
    try:
        _measure(row, progress)
    except InputError as error:
        releases.refuse_result(row.id, str(error))
        raise
    return [release_id]


def _measure(row: Release, progress: Progress) -> None:
    progress(0.05, gettext_noop("Putting sites into bins"))
    prepared = prepare(Sources.of_nation(nation_folder()), _order(row))
    progress(0.1, gettext_noop("Scoring members and held-out people"))
    regions = counted_regions()
    held = [held_out_counts(region_folder(region)) for region in regions]
    total = Increment.merged(prepared.sources.settings.build, held)
    members = {region: frozenset(run for run, _ in sent_runs(region)) for region in regions}
    scoring = _Scoring(prepared.order.parameters.seed, progress)
    came = _came(row, members)
    relatives = -(-RELATIVES // max(len(regions), 1))
    found = measure_with(
        prepared,
        total,
        scoring.of(members, relatives),
        score_came=None if came is None else scoring.of(came, 0),
    )
    progress(0.9, gettext_noop("Writing the release"))
    release_files.remove_prepared(row.name)
    release_files.prepared_folder(row.name).parent.mkdir(parents=True, exist_ok=True)
    decision = build_release(release_files.prepared_folder(row.name), prepared, found, private_key("register"))
    for region in regions:
        remember_members(region, row.name, members[region])
    _store(row.id, decision, row.name, prepared)


def _came(row: Release, members: Mapping[str, frozenset[str]]) -> dict[str, frozenset[str]] | None:
    """Who is a member now and was not in the release before; None without one, or where a region does not know.

    Of a region that the release before did not have, everybody came."""
    if row.previous is None:
        return None
    name = row.previous.name
    told = {code_of(one) for one in ReleaseFolder(release_files.published_folder(name)).manifest["sources"]["regions"]}
    before = {region: members_of(region, name) if region in told else frozenset() for region in members}
    if any(known is None for known in before.values()):
        return None
    return {region: now - (before[region] or frozenset()) for region, now in members.items()}


class _Scoring:
    """Scores the people of all regions, and says how far it is."""

    def __init__(self, seed: int, progress: Progress) -> None:
        self.seed, self.progress, self.passages = seed, progress, 0

    def of(self, members: Mapping[str, frozenset[str]], relatives: int) -> Score:
        """What scores of every region these members, with so many simulated relatives, and those held out."""

        def score(meters: Mapping[str, Meter]) -> RegionScores:
            self.passages += 1
            self.progress(min(0.1 + 0.08 * self.passages, 0.85), gettext_noop("Choosing genes"))
            parts = [
                score_folder(region_folder(region), meters, relatives=relatives, seed=self.seed, members=runs)
                for region, runs in members.items()
            ]
            return RegionScores.merged(parts)

        return score


def _store(release_id: UUID, decision: Decision, name: str, prepared: Prepared) -> None:
    people, digest = prepared.sources.total.number_of_people, release_files.digest_of(name)
    if not releases.store_result(release_id, gate=_gate(decision), digest=digest, people=people):
        releases.remove_discarded(release_id)


def _gate(decision: Decision) -> Gate:
    if decision.verdict is Verdict.PASSED:
        return Gate.PASSED
    return Gate.ACCEPTANCE if decision.sentence.key == "gate_needs_acceptance" else Gate.REFUSED


def _order(row: Release) -> Order:
    build = Sources.of_nation(nation_folder()).settings.build
    known = interpreted(build)
    reference = ReferenceStore(settings.REFERENCES).get(settings.REFERENCE)
    parameters = Parameters(scheme=row.scheme)
    return Order(
        name=row.name,
        sets=interpreted_first(gene_sets(reference_transcripts(reference)), known, parameters),
        parameters=parameters,
        previous=ReleaseFolder(release_files.published_folder(row.previous.name)) if row.previous else None,
        interpretations=known,
        correction=row.corrects_id is not None,
    )


def interpreted(build: Build) -> pl.DataFrame:
    """Alleles that several laboratories interpreted, with the columns of ``layout.INTERPRETED``."""
    rows = [
        row for text in interpretations.interpreted_variants(build) for row in _interpreted(Variant.parse(build, text))
    ]
    return pl.DataFrame(rows, schema=layout.INTERPRETED, orient="row")


def _interpreted(variant: Variant) -> list[tuple[int, str, int, int, str]]:
    contig, position = np.array([variant.contig], dtype=np.uint8), np.array([variant.position], dtype=np.int64)
    key = int(encode_keys(contig, position, [variant.ref], [variant.alt])[0])
    told = interpretations.public_interpretations_of(variant)
    return [(key, str(one.acmg_class), one.laboratories, one.year, "") for one in told]
