"""A question holds the meters as they were, bit by bit, also where women and men differ."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from varde.frequency.disclosure.scores import Meter
from varde.frequency.disclosure.weights import site_weights
from varde.frequency.release.passages import Asked, Question, read_question
from varde.frequency.release.tests.registers import SETTINGS, keys
from varde.genome.builds import MT, Build, X, Y
from varde.genome.keys import encode_keys


@pytest.mark.parametrize("sites", [0, 60])
def test_meters_come_as_they_went(sites, tmp_path):
    random = np.random.default_rng(3)
    contig = np.sort(random.choice([1, 22, X, Y, MT], sites))
    position = np.arange(1, sites + 1) * 200
    key = encode_keys(contig.astype(np.uint8), position, ["A"] * sites, ["G"] * sites)
    stages, meters = (np.arange(sites) % 3).astype(np.uint16), {}
    for name in ("population", "linkage_2000", "a.b"):
        frequency = random.uniform(0.01, 0.5, sites)
        low = random.integers(0, 50, sites)
        weights = site_weights(low, low + 20, np.full(sites, 300), frequency)
        meters[name] = Meter.of(Build.GRCH38, key, weights, frequency, stages)
    private, public = keys(tmp_path)
    of = public.name, public.identifier, "2026-11.1", 2, Asked.CAME, SETTINGS, 500, 7
    draft = Question(*of, meters).draft()
    draft.write(tmp_path / "question.zip", private)
    read, digest = read_question(tmp_path / "question.zip", {public.name: public})
    assert digest == draft.digest == Question(*of, dict(reversed(meters.items()))).draft().digest
    assert (read.number, read.asked, read.settings, read.relatives, read.seed) == (2, Asked.CAME, SETTINGS, 500, 7)
    assert read.meters.keys() == meters.keys()
    for name, meter in meters.items():
        for part in ("keys", "stages", "table", "mean", "deviation"):
            found, given = getattr(read.meters[name], part), getattr(meter, part)
            assert found.dtype == given.dtype
            assert found.shape == given.shape
            assert np.array_equal(found, given)
    if sites:
        table = meters["population"].table
        assert not np.array_equal(table[0], table[1])
        other = meters | {"a.b": replace(meters["a.b"], stages=stages[::-1].copy())}
        with pytest.raises(ValueError, match="same sites"):
            Question(*of, other).draft()
