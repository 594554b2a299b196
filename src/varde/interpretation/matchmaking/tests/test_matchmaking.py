"""Messages of the Matchmaker Exchange read and written, wrong ones refused by name, and the score."""

from __future__ import annotations

import json
from contextlib import suppress

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from varde.interpretation.matchmaking import (
    MEDIA_TYPE,
    Contact,
    Feature,
    GenomicFeature,
    MatchError,
    PlacedVariant,
    Profile,
    Sex,
    agreed_version,
    match,
    ranked,
    read_answer,
    read_request,
    write_answer,
    write_request,
)

CONTACT = Contact("Prøveby laboratory", "mailto:mme@proveby.example", "Prøveby hospital")


def profile(identifier: str = "p1", **given: object) -> Profile:
    told: dict[str, object] = {
        "features": (Feature("HP:0001250", label="Seizure"), Feature("HP:0001263", observed=False)),
        "genomic_features": (
            GenomicFeature("EFTUD2", PlacedVariant("GRCh38", "17", 44851234, 44851235, "C", "T"), 1, "SO:0001587"),
        ),
        "sex": Sex.FEMALE,
        "age_of_onset": "HP:0003593",
        "inheritance_mode": "HP:0000006",
        "disorders": ("MIM:610536",),
    }
    return Profile(identifier, CONTACT, **(told | given))


def test_a_question_is_written_as_the_exchange_asks_and_read_back() -> None:
    told = write_request(profile(), disclaimer="For diagnosis only.")

    assert told["patient"] == {
        "id": "p1",
        "contact": {
            "name": "Prøveby laboratory",
            "href": "mailto:mme@proveby.example",
            "institution": "Prøveby hospital",
        },
        "species": "NCBITaxon:9606",
        "sex": "FEMALE",
        "ageOfOnset": "HP:0003593",
        "inheritanceMode": "HP:0000006",
        "disorders": [{"id": "MIM:610536"}],
        "features": [
            {"id": "HP:0001250", "label": "Seizure", "observed": "yes"},
            {"id": "HP:0001263", "observed": "no"},
        ],
        "genomicFeatures": [
            {
                "gene": {"id": "EFTUD2"},
                "variant": {
                    "assembly": "GRCh38",
                    "referenceName": "17",
                    "start": 44851234,
                    "end": 44851235,
                    "referenceBases": "C",
                    "alternateBases": "T",
                },
                "zygosity": 1,
                "type": {"id": "SO:0001587"},
            }
        ],
    }
    assert read_request(json.dumps(told).encode()) == profile()


def test_an_answer_is_read_back_with_its_scores() -> None:
    told = write_answer([(0.94, profile("a")), (0.5, profile("b", features=()))])
    answer = read_answer(json.dumps(told).encode())

    assert [(score, one.identifier) for score, one in answer.results] == [(0.94, "a"), (0.5, "b")]


def test_a_variant_without_a_start_leaves_its_gene() -> None:
    told = write_request(profile())
    told["patient"]["genomicFeatures"][0]["variant"] = {"assembly": "GRCh37", "referenceName": "17"}

    assert read_request(json.dumps(told).encode()).genomic_features == (
        GenomicFeature("EFTUD2", None, 1, "SO:0001587"),
    )


@pytest.mark.parametrize(
    ("media_type", "status"),
    [(None, 415), ("application/json", 415), ("application/vnd.ga4gh.matchmaker.v2.0+json", 406), ("text/html", 415)],
)
def test_another_type_or_version_is_refused(media_type: str | None, status: int) -> None:
    with pytest.raises(MatchError) as refused:
        agreed_version(media_type)

    assert refused.value.status == status
    assert ("supportedVersions" in refused.value.body()) == (status == 406)


@pytest.mark.parametrize(
    "media_type",
    [
        "application/vnd.ga4gh.matchmaker.v1.0+json",
        MEDIA_TYPE + "; charset=utf-8",
        "application/vnd.ga4gh.matchmaker.v1.7+json",
        "application/vnd.ga4gh.matchmaker+json",
    ],
)
def test_every_version_1_is_answered_in_the_newest(media_type: str) -> None:
    assert agreed_version(media_type) == "1.1"


def wrong(change: dict[str, object]) -> bytes:
    patient = write_request(profile())["patient"] | change
    return json.dumps({"patient": {name: value for name, value in patient.items() if value != "DROP"}}).encode()


