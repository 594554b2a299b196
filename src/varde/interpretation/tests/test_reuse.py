"""The validity of classes, and references to the literature."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from varde.genome.errors import InputError
from varde.interpretation.literature import ReferenceKind, parse_reference
from varde.interpretation.reuse import VALIDITY, Age, Validity, freshness, same_event, validity_of

GIVEN = date(2026, 1, 1)


@pytest.mark.parametrize(
    ("days", "age"),
    [(0, Age.CURRENT), (150, Age.CURRENT), (151, Age.SOON), (180, Age.SOON), (181, Age.OUTDATED), (4000, Age.OUTDATED)],
)
def test_class_3_holds_180_days(days, age):
    found = freshness(3, GIVEN, GIVEN + timedelta(days=days))
    assert (found.age, found.until) == (age, date(2026, 6, 30))
    assert found.outdated is (age is Age.OUTDATED)


def test_every_class_has_a_rule_with_its_source():
    assert sorted(VALIDITY) == [1, 2, 3, 4, 5]
    assert [VALIDITY[number].days for number in sorted(VALIDITY)] == [None, 730, 180, 730, 1825]
    assert all(rule.source and not rule.confirmed for rule in VALIDITY.values())
    assert freshness(1, GIVEN, date(2126, 1, 1)).age is Age.CURRENT


def test_a_laboratory_s_own_days_go_before_the_table():
    own = {3: 90, 5: None}
    assert freshness(3, GIVEN, GIVEN + timedelta(days=91), own).outdated
    assert freshness(5, GIVEN, date(2126, 1, 1), own).until is None
    assert validity_of(4, own) == VALIDITY[4]
    assert validity_of(3, own).confirmed


@pytest.mark.parametrize("wrong", [0, -3, 36_501])
def test_a_validity_without_sense_is_refused(wrong):
    with pytest.raises(ValueError, match="days"):
        Validity(wrong, "x")
    with pytest.raises(ValueError, match="days"):
        validity_of(3, {3: wrong})
    with pytest.raises(ValueError, match="class"):
        validity_of(6)


@given(st.integers(1, 5), st.integers(0, 5000), st.integers(0, 5000))
def test_a_class_never_grows_younger(acmg_class, first, later):
    order = list(Age)
    younger = freshness(acmg_class, GIVEN, GIVEN + timedelta(days=min(first, later))).age
    older = freshness(acmg_class, GIVEN, GIVEN + timedelta(days=max(first, later))).age
    assert order.index(younger) <= order.index(older)


@pytest.mark.parametrize(
    ("written", "kind", "identifier"),
    [
        ("25741868", ReferenceKind.PMID, "25741868"),
        ("PMID: 25741868", ReferenceKind.PMID, "25741868"),
        ("pmid25741868.", ReferenceKind.PMID, "25741868"),
        ("https://pubmed.ncbi.nlm.nih.gov/25741868/", ReferenceKind.PMID, "25741868"),
        ("doi:10.1038/gim.2015.30", ReferenceKind.DOI, "10.1038/gim.2015.30"),
        ("https://dx.doi.org/10.1016/S0140-6736(19)30000-1", ReferenceKind.DOI, "10.1016/s0140-6736(19)30000-1"),
        (" 10.1000.10/123456 ", ReferenceKind.DOI, "10.1000.10/123456"),
    ],
)
def test_references_are_read_as_people_write_them(written, kind, identifier):
    found = parse_reference(written)
    assert (found.kind, found.identifier) == (kind, identifier)
    assert parse_reference(found.address) == parse_reference(found.label) == found


@pytest.mark.parametrize(
    "written",
    [
        "",
        "0123",
        "123456789",
        "10.1/x",
        "10.1038/",
        "https://example.org/25741868",
        "javascript:alert(1)",
        "10.1038/a<script>",
        '10.1038/a"b',
        "10.1038/" + "a" * 300,
        "１２３",
        "10.1038/å",
        "25741868\n10.1038/x",
    ],
)
def test_other_text_is_refused(written):
    with pytest.raises(InputError) as caught:
        parse_reference(written)
    assert (caught.value.code, caught.value.field) == ("bad_reference", "reference")


@pytest.mark.parametrize(
    ("second", "same"),
    [
        ("X-1001-2000-DEL", True),
        ("X-1001-1800-DEL", True),  # 800 of 1000
        ("X-1001-1799-DEL", False),  # 799 of 1000
        ("X-801-2000-DEL", True),  # 1000 of 1200
        ("X-751-2000-DEL", True),  # 1000 of 1250
        ("X-750-2000-DEL", False),
        ("X-3001-4000-DEL", False),
        ("X-1001-2000-DUP", False),
        ("8-1001-2000-DEL", False),
        ("X-1001-A-DEL", False),
        ("X-1001-CAG-40", False),
    ],
)
def test_structural_events_are_one_from_four_fifths_reciprocal_overlap(second, same):
    assert same_event("X-1001-2000-DEL", second) is same
    assert same_event(second, "X-1001-2000-DEL") is same
