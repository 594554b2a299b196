"""The filter chain: named steps in a fixed order, and for every allele the reason why it was kept or where it fell.

Missing data never drop an allele: a check whose value is not there is not evaluated, and the allele goes on.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum

import polars as pl

from varde.genome.records import AlleleKind
from varde.interpretation.inheritance import DOMINANT_MODES, Mode
from varde.interpretation.panels import Confidence


class Step(StrEnum):
    """The steps, in the order in which an allele meets them."""

    ALLELE = "allele"
    CHILD = "child"
    QUALITY = "quality"
    GATE = "gate"
    FREQUENCY = "frequency"
    REGION = "region"
    CONSEQUENCE = "consequence"
    TRACT = "tract"
    PANEL = "panel"
    INCIDENTAL = "incidental"
    INHERITANCE = "inheritance"


RESCUABLE = frozenset({Step.QUALITY, Step.GATE, Step.FREQUENCY, Step.REGION, Step.CONSEQUENCE, Step.TRACT})
"""Steps that an exception may lift. Never panel and incidental findings: these are the patient's to allow."""
EARLIER, CLINVAR, NAMED_GENE = "earlier", "clinvar", "named_gene"
"""Names of the exceptions."""
PATHOGENIC = 4
"""The class from which on ClinVar's call spares a variant: likely pathogenic."""
LIFTED_FOR_NAMED_GENES = frozenset({Step.QUALITY, Step.GATE, Step.CONSEQUENCE, Step.TRACT})
"""What a gene that the clinician named is spared. Frequency and region stay: else every common variant and the whole of
every intron would be shown. Varde's proposal."""


@dataclass(frozen=True)
class Rescue:
    """An exception: alleles of ``keys`` (for example the laboratory's own class 3-5) pass the named steps."""

    name: str
    keys: frozenset[int]
    steps: frozenset[Step] = RESCUABLE

    def __post_init__(self) -> None:
        if not self.name:
            raise ValueError("an exception has a name")
        if not self.steps <= RESCUABLE:
            raise ValueError(f"an exception cannot lift {sorted(self.steps - RESCUABLE)}")


@dataclass(frozen=True)
class Withheld:
    """Genes whose findings are not shown, because the patient has not asked for them: a list of incidental findings.

    ``but`` are genes that are looked at for the patient's own disease all the same (the panel's, the clinician's).
    """

    name: str
    genes: frozenset[str]
    but: frozenset[str] = frozenset()

    @property
    def hidden(self) -> frozenset[str]:
        """The genes that are kept back."""
        return self.genes - self.but


@dataclass(frozen=True)
class SpliceWindow:
    """How many bases of an intron are looked at: before its acceptor and after its donor."""

    acceptor: int = 20
    donor: int = 6

    def __post_init__(self) -> None:
        if not (0 <= self.acceptor <= 10_000 and 0 <= self.donor <= 10_000):
            raise ValueError("a splice window has from 0 to 10,000 bases on each side")


@dataclass(frozen=True)
class SecondAllele:
    """Laxer limits for one of the two alleles of a compound heterozygote; the other must meet the full settings."""

    impacts: frozenset[str] = frozenset({"HIGH", "MODERATE", "LOW"})
    terms: frozenset[str] = frozenset()
    recessive_frequency: float = 0.01


