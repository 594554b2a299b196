"""Real cohorts: bcftools counts the same at every site, and men have one X."""

from __future__ import annotations

import gzip
import shutil
import subprocess
from collections import Counter
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from shared_data import shared_data
from varde.frequency.callable_intervals import places
from varde.frequency.count import CallableBed, Counting, count
from varde.frequency.coverage import Coverage
from varde.frequency.genotypes import Gate
from varde.frequency.lookup import Counts
from varde.frequency.sites import sites_by_sex
from varde.genome.builds import Build
from varde.genome.keys import encode_keys
from varde.genome.pedigree import Sex
from varde.genome.regions import read_bed

COHORT = ("genotypes", "1000g-chr20-grch37")


def filled_tags(*vcfs: Path) -> pl.DataFrame:
    """Position, REF, ALT, AC, AN, AC_Hom, AC_Hemi of each record, by bcftools."""
    merge = (
        ["bcftools", "merge", *map(str, vcfs), "-Ou"] if len(vcfs) > 1 else ["bcftools", "view", str(vcfs[0]), "-Ou"]
    )
    whole = subprocess.run(merge, check=True, capture_output=True).stdout
    tags = ["bcftools", "+fill-tags", "-Ou", "--", "-t", "AC,AN,AC_Hom,AC_Hemi"]
    filled = subprocess.run(tags, input=whole, check=True, capture_output=True).stdout
    text = ["bcftools", "query", "-f", r"%POS\t%REF\t%ALT\t%AC\t%AN\t%AC_Hom\t%AC_Hemi\n"]
    rows = subprocess.run(text, input=filled, check=True, capture_output=True).stdout
    names = ["position", "ref", "alt", "ac", "an", "ac_hom", "ac_hemi"]
    return pl.read_csv(rows, separator="\t", has_header=False, new_columns=names)


@pytest.mark.skipif(shutil.which("bcftools") is None, reason="bcftools not installed")
@pytest.mark.parametrize("names", [("phased_300",), ("unphased_203",), ("phased_300", "unphased_203")], ids="+".join)
def test_every_site_is_counted_as_bcftools_does(tmp_path: Path, names: tuple[str, ...]) -> None:
    vcfs = [shared_data(*COHORT, f"{name}.vcf.gz") for name in names]
    expected = filled_tags(*vcfs)
    assert expected.height == 24_990  # fill-tags stops without a word where the header lacks a contig
    count(vcfs, out=tmp_path / "counts", counting=Counting(Build.GRCH37, Gate.NONE))
    position = expected["position"].to_numpy()
    contig = np.full(len(position), 20, dtype=np.uint8)
    key = encode_keys(contig, position, expected["ref"], expected["alt"])
    found = Counts(tmp_path / "counts").annotate(key, contig, position)
    assert found["ac"].to_list() == expected["ac"].to_list()
    assert found["an"].to_list() == expected["an"].to_list()
    assert (2 * found["nhomalt"]).to_list() == expected["ac_hom"].to_list()
    assert found["nhemi"].to_list() == expected["ac_hemi"].to_list()
    assert (found["state"] == "observed").to_list() == (expected["ac"] > 0).to_list()


def people_of_known_sex() -> dict[str, Sex]:
    table = pl.read_csv(shared_data("genotypes", "1000g-samples.tsv"), separator="\t")
    return {name: Sex(sex) for name, sex in table.select("sample", "sex").iter_rows()}


def test_the_x_of_3202_people_is_counted_by_sex(tmp_path: Path) -> None:
    vcf = shared_data("genotypes", "1000g-pharmacogenes-grch38", "G6PD.vcf.gz")
    known = people_of_known_sex()
    with gzip.open(vcf, "rt") as lines:
        rows = [line.rstrip("\n").split("\t") for line in lines if not line.startswith("##")]
    sexes = {name: known.get(name, Sex.UNKNOWN) for name in rows[0][9:]}
    manifest = count([vcf], out=tmp_path / "counts", counting=Counting(Build.GRCH38, Gate.NONE), sexes=sexes).as_json()
    assert manifest["people"] == {"total": 3202, "female": 1271, "male": 1233, "unknown": 698}

    expected = {}
    people = [sexes[name] for name in rows[0][9:]]
    for row in rows[1:]:
        assert row[8] == "GT"
        seen = Counter(zip(people, row[9:], strict=True))
        women = {genotype: n for (sex, genotype), n in seen.items() if sex is Sex.FEMALE}
        men = {genotype: n for (sex, genotype), n in seen.items() if sex is Sex.MALE}
        assert set(women) <= {"0|0", "0|1", "1|0", "1|1"}
        assert set(men) <= {"0", "1"}
        heterozygous, homozygous = women.get("0|1", 0) + women.get("1|0", 0), women.get("1|1", 0)
        expected[int(row[1]), row[3], row[4]] = (
            heterozygous + 2 * homozygous + men.get("1", 0),
            2 * 1271 + 1233,
            homozygous,
            men.get("1", 0),
            2 * 1271,
            1233,
        )
    assert len(expected) == len(rows) - 1
    names = ("ac", "an", "nhomalt", "nhemi", "an_xx", "an_xy")
    sites = sites_by_sex(Counts(tmp_path / "counts").increment).filter(pl.col("ac") > 0)
    found = {row[:3]: row[3:] for row in sites.select("position", "ref", "alt", *names).iter_rows()}
    single = {allele: numbers for allele, numbers in expected.items() if numbers[0] and len(allele[1] + allele[2]) == 2}
    assert len(single) > 250
    assert {allele: found[allele] for allele in single} == single
    assert len(found) == sum(numbers[0] > 0 for numbers in expected.values())


