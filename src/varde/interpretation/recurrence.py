"""Risk that the parents' next child is affected, by the mode of inheritance found; None where no number is true.

The figures assume full penetrance and that the finding explains the disease; a counsellor adds what the family adds.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

from varde.genome.message import Message, message_of
from varde.genome.pedigree import Sex
from varde.interpretation.inheritance import Mode

MENDEL = "Mendelian segregation at full penetrance"
MOSAICISM = "Empirical risk of germline mosaicism, about 1 % (convention in counselling)"

GERMLINE_MOSAICISM_RISK = 0.01

TEXTS: Mapping[str, str] = MappingProxyType(
    {
        "recurrence.recessive": "Both parents are carriers. Each child has a risk of {percent:g} % of being affected, "
        "whatever its sex; a child has a probability of {carrier_percent:g} % of being a healthy carrier.",
        "recurrence.dominant": "One parent has the variant. Each child has a risk of {percent:g} % of inheriting it.",
        "recurrence.dominant_x_father": "The father has the variant on his X chromosome. All his daughters inherit it, "
        "none of his sons: {percent:g} % for the child asked about.",
        "recurrence.de_novo": "The variant is new in the child. The risk for another child is low, about "
        "{percent:g} %, because a parent can carry it in some germ cells only.",
        "recurrence.compound_de_novo": "One variant is inherited and one is new in the child. The risk for another "
        "child is low, about {percent:g} %; {carrier_percent:g} % are healthy carriers of the inherited one.",
        "recurrence.x_recessive": "The mother is a carrier of a variant on the X chromosome. The risk is 50 % for a "
        "son; a daughter is not expected to be affected, and 50 % are carriers. For the child asked about: "
        "{percent:g} %.",
        "recurrence.x_recessive_female": "The mother is a carrier and the father is affected. Each child has a risk of "
        "{percent:g} % of being affected, whatever its sex.",
        "recurrence.unknown.possible_de_novo": "No number can be given: a parent's data do not cover the place.",
        "recurrence.unknown.parental_mosaicism": "No number can be given: a parent has the variant in part of the "
        "cells. The risk can be up to 50 % and depends on the share of germ cells.",
        "recurrence.unknown.uniparental": "No number can be given: only one parent carries the variant. Uniparental "
        "disomy, a deletion or a sample mix-up must be told apart first.",
        "recurrence.unknown.unphased": "No number can be given: it is not known which parent each variant comes from.",
        "recurrence.unknown.mitochondrial": "No number can be given: the share of altered mitochondria varies. A "
        "mother can pass the variant to all her children, a father to none.",
        "recurrence.unknown.x_parent": "No number can be given: for a dominant variant on the X chromosome it must be "
        "known which parent has it.",
        "recurrence.prenatal_options": "Before a new pregnancy the family can be told of prenatal and preimplantation "
        "diagnosis, in genetic counselling.",
    }
)


class Parent(StrEnum):
    MOTHER = "mother"
    FATHER = "father"


@dataclass(frozen=True)
class RecurrenceRisk:
    """``probability`` of being affected and ``carrier_probability`` of being a healthy carrier, 0 to 1; None: unknown.

    ``prenatal_options`` is the sentence on what can be offered, given wherever there is a number.
    """

    probability: float | None
    carrier_probability: float | None
    text: Message
    source: str
    prenatal_options: Message | None


def recurrence_risk(
    mode: Mode, *, child_sex: Sex = Sex.UNKNOWN, x_linked: bool = False, carrier_parent: Parent | None = None
) -> RecurrenceRisk:
    """Risk for the parents' next child.

    ``child_sex`` is that of the next child and matters for X-linked modes; unknown gives the mean of both sexes.
    ``x_linked`` and ``carrier_parent`` refine DOMINANT_INHERITED. Source: Mendelian segregation; about 1 % for a de
    novo variant.
    """
    match mode:
        case Mode.HOMOZYGOUS_RECESSIVE | Mode.COMPOUND_HETEROZYGOUS:
            return _known("recurrence.recessive", MENDEL, 0.25, 0.5)
        case Mode.COMPOUND_HETEROZYGOUS_DE_NOVO:
            return _known("recurrence.compound_de_novo", MOSAICISM, 0.5 * GERMLINE_MOSAICISM_RISK, 0.5)
        case Mode.DE_NOVO | Mode.X_LINKED_DE_NOVO:
            return _known("recurrence.de_novo", MOSAICISM, GERMLINE_MOSAICISM_RISK)
        case Mode.DOMINANT_INHERITED:
            return _dominant(child_sex, x_linked, carrier_parent)
        case Mode.X_LINKED_RECESSIVE:
            affected, carrier = _by_sex(child_sex, son=0.5, daughter=0.0), _by_sex(child_sex, son=0.0, daughter=0.5)
            return _known("recurrence.x_recessive", MENDEL, affected, carrier, show_carrier=False)
        case Mode.X_LINKED_RECESSIVE_FEMALE:
            carrier = _by_sex(child_sex, son=0.0, daughter=0.5)
            return _known("recurrence.x_recessive_female", MENDEL, 0.5, carrier, show_carrier=False)
        case _:
            return _unknown(_UNKNOWN[mode])


_UNKNOWN = {
    Mode.POSSIBLE_DE_NOVO: "recurrence.unknown.possible_de_novo",
    Mode.PARENTAL_MOSAICISM: "recurrence.unknown.parental_mosaicism",
    Mode.RECESSIVE_UNIPARENTAL_HINT: "recurrence.unknown.uniparental",
    Mode.COMPOUND_HETEROZYGOUS_UNPHASED: "recurrence.unknown.unphased",
    Mode.MITOCHONDRIAL: "recurrence.unknown.mitochondrial",
}


def _dominant(child_sex: Sex, x_linked: bool, carrier_parent: Parent | None) -> RecurrenceRisk:
    if not x_linked or carrier_parent is Parent.MOTHER:
        return _known("recurrence.dominant", MENDEL, 0.5)
    if carrier_parent is None:
        return _unknown("recurrence.unknown.x_parent")
    return _known("recurrence.dominant_x_father", MENDEL, _by_sex(child_sex, son=0.0, daughter=1.0))


def _by_sex(sex: Sex, *, son: float, daughter: float) -> float:
    return {Sex.MALE: son, Sex.FEMALE: daughter}.get(sex, (son + daughter) / 2)


def _known(
    key: str, source: str, probability: float, carrier: float | None = None, *, show_carrier: bool = True
) -> RecurrenceRisk:
    parameters = {"percent": 100 * probability}
    if carrier is not None and show_carrier:
        parameters["carrier_percent"] = 100 * carrier
    options = message_of(TEXTS, "recurrence.prenatal_options")
    return RecurrenceRisk(probability, carrier, message_of(TEXTS, key, **parameters), source, options)


def _unknown(key: str) -> RecurrenceRisk:
    return RecurrenceRisk(None, None, message_of(TEXTS, key), MENDEL, None)
