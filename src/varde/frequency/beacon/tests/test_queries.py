"""Queries against the synthetic CINECA variants (GRCh37, chromosome 22) and a slow reading of their table."""

from __future__ import annotations

import csv
import gzip

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared_data import shared_data
from varde.frequency.beacon.held import exact_holdings
from varde.frequency.beacon.query import kind_of, read_query
from varde.frequency.beacon.records import record
from varde.frequency.beacon.request import MOST_RECORDS, BeaconRequest, from_body, from_query
from varde.frequency.index import FrequencyIndex, build_index
from varde.frequency.search import Searcher
from varde.genome.builds import Build
from varde.genome.errors import InputError
from varde.genome.keys import encode_keys, is_hashed

SEARCHER = Searcher(Build.GRCH37)
CONTIG, ALLELES = 22, 5_008
PLACE = {"assemblyId": ["hg19"], "referenceName": ["chr22"]}


@pytest.fixture(scope="session")
def table():
    """Rows of position, ref, alt, ac and nobs, sorted by position; each allele once, letters only."""
    found = {}
    with gzip.open(shared_data("beacon", "genomicVariations.csv.gz"), "rt") as text:
        for row in csv.DictReader(text):
            ref, alt = row["variation|referenceBases"], row["variation|alternateBases"]
            start = int(row["variation|location|interval|start|value"])
            carried = row["caseLevelData|zygosity|label"].split("|")
            if ref and alt and not set(ref + alt) - set("ACGT"):
                found[start + 1, ref, alt] = (sum(one.count("1") for one in carried), len(carried))
    return [(*allele, *counts) for allele, counts in sorted(found.items())]


@pytest.fixture(scope="session")
def held(table, tmp_path_factory):
    path = tmp_path_factory.mktemp("cineca") / "index"
    position, ref, alt, ac, nobs = (list(column) for column in zip(*table, strict=True))
    keys = encode_keys([CONTIG] * len(table), position, ref, alt)
    counted = {"ac": ac, "an": [ALLELES] * len(ac), "nhomalt": [0] * len(ac), "nhemi": [0] * len(ac), "nobs": nobs}
    frame = pl.DataFrame({"key": keys, "ref": ref, "alt": alt, **counted}).sort("key")
    coverage = pl.DataFrame({"place": pl.Series([CONTIG << 32], dtype=pl.UInt64), "an": [ALLELES]})
    long = frame.filter(pl.Series(is_hashed(frame["key"].to_numpy()))).select("key", "ref", "alt")
    build_index(path, Build.GRCH37, frame.drop("ref", "alt"), coverage, long=long, made_from={})
    return exact_holdings(FrequencyIndex.open(path), "1", "https://example.org")


def found(held, **fields):
    query = PLACE | {name: [str(value)] for name, value in fields.items()}
    told = held.find(read_query(from_query(query), SEARCHER), 0, len(held.index))
    assert told.total == told.page.height
    return sorted(told.page.select("position", "ref", "alt", "ac", "nobs").iter_rows())


def slowly(table, keeps):
    return [row for row in table if keeps(row, row[0] - 1, row[0] - 1 + len(row[1]))]


def test_the_table_is_not_empty(table, held):
    assert len(table) == len(held.index) > 900


def test_every_variant_is_found_by_its_sequence(table, held):
    for row in table[::7]:
        told = found(held, start=row[0] - 1, referenceBases=row[1], alternateBases=row[2])
        assert told == [row]
        assert row in found(held, start=row[0] - 1, alternateBases="N" * len(row[2]))
        assert found(held, start=row[0] - 1, referenceBases=row[1], alternateBases=row[2] + "ACGTACGTACGTA") == []


PLACES = st.integers(16_050_000, 16_120_000)


@settings(max_examples=60, deadline=None)
@given(one=PLACES, width=st.integers(1, 20_000), inner=st.integers(1, 500))
def test_ranges_and_brackets(table, held, one, width, inner):
    low, high = one, one + width
    assert found(held, start=low, end=high) == slowly(table, lambda _, start, end: start < high and end > low)
    expected = slowly(table, lambda _, start, end: low <= start < high and low + inner <= end < high + inner)
    assert found(held, start=f"{low},{high}", end=f"{low + inner},{high + inner}") == expected


@pytest.mark.parametrize("kind", ["SNP", "DEL", "INS", "DELINS", "MNP"])
def test_types_and_lengths(table, held, kind):
    assert found(held, variantType=kind) == slowly(table, lambda row, *_: kind_of(row[1], row[2]) == kind)
    long = slowly(table, lambda row, *_: len(row[1]) != len(row[2]))
    assert set(found(held, variantMinLength=2)) <= set(long)


@pytest.mark.parametrize(("operator", "bound"), [(">", 0.01), ("<=", 0.01), (">=", 1 / ALLELES), ("!", 0.5)])
def test_frequencies(table, held, operator, bound):
    share = {">": float.__gt__, "<=": float.__le__, ">=": float.__ge__, "!": float.__ne__}[operator]
    expected = slowly(table, lambda row, *_: share(row[3] / ALLELES, bound))
    assert found(held, filters=f"alleleFrequency{operator}{bound!r}") == expected