@pytest.mark.parametrize(
    ("body", "status", "named"),
    [
        (b"", 400, "JSON"),
        (b"\xff\xfe{}", 400, "UTF-8"),
        (b"[]", 422, "object"),
        (b"{}", 422, "patient is missing"),
        (b'{"patient": NaN}', 400, "JSON"),
        (b"[" * 100_000, 400, "JSON"),
        (b'{"patient": "' + b"x" * 1_000_001 + b'"}', 422, "1000000 bytes"),
        (wrong({"id": "DROP"}), 422, "patient.id is missing"),
        (wrong({"id": "x" * 256}), 422, "patient.id has more than 255"),
        (wrong({"contact": "DROP"}), 422, "patient.contact is missing"),
        (wrong({"contact": {"name": "A", "href": "javascript:alert(1)"}}), 422, "patient.contact.href"),
        (wrong({"sex": "girl"}), 422, "patient.sex"),
        (wrong({"features": [], "genomicFeatures": []}), 422, "features or genomicFeatures"),
        (wrong({"features": [{"id": "epilepsy"}]}), 422, "patient.features[0].id"),
        (wrong({"features": [{"id": "HP:0001250", "observed": "perhaps"}]}), 422, "patient.features[0].observed"),
        (wrong({"features": "HP:0001250"}), 422, "patient.features is not a list"),
        (wrong({"features": [{"id": "HP:0001250"}] * 501}), 422, "more than 500"),
        (wrong({"genomicFeatures": [{"gene": {}}]}), 422, "patient.genomicFeatures[0].gene.id"),
        (wrong({"genomicFeatures": [{"gene": {"id": "A"}, "zygosity": 3}]}), 422, "genomicFeatures[0]"),
        (
            wrong({"genomicFeatures": [{"gene": {"id": "A"}, "variant": {"assembly": "GRCh38", "start": 1}}]}),
            422,
            "variant.referenceName",
        ),
    ],
)
def test_a_wrong_question_is_refused_by_the_name_of_its_fault(body: bytes, status: int, named: str) -> None:
    with pytest.raises(MatchError) as refused:
        read_request(body)

    assert refused.value.status == status
    assert named in refused.value.message


NAMES = st.sampled_from(
    ["patient", "id", "contact", "name", "href", "features", "genomicFeatures", "gene", "variant", "start", "x"]
)
MESSAGES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=5),
    max_leaves=20,
)


@settings(suppress_health_check=[HealthCheck.too_slow])
@given(MESSAGES)
def test_whatever_comes_is_read_or_refused(message: object) -> None:
    with suppress(MatchError):
        assert read_request(json.dumps(message).encode()).identifier


def alike(asked: tuple[str, ...], held: tuple[str, ...]) -> float:
    return len(set(asked) & set(held)) / len(set(asked) | set(held))


def test_the_very_variant_beats_the_gene_and_signs_are_added() -> None:
    asked = profile()
    same = match(asked, profile("same"), likeness=alike)
    gene = match(
        asked, profile("gene", genomic_features=(GenomicFeature("eftud2"),), features=(Feature("HP:0000252"),)),
        likeness=alike,
    )  # fmt: skip
    silent = match(asked, profile("silent", features=()), likeness=alike)

    assert same is not None
    assert gene is not None
    assert silent is not None
    assert (same.gene, same.phenotype, same.score) == (1.0, 1.0, 1.0)
    assert (gene.gene, gene.phenotype, gene.score) == (0.8, 0.0, pytest.approx(0.56))
    assert (silent.phenotype, silent.score) == (None, 1.0)
    assert same.shared_genes == ("EFTUD2",)


def test_signs_alone_never_match_and_another_build_is_another_place() -> None:
    asked = profile()
    other_gene = profile("b", genomic_features=(GenomicFeature("TTN"),))
    other_build = profile(
        "c", genomic_features=(GenomicFeature("EFTUD2", PlacedVariant("GRCh37", "17", 44851234, None, "C", "T")),)
    )
    named_otherwise = profile(
        "d", genomic_features=(GenomicFeature("EFTUD2", PlacedVariant("hg38.p1", "chr17", 44851234, None, "C", "T")),)
    )

    assert match(asked, other_gene, likeness=alike) is None
    found = ranked(asked, [other_gene, asked, other_build, named_otherwise], likeness=alike)
    assert [(one.profile.identifier, one.gene) for one in found] == [("d", 1.0), ("c", 0.8)]


def test_likeness_by_the_ontology_and_test_profiles_stay_apart() -> None:
    asked = profile(features=(Feature("HP:0001250"),))
    near = profile("near", features=(Feature("HP:0007359"),))  # focal-onset seizure
    far = profile("far", features=(Feature("HP:0000405"),))  # conductive hearing impairment
    trial = profile("trial", test=True)

    found = ranked(asked, [far, near, trial])
    assert [one.profile.identifier for one in found] == ["near", "far"]
    assert ranked(profile(test=True), [near, trial])[0].profile.identifier == "trial"
