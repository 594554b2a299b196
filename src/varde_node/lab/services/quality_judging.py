"""The one report of a case's quality: what its variant files and its quality tools tell, under today's gates.

A finished analysis keeps its report for ever. When a quality file comes later, the same data get another analysis row
with a report of their own, so that nobody's judgement is rewritten.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import polars as pl
from django.utils import timezone

from varde.genome.pedigree import Pedigree
from varde.genome.records import AlleleKind
from varde.interpretation.prepared import PreparedCase
from varde.quality.identity import Fingerprint, concordance_metric
from varde.quality.judge import judge
from varde.quality.measurement import Measurement
from varde.quality.report import Metric, Origin, QualityReport
from varde_node.lab.case_access import current_analysis
from varde_node.lab.models import Analysis, AssayKind, Case, CaseState, SampleFingerprint
from varde_node.lab.services.quality_gates import profile_of

_CODING = ("synonymous_variant", "missense_variant")
_CONCORDANCE = "concordance"


def judged(case: Case, counted: QualityReport, pedigree: Pedigree) -> QualityReport:
    """The report of a case: ``counted`` is what its variant files told."""
    own = tuple(one for one in counted.metrics if one.name != _CONCORDANCE)
    known = replace(counted, metrics=(*own, *_concordances(case)))
    people = list(case.samples.order_by("role").values_list("name", flat=True))
    profile = profile_of(case.laboratory_id, assay_of(case))
    return judge(known, measurements_of(case), pedigree, profile, people=people)


def judge_again(case: Case, pedigree: Pedigree) -> None:
    """Judge a case's newest analysis anew, as another analysis of the same data where the report became another (the
    caller holds the case's row). A stopped case goes on, or an open one stops, as the new report says."""
    current = current_analysis(case)
    if current is None or current.quality is None:
        return
    report = judged(case, QualityReport.from_dict(current.quality), pedigree)
    if report.as_dict() == current.quality:
        return
    Analysis.objects.create(
        case=case,
        folder=current.folder,
        finished_at=timezone.now(),
        quality=report.as_dict(),
        stops_sign_off=report.stops_sign_off,
        versions=current.versions,
    )
    if case.state in (CaseState.QUALITY_STOP, CaseState.INTERPRETATION):
        case.state = CaseState.QUALITY_STOP if report.stops_sign_off else CaseState.INTERPRETATION
        case.save(update_fields=["state"])


def assay_of(case: Case) -> str:
    """What was sequenced: as the newest quality file of the case says, an exome while there is none."""
    newest = case.quality_files.filter(superseded=False).order_by("-uploaded_at").first()
    return AssayKind.EXOME if newest is None else newest.assay


def measurements_of(case: Case) -> Iterator[Measurement]:
    """Everything measured in the case's current quality files."""
    for file in case.quality_files.filter(superseded=False).order_by("kind", "name"):
        for one in file.measurements:
            origin = Origin(file.name, file.sha256, one["producer"], one["version"])
            yield Measurement(one["sample"], one["metric"], one["value"], one["unit"], origin)


def keep_fingerprints(case: Case, analysis: Analysis, prepared: PreparedCase) -> None:
    """Keep the family's coding genotypes of this analysis, in the place of an earlier one's of the same samples."""
    samples = {sample.name: sample for sample in case.samples.all()}
    for name, column in _columns(prepared):
        if name in samples:
            SampleFingerprint.objects.update_or_create(
                sample=samples[name],
                defaults={
                    "analysis": analysis,
                    "build": prepared.build.value,
                    "genotypes": _fingerprint(prepared, column).write(),
                },
            )


def _columns(prepared: PreparedCase) -> Iterator[tuple[str, str]]:
    for member in prepared.family:
        if member.column is not None:
            yield member.person.identifier, member.column


def _fingerprint(prepared: PreparedCase, column: str) -> Fingerprint:
    called = pl.col(f"{column}_gt")
    chosen = prepared.alleles.filter(
        pl.col("key").is_not_null(),
        pl.col("kind") == int(AlleleKind.SNV),
        pl.col("contig").is_between(1, 22),
        pl.col("filter").is_in(["PASS", "."]),
        pl.col("consequence").is_in(_CODING),
        pl.col(f"{column}_gate") == 1,
        called.str.contains("1"),
    )
    copies = chosen.select(pl.when(called.str.contains("0")).then(1).otherwise(2).alias("copies"))["copies"]
    return Fingerprint.of(chosen["key"].to_numpy(), copies.to_numpy().astype(np.uint8))


def _concordances(case: Case) -> Iterator[Metric]:
    """Each sample against the newest earlier one of the same person in this laboratory."""
    for sample in case.samples.select_related("fingerprint").order_by("role"):
        mine = getattr(sample, "fingerprint", None)
        if mine is None:
            continue
        earlier = (
            SampleFingerprint.objects.filter(
                sample__person_id=sample.person_id,
                sample__case__laboratory_id=case.laboratory_id,
                build=mine.build,
                sample__case__received_at__lt=case.received_at,
            )
            .exclude(sample__case_id=case.id)
            .select_related("sample__case")
            .order_by("-sample__case__received_at")
            .first()
        )
        if earlier is not None:
            then, now = Fingerprint.read(bytes(earlier.genotypes)), Fingerprint.read(bytes(mine.genotypes))
            yield concordance_metric(sample.name, now, then, earlier.sample.case.number)
