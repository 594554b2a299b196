"""The result of a case put into the words and pictures of its report."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from varde import __version__
from varde.cli.case_report import (
    CaseReport,
    Fact,
    OverviewRow,
    ReportAllele,
    ReportCandidate,
    ReportCriterion,
    ReportMetric,
    TraceStep,
)
from varde.cli.case_result import (
    KIN_NAMES,
    LACKING,
    LIMITS,
    MODE_NAMES,
    PHASE_NAMES,
    STEP_NAMES,
    CaseResult,
    has_met_criterion,
    shown_variant,
)
from varde.genome.builds import MT, X
from varde.genome.pedigree import Affected, Sex
from varde.interpretation.analysis import Candidate
from varde.interpretation.drawing import (
    Allele,
    BalanceMember,
    Carriage,
    PedigreeMember,
    allele_balance_svg,
    pedigree_svg,
)
from varde.interpretation.filters import FilterSettings, Step
from varde.interpretation.gate import GATES
from varde.interpretation.heteroplasmy import plasmy
from varde.interpretation.inheritance import Mode
from varde.interpretation.prepared import FamilyMember
from varde.interpretation.recurrence import recurrence_risk
from varde.interpretation.suggestion import Suggestion
from varde.quality.report import Light, Metric, QualityReport

SHOWN_CANDIDATES, LISTED_CANDIDATES = 12, 50
"""Candidates shown in full, and those listed; candidates.tsv has them all."""

METRIC_NAMES: Final = {
    "ti_tv": "Transitions per transversion",
    "het_hom": "Heterozygous per homozygous",
    "mean_depth": "Mean depth",
    "median_depth": "Median depth",
    "call_rate": "Call rate",
    "sex": "Sex by the X chromosome",
    "y_calls": "Calls on Y",
    "kinship": "Kinship",
    "mendel_error_rate": "Mendelian errors",
}
_UNIPARENTAL: Final = "uniparental_share_chromosome_"
_UNITS: Final = {"x": " ×", "ratio": "", "fraction": "", "kinship": "", "alleles": ""}


def case_report(result: CaseResult) -> CaseReport:
    """All texts of the page."""
    candidates = result.outcome.candidates
    return CaseReport(
        family=result.child.family,
        title=f"Analysis of {result.child.identifier}",
        case=_case(result),
        answer=_answer(result),
        warnings=result.case.quality.reasons if result.case.quality.stops_sign_off else (),
        metrics=_metrics(result.case.quality),
        overview=tuple(_overview_row(result, candidate) for candidate in candidates[:LISTED_CANDIDATES]),
        candidates=tuple(_candidate(result, candidate) for candidate in candidates[:SHOWN_CANDIDATES]),
        candidate_count=len(candidates),
        read_count=result.read,
        kept_count=result.kept,
        trace=_trace(result),
        settings=tuple(Fact(name, value) for name, value in result.settings_shown),
        limits=(*(LACKING[key] for key in result.outcome.not_evaluated), *LIMITS),
        sources=_sources(result),
        made=result.made.strftime("%Y-%m-%d %H:%M UTC"),
        version=__version__,
    )


def _person(result: CaseResult, member: FamilyMember) -> str:
    person = member.person
    affected = "affection not known" if person.affected is Affected.UNKNOWN else person.affected.value
    sex = "sex not known" if person.sex is Sex.UNKNOWN else person.sex.value
    refuted = result.case.refuted.get(person.identifier)
    data = "" if member.column is not None else ", no data"
    return f"{person.identifier}, {sex}, {affected}{data}" + (f"; refuted by {refuted}" if refuted else "")


def _case(result: CaseResult) -> tuple[Fact, ...]:
    new = result.de_novo
    panel = "all genes" if result.panel is None else f"{result.panel.name} {result.panel.version}"
    return (
        *(Fact(KIN_NAMES[one.kin], _person(result, one)) for one in result.case.family),
        Fact("Build", result.case.build.value),
        Fact("Reference and genes", result.reference or "none given"),
        Fact("Genes looked at", panel if result.case.has_consequences else None),
        Fact("Phenotypes (HPO)", ", ".join(result.hpo) or "none given"),
        Fact("Frequency register", result.outcome.versions.get("frequencies", "none given").partition(", runs")[0]),
        Fact("De novo by the gate", f"{new[0]}, of which {new[1]} PASS (gate {result.case.gate})"),
    )


def _answer(result: CaseResult) -> str:
    total = len(result.outcome.candidates)
    if total == 0:
        return "No variant passed all filters."
    first = result.outcome.candidates[0]
    where = first.gene or shown_variant(result.rows[first.rows[0]])
    many = "1 candidate passed" if total == 1 else f"{total:,} candidates passed"
    text = f"{many} the filters. First in rank: {where}, {_lower(MODE_NAMES[first.mode])}."
    if not result.case.has_consequences:
        text += " This is inheritance alone: without a reference no consequence was evaluated."
    return text


def _lower(text: str) -> str:
    return text[:1].lower() + text[1:]


def _metrics(quality: QualityReport) -> tuple[ReportMetric, ...]:
    plain = [metric for metric in quality.metrics if not metric.name.startswith(_UNIPARENTAL)]
    return (*(_metric(metric) for metric in plain), *_uniparental(quality))


def _metric(metric: Metric) -> ReportMetric:
    number = "–" if metric.value is None else f"{metric.value:.3g}".replace("-", "−")
    value = number + ("" if metric.value is None else _UNITS.get(metric.unit, f" {metric.unit}"))
    return ReportMetric(
        sample=metric.sample or "family",
        name=METRIC_NAMES.get(metric.name, metric.name.replace("_", " ").capitalize()),
        value=value,
        light=metric.light.value,
        expected=str(metric.threshold),
        note=metric.words,
        joint=metric.name in {"kinship", "mendel_error_rate"} or metric.sample is None,
    )


def _uniparental(quality: QualityReport) -> tuple[ReportMetric, ...]:
    """One line for all chromosomes that are alike, and one for each that is not green."""
    found = [metric for metric in quality.metrics if metric.name.startswith(_UNIPARENTAL)]
    lines = []
    for light in (Light.GREEN, Light.NOT_EVALUATED):
        alike = [metric for metric in found if metric.light is light]
        if alike:
            names = [metric.name.removeprefix(_UNIPARENTAL) for metric in alike]
            shown = f"{len(names)} chromosomes" if len(names) > 6 else f"chromosome {', '.join(names)}"
            highest = max((metric.value for metric in alike if metric.value is not None), default=None)
            value = "–" if highest is None else f"{highest:.3g} at most"
            lines.append((shown, value, alike[0]))
    for metric in found:
        if metric.light in (Light.YELLOW, Light.RED):
            lines.append((f"chromosome {metric.name.removeprefix(_UNIPARENTAL)}", f"{metric.value:.3g}", metric))
    return tuple(
        ReportMetric(
            sample=shown,
            name="Share from one parent only",
            value=value,
            light=metric.light.value,
            expected=str(metric.threshold),
            note=metric.words if metric.light in (Light.YELLOW, Light.RED) else "",
            joint=True,
        )
        for shown, value, metric in lines
    )


def _trace(result: CaseResult) -> tuple[TraceStep, ...]:
    settings = result.settings
    consequence = ", ".join([*sorted(settings.impacts), *sorted(settings.terms)]).replace("_", " ")
    asked = {
        Step.ALLELE: "sequence-resolved",
        Step.CHILD: result.child.identifier,
        Step.QUALITY: "PASS or not set" if settings.require_pass else None,
        Step.GATE: settings.gate,
        Step.FREQUENCY: f"at most {settings.laxest_frequency:g}" if result.case.has_frequencies else None,
        Step.CONSEQUENCE: consequence if result.case.has_consequences else None,
        Step.REGION: _window(settings) if result.case.has_consequences else None,
        Step.TRACT: "pyrimidines stay pyrimidines" if settings.drop_tract and result.case.has_consequences else None,
        Step.INCIDENTAL: None,
        Step.PANEL: None if result.panel is None or not result.case.has_consequences else result.panel.name,
        Step.INHERITANCE: "a mode of inheritance",
    }
    return tuple(
        TraceStep(STEP_NAMES[count.step], asked[count.step] or "not applied", count.dropped, count.left,
                  evaluated=asked[count.step] is not None)
        for count in result.outcome.counts
    )  # fmt: skip


def _window(settings: FilterSettings) -> str | None:
    window = settings.splice_window
    return None if window is None else f"introns up to [-{window.acceptor}, +{window.donor}]"


def _sources(result: CaseResult) -> tuple[Fact, ...]:
    files = (Fact(one.name, f"SHA-256 {one.sha256}, {one.size_bytes:,} bytes") for one in result.case.inputs)
    versions = (
        Fact(name.replace("_", " ").capitalize(), text) for name, text in sorted(result.outcome.versions.items())
    )
    return (*files, *versions, Fact("Quality profile", result.case.quality.profile_version))


def _candidate(result: CaseResult, candidate: Candidate) -> ReportCandidate:
    alleles = [result.rows[row] for row in candidate.rows]
    suggestions = _suggestions(result, candidate)
    risk = recurrence_risk(candidate.mode, x_linked=alleles[0]["contig"] == X)
    return ReportCandidate(
        rank=candidate.rank,
        heading=_heading(result, candidate, suggestions),
        modes=_mode_sentence(candidate),
        suggestion=" + ".join(_classes(suggestions)) or None,
        pedigree=_pedigree(result, candidate, alleles),
        alleles=tuple(
            ReportAllele(
                mark="●" if place == 0 else "◆",
                variant=f"{result.case.build.value} {shown_variant(allele)}",
                facts=tuple(_facts(result, allele, suggestion)),
                criteria=() if suggestion is None else _criteria(suggestion),
                balance=_balance(result, candidate, allele),
            )
            for place, (allele, suggestion) in enumerate(zip(alleles, suggestions, strict=True))
        ),
        outlook=f"If this is the cause: {_lower(str(risk.text))}",
    )


def _suggestions(result: CaseResult, candidate: Candidate) -> list[Suggestion | None]:
    return [result.suggestion(candidate, place) for place in range(len(candidate.rows))]


def _overview_row(result: CaseResult, candidate: Candidate) -> OverviewRow:
    suggestions = _suggestions(result, candidate)
    terms = [one.consequence for one in suggestions if one is not None and one.consequence is not None]
    return OverviewRow(
        rank=candidate.rank,
        where=candidate.gene or "–",
        variants=tuple(shown_variant(result.rows[row]) for row in candidate.rows),
        mode=MODE_NAMES[candidate.mode].partition(":")[0].partition(" (")[0],
        consequences=tuple(term.split("&")[0].replace("_", " ") for term in terms),
        suggestions=_classes(suggestions),
    )


def _mode_sentence(candidate: Candidate) -> str:
    phase = "" if candidate.phase is None else f", {PHASE_NAMES[candidate.phase]}"
    doubt = "" if candidate.evaluated or candidate.mode is Mode.POSSIBLE_DE_NOVO else (
        ". A call of the family is not good enough to be sure"
    )  # fmt: skip
    return f"{MODE_NAMES[candidate.mode]}{phase}{doubt}. Score {candidate.score:.2f}."


def _heading(result: CaseResult, candidate: Candidate, suggestions: Sequence[Suggestion | None]) -> str:
    changes = []
    for row, suggestion in zip(candidate.rows, suggestions, strict=True):
        names = result.names_of(row, None if suggestion is None else suggestion.transcript)
        if names is not None and names.coding is not None:
            protein = "" if names.protein is None else " " + names.protein.partition(":")[2]
            changes.append(names.coding.partition(":")[2] + protein)
    if candidate.gene is None:
        return " + ".join(shown_variant(result.rows[row]) for row in candidate.rows)
    return f"{candidate.gene} {' + '.join(changes)}".strip()


def _classes(suggestions: Sequence[Suggestion | None]) -> tuple[str, ...]:
    return tuple(
        f"class {one.assessment.points.acmg_class} ({one.assessment.points.points} points)"
        for one in suggestions
        if one is not None and has_met_criterion(one)
    )


def _facts(result: CaseResult, allele: Mapping[str, Any], suggestion: Suggestion | None) -> list[Fact]:
    transcript = None if suggestion is None else suggestion.transcript
    names = result.names_of(allele["row"], transcript)
    facts = []
    if result.case.has_consequences:
        consequence = None if suggestion is None else suggestion.consequence
        mane = " (MANE)" if suggestion is not None and suggestion.mane else ""
        facts += [
            Fact("Consequence", None if consequence is None else consequence.replace("_", " ").replace("&", ", ")),
            Fact("Transcript", None if transcript is None else (names.transcript if names else transcript) + mane),
            Fact("Coding change", None if names is None else names.coding),
            Fact("Protein change", None if names is None else names.protein),
            Fact("Genomic change", None if names is None else names.genomic),
        ]
    if allele["contig"] == MT:
        facts.append(Fact("Share of mitochondria", _plasmy(result, allele)))
    return [*facts, Fact("Frequency", _frequency(result, allele)), Fact("FILTER", allele["filter"])]


def _plasmy(result: CaseResult, allele: Mapping[str, Any]) -> str:
    """The patient's share and, beside it, that of everybody who has data."""
    said = []
    for one in result.case.family:
        share = None if one.column is None else allele[f"{one.column}_ab"]
        if share is not None:
            word = plasmy(share)
            name = KIN_NAMES[one.kin].lower()
            said.append(f"{name} {100 * share:.3g} %" + (f" ({word.value})" if word is not None else ""))
    return "; ".join(said) or "reads not given"


