"""Calls against a truth: by the definition, by a slow reference, by planted differences, and by equal haplotypes."""

from __future__ import annotations

import random
from collections.abc import Sequence
from pathlib import Path

import pysam
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared_data import shared_data
from varde.genome.builds import Build
from varde.genome.reference_files import Contig
from varde.genome.references import Reference, ReferenceStore
from varde.genome.regions import Region, RegionSet, read_bed
from varde.genome.vcf import read_whole_vcf
from varde.quality.concordance import Concordance, Share, compare_calls
from varde.quality.concordance_replay import Carried, Window, equal_parts

LENGTH = 3000
HEADER = (
    '##fileformat=VCFv4.2\n##FILTER=<ID=LOWQUAL,Description="low">\n##FORMAT=<ID=GT,Number=1,Type=String,Description="g">\n'
    "##contig=<ID=chr21,length=46709983>\n#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\tS\n"
)
Row = tuple[int, str, str, str] | tuple[int, str, str, str, str]


@pytest.fixture(scope="module")
def bases() -> str:
    drawn = random.Random(5)
    return "".join(drawn.choice("ACGT") for _ in range(LENGTH))


@pytest.fixture(scope="module")
def reference(bases: str, tmp_path_factory: pytest.TempPathFactory) -> Reference:
    folder = tmp_path_factory.mktemp("reference")
    (folder / "made.fa").write_text(f">chr21\n{bases}\n")
    store = ReferenceStore(folder / "store")
    store.add(folder / "made.fa", None, Build.GRCH38, "made")
    assert isinstance(store.get("made").contig(21), Contig)
    return store.get("made")


@pytest.fixture
def compared(reference: Reference, tmp_path: Path):
    def compare(
        truth: Sequence[Row],
        calls: Sequence[Row],
        regions: Sequence[tuple[int, int]] = ((0, LENGTH),),
        **options: object,
    ) -> Concordance:
        tables = []
        for name, rows in (("truth", truth), ("calls", calls)):
            path = tmp_path / f"{name}.vcf"
            lines = [
                f"chr21\t{row[0]}\t.\t{row[1]}\t{row[2]}\t.\t{row[4] if len(row) > 4 else 'PASS'}\t.\tGT\t{row[3]}\n"
                for row in sorted(rows)
            ]
            path.write_text(HEADER + "".join(lines))
            tables.append(read_whole_vcf(path))
        known = RegionSet.of(Build.GRCH38, [Region(Build.GRCH38, 21, *one) for one in regions])
        return compare_calls(tables[0], tables[1], [known], **{"reference": reference, **options})

    return compare


def other(base: str, step: int = 1) -> str:
    return "ACGT"[("ACGT".index(base) + step) % 4]


def snv(bases: str, position: int, genotype: str = "0/1", step: int = 1) -> Row:
    return position, bases[position - 1], other(bases[position - 1], step), genotype


def test_equal_missed_invented_and_wrong_copies_are_counted_by_the_definition(bases: str, compared) -> None:
    truth = [snv(bases, 100), snv(bases, 300, "1/1"), snv(bases, 500), snv(bases, 700, "0|1")]
    calls = [snv(bases, 100), snv(bases, 300, "0/1"), snv(bases, 700, "1/0"), snv(bases, 900)]
    found = compared(truth, calls)
    tally = found.strata["all"]
    assert (tally.truth_found, tally.false_negative, tally.calls_right, tally.false_positive) == (2, 2, 2, 2)
    assert tally.genotype_error == 1
    assert (tally.recall.value, tally.precision.value, tally.f1) == (0.5, 0.5, 0.5)
    assert found.strata["hom"].false_negative == 1
    assert found.strata["het"].false_positive == 2
    assert found.differences.select("position", "verdict").rows() == [(300, "genotype"), (500, "fn"), (900, "fp")]
    assert found.strata["snv"] == tally
    assert "coding" not in found.strata


def test_outside_the_regions_and_filtered_is_not_assessed(bases: str, compared) -> None:
    deletion = (192, bases[191:204], bases[191], "0/1")
    truth = [snv(bases, 100), snv(bases, 200), deletion, (*snv(bases, 150), "LOWQUAL")]
    found = compared(truth, [snv(bases, 400), snv(bases, 200)], regions=((150, 200),))
    assert (found.truth_not_assessed, found.calls_not_assessed) == (2, 1)
    assert found.strata["all"].truth_found == 1
    assert (found.strata["all"].false_negative, found.strata["all"].false_positive) == (0, 0)


