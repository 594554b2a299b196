"""Quality metrics: against slow loops and by hand, and the known figures of the real trio."""

from __future__ import annotations

from itertools import product

import numpy as np
import polars as pl
import pytest

from shared_data import shared_data
from varde.genome.builds import Build
from varde.genome.pedigree import Pedigree, Person, Sex, read_ped
from varde.genome.records import AlleleTable, concatenate
from varde.quality.assess import assess
from varde.quality.calls import read_calls
from varde.quality.kinship import Relation, kinship_metric, pair_counts, relation
from varde.quality.mendel import MendelCounts, TrioColumns, mendel_counts
from varde.quality.report import Light, Metric, QualityReport
from varde.quality.sex import sex_check
from varde.quality.tests.families import call, read_with_pysam, table_of, trio_pedigree, trio_table
from varde.quality.thresholds import RULES_VERSION, Assay

NAMES = ("child", "mother", "father")


def founders(people: int, sites: int, seed: int) -> np.ndarray:
    """Unrelated genotypes [sites, people, 2] at common autosomal sites."""
    draw = np.random.default_rng(seed)
    frequency = draw.uniform(0.2, 0.8, sites)
    return (draw.random((sites, people, 2)) < frequency[:, None, None]).astype(np.int8)


def child_of(mother: np.ndarray, father: np.ndarray, seed: int) -> np.ndarray:
    draw = np.random.default_rng(seed)
    sites = np.arange(len(mother))
    return np.stack([p[sites, draw.integers(0, 2, len(sites))] for p in (mother, father)], axis=1)


def table_from(genotypes: dict[str, np.ndarray], contig: int = 1, position: int = 1_000) -> AlleleTable:
    """A well-called table of transitions from {name: [sites, 2]}."""
    people = list(genotypes.values())
    rows = [
        (
            {"contig": contig, "position": position + site, "ref": "A", "alt": "G"},
            [call("/".join(str(code) for code in one[site] if code >= 0)) for one in people],
        )
        for site in range(len(people[0]))
    ]
    return table_of(tuple(genotypes), rows)


def family(seed: int = 1, sites: int = 600) -> dict[str, np.ndarray]:
    pool = founders(2, sites, seed)
    mother, father = pool[:, 0], pool[:, 1]
    return {"child": child_of(mother, father, seed), "mother": mother, "father": father}


def x_table(sexes: tuple[Sex, ...], sites: int = 60) -> AlleleTable:
    draw = np.random.default_rng(5)
    columns = {}
    for name, sex in zip(NAMES, sexes, strict=True):
        first = draw.integers(0, 2, sites)
        second = draw.integers(0, 2, sites) if sex is Sex.FEMALE else np.full(sites, -2)
        columns[name] = np.stack([first, second], axis=1)
    return table_from(columns, contig=23, position=50_000_000)


