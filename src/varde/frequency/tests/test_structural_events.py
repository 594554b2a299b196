"""Which counted events are like a call: against every pair compared, and whatever the order of arrival."""

from __future__ import annotations

import random

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from varde.frequency.cells import Assay, Cell, DiseaseGroup
from varde.frequency.increment import STRUCTURAL, Increment
from varde.frequency.structural_clusters import CALL, StructuralCall, clusters
from varde.frequency.structural_events import EventCounts, StructuralEvents
from varde.frequency.structural_notation import looks_structural, parse_event
from varde.frequency.tests.structural_oracle import (
    MAN,
    UNKNOWN,
    WOMAN,
    deletion,
    increment,
    same_event,
    slow_clusters,
    some_calls,
)
from varde.genome.builds import Build
from varde.genome.errors import InputError
from varde.genome.pedigree import Sex


def test_events_like_a_call_with_counts_and_denominator():
    counted = [deletion(1000, 2000, 4), deletion(1300, 2300, 2, 1), deletion(9000, 9900)]
    events = StructuralEvents.of(increment(counted, {WOMAN: 9, MAN: 3}))
    found = events.like(StructuralCall("DEL", 1, 1100, 2100))
    assert found.select("start", "ac", "an", "people", "nobs", "nhomalt", "overlap", "distance").rows() == [
        (1000, 4, 24, 12, 4, 0, pytest.approx(901 / 1001), 100),
        (1300, 4, 24, 12, 3, 1, pytest.approx(801 / 1001), 200),
    ]
    assert events.people == 12
    for other in (("DUP", 1, 1000, 2000), ("DEL", 2, 1000, 2000), ("DEL", 1, 5000, 6000)):
        assert events.like(StructuralCall(*other)).height == 0


def test_a_call_is_like_an_event_by_any_of_its_calls():
    """The question is linked with one call of the two; how many people carry that one is told apart."""
    chain = [deletion(1000, 2999, 5), deletion(1350, 3349, 2)]
    events = StructuralEvents.of(increment(chain, {WOMAN: 9}))
    assert events.clusters["calls"].to_list() == [2]
    found = events.like(StructuralCall("DEL", 1, 1600, 3599)).row(0, named=True)
    assert (found["start"], found["nobs"], found["calls"], found["calls_alike"], found["carriers_alike"]) == (
        1000, 7, 2, 1, 2,
    )  # fmt: skip
    assert (found["overlap"], found["distance"]) == (pytest.approx(1400 / 2000), 600)


def test_a_question_for_copy_number_is_put_to_losses_and_gains():
    gain = ("DUP", 1, 1000, 2000, 0, 0, 1001, WOMAN.code, 1, 0, 0)
    events = StructuralEvents.of(increment([deletion(1000, 2000, 4), gain], {WOMAN: 9}))
    asked = {kind: events.like(StructuralCall(kind, 1, 1000, 2000))["kind"].to_list() for kind in ("CNV", "DEL", "INV")}
    assert asked == {"CNV": ["DEL", "DUP"], "DEL": ["DEL"], "INV": []}


def test_counts_of_an_event_by_part_and_by_region():
    heart = Cell(Sex.FEMALE, DiseaseGroup.HEART, Assay.GENOME)
    calls = [deletion(1000, 2000, 4), deletion(1010, 2010, 1, 1, cell=heart), deletion(70_000, 80_000, 5)]
    events = StructuralEvents.of(increment(calls, {WOMAN: 9, heart: 4}))
    event = events.row_of(StructuralCall("DEL", 1, 1010, 2010, length=1001))
    assert event == 0
    assert events.counts(0) == EventCounts(ac=7, an=26, homozygotes=1, hemizygotes=0, carriers=6, people=13)
    assert events.counts(0, [heart]) == EventCounts(3, 8, 1, 0, 2, 4)
    region = increment([deletion(1010, 2010, 2), deletion(5000, 6000, 3)], {WOMAN: 5})
    assert events.counts(0, increment=region) == EventCounts(2, 10, 0, 0, 2, 5)
    assert events.row_of(StructuralCall("DEL", 1, 1011, 2010, length=1000)) is None


