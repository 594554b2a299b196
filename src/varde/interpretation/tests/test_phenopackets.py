"""Phenopackets: read, refused with the field at fault, and written so that reading gives the same case."""

import json
import tarfile
from datetime import UTC, datetime

import pytest
from tests.shared_data import shared_data

from varde.genome.errors import InputError
from varde.genome.pedigree import Sex
from varde.interpretation.phenopackets import (
    Feature,
    PacketVariant,
    Phenopacket,
    parse_phenopacket,
    read_phenopacket,
    write_phenopacket,
)

WHEN = datetime(2026, 12, 1, 8, 30, tzinfo=UTC)


def packet(**changed) -> dict:
    made = {
        "id": "case-1",
        "subject": {"id": "child", "sex": "FEMALE"},
        "phenotypicFeatures": [
            {"type": {"id": "HP:0001250", "label": "Seizure"}, "onset": {"age": {"iso8601duration": "P3M"}}},
            {"type": {"id": "HP:0001263", "label": "Delay"}, "excluded": True},
        ],
        "metaData": {"created": "2026-12-01T08:30:00Z", "createdBy": "lab", "phenopacketSchemaVersion": "2.0"},
    }
    return made | changed


def parse(document) -> Phenopacket:
    return parse_phenopacket(json.dumps(document).encode(), "case.json")


def test_terms_present_and_excluded_are_told_apart():
    read = parse(packet())
    assert (read.identifier, read.subject, read.sex) == ("case-1", "child", Sex.FEMALE)
    assert read.features == (
        Feature("HP:0001250", "Seizure", onset="P3M"),
        Feature("HP:0001263", "Delay", excluded=True),
    )
    assert (read.observed, read.excluded) == (("HP:0001250",), ("HP:0001263",))


def test_the_schemas_own_field_names_are_read_too():
    snake = packet()
    snake["phenotypic_features"] = snake.pop("phenotypicFeatures")
    snake["meta_data"] = {"created": "2026-12-01T08:30:00Z", "created_by": "lab", "phenopacket_schema_version": "2.0"}
    del snake["metaData"]
    assert parse(snake).features == parse(packet()).features


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"id": ""}, "id"),
        ({"metaData": None}, "metaData"),
        ({"subject": {"id": "a", "sex": "GIRL"}}, "subject.sex"),
        ({"phenotypicFeatures": {"type": {}}}, "phenotypicFeatures"),
        ({"phenotypicFeatures": [{"excluded": True}]}, "phenotypicFeatures[0].type"),
        ({"phenotypicFeatures": [{"type": {"id": "HP:0001250"}, "excluded": "no"}]}, "phenotypicFeatures[0].excluded"),
        ({"phenotypicFeatures": [{"type": {"id": 1250}}]}, "phenotypicFeatures[0].type.id"),
        ({"phenotypes": []}, "phenotypes"),
        (
            {"metaData": {"created": "now", "createdBy": "a", "phenopacketSchemaVersion": "2.0"}},
            "metaData.created",
        ),
    ],
)
def test_the_field_at_fault_is_named(changed, field):
    with pytest.raises(InputError) as raised:
        parse(packet(**changed))
    assert (raised.value.code, raised.value.field, raised.value.source) == ("not_a_phenopacket", field, "case.json")


@pytest.mark.parametrize("raw", [b"", b"[]", b"{", b"\xff\xfe", b"[" * 100_000, b'{"id": 1}'])
def test_what_is_no_packet_is_refused(raw):
    with pytest.raises(InputError) as raised:
        parse_phenopacket(raw)
    assert raised.value.code == "not_a_phenopacket"


def test_what_was_written_reads_as_the_same_case():
    case = Phenopacket(
        identifier="NO-2026-0001",
        subject="child",
        sex=Sex.MALE,
        features=(Feature("HP:0001250", "Seizure", onset="HP:0003593"), Feature("HP:0001263", "Delay", excluded=True)),
        variants=(
            PacketVariant(
                gene="ALG13",
                gene_identifier="HGNC:30881",
                record="X-111000-A-G",
                assembly="GRCh38",
                expressions=(("hgvs.c", "NM_001099922.3:c.320A>G"),),
                zygosity="hemizygous",
                acmg_class=5,
                status="CAUSATIVE",
            ),
        ),
        diseases=(("OMIM:300884", "DEE 36"),),
        solved=True,
        resources=(("HP", "2025-11-24"),),
    )
    assert parse_phenopacket(write_phenopacket(case, created=WHEN, created_by="Varde").encode()) == case


def test_every_published_case_is_read_and_survives_writing():
    """A tenth of the archive; the benchmark reads all 6,256."""
    with tarfile.open(shared_data("phenopackets", "phenopackets.tar.gz")) as archive:
        members = [one for one in archive if one.name.endswith(".json")]
        assert len(members) == 6256
        for member in members[::10]:
            read = parse_phenopacket(archive.extractfile(member).read(), member.name)
            again = parse_phenopacket(write_phenopacket(read, created=WHEN, created_by="test").encode())
            assert (again.features, again.sex, again.identifier) == (read.features, read.sex, read.identifier)
            assert [(one.gene, one.record) for one in again.variants] == [
                (one.gene, one.record) for one in read.variants
            ]


def test_a_file_that_is_not_there_is_refused(tmp_path):
    with pytest.raises(InputError) as raised:
        read_phenopacket(tmp_path / "none.json")
    assert (raised.value.code, raised.value.source) == ("unreadable", "none.json")
