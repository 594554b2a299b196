"""A family's calls as events: the same event in relatives and from several callers is one, and has an origin.

Two calls are one event by the rule that the register counts by (``varde.frequency.structural_clusters``): reciprocal
overlap of 0.8, or both ends within a window that grows with the length; insertions by place and length; breakends
within 2.5 kb at both ends. A deletion and a duplication of one place are two events.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import polars as pl

from varde.frequency.increment import STRUCTURAL
from varde.frequency.ploidy import Region, regions
from varde.frequency.structural_clusters import CALL, StructuralCall, labels
from varde.genome.builds import CONTIGS, Build, contig_code
from varde.genome.pedigree import Affected, Pedigree, Sex
from varde.interpretation.gate import FAIL, PASS
from varde.interpretation.inheritance import Mode
from varde.interpretation.structural.calls import CALLS, Carried, FamilyStructural

MEMBERS: Final = ("child", "mother", "father")
_OF_MEMBER = ("state", "copies", "ploidy", "genotype", "copy_number", "quality", "depth_ref", "depth_alt", "gate")
EVENTS = pl.Schema(
    {"event": pl.UInt32(), "text": pl.String()}
    | {name: STRUCTURAL[name] for name in CALL}
    | {"records": pl.UInt32(), "files": pl.UInt8(), "filter": pl.String(), "identifiers": pl.List(pl.String())}
    | {name: pl.UInt32() for name in ("start_low", "start_high", "end_low", "end_high")}
    | {f"{member}_{name}": CALLS[name] for member in MEMBERS for name in _OF_MEMBER}
    | {"origin": pl.String(), "mode": pl.String(), "evaluated": pl.Boolean()}
)
"""A row per event that anybody carries, in genome order. ``start`` to ``length`` is the child's own call, else a
relative's; ``*_low`` and ``*_high`` are the outermost ends of all its calls (``end`` of an insertion is its length,
of a breakend the mate). ``filter`` is PASS when any of its records passed. ``origin``: mother, father, both, new,
unknown, or empty when the child does not carry it. ``mode`` is a ``Mode`` or null; ``evaluated`` says whether every
call that it rests on has enough quality."""
RELATIVES = pl.Schema({"event": pl.UInt32(), "sample": pl.String()} | {name: CALLS[name] for name in _OF_MEMBER})
"""The calls of relatives beside the parents: a row per event and relative with structural data."""


@dataclass(frozen=True)
class People:
    """Sample names of child, mother and father (None: not in the family), and what inheritance asks of them."""

    child: str
    mother: str | None
    father: str | None
    child_sex: Sex
    mother_affected: Affected
    father_affected: Affected

    @property
    def unaffected_parents(self) -> tuple[str, ...]:
        """``mother`` and ``father``, where the pedigree says that they are not affected."""
        told = (("mother", self.mother_affected), ("father", self.father_affected))
        return tuple(role for role, affected in told if affected is Affected.UNAFFECTED)

    @classmethod
    def of(cls, pedigree: Pedigree, child: str | None = None) -> People:
        """The examined child and its parents. Raises InputError as ``Pedigree.proband``."""
        person = pedigree.proband(child)
        mother, father = pedigree.parents(person)
        return cls(
            person.identifier,
            mother.identifier if mother else None,
            father.identifier if father else None,
            person.sex,
            mother.affected if mother else Affected.UNKNOWN,
            father.affected if father else Affected.UNKNOWN,
        )


def text_of(call: StructuralCall) -> str:
    """``7-1000-2000-DEL``, ``7-1000-1000-INS-300``, ``2-1000-5-2000-BND``: the event's name in addresses and tables."""
    here = f"{CONTIGS[call.contig - 1]}-{call.start}"
    if call.kind == "BND":
        return f"{here}-{CONTIGS[call.mate_contig - 1]}-{call.mate_position}-BND"
    if call.kind == "INS":
        return f"{here}-{call.start}-INS-{call.length}"
    return f"{here}-{call.end}-{call.kind}"


