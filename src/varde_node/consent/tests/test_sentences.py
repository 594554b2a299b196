"""Every sentence of the consent rules is translated, and its dates are written as the language does."""

from __future__ import annotations

import pytest
from django.utils.translation import override

from varde.consent import TEXTS
from varde.consent.texts import reason
from varde_node.consent.sentences import SENTENCES, sentence


def test_every_sentence_of_the_library_is_named_for_translation() -> None:
    assert sorted(SENTENCES) == sorted(TEXTS.values())


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("nb", "Tillatt av samtykket som ble gitt 23. nov. 2026."),
        ("nn", "Tillate av samtykket som vart gitt 23. nov. 2026."),
        ("en", "Allowed by the consent given on 23 Nov 2026."),
    ],
)
def test_a_reason_is_said_in_the_readers_language(language: str, said: str) -> None:
    with override(language):
        assert sentence(reason("consent.allowed.consent", given="2026-11-23")) == said
