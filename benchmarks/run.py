"""Measure everything and write RESULTS.md: `python benchmarks/run.py [NAME ...]`; the names are those of ``TITLES``.

A ratio compares with the named peer in the same run, or with the 1x case where growth is shown.
"""

from __future__ import annotations

import importlib
import os
import platform
import sys
from datetime import UTC, datetime
from pathlib import Path

import numpy
import polars

HERE = Path(__file__).parent
RESULTS = HERE / "RESULTS.md"
TITLES = {
    "reading": "Reading VCF and BCF (peer: cyvcf2, same run)",
    "counting": "Counting people (peers: cyvcf2 with numpy, bcftools fill-tags)",
    "scale": "Ten thousand exomes through four regions to the nation (ratio: growth from the first size)",
    "measure": "The measured risk of a release",
    "release": "A release of five million sites",
    "index": "The memory-mapped frequency index (peer: DuckDB on Parquet of the same sites)",
    "annotating": "Annotating VCF to VCF (peers: bcftools annotate and vcfanno)",
    "serving": "The register over HTTP, five million sites",
    "hgvs": "HGVS names (peer: ferro-hgvs, same run; every difference in HGVS.md)",
    "knowledge": "Knowledge sources: import and look-up",
    "acmg": "Criteria of 172 published variants (every difference in ACMG.md)",
    "coverage": "Coverage gaps of an exome (peer: bedtools, same run)",
    "exon_coverage": "Coverage gaps of an exome (peer: bedtools, same run)",
    "trio": "A trio from VCF to candidates (ratio: to the 1x case)",
    "structural": "Structural variants of a family, to a scored list (ratio: to a tenth of the records)",
    "phenotype": "The causal gene by phenotype (peer: hpo3's similarity with its defaults)",
    "pages": "Pages of the node in the demo country",
    "uploads": "Large uploads (peer: the same bytes written to the same disk)",
}


MODULES = {"hgvs": "hgvs_names", "acmg": "acmg_table"}  # a module hgvs would hide the package of that name


def section(name: str) -> str:
    """One table, measured now."""
    rows = importlib.import_module(MODULES.get(name, name)).run()
    lines = [f"## {TITLES[name]}", "", f"`python benchmarks/run.py {name}`, {datetime.now(UTC):%Y-%m-%d}.", ""]
    lines += ["| what | target | measured | peer | ratio |", "|---|---:|---:|---:|---:|"]
    lines += [
        "| " + " | ".join(_cell(row[key]) for key in ("what", "target", "measured", "peer", "ratio")) + " |"
        for row in rows
    ]
    return "\n".join(lines) + "\n"


def _cell(value: object) -> str:
    if value is None:
        return ""
    return f"{value:,}" if isinstance(value, int | float) else str(value)


def heading() -> str:
    """The machine and the versions."""
    machine = f"{os.cpu_count()} cores, {platform.machine()}, {platform.system()}"
    versions = f"Python {platform.python_version()}, Polars {polars.__version__}, NumPy {numpy.__version__}"
    return (
        "# Results\n\nWritten by `make bench`; sections are renewed one by one. "
        "A ratio compares with the peer of the same run.\n\n"
        f"Machine: {machine}; {versions}.\n"
    )


def main(names: list[str]) -> None:
    """Renew the named sections (all when none is named) and keep the others."""
    sys.path.insert(0, str(HERE))
    text = RESULTS.read_text(encoding="utf-8") if RESULTS.exists() else ""
    kept = {name: part for name in TITLES for part in text.split("\n## ") if part.startswith(TITLES[name])}
    for name in names or list(TITLES):
        kept[name] = section(name).removeprefix("## ")
        print(kept[name])
    parts = [f"## {kept[name].rstrip()}\n" for name in TITLES if name in kept]
    RESULTS.write_text("\n".join([heading(), *parts]), encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
