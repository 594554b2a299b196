"""Words: every key of the library has one, and every sentence of the criteria is translated with its placeholders."""

from __future__ import annotations

import pytest
from django.utils.translation import gettext, override

from varde.genome.message import placeholders
from varde.interpretation.acmg.texts import MISSING, TEXTS
from varde.interpretation.filters import Step
from varde.interpretation.inheritance import Mode, Phase
from varde_node.lab.acmg_texts import SENTENCES
from varde_node.lab.words import MODE_NAMES, PHASE_NAMES, STEP_NAMES, class_words, consequence_words, short_variant


def test_the_sentences_are_those_of_the_library():
    assert set(SENTENCES) == {*TEXTS.values(), *MISSING.values()}


@pytest.mark.parametrize("language", ["nb", "nn"])
def test_translations_keep_the_placeholders(language):
    with override(language):
        for sentence in SENTENCES:
            translated = gettext(sentence)
            assert translated != sentence
            assert placeholders(translated) == placeholders(sentence)


def test_every_mode_phase_and_step_has_words():
    assert set(MODE_NAMES) == set(Mode)
    assert set(PHASE_NAMES) == set(Phase)
    assert set(STEP_NAMES) == set(Step)


def test_words_of_a_variant():
    assert short_variant("2-1234-GCCAGTCCATGCA-G") == "2-1234-GCCAGTCC…(13)-G"
    assert short_variant("2-1234-GCCAGTCCATGC-G") == "2-1234-GCCAGTCCATGC-G"
    assert consequence_words("stop_gained&splice_region_variant") == "stop gained, splice region"
    assert consequence_words(None) == "–"
    assert class_words(5) == "5 – pathogenic"
