"""``varde case`` from files to folder: a real trio with published counts, invented families with planted answers."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import polars as pl
import pytest

from shared_data import shared_data
from varde.cli import run
from varde.cli.case_result import KIN_NAMES, MODE_NAMES, STEP_NAMES
from varde.fhir import parse_report
from varde.fhir.codes import AllelicState, Origin, PhaseRelation, Significance
from varde.genome.builds import Build
from varde.genome.kin import Kin
from varde.genome.references import ReferenceStore
from varde.interpretation.filters import Step
from varde.interpretation.inheritance import Mode
from varde.simulate.country import FAMILIES, SEED, DemoFamily
from varde.simulate.files import CountryFiles, write_country

FILES = ["bundle.json", "candidates.tsv", "quality.json", "report.html", "trace.tsv.gz"]
BY_NAME = {family.plan.name: family for family in FAMILIES}


def read_table(path: Path) -> pl.DataFrame:
    raw = path.read_bytes()
    text = gzip.decompress(raw) if path.suffix == ".gz" else raw
    return pl.read_csv(text, separator="\t", null_values="NA", infer_schema_length=None)


def call(capsys: pytest.CaptureFixture[str], *arguments: object) -> dict:
    assert run(["case", *map(str, arguments), "--json"]) == 0, capsys.readouterr().err
    return json.loads(capsys.readouterr().out)


@pytest.fixture(scope="session")
def country(tmp_path_factory: pytest.TempPathFactory) -> CountryFiles:
    """Three invented families with a reference that is in the store of this session."""
    folder = tmp_path_factory.mktemp("trio")
    chosen = [BY_NAME[name] for name in ("solberg", "nilsen", "berg")]
    files = write_country(folder / "country", SEED, families=chosen, people_per_region=8)
    ReferenceStore(folder / "references").add(files.fasta, files.gff3, Build.GRCH38, "demo")
    return files


def options(country: CountryFiles, family: DemoFamily) -> list[object]:
    return [
        *("--vcf", country.family_vcf(family.plan), "--ped", country.family_ped(family.plan)),
        *("--reference", "demo", "--knowledge", country.knowledge, "--synthetic"),
    ]


@pytest.fixture(autouse=True)
def _store(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    if "country" in request.fixturenames:
        root = request.getfixturevalue("country").folder.parent / "references"
        monkeypatch.setenv("VARDE_REFERENCES", str(root))


def ashkenazi() -> list[object]:
    folder = shared_data("trio", "ashkenazi")
    return ["--vcf", folder / "ashk-trio.vcf.gz", "--ped", folder / "ashk-trio.ped", "--build", "GRCh37"]


@pytest.mark.parametrize(("gate", "count", "passing"), [("slivar", 11, 4), ("varde", 3, 3)])
def test_published_de_novo_counts_of_the_ashkenazi_trio(
    gate: str, count: int, passing: int, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    told = call(capsys, *ashkenazi(), "--gate", gate, "--all-filters", "--out", tmp_path / "out")
    assert told["de_novo"] == {"count": count, "pass": passing}
    assert told["candidates"]["modes"]["de_novo"] == count
    assert told["alleles"]["read"] == 9940
    assert told["alleles"]["kept"] + sum(told["alleles"]["dropped"].values()) == 9940
    assert told["not_evaluated"] == ["consequence", "compound_heterozygous", "frequency", "region"]
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == FILES
    candidates = read_table(tmp_path / "out" / "candidates.tsv")
    new = candidates.filter(pl.col("mode") == "de_novo")
    assert (new.height, new.filter(pl.col("filter") == "PASS").height) == (count, passing)
    assert new["consequence"].null_count() == count


def test_every_step_and_everything_lacking_has_its_words() -> None:
    assert set(STEP_NAMES) == set(Step)
    assert set(MODE_NAMES) == set(Mode)
    assert set(KIN_NAMES) == set(Kin)


def test_trace_names_every_allele_once_with_its_reason(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    told = call(capsys, *ashkenazi(), "--out", tmp_path / "out")
    trace = read_table(tmp_path / "out" / "trace.tsv.gz")
    assert trace.height == 9940
    assert trace["line"].n_unique() == 9940  # the file has one alternate allele per record
    kept = trace.filter(pl.col("kept"))
    assert kept.height == told["alleles"]["kept"]
    assert kept["dropped_by"].null_count() == kept.height
    fell = trace.filter(~pl.col("kept")).group_by("dropped_by").len()
    dropped = {step: number for step, number in told["alleles"]["dropped"].items() if number}
    assert dict(fell.iter_rows()) == dropped
    page = (tmp_path / "out" / "report.html").read_text(encoding="utf-8")
    assert (
        f"9\u202f940 alleles read = {9940 - kept.height:,} dropped + {kept.height} kept.".replace(",", "\u202f") in page
    )


def test_the_same_input_gives_the_same_tables(
    country: CountryFiles, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("first", "second"):
        call(capsys, *options(country, BY_NAME["nilsen"]), "--out", tmp_path / name)
    for file in ("candidates.tsv", "trace.tsv.gz", "quality.json"):
        assert (tmp_path / "first" / file).read_bytes() == (tmp_path / "second" / file).read_bytes()
    first, second = (
        parse_report(json.loads((tmp_path / name / "bundle.json").read_text())) for name in ("first", "second")
    )
    assert first.identifier == second.identifier
    assert (len(first.variants), first.variants) == (len(second.variants), second.variants)
    assert len(first.variants) >= 2


def test_planted_compound_heterozygote_is_first_and_in_every_file(
    country: CountryFiles, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    told = call(capsys, *options(country, BY_NAME["solberg"]), "--out", tmp_path / "out")
    first = told["first"][0]
    assert (first["rank"], first["gene"], first["mode"]) == (1, "DEMO17", "compound_heterozygous")
    rows = read_table(tmp_path / "out" / "candidates.tsv").filter(pl.col("rank") == 1)
    assert rows["consequence"].to_list() == ["frameshift_variant", "stop_gained"]
    assert rows["phase"].to_list() == ["trans_by_parents"] * 2
    assert rows["criteria_met"].to_list() == ["PVS1", "PVS1"]
    assert rows["suggested_class"].to_list() == [4, 4]
    assert all(name.endswith("del") for name in rows["hgvs_coding"].head(1))
    assert rows["hgvs_protein"].to_list()[1].endswith("Ter)")
    page = (tmp_path / "out" / "report.html").read_text(encoding="utf-8")
    assert "Each child has a risk of 25 % of being affected" in page
    assert "class 4 (8 points) + class 4 (8 points)" in page


def test_bundle_reads_back_as_a_preliminary_report_with_phase(
    country: CountryFiles, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    call(capsys, *options(country, BY_NAME["solberg"]), "--out", tmp_path / "out", "--laboratory", "Lab A")
    case = parse_report(json.loads((tmp_path / "out" / "bundle.json").read_text(encoding="utf-8")))
    assert (case.status.value, case.performer, case.synthetic) == ("preliminary", "Lab A", True)
    assert case.patient.identifier == "solberg-barn"
    assert [variant.origin for variant in case.variants[:2]] == [Origin.PATERNAL, Origin.MATERNAL]
    assert {variant.allelic_state for variant in case.variants[:2]} == {AllelicState.HETEROZYGOUS}
    assert [variant.gene for variant in case.variants[:2]] == ["DEMO17", "DEMO17"]
    assert case.phases[0].relation is PhaseRelation.TRANS
    assert [one.significance for one in case.implications[:2]] == [Significance.LIKELY_PATHOGENIC] * 2
    assert case.limits[0].startswith("Decision support")
    assert case.recurrence is None  # a person says whether the finding explains the disease


def test_planted_de_novo_counts_for_no_class_without_a_judged_phenotype(
    country: CountryFiles, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    told = call(capsys, *options(country, BY_NAME["nilsen"]), "--out", tmp_path / "out")
    assert (told["first"][0]["gene"], told["first"][0]["mode"]) == ("DEMO05", "de_novo")
    assert told["de_novo"]["pass"] == 1
    row = read_table(tmp_path / "out" / "candidates.tsv").row(0, named=True)
    assert "PS2" in row["criteria_not_evaluated"].split(";")


def test_swapped_parents_stop_the_sign_off_in_text_json_and_page(
    country: CountryFiles, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    told = call(capsys, *options(country, BY_NAME["berg"]), "--out", tmp_path / "out")
    assert told["quality"]["stops_sign_off"] is True
    assert any("berg-mor: sex" in reason for reason in told["quality"]["reasons"])
    assert json.loads((tmp_path / "out" / "quality.json").read_text())["reasons"] == told["quality"]["reasons"]
    assert "■ Stop." in (tmp_path / "out" / "report.html").read_text(encoding="utf-8")


def test_text_output_names_counts_and_the_report(
    country: CountryFiles, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = [str(one) for one in options(country, BY_NAME["solberg"])]
    assert run(["case", *arguments, "--out", str(tmp_path / "out")]) == 0
    captured = capsys.readouterr()
    assert captured.out.startswith("solberg-barn in GRCh38: ")
    assert captured.out.rstrip().endswith("report.html")
    assert captured.err == ""


PED = "f\tc\tp\tm\t1\t2\nf\tp\t0\t0\t1\t1\nf\tm\t0\t0\t2\t1\n"
VCF = (
    "##fileformat=VCFv4.2\n##contig=<ID=1,length=249250621>\n"
    '##FORMAT=<ID=GT,Number=1,Type=String,Description="Genotype">\n'
    "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\tc\tp\tm\n1\t1000\t.\tA\tG\t50\tPASS\t.\tGT\t0/1\t0/0\t0/0\n"
)


@pytest.fixture
def family(tmp_path: Path) -> Path:
    (tmp_path / "a.vcf").write_text(VCF)
    (tmp_path / "a.ped").write_text(PED)
    return tmp_path


def refused(capsys: pytest.CaptureFixture[str], folder: Path, *more: str, vcf: str = "a.vcf", out: str = "out") -> dict:
    before = sorted(path.name for path in folder.iterdir())
    code = run(
        [
            "case",
            "--vcf",
            str(folder / vcf),
            "--ped",
            str(folder / "a.ped"),
            "--out",
            str(folder / out),
            "--json",
            *more,
        ]
    )
    captured = capsys.readouterr()
    assert (code, captured.out) == (2, "")
    assert sorted(path.name for path in folder.iterdir()) == before
    return json.loads(captured.err)


def test_without_gq_and_depth_nothing_is_claimed(family: Path, capsys: pytest.CaptureFixture[str]) -> None:
    told = call(
        capsys, "--vcf", family / "a.vcf", "--ped", family / "a.ped", "--build", "GRCh37", "--out", family / "out"
    )
    assert told["de_novo"] == {"count": 0, "pass": 0}
    assert [(one["mode"], one["evaluated"]) for one in told["first"]] == [("possible_de_novo", False)]


def test_neither_reference_nor_build(family: Path, capsys: pytest.CaptureFixture[str]) -> None:
    problem = refused(capsys, family)
    assert (problem["code"], problem["field"], problem["exit_code"]) == ("no_build", "--build", 2)


def test_a_folder_with_content_is_refused_before_any_work(family: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (family / "old").mkdir()
    (family / "old" / "note.txt").write_text("mine")
    problem = refused(capsys, family, "--build", "GRCh37", vcf="missing.vcf", out="old")
    assert problem["code"] == "out_exists"
    assert (family / "old" / "note.txt").read_text() == "mine"


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (lambda text: "", "empty"),
        (lambda text: text.splitlines()[-1] + "\n", "no_header"),
        (lambda text: text.split("#CHROM")[0] + "1\t1\n", "bad_columns"),
        (lambda text: text.replace("\tc\tp\tm", "\tx\tp\tm"), "unexpected_samples"),
        (lambda text: text.replace("249250621", "248956422"), "build_mismatch"),
        (lambda text: text.replace("1\t1000", "1\tten"), "bad_position"),
    ],
)
def test_files_that_cannot_be_used(change, code: str, family: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (family / "b.vcf").write_text(change(VCF))
    problem = refused(capsys, family, "--build", "GRCh37", vcf="b.vcf")
    assert problem["code"] == code
    assert problem["source"] == "b.vcf"
    assert problem["remedy"]


def test_unknown_phenotype_and_reference(
    family: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert refused(capsys, family, "--build", "GRCh37", "--hpo", "HP:9999999")["code"] == "unknown_hpo"
    monkeypatch.setenv("VARDE_REFERENCES", str(family / "none"))
    assert refused(capsys, family, "--reference", "nowhere")["code"] == "unknown_reference"


def test_names_with_markup_reach_the_page_as_text(family: Path, capsys: pytest.CaptureFixture[str]) -> None:
    hostile = "<img/src=x>"
    (family / "b.vcf").write_text(VCF.replace("\tc\tp\tm", f"\t{hostile}\tp\tm"))
    (family / "b.ped").write_text(PED.replace("\tc\t", f"\t{hostile}\t"))
    call(capsys, "--vcf", family / "b.vcf", "--ped", family / "b.ped", "--build", "GRCh37", "--out", family / "out")
    page = (family / "out" / "report.html").read_text(encoding="utf-8")
    assert hostile not in page
    assert "&lt;img/src=x&gt;" in page


def test_siblings_with_a_grandmother_who_was_not_sequenced(
    country: CountryFiles, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The comphet test case of slivar: two affected siblings of healthy parents."""
    folder = shared_data("trio", "ashkenazi")
    ped = tmp_path / "family.ped"
    text = (folder / "comphet-test-case.ped").read_text().rstrip("\n")
    mother = next(line.split("\t") for line in text.split("\n") if "SID_1" in line.split("\t")[1:2])
    family = mother[0]
    mother[3] = "granny"
    text = "\n".join("\t".join(mother) if line.split("\t")[1:2] == ["SID_1"] else line for line in text.split("\n"))
    ped.write_text(f"{text}\n{family}\tgranny\t0\t0\t2\t0\n")
    asked = ["--vcf", folder / "comphet-test-case.vcf.gz", "--ped", ped, "--build", "GRCh38", "--out", tmp_path / "out"]
    assert run(["case", *map(str, asked), "--child", "SID_3"]) == 2
    assert "granny of the pedigree is in no VCF" in capsys.readouterr().err
    told = call(capsys, *asked, "--child", "SID_3", "--allow-unsequenced", "--all-filters")
    assert {one["identifier"]: (one["relation"], one["data"]) for one in told["people"]} == {
        "SID_3": ("child", True),
        "SID_1": ("mother", True),
        "SID_2": ("father", True),
        "SID_4": ("sibling", True),
        "granny": ("maternal_grandmother", False),
    }
    header = (tmp_path / "out" / "candidates.tsv").read_text().split("\n")[0].split("\t")
    assert "relative_1_gt" in header
    page = (tmp_path / "out" / "report.html").read_text(encoding="utf-8")
    assert "granny, female, affection not known, no data" in page
    bundle = parse_report(json.loads((tmp_path / "out" / "bundle.json").read_text()))
    assert [(one.relation.value, one.sample) for one in bundle.relatives] == [
        ("NMTH", "SID_1"), ("NFTH", "SID_2"), ("NSIB", "SID_4"),
    ]  # fmt: skip