@dataclass(frozen=True)
class FilterSettings:
    """What the chain asks. Frequencies are fractions of alleles in the counted register, counts are persons.

    Sources: ceilings dominant <= 1e-4, recessive <= 0.005-0.01 (slivar's rare-disease recipe), number of alleles at
    least 2,000 and homozygotes at most 2-10 (gnomAD practice). ``dominant_*`` is for modes that need one allele.
    ``halves_per_gene``: of a gene's alleles from one parent, so many are paired, the most severe and rarest first; more
    in one gene point to poor mapping, and pairs grow with the square (the number is Varde's proposal).
    ``outside`` holds the ceilings against the highest group of imported sources too (groups of 2,000 alleles or more).
    ``splice_window``: introns further off than [-20, +6] fall (ELLA's demo chain). ``drop_tract``: an exchange of one
    pyrimidine or purine for another 3 to 20 bases before an acceptor falls: the tract stays one. Exceptions:
    ``keep_earlier`` spares variants that the laboratory gave class 3 to 5 before, ``keep_clinvar_stars`` those that
    ClinVar calls (likely) pathogenic with so many stars, ``keep_named_genes`` those in genes that the clinician named.
    """

    gate: str = "varde"
    require_pass: bool = True
    dominant_frequency: float = 1e-4
    recessive_frequency: float = 0.005
    minimum_alleles_counted: int = 2000
    dominant_homozygotes: int = 2
    recessive_homozygotes: int = 10
    impacts: frozenset[str] = frozenset({"HIGH", "MODERATE"})
    terms: frozenset[str] = frozenset({"splice_region_variant"})
    panel_confidence: Confidence = Confidence.GREEN
    modes: frozenset[Mode] = field(default_factory=lambda: frozenset(Mode))
    rescues: tuple[Rescue, ...] = ()
    second_allele: SecondAllele | None = None
    halves_per_gene: int = 30
    outside: bool = True
    splice_window: SpliceWindow | None = field(default_factory=SpliceWindow)
    drop_tract: bool = False
    keep_earlier: bool = True
    keep_clinvar_stars: int | None = 2
    keep_named_genes: bool = True

    def __post_init__(self) -> None:
        for name in ("dominant_frequency", "recessive_frequency"):
            if not 0 <= getattr(self, name) <= 1:
                raise ValueError(f"{name} is {getattr(self, name)}, expected a fraction from 0 to 1")
        for name in ("minimum_alleles_counted", "dominant_homozygotes", "recessive_homozygotes", "halves_per_gene"):
            if getattr(self, name) < 0:
                raise ValueError(f"{name} is {getattr(self, name)}, expected 0 or more")
        if self.keep_clinvar_stars is not None and not 0 <= self.keep_clinvar_stars <= 4:
            raise ValueError(f"keep_clinvar_stars is {self.keep_clinvar_stars}, expected 0 to 4")
        if not self.modes:
            raise ValueError("no mode of inheritance is asked for")
        if len({rescue.name for rescue in self.rescues}) != len(self.rescues):
            raise ValueError("two exceptions have the same name")

    @property
    def laxest_frequency(self) -> float:
        """The ceiling above which no mode is kept."""
        return max(self.dominant_frequency, self.recessive_frequency)

    @property
    def laxest_homozygotes(self) -> int:
        """The number of homozygous and hemizygous persons above which no mode is kept."""
        return max(self.dominant_homozygotes, self.recessive_homozygotes)


@dataclass(frozen=True)
class Check:
    """One question of a step: ``fails`` (null counts as no), and what to say of an allele that falls there."""

    step: Step
    parameter: str
    fails: pl.Expr
    value: pl.Expr
    threshold: str


TRACT_NEAREST, TRACT_FURTHEST = 3, 20
"""Bases before an acceptor between which its polypyrimidine tract lies (ELLA's demo chain)."""
VERDICT_COLUMNS = ("dropped_by", "parameter", "value", "threshold", "rescued_by")


def enough_counted(settings: FilterSettings) -> pl.Expr:
    """Whether so many alleles were counted that the frequency says anything."""
    return (pl.col("an") >= settings.minimum_alleles_counted).fill_null(value=False)


def too_frequent(settings: FilterSettings, *, dominant: bool) -> pl.Expr:
    """Whether an allele is above the ceilings of dominant or of recessive modes; False where not evaluated."""
    frequency = settings.dominant_frequency if dominant else settings.recessive_frequency
    homozygotes = settings.dominant_homozygotes if dominant else settings.recessive_homozygotes
    above = enough_counted(settings) & ((pl.col("af") > frequency) | (_homozygotes() > homozygotes))
    outside = pl.lit(value=False)
    if settings.outside:
        outside = (pl.col("outside_popmax") > frequency) | (pl.col("outside_nhomalt") > homozygotes)
    return above.fill_null(value=False) | outside.fill_null(value=False)


def needs_dominant_ceiling() -> pl.Expr:
    """Whether the column ``mode`` is one of ``DOMINANT_MODES``."""
    return pl.col("mode").is_in([mode.value for mode in DOMINANT_MODES])


def single_variant_checks(
    settings: FilterSettings, panel: frozenset[str] | None, withheld: Withheld | None = None
) -> tuple[Check, ...]:
    """The checks of one allele for itself, in order; inheritance comes after them.

    They ask the columns of a prepared case and the Booleans ``consequence_passes``, ``panel_passes`` and
    ``is_withheld``.
    """
    checks = [*_child_checks(settings), *_frequency_checks(settings), *_place_checks(settings)]
    if panel is not None:
        checks.append(Check(Step.PANEL, "gene", ~pl.col("panel_passes"), pl.col("gene"), f"{len(panel)} genes"))
    if withheld is not None and withheld.hidden:
        threshold = f"the patient has asked for the findings of {withheld.name}"
        checks.append(Check(Step.INCIDENTAL, "consent", pl.col("is_withheld"), pl.col("gene"), threshold))
    return tuple(checks)


