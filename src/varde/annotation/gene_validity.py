"""ClinGen's curation of how well a gene's part in a disease is shown."""

from __future__ import annotations

import csv
from pathlib import Path

from varde.annotation.knowledge import GeneKnowledge, Inheritance, KnowledgeTable, LofMechanism, table_lines
from varde.genome.errors import InputError

SOURCE = "ClinGen gene-disease validity"
CLASSIFICATIONS = (
    "Definitive",
    "Strong",
    "Moderate",
    "Limited",
    "Disputed",
    "Refuted",
    "No Known Disease Relationship",
)
"""ClinGen's words, the best shown first."""

_INHERITANCE = {
    "AD": Inheritance.AUTOSOMAL_DOMINANT,
    "AR": Inheritance.AUTOSOMAL_RECESSIVE,
    "SD": Inheritance.SEMIDOMINANT,
    "XL": Inheritance.X_LINKED,
    "XLD": Inheritance.X_LINKED_DOMINANT,
    "XLR": Inheritance.X_LINKED_RECESSIVE,
    "YL": Inheritance.Y_LINKED,
    "MT": Inheritance.MITOCHONDRIAL,
    "UD": Inheritance.UNKNOWN,
    "": Inheritance.UNKNOWN,
}
_NEEDED = ("GENE SYMBOL", "DISEASE LABEL", "MOI", "CLASSIFICATION")


def read_clingen_validity(path: str | Path) -> KnowledgeTable:
    """ClinGen's gene-disease validity download (CSV): one row per curation, the best shown first in each gene.

    Whether loss of function is the mechanism stays unknown: ClinGen does not say it here. The version is the file's own
    date of making. Raises InputError ``unreadable``, ``not_clingen_validity`` and ``bad_row``.
    """
    name = Path(path).name
    version, columns = None, None
    rows = []
    for line, text in table_lines(path, comments=False):
        cells = next(csv.reader([text]))
        first = cells[0].strip() if cells else ""
        if first.startswith("FILE CREATED:"):
            version = first.removeprefix("FILE CREATED:").strip()
        elif set(_NEEDED) <= set(cells):
            columns = {column: place for place, column in enumerate(cells)}
        elif columns is not None and not first.startswith("+") and first:
            rows.append(_row(cells, columns, version or "", name, line))
    if columns is None or not version:
        raise InputError(
            "not_clingen_validity",
            f"No line FILE CREATED and no columns {', '.join(_NEEDED)} were found.",
            "Use the gene-disease validity file that ClinGen offers for download.",
            source=name,
        )
    rows.sort(key=lambda row: (row.gene, CLASSIFICATIONS.index(row.validity or "")))
    return KnowledgeTable(tuple(rows))


def _row(cells: list[str], columns: dict[str, int], version: str, name: str, line: int) -> GeneKnowledge:
    if len(cells) != len(columns):
        problem = f"{len(columns)} columns were expected, {len(cells)} found."
        raise InputError("bad_row", problem, "Fetch the file again.", source=name, line=line)
    gene, disease, inheritance, validity = (cells[columns[column]].strip() for column in _NEEDED)
    for field, value, known in (
        ("MOI", inheritance, tuple(_INHERITANCE)),
        ("CLASSIFICATION", validity, CLASSIFICATIONS),
    ):
        if value not in known:
            problem = f"{value[:40]!r} is not one of the values known here."
            remedy = f"Known are: {', '.join(one for one in known if one)}."
            raise InputError("bad_row", problem, remedy, source=name, line=line, field=field)
    return GeneKnowledge(
        gene, _INHERITANCE[inheritance], LofMechanism.UNKNOWN, SOURCE, version, disease or None, validity=validity
    )
