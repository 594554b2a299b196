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
from varde_node.registers.interpretations.models import (
    DisagreementMessage,
    DisagreementOutcome,
    EarlierInterpretation,
    InterpretationState,
    Outcome,
)

__all__ = [
    "Contribution",
    "ContributionState",
    "DisagreementMessage",
    "DisagreementOutcome",
    "EarlierInterpretation",
    "Gate",
    "InterpretationState",
    "Outcome",
    "Release",
    "ReleaseState",
    "Shard",
    "ShardState",
]
