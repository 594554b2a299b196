"""Coverage of a case's genes: what was read well enough, the gaps, and how they lie in a gene."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import polars as pl
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from varde.genome.builds import CONTIGS
from varde.quality.coverage import EXONS, GAPS, Coverage, gap_bed
from varde.quality.coverage_drawing import DrawnExon, coverage_svg
from varde.quality.formats.kinds import DEPTH
from varde_node.formats import number
from varde_node.lab.case_access import case_for, in_data_folder
from varde_node.lab.family import place_order, place_words
from varde_node.lab.models import Case, QualityFile, SampleCoverage, Scope
from varde_node.people.services import Actor

LISTED_GAPS = 60
"""Gaps named one by one in an answer; the number of all is told, and the file has them all."""


@dataclass(frozen=True)
class CoveredPerson:
    """A member of the family: ``state`` is computed, waiting or none."""

    place: str
    name: str
    state: str
    file: str = ""
    sha256: str = ""

    @property
    def words(self) -> str:
        """Their place in the reader's language."""
        return place_words(self.place)


@dataclass(frozen=True)
class GeneCell:
    """A gene in a person: ``share`` of its bases that are read well enough, None where that cannot be told."""

    share: float | None
    gaps: int


@dataclass(frozen=True)
class GeneRow:
    """A gene with a cell for each person of ``CoverageView.covered``; none where the transcript set lacks the gene."""

    gene: str
    transcript: str
    cells: tuple[GeneCell | None, ...]

    @property
    def complete(self) -> bool:
        """Whether everything was read well enough in everybody."""
        return all(cell is not None and cell.share == 1 for cell in self.cells)


@dataclass(frozen=True)
class GapRow:
    """A gap; positions are 1-based and inclusive, as people write them."""

    who: str
    gene: str
    transcript: str
    exon: int
    contig: str
    first: int
    last: int
    lowest: int
    mean: float

    @property
    def length(self) -> int:
        """Bases."""
        return self.last - self.first + 1


@dataclass(frozen=True)
class Picture:
    """A gene's coverage in one person, drawn."""

    who: str
    svg: SafeString


@dataclass(frozen=True)
class CoverageView:
    """Coverage of the panel's genes; of one gene with pictures when one was chosen."""

    number: str
    panel: str
    people: tuple[CoveredPerson, ...]
    covered: tuple[CoveredPerson, ...]
    genes: tuple[GeneRow, ...]
    gaps: tuple[GapRow, ...]
    chosen: str
    pictures: tuple[Picture, ...]
    minimum_x: int | None
    padding: tuple[int, int]
    transcripts: str
    all_genes: bool
    problem: dict[str, Any] | None

    @property
    def incomplete(self) -> tuple[GeneRow, ...]:
        """The genes with a gap, or with bases of which nothing is known."""
        return tuple(gene for gene in self.genes if not gene.complete)

    @property
    def complete(self) -> tuple[GeneRow, ...]:
        """The genes that were read to the end in everybody with a depth file."""
        return tuple(gene for gene in self.genes if gene.complete)


def coverage(actor: Actor, case_id: UUID, gene: str = "") -> CoverageView:
    """The coverage of a case. ``gene`` asks for one gene: of the panel, or any once all genes are opened."""
    case = case_for(actor, "lab.coverage.read", case_id)
    people = _people(case)
    rows = _coverages(case)
    covered = [one for one in people if one.name in rows]
    listed = _panel_genes(case)
    opened = case.scope == Scope.ALL_GENES
    chosen = gene.strip() if gene.strip() and (opened or gene.strip() in listed) else ""
    asked = [chosen] if chosen else listed
    found = {one.name: _read(rows[one.name], asked) for one in covered}
    first = next(iter(rows.values()), None)
    failed = case.quality_files.filter(kind=DEPTH, problem__isnull=False).order_by("-uploaded_at").first()
    return CoverageView(
        number=case.number,
        panel=f"{case.panel.name}, {case.panel.version}",
        people=tuple(people),
        covered=tuple(covered),
        genes=tuple(_gene_rows(asked, [found[one.name] for one in covered])) if covered else (),
        gaps=tuple(gap for one in covered for gap in _gap_rows(one, found[one.name])),
        chosen=chosen,
        pictures=tuple(_picture(one, found[one.name], chosen) for one in covered) if chosen else (),
        minimum_x=first and first.minimum_x,
        padding=(first.padding_before, first.padding_after) if first else (0, 0),
        transcripts=first.transcripts if first else "",
        all_genes=opened,
        problem=None if failed is None or rows else failed.problem,
    )


def gaps_bed(actor: Actor, case_id: UUID, place: str) -> tuple[str, str]:
    """A person's gaps in the panel's genes as BED, with a name for the file; empty without a depth file."""
    case = case_for(actor, "lab.coverage.read", case_id)
    person = next((one for one in _people(case) if one.place == place), None)
    rows = _coverages(case)
    if person is None or person.name not in rows:
        return "", f"{case.number}-gaps.bed"
    return gap_bed(_read(rows[person.name], _panel_genes(case)).gaps), f"{case.number}-{place}-gaps.bed"


