"""The tree of Abou Tayoun 2018, leaf by leaf, written here as the guideline's table reads."""

from dataclasses import replace
from fractions import Fraction

import pytest

from varde.interpretation.acmg.criterion import State, Strength
from varde.interpretation.acmg.evidence import (
    Branch,
    Evidence,
    Inheritance,
    LofConfidence,
    LofMechanism,
    Tandem,
    TranscriptFacts,
)
from varde.interpretation.acmg.pvs1 import TREE, evaluate_pvs1, leaves
from varde.interpretation.acmg.rules import GENERAL, Limit

AD, AR = Inheritance.AUTOSOMAL_DOMINANT, Inheritance.AUTOSOMAL_RECESSIVE
VS, S, M, SUP = Strength.VERY_STRONG, Strength.STRONG, Strength.MODERATE, Strength.SUPPORTING


def mechanism(inheritance=AD, confidence=LofConfidence.ESTABLISHED):
    return LofMechanism(inheritance, confidence, "test table")


def evidence(branch, *, distance=500, removed=50, frame_kept=None, full_gene=None, **known):
    facts = TranscriptFacts(
        branch,
        transcript="T.1",
        exon_count=10,
        protein_position=51,
        protein_length=100,
        removed_residues=removed,
        frame_kept=frame_kept,
        full_gene=full_gene,
        ptc_to_last_junction=distance,
    )
    settled = {
        "relevant_transcript": True,
        "critical_region": False,
        "lof_frequent_in_exon": False,
        "inheritance": AD,
        "lof_mechanisms": (mechanism(),),
    }
    return Evidence(transcript=facts, **(settled | known))


NF, SP, DEL, DUP, START = (
    Branch.NONSENSE_FRAMESHIFT,
    Branch.SPLICE,
    Branch.DELETION,
    Branch.DUPLICATION,
    Branch.START,
)
NO_NMD = {"distance": 50}
GUIDELINE = [
    ("NF1", VS, evidence(NF)),
    ("NF2", None, evidence(NF, relevant_transcript=False)),
    ("NF3", S, evidence(NF, **NO_NMD, critical_region=True, removed=1)),
    ("NF4", None, evidence(NF, **NO_NMD, lof_frequent_in_exon=True)),
    ("NF4", None, evidence(NF, **NO_NMD, relevant_transcript=False)),
    ("NF5", S, evidence(NF, **NO_NMD, removed=11)),
    ("NF6", M, evidence(NF, **NO_NMD, removed=10)),
    ("SS1", VS, evidence(SP, frame_kept=False)),
    ("SS2", None, evidence(SP, frame_kept=False, relevant_transcript=False)),
    ("SS3", S, evidence(SP, frame_kept=False, **NO_NMD, critical_region=True, removed=1)),
    ("SS4", None, evidence(SP, frame_kept=False, **NO_NMD, lof_frequent_in_exon=True)),
    ("SS5", S, evidence(SP, frame_kept=False, **NO_NMD, removed=11)),
    ("SS6", M, evidence(SP, frame_kept=False, **NO_NMD, removed=10)),
    ("SS7", None, evidence(SP, frame_kept=True, lof_frequent_in_exon=True)),
    ("SS8", S, evidence(SP, frame_kept=True, removed=11)),
    ("SS9", M, evidence(SP, frame_kept=True, removed=10)),
    ("SS10", S, evidence(SP, frame_kept=True, critical_region=True, removed=1)),
    ("DEL1", VS, evidence(DEL, full_gene=True)),
    ("DEL2", VS, evidence(DEL, full_gene=False, frame_kept=False)),
    ("DEL3", None, evidence(DEL, full_gene=False, frame_kept=False, relevant_transcript=False)),
    ("DEL4", S, evidence(DEL, full_gene=False, frame_kept=False, **NO_NMD, critical_region=True, removed=1)),
    ("DEL5", None, evidence(DEL, full_gene=False, frame_kept=False, **NO_NMD, lof_frequent_in_exon=True)),
    ("DEL6", S, evidence(DEL, full_gene=False, frame_kept=False, **NO_NMD, removed=11)),
    ("DEL7", M, evidence(DEL, full_gene=False, frame_kept=False, **NO_NMD, removed=10)),
    ("DEL8", S, evidence(DEL, full_gene=False, frame_kept=True, critical_region=True, removed=1)),
    ("DEL9", None, evidence(DEL, full_gene=False, frame_kept=True, lof_frequent_in_exon=True)),
    ("DEL10", S, evidence(DEL, full_gene=False, frame_kept=True, removed=11)),
    ("DEL11", M, evidence(DEL, full_gene=False, frame_kept=True, removed=10)),
    ("DUP1", VS, evidence(DUP, frame_kept=False, tandem=Tandem.PROVEN)),
    ("DUP2", S, evidence(DUP, frame_kept=False, tandem=Tandem.PRESUMED)),
    ("DUP3", None, evidence(DUP, frame_kept=False, tandem=Tandem.ELSEWHERE)),
    ("DUP4", None, evidence(DUP, frame_kept=True, tandem=Tandem.PROVEN)),
    ("IC1", M, evidence(START, alternative_start=False, pathogenic_upstream_of_next_met=True)),
    ("IC2", SUP, evidence(START, alternative_start=False, pathogenic_upstream_of_next_met=False)),
    ("IC3", None, evidence(START, alternative_start=True)),
]


