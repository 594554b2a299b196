"""Alleles of one build written in the other, by chain; whatever does not lift has its reason.

An allele lifts when all bases of REF, and for an indel the base behind it too, lie in one ungapped block. Where the
strand turns, the letters become their reverse complement, and an indel gets the base before it from the reference.
With a reference of the target the new REF is compared: another base there refuses the allele, and so does a target
whose base is the ALT (``SWAPPED``), for carrying and not carrying would change places. Without one, nothing tells
whether the builds agree at the place; the caller says so.
"""

from __future__ import annotations

import numpy as np
import polars as pl
from numpy.typing import NDArray

from varde.genome.builds import Build
from varde.genome.chains import REASONS, Chains, Ints, Reason
from varde.genome.compiled import compiled
from varde.genome.errors import InputError
from varde.genome.keys import string_buffers
from varde.genome.normalise import normalise
from varde.genome.records import SITE_SCHEMA, AlleleKind, AlleleTable
from varde.genome.references import Reference

PLACEHOLDERS = ("*", ".", "<NON_REF>", "<*>")
"""ALT entries without letters that stay as they are beside alleles that have letters."""

LIFTED = pl.Schema(
    {
        "contig": pl.UInt8(),
        "position": pl.Int64(),
        "ref": pl.String(),
        "alts": pl.List(pl.String()),
        "turned": pl.Boolean(),
        "reason": REASONS,
    }
)
_COMPLEMENT = ["A", "C", "G", "T", "R", "Y", "K", "M", "B", "V", "D", "H"], list("TGCAYRMKVBHD")


def lift_alleles(
    chains: Chains,
    contig: NDArray[np.uint8],
    position: Ints,
    ref: pl.Series,
    alt: pl.Series,
    reference: Reference | None = None,
) -> pl.DataFrame:
    """One row per allele, in the order given: contig, position, ref, alt, turned, reason.

    Columns of an allele that does not lift are 0 and empty. With ``reference`` (of the target) REF is checked and the
    allele left-aligned; without, indels on a turned strand do not lift and the others keep the letters they have.
    Raises InputError ``wrong_build`` for a reference of the other build.
    """
    given = pl.DataFrame({"contig": contig, "position": position, "ref": ref, "alts": alt})
    lifted = lift_records(chains, given.with_columns(pl.concat_list("alts")), reference)
    single = lifted.with_columns(alt=pl.col("alts").list.first().fill_null("")).select(
        "contig", "position", "ref", "alt", "turned", "reason"
    )
    return single if reference is None else _left_aligned(single, reference)


def lift_records(chains: Chains, records: pl.DataFrame, reference: Reference | None = None) -> pl.DataFrame:
    """``LIFTED`` of records with contig, position, ref and the list ``alts``, in their order.

    All alleles of a record lift together or not at all. Nothing is left-aligned. Raises InputError ``wrong_build``.
    """
    if reference is not None and reference.build is not chains.target:
        raise InputError(
            "wrong_build",
            f"Reference {reference.name} is of {reference.build}; the chains lead to {chains.target}.",
            f"Give a reference of {chains.target}.",
            field="--reference",
        )
    frame = records.select(
        pl.col("contig").cast(pl.UInt8),
        pl.col("position").cast(pl.Int64),
        pl.col("ref").str.to_uppercase(),
        pl.col("alts"),
    ).with_columns(length=pl.col("ref").str.len_bytes().cast(pl.Int64), indel=_has_indel())
    placed = _placed(chains, frame)
    turned = placed.filter("turned")
    if turned.height:
        others = placed.filter(~pl.col("turned"))
        placed = pl.concat([others, _turned(turned, reference)]).sort("row")
    if reference is not None:
        placed = _checked(placed, reference)
    failed = pl.col("reason") != Reason.LIFTED
    return placed.select(
        pl.when(failed).then(pl.lit(0, pl.UInt8)).otherwise("contig").alias("contig"),
        pl.when(failed).then(pl.lit(0, pl.Int64)).otherwise("position").alias("position"),
        pl.when(failed).then(pl.lit("")).otherwise("ref").alias("ref"),
        pl.when(failed).then(pl.lit([], pl.List(pl.String))).otherwise("alts").alias("alts"),
        pl.col("turned") & ~failed,
        pl.Series("reason", REASONS.categories.gather(placed["reason"]), REASONS),
    )


