"""Pictures as a browser under a strict policy gets them: well-formed, named, without script or style."""

from __future__ import annotations

from xml.etree import ElementTree

import pytest

from varde.genome.pedigree import Affected, Sex
from varde.interpretation.drawing import (
    Allele,
    BalanceMember,
    Carriage,
    PedigreeMember,
    allele_balance_svg,
    pedigree_svg,
)

SVG = "{http://www.w3.org/2000/svg}"


def trio(child_sex: Sex = Sex.MALE, label: str = "Child") -> str:
    return pedigree_svg(
        PedigreeMember(label, child_sex, Affected.AFFECTED, (Allele(Carriage.ONE, "0/1"), Allele(Carriage.TWO, "1/1"))),
        PedigreeMember("Mother", Sex.FEMALE, Affected.UNAFFECTED, (Allele(Carriage.NONE, "0/0"),)),
        PedigreeMember("Father", Sex.MALE, Affected.UNKNOWN, (Allele(Carriage.UNKNOWN, "./."),)),
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
    assert "A" * 23 + "…" in drawn
    assert "A" * 25 not in drawn
    assert drawn == trio(label="A" * 400)
