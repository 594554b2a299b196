"""Predictors' tables and conservation imported and asked."""

from __future__ import annotations

import gzip
import random
from datetime import date
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from varde.annotation.conservation import Conservation, import_conservation
from varde.annotation.keyed_file import KeyedFile, KeyedFolder, KeyedWriter
from varde.annotation.predictor_formats import ColumnDescription, read_column_description
from varde.annotation.predictors import Predictor, import_predictor
from varde.annotation.source_folder import Origin
from varde.genome.builds import Build
from varde.genome.errors import InputError
from varde.genome.keys import encode_keys
from varde.genome.references import Reference

ORIGIN = Origin("scores", "1", "academic use only", date(2026, 12, 1))
REVEL = """chr,hg19_pos,grch38_pos,ref,alt,aaref,aaalt,REVEL,Ensembl_transcriptid
1,35142,35142,G,A,T,M,0.027,ENST00000417324
1,35142,35142,G,C,T,R,0.035,ENST00000417324
1,35143,.,T,A,T,S,0.043,ENST00000417324
1,69091,69091,A,C,M,L,0.100,ENST1
1,69091,69091,A,C,M,L,0.700,ENST2
X,200000,150000,A,C,M,L,0.999,ENST3
X,200001,140000,A,C,M,L,0.5,ENST3
"""
CADD = """## CADD GRCh38-v1.7 (c) University of Washington 2013-2023. All rights reserved.
#Chrom\tPos\tRef\tAlt\tRawScore\tPHRED
1\t10001\tT\tA\t0.702541\t8.478
1\t10001\tT\tC\t0.750954\t8.921
"""
SPLICEAI = """##fileformat=VCFv4.2
##reference=GRCh38/hg38
##INFO=<ID=SpliceAI,Number=.,Type=String,Description="SpliceAIv1.3">
#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO
1\t69091\t.\tA\tC\t.\t.\tSpliceAI=C|OR4F5|0.01|0.00|0.91|0.08|-10|26|-2|35
1\t69092\t.\tT\tC\t.\t.\tSpliceAI=C|OR4F5|0.00|0.00|0.00|0.00|-1|2|3|4
1\t69093\t.\tG\tC\t.\t.\tSpliceAI=C|FIRST|0.10|0.00|0.00|0.00|-1|2|3|4,C|SECOND|0.00|0.40|0.00|0.00|5|6|7|8
1\t69094\t.\tG\tC,T\t.\t.\tSpliceAI=C|A|0.10|0.00|0.00|0.00|1|2|3|4,T|A|0.00|0.00|0.00|0.20|5|6|7|-8
1\t69095\t.\tG\tC\t.\t.\tSpliceAI=C|A|.|.|.|.|.|.|.|.
"""


def written(folder: Path, text: str, name: str = "table.gz") -> Path:
    path = folder / name
    path.write_bytes(gzip.compress(text.encode()))
    return path


def keys(*alleles: tuple[int, int, str, str]) -> np.ndarray:
    contig, position, ref, alt = zip(*alleles, strict=True)
    return encode_keys(contig, position, list(ref), list(alt))


def test_revel_in_both_builds_with_the_highest_score_of_an_allele(tmp_path: Path) -> None:
    path = written(tmp_path, REVEL)
    old = Predictor.open(import_predictor(tmp_path / "37", path, ORIGIN, Build.GRCH37, "revel"))
    new = Predictor.open(import_predictor(tmp_path / "38", path, ORIGIN, Build.GRCH38, "revel"))

    asked = keys((1, 35142, "G", "C"), (1, 69091, "A", "C"), (1, 35143, "T", "A"), (1, 5, "T", "A"), (9, 5, "T", "A"))

    assert old.predictor == "revel"
    assert old.at(asked)["score"].to_list() == [0.035, 0.7, 0.043, None, None]
    assert new.at(asked)["score"].to_list() == [0.035, 0.7, None, None, None]
    assert new.score(int(keys((23, 140_000, "A", "C"))[0])) == 0.5
    assert (old.description.read, old.description.kept) == (7, 6)
    assert dict(old.description.dropped) == {"lower_score_of_same_allele": 1}
    assert dict(new.description.dropped) == {"lower_score_of_same_allele": 1, "no_position": 1}


