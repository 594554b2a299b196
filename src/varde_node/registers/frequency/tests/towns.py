"""A register large enough for a release: made people in two regions' counts, people held out, and a batch for after.

People differ at the exons of two genes of the small country, so that the node's own gene list finds the sites.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import numpy as np
import polars as pl
from django.utils import timezone

from varde.annotation.genes import reference_transcripts
from varde.frequency.callable_intervals import Tracks
from varde.frequency.increment import sum_runs
from varde.frequency.ledger import append, changing, store_runs
from varde.frequency.release.site_sets import all_places, gene_sets
from varde.frequency.release.tests.registers import CELL, Town, region
from varde.frequency.run import Run
from varde.frequency.store import RUN_LINES, Segment, StoredRun
from varde.genome.builds import Build
from varde.genome.keys import encode_keys
from varde.genome.references import Reference
from varde_node.registers.frequency import exchange
from varde_node.registers.frequency.models import Contribution
from varde_node.registers.frequency.store import region_folder

PEOPLE, HELD_OUT, BATCH, SITES = 520, 520, 120, (160, 240)
"""People of each kind in each of the two regions; sites of the two genes."""
REGIONS = ("HSO", "HN")


def town_of(reference: Reference) -> Town:
    """Common sites in the first two genes, by symbol."""
    random = np.random.default_rng(5)
    genes = gene_sets(reference_transcripts(reference))[:2]
    tracks, place = Tracks(), []
    tracks.add(all_places(genes))
    for gene, sites in zip(genes, SITES, strict=True):
        inside = np.concatenate(
            [np.arange(*bounds) for bounds in zip(gene.places.start, gene.places.stop, strict=True)]
        )
        place.append(np.sort(random.choice(inside, sites, replace=False)))
    places = np.concatenate(place)
    contig, position = (places >> 32).astype(np.uint8), (places & 0xFFFFFFFF) + 1
    keys = encode_keys(contig, position, ["A"] * len(places), ["T"] * len(places))
    order = np.argsort(keys)
    return Town(keys[order], random.uniform(0.03, 0.5, len(keys)), genes, tracks)


def build_towns(folder: Path, reference: Reference) -> Path:
    """Counts folders of both regions below a folder."""
    town = town_of(reference)
    for number, code in enumerate(REGIONS):
        people = town.people(PEOPLE + HELD_OUT, seed=10 + number)
        region(folder / code, town, people[:PEOPLE], people[PEOPLE:])
    return folder


def move_in(towns: Path) -> None:
    """Let the node have the regions, and send their shards."""
    exchange.make_keys()
    for code in REGIONS:
        region_folder(code).parent.mkdir(parents=True, exist_ok=True)
        shutil.copytree(towns / code, region_folder(code), copy_function=os.link)
        _enter(code, PEOPLE, 0)
        _enter(code, HELD_OUT, HELD_OUT)


def grow(reference: Reference) -> None:
    """A batch of new people in both regions."""
    town = town_of(reference)
    for number, code in enumerate(REGIONS):
        runs: list[Run] = town.people(BATCH, seed=20 + number)
        lines = [StoredRun(run.identifier, CELL, run.tracks, (), 0).as_line() for run in runs]
        frame = pl.DataFrame(sorted(lines), schema=RUN_LINES, orient="row")
        with changing(region_folder(code)) as contents:
            store_runs(region_folder(code), runs, town.tracks)
            append(contents, Segment(sum_runs(Build.GRCH38, runs, town.tracks), frame))
        _enter(code, BATCH, 0)


def _enter(code: str, people: int, held_out: int) -> None:
    today = timezone.localdate()
    Contribution.objects.create(region=code, state="counted", people=people, held_out=held_out, received_on=today)
