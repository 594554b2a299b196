"""How a child came to carry an allele: every mode of inheritance that a family can show, for all rows at once.

A mode is given when its pattern holds in child and parents and no call of theirs fails the gate. Where their data lack,
the pattern cannot be excluded: the mode is given with ``evaluated`` False, neither left out silently nor claimed as
shown. A mode that holds in child and parents but that another relative speaks against is given with a ``barrier``.
"""

from __future__ import annotations

from collections.abc import Collection
from enum import StrEnum

import numpy as np
import polars as pl

from varde.genome.builds import Build
from varde.genome.pedigree import Affected, Pedigree
from varde.genome.records import MISSING, AlleleKind, AlleleTable
from varde.interpretation.gate import Gate
from varde.interpretation.members import FamilyCalls, Inherited, Mask, MemberCalls, family_calls, family_of, inherited
from varde.interpretation.read_phase import READ_PHASES, Relation
from varde.interpretation.segregation import Barrier, Need, barrier, halves_in_relatives, pair_barrier

X_MALE_RECESSIVE_BALANCE = 0.75
X_MALE_DE_NOVO_BALANCE = 0.30
"""A male's X allele is taken as hemizygous above the first, as new above the second (slivar, seqr)."""


class Mode(StrEnum):
    """A mode of inheritance: of one variant (``modes``) or of a pair (``compound_heterozygotes``)."""

    DE_NOVO = "de_novo"
    POSSIBLE_DE_NOVO = "possible_de_novo"
    PARENTAL_MOSAICISM = "parental_mosaicism"
    HOMOZYGOUS_RECESSIVE = "homozygous_recessive"
    RECESSIVE_UNIPARENTAL_HINT = "recessive_uniparental_hint"
    COMPOUND_HETEROZYGOUS = "compound_heterozygous"
    COMPOUND_HETEROZYGOUS_DE_NOVO = "compound_heterozygous_de_novo"
    COMPOUND_HETEROZYGOUS_UNPHASED = "compound_heterozygous_unphased"
    X_LINKED_RECESSIVE = "x_linked_recessive"
    X_LINKED_DE_NOVO = "x_linked_de_novo"
    X_LINKED_RECESSIVE_FEMALE = "x_linked_recessive_female"
    DOMINANT_INHERITED = "dominant_inherited"
    MITOCHONDRIAL = "mitochondrial"


PAIRED_MODES = frozenset(
    {Mode.COMPOUND_HETEROZYGOUS, Mode.COMPOUND_HETEROZYGOUS_DE_NOVO, Mode.COMPOUND_HETEROZYGOUS_UNPHASED}
)
DOMINANT_MODES = frozenset(
    {
        Mode.DE_NOVO,
        Mode.POSSIBLE_DE_NOVO,
        Mode.PARENTAL_MOSAICISM,
        Mode.X_LINKED_DE_NOVO,
        Mode.DOMINANT_INHERITED,
        Mode.MITOCHONDRIAL,
    }
)
"""Modes in which one allele suffices; the other single-variant modes need both copies or the only one."""


class Phase(StrEnum):
    """How it is known that the two alleles of a pair lie on different copies of the gene."""

    TRANS_BY_PARENTS = "trans_by_parents"
    TRANS_BY_READS = "trans_by_reads"
    UNKNOWN = "unknown"


def modes(
    table: AlleleTable,
    pedigree: Pedigree,
    build: Build,
    gate: Gate,
    *,
    child: str | None = None,
    refuted: Collection[str] = (),
) -> pl.DataFrame:
    """Modes of single variants: columns ``row`` (UInt32), ``mode`` (String), ``evaluated`` (Boolean) and ``barrier``
    (String), sorted.

    A row may have several modes, or none; reference blocks and '*' have none. ``evaluated`` is True when every member
    whom the mode asks passes the gate; ``POSSIBLE_DE_NOVO`` never is. A relative of unknown affection excludes nothing.
    ``barrier`` is null, or names the relative who speaks against the mode and the call, see ``segregation.Barrier``.
    ``refuted`` are people whose genotypes show that they are not who the pedigree says. Raises InputError when the
    pedigree shows nobody to examine, ValueError for a table in another build.
    """
    calls, places = _read(table, pedigree, build, gate, child, refuted)
    found = {
        **_new_alleles(calls, places, gate),
        **_recessive(calls, places),
        **_x_linked(calls, places),
        Mode.DOMINANT_INHERITED: _dominant(calls, places),
        Mode.MITOCHONDRIAL: (places.mitochondrial & calls.child.carries, calls.child.passes),
    }
    against = {need: barrier(calls, places, need) for need in Need}
    carriable = _carriable(table)
    return pl.concat(
        [
            _rows_of(mode, holds & carriable, evaluated, against[_need(mode)])
            for mode, (holds, evaluated) in found.items()
        ]
    ).sort("row", "mode")


