"""Gate profiles at their borders, and one report of what the files and the tools tell."""

from __future__ import annotations

import json
import math
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from varde.genome.errors import InputError
from varde.genome.pedigree import Pedigree, Person, Sex
from varde.quality.folder import match_sample, read_folder
from varde.quality.formats.tests import examples
from varde.quality.judge import judge
from varde.quality.measurement import Measurement
from varde.quality.profiles import LIMITS, STANDARD, Gate, Profile
from varde.quality.report import Light, Metric, Origin, QualityReport
from varde.quality.texts import text
from varde.quality.thresholds import RULES_VERSION, Assay

BOTH = Gate("ti_tv", "ratio", "test", fail_below=1.0, warn_below=2.0, warn_above=3.0, fail_above=4.0)
EXOME = STANDARD[Assay.EXOME]
FAMILY = Pedigree(
    (
        Person("F", "barn", "far", "mor", Sex.FEMALE),
        Person("F", "mor", None, None, Sex.FEMALE),
        Person("F", "far", None, None, Sex.MALE),
    )
)
PEOPLE = ("barn", "mor", "far")


def measured(sample: str, metric: str, value: float | None, producer: str = "mosdepth") -> Measurement:
    return Measurement(sample, metric, value, "", Origin(f"{producer}.txt", "0" * 64, producer))


def folder_of(tmp_path: Path, files: dict[str, str]) -> Path:
    for name, content in files.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content)
    return tmp_path


