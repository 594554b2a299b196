"""Control charts against the published example, and identity of samples by kept genotypes."""

from __future__ import annotations

import numpy as np
import pytest

from shared_data import shared_data
from varde.genome.errors import InputError
from varde.genome.normalise import with_keys
from varde.genome.vcf import read_whole_vcf
from varde.quality.calls import read_calls
from varde.quality.control import Limits, Signal, control_chart, limits_of
from varde.quality.identity import MOST_SITES, Fingerprint, concordance_metric
from varde.quality.report import Light

FLOW_RATES = (49.6, 47.6, 49.9, 51.3, 47.8, 51.2, 52.6, 52.4, 53.6, 52.1)
"""The handbook's batches of a flow, whose limits it prints: 45.8159 and 55.8041 about 50.81."""


class TestControlChart:
    def test_the_handbooks_example(self):
        chart = control_chart(FLOW_RATES)
        assert chart.limits.centre == pytest.approx(50.81)
        assert chart.limits.sigma * 1.128 == pytest.approx(1.8778, abs=5e-5)
        assert (chart.limits.lower, chart.limits.upper) == pytest.approx((45.8159, 55.8041), abs=5e-4)
        assert set(chart.signals) == {frozenset()}

    def test_a_point_at_a_limit_is_inside_and_one_beyond_it_is_signalled(self):
        values = [10.0, 11.0] * 10
        limits = limits_of(values)
        assert control_chart([*values, 30.0]).signals[-1] == {Signal.BEYOND_LIMITS}
        assert limits == Limits(10.5, 1 / 1.128)
        assert not any(control_chart(values).signals)

    def test_the_eighth_of_a_run_is_signalled_and_a_point_on_the_centre_ends_it(self):
        rising = [1.0] * 10 + [3.0] * 10
        signalled = [Signal.RUN in one for one in control_chart(rising).signals]
        assert signalled == [False] * 7 + [True] * 3 + [False] * 7 + [True] * 3
        broken = [1.0] * 7 + [2.0] + [1.0] * 3 + [3.0] * 10
        assert sum(broken) / len(broken) == pytest.approx(2.0, abs=0.1)
        even = [1.0] * 7 + [2.0] + [3.0] * 7
        assert control_chart(even).limits.centre == 2.0
        assert not any(Signal.RUN in one for one in control_chart(even).signals)

    def test_few_points_have_no_limits_and_no_signal(self):
        chart = control_chart([1.0] * 8 + [99.0])
        assert (chart.limits, set(chart.signals)) == (None, {frozenset()})
        with pytest.raises(ValueError, match="two values"):
            limits_of([1.0])

    def test_a_process_that_never_moves_signals_only_what_moves(self):
        chart = control_chart([5.0] * 30)
        assert (chart.limits.lower, chart.limits.upper, any(chart.signals)) == (5.0, 5.0, False)


def prints(*names: str) -> dict[str, Fingerprint]:
    table = with_keys(read_whole_vcf(shared_data("trio", "ashkenazi", "ashk-trio.vcf.gz")))
    calls = read_calls(table)
    rows = calls.autosomal & calls.snv & calls.biallelic & calls.passing
    key = table.sites["key"].to_numpy()
    made = {}
    for name in names:
        person = table.samples.index(name)
        copies = np.where(calls.hom_alt[:, person], 2, calls.het[:, person].astype(np.uint8)).astype(np.uint8)
        mine = rows & calls.usable[:, person]
        made[name] = Fingerprint.of(key[mine], copies[mine])
    return made


class TestIdentity:
    def test_one_person_is_found_again_and_kin_and_strangers_are_not(self):
        people = prints("HG002", "HG003", "HG004")
        child, father, mother = people["HG002"], people["HG003"], people["HG004"]
        again = concordance_metric("barn", child, Fingerprint.read(child.write()), "L-1")
        assert (again.value, again.light) == (1.0, Light.GREEN)
        kin = concordance_metric("barn", child, father, "L-1")
        assert (round(kin.value, 2), kin.light) == (0.74, Light.RED)
        assert "shared genotypes are equal to those of L-1. Not the person" in kin.words
        strangers = concordance_metric("barn", father, mother, "L-1")
        assert (round(strangers.value, 2), strangers.light) == (0.67, Light.RED)

    @pytest.mark.parametrize(("changed", "light"), [(50, "green"), (51, "yellow"), (150, "yellow"), (151, "red")])
    def test_the_limits_at_their_borders(self, changed, light):
        key = np.arange(1, 1001, dtype=np.uint64)
        one = Fingerprint.of(key, np.ones(1000, dtype=np.uint8))
        other = Fingerprint.of(key, np.where(np.arange(1000) < changed, 2, 1).astype(np.uint8))
        assert concordance_metric("a", one, other, "b").light == light

    def test_too_few_shared_sites_are_not_evaluated(self):
        key = np.arange(1, 200, dtype=np.uint64)
        ones = np.ones(199, dtype=np.uint8)
        found = concordance_metric("a", Fingerprint.of(key, ones), Fingerprint.of(key + np.uint64(100), ones), "b")
        assert (found.light, found.value) == (Light.NOT_EVALUATED, None)
        assert found.words == "99 sites, at least 100 are needed."

    def test_many_sites_are_cut_to_the_same_ones_in_any_order(self):
        draw = np.random.default_rng(1)
        key = draw.integers(1, 2**63, 50_000, dtype=np.uint64)
        copies = draw.integers(0, 3, len(key)).astype(np.uint8)
        shuffled = draw.permutation(len(key))
        one, other = Fingerprint.of(key, copies), Fingerprint.of(key[shuffled], copies[shuffled])
        assert len(one) == MOST_SITES
        assert one.write() == other.write()
        half = draw.random(len(key)) < 0.8
        less = Fingerprint.of(key[half], copies[half])
        assert len(np.intersect1d(one.key, less.key)) > 0.75 * MOST_SITES

    @pytest.mark.parametrize("stored", [b"12345678", b"\0" * 9, b"\1" * 18])
    def test_damaged_genotypes_are_refused(self, stored):
        with pytest.raises(InputError) as caught:
            Fingerprint.read(stored)
        assert caught.value.code == "damaged_fingerprint"
