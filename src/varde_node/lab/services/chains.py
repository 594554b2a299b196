"""Filter chains: a version is stored once; a chain is chosen for a kind of case, or for one case."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from varde.genome.errors import InputError
from varde.interpretation.chain import read_chain, settings_as_plain
from varde.interpretation.filters import FilterSettings
from varde_node.lab.case_access import case_for
from varde_node.lab.models import CaseKind, ChainChoice, FilterChainVersion
from varde_node.people.services import Actor, require


@transaction.atomic
def store_chain(actor: Actor, name: str, settings: FilterSettings, description: str = "") -> UUID:
    """Store a new version of the laboratory's chain of this name; return it.

    Raises InputError ``name_missing``, and ``same_chain`` when the newest version asks the same.
    """
    name = " ".join(name.split())
    require(actor, "lab.chain.store", organisation=actor.organisation_id, details={"chain": name})
    if not name or len(name) > 100:
        raise InputError(
            code="name_missing",
            problem=_("The chain has no name, or one longer than 100 letters."),
            remedy=_("Give it a name that says what it is for."),
            field="name",
        )
    own = FilterChainVersion.objects.select_for_update().filter(laboratory_id=actor.organisation_id, name=name)
    plain = settings_as_plain(replace(settings, rescues=()))
    newest = own.order_by("-version").first()
    if newest is not None and newest.settings == plain:
        raise InputError(
            code="same_chain",
            problem=_("Version {version} of {name} asks the same.").format(version=newest.version, name=name),
            remedy=_("Change a setting, or use that version."),
            field="name",
        )
    number = (own.aggregate(number=Max("version"))["number"] or 0) + 1
    return FilterChainVersion.objects.create(
        laboratory_id=actor.organisation_id,
        name=name,
        version=number,
        description=description.strip(),
        settings=plain,
        author_id=actor.account_id,
    ).id


def import_chain(actor: Actor, text: str, source: str) -> UUID:
    """Store the chain of a JSON document as the next version of its name; as ``store_chain`` and ``read_chain``."""
    chain = read_chain(text, source)
    return store_chain(actor, chain.name, chain.settings, chain.description)


@transaction.atomic
def choose_default_chain(actor: Actor, kind: str, chain_id: UUID | None) -> None:
    """Use a chain for cases of a kind where nobody chose one; None goes back to the library's own settings.

    Raises InputError ``unknown_chain`` or ``unknown_kind``.
    """
    require(actor, "lab.chain.store", organisation=actor.organisation_id, details={"kind": kind[:20]})
    if kind not in CaseKind.values:
        raise InputError(
            code="unknown_kind",
            problem=_("There is no such kind of case."),
            remedy=_("Choose one from the list."),
            field="kind",
        )
    ChainChoice.objects.create(
        laboratory_id=actor.organisation_id, kind=kind, chain=_own(actor, chain_id), by_id=actor.account_id
    )


@transaction.atomic
def choose_chain(actor: Actor, case_id: UUID, chain_id: UUID | None) -> None:
    """Use a chain for one case from now on. Raises InputError ``unknown_chain``."""
    case = case_for(actor, "lab.chain.choose", case_id, lock=True, details={"chain": str(chain_id or "")})
    ChainChoice.objects.create(
        laboratory_id=case.laboratory_id, case=case, chain=_own(actor, chain_id), by_id=actor.account_id
    )


def _own(actor: Actor, chain_id: UUID | None) -> FilterChainVersion | None:
    if chain_id is None:
        return None
    found = FilterChainVersion.objects.filter(id=chain_id, laboratory_id=actor.organisation_id).first()
    if found is None:
        raise InputError(
            code="unknown_chain",
            problem=_("The laboratory has no such filter chain."),
            remedy=_("Choose one from the list."),
            field="chain",
        )
    return found