def test_who_was_read_follows_the_sex():
    events = StructuralEvents.of(increment([], {WOMAN: 10, MAN: 5, UNKNOWN: 4}))
    assert events.people_at(StructuralCall("DEL", 23, 5_000_000, 5_001_000)) == EventCounts(0, 25, 0, 0, 0, 15)
    assert events.people_at(StructuralCall("DEL", 24, 5_000_000, 5_001_000)) == EventCounts(0, 5, 0, 0, 0, 5)
    assert events.people_at(StructuralCall("DEL", 1, 1, 2)) == EventCounts(0, 38, 0, 0, 0, 19)
    assert events.like(StructuralCall("DEL", 1, 1, 2)).height == 0
    nobody = StructuralEvents.of(Increment.empty(Build.GRCH38))
    assert (nobody.people, nobody.people_at(StructuralCall("DEL", 1, 1, 2)).an) == (0, 0)


def test_events_of_a_region_include_those_whose_mate_is_there():
    pair = ("BND", 1, 500, 500, 2, 900, 0, WOMAN.code, 1, 0, 0)
    events = StructuralEvents.of(increment([deletion(1000, 2000), deletion(8000, 9000), pair], {WOMAN: 9}))
    assert events.touching(1, 2000, 8000)["start"].to_list() == [1000, 8000]
    assert events.touching(1, 2001, 7999).height == 0
    assert events.touching(2, 900, 900).select("kind", "event").rows() == [("BND", 2)]


@settings(max_examples=150, deadline=None)
@given(some_calls(), some_calls(), st.randoms(use_true_random=False))
def test_pairs_are_those_of_every_comparison_in_any_order(counted, asked, order: random.Random):
    order.shuffle(counted)
    events = StructuralEvents.of(increment([(*one, WOMAN.code, 1, 0, 0) for one in counted], {WOMAN: 99}))
    groups = [events.calls_of(event).select(CALL).rows() for event in range(events.clusters.height)]
    assert {frozenset(group) for group in groups} == slow_clusters(counted)
    expected = [
        (i, event, alike, alike)
        for i, one in enumerate(asked)
        for event, group in enumerate(groups)
        if (alike := sum(same_event(one, other) for other in group))
    ]
    frame = pl.DataFrame(asked, schema={name: STRUCTURAL[name] for name in CALL}, orient="row")
    assert events.pairs(frame).rows() == expected


@settings(max_examples=60, deadline=None)
@given(some_calls())
def test_every_counted_call_finds_its_own_event_and_likeness_is_mutual(counted):
    events = StructuralEvents.of(increment([(*one, WOMAN.code, 1, 0, 0) for one in counted], {WOMAN: 99}))
    assert events.clusters.equals(clusters(events.increment))
    for one in counted:
        call = StructuralCall(*one)
        alike = events.like(call)
        assert events.row_of(call) in alike["event"].to_list()
        for event in alike["event"].to_list():  # whoever of that event asks is answered with this call's
            others = [StructuralCall(*row) for row in events.calls_of(event).select(CALL).rows()]
            assert any(events.row_of(call) in events.like(other)["event"].to_list() for other in others)


