"""What crosses the laboratory's border: plain frozen values, and the hook by which the clinic hears of a signed
case."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID


@dataclass(frozen=True)
class OrderedPerson:
    """A family member of an order. ``role`` is a value of ``varde.genome.kin.Kin``; ``affected`` None: not known."""

    role: str
    person_id: UUID
    affected: bool | None


@dataclass(frozen=True)
class LabOrder:
    """What the clinic hands over when an order is signed. ``panel`` is the panel's name and version."""

    order_id: UUID
    laboratory_id: UUID
    requester_id: UUID
    patient_id: UUID
    family: tuple[OrderedPerson, ...]
    indication: str
    hpo_terms: tuple[str, ...]
    panel_name: str
    panel_version: str
    urgent: bool
    hpo_excluded: tuple[str, ...] = ()
    """Terms that the patient was examined for and does not have."""
    named_genes: tuple[str, ...] = ()
    """Genes that the clinician suspects: looked at whatever the panel."""


@dataclass(frozen=True)
class Progress:
    """Where the laboratory is with an order. ``state`` is a ``CaseState`` value; the times are None until reached."""

    case_id: UUID
    case_number: str
    state: str
    received_at: datetime
    samples_received_at: datetime | None
    analysed_at: datetime | None
    signed_at: datetime | None
    due_on: date
    scope: str
    genes_opened_at: datetime | None


@dataclass(frozen=True)
class Said:
    """What somebody wrote on a case. ``shared``: both the laboratory and the clinician who ordered see it."""

    text: str
    author: str
    at: datetime
    shared: bool
    from_requester: bool
    variant: str


@dataclass(frozen=True)
class Discussion:
    """What laboratory and clinician said to one another about an order's case, in the order it was said."""

    case_number: str
    messages: tuple[Said, ...]


@dataclass(frozen=True)
class SignedVariant:
    """A variant of the answer, as assessed. ``names`` holds genomic, coding, protein and transcript."""

    variant: str
    build: str
    gene: str
    names: dict[str, str]
    consequence: str
    zygosity: dict[str, str]
    """Genotype by place in the family (``lab.family``): {'child': '0/1', 'mother': '0/1', 'sibling_2': '0/0'}."""
    depths: dict[str, tuple[int, int]]
    """Reads of reference and alternate allele by place in the family."""
    acmg_class: int
    points: int | float
    ruleset: str
    criteria: tuple[dict[str, Any], ...]
    reasoning: str
    frequency: dict[str, Any]
    kind: str = "small"
    """small, mitochondrial, structural or repeat: how ``variant`` is written."""
    event: dict[str, Any] | None = None
    """Of a structural variant {kind, start, end, length, genes}; ``genes`` as {gene, extent, first_exon, last_exon,
    exons}, the most touched first."""


@dataclass(frozen=True)
class SignedCase:
    """A case with both signatures: everything that an answer says."""

    case_id: UUID
    case_number: str
    order_id: UUID
    laboratory_id: UUID
    conclusion: str
    scope: str
    gene: str
    inheritance_mode: str
    summary: str
    author_name: str
    signed_at: datetime
    approver_name: str
    approved_at: datetime
    panel_name: str
    panel_version: str
    panel_genes: int
    opening_reason: str
    opened_at: datetime | None
    variants: tuple[SignedVariant, ...]
    quality: tuple[dict[str, Any], ...]
    """The quality metrics: {sample, name, value, unit, light, threshold, source}."""
    quality_override: dict[str, str] | None
    not_looked_at: tuple[dict[str, Any], ...]
    """What the examination could not see: {key, parameters}; generated from panel, data and consent, never typed.

    ``key`` is one of ``NOT_LOOKED_AT``, which names the parameters of each.
    """
    recurrence: dict[str, Any] | None
    """{key, parameters, probability, carrier_probability, source, prenatal_options}: the message of
    ``varde.interpretation.recurrence``; None where the interpretation names no mode of inheritance."""
    versions: dict[str, str]
    record_counts: dict[str, int]
    """Alleles read, and how many fell at each filter."""
    kind: str = "first"
    """first, correction or reanalysis."""
    reason: str = ""
    """Why the case was opened again; empty for the first answer."""
    evaluated: tuple[dict[str, Any], ...] = ()
    """Every variant that was evaluated: {kind, variant, build, gene, names, acmg_class, in_answer, reason, comment}.
    ``acmg_class`` is None and ``reason`` a ``DismissalReason`` for one that was set aside."""
    confirmations: tuple[dict[str, str], ...] = ()
    """Second methods: {variant, gap, method, result}; ``result`` empty where it is not there yet."""


NOT_LOOKED_AT: dict[str, tuple[str, ...]] = {
    "genes_outside_panel": ("panel", "version", "genes"),  # only the panel's genes were looked at
    "panel_genes_unknown": ("genes",),  # symbols of the panel that the transcript set lacks, separated by commas
    "incidental_findings": ("consented",),  # findings outside the indication are not searched for
    "uncovered_places": (),  # a VCF does not say which places were not read
    "coverage_gaps": ("person", "minimum", "genes", "gaps", "bases", "listed"),  # what the depth file shows unread
    "coverage_incomplete": ("person", "genes"),  # a depth file that does not tell of all bases of these genes
    "deep_intronic": (),  # changes away from the coding sequence and its splice sites
    "copy_number": (),
    "structural_of": ("roles",),  # structural variants were looked for, but not in these members of the family
    "structural_short": (),  # structural variants were looked for; what short reads cannot resolve stays unseen
    "structural": ("count",),  # count: symbolic and breakend alleles of the files, read but not judged
    "repeat_expansions": (),
    "repeats_other": ("count",),  # count: loci of repeats that were looked at; no others were
    "methylation": (),
    "low_mosaicism": (),
    "failed_filter": ("count",),  # alleles that the caller marked as doubtful
    "frequency": (),  # no frequency register was asked
    "consequence": (),  # no reference with genes: consequences, panel and pairs were not evaluated
    "parent": (),  # a parent has no data
    "identity": (),  # the genotypes refute who somebody is said to be: that person's calls were not asked
}
"""Keys of ``SignedCase.not_looked_at`` with the names of their parameters."""


SignedHandler = Callable[[SignedCase], None]

_signed_handlers: list[SignedHandler] = []


def on_signed(handler: SignedHandler) -> None:
    """Register what happens, in the approving transaction, when a case has both signatures."""
    if handler not in _signed_handlers:
        _signed_handlers.append(handler)


def announce_signed(case: SignedCase) -> None:
    """Tell every registered handler, in the order they were registered."""
    for handler in _signed_handlers:
        handler(case)