def _frequency(result: CaseResult, allele: Mapping[str, Any]) -> str | None:
    if not result.case.has_frequencies:
        return None
    if not allele["an"]:
        return "not covered in the register"
    share = f", {allele['af']:.3g}" if allele["af"] else ""
    return f"{allele['ac']:,} of {allele['an']:,} alleles{share}; {allele['nhomalt']:,} homozygous"


def _criteria(suggestion: Suggestion) -> tuple[ReportCriterion, ...]:
    return tuple(
        ReportCriterion(criterion.label, criterion.state.value, str(criterion.text))
        for criterion in suggestion.criteria
    )


def _pedigree(result: CaseResult, candidate: Candidate, alleles: Sequence[Mapping[str, Any]]) -> str:
    drawn = {one.person.identifier: _drawn(one, alleles) for one in result.case.family}
    said = "; ".join(f"{one.label} {', '.join(allele.text for allele in one.alleles)}" for one in drawn.values())
    return pedigree_svg(
        result.case.pedigree,
        result.child.identifier,
        drawn,
        identifier=f"pedigree-{candidate.rank}",
        title=f"Pedigree, candidate {candidate.rank}",
        description=f"Genotypes: {said}.",
    )


def _drawn(member: FamilyMember, alleles: Sequence[Mapping[str, Any]]) -> PedigreeMember:
    if member.column is None:
        return PedigreeMember(member.person.identifier, has_data=False)
    calls = [allele[f"{member.column}_gt"] for allele in alleles]
    return PedigreeMember(member.person.identifier, tuple(Allele(_carriage(call), call or "no data") for call in calls))


