"""Bokmål and Nynorsk are complete, and formats survive translation."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from varde_node.site import messages

DOMAINS = messages.domains()
PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|\{\w*\}")


@pytest.mark.parametrize("language", messages.LANGUAGES)
@pytest.mark.parametrize("domain", DOMAINS, ids=lambda path: path.name)
def test_no_text_is_untranslated(domain: Path, language: str) -> None:
    assert [f"{text.place} {text.identifier!r}" for text in messages.missing(domain, language)] == []


@pytest.mark.parametrize("language", messages.LANGUAGES)
@pytest.mark.parametrize("domain", DOMAINS, ids=lambda path: path.name)
def test_placeholders_are_the_same_in_every_language(domain: Path, language: str) -> None:
    wrong = []
    for message in messages.read_catalogue(domain, language):
        if not message.id or not isinstance(message.id, str) or not message.string:
            continue
        if sorted(PLACEHOLDER.findall(message.id)) != sorted(PLACEHOLDER.findall(message.string)):
            wrong.append(message.id)
    assert wrong == []