def _need(mode: Mode) -> Need:
    """Mitochondria ask nobody: how much of an allele a relative's blood shows says little of the disease."""
    if mode is Mode.MITOCHONDRIAL:
        return Need.NOTHING
    return Need.ONE_COPY if mode in DOMINANT_MODES else Need.ALL_COPIES


def _read(
    table: AlleleTable, pedigree: Pedigree, build: Build, gate: Gate, child: str | None, refuted: Collection[str]
) -> tuple[FamilyCalls, Inherited]:
    if table.build is not build:
        raise ValueError(f"the table is in {table.build}, not in {build}")
    family = family_of(table, pedigree, child, refuted=refuted)
    return family_calls(table, pedigree, gate, family), inherited(table, build, family.child_sex)


def _carriable(table: AlleleTable) -> Mask:
    kind = table.sites["kind"].to_numpy()
    carriable: Mask = (kind != AlleleKind.REFERENCE) & (kind != AlleleKind.SPANNING)
    return carriable


def _rows_of(mode: Mode, holds: Mask, evaluated: Mask, against: Barrier) -> pl.DataFrame:
    rows = np.flatnonzero(holds)
    return pl.DataFrame(
        {
            "row": rows.astype(np.uint32),
            "mode": [mode.value] * len(rows),
            "evaluated": evaluated[rows] & ~against.unsure[rows],
            "barrier": against.texts(rows),
        },
        schema={"row": pl.UInt32, "mode": pl.String, "evaluated": pl.Boolean, "barrier": pl.String},
    )


def _hemizygous(child: MemberCalls, above: float) -> tuple[Mask, Mask]:
    """Whether a male's X call may be of his only copy, and whether that is known (hom call, or a balance is given)."""
    return child.carries & ~(child.balance <= above), child.hom | ~np.isnan(child.balance)


def _few_alt_reads(parents: tuple[MemberCalls, ...], gate: Gate) -> tuple[Mask, Mask]:
    """Whether the parents' alternate reads stay below the gate's limit, and whether all of them are given."""
    reads = np.stack([parent.alt_reads for parent in parents])
    limit = gate.parental_alt_reads_below
    if limit is None:
        return np.ones(reads.shape[1], dtype=np.bool_), np.ones(reads.shape[1], dtype=np.bool_)
    return np.where(reads == MISSING, 0, reads).sum(axis=0) < limit, (reads != MISSING).all(axis=0)


def _new_alleles(calls: FamilyCalls, places: Inherited, gate: Gate) -> dict[Mode, tuple[Mask, Mask]]:
    child, mother, father = calls.child, calls.mother, calls.father
    few, counted = _few_alt_reads((mother, father), gate)
    few_father, counted_father = _few_alt_reads((father,), gate)
    hemizygous, hemizygous_known = _hemizygous(child, X_MALE_DE_NOVO_BALANCE)
    one_of_two = (places.autosomal | places.x_two_copies) & child.het
    only_one = places.x_one_copy & hemizygous
    on_y = places.y & child.carries

    shown = mother.none & father.none & few & counted & calls.all_pass & places.sex_known
    shown_on_y = father.none & few_father & counted_father & child.passes & father.passes & places.sex_known
    de_novo = (one_of_two & shown) | (on_y & shown_on_y)
    x_de_novo = only_one & shown & hemizygous_known

    mother_open, father_open = mother.none | mother.silent, father.none | father.silent
    possible = ((one_of_two | only_one) & mother_open & father_open & few) | (on_y & father_open & few_father)
    from_mother = (one_of_two | only_one) & mother.mosaic & ~father.mosaic & father_open
    from_father = one_of_two & father.mosaic & ~mother.mosaic & mother_open
    mosaic_evaluated = child.passes & np.where(mother.mosaic, father.passes, mother.passes) & places.sex_known
    always = np.ones_like(de_novo)
    return {
        Mode.DE_NOVO: (de_novo, always),
        Mode.X_LINKED_DE_NOVO: (x_de_novo, always),
        Mode.POSSIBLE_DE_NOVO: (possible & ~de_novo & ~x_de_novo, ~always),
        Mode.PARENTAL_MOSAICISM: (from_mother | from_father, mosaic_evaluated & (one_of_two | hemizygous_known)),
    }