def test_a_record_tells_the_counts(table, held):
    row = table[0]
    query = PLACE | {"start": [str(row[0] - 1)], "referenceBases": [row[1]], "alternateBases": [row[2]]}
    (site,) = held.find(read_query(from_query(query), SEARCHER), 0, 1).page.iter_rows(named=True)
    told = record(held, site, None)
    assert told["variantInternalId"] == f"22-{row[0]}-{row[1]}-{row[2]}"
    assert told["variation"]["location"]["interval"]["start"]["value"] == row[0] - 1
    frequencies = told["frequencyInPopulations"][0]["frequencies"]
    assert frequencies == [
        {"population": "everybody counted", "alleleFrequency": row[3] / ALLELES, "ac": row[3]} | {"an": ALLELES}
    ]


QUERIES = {
    "everything": {},
    "range": PLACE | {"start": ["0"], "end": ["50000000"]},
    "bracket": PLACE | {"start": ["0,50000000"], "end": ["0,50000001"]},
    "substitutions": {"filters": ["SO:0001483"]},
    "frequent": {"filters": ["alleleFrequency>0.01"]},
}


@pytest.mark.parametrize("name", QUERIES)
@pytest.mark.parametrize("piece", [100, 1 << 18])
def test_pages_together_are_all_that_is_found(held, table, monkeypatch, name, piece):
    monkeypatch.setattr("varde.frequency.beacon.holdings.PIECE", piece)
    query = read_query(from_query(QUERIES[name]), SEARCHER)
    pages = [held.find(query, first, first + 97) for first in range(0, len(table) + 97, 97)]
    together = pl.concat([one.page for one in pages])
    expected = {
        "substitutions": slowly(table, lambda row, *_: len(row[1]) == len(row[2]) == 1),
        "frequent": slowly(table, lambda row, *_: row[3] / ALLELES > 0.01),
    }.get(name, table)
    assert {one.total for one in pages} == {len(expected)}
    assert together["key"].is_sorted()
    assert sorted(together.select("position", "ref", "alt", "ac", "nobs").rows()) == expected
    assert held.find(query, 0, 0).page.height == 0
    beyond = held.find(query, 10**9, 10**9 + 5)
    assert (beyond.total, beyond.page.height) == (len(expected), 0)


def test_what_nobody_carries_is_not_found(tmp_path):
    keys = encode_keys([22] * 5, [10, 20, 30, 40, 50], ["A"] * 5, ["C"] * 5)
    columns = {"ac": [1, 0, 1, 0, 1], "an": [9] * 5, "nhomalt": [0] * 5, "nhemi": [0] * 5, "nobs": [1, 0, 1, 0, 1]}
    coverage = pl.DataFrame({"place": pl.Series([22 << 32], dtype=pl.UInt64), "an": [9]})
    build_index(tmp_path / "i", Build.GRCH37, pl.DataFrame({"key": keys, **columns}), coverage, made_from={})
    few = exact_holdings(FrequencyIndex.open(tmp_path / "i"), "1", "https://example.org")
    everything = read_query(from_query({}), SEARCHER)
    told = few.find(everything, 1, 3)
    assert (told.total, told.page["position"].to_list()) == (3, [30, 50])
    assert few.find(everything, 3, 6).page.height == 0
    inside = read_query(from_query(PLACE | {"start": ["15"], "end": ["45"]}), SEARCHER)
    assert (few.find(inside, 0, 9).total, few.find(inside, 0, 9).page["position"].to_list()) == (1, [30])


def test_pages_are_counted_in_limits():
    assert BeaconRequest(skip=3, limit=10).page == (30, 40)
    assert BeaconRequest(skip=0, limit=0).page == (0, MOST_RECORDS)
    assert BeaconRequest(skip=2, limit=10**9).page == (2 * MOST_RECORDS, 3 * MOST_RECORDS)


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ([], None),
        ({"query": 1}, None),
        ({"query": {"requestParameters": {"start": [1, 2, 3]}}}, "start"),
        ({"query": {"requestParameters": {"start": [True]}}}, "start"),
        ({"query": {"requestParameters": {"start": [-1]}}}, "start"),
        ({"query": {"requestParameters": {"geneId": "\ud800"}}}, "geneId"),
        ({"query": {"filters": [{"operator": "="}]}}, "filters"),
        ({"query": {"filters": ["x"] * 21}}, "filters"),
        ({"query": {"pagination": {"limit": 1.5}}}, "limit"),
        ({"query": {"includeResultsetResponses": "SOME"}}, "includeResultsetResponses"),
    ],
)
def test_a_body_that_cannot_be_used_names_the_field(body, field):
    with pytest.raises(InputError) as refused:
        from_body(body)
    assert refused.value.code == "bad_request"
    assert field is None or refused.value.field == field
