"""What is known of genes: inheritance, whether loss of function causes the disease, and how constrained the gene is.

Three sources give the same rows: a laboratory's own list, ClinGen's dosage curation and gnomAD's constraint table. Each
row keeps its source and version. Nothing known is ``unknown``, never ``no``.
"""

from __future__ import annotations

import csv
import gzip
import io
import math
import re
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from pathlib import Path

from varde.genome.errors import InputError


class Inheritance(StrEnum):
    """Mode of inheritance of a gene-disease pair, in ClinGen's short forms."""

    AUTOSOMAL_DOMINANT = "AD"
    AUTOSOMAL_RECESSIVE = "AR"
    SEMIDOMINANT = "SD"
    X_LINKED = "XL"
    X_LINKED_DOMINANT = "XLD"
    X_LINKED_RECESSIVE = "XLR"
    Y_LINKED = "YL"
    MITOCHONDRIAL = "MT"
    UNKNOWN = "unknown"


class LofMechanism(StrEnum):
    """Whether loss of function is a known mechanism of the disease."""

    ESTABLISHED = "established"
    NO = "no"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class GeneKnowledge:
    """What one source says of one gene. ``pli`` and ``loeuf`` (upper bound of the 90 % interval of observed/expected
    loss-of-function variants) are gnomAD's, None elsewhere; they say how rare such variants are, not that they harm.
    ``missense_z`` is gnomAD's Z score of missense constraint. ``validity`` is ClinGen's word for how well the gene's
    part in ``disease`` is shown (``Definitive`` ... ``Refuted``)."""

    gene: str
    inheritance: Inheritance
    lof_mechanism: LofMechanism
    source: str
    version: str
    disease: str | None = None
    hpo: tuple[str, ...] = ()
    pli: float | None = None
    loeuf: float | None = None
    missense_z: float | None = None
    validity: str | None = None

    def __post_init__(self) -> None:
        if not (self.gene and self.source and self.version):
            raise ValueError("gene, source and version must not be empty")


@dataclass(frozen=True)
class KnowledgeTable:
    """Rows of one or several sources, the source to be believed first standing first."""

    rows: tuple[GeneKnowledge, ...]

    @cached_property
    def by_gene(self) -> Mapping[str, tuple[GeneKnowledge, ...]]:
        """Rows by gene symbol, in the order of precedence."""
        grouped: dict[str, list[GeneKnowledge]] = {}
        for row in self.rows:
            grouped.setdefault(row.gene, []).append(row)
        return {gene: tuple(rows) for gene, rows in grouped.items()}

    def deciding_row(self, gene: str, inheritance: Inheritance = Inheritance.UNKNOWN) -> GeneKnowledge | None:
        """The first row that says established or no of the gene under that inheritance; None when none does.

        ``XL`` stands for both its forms; with ``unknown`` asked, or in the row, any fits.
        """
        return next(
            (
                row
                for row in self.by_gene.get(gene, ())
                if row.lof_mechanism is not LofMechanism.UNKNOWN and _fits(row.inheritance, inheritance)
            ),
            None,
        )

    def constraint(self, gene: str) -> GeneKnowledge | None:
        """The first row with a constraint figure, None when there is none."""
        return next((row for row in self.by_gene.get(gene, ()) if row.loeuf is not None or row.pli is not None), None)


def merge(*tables: KnowledgeTable) -> KnowledgeTable:
    """All rows, the tables in the order of precedence: the laboratory's list, then ClinGen, then gnomAD."""
    return KnowledgeTable(tuple(row for table in tables for row in table.rows))


_X_LINKED = {Inheritance.X_LINKED, Inheritance.X_LINKED_DOMINANT, Inheritance.X_LINKED_RECESSIVE}


def _fits(known: Inheritance, asked: Inheritance) -> bool:
    if Inheritance.UNKNOWN in (known, asked) or known is asked:
        return True
    return Inheritance.X_LINKED in (known, asked) and {known, asked} <= _X_LINKED


COLUMNS = ("gene", "inheritance", "lof_mechanism", "disease", "hpo", "source", "version")
_HPO = re.compile(r"HP:\d{7}")
_COLUMNS_REMEDY = f"The first line must name the columns: {', '.join(COLUMNS)}."


