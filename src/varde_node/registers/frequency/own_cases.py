"""Is this my own case? Which of the asker's own laboratory's signed cases contribute to the count of a variant."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from varde.frequency.run import read_alleles, read_structural
from varde.frequency.store import RUNS, Status
from varde.frequency.structural_clusters import CALL, StructuralCall
from varde.genome.alleles import Variant
from varde.genome.keys import encode_keys
from varde_node.people.services import Actor, require
from varde_node.registers.frequency.contracts import OwnCase, answering
from varde_node.registers.frequency.models import Contribution, ContributionState
from varde_node.registers.frequency.store import region_folder, stored_runs
from varde_node.registers.frequency.structural_queries import members_of

OWN_CASE = "registers.own_case.read"


def own_cases(actor: Actor, variant: Variant) -> tuple[OwnCase, ...]:
    """The cases whose person carries the variant, written as the counts write it; by case number and role.

    The laboratory knows case and contribution, the region what the contribution carries; the nation knows neither.
    Kin that were set aside are in no count, and so no part of the answer.
    Both the question and every case that is shown enter the trail. Raises AccessDenied.
    """
    return _cases(actor, str(variant), lambda region, run: _carries(region, run, variant))


def own_cases_like(actor: Actor, call: StructuralCall) -> tuple[OwnCase, ...]:
    """The cases whose person has a call of an event like ``call``; otherwise as ``own_cases``."""

    def carries(region: str, run: str) -> bool:
        calls = read_structural(region_folder(region) / RUNS, run)
        return calls is not None and calls.join(members, on=CALL, how="semi").height > 0

    members = members_of(call)
    return _cases(actor, str(call), carries)


def _cases(actor: Actor, asked: str, carries: Callable[[str, str], bool]) -> tuple[OwnCase, ...]:
    require(actor, OWN_CASE, personal={"variant": asked})
    found: list[OwnCase] = []
    for cases_of, shown in answering():
        known = cases_of(actor)
        rows = Contribution.objects.filter(id__in=list(known), state=ContributionState.COUNTED)
        mine = [known[str(row.id)] for row in rows if any(carries(row.region, run) for run in _counted(row))]
        shown(actor, mine)
        found += mine
    return tuple(sorted(found, key=lambda one: (one.case_number, one.role)))


def _counted(row: Contribution) -> list[str]:
    if not row.related:
        return list(row.runs)
    counted = {run.identifier for run in stored_runs(row.region) if run.status is Status.COUNTED}
    return [run for run in row.runs if run in counted]


def _carries(region: str, run: str, variant: Variant) -> bool:
    contig, position = np.array([variant.contig], dtype=np.uint8), np.array([variant.position], dtype=np.int64)
    key = encode_keys(contig, position, [variant.ref], [variant.alt])[0]
    alleles = read_alleles(region_folder(region) / RUNS, run)
    row = int(np.searchsorted(alleles.keys, key))
    if row == len(alleles.keys) or alleles.keys[row] != key or not alleles.dosage[row]:
        return False
    letters = alleles.long.filter(key=key)
    return letters.is_empty() or letters.select("ref", "alt").row(0) == (variant.ref, variant.alt)
