"""From a family's files to a prepared case: all that is computed once, whatever is filtered later."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import chain
from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray

from varde.annotation import consequence as annotation
from varde.annotation.knowledge import Inheritance, KnowledgeTable
from varde.frequency.lookup import Counts
from varde.genome.builds import Build
from varde.genome.errors import InputError
from varde.genome.family import family_pieces
from varde.genome.kin import kin_of
from varde.genome.pedigree import Pedigree
from varde.genome.records import ABSENT, MISSING, AlleleTable
from varde.genome.references import Reference
from varde.genome.text_source import STANDARD_INPUT
from varde.interpretation.gate import GATES, Gate, allele_balance, evaluate
from varde.interpretation.identity import refuted_people
from varde.interpretation.inheritance import compound_halves, modes
from varde.interpretation.known import KnowledgeBase, with_known
from varde.interpretation.members import Family, Member, family_of
from varde.interpretation.prepared import FamilyMember, GeneFacts, PreparedCase, input_file
from varde.interpretation.segregation import relative_column
from varde.interpretation.spool import Spool, for_quality, slim
from varde.quality.assess import assess
from varde.quality.thresholds import Assay

_FREQUENCY = {"ac": pl.Int64, "an": pl.Int64, "nhomalt": pl.Int64, "nhemi": pl.Int64, "af": pl.Float64}
_CONSEQUENCE = (
    "gene", "transcript", "mane", "consequence", "impact", "amino_acid_change", "dna_change", "not_evaluated",
)  # fmt: skip


def prepare(
    vcfs: Sequence[str | Path],
    pedigree: Pedigree,
    *,
    build: Build | None = None,
    reference: Reference | None = None,
    frequencies: str | Path | None = None,
    knowledge: KnowledgeTable | None = None,
    known: KnowledgeBase | None = None,
    gate: Gate | str = "varde",
    assay: Assay = Assay.EXOME,
    child: str | None = None,
    ignore_extra: bool = False,
    allow_unsequenced: bool = False,
    progress: Callable[[str, int], None] | None = None,
) -> PreparedCase:
    """Read a family's files and compute all that does not depend on filter settings.

    A family is anything from one person to a pedigree of generations; ``child`` names the examined person, else it is
    ``Pedigree.proband``. ``ignore_extra`` and ``allow_unsequenced`` are those of ``load_family``. ``reference`` gives
    normalisation and consequences; with a build alone both stay "not evaluated". ``frequencies`` is a counts folder,
    ``known`` the imported sources that are joined. ``progress`` is called with a stage ('read', 'consequence',
    'inheritance') and the alleles or records done. Raises InputError: those of ``load_family``, ``consequences``,
    ``Counts``, ``KnowledgeBase.check`` and ``family_of``, ``unknown_gate``, and ``build_mismatch`` for counts of
    another build. Nothing is written.
    """
    chosen = _gate(gate)
    tell = progress or (lambda _stage, _done: None)
    options = {"ignore_extra": ignore_extra, "allow_unsequenced": allow_unsequenced}
    tables = family_pieces(
        vcfs, pedigree, build=build, reference=reference, progress=lambda done: tell("read", done), **options
    )
    first = next(tables)
    agreed = first.build
    if agreed is None:
        raise AssertionError("a family's table has a build")
    family = family_of(first, pedigree, child)
    name = _name(family.child) or ""
    counts = _counts(frequencies, agreed)
    if known is not None:
        known.check(agreed)
    work = _Work(pedigree, chosen, family, reference, counts, known)
    for table in chain((first,), tables):
        work.add(table)
        tell("consequence", work.rows)
    del first, table
    quality = assess(for_quality(work.slim), pedigree, assay=assay)
    refuted = refuted_people(quality, pedigree, name)
    single, halves = work.inheritance(name, refuted)
    tell("inheritance", work.rows)
    consequences = work.consequences.frame()
    return PreparedCase(
        build=agreed,
        gate=chosen.name,
        members=(name, _name_with_data(family.mother), _name_with_data(family.father)),
        alleles=_with_modes(work.alleles.frame(), single),
        consequences=consequences,
        modes=single,
        halves=halves,
        quality=quality,
        genes=_facts(consequences, knowledge),
        versions={**_versions(reference, counts, knowledge, chosen), **(known.versions if known else {})},
        inputs=tuple(input_file(path) for path in vcfs if str(path) != STANDARD_INPUT),
        has_consequences=reference is not None,
        has_frequencies=counts is not None,
        family=_everybody(family, pedigree),
        refuted=refuted,
    )


class _Work:
    """What is made of each piece of a family's alleles, and what of all of them: rows are numbered through."""

    def __init__(
        self,
        pedigree: Pedigree,
        gate: Gate,
        family: Family,
        reference: Reference | None,
        counts: Counts | None,
        known: KnowledgeBase | None,
    ) -> None:
        self._pedigree, self._gate, self._family = pedigree, gate, family
        self._reference, self._counts, self._known = reference, counts, known
        self.alleles, self.consequences = Spool(), Spool()
        self.slim: list[AlleleTable] = []
        self.rows = 0

    def add(self, table: AlleleTable) -> None:
        """The next piece."""
        consequences = _consequences(table, self._reference)
        alleles = _with_consequence(_alleles(table, self._pedigree, self._gate, self._family), consequences)
        alleles = with_known(_with_frequencies(alleles, self._counts), self._known, self._reference)
        self.alleles.add(alleles.with_columns(_moved(self.rows)))
        self.consequences.add(consequences.with_columns(_moved(self.rows)))
        self.slim.append(slim(table))
        self.rows += len(table)

    def inheritance(self, child: str, refuted: Mapping[str, str]) -> tuple[pl.DataFrame, pl.DataFrame]:
        """Modes and halves of all pieces."""
        single, halves = [], []
        before = 0
        for table in self.slim:
            if table.build is None:
                raise AssertionError("a family's table has a build")
            asked = (table, self._pedigree, table.build, self._gate)
            single.append(modes(*asked, child=child, refuted=refuted).with_columns(_moved(before)))
            halves.append(compound_halves(*asked, child=child, refuted=refuted).with_columns(_moved(before)))
            before += len(table)
        return pl.concat(single), pl.concat(halves)