def coverage_limits(case: Case) -> Iterator[dict[str, Any]]:
    """What the answer says of coverage, as keys of ``contracts.NOT_LOOKED_AT``: person by person the gaps in the
    panel's genes, and places that nothing is known of. Without any depth file: not evaluated."""
    rows = _coverages(case)
    people = _people(case)
    if not all(one.name in rows for one in people):
        yield {"key": "uncovered_places", "parameters": {}}
    listed = _panel_genes(case)
    for person in people:
        if person.name not in rows:
            continue
        found = _read(rows[person.name], listed)
        if found.gaps.height:
            yield {"key": "coverage_gaps", "parameters": _gap_parameters(person, found)}
        known = set(found.exons.filter(pl.col("known") == pl.col("end0") - pl.col("start0"))["gene"])
        lacking = sorted((set(listed) - known) | _partly_known(found))
        if lacking:
            yield {
                "key": "coverage_incomplete",
                "parameters": {"person": person.place, "genes": ", ".join(lacking)},
            }


def _partly_known(found: Coverage) -> set[str]:
    return set(found.exons.filter(pl.col("known") < pl.col("end0") - pl.col("start0"))["gene"])


def _gap_parameters(person: CoveredPerson, found: Coverage) -> dict[str, Any]:
    gaps = list(_gap_rows(person, found))
    listed = "; ".join(f"{one.gene} {one.exon} ({one.contig}:{one.first}-{one.last})" for one in gaps[:LISTED_GAPS])
    return {
        "person": person.place,
        "minimum": found.minimum_x,
        "genes": found.gaps["gene"].n_unique(),
        "gaps": len(gaps),
        "bases": sum(one.length for one in gaps),
        "listed": listed + (" ..." if len(gaps) > LISTED_GAPS else ""),
    }


def _people(case: Case) -> list[CoveredPerson]:
    files = {one.sample: one for one in _depth_files(case)}
    people = []
    for sample in sorted(case.samples.all(), key=lambda one: place_order(one.place)):
        file = files.get(sample.name)
        if file is None:
            people.append(CoveredPerson(sample.place, sample.name, "none"))
        else:
            state = "computed" if hasattr(file, "coverage") else "waiting"
            people.append(CoveredPerson(sample.place, sample.name, state, file.name, file.sha256))
    return people


def _depth_files(case: Case) -> Sequence[QualityFile]:
    return case.quality_files.filter(kind=DEPTH, superseded=False).select_related("coverage").order_by("uploaded_at")


def _coverages(case: Case) -> dict[str, SampleCoverage]:
    """By sample name, of the newest depth file of each."""
    return {file.sample: file.coverage for file in _depth_files(case) if hasattr(file, "coverage")}


def _panel_genes(case: Case) -> list[str]:
    return sorted(str(gene["symbol"]) for gene in case.panel.genes)


def _read(row: SampleCoverage, genes: Sequence[str]) -> Coverage:
    folder = in_data_folder(row.folder)
    frames = [
        pl.scan_parquet(folder / f"{name}.parquet").filter(pl.col("gene").is_in(list(genes))).collect()
        for name in ("exons", "gaps")
    ]
    return Coverage(row.minimum_x, frames[0].cast(EXONS), frames[1].cast(GAPS))


def _gene_rows(genes: Sequence[str], found: Sequence[Coverage]) -> Iterator[GeneRow]:
    tables = [{row["gene"]: row for row in one.genes.iter_rows(named=True)} for one in found]
    transcripts = dict(found[0].exons.group_by("gene").agg(pl.col("transcript").first()).rows())
    for gene in genes:
        cells = tuple(
            GeneCell(table[gene]["completeness"], table[gene]["gaps"]) if gene in table else None for table in tables
        )
        yield GeneRow(gene, transcripts.get(gene, ""), cells)


def _gap_rows(person: CoveredPerson, found: Coverage) -> Iterator[GapRow]:
    for row in found.gaps.sort("gene", "exon", "start0").iter_rows(named=True):
        yield GapRow(
            who=person.words,
            gene=row["gene"],
            transcript=row["transcript"],
            exon=row["exon"],
            contig=CONTIGS[row["contig"] - 1],
            first=row["start0"] + 1,
            last=row["end0"],
            lowest=row["lowest"],
            mean=row["mean"],
        )


def _picture(person: CoveredPerson, found: Coverage, gene: str) -> Picture:
    exons = [_drawn(exon, found.gaps) for exon in found.exons.sort("transcript", "exon").iter_rows(named=True)]
    title = _("%(gene)s: coverage of the exons, %(person)s") % {"gene": gene, "person": person.words}
    gaps = found.gaps.height
    told = ngettext("%(gaps)s gap in %(exons)s exons.", "%(gaps)s gaps in %(exons)s exons.", gaps) % {
        "gaps": number(gaps),
        "exons": number(len(exons)),
    }
    svg = coverage_svg(
        exons,
        found.minimum_x,
        identifier=f"coverage-{person.place}",
        title=title,
        description=told,
        unknown="?",
    )
    return Picture(person.words, mark_safe(svg))  # noqa: S308 - every word in it is escaped where it is drawn


def _drawn(exon: dict[str, Any], gaps: pl.DataFrame) -> DrawnExon:
    start, bases = exon["start0"], exon["end0"] - exon["start0"]
    mine = gaps.filter(
        pl.col("transcript") == exon["transcript"],
        pl.col("start0") >= start,
        pl.col("end0") <= exon["end0"],
        pl.col("exon") == exon["exon"],
    )
    places = tuple((float(a - start) / bases, float(b - start) / bases) for a, b in mine["start0", "end0"].rows())
    return DrawnExon(exon["exon"], bases, exon["mean"], places)
