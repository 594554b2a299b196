"""Every sentence that the library says of quality is translated and said in the reader's language."""

from __future__ import annotations

import pytest
from django.utils.translation import override

from varde.genome.message import placeholders
from varde.quality import thresholds
from varde.quality.profiles import STANDARD
from varde.quality.texts import TEXTS, text
from varde.quality.thresholds import Threshold
from varde_node.lab.quality_texts import SENTENCES, SOURCES, note_said, said, source_said


def stored(key: str, **parameters: str | int | float) -> dict[str, object]:
    message = text(key, **parameters)
    return {"key": message.key, "template": message.template, "parameters": dict(message.parameters)}


def test_the_sentences_named_for_translation_are_the_librarys() -> None:
    assert set(SENTENCES) == set(TEXTS.values())


def test_the_sources_named_for_translation_are_those_of_gates_and_of_rules_that_are_shown() -> None:
    gates = {gate.source for profile in STANDARD.values() for gate in profile.gates}
    rules = {one.source for one in vars(thresholds).values() if isinstance(one, Threshold)}
    inner = ("Fewer observations", "Genotype gate", "somalier and peddy")
    assert set(SOURCES) == gates | {one for one in rules if not one.startswith(inner)}


@pytest.mark.parametrize("language", ["nb", "nn"])
def test_a_translation_keeps_the_places_of_the_sentence(language: str) -> None:
    from django.utils.translation import gettext

    with override(language):
        assert [one for one in SENTENCES if placeholders(gettext(one)) != placeholders(one)] == []


@pytest.mark.parametrize(
    ("message", "language", "expected"),
    [
        (stored("quality.kinship.counts.parent_child", sites=2869, n=0), "nn",
         "forelder og barn; 2\u202f869 stader, 0 motsette homozygotar."),
        (stored("quality.limit.kinship.parents", limit=0.0442), "nb", "ubeslektet, < 0,0442"),
        (stored("quality.limit.between", low=2.6, high=3.1), "en", "2.6 to 3.1"),
        (stored("quality.limit.at_most", limit=80.0), "nb", "≤ 80"),
    ],
)  # fmt: skip
def test_a_sentence_is_said_in_the_readers_language(message: dict[str, object], language: str, expected: str) -> None:
    with override(language):
        assert said(message) == expected


def test_a_note_is_its_sentences_and_a_laboratorys_own_source_stays() -> None:
    with override("en"):
        note = [stored("quality.sex.differs.male"), stored("quality.sex.y_calls", n=3.0)]
        assert note_said(note) == "The data look male, declared is female: a swapped sample or pedigree. Calls on Y: 3."
    with override("nb"):
        assert source_said("Our validation of 2026") == "Our validation of 2026"
        assert source_said("") == ""
        assert source_said("Varde's proposal") == "Vardes forslag"
