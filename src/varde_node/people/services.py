"""Commands of people, and the one access decision that every domain asks.

Domains import from here: ``Actor``, ``Role``, ``Rule``, ``Relation``, ``Purpose``, ``Decision``, ``AccessDenied``,
``register_rules``, ``register_navigation``, ``page``, ``decide``, ``require`` and ``record``.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from uuid import UUID

from django.db import connection, transaction
from django.utils import timezone

from varde.consent import NORWAY
from varde.consent.evaluation import birthday
from varde.genome.errors import InputError
from varde_node.people import trail
from varde_node.people.actors import PURPOSE_OF_ROLE, Actor, Purpose, Relation, Role
from varde_node.people.denials import AccessDenied, NoActor
from varde_node.people.gates import page
from varde_node.people.links import SUBJECT_CHARACTERS, issuer_name
from varde_node.people.models import Account, Membership, Organisation, Person, ProviderLink, Representation
from varde_node.people.navigation import NavigationItem, register_navigation
from varde_node.people.policy import Decision, Rule, evaluate, is_logged, register_rules, role_may

__all__ = [
    "AccessDenied",
    "Actor",
    "Decision",
    "NavigationItem",
    "NoActor",
    "Purpose",
    "Relation",
    "Role",
    "Rule",
    "actor_for",
    "actor_named",
    "add_account",
    "add_membership",
    "add_organisation",
    "add_person",
    "add_representation",
    "add_staff",
    "decide",
    "export_trail",
    "link_account",
    "page",
    "record",
    "record_denial",
    "record_refusal",
    "register_navigation",
    "register_rules",
    "require",
    "role_may",
    "unlink_account",
    "verify_trail",
]


def decide(
    actor: Actor,
    action: str,
    *,
    subject: UUID | None = None,
    organisation: UUID | None = None,
    relations: Iterable[Relation] = (),
) -> Decision:
    """Answer without writing anything: for showing or hiding a button. :func:`require` is what guards.

    ``subject`` is the person whom the data are about; being that person or their proxy is found out here.
    ``organisation`` owns the matter. ``relations`` are those the domain knows: care, assigned.
    """
    held = set(relations)
    if organisation is not None and organisation == actor.organisation_id:
        held.add(Relation.ORGANISATION)
    protected = False
    if subject is not None:
        held |= _relations_to(actor, subject)
        protected = Person.objects.filter(id=subject, protected=True).exists()
    return evaluate(actor, action, frozenset(held), protected=protected)


def require(
    actor: Actor,
    action: str,
    *,
    subject: UUID | None = None,
    object_id: UUID | str = "",
    organisation: UUID | None = None,
    relations: Iterable[Relation] = (),
    details: Mapping[str, str | int | bool] | None = None,
    personal: Mapping[str, str] | None = None,
) -> Decision:
    """Decide and write the answer to the trail in the current transaction; raise :class:`AccessDenied` when refused.

    An allowed look is written unless the action's rules say ``logged=False`` and no person is concerned. ``details``
    tell what was disclosed, without personal data; ``personal`` holds what is (a typed reason).
    """
    decision = decide(actor, action, subject=subject, organisation=organisation, relations=relations)
    event = trail.Event(
        action=action,
        outcome="allowed" if decision.allowed else "refused",
        rule=decision.rule if decision.allowed else decision.sentence,
        object_id=str(object_id),
        subject=subject,
        details=details,
        personal=personal,
    )
    if not decision.allowed:
        denial = AccessDenied(decision, actor, event)
        # Inside a transaction the refusal would be rolled back with it: whoever catches the error writes it then.
        if not _in_transaction():
            record_denial(denial)
        raise denial
    if subject is not None or is_logged(action):
        trail.append(actor, event)
    return decision


def record(
    actor: Actor,
    action: str,
    *,
    subject: UUID | None = None,
    object_id: UUID | str = "",
    details: Mapping[str, str | int | bool] | None = None,
    personal: Mapping[str, str] | None = None,
) -> int:
    """Write something that happened, in the current transaction, without asking again (a row of a list was shown, a job
    ended); return the entry's index."""
    event = trail.Event(action, "allowed", "recorded", str(object_id), subject, details, personal)
    return trail.append(actor, event)


def record_refusal(
    actor: Actor,
    action: str,
    reason: str,
    *,
    subject: UUID | None = None,
    object_id: UUID | str = "",
    details: Mapping[str, str | int | bool] | None = None,
) -> int:
    """Write that a domain refused what the role allows (a consent lacks, two signatures of one person); ``reason`` is a
    stable key. Return the entry's index."""
    return trail.append(actor, trail.Event(action, "refused", reason, str(object_id), subject, details))