def test_cadd_tells_its_build(tmp_path: Path) -> None:
    path = written(tmp_path, CADD)
    found = Predictor.open(import_predictor(tmp_path / "new", path, ORIGIN, Build.GRCH38, "cadd"))
    assert found.at(keys((1, 10001, "T", "C"), (1, 10001, "T", "A")))["score"].to_list() == [8.921, 8.478]
    with pytest.raises(InputError, match="GRCh37 is expected, but the file says GRCh38"):
        import_predictor(tmp_path / "old", path, ORIGIN, Build.GRCH37, "cadd")
    assert not (tmp_path / "old").exists()


def test_spliceai_gives_the_greatest_delta_its_effect_and_its_distance(tmp_path: Path) -> None:
    found = Predictor.open(
        import_predictor(tmp_path / "s", written(tmp_path, SPLICEAI), ORIGIN, Build.GRCH38, "spliceai")
    )
    asked = keys(
        (1, 69091, "A", "C"), (1, 69092, "T", "C"), (1, 69093, "G", "C"), (1, 69094, "G", "C"), (1, 69094, "G", "T"),
        (1, 69095, "G", "C"),
    )  # fmt: skip
    rows = [
        (score, effect, distance, gene)
        for score, effect, distance, gene in found.at(asked).select("score", "effect", "distance", "gene").rows()
    ]
    assert rows == [
        (0.91, "donor_gain", -2, "OR4F5"),
        (0.0, None, None, "OR4F5"),
        (0.4, "acceptor_loss", 6, "SECOND"),
        (0.1, "acceptor_gain", 1, "A"),
        (0.2, "donor_loss", -8, "A"),
        (None, None, None, None),
    ]
    assert dict(found.description.dropped) == {"lower_score_of_same_allele": 1, "no_score": 1}


def test_spliceai_as_a_table_says_the_same_as_its_vcf(tmp_path: Path) -> None:
    text = "chrom\tpos\tref\talt\tsymbol\tDS_AG\tDS_AL\tDS_DG\tDS_DL\tDP_AG\tDP_AL\tDP_DG\tDP_DL\n"
    text += "chr1\t69091\tA\tC\tOR4F5\t0.01\t0.00\t0.91\t0.08\t-10\t26\t-2\t35\n"
    one = import_predictor(tmp_path / "t", written(tmp_path, text), ORIGIN, Build.GRCH38, "spliceai")
    other = import_predictor(tmp_path / "v", written(tmp_path, SPLICEAI), ORIGIN, Build.GRCH38, "spliceai")
    asked = keys((1, 69091, "A", "C"))
    assert Predictor.open(one).at(asked).equals(Predictor.open(other).at(asked))


def test_any_table_by_a_description_of_its_columns(tmp_path: Path) -> None:
    described = tmp_path / "alphamissense.json"
    described.write_text(
        '{"kind": "alphamissense", "contig": "CHROM", "position": "POS", "ref": "REF", "alt": "ALT", '
        '"score": "am_pathogenicity", "least": 0, "greatest": 1}'
    )
    text = "## made on hg38\n#CHROM\tPOS\tREF\tALT\tgenome\tam_pathogenicity\nchr1\t69094\tG\tT\thg38\t0.2937\n"
    found = Predictor.open(
        import_predictor(
            tmp_path / "s", written(tmp_path, text), ORIGIN, Build.GRCH38, read_column_description(described)
        )
    )
    assert found.predictor == "alphamissense"
    assert found.at(keys((1, 69094, "G", "T")))["score"].to_list() == [0.2937]


