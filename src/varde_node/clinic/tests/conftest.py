"""A family's order and its signed case, made by hand: the laboratory's half is not needed to test the answer."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

import pytest

from varde.consent import Purpose
from varde_node.clinic import services
from varde_node.clinic.orders import CounsellingContent, FamilyConsent, OrderContent
from varde_node.consent.services import load_forms
from varde_node.lab import queries as lab_queries
from varde_node.lab.contracts import SignedCase, SignedVariant, announce_signed
from varde_node.lab.models import PanelVersion
from varde_node.people.services import Role

EVERYTHING = tuple(
    purpose.value
    for purpose in (
        Purpose.CARE_PANEL,
        Purpose.CARE_ALL_GENES,
        Purpose.INCIDENTAL_FINDINGS,
        Purpose.REGISTER_COUNT,
    )
)
TALK = CounsellingContent("Sara Hætta", "Genetic counsellor", date(2026, 10, 1), "Norwegian")


@pytest.fixture
def panel(db: None) -> PanelVersion:
    """The panel asked for first."""
    genes = [{"symbol": "DEMO01", "confidence": "green", "inheritance": "AR"}]
    return PanelVersion.objects.create(name="Development", version="1.2", source="test", genes=genes)


@pytest.fixture
def content(people: Any, panel: PanelVersion) -> OrderContent:
    """An order for the small family."""
    return OrderContent(
        patient_id=people.child,
        mother_id=people.mother,
        father_id=people.father,
        laboratory_id=people.laboratory,
        indication="Four-year-old girl with delayed development and seizures.",
        hpo_terms=("HP:0001263", "HP:0001250"),
        panel_name=panel.name,
        panel_version=panel.version,
    )


@pytest.fixture
def agreed(people: Any) -> FamilyConsent:
    """Both parents agree to everything; the mother signs for the child."""
    load_forms()
    return FamilyConsent(people.mother, EVERYTHING, "desk", "nb")


@pytest.fixture
def signed_order(actor_as: Callable[..., Any], content: OrderContent, agreed: FamilyConsent) -> UUID:
    """An order that the laboratory has."""
    clinician = actor_as(Role.CLINICIAN)
    return services.submit_order(clinician, content, consent=agreed, counselling=TALK, sign=True)


def variant(place: int, mother: str, father: str, **changed: Any) -> SignedVariant:
    """A reported variant of DEMO17."""
    values: dict[str, Any] = {
        "variant": ("17-4101-G-A", "17-5202-CAG-C")[place],
        "build": "GRCh38",
        "gene": "DEMO17",
        "names": {
            "genomic": ("NC_000017.11:g.4101G>A", "NC_000017.11:g.5203_5204del")[place],
            "coding": ("ENST00000000017.1:c.100C>T", "ENST00000000017.1:c.250_251del")[place],
            "protein": ("ENSP00000000017.1:p.(Arg34Ter)", "ENSP00000000017.1:p.(Glu84ArgfsTer5)")[place],
            "transcript": "ENST00000000017.1",
        },
        "consequence": ("stop_gained", "frameshift_variant")[place],
        "zygosity": {"child": "0/1", "mother": mother, "father": father},
        "depths": {"child": (24, 21), "mother": (20, 19), "father": (44, 0)},
        "acmg_class": (5, 4)[place],
        "points": (10, 8)[place],
        "ruleset": "ACMG/AMP 2015 by points (Tavtigian 2020)",
        "criteria": (
            {"code": "PVS1", "state": "met", "strength": "very_strong", "by": "machine", "reason": ""},
            {"code": "PM2", "state": "met", "strength": "supporting", "by": "machine", "reason": ""},
            {"code": "BA1", "state": "not_met", "strength": None, "by": "machine", "reason": ""},
        ),
        "reasoning": "Null variant in a gene where loss of function is the mechanism.",
        "frequency": {"state": "absent_covered", "ac": 0, "an": 2720, "af": 0.0},
    }
    return SignedVariant(**(values | changed))


@pytest.fixture
def signed_case(people: Any, signed_order: UUID) -> SignedCase:
    """The story's case: compound heterozygous in DEMO17, found after all genes were opened."""
    progress = lab_queries.progress(signed_order)
    assert progress is not None
    return SignedCase(
        case_id=progress.case_id,
        case_number=progress.case_number,
        order_id=signed_order,
        laboratory_id=people.laboratory,
        conclusion="explains",
        scope="all_genes",
        gene="DEMO17",
        inheritance_mode="compound_heterozygous",
        summary="Two null variants in trans in DEMO17.",
        author_name="Kari Lunde",
        signed_at=datetime(2026, 11, 20, 9, 0, 0, 123456, tzinfo=UTC),
        approver_name="Nils Moe",
        approved_at=datetime(2026, 11, 20, 13, 30, tzinfo=UTC),
        panel_name="Development",
        panel_version="1.2",
        panel_genes=1,
        opening_reason="The panel gave no certain finding.",
        opened_at=datetime(2026, 11, 18, 8, 0, tzinfo=UTC),
        variants=(variant(0, "0/1", "0/0"), variant(1, "0/0", "0/1")),
        quality=(
            {
                "sample": None,
                "name": "kinship",
                "value": 0.25,
                "unit": "",
                "light": "green",
                "threshold": "",
                "source": "",
            },
            {
                "sample": "child",
                "name": "coverage",
                "value": None,
                "unit": "",
                "light": "not_evaluated",
                "threshold": "",
                "source": "",
            },
        ),
        quality_override=None,
        not_looked_at=(
            {"key": "copy_number", "parameters": {}},
            {"key": "repeat_expansions", "parameters": {}},
            {"key": "panel_genes_unknown", "parameters": {"genes": "DEMO03, DEMO04"}},
        ),
        recurrence={
            "key": "recurrence.recessive",
            "parameters": {"percent": 25.0, "carrier_percent": 50.0},
            "probability": 0.25,
            "carrier_probability": 0.5,
            "source": "Mendelian segregation at full penetrance",
            "prenatal_options": "recurrence.prenatal_options",
        },
        versions={"reference": "demo", "consequences": "bcftools csq 1.24"},
        record_counts={"read": 9940, "frequency": 9000},
    )


@pytest.fixture
def answered(signed_case: SignedCase) -> SignedCase:
    """The story's case, announced: the order has its answer."""
    announce_signed(signed_case)
    return signed_case


def no_finding(case: SignedCase) -> SignedCase:
    """The same case without a finding."""
    return replace(
        case, conclusion="no_certain_finding", gene="", inheritance_mode="", variants=(), recurrence=None, summary=""
    )
