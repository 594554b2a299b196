"""Commands on what a laboratory judges by: tables are stored once, put out of use, never changed."""

from __future__ import annotations

import hashlib
from uuid import UUID

from django.db import IntegrityError, transaction
from django.http import Http404
from django.utils import timezone
from django.utils.translation import gettext as _

from varde.genome.errors import InputError
from varde.interpretation.acmg.functional_table import parse_functional_table
from varde.interpretation.acmg.rulesets import Ruleset
from varde.interpretation.acmg.specifications import parse_gene_specifications
from varde_node.lab.models import ChosenRuleset, CriteriaTable, CriteriaTableKind
from varde_node.people.services import Actor, require

LARGEST_BYTES = 10_000_000
_NAME_LENGTH = 300


def store_criteria_table(actor: Actor, kind: str, content: bytes, filename: str) -> UUID:
    """Store a table of the actor's laboratory, which from now on is the one in use; return its id.

    A functional table is named by its file and versioned by its checksum; a file of specifications says both itself.
    Raises InputError ``unknown_kind``, ``too_large``, ``stored_before`` and those of the readers; nothing is then
    stored.
    """
    require(actor, "lab.criteria.store", details={"kind": kind[:40], "bytes": len(content)})
    if kind not in CriteriaTableKind.values:
        raise InputError(
            "unknown_kind", _("This is no kind of table known here."), _("Choose a kind of the list."), field="kind"
        )
    if len(content) > LARGEST_BYTES:
        problem = _("The file is larger than %(size)s MB.") % {"size": LARGEST_BYTES // 1_000_000}
        raise InputError("too_large", problem, _("Leave out the genes that you do not need."), field="file")
    checksum = hashlib.sha256(content).hexdigest()
    shown = filename[-_NAME_LENGTH:]
    if kind == CriteriaTableKind.SPECIFICATIONS:
        told = parse_gene_specifications(content, shown)
        name, version, entries = told.name, told.version, len(told.specifications)
    else:
        name, version, entries = shown, checksum[:12], len(parse_functional_table(content, shown).results)
    try:
        with transaction.atomic():
            return CriteriaTable.objects.create(
                laboratory_id=actor.organisation_id,
                kind=kind,
                name=name,
                version=version,
                sha256=checksum,
                entries=entries,
                content=content,
                stored_by_id=actor.account_id,
            ).id
    except IntegrityError:
        raise InputError(
            "stored_before",
            _("A table of this name and version is stored already."),
            _("Give a changed table a new version; a stored one is never changed."),
            field="file",
        ) from None


@transaction.atomic
def retire_criteria_table(actor: Actor, table_id: UUID) -> None:
    """Put a table of the actor's laboratory out of use; assessments made with it stand. ``Http404`` for another's."""
    require(actor, "lab.criteria.store", object_id=table_id)
    rows = CriteriaTable.objects.select_for_update().filter(id=table_id, laboratory_id=actor.organisation_id)
    row = rows.first()
    if row is None:
        raise Http404
    if row.retired_at is None:
        row.retired_by_id, row.retired_at = actor.account_id, timezone.now()
        row.save(update_fields=["retired_by", "retired_at"])


@transaction.atomic
def choose_ruleset(actor: Actor, ruleset: str) -> None:
    """The rule set that the laboratory's suggestions follow from now on. Raises InputError ``unknown_ruleset``."""
    require(actor, "lab.criteria.store", details={"ruleset": ruleset[:60]})
    if ruleset not in set(Ruleset):
        raise InputError(
            "unknown_ruleset",
            _("This is no rule set known here."),
            _("Choose a rule set of the list."),
            field="ruleset",
        )
    ChosenRuleset.objects.create(laboratory_id=actor.organisation_id, ruleset=ruleset, chosen_by_id=actor.account_id)
