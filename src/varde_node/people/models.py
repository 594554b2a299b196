"""Tables of people, roles and the audit trail. Private to this domain, but for foreign keys to Person, Organisation."""

from __future__ import annotations

import uuid
from datetime import date
from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models import F, Q

from varde_node.people.actors import Role


class Organisation(models.Model):
    """A clinic, a laboratory or a national body."""

    class Kind(models.TextChoices):
        CLINIC = "clinic"
        LABORATORY = "laboratory"
        NATIONAL = "national"
        MATCHMAKER = "matchmaker"

    class Region(models.TextChoices):
        SOUTH_EAST = "HSO"
        WEST = "HV"
        CENTRAL = "HMN"
        NORTH = "HN"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    name = models.CharField(max_length=200, unique=True)
    short_name = models.CharField(max_length=60)
    kind = models.CharField(max_length=12, choices=Kind.choices)
    region = models.CharField(max_length=3, choices=Region.choices, blank=True)
    number = models.CharField(max_length=9, blank=True)

    class Meta:
        constraints = (
            models.CheckConstraint(
                condition=Q(kind__in=["national", "matchmaker"], region="")
                | (Q(kind__in=["clinic", "laboratory"]) & ~Q(region="")),
                name="organisation_region_of_care_alone",
            ),
        )

    def __str__(self) -> str:
        return self.short_name


class Person(models.Model):
    """A person whom data are about. In the demo every identifier is synthetic (month + 80)."""

    class Sex(models.TextChoices):
        FEMALE = "female"
        MALE = "male"
        UNKNOWN = "unknown"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    national_identifier = models.CharField(max_length=11, unique=True)
    name = models.CharField(max_length=200)
    birth_date = models.DateField()
    sex = models.CharField(max_length=7, choices=Sex.choices)
    protected = models.BooleanField(default=False)

    def __str__(self) -> str:
        return f"person {self.id}"


class AccountTable(BaseUserManager["Account"]):
    """Creates accounts."""

    def create_user(self, username: str, password: str | None = None, **fields: Any) -> Account:
        """Create an account; without a password it can sign in through the provider only."""
        account = self.model(username=username, **fields)
        account.set_password(password)
        account.save(using=self._db)
        return account


class Account(AbstractBaseUser):
    """Somebody who can sign in. What they may do depends on the membership they act in."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    username = models.CharField(max_length=150, unique=True)
    email = models.EmailField(blank=True)
    full_name = models.CharField(max_length=200)
    person = models.ForeignKey(Person, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    is_active = models.BooleanField(default=True)
    is_demo = models.BooleanField(default=False)
    created = models.DateTimeField(auto_now_add=True)

    objects: ClassVar[AccountTable] = AccountTable()
    USERNAME_FIELD = "username"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS = ("full_name",)

    def __str__(self) -> str:
        return self.username

    def get_full_name(self) -> str:
        """Name shown to others."""
        return self.full_name


class ProviderLink(models.Model):
    """The subject under which a sign-in provider knows an account. An administrator makes it; a name never does."""

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="provider_links")
    issuer = models.CharField(max_length=255)
    subject = models.CharField(max_length=255)
    linked = models.DateTimeField(auto_now=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("issuer", "subject"), name="provider_subject_once"),
            models.UniqueConstraint(fields=("account", "issuer"), name="provider_link_once"),
        )

    def __str__(self) -> str:
        return f"link of account {self.account_id}"


class Membership(models.Model):
    """A role an account may act in."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="memberships")
    organisation = models.ForeignKey(Organisation, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    role = models.CharField(max_length=30, choices=[(role.value, role.value) for role in Role])
    ended = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("account", "organisation", "role"), name="membership_once"),
            models.UniqueConstraint(
                fields=("account", "role"), condition=Q(organisation__isnull=True), name="membership_once_alone"
            ),
            models.CheckConstraint(
                condition=Q(role="patient", organisation__isnull=True)
                | (~Q(role="patient") & Q(organisation__isnull=False)),
                name="membership_staff_has_organisation",
            ),
        )

    def __str__(self) -> str:
        return f"{self.role} {self.id}"


