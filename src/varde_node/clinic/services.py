"""Commands of the clinic: order, consent and counselling, signing, cancelling, and the answer."""

from __future__ import annotations

from dataclasses import asdict
from uuid import UUID

from django.conf import settings
from django.db import IntegrityError, transaction
from django.http import Http404
from django.utils import timezone
from django.utils.translation import gettext as _

from varde.consent import Examination, ExaminationPurpose, Purpose, examination_gate
from varde.genome.errors import InputError
from varde.interpretation.phenotype import is_current_term
from varde_node.clinic.access import relations
from varde_node.clinic.content import to_plain
from varde_node.clinic.family import GRANDPARENTS, RELATIVE_ROLES, content_of, examined
from varde_node.clinic.models import Answer, Counselling, Order, OrderRelative, OrderState
from varde_node.clinic.orders import ANALYSIS_NOT_BEGUN, CounsellingContent, FamilyConsent, OrderContent
from varde_node.clinic.report import bundle_of
from varde_node.consent import queries as consent_queries
from varde_node.consent import services as consent_services
from varde_node.lab import queries as lab_queries
from varde_node.lab import services as lab_services
from varde_node.lab.contracts import LabOrder, OrderedPerson, SignedCase
from varde_node.people import queries as people_queries
from varde_node.people.services import Actor, Relation, require

__all__ = [
    "CounsellingContent",
    "FamilyConsent",
    "OrderContent",
    "cancel_order",
    "change_draft",
    "draft_order",
    "look_up_patient",
    "note_read_by_clinician",
    "record_counselling",
    "record_family_consent",
    "release_answer",
    "share_with_family",
    "sign_order",
    "submit_order",
    "write_to_laboratory",
]

_NUMBER_ATTEMPTS = 20


def look_up_patient(actor: Actor, national_identifier: str) -> people_queries.PersonView:
    """The person with a national identifier; the look-up is written to the person's trail.

    Raises InputError for a number that is malformed, real in the demo, or unknown.
    """
    person = people_queries.person_by_identifier(checked_identifier(national_identifier, "national_identifier"))
    if person is None:
        raise InputError(
            "unknown_person",
            _("Nobody with this number is known here."),
            _("Check the digits. A new patient is first registered by the hospital's patient office."),
            field="national_identifier",
        )
    require(actor, "clinic.patient.look_up", subject=person.id)
    return person


def checked_identifier(text: str, field: str) -> str:
    """Eleven digits without blanks; in the demo only synthetic numbers (month + 80) are taken."""
    digits = "".join(text.split())
    if len(digits) != 11 or not (digits.isascii() and digits.isdecimal()):
        raise InputError(
            "national_identifier",
            _("The national identifier does not have 11 digits."),
            _("Write all 11 digits."),
            field=field,
        )
    if settings.DEMO and not 81 <= int(digits[2:4]) <= 92:
        raise InputError(
            "real_identifier",
            _("This is not a synthetic number."),
            _("The demo takes synthetic numbers only (month + 80); never enter a real person here."),
            field=field,
        )
    return digits


@transaction.atomic
def draft_order(actor: Actor, content: OrderContent) -> UUID:
    """Make an order that is not yet sent; return its id. Raises InputError for content that cannot be ordered."""
    if actor.organisation_id is None:
        require(actor, "clinic.order.write", subject=content.patient_id)
    _check(content)
    held = relations(actor, actor.organisation_id) if actor.organisation_id else ()
    require(actor, "clinic.order.write", subject=content.patient_id, relations=held)
    _look_up_family(actor, content)
    order = _numbered(
        Order(
            clinic_id=actor.organisation_id, clinician_id=actor.account_id, **_columns(content), state=OrderState.DRAFT
        )
    )
    _store_relatives(order, content)
    return order.id


@transaction.atomic
def change_draft(actor: Actor, order_id: UUID, content: OrderContent) -> UUID:
    """Change an order that is not signed. Raises InputError ``not_a_draft`` for any other."""
    order = _order_for(actor, "clinic.order.write", order_id)
    if order.state != OrderState.DRAFT:
        raise InputError(
            "not_a_draft",
            _("The order is signed and cannot be changed."),
            _("Cancel it with a reason and make a new one."),
            field="order",
        )
    _check(content)
    _look_up_family(actor, content)
    for name, value in _columns(content).items():
        setattr(order, name, value)
    order.save()
    order.relatives.all().delete()
    _store_relatives(order, content)
    return order.id


