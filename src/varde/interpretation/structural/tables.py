"""Tables that a laboratory loads: dosage curation (ClinGen), regions of known effect, frequencies of others.

Every table keeps its name and version. A row that cannot be read refuses the whole file, with its line.
"""

from __future__ import annotations

import csv
import gzip
import hashlib
import re
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from varde.frequency.increment import STRUCTURAL
from varde.frequency.structural_clusters import CALL, StructuralCall
from varde.frequency.structural_notation import kind_of_word
from varde.genome.builds import Build, contig_code, contig_length
from varde.genome.errors import InputError

DOSAGE = pl.Schema(
    {
        "name": pl.String(),
        "identifier": pl.String(),
        "is_gene": pl.Boolean(),
        "contig": pl.UInt8(),
        "start": pl.Int64(),
        "end": pl.Int64(),
        "haploinsufficiency": pl.Int16(),
        "triplosensitivity": pl.Int16(),
    }
)
"""Curated genes and regions; 1-based inclusive. Scores are ClinGen's: 3 sufficient, 2 some or emerging, 1 little, 0 no
evidence, 30 recessive, 40 dosage sensitivity unlikely; null not yet evaluated."""
ESTABLISHED = 3
REGIONS = pl.Schema(
    {
        "name": pl.String(),
        "contig": pl.UInt8(),
        "start": pl.Int64(),
        "end": pl.Int64(),
        "change": pl.String(),
        "effect": pl.String(),
        "source": pl.String(),
    }
)
"""Regions of known effect: ``change`` is loss, gain or both; ``effect`` pathogenic or benign; 1-based inclusive."""
REGION_COLUMNS = ("contig", "start", "end", "name", "change", "effect", "source")
CHANGES, EFFECTS = ("loss", "gain", "both"), ("pathogenic", "benign")
FREQUENCIES = pl.Schema(
    {name: STRUCTURAL[name] for name in CALL}
    | {"name": pl.String(), "ac": pl.Int64(), "an": pl.Int64(), "af": pl.Float64(), "homozygotes": pl.Int64()}
)

_WORDS = {"Sufficient": 3, "Some": 2, "Emerging": 2, "Little": 1, "No": 0}
_WHOLE_RATINGS = {
    "Gene Associated with Autosomal Recessive Phenotype": 30,
    "Dosage Sensitivity Unlikely": 40,
    "Not yet evaluated": None,
    "Not yet available": None,
    "": None,
}
_PLACE = re.compile(r"(?:chr)?(\w+)\s*:\s*([0-9]+)\s*-\s*([0-9]+)")


@dataclass(frozen=True)
class Table:
    """Rows of one table with the name and version of their source."""

    rows: pl.DataFrame
    source: str
    version: str
    build: Build
    unplaced: int = 0
    """Rows without a place in this build, or with one that is no chromosome's: read, and not used."""

    def __str__(self) -> str:
        return f"{self.source} {self.version} ({self.rows.height} rows)"


def read_dosage(path: str | Path, build: Build) -> Table:
    """ClinGen's dosage curation: the download as CSV (genes and regions), or the gene or region list of its file
    server (tab-separated, with the build in its first lines).

    Raises InputError ``unreadable``, ``not_clingen_dosage``, ``wrong_build`` and ``bad_row``.
    """
    name = Path(path).name
    lines = list(_lines(path))
    if any(text.startswith('"CLINGEN') or text.startswith("CLINGEN") for _, text in lines[:3]):
        return _clingen_csv(lines, build, name)
    return _clingen_list(lines, build, name)


def read_regions(path: str | Path, build: Build, version: str = "") -> Table:
    """A laboratory's regions: tab-separated with the header ``REGION_COLUMNS``, 1-based inclusive.

    Raises InputError ``unreadable``, ``missing_column`` and ``bad_row``.
    """
    name = Path(path).name
    rows = []
    for line, row in _tabular(path, REGION_COLUMNS):
        contig, start, end = _place(build, row["contig"], row["start"], row["end"], name, line)
        for field, allowed in (("change", CHANGES), ("effect", EFFECTS)):
            if row[field] not in allowed:
                raise _bad(f"{row[field][:40]!r} is not one of {', '.join(allowed)}.", name, line, field)
        rows.append((row["name"], contig, start, end, row["change"], row["effect"], row["source"]))
    return Table(pl.DataFrame(rows, schema=REGIONS, orient="row"), name, version or _digest_of(path), build)


