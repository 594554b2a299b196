"""Which column of which tool is which metric: one table, so that the same thing has one name and one unit."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

FRACTION, RATIO, X, COUNT, BASES, PHRED = "fraction", "ratio", "x", "count", "bases", "Phred"


@dataclass(frozen=True)
class Known:
    """A metric with its unit; ``factor`` turns the tool's number into that unit."""

    metric: str
    unit: str
    factor: float = 1.0


_PERCENT = 0.01

KNOWN: Mapping[tuple[str, str], Known] = {
    ("fastp", "summary.before_filtering.total_reads"): Known("reads", COUNT),
    ("fastp", "summary.before_filtering.q30_rate"): Known("q30_rate", FRACTION),
    ("fastp", "summary.after_filtering.total_reads"): Known("reads_kept", COUNT),
    ("fastp", "duplication.rate"): Known("read_duplicate_rate", FRACTION),
    ("fastp", "insert_size.peak"): Known("insert_size_peak", BASES),
    ("samtools flagstat", "duplicate_rate"): Known("duplicate_rate", FRACTION),
    ("samtools flagstat", "mapped_rate"): Known("mapped_rate", FRACTION),
    ("samtools flagstat", "properly_paired_rate"): Known("properly_paired_rate", FRACTION),
    ("samtools stats", "duplicate_rate"): Known("duplicate_rate", FRACTION),
    ("samtools stats", "mapped_rate"): Known("mapped_rate", FRACTION),
    ("samtools stats", "error rate"): Known("error_rate", FRACTION),
    ("samtools stats", "insert size average"): Known("insert_size_mean", BASES),
    ("samtools stats", "average quality"): Known("base_quality_mean", PHRED),
    ("mosdepth", "mean.total"): Known("genome_coverage", X),
    ("mosdepth", "mean.total_region"): Known("target_coverage", X),
    ("mosdepth", "regions.mean"): Known("target_coverage", X),
    ("mosdepth", "regions.20x"): Known("target_20x", FRACTION),
    ("mosdepth", "global.15x"): Known("genome_15x", FRACTION),
    ("Picard CollectHsMetrics", "MEAN_TARGET_COVERAGE"): Known("target_coverage", X),
    ("Picard CollectHsMetrics", "PCT_TARGET_BASES_20X"): Known("target_20x", FRACTION),
    ("Picard CollectHsMetrics", "PCT_SELECTED_BASES"): Known("selected_bases", FRACTION),
    ("Picard CollectHsMetrics", "FOLD_80_BASE_PENALTY"): Known("fold_80", RATIO),
    ("Picard CollectWgsMetrics", "MEAN_COVERAGE"): Known("genome_coverage", X),
    ("Picard CollectWgsMetrics", "PCT_15X"): Known("genome_15x", FRACTION),
    ("Picard MarkDuplicates", "PERCENT_DUPLICATION"): Known("duplicate_rate", FRACTION),
    ("VerifyBamID2", "FREEMIX"): Known("contamination", FRACTION),
    ("bcftools stats", "ti_tv"): Known("ti_tv", RATIO),
    ("bcftools stats", "het_hom"): Known("het_hom", RATIO),
    ("peddy", "het_ratio"): Known("peddy_het_ratio", RATIO),
    ("peddy", "rel"): Known("peddy_relatedness", "relatedness"),
    ("somalier", "relatedness"): Known("somalier_relatedness", "relatedness"),
    ("somalier", "X_depth_mean"): Known("somalier_x_depth", X),
    ("somalier", "Y_depth_mean"): Known("somalier_y_depth", X),
    ("MultiQC multiqc_fastp", "summary.before_filtering.total_reads"): Known("reads", COUNT),
    ("MultiQC multiqc_fastp", "summary.before_filtering.q30_rate"): Known("q30_rate", FRACTION),
    ("MultiQC multiqc_fastp", "duplication.rate"): Known("read_duplicate_rate", FRACTION),
    ("MultiQC multiqc_samtools_stats", "reads_duplicated_percent"): Known("duplicate_rate", FRACTION, _PERCENT),
    ("MultiQC multiqc_samtools_stats", "reads_mapped_percent"): Known("mapped_rate", FRACTION, _PERCENT),
    ("MultiQC multiqc_samtools_stats", "error_rate"): Known("error_rate", FRACTION),
    ("MultiQC multiqc_samtools_stats", "insert_size_average"): Known("insert_size_mean", BASES),
    ("MultiQC multiqc_samtools_flagstat", "mapped_passed_pct"): Known("mapped_rate", FRACTION, _PERCENT),
    ("MultiQC multiqc_picard_HsMetrics", "MEAN_TARGET_COVERAGE"): Known("target_coverage", X),
    ("MultiQC multiqc_picard_HsMetrics", "PCT_TARGET_BASES_20X"): Known("target_20x", FRACTION),
    ("MultiQC multiqc_picard_HsMetrics", "FOLD_80_BASE_PENALTY"): Known("fold_80", RATIO),
    ("MultiQC multiqc_picard_wgsmetrics", "MEAN_COVERAGE"): Known("genome_coverage", X),
    ("MultiQC multiqc_picard_wgsmetrics", "PCT_15X"): Known("genome_15x", FRACTION),
    ("MultiQC multiqc_picard_dups", "PERCENT_DUPLICATION"): Known("duplicate_rate", FRACTION),
    ("MultiQC multiqc_verifybamid", "FREEMIX"): Known("contamination", FRACTION),
}
"""By tool and column, as the file names it. MultiQC's own table of general statistics is never read: it holds the same
numbers times 100 or in millions, by the settings of whoever ran it."""
