"""After the answer, the family's unrelated members are counted in the frequency register, unless they object."""

from __future__ import annotations

from uuid import UUID

from django.db import transaction
from django.utils import timezone

from varde.consent import Purpose
from varde_node.consent import queries as consent
from varde_node.lab import opened
from varde_node.lab.case_access import in_data_folder
from varde_node.lab.models import Case, CaseState, FamilyRole, Interpretation, Sample
from varde_node.people import queries as people
from varde_node.people.services import Actor, Role, record
from varde_node.people.services import Purpose as AccessPurpose

PARENTS = (FamilyRole.MOTHER, FamilyRole.FATHER)
SEX_OF_PARENT = {FamilyRole.MOTHER: "female", FamilyRole.FATHER: "male"}


def count_case(case_id: UUID) -> tuple[str, ...]:
    """Add a signed case to the register, in the approver's name, and keep the name of its contribution; return the
    family roles counted.

    Again changes nothing. Nobody is counted who objects; with nobody left the case is marked as settled without a run.
    """
    with transaction.atomic():
        case = Case.objects.select_for_update().get(id=case_id)
        if case.state != CaseState.SIGNED or case.counted_at is not None:
            return ()
        actor, counted = _approver(case), unrelated_and_willing(case)
        if counted:
            case.register_run = _contribute(actor, case, counted)
        case.counted_at = timezone.now()
        case.save(update_fields=["register_run", "counted_at"])
        for sample in counted:
            record(actor, "lab.case.count", subject=sample.person_id, object_id=case.id, details={"role": sample.role})
    return tuple(sample.role for sample in counted)


def unrelated_and_willing(case: Case) -> tuple[Sample, ...]:
    """Both parents when neither objects, otherwise the child, when nobody objects for it (decision 0004)."""
    samples = {sample.role: sample for sample in case.samples.all()}
    willing = {
        role: sample
        for role, sample in samples.items()
        if consent.decide(sample.person_id, Purpose.REGISTER_COUNT).allowed
    }
    if all(role in willing for role in PARENTS):
        return tuple(willing[role] for role in PARENTS)
    return (willing[FamilyRole.CHILD],) if FamilyRole.CHILD in willing else ()


def _approver(case: Case) -> Actor:
    row = Interpretation.objects.select_related("approver").get(case=case, approved_at__isnull=False)
    laboratory = people.organisation(case.laboratory_id)
    return Actor(
        account_id=row.approver_id,
        display_name=row.approver.full_name,
        role=Role.SECOND_READER,
        organisation_id=case.laboratory_id,
        organisation_name=laboratory.short_name if laboratory else "",
        purpose=AccessPurpose.TREATMENT,
    )


def _contribute(actor: Actor, case: Case, counted: tuple[Sample, ...]) -> str:
    from varde_node.registers.frequency import services as register

    reference = opened.reference()
    prepared = opened.prepared_case(opened.analysis_of(case))
    runs = []
    for file in case.files.filter(superseded=False).order_by("uploaded_at"):
        names = {sample.name: _sex(sample) for sample in counted if sample.name in file.samples}
        if names:
            runs.append(
                register.add_contribution(
                    actor,
                    vcf=in_data_folder(file.stored_as),
                    samples=names,
                    build=prepared.build,
                    reference=reference,
                )
            )
    return " ".join(runs)


def _sex(sample: Sample) -> str:
    if sample.role in SEX_OF_PARENT:
        return SEX_OF_PARENT[FamilyRole(sample.role)]
    person = people.person(sample.person_id)
    return person.sex if person else "unknown"
