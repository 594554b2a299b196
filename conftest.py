"""Fixtures and marks for every test of the repository."""

from pathlib import Path

import pytest

pytest_plugins = ("node_fixtures", "browser")


def pytest_ignore_collect(collection_path: Path) -> bool | None:
    """Of the modules that are no tests, those with an example are read: each worker imports all it reads, and that a
    module can be imported is seen by the tests of what it does."""
    if collection_path.suffix != ".py" or collection_path.name.startswith(("test_", "conftest")):
        return None
    return True if b">>>" not in collection_path.read_bytes() else None


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Whatever opens a page in the browser is a browser test. Slow ones come first of those on a real transaction
    (pytest-django sorts after this), with the library's short ones behind them: no worker ends on a long one alone."""
    for item in items:
        if "chromium" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.browser)
    items.sort(key=lambda item: item.get_closest_marker("slow") is None)