def test_strata_follow_length_zygosity_and_coding(bases: str, compared) -> None:
    def insertion(position: int, length: int) -> Row:
        base = bases[position - 1]
        return position, base, base + other(bases[position]) * length, "1/1"

    truth = [snv(bases, 50), insertion(200, 5), insertion(400, 6), insertion(600, 15), insertion(800, 16)]
    coding = RegionSet.of(Build.GRCH38, [Region(Build.GRCH38, 21, 0, 300)])
    found = compared(truth, [], coding=coding)
    missed = {name: tally.false_negative for name, tally in found.strata.items()}
    assert missed == {
        **{"all": 5, "snv": 1, "mnv": 0, "indel_1_5": 1, "indel_6_15": 2, "indel_over_15": 1},
        **{"het": 1, "hom": 4, "coding": 2},
    }
    assert found.strata["all"].recall.value == 0
    assert found.strata["all"].precision.value is None
    assert found.strata["all"].f1 is None


def test_the_same_sequence_written_otherwise_is_equal(bases: str, compared) -> None:
    two = bases[99:101]
    changed = other(two[0]) + other(two[1])
    mnv = [(100, two, changed, "0/1")]
    singles = [snv(bases, 100), snv(bases, 101)]
    found = compared(mnv, singles)
    assert (found.strata["all"].truth_found, found.strata["all"].false_negative) == (1, 0)
    assert (found.strata["all"].calls_right, found.strata["all"].false_positive) == (2, 0)
    assert found.replayed == 3
    # A deletion and a changed base beside it, against one replacement.
    replacement = [(300, bases[299:304], other(bases[303]), "1/1")]
    parts = [(299, bases[298:303], bases[298], "1/1"), snv(bases, 304, "1/1")]
    assert compared(replacement, parts).strata["all"].false_positive == 0
    # Left alone, one of two calls is still an error.
    wrong = [*singles, snv(bases, 110)]
    assert compared(mnv, wrong).strata["all"].false_positive == 1
    # On different haplotypes it is another sequence only for a homozygote beside it: copies must agree.
    assert compared(mnv, [snv(bases, 100, "1/1"), snv(bases, 101)]).strata["all"].truth_found == 0


def test_a_shifted_indel_is_one_allele(compared, bases: str, reference: Reference, tmp_path: Path) -> None:
    place = next(i for i in range(200, LENGTH) if bases[i] == bases[i + 1] == bases[i + 2] != bases[i - 1])
    left = (place, bases[place - 1 : place + 1], bases[place - 1], "0/1")
    right = (place + 2, bases[place + 1 : place + 3], bases[place + 1], "0/1")
    found = compared([left], [right])
    assert (found.strata["all"].truth_found, found.replayed) == (1, 0)
    assert compared([left], [right], reference=None).strata["all"].truth_found == 0


def test_two_alternates_and_one_copy_sites(bases: str, compared) -> None:
    base = bases[99]
    both = [(100, base, f"{other(base)},{other(base, 2)}", "1/2")]
    assert compared(both, both).strata["het"].truth_found == 2
    assert compared(both, [(100, base, other(base), "0/1")]).strata["all"].false_negative == 1
    assert compared([snv(bases, 100, "1")], [snv(bases, 100, "1/1")]).strata["hom"].truth_found == 1
    assert compared([snv(bases, 100)], [snv(bases, 100, "./1")]).strata["het"].truth_found == 1
    assert compared([snv(bases, 100)], [snv(bases, 100, "./.")]).strata["all"].false_negative == 1


def test_too_many_neighbours_are_not_tried_and_said(bases: str, compared) -> None:
    truth = [snv(bases, position) for position in range(100, 110)]
    calls = [snv(bases, position, step=2) for position in range(100, 110)]
    found = compared(truth, calls)
    assert (found.too_dense, found.strata["all"].false_positive) == (1, 10)


def test_wilson_intervals_are_those_of_the_literature() -> None:
    # Newcombe 1998 (doi:10.1002/(SICI)1097-0258(19980430)17:8<857::AID-SIM777>3.0.CO;2-E), table I, method 3.
    for part, whole, low, high in ((81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611)):
        interval = Share(part, whole).interval
        assert interval is not None
        assert [round(bound, 4) for bound in interval] == [low, high]
    one = Share(1, 29).interval
    assert one is not None
    assert [round(bound, 4) for bound in one] == [0.0061, 0.1718]
    assert Share(0, 0).interval is None


