"""Which file is which: by its name, and by its first lines where the name does not tell."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from varde.genome.errors import InputError
from varde.quality.formats import depth, identity, multiqc, picard, reads, variants
from varde.quality.formats.reading import QualityText, read_text
from varde.quality.measurement import Measurement

Reader = Callable[[QualityText, str | None], Iterator[Measurement]]
DEPTH = "mosdepth_per_base"
"""The kind of a per-base depth file: its coverage is computed, not read as numbers."""


@dataclass(frozen=True)
class Kind:
    """``name`` matches the file's name, the person's part in the group ``who``; ``first`` its first lines.

    ``of_family``: the file itself names its people; otherwise its name does.
    """

    key: str
    title: str
    name: re.Pattern[str]
    read: Reader | None
    first: re.Pattern[str] | None = None
    of_family: bool = False


def _kind(key: str, title: str, name: str, read: Reader | None, first: str = "", *, of_family: bool = False) -> Kind:
    return Kind(key, title, re.compile(name), read, re.compile(first) if first else None, of_family)


KINDS: tuple[Kind, ...] = (
    _kind(DEPTH, "mosdepth per-base depth", r"(?P<who>.+?)[._](mosdepth\.)?per-base\.bed(\.gz)?", None),
    _kind("mosdepth_thresholds", "mosdepth thresholds", r"(?P<who>.+?)[._](mosdepth\.)?thresholds\.bed(\.gz)?",
          depth.read_thresholds),
    _kind("mosdepth_regions", "mosdepth regions", r"(?P<who>.+?)[._](mosdepth\.)?regions\.bed(\.gz)?",
          depth.read_regions),
    _kind("mosdepth_summary", "mosdepth summary", r"(?P<who>.+?)[._]mosdepth\.summary\.txt", depth.read_summary),
    _kind("mosdepth_global", "mosdepth distribution", r"(?P<who>.+?)[._]mosdepth\.global\.dist\.txt",
          depth.read_distribution),
    _kind("mosdepth_region_dist", "mosdepth distribution of regions",
          r"(?P<who>.+?)[._]mosdepth\.region\.dist\.txt", depth.read_distribution),
    _kind("multiqc", "MultiQC data", r"(.*[._-])?multiqc_data(_\d+)?\.json", multiqc.read_multiqc, of_family=True),
    _kind("fastp", "fastp", r"(?P<who>.+?)[._]fastp\.json", reads.read_fastp, r'\A\s*\{\s*"summary":\s*\{'),
    _kind("flagstat", "samtools flagstat", r"(?P<who>.+?)[._]flagstats?(\.txt)?", reads.read_flagstat,
          r"\A\d+ \+ \d+ in total"),
    _kind("bcftools_stats", "bcftools stats", r"(?P<who>.+?)[._]bcftools[._-]stats(\.txt)?",
          variants.read_bcftools_stats, r"\A# This file was produced by bcftools stats", of_family=True),
    _kind("samtools_stats", "samtools stats", r"(?P<who>.+?)[._](samtools[._])?stats(\.txt)?",
          reads.read_samtools_stats, r"\A# This file was produced by samtools stats"),
    _kind("picard", "Picard metrics", r"(?P<who>.+?)[._](hs|wgs)_?metrics(_[a-z]+)?(\.Collect\w+)?"
          r"([._](coverage_)?metrics)?(\.txt)?", picard.read_picard,
          r"(?m)^## METRICS CLASS\s+\S*(HsMetrics|WgsMetrics|DuplicationMetrics)\b"),
    _kind("selfsm", "VerifyBamID2", r"(?P<who>.+)\.selfSM", identity.read_selfsm, r"\A#SEQ_ID\t", of_family=True),
    _kind("somalier_samples", "somalier samples", r"(.+[._])?(somalier\.)?samples\.tsv",
          identity.read_somalier_samples, r"\A#family_id\tsample_id\t", of_family=True),
    _kind("somalier_pairs", "somalier pairs", r"(.+[._])?(somalier\.)?pairs\.tsv", identity.read_somalier_pairs,
          r"\A#?sample_a\tsample_b\trelatedness", of_family=True),
    _kind("peddy_sex", "peddy sex check", r"(.+[._])?sex_check\.csv", identity.read_peddy_sex, of_family=True),
    _kind("peddy_pairs", "peddy pedigree check", r"(.+[._])?ped_check\.csv", identity.read_peddy_pairs,
          of_family=True),
)  # fmt: skip
BY_KEY: Mapping[str, Kind] = {kind.key: kind for kind in KINDS}
_FIRST_CHARACTERS = 4096


@dataclass(frozen=True)
class QualityFile:
    """A file that was read: its kind, the person that its name tells of (None where the file names its people)."""

    name: str
    sha256: str
    kind: Kind
    who: str | None
    measurements: tuple[Measurement, ...] = ()


def kind_of(name: str, beginning: str | None = None) -> Kind | None:
    """The kind of a file by its first lines where given, else by its name; None when it is none of ours."""
    for kind in KINDS:
        if beginning is not None and kind.first is not None and kind.first.search(beginning):
            return kind
    return next((kind for kind in KINDS if kind.name.fullmatch(name)), None)


def who_of(kind: Kind, name: str) -> str | None:
    """The person's part of a file's name, None where the file itself names its people."""
    if kind.of_family:
        return None
    found = kind.name.fullmatch(name)
    return found["who"] if found else name.split(".", 1)[0]


def read_quality_file(path: Path, name: str | None = None) -> QualityFile:
    """A tool's report as measurements.

    Raises InputError ``unknown_kind`` for a file that no reader knows, and those of ``read_text`` and of the readers.
    """
    shown = name or path.name
    source = read_text(path, shown)
    kind = kind_of(shown, source.text[:_FIRST_CHARACTERS])
    if kind is None or kind.read is None:
        raise InputError(
            "unknown_kind",
            "The file is none of the reports that Varde reads.",
            f"Give one of: {', '.join(kind.title for kind in KINDS)}.",
            source=shown,
        )
    who = who_of(kind, shown)
    return QualityFile(shown, source.sha256, kind, who, tuple(kind.read(source, who)))
