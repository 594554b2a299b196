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
from varde_node.lab.models.clinvar import ClinVarExport
from varde_node.lab.models.interpretation import Assessment, Conclusion, Interpretation, VariantKind
from varde_node.lab.models.knowledge import KnowledgeComparison, KnowledgeEffect, KnowledgeSource
from varde_node.lab.models.matchmaking import MatchmakingService, MatchProfile, MatchQuestion
from varde_node.lab.models.pipeline import PipelineRun, PipelineVersion, TruthRun, VersionSignature
from varde_node.lab.models.quality import (
    AssayKind,
    GateProfileVersion,
    QualityFile,
    QualityValue,
    RunNote,
    RunNoteKind,
    SampleCoverage,
    SampleFingerprint,
    SequencingRun,
)

__all__ = [
    "SEVERAL",
    "Analysis",
    "AssayKind",
    "Assessment",
    "Case",
    "CaseState",
    "ClinVarExport",
    "Conclusion",
    "FamilyRole",
    "GateProfileVersion",
    "GeneOpening",
    "Interpretation",
    "KnowledgeComparison",
    "KnowledgeEffect",
    "KnowledgeSource",
    "MatchProfile",
    "MatchQuestion",
    "MatchmakingService",
    "PanelVersion",
    "PipelineRun",
    "PipelineVersion",
    "QualityFile",
    "QualityOverride",
    "QualityValue",
    "RunNote",
    "RunNoteKind",
    "Sample",
    "SampleCoverage",
    "SampleFingerprint",
    "Scope",
    "SequencingRun",
    "TruthRun",
    "VariantFile",
    "VariantKind",
    "VersionSignature",
]