@transaction.atomic
def record_family_consent(actor: Actor, order_id: UUID, consent: FamilyConsent) -> None:
    """Record what the family agreed to: for the child, and for siblings whom that parent represents, by the one who
    signed, and for each parent's own sample. Adult relatives decide for themselves, on their own page."""
    order = _order_for(actor, "clinic.consent.record", order_id)
    if consent.decided_by_id not in (order.mother_id, order.father_id, order.patient_id):
        raise InputError(
            "decided_by",
            _("The consent is signed by one of the parents of the order, or by the patient."),
            _("Choose who signed."),
            field="decided_by",
        )
    represented = {person.id for person in people_queries.represented_by(consent.decided_by_id)}
    deciders = {order.patient_id: consent.decided_by_id}
    deciders |= {parent: parent for parent in (order.mother_id, order.father_id) if parent is not None}
    minors = order.relatives.filter(person_id__in=represented).values_list("person_id", flat=True)
    deciders |= dict.fromkeys(minors, consent.decided_by_id)
    for subject, decided_by in deciders.items():
        consent_services.record_consent(
            actor,
            subject_id=subject,
            decided_by_id=decided_by,
            language=consent.language,
            allowed=[Purpose(value) for value in consent.purposes],
            means=consent.means,
            decided_at=consent.decided_at,
            in_care=True,
        )


@transaction.atomic
def record_counselling(actor: Actor, order_id: UUID, content: CounsellingContent) -> None:
    """Record a talk of genetic counselling on an order."""
    order = _order_for(actor, "clinic.counselling.record", order_id)
    if content.held_on > timezone.localdate():
        raise InputError("held_on", _("The talk lies in the future."), _("Give the day it was held."), field="held_on")
    missing = [name for name in ("by_name", "competence", "language") if not getattr(content, name).strip()]
    if missing:
        raise InputError(
            "counselling", _("Part of the counselling record is missing."), _("Fill in this field."), field=missing[0]
        )
    Counselling.objects.create(order=order, recorded_by_id=actor.account_id, **asdict(content))


@transaction.atomic
def sign_order(actor: Actor, order_id: UUID) -> UUID:
    """Sign an order and open the laboratory's case in the same transaction; signing again changes nothing.

    Raises InputError naming what is missing (consent, counselling, the law gate); nothing is then stored.
    """
    order = _order_for(actor, "clinic.order.sign", order_id)
    if order.state in (OrderState.SIGNED, OrderState.ANSWERED):
        return order.id
    if order.state == OrderState.CANCELLED:
        raise InputError("cancelled", _("The order is cancelled."), _("Make a new order."), field="order")
    for missing in what_is_missing(order):
        raise missing
    order.state, order.signed_at = OrderState.SIGNED, timezone.now()
    order.clinician_id = actor.account_id
    order.save(update_fields=["state", "signed_at", "clinician"])
    lab_services.open_case(actor, _lab_order(order))
    return order.id


@transaction.atomic
def submit_order(
    actor: Actor,
    content: OrderContent,
    *,
    order_id: UUID | None = None,
    consent: FamilyConsent | None = None,
    counselling: CounsellingContent | None = None,
    sign: bool = False,
) -> UUID:
    """Everything the order page sends, as one act: draft or change, consent, counselling and, if asked, the signature.

    When any part is refused nothing of it is stored.
    """
    identifier = draft_order(actor, content) if order_id is None else change_draft(actor, order_id, content)
    if consent is not None:
        record_family_consent(actor, identifier, consent)
    if counselling is not None:
        record_counselling(actor, identifier, counselling)
    return sign_order(actor, identifier) if sign else identifier


