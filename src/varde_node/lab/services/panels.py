"""Panels are stored once and never changed; a case may be given another version, with a reason."""

from __future__ import annotations

from pathlib import Path
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from varde.genome.errors import InputError
from varde.interpretation.panels import (
    Panel,
    ResolvedPanel,
    parse_panels,
    read_panel,
    resolve_panel,
)
from varde_node.lab import opened
from varde_node.lab.case_access import case_for
from varde_node.lab.models import Case, CaseState, PanelChange, PanelVersion
from varde_node.people.services import Actor, require

SHORTEST_REASON = 10
CHANGEABLE = (
    CaseState.ORDERED,
    CaseState.SAMPLES_RECEIVED,
    CaseState.ANALYSING,
    CaseState.QUALITY_STOP,
    CaseState.INTERPRETATION,
)
LARGEST_UPLOAD_BYTES = 5_000_000


@transaction.atomic
def store_panel(
    actor: Actor,
    path: str | Path,
    identifier: str | None = None,
    *,
    accept_unknown: bool = True,
    incidental: bool = False,
) -> UUID:
    """Store the panel of a file (PanelApp JSON or a table), or return the one of that name and version.

    Raises InputError as ``read_panel`` does, ``panel_changed`` when that name and version hold other genes, and
    ``unknown_genes`` naming them unless they are accepted.
    """
    return _store(actor, read_panel(path, identifier), accept_unknown=accept_unknown, incidental=incidental)


@transaction.atomic
def store_panel_text(
    actor: Actor, raw: bytes, name: str, *, accept_unknown: bool = False, incidental: bool = False
) -> tuple[UUID, ...]:
    """Store every panel of a file's bytes, or of what was written in the editor, whole or not at all; as
    ``store_panel``. Raises InputError ``too_large`` too."""
    if len(raw) > LARGEST_UPLOAD_BYTES:
        raise InputError(
            code="too_large",
            problem=_("The panel is larger than 5 MB."),
            remedy=_("Give fewer panels in a file."),
            source=name,
            field="file",
        )
    return tuple(
        _store(actor, panel, accept_unknown=accept_unknown, incidental=incidental) for panel in parse_panels(raw, name)
    )


def _store(actor: Actor, panel: Panel, *, accept_unknown: bool, incidental: bool) -> UUID:
    require(actor, "lab.panel.store", details={"panel": panel.name, "version": panel.version})
    resolved = resolve_panel(panel, opened.gene_names(), opened.gene_symbols())
    if not resolved.is_clear and not accept_unknown:
        raise _unknown(resolved)
    genes = _genes(resolved.panel)
    row, new = PanelVersion.objects.get_or_create(
        name=panel.name,
        version=panel.version,
        defaults={
            "source": f"{panel.source}, SHA-256 {panel.checksum}"[:200],
            "genes": genes,
            "notes": _notes(resolved),
            "incidental": incidental,
            "author_id": actor.account_id,
        },
    )
    if not new and (row.genes != genes or row.incidental != incidental):
        raise InputError(
            "panel_changed",
            f"{panel.name} {panel.version} is stored with other genes.",
            "Give the changed panel a new version; a stored version is never changed.",
            source=panel.source,
            field="version",
        )
    return row.id


@transaction.atomic
def change_panel(actor: Actor, case_id: UUID, panel_id: UUID, reason: str) -> None:
    """Give a case another panel, or another version, from now on; the change stands with its reason.

    Raises InputError ``reason_missing``, ``unknown_panel``, ``same_panel`` or ``not_open_for_work``.
    """
    reason = reason.strip()
    case = case_for(actor, "lab.panel.change", case_id, lock=True, personal={"reason": reason})
    after = PanelVersion.objects.filter(id=panel_id, incidental=False).first()
    _check_change(case, after, reason)
    PanelChange.objects.create(case=case, before=case.panel, after=after, reason=reason, by_id=actor.account_id)
    case.panel = after
    case.save(update_fields=["panel"])


def _check_change(case: Case, after: PanelVersion | None, reason: str) -> None:
    if after is None:
        raise InputError(
            code="unknown_panel",
            problem=_("The laboratory has no such panel."),
            remedy=_("Choose one from the list."),
            field="panel",
        )
    if after.id == case.panel_id:
        raise InputError(
            code="same_panel",
            problem=_("The case has this panel already."),
            remedy=_("Choose another version."),
            field="panel",
        )
    if case.state not in CHANGEABLE:
        raise InputError(
            code="not_open_for_work",
            problem=_("The panel is changed while a case is open, not after it was signed."),
            remedy=_("Return the interpretation first, or order a new analysis."),
        )
    if len(reason) < SHORTEST_REASON:
        raise InputError(
            code="reason_missing",
            problem=_("The reason is missing or too short to be understood by another."),
            remedy=_("Write why the panel is changed."),
            field="reason",
        )


def _unknown(resolved: ResolvedPanel) -> InputError:
    several = [f"{symbol} ({', '.join(candidates)})" for symbol, candidates in resolved.ambiguous]
    listed = ", ".join([*resolved.unknown, *several])
    count = len(resolved.unknown) + len(several)
    return InputError(
        code="unknown_genes",
        problem=_("{count} genes are not known under these symbols: {genes}.").format(count=count, genes=listed),
        remedy=_("Mend the symbols, or accept that variants in these genes cannot be found."),
        source=resolved.panel.source,
        field="accept_unknown",
    )


def _notes(resolved: ResolvedPanel) -> dict[str, object]:
    return {
        "renamed": [list(pair) for pair in resolved.renamed],
        "unknown": list(resolved.unknown),
        "ambiguous": [[symbol, list(candidates)] for symbol, candidates in resolved.ambiguous],
        "left_out": list(resolved.panel.left_out),
    }


def _genes(panel: Panel) -> list[dict[str, str]]:
    return [
        {"symbol": gene.symbol, "confidence": gene.confidence.name.lower(), "inheritance": gene.inheritance_text}
        for gene in panel.genes
    ]