class TestGates:
    @pytest.mark.parametrize(
        ("value", "light"),
        [(math.nextafter(1.0, 0), "red"), (1.0, "yellow"), (math.nextafter(2.0, 0), "yellow"), (2.0, "green"),
         (3.0, "green"), (math.nextafter(3.0, 9), "yellow"), (4.0, "yellow"), (math.nextafter(4.0, 9), "red"),
         (None, "not_evaluated"), (math.nan, "not_evaluated"), (math.inf, "not_evaluated")],
    )  # fmt: skip
    def test_a_value_at_a_limit_is_on_its_better_side(self, value, light):
        assert BOTH.light(value) == light

    @pytest.mark.parametrize(
        ("metric", "assay", "at", "light", "beyond", "beyond_light"),
        [("target_coverage", "exome", 80.0, "green", 79.999, "red"),
         ("target_20x", "exome", 0.95, "green", 0.9499, "red"),
         ("genome_coverage", "genome", 30.0, "green", 29.99, "red"),
         ("genome_15x", "genome", 0.95, "green", 0.949, "red"),
         ("contamination", "panel", 0.02, "green", 0.0201, "yellow"),
         ("contamination", "panel", 0.05, "yellow", 0.0501, "red"),
         ("duplicate_rate", "exome", 0.25, "green", 0.2501, "yellow"), ("ti_tv", "exome", 3.1, "green", 3.11, "yellow"),
         ("ti_tv", "genome", 2.0, "green", 1.99, "yellow"), ("het_hom", "exome", 1.3, "green", 1.29, "yellow")],
    )  # fmt: skip
    def test_the_reference_pages_gates_at_their_borders(self, metric, assay, at, light, beyond, beyond_light):
        gate = STANDARD[Assay(assay)].gate(metric)
        assert (gate.light(at), gate.light(beyond)) == (light, beyond_light)

    @given(st.lists(st.floats(-5, 5), min_size=4, max_size=4), st.sets(st.sampled_from(LIMITS)), st.floats(-9, 9))
    def test_a_light_is_worse_never_better_further_from_the_middle(self, numbers, absent, value):
        limits = {name: None if name in absent else one for name, one in zip(LIMITS, sorted(numbers), strict=True)}
        if all(one is None for one in limits.values()):
            return
        gate = Gate("x", "", "test", **limits)
        order = {Light.GREEN: 0, Light.YELLOW: 1, Light.RED: 2}
        low = limits["warn_below"] if limits["warn_below"] is not None else limits["fail_below"]
        high = limits["warn_above"] if limits["warn_above"] is not None else limits["fail_above"]
        if low is not None and value < low:
            assert order[gate.light(value - 1)] >= order[gate.light(value)] > 0
        elif high is not None and value > high:
            assert order[gate.light(value + 1)] >= order[gate.light(value)] > 0
        else:
            assert gate.light(value) is Light.GREEN
        assert str(gate.threshold)

    @pytest.mark.parametrize(
        ("limits", "words"),
        [({"fail_below": 80}, ">= 80, else fails"), ({"warn_below": 0.95}, ">= 0.95"),
         ({"warn_above": 0.02, "fail_above": 0.05}, "<= 0.02, fails > 0.05"),
         ({"warn_above": 0.25}, "<= 0.25"), ({"fail_above": 0.25}, "<= 0.25, else fails"),
         ({"fail_below": 10, "warn_below": 20}, ">= 20, fails < 10"),
         ({"warn_below": 2.0, "warn_above": 2.1}, "2 to 2.1"),
         ({"fail_below": 2.0, "fail_above": 2.1}, "2 to 2.1, else fails"),
         ({"fail_below": 1, "warn_below": 2, "warn_above": 3}, "2 to 3, fails < 1"),
         ({"warn_below": 2, "warn_above": 3, "fail_above": 4}, "2 to 3, fails > 4"),
         ({"fail_below": 1, "warn_below": 2, "warn_above": 3, "fail_above": 4}, "2 to 3, fails outside 1 to 4")],
    )  # fmt: skip
    def test_limits_in_words(self, limits, words):
        assert str(Gate("x", "", "test", **limits).threshold) == words

    @pytest.mark.parametrize(
        "limits",
        [{}, {"fail_below": math.nan}, {"fail_below": math.inf}, {"fail_below": 3, "warn_below": 2},
         {"warn_below": 3, "warn_above": 2}, {"warn_above": 3, "fail_above": 2}],
    )  # fmt: skip
    def test_bad_limits_are_refused(self, limits):
        with pytest.raises(InputError) as caught:
            Gate("x", "", "test", **limits)
        assert (caught.value.code, caught.value.field) == ("bad_gate", "x")

    def test_a_gate_needs_a_source_and_a_metric_one_gate(self):
        with pytest.raises(InputError, match="source"):
            Gate("x", "", " ", warn_below=1)
        with pytest.raises(InputError, match="two gates"):
            Profile("p", "1", Assay.EXOME, (BOTH, BOTH))

    @pytest.mark.parametrize("assay", Assay)
    def test_a_profile_is_stored_and_read_back(self, assay):
        profile = STANDARD[assay]
        assert Profile.from_dict(json.loads(json.dumps(profile.as_dict()))) == profile

    @pytest.mark.parametrize(
        "stored",
        [{}, {"name": "a", "version": "1", "assay": "exome", "gates": [{"metric": "x"}]},
         {"name": "a", "version": "1", "assay": "rna", "gates": []}, {"name": "a", "version": "1", "assay": "exome",
          "gates": [{"metric": "x", "unit": "", "source": "s", "warn_below": "many"}]}],
    )  # fmt: skip
    def test_a_damaged_profile_is_refused(self, stored):
        with pytest.raises(InputError) as caught:
            Profile.from_dict(stored)
        assert caught.value.code == "bad_profile"