def _recessive(calls: FamilyCalls, places: Inherited) -> dict[Mode, tuple[Mask, Mask]]:
    child, mother, father = calls.child, calls.mother, calls.father
    from_mother = mother.carrier | mother.lacking
    from_father = np.where(places.x_two_copies, father.carries, father.carrier) | father.lacking
    one_parent = (from_mother & father.none) | (from_father & mother.none)
    return {
        Mode.HOMOZYGOUS_RECESSIVE: (places.autosomal & child.hom & from_mother & from_father, calls.all_pass),
        Mode.RECESSIVE_UNIPARENTAL_HINT: (
            (places.autosomal | places.x_two_copies) & child.hom & one_parent,
            calls.all_pass & places.sex_known,
        ),
    }


def _x_linked(calls: FamilyCalls, places: Inherited) -> dict[Mode, tuple[Mask, Mask]]:
    child, mother, father = calls.child, calls.mother, calls.father
    hemizygous, hemizygous_known = _hemizygous(child, X_MALE_RECESSIVE_BALANCE)
    from_mother = mother.carrier | mother.lacking
    free_father = father.none | father.lacking
    if father.affected is Affected.AFFECTED:
        free_father = free_father | father.carries  # he gives his son no X
    evaluated = calls.all_pass & places.sex_known
    return {
        Mode.X_LINKED_RECESSIVE: (
            places.x_one_copy & hemizygous & from_mother & free_father,
            evaluated & hemizygous_known,
        ),
        Mode.X_LINKED_RECESSIVE_FEMALE: (
            places.x_two_copies & child.hom & from_mother & (father.carries | father.lacking),
            evaluated,
        ),
    }


def _dominant(calls: FamilyCalls, places: Inherited) -> tuple[Mask, Mask]:
    """Every affected parent carries the allele, no unaffected one does; an affected father gives a son no X.

    A parent of unknown affection may have given it where another relative is affected too.
    """
    child, mother, father = calls.child, calls.mother, calls.father
    hemizygous, hemizygous_known = _hemizygous(child, X_MALE_RECESSIVE_BALANCE)
    two_copies = (places.autosomal | places.x_two_copies) & child.het
    only_one = places.x_one_copy & hemizygous
    by_either, shown_by_either = _segregates(calls, givers=(mother, father))
    by_mother, shown_by_mother = _segregates(calls, givers=(mother,))
    holds = (two_copies & by_either) | (only_one & by_mother)
    shown = np.where(only_one, shown_by_mother, shown_by_either)
    evaluated = child.passes & places.sex_known & (~only_one | hemizygous_known) & shown
    for parent in (mother, father):
        if parent.affected is not Affected.UNKNOWN:
            evaluated = evaluated & parent.passes
    return holds, evaluated


def _segregates(calls: FamilyCalls, givers: tuple[MemberCalls, ...]) -> tuple[Mask, Mask]:
    """Whether a giver can have passed the allele on: an affected one is there, every affected giver may carry it and
    no unaffected parent does. Without an affected giver one of unknown affection will do, where the disease is in the
    family. And whether the giver's own call shows it."""
    allowed = np.ones_like(calls.child.carries)
    for parent in (calls.mother, calls.father):
        if parent.affected is Affected.AFFECTED and any(parent is giver for giver in givers):
            allowed = allowed & (parent.carries | parent.lacking)
        elif parent.affected is Affected.UNAFFECTED:
            allowed = allowed & (parent.none | parent.lacking)
    if any(giver.affected is Affected.AFFECTED for giver in givers):
        return allowed, np.ones_like(allowed)
    may_give, gives = np.zeros_like(allowed), np.zeros_like(allowed)
    if any(relative.affected is Affected.AFFECTED for relative in calls.relatives):
        for giver in givers:
            if giver.affected is Affected.UNKNOWN:
                may_give = may_give | giver.carries | giver.lacking
                gives = gives | (giver.carries & giver.passes)
    return allowed & may_give, gives