def test_indels_are_found_as_our_own_are_left_aligned(tmp_path: Path, toy_reference: Reference) -> None:
    run = 126  # six A of the toy gene
    before = toy_reference.sequence(1, run - 1, run)
    assert toy_reference.sequence(1, run, run + 6) == "AAAAAA"
    text = CADD.splitlines()[1] + f"\n1\t{run + 6}\tA\tAA\t1\t22.5\n"
    root = tmp_path / "s"
    folder = import_predictor(root, written(tmp_path, text), ORIGIN, Build.GRCH38, "cadd", reference=toy_reference)
    assert Predictor.open(folder).score(int(keys((1, run, before, before + "A"))[0])) == 22.5


@pytest.mark.parametrize(
    ("kind", "text", "code", "line"),
    [
        ("revel", REVEL.replace("0.999", "1.999"), "bad_row", 7),
        ("revel", REVEL.replace("0.999", "nan"), "bad_row", 7),
        ("revel", REVEL.replace("REVEL", "SCORE"), "missing_column", 1),
        ("revel", REVEL + "X,5", "bad_row", 9),
        ("revel", REVEL.replace(",", "\t"), "no_heading", 1),
        ("revel", REVEL.splitlines()[0] + "\n", "no_rows", None),
        ("cadd", CADD.replace("8.478", "x"), "bad_row", 3),
        ("cadd", CADD.replace("10001", "250000000"), "wrong_build", 3),
        ("spliceai", SPLICEAI.replace("ID=SpliceAI,", "ID=Other,"), "missing_column", None),
        ("spliceai", SPLICEAI.replace("|-2|35", ""), "bad_row", 5),
        ("spliceai", SPLICEAI.replace("0.91", "9.1"), "bad_row", 5),
        ("spliceai", SPLICEAI.replace("GRCh38/hg38", "hg19"), "wrong_build", None),
        ("polyphen", CADD, "unknown_kind", None),
    ],
)
def test_a_wrong_table_is_refused_and_nothing_is_stored(
    tmp_path: Path, kind: str, text: str, code: str, line: int | None
) -> None:
    with pytest.raises(InputError) as caught:
        import_predictor(tmp_path / "s", written(tmp_path, text), ORIGIN, Build.GRCH38, kind)
    assert caught.value.code == code
    assert line in (None, caught.value.line)
    assert not (tmp_path / "s").exists() or not list((tmp_path / "s").iterdir())


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"score": ""}, "score"),
        ({"kind": "Bad Kind"}, "kind"),
        ({"alt": "r"}, "score"),
        ({"more": "x"}, "more"),
        ({"separator": "||"}, "separator"),
        ({"least": "low"}, "least"),
    ],
)
def test_a_wrong_description_is_refused(tmp_path: Path, change: dict[str, str], field: str) -> None:
    import json

    told = {"kind": "mine", "contig": "c", "position": "p", "ref": "r", "alt": "a", "score": "s"} | change
    path = tmp_path / "described.json"
    path.write_text(json.dumps(told))
    with pytest.raises(InputError) as caught:
        read_column_description(path)
    assert (caught.value.code, caught.value.field) == ("bad_description", field)
    path.write_text("[]")
    with pytest.raises(InputError):
        read_column_description(path)


def _add_all(writer: KeyedWriter, frame: pl.DataFrame) -> None:
    for start in range(frame.height - 7, -1, -7):
        writer.add(frame[start : start + 7])


def test_the_writer_sorts_within_its_window_and_refuses_beyond(tmp_path: Path) -> None:
    letters = random.Random(3)
    positions = list(range(1, 400))
    for start in range(0, 390, 10):  # disorder of up to ten rows
        part = positions[start : start + 10]
        letters.shuffle(part)
        positions[start : start + 10] = part
    whole = encode_keys([1] * 399, positions, ["A"] * 399, ["C"] * 399)
    frame = pl.DataFrame({"line": range(399), "key": whole, "score": np.array(positions, dtype=np.float32)})
    good, bad = tmp_path / "good", tmp_path / "bad"
    good.mkdir()
    bad.mkdir()
    writer = KeyedWriter(good, "table", window=40)
    for start in range(0, 399, 7):
        writer.add(frame[start : start + 7])
    writer.close()
    held = KeyedFile(good / "scores-01.parquet")
    assert len(held) == 399
    assert KeyedFolder(good).find(whole)["score"].to_list() == [float(at) for at in positions]
    writer = KeyedWriter(bad, "table", window=40)
    for start in range(392, 350, -7):
        writer.add(frame[start : start + 7])
    with pytest.raises(InputError) as caught:
        _add_all(writer, frame[:350])
    writer.abandon()
    assert caught.value.code == "unsorted"


