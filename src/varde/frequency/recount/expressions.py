"""Recount, allele numbers, bins and regions as Ibis expressions that DuckDB and PySpark give the same answer to.

Keys are unsigned 64-bit numbers, and their highest bit is set from chromosome 16 on. Spark has signed numbers only, so
every table here carries a key as ``contig`` (int16) and ``rest`` (int64, the key's lower 59 bits): in that pair the
order is the genome's on every engine. A place is ``contig << 32 | 0-based position`` and is small enough as it is.
"""

from __future__ import annotations

from collections.abc import Sequence

import ibis
from ibis.expr.types import IntegerValue, Table

from varde.frequency.ploidy import PLOIDY, SEXES, Region
from varde.frequency.run import BESIDE_INTERVALS, HAPLOID
from varde.genome.builds import MT, PSEUDOAUTOSOMAL, Build, X, Y

REST_BITS = 59
"""Bits of a key below its contig."""
POSITION_SHIFT = 31
"""Bits of ``rest`` below the 1-based position."""
PEOPLE_COLUMNS = ("het", "hom", "hemi", "beside")


def split_keys(table: Table) -> Table:
    """``key`` replaced by ``contig`` and ``rest``. No position fills its 28 bits: rounding never reaches a contig."""
    key = table.key.cast("decimal(20, 0)")
    contig = (key.cast("float64") / float(1 << REST_BITS)).floor().cast("int16")
    rest = (
        key - contig.cast("decimal(20, 0)") * ibis.literal(1 << REST_BITS, type="int64").cast("decimal(20, 0)")
    ).cast("int64")
    return table.mutate(contig=contig, rest=rest).drop("key")


def observations(runs: Table) -> Table:
    """People by allele and cell, of runs with contig, rest, cell, dosage and flags: what adding all runs up gives."""
    haploid = (runs.flags.cast("int64") & HAPLOID) > 0
    single, double = runs.dosage == 1, runs.dosage == 2
    counted = runs.group_by("contig", "rest", "cell").agg(
        het=(single & ~haploid).cast("int64").sum(),
        hom=double.cast("int64").sum(),
        hemi=(single & haploid).cast("int64").sum(),
        beside=((runs.flags.cast("int64") & BESIDE_INTERVALS) > 0).cast("int64").sum(),
    )
    return counted.filter(ibis.or_(*(counted[name] != 0 for name in PEOPLE_COLUMNS)))


def sites(build: Build, observed: Table, coverage: Table, people: Table) -> Table:
    """One row per allele: contig, rest, position, ac, an, nhomalt, nhemi, nobs, nhet_mt over all cells of ``people``.

    ``observed`` as ``observations`` gives it, ``coverage`` with cell, place and change, ``people`` with cell.
    """
    alleles = observed.select("contig", "rest").distinct()
    position = (alleles.rest >> POSITION_SHIFT).cast("int64")
    alleles = alleles.mutate(position=position, place=_place(alleles.contig, position))
    grid = alleles.cross_join(people.select("cell").distinct())
    grid = grid.mutate(sex=(grid.cell.cast("int64") % len(SEXES)))
    callable_people = _callable_at(grid, coverage)
    joined = grid.left_join(callable_people, ["cell", "place"], rname="{name}_r").left_join(
        observed, ["contig", "rest", "cell"], rname="{name}_o"
    )
    filled = joined.mutate(**{name: ibis.coalesce(joined[name], 0) for name in (*PEOPLE_COLUMNS, "level")})
    mitochondrial = filled.contig == MT
    ploidy = _ploidy(build, filled.contig, filled.position, filled.sex)
    return filled.group_by("contig", "rest", "position").agg(
        ac=(ibis.ifelse(mitochondrial, 0, filled.het) + 2 * filled.hom + filled.hemi).sum(),
        an=(ploidy * (filled.level + filled.beside)).sum(),
        nhomalt=filled.hom.sum(),
        nhemi=filled.hemi.sum(),
        nobs=(filled.het + filled.hom + filled.hemi).sum(),
        nhet_mt=ibis.ifelse(mitochondrial, filled.het, 0).sum(),
    )


def binned(counted: Table, edges: Sequence[int]) -> Table:
    """``sites`` with ``bin``: the number of ``edges`` (rising counts of alleles) that ``ac`` has reached."""
    reached = [(counted.ac >= edge, place + 1) for place, edge in reversed(list(enumerate(edges)))]
    return counted.mutate(bin=ibis.cases(*reached, else_=0))


def region(counted: Table, contig: int, start: int, end: int) -> Table:
    """The sites of a stretch, 1-based inclusive, in genome order."""
    chosen = counted.filter(counted.contig == contig, counted.position.between(start, end))
    return chosen.order_by("contig", "rest")


def _place(contig: IntegerValue, position: IntegerValue) -> IntegerValue:
    return contig.cast("int64") * (1 << 32) + position - 1


def _callable_at(grid: Table, coverage: Table) -> Table:
    """People of a cell callable at each place of ``grid``: a running sum over steps and places, steps first."""
    steps = coverage.select(
        cell=coverage.cell.cast("int64"),
        place=coverage.place,
        change=coverage.change.cast("int64"),
        asked=ibis.literal(0, type="int64"),
    )
    asked = grid.select(
        cell=grid.cell.cast("int64"),
        place=grid.place,
        change=ibis.literal(0, type="int64"),
        asked=ibis.literal(1, type="int64"),
    ).distinct()
    events = ibis.union(steps, asked)
    running = events.mutate(
        level=events.change.sum().over(
            ibis.window(group_by="cell", order_by=["place", "asked"], preceding=None, following=0)
        )
    )
    return running.filter(running.asked == 1).select("cell", "place", "level")


def _ploidy(build: Build, contig: IntegerValue, position: IntegerValue, sex: IntegerValue) -> IntegerValue:
    shared = PSEUDOAUTOSOMAL[build]
    within_x = ibis.or_(*(position.between(start + 1, end) for start, end in shared[X]))
    within_y = ibis.or_(*(position.between(start + 1, end) for start, end in shared[Y]))
    kinds = (
        (contig == X) & within_x,
        (contig == Y) & within_y,
        contig == X,
        contig == Y,
        contig == MT,
    )
    rows = (Region.X_PSEUDOAUTOSOMAL, Region.EXCLUDED, Region.X, Region.Y, Region.MITOCHONDRIAL)
    by_kind = [(kind, _by_sex(row, sex)) for kind, row in zip(kinds, rows, strict=True)]
    return ibis.cases(*by_kind, else_=_by_sex(Region.AUTOSOME, sex))


def _by_sex(row: Region, sex: IntegerValue) -> IntegerValue:
    return ibis.cases(*((sex == column, int(PLOIDY[row, column])) for column in range(len(SEXES))), else_=0)
