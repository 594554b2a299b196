"""The index against plain NumPy and Polars, and what a file that is not one is told."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from varde.frequency import index_file
from varde.frequency.cells import Cell
from varde.frequency.increment import COVERAGE, OBSERVATIONS, PEOPLE, Increment, allele_number, sites
from varde.frequency.index import FrequencyIndex, build_index, index_increment
from varde.frequency.index_file import MAGIC
from varde.frequency.packed import BLOCK_ROWS, PackedTable
from varde.genome.builds import Build
from varde.genome.errors import InputError
from varde.genome.keys import KEY_FORMAT, encode_keys
from varde.genome.pedigree import Sex

NUMBERS = st.integers(0, (1 << 64) - 1) | st.integers(0, 300) | st.integers((1 << 59) - 200, (1 << 59) + 200)
VALUES = st.integers(0, 3) | st.integers(0, (1 << 62) - 1)
XX, XY = Cell(Sex.FEMALE), Cell(Sex.MALE)
LONG = ("ACGTACGTACGTACGT", "A")


@settings(max_examples=60, deadline=None)
@given(keys=st.sets(NUMBERS, max_size=3 * BLOCK_ROWS), asked=st.lists(NUMBERS, max_size=40), data=st.data())
def test_packed_table_answers_as_a_sorted_array(keys: set[int], asked: list[int], data: st.DataObject) -> None:
    given_keys = np.array(sorted(keys), dtype=np.uint64)
    some = data.draw(st.lists(VALUES, min_size=len(keys), max_size=len(keys)))
    columns = {"some": np.array(some, dtype=np.int64), "none": np.zeros(len(keys), dtype=np.int64)}
    table = PackedTable.pack(given_keys, columns)
    queries = [*asked, *sorted(keys)[::7]]
    place = {key: row for row, key in enumerate(sorted(keys))}
    assert table.keys().tolist() == sorted(keys)
    assert table.column("some").tolist() == some
    assert table.column("some", 3, 70).tolist() == some[3:70]
    assert table.find(np.array(queries, dtype=np.uint64)).tolist() == [place.get(key, -1) for key in queries]
    assert [table.find_one(key) for key in queries] == [place.get(key, -1) for key in queries]
    below = [sum(key < query for key in keys) for query in queries]
    assert table.lower(np.array(queries, dtype=np.uint64)).tolist() == below
    assert [table.last_up_to(key) for key in queries] == [sum(k <= key for k in keys) - 1 for key in queries]
    assert [table.row(row)["some"] for row in range(0, len(keys), 5)] == some[::5]


def test_packed_table_refuses_what_it_cannot_hold() -> None:
    two = np.array([1, 1], dtype=np.uint64)
    with pytest.raises(ValueError, match="ascend"):
        PackedTable.pack(two, {})
    with pytest.raises(ValueError, match="below zero"):
        PackedTable.pack(two[:1], {"ac": np.array([-1])})


def increment() -> Increment:
    """Three sites on 20 and X; 2 XX and 3 XY people called at 20:1-1000 and X:1-3,000,000; one beside."""
    keys = encode_keys([20, 20, 23], [100, 200, 2_900_000], ["A", LONG[0], "C"], ["T", LONG[1], "G"])
    rows = [(keys[0], XX.code, 1, 1, 0, 0), (keys[1], XY.code, 2, 0, 0, 1), (keys[2], XY.code, 0, 0, 2, 0)]
    observations = pl.DataFrame(rows, schema=OBSERVATIONS, orient="row").sort("key", "cell")
    steps = [
        (cell.code, (contig << 32) + place, sign * people)
        for cell, people in ((XX, 2), (XY, 3))
        for contig, end in ((20, 1_000), (23, 3_000_000))
        for place, sign in ((0, 1), (end, -1))
    ]
    coverage = pl.DataFrame(steps, schema=COVERAGE, orient="row").sort("cell", "place")
    people = pl.DataFrame([(XX.code, 2, 0), (XY.code, 3, 0)], schema=PEOPLE, orient="row")
    long = pl.DataFrame(
        {"key": [int(keys[1])], "ref": [LONG[0]], "alt": [LONG[1]]}, schema_overrides={"key": pl.UInt64}
    )
    empty = Increment.empty(Build.GRCH38)
    return Increment(Build.GRCH38, observations, coverage, empty.structural, people.sort("cell"), long)


def test_index_of_an_increment_tells_what_the_increment_tells(tmp_path: Path) -> None:
    counted = increment()
    index_increment(tmp_path / "a.index", counted, made_from={"release": "t1"}, groups={"xx": [XX], "xy": [XY]})
    index = FrequencyIndex.open(tmp_path / "a.index")
    index.verify()
    expected = sites(counted)
    frame = index.frame()
    assert (index.build, index.made_from, len(index)) == (Build.GRCH38, {"release": "t1"}, 3)
    names = ["key", "contig", "position", "ref", "alt", "ac", "an", "nhomalt", "nhemi"]
    assert frame.select(names).rows() == expected.select(names).rows()
    assert frame["an_xy"].to_list() == sites(counted, [XY])["an"].to_list() == [6, 8, 3]
    assert frame["ac_xx"].to_list() == [3, 0, 0]
    contig = np.array([20, 20, 20, 23, 23, 23, 1], dtype=np.uint8)
    position = np.array([1, 1_000, 1_001, 1, 2_781_479, 2_781_480, 5])
    assert index.covered(contig, position, "an").tolist() == allele_number(counted, contig, position).tolist()
    assert [index.at(*place)["an"] for place in zip(contig.tolist(), position.tolist(), strict=True)] == [
        *(10, 10, 0, 7, 10, 7, 0)
    ]
    assert index.at(23, 2_781_480) == {"an": 7, "an_xx": 4, "an_xy": 3}
    assert (
        index.row(int(frame["key"][0]), "A", "T")
        == index.row(int(frame["key"][0]))
        == {
            **{"ac": 3, "an": 10, "nhomalt": 1, "nhemi": 0},
            **{"ac_xx": 3, "an_xx": 4, "nhomalt_xx": 1, "nhemi_xx": 0},
            **{"ac_xy": 0, "an_xy": 6, "nhomalt_xy": 0, "nhemi_xy": 0},
        }
    )
    assert index.row(int(frame["key"][1]), *LONG) is not None
    assert index.row(int(frame["key"][1]), LONG[0], "C") is None  # an allele with the same hash
    assert index.row(int(frame["key"][1]) + 1) is None
    assert index.range(20, 100, 200) == (0, 2)
    assert index.range(20, 101, 199) == (1, 1)
    assert index.range(23, 0, 1 << 28) == (2, 3)


def test_same_counts_give_the_same_bytes(tmp_path: Path) -> None:
    for name in ("a", "b"):
        index_increment(tmp_path / name, increment(), made_from={"z": 1, "a": [2]})
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a", "b"]


@pytest.fixture
def whole(tmp_path: Path) -> Path:
    path = tmp_path / "whole.index"
    index_increment(path, increment(), made_from={})
    return path


@pytest.mark.parametrize("kept", [0, 4, 15, 60, -1, -8])
def test_a_truncated_index_is_refused(whole: Path, kept: int) -> None:
    whole.write_bytes(whole.read_bytes()[:kept])
    with pytest.raises(InputError) as told:
        FrequencyIndex.open(whole)
    assert told.value.code == ("no_index" if 0 <= kept <= 15 else "truncated")


def test_key_format_is_that_of_the_keys() -> None:
    assert index_file.KEY_FORMAT == KEY_FORMAT


def test_other_files_are_refused(whole: Path, tmp_path: Path) -> None:
    content = whole.read_bytes()
    cases = {
        "no_index": b"##fileformat=VCFv4.2\n" + content,
        "unknown_format": MAGIC + b"\x09" + content[8:],
    }
    for code, changed in cases.items():
        (tmp_path / code).write_bytes(changed)
        with pytest.raises(InputError) as told:
            FrequencyIndex.open(tmp_path / code)
        assert told.value.code == code
    other_keys = content.replace(b'"key_format": 1', b'"key_format": 7')
    whole.write_bytes(other_keys)
    with pytest.raises(InputError) as told:
        FrequencyIndex.open(whole)
    assert told.value.code == "unknown_format"
    with pytest.raises(InputError) as told:
        FrequencyIndex.open(tmp_path / "missing")
    assert told.value.code == "not_found"


def test_a_changed_byte_is_found_by_verify(whole: Path) -> None:
    content = bytearray(whole.read_bytes())
    content[content.index(LONG[0].encode())] ^= 1
    whole.write_bytes(bytes(content))
    with pytest.raises(InputError) as told:
        FrequencyIndex.open(whole).verify()
    assert told.value.code == "damaged_index"


def test_a_refused_index_leaves_the_old_one(whole: Path) -> None:
    before = whole.read_bytes()
    frame = pl.DataFrame({"key": [5, 3], "ac": [1, 1]}, schema_overrides={"key": pl.UInt64})
    steps = pl.DataFrame({"place": [], "an": []}, schema={"place": pl.UInt64, "an": pl.Int64})
    with pytest.raises(ValueError, match="ascend"):
        build_index(whole, Build.GRCH38, frame, steps, made_from={})
    hashed = encode_keys([1], [5], ["ACGTACGTACGTACG"], ["A"])
    with pytest.raises(ValueError, match="spell"):
        build_index(whole, Build.GRCH38, pl.DataFrame({"key": hashed, "ac": [1]}), steps, made_from={})
    with pytest.raises(InputError):
        build_index(whole.parent / "no" / "x", Build.GRCH38, frame.sort("key"), steps, made_from={})
    assert whole.read_bytes() == before
    assert [path.name for path in whole.parent.iterdir()] == [whole.name]
