"""Tables of the laboratory, a file for each subject. Private to the domain."""

from varde_node.lab.models.cases import (
    SEVERAL,
    Analysis,
    Case,
    CaseState,
    FamilyRole,
    GeneOpening,
    PanelVersion,
    QualityOverride,
    Sample,
    Scope,
    VariantFile,
)
from varde_node.lab.models.finding import CaseKind, ChainChoice, FilterChainVersion, PanelChange
from varde_node.lab.models.interpretation import Assessment, Conclusion, Interpretation, VariantKind
from varde_node.lab.models.matchmaking import MatchmakingService, MatchProfile, MatchQuestion

__all__ = [
    "SEVERAL",
    "Analysis",
    "Assessment",
    "Case",
    "CaseKind",
    "CaseState",
    "ChainChoice",
    "Conclusion",
    "FamilyRole",
    "FilterChainVersion",
    "GeneOpening",
    "Interpretation",
    "MatchProfile",
    "MatchQuestion",
    "MatchmakingService",
    "PanelChange",
    "PanelVersion",
    "QualityOverride",
    "Sample",
    "Scope",
    "VariantFile",
    "VariantKind",
]