def _balance(result: CaseResult, candidate: Candidate, allele: Mapping[str, Any]) -> str:
    members = [
        BalanceMember(
            one.person.identifier,
            allele[f"{one.column}_ad_ref"],
            allele[f"{one.column}_ad_alt"],
            _reads(allele, one.column),
        )
        for one in result.case.family
        if one.column is not None
    ]
    said = "; ".join(f"{member.label} {member.text}" for member in members)
    return allele_balance_svg(
        members,
        identifier=f"balance-{candidate.rank}-{allele['row']}",
        title=f"Allele balance of {shown_variant(allele)}",
        description=f"Reads that show the allele: {said}.",
        expected=GATES[result.case.gate].het_balance,
    )


def _reads(allele: Mapping[str, Any], member: str) -> str:
    ref, alt = allele[f"{member}_ad_ref"], allele[f"{member}_ad_alt"]
    if ref is None or alt is None:
        return "reads not given"
    if ref + alt == 0:
        return "no reads"
    return f"{alt} of {ref + alt} reads, {100 * alt / (ref + alt):.0f} %"


def _carriage(genotype: str | None) -> Carriage:
    calls = [] if genotype is None else genotype.replace("|", "/").split("/")
    if calls.count("1") == 2 or calls == ["1"]:
        return Carriage.TWO if len(calls) == 2 else Carriage.ONE
    if "1" in calls:
        return Carriage.ONE
    return Carriage.UNKNOWN if not calls or "." in calls else Carriage.NONE
