"""Fixtures and marks for every test of the repository."""

import pytest

pytest_plugins = ("node_fixtures", "browser")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Whatever opens a page in the browser is a browser test."""
    for item in items:
        if "chromium" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.browser)
