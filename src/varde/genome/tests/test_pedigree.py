"""Pedigrees: the conventions of PED, and every contradiction named with its line."""

from __future__ import annotations

import pickle
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared_data import shared_data
from varde.genome.errors import InputError
from varde.genome.pedigree import Affected, Pedigree, Person, Sex, read_ped, write_ped

CHILD = Person("f", "child", "dad", "mum", Sex.FEMALE, Affected.AFFECTED)
MUM = Person("f", "mum", sex=Sex.FEMALE, affected=Affected.UNAFFECTED)
DAD = Person("f", "dad", sex=Sex.MALE)
SIBLING = Person("f", "sib", "dad", "mum", affected=Affected.AFFECTED)
NAMES = st.text("abcÆøå-_.1 ", min_size=1, max_size=8).map(str.strip).filter(lambda text: text not in {"", "."})


def ped(tmp_path: Path, text: str | bytes) -> Path:
    path = tmp_path / "family.ped"
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return path


def refusal(path: Path) -> InputError:
    with pytest.raises(InputError) as caught:
        read_ped(path)
    assert caught.value.source == path.name
    return caught.value


@pytest.mark.parametrize(
    "text",
    [
        "f\tchild\tdad\tmum\t2\t2\nf\tmum\t0\t0\t2\t1\nf\tdad\t0\t0\t1\t0\n",
        "f child dad mum 2 2\nf   mum 0 0 2 1\n  f dad 0 0 1 -9  \n",
        "#fam id father mother sex phenotype\n\nf\tchild\tdad\tmum\tF\taffected\r\n"
        "f\tmum\t.\t-9\tfemale\tunaffected\r\nf\tdad\t\t\tMale\t\r\n",
        "\ufefff\tchild\tdad\tmum\t2\t2\t\t\nf\tmum\t\t\t2\t1\nf\tdad\t0\t0\tm\tunknown",
    ],
)
def test_the_usual_ways_to_write_a_trio_read_the_same(tmp_path: Path, text: str) -> None:
    assert read_ped(ped(tmp_path, text)).persons == (CHILD, MUM, DAD)


@pytest.mark.parametrize(
    ("text", "code", "line", "field"),
    [
        ("", "empty_ped", None, None),
        ("# only a comment\n\n", "empty_ped", None, None),
        ("f\tc\t0\t0\t1\n", "ped_columns", 1, None),
        ("#x\nf c 0 0 1 2 3\n", "ped_columns", 2, None),
        ("f\tc\t\t1\n", "ped_columns", 1, None),
        ("family\tperson\tfather\tmother\tsex\tphenotype\n", "ped_sex", 1, "sex"),
        ("f\tc\t0\t0\t3\t1\n", "ped_sex", 1, "sex"),
        ("f\tc\t0\t0\t1\t1\nf\td\t0\t0\t1\t2.5\n", "ped_phenotype", 2, "phenotype"),
        ("f\t0\t0\t0\t1\t1\n", "bad_identifier", 1, "identifier"),
        ("f\t\t0\t0\t1\t1\n", "bad_identifier", 1, "identifier"),
        ("\tc\t0\t0\t1\t1\n", "bad_identifier", 1, "family"),
        ("f\tc\x07\t0\t0\t1\t1\n", "bad_identifier", 1, "identifier"),
        ("f\tc\t0\t0\t1\t1\n\nf\tc\t0\t0\t1\t1\n", "duplicate_person", 3, "identifier"),
        ("f\tc\t0\t0\t1\t1\ng\tc\t0\t0\t1\t1\n", "duplicate_person", 2, "identifier"),
        ("f\tm\t0\t0\t2\t1\nf\tc\td\tm\t1\t2\n", "unknown_parent", 2, "father"),
        ("f\td\t0\t0\t1\t1\nf\tc\td\tm\t1\t2\n", "unknown_parent", 2, "mother"),
        ("f\tc\tm\td\t1\t2\nf\tm\t0\t0\t2\t1\nf\td\t0\t0\t1\t1\n", "parent_sex", 1, "father"),
        ("f\td\t0\t0\t1\t1\nf\tc\t0\td\t1\t2\n", "parent_sex", 2, "mother"),
        ("g\td\t0\t0\t1\t1\nf\tc\td\t0\t1\t2\n", "parent_family", 2, "family"),
        ("f\tc\tc\t0\t1\t2\n", "pedigree_cycle", 1, "father"),
        ("f\tx\t0\t0\t1\t2\nf\ta\tb\t0\t1\t2\nf\tb\ta\t0\t1\t2\n", "pedigree_cycle", 2, "father"),
        (b"f\tc\t0\t0\t1\t1\nf\tJ\xf8rgen\t0\t0\t1\t1\n", "not_utf8", 2, None),
        (b"\x1f\x8b\x08\x00\x00\x00", "not_ped", None, None),
        (b"x" * 10_000_001, "not_ped", None, None),
    ],
)
def test_what_is_no_family_is_named(
    tmp_path: Path, text: str | bytes, code: str, line: int | None, field: str | None
) -> None:
    error = refusal(ped(tmp_path, text))
    assert (error.code, error.line, error.field) == (code, line, field)


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    assert refusal(tmp_path / "none.ped").code == "unreadable"
    assert refusal(tmp_path).code == "unreadable"


