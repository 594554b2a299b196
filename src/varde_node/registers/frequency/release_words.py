"""Words of the releases' pages."""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from varde_node.people.services import Role
from varde_node.registers.frequency.models import OPEN, Gate, ReleaseState
from varde_node.registers.frequency.words import PLACES

__all__ = ["CHECKS", "GATES", "OPEN", "STATES", "STEPS", "place", "role"]

Words = str | Promise

STATES: dict[ReleaseState, tuple[str, Words]] = {
    ReleaseState.DRAFT: ("plain", _("Being prepared")),
    ReleaseState.MEASURING: ("info", _("Being measured")),
    ReleaseState.MEASURED: ("info", _("Measured")),
    ReleaseState.SIGNED: ("info", _("Waits for the second signature or publication")),
    ReleaseState.PUBLISHED: ("ok", _("Published")),
    ReleaseState.WITHDRAWN: ("stop", _("Withdrawn")),
    ReleaseState.DISCARDED: ("plain", _("Discarded")),
}
GATES: dict[Gate, tuple[str, Words]] = {
    Gate.UNKNOWN: ("plain", _("not measured")),
    Gate.PASSED: ("ok", _("Gate passed")),
    Gate.ACCEPTANCE: ("warn", _("Above the gate")),
    Gate.REFUSED: ("stop", _("Above the gate, or not measurable")),
}
STEPS: dict[str, Words] = {
    "release_batches": _("Batches and checks"),
    "release_measure": _("Measurement"),
    "release_report": _("Anonymity report"),
    "release_difference": _("Difference"),
    "release_sign": _("Signatures"),
}
CHECKS: dict[str, tuple[Words, Words]] = {
    "people": (_("People in the nation's counts"), _("Fewer people are easier to recognise in frequencies.")),
    "batch": (
        _("People new or gone since the release before"),
        _("What changes between two releases tells of these alone; a small batch would be recognised."),
    ),
    "regions": (_("Regions with accepted shards"), _("A site is told of only if two regions have seen it.")),
    "held_out": (
        _("Held-out people to measure with"),
        _("They are in no count. The risk is how well members are told apart from them; few make the measure rough."),
    ),
    "shards_on_their_way": (_("Shards on their way"), _("A shard that is made must be accepted or refused first.")),
    "withdrawals_on_their_way": (
        _("Withdrawals on their way"),
        _("Who objected must be out of the region's counts first."),
    ),
}
"""By check: what it is, and why."""

SIGNERS: dict[Role, Words] = {
    Role.REGISTER_MANAGER: _("Register manager"),
    Role.DATA_PROTECTION_OFFICER: _("Data protection officer"),
}


def place(region: str) -> Words:
    """A region's name; its code where it is unknown here."""
    return PLACES.get(region, region)


def role(value: str) -> Words:
    """The name of a role that may sign."""
    return SIGNERS[Role(value)]
