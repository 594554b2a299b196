"""A prepared case to ranked candidates, and for every allele read the reason why it is among them or not."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import polars as pl

from varde.annotation.consequence import primary_consequence
from varde.annotation.severity import LEAST_SEVERE, severity
from varde.genome.errors import InputError
from varde.interpretation.filters import (
    VERDICT_COLUMNS,
    FilterSettings,
    Rescue,
    Step,
    Withheld,
    exceptions,
    judge,
    needs_dominant_ceiling,
    passing_consequences,
    single_variant_checks,
    too_frequent,
)
from varde.interpretation.in_pieces import is_long, parts, ranked_together, slim_trace
from varde.interpretation.inheritance import pair_halves
from varde.interpretation.likeness import phenotype_value
from varde.interpretation.panels import Panel
from varde.interpretation.phenotype import ontology_version, read_terms
from varde.interpretation.preparation import prepare
from varde.interpretation.prepared import GeneFacts, InputFile, PreparedCase
from varde.interpretation.ranking import Candidate, candidate_of, inheritance_fits, rank_candidates
from varde.interpretation.segregation import barrier_words

__all__ = [
    "Candidate",
    "FilterOutcome",
    "FilterSettings",
    "GeneFacts",
    "InputFile",
    "PreparedCase",
    "StepCount",
    "filter_case",
    "prepare",
]

SECOND_ALLELE = "second_allele"
"""Named as the exception that kept an allele on the laxer terms of a second allele."""

_SITE = ("row", "contig_name", "position", "ref", "alt")


@dataclass(frozen=True)
class StepCount:
    """How many alleles fell at a step, and how many went on."""

    step: Step
    dropped: int
    left: int


@dataclass(frozen=True)
class FilterOutcome:
    """What a filter run says.

    ``trace`` has one row per allele read: ``row``, ``contig_name``, ``position``, ``ref``, ``alt``, ``kept``, and for a
    dropped one ``dropped_by`` (``Step``), ``parameter``, ``value``, ``threshold`` (text); ``rescued_by`` names an
    exception. Kept and dropped sum to read. ``ranked`` is the frame of ``rank_candidates``, best first; ``candidates``
    are its rows as values. ``not_evaluated`` are stable keys of what could not be asked of this case.
    """

    trace: pl.DataFrame
    ranked: pl.DataFrame
    counts: tuple[StepCount, ...]
    not_evaluated: tuple[str, ...]
    versions: Mapping[str, str]

    def __post_init__(self) -> None:
        dropped = self.trace["dropped_by"].is_not_null()
        if not (dropped ^ self.trace["kept"]).all():
            raise AssertionError("an allele is both kept and dropped, or neither")

    @cached_property
    def candidates(self) -> tuple[Candidate, ...]:
        """All candidates, best first."""
        return self.first(self.ranked.height)

    def first(self, count: int) -> tuple[Candidate, ...]:
        """The best candidates, at most so many."""
        return tuple(candidate_of(row) for row in self.ranked.head(count).iter_rows(named=True))


def filter_case(
    prepared: PreparedCase,
    settings: FilterSettings | None = None,
    panel: Panel | None = None,
    hpo: Iterable[str] = (),
    *,
    named_genes: Iterable[str] = (),
    withheld: Withheld | None = None,
) -> FilterOutcome:
    """Candidates of a prepared case under these settings, in a panel's genes or in all.

    ``named_genes`` are those that the clinician named: looked at whatever the panel. ``withheld`` are findings that the
    patient has not asked for.

    Raises InputError ``gate_mismatch`` when the settings ask for another gate than the case was prepared with, and
    ``unknown_hpo``.
    """
    asked = settings or FilterSettings()
    if asked.gate != prepared.gate:
        raise InputError(
            "gate_mismatch",
            f"The case was prepared with the gate {prepared.gate!r}, not {asked.gate!r}.",
            "Prepare the case with that gate, or ask for the one it has.",
            field="gate",
        )
    terms, named = read_terms(hpo), frozenset(named_genes)
    if not is_long(prepared):
        return _filter(prepared, asked, panel, terms, named, withheld)
    return _together([_filter(part, asked, panel, terms, named, withheld) for part in parts(prepared)])


def _together(outcomes: Sequence[FilterOutcome]) -> FilterOutcome:
    """The outcome of a long case from those of its parts."""
    first = outcomes[0]
    return replace(
        first,
        trace=pl.concat([slim_trace(one.trace) for one in outcomes]),
        ranked=ranked_together([one.ranked for one in outcomes]),
        counts=_added([one.counts for one in outcomes]),
    )


def _added(counts: Sequence[tuple[StepCount, ...]]) -> tuple[StepCount, ...]:
    return tuple(
        StepCount(same[0].step, sum(one.dropped for one in same), sum(one.left for one in same))
        for same in zip(*counts, strict=True)
    )


def _filter(
    prepared: PreparedCase,
    asked: FilterSettings,
    panel: Panel | None,
    terms: tuple[str, ...],
    named: frozenset[str],
    withheld: Withheld | None,
) -> FilterOutcome:
    genes = _genes_asked(prepared, asked, panel, named, withheld)
    judged, placed = _single_variants(prepared, asked, genes)
    lax = _second_allele(asked)
    lax_judged, lax_placed = (judged, placed) if lax is None else _single_variants(prepared, lax, genes)
    single = _single_modes(prepared, asked, judged, placed)
    halves = _halves(prepared, (asked, lax or asked), (judged, lax_judged), lax_placed)
    found = _pairs(prepared, asked, halves)
    pairs = found.filter(pl.col("barrier").is_null())
    refused = found.filter(pl.col("barrier").is_not_null())
    trace = _trace(prepared, asked, judged, _Inherited(single, pairs, refused, halves))
    return FilterOutcome(
        trace=trace,
        ranked=_ranked(prepared, single, pairs, lax_placed, terms),
        counts=_counts(trace),
        not_evaluated=_not_evaluated(prepared, asked, panel, withheld),
        versions=_versions(prepared, panel, terms),
    )


@dataclass(frozen=True)
class _Inherited:
    """What inheritance said of the alleles that got so far."""

    single: pl.DataFrame
    pairs: pl.DataFrame
    refused: pl.DataFrame
    """Pairs that a relative speaks against."""
    halves: pl.DataFrame

    @property
    def barriers(self) -> pl.DataFrame:
        """Why an allele has no mode: ``row`` and ``barrier``, that of its pairs where none of its own is named."""
        of_pairs = [self.refused.select(pl.col(row).alias("row"), "barrier") for row in ("row_a", "row_b")]
        own = self.single.select("row", "barrier")
        return pl.concat([own, *of_pairs]).group_by("row").agg(pl.col("barrier").min())


@dataclass(frozen=True)
class _Genes:
    """Which genes are looked at (None: all), which are kept back, and what is never filtered."""

    symbols: frozenset[str] | None
    withheld: Withheld | None
    rescues: tuple[Rescue, ...]


def _genes_asked(
    prepared: PreparedCase,
    settings: FilterSettings,
    panel: Panel | None,
    named: frozenset[str],
    withheld: Withheld | None,
) -> _Genes:
    listed = None if panel is None else panel.symbols(settings.panel_confidence) | named
    kept_back = withheld and replace(withheld, but=withheld.but | named)
    rows = None
    if named:
        rows = prepared.consequences.filter(pl.col("gene").is_in(sorted(named)))["row"].unique()
    return _Genes(listed, kept_back, exceptions(settings, prepared.alleles, rows))


def _single_variants(
    prepared: PreparedCase, settings: FilterSettings, genes: _Genes
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Every allele with its verdict before inheritance, and the (row, gene) places where those that go on count."""
    consequences = prepared.consequences
    passing = passing_consequences(consequences, settings)
    lifted = [key for rescue in genes.rescues if Step.CONSEQUENCE in rescue.steps for key in rescue.keys]
    rescued = prepared.alleles.filter(pl.col("key").is_in(pl.Series(lifted, dtype=pl.UInt64).implode()))["row"]
    only_rescued = rescued.filter(~rescued.is_in(passing["row"].implode()))
    counting = pl.concat([passing, consequences.filter(pl.col("row").is_in(only_rescued.implode()))])
    in_panel = counting
    if genes.symbols is not None:
        in_panel = counting.filter(pl.col("gene").is_in(sorted(genes.symbols)) | pl.col("gene").is_null())
    shown = in_panel
    if genes.withheld is not None:
        hidden = pl.col("gene").is_in(sorted(genes.withheld.hidden)).fill_null(value=False)
        shown = in_panel.filter(~hidden)
    everything = not prepared.has_consequences
    frame = prepared.alleles.with_columns(
        consequence_passes=pl.lit(everything) | pl.col("row").is_in(passing["row"].implode()),
        panel_passes=pl.lit(everything) | pl.col("row").is_in(in_panel["row"].implode()),
        is_withheld=~pl.lit(everything) & ~pl.col("row").is_in(shown["row"].implode()),
    )
    judged = judge(frame, single_variant_checks(settings, genes.symbols, genes.withheld), genes.rescues)
    going_on = judged.filter(pl.col("dropped_by").is_null()).select("row")
    return judged, shown.join(going_on, on="row", how="semi")