def record_denial(denial: AccessDenied) -> None:
    """Write a refusal once."""
    if not denial.recorded:
        trail.append(denial.actor, denial.event)
        denial.recorded = True


def actor_for(account_id: UUID, membership_id: UUID) -> Actor:
    """The actor of an account in one of its memberships; ``LookupError`` when it has no such membership now."""
    row = (
        Membership.objects.select_related("account", "organisation")
        .filter(id=membership_id, account_id=account_id, ended=None, account__is_active=True)
        .first()
    )
    if row is None:
        raise LookupError("the account has no such role")
    role = Role(row.role)
    return Actor(
        account_id=row.account_id,
        display_name=row.account.full_name,
        role=role,
        organisation_id=row.organisation_id,
        organisation_name=row.organisation.short_name if row.organisation else "",
        purpose=PURPOSE_OF_ROLE[role],
        person_id=row.account.person_id,
    )


def actor_named(username: str, role: Role) -> Actor:
    """The actor of a user name in a role, for commands of the operator; ``LookupError`` when there is none now."""
    rows = Membership.objects.filter(account__username=username, role=role.value, ended=None)
    membership = rows.order_by("id").first()
    if membership is None:
        raise LookupError("the account has no such role")
    return actor_for(membership.account_id, membership.id)


def add_organisation(name: str, short_name: str, kind: str, region: str = "", number: str = "") -> UUID:
    """Add an organisation, or return the one of that name."""
    row, _ = Organisation.objects.get_or_create(
        name=name, defaults={"short_name": short_name, "kind": kind, "region": region, "number": number}
    )
    return row.id


def add_person(national_identifier: str, name: str, birth_date: date, sex: str, *, protected: bool = False) -> UUID:
    """Add a person, or return the one with that identifier."""
    if len(national_identifier) != 11 or not national_identifier.isascii() or not national_identifier.isdigit():
        raise InputError(
            code="national_identifier",
            problem="The national identifier does not have 11 digits.",
            remedy="Write all 11 digits without spaces.",
            field="national_identifier",
        )
    row, _ = Person.objects.get_or_create(
        national_identifier=national_identifier,
        defaults={"name": name, "birth_date": birth_date, "sex": sex, "protected": protected},
    )
    return row.id


def add_account(
    username: str,
    full_name: str,
    *,
    email: str = "",
    password: str | None = None,
    person: UUID | None = None,
    demo: bool = False,
) -> UUID:
    """Add an account, or return the one of that user name."""
    known = Account.objects.filter(username=username).first()
    if known is not None:
        return known.id
    return Account.objects.create_user(
        username, password, full_name=full_name, email=email, person_id=person, is_demo=demo
    ).id


def add_staff(
    actor: Actor | None, username: str, full_name: str, role: Role, organisation: UUID, *, password: str | None
) -> UUID:
    """Add a staff account with a role, in an administrator's name; return it. ``password`` None: the provider signs in.

    Without an ``actor`` only the very first administrator of a node can be made; that act stands in the trail as their
    own. Raises AccessDenied, and InputError ``first_administrator``, ``patient_account`` or ``username_taken``.
    """
    if role is Role.PATIENT:
        raise InputError(
            code="patient_account",
            problem="A patient's account belongs to a person, not to an organisation.",
            remedy="Choose a role of the staff.",
            field="role",
        )
    with transaction.atomic():
        first = not Membership.objects.filter(role=Role.ADMINISTRATOR.value, ended=None).exists()
        if actor is not None:
            require(actor, "people.account.add", details={"role": role.value})
        elif not first or role is not Role.ADMINISTRATOR:
            raise InputError(
                code="first_administrator",
                problem="Without an administrator's name only the first administrator can be made.",
                remedy="Say who does this with --by, or make the first administrator.",
                field="by",
            )
        if Account.objects.filter(username=username).exists():
            raise InputError(
                code="username_taken",
                problem="There is an account of this user name.",
                remedy="Choose another user name.",
                field="username",
            )
        account = add_account(username, full_name, password=password)
        membership = add_membership(account, role, organisation)
        if actor is None:
            record(
                actor_for(account, membership), "people.account.add", object_id=account, details={"role": role.value}
            )
    return account


