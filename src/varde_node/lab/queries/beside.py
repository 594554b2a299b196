"""What stands beside a variant's evidence, of whatever kind it is: what was said of it before, here and elsewhere, with
its age; what people wrote, read, attached and ordered; and the token that its forms rest on.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.utils import timezone

from varde.genome.alleles import Variant
from varde.genome.builds import Build
from varde.genome.errors import InputError
from varde.interpretation.literature import LiteratureReference as Written
from varde.interpretation.literature import ReferenceKind
from varde.interpretation.reuse import Freshness
from varde_node.lab.contracts import Said
from varde_node.lab.laboratory_rules import rules_of
from varde_node.lab.models import Attachment, Case, Comment, LiteratureReference, VariantKind
from varde_node.lab.queries.assessments import Earlier, earlier_assessments
from varde_node.lab.queries.confirmations import ConfirmationView, confirmations_of
from varde_node.lab.queries.dismissals import DismissalView, current_dismissals
from varde_node.lab.seen import variant_token
from varde_node.lab.words import AGE_WORDS, Text, class_words
from varde_node.people.services import Actor, decide
from varde_node.registers.interpretations import queries as register

OF_ALLELES = (VariantKind.SMALL, VariantKind.MITOCHONDRIAL)


@dataclass(frozen=True)
class OtherClass:
    """Another laboratory's present class, with its age by this laboratory's rules."""

    id: UUID
    laboratory: str
    region: str
    acmg_class: int
    guideline: str
    month: date
    fresh: Freshness

    @property
    def class_words(self) -> str:
        """For example ``5 – pathogenic``."""
        return class_words(self.acmg_class)

    @property
    def age(self) -> tuple[str, Text]:
        """Shape and word of its age."""
        return AGE_WORDS[self.fresh.age]


@dataclass(frozen=True)
class AttachmentView:
    """A file that is kept."""

    id: UUID
    given_name: str
    media_type: str
    size_bytes: int
    by: str
    at: datetime
    variant: str


@dataclass(frozen=True)
class ReferenceView:
    """A publication, and who has read it."""

    id: UUID
    label: str
    address: str
    note: str
    by: str
    readers: tuple[str, ...]
    read: bool
    """Whether the one who asks has read it."""


@dataclass(frozen=True)
class Beside:
    """All of it for one variant."""

    token: str
    earlier: tuple[Earlier, ...]
    others: tuple[OtherClass, ...]
    dismissal: DismissalView | None
    comments: tuple[Said, ...]
    attachments: tuple[AttachmentView, ...]
    references: tuple[ReferenceView, ...]
    confirmations: tuple[ConfirmationView, ...]
    must_confirm: bool
    """Whether the laboratory asks a second method for some class."""

    @property
    def disagreement(self) -> bool:
        """Whether the classes given so far differ, here or elsewhere."""
        own = {one.said.chosen_class for one in self.earlier}
        return len(own | {one.acmg_class for one in self.others}) > 1

    @property
    def unread(self) -> int:
        """Publications that the one who asks has not read."""
        return sum(not one.read for one in self.references)


def beside(actor: Actor, case: Case, variant: str, build: str, kind: str = VariantKind.SMALL) -> Beside:
    """What stands beside one variant of a case (the caller has asked for access to the case)."""
    rules = rules_of(case.laboratory_id)
    return Beside(
        token=variant_token(case, variant),
        earlier=earlier_assessments(case, variant, build, kind),
        others=_others(actor, case, variant, build) if kind in OF_ALLELES else (),
        dismissal=current_dismissals(case).get(variant),
        comments=comments_of(case, variant),
        attachments=attachments_of(case, variant),
        references=_references(actor, case, variant, build),
        confirmations=tuple(one for one in confirmations_of(case) if one.variant == variant),
        must_confirm=rules.must_be_confirmed(5),
    )


def comments_of(case: Case, variant: str | None = None, *, shared: bool | None = None) -> tuple[Said, ...]:
    """Comments of a case in the order they were written: of one variant ('' for the case itself), or all."""
    rows = Comment.objects.filter(case=case).select_related("author").order_by("at")
    if variant is not None:
        rows = rows.filter(variant=variant)
    if shared is not None:
        rows = rows.filter(shared=shared)
    return tuple(
        Said(row.text, row.author.full_name, row.at, row.shared, row.from_requester, row.variant) for row in rows
    )


def attachments_of(case: Case, variant: str | None = None) -> tuple[AttachmentView, ...]:
    """Files of a case that stand: of one variant ('' for the case itself), or all."""
    rows = Attachment.objects.filter(case=case, withdrawn_at=None).select_related("by").order_by("at")
    if variant is not None:
        rows = rows.filter(variant=variant)
    return tuple(
        AttachmentView(row.id, row.given_name, row.media_type, row.size_bytes, row.by.full_name, row.at, row.variant)
        for row in rows
    )


def _others(actor: Actor, case: Case, variant: str, build: str) -> tuple[OtherClass, ...]:
    if not decide(actor, "registers.interpretation.read").allowed:
        return ()
    try:
        found = register.interpretations_of(actor, Variant.parse(Build(build), variant))
    except InputError:
        return ()  # an allele that the register cannot hold
    rules, today = rules_of(case.laboratory_id), timezone.localdate()
    return tuple(
        OtherClass(
            id=line.id,
            laboratory=line.laboratory_name,
            region=line.region,
            acmg_class=line.acmg_class,
            guideline=line.guideline,
            month=line.signed_no_earlier_than,
            fresh=rules.freshness(line.acmg_class, line.signed_no_earlier_than, today),
        )
        for line in found.lines
        if not line.own and line.state == "current"
    )


def _references(actor: Actor, case: Case, variant: str, build: str) -> tuple[ReferenceView, ...]:
    rows = LiteratureReference.objects.filter(laboratory=case.laboratory_id, build=build, variant=variant)
    rows = rows.select_related("by").prefetch_related("readings__by").order_by("at")
    found = []
    for row in rows:
        written = Written(ReferenceKind(row.kind), row.identifier)
        readings = list(row.readings.all())
        found.append(
            ReferenceView(
                id=row.id,
                label=written.label,
                address=written.address,
                note=row.note,
                by=row.by.full_name,
                readers=tuple(sorted(one.by.full_name for one in readings)),
                read=any(one.by_id == actor.account_id for one in readings),
            )
        )
    return tuple(found)
