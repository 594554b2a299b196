"""Who acts: account, role, organisation and purpose, fixed for one request or job."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


class Role(StrEnum):
    """What a person is here to do."""

    CLINICIAN = "clinician"
    LABORATORY_GENETICIST = "laboratory_geneticist"
    SECOND_READER = "second_reader"
    COUNSELLOR = "counsellor"
    PATIENT = "patient"
    REGISTER_MANAGER = "register_manager"
    DATA_PROTECTION_OFFICER = "data_protection_officer"
    ADMINISTRATOR = "administrator"
    MATCHMAKING_SERVICE = "matchmaking_service"


class Purpose(StrEnum):
    """Why data are used, in the sense of HL7 PurposeOfUse."""

    TREATMENT = "treatment"
    OWN_DATA = "own_data"
    REGISTER = "register"
    SUPERVISION = "supervision"
    OPERATION = "operation"


class Relation(StrEnum):
    """What connects an actor to the data asked for."""

    SELF = "self"
    PROXY = "proxy"
    CARE = "care"
    ASSIGNED = "assigned"
    ORGANISATION = "organisation"


PURPOSE_OF_ROLE = {
    Role.CLINICIAN: Purpose.TREATMENT,
    Role.LABORATORY_GENETICIST: Purpose.TREATMENT,
    Role.SECOND_READER: Purpose.TREATMENT,
    Role.COUNSELLOR: Purpose.TREATMENT,
    Role.PATIENT: Purpose.OWN_DATA,
    Role.REGISTER_MANAGER: Purpose.REGISTER,
    Role.DATA_PROTECTION_OFFICER: Purpose.SUPERVISION,
    Role.ADMINISTRATOR: Purpose.OPERATION,
    Role.MATCHMAKING_SERVICE: Purpose.TREATMENT,
}

ROLE_NAMES: dict[Role, str | Promise] = {
    Role.CLINICIAN: _("Clinician"),
    Role.LABORATORY_GENETICIST: _("Laboratory geneticist"),
    Role.SECOND_READER: _("Second reader"),
    Role.COUNSELLOR: _("Genetic counsellor"),
    Role.PATIENT: _("Patient or guardian"),
    Role.REGISTER_MANAGER: _("Register manager"),
    Role.DATA_PROTECTION_OFFICER: _("Data protection officer"),
    Role.ADMINISTRATOR: _("Administrator"),
    Role.MATCHMAKING_SERVICE: _("Matchmaking service of other hospitals"),
}

PURPOSE_NAMES: dict[Purpose, str | Promise] = {
    Purpose.TREATMENT: _("Treatment"),
    Purpose.OWN_DATA: _("Own data"),
    Purpose.REGISTER: _("Health register"),
    Purpose.SUPERVISION: _("Supervision"),
    Purpose.OPERATION: _("Operation"),
}


@dataclass(frozen=True)
class Actor:
    """A signed-in person in one role at one organisation. Patients act without an organisation, for themselves or as
    guardian; ``person_id`` is the person the account belongs to, when it is linked to one."""

    account_id: UUID
    display_name: str
    role: Role
    organisation_id: UUID | None
    organisation_name: str
    purpose: Purpose
    person_id: UUID | None = None

    def __post_init__(self) -> None:
        if not isinstance(self.role, Role) or not isinstance(self.purpose, Purpose):
            raise TypeError("an actor's role and purpose are members of Role and Purpose")
        if (self.organisation_id is None) != (self.role is Role.PATIENT):
            raise ValueError("staff act for an organisation, patients for themselves")

    @property
    def role_name(self) -> str | Promise:
        """The role in the reader's language."""
        return ROLE_NAMES[self.role]

    @property
    def is_patient(self) -> bool:
        """Whether this is a citizen rather than staff: decides the temper of the pages."""
        return self.role is Role.PATIENT