class TestKinship:
    def test_by_hand(self):
        table = trio_table(
            *[["0/1", "0/1", "0/0"]] * 3,
            *[["0/1", "0/0", "0/1"]] * 2,
            *[["1/1", "0/0", "1/1"]] * 1,
            ["./.", "0/1", "0/1"],
        )
        calls = read_calls(table)
        counts = pair_counts(calls, 0, 1)
        assert (counts.sites, counts.both_het, counts.ibs0, counts.het_first, counts.het_second) == (6, 3, 1, 5, 3)
        assert counts.kinship == (3 - 2) / 8
        assert counts.ibs0_share == 1 / 6
        metric = kinship_metric(calls, 0, 1, Relation.PARENT_CHILD)
        assert (metric.light, metric.value) == (Light.NOT_EVALUATED, None)

    def test_equals_a_slow_loop(self):
        draw = np.random.default_rng(3)
        texts = np.array(["0/0", "0/1", "1/1", "./.", "1", "0/2"])
        rows = [
            (
                {"contig": int(draw.choice([1, 22, 23, 25])), "filter": str(draw.choice(["PASS", ".", "bad"])),
                 "alt": str(draw.choice(["C", "CT"])), "kind": 1, "allele_count": int(draw.choice([1, 1, 1, 2]))},
                [
                    call(
                        str(draw.choice(texts)),
                        dp=int(draw.choice([9, 10, 30, 30])),
                        gq=int(draw.choice([19, 20, 99, 99])),
                    )
                    for _ in range(2)
                ],
            )
            for _ in range(6000)
        ]  # fmt: skip
        table = table_of(("a", "b"), rows)
        expected = [0, 0, 0, 0, 0]
        for site, pair in rows:
            if site["contig"] > 22 or site["filter"] == "bad" or site["allele_count"] != 1:
                continue
            if any(one["gq"] < 20 or one["dp"] < 10 or -1 in one["genotype"] for one in pair):
                continue
            dose = []
            for one in pair:
                codes = [code for code in one["genotype"] if code != -2]
                dose.append("hom" if set(codes) == {1} else "het" if 1 in codes else "ref")
            expected[0] += 1
            expected[1] += dose == ["het", "het"]
            expected[2] += set(dose) == {"hom", "ref"}
            expected[3] += dose[0] == "het"
            expected[4] += dose[1] == "het"
        counts = pair_counts(read_calls(table), 0, 1)
        assert [counts.sites, counts.both_het, counts.ibs0, counts.het_first, counts.het_second] == expected
        assert expected[0] > 300

    @pytest.mark.parametrize(
        ("first", "second", "expected"),
        [("child", "mother", Relation.PARENT_CHILD), ("father", "child", Relation.PARENT_CHILD),
         ("mother", "father", Relation.PARENTS), ("child", "sister", Relation.FULL_SIBLINGS),
         ("mother", "aunt", Relation.OTHER)],
    )  # fmt: skip
    def test_relation_from_the_pedigree(self, first, second, expected):
        more = (
            Person("family", "sister", "father", "mother", Sex.FEMALE),
            Person("family", "aunt", None, None, Sex.FEMALE),
        )
        assert relation(Pedigree((*trio_pedigree().persons, *more)), first, second) is expected

    def test_a_duplicated_sample_is_red(self):
        people = family()
        report = assess(table_from({**people, "father": people["mother"]}), trio_pedigree())
        metric = report.find("kinship", "mother / father")
        assert (metric.value, metric.light) == (0.5, Light.RED)
        assert "same person twice" in metric.words

    def test_siblings_as_parent_and_child_are_red_for_opposite_homozygotes(self):
        pool = founders(2, 900, 4)
        mother, father = pool[:, 0], pool[:, 1]
        one, other = child_of(mother, father, 8), child_of(mother, father, 9)
        report = assess(table_from({"child": one, "mother": other, "father": father}), trio_pedigree())
        metric = report.find("kinship", "child / mother")
        assert metric.light is Light.RED
        assert "siblings" in metric.words

    def test_related_parents_are_a_note_not_a_stop(self):
        pool = founders(4, 4000, 6)
        grand = [pool[:, i] for i in range(4)]
        one, other = child_of(grand[0], grand[1], 1), child_of(grand[0], grand[1], 2)
        mother, father = child_of(one, grand[2], 3), child_of(other, grand[3], 4)
        report = assess(
            table_from({"child": child_of(mother, father, 5), "mother": mother, "father": father}), trio_pedigree()
        )
        metric = report.find("kinship", "mother / father")
        assert metric.light is Light.YELLOW
        assert "Consanguinity" in metric.words
        assert not report.stops_sign_off


