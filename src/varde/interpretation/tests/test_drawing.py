"""Pictures as a browser under a strict policy gets them: well-formed, named, without script or style."""

from __future__ import annotations

from itertools import pairwise
from random import Random
from xml.etree import ElementTree

import pytest

from varde.genome.pedigree import Affected, Pedigree, Person, Sex
from varde.interpretation.drawing import (
    Allele,
    BalanceMember,
    Carriage,
    PedigreeMember,
    allele_balance_svg,
    pedigree_svg,
)
from varde.interpretation.pedigree_layout import lay_out

SVG = "{http://www.w3.org/2000/svg}"


def trio(child_sex: Sex = Sex.MALE, label: str = "Child") -> str:
    pedigree = Pedigree(
        (
            Person("f", "father", sex=Sex.MALE),
            Person("f", "mother", sex=Sex.FEMALE, affected=Affected.UNAFFECTED),
            Person("f", "child", "father", "mother", child_sex, Affected.AFFECTED),
        )
    )
    members = {
        "child": PedigreeMember(label, (Allele(Carriage.ONE, "0/1"), Allele(Carriage.TWO, "1/1"))),
        "mother": PedigreeMember("Mother", (Allele(Carriage.NONE, "0/0"),)),
        "father": PedigreeMember("Father", (Allele(Carriage.UNKNOWN, "./."),)),
    }
    return pedigree_svg(
        pedigree,
        "child",
        members,
        identifier="v1",
        title="Pedigree",
        description="The child has the allele, the mother does not.",
    )


def balance(*members: BalanceMember) -> ElementTree.Element:
    drawn = allele_balance_svg(members, identifier="b1", title="Reads", description="Shares", expected=(0.2, 0.8))
    return ElementTree.fromstring(drawn)  # noqa: S314


def test_names_for_screen_readers() -> None:
    root = ElementTree.fromstring(trio())  # noqa: S314
    assert root.get("role") == "img"
    assert root.get("aria-labelledby") == "v1-title v1-desc"
    assert root.findtext(f"{SVG}title") == "Pedigree"
    assert root.find(f"{SVG}desc").get("id") == "v1-desc"


def test_symbols_say_sex_and_affection() -> None:
    root = ElementTree.fromstring(trio())  # noqa: S314
    people = root.findall(f"{SVG}g")
    assert [person.get("class") for person in people] == ["person unknown", "person unaffected", "person affected"]
    assert people[0].find(f"{SVG}rect").get("fill") == "none"
    assert people[0].findtext(f"{SVG}text") == "?"
    assert people[1].find(f"{SVG}circle").get("class") == "female"
    assert people[2].find(f"{SVG}rect").get("fill") == "currentColor"
    unknown = ElementTree.fromstring(trio(Sex.UNKNOWN))  # noqa: S314
    assert unknown.findall(f"{SVG}g")[2].find(f"{SVG}path").get("class") == "sex-unknown"


def test_marks_say_what_each_person_carries() -> None:
    people = ElementTree.fromstring(trio()).findall(f"{SVG}g")  # noqa: S314
    marks = [
        [
            (allele.get("class"), len(allele) - 1, allele[0].get("fill"), allele[0].get("stroke-dasharray"))
            for allele in person.findall(f"{SVG}g")
        ]
        for person in people
    ]
    assert marks == [
        [("allele unknown", 1, "none", "2 2")],
        [("allele none", 1, "none", None)],
        [("allele one", 1, "currentColor", None), ("allele two", 2, "currentColor", None)],
    ]


def test_bar_length_is_the_allele_share() -> None:
    root = balance(
        BalanceMember("Child", 15, 15, "15 of 30 reads"),
        BalanceMember("Mother", 30, 0, "0 of 30 reads"),
        BalanceMember("Father", None, None, "not given"),
        BalanceMember("Aunt", 0, 0, "0 reads"),
        BalanceMember("Uncle", 1, 3, "3 of 4 reads"),
    )
    rows = [group for group in root.findall(f"{SVG}g") if group.get("class") == "balance"]
    shares = [group.find(f"{SVG}rect[@class='allele-share']") for group in rows]
    assert [None if share is None else share.get("width") for share in shares] == ["90", None, None, None, "135"]
    frames = [group.findall(f"{SVG}rect")[-1].get("stroke-dasharray") for group in rows]
    assert frames == [None, None, "3 3", "3 3", None]
    band = root.find(f"{SVG}rect[@class='expected-band']")
    assert (band.get("x"), band.get("width")) == ("132", "108")


@pytest.mark.parametrize("forbidden", ["<script", "style=", "onload", "href"])
def test_nothing_a_strict_policy_refuses(forbidden: str) -> None:
    drawn = trio(label='"><script onload="x">') + allele_balance_svg(
        [BalanceMember("<b style='x'>", 1, 1, "&")], identifier="a", title="<script>", description="href"
    )
    root = ElementTree.fromstring(f"<div>{drawn}</div>")  # noqa: S314
    names = {element.tag for element in root.iter()} | {name for element in root.iter() for name in element.attrib}
    assert not {name for name in names if forbidden.strip("<=") in name}


def test_a_long_label_is_shortened_and_the_picture_is_repeatable() -> None:
    drawn = trio(label="A" * 400)
    assert "A" * 16 + "…" in drawn
    assert "A" * 17 not in drawn
    assert drawn == trio(label="A" * 400)