def what_is_missing(order: Order) -> list[InputError]:
    """Why an order cannot be signed now, each with the field's name; empty when it can."""
    found = []
    family = content_of(order).people
    if not all(consent_queries.decide(person, Purpose.CARE_PANEL).allowed for person in family):
        found.append(
            InputError(
                "no_consent",
                _("Consent to the examination is not recorded for everybody in the family."),
                _("Record what the parents agreed to, for the child and for themselves."),
                field="consent",
            )
        )
    if not order.counselling.exists():
        found.append(
            InputError(
                "no_counselling",
                _("Genetic counselling is not recorded."),
                _("Record who talked with the family, and when."),
                field="counselling",
            )
        )
    gate = examination_gate(Examination(ExaminationPurpose(order.purpose), timezone.localdate()))
    if not gate.allowed:
        found.append(InputError("law_gate", str(gate.reason), gate.citation, field="purpose"))
    return found


@transaction.atomic
def cancel_order(actor: Actor, order_id: UUID, reason: str) -> None:
    """Cancel an order before its samples are analysed, with a reason."""
    reason = reason.strip()
    order = _order_for(actor, "clinic.order.cancel", order_id, reason=reason)
    if order.state == OrderState.CANCELLED:
        return
    if not reason:
        raise InputError("reason", _("A reason is required."), _("Write why the order is cancelled."), field="reason")
    progress = lab_queries.progress(order.id) if order.state != OrderState.DRAFT else None
    if order.state == OrderState.ANSWERED or (progress is not None and progress.state not in ANALYSIS_NOT_BEGUN):
        raise InputError(
            "too_late",
            _("The samples are already being analysed."),
            _("Call the laboratory; it decides with you what happens to the data."),
            field="reason",
        )
    if order.state == OrderState.SIGNED:
        lab_services.cancel_case(actor, order.id, reason)
    order.state, order.cancelled_at, order.cancel_reason = OrderState.CANCELLED, timezone.now(), reason
    order.save(update_fields=["state", "cancelled_at", "cancel_reason"])


@transaction.atomic
def release_answer(case: SignedCase) -> None:
    """Make the order's answer of a case with both signatures. The same content again makes no second version."""
    order = Order.objects.select_for_update().get(id=case.order_id)
    plain = to_plain(case)
    newest = order.answers.order_by("-version").first()
    if newest is not None and newest.content == plain:
        return
    version = 1 if newest is None else newest.version + 1
    Answer.objects.create(
        order=order, version=version, content=plain, fhir_bundle=bundle_of(order, case, version=version)
    )
    order.state = OrderState.ANSWERED
    order.save(update_fields=["state"])


@transaction.atomic
def share_with_family(actor: Actor, order_id: UUID) -> None:
    """Let the family read the newest answer. Sharing again changes nothing."""
    order = _order_for(actor, "clinic.answer.share", order_id)
    answer = order.answers.order_by("-version").first()
    if answer is None:
        raise InputError("no_answer", _("There is no answer yet."), _("Wait for the laboratory."), field="order")
    Answer.objects.filter(id=answer.id, shared_with_family_at=None).update(shared_with_family_at=timezone.now())


def write_to_laboratory(actor: Actor, order_id: UUID, text: str) -> None:
    """Write in the order's discussion with the laboratory. Raises InputError ``text_missing`` or ``text_too_long``."""
    lab_services.answer_in_discussion(actor, order_id, text)


def note_read_by_clinician(answer_id: UUID) -> None:
    """Note when the clinic first read an answer."""
    Answer.objects.filter(id=answer_id, read_by_clinician_at=None).update(read_by_clinician_at=timezone.now())


def _order_for(actor: Actor, action: str, order_id: UUID, *, reason: str = "") -> Order:
    order = Order.objects.select_for_update().filter(id=order_id).first()
    if order is None:
        raise Http404
    require(
        actor,
        action,
        subject=order.patient_id,
        object_id=order.id,
        relations=relations(actor, order.clinic_id, order.laboratory_id),
        personal={"reason": reason} if reason else None,
    )
    return order


def _look_up_family(actor: Actor, content: OrderContent) -> None:
    """An order shows who the relatives are and what they agreed to: written to their trails as any look-up is. A
    shielded
    person may be named only for a child whose parent the representations say they are."""
    known = {person.id for person in people_queries.parents_of(content.patient_id)}
    for person in content.people[1:]:
        held = (Relation.CARE,) if person in known else ()
        require(actor, "clinic.patient.look_up", subject=person, relations=held)


