"""Fixtures for every test of the repository."""

pytest_plugins = ("node_fixtures", "browser")
