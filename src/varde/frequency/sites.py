"""The sums as a VCF of sites, without people, for every tool that reads VCF."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import polars as pl

from varde.frequency.increment import COUNTS, Increment, sites
from varde.frequency.lookup import Counts
from varde.genome.builds import CONTIGS, MT, Build, contig_length
from varde.genome.pedigree import Sex
from varde.genome.vcf_writer import write_sites_vcf

_INFO = (
    ("AC", "A", "Integer", "Alternate alleles counted"),
    ("AN", "1", "Integer", "Alleles called, observed or covered and reference, at this position"),
    ("AF", "A", "Float", "AC / AN"),
    ("nhomalt", "A", "Integer", "People homozygous for the allele"),
    ("nhemi", "A", "Integer", "People with one chromosome here, carrying the allele: XY on X and Y, anybody on MT"),
    ("nhet_mt", "A", "Integer", "People with the allele in some of their mitochondria (0.10 to 0.95), not in AC"),
)
_INFO_BY_SEX = tuple(
    (f"{name}_{sex}", number, "Integer", f"{meaning}; {sex} only")
    for sex in ("XX", "XY")
    for name, number, _, meaning in _INFO
    if name != "AF"
)


def contig_names(build: Build) -> dict[int, str]:
    """Contig code to the name usual in files of the build: ``20``, ``MT`` in GRCh37, ``chr20``, ``chrM`` in GRCh38."""
    if build is Build.GRCH37:
        return dict(enumerate(CONTIGS, start=1))
    return {code: "chrM" if code == MT else f"chr{name}" for code, name in enumerate(CONTIGS, start=1)}


def write_sites(folder: str | Path, out: str | Path) -> int:
    """Write every observed allele to ``out`` (bgzip, with tabix index), in genome order; the number of alleles.

    The same counts give the same bytes. Raises InputError as ``Counts``, and ``cannot_write``.
    """
    counts = Counts(folder)
    build = counts.manifest.settings.build
    names = contig_names(build)
    # Without a known sex there is nothing to tell by sex, and zeros would read as if there were.
    fields = _INFO + (_INFO_BY_SEX if any(cell.sex is not Sex.UNKNOWN for cell in counts.people_by_cell) else ())
    observed = sites_by_sex(counts.increment).filter(pl.col("nobs") > 0)
    frame = observed.select(
        CHROM=pl.col("contig").replace_strict(names, return_dtype=pl.String),
        POS="position",
        ID=pl.lit("."),
        REF="ref",
        ALT="alt",
        QUAL=pl.lit("."),
        FILTER=pl.lit("."),
        INFO=pl.concat_str([_info_field(name) for name, *_ in fields], separator=";"),
    )
    write_sites_vcf(out, _header(counts, names, fields), frame)
    return frame.height


def sites_by_sex(increment: Increment) -> pl.DataFrame:
    """``increment.sites`` with columns of the same names, ``_xx`` and ``_xy`` behind, for women and men."""
    frame = sites(increment)
    for sex, suffix in ((Sex.FEMALE, "xx"), (Sex.MALE, "xy")):
        part = sites(increment, [cell for cell in increment.cells() if cell.sex is sex])
        frame = frame.hstack(part.select(pl.col(name).alias(f"{name}_{suffix}") for name in (*COUNTS, "nhet_mt")))
    return frame


def _info_field(name: str) -> pl.Expr:
    if name == "AF":
        # 6 significant digits, as bcftools writes them, are enough for any number of people that fits AN.
        return pl.format("AF={}", (pl.col("ac") / pl.col("an")).round_sig_figs(6))
    return pl.format(name + "={}", pl.col(name.lower()))


def _header(counts: Counts, names: dict[int, str], fields: Sequence[tuple[str, str, str, str]]) -> list[str]:
    settings = counts.manifest.settings
    build = settings.build
    return [
        "##fileformat=VCFv4.3",
        f"##varde_counts=people={counts.people},gate={settings.gate},digest={counts.manifest.digest}",
        f"##reference={settings.reference or build}",
        *(f"##contig=<ID={n},length={contig_length(build, c)},assembly={build}>" for c, n in names.items()),
        *(f'##INFO=<ID={i},Number={number},Type={kind},Description="{text}">' for i, number, kind, text in fields),
    ]