def _check(content: OrderContent) -> None:
    family = content.people
    people = people_queries.persons(family)
    roles = [one.role for one in content.relatives]
    if len(set(family)) < len(family) or len(people) < len(family) or not set(roles) <= RELATIVE_ROLES:
        raise InputError(
            "family",
            _("Everybody in the family must be another known person."),
            _("Check the numbers of the family."),
            field="mother",
        )
    if any(roles.count(role) > 1 for role in GRANDPARENTS):
        raise InputError(
            "family",
            _("The same grandparent is given twice."),
            _("Check how each relative is related to the child."),
            field="relatives",
        )
    for field, person, wrong in (("mother", content.mother_id, "male"), ("father", content.father_id, "female")):
        if person is None:
            continue
        if people[person].sex == wrong:
            raise InputError(
                "parent_sex",
                _("The sex in the population register does not fit the role."),
                _("Check whether mother and father were exchanged."),
                field=field,
            )
        if people[person].birth_date >= people[content.patient_id].birth_date:
            raise InputError(
                "parent_age",
                _("The parent is younger than the child."),
                _("Check the numbers of the family."),
                field=field,
            )
    if not content.indication.strip():
        raise InputError(
            "indication", _("The indication is missing."), _("Write why the child is examined."), field="indication"
        )
    unknown = [term for term in (*content.hpo_terms, *content.hpo_excluded) if not is_current_term(term)]
    if unknown or not content.hpo_terms:
        raise InputError(
            "hpo",
            _("At least one phenotype term is needed, and all must be known."),
            _("Choose from the list, or write an identifier such as HP:0001250."),
            field="hpo_terms",
        )
    both = set(content.hpo_terms) & set(content.hpo_excluded)
    if both:
        raise InputError(
            "hpo",
            _("A term cannot be both present and not present."),
            _("Keep it in one of the two."),
            field="hpo_excluded",
        )
    laboratory = people_queries.organisation(content.laboratory_id)
    if laboratory is None or laboratory.kind != "laboratory":
        raise InputError("laboratory", _("The laboratory is missing."), _("Choose a laboratory."), field="laboratory")


def _columns(content: OrderContent) -> dict[str, object]:
    lists = {name: list(getattr(content, name)) for name in ("hpo_terms", "hpo_excluded", "named_genes")}
    told = asdict(content) | {"indication": content.indication.strip()} | lists
    return {name: value for name, value in told.items() if name != "relatives"}


def _store_relatives(order: Order, content: OrderContent) -> None:
    OrderRelative.objects.bulk_create(
        OrderRelative(order=order, person_id=one.person_id, role=one.role, affected=one.affected)
        for one in content.relatives
    )


def _numbered(order: Order) -> Order:
    """Save under the year's next number; another order that took it first only makes us count again."""
    year = timezone.localdate().year
    for _attempt in range(_NUMBER_ATTEMPTS):
        newest = Order.objects.filter(number__startswith=f"RQ-{year}-").order_by("-number").first()
        following = int(newest.number.rsplit("-", 1)[1]) + 1 if newest else 1
        order.number = f"RQ-{year}-{following:05d}"
        try:
            with transaction.atomic():
                order.save(force_insert=True)
        except IntegrityError:
            if not Order.objects.filter(number=order.number).exists():
                raise
        else:
            return order
    raise RuntimeError("no free order number was found")


def _lab_order(order: Order) -> LabOrder:
    return LabOrder(
        order_id=order.id,
        laboratory_id=order.laboratory_id,
        requester_id=order.clinic_id,
        patient_id=order.patient_id,
        family=tuple(OrderedPerson(role, person, affected) for role, person, affected in examined(order)),
        indication=order.indication,
        hpo_terms=tuple(order.hpo_terms),
        hpo_excluded=tuple(order.hpo_excluded),
        named_genes=tuple(order.named_genes),
        panel_name=order.panel_name,
        panel_version=order.panel_version,
        urgent=order.urgent,
    )