def read_gene_knowledge(path: str | Path) -> KnowledgeTable:
    """A laboratory's list: tab-separated with the header ``COLUMNS``; lines that start with # are comments.

    ``hpo`` holds terms joined by ``;``; ``disease`` and ``hpo`` may be empty. Raises InputError ``unreadable``,
    ``missing_column``, ``bad_row`` and ``duplicate_row`` with line and field; then nothing is read.
    """
    name = Path(path).name
    lines = table_lines(path)
    header = next(lines, None)
    if header is None:
        raise InputError("missing_column", "The list is empty.", _COLUMNS_REMEDY, source=name)
    line, names = header[0], header[1].split("\t")
    missing = [column for column in COLUMNS if column not in names]
    if missing or len(set(names)) != len(names):
        problem = f"Columns are missing: {', '.join(missing)}." if missing else "A column is named twice."
        raise InputError("missing_column", problem, _COLUMNS_REMEDY, source=name, line=line)
    rows: dict[tuple[str, str, str | None], GeneKnowledge] = {}
    for line, text in lines:
        values = text.split("\t")
        if len(values) != len(names):
            problem = f"{len(names)} columns were expected, {len(values)} found."
            raise InputError("bad_row", problem, "Separate columns by one tabulator each.", source=name, line=line)
        row = _curated(dict(zip(names, (value.strip() for value in values), strict=True)), name, line)
        key = (row.gene, row.inheritance.value, row.disease)
        if key in rows:
            problem = f"{row.gene} is listed twice with inheritance {row.inheritance} and the same disease."
            raise InputError("duplicate_row", problem, "Keep one of the lines.", source=name, line=line)
        rows[key] = row
    return KnowledgeTable(tuple(rows.values()))


def _curated(values: dict[str, str], name: str, line: int) -> GeneKnowledge:
    for column in ("gene", "source", "version"):
        if not values[column]:
            raise InputError("bad_row", "The value is empty.", "Fill it in.", source=name, line=line, field=column)
    hpo = tuple(term.strip() for term in values["hpo"].split(";") if term.strip())
    wrong = next((term for term in hpo if not _HPO.fullmatch(term)), None)
    if wrong is not None:
        problem = f"{wrong[:40]!r} is not an HPO term (HP: and seven digits)."
        raise InputError("bad_row", problem, "Join terms by semicolons.", source=name, line=line, field="hpo")
    return GeneKnowledge(
        gene=values["gene"],
        inheritance=Inheritance(_choice(Inheritance, values["inheritance"], name, line, "inheritance")),
        lof_mechanism=LofMechanism(_choice(LofMechanism, values["lof_mechanism"], name, line, "lof_mechanism")),
        source=values["source"],
        version=values["version"],
        disease=values["disease"] or None,
        hpo=hpo,
    )


def _choice(choices: type[StrEnum], value: str, name: str, line: int, field: str) -> str:
    allowed = [choice.value for choice in choices]
    if value not in allowed:
        raise InputError(
            "bad_row",
            f"{value[:40]!r} is not one of the values known here.",
            f"Use one of: {', '.join(allowed)}.",
            source=name,
            line=line,
            field=field,
        )
    return value


CLINGEN_SOURCE = "ClinGen dosage sensitivity"

_HAPLOINSUFFICIENCY = {
    "Sufficient Evidence for Haploinsufficiency": LofMechanism.ESTABLISHED,  # score 3
    "Some Evidence for Haploinsufficiency": LofMechanism.UNKNOWN,  # 2
    "Emerging Evidence for Haploinsufficiency": LofMechanism.UNKNOWN,  # 2, newer wording
    "Little Evidence for Haploinsufficiency": LofMechanism.UNKNOWN,  # 1
    "No Evidence for Haploinsufficiency": LofMechanism.UNKNOWN,  # 0: not shown, which is not shown not to be
    "Gene Associated with Autosomal Recessive Phenotype": LofMechanism.UNKNOWN,  # 30
    "Dosage Sensitivity Unlikely": LofMechanism.NO,  # 40
    "Not yet evaluated": LofMechanism.UNKNOWN,
}
_RECESSIVE = "Gene Associated with Autosomal Recessive Phenotype"


def read_clingen_dosage(path: str | Path) -> KnowledgeTable:
    """ClinGen's gene dosage download (CSV). Sufficient evidence (score 3) makes loss of function established.

    The inheritance is AD on an autosome, XL on X and AR where ClinGen says so. Regions (ISCA identifiers) are left out:
    they are no genes. The version is the file's own date of making. Raises InputError ``unreadable``,
    ``not_clingen_dosage`` and ``bad_row``.
    """
    name = Path(path).name
    version, columns = None, None
    rows = []
    for line, text in table_lines(path, comments=False):
        cells = next(csv.reader([text]))
        first = cells[0] if cells else ""
        if first.startswith("FILE CREATED:"):
            version = first.removeprefix("FILE CREATED:").strip()
        elif {"GRCh37", "HAPLOINSUFFICIENCY"} <= set(cells):
            columns = {column: place for place, column in enumerate(cells)}
        elif columns is not None and not first.startswith("+") and first:
            row = _clingen(cells, columns, version, name, line)
            rows += [row] if row is not None else []
    if columns is None or version is None:
        raise InputError(
            "not_clingen_dosage",
            "No line FILE CREATED and no column HAPLOINSUFFICIENCY were found.",
            "Use the gene dosage file that ClinGen offers for download.",
            source=name,
        )
    return KnowledgeTable(tuple(rows))