def read_frequencies(path: str | Path, build: Build, source: str, version: str) -> Table:
    """Frequencies of structural variants as gnomAD-SV gives them in BED: columns chrom, start (0-based), end, svtype,
    AC, AN and AF, and where they are there name, SVLEN, CHR2, POS2 and N_HOMALT. Kinds without a place of their own
    (CPX, CTX without mate, MCNV as CNV) that cannot be compared are counted as unplaced.

    Raises InputError ``unreadable``, ``missing_column`` and ``bad_row``.
    """
    name = Path(path).name
    rows: list[tuple[Any, ...]] = []
    unplaced = 0
    for line, row in _tabular(path, ("chrom", "start", "end", "svtype", "ac", "an", "af")):
        call = _call_of(row, build)
        if call is None:
            unplaced += 1
            continue
        counts = [_number(row[key], name, line, key) for key in ("ac", "an", "af")]
        homozygotes = _number(row.get("n_homalt") or "0", name, line, "n_homalt")
        if not 0 <= counts[2] <= 1:
            raise _bad(f"{row['af'][:20]!r} is no frequency.", name, line, "af")
        values = tuple(getattr(call, column) for column in CALL)
        rows.append((*values, row.get("name", ""), int(counts[0]), int(counts[1]), counts[2], int(homozygotes)))
    frame = pl.DataFrame(rows, schema=FREQUENCIES, orient="row")
    return Table(frame, source, version, build, unplaced)


def read_hi_index(path: str | Path) -> Mapping[str, float]:
    """DECIPHER's haploinsufficiency predictions in BED (fourth column ``GENE|score|percent%``): percentile by gene, low
    for likely haploinsufficient. Raises InputError ``unreadable`` and ``bad_row``."""
    name, found = Path(path).name, {}
    for line, text in _lines(path):
        if text.startswith(("track", "browser", "#")):
            continue
        cells = text.split("\t")
        parts = cells[3].split("|") if len(cells) > 3 else []
        if len(parts) != 3 or not parts[2].endswith("%"):
            raise _bad("The fourth column is not GENE|score|percent%.", name, line)
        found[parts[0]] = _number(parts[2].removesuffix("%"), name, line, "percent")
    return found


def _clingen_csv(lines: list[tuple[int, str]], build: Build, name: str) -> Table:
    version, columns, rows, unplaced = "", {}, [], 0
    column = "GRCh37" if build is Build.GRCH37 else "GRCh38"
    for line, text in lines:
        cells = [cell.strip() for cell in next(csv.reader([text]))]
        first = cells[0] if cells else ""
        if first.startswith("FILE CREATED:"):
            version = first.removeprefix("FILE CREATED:").strip()
        elif {"GRCh37", "HAPLOINSUFFICIENCY"} <= set(cells):
            columns = {cell: place for place, cell in enumerate(cells)}
        elif columns and first and not first.startswith("+"):
            if len(cells) != len(columns):
                raise _bad(f"{len(columns)} columns were expected, {len(cells)} found.", name, line)
            place = _parsed_place(cells[columns[column]], build)
            if place is None:
                unplaced += 1
                continue
            loss = _rating(cells[columns["HAPLOINSUFFICIENCY"]], name, line, "HAPLOINSUFFICIENCY")
            gain = _rating(cells[columns["TRIPLOSENSITIVITY"]], name, line, "TRIPLOSENSITIVITY")
            rows.append((first, cells[1], cells[1].startswith("HGNC:"), *place, loss, gain))
    if not columns or not version:
        raise _not_clingen(name)
    return Table(
        pl.DataFrame(rows, schema=DOSAGE, orient="row"), "ClinGen dosage sensitivity", version, build, unplaced
    )


def _clingen_list(lines: list[tuple[int, str]], build: Build, name: str) -> Table:
    version, columns, rows, unplaced = "", {}, [], 0
    for line, text in lines:
        if text.startswith("#"):
            told = text.lstrip("#").strip()
            if re.search(r"GRCh3[78]|hg19|hg38", told) and "\t" not in told:
                found = Build.GRCH37 if re.search(r"GRCh37|hg19", told) else Build.GRCH38
                if found is not build:
                    raise InputError(
                        "wrong_build", f"The list is of {found}.", f"Fetch the list of {build}.", source=name, line=line
                    )
            if dated := re.search(r"\d{1,2} \w{3},? ?\d{4}|\d{4}-\d{2}-\d{2}", told):
                version = version or dated[0]
            if "Haploinsufficiency Score" in told:
                columns = {cell.strip(): place for place, cell in enumerate(told.split("\t"))}
            continue
        if not columns:
            raise _not_clingen(name)
        cells = [cell.strip() for cell in text.split("\t")]
        if len(cells) < len(columns):
            cells += [""] * (len(columns) - len(cells))
        is_gene = "Gene Symbol" in columns
        place = _parsed_place(cells[columns["Genomic Location"]], build)
        if place is None:
            unplaced += 1
            continue
        title = cells[columns["Gene Symbol" if is_gene else "ISCA Region Name"]]
        identifier = cells[columns["Gene ID" if is_gene else "ISCA ID"]]
        scores = [
            _score(cells[columns[f"{one} Score"]], name, line) for one in ("Haploinsufficiency", "Triplosensitivity")
        ]
        rows.append((title, identifier, is_gene, *place, *scores))
    if not columns:
        raise _not_clingen(name)
    frame = pl.DataFrame(rows, schema=DOSAGE, orient="row")
    return Table(frame, "ClinGen dosage sensitivity", version or "undated", build, unplaced)


