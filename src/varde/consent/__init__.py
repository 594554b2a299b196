"""Consent: purposes, streams of decisions, dated legal rules, and one evaluator that allows or denies with a reason."""

from varde.consent.decisions import (
    ConsentDecision,
    ConsentEvent,
    Decider,
    DeciderKind,
    EventKind,
    Form,
    IllegalEvent,
    Objection,
    State,
    Terms,
)
from varde.consent.evaluation import Decision, Outcome, Scope, Subject, Use, evaluate
from varde.consent.examination import Examination, ExaminationPurpose, examination_gate
from varde.consent.purposes import Purpose, Reach, Recipient, RecipientKind
from varde.consent.rules import NORWAY, Approval, ApprovalKind, Basis, LegalRule, RuleSet
from varde.consent.texts import TEXTS, Reason

__all__ = [
    "NORWAY",
    "TEXTS",
    "Approval",
    "ApprovalKind",
    "Basis",
    "ConsentDecision",
    "ConsentEvent",
    "Decider",
    "DeciderKind",
    "Decision",
    "EventKind",
    "Examination",
    "ExaminationPurpose",
    "Form",
    "IllegalEvent",
    "LegalRule",
    "Objection",
    "Outcome",
    "Purpose",
    "Reach",
    "Reason",
    "Recipient",
    "RecipientKind",
    "RuleSet",
    "Scope",
    "State",
    "Subject",
    "Terms",
    "Use",
    "evaluate",
    "examination_gate",
]