def _child_checks(settings: FilterSettings) -> tuple[Check, ...]:
    filtered = ~pl.col("filter").is_in(["PASS", "."])
    quality = (Check(Step.QUALITY, "FILTER", filtered, pl.col("filter"), "PASS or not filtered"),)
    return (
        _allele_check(),
        Check(
            Step.CHILD,
            "no_call",
            pl.col("child_gt").str.contains(".", literal=True) & ~pl.col("child_carries"),
            pl.col("child_gt"),
            "the child has a complete genotype here",
        ),
        Check(Step.CHILD, "genotype", ~pl.col("child_carries"), pl.col("child_gt"), "the child carries the allele"),
        *(quality if settings.require_pass else ()),
        Check(Step.GATE, settings.gate, pl.col("child_gate") == 0, _gate_value(), f"passes the gate '{settings.gate}'"),
    )


def _frequency_checks(settings: FilterSettings) -> tuple[Check, ...]:
    counted = enough_counted(settings)
    register = (
        Check(
            Step.FREQUENCY,
            "recessive_frequency"
            if settings.laxest_frequency == settings.recessive_frequency
            else "dominant_frequency",
            counted & (pl.col("af") > settings.laxest_frequency),
            pl.col("af").cast(pl.String),
            f"<= {settings.laxest_frequency:g}",
        ),
        Check(
            Step.FREQUENCY,
            "homozygotes",
            counted & (_homozygotes() > settings.laxest_homozygotes),
            _homozygotes().cast(pl.String),
            f"<= {settings.laxest_homozygotes}",
        ),
    )
    if not settings.outside:
        return register
    return (
        *register,
        Check(
            Step.FREQUENCY,
            "outside_frequency",
            pl.col("outside_popmax") > settings.laxest_frequency,
            pl.col("outside_popmax").cast(pl.String),
            f"<= {settings.laxest_frequency:g} in every group",
        ),
        Check(
            Step.FREQUENCY,
            "outside_homozygotes",
            pl.col("outside_nhomalt") > settings.laxest_homozygotes,
            pl.col("outside_nhomalt").cast(pl.String),
            f"<= {settings.laxest_homozygotes}",
        ),
    )


def _place_checks(settings: FilterSettings) -> tuple[Check, ...]:
    """Where an allele lies and what it does: region, consequence, polypyrimidine tract."""
    checks = []
    distance, acceptor = pl.col("splice_distance"), pl.col("splice_site") == "acceptor"
    said = pl.format("{} bases from the {}", distance, pl.col("splice_site"))
    window = settings.splice_window
    if window is not None:
        reach = pl.when(acceptor).then(window.acceptor).otherwise(window.donor)
        threshold = f"[-{window.acceptor}, +{window.donor}]"
        checks.append(Check(Step.REGION, "splice_window", distance > reach, said, threshold))
    asked = ", ".join([*sorted(settings.impacts), *sorted(settings.terms)])
    checks.append(Check(Step.CONSEQUENCE, "impact", ~pl.col("consequence_passes"), pl.col("consequence"), asked))
    if settings.drop_tract:
        near = acceptor & distance.is_between(TRACT_NEAREST, TRACT_FURTHEST)
        pair = pl.concat_str([pl.col("ref"), pl.col("alt")])
        keeps = pair.is_in(["AG", "GA", "CT", "TC"])
        changes = pl.format("{}>{}, {}", "ref", "alt", said)
        checks.append(Check(Step.TRACT, "tract", near & keeps, changes, "purine and pyrimidine change places"))
    return tuple(checks)


