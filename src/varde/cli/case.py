"""``varde case``: a family's files to candidates, trace, quality, FHIR bundle and report."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from varde.cli import output
from varde.genome.builds import Build
from varde.genome.errors import InputError
from varde.genome.new_folder import check_free, new_folder

if TYPE_CHECKING:
    from varde.annotation.knowledge import KnowledgeTable
    from varde.annotation.names import HgvsNames
    from varde.cli.case_result import CaseResult
    from varde.genome.references import Reference
    from varde.interpretation.analysis import FilterOutcome, PreparedCase
    from varde.interpretation.suggestion import Suggestion

JUDGED_CANDIDATES: Final = 500
"""Candidates that get HGVS names and criteria; more than these no person reads."""

FILES: Final = ("report.html", "candidates.tsv", "trace.tsv.gz", "quality.json", "bundle.json")

_STAGES: Final = {"read": "Reading records", "consequence": "Consequences", "inheritance": "Inheritance"}


class GateName(StrEnum):
    """Names of ``varde.interpretation.gate.GATES``."""

    VARDE = "varde"
    SLIVAR = "slivar"
    NONE = "none"


def command(
    vcf: Annotated[
        list[str],
        typer.Option(
            "--vcf", metavar="FILE", help="VCF, VCF.gz or BCF: once for the family, or once per person. '-': stdin."
        ),
    ],
    ped: Annotated[
        Path, typer.Option("--ped", metavar="FILE", help="The family; the examined person has phenotype 2.")
    ],
    out: Annotated[Path, typer.Option("--out", metavar="FOLDER", help="A new folder for the results.")],
    reference: Annotated[
        str | None,
        typer.Option("--reference", metavar="NAME", help="Stored reference with genes (see 'varde reference list')."),
    ] = None,
    build: Annotated[
        Build | None, typer.Option("--build", help="Without a reference: inheritance and quality only.")
    ] = None,
    child: Annotated[
        str | None, typer.Option("--child", metavar="NAME", help="The examined person, if several are affected.")
    ] = None,
    panel: Annotated[
        Path | None,
        typer.Option("--panel", metavar="FILE", help="Gene panel, PanelApp JSON or a table; without it all genes."),
    ] = None,
    frequencies: Annotated[
        Path | None, typer.Option("--frequencies", metavar="FOLDER", help="Folder written by 'varde count'.")
    ] = None,
    knowledge: Annotated[
        Path | None,
        typer.Option("--knowledge", metavar="FILE", help="What is known of genes: inheritance, loss of function."),
    ] = None,
    hpo: Annotated[
        list[str] | None,
        typer.Option("--hpo", metavar="ID", help="A phenotype of the patient, HP:0001250; give it again for more."),
    ] = None,
    gate: Annotated[GateName, typer.Option("--gate", help="How good a call must be.")] = GateName.VARDE,
    pass_only: Annotated[
        bool, typer.Option("--pass-only/--all-filters", help="Keep only records whose FILTER is PASS or not set.")
    ] = True,
    allow_unsequenced: Annotated[
        bool, typer.Option("--allow-unsequenced", help="People of the PED who are in no VCF were not sequenced.")
    ] = False,
    reads: Annotated[
        Path | None,
        typer.Option("--reads", metavar="FILE", help="The patient's BAM or CRAM: phases pairs that parents do not."),
    ] = None,
    ignore_extra: Annotated[
        bool, typer.Option("--ignore-extra", help="Leave out people of the VCF who are not in the PED.")
    ] = False,
    laboratory: Annotated[
        str, typer.Option("--laboratory", metavar="TEXT", help="Who reports, for the FHIR bundle.")
    ] = "Not stated (varde case)",
    synthetic: Annotated[
        bool, typer.Option("--synthetic", help="The people are invented: mark the FHIR bundle as test data.")
    ] = False,
    as_json: output.JsonOption = False,
) -> None:
    """Find the variants that may explain a patient's disease, from the data of one person or a family.

    Writes report.html, candidates.tsv, trace.tsv.gz, quality.json and bundle.json (FHIR) into a new folder.
    """
    if reference is None and build is None:
        raise InputError(
            "no_build",
            "Neither a reference nor a build was given.",
            "Give --reference NAME (see 'varde reference list'), or --build GRCh37 or --build GRCh38.",
            field="--build",
        )
    check_free(out)
    result = _result(
        vcf, ped, reference, build, child=child, panel=panel, frequencies=frequencies, knowledge=knowledge, hpo=hpo,
        gate=gate, pass_only=pass_only, allow_unsequenced=allow_unsequenced, ignore_extra=ignore_extra,
        reads=reads, laboratory=laboratory, synthetic=synthetic,
    )  # fmt: skip
    with new_folder(out) as folder:
        _write(result, folder)
    summary = _summary(result, out)
    output.print_result(summary, as_json=as_json, text=_text(summary, out))


def _result(vcf: list[str], ped: Path, reference: str | None, build: Build | None, **options: Any) -> CaseResult:
    from varde.annotation.knowledge import read_gene_knowledge
    from varde.cli.case_result import CaseResult
    from varde.cli.reference import reference_store
    from varde.genome.pedigree import read_ped
    from varde.interpretation.analysis import FilterSettings, filter_case, prepare
    from varde.interpretation.panels import read_panel
    from varde.interpretation.phenotype import read_terms

    pedigree = read_ped(ped)
    proband = pedigree.proband(options["child"])
    stored = None if reference is None else reference_store().get(reference)
    chosen = None if options["panel"] is None else read_panel(options["panel"])
    known = None if options["knowledge"] is None else read_gene_knowledge(options["knowledge"])
    terms = read_terms(options["hpo"] or ())
    settings = FilterSettings(gate=options["gate"].value, require_pass=options["pass_only"])
    with _stages() as tell:
        case = prepare(
            vcf, pedigree, build=build, reference=stored, frequencies=options["frequencies"], gate=settings.gate,
            knowledge=known, child=proband.identifier, allow_unsequenced=options["allow_unsequenced"],
            ignore_extra=options["ignore_extra"], progress=tell,
        )  # fmt: skip
    outcome = filter_case(case, settings, chosen, terms)
    if options["reads"] is not None:
        case = _phased(case, outcome, options["reads"], stored)
        outcome = filter_case(case, settings, chosen, terms)
    suggestions = _suggestions(case, outcome, stored, known)
    return CaseResult(
        case=case,
        outcome=outcome,
        settings=settings,
        panel=chosen,
        reference=None if stored is None else stored.name,
        hpo=terms,
        suggestions=suggestions,
        names=_names(case, suggestions, stored),
        laboratory=options["laboratory"],
        synthetic=options["synthetic"],
        made=datetime.now(UTC).replace(microsecond=0),
    )


def _phased(case: PreparedCase, outcome: FilterOutcome, reads: Path, stored: Reference | None) -> PreparedCase:
    """The case with the pairs phased by reads that nothing else phases."""
    from dataclasses import replace

    from varde.interpretation.inheritance import Phase
    from varde.interpretation.read_phase import phased_by_reads

    open_pairs = [one.rows for one in outcome.candidates if one.phase is Phase.UNKNOWN]
    fasta = None if stored is None else stored.fasta
    found = phased_by_reads(case.alleles, [(a, b) for a, b in open_pairs], reads, fasta=fasta)
    return replace(case, read_phases=found)


@contextmanager
def _stages() -> Iterator[Any]:
    with output.progress(_STAGES["read"]) as show:
        yield lambda _stage, done: show(done)


def _suggestions(
    case: PreparedCase, outcome: FilterOutcome, stored: Reference | None, known: KnowledgeTable | None
) -> dict[int, tuple[Suggestion, ...]]:
    from varde.interpretation.allele_evidence import Sources
    from varde.interpretation.suggestion import suggest

    judged, sources = outcome.candidates[:JUDGED_CANDIDATES], Sources(reference=stored, genes=known)
    return {one.rank: suggest(case, one, sources=sources) for one in judged}


def _names(
    case: PreparedCase, suggestions: Mapping[int, tuple[Suggestion, ...]], stored: Reference | None
) -> dict[tuple[int, str], HgvsNames]:
    wanted = {
        (one.row, one.transcript) for found in suggestions.values() for one in found if one.transcript is not None
    }
    if stored is None or not wanted:
        return {}
    from varde.annotation.names import HgvsNamer
    from varde.genome.alleles import Variant

    namer = HgvsNamer(stored)
    named = {}
    with output.progress("Names", total=len(wanted)) as show:
        for done, (row, transcript) in enumerate(sorted(wanted), start=1):
            allele = case.alleles.row(row, named=True)
            variant = Variant(case.build, allele["contig"], allele["position"], allele["ref"], allele["alt"])
            named[row, transcript] = namer.names(variant, transcript)
            show(done)
    return named


def _write(result: CaseResult, folder: Path) -> None:
    from varde.cli.case_bundle import reported_case
    from varde.cli.case_page import case_report
    from varde.cli.case_report import render_report
    from varde.cli.case_tables import write_candidates, write_quality, write_trace
    from varde.fhir.bundle import report_bundle

    write_candidates(result, folder / "candidates.tsv")
    write_trace(result, folder / "trace.tsv.gz")
    write_quality(result, folder / "quality.json")
    bundle = json.dumps(report_bundle(reported_case(result)), indent=2, ensure_ascii=False)
    (folder / "bundle.json").write_text(bundle + "\n", encoding="utf-8")
    (folder / "report.html").write_text(render_report(case_report(result)), encoding="utf-8")


def _summary(result: CaseResult, out: Path) -> dict[str, Any]:
    new, passing = result.de_novo
    modes = Counter(candidate.mode.value for candidate in result.outcome.candidates)
    return {
        "out": str(out),
        "files": list(FILES),
        "family": result.child.family,
        "child": result.child.identifier,
        "people": [
            {
                "identifier": one.person.identifier,
                "relation": one.kin.value,
                "sex": one.person.sex.value,
                "affected": one.person.affected.value,
                "data": one.column is not None,
                "refuted_by": result.case.refuted.get(one.person.identifier),
            }
            for one in result.case.family
        ],
        "build": result.case.build.value,
        "reference": result.reference,
        "panel": None if result.panel is None else f"{result.panel.name} {result.panel.version}",
        "hpo": list(result.hpo),
        "gate": result.case.gate,
        "pass_only": result.settings.require_pass,
        "alleles": {
            "read": result.read,
            "kept": result.kept,
            "dropped": {count.step.value: count.dropped for count in result.outcome.counts},
        },
        "de_novo": {"count": new, "pass": passing},
        "candidates": {"count": len(result.outcome.candidates), "modes": dict(sorted(modes.items()))},
        "first": [_first(result, candidate) for candidate in result.outcome.candidates[:10]],
        "quality": {"stops_sign_off": result.case.quality.stops_sign_off, "reasons": list(result.case.quality.reasons)},
        "not_evaluated": list(result.outcome.not_evaluated),
        "versions": dict(result.outcome.versions),
    }


def _first(result: CaseResult, candidate: Any) -> dict[str, Any]:
    from varde.cli.case_result import variant_text

    return {
        "rank": candidate.rank,
        "gene": candidate.gene,
        "mode": candidate.mode.value,
        "evaluated": candidate.evaluated,
        "score": candidate.score,
        "variants": [variant_text(result.rows[row]) for row in candidate.rows],
    }


def _text(summary: Mapping[str, Any], out: Path) -> str:
    alleles, new, count = summary["alleles"], summary["de_novo"], summary["candidates"]["count"]
    lines = [
        f"{summary['child']} in {summary['build']}: {count:,} candidate{'' if count == 1 else 's'}; "
        f"{alleles['read']:,} alleles read, {alleles['kept']:,} kept.",
        f"De novo by the gate {summary['gate']}: {new['count']}, of which {new['pass']} PASS.",
    ]
    for one in summary["first"][:5]:
        lines.append(f"  {one['rank']}. {one['gene'] or '-'}  {' + '.join(one['variants'])}  {one['mode']}")
    lines += [f"Quality stops a sign-off: {reason}" for reason in summary["quality"]["reasons"]]
    if summary["not_evaluated"]:
        lines.append("Not evaluated: " + ", ".join(name.replace("_", " ") for name in summary["not_evaluated"]) + ".")
    return "\n".join([*lines, str(out / "report.html")])
