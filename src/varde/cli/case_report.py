"""The case's report as one HTML page: opens without a network, prints on A4, holds no script."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape
from importlib.resources import files
from typing import Final


@dataclass(frozen=True)
class Fact:
    """A name and its value, as shown. ``value`` may be None: then "not evaluated" is shown."""

    name: str
    value: str | None


@dataclass(frozen=True)
class ReportMetric:
    """One quality light. ``light`` is green, yellow, red or not_evaluated; ``joint`` for pairs and the family."""

    sample: str
    name: str
    value: str
    light: str
    expected: str
    note: str
    joint: bool = False


@dataclass(frozen=True)
class ReportCriterion:
    """``state`` is met, not_met or not_evaluated."""

    label: str
    state: str
    text: str


@dataclass(frozen=True)
class ReportAllele:
    """One variant of a candidate: its mark in the pedigree, its names and facts, its criteria, its allele balance."""

    mark: str
    variant: str
    facts: tuple[Fact, ...]
    criteria: tuple[ReportCriterion, ...]
    balance: str


@dataclass(frozen=True)
class ReportCandidate:
    """One candidate with its one or two variants. ``pedigree`` and ``balance`` are finished SVG drawings."""

    rank: int
    heading: str
    modes: str
    suggestion: str | None
    pedigree: str
    alleles: tuple[ReportAllele, ...]
    outlook: str


@dataclass(frozen=True)
class OverviewRow:
    """One line of the overview of candidates; variants, consequences and suggestions stand below one another."""

    rank: int
    where: str
    variants: tuple[str, ...]
    mode: str
    consequences: tuple[str, ...]
    suggestions: tuple[str, ...]


@dataclass(frozen=True)
class TraceStep:
    """One filter, in order: alleles it dropped, and those left after it."""

    name: str
    parameter: str
    dropped: int
    left: int
    evaluated: bool = True


@dataclass(frozen=True)
class CaseReport:
    """All that the page says. ``overview`` lists the first candidates, ``candidates`` are those shown in full, and
    ``candidate_count`` counts all.

    ``read_count`` and ``kept_count`` are alleles: one allele may be in several candidates, and a pair has two.
    """

    family: str
    title: str
    case: tuple[Fact, ...]
    answer: str
    warnings: tuple[str, ...]
    metrics: tuple[ReportMetric, ...]
    overview: tuple[OverviewRow, ...]
    candidates: tuple[ReportCandidate, ...]
    candidate_count: int
    read_count: int
    kept_count: int
    trace: tuple[TraceStep, ...]
    settings: tuple[Fact, ...]
    limits: tuple[str, ...]
    sources: tuple[Fact, ...]
    made: str
    version: str


LIGHTS: Final = {
    "green": ("●", "OK"),
    "yellow": ("▲", "Look"),
    "red": ("■", "Stop"),
    "not_evaluated": ("○", "Not evaluated"),
}
"""Shape and word of each light: colour comes last and is never alone."""

STATES: Final = {"met": ("✓", "met"), "not_met": ("–", "not met"), "not_evaluated": ("○", "not evaluated")}

NOT_A_DEVICE: Final = (
    "Decision support for research and trial use. Varde is not a certified medical device (Regulation (EU) 2017/746, "
    "IVDR). Classes and criteria here are computed suggestions: a qualified person interprets, and another approves."
)

_STYLE: Final = (files("varde.cli") / "case_report.css").read_text(encoding="utf-8")


def render_report(report: CaseReport) -> str:
    """The page as text. Every value is escaped; only the drawings are taken as they are."""
    body = "".join(
        (
            _head(report),
            _quality(report.metrics),
            _overview(report),
            "".join(_candidate(candidate) for candidate in report.candidates),
            _trace(report),
            _named_list("What was not looked at", report.limits),
            _facts_section("Settings", report.settings),
            _facts_section("Sources and versions", report.sources),
        )
    )
    return (
        '<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">"
        f"<title>{escape(report.title)}</title><style>{_STYLE}</style></head>"
        f"<body><main>{body}</main><footer>{escape(NOT_A_DEVICE)}<br>Made {escape(report.made)} by Varde "
        f"{escape(report.version)}.</footer></body></html>\n"
    )


def _head(report: CaseReport) -> str:
    warnings = "".join(f'<p class="notice warning"><b>■ Stop.</b> {escape(text)}</p>' for text in report.warnings)
    return (
        f'<div class="brand"><span><b>Varde</b> · case analysis</span><span>Family {escape(report.family)}</span></div>'
        f"<h1>{escape(report.title)}</h1>{warnings}"
        f'<p class="answer">{escape(report.answer)}</p>{_facts(report.case)}'
        f'<p class="notice">{escape(NOT_A_DEVICE)}</p>'
    )


def _facts(facts: Iterable[Fact]) -> str:
    rows = "".join(f"<div><dt>{escape(fact.name)}</dt><dd>{_value(fact.value)}</dd></div>" for fact in facts)
    return f'<dl class="facts">{rows}</dl>'


def _value(value: str | None) -> str:
    return '<span class="missing">○ not evaluated</span>' if value is None else escape(value)


def _facts_section(title: str, facts: Sequence[Fact]) -> str:
    return f"<section><h2>{escape(title)}</h2>{_facts(facts)}</section>" if facts else ""


def _named_list(title: str, texts: Sequence[str]) -> str:
    items = "".join(f"<li>{escape(text)}</li>" for text in texts)
    return f"<section><h2>{escape(title)}</h2><ul>{items}</ul></section>" if texts else ""


def _table(headings: Sequence[tuple[str, bool]], rows: Iterable[str], caption: str) -> str:
    heads = "".join(
        f'<th scope="col"{" class=number" if number else ""}>{escape(text)}</th>' for text, number in headings
    )
    return (
        f'<div class="scroll" role="region" aria-label="{escape(caption)}" tabindex="0"><table><thead><tr>{heads}</tr>'
        f"</thead><tbody>{''.join(rows)}</tbody></table></div>"
    )


def _mark(kind: str, table: dict[str, tuple[str, str]], css: str) -> str:
    shape, word = table[kind]
    return f'<span class="{css} {kind}"><span aria-hidden="true">{shape}</span> {word}</span>'


def _quality(metrics: Sequence[ReportMetric]) -> str:
    """Measures of single persons side by side, then those of pairs and of the family; every doubt again in words."""
    counts = {light: sum(metric.light == light for metric in metrics) for light in LIGHTS}
    summary = ", ".join(f"{count} {LIGHTS[light][1].lower()}" for light, count in counts.items() if count)
    people: dict[tuple[str, str, str], list[str]] = {}
    for metric in metrics:
        if metric.note and metric.light != "green":
            people.setdefault((metric.light, metric.name, metric.note), []).append(metric.sample)
    doubts = "".join(
        f"<li>{_mark(light, LIGHTS, 'light')} {escape(', '.join(samples))}. {escape(name)}: {escape(note)}</li>"
        for (light, name, note), samples in people.items()
    )
    return (
        f"<section><h2>Quality</h2><p>{summary or 'Nothing was measured'}.</p>{_single_measures(metrics)}"
        f"{_joint_measures(metrics)}{f'<ul class=small>{doubts}</ul>' if doubts else ''}</section>"
    )


def _single_measures(metrics: Sequence[ReportMetric]) -> str:
    single = [metric for metric in metrics if not metric.joint]
    people = list(dict.fromkeys(metric.sample for metric in single))
    rows = []
    for name in dict.fromkeys(metric.name for metric in single):
        by_person = {metric.sample: metric for metric in single if metric.name == name}
        cells = "".join(f"<td>{_reading(by_person.get(person))}</td>" for person in people)
        expected = next(iter(by_person.values())).expected
        rows.append(
            f'<tr><th scope="row">{escape(name)}</th>{cells}<td class="small quiet">{escape(expected)}</td></tr>'
        )
    headings = [("Measure", False), *((person, False) for person in people), ("Expected", False)]
    return _table(headings, rows, "Quality of each person") if rows else ""


def _joint_measures(metrics: Sequence[ReportMetric]) -> str:
    rows = [
        f'<tr><th scope="row">{escape(metric.name)}</th><td>{escape(metric.sample)}</td><td>{_reading(metric)}</td>'
        f'<td class="small quiet">{escape(metric.expected)}</td></tr>'
        for metric in metrics
        if metric.joint
    ]
    headings = (("Measure", False), ("Of", False), ("Value", False), ("Expected", False))
    return _table(headings, rows, "Quality of the family") if rows else ""


def _reading(metric: ReportMetric | None) -> str:
    if metric is None:
        return '<span class="missing">–</span>'
    light = _mark(metric.light, LIGHTS, "light")
    return light if metric.light == "not_evaluated" else f'<span class="value">{escape(metric.value)}</span> {light}'


def _overview(report: CaseReport) -> str:
    listed, total = len(report.overview), report.candidate_count
    if total == 0:
        text = "No variant passed all filters. The trace below says where each one fell."
    elif total == 1:
        text = "1 candidate."
    else:
        text = f"{total:,} candidates, in rank order"
        text += "." if listed == total else f"; the first {listed:,} are listed here, all are in candidates.tsv."
    if 0 < len(report.candidates) < listed:
        text += f" The first {len(report.candidates)} are shown in full below."
    rows = (
        f'<tr><td class="number">{row.rank}</td><th scope="row">{escape(row.where)}</th>'
        f'<td class="variant">{_lines(row.variants)}</td><td>{escape(row.mode)}</td>'
        f"<td>{_lines(row.consequences) or _value(None)}</td>"
        f"<td>{_lines(row.suggestions) or '<span class=missing>–</span>'}</td></tr>"
        for row in report.overview
    )
    headings = (("", True), ("Gene", False), ("Variant", False), ("Mode", False), ("Consequence", False))
    table = _table((*headings, ("Suggestion", False)), rows, "Candidates") if report.overview else ""
    return f"<section><h2>Candidates</h2><p>{escape(_thin(text))}</p>{table}</section>"


def _lines(texts: Sequence[str]) -> str:
    return "<br>".join(escape(text) for text in texts)


def _candidate(candidate: ReportCandidate) -> str:
    suggestion = (
        '<span class="missing">No class suggested</span>'
        if candidate.suggestion is None
        else f'<span class="suggestion">Suggestion: {escape(candidate.suggestion)}</span>'
    )
    alleles = "".join(_allele(allele) for allele in candidate.alleles)
    return (
        f'<article class="candidate"><header><h3><span class="rank">{candidate.rank}</span> '
        f"{escape(candidate.heading)}</h3>{suggestion}</header><p>{escape(candidate.modes)}</p>"
        f'<div class="body"><div class="pedigree">{candidate.pedigree}</div><div class="alleles">{alleles}</div></div>'
        f'<p class="small">{escape(candidate.outlook)}</p></article>'
    )


def _allele(allele: ReportAllele) -> str:
    return (
        f'<section class="allele"><div class="variant"><span aria-hidden="true">{escape(allele.mark)}</span> '
        f"{escape(allele.variant)}</div>{allele.balance}{_facts(allele.facts)}{_criteria(allele.criteria)}</section>"
    )


def _criteria(criteria: Sequence[ReportCriterion]) -> str:
    if not criteria:
        return ""
    rows = [
        f'<tr><th scope="row">{escape(criterion.label)}</th><td>{_mark("met", STATES, "state")}</td>'
        f"<td>{escape(criterion.text)}</td></tr>"
        for criterion in criteria
        if criterion.state == "met"
    ]
    table = _table((("Criterion", False), ("State", False), ("Why", False)), rows, "ACMG criteria met") if rows else ""
    against = [
        f"{criterion.label} ({criterion.text.rstrip('.')})" for criterion in criteria if criterion.state == "not_met"
    ]
    left = [criterion.label for criterion in criteria if criterion.state == "not_evaluated"]
    lines = "".join(
        f'<p class="small missing">{mark} {word}: {escape("; ".join(texts))}.</p>'
        for mark, word, texts in (("–", "Not met", against), ("○", "Not evaluated", left))
        if texts
    )
    return f"<h4>ACMG criteria (computed)</h4>{table}{lines}"


def _trace(report: CaseReport) -> str:
    top = max(report.read_count, 1)
    rows = (
        f'<tr><th scope="row">{escape(step.name)}</th><td class="small quiet">{escape(step.parameter)}</td>'
        f'<td class="number">{_thin(f"{step.dropped:,}") if step.evaluated else "–"}</td>'
        f'<td class="number">{_thin(f"{step.left:,}")}</td><td>{_bar(step.left / top)}</td></tr>'
        for step in report.trace
    )
    headings = (("Filter", False), ("Setting", False), ("Dropped", True), ("Left", True), ("Share left", False))
    dropped = sum(step.dropped for step in report.trace)
    account = f"{report.read_count:,} alleles read = {dropped:,} dropped + {report.kept_count:,} kept."
    return (
        f"<section><h2>Trace</h2><p>{escape(_thin(account))} trace.tsv.gz says for every allele why it was kept or at "
        f"which filter it fell.</p>{_table(headings, rows, 'Trace')}</section>"
    )


def _bar(share: float) -> str:
    width = round(120 * share, 1)
    return (
        '<svg width="120" height="10" viewBox="0 0 120 10" aria-hidden="true">'
        '<rect x="0.5" y="0.5" width="119" height="9" fill="none" stroke="currentColor" stroke-opacity="0.25"/>'
        f'<rect width="{width}" height="10" fill="currentColor" fill-opacity="0.6"/></svg>'
    )


def _thin(text: str) -> str:
    """Thin no-break spaces between groups of three digits, as ISO 80000 has them."""
    return re.sub(r"(?<=\d),(?=\d{3})", "\u202f", text)
