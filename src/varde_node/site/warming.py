"""Warming a new web process: no reader waits for what only the first one would have had to."""

from __future__ import annotations

import gc
import time
from collections.abc import Callable
from pathlib import Path

import structlog
from django.apps import apps
from django.conf import settings
from django.db import connections
from django.template.loader import get_template
from django.urls import get_resolver
from django.utils.translation import gettext, override

from varde_node.lab import services as lab
from varde_node.registers.frequency import queries as register

log = structlog.get_logger("varde_node.warming")


def warm_up() -> None:
    """Do what the first requests would do: addresses, languages, templates, the register's and the laboratory's data.

    A part that fails is logged and left: the page that needs it says what is wrong.
    """
    parts = {
        "addresses": _addresses,
        "languages": _languages,
        "templates": _templates,
        "register": register.warm_up,
        "laboratory": lab.warm_up,
    }
    for name, part in parts.items():
        _tried(name, part)
    connections.close_all()
    # What stands now stays: the collector need not look through it again in the middle of a request (0.1 s).
    gc.collect()
    gc.freeze()


def _tried(name: str, part: Callable[[], None]) -> None:
    begun = time.perf_counter()
    try:
        part()
    except Exception as problem:  # whatever is wrong, the node must serve
        log.warning(f"{name} could not be warmed", exception_type=type(problem).__name__)
    else:
        log.info(f"{name} warmed", duration_ms=round((time.perf_counter() - begun) * 1000, 1))


def _addresses() -> None:
    get_resolver().reverse_dict  # noqa: B018 - made at the first look


def _languages() -> None:
    for code, _name in settings.LANGUAGES:
        with override(code):
            gettext("Skip to the content")


def _templates() -> None:
    for domain in apps.get_app_configs():
        folder = Path(domain.path) / "templates"
        if domain.name.startswith("varde_node."):
            for path in folder.rglob("*.html"):
                get_template(path.relative_to(folder).as_posix())