class TestFamilies:
    def test_a_true_family_is_green(self):
        report = assess(table_from(family()), trio_pedigree())
        assert not report.stops_sign_off
        assert report.reasons == ()
        assert [report.find("kinship", pair).light for pair in ("child / mother", "child / father")] == ["green"] * 2
        assert report.find("mendel_error_rate", "child").value == 0.0
        assert report.find("uniparental_share_chromosome_1", "child").value == 0.0

    def test_child_and_mother_exchanged_turn_red(self):
        people = family()
        swapped = {"child": people["mother"], "mother": people["child"], "father": people["father"]}
        report = assess(table_from(swapped), trio_pedigree())
        red = {(metric.name, metric.sample) for metric in report.metrics if metric.light is Light.RED}
        assert red == {
            ("kinship", "child / father"), ("kinship", "mother / father"), ("mendel_error_rate", "child"),
        }  # fmt: skip
        assert report.stops_sign_off
        assert len(report.reasons) == 3

    def test_an_unrelated_parent_turns_red(self):
        people = family()
        report = assess(table_from({**people, "father": founders(1, 600, 77)[:, 0]}), trio_pedigree())
        red = {(metric.name, metric.sample) for metric in report.metrics if metric.light is Light.RED}
        assert red == {("kinship", "child / father"), ("mendel_error_rate", "child")}

    def test_parents_exchanged_are_seen_on_x(self):
        people = family()
        swapped = {"child": people["child"], "mother": people["father"], "father": people["mother"]}
        x = x_table((Sex.MALE, Sex.MALE, Sex.FEMALE))
        report = assess(concatenate([table_from(swapped), x]), trio_pedigree())
        red = {(metric.name, metric.sample) for metric in report.metrics if metric.light is Light.RED}
        assert {("sex", "mother"), ("sex", "father")} <= red
        assert not any(name == "kinship" for name, _ in red)

    def test_a_chromosome_from_one_parent_is_pointed_out(self):
        pool = founders(2, 400, 2)
        mother, father = pool[:, 0], pool[:, 1]
        isodisomy = np.repeat(mother[:, :1], 2, axis=1)
        report = assess(
            table_from({"child": isodisomy, "mother": mother, "father": father}, contig=15), trio_pedigree()
        )
        metric = report.find("uniparental_share_chromosome_15", "child")
        assert (metric.value, metric.light) == (1.0, Light.YELLOW)
        assert "mother only (uniparental disomy)" in metric.words


class TestSex:
    def check(self, table, declared, person=0):
        return sex_check(read_calls(table), person, declared)

    @pytest.mark.parametrize(
        ("hets", "declared", "light"),
        [(3, Sex.MALE, "green"), (4, Sex.MALE, "yellow"), (5, Sex.FEMALE, "yellow"), (6, Sex.FEMALE, "green"),
         (6, Sex.MALE, "red"), (3, Sex.FEMALE, "red"), (0, Sex.UNKNOWN, "yellow")],
    )  # fmt: skip
    def test_borders_of_the_share_of_heterozygotes(self, hets, declared, light):
        rows = [["0/1", "0/0", "0"]] * hets + [["1/1", "0/0", "0"]] * (20 - hets)
        table = trio_table(*rows, contig=23, position=50_000_000)
        metric, _ = self.check(table, declared)
        assert (metric.value, metric.light) == (hets / 20, light)

    def test_without_enough_x_it_is_not_evaluated(self):
        table = trio_table(*[["1", "0/1", "0"]] * 19, contig=23, position=50_000_000)
        metric, _ = self.check(table, Sex.FEMALE)
        assert (metric.value, metric.light) == (None, Light.NOT_EVALUATED)

    def test_the_pseudoautosomal_region_says_nothing_of_sex(self):
        table = trio_table(*[["0/1", "0/1", "0/1"]] * 40, contig=23, position=100_000)
        assert self.check(table, Sex.MALE)[0].light is Light.NOT_EVALUATED

    def test_y_calls_are_counted(self):
        table = trio_table(*[["1", "./.", "1"]] * 7, contig=24, position=20_000_000)
        assert self.check(table, Sex.MALE)[1].value == 7.0
        assert self.check(trio_table(["0/1", "0/0", "0/0"]), Sex.MALE)[1].light is Light.NOT_EVALUATED


