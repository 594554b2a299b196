"""Fixtures and marks for every test of the repository."""

from collections.abc import Generator
from pathlib import Path

import pytest

pytest_plugins = ("node_fixtures", "browser")


def pytest_ignore_collect(collection_path: Path) -> bool | None:
    """Of the modules that are no tests, those with an example are read: each worker imports all it reads, and that a
    module can be imported is seen by the tests of what it does."""
    if collection_path.suffix != ".py" or collection_path.name.startswith(("test_", "conftest")):
        return None
    return True if b">>>" not in collection_path.read_bytes() else None


@pytest.hookimpl(wrapper=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> Generator[None]:
    """Whatever opens a page in the browser is a browser test. Slow ones without a database come first of all, other
    slow ones first of those on a real transaction (pytest-django sorts in between), with the library's short ones at
    the end: no worker ends on a long one alone."""
    for item in items:
        if "chromium" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.browser)
    items.sort(key=lambda item: item.get_closest_marker("slow") is None)
    yield
    items.sort(key=lambda item: item.get_closest_marker("slow") is None or _uses_a_database(item))


def _uses_a_database(item: pytest.Item) -> bool:
    fixtures = {"db", "transactional_db", "live_server"} & set(getattr(item, "fixturenames", ()))
    return bool(fixtures) or item.get_closest_marker("django_db") is not None