@given(st.data())
@settings(max_examples=40, deadline=None)
def test_any_cutting_of_a_haplotype_into_variants_replays_to_it(data: st.DataObject) -> None:
    """Truth: single changes. Calls: the same haplotypes, neighbouring changes joined with the bases between them."""
    bases = data.draw(st.text("ACGT", min_size=30, max_size=30))
    places = sorted(data.draw(st.sets(st.integers(2, 25), min_size=2, max_size=4)))
    truth = [Carried(place, place + 1, other(bases[place]), both=True) for place in places]
    cut = data.draw(st.integers(1, len(places) - 1))
    first, last = places[0], places[cut]
    joined = "".join(other(base) if first + i in places else base for i, base in enumerate(bases[first : last + 1]))
    calls = [Carried(first, last + 1, joined, both=True), *truth[cut + 1 :]]
    window = Window(tuple(truth), tuple(calls), tuple(range(cut + 1)), (0,))
    assert equal_parts(window, lambda start, end: bases[start:end]) == (tuple(range(cut + 1)), (0,))
    spoilt = Window(tuple(truth), (calls[0], *calls[1:]), tuple(range(cut)), (0,))
    if cut > 1:
        assert equal_parts(spoilt, lambda start, end: bases[start:end]) == (tuple(range(cut)), (0,))


@given(st.data())
@settings(max_examples=40, deadline=None)
def test_matching_agrees_with_a_slow_reference(data: st.DataObject) -> None:
    """By dictionaries, one allele at a time; far apart, so that nothing is replayed."""
    import tempfile

    side = st.dictionaries(st.integers(1, 25), st.sampled_from(["0/1", "1/1", "1|0", "1"]), max_size=20)
    truth, calls = data.draw(side), data.draw(side)
    known = sorted(data.draw(st.sets(st.integers(1, 25))))

    def rows(genotypes: dict[int, str]) -> str:
        return "".join(f"chr21\t{100 * i}\t.\tA\tC\t.\tPASS\t.\tGT\t{gt}\n" for i, gt in sorted(genotypes.items()))

    with tempfile.TemporaryDirectory() as folder:
        tables = []
        for name, genotypes in (("t", truth), ("c", calls)):
            path = Path(folder) / f"{name}.vcf"
            path.write_text(HEADER + rows(genotypes))
            tables.append(read_whole_vcf(path))
    regions = RegionSet.of(Build.GRCH38, [Region(Build.GRCH38, 21, 100 * i - 50, 100 * i + 40) for i in known])
    tally = compare_calls(tables[0], tables[1], [regions]).strata["all"]
    hom = {"1/1", "1"}
    equal = sum(i in known and i in calls and (calls[i] in hom) == (gt in hom) for i, gt in truth.items())
    assert tally.truth_found == tally.calls_right == equal
    assert tally.false_negative == sum(i in known for i in truth) - equal
    assert tally.false_positive == sum(i in known for i in calls) - equal
    assert tally.genotype_error == sum(i in known and i in calls for i in truth) - equal


def test_na12878_calls_against_the_platinum_truth() -> None:
    """Real calls of chromosome 21 where caller and truth know the place, against pysam and sets. No reference of
    chromosome 21 is among the shared data: alleles are trimmed only."""
    folder = shared_data("na12878")
    truth, calls = folder / "platinum_chr21_b37.vcf.gz", folder / "hc_chr21_b37.g.vcf.gz"
    confident = read_bed(folder / "platinum_chr21_b37.confident.bed.gz", Build.GRCH37)
    called = RegionSet.of(Build.GRCH37, [Region(Build.GRCH37, 21, 19_999_928, 21_500_000)])
    found = compare_calls(read_whole_vcf(truth), read_whole_vcf(calls), [confident, called])
    slow = [_passing_snvs(path) for path in (truth, calls)]
    inside = {
        key for key in slow[0] | slow[1] if 19_999_928 < key[0] <= 21_500_000 and confident.covers(*_arrays(key[0]))[0]
    }
    equal = {key for key in slow[0].keys() & slow[1].keys() & inside if slow[0][key] == slow[1][key]}
    tally = found.strata["snv"]
    assert tally.truth_found == tally.calls_right == len(equal) > 1000
    assert tally.false_negative == len(slow[0].keys() & inside) - len(equal)
    assert tally.false_positive == len(slow[1].keys() & inside) - len(equal)
    assert tally.recall.value is not None
    assert tally.recall.value > 0.95


def _arrays(position: int):
    import numpy as np

    return np.array([21], dtype=np.uint8), np.array([position])


def _passing_snvs(path: Path) -> dict[tuple[int, str, str], bool]:
    """Position, REF and ALT of the first sample's SNVs, and whether all called alleles are that one."""
    found: dict[tuple[int, str, str], bool] = {}
    with pysam.VariantFile(str(path)) as file:
        for row in file:
            if set(row.filter.keys()) - {"PASS"} or not row.alts:
                continue
            called = [allele for allele in row.samples[0].get("GT", ()) if allele is not None]
            for number, alt in enumerate(row.alts, start=1):
                if number in called and len(row.ref) == len(alt) == 1:
                    found.setdefault((row.pos, row.ref, alt), set(called) == {number})
    return found
