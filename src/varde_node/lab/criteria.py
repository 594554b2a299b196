"""What a laboratory judges by: its rule set and its tables, loaded once and kept by their identifiers."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from uuid import UUID

from varde.interpretation.acmg.functional_table import FunctionalTable, parse_functional_table
from varde.interpretation.acmg.rulesets import DEFAULT, Ruleset
from varde.interpretation.acmg.specifications import GeneSpecifications, parse_gene_specifications
from varde.interpretation.allele_evidence import Sources
from varde_node.lab import opened
from varde_node.lab.models import ChosenRuleset, CriteriaTable, CriteriaTableKind


@dataclass(frozen=True)
class LaboratoryCriteria:
    """The rule set, and the tables in use; None: the laboratory has no such table. ``sources`` are the node's."""

    ruleset: Ruleset = DEFAULT
    specifications: UUID | None = None
    functional: UUID | None = None
    sources: tuple[str, ...] = ()


def criteria_of(laboratory_id: UUID) -> LaboratoryCriteria:
    """What a laboratory judges by now."""
    chosen = ChosenRuleset.objects.filter(laboratory_id=laboratory_id).order_by("-chosen_at").first()
    in_use = dict(
        CriteriaTable.objects.filter(laboratory_id=laboratory_id, retired_at__isnull=True)
        .order_by("stored_at")
        .values_list("kind", "id")
    )
    return LaboratoryCriteria(
        ruleset=DEFAULT if chosen is None else Ruleset(chosen.ruleset),
        specifications=in_use.get(CriteriaTableKind.SPECIFICATIONS),
        functional=in_use.get(CriteriaTableKind.FUNCTIONAL),
        sources=opened.sources_in_use(),
    )


def sources_of(criteria: LaboratoryCriteria) -> Sources:
    """The node's reference and sources with the laboratory's tables."""
    return Sources(
        reference=opened.reference(),
        genes=opened.gene_knowledge(),
        known=opened.knowledge_base(),
        specifications=None if criteria.specifications is None else _specifications(criteria.specifications),
        functional=None if criteria.functional is None else _functional(criteria.functional),
    )


@lru_cache(maxsize=16)
def _specifications(table: UUID) -> GeneSpecifications:
    row = CriteriaTable.objects.get(id=table)
    return parse_gene_specifications(bytes(row.content), row.name)


@lru_cache(maxsize=16)
def _functional(table: UUID) -> FunctionalTable:
    row = CriteriaTable.objects.get(id=table)
    return parse_functional_table(bytes(row.content), row.name)
