"""Warming a web process: nothing that fails there keeps the node from serving, and nothing of it is personal."""

from __future__ import annotations

import gc

import pytest
from structlog.testing import capture_logs

from varde_node.site import warming


@pytest.fixture(autouse=True)
def unfrozen():
    yield
    gc.unfreeze()


def test_every_part_of_an_empty_node_is_warmed(db, monkeypatch) -> None:
    monkeypatch.setattr(warming.connections, "close_all", lambda: None)  # the test's own transaction goes on
    with capture_logs() as lines:
        warming.warm_up()
    parts = ("addresses", "languages", "templates", "register", "laboratory")
    assert [line["event"] for line in lines] == [f"{part} warmed" for part in parts]
    assert gc.get_freeze_count() > 0


def test_a_part_that_fails_is_said_without_its_text_and_the_rest_goes_on(db, monkeypatch) -> None:
    def broken() -> None:
        raise OSError("/data/families/NO-2026-0001.parquet is gone")

    monkeypatch.setattr(warming.connections, "close_all", lambda: None)
    monkeypatch.setattr(warming.register, "warm_up", broken)
    with capture_logs() as lines:
        warming.warm_up()
    (said,) = (line for line in lines if line["log_level"] == "warning")
    assert said == {"event": "register could not be warmed", "exception_type": "OSError", "log_level": "warning"}
    assert lines[-1]["event"] == "laboratory warmed"
