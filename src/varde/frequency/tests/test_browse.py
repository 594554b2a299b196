"""Windows of an index against plain lists: the region's rows, their order, kinds, cells, coverage, and as text."""

from __future__ import annotations

import csv
import io
import random

import numpy as np
import polars as pl
import pysam
import pytest

from varde.frequency import table_text
from varde.frequency.browse import Density, Kind, Window, coverage_steps
from varde.frequency.index import FrequencyIndex, build_index
from varde.frequency.table_text import InfoField, csv_pieces, vcf_pieces
from varde.genome.builds import Build
from varde.genome.keys import encode_keys, side_table
from varde.genome.regions import Region

ROWS = 400


@pytest.fixture(scope="module")
def sites():
    """Alleles as (contig, position, ref, alt, ac, an), some long, two at many places."""
    draw = random.Random(5)
    rows = {}
    while len(rows) < ROWS:
        ref = "".join(draw.choice("ACGT") for _ in range(draw.choice([1, 1, 1, 2, 15])))
        alt = "".join(draw.choice("ACGT") for _ in range(draw.choice([1, 1, 3])))
        an = draw.choice([0, 100, 200])
        if ref != alt:
            rows[draw.choice([1, 2]), draw.randrange(1, 900), ref, alt] = (draw.randrange(0, an // 2 + 1), an)
    return sorted((*place, *numbers) for place, numbers in rows.items())


@pytest.fixture(scope="module")
def index(sites, tmp_path_factory):
    contig, position, ref, alt, ac, an = zip(*sites, strict=True)
    frame = pl.DataFrame({"key": encode_keys(contig, position, list(ref), list(alt)), "ref": ref, "alt": alt})
    frame = frame.with_columns(ac=pl.Series(ac), an=pl.Series(an)).sort("key")
    coverage = pl.DataFrame({"place": [1 << 32, (1 << 32) + 50, 2 << 32, (2 << 32) + 10], "an": [100, 0, 7, 200]})
    path = tmp_path_factory.mktemp("browse") / "index"
    long = side_table(frame.select("key", "ref", "alt"))
    build_index(path, Build.GRCH38, frame.drop("ref", "alt"), coverage, long=long, made_from={})
    return FrequencyIndex.open(path)


def window_of(index, contig=2, start=100, end=700):
    found = Window.of(index, Region(Build.GRCH38, contig, start - 1, end), ("ac", "an"))
    with np.errstate(invalid="ignore"):
        return found.beside(af=found.columns["ac"] / found.columns["an"])


def shown(window, places):
    return [row[:6] for row in window.frame(places).rows()]


@pytest.mark.parametrize(("contig", "start", "end"), [(1, 1, 900), (2, 100, 700), (2, 899, 10_000), (3, 1, 900)])
def test_a_window_holds_the_regions_sites(index, sites, contig, start, end):
    window = window_of(index, contig, start, end)
    expected = [row for row in sites if row[0] == contig and start <= row[1] <= end]
    assert sorted(shown(window, window.order("position"))) == expected
    assert [row[1] for row in shown(window, window.order("position", descending=True))] == sorted(
        (row[1] for row in expected), reverse=True
    )


def test_sorting_by_a_number_puts_missing_ones_last(index, sites):
    window = window_of(index)
    for descending in (False, True):
        rows = shown(window, window.order("af", descending=descending))
        known = [row for row in rows if row[5]]
        assert rows[: len(known)] == known
        values = [row[4] / row[5] for row in known]
        assert values == sorted(values, reverse=descending)


def test_kinds_part_the_window(index):
    window = window_of(index)
    for kind, wanted in ((Kind.SUBSTITUTION, True), (Kind.OTHER, False)):
        rows = shown(window.of_kind(kind), window.of_kind(kind).order("position"))
        everything = shown(window, window.order("position"))
        assert rows == [row for row in everything if (len(row[2]) == len(row[3]) == 1) is wanted]
    assert len(window.of_kind(Kind.ALL)) == len(window)


def test_density_counts_each_seen_site_once(index):
    window = window_of(index)
    af = np.nan_to_num(window.columns["af"])
    drawn = Density.of(window, af, columns=10, rows=4, lowest=1e-4).count
    expected = np.zeros((10, 4), dtype=int)
    for position, value in zip(window.positions.tolist(), af.tolist(), strict=True):
        if value > 0:
            decade = max(0, min(3, int(4 + np.log10(max(value, 1e-4)) // 1)))
            expected[(position - 100) * 10 // 601, decade] += 1
    assert drawn.tolist() == expected.tolist()


def test_coverage_is_given_in_stretches_of_the_region(index):
    assert coverage_steps(index, Region(Build.GRCH38, 2, 0, 20)).rows() == [(0, 10, 7), (10, 20, 200)]
    assert coverage_steps(index, Region(Build.GRCH38, 2, 10, 11)).rows() == [(10, 11, 200)]
    assert coverage_steps(index, Region(Build.GRCH38, 1, 40, 60)).rows() == [(40, 50, 100), (50, 60, 0)]


def test_csv_and_vcf_hold_every_row(index, tmp_path, monkeypatch):
    monkeypatch.setattr(table_text, "ROWS_AT_ONCE", 7)
    window = window_of(index)
    places = window.order("position")
    text = b"".join(csv_pieces(window, places, [("AC", "ac"), ("AF", "af")])).decode()
    rows = list(csv.DictReader(io.StringIO(text)))
    expected = shown(window, places)
    assert [(int(row["position"]), row["ref"], row["alt"], int(row["AC"])) for row in rows] == [
        (position, ref, alt, ac) for _, position, ref, alt, ac, _ in expected
    ]
    assert {row["contig"] for row in rows} == {"chr2"}
    assert [row["AF"] == "" for row in rows] == [row[5] == 0 for row in expected]

    fields = [
        InfoField("AC", "ac", "A", "Integer", "Alleles"),
        InfoField("AF", "af", "A", "Float", "AC / AN"),
    ]
    path = tmp_path / "sites.vcf"
    path.write_bytes(b"".join(vcf_pieces(window, places, fields, ["##source=test"])))
    with pysam.VariantFile(str(path)) as file:
        records = [(one.chrom, one.pos, one.ref, one.alts[0], one.info["AC"][0], one.info.get("AF")) for one in file]
    assert [one[:5] for one in records] == [("chr2", *row[1:5]) for row in expected]
    assert [one[5] is None for one in records] == [row[5] == 0 for row in expected]
