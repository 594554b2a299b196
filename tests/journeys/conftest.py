"""The demo country, seeded once for all journeys of a test run; each journey walks in a copy of its own."""

from __future__ import annotations

import fcntl
import shutil
import sqlite3
from pathlib import Path

import pytest
from django.db import connection

from varde_node.site import demo


@pytest.fixture
def demo_country(transactional_db: None, settings, tmp_path: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    """The node as ``make demo`` leaves it, in a data folder of its own.

    Seeding takes half a minute and changes nothing from time to time: the first worker that asks does it, and the
    others take its database and its files.
    """
    session = tmp_path_factory.getbasetemp()
    shared = (session.parent if session.name.startswith("popen-") else session) / "demo-country"
    shared.mkdir(exist_ok=True)
    with (shared / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (shared / "database").exists():
            use_folder(settings, shared / "data")
            demo.seed(lambda _step: None)
            copy_database(connection.connection, shared / "database.new")
            (shared / "database.new").rename(shared / "database")
    shutil.copytree(shared / "data", tmp_path, dirs_exist_ok=True)
    use_folder(settings, tmp_path)
    connection.ensure_connection()
    with sqlite3.connect(shared / "database") as seeded:
        seeded.backup(connection.connection)


def use_folder(settings, folder: Path) -> None:
    settings.DATA = folder
    settings.REFERENCES = folder / "references"
    settings.GENE_KNOWLEDGE = folder / "knowledge" / "genes.tsv"


def copy_database(source: sqlite3.Connection, path: Path) -> None:
    with sqlite3.connect(path) as target:
        source.backup(target)
