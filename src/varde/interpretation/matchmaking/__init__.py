"""The GA4GH Matchmaker Exchange, version 1: profiles of patients as its messages carry them, and how alike two are.

Source: the Matchmaker Exchange API 1.1 (github.com/ga4gh/mme-apis, search-api.md). No network: the node sends.
"""

from varde.interpretation.matchmaking.profile import Contact, Feature, GenomicFeature, PlacedVariant, Profile, Sex
from varde.interpretation.matchmaking.scoring import Match, match, ranked
from varde.interpretation.matchmaking.wire import (
    ACCEPTED,
    MEDIA_TYPE,
    Answer,
    MatchError,
    agreed_version,
    read_answer,
    read_request,
    write_answer,
    write_request,
)

__all__ = [
    "ACCEPTED",
    "MEDIA_TYPE",
    "Answer",
    "Contact",
    "Feature",
    "GenomicFeature",
    "Match",
    "MatchError",
    "PlacedVariant",
    "Profile",
    "Sex",
    "agreed_version",
    "match",
    "ranked",
    "read_answer",
    "read_request",
    "write_answer",
    "write_request",
]
