"""The page of what a laboratory judges by."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from varde.interpretation.acmg.rulesets import TITLES, Ruleset
from varde.interpretation.acmg.specifications import GeneSpecification
from varde_node.lab.criteria import LaboratoryCriteria, criteria_of, sources_of
from varde_node.lab.models import CriteriaTable
from varde_node.lab.words import CRITERIA_TABLE_NAMES, INHERITANCE_NAMES, Text, sentence
from varde_node.people.services import Actor, require


@dataclass(frozen=True)
class CriteriaTableView:
    """One stored table."""

    id: UUID
    kind_words: Text
    name: str
    version: str
    sha256: str
    entries: int
    stored_by: str
    stored_at: datetime
    in_use: bool
    retired_at: datetime | None


@dataclass(frozen=True)
class SpecificationView:
    """One gene's rules as they are in use."""

    gene: str
    inheritance: str
    name: str
    source: str
    changes: tuple[str, ...]


@dataclass(frozen=True)
class CriteriaPage:
    """Rule set, tables, and the specifications in use."""

    ruleset: Ruleset
    rulesets: tuple[tuple[str, str], ...]
    tables: tuple[CriteriaTableView, ...]
    specifications: tuple[SpecificationView, ...]


def criteria_page(actor: Actor) -> CriteriaPage:
    """What the actor's laboratory judges by."""
    require(actor, "lab.criteria.read")
    if actor.organisation_id is None:
        raise AssertionError("a reader of the laboratory acts for an organisation")
    used = criteria_of(actor.organisation_id)
    rows = CriteriaTable.objects.filter(laboratory_id=actor.organisation_id).defer("content")
    told = sources_of(used).specifications
    return CriteriaPage(
        ruleset=used.ruleset,
        rulesets=ruleset_choices(),
        tables=tuple(_table(row, used) for row in rows.select_related("stored_by").order_by("kind", "-stored_at")),
        specifications=tuple(_specification(one) for one in (told.specifications if told else ())),
    )


def ruleset_choices() -> tuple[tuple[str, str], ...]:
    """Every rule set with its words."""
    return tuple((one.value, sentence(TITLES[one])) for one in Ruleset)


def _table(row: CriteriaTable, used: LaboratoryCriteria) -> CriteriaTableView:
    return CriteriaTableView(
        id=row.id,
        kind_words=CRITERIA_TABLE_NAMES[row.kind],
        name=row.name,
        version=row.version,
        sha256=row.sha256,
        entries=row.entries,
        stored_by=row.stored_by.full_name,
        stored_at=row.stored_at,
        in_use=row.id in (used.specifications, used.functional),
        retired_at=row.retired_at,
    )


def _specification(one: GeneSpecification) -> SpecificationView:
    changes = [f"{limit} = {value:g}" for limit, value in one.limits.items()]
    for rule in one.criteria:
        told = "–" if not rule.applies else str(rule.strength or "") or (f"<= {rule.at_most}" if rule.at_most else "=")
        changes.append(f"{rule.code}: {told}{f' ({rule.note})' if rule.note else ''}")
    modes = ", ".join(str(INHERITANCE_NAMES[mode]) for mode in sorted(one.inheritance))
    return SpecificationView(one.gene, modes, f"{one.name} {one.version}", one.source, tuple(changes))