def _second_allele(settings: FilterSettings) -> FilterSettings | None:
    second = settings.second_allele
    if second is None:
        return None
    return replace(
        settings,
        second_allele=None,
        impacts=settings.impacts | second.impacts,
        terms=settings.terms | second.terms,
        recessive_frequency=max(settings.recessive_frequency, second.recessive_frequency),
    )


def _single_modes(
    prepared: PreparedCase, settings: FilterSettings, judged: pl.DataFrame, placed: pl.DataFrame
) -> pl.DataFrame:
    """Modes of the alleles that go on: ``row``, ``mode``, ``evaluated``, ``gene``, and why one does not hold.

    ``barrier`` is null for a mode that holds, else 'modes' (not asked for), the name of the ceiling, or the relative
    who speaks against it.
    """
    going_on = judged.filter(pl.col("dropped_by").is_null())
    rescued = pl.col("rescued_by").is_not_null()
    gene = primary_consequence(placed).select("row", "gene")
    dominant, recessive = too_frequent(settings, dominant=True), too_frequent(settings, dominant=False)
    barrier = (
        pl.when(~pl.col("mode").is_in(sorted(mode.value for mode in settings.modes)))
        .then(pl.lit("modes"))
        .when(needs_dominant_ceiling() & dominant & ~rescued)
        .then(pl.lit("dominant_frequency"))
        .when(~needs_dominant_ceiling() & recessive & ~rescued)
        .then(pl.lit("recessive_frequency"))
        .otherwise("barrier")
    )
    return (
        prepared.modes.join(going_on.drop("modes", "gene"), on="row")
        .select("row", "mode", "evaluated", barrier.alias("barrier"))
        .join(gene, on="row", how="left")
        .sort("row", "mode")
    )


