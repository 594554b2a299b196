"""The public sites as a VCF, for every tool that reads VCF: bins, never counts."""

from __future__ import annotations

from pathlib import Path

import polars as pl

from varde.frequency.release.bounds import with_bounds
from varde.frequency.release.parameters import Parameters
from varde.frequency.sites import contig_names
from varde.genome.builds import Build, contig_length
from varde.genome.vcf_writer import write_sites_vcf


def write_vcf(sites: pl.DataFrame, path: Path, build: Build, name: str, parameters: Parameters) -> None:
    """``PUBLIC_SITES`` as bgzip-compressed VCF with its tabix index; ``name`` is the release's."""
    names, k = contig_names(build), parameters.people_per_site
    flags = [
        pl.when(name).then(pl.lit(f";{tag}")).otherwise(pl.lit(""))
        for name, tag in (("homozygotes", "HOM_AT_LEAST_K"), ("hemizygotes", "HEMI_AT_LEAST_K"))
    ]
    bounds = pl.format(
        "AN={};BIN={};AC_LOW={};AC_HIGH={};AF_LOW={};AF_HIGH={}",
        *("an", "bin", "ac_low", "ac_high", pl.col("af_low").round_sig_figs(6), pl.col("af_high").round_sig_figs(6)),
    )
    frame = with_bounds(sites, parameters.scheme).select(
        CHROM=pl.col("contig").replace_strict(names, return_dtype=pl.String),
        POS="position",
        ID=pl.lit("."),
        REF="ref",
        ALT="alt",
        QUAL=pl.lit("."),
        FILTER=pl.lit("."),
        INFO=pl.concat_str([bounds, *flags]),
    )
    fields = (
        ("AN", "1", "Integer", f"Alleles called, rounded to {parameters.an_rounding}"),
        ("BIN", "A", "Integer", f"Bin of the allele count, scheme {parameters.scheme}"),
        ("AC_LOW", "A", "Integer", "Least allele count of the bin"),
        ("AC_HIGH", "A", "Integer", "Greatest allele count of the bin"),
        ("AF_LOW", "A", "Float", "AC_LOW / AN"),
        ("AF_HIGH", "A", "Float", "AC_HIGH / AN, at most 1"),
        ("HOM_AT_LEAST_K", "0", "Flag", f"At least {k} people are homozygous; without it fewer, or nobody"),
        ("HEMI_AT_LEAST_K", "0", "Flag", f"At least {k} people are hemizygous; without it fewer, or nobody"),
    )
    header = [
        "##fileformat=VCFv4.3",
        f"##varde_release={name}",
        "##varde_absent=An allele without a line has the lowest bin, is carried by nobody, or is told of nowhere: "
        "see site_sets.parquet and coverage.parquet",
        f"##reference={build}",
        *(f"##contig=<ID={n},length={contig_length(build, c)},assembly={build}>" for c, n in names.items()),
        *(f'##INFO=<ID={i},Number={number},Type={kind},Description="{text}">' for i, number, kind, text in fields),
    ]
    write_sites_vcf(path, header, frame)
