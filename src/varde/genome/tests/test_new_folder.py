"""A folder of results is whole or absent."""

from __future__ import annotations

from pathlib import Path

import pytest

from varde.genome.errors import InputError
from varde.genome.new_folder import new_folder


def test_the_folder_appears_whole_under_its_name(tmp_path: Path) -> None:
    target = tmp_path / "a" / "result"
    with new_folder(target) as working:
        (working / "one.txt").write_text("1")
        assert not target.exists()
    assert [path.name for path in (tmp_path / "a").iterdir()] == ["result"]
    assert (target / "one.txt").read_text() == "1"
    (tmp_path / "made-by-hand").mkdir()
    assert target.stat().st_mode == (tmp_path / "made-by-hand").stat().st_mode


def test_nobody_else_looks_in_while_it_is_filled(tmp_path: Path) -> None:
    with new_folder(tmp_path / "result") as working:
        assert working.parent.stat().st_mode & 0o777 == 0o700


def test_nothing_is_left_after_an_error(tmp_path: Path) -> None:
    def fails_half_way() -> None:
        with new_folder(tmp_path / "a" / "b" / "result") as working:
            (working / "one.txt").write_text("1")
            raise RuntimeError("half way")

    with pytest.raises(RuntimeError, match="half way"):
        fails_half_way()
    assert list(tmp_path.iterdir()) == []


def test_an_empty_folder_is_taken_over(tmp_path: Path) -> None:
    (tmp_path / "result").mkdir()
    with new_folder(tmp_path / "result") as working:
        (working / "one.txt").write_text("1")
    assert (tmp_path / "result" / "one.txt").exists()


@pytest.mark.parametrize("kind", ["folder", "file", "link"])
def test_what_is_there_is_not_touched(tmp_path: Path, kind: str) -> None:
    target = tmp_path / "result"
    if kind == "folder":
        target.mkdir()
        (target / "old.txt").write_text("old")
    elif kind == "file":
        target.write_text("old")
    else:
        target.symlink_to(tmp_path / "nowhere")
    with pytest.raises(InputError, match="already there") as caught, new_folder(target):
        pytest.fail("the folder was opened")
    assert caught.value.code == "out_exists"
    assert caught.value.field == "--out"
    assert [path.name for path in tmp_path.iterdir()] == ["result"]


def test_what_came_meanwhile_is_not_touched(tmp_path: Path) -> None:
    def meets_another() -> None:
        with new_folder(tmp_path / "result"):
            (tmp_path / "result").mkdir()
            (tmp_path / "result" / "other.txt").write_text("other")

    with pytest.raises(InputError, match="already there"):
        meets_another()
    assert [path.name for path in tmp_path.rglob("*")] == ["result", "other.txt"]


def test_a_place_that_cannot_be_written_is_an_input_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError, match="cannot be made"), new_folder(tmp_path / "file" / "result"):
        pytest.fail("the folder was opened")
