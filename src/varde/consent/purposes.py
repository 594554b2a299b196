"""What data may be used for, by whom, and in which countries."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Purpose(StrEnum):
    """What a use is for. A purpose belongs to each access, not to the person or the file."""

    CARE_PANEL = "care_panel"  # analysis of a panel of genes for the indication
    CARE_ALL_GENES = "care_all_genes"  # the opened exome or genome, for the indication
    INCIDENTAL_FINDINGS = "incidental_findings"  # findings outside the indication, told to the person
    REGISTER_COUNT = "register_count"  # counted in the anonymous frequency register
    QUALITY = "quality"  # the enterprise's internal quality work
    RESEARCH = "research"  # one named research project
    MATCHMAKING = "matchmaking"  # asking other laboratories for people with the same gene and signs


class RecipientKind(StrEnum):
    OWN_LABORATORY = "own_laboratory"
    REQUESTER = "requester"
    PATIENT = "patient"
    OTHER_LABORATORY = "other_laboratory"
    NATIONAL_REGISTER = "national_register"
    RESEARCH_GROUP = "research_group"
    MATCHMAKING_SERVICE = "matchmaking_service"


OWN_ENTERPRISE = frozenset({RecipientKind.OWN_LABORATORY, RecipientKind.REQUESTER})
"""Recipients inside the enterprise that gives the care."""


class Reach(StrEnum):
    """How far data may travel. THIRD_COUNTRY needs the person's yes and an equal protection, which others judge."""

    NORWAY = "norway"
    EEA = "eea"
    THIRD_COUNTRY = "third_country"


EEA_COUNTRIES = frozenset(
    {"AT", "BE", "BG", "CY", "CZ", "DE", "DK", "EE", "ES", "FI", "FR", "GR", "HR", "HU", "IE"}
    | {"IS", "IT", "LI", "LT", "LU", "LV", "MT", "NL", "NO", "PL", "PT", "RO", "SE", "SI", "SK"}
)
"""Members of the European Economic Area, ISO 3166-1 alpha-2 (27 EU states, Iceland, Liechtenstein, Norway)."""


@dataclass(frozen=True)
class Recipient:
    """Who gets the data. ``countries`` are all places of processing; empty means not known, and then nothing leaves."""

    kind: RecipientKind
    identifier: str = ""
    countries: frozenset[str] = frozenset({"NO"})
    commercial: bool = False

    def __post_init__(self) -> None:
        wrong = [
            country for country in self.countries if not (len(country) == 2 and country.isascii() and country.isupper())
        ]
        if wrong:
            raise ValueError(f"countries {sorted(wrong)}, expected ISO 3166-1 alpha-2 codes such as NO")

    def reach(self) -> Reach:
        """The furthest place of processing."""
        if self.countries <= {"NO"}:
            return Reach.NORWAY
        return Reach.EEA if self.countries <= EEA_COUNTRIES else Reach.THIRD_COUNTRY
