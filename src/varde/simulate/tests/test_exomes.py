"""Semi-synthetic exomes have the numbers of real ones, and each allele its frequency."""

from __future__ import annotations

import numpy as np

from varde.frequency.callable_intervals import places
from varde.frequency.run import HAPLOID
from varde.simulate.exomes import exome_sites

SITES = exome_sites(seed=4, sites=20_000, targets=19_000)


def test_sites_are_distinct_in_order_and_within_the_targets() -> None:
    assert (SITES.keys[1:] > SITES.keys[:-1]).all()
    assert SITES.targets.covers(places(SITES.contig, SITES.position)).all()


def test_the_same_person_is_the_same_and_another_is_not() -> None:
    one, again, other = SITES.alleles(7, 0), SITES.alleles(7, 0), SITES.alleles(8, 0)
    assert one.keys.tolist() == again.keys.tolist()
    assert one.dosage.tolist() == again.dosage.tolist()
    assert one.keys.tolist() != other.keys.tolist()


def test_alleles_have_their_frequency_and_about_a_third_of_carriers_two_copies() -> None:
    people = 300
    copies, homozygous = np.zeros(len(SITES.keys)), 0
    for person in range(people):
        alleles = SITES.alleles(person, 0)
        copies[np.searchsorted(SITES.keys, alleles.keys)] += alleles.dosage
        homozygous += int((alleles.dosage == 2).sum())
    expected = 2 * people * SITES.frequency
    deviation = (copies - expected) / np.sqrt(2 * people * SITES.frequency * (1 - SITES.frequency))
    common = SITES.frequency > 0.05
    assert abs(deviation[common].mean()) < 0.05
    assert 0.95 < deviation[common].std() < 1.05
    carriers = copies.sum() - homozygous
    assert 0.30 < homozygous / carriers < 0.40


def test_a_man_has_one_x() -> None:
    alleles = SITES.alleles(3, 1)
    haploid = alleles.flags & HAPLOID > 0
    assert haploid.any()
    assert (alleles.dosage[haploid] == 1).all()
    assert ((alleles.keys[haploid] >> np.uint64(59)) == 23).all()