def _rating(words: str, name: str, line: int, field: str) -> int | None:
    if words in _WHOLE_RATINGS:
        return _WHOLE_RATINGS[words]
    head, _, rest = words.partition(" ")
    if head not in _WORDS or not rest.startswith("Evidence for"):
        raise _bad(f"{words[:60]!r} is not a rating known here.", name, line, field)
    return _WORDS[head]


def _score(text: str, name: str, line: int) -> int | None:
    if text in ("", "-1") or text.lower().startswith("not yet"):
        return None
    head = text.partition(":")[0].partition(" ")[0]
    if head not in ("0", "1", "2", "3", "30", "40"):
        raise _bad(f"{text[:40]!r} is not a score of ClinGen.", name, line)
    return int(head)


def _parsed_place(text: str, build: Build) -> tuple[int, int, int] | None:
    found = _PLACE.fullmatch(text.strip())
    contig = contig_code(found[1]) if found else 0
    if not found or not contig:
        return None
    start, end = int(found[2]), int(found[3])
    return (contig, start, end) if 1 <= start <= end <= contig_length(build, contig) else None


def _call_of(row: Mapping[str, str], build: Build) -> StructuralCall | None:
    kind, contig = kind_of_word(row["svtype"].replace("MCNV", "CNV")), contig_code(row["chrom"])
    if kind is None or not contig or not (row["start"].isdigit() and row["end"].isdigit()):
        return None
    start, end = int(row["start"]), int(row["end"])
    if not 0 <= start <= end <= contig_length(build, contig):
        return None
    if kind == "BND":
        mate, place = contig_code(row.get("chr2", "")), row.get("pos2", "") or row.get("end2", "")
        if not mate or not place.isdigit():
            return None
        (first, low), (second, high) = sorted([(contig, max(start, 1)), (mate, int(place))])
        return StructuralCall("BND", first, low, low, second, high)
    if kind == "INS":
        size = row.get("svlen", "").lstrip("-")
        return StructuralCall("INS", contig, max(start, 1), max(start, 1), length=int(size) if size.isdigit() else 0)
    return None if start == end else StructuralCall(kind, contig, start + 1, end, length=end - start)


def _tabular(path: str | Path, needed: tuple[str, ...]) -> Iterator[tuple[int, dict[str, str]]]:
    """Rows of a tab-separated file by their column's name in small letters; a # before the header is left out."""
    name, columns = Path(path).name, None
    for line, text in _lines(path):
        if text.startswith("##"):
            continue
        cells = [cell.strip() for cell in text.split("\t")]
        if columns is None:
            columns = [cell.lstrip("#").strip().lower() for cell in cells]
            missing = [one for one in needed if one not in columns]
            if missing:
                raise InputError(
                    "missing_column",
                    f"Columns are missing: {', '.join(missing)}.",
                    f"The first line must name the columns: {', '.join(needed)}.",
                    source=name,
                    line=line,
                )
            continue
        if len(cells) != len(columns):
            raise _bad(f"{len(columns)} columns were expected, {len(cells)} found.", name, line)
        yield line, dict(zip(columns, cells, strict=True))
    if columns is None:
        raise InputError("missing_column", "The table is empty.", f"Its columns are {', '.join(needed)}.", source=name)


def _place(build: Build, contig: str, start: str, end: str, name: str, line: int) -> tuple[int, int, int]:
    found = _parsed_place(f"{contig}:{start}-{end}", build)
    if found is None:
        raise _bad(f"{contig}:{start}-{end} is no place of {build}."[:120], name, line, "start")
    return found


def _number(text: str, name: str, line: int, field: str) -> float:
    try:
        value = 0.0 if text in ("", "NA", ".") else float(text)
    except ValueError:
        value = -1.0
    if not 0 <= value < float("inf"):
        raise _bad(f"{text[:40]!r} is not a number of zero or more.", name, line, field)
    return value


def _lines(path: str | Path) -> Iterator[tuple[int, str]]:
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
    # A cell of ClinGen's CSV may hold a line break: rows go on until their quotation marks are even in number.
    pending, first = "", 0
    for number, line in enumerate(text.splitlines(), start=1):
        first = first or number
        pending = f"{pending} {line}" if pending else line
        if pending.count('"') % 2 == 0:
            if pending.strip():
                yield first, pending
            pending, first = "", 0
    if pending.strip():
        raise _bad("A quotation mark is not closed.", file.name, first)


def _digest_of(path: str | Path) -> str:
    return f"sha256:{hashlib.sha256(Path(path).read_bytes()).hexdigest()[:12]}"


def _bad(problem: str, name: str, line: int, field: str | None = None) -> InputError:
    return InputError(
        "bad_row", problem, "Correct the line, or fetch the file again.", source=name, line=line, field=field
    )


def _not_clingen(name: str) -> InputError:
    return InputError(
        "not_clingen_dosage",
        "The file is neither ClinGen's dosage download nor one of its curation lists.",
        "Fetch the dosage sensitivity file of ClinGen for your build.",
        source=name,
    )