class TestMendel:
    TRIO = TrioColumns(0, 1, 2, Sex.MALE)

    def counts(self, *rows, sex=Sex.MALE, gated=True, **site):
        return mendel_counts(read_calls(trio_table(*rows, **site)), TrioColumns(0, 1, 2, sex), gated=gated)

    def test_all_diploid_genotypes_equal_the_definition(self):
        genotypes = ("0/0", "0/1", "1/1", "0/2", "1/2", "2/2")
        rows = list(product(genotypes, repeat=3))
        for row in rows:
            child, mother, father = ([int(code) for code in text.split("/")] for text in row)
            possible = any(sorted((a, b)) == sorted(child) for a in mother for b in father)
            assert self.counts(row) == MendelCounts(1, 0 if possible else 1), row

    def test_x_of_a_boy_comes_from_his_mother(self):
        x = {"contig": 23, "position": 50_000_000}
        assert self.counts(["1", "0/1", "0"], **x) == MendelCounts(1, 0)
        assert self.counts(["1", "0/0", "1"], **x) == MendelCounts(1, 1)
        assert self.counts(["0/1", "0/1", "1"], sex=Sex.FEMALE, **x) == MendelCounts(1, 0)
        assert self.counts(["0/0", "0/1", "1"], sex=Sex.FEMALE, **x) == MendelCounts(1, 1)
        assert self.counts(["1", "0/0", "1"], sex=Sex.UNKNOWN, **x) == MendelCounts(0, 0)
        assert self.counts(["1", "0/0", "1"], contig=23, position=100_000) == MendelCounts(1, 0)
        assert self.counts(["1", "0/0", "0"], contig=23, position=100_000) == MendelCounts(1, 1)

    def test_y_mitochondria_and_failed_calls_are_left_out(self):
        assert self.counts(["1", "0/0", "0"], contig=25) == MendelCounts(0, 0)
        assert self.counts(["1", "0/0", "0"], contig=24, position=20_000_000) == MendelCounts(0, 0)
        assert self.counts([call("1/1", gq=19), "0/0", "0/0"]) == MendelCounts(0, 0)
        assert self.counts([call("1/1", gq=19), "0/0", "0/0"], gated=False) == MendelCounts(1, 1)
        assert self.counts(["1/1", "0/0", "0/0"], filter="LowQual") == MendelCounts(0, 0)

    @pytest.mark.parametrize(("errors", "light"), [(0, "green"), (1, "green"), (2, "red"), (3, "red")])
    def test_one_per_cent_is_too_many(self, errors, light):
        rows = [["1/1", "0/0", "0/0"]] * errors + [["0/1", "0/1", "0/0"]] * (200 - errors)
        metric = assess(trio_table(*rows), trio_pedigree()).find("mendel_error_rate", "child")
        assert (metric.value, metric.light) == (errors / 200, light)

    def test_too_few_sites_are_not_evaluated(self):
        metric = assess(trio_table(*[["1/1", "0/0", "0/0"]] * 99), trio_pedigree()).find("mendel_error_rate", "child")
        assert metric.light is Light.NOT_EVALUATED


class TestRatios:
    def report(self, changes, text="0/1", assay=Assay.EXOME, **site):
        rows = [({"ref": a, "alt": b, **site}, [call(text, dp=100), call("0/0"), call("0/0")]) for a, b in changes]
        return assess(table_of(NAMES, rows), trio_pedigree(), assay=assay)

    @pytest.mark.parametrize(
        ("transitions", "light"), [(259, "yellow"), (260, "green"), (310, "green"), (311, "yellow")]
    )
    def test_transitions_over_transversions(self, transitions, light):
        changes = [("A", "G"), ("g", "a"), ("C", "T"), ("T", "C")] * 80
        report = self.report(changes[:transitions] + [("A", "C"), ("G", "T")] * 50)
        metric = report.find("ti_tv", "child")
        assert (metric.value, metric.light) == (transitions / 100, light)
        assert report.find("ti_tv", "mother").light is Light.NOT_EVALUATED

    def test_genomes_have_limits_of_their_own(self):
        changes = [("A", "G")] * 205 + [("A", "C")] * 100
        assert self.report(changes).find("ti_tv", "child").light is Light.YELLOW
        assert self.report(changes, assay=Assay.GENOME).find("ti_tv", "child").light is Light.GREEN

    def test_het_over_hom_depth_and_call_rate(self):
        rows = [["0/1", "0/1", "./."]] * 80 + [["1/1", "./.", "0/1"]] * 50
        report = assess(trio_table(*rows), trio_pedigree())
        assert report.find("het_hom", "child").value == 1.6
        assert report.find("het_hom", "mother").light is Light.NOT_EVALUATED
        assert [report.find("call_rate", name).value for name in NAMES] == [1.0, 80 / 130, 50 / 130]
        assert report.find("call_rate", "father").light is Light.YELLOW
        assert report.find("mean_depth", "child").value == 30.0
        assert report.find("median_depth", "child").light is Light.YELLOW

    def test_filtered_alleles_do_not_count(self):
        changes = [("A", "G")] * 200 + [("A", "C")] * 100
        assert self.report(changes, filter="LowQual").find("ti_tv", "child").light is Light.NOT_EVALUATED


