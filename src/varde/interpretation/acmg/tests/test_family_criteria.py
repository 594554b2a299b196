"""PS2, PM6 and PM3: the point tables of ClinGen, written here as published."""

from itertools import product

import pytest

from varde.interpretation.acmg.criterion import Code, Criterion, State, Strength
from varde.interpretation.acmg.de_novo import evaluate_de_novo, strength_of_sum
from varde.interpretation.acmg.evidence import (
    DeNovoObservation,
    Evidence,
    Inheritance,
    PartnerAllele,
    Phase,
    PhenotypeFit,
)
from varde.interpretation.acmg.pm3 import evaluate_pm3
from varde.interpretation.acmg.rules import GENERAL
from varde.interpretation.acmg.texts import text

SUP, M, S, VS = Strength.SUPPORTING, Strength.MODERATE, Strength.STRONG, Strength.VERY_STRONG
FITS = (PhenotypeFit.SPECIFIC, PhenotypeFit.CONSISTENT, PhenotypeFit.HETEROGENEOUS, PhenotypeFit.NOT_CONSISTENT)


@pytest.mark.parametrize(
    ("points", "strength"),
    [(0.0, None), (0.49, None), (0.5, SUP), (0.99, SUP), (1.0, M), (1.99, M), (2.0, S), (3.75, S), (4.0, VS), (9, VS)],
)
def test_strength_of_a_sum(points, strength):
    assert strength_of_sum(points, GENERAL) is strength


def judged(*seen):
    return evaluate_de_novo(Evidence(de_novo=seen), GENERAL)


@pytest.mark.parametrize(("fit", "strength"), list(zip(FITS, (S, M, SUP, None), strict=True)))
def test_one_confirmed_proband(fit, strength):
    ps2, pm6 = judged(DeNovoObservation(True, True, fit))
    assert (ps2.code, ps2.strength) == (Code.PS2, strength)
    assert (pm6.code, pm6.state) == (Code.PM6, State.NOT_MET)


@pytest.mark.parametrize(("fit", "strength"), list(zip(FITS, (M, SUP, None, None), strict=True)))
def test_one_assumed_proband(fit, strength):
    ps2, pm6 = judged(DeNovoObservation(True, None, fit))
    assert (pm6.code, pm6.strength) == (Code.PM6, strength)
    assert (ps2.code, ps2.state) == (Code.PS2, State.NOT_MET)


def test_probands_add_up_and_one_confirmed_makes_it_ps2():
    one, other = DeNovoObservation(True, True, FITS[0]), DeNovoObservation(True, None, FITS[0])
    ps2, pm6 = judged(one, other, other)
    assert (ps2.strength, ps2.value, pm6.state) == (VS, "4 points", State.NOT_MET)
    assert judged(other, other)[1].strength is S


def test_ps2_and_pm6_are_never_both_met():
    singles = [DeNovoObservation(c, v, f) for c, v, f in product((True, False), (True, False, None), (*FITS, None))]
    for pair in product(singles, repeat=2):
        assert [criterion.state for criterion in judged(*pair)].count(State.MET) <= 1


def test_a_possible_de_novo_never_counts():
    for criterion in judged(DeNovoObservation(False, True, FITS[0])):
        assert (criterion.state, criterion.missing) == (State.NOT_EVALUATED, ("parental_coverage",))


def test_refuted_parents_and_inherited_variants_are_not_met():
    for criterion in (*judged(DeNovoObservation(True, False, FITS[0])), *judged()):
        assert criterion.state is State.NOT_MET


@pytest.mark.parametrize(
    ("evidence", "missing"),
    [
        (Evidence(), ("de_novo_status",)),
        (Evidence(de_novo=(DeNovoObservation(True, True, None),)), ("phenotype_fit",)),
    ],
)
def test_what_lacks_for_ps2(evidence, missing):
    found = evaluate_de_novo(evidence, GENERAL)[0]
    assert (found.state, found.missing) == (State.NOT_EVALUATED, missing)


PM2 = {
    State.MET: Criterion(Code.PM2, State.MET, text("acmg.not_evaluated"), SUP),
    State.NOT_MET: Criterion(Code.PM2, State.NOT_MET, text("acmg.not_evaluated")),
    State.NOT_EVALUATED: Criterion(Code.PM2, State.NOT_EVALUATED, text("acmg.not_evaluated"), missing=("inheritance",)),
}