@pytest.mark.parametrize("gate", Gate)
def test_a_gvcf_covers_what_its_blocks_cover(tmp_path: Path, gate: Gate) -> None:
    vcf = shared_data("na12878", "hc_chr21_b37.g.vcf.gz")
    count([vcf], out=tmp_path / "counts", counting=Counting(Build.GRCH37, gate))
    counts = Counts(tmp_path / "counts")

    passed, failed, carried = set(), set(), {}
    with gzip.open(vcf, "rt") as lines:
        for line in lines:
            if line.startswith("#"):
                continue
            _, pos, _, ref, alts, _, _, info, form, cell = line.rstrip("\n").split("\t")
            fields = dict(zip(form.split(":"), cell.split(":"), strict=False))
            block = alts in ("<NON_REF>", ".")
            end = int(info.partition("END=")[2].partition(";")[0] or pos) if block else int(pos)
            numbers = fields["GT"].replace("|", "/").split("/")
            good = "." not in numbers and len(numbers) == 2
            if gate is Gate.ADJ:
                good = good and int(fields.get("GQ", 0)) >= 20 and int(fields.get("DP", 0)) >= 10
            if gate is Gate.ADJ and good and len(set(numbers)) > 1:
                depths = [int(depth) for depth in fields["AD"].split(",")]
                good = all(depths[int(n)] / int(fields["DP"]) >= 0.2 for n in set(numbers) - {"0"})
            (passed if good else failed).update(range(int(pos), end + 1))
            listed = alts.split(",")
            if good and len(ref) == 1 and len(listed[0]) == 1:
                carried[int(pos), ref, listed[0]] = numbers.count("1")
    asked = np.array(sorted(passed | failed | {1, 48_000_000}), dtype=np.int64)
    (cell,) = counts.people_by_cell
    people = Coverage(counts.increment.coverage).people(
        cell.code, places(np.full(len(asked), 21, dtype=np.uint8), asked)
    )
    blocks = Counter((place - 1) // 10 for place in passed - failed)
    assert people.tolist() == [int(blocks[(place - 1) // 10] == 10) for place in asked.tolist()]
    (run,) = counts.manifest.runs
    assert run.bases_trimmed == sum(bases for bases in blocks.values() if bases < 10)
    single = counts.sites.filter((pl.col("ref").str.len_bytes() == 1) & (pl.col("alt").str.len_bytes() == 1))
    found = {row[:3]: row[3] for row in single.select("position", "ref", "alt", "ac").iter_rows()}
    assert len(found) > 500
    assert {allele: found.get(allele, 0) for allele in carried} == carried


def test_one_genome_with_its_confident_regions(tmp_path: Path) -> None:
    vcf = shared_data("na12878", "platinum_chr21_b37.vcf.gz")
    bed = next(shared_data("na12878").glob("platinum_chr21_b37*.bed*"))
    count([vcf], out=tmp_path / "counts", counting=Counting(Build.GRCH37, Gate.NONE), callable_beds=[CallableBed(bed)])
    counts = Counts(tmp_path / "counts")
    covered = read_bed(bed, Build.GRCH37)
    position = np.random.default_rng(7).integers(9_400_000, 48_000_000, size=20_000)
    contig = np.full(len(position), 21, dtype=np.uint8)
    variant = counts.sites["position"].unique().cast(pl.Int64).to_numpy()
    first = (position - 1) // 10 * 10 + 1
    inside = np.all([covered.covers(contig, first + i) for i in range(10)], axis=0)
    elsewhere = ~np.isin(position, variant)
    an = counts.annotate(np.full(len(position), 1 << 62, dtype=np.uint64), contig, position)["an"].to_numpy()
    assert an[elsewhere].tolist() == (2 * inside[elsewhere]).tolist()
    assert (an[elsewhere] == 2).sum() > 5_000
    assert set(counts.sites["an"].unique()) == {2}