class TestLargerFamilies:
    """Generations, couples, kin who marry, and who has no data."""

    PEOPLE = (
        ("child", "dad", "mum", Sex.MALE, Affected.AFFECTED),
        ("mum", "grandpa", "granny", Sex.FEMALE, Affected.UNAFFECTED),
        ("dad", None, None, Sex.MALE, Affected.UNAFFECTED),
        ("sister", "dad", "mum", Sex.FEMALE, Affected.UNAFFECTED),
        ("granny", None, None, Sex.FEMALE, Affected.AFFECTED),
        ("grandpa", None, None, Sex.MALE, Affected.UNAFFECTED),
        ("half", "dad", "other", Sex.MALE, Affected.UNKNOWN),
        ("other", None, None, Sex.FEMALE, Affected.UNAFFECTED),
        ("friend", None, None, Sex.UNKNOWN, Affected.UNKNOWN),
    )

    @staticmethod
    def pedigree(people=PEOPLE) -> Pedigree:
        return Pedigree(tuple(Person("f", *one) for one in people))

    def test_each_generation_is_a_row_and_nobody_stands_upon_another(self) -> None:
        layout = lay_out(self.pedigree(), "child")
        assert {name: generation for name, (_, generation) in layout.place.items()} == {
            "child": 2, "mum": 1, "dad": 1, "sister": 2, "granny": 0, "grandpa": 0, "half": 2, "other": 1, "friend": 2,
        }  # fmt: skip
        for generation in range(3):
            row = sorted(column for column, own in layout.place.values() if own == generation)
            assert all(right - left >= 1 for left, right in pairwise(row))
        column = {name: place[0] for name, place in layout.place.items()}
        assert column["half"] < column["child"] < column["sister"]
        assert column["other"] < column["dad"] < column["mum"]
        assert column["dad"] < (column["child"] + column["sister"]) / 2 < column["mum"]

    def test_kin_who_marry_have_two_lines(self) -> None:
        cousins = (
            ("child", "c", "d", Sex.FEMALE, Affected.AFFECTED), ("c", "a", None, Sex.MALE, Affected.UNAFFECTED),
            ("d", None, "b", Sex.FEMALE, Affected.UNAFFECTED), ("a", "x", "y", Sex.MALE, Affected.UNKNOWN),
            ("b", "x", "y", Sex.FEMALE, Affected.UNKNOWN), ("x", None, None, Sex.MALE, Affected.UNKNOWN),
            ("y", None, None, Sex.FEMALE, Affected.UNKNOWN),
        )  # fmt: skip
        layout = lay_out(self.pedigree(cousins), "child")
        assert {couple.parents: couple.related for couple in layout.couples} == {
            ("c", "d"): True, ("a",): False, ("b",): False, ("x", "y"): False,
        }  # fmt: skip
        assert layout.place["c"][0] < layout.place["d"][0]
        assert layout.place["a"][0] < layout.place["b"][0]

    def test_who_carries_and_who_has_no_data(self) -> None:
        pedigree = self.pedigree()
        members = {name: PedigreeMember(name, has_data=False) for name in pedigree.identifiers}
        members["mum"] = PedigreeMember("Mum", (Allele(Carriage.ONE, "0/1"),))
        members["dad"] = PedigreeMember("Dad", (Allele(Carriage.NONE, "0/0"),))
        drawn = pedigree_svg(pedigree, "child", members, identifier="f", title="T", description="D")
        people = ElementTree.fromstring(drawn).findall(f"{SVG}g")  # noqa: S314
        by_name = dict(zip(pedigree.identifiers, people, strict=True))
        assert by_name["mum"].find(f"{SVG}circle[@class='carrier']") is not None
        assert by_name["dad"].find(f"{SVG}circle[@class='carrier']") is None
        assert {name for name, one in by_name.items() if one[0].get("stroke-dasharray")} == (
            set(pedigree.identifiers) - {"mum", "dad"}
        )

    @pytest.mark.parametrize("seed", range(40))
    def test_random_families_are_drawn_whole_and_within_the_picture(self, seed: int) -> None:
        draw = Random(seed)
        people: list[tuple] = []
        for number in range(draw.randint(1, 12)):
            males = [one[0] for one in people if one[3] is Sex.MALE] or [None]
            females = [one[0] for one in people if one[3] is Sex.FEMALE] or [None]
            parents = (draw.choice([None, *males]), draw.choice([None, *females]))
            people.append((f"p{number}", *parents, draw.choice(list(Sex)), draw.choice(list(Affected))))
        pedigree = self.pedigree(people)
        layout = lay_out(pedigree, "p0")
        places = list(layout.place.values())
        assert len(set(places)) == len(people)
        for one in pedigree.persons:
            for parent in (one.father, one.mother):
                assert parent is None or layout.place[parent][1] < layout.place[one.identifier][1]
        assert layout.width <= 3 * len(people)
        members = {name: PedigreeMember(name) for name in pedigree.identifiers}
        root = ElementTree.fromstring(  # noqa: S314
            pedigree_svg(pedigree, "p0", members, identifier="f", title="T", description="D")
        )
        assert len(root.findall(f"{SVG}g")) == len(people)
