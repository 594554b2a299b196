"""Setting a candidate aside with a reason, and taking it up again."""

from __future__ import annotations

from uuid import UUID

from django.db import transaction
from django.db.models import Max
from django.http import Http404
from django.utils.translation import gettext as _

from varde.genome.errors import InputError
from varde_node.lab import opened
from varde_node.lab.case_access import case_for
from varde_node.lab.judgement import judge
from varde_node.lab.models import Case, Dismissal, DismissalReason, VariantKind
from varde_node.lab.queries.assessments import current_assessments
from varde_node.lab.queries.candidates import names_of
from varde_node.lab.queries.dismissals import current_dismissals
from varde_node.lab.seen import check_seen, variant_token
from varde_node.lab.services.assessments import refuse_unless_open
from varde_node.people.services import Actor


@transaction.atomic
def dismiss_variant(
    actor: Actor, case_id: UUID, variant: str, *, reason: str, comment: str, seen: str | None = None
) -> UUID:
    """Set a variant of a case aside, with a reason of the list and one's own words; return the dismissal.

    Raises InputError ``dismissal_reason``, ``comment_missing``, ``in_answer`` for a variant that is assessed for the
    answer, ``not_open_for_work`` and ``changed_since``; ``Http404`` for a variant that the case does not have.
    """
    case = case_for(actor, "lab.variant.dismiss", case_id, lock=True, details={"reason": reason[:20]})
    refuse_unless_open(case)
    check_seen(seen, variant_token(case, variant))
    check_dismissal(case, variant, reason, comment)
    analysis = opened.analysis_of(case)
    found = judge(case, analysis, variant)
    if found is None:
        raise Http404
    names = names_of(analysis, found.allele)
    return store_dismissal(
        actor,
        case,
        found.allele.variant,
        reason=reason,
        comment=comment,
        gene=found.allele.gene or "",
        names={"coding": (names and names.coding) or "", "protein": (names and names.protein) or ""},
    )


@transaction.atomic
def take_up_variant(actor: Actor, case_id: UUID, variant: str, *, seen: str | None = None) -> UUID:
    """Take up a variant again that was set aside; return the new row. Raises InputError ``not_dismissed``."""
    case = case_for(actor, "lab.variant.dismiss", case_id, lock=True, details={"reason": "taken up"})
    refuse_unless_open(case)
    check_seen(seen, variant_token(case, variant))
    standing = current_dismissals(case).get(variant)
    if standing is None:
        raise InputError(
            "not_dismissed", _("The variant is not set aside."), _("Open its page to see where it stands.")
        )
    before = Dismissal.objects.get(id=standing.id)
    return store_dismissal(
        actor,
        case,
        variant,
        reason=before.reason,
        comment=before.comment,
        gene=before.gene,
        names=before.names,
        kind=VariantKind(before.kind),
        active=False,
    )


def check_dismissal(case: Case, variant: str, reason: str, comment: str) -> None:
    """Raises InputError ``dismissal_reason``, ``comment_missing`` or ``in_answer``."""
    if reason not in DismissalReason.values:
        raise InputError(
            code="dismissal_reason",
            problem=_("No reason was chosen."),
            remedy=_("Choose why the variant is set aside."),
            field="reason",
        )
    if not comment.strip():
        raise InputError(
            code="comment_missing",
            problem=_("The comment is missing."),
            remedy=_("Write in your own words why the variant is set aside: the second reader reads it."),
            field="comment",
        )
    standing = current_assessments(case).get(variant)
    if standing is not None and standing.in_answer:
        raise InputError(
            code="in_answer",
            problem=_("The variant is assessed for the answer and cannot be set aside too."),
            remedy=_("Store an assessment without the mark for the answer first."),
            field="reason",
        )


def store_dismissal(
    actor: Actor,
    case: Case,
    variant: str,
    *,
    reason: str,
    comment: str,
    gene: str,
    names: dict[str, str],
    kind: VariantKind = VariantKind.SMALL,
    active: bool = True,
) -> UUID:
    """Store a checked dismissal of a variant of any kind (the caller holds the case's row)."""
    last = Dismissal.objects.filter(case=case, variant=variant).aggregate(last=Max("number"))["last"] or 0
    return Dismissal.objects.create(
        case=case,
        number=last + 1,
        kind=kind,
        variant=variant,
        gene=gene,
        names=names,
        active=active,
        reason=reason,
        comment=comment.strip(),
        author_id=actor.account_id,
    ).id
