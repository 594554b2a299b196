"""Tables of the registers, by register."""

from varde_node.registers.frequency.models import Contribution, ContributionState

__all__ = ["Contribution", "ContributionState"]
