"""Tables of the registers, by register."""

from varde_node.registers.frequency.models import (
    Contribution,
    ContributionState,
    Gate,
    Release,
    ReleaseState,
    Shard,
    ShardState,
)
from varde_node.registers.interpretations.models import EarlierInterpretation, InterpretationState

__all__ = [
    "Contribution",
    "ContributionState",
    "EarlierInterpretation",
    "Gate",
    "InterpretationState",
    "Release",
    "ReleaseState",
    "Shard",
    "ShardState",
]
