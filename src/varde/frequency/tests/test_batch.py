"""Batches of texts: each item as it would be read alone, at the borders of chromosomes, and in any order."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from varde.frequency.batch import MOST_ITEMS, MOST_NAMES, Status, read_batch
from varde.frequency.lookup import as_counted
from varde.frequency.search import Searcher
from varde.genome.alleles import Variant
from varde.genome.builds import CONTIGS, Build, contig_length
from varde.genome.errors import InputError
from varde.genome.keys import encode_keys

SEARCHER = Searcher(Build.GRCH38)
BASES = st.text(alphabet="ACGT", min_size=1, max_size=20)


@settings(max_examples=150, deadline=None)
@given(st.lists(st.tuples(st.sampled_from(CONTIGS[:22]), st.integers(1, 60_000_000), BASES, BASES), max_size=6))
def test_a_batch_is_read_as_its_items_alone(items):
    texts = [f"{contig}-{position}-{ref}-{alt}" for contig, position, ref, alt in items]
    batch = read_batch(texts, SEARCHER)
    for row, text in enumerate(texts):
        try:
            alone = as_counted(Variant.parse(Build.GRCH38, text), None)
        except InputError:
            assert batch.frame["status"][row] is not None
            assert batch.keys[row] == 0
            continue
        assert (batch.frame["status"][row], batch.frame["variant"][row]) == (None, str(alone))
        key = encode_keys([alone.contig], [alone.position], [alone.ref], [alone.alt])[0]
        assert batch.keys[row] == key
        assert batch.frame["normalised"][row] == (str(alone) != text)


def test_every_notation_is_read_in_a_batch_as_alone():
    texts = [
        *("NC_000020.11:1233:A:T", "nc_000020.11:1233:a:t", " NC_000020.11:1233:A:T "),
        *("NC_000020.11-1234-A-T", "NC_000020.11:1234 A>T", "20:1234A>T", "20_1234_A_T", "chr20 1234 A T"),
        *("chr20\t1234\tA\tT", "20\u20131234\u2013A\u2013T", "\ufeff20-1234-A-T", "chr20:g.1234a>t"),
    ]
    frame = read_batch(texts, SEARCHER).frame
    assert frame["variant"].to_list() == ["20-1234-A-T"] * len(texts)
    assert [str(SEARCHER.one(text).target) for text in texts] == ["20-1234-A-T"] * len(texts)
    assert frame["normalised"].to_list() == [False] * len(texts)
    assert read_batch(["NC_000020.10:1233:A:T"], SEARCHER).frame["status"][0] == Status.WRONG_BUILD.value


@pytest.mark.parametrize("code", range(1, 26))
def test_the_last_base_of_a_chromosome_is_inside(code):
    length = contig_length(Build.GRCH38, code)
    texts = [f"{CONTIGS[code - 1]}-{position}-A-C" for position in (length, length + 1, 0)]
    batch = read_batch([*texts, f"{CONTIGS[code - 1]}-{length}-AC-A"], SEARCHER)
    outside = Status.OUTSIDE_REFERENCE.value
    last = Status.Y_PSEUDOAUTOSOMAL.value if CONTIGS[code - 1] == "Y" and batch.keys[0] == 0 else None
    assert batch.frame["status"].to_list() == [last, outside, outside, outside]


def test_names_are_read_up_to_a_limit():
    batch = read_batch(["NC_000020.11:g.1234A>T"] * (MOST_NAMES + 2) + ["20-1234-A-T"], SEARCHER)
    assert batch.frame["variant"].unique().drop_nulls().to_list() == ["20-1234-A-T"]
    assert batch.frame["status"].to_list() == [None] * MOST_NAMES + [Status.NOT_PARSEABLE.value] * 2 + [None]
    assert len(np.unique(batch.keys[:MOST_NAMES])) == 1
    assert f"Only {MOST_NAMES} items" in batch.frame["problem"][MOST_NAMES]


def test_too_many_are_refused_whole():
    with pytest.raises(InputError) as refused:
        read_batch(["20-1-A-T"] * (MOST_ITEMS + 1), SEARCHER)
    assert refused.value.code == "too_large"


def test_nothing_is_an_empty_batch():
    assert read_batch([], SEARCHER).frame.height == 0