def _moved(rows: int) -> pl.Expr:
    return (pl.col("row") + rows).cast(pl.UInt32).alias("row")


def _with_modes(alleles: pl.DataFrame, single: pl.DataFrame) -> pl.DataFrame:
    """The alleles with the list of their modes that no relative speaks against; the other columns are not copied."""
    listed = single.filter(pl.col("barrier").is_null()).group_by("row", maintain_order=True).agg(modes=pl.col("mode"))
    told = alleles["row"].to_frame().join(listed, on="row", how="left", maintain_order="left")["modes"]
    # A column in other chunks than the rest would have every later step copy the whole frame.
    ends = np.cumsum(alleles["row"].chunk_lengths())
    pieces = [
        told.slice(end - length, length) for end, length in zip(ends, alleles["row"].chunk_lengths(), strict=True)
    ]
    return alleles.hstack([pl.concat(pieces, rechunk=False)])


def _name_with_data(member: Member) -> str | None:
    return None if member.column is None else _name(member)


def _columns(family: Family) -> tuple[tuple[str, Member], ...]:
    """The prefixes of the people's columns; child, mother and father always have theirs."""
    core = (("child", family.child), ("mother", family.mother), ("father", family.father))
    return (*core, *((relative_column(number), one) for number, one in enumerate(family.relatives)))


def _everybody(family: Family, pedigree: Pedigree) -> tuple[FamilyMember, ...]:
    column = {_name(one): prefix for prefix, one in _columns(family) if one.column is not None}
    proband = pedigree.person(_name(family.child) or "")
    first = [one.person for one in (family.child, family.mother, family.father) if one.person is not None]
    others = [person for person in pedigree.persons if person not in first]
    return tuple(
        FamilyMember(person, kin_of(pedigree, proband, person), column.get(person.identifier))
        for person in (*first, *others)
    )


def _gate(gate: Gate | str) -> Gate:
    if isinstance(gate, Gate):
        return gate
    if gate not in GATES:
        raise InputError("unknown_gate", f"{gate!r} is not a gate.", f"Choose one of {', '.join(GATES)}.", field="gate")
    return GATES[gate]


def _counts(frequencies: str | Path | None, build: Build) -> Counts | None:
    if frequencies is None:
        return None
    counts = Counts(frequencies)
    if counts.manifest.settings.build is not build:
        raise InputError(
            "build_mismatch",
            f"The counts are of {counts.manifest.settings.build}, the family's variants of {build}.",
            f"Give counts made in {build}.",
            source=counts.folder.name,
            field="frequencies",
        )
    return counts


def _consequences(table: AlleleTable, reference: Reference | None) -> pl.DataFrame:
    if reference is None:
        return pl.DataFrame(schema=annotation.SCHEMA)
    return annotation.consequences(table, reference)


def _name(member: Member) -> str | None:
    return None if member.person is None else member.person.identifier