class TestJudge:
    def test_every_gate_has_a_metric_for_everybody_and_a_missing_one_never_passes(self):
        report = judge(None, [], FAMILY, EXOME)
        assert {(one.sample, one.name) for one in report.metrics} == {
            (person, gate.metric) for person in PEOPLE for gate in EXOME.gates
        }
        assert {one.light for one in report.metrics} == {Light.NOT_EVALUATED}
        assert (report.stops_sign_off, report.profile_version) == (False, f"{RULES_VERSION}, Varde exome 1")

    def test_a_red_gate_stops_and_names_its_file_and_tool(self):
        report = judge(None, [measured("barn", "contamination", 0.06, "VerifyBamID2")], FAMILY, EXOME)
        metric = report.find("contamination", "barn")
        assert (metric.light, metric.origin) == (Light.RED, Origin("VerifyBamID2.txt", "0" * 64, "VerifyBamID2"))
        assert report.reasons == ("barn: contamination 0.06 fraction (expected <= 0.02, fails > 0.05).",)

    def test_a_tools_own_file_counts_before_multiqcs_copy_whatever_the_order(self):
        ones = [
            measured("barn", "target_coverage", 70.0, "MultiQC multiqc_picard_HsMetrics"),
            measured("barn", "target_coverage", 90.0, "Picard CollectHsMetrics"),
            measured("barn", "target_coverage", 85.0, "mosdepth"),
        ]
        for order in (ones, ones[::-1]):
            metric = judge(None, order, FAMILY, EXOME).find("target_coverage", "barn")
            assert (metric.value, metric.origin.producer) == (90.0, "Picard CollectHsMetrics")
        ones[1] = measured("barn", "target_coverage", None, "Picard CollectHsMetrics")
        assert judge(None, ones, FAMILY, EXOME).find("target_coverage", "barn").value == 85.0

    def test_of_several_files_of_one_tool_none_hides_a_red_one(self):
        shares = [(0.01, "a"), (0.09, "b"), (0.03, "c")]
        ones = [
            Measurement("barn", "contamination", share, "", Origin(f"{name}.selfSM", "0" * 64, "VerifyBamID2"))
            for share, name in shares
        ]
        for order in (ones, ones[::-1], ones[1:] + ones[:1]):
            metric = judge(None, order, FAMILY, EXOME).find("contamination", "barn")
            assert (metric.value, metric.light, metric.origin.file) == (0.09, Light.RED, "b.selfSM")

    def test_what_the_variant_files_told_is_judged_anew_and_fixed_rules_stay(self):
        fixed = Metric("barn", "sex", 0.4, "fraction", Light.RED, text("quality.limit.tool_sex"), "rule")
        ratio = EXOME.judge(Metric("barn", "ti_tv", 2.05, "ratio", Light.GREEN, text("quality.limit.none"), ""))
        assert ratio.light is Light.YELLOW
        counted = QualityReport((ratio, fixed), "old")
        report = judge(counted, [], FAMILY, STANDARD[Assay.GENOME])
        assert report.find("ti_tv", "barn").light is Light.GREEN
        assert report.find("sex", "barn") == fixed
        panel = judge(report, [], FAMILY, STANDARD[Assay.PANEL]).find("ti_tv", "barn")
        assert (panel.value, panel.light) == (2.05, Light.NOT_EVALUATED)
        again = judge(judge(report, [], FAMILY, STANDARD[Assay.PANEL]), [], FAMILY, STANDARD[Assay.GENOME])
        assert again.find("ti_tv", "barn") == report.find("ti_tv", "barn")

    def test_judging_twice_is_judging_once(self, tmp_path):
        found = read_folder(folder_of(tmp_path, examples.FILES), PEOPLE)
        once = judge(None, found.measurements, FAMILY, EXOME)
        assert judge(once, found.measurements, FAMILY, EXOME) == once
        assert judge(once, found.measurements[::-1], FAMILY, EXOME) == once
        assert QualityReport.from_dict(json.loads(json.dumps(once.as_dict()))) == once

    def test_sexes_and_relatedness_of_the_tools_are_held_against_the_pedigree_on_their_own_scale(self, tmp_path):
        found = read_folder(folder_of(tmp_path, examples.FILES), PEOPLE)
        report = judge(None, found.measurements, FAMILY, EXOME)
        lights = {
            (name, sample): report.find(name, sample).light.value
            for name, sample in (
                ("peddy_sex", "barn"), ("peddy_sex", "mor"), ("somalier_sex", "barn"), ("somalier_sex", "mor"),
                ("somalier_sex", "far"), ("somalier_relatedness", "barn / mor"),
                ("somalier_relatedness", "barn / far"), ("somalier_relatedness", "mor / far"),
                ("peddy_relatedness", "barn / mor"), ("peddy_relatedness", "barn / far"),
            )
        }  # fmt: skip
        assert list(lights.values()) == [
            "green", "red", "green", "yellow", "green", "green", "green", "green", "green", "red",
        ]  # fmt: skip
        metric = report.find("somalier_relatedness", "barn / mor")
        assert (metric.value, metric.unit) == (0.505, "relatedness")
        assert str(metric.threshold) == "0.354 to 0.708, opposite homozygotes <= 0.01 of the sites"
        assert "0.5 for parent and child" in metric.words

    def test_kinship_on_kings_scale_is_not_taken_for_relatedness(self):
        """0.25 is right for parent and child on KING's scale, and far too little on somalier's."""
        ones = [
            measured("barn / mor", "somalier_relatedness", 0.25, "somalier"),
            measured("barn / mor", "somalier.pair.ibs0", 0.0, "somalier"),
            measured("barn / mor", "somalier.pair.n", 1000.0, "somalier"),
        ]
        assert judge(None, ones, FAMILY, EXOME).find("somalier_relatedness", "barn / mor").light is Light.RED
        assert judge(None, ones[:1], FAMILY, EXOME).find("somalier_relatedness", "barn / mor").light is (
            Light.NOT_EVALUATED
        )