@pytest.mark.parametrize(("leaf", "strength", "known"), GUIDELINE, ids=[row[0] for row in GUIDELINE])
def test_every_leaf_reads_as_the_guideline(leaf, strength, known):
    found = evaluate_pvs1(known, GENERAL)
    assert (found.value, found.strength) == (leaf, strength)
    assert found.state is (State.MET if strength else State.NOT_MET)


def test_the_table_above_names_every_leaf_of_the_tree():
    assert {leaf for leaf, _, _ in GUIDELINE} == {leaf.name for root in TREE.values() for leaf in leaves(root)}


@pytest.mark.parametrize(("distance", "strength"), [(51, VS), (50, S), (1, S), (0, S), (-200, S)])
def test_decay_is_expected_more_than_50_bases_before_the_last_junction(distance, strength):
    assert evaluate_pvs1(evidence(NF, distance=distance), GENERAL).strength is strength


def test_a_single_exon_never_decays():
    known = evidence(NF, distance=None)
    known = replace(known, transcript=replace(known.transcript, exon_count=1))
    assert evaluate_pvs1(known, GENERAL).value == "NF5"


@pytest.mark.parametrize(
    ("first_lost", "length", "fraction"), [(1, 10, 1), (10, 10, Fraction(1, 10)), (91, 100, Fraction(1, 10))]
)
def test_the_removed_part_is_counted_not_the_kept_part(first_lost, length, fraction):
    """(L - p + 1) / L; AutoACMG divides p by L and measures what is left."""
    facts = TranscriptFacts(NF, protein_length=length, removed_residues=length - first_lost + 1)
    assert facts.removed_fraction == float(fraction)


class TestMechanism:
    def test_nothing_is_known_of_the_mechanism(self):
        found = evaluate_pvs1(evidence(NF, lof_mechanisms=None), GENERAL)
        assert (found.state, found.missing, found.value) == (State.NOT_EVALUATED, ("lof_mechanism",), "NF1")

    def test_the_mechanism_is_per_inheritance(self):
        """Exomiser gave PVS1 in recessive genes for two years on the mechanism of another disease of the gene."""
        both = (mechanism(AD, LofConfidence.NO), mechanism(AR, LofConfidence.ESTABLISHED))
        dominant = evaluate_pvs1(evidence(NF, inheritance=AD, lof_mechanisms=both), GENERAL)
        recessive = evaluate_pvs1(evidence(NF, inheritance=AR, lof_mechanisms=both), GENERAL)
        assert (dominant.state, recessive.strength) == (State.NOT_MET, VS)

    def test_knowledge_for_another_inheritance_says_nothing(self):
        found = evaluate_pvs1(evidence(NF, inheritance=AR, lof_mechanisms=(mechanism(AD),)), GENERAL)
        assert (found.state, found.missing) == (State.NOT_EVALUATED, ("lof_mechanism",))

    def test_x_linked_in_general_covers_both_kinds_and_the_nearer_goes_first(self):
        general = mechanism(Inheritance.X_LINKED)
        exact = mechanism(Inheritance.X_LINKED_DOMINANT, LofConfidence.NO)
        known = evidence(NF, inheritance=Inheritance.X_LINKED_RECESSIVE, lof_mechanisms=(exact, general))
        assert evaluate_pvs1(known, GENERAL).strength is VS
        known = replace(known, inheritance=Inheritance.X_LINKED_DOMINANT)
        assert evaluate_pvs1(known, GENERAL).state is State.NOT_MET

    @pytest.mark.parametrize(
        ("known", "strength"),
        [
            (evidence(NF), S),
            (evidence(NF, distance=0, removed=11), M),
            (evidence(NF, distance=0, removed=10), SUP),
            (evidence(START, alternative_start=False, pathogenic_upstream_of_next_met=False), None),
        ],
    )
    def test_a_probable_mechanism_takes_one_level(self, known, strength):
        probable = replace(known, lof_mechanisms=(mechanism(AD, LofConfidence.PROBABLE),))
        assert evaluate_pvs1(probable, GENERAL).strength is strength

    def test_inheritance_is_needed(self):
        found = evaluate_pvs1(evidence(NF, inheritance=None), GENERAL)
        assert (found.state, found.missing) == (State.NOT_EVALUATED, ("inheritance",))