def test_the_proband_is_the_affected_person() -> None:
    family = Pedigree((DAD, CHILD, MUM))
    assert family.proband() == CHILD
    assert family.identifiers == ("dad", "child", "mum")
    assert family.parents(CHILD) == (MUM, DAD)
    assert family.parents(MUM) == (None, None)
    assert pickle.loads(pickle.dumps(family)) == family  # noqa: S301
    assert Pedigree((replace(CHILD, mother=None, father=None),)).proband().identifier == "child"


def test_the_proband_is_the_youngest_of_an_affected_line() -> None:
    granny = Person("f", "granny", sex=Sex.FEMALE, affected=Affected.AFFECTED)
    mum = replace(MUM, mother="granny", affected=Affected.AFFECTED)
    family = Pedigree((granny, mum, DAD, CHILD))
    assert family.proband() == CHILD
    assert family.ancestors(CHILD) == {"mum", "dad", "granny"}
    assert family.proband("granny") == granny


@pytest.mark.parametrize(
    ("persons", "code", "words"),
    [
        ((MUM, DAD), "no_proband", "phenotype 2"),
        (
            (MUM, DAD, CHILD, Person("f", "sib", "dad", "mum", affected=Affected.AFFECTED)),
            "ambiguous_proband",
            "child, sib",
        ),
    ],
)
def test_no_proband_or_several_are_refused(persons: tuple[Person, ...], code: str, words: str) -> None:
    with pytest.raises(InputError) as caught:
        Pedigree(persons).proband()
    assert caught.value.code == code
    assert words in caught.value.problem + caught.value.remedy


def test_a_proband_can_be_named() -> None:
    family = Pedigree((MUM, DAD, CHILD, SIBLING))
    assert family.proband("sib") == SIBLING
    with pytest.raises(InputError) as caught:
        family.proband("nobody")
    assert caught.value.code == "unknown_person"


@given(
    st.lists(NAMES, min_size=1, max_size=8, unique=True),
    st.lists(st.tuples(st.sampled_from(Sex), st.sampled_from(Affected)), min_size=8, max_size=8),
    st.data(),
)
def test_what_is_written_reads_the_same(
    tmp_path_factory: pytest.TempPathFactory, names: list[str], states: list[tuple[Sex, Affected]], data: st.DataObject
) -> None:
    persons: list[Person] = []
    for name, (sex, affected) in zip(names, states, strict=False):
        fathers = [None, *(one.identifier for one in persons if one.sex is not Sex.FEMALE)]
        mothers = [None, *(one.identifier for one in persons if one.sex is not Sex.MALE)]
        father, mother = data.draw(st.sampled_from(fathers)), data.draw(st.sampled_from(mothers))
        persons.append(Person("fam", name, father, mother, sex, affected))
    family = Pedigree(tuple(persons))
    path = tmp_path_factory.mktemp("ped") / "family.ped"
    write_ped(family, path)
    assert read_ped(path) == family


def test_real_families() -> None:
    trio = read_ped(shared_data("trio", "ashkenazi", "ashk-trio.ped"))
    assert trio.proband().identifier == "HG002"
    assert trio.person("HG004") == Person("ash", "HG004", None, None, Sex.FEMALE, Affected.UNKNOWN)
    siblings = read_ped(shared_data("trio", "ashkenazi", "comphet-test-case.ped"))
    assert [person.identifier for person in siblings.persons] == ["SID_1", "SID_2", "SID_3", "SID_4"]
    assert siblings.person("SID_1").father is None
    with pytest.raises(InputError, match="SID_3, SID_4") as caught:
        siblings.proband()
    assert caught.value.code == "ambiguous_proband"
    assert siblings.parents(siblings.proband("SID_4")) == (siblings.person("SID_1"), siblings.person("SID_2"))