def _has_indel() -> pl.Expr:
    element = pl.element()
    other = element.is_in(PLACEHOLDERS).not_() & (element.str.len_bytes() > 0)
    lengths = pl.col("alts").list.eval(pl.when(other).then(element.str.len_bytes().cast(pl.Int64)))
    size = pl.col("ref").str.len_bytes().cast(pl.Int64)
    return ((lengths.list.max() != size) | (lengths.list.min() != size)).fill_null(False)


def _placed(chains: Chains, frame: pl.DataFrame) -> pl.DataFrame:
    """Where the first base of REF goes: contig, position (of the first base on the target's forward strand), turned,
    reason as a number, and ``row``."""
    contig, position = frame["contig"].to_numpy(), frame["position"].to_numpy()
    length, indel = frame["length"].to_numpy(), frame["indel"].to_numpy()
    first = chains.lift_points(contig, position)
    last = chains.lift_points(contig, position + length - 1 + indel)
    beyond = np.where(last.reason == Reason.GAP, Reason.SPLIT, last.reason)
    reason = np.where(first.reason != Reason.LIFTED, first.reason, beyond)
    reason[(reason == Reason.LIFTED) & (first.block != last.block)] = Reason.SPLIT
    reason[(reason < Reason.UNKNOWN_CONTIG) & ~_has_letters(frame)] = Reason.NOT_SEQUENCE
    good = reason == Reason.LIFTED
    return frame.with_columns(
        contig=pl.Series(first.contig),
        position=pl.Series(first.position - np.where(first.turned, length - 1, 0)),
        turned=pl.Series(first.turned & good),
        reason=pl.Series(reason.astype(np.uint8)),
        row=pl.int_range(frame.height),
    )


def _has_letters(frame: pl.DataFrame) -> NDArray[np.bool_]:
    """Whether REF and every ALT are letters or one of the placeholders, with no reference block among them."""
    letters = pl.element().is_in(PLACEHOLDERS) | pl.element().str.contains(r"^[ACGTNacgtn]+$")
    alone = frame["alts"].list.first().is_in(["<NON_REF>", "<*>"]) & (frame["alts"].list.len() == 1)
    every = frame.select(pl.col("alts").list.eval(letters).list.all() & pl.col("ref").str.contains(r"^[ACGTN]+$"))
    return (every.to_series() & ~alone).to_numpy()


def _turned(frame: pl.DataFrame, reference: Reference | None) -> pl.DataFrame:
    """Reverse complements; an indel moves its anchor from behind to before."""
    found, into = _COMPLEMENT

    def complement(text: pl.Expr) -> pl.Expr:
        return text.str.to_uppercase().str.reverse().str.replace_many(found, into)

    kept = pl.element().is_in(PLACEHOLDERS)
    opposite = frame.with_columns(
        ref=complement(pl.col("ref")),
        alts=pl.col("alts").list.eval(pl.when(kept).then(pl.element()).otherwise(complement(pl.element()))),
    )
    if not frame["indel"].any():
        return opposite
    indels, others = opposite.filter("indel"), opposite.filter(~pl.col("indel"))
    if reference is None:
        return pl.concat([others, indels.with_columns(reason=pl.lit(Reason.STRAND_UNRESOLVED, pl.UInt8))])
    return pl.concat([others, _anchored(indels, reference)])


def _anchored(indels: pl.DataFrame, reference: Reference) -> pl.DataFrame:
    """The reference's base before REF is put in front, and a last base that all alleles share is taken off."""
    before = indels["position"].to_numpy() - 1
    base = pl.Series(_bases_at(reference, indels["contig"].to_numpy(), before))
    kept = pl.element().is_in(PLACEHOLDERS)
    longer = indels.with_columns(
        position=pl.Series(before),
        ref=base + indels["ref"],
        alts=pl.Series(
            [
                [one if one in PLACEHOLDERS else letter + one for one in alts]
                for letter, alts in zip(base, indels["alts"], strict=True)  # indels on turned strands are few
            ],
            dtype=pl.List(pl.String),
        ),
        reason=pl.Series(np.where((base == "").to_numpy(), Reason.UNCHECKABLE, indels["reason"].to_numpy())).cast(
            pl.UInt8
        ),
    )
    ends = pl.col("alts").list.eval(pl.when(~kept).then(pl.element().str.slice(-1))).list.drop_nulls().list.unique()
    shared = (ends.list.len() == 1) & (ends.list.first() == pl.col("ref").str.slice(-1))
    shorter = pl.col("alts").list.eval(pl.when(kept).then(pl.element()).otherwise(pl.element().str.head(-1)))
    return longer.with_columns(
        ref=pl.when(shared).then(pl.col("ref").str.head(-1)).otherwise("ref"),
        alts=pl.when(shared).then(shorter).otherwise("alts"),
    )