def call_of(text: str) -> StructuralCall | None:
    """The call that ``text_of`` wrote; None for any other text."""
    parts = text.split("-")
    try:
        if len(parts) == 4 and parts[3] in ("DEL", "DUP", "INV", "CNV"):
            start, end = int(parts[1]), int(parts[2])
            call = StructuralCall(parts[3], contig_code(parts[0]), start, end, length=end - start + 1)
        elif len(parts) == 5 and parts[3] == "INS":
            start = int(parts[1])
            call = StructuralCall("INS", contig_code(parts[0]), start, start, length=int(parts[4]))
        elif len(parts) == 5 and parts[4] == "BND":
            first, second = contig_code(parts[0]), contig_code(parts[2])
            call = StructuralCall("BND", first, int(parts[1]), int(parts[1]), second, int(parts[3]))
        else:
            return None
    except ValueError:
        return None
    return call if call.contig and text_of(call) == text else None


def family_events(family: FamilyStructural, pedigree: Pedigree, child: str | None = None) -> pl.DataFrame:
    """``EVENTS`` of a family. Relatives beside the parents say nothing of the mode; see
    ``relatives_of``. Raises InputError as ``Pedigree.proband``."""
    people = People.of(pedigree, child)
    calls = _clustered(family.calls)
    heads = _heads(calls, people)
    for member in MEMBERS:
        heads = _with_member(heads, calls, family, member, getattr(people, member))
    heads = _with_modes(heads, people, family.build)
    texts = [text_of(StructuralCall.of(row)) for row in heads.select(CALL).iter_rows(named=True)]
    ordered = (
        heads.with_columns(text=pl.Series(texts, dtype=pl.String))
        .sort("contig", "start", "end", *CALL)
        .with_row_index("event")
    )
    return ordered.select(pl.col(name).cast(kind) for name, kind in EVENTS.items())


def relatives_of(
    family: FamilyStructural, events: pl.DataFrame, pedigree: Pedigree, child: str | None = None
) -> pl.DataFrame:
    """``RELATIVES`` of the events of ``family_events``."""
    people = People.of(pedigree, child)
    others = [name for name in family.samples if name not in (people.child, people.mother, people.father)]
    calls = _clustered(family.calls)
    clusters = calls.select(*CALL, "cluster").unique().join(events.select(*CALL, "event"), on=CALL)
    heads = clusters.select("cluster", "event").unique("cluster").sort("event")
    found = [pl.DataFrame(schema=RELATIVES)]
    for name in others:
        told = _with_member(heads, calls, family, "other", name).with_columns(sample=pl.lit(name))
        named = told.rename({f"other_{column}": column for column in _OF_MEMBER})
        found.append(named.select(pl.col(column).cast(kind) for column, kind in RELATIVES.items()))
    return pl.concat(found).sort("event", "sample")


def _clustered(calls: pl.DataFrame) -> pl.DataFrame:
    """The calls with the number of their cluster, of clusters that anybody carries."""
    distinct = calls.select(CALL).unique(maintain_order=True)
    numbered = distinct.with_columns(cluster=pl.Series(labels(distinct), dtype=pl.Int64))
    joined = calls.join(numbered, on=CALL, maintain_order="left")
    carried = joined.filter(pl.col("state") == Carried.CARRIED.value)["cluster"].unique()
    return joined.filter(pl.col("cluster").is_in(carried.implode()))


def _heads(calls: pl.DataFrame, people: People) -> pl.DataFrame:
    """One row per cluster: the child's call if it has one, the outermost ends, and what the records say of all."""
    second = (
        pl.when(pl.col("kind") == "BND")
        .then("mate_position")
        .when(pl.col("kind") == "INS")
        .then("length")
        .otherwise("end")
    )
    ranked = calls.with_columns(
        second=second,
        rank=pl.when(pl.col("state") != Carried.CARRIED.value)
        .then(2)
        .otherwise((pl.col("sample") != people.child).cast(pl.Int32)),
        passed=pl.col("filter").is_in(["PASS", "."]),
    ).sort("cluster", "rank", pl.col("passed").not_(), *CALL)
    carried = pl.col("state") == Carried.CARRIED.value
    return ranked.group_by("cluster", maintain_order=True).agg(
        *(pl.col(name).first() for name in CALL),
        records=pl.struct("file", "record").n_unique(),
        files=pl.col("file").n_unique(),
        filter=pl.when(pl.col("passed").any()).then(pl.lit("PASS")).otherwise(pl.col("filter").first()),
        identifiers=pl.col("identifier").unique(maintain_order=True),
        start_low=pl.col("start").filter(carried).min(),
        start_high=pl.col("start").filter(carried).max(),
        end_low=pl.col("second").filter(carried).min(),
        end_high=pl.col("second").filter(carried).max(),
    )