_MOTHER, _FATHER, _NEW, _OPEN = 1, 2, 3, 4


def compound_heterozygotes(
    table: AlleleTable, genes: pl.DataFrame, pedigree: Pedigree, build: Build, gate: Gate, *, child: str | None = None
) -> pl.DataFrame:
    """Pairs of heterozygous variants that hit both copies of a gene.

    ``genes`` has columns ``row`` and ``gene``; only its rows are paired, within a gene. Returns ``gene``, ``row_a`` <
    ``row_b`` (UInt32), ``phase`` (``Phase``), ``mode`` (one of ``PAIRED_MODES``) and ``evaluated``, sorted. Each half
    comes from one heterozygous parent, never both from the same; one half may be new. Where a parent's data lack, the
    reads' phase (PS, or '|') decides: in cis is no pair, in trans is, and unknown is ``..._UNPHASED``. An affected
    relative has both halves, an unaffected one has not. Raises as ``modes`` does.
    """
    pairs = pair_halves(compound_halves(table, pedigree, build, gate, child=child), genes)
    return pairs.filter(pl.col("barrier").is_null()).drop("barrier")


def compound_halves(
    table: AlleleTable,
    pedigree: Pedigree,
    build: Build,
    gate: Gate,
    *,
    child: str | None = None,
    refuted: Collection[str] = (),
) -> pl.DataFrame:
    """Rows that can be one half of a compound heterozygote, with what ``pair_halves`` needs to know of each.

    ``side`` is 1 from the mother, 2 from the father, 3 new, 4 open (both parents' data lack); ``sure`` says that both
    parents' calls show it; ``copy`` is the place of the allele in the child's genotype; for the columns of relatives
    see ``segregation.halves_in_relatives``. Raises as ``modes`` does.
    """
    calls, places = _read(table, pedigree, build, gate, child, refuted)
    column = family_of(table, pedigree, child).child.column
    sides = _sides(table, calls, places, gate).with_columns(
        **_read_phase(table, int(column or 0)), **halves_in_relatives(calls, places)
    )
    return sides.filter(pl.col("side") > 0)


CIS_BY_READS = "cis_by_reads"
"""The barrier of a pair whose alleles the reads show on one copy."""


def pair_halves(halves: pl.DataFrame, genes: pl.DataFrame, read_phases: pl.DataFrame | None = None) -> pl.DataFrame:
    """Pairs of ``compound_halves`` within each gene of ``genes`` (columns ``row``, ``gene``). ``read_phases`` are pairs
    phased by reads (``read_phase.READ_PHASES``): they speak where the parents do not.

    Returns the columns of ``compound_heterozygotes`` and ``barrier``: null, or who speaks against the pair.
    """
    placed = (
        genes.select(pl.col("row").cast(pl.UInt32), pl.col("gene").cast(pl.String))
        .drop_nulls()
        .unique()
        .join(halves, on="row")
    )
    pairs = placed.join(placed, on="gene", suffix="_b").filter(pl.col("row") < pl.col("row_b"))
    known = pl.DataFrame(schema=READ_PHASES) if read_phases is None else read_phases
    phased = known.select(pl.col("row_a").alias("row"), "row_b", "relation")
    return _judge(pairs.join(phased, on=["row", "row_b"], how="left"))