def _halves(
    prepared: PreparedCase,
    settings: tuple[FilterSettings, FilterSettings],
    judged: tuple[pl.DataFrame, pl.DataFrame],
    placed: pl.DataFrame,
) -> pl.DataFrame:
    """Alleles that may be half of a pair in a gene: ``row``, ``gene``, ``full`` (meets the full settings, not only the
    laxer ones) and ``place``, its number among those of its gene from the same parent, the most severe first."""
    full, lax = (
        frame.filter(
            pl.col("dropped_by").is_null() & (~too_frequent(asked, dominant=False) | pl.col("rescued_by").is_not_null())
        )["row"].implode()
        for asked, frame in zip(settings, judged, strict=True)
    )
    worst = severity(pl.col("consequence")).fill_null(LEAST_SEVERE).min()
    candidates = prepared.halves.filter(pl.col("row").is_in(lax)).select("row", "side")
    return (
        placed.drop_nulls("gene")
        .join(candidates, on="row")
        .group_by("row", "gene", "side")
        .agg(worst.alias("severity"))
        .join(prepared.alleles.select("row", "af"), on="row")
        .with_columns(full=pl.col("row").is_in(full), af=pl.col("af").fill_null(0.0))
        .sort(~pl.col("full"), "severity", "af", "row")
        .with_columns(place=pl.int_range(1, pl.len() + 1).over("gene", "side"))
        .select("row", "gene", "full", "place")
    )


