"""``varde lookup --release``: the answers of a public release, and what is refused."""

from __future__ import annotations

import json
from pathlib import Path

import polars as pl
import pytest

from varde.cli import run
from varde.frequency.index import build_index
from varde.frequency.release import layout
from varde.frequency.release.tables import write_table
from varde.genome.builds import Build
from varde.genome.keys import encode_keys

SQUARES = {"parameters": {"scheme": {"value": "sqrt-5"}, "people_per_site": {"value": 5}}}


@pytest.fixture
def release(tmp_path: Path) -> Path:
    """Told of: 20:1-2000, of which 20:1-1000 is covered. In it one substitution in bin 3 and one deletion in bin 1."""
    folder = tmp_path / "2026-11.1"
    (folder / layout.PUBLIC).mkdir(parents=True)
    keys = encode_keys([20, 20], [100, 300], ["A", "CT"], ["C", "C"])
    sites = {"an": [1_000, 1_000], "bin": [3, 1], "homozygotes": [1, 0], "hemizygotes": [0, 0]}
    place = pl.Series([20 << 32, (20 << 32) + 1_000, (20 << 32) + 2_000], dtype=pl.UInt64)
    coverage = pl.DataFrame({"place": place, "an": [1_000, 0, 0], "told": [1, 1, 0]})
    build_index(
        folder / layout.INDEX, Build.GRCH38, pl.DataFrame({"key": keys, **sites}).sort("key"), coverage, made_from={}
    )
    told = {"key": keys[:1], "class": ["4"], "laboratories": [3], "year": [2025], "guideline": ["ACMG 2015"]}
    write_table(pl.DataFrame(told).cast(dict(layout.INTERPRETED)), folder / layout.INTERPRETATIONS)
    manifest = {"format": layout.KIND, "format_version": layout.FORMAT, "release": "2026-11.1", "build": "GRCh38"}
    manifest |= {"gate": {"public": True, "sentence": ""}, **SQUARES}
    (folder / layout.MANIFEST).write_text(json.dumps(manifest))
    return folder


def told(release: Path, variant: str, capsys: pytest.CaptureFixture[str]) -> dict[str, object]:
    assert run(["lookup", "--release", str(release), variant, "--json"]) == 0
    found: dict[str, object] = json.loads(capsys.readouterr().out)
    return found


def test_what_stands_in_a_bin_is_told_with_its_bounds(release: Path, capsys: pytest.CaptureFixture[str]) -> None:
    found = told(release, "chr20:100:A:C", capsys)
    assert found.pop("faf95_at_most") > 0.399  # type: ignore[operator]
    assert found == {
        "variant": "20-100-A-C",
        "looked_up_as": "20-100-A-C",
        "normalised_with": None,
        "build": "GRCh38",
        "release": "2026-11.1",
        "state": "in_bin",
        "an": 1_000,
        "bin": 3,
        "ac_low": 225,
        "ac_high": 399,
        "af_low": 0.225,
        "af_high": 0.399,
        "homozygotes": "at_least_k",
        "hemizygotes": "fewer_than_k",
        "least_people": 5,
        "interpretations": [{"class": "4", "laboratories": 3, "year": 2025, "guideline": "ACMG 2015"}],
    }
    assert run(["lookup", "--release", str(release), "20-100-A-C"]) == 0
    text = capsys.readouterr().out
    assert "20-100-A-C (GRCh38): observed; the release tells in which bin." in text
    assert "AC 225 to 399 of about AN 1,000, AF 0.225 to 0.399, faf95 at most 0." in text
    assert "Homozygous people: at least 5; hemizygous: fewer than 5, or none." in text
    assert "Interpreted as class 4 by 3 laboratories, the last in 2025 (ACMG 2015)." in text


def test_an_allele_written_otherwise_is_trimmed_first(release: Path, capsys: pytest.CaptureFixture[str]) -> None:
    found = told(release, "20-300-CTG-CG", capsys)
    assert (found["looked_up_as"], found["state"], found["ac_low"], found["ac_high"]) == (
        "20-300-CT-C",
        "in_bin",
        25,
        99,
    )


@pytest.mark.parametrize(
    ("variant", "state", "counts", "words"),
    [
        ("20-101-A-C", "below", (1_000, 0, 24), "fewer copies than the lowest bin tells of, or none"),
        ("20-1500-A-C", "not_covered", (None, None, None), "not covered: nothing is known of it here"),
        ("20-2500-A-C", "not_in_release", (None, None, None), "outside the genes of the release"),
        ("21-100-A-C", "not_in_release", (None, None, None), "outside the genes of the release"),
    ],
)
def test_what_is_not_above_the_lowest_bin_has_an_answer_too(
    release: Path,
    capsys: pytest.CaptureFixture[str],
    variant: str,
    state: str,
    counts: tuple[int | None, ...],
    words: str,
) -> None:
    found = told(release, variant, capsys)
    assert (found["state"], found["interpretations"]) == (state, [])
    assert tuple(found[name] for name in ("an", "ac_low", "ac_high")) == counts
    assert run(["lookup", "--release", str(release), variant]) == 0
    assert words in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["20-100-A-C"], "bad_arguments"),
        (["20-100-A-C", "--counts", "c", "--release", "r"], "bad_arguments"),
        (["20-100-A-C", "--counts", "c", "--reference", "x"], "bad_arguments"),
        (["20-100-A-C", "--release", "nowhere"], "no_release"),
    ],
)
def test_what_cannot_be_asked_is_refused(arguments: list[str], code: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["lookup", *arguments, "--json"]) == 2
    assert json.loads(capsys.readouterr().err)["code"] == code


def test_a_release_that_the_gate_stopped_and_a_bad_variant_are_refused(
    release: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    asked = ["lookup", "--release", str(release)]
    assert run([*asked, "NC_000020.10:100:A:C", "--json"]) == 2
    assert json.loads(capsys.readouterr().err)["code"] == "wrong_build"
    assert run([*asked, "Y-20000-A-C", "--json"]) == 2
    assert json.loads(capsys.readouterr().err)["code"] == "y_pseudoautosomal"
    path = release / layout.MANIFEST
    manifest = json.loads(path.read_text()) | {"gate": {"public": False, "sentence": "Nothing is published."}}
    path.write_text(json.dumps(manifest))
    assert run([*asked, "20-100-A-C", "--json"]) == 2
    assert json.loads(capsys.readouterr().err)["code"] == "no_public_release"