class TestReport:
    def test_an_empty_table_is_not_evaluated_and_never_green(self):
        table = trio_table(["0/1", "0/0", "0/0"])
        report = assess(table.take(np.array([], dtype=np.int64)), trio_pedigree())
        assert {metric.light for metric in report.metrics} == {Light.NOT_EVALUATED}
        assert not report.stops_sign_off

    def test_stored_and_read_back(self):
        report = assess(table_from(family()), trio_pedigree())
        assert QualityReport.from_dict(report.as_dict()) == report
        assert report.profile_version == f"{RULES_VERSION}, Varde exome 1"

    def test_a_light_needs_a_value(self):
        with pytest.raises(ValueError, match="needs a value"):
            Metric(None, "x", None, "", Light.GREEN, "", "")

    def test_every_metric_tells_its_limit_and_source(self):
        report = assess(table_from(family()), trio_pedigree())
        assert all(str(metric.threshold) and metric.source for metric in report.metrics)


class TestRealTrio:
    @pytest.fixture(scope="class")
    @classmethod
    def table(cls):
        path = shared_data("trio", "ashkenazi", "ashk-trio.vcf.gz")
        return read_with_pysam(path, Build.GRCH37, ("HG002", "HG004", "HG003"))[0]

    @pytest.fixture(scope="class")
    @classmethod
    def pedigree(cls):
        return read_ped(shared_data("trio", "ashkenazi", "ashk-trio.ped"))

    def test_mendel_errors(self, table):
        calls = read_calls(table)
        trio = TrioColumns(0, 1, 2, Sex.MALE)
        assert mendel_counts(calls, trio, gated=False) == MendelCounts(9885, 88)
        assert mendel_counts(calls, trio) == MendelCounts(8827, 14)

    def test_kinship(self, table, pedigree):
        report = assess(table, pedigree)
        found = {pair: report.find("kinship", pair) for pair in ("HG002 / HG004", "HG002 / HG003", "HG004 / HG003")}
        assert [round(metric.value, 6) for metric in found.values()] == [0.249081, 0.2584, -0.007168]
        counts = pair_counts(read_calls(table), 1, 2)
        assert (counts.sites, counts.ibs0) == (7937, 634)
        assert not report.stops_sign_off

    def test_nothing_is_said_of_sex_without_x(self, table, pedigree):
        report = assess(table, pedigree)
        assert [report.find("sex", name).light for name in table.samples] == ["not_evaluated"] * 3

    def test_child_and_mother_exchanged_turn_red(self, table, pedigree):
        swapped = table.select_samples(["HG004", "HG002", "HG003"])
        relabelled = AlleleTable(
            **{**{name: getattr(swapped, name) for name in swapped.__dataclass_fields__}, "samples": table.samples}
        )
        report = assess(relabelled, pedigree)
        assert report.stops_sign_off
        red = {(metric.name, metric.sample) for metric in report.metrics if metric.light is Light.RED}
        assert red == {
            ("kinship", "HG002 / HG003"), ("kinship", "HG004 / HG003"), ("mendel_error_rate", "HG002"),
        }  # fmt: skip
        assert report.find("mendel_error_rate", "HG002").value > 0.05

    def test_ratios_equal_a_slow_loop(self, table, pedigree):
        report = assess(table, pedigree)
        counts = {"ti": 0, "tv": 0, "het": 0, "hom": 0}
        purine = set("AG")
        for row, site in enumerate(table.sites.iter_rows(named=True)):
            codes = table.genotype[row, 0].tolist()
            if site["filter"] not in ("PASS", ".") or 1 not in codes or -1 in codes or site["alt"] == "*":
                continue
            counts["hom" if codes == [1, 1] else "het"] += 1
            if len(site["ref"]) == len(site["alt"]) == 1:
                counts["ti" if (site["ref"] in purine) == (site["alt"] in purine) else "tv"] += 1
        assert report.find("ti_tv", "HG002").value == counts["ti"] / counts["tv"]
        assert report.find("het_hom", "HG002").value == counts["het"] / counts["hom"]
        depth = table.depth_x[:, 0]
        known = [d for d in depth.tolist() if d != -1]
        assert report.find("mean_depth", "HG002").value == pytest.approx(sum(known) / len(known), rel=1e-12)
        assert pl.Series(known).median() == report.find("median_depth", "HG002").value
