"""Every setting is described, and the guide says what the code says. Renew: ``make docs``."""

from __future__ import annotations

from pathlib import Path

from varde_node.site.configuration import Configuration, settings_page

PAGE = Path(__file__).resolve().parents[2] / "docs" / "guide" / "settings.md"


def test_every_setting_has_a_description() -> None:
    assert [name for name, field in Configuration.model_fields.items() if not (field.description or "").strip()] == []


def test_the_guide_lists_exactly_these_settings() -> None:
    assert PAGE.read_text(encoding="utf-8") == settings_page()
