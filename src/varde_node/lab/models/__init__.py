"""Tables of the laboratory, a file for each subject. Private to the domain."""

from varde_node.lab.models.cases import (
    SEVERAL,
    Analysis,
    Case,
    CaseState,
    FamilyRole,
    FileKind,
    GeneOpening,
    PanelVersion,
    QualityOverride,
    Sample,
    Scope,
    VariantFile,
)
from varde_node.lab.models.interpretation import Assessment, Conclusion, Interpretation, VariantKind
from varde_node.lab.models.matchmaking import MatchmakingService, MatchProfile, MatchQuestion
from varde_node.lab.models.structural import CallLayer

__all__ = [
    "SEVERAL",
    "Analysis",
    "Assessment",
    "CallLayer",
    "Case",
    "CaseState",
    "Conclusion",
    "FamilyRole",
    "FileKind",
    "GeneOpening",
    "Interpretation",
    "MatchProfile",
    "MatchQuestion",
    "MatchmakingService",
    "PanelVersion",
    "QualityOverride",
    "Sample",
    "Scope",
    "VariantFile",
    "VariantKind",
]
