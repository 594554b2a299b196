"""Words of the exchange between regions and nation."""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from varde_node.registers.frequency.exchange_queries import Waiting
from varde_node.registers.frequency.models import ShardState
from varde_node.registers.frequency.words import PLACES

Words = str | Promise

STATES: dict[ShardState, tuple[str, Words]] = {
    ShardState.ACCEPTED: ("ok", _("Accepted")),
    ShardState.REFUSED: ("stop", _("Refused")),
}
REASONS: dict[str, Words] = {
    "too_few_people": _("Too few people changed since the last shard: a shard of so few is nearly their genotypes"),
    "nothing_to_send": _("Nobody changed since the last shard"),
    "unknown_region": _("No key of this region is trusted here"),
    "wrong_signature": _("The signature is not that of the region"),
    "replayed_shard": _("Taken in before: it is counted once"),
    "missing_shard": _("An earlier shard of the region is missing"),
    "broken_chain": _("It does not follow on the region's last shard"),
    "damaged_shard": _("The file is damaged, cut off or was changed"),
    "unknown_format": _("Made by another version"),
    "other_settings": _("Counted with other settings than the register"),
    "negative_counts": _("It takes away what was never added"),
    "implausible_counts": _("The numbers cannot be those of so many people"),
    "too_few_left": _("Too few people of the region would be left in the nation's counts"),
    "too_large": _("Larger than this node takes in"),
    "no_region": _("This region has no counts on this node"),
    "no_key": _("The region has no key: make the keys first"),
    "damaged_outbox": _("What the region has sent cannot be read: restore its copy"),
}
"""Plain words for codes of InputError; another code is shown as it is."""


def place(region: str) -> Words:
    """A region's name; what its key says where it is unknown here."""
    return PLACES.get(region, region) if region else _("unknown")


def reason(code: str) -> Words:
    """Why a shard was refused, or cannot be made."""
    return REASONS.get(code, code)


def waiting(one: Waiting) -> tuple[str, str]:
    """Shape and sentence of what waits in a region."""
    if one.unanswered:
        return "warn", gettext("A shard was made and not taken in yet. Sending offers it again.")
    if not one.changed:
        return "plain", gettext("Nobody waits.")
    if not one.ready:
        return "warn", gettext(
            "They wait: a shard carries at least %(needed)s people of the same sex, disease group and assay. "
            "Counts of fewer are nearly their genotypes."
        ) % {"needed": one.needed}
    if one.ready < one.changed:
        return "ok", gettext(
            "%(ready)s can be sent now. The others wait for more people of their sex, disease group and assay."
        ) % {"ready": one.ready}
    return "ok", gettext("All can be sent now.")
