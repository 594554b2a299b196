"""A family's structural layer made ready: events with genes, frequencies and curated regions, kept in a folder."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import polars as pl

from varde.annotation.genes import reference_transcripts
from varde.annotation.transcripts import TranscriptSet
from varde.frequency.annotate_structural import told_of
from varde.frequency.lookup import Counts
from varde.frequency.structural_clusters import CALL, StructuralCall
from varde.frequency.structural_events import linked_rows
from varde.genome.builds import Build
from varde.genome.errors import InputError
from varde.genome.pedigree import Pedigree
from varde.genome.references import Reference
from varde.interpretation.prepared import InputFile, input_file
from varde.interpretation.structural.calls import read_family
from varde.interpretation.structural.events import MEMBERS, People, family_events, relatives_of
from varde.interpretation.structural.genes import GENES, genes_hit
from varde.interpretation.structural.tables import Table

FORMAT = 1
_MANIFEST = "structural.json"
_FRAMES = ("events", "relatives", "genes", "frequencies", "dosage", "regions")
FREQUENCY = pl.Schema(
    {
        "event": pl.UInt32(),
        "source": pl.String(),
        "state": pl.String(),
        "ac": pl.Int64(),
        "an": pl.Int64(),
        "af": pl.Float64(),
        "homozygotes": pl.Int64(),
        "alike": pl.String(),
        "overlap": pl.Float64(),
    }
)
"""A row per event and source. ``state``: observed, absent (read, nobody like it), not_read; ``alike`` is the most alike
event there and ``overlap`` its reciprocal overlap (null for insertions and breakends)."""
DOSAGE_HITS = pl.Schema(
    {
        "event": pl.UInt32(),
        "name": pl.String(),
        "identifier": pl.String(),
        "is_gene": pl.Boolean(),
        "whole": pl.Boolean(),
        "haploinsufficiency": pl.Int16(),
        "triplosensitivity": pl.Int16(),
    }
)
REGION_HITS = pl.Schema(
    {
        "event": pl.UInt32(),
        "name": pl.String(),
        "change": pl.String(),
        "effect": pl.String(),
        "source": pl.String(),
        "start": pl.Int64(),
        "end": pl.Int64(),
        "within": pl.Boolean(),
        "covers": pl.Boolean(),
    }
)
"""``within``: the event lies wholly in the region; ``covers``: the region lies wholly in the event."""


@dataclass(frozen=True)
class StructuralTables:
    """What a laboratory has loaded; None or empty: not there, and what asks for it is not evaluated."""

    dosage: Table | None = None
    regions: Table | None = None
    frequencies: tuple[Table, ...] = ()
    hi_index: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class PreparedStructural:
    """Everything of a family's structural variants that does not depend on settings.

    ``events`` has the schema ``EVENTS``, ``relatives`` ``RELATIVES``, the other frames point to its
    ``event``. ``samples`` have structural data;
    ``members`` are the names of child, mother and father. ``has_*`` say which sources were there.
    """

    build: Build
    members: tuple[str, str | None, str | None]
    samples: tuple[str, ...]
    events: pl.DataFrame
    relatives: pl.DataFrame
    genes: pl.DataFrame
    frequencies: pl.DataFrame
    dosage: pl.DataFrame
    regions: pl.DataFrame
    records: int
    alleles: int
    kept: int
    dropped: Mapping[str, int]
    unaffected_parents: tuple[str, ...]
    hi_index: Mapping[str, float]
    versions: Mapping[str, str]
    inputs: tuple[InputFile, ...]
    has_transcripts: bool
    has_dosage: bool
    has_regions: bool

    @property
    def not_applicable(self) -> tuple[str, ...]:
        """Members of the family, as child, mother, father, without structural data."""
        return tuple(
            role
            for role, name in zip(MEMBERS, self.members, strict=True)
            if name is not None and name not in self.samples
        )

    def save(self, folder: str | Path) -> None:
        """Write the layer as a folder, whole or not at all; an older one of that name is replaced."""
        target = Path(folder)
        target.parent.mkdir(parents=True, exist_ok=True)
        new = Path(tempfile.mkdtemp(prefix=f".{target.name}.", dir=target.parent))
        try:
            checksums = {}
            for name in _FRAMES:
                path = new / f"{name}.parquet"
                getattr(self, name).write_parquet(path, compression="zstd", compression_level=1)
                checksums[name] = _sha256(path)
            manifest = {"format": FORMAT, **self._described(), "sha256": checksums}
            (new / _MANIFEST).write_text(json.dumps(manifest, indent=1, sort_keys=True), encoding="utf-8")
            if target.exists():
                shutil.rmtree(target)
            os.replace(new, target)  # noqa: PTH105
        except BaseException:
            shutil.rmtree(new, ignore_errors=True)
            raise

    @classmethod
    def load(cls, folder: str | Path) -> PreparedStructural:
        """The layer in a folder. Raises InputError ``no_layer``, ``unknown_format`` or ``damaged_layer``."""
        source = Path(folder)
        try:
            stored = json.loads((source / _MANIFEST).read_text(encoding="utf-8"))
        except FileNotFoundError:
            raise InputError(
                "no_layer", "There is no structural layer here.", "Prepare it first.", source=source.name
            ) from None
        except ValueError as error:
            raise _damaged(source, str(error)) from None
        if not isinstance(stored, dict) or stored.get("format") != FORMAT:
            raise InputError("unknown_format", "The layer has another format.", "Prepare it anew.", source=source.name)
        try:
            frames: dict[str, Any] = {name: _frame(source, name, stored["sha256"][name]) for name in _FRAMES}
            values: dict[str, Any] = {
                name: stored[name] for name in ("records", "alleles", "kept", "dropped", "versions", "hi_index")
            }
            values |= {name: stored[name] for name in ("has_transcripts", "has_dosage", "has_regions")}
            return cls(
                build=Build(stored["build"]),
                members=tuple(stored["members"]),
                samples=tuple(stored["samples"]),
                unaffected_parents=tuple(stored["unaffected_parents"]),
                inputs=tuple(InputFile(**one) for one in stored["inputs"]),
                **frames,
                **values,
            )
        except (KeyError, TypeError, ValueError) as error:
            raise _damaged(source, str(error)) from None

    def _described(self) -> dict[str, Any]:
        plain = ("records", "alleles", "kept", "has_transcripts", "has_dosage", "has_regions")
        return {
            "build": self.build.value,
            "members": list(self.members),
            "samples": list(self.samples),
            "unaffected_parents": list(self.unaffected_parents),
            "dropped": dict(self.dropped),
            "hi_index": dict(self.hi_index),
            "versions": dict(self.versions),
            "inputs": [asdict(one) for one in self.inputs],
            **{name: getattr(self, name) for name in plain},
        }


def prepare_structural(
    vcfs: Sequence[str | Path],
    pedigree: Pedigree,
    *,
    build: Build,
    reference: Reference | None = None,
    frequencies: str | Path | None = None,
    tables: StructuralTables | None = None,
    child: str | None = None,
) -> PreparedStructural:
    """Read a family's structural files and compute all that does not depend on settings. Nothing is written.

    ``frequencies`` is a counts folder. Raises InputError as ``read_family``, ``Counts`` and ``Pedigree.proband``, and
    ``build_mismatch`` for counts or tables of another build.
    """
    loaded = tables or StructuralTables()
    counts = None if frequencies is None else Counts(frequencies)
    _check_builds(build, counts, loaded)
    family = read_family(vcfs, pedigree, build)
    events = family_events(family, pedigree, child)
    transcripts = reference_transcripts(reference) if reference is not None and reference.gff3 is not None else None
    people = People.of(pedigree, child)
    genes = genes_hit(events, transcripts) if transcripts else pl.DataFrame(schema=GENES)
    return PreparedStructural(
        build=build,
        members=(people.child, people.mother, people.father),
        samples=family.samples,
        events=events,
        relatives=relatives_of(family, events, pedigree, child),
        genes=genes,
        frequencies=_frequencies(events, counts, loaded.frequencies),
        dosage=_dosage(events, loaded.dosage),
        regions=_regions(events, loaded.regions),
        records=family.records,
        alleles=family.alleles,
        kept=family.kept,
        dropped=family.dropped,
        unaffected_parents=people.unaffected_parents,
        hi_index={gene: loaded.hi_index[gene] for gene in genes["gene"].unique().to_list() if gene in loaded.hi_index},
        versions=_versions(transcripts, counts, loaded),
        inputs=tuple(input_file(path) for path in vcfs),
        has_transcripts=transcripts is not None,
        has_dosage=loaded.dosage is not None,
        has_regions=loaded.regions is not None,
    )


def _check_builds(build: Build, counts: Counts | None, tables: StructuralTables) -> None:
    given = {"frequencies": counts.settings.build} if counts else {}
    given |= {one.source: one.build for one in (tables.dosage, tables.regions, *tables.frequencies) if one is not None}
    for name, found in given.items():
        if found is not build:
            raise InputError(
                "build_mismatch", f"{name} is of {found}, the family of {build}.", f"Give it in {build}.", field=name
            )


def _frequencies(events: pl.DataFrame, counts: Counts | None, tables: Sequence[Table]) -> pl.DataFrame:
    found = [pl.DataFrame(schema=FREQUENCY)]
    if counts is not None:
        calls = [StructuralCall.of(row) for row in events.select(CALL).iter_rows(named=True)]
        states = {"observed": "observed", "absent_assayed": "absent"}
        rows = [
            (event, "register", states.get(one["state"], "not_read"), one["AC"], one["AN"], one["AF"], one["nhomalt"],
             one.get("event"), one.get("overlap"))
            for event, one in enumerate(told_of(counts.events, calls))
        ]  # fmt: skip
        found.append(pl.DataFrame(rows, schema=FREQUENCY, orient="row"))
    return pl.concat([*found, *(_in_table(events, one) for one in tables)]).sort("event", "source")


def _in_table(events: pl.DataFrame, table: Table) -> pl.DataFrame:
    """The most alike row of a table for each event; where none is, absent."""
    event, row = linked_rows(events, table.rows)
    ends = ("start", "end")
    pairs = pl.DataFrame({"event": event.astype("uint32"), "row": row}, schema={"event": pl.UInt32, "row": pl.Int64})
    mine = pairs.join(events.select("event", "kind", *(pl.col(name).cast(pl.Int64) for name in ends)), on="event")
    theirs = table.rows.with_row_index("row").select(
        pl.col("row").cast(pl.Int64), "name", "ac", "an", "af", "homozygotes",
        *(pl.col(name).cast(pl.Int64).alias(f"other_{name}") for name in ends),
    )  # fmt: skip
    joined = mine.join(theirs, on="row")
    shared = pl.min_horizontal("end", "other_end") - pl.max_horizontal("start", "other_start") + 1
    longer = pl.max_horizontal(pl.col("end") - pl.col("start"), pl.col("other_end") - pl.col("other_start")) + 1
    interval = pl.col("kind").cast(pl.String).is_in(["DEL", "DUP", "INV", "CNV"])
    best = (
        joined.with_columns(overlap=pl.when(interval).then(pl.max_horizontal(shared, pl.lit(0)) / longer))
        .sort("event", "overlap", "af", "row", descending=[False, True, True, False], nulls_last=True)
        .unique("event", keep="first", maintain_order=True)
    )
    told = events.select("event").join(best, on="event", how="left", maintain_order="left")
    seen = pl.col("row").is_not_null()
    return told.select(
        "event",
        source=pl.lit(f"{table.source} {table.version}"),
        state=pl.when(seen).then(pl.lit("observed")).otherwise(pl.lit("absent")),
        ac=pl.col("ac").fill_null(0),
        # A table does not say how many were read where it lists nothing.
        an="an",
        af=pl.col("af").fill_null(0.0),
        homozygotes=pl.col("homozygotes").fill_null(0),
        alike="name",
        overlap="overlap",
    ).select(pl.col(name).cast(kind) for name, kind in FREQUENCY.items())


def _touching(events: pl.DataFrame, rows: pl.DataFrame) -> pl.DataFrame:
    """Pairs of events and rows of a table (contig, start, end) that share a base, with ``within`` and ``covers``."""
    intervals = events.filter(pl.col("kind").cast(pl.String).is_in(["DEL", "DUP", "CNV"])).select(
        "event",
        "kind",
        own_contig="contig",
        own_start=pl.col("start").cast(pl.Int64),
        own_end=pl.col("end").cast(pl.Int64),
    )
    pairs = intervals.join_where(
        rows,
        pl.col("own_contig") == pl.col("contig"),
        pl.col("own_start") <= pl.col("end"),
        pl.col("own_end") >= pl.col("start"),
    )
    return pairs.with_columns(
        within=(pl.col("own_start") >= pl.col("start")) & (pl.col("own_end") <= pl.col("end")),
        covers=(pl.col("own_start") <= pl.col("start")) & (pl.col("own_end") >= pl.col("end")),
    )


def _dosage(events: pl.DataFrame, table: Table | None) -> pl.DataFrame:
    if table is None:
        return pl.DataFrame(schema=DOSAGE_HITS)
    found = _touching(events, table.rows).with_columns(whole="covers").sort("event", "contig", "start", "name")
    return found.select(pl.col(name).cast(kind) for name, kind in DOSAGE_HITS.items())


def _regions(events: pl.DataFrame, table: Table | None) -> pl.DataFrame:
    if table is None:
        return pl.DataFrame(schema=REGION_HITS)
    found = _touching(events, table.rows)
    change = pl.when(pl.col("kind").cast(pl.String) == "DEL").then(pl.lit("loss")).otherwise(pl.lit("gain"))
    fitting = found.filter(pl.col("change").is_in(["both"]) | (pl.col("change") == change))
    return fitting.sort("event", "start", "name").select(pl.col(name).cast(kind) for name, kind in REGION_HITS.items())


def _versions(transcripts: TranscriptSet | None, counts: Counts | None, tables: StructuralTables) -> dict[str, str]:
    found = {}
    if transcripts is not None:
        found["transcripts"] = f"{transcripts.source} (sha256:{transcripts.checksum[:12]})"
    if counts is not None:
        found["frequencies"] = f"{counts.people} people counted"
    for name, table in (("dosage", tables.dosage), ("regions", tables.regions)):
        if table is not None:
            found[name] = str(table)
    if tables.frequencies:
        found["other_frequencies"] = "; ".join(map(str, tables.frequencies))
    return found


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _frame(source: Path, name: str, checksum: str) -> pl.DataFrame:
    path = source / f"{name}.parquet"
    if not path.exists() or _sha256(path) != checksum:
        raise ValueError(f"{path.name} is missing or was changed")
    return pl.read_parquet(path)


def _damaged(source: Path, why: str) -> InputError:
    return InputError(
        "damaged_layer", f"The structural layer is damaged: {why}.", "Prepare it anew.", source=source.name
    )