class TestFolder:
    def test_the_layout_of_raredisease_is_read(self, tmp_path):
        folder = folder_of(
            tmp_path,
            {
                "qc_bam/barn_mosdepth.summary.txt": examples.SUMMARY,
                "qc_bam/barn_mosdepth.global.dist.txt": examples.DISTRIBUTION,
                "qc_bam/barn_wgsmetrics.CollectWgsMetrics.coverage_metrics": examples.WGS_METRICS,
                "qc_bam/barn_wgsmetrics_y.CollectWgsMetrics.coverage_metrics": examples.WGS_METRICS_OF_Y,
                "qc_bam/barn_verifybamid.selfSM": examples.SELFSM,
                "peddy/F.sex_check.csv": examples.PEDDY_SEX,
                "peddy/F.ped_check.csv": examples.PEDDY_PAIRS,
                "multiqc/multiqc_data/multiqc_data.json": examples.MULTIQC,
                "multiqc/multiqc_report.html": "<html></html>",
                "qc_bam/barn_tidditcov.wig": "track\n",
            },
        )
        found = read_folder(folder, PEOPLE)
        assert (len(found.reports), len(found.depths), found.other_files) == (8, 0, 2)
        report = judge(None, found.measurements, FAMILY, STANDARD[Assay.GENOME])
        assert report.find("genome_coverage", "barn").value == 33.25
        assert report.find("contamination", "barn").origin.producer == "VerifyBamID2"
        assert read_folder(folder, PEOPLE) == found

    def test_a_file_of_somebody_else_is_refused_and_in_a_report_of_many_left_out(self, tmp_path):
        folder = folder_of(tmp_path, {"multiqc_data.json": examples.MULTIQC})
        people = {one.sample for one in read_folder(folder, PEOPLE).measurements}
        assert people == {"barn"}
        with pytest.raises(InputError) as caught:
            read_folder(folder_of(tmp_path, {"kari.flagstat": examples.FLAGSTAT}), PEOPLE)
        assert caught.value.code == "samples_unmatched"
        assert "kari" in caught.value.problem
        (tmp_path / "kari.flagstat").unlink()
        with pytest.raises(InputError, match="other_family"):
            read_folder(tmp_path, ("ola",))

    @pytest.mark.parametrize(
        ("name", "expected"),
        [("barn", "barn"), ("barn_sorted_md", "barn"), ("barn-2", "barn-2"), ("barn-2_L1", "barn-2"), ("barnet", None),
         ("mor", None)],
    )  # fmt: skip
    def test_names_of_samples(self, name, expected):
        assert match_sample(name, ["barn", "barn-2"]) == expected

    def test_an_empty_folder_a_missing_one_and_two_depth_files_are_refused(self, tmp_path):
        codes = []
        for path in (tmp_path, tmp_path / "none"):
            with pytest.raises(InputError) as caught:
                read_folder(path, PEOPLE)
            codes.append(caught.value.code)
        line = "chr1\t0\t100\t5\n"
        with pytest.raises(InputError) as caught:
            read_folder(folder_of(tmp_path, {"a/barn.per-base.bed": line, "b/barn_md.per-base.bed": line}), PEOPLE)
        assert [*codes, caught.value.code] == ["nothing_found", "not_found", "twice"]

    def test_links_are_not_followed(self, tmp_path):
        outside = tmp_path / "outside"
        outside.mkdir()
        (outside / "barn.flagstat").write_text(examples.FLAGSTAT)
        inside = folder_of(tmp_path / "run", {"barn.selfSM": examples.SELFSM})
        (inside / "barn.flagstat").symlink_to(outside / "barn.flagstat")
        (inside / "more").symlink_to(outside)
        assert [one.name for one in read_folder(inside, PEOPLE).reports] == ["barn.selfSM"]