def _pairs(prepared: PreparedCase, settings: FilterSettings, halves: pl.DataFrame) -> pl.DataFrame:
    """Compound heterozygotes: both alleles meet the laxer settings, at least one the full ones."""
    paired = halves.filter(pl.col("place") <= settings.halves_per_gene)
    wanted = prepared.halves.filter(pl.col("row").is_in(paired["row"].implode()))
    pairs = pair_halves(wanted, paired.select("row", "gene"), prepared.read_phases)
    full = paired.filter("full")["row"].implode()
    one_full = pl.col("row_a").is_in(full) | pl.col("row_b").is_in(full)
    return pairs.filter(one_full & pl.col("mode").is_in(sorted(mode.value for mode in settings.modes)))


def _trace(
    prepared: PreparedCase,
    settings: FilterSettings,
    judged: pl.DataFrame,
    inherited: _Inherited,
) -> pl.DataFrame:
    """The verdicts with inheritance, the last step, added."""
    single, pairs, halves = inherited.single, inherited.pairs, inherited.halves
    in_pairs = pl.concat([pairs["row_a"], pairs["row_b"]]).unique()
    holding = single.filter(pl.col("barrier").is_null())["row"].unique()
    barred = inherited.barriers
    crowded = halves.filter(pl.col("place") > settings.halves_per_gene)
    left_out = crowded.filter(pl.col("gene").is_in(pairs["gene"].implode()))["row"].unique()
    half = pl.Series([] if prepared.has_consequences else prepared.halves["row"], dtype=pl.UInt32)
    frame = judged.join(barred, on="row", how="left", maintain_order="left").with_columns(
        kept=pl.col("row").is_in(in_pairs.implode())
        | (pl.col("row").is_in(holding.implode()) & pl.col("dropped_by").is_null()),
        unpaired=pl.col("row").is_in(half.implode()),
        crowded=pl.col("row").is_in(left_out.implode()),
    )
    fell_here = ~pl.col("kept") & pl.col("dropped_by").is_null()
    ceiling = pl.col("barrier").is_in(["dominant_frequency", "recessive_frequency"])
    calls = pl.format("child {}, mother {}, father {}", *(_said(f"{one}_gt") for one in ("child", "mother", "father")))
    relative = barrier_words(prepared.relatives)
    frequency = pl.format("{} (homozygotes and hemizygotes: {})", _said("af"), _said("nhomalt"))
    limit = (
        pl.when(pl.col("barrier") == "dominant_frequency")
        .then(pl.lit(f"<= {settings.dominant_frequency:g} (homozygotes <= {settings.dominant_homozygotes})"))
        .otherwise(pl.lit(f"<= {settings.recessive_frequency:g} (homozygotes <= {settings.recessive_homozygotes})"))
    )
    by_inheritance = {
        "dropped_by": pl.when(ceiling).then(pl.lit(Step.FREQUENCY.value)).otherwise(pl.lit(Step.INHERITANCE.value)),
        "parameter": pl.coalesce(
            pl.when(relative.is_not_null()).then(pl.lit("relative")),
            "barrier",
            pl.when("unpaired").then(pl.lit("compound_heterozygous")),
            pl.when("crowded").then(pl.lit("halves_per_gene")),
            pl.lit("mode"),
        ),
        "value": pl.when(ceiling)
        .then(frequency)
        .when(relative.is_not_null())
        .then(relative)
        .when("unpaired")
        .then(pl.format("{}; pairs not evaluated: no genes without a reference", calls))
        .otherwise(calls),
        "threshold": pl.when(ceiling)
        .then(limit)
        .when(relative.is_not_null())
        .then(pl.lit("every affected relative carries it, no unaffected one does"))
        .when(pl.col("crowded") & pl.col("barrier").is_null())
        .then(pl.lit(f"among the {settings.halves_per_gene} most severe of its gene from one parent"))
        .otherwise(pl.lit("a mode of inheritance that is asked for")),
    }
    lifted = pl.col("kept") & pl.col("dropped_by").is_not_null()
    said = {
        name: pl.when(fell_here).then(by_inheritance[name]).when(~pl.col("kept")).then(pl.col(name))
        for name in VERDICT_COLUMNS[:-1]
    }
    rescued_by = pl.when(lifted).then(pl.lit(SECOND_ALLELE)).otherwise("rescued_by")
    return frame.select(*_SITE, "kept", **said, rescued_by=rescued_by)


