"""The demo country, seeded once for all journeys of a test run; each journey walks in a copy of its own."""

from __future__ import annotations

import fcntl
import io
import logging
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
import structlog
from django.db import connection

from varde_node.site import demo


@dataclass(frozen=True)
class Seeding:
    """What the seeding wrote: its log at the most talkative level, and its output."""

    log: str
    output: str


@pytest.fixture
def demo_country(
    transactional_db: None,
    settings,
    capfd: pytest.CaptureFixture[str],
    tmp_path: Path,
    tmp_path_factory: pytest.TempPathFactory,
) -> Seeding:
    """The node as ``make demo`` leaves it, in a data folder of its own.

    Seeding takes half a minute and changes nothing from time to time: the first worker that asks does it, and the
    others take its database, its files and what it wrote.
    """
    session = tmp_path_factory.getbasetemp()
    shared = (session.parent if session.name.startswith("popen-") else session) / "demo-country"
    shared.mkdir(exist_ok=True)
    with (shared / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (shared / "database").exists():
            use_folder(settings, shared / "data")
            with written_log() as log:
                demo.seed(lambda _step: None)
            (shared / "log").write_text(log.getvalue(), encoding="utf-8")
            (shared / "output").write_text("".join(capfd.readouterr()), encoding="utf-8")
            copy_database(connection.connection, shared / "database.new")
            (shared / "database.new").rename(shared / "database")
    shutil.copytree(shared / "data", tmp_path, dirs_exist_ok=True)
    use_folder(settings, tmp_path)
    connection.ensure_connection()
    with sqlite3.connect(shared / "database") as seeded:
        seeded.backup(connection.connection)
    return Seeding(*((shared / name).read_text(encoding="utf-8") for name in ("log", "output")))


@contextmanager
def written_log() -> Iterator[io.StringIO]:
    """Every line that the node's own handler would write, at the most talkative level."""
    root, written = logging.getLogger(), io.StringIO()
    (formatter,) = {
        handler.formatter
        for handler in root.handlers
        if isinstance(handler.formatter, structlog.stdlib.ProcessorFormatter)
    }
    handler, level = logging.StreamHandler(written), root.level
    handler.setFormatter(formatter)
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    try:
        yield written
    finally:
        root.removeHandler(handler)
        root.setLevel(level)


def use_folder(settings, folder: Path) -> None:
    settings.DATA = folder
    settings.REFERENCES = folder / "references"
    settings.GENE_KNOWLEDGE = folder / "knowledge" / "genes.tsv"


def copy_database(source: sqlite3.Connection, path: Path) -> None:
    with sqlite3.connect(path) as target:
        source.backup(target)