def test_some_of_many_rows_over_row_groups_are_found(tmp_path: Path) -> None:
    """200,000 rows in four groups, against a dictionary."""
    numbers = np.random.default_rng(5)
    position = np.unique(numbers.integers(1, 5_000_000, 210_000))[:200_000]
    held = encode_keys(np.ones(len(position)), position, ["A"] * len(position), ["C"] * len(position))
    pl.DataFrame({"key": held, "score": position.astype(np.float32)}).write_parquet(
        tmp_path / "scores-01.parquet", row_group_size=1 << 16
    )
    asked = numbers.integers(1, 5_000_000, 1_000)
    some = encode_keys(np.ones(1_000), asked, ["A"] * 1_000, ["C"] * 1_000)
    there = set(position.tolist())
    expected = [float(at) if at in there else None for at in asked.tolist()]
    file = KeyedFile(tmp_path / "scores-01.parquet")
    assert file.find(some)["score"].to_list() == expected
    upto = [float(position[place - 1]) if place else None for place in np.searchsorted(position, asked, side="right")]
    assert file.last_up_to(some)["score"].to_list() == upto
    low, high = int(held[60_000]), int(held[70_000])
    assert file.around(low, high)["key"].to_numpy().tolist() == held[60_000:70_001].tolist()


BEDGRAPH = "track type=bedGraph\nchr1\t100\t101\t-0.5\nchr1\t101\t104\t2.25\nchrUn\t0\t5\t1\nchrX\t0\t10\t7.5\n"
WIG = """track type=wiggle_0
fixedStep chrom=chr1 start=101 step=1
-0.5
2.25
2.25
2.25
variableStep chrom=chrX span=5
1 7.5
6 7.5
"""


@pytest.mark.parametrize("text", [BEDGRAPH, WIG])
def test_conservation_by_position(tmp_path: Path, text: str) -> None:
    found = Conservation.open(import_conservation(tmp_path / "c", written(tmp_path, text), ORIGIN, Build.GRCH38))
    contig = np.array([1, 1, 1, 1, 1, 23, 23, 23, 2, 0], dtype=np.uint8)
    position = np.array([100, 101, 102, 104, 105, 1, 10, 11, 101, 101])
    assert found.at(contig, position).to_list() == [None, -0.5, 2.25, 2.25, None, 7.5, 7.5, None, None, None]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("chr1\t5\t5\t1\n", "bad_row"),
        ("chr1\t5\t6\n", "bad_row"),
        ("chr1\t5\t6\tx\n", "bad_row"),
        ("chr1\t5\t6\t1\nchr1\t5\t7\t2\n", "overlapping"),
        ("chr1\t5\t9\t1\nchr1\t7\t10\t2\n", "overlapping"),
        ("chr1\t5\t999999999\t1\n", "wrong_build"),
        ("fixedStep chrom=chr1\n1\n", "bad_row"),
        ("track\n", "no_rows"),
        ("PK\x03\x04\x00\x00", "encoding"),
    ],
)
def test_wrong_conservation_is_refused(tmp_path: Path, text: str, code: str) -> None:
    with pytest.raises(InputError) as caught:
        import_conservation(tmp_path / "c", written(tmp_path, text), ORIGIN, Build.GRCH38)
    assert caught.value.code == code
    assert not (tmp_path / "c").exists() or not list((tmp_path / "c").iterdir())


def test_a_description_names_each_column_once() -> None:
    described = ColumnDescription("mine", "c", "p", "r", "a", "s")
    assert list(described.columns.values()) == ["contig", "position", "ref", "alt", "score"]