def pm3(*partners, homozygous=0, pm2=State.MET, mode=Inheritance.AUTOSOMAL_RECESSIVE):
    evidence = Evidence(inheritance=mode, partners=partners, homozygous_occurrences=homozygous)
    return evaluate_pm3(evidence, GENERAL, PM2[pm2])


P5, P4 = PartnerAllele(5, Phase.IN_TRANS), PartnerAllele(4, Phase.IN_TRANS)
U5, U4 = PartnerAllele(5, Phase.UNPHASED), PartnerAllele(4, Phase.UNPHASED)


@pytest.mark.parametrize(
    ("partners", "homozygous", "strength"),
    [
        ((P5,), 0, M),
        ((P4,), 0, M),
        ((U5,), 0, SUP),
        ((U4,), 0, None),
        ((U4, U4), 0, SUP),
        ((P5, P5), 0, S),
        ((P5, P5, P5, P5), 0, VS),
        ((), 1, SUP),
        ((), 2, M),
        ((), 5, M),
        ((P5,), 5, S),
        ((PartnerAllele(5, Phase.IN_CIS),), 0, None),
        ((PartnerAllele(3, Phase.IN_TRANS),), 0, None),
    ],
)
def test_pm3_points(partners, homozygous, strength):
    found = pm3(*partners, homozygous=homozygous)
    assert (found.strength, found.state) == (strength, State.MET if strength else State.NOT_MET)


@pytest.mark.parametrize("mode", [mode for mode in Inheritance if mode is not Inheritance.AUTOSOMAL_RECESSIVE])
def test_pm3_is_for_recessive_diseases(mode):
    assert pm3(P5, mode=mode).state is State.NOT_MET


def test_pm3_needs_pm2():
    assert pm3(P5, pm2=State.NOT_MET).state is State.NOT_MET
    assert pm3(P5, pm2=State.NOT_EVALUATED).missing == ("pm2",)


def test_what_lacks_for_pm3():
    assert pm3(P5, mode=None).missing == ("inheritance",)
    assert pm3(PartnerAllele(None, Phase.IN_TRANS)).missing == ("partner_class",)
    assert pm3(PartnerAllele(None, Phase.IN_TRANS), P5).strength is M
    unknown = Evidence(inheritance=Inheritance.AUTOSOMAL_RECESSIVE)
    assert evaluate_pm3(unknown, GENERAL, PM2[State.MET]).missing == ("partner_alleles",)


def test_bad_values_are_refused():
    with pytest.raises(ValueError, match="expected 1 to 5"):
        PartnerAllele(0, Phase.IN_TRANS)
    with pytest.raises(ValueError, match="homozygous"):
        Evidence(homozygous_occurrences=-1)


def test_uncertain_partners_and_homozygotes_of_related_parents_count_little():
    """ClinGen SVI, PM3 1.0: 0.25 each, together at most 0.5; unrelated homozygotes 0.5 each, at most 1."""
    uncertain = PartnerAllele(3, Phase.IN_TRANS, rare=True)
    assert pm3_points(uncertain) == 0.25
    assert pm3_points(uncertain, uncertain, uncertain) == 0.5
    assert pm3_points(uncertain, homozygous=1, related=1) == 0.5
    assert pm3_points(uncertain, uncertain, homozygous=3, related=1) == 1.5
    assert pm3_points(homozygous=4, related=0) == 1
    for worthless in (PartnerAllele(3, Phase.IN_TRANS), PartnerAllele(3, Phase.UNPHASED, rare=True)):
        assert pm3_points(worthless) == 0


def pm3_points(*partners, homozygous=0, related=0):
    evidence = Evidence(
        inheritance=Inheritance.AUTOSOMAL_RECESSIVE,
        partners=partners,
        homozygous_occurrences=homozygous,
        consanguineous_homozygotes=related,
    )
    pm2 = Criterion(Code.PM2, State.MET, text("acmg.not_evaluated"), SUP)
    return float(evaluate_pm3(evidence, GENERAL, pm2).value.split()[0])
