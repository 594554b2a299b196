"""A filter chain as JSON and in words; what is wrong in one is named."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from varde.genome.errors import InputError
from varde.interpretation.chain import (
    TEXTS,
    FilterChain,
    explain,
    explain_exceptions,
    read_chain,
    settings_as_plain,
    settings_from_plain,
)
from varde.interpretation.filters import FilterSettings, Rescue, SecondAllele, SpliceWindow, Step
from varde.interpretation.inheritance import Mode
from varde.interpretation.panels import Confidence

some_settings = st.builds(
    FilterSettings,
    require_pass=st.booleans(),
    dominant_frequency=st.sampled_from([0.0, 1e-5, 0.01, 1.0]),
    recessive_frequency=st.sampled_from([0.001, 0.05]),
    minimum_alleles_counted=st.integers(0, 10_000),
    impacts=st.frozensets(st.sampled_from(["HIGH", "MODERATE", "LOW", "MODIFIER"])),
    terms=st.frozensets(st.sampled_from(["splice_region_variant", "5_prime_utr_variant"])),
    panel_confidence=st.sampled_from(Confidence),
    modes=st.frozensets(st.sampled_from(Mode), min_size=1),
    second_allele=st.none() | st.builds(SecondAllele, recessive_frequency=st.sampled_from([0.01, 0.05])),
    splice_window=st.none() | st.builds(SpliceWindow, st.integers(0, 100), st.integers(0, 100)),
    drop_tract=st.booleans(),
    keep_clinvar_stars=st.none() | st.integers(0, 4),
)


@given(some_settings)
@settings(max_examples=60, deadline=None)
def test_what_was_written_reads_as_the_same_chain(asked):
    chain = FilterChain("Epilepsy", "3", asked, "for the epilepsy team")
    assert read_chain(chain.as_text()) == chain
    assert read_chain(chain.as_text()).as_text() == chain.as_text()


def test_what_is_left_out_has_its_default():
    assert settings_from_plain({}) == FilterSettings()
    assert settings_from_plain({"drop_tract": True}) == FilterSettings(drop_tract=True)


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"schema": 2}, "schema"),
        ({"name": " "}, "name"),
        ({"version": 3}, "version"),
        ({"steps": []}, "steps"),
        ({"settings": []}, "settings"),
        ({"settings": {"rescues": []}}, "settings.rescues"),
        ({"settings": {"dominant_frequency": "0.01"}}, "settings.dominant_frequency"),
        ({"settings": {"dominant_frequency": True}}, "settings.dominant_frequency"),
        ({"settings": {"require_pass": 1}}, "settings.require_pass"),
        ({"settings": {"minimum_alleles_counted": 2.5}}, "settings.minimum_alleles_counted"),
        ({"settings": {"modes": ["dominant"]}}, "settings.modes"),
        ({"settings": {"modes": []}}, "settings"),
        ({"settings": {"impacts": "HIGH"}}, "settings.impacts"),
        ({"settings": {"terms": ["a|b"]}}, "settings.terms"),
        ({"settings": {"splice_window": {"acceptor": -1}}}, "settings.splice_window"),
        ({"settings": {"second_allele": {"recessive_frequency": 2}}}, "settings.second_allele"),
        ({"settings": {"keep_clinvar_stars": 9}}, "settings"),
        ({"settings": {"panel_confidence": "blue"}}, "settings.panel_confidence"),
        ({"settings": {"dominant_frequency": 1.5}}, "settings"),
    ],
)
def test_the_field_at_fault_is_named(changed, field):
    document = {"schema": 1, "name": "A", "version": "1", "settings": {}} | changed
    with pytest.raises(InputError) as raised:
        read_chain(json.dumps(document), "chain.json")
    assert (raised.value.code, raised.value.field, raised.value.source) == ("not_a_chain", field, "chain.json")


@pytest.mark.parametrize("text", ["", "[]", "{", "[" * 50_000, "x" * 200_000])
def test_what_is_no_chain_is_refused(text):
    with pytest.raises(InputError) as raised:
        read_chain(text)
    assert raised.value.code == "not_a_chain"


def test_the_alleles_of_a_case_are_no_part_of_a_chain():
    with pytest.raises(ValueError, match="alleles of a case"):
        FilterChain("A", "1", FilterSettings(rescues=(Rescue("earlier", frozenset({1})),)))


def test_every_step_is_said_in_its_order_with_its_values():
    told = explain(FilterSettings(dominant_frequency=1e-4, splice_window=SpliceWindow(20, 6)))
    assert [step for step, _messages in told] == list(Step)
    words = {step: " ".join(map(str, messages)) for step, messages in told}
    assert "at most 0.010% of the alleles and 2 people" in words[Step.FREQUENCY]
    assert "introns up to 20 bases before an acceptor and 6 after" in words[Step.REGION]
    assert words[Step.CONSEQUENCE] == "The most severe consequence is one of: HIGH, MODERATE, splice region variant."
    off = dict(explain(FilterSettings(splice_window=None, require_pass=False, outside=False)))
    assert [one.key for one in off[Step.REGION]] == ["chain.region.off"]
    assert [one.key for one in off[Step.FREQUENCY]] == ["chain.frequency"]
    assert len(explain_exceptions(FilterSettings())) == 3
    none = FilterSettings(keep_earlier=False, keep_clinvar_stars=None, keep_named_genes=False)
    assert explain_exceptions(none) == ()


def test_every_sentence_is_used():
    second = FilterSettings(second_allele=SecondAllele(), drop_tract=True)
    bare = FilterSettings(require_pass=False, splice_window=None)
    used = {one.key for asked in (second, bare) for _step, told in explain(asked) for one in told}
    assert used | {one.key for one in explain_exceptions(second)} == set(TEXTS)


def test_plain_settings_hold_no_thing_of_python():
    assert json.loads(json.dumps(settings_as_plain(FilterSettings()))) == settings_as_plain(FilterSettings())
