"""Making a ClinVar submission of chosen classes: variants, never people."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from uuid import NAMESPACE_URL, UUID, uuid5

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from varde.genome.alleles import Variant
from varde.genome.builds import CONTIGS, Build
from varde.genome.errors import InputError
from varde.interpretation.clinvar_submission import AlleleOrigin, Condition, SubmittedVariant, submission
from varde_node.lab.models import ClinVarExport
from varde_node.lab.queries.clinvar import SharedClass, signed_classes
from varde_node.people.services import Actor, require

_IDENTIFIERS = {"MONDO": re.compile(r"MONDO:\d{7}\Z"), "OMIM": re.compile(r"(?:OMIM:|MIM:)?(\d{6})\Z"),
                "Orphanet": re.compile(r"ORPHA:?(\d+)\Z")}  # fmt: skip


@transaction.atomic
def export_classes(actor: Actor, conditions: Mapping[UUID, str]) -> UUID:
    """Make the file of these assessments' variants, each with its condition; return the export.

    ``conditions`` holds a condition's identifier (MONDO:0013387, OMIM 613721, ORPHA:33069) or its name by assessment.
    Raises InputError ``not_shared``, ``condition_missing``, ``not_signed`` and those of ``submission``; then nothing
    is stored.
    """
    require(actor, "lab.clinvar.export", organisation=actor.organisation_id, details={"records": len(conditions)})
    if not settings.CLINVAR_SHARING:
        raise InputError(
            "not_shared",
            _("The laboratory has not decided to share with ClinVar."),
            _("The laboratory's head decides; an administrator then sets VARDE_CLINVAR_SHARING."),
        )
    exports = list(ClinVarExport.objects.filter(laboratory_id=actor.organisation_id).order_by("-at"))
    ours = {one.assessment_id: one for one in signed_classes(actor.organisation_id, exports)}
    chosen = [_chosen(ours, assessment, words) for assessment, words in conditions.items()]
    told = submission([_submitted(actor, one) for one in chosen])
    text = json.dumps(told, sort_keys=True)
    return ClinVarExport.objects.create(
        laboratory_id=actor.organisation_id,
        by_id=actor.account_id,
        records=[
            {
                "variant": one.shared.variant,
                "build": one.shared.build,
                "acmg_class": one.shared.acmg_class,
                "condition": one.words,
            }
            for one in chosen
        ],
        submission=told,
        sha256=hashlib.sha256(text.encode()).hexdigest(),
    ).id


@dataclass(frozen=True)
class _Chosen:
    shared: SharedClass
    words: str
    condition: Condition


def _chosen(ours: Mapping[UUID, SharedClass], assessment: UUID, words: str) -> _Chosen:
    shared = ours.get(assessment)
    if shared is None:
        raise InputError(
            "not_signed",
            _("A chosen class is not the newest signed one of this laboratory."),
            _("Load the page again."),
            field="variant",
        )
    if not words.strip():
        raise InputError(
            "condition_missing",
            _("The condition of %(variant)s is missing.") % {"variant": shared.variant},
            _("Write an identifier such as MONDO:0013387, or the condition's name."),
            field=f"condition-{assessment}",
        )
    return _Chosen(shared, words.strip(), _condition(words.strip()))


def _condition(words: str) -> Condition:
    for source, form in _IDENTIFIERS.items():
        found = form.match(words.upper())
        if found:
            number = found.group(1) if form.groups else found.group(0)
            return Condition(source, f"ORPHA{number}" if source == "Orphanet" else number)
    return Condition(name=words)


def _submitted(actor: Actor, chosen: _Chosen) -> SubmittedVariant:
    shared = chosen.shared
    placed = Variant.parse(Build(shared.build), shared.variant)
    # The same variant keeps its name from file to file, and the name leads to no case.
    local = uuid5(NAMESPACE_URL, f"{actor.organisation_id}/{shared.build}/{shared.variant}/{chosen.words}")
    return SubmittedVariant(
        local_id=str(local),
        build=Build(shared.build),
        chromosome=CONTIGS[placed.contig - 1],
        start=placed.position,
        stop=placed.end0,
        gene=shared.gene,
        acmg_class=shared.acmg_class,
        evaluated_on=shared.signed_on,
        condition=chosen.condition,
        ref=placed.ref,
        alt=placed.alt,
        points=float(shared.points),
        origin=AlleleOrigin.GERMLINE,
        affected=True,
        individuals=shared.cases,
        names=(shared.name,) if shared.name else (),
    )
