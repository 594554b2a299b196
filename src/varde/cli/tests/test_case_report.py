"""The page: whole, escaped, without script or outside call, with the account of all alleles."""

from __future__ import annotations

import re
from dataclasses import replace
from html.parser import HTMLParser

import pytest

from varde.cli.case_report import (
    CaseReport,
    Fact,
    OverviewRow,
    ReportAllele,
    ReportCandidate,
    ReportCriterion,
    ReportMetric,
    TraceStep,
    render_report,
)

HOSTILE = '"><script>alert(1)</script><img src="http://example.org/x">'

REPORT = CaseReport(
    family="F1",
    title="Trio analysis of HG002",
    case=(Fact("Child", "HG002, male"), Fact("Panel", None)),
    answer="1 candidate.",
    warnings=("HG003 is not the father.",),
    metrics=(
        ReportMetric("HG002", "transition/transversion", "2.81", "green", "2.6 to 3.1", ""),
        ReportMetric("HG002 / HG003", "kinship", "0.012", "red", "above 0.177", "Unrelated", joint=True),
        ReportMetric("HG002", "X heterozygosity", "–", "not_evaluated", "", "No record on X"),
    ),
    overview=(OverviewRow(1, "GENEA", ("20-1234567-G-A",), "De novo", (), ("class 4",)),),
    candidates=(
        ReportCandidate(
            rank=1,
            heading="GENEA c.100G>A p.(Gly34Arg)",
            modes="De novo",
            suggestion="class 4 (6 points)",
            pedigree="<svg></svg>",
            alleles=(
                ReportAllele(
                    mark="●",
                    variant="GRCh38 20-1234567-G-A",
                    facts=(Fact("Frequency", None),),
                    criteria=(
                        ReportCriterion("PS2", "met", "Seen in the child and in neither parent."),
                        ReportCriterion("PVS1", "not_met", "No loss of function."),
                        ReportCriterion("PM3", "not_evaluated", "No partner."),
                    ),
                    balance="<svg></svg>",
                ),
            ),
            outlook="If this is the cause: about 1 %.",
        ),
    ),
    candidate_count=1,
    read_count=12345,
    kept_count=1,
    trace=(TraceStep("Region", "panel", 0, 12345, evaluated=False), TraceStep("Inheritance", "any mode", 12344, 1)),
    settings=(Fact("Gate", "varde"),),
    limits=("Repeat expansions.",),
    sources=(Fact("VCF", "a.vcf.gz"),),
    made="2026-11-20 12:30 UTC",
    version="0.1.0",
)


class Tags(HTMLParser):
    """Open and close tags that do not match, all tags and attributes, and the text."""

    VOID = frozenset({"meta", "br"})

    def __init__(self, page: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self.text = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data


def test_page_is_well_formed_and_says_all() -> None:
    page = Tags(render_report(REPORT))
    assert page.open == []
    text = re.sub(r"\s+", " ", page.text)
    for part in (
        "Trio analysis of HG002",
        "○ not evaluated",
        "■ Stop. HG003 is not the father.",
        "1 ok, 1 stop, 1 not evaluated.",
        "Suggestion: class 4 (6 points)",
        "■ Stop HG002 / HG003. kinship: Unrelated",
        "○ Not evaluated HG002. X heterozygosity: No record on X",
        "✓ met",
        "Not met: PVS1 (No loss of function).",
        "Not evaluated: PM3.",
        "If this is the cause: about 1 %.",
        "not a certified medical device (Regulation (EU) 2017/746, IVDR)",
        "Made 2026-11-20 12:30 UTC by Varde 0.1.0.",
    ):
        assert part in text


def test_the_account_of_alleles_adds_up() -> None:
    assert "12\u202f345 alleles read = 12\u202f344 dropped + 1 kept." in Tags(render_report(REPORT)).text


def test_nothing_runs_and_nothing_is_fetched() -> None:
    page = render_report(REPORT)
    tags = Tags(page)
    assert not tags.tags & {"script", "link", "img", "iframe", "object", "embed", "form"}
    assert not tags.attributes & {"src", "href", "style", "onload", "onclick"}
    assert "default-src 'none'; style-src 'unsafe-inline'" in page
    assert "@import" not in page
    assert "url(" not in page


@pytest.mark.parametrize("field", ["family", "title", "answer", "made", "version"])
def test_markup_in_a_value_is_shown_as_text(field: str) -> None:
    page = Tags(render_report(replace(REPORT, **{field: HOSTILE})))
    assert not page.tags & {"script", "img"}
    assert HOSTILE in page.text


def test_markup_in_facts_candidates_and_trace_is_shown_as_text() -> None:
    hostile = replace(
        REPORT,
        case=(Fact(HOSTILE, HOSTILE),),
        warnings=(HOSTILE,),
        limits=(HOSTILE,),
        overview=(OverviewRow(1, HOSTILE, (HOSTILE,), HOSTILE, (HOSTILE,), (HOSTILE,)),),
        metrics=(ReportMetric(HOSTILE, HOSTILE, HOSTILE, "green", HOSTILE, HOSTILE),),
        trace=(TraceStep(HOSTILE, HOSTILE, 1, 2),),
        candidates=(
            replace(
                REPORT.candidates[0],
                heading=HOSTILE,
                modes=HOSTILE,
                suggestion=HOSTILE,
                outlook=HOSTILE,
                alleles=(
                    ReportAllele(
                        HOSTILE,
                        HOSTILE,
                        (Fact(HOSTILE, HOSTILE),),
                        tuple(
                            ReportCriterion(HOSTILE, state, HOSTILE) for state in ("met", "not_met", "not_evaluated")
                        ),
                        "<svg></svg>",
                    ),
                ),
            ),
        ),
    )
    page = Tags(render_report(hostile))
    assert not page.tags & {"script", "img"}
    assert page.open == []


def test_a_list_cut_short_says_so_and_an_empty_one_says_why() -> None:
    short = render_report(replace(REPORT, candidate_count=1500))
    assert "1\u202f500 candidates, in rank order; the first 1 are listed here, all are in candidates.tsv." in short
    assert "<p>1 candidate.</p>" in render_report(REPORT)
    empty = render_report(replace(REPORT, overview=(), candidates=(), candidate_count=0))
    assert "No variant passed all filters." in empty


def test_what_is_listed_but_not_shown_in_full_is_told() -> None:
    rows = tuple(replace(REPORT.overview[0], rank=rank) for rank in (1, 2, 3))
    page = render_report(replace(REPORT, overview=rows, candidate_count=3))
    assert "3 candidates, in rank order. The first 1 are shown in full below." in page