def link_account(actor: Actor, username: str, issuer: str, subject: str) -> UUID:
    """Let the issuer's subject sign in as an account, in place of the subject that did before; return the account.

    Raises AccessDenied, and InputError ``no_account``, ``subject`` and ``subject_taken``.
    """
    account = _account(username)
    with transaction.atomic():
        require(actor, "people.account.link", object_id=account.id)
        if not subject.isascii() or not subject.isprintable() or not 0 < len(subject) <= SUBJECT_CHARACTERS:
            raise InputError(
                code="subject",
                problem=f"The subject is not 1 to {SUBJECT_CHARACTERS} printable ASCII characters.",
                remedy="Copy the provider's 'sub' of this person as it stands.",
                field="subject",
            )
        known = ProviderLink.objects.filter(issuer=issuer_name(issuer), subject=subject)
        if known.exclude(account=account).exists():
            raise InputError(
                code="subject_taken",
                problem="The subject is linked to another account.",
                remedy="Take that link away first: varde-node link-account USERNAME --remove.",
                field="subject",
            )
        account.provider_links.update_or_create(issuer=issuer_name(issuer), defaults={"subject": subject})
    return account.id


def unlink_account(actor: Actor, username: str, issuer: str) -> int:
    """Take an account's link to the issuer away; return how many there were (0 or 1).

    Raises AccessDenied, and InputError ``no_account``.
    """
    account = _account(username)
    with transaction.atomic():
        require(actor, "people.account.unlink", object_id=account.id)
        return account.provider_links.filter(issuer=issuer_name(issuer)).delete()[0]


def add_membership(account: UUID, role: Role, organisation: UUID | None = None) -> UUID:
    """Let an account act in a role, or return that membership."""
    row, _ = Membership.objects.get_or_create(account_id=account, role=role.value, organisation_id=organisation)
    return row.id


def add_representation(proxy: UUID, represented: UUID, basis: str, start: date, end: date | None = None) -> UUID:
    """Let a person act for another, or return that representation.

    A parent's ends at the latest on the day when the child decides alone on its health (16 years), whatever is asked.
    Raises InputError ``of_age`` for a parent of somebody who already does.
    """
    if basis == Representation.Basis.PARENT:
        born = Person.objects.values_list("birth_date", flat=True).get(id=represented)
        of_age = birthday(born, NORWAY.ages.decides_alone_from)
        if start >= of_age:
            raise InputError(
                code="of_age",
                problem="A parent represents a child until the age at which it decides alone.",
                remedy="Register a guardian, or somebody whom the person has authorised.",
                field="basis",
            )
        end = min(end or of_age, of_age)
    row, _ = Representation.objects.get_or_create(
        proxy_id=proxy, represented_id=represented, basis=basis, start=start, defaults={"end": end}
    )
    return row.id


def export_trail() -> Iterator[bytes]:
    """The stored bytes of each entry in order, a line each: what ``varde audit verify`` reads. It holds commitments to
    what is personal, never the values."""
    return (stored + b"\n" for stored in trail.stored_entries())


def verify_trail(against: str | None = None) -> tuple[str, list[str]]:
    """Rebuild the trail's tree from the stored entries; return the checkpoint ``size:root`` and what is wrong.

    ``against`` is a checkpoint kept elsewhere: it shows a rewriting of the whole trail and a cut end as well.
    """
    try:
        kept = trail.Checkpoint.parse(against) if against else None
    except ValueError:
        raise InputError(
            code="checkpoint",
            problem="The checkpoint is not written as size:root.",
            remedy="Give the line that an earlier verification printed.",
            field="against",
        ) from None
    checkpoint, problems = trail.verify(kept)
    return str(checkpoint), problems


def _account(username: str) -> Account:
    account = Account.objects.filter(username=username).first()
    if account is None:
        raise InputError(
            code="no_account",
            problem=f"There is no account '{username}'.",
            remedy="Write the user name as it was made.",
            field="username",
        )
    return account


def _relations_to(actor: Actor, subject: UUID) -> set[Relation]:
    if actor.person_id is None or actor.role is not Role.PATIENT:
        return set()
    if actor.person_id == subject:
        return {Relation.SELF}
    today = timezone.localdate()
    rows = Representation.objects.filter(proxy_id=actor.person_id, represented_id=subject)
    return {Relation.PROXY} if any(row.holds_on(today) for row in rows) else set()


def _in_transaction() -> bool:
    blocks = transaction.get_connection().atomic_blocks
    return connection.in_atomic_block and any(not block._from_testcase for block in blocks)
