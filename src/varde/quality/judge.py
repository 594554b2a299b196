"""One report of everything measured: what the family's variant files tell and what the tools' reports tell, judged
together under one profile."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import combinations

from varde.genome.message import Message
from varde.genome.pedigree import Pedigree, Person, Sex
from varde.quality import thresholds as limits
from varde.quality.assess import GATED, profile_version
from varde.quality.formats.reading import pair
from varde.quality.kinship import Relation, relation, relation_verdict
from varde.quality.measurement import Measurement
from varde.quality.profiles import Profile
from varde.quality.report import Light, Metric, QualityReport
from varde.quality.sex import declared_verdict
from varde.quality.texts import text

_FIRST = (
    *("Picard CollectHsMetrics", "Picard CollectWgsMetrics", "Picard MarkDuplicates", "mosdepth", "VerifyBamID2"),
    *("samtools stats", "samtools flagstat", "fastp", "bcftools stats"),
)
"""Whose value a gate takes when several tools give one; a tool's own file before MultiQC's copy of it. Of several files
of that tool the worst light counts."""
_SEVERITY = (Light.NOT_EVALUATED, Light.GREEN, Light.YELLOW, Light.RED)
Candidates = dict[tuple[str | None, str], list[Measurement]]
_SEXES = {"male": Sex.MALE, "female": Sex.FEMALE, "1": Sex.MALE, "2": Sex.FEMALE}


def judge(
    report: QualityReport | None,
    measurements: Iterable[Measurement],
    pedigree: Pedigree,
    profile: Profile,
    *,
    people: Sequence[str] | None = None,
) -> QualityReport:
    """The report of a family under ``profile``.

    ``report``: what the variant files told (its fixed rules' lights stay, its gated metrics get this profile's), None
    before there are any. ``measurements`` have the pedigree's names; those of other people are not looked at. Every
    gate has a metric for each of ``people``, who have data (None: the whole pedigree); without a value it is
    NOT_EVALUATED.
    """
    people = [person.identifier for person in pedigree.persons] if people is None else people
    found = _candidates(measurements)
    counted = [one for one in (report.metrics if report else ()) if one.origin is None and not _is_missing(one)]
    own = [profile.judge(one) if one.name in GATED else one for one in counted]
    have = {(one.sample, one.name) for one in own}
    gated = [
        _gated(profile, person, gate.metric, found.get((person, gate.metric), ()))
        for gate in profile.gates
        for person in people
        if (person, gate.metric) not in have
    ]
    checks = [*_sexes(found, pedigree), *_pairs(found, pedigree)]
    return QualityReport((*gated, *checks, *own), profile_version(profile))


def _is_missing(metric: Metric) -> bool:
    return any(one.key == "quality.missing" for one in metric.note)


def _candidates(measurements: Iterable[Measurement]) -> Candidates:
    """Of each sample and metric the measurements of the tool that counts (``_FIRST``), by file; those with a value
    before those without."""
    found: Candidates = {}
    for one in sorted(measurements, key=_rank):
        others = found.setdefault((one.sample, one.metric), [])
        if not others or (one.value is not None and one.origin.producer == others[0].origin.producer):
            others.append(one)
    return found


def _rank(one: Measurement) -> tuple[bool, int, str, str]:
    place = _FIRST.index(one.origin.producer) if one.origin.producer in _FIRST else len(_FIRST)
    return one.value is None, place, one.origin.producer, one.origin.file


def _worst(metrics: Iterable[Metric]) -> Metric:
    """The metric of the worst light: where several files tell the same thing of a person, none may hide a red one."""
    return max(metrics, key=lambda one: _SEVERITY.index(one.light))


def _gated(profile: Profile, person: str, name: str, found: Sequence[Measurement]) -> Metric:
    told = [one for one in found if one.number is not None]
    if told:
        return _worst(profile.metric(person, name, one.number, origin=one.origin) for one in told)
    missing = profile.metric(person, name, None, note=(text("quality.missing"),))
    return replace(missing, origin=found[0].origin) if found else missing


def _sexes(found: Candidates, pedigree: Pedigree) -> Iterable[Metric]:
    for person in pedigree.persons:
        for tool, called, shown in (
            ("peddy", "peddy.predicted_sex", "peddy_het_ratio"),
            ("somalier", "somalier.sex", "somalier_x_depth"),
        ):
            sexes = found.get((person.identifier, called), [])
            values = {one.origin: one for one in found.get((person.identifier, shown), [])}
            if sexes:
                yield _worst(_sex(f"{tool}_sex", one, values.get(one.origin), person) for one in sexes)


def _sex(name: str, sex: Measurement, value: Measurement | None, person: Person) -> Metric:
    number = None if value is None else value.number
    code = f"{sex.value:g}" if isinstance(sex.value, float) else str(sex.value)
    light, note = declared_verdict(_SEXES.get(code, Sex.UNKNOWN), person.sex)
    return Metric(
        person.identifier,
        name,
        number,
        "" if value is None else value.unit,
        Light.NOT_EVALUATED if number is None else light,
        text("quality.limit.tool_sex"),
        limits.X_HET_TWO_COPIES.source,
        (note,),
        sex.origin,
    )


def _pairs(found: Candidates, pedigree: Pedigree) -> Iterable[Metric]:
    for first, second in combinations(pedigree.persons, 2):
        both, sample = pair(first.identifier, second.identifier), f"{first.identifier} / {second.identifier}"
        expected = relation(pedigree, first.identifier, second.identifier)
        for tool in ("peddy", "somalier"):
            told = found.get((both, f"{tool}_relatedness"), [])
            opposite = {one.origin: one for one in found.get((both, f"{tool}.pair.ibs0"), [])}
            sites = {one.origin: one for one in found.get((both, f"{tool}.pair.n"), [])}
            if told:
                yield _worst(
                    _related(sample, one, _share(opposite.get(one.origin), sites.get(one.origin)), expected)
                    for one in told
                )


def _related(sample: str, found: Measurement, ibs0: float | None, expected: Relation) -> Metric:
    """The relatedness of a tool, whose scale is about twice KING's, by KING's cut-offs twice as high."""
    scale = limits.RELATEDNESS_PER_KINSHIP.value
    unit, source = "relatedness", limits.KINSHIP_FIRST_DEGREE.source
    limit = _limit(expected, scale)
    note: Sequence[Message] = (text("quality.relatedness.scale"),)
    value = found.number
    if value is None or (ibs0 is None and expected is Relation.PARENT_CHILD):
        return Metric(sample, found.metric, value, unit, Light.NOT_EVALUATED, limit, source, tuple(note), found.origin)
    light, verdict = relation_verdict(value / scale, ibs0 or 0.0, expected)
    return Metric(sample, found.metric, value, unit, light, limit, source, (*note, *verdict), found.origin)


def _limit(expected: Relation, scale: float) -> Message:
    first, duplicate = limits.KINSHIP_FIRST_DEGREE.value * scale, limits.KINSHIP_DUPLICATE.value * scale
    if expected is Relation.PARENT_CHILD:
        share = limits.PARENT_CHILD_IBS0.value
        return text("quality.limit.relatedness.parent_child", low=first, high=duplicate, share=share)
    if expected is Relation.FULL_SIBLINGS:
        return text("quality.limit.between", low=first, high=duplicate)
    if expected is Relation.SECOND_DEGREE:
        return text("quality.limit.between", low=limits.KINSHIP_SECOND_DEGREE.value * scale, high=first)
    if expected is Relation.PARENTS:
        return text("quality.limit.kinship.parents", limit=limits.KINSHIP_THIRD_DEGREE.value * scale)
    return text("quality.limit.kinship.other", limit=duplicate)


def _share(part: Measurement | None, whole: Measurement | None) -> float | None:
    if part is None or whole is None or part.number is None or not whole.number:
        return None
    return part.number / whole.number
