"""After the answer, the family's unrelated members are counted in the frequency register, unless they object."""

from __future__ import annotations

from uuid import UUID

from django.db import transaction
from django.utils import timezone

from varde.consent import Purpose
from varde.interpretation.disease_group import disease_group
from varde_node.consent import queries as consent
from varde_node.jobs import services as jobs
from varde_node.lab import opened
from varde_node.lab.case_access import in_data_folder
from varde_node.lab.models import Case, CaseState, FamilyRole, FileKind, Interpretation, Sample
from varde_node.lab.relatives import counted_relatives
from varde_node.people import queries as people
from varde_node.people.services import Actor, Role, record
from varde_node.people.services import Purpose as AccessPurpose
from varde_node.registers.frequency import services as register

WITHDRAW_JOB = "lab.withdraw_count"
PARENTS = (FamilyRole.MOTHER, FamilyRole.FATHER)
SEX_OF_PARENT = {FamilyRole.MOTHER: "female", FamilyRole.FATHER: "male"}


def count_case(case_id: UUID) -> tuple[str, ...]:
    """Add a signed case to the register, in the approver's name, and keep the names of the contributions; return the
    family roles counted.

    Again changes nothing. Nobody is counted who objects; with nobody left the case is settled without a contribution.
    """
    case = Case.objects.get(id=case_id)
    if case.state != CaseState.SIGNED or case.counted_at is not None:
        return ()
    counted = unrelated_and_willing(case)
    # One transaction per person: a later failure must not lose the name of a contribution already made.
    for sample in counted:
        _count_person(case, sample)
    Case.objects.filter(id=case.id).update(counted_at=timezone.now())
    return tuple(sample.role for sample in counted)


def settle_withdrawal(sample_id: UUID) -> bool:
    """Take a person's contribution out of the register when they now object; return whether it was taken out."""
    sample = Sample.objects.select_related("case").get(id=sample_id)
    if not sample.register_run or consent.decide(sample.person_id, Purpose.REGISTER_COUNT).allowed:
        return False
    with transaction.atomic():
        register.withdraw_contribution(_approver(sample.case), sample.register_run)
        Sample.objects.filter(id=sample.id).update(register_run="")
    return True


def consent_changed(subject_id: UUID) -> None:
    """When a person's decisions change: look at what was counted of them, in a job."""
    for sample in Sample.objects.filter(person_id=subject_id).exclude(register_run="").select_related("case"):
        jobs.enqueue(WITHDRAW_JOB, sample.id, organisation=sample.case.laboratory_id)


def unrelated_and_willing(case: Case) -> tuple[Sample, ...]:
    """Both parents when neither objects, otherwise the child, when nobody objects for it (decision 0004). A person is
    counted once, whatever the number of cases; nobody is counted beside a child or a parent of theirs."""
    samples = {sample.role: sample for sample in case.samples.all()}
    willing = {
        role: sample
        for role, sample in samples.items()
        if consent.decide(sample.person_id, Purpose.REGISTER_COUNT).allowed
    }
    relatives = counted_relatives(case)
    if all(role in willing for role in PARENTS):
        if FamilyRole.CHILD in relatives.values():
            return ()
        return tuple(willing[role] for role in PARENTS if willing[role].person_id not in relatives)
    return (willing[FamilyRole.CHILD],) if FamilyRole.CHILD in willing and not relatives else ()


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


@transaction.atomic
def _count_person(case: Case, sample: Sample) -> None:
    row = Sample.objects.select_for_update().get(id=sample.id)
    if row.register_run or not consent.decide(row.person_id, Purpose.REGISTER_COUNT).allowed:
        return
    current = case.files.filter(superseded=False, kind=FileKind.SMALL)
    file = next(one for one in current if row.name in one.samples)
    actor = _approver(case)
    row.register_run = register.add_contribution(
        actor,
        vcf=in_data_folder(file.stored_as),
        samples={row.name: _sex(row)},
        build=opened.prepared_case(opened.analysis_of(case)).build,
        reference=opened.reference(),
        group=disease_group(case.hpo_terms),
    )
    row.save(update_fields=["register_run"])
    record(actor, "lab.case.count", subject=row.person_id, object_id=case.id, details={"role": row.role})


def _sex(sample: Sample) -> str:
    if sample.role in SEX_OF_PARENT:
        return SEX_OF_PARENT[FamilyRole(sample.role)]
    person = people.person(sample.person_id)
    return person.sex if person else "unknown"