@settings(max_examples=100, deadline=None)
@given(some_calls())
def test_what_is_written_is_read_again(counted):
    for one in counted:
        call = StructuralCall(*one)
        assert (looks_structural(str(call)), parse_event(Build.GRCH38, str(call))) == (True, call)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("X:31000000-31200000:DEL", ("DEL", 23, 31_000_000, 31_200_000, 0, 0, 200_001)),
        ("chrX:31,000,000-31,200,000 del", ("DEL", 23, 31_000_000, 31_200_000, 0, 0, 200_001)),
        ("gain NC_000007.14:1000-2000", ("DUP", 7, 1000, 2000, 0, 0, 1001)),
        ("7-1000-2000-<DUP:TANDEM>", ("DUP", 7, 1000, 2000, 0, 0, 1001)),
        ("7:1000:INS:300", ("INS", 7, 1000, 1000, 0, 0, 300)),
        ("7-1000-INS", ("INS", 7, 1000, 1000)),
        ("5:2000-2:1000:TRA", ("BND", 2, 1000, 1000, 5, 2000)),
        ("chr7 999 . N <DEL> . PASS SVTYPE=DEL;END=2000", ("DEL", 7, 1000, 2000, 0, 0, 1001)),
        ("7\t999\t.\tN\t<CN3>\t.\tPASS\tEND=2000", ("DUP", 7, 1000, 2000, 0, 0, 1001)),
        ("7 999 . N <INS> . . SVLEN=80", ("INS", 7, 999, 999, 0, 0, 80)),
        ("5-2000-N-N]2:1000]", ("BND", 2, 1000, 1000, 5, 2000)),
        ("referenceName=7&start=999&end=2000&variantType=DEL", ("DEL", 7, 1000, 2000, 0, 0, 1001)),
        ("referenceName=chr7&start=1000&end=1001&variantType=SO:0000667", ("INS", 7, 1000, 1000)),
    ],
)
def test_notations(text, expected):
    assert (looks_structural(text), parse_event(Build.GRCH38, text)) == (True, StructuralCall(*expected))


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("7:2000-1000:DEL", "bad_interval"),
        ("7:0-1000:DEL", "bad_interval"),
        ("7:1-159345974:DEL", "bad_interval"),
        ("7:159345974:INS", "bad_interval"),
        ("2:1000-5:999999999:BND", "bad_interval"),
        ("7:1000-2000:STR", "unknown_kind"),
        ("7:1000-2000:<STR>", "unknown_kind"),
        ("Q:1000-2000:DEL", "bad_contig"),
        ("NC_000007.13:1000-2000:DEL", "wrong_build"),
        ("MT:1000-2000:DEL", "mitochondrial"),
        ("Y:20000-30000:DEL", "y_pseudoautosomal"),
        ("2:1000-Y:20000:BND", "y_pseudoautosomal"),
        ("7:1000:DEL", "bad_event"),
        ("7:1000:BND", "bad_event"),
        ("2:1000-5:2000:DEL", "bad_event"),
        ("7 999 . N <DEL> . PASS SVTYPE=DEL", "bad_event"),
        ("7 999 . N <DEL> . PASS END=900", "bad_interval"),
        ("7 999 . N <DEL>,<DUP> . PASS END=1900", "bad_event"),
        ("7 999 . N <STR3> . PASS END=1900", "unknown_kind"),
        ("referenceName=7&start=999&variantType=DEL", "bad_event"),
        ("referenceName=7&start=x&end=2&variantType=DEL", "bad_interval"),
        ("referenceName=7&start=2000&end=999&variantType=DEL", "bad_interval"),
    ],
)
def test_nonsense_is_refused(text, code):
    assert looks_structural(text)
    with pytest.raises(InputError) as refused:
        parse_event(Build.GRCH38, text)
    assert (refused.value.code, refused.value.field) == (code, "event")


@pytest.mark.parametrize(
    "text",
    ["7:1000-2000", "20-1234-A-T", "20 1234 A T", "20\t1234\t.\tA\tT", "INS", "INV:c.3del", "GENE:c.8del", "rs334",
     "NC_000020.11:g.1000_2000del", "NC_000020.11:1233:2:T", "20:1234:A:T", "20 9 . A <NON_REF>",
     f"20-9-A-{'AC' * 40}"],
)  # fmt: skip
def test_other_notations_are_left_to_their_readers(text):
    assert not looks_structural(text)
