"""A table of the people to count: sample, sex, disease group and assay, separated by tabs."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TypeVar

from varde.frequency.cells import Assay, Cell, DiseaseGroup
from varde.genome.errors import InputError
from varde.genome.pedigree import Sex
from varde.genome.text_source import TextSource

COLUMNS = ("sample", "sex", "group", "assay")
_SEXES = {"female": Sex.FEMALE, "male": Sex.MALE, "unknown": Sex.UNKNOWN, "xx": Sex.FEMALE, "xy": Sex.MALE}

Word = TypeVar("Word", bound=StrEnum)


def read_people(path: str | Path) -> dict[str, Cell]:
    """The cell of each sample. The first line names the columns: ``sample``, and as many of the others as are known.

    An empty field is unknown or unspecified; other columns are not read. Raises InputError ``not_found``, ``empty``,
    ``encoding``, ``bad_people_table`` for a word or a line that cannot be used, and ``same_person_twice``.
    """
    source = Path(path).name
    lines = _lines(path, source)
    names = lines[0].split("\t")
    missing = "sample" not in names or len(set(names)) < len(names)
    if missing:
        raise _bad(source, 1, f"the first line must name the columns {', '.join(COLUMNS)}, each once")
    cells: dict[str, Cell] = {}
    for number, line in enumerate(lines[1:], start=2):
        fields = line.split("\t")
        if len(fields) != len(names):
            raise _bad(source, number, f"{len(fields)} fields, expected {len(names)}")
        row = dict(zip(names, (field.strip() for field in fields), strict=True))
        if not row["sample"]:
            raise _bad(source, number, "the sample is not named")
        if row["sample"] in cells:
            raise InputError(
                "same_person_twice",
                f"Sample {row['sample']!r} stands on two lines.",
                "Give each person one line: nobody is counted twice.",
                source=source,
                line=number,
                field="sample",
            )
        cells[row["sample"]] = _cell(row, source, number)
    return cells


def _lines(path: str | Path, source: str) -> list[str]:
    with TextSource(path) as text_source:
        data = text_source.read_all()
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise InputError("encoding", "The text is not UTF-8.", "Save the table as UTF-8.", source=source) from None
    lines = [line.rstrip("\r") for line in text.split("\n")]
    while lines and not lines[-1].strip():
        lines.pop()
    if not lines:
        raise InputError("empty", "The table has no line.", "Give one line for each person.", source=source)
    return lines


def _cell(row: dict[str, str], source: str, line: int) -> Cell:
    sex = row.get("sex", "").lower() or "unknown"
    if sex not in _SEXES:
        raise _bad(source, line, f"sex {row['sex']!r} is none of {', '.join(_SEXES)}")
    group = _word(DiseaseGroup, row.get("group", ""), DiseaseGroup.UNSPECIFIED, source, line)
    return Cell(_SEXES[sex], group, _word(Assay, row.get("assay", ""), Assay.UNSPECIFIED, source, line))


def _word(words: type[Word], text: str, otherwise: Word, source: str, line: int) -> Word:
    try:
        return words(text.lower()) if text else otherwise
    except ValueError:
        raise _bad(source, line, f"{text!r} is none of {', '.join(words)}") from None


def _bad(source: str, line: int, problem: str) -> InputError:
    return InputError(
        "bad_people_table",
        f"The table of people cannot be used: {problem}.",
        f"Separate the columns {', '.join(COLUMNS)} by tabs.",
        source=source,
        line=line,
    )