def _clingen(
    cells: list[str], columns: Mapping[str, int], version: str | None, name: str, line: int
) -> GeneKnowledge | None:
    if len(cells) != len(columns) or version is None:
        problem = f"{len(columns)} columns were expected, {len(cells)} found."
        raise InputError("bad_row", problem, "Fetch the file again.", source=name, line=line)
    if not cells[1].startswith("HGNC:"):
        return None
    said = cells[columns["HAPLOINSUFFICIENCY"]].strip()
    if said not in _HAPLOINSUFFICIENCY:
        raise InputError(
            "bad_row",
            f"{said[:60]!r} is not a haploinsufficiency rating known here.",
            f"Known are: {'; '.join(_HAPLOINSUFFICIENCY)}.",
            source=name,
            line=line,
            field="HAPLOINSUFFICIENCY",
        )
    mechanism = _HAPLOINSUFFICIENCY[said]
    inheritance = Inheritance.UNKNOWN
    if said == _RECESSIVE:
        inheritance = Inheritance.AUTOSOMAL_RECESSIVE
    elif mechanism is LofMechanism.ESTABLISHED:
        on_x = cells[columns["GRCh37"]].startswith("chrX")
        inheritance = Inheritance.X_LINKED if on_x else Inheritance.AUTOSOMAL_DOMINANT
    return GeneKnowledge(cells[0].strip(), inheritance, mechanism, CLINGEN_SOURCE, version)


GNOMAD_SOURCE = "gnomAD constraint"


def read_gnomad_constraint(path: str | Path, version: str) -> KnowledgeTable:
    """gnomAD's constraint table (TSV): pLI, LOEUF and missense Z of MANE Select transcripts, Ensembl's before RefSeq's.

    The mechanism stays unknown: a gene in which loss of function is rare is not thereby a gene in which it causes the
    disease. ``version`` is told by the caller, as the file does not say it. Raises InputError ``unreadable``,
    ``missing_column`` and ``bad_row``.
    """
    name = Path(path).name
    lines = table_lines(path)
    needed = ("gene", "transcript", "mane_select", "lof.pLI", "lof.oe_ci.upper")
    header = next(lines, (1, ""))
    columns = {column: place for place, column in enumerate(header[1].split("\t"))}
    missing = [column for column in needed if column not in columns]
    if missing:
        problem = f"Columns are missing: {', '.join(missing)}."
        raise InputError("missing_column", problem, "Use gnomAD's constraint table.", source=name, line=header[0])
    chosen: dict[str, GeneKnowledge] = {}
    for line, text in lines:
        values = text.split("\t")
        if len(values) != len(columns):
            problem = f"{len(columns)} columns were expected, {len(values)} found."
            raise InputError("bad_row", problem, "Fetch the file again.", source=name, line=line)
        gene, transcript, mane = (values[columns[column]] for column in needed[:3])
        pli, loeuf = (_number(values[columns[column]], name, line, column) for column in needed[3:])
        z = values[columns["mis.z_score"]] if "mis.z_score" in columns else ""
        missense_z = _number(z, name, line, "mis.z_score", least=-math.inf)
        if mane == "true" and (gene not in chosen or transcript.startswith("ENST")):
            chosen[gene] = GeneKnowledge(
                gene,
                Inheritance.UNKNOWN,
                LofMechanism.UNKNOWN,
                GNOMAD_SOURCE,
                version,
                pli=pli,
                loeuf=loeuf,
                missense_z=missense_z,
            )
    return KnowledgeTable(tuple(chosen.values()))


def _number(text: str, name: str, line: int, field: str, least: float = 0) -> float | None:
    if text in ("", "NA"):
        return None
    try:
        number = float(text)
    except ValueError:
        number = math.nan
    if not math.isfinite(number) or number < least:
        problem = f"{text[:40]!r} is not a number{' of zero or more' if least == 0 else ''}."
        raise InputError("bad_row", problem, "Fetch the file again.", source=name, line=line, field=field)
    return number


def table_lines(path: str | Path, *, comments: bool = True) -> Iterator[tuple[int, str]]:
    """Line number and text of every line that is not blank and, with ``comments``, does not start with #."""
    file = Path(path)
    try:
        raw = file.read_bytes()
        text = (gzip.decompress(raw) if raw[:2] == b"\x1f\x8b" else raw).decode("utf-8-sig")
    except (OSError, EOFError, zlib.error) as error:
        raise InputError(
            "unreadable", "The file is absent, cut off or damaged.", "Fetch the file again.", source=file.name
        ) from error
    except UnicodeDecodeError as error:
        raise InputError(
            "unreadable", "The text is not UTF-8.", "Convert the file to UTF-8.", source=file.name
        ) from error
    for number, line in enumerate(io.StringIO(text), start=1):
        stripped = line.rstrip("\r\n")
        if stripped.strip() and not (comments and stripped.startswith("#")):
            yield number, stripped