def _sides(table: AlleleTable, calls: FamilyCalls, places: Inherited, gate: Gate) -> pl.DataFrame:
    """Each row's half: from the mother, the father, new, or open; 0 for no half. ``sure`` when both parents say so."""
    child, mother, father = calls.child, calls.mother, calls.father
    half = (places.autosomal | places.x_two_copies) & child.het & _carriable(table)
    few, counted = _few_alt_reads((mother, father), gate)
    from_mother, from_father = mother.het & father.none, father.het & mother.none
    likely_mother = (mother.lacking & father.none) | (father.lacking & mother.het)
    likely_father = (father.lacking & mother.none) | (mother.lacking & father.het)
    new = mother.none & father.none & few
    side = np.select(
        [from_mother | likely_mother, from_father | likely_father, new, mother.lacking & father.lacking],
        [_MOTHER, _FATHER, _NEW, _OPEN],
        default=0,
    )
    return pl.DataFrame(
        {
            "row": np.arange(len(table), dtype=np.uint32),
            "side": np.where(half, side, 0).astype(np.uint8),
            "sure": from_mother | from_father | new,
            "passes": calls.all_pass & places.sex_known & (counted | ~new),
        }
    )


def _read_phase(table: AlleleTable, column: int) -> dict[str, pl.Series]:
    sites, genotype = table.sites, table.genotype[:, column]
    return {
        "contig": sites["contig"],
        "record": sites["record"],
        "position": sites["position"],
        "end": sites["end"],
        "phased": pl.Series(table.phased[:, column]),
        "phase_set": pl.Series(table.phase_set[:, column]),
        "copy": pl.Series((genotype[:, 0] == 1).astype(np.uint8)),
        "two_alternates": pl.Series((genotype == 2).any(axis=1)),
    }


def _judge(pairs: pl.DataFrame) -> pl.DataFrame:
    same_contig = pl.col("contig") == pl.col("contig_b")
    by_reads = same_contig & pl.col("phased") & pl.col("phased_b") & (pl.col("phase_set") == pl.col("phase_set_b"))
    overlap = (pl.col("position") <= pl.col("end_b")) & (pl.col("position_b") <= pl.col("end"))
    one_record = same_contig & (pl.col("record") == pl.col("record_b")) & overlap
    two_of_one_record = one_record & pl.col("two_alternates") & pl.col("two_alternates_b")
    other_copy = pl.col("copy") != pl.col("copy_b")
    side, other = pl.col("side"), pl.col("side_b")
    sure = pl.col("sure") & pl.col("sure_b")
    one_new = (side == _NEW) != (other == _NEW)
    by_parents = sure & (pl.max_horizontal(side, other) <= _FATHER) & (side != other)
    told = pl.col("relation").fill_null(Relation.UNKNOWN.value)
    in_trans = two_of_one_record | (by_reads & other_copy) | (told == Relation.TRANS.value)
    in_cis = by_reads & ~other_copy & ~two_of_one_record
    refuted = (told == Relation.CIS.value) & ~by_parents & ~in_trans
    named = (
        pl.when(by_parents | (in_trans & ~one_new))
        .then(pl.lit(Mode.COMPOUND_HETEROZYGOUS.value))
        .when(one_new & (sure | in_trans))
        .then(pl.lit(Mode.COMPOUND_HETEROZYGOUS_DE_NOVO.value))
        .otherwise(pl.lit(Mode.COMPOUND_HETEROZYGOUS_UNPHASED.value))
    )
    phase = (
        pl.when(by_parents)
        .then(pl.lit(Phase.TRANS_BY_PARENTS.value))
        .when(in_trans)
        .then(pl.lit(Phase.TRANS_BY_READS.value))
        .otherwise(pl.lit(Phase.UNKNOWN.value))
    )
    both_open = (side == _OPEN) & (other == _OPEN)
    return (
        pairs.filter(((side != other) | both_open) & (by_parents | ~in_cis))
        .select(
            "gene",
            pl.col("row").alias("row_a"),
            "row_b",
            phase.alias("phase"),
            named.alias("mode"),
            (pl.col("passes") & pl.col("passes_b") & ~pl.col("relatives_unsure") & ~pl.col("relatives_unsure_b")).alias(
                "evaluated"
            ),
            pl.coalesce(pair_barrier(), pl.when(refuted).then(pl.lit(CIS_BY_READS))).alias("barrier"),
        )
        .sort("gene", "row_a", "row_b")
    )