def _alleles(table: AlleleTable, pedigree: Pedigree, gate: Gate, family: Family) -> pl.DataFrame:
    verdict, balance = evaluate(table, pedigree, gate), allele_balance(table)
    carries = (table.genotype[:, family.child.column or 0] == 1).any(axis=1)
    calls = [_calls_of(table, name, member.column, verdict, balance) for name, member in _columns(family)]
    return pl.concat([table.sites.with_row_index("row"), *calls], how="horizontal").with_columns(
        child_carries=pl.Series(carries)
    )


def _calls_of(
    table: AlleleTable, name: str, column: int | None, verdict: NDArray[np.int8], balance: NDArray[np.float64]
) -> pl.DataFrame:
    if column is None:
        empty = {"gt": pl.String, "ad_ref": pl.Int32, "ad_alt": pl.Int32, "dp": pl.Int32, "gq": pl.Int32}
        schema = {**empty, "ab": pl.Float64, "gate": pl.Int8}
        return pl.DataFrame({f"{name}_{key}": pl.Series([None], dtype=kind) for key, kind in schema.items()})[
            np.zeros(len(table), dtype=np.int64)
        ]

    def given(values: NDArray[np.int32]) -> pl.Series:
        return pl.Series(values[:, column]).replace(MISSING, None)

    return pl.DataFrame(
        {
            f"{name}_gt": _genotype_text(table, column),
            f"{name}_ad_ref": given(table.depth_ref),
            f"{name}_ad_alt": given(table.depth_alt),
            f"{name}_dp": given(table.depth_x),
            f"{name}_gq": given(table.genotype_quality),
            f"{name}_ab": pl.Series(balance[:, column]).fill_nan(None),
            f"{name}_gate": verdict[:, column],
        }
    )


def _genotype_text(table: AlleleTable, column: int) -> pl.Series:
    letters = {ABSENT: "", MISSING: ".", 0: "0", 1: "1", 2: "2"}
    texts = [
        first if second == "" else f"{first}{'|' if phased else '/'}{second}"
        for first in letters.values()
        for second in letters.values()
        for phased in (False, True)
    ]
    codes = table.genotype[:, column].astype(np.int64) - ABSENT
    place = (codes[:, 0] * len(letters) + codes[:, 1]) * 2 + table.phased[:, column]
    return pl.Series(texts).gather(place)


def _with_consequence(alleles: pl.DataFrame, consequences: pl.DataFrame) -> pl.DataFrame:
    chosen = annotation.primary_consequence(consequences).select("row", *_CONSEQUENCE)
    return alleles.join(chosen, on="row", how="left", maintain_order="left")


def _with_frequencies(alleles: pl.DataFrame, counts: Counts | None) -> pl.DataFrame:
    if counts is None:
        return alleles.with_columns(pl.lit(None, dtype=kind).alias(name) for name, kind in _FREQUENCY.items())
    keyed = alleles.filter(pl.col("key").is_not_null())
    found = counts.annotate(keyed["key"].to_numpy(), keyed["contig"].to_numpy(), keyed["position"].to_numpy()).select(
        pl.col(name).cast(kind) for name, kind in _FREQUENCY.items()
    )
    numbered = found.with_columns(keyed["row"])
    return alleles.join(numbered, on="row", how="left", maintain_order="left")


def _facts(consequences: pl.DataFrame, knowledge: KnowledgeTable | None) -> dict[str, GeneFacts]:
    """What is known of the case's genes, all rows of a gene taken together."""
    facts = {}
    for gene in sorted(consequences["gene"].drop_nulls().unique().to_list()):
        rows = () if knowledge is None else knowledge.by_gene.get(gene, ())
        if rows:
            facts[gene] = GeneFacts(
                gene=gene,
                inheritance=frozenset(row.inheritance for row in rows) - {Inheritance.UNKNOWN},
                hpo=tuple(sorted({term for row in rows for term in row.hpo})),
                source="; ".join(dict.fromkeys(f"{row.source} {row.version}" for row in rows)),
            )
    return facts


def _versions(
    reference: Reference | None, counts: Counts | None, knowledge: KnowledgeTable | None, gate: Gate
) -> dict[str, str]:
    versions = {"gate": f"{gate.name}: {gate.source}"}
    if reference is not None:
        source = annotation.source(reference)
        versions["reference"] = reference.name
        versions["consequence"] = f"{source.engine} {source.version}"
        versions["transcripts"] = f"{source.annotation} sha256:{source.annotation_sha256}"
    if counts is not None:
        versions["frequencies"] = f"{counts.folder.name}, {counts.people} people, runs {counts.manifest.digest}"
    if knowledge is not None:
        versions["gene_knowledge"] = "; ".join(dict.fromkeys(f"{row.source} {row.version}" for row in knowledge.rows))
    return versions