def _said(column: str) -> pl.Expr:
    return pl.col(column).cast(pl.String).fill_null("not given")


def _ranked(
    prepared: PreparedCase, single: pl.DataFrame, pairs: pl.DataFrame, placed: pl.DataFrame, terms: tuple[str, ...]
) -> pl.DataFrame:
    alone = single.filter(pl.col("barrier").is_null()).select(
        "gene",
        pl.col("row").alias("row_a"),
        pl.lit(None, pl.UInt32).alias("row_b"),
        pl.lit(None, pl.String).alias("phase"),
        "mode",
        "evaluated",
    )
    found = pl.concat([alone, pairs.select(alone.columns)])
    rows = pl.concat([found["row_a"], found["row_b"].drop_nulls()]).unique()
    alleles = prepared.alleles.filter(pl.col("row").is_in(rows.implode()))
    counting = placed.filter(pl.col("row").is_in(rows.implode()))
    impacts = (
        counting.with_columns(severity(pl.col("consequence")).alias("severity"))
        .sort("row", "gene", "severity", nulls_last=True)
        .unique(["row", "gene"], keep="first", maintain_order=True)
        .select("row", "gene", "impact")
    )
    genes = found["gene"].drop_nulls().unique(maintain_order=True).to_list()
    facts = [prepared.genes.get(gene, GeneFacts(gene)) for gene in genes]
    likeness = [phenotype_value(terms, fact.gene, fact.hpo) for fact in facts]
    return rank_candidates(
        found,
        alleles.select("row", "contig", "position", "ref", "alt", "filter", "af"),
        impacts,
        inheritance_fits((fact.gene, fact.inheritance) for fact in facts),
        pl.DataFrame({"gene": genes, "phenotype": likeness}, schema={"gene": pl.String, "phenotype": pl.Float64}),
    )


def _counts(trace: pl.DataFrame) -> tuple[StepCount, ...]:
    dropped = dict(trace.drop_nulls("dropped_by").group_by("dropped_by").len().iter_rows())
    left, counts = trace.height, []
    for step in Step:
        left -= dropped.get(step.value, 0)
        counts.append(StepCount(step, dropped.get(step.value, 0), left))
    return tuple(counts)


def _not_evaluated(
    prepared: PreparedCase, settings: FilterSettings, panel: Panel | None, withheld: Withheld | None
) -> tuple[str, ...]:
    missing = []
    if not prepared.has_consequences:
        missing += ["consequence", "compound_heterozygous", *(["panel"] if panel is not None else [])]
    if not prepared.has_frequencies:
        missing.append("frequency")
    if settings.splice_window is not None and not prepared.has_consequences:
        missing.append("region")
    if withheld is not None and not prepared.has_consequences:
        missing.append("incidental")
    if None in prepared.members:
        missing.append("parent")
    if prepared.refuted:
        missing.append("identity")
    return tuple(missing)


def _versions(prepared: PreparedCase, panel: Panel | None, terms: tuple[str, ...]) -> dict[str, str]:
    versions = dict(prepared.versions)
    if panel is not None:
        versions["panel"] = f"{panel.name} {panel.version} ({panel.source}, sha256:{panel.checksum})"
    if terms:
        versions["phenotype"] = f"HPO {ontology_version()}"
    return versions
