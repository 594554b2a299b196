import random
from itertools import product

import pytest

from varde.genome.pedigree import Sex
from varde.interpretation.inheritance import Mode
from varde.interpretation.recurrence import TEXTS, Parent, recurrence_risk

UNKNOWN = [
    Mode.POSSIBLE_DE_NOVO,
    Mode.PARENTAL_MOSAICISM,
    Mode.RECESSIVE_UNIPARENTAL_HINT,
    Mode.COMPOUND_HETEROZYGOUS_UNPHASED,
    Mode.MITOCHONDRIAL,
]


@pytest.mark.parametrize("sex", list(Sex))
@pytest.mark.parametrize(
    ("mode", "probability", "carrier"),
    [
        (Mode.HOMOZYGOUS_RECESSIVE, 0.25, 0.5),
        (Mode.COMPOUND_HETEROZYGOUS, 0.25, 0.5),
        (Mode.COMPOUND_HETEROZYGOUS_DE_NOVO, 0.005, 0.5),
        (Mode.DE_NOVO, 0.01, None),
        (Mode.X_LINKED_DE_NOVO, 0.01, None),
        (Mode.DOMINANT_INHERITED, 0.5, None),
    ],
)
def test_modes_that_do_not_depend_on_sex(mode, probability, carrier, sex):
    found = recurrence_risk(mode, child_sex=sex)
    assert (found.probability, found.carrier_probability) == (probability, carrier)
    assert found.prenatal_options.key == "recurrence.prenatal_options"


def test_the_sentence_of_the_worked_example():
    found = recurrence_risk(Mode.COMPOUND_HETEROZYGOUS)
    assert str(found.text) == (
        "Both parents are carriers. Each child has a risk of 25 % of being affected, whatever its sex; "
        "a child has a probability of 50 % of being a healthy carrier."
    )


def segregate(mother, father, affected):
    """Share of affected and of carrier children by sex, over the four equally likely pairs of gametes."""
    found = {}
    for sex, gametes in ((Sex.MALE, [(m,) for m in mother]), (Sex.FEMALE, [(m, f) for m in mother for f in father])):
        children = [affected(child) for child in gametes]
        found[sex] = tuple(children.count(kind) / len(children) for kind in ("affected", "carrier"))
    found[Sex.UNKNOWN] = tuple((a + b) / 2 for a, b in zip(found[Sex.MALE], found[Sex.FEMALE], strict=True))
    return found


def recessive(child):
    return {len(child): "affected", 0: "free"}.get(sum(child), "carrier")


@pytest.mark.parametrize("sex", list(Sex))
@pytest.mark.parametrize(("mode", "father"), [(Mode.X_LINKED_RECESSIVE, [0]), (Mode.X_LINKED_RECESSIVE_FEMALE, [1])])
def test_x_linked_recessive_against_counted_gametes(mode, father, sex):
    found = recurrence_risk(mode, child_sex=sex)
    assert (found.probability, found.carrier_probability) == segregate([0, 1], father, recessive)[sex]


@pytest.mark.parametrize(
    ("parent", "sex", "probability"),
    [(Parent.FATHER, Sex.FEMALE, 1.0), (Parent.FATHER, Sex.MALE, 0.0), (Parent.FATHER, Sex.UNKNOWN, 0.5)]
    + [(Parent.MOTHER, sex, 0.5) for sex in Sex]
    + [(None, sex, None) for sex in Sex],
)
def test_x_linked_dominant(parent, sex, probability):
    found = recurrence_risk(Mode.DOMINANT_INHERITED, child_sex=sex, x_linked=True, carrier_parent=parent)
    assert found.probability == probability


def test_autosomal_recessive_against_simulated_children():
    draw = random.Random(1)
    children = [draw.choice((0, 1)) + draw.choice((0, 1)) for _ in range(20_000)]
    found = recurrence_risk(Mode.HOMOZYGOUS_RECESSIVE)
    assert abs(children.count(2) / 20_000 - found.probability) < 0.01
    assert abs(children.count(1) / 20_000 - found.carrier_probability) < 0.015


@pytest.mark.parametrize("mode", UNKNOWN)
def test_where_no_number_is_true_none_is_given_and_the_reason_is(mode):
    found = recurrence_risk(mode)
    assert (found.probability, found.carrier_probability, found.prenatal_options) == (None, None, None)
    assert str(found.text).startswith("No number can be given: ")


def test_every_mode_has_an_answer_and_every_text_is_used():
    seen = set()
    for mode, sex, linked, parent in product(Mode, Sex, (False, True), (None, *Parent)):
        found = recurrence_risk(mode, child_sex=sex, x_linked=linked, carrier_parent=parent)
        seen |= {found.text.key} | ({found.prenatal_options.key} if found.prenatal_options else set())
    assert seen == set(TEXTS)
