"""MultiQC's ``multiqc_data.json``: the modules' raw numbers, person by person."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from varde.quality.formats.reading import QualityText, json_object, leaves
from varde.quality.measurement import Measurement

_LEFT_OUT = ("multiqc_general_stats", "multiqc_sources", "multiqc_citations", "multiqc_software_versions")


def read_multiqc(source: QualityText, sample: str | None = None) -> Iterator[Measurement]:
    """What each module saved. The table of general statistics is left out: it is the same, rescaled for the eye.

    Raises InputError ``wrong_columns`` for a document without the modules' data, ``truncated``, ``bad_document``.
    """
    document = json_object(source)
    modules = document.get("report_saved_raw_data")
    if not isinstance(modules, dict):
        raise source.refused(
            "wrong_columns",
            "The JSON has no report_saved_raw_data.",
            "Give multiqc_data.json, made with the raw data kept (the default).",
            field="report_saved_raw_data",
        )
    version = document.get("config_version")
    for module, people in modules.items():
        if module in _LEFT_OUT or not module.startswith("multiqc_") or not isinstance(people, dict):
            continue
        yield from _module(source, module, people, str(version) if version else None)


def _module(source: QualityText, module: str, people: dict[str, Any], version: str | None) -> Iterator[Measurement]:
    for person, values in people.items():
        if isinstance(values, dict):
            for column, value in leaves(values):
                yield source.measured(f"MultiQC {module}", str(person), column, value, version)
