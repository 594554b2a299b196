"""Who is examined on an order, by place in the family."""

from __future__ import annotations

from uuid import UUID

from varde.genome.kin import Kin, places_of
from varde_node.clinic.models import Order
from varde_node.clinic.orders import OrderContent, OrderedRelative

GRANDPARENTS = frozenset(
    {
        Kin.MATERNAL_GRANDMOTHER.value,
        Kin.MATERNAL_GRANDFATHER.value,
        Kin.PATERNAL_GRANDMOTHER.value,
        Kin.PATERNAL_GRANDFATHER.value,
    }
)
RELATIVE_ROLES = frozenset(kin.value for kin in Kin) - {Kin.CHILD.value, Kin.MOTHER.value, Kin.FATHER.value}


def content_of(row: Order) -> OrderContent:
    """The content of a stored order."""
    return OrderContent(
        patient_id=row.patient_id,
        mother_id=row.mother_id,
        father_id=row.father_id,
        laboratory_id=row.laboratory_id,
        indication=row.indication,
        hpo_terms=tuple(row.hpo_terms),
        hpo_excluded=tuple(row.hpo_excluded),
        named_genes=tuple(row.named_genes),
        panel_name=row.panel_name,
        panel_version=row.panel_version,
        urgent=row.urgent,
        mother_affected=row.mother_affected,
        father_affected=row.father_affected,
        relatives=tuple(OrderedRelative(one.role, one.person_id, one.affected) for one in row.relatives.order_by("id")),
    )


def examined(row: Order) -> list[tuple[str, UUID, bool | None]]:
    """Role, person and affection of everybody who is examined: the patient first, then parents, then the others."""
    content = content_of(row)
    parents = [
        ("mother", content.mother_id, content.mother_affected),
        ("father", content.father_id, content.father_affected),
    ]
    return [
        ("child", row.patient_id, True),
        *((role, person, affected) for role, person, affected in parents if person is not None),
        *((one.role, one.person_id, one.affected) for one in content.relatives),
    ]


def places(row: Order) -> dict[str, UUID]:
    """Person by place (``varde.genome.kin.places_of``), as the laboratory names them too."""
    people = examined(row)
    keys = places_of(role for role, _, _ in people)
    return dict(zip(keys, (person for _, person, _ in people), strict=True))


def affected(row: Order) -> dict[str, bool | None]:
    """Whether each has the disease, by place; None: not known."""
    people = examined(row)
    keys = places_of(role for role, _, _ in people)
    return dict(zip(keys, (told for _, _, told in people), strict=True))