class TestUnknownAnswers:
    def test_an_answer_that_cannot_change_the_strength_is_not_needed(self):
        """Critical or not, more than a tenth of the protein is strong."""
        found = evaluate_pvs1(evidence(NF, distance=0, removed=11, critical_region=None), GENERAL)
        assert (found.strength, found.value) == (S, "NF3, NF5")

    def test_an_answer_that_can_change_the_strength_is_named(self):
        found = evaluate_pvs1(evidence(NF, distance=0, removed=10, critical_region=None), GENERAL)
        assert (found.state, found.missing, found.value) == (
            State.NOT_EVALUATED,
            ("critical_region",),
            "NF3, NF6",
        )

    def test_all_open_questions_are_named(self):
        found = evaluate_pvs1(
            evidence(NF, distance=None, critical_region=None, lof_frequent_in_exon=None, lof_mechanisms=None), GENERAL
        )
        assert found.missing == ("lof_mechanism", "nmd", "critical_region", "lof_frequent")

    def test_a_mane_transcript_is_relevant(self):
        known = evidence(NF, relevant_transcript=None)
        assert evaluate_pvs1(known, GENERAL).missing == ("relevant_transcript",)
        mane = replace(known, transcript=replace(known.transcript, mane=True))
        assert evaluate_pvs1(mane, GENERAL).strength is VS

    def test_no_mechanism_closes_an_open_tree(self):
        known = evidence(NF, distance=None, lof_mechanisms=(mechanism(AD, LofConfidence.NO),))
        assert evaluate_pvs1(known, GENERAL).state is State.NOT_MET


class TestWithoutTranscript:
    def test_a_missense_variant_needs_no_transcript_model(self):
        found = evaluate_pvs1(Evidence(consequence=frozenset({"missense_variant"})), GENERAL)
        assert found.state is State.NOT_MET

    @pytest.mark.parametrize("term", ["stop_gained", "frameshift_variant", "frameshift", "splice_donor", "start_lost"])
    def test_a_null_variant_does(self, term):
        found = evaluate_pvs1(Evidence(consequence=frozenset({term})), GENERAL)
        assert (found.state, found.missing) == (State.NOT_EVALUATED, ("transcript_model",))

    def test_nothing_known_is_not_evaluated(self):
        assert evaluate_pvs1(Evidence(), GENERAL).missing == ("consequence", "transcript_model")

    def test_a_transcript_that_cannot_be_read_says_what_lacks(self):
        known = Evidence(transcript=TranscriptFacts(None, problem="coding_sequence"))
        assert evaluate_pvs1(known, GENERAL).missing == ("coding_sequence",)


def test_a_gene_may_have_its_own_limits():
    own = GENERAL.for_gene("TOY", "toy-panel", "1", "toy panel 2026", {Limit.PVS1_REMOVED_FRACTION: 0.2})
    found = evaluate_pvs1(evidence(NF, distance=0, removed=11), own)
    assert (found.strength, found.version) == (M, "toy-panel 1")
    assert GENERAL.value(Limit.PVS1_REMOVED_FRACTION) == 0.10