class Representation(models.Model):
    """A proxy who may act for another person, on a legal basis and for a time."""

    class Basis(models.TextChoices):
        PARENT = "parent"
        GUARDIAN = "guardian"
        AUTHORISED = "authorised"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    proxy = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    represented = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    basis = models.CharField(max_length=10, choices=Basis.choices)
    start = models.DateField()
    end = models.DateField(null=True, blank=True)

    class Meta:
        constraints = (
            models.CheckConstraint(condition=~Q(proxy=F("represented")), name="representation_of_another"),
            models.CheckConstraint(
                condition=Q(end__isnull=True) | Q(end__gt=F("start")), name="representation_in_time"
            ),
        )

    def __str__(self) -> str:
        return f"{self.basis} {self.id}"

    def holds_on(self, day: date) -> bool:
        """Whether the representation is in force on a day (the end is not included)."""
        return self.start <= day and (self.end is None or day < self.end)


class AppendOnlyError(Exception):
    """Somebody tried to change or delete an entry of the trail."""


class AppendOnlyQuerySet(models.QuerySet["AuditEntry"]):
    """Refuses to change or delete."""

    def update(self, **_fields: object) -> int:
        """Refused."""
        raise AppendOnlyError("audit entries are never changed")

    def delete(self) -> tuple[int, dict[str, int]]:
        """Refused."""
        raise AppendOnlyError("audit entries are never deleted")


class AuditEntry(models.Model):
    """One event of the trail: ``stored`` is the canonical bytes that the tree hashes; the columns repeat a part
    for searching, and the verifier checks that they say the same."""

    index = models.BigIntegerField(primary_key=True)
    stored = models.BinaryField()
    event_id = models.UUIDField(unique=True)
    recorded = models.DateTimeField(db_index=True)
    action = models.CharField(max_length=100)
    role = models.CharField(max_length=30)
    organisation = models.UUIDField(null=True)
    outcome = models.CharField(max_length=8)
    object_id = models.CharField(max_length=100, blank=True)

    objects = AppendOnlyQuerySet.as_manager()

    class Meta:
        ordering = ("index",)

    def __str__(self) -> str:
        return f"audit entry {self.index}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Entries are inserted once, never saved again."""
        if not self._state.adding:
            raise AppendOnlyError("audit entries are never changed")
        super().save(*args, force_insert=True, **kwargs)

    def delete(self, *_args: Any, **_kwargs: Any) -> tuple[int, dict[str, int]]:
        """Refused."""
        raise AppendOnlyError("audit entries are never deleted")


class AuditPersonalField(models.Model):
    """A personal value that an entry committed to, with its salt. Erasing both keeps the proof, not the content."""

    entry = models.ForeignKey(AuditEntry, on_delete=models.PROTECT, related_name="personal")
    field = models.CharField(max_length=40)
    salt = models.BinaryField(null=True)
    value = models.TextField(null=True)  # noqa: DJ001 - null says erased, empty is a value

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("entry", "field"), name="audit_personal_field_once"),
            models.CheckConstraint(
                condition=Q(salt__isnull=True, value__isnull=True) | Q(salt__isnull=False, value__isnull=False),
                name="audit_salt_and_value_together",
            ),
        )
        # Searched by person only; other values may be longer than an index row can be.
        indexes = (models.Index(fields=("value",), condition=Q(field="subject"), name="audit_personal_subject"),)

    def __str__(self) -> str:
        return f"{self.field} of {self.entry_id}"


class AuditNode(models.Model):
    """A complete subtree of the Merkle tree."""

    level = models.PositiveSmallIntegerField()
    index = models.BigIntegerField()
    digest = models.BinaryField()

    class Meta:
        constraints = (models.UniqueConstraint(fields=("level", "index"), name="audit_node_once"),)

    def __str__(self) -> str:
        return f"node {self.level}/{self.index}"