def judge(frame: pl.DataFrame, checks: Sequence[Check], rescues: Sequence[Rescue]) -> pl.DataFrame:
    """``frame`` with ``VERDICT_COLUMNS``: the first check at which each allele falls, null for one that goes on.

    ``rescued_by`` names the first exception that lifted a check the allele would have failed.
    """
    marked = frame.with_columns(
        **{
            f"_rescue_{i}": pl.col("key").is_in(pl.Series(sorted(rescue.keys), dtype=pl.UInt64).implode())
            for i, rescue in enumerate(rescues)
        }
    )
    fails = [check.fails.fill_null(value=False) for check in checks]
    lifted = [
        pl.any_horizontal(
            pl.lit(value=False),
            *(pl.col(f"_rescue_{i}") for i, rescue in enumerate(rescues) if check.step in rescue.steps),
        ).fill_null(value=False)
        for check in checks
    ]
    first = pl.coalesce(
        *(
            pl.when(fail & ~lift).then(pl.lit(i, pl.Int8))
            for i, (fail, lift) in enumerate(zip(fails, lifted, strict=True))
        )
    )
    numbered = marked.with_columns(first.alias("_check"))
    said = {
        "dropped_by": [check.step.value for check in checks],
        "parameter": [check.parameter for check in checks],
        "threshold": [check.threshold for check in checks],
    }
    value = pl.coalesce(
        *(pl.when(pl.col("_check") == i).then(check.value.cast(pl.String)) for i, check in enumerate(checks))
    )
    rescued = pl.coalesce(
        pl.lit(None, pl.String),
        *(
            pl.when(
                pl.col(f"_rescue_{i}")
                & pl.any_horizontal(f for f, check in zip(fails, checks, strict=True) if check.step in rescue.steps)
            ).then(pl.lit(rescue.name))
            for i, rescue in enumerate(rescues)
        ),
    )
    return numbered.with_columns(
        **{
            name: pl.col("_check").replace_strict(dict(enumerate(texts)), default=None, return_dtype=pl.String)
            for name, texts in said.items()
        },
        value=value,
        rescued_by=rescued,
    ).drop("_check", *(f"_rescue_{i}" for i in range(len(rescues))))


def exceptions(
    settings: FilterSettings, prepared_alleles: pl.DataFrame, named_rows: pl.Series | None
) -> tuple[Rescue, ...]:
    """The settings' exceptions for a case: those given, then ClinVar's, then that of genes the clinician named.

    ``prepared_alleles`` are the case's; ``named_rows`` its rows in named genes.
    """
    found = list(settings.rescues)
    if settings.keep_clinvar_stars is not None:
        called = (pl.col("clinvar_class") >= PATHOGENIC) & (pl.col("clinvar_stars") >= settings.keep_clinvar_stars)
        found.append(_rescue(CLINVAR, prepared_alleles.filter(called), RESCUABLE))
    if settings.keep_named_genes and named_rows is not None:
        inside = prepared_alleles.filter(pl.col("row").is_in(named_rows.implode()))
        found.append(_rescue(NAMED_GENE, inside, LIFTED_FOR_NAMED_GENES))
    return tuple(one for one in found if one.keys)


def _rescue(name: str, alleles: pl.DataFrame, steps: frozenset[Step]) -> Rescue:
    return Rescue(name, frozenset(alleles["key"].drop_nulls().to_list()), steps)


def passing_consequences(consequences: pl.DataFrame, settings: FilterSettings | SecondAllele) -> pl.DataFrame:
    """Rows of a consequence frame that the settings ask for; those not evaluated are among them."""
    wanted = pl.col("impact").is_in(sorted(settings.impacts))
    if settings.terms:
        wanted |= pl.col("consequence").str.contains("|".join(sorted(settings.terms)))
    return consequences.filter(pl.col("consequence").is_null() | wanted)


def _allele_check() -> Check:
    resolved = [
        int(kind)
        for kind in (AlleleKind.SNV, AlleleKind.MNV, AlleleKind.INSERTION, AlleleKind.DELETION, AlleleKind.DELINS)
    ]
    return Check(
        Step.ALLELE,
        "kind",
        ~pl.col("kind").is_in(resolved),
        pl.col("kind").replace_strict(
            {int(kind): kind.name.lower() for kind in AlleleKind}, default=None, return_dtype=pl.String
        ),
        "an allele whose sequence is given",
    )


def _gate_value() -> pl.Expr:
    """Depth, quality and balance of the child's call, as the reader needs them to see why it failed."""
    return pl.format(
        "DP {}, GQ {}, balance {}",
        pl.col("child_dp").cast(pl.String).fill_null("not given"),
        pl.col("child_gq").cast(pl.String).fill_null("not given"),
        pl.col("child_ab").round(3).cast(pl.String).fill_null("not given"),
    )


def _homozygotes() -> pl.Expr:
    return pl.col("nhomalt").fill_null(0) + pl.col("nhemi").fill_null(0)
