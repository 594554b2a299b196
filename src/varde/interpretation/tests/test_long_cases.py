"""A long case prepared and filtered in pieces says the same as one at once."""

from __future__ import annotations

import polars as pl
import pytest

from shared_data import shared_data
from varde.annotation.tests.toy import make_reference
from varde.genome import family
from varde.genome.builds import Build
from varde.genome.pedigree import read_ped
from varde.interpretation import in_pieces, preparation
from varde.interpretation.analysis import FilterSettings, PreparedCase, filter_case, prepare
from varde.interpretation.tests.test_analysis import STORY, write_vcf
from varde.quality.tests.families import trio_pedigree

TABLES = ("alleles", "consequences", "modes", "halves")


@pytest.fixture(scope="module")
def whole():
    folder = shared_data("trio", "ashkenazi")
    pedigree = read_ped(folder / "ashk-trio.ped")
    return prepare([folder / "ashk-trio.vcf.gz"], pedigree, build=Build.GRCH37)


@pytest.fixture
def in_parts(monkeypatch):
    folder = shared_data("trio", "ashkenazi")

    def pieces(*arguments, **options):
        return family.family_pieces(*arguments, **options, rows=1_500)

    monkeypatch.setattr(preparation, "family_pieces", pieces)
    return prepare([folder / "ashk-trio.vcf.gz"], read_ped(folder / "ashk-trio.ped"), build=Build.GRCH37)


def test_pieces_give_the_same_case(whole, in_parts, tmp_path):
    assert in_parts.alleles.n_chunks() >= 5
    for name in TABLES:
        assert getattr(in_parts, name).equals(getattr(whole, name)), name
    assert in_parts.quality == whole.quality
    in_parts.save(tmp_path / "case")
    assert PreparedCase.load(tmp_path / "case").alleles.equals(whole.alleles)


def test_a_long_case_is_filtered_to_the_same_candidates_and_trace(whole, monkeypatch):
    settings = FilterSettings(require_pass=False)
    at_once = filter_case(whole, settings)
    monkeypatch.setattr(in_pieces, "LONG_ROWS", 1_000)
    monkeypatch.setattr(in_pieces, "PART_ROWS", 1_000)
    assert len(list(in_pieces.parts(whole, 1_000))) == 10
    long = filter_case(whole, settings)
    assert long.counts == at_once.counts
    assert long.ranked.equals(at_once.ranked)
    words = [pl.col(name).cast(pl.String) for name in ("contig_name", "dropped_by", "parameter", "threshold")]
    assert long.trace.with_columns(*words, pl.col("rescued_by").cast(pl.String)).equals(at_once.trace)


def test_no_gene_is_cut(tmp_path):
    """The two halves of a pair stay in one part, whatever its size."""
    reference = make_reference(tmp_path / "toy")
    vcf = write_vcf(tmp_path / "f.vcf", STORY)
    case = prepare([vcf], trio_pedigree(), reference=reference)
    for rows in (1, 2, 3, 5):
        found = list(in_pieces.parts(case, rows))
        assert sum(part.alleles.height for part in found) == case.alleles.height
        assert [row for part in found for row in part.alleles["row"]] == case.alleles["row"].to_list()
        genes = [set(part.consequences["gene"].drop_nulls()) for part in found]
        assert sum(map(len, genes)) == len(set().union(*genes)) == 2
    assert len(list(in_pieces.parts(case, 1))) > 2
