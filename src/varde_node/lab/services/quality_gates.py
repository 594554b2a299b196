"""A laboratory's gate profiles: versions that are stored once and never changed."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from varde.genome.errors import InputError
from varde.quality.profiles import LIMITS, STANDARD, Gate, Profile
from varde.quality.thresholds import Assay
from varde_node.lab.models import GateProfileVersion
from varde_node.people.services import Actor, require

SHORTEST_REASON = 10
"""Characters of a reason that another person can understand. Varde's proposal."""


def profile_of(laboratory_id: UUID, assay: str) -> Profile:
    """The gates of a laboratory's assay: its newest version, Varde's own while it has stored none."""
    newest = GateProfileVersion.objects.filter(laboratory_id=laboratory_id, assay=assay).order_by("-number").first()
    return STANDARD[Assay(assay)] if newest is None else stored_profile(newest)


def stored_profile(row: GateProfileVersion) -> Profile:
    """A stored version as the library's value."""
    return Profile.from_dict(
        {"name": own_name(row.assay), "version": str(row.number), "assay": row.assay, "gates": row.gates}
    )


def own_name(assay: str) -> str:
    """What reports call a laboratory's own profile of an assay."""
    return f"laboratory {assay}"


@transaction.atomic
def store_gate_profile(
    actor: Actor, assay: str, limits: Mapping[str, Mapping[str, str]], *, sources: Mapping[str, str], reason: str
) -> UUID:
    """Store new limits of an assay's gates as the next version; return it.

    ``limits``: by metric the texts of ``LIMITS``, empty for none; a metric whose limits are all empty loses its gate.
    Metrics are those of the version before. Raises InputError ``bad_number``, ``bad_gate``, ``reason_required``,
    ``assay_unknown``, ``nothing_changed``.
    """
    if assay not in set(Assay):
        raise InputError("assay_unknown", _("The assay is not known."), _("Choose one of the three."), field="assay")
    if actor.organisation_id is None:
        raise InputError("no_laboratory", _("You act for no laboratory."), _("Choose a role in one."))
    require(
        actor,
        "lab.gates.store",
        organisation=actor.organisation_id,
        details={"assay": assay},
        personal={"reason": reason.strip()},
    )
    before = profile_of(actor.organisation_id, assay)
    units = {gate.metric: gate for profile in (before, STANDARD[Assay(assay)]) for gate in profile.gates}
    gates = [
        gate for metric in units if (gate := _gate(units[metric], limits.get(metric, {}), sources.get(metric, "")))
    ]
    if len(reason.strip()) < SHORTEST_REASON:
        raise InputError(
            "reason_required",
            _("The reason is missing or too short."),
            _("Write what the new limits rest on, for example the laboratory's validation."),
            field="reason",
        )
    profile = Profile(own_name(assay), "0", Assay(assay), tuple(gates))
    if profile.gates == before.gates:
        raise InputError("nothing_changed", _("No limit was changed."), _("Change one, or leave the page."))
    rows = GateProfileVersion.objects.filter(laboratory_id=actor.organisation_id, assay=assay)
    last = rows.aggregate(last=Max("number"))["last"] or 0
    return GateProfileVersion.objects.create(
        laboratory_id=actor.organisation_id,
        assay=assay,
        number=last + 1,
        gates=profile.as_dict()["gates"],
        reason=reason.strip(),
        by_id=actor.account_id,
    ).id


def _gate(before: Gate, typed: Mapping[str, str], source: str) -> Gate | None:
    values = {name: _number(before.metric, typed.get(name, "")) for name in LIMITS}
    if all(value is None for value in values.values()):
        return None
    same = all(values[name] == getattr(before, name) for name in LIMITS)
    told = source.strip() or before.source
    return Gate(before.metric, before.unit, told, **values, confirmed=before.confirmed and same)


def _number(metric: str, typed: str) -> float | None:
    text = typed.strip().replace(",", ".").replace("\u202f", "").replace("\u00a0", "").replace("−", "-")
    if not text:
        return None
    try:
        return float(text)
    except ValueError:
        raise InputError(
            "bad_number",
            _("%(typed)s is not a number.") % {"typed": typed.strip()[:20]},
            _("Write digits with a point or a comma, or nothing."),
            field=metric,
        ) from None
