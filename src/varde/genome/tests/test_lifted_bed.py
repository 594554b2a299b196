"""A BED written in the other build."""

from __future__ import annotations

import random

import pytest

from shared_data import shared_data
from varde.genome.builds import Build
from varde.genome.chains import Reason, read_chains
from varde.genome.errors import InputError
from varde.genome.lifted_bed import BedLift, lift_bed
from varde.genome.regions import read_bed
from varde.genome.tests.test_liftover import PLAIN, chains_of, made_pair, walked


def rows(path):
    return [tuple(line.split("\t")) for line in path.read_text().splitlines()]


def test_pieces_and_what_is_lost(tmp_path):
    """Source 10-30 lies at 110-132, with a gap of two bases there and four here behind the first eight."""
    bed = tmp_path / "in.bed"
    bed.write_text("chr20\t5\t25\tname\nchr20\t28\t40\nchrUn_1\t0\t9\nMT\t10\t20\n")
    found = lift_bed(bed, tmp_path / "out.bed", tmp_path / "lost.bed", chains_of(tmp_path, PLAIN))
    assert found == BedLift(Build.GRCH37, Build.GRCH38, 42, 25, 17, 1)
    assert rows(tmp_path / "out.bed") == [
        ("20", "110", "118"),
        ("20", "122", "127"),
        ("20", "130", "132"),
        ("MT", "10", "20"),
    ]
    assert rows(tmp_path / "lost.bed") == [
        ("20", "5", "10", "no_chain"),
        ("20", "18", "20", "gap"),
        ("20", "30", "40", "no_chain"),
    ]


@pytest.mark.parametrize("seed", range(6))
def test_every_base_lifts_as_a_point_or_is_lost(tmp_path, seed):
    pair, rng = made_pair(seed), random.Random(seed)
    cuts = sorted(rng.sample(range(len(pair.source) + 10), 8))
    bed = tmp_path / "in.bed"
    bed.write_text("".join(f"20\t{low}\t{high}\n" for low, high in zip(cuts[::2], cuts[1::2], strict=True)))
    lift_bed(bed, tmp_path / "out.bed", tmp_path / "lost.bed", chains_of(tmp_path, pair.text))
    bases = [at for low, high in zip(cuts[::2], cuts[1::2], strict=True) for at in range(low, high)]
    points = {at: walked(pair.text, at + 1) for at in bases}
    lifted = sorted(to[0] - 1 for to in points.values() if not isinstance(to, Reason))
    assert [at for _, low, high in rows(tmp_path / "out.bed") for at in range(int(low), int(high))] == lifted
    lost = [at for _, low, high, _ in rows(tmp_path / "lost.bed") for at in range(int(low), int(high))]
    assert lost == [at for at, to in points.items() if isinstance(to, Reason)]


def test_a_bed_of_the_other_build_leaves_nothing(tmp_path):
    bed = tmp_path / "in.bed"
    bed.write_text("20\t0\t64444167\n")
    with pytest.raises(InputError) as refused:
        lift_bed(bed, tmp_path / "out.bed", tmp_path / "lost.bed", chains_of(tmp_path, PLAIN))
    assert refused.value.code == "wrong_build"
    bed.write_text("20\t0\t64\n")
    with pytest.raises(InputError) as refused:
        lift_bed(bed, tmp_path / "out.bed", tmp_path / "none" / "lost.bed", chains_of(tmp_path, PLAIN))
    assert refused.value.code == "cannot_write"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["in.bed", "made.over.chain"]


def test_real_confident_regions(tmp_path):
    """NA12878's confident regions of chromosome 21 on GRCh37: 440 of 33 million bases are not in GRCh38."""
    bed = shared_data("na12878", "platinum_chr21_b37.confident.bed.gz")
    chains = read_chains(shared_data("reference", "hg19ToHg38.over.chain.gz"))
    found = lift_bed(bed, tmp_path / "out.bed", tmp_path / "lost.bed", chains)
    assert (found.bases, found.lost) == (33_466_476, 440)
    assert read_bed(tmp_path / "out.bed", Build.GRCH38).total_length == found.lifted