def _bases_at(reference: Reference, contig: NDArray[np.uint8], position: Ints) -> list[str]:
    """Letters at 1-based positions; empty where the reference does not hold the place."""
    found = [""] * len(contig)
    for code in np.unique(contig):
        if code not in reference.codes:
            continue
        bases = reference.bases(int(code))
        for row in np.flatnonzero(contig == code):
            if 1 <= position[row] <= len(bases):
                found[row] = chr(bases[position[row] - 1])
    return found


def _checked(frame: pl.DataFrame, reference: Reference) -> pl.DataFrame:
    """The reasons that the target's bases give."""
    reason = frame["reason"].to_numpy().copy()
    contig, position = frame["contig"].to_numpy(), frame["position"].to_numpy()
    columns = [string_buffers(column) for column in (frame["ref"], frame["alts"].list.first().fill_null(""))]
    single = (frame["alts"].list.len() == 1).to_numpy()
    for code in np.unique(contig[reason == Reason.LIFTED]):
        rows = np.flatnonzero((reason == Reason.LIFTED) & (contig == code))
        if code not in reference.codes:
            reason[rows] = Reason.UNCHECKABLE
            continue
        bases = reference.bases(int(code))
        agrees, swapped = (_agree(rows, bases, position, offsets, letters) for offsets, letters in columns)
        differing = np.where((swapped == 1) & single[rows], Reason.SWAPPED, Reason.REF_DIFFERS)
        reason[rows] = np.select([agrees == 1, agrees == 2], [Reason.LIFTED, Reason.UNCHECKABLE], differing)
    return frame.with_columns(reason=pl.Series(reason))


@compiled
def _agree(
    rows: Ints, bases: NDArray[np.uint8], position: Ints, offsets: Ints, letters: NDArray[np.uint8]
) -> NDArray[np.uint8]:
    """1 where the letters stand in the reference at their position, 2 where it does not hold the place, else 0."""
    found = np.ones(len(rows), dtype=np.uint8)
    for i in range(len(rows)):
        row, start = rows[i], position[rows[i]] - 1
        length = offsets[row + 1] - offsets[row]
        if start < 0 or start + length > len(bases):
            found[i] = 2
            continue
        for k in range(length):
            if bases[start + k] != letters[offsets[row] + k]:
                found[i] = 0
                break
    return found


def _left_aligned(lifted: pl.DataFrame, reference: Reference) -> pl.DataFrame:
    good = (lifted["reason"] == "lifted") & ~lifted["alt"].is_in(PLACEHOLDERS)
    rows = np.flatnonzero(good.to_numpy())
    if not len(rows):
        return lifted
    aligned = normalise(bare_table(lifted[rows], reference.build), reference).sites.select("position", "ref", "alt")
    taken = np.arange(lifted.height)
    taken[rows] = lifted.height + np.arange(len(rows))
    return lifted.with_columns(
        pl.concat([lifted[name], aligned[name].cast(lifted[name].dtype)])[taken].alias(name)
        for name in ("position", "ref", "alt")
    )


def bare_table(alleles: pl.DataFrame, build: Build) -> AlleleTable:
    """Alleles (contig, position, ref, alt) without samples, as ``normalise`` and ``with_keys`` take them."""
    sites = alleles.select(
        line=pl.int_range(pl.len()) + 1,
        record=pl.int_range(pl.len()),
        allele=pl.lit(1),
        allele_count=pl.lit(1),
        contig="contig",
        contig_name=pl.lit(""),
        position="position",
        end=pl.col("position") + pl.col("ref").str.len_bytes() - 1,
        identifier=pl.lit("."),
        ref="ref",
        alt="alt",
        filter=pl.lit("."),
        kind=pl.lit(int(AlleleKind.DELINS)),
    ).select(pl.col(name).cast(kind) for name, kind in SITE_SCHEMA.items())
    none = np.empty((alleles.height, 0), dtype=np.int32)
    return AlleleTable(
        build,
        (),
        sites,
        genotype=np.empty((alleles.height, 0, 2), dtype=np.int8),
        phased=np.empty((alleles.height, 0), dtype=np.bool_),
        phase_set=none,
        depth_ref=none,
        depth_alt=none,
        depth_x=none,
        genotype_quality=none,
    )
