"""The phenotype of a case: terms present and excluded, with onset; by hand or from a phenopacket."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from varde.genome.errors import InputError
from varde.genome.pedigree import Sex
from varde.interpretation.phenopackets import parse_phenopacket
from varde.interpretation.phenotype import is_current_term, replacement_of
from varde_node.lab.case_access import case_for
from varde_node.lab.models import Case, CaseState
from varde_node.people import queries as people
from varde_node.people.services import Actor

CLOSED = (CaseState.SIGNED, CaseState.CANCELLED, CaseState.APPROVAL)
MOST_TERMS = 200
_ONSET = re.compile(r"(HP:\d{7}|P(?=.)(\d{1,3}Y)?(\d{1,2}M)?(\d{1,3}W)?(\d{1,3}D)?)\Z")
_GENE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,39}\Z")


@dataclass(frozen=True)
class TermChange:
    """A term as it is to stand from now on. ``onset`` is a term of onset or an age such as P3M, empty when not told."""

    term: str
    excluded: bool = False
    onset: str = ""


@dataclass(frozen=True)
class Imported:
    """What an import did: ``replaced`` obsolete terms by their successors, and ``passed_over`` terms unknown here."""

    added: int
    replaced: tuple[tuple[str, str], ...]
    passed_over: tuple[str, ...]


@transaction.atomic
def set_term(actor: Actor, case_id: UUID, change: TermChange) -> None:
    """Add a term to the case, or change how it stands.

    Raises InputError ``hpo``, ``onset``, ``too_many`` and ``not_open_for_work``.
    """
    case = _open_case(actor, case_id, change.term)
    _put(case, change)
    _save(case)


@transaction.atomic
def remove_term(actor: Actor, case_id: UUID, term: str) -> None:
    """Take a term out of the case; the entry in the trail names it. Raises as ``set_term``; a case keeps one term."""
    case = _open_case(actor, case_id, term)
    if case.hpo_terms == [term]:
        raise InputError(
            code="last_term",
            problem=_("This is the case's only term."),
            remedy=_("Add another one before it is removed."),
            field="term",
        )
    _drop(case, term)
    _save(case)


@transaction.atomic
def set_named_genes(actor: Actor, case_id: UUID, symbols: Iterable[str]) -> None:
    """The genes that are looked at whatever the panel, as the clinician named them. Raises InputError ``gene``."""
    genes = tuple(dict.fromkeys(one.strip() for one in symbols if one.strip()))
    case = case_for(actor, "lab.phenotype.change", case_id, lock=True, details={"genes": ", ".join(genes)[:200]})
    _refuse_closed(case)
    wrong = next((one for one in genes if not _GENE.match(one)), None)
    if wrong is not None or len(genes) > MOST_TERMS:
        raise InputError(
            code="gene",
            problem=_("“{text}” is no gene symbol.").format(text=(wrong or "")[:40]),
            remedy=_("Write symbols such as SCN1A, separated by commas."),
            field="genes",
        )
    case.named_genes = list(genes)
    case.save(update_fields=["named_genes"])


@transaction.atomic
def import_phenopacket(actor: Actor, case_id: UUID, raw: bytes, name: str) -> Imported:
    """Add the terms of a GA4GH phenopacket to the case. Obsolete terms are replaced where the ontology names one
    successor; other terms that it lacks are passed over and named.

    Raises InputError as ``parse_phenopacket`` does, ``other_sex`` when the packet is of somebody of another sex,
    ``no_terms`` and ``not_open_for_work``; then nothing is changed.
    """
    packet = parse_phenopacket(raw, name)
    case = _open_case(actor, case_id, f"phenopacket {packet.identifier}"[:100])
    person = people.person(case.patient_id)
    if person is not None and {packet.sex, Sex(person.sex)} == {Sex.MALE, Sex.FEMALE}:
        raise InputError(
            code="other_sex",
            problem=_("The phenopacket is of a person of another sex."),
            remedy=_("Check that it is of this patient."),
            source=name,
            field="subject.sex",
        )
    replaced, passed_over, changes = [], [], []
    for feature in packet.features:
        term = feature.term if is_current_term(feature.term) else replacement_of(feature.term)
        if term is None:
            passed_over.append(feature.term)
            continue
        if term != feature.term:
            replaced.append((feature.term, term))
        onset = feature.onset if feature.onset and _ONSET.match(feature.onset) else ""
        changes.append(TermChange(term, feature.excluded, onset))
    if not changes:
        raise InputError(
            code="no_terms",
            problem=_("The phenopacket has no term that is known here."),
            remedy=_("Check that it uses the Human Phenotype Ontology."),
            source=name,
            field="phenotypicFeatures",
        )
    before = len(case.hpo_terms) + len(case.hpo_excluded)
    for change in changes:
        _put(case, change)
    _save(case)
    added = len(case.hpo_terms) + len(case.hpo_excluded) - before
    return Imported(added, tuple(replaced), tuple(passed_over))


def _open_case(actor: Actor, case_id: UUID, told: str) -> Case:
    case = case_for(actor, "lab.phenotype.change", case_id, lock=True, details={"term": told[:100]})
    _refuse_closed(case)
    return case


def _refuse_closed(case: Case) -> None:
    if case.state in CLOSED:
        raise InputError(
            code="not_open_for_work",
            problem=_("The case is signed: its phenotype stands as it was interpreted."),
            remedy=_("Return the interpretation first."),
        )


def _put(case: Case, change: TermChange) -> None:
    if not is_current_term(change.term):
        raise InputError(
            code="hpo",
            problem=_("{term} is no current term.").format(term=change.term[:20]),
            remedy=_("Choose one from the list."),
            field="term",
        )
    if change.onset and not _ONSET.match(change.onset):
        raise InputError(
            code="onset",
            problem=_("“{text}” is no age.").format(text=change.onset[:20]),
            remedy=_("Write years, months or days as P2Y, P3M or P10D."),
            field="onset",
        )
    _drop(case, change.term)
    (case.hpo_excluded if change.excluded else case.hpo_terms).append(change.term)
    if change.onset:
        case.hpo_onsets[change.term] = change.onset
    if len(case.hpo_terms) + len(case.hpo_excluded) > MOST_TERMS:
        raise InputError(
            code="too_many",
            problem=_("A case has at most {count} terms.").format(count=MOST_TERMS),
            remedy=_("Keep the most telling ones."),
            field="term",
        )


def _drop(case: Case, term: str) -> None:
    case.hpo_terms = [one for one in case.hpo_terms if one != term]
    case.hpo_excluded = [one for one in case.hpo_excluded if one != term]
    case.hpo_onsets = {key: onset for key, onset in case.hpo_onsets.items() if key != term}


def _save(case: Case) -> None:
    case.save(update_fields=["hpo_terms", "hpo_excluded", "hpo_onsets"])
