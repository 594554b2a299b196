"""Consent: what a person, or the parents for a child, have agreed to, and every change of it (strategy DC.1 to DC.4).

Decisions are rows that are never changed; the evaluation is ``varde.consent``'s.
"""