def _with_member(
    heads: pl.DataFrame, calls: pl.DataFrame, family: FamilyStructural, member: str, sample: str | None
) -> pl.DataFrame:
    """The best call of one person in each cluster: carried before absent before no call."""
    order = pl.col("state").replace_strict(
        {Carried.CARRIED.value: 0, Carried.ABSENT.value: 1, Carried.NO_CALL.value: 2}, return_dtype=pl.Int8
    )
    own = calls.filter(pl.col("sample") == (sample or "")).sort("cluster", order, pl.col("gate") != PASS, "record")
    best = own.unique("cluster", keep="first", maintain_order=True)
    renamed = best.select("cluster", *(pl.col(name).alias(f"{member}_{name}") for name in _OF_MEMBER))
    without = Carried.NOT_CALLED if sample in family.samples else Carried.NOT_APPLICABLE
    joined = heads.join(renamed, on="cluster", how="left", maintain_order="left")
    return joined.with_columns(pl.col(f"{member}_state").fill_null(without.value))


def _with_modes(heads: pl.DataFrame, people: People, build: Build) -> pl.DataFrame:
    """Origin, mode of inheritance, and whether the calls behind it have enough quality."""
    region = regions(build, heads["contig"].to_numpy(), heads["start"].to_numpy().astype("int64"))
    frame = heads.with_columns(on_x=pl.Series(region == Region.X), on_y=pl.Series(region == Region.Y))
    child = pl.col("child_state") == Carried.CARRIED.value
    mother, father = (pl.col(f"{one}_state") == Carried.CARRIED.value for one in ("mother", "father"))
    no_mother, no_father = (
        (pl.col(f"{one}_state") == Carried.ABSENT.value) & (pl.col(f"{one}_gate") != FAIL)
        for one in ("mother", "father")
    )
    hemizygous = pl.col("on_x") & pl.lit(people.child_sex is Sex.MALE)
    autosomal, on_x = ~pl.col("on_x") & ~pl.col("on_y"), pl.col("on_x")
    hom = pl.col("child_copies") >= 2
    # A boy's X comes from his mother alone, his Y from his father.
    new = pl.when(hemizygous).then(no_mother).when(pl.col("on_y")).then(no_father).otherwise(no_mother & no_father)
    seen = pl.when(hemizygous).then(mother).when(pl.col("on_y")).then(father).otherwise(mother | father)
    ill_mother = pl.lit(people.mother_affected is Affected.AFFECTED)
    ill_father = pl.lit(people.father_affected is Affected.AFFECTED)
    from_ill = ((mother & ill_mother) | (father & ill_father)) & ~((mother & ~ill_mother) | (father & ~ill_father))
    mode = (
        pl.when(~child)
        .then(None)
        .when(new & on_x)
        .then(pl.lit(Mode.X_LINKED_DE_NOVO.value))
        .when(new)
        .then(pl.lit(Mode.DE_NOVO.value))
        .when(autosomal & hom & mother & father)
        .then(pl.lit(Mode.HOMOZYGOUS_RECESSIVE.value))
        .when(autosomal & hom & ((mother & no_father) | (father & no_mother)))
        .then(pl.lit(Mode.RECESSIVE_UNIPARENTAL_HINT.value))
        .when(hemizygous & mother & ~father)
        .then(pl.lit(Mode.X_LINKED_RECESSIVE.value))
        .when(from_ill)
        .then(pl.lit(Mode.DOMINANT_INHERITED.value))
        .when(~seen)
        .then(pl.lit(Mode.POSSIBLE_DE_NOVO.value))
    )
    origin = (
        pl.when(~child)
        .then(pl.lit(""))
        .when(mother & father)
        .then(pl.lit("both"))
        .when(mother)
        .then(pl.lit("mother"))
        .when(father)
        .then(pl.lit("father"))
        .when(new)
        .then(pl.lit("new"))
        .otherwise(pl.lit("unknown"))
    )
    sure = {one: (pl.col(f"{one}_gate") == PASS).fill_null(value=False) for one in MEMBERS}
    asked = pl.when(hemizygous).then(sure["mother"]).when(pl.col("on_y")).then(sure["father"])
    evaluated = sure["child"] & asked.otherwise(sure["mother"] & sure["father"])
    return frame.with_columns(
        origin=origin,
        mode=mode,
        evaluated=evaluated & (mode != Mode.POSSIBLE_DE_NOVO.value),
    )
