"""Small reports in the tools' documented formats: the columns of each, with numbers of our own."""

from __future__ import annotations

FLAGSTAT = """\
1000 + 5 in total (QC-passed reads + QC-failed reads)
960 + 5 primary
10 + 0 secondary
30 + 0 supplementary
100 + 0 duplicates
96 + 0 primary duplicates
980 + 0 mapped (98.00% : N/A)
940 + 0 primary mapped (97.92% : N/A)
960 + 0 paired in sequencing
480 + 0 read1
480 + 0 read2
912 + 0 properly paired (95.00% : N/A)
930 + 0 with itself and mate mapped
10 + 0 singletons (1.04% : N/A)
7 + 0 with mate mapped to a different chr
5 + 0 with mate mapped to a different chr (mapQ>=5)
"""

SAMTOOLS_STATS = """\
# This file was produced by samtools stats (1.19.2+htslib-1.19.1) and can be plotted using plot-bamstats
CHK\t292d77ba\t5ad6b523\t8ff36452
SN\traw total sequences:\t2000\t# excluding supplementary and secondary reads
SN\treads mapped:\t1900
SN\treads duplicated:\t300\t# PCR or optical duplicate bit set
SN\terror rate:\t2.500000e-03\t# mismatches / bases mapped (cigar)
SN\tinsert size average:\t356.5
SN\taverage quality:\t35.8
"""

FASTP = """\
{"summary": {"fastp_version": "0.23.4", "sequencing": "paired end (151 cycles + 151 cycles)",
  "before_filtering": {"total_reads": 1000, "q30_rate": 0.93},
  "after_filtering": {"total_reads": 980, "q30_rate": 0.95}},
 "filtering_result": {"passed_filter_reads": 980}, "duplication": {"rate": 0.11, "histogram": [1, 2]},
 "insert_size": {"peak": 212, "unknown": 9, "histogram": [0, 1]},
 "read1_before_filtering": {"kmer_count": {"AAAAA": 7}}, "command": "fastp -i x"}
"""

SUMMARY = """\
chrom\tlength\tbases\tmean\tmin\tmax
chr1\t1000\t31000\t31.00\t0\t90
chr1_region\t100\t9000\t90.00\t10\t200
total\t1000\t31000\t31.00\t0\t90
total_region\t100\t9000\t90.00\t10\t200
"""

DISTRIBUTION = """\
chr1\t1\t0.99
chr1\t0\t1.00
total\t30\t0.50
total\t19\t0.80
total\t15\t0.96
total\t1\t0.99
total\t0\t1.00
"""

THRESHOLDS = """\
#chrom\tstart\tend\tregion\t1X\t10X\t20X\t30X
chr1\t100\t200\tone\t100\t98\t90\t50
chr1\t300\t600\ttwo\t300\t300\t290\t100
"""

REGIONS = "chr1\t100\t200\tone\t30.00\nchr1\t300\t600\ttwo\t90.00\n"

HS_METRICS = """\
## htsjdk.samtools.metrics.StringHeader
# CollectHsMetrics --INPUT barn.bam
## htsjdk.samtools.metrics.StringHeader
# Started on: Tue Nov 03 10:11:12 UTC 2026

## METRICS CLASS\tpicard.analysis.directed.HsMetrics
BAIT_SET\tMEAN_TARGET_COVERAGE\tPCT_SELECTED_BASES\tFOLD_80_BASE_PENALTY\tPCT_TARGET_BASES_20X\tPCT_NEW_IN_2030\tSAMPLE\tLIBRARY\tREAD_GROUP
twist\t112.4\t0.91\t1.42\t0.9812\t?\t\t\t
twist\t9.9\t0.9\t1.4\t0.1\t?\tbarn\tlib1\t

## HISTOGRAM\tjava.lang.Integer
coverage\tcount
0\t12
"""

WGS_METRICS = """\
## METRICS CLASS\tpicard.analysis.WgsMetrics
GENOME_TERRITORY\tMEAN_COVERAGE\tPCT_EXC_DUPE\tPCT_15X
2745186692\t33.25\t0.07\t0.971

"""

WGS_METRICS_OF_Y = WGS_METRICS.replace("2745186692\t33.25", "26415043\t4.5")

DUPLICATION = """\
## METRICS CLASS\tpicard.sam.DuplicationMetrics
LIBRARY\tUNPAIRED_READS_EXAMINED\tREAD_PAIRS_EXAMINED\tUNPAIRED_READ_DUPLICATES\tREAD_PAIR_DUPLICATES\tPERCENT_DUPLICATION
one\t100\t450\t10\t45\t0.1
two\t0\t500\t0\t150\t0.3

"""

BCFTOOLS_STATS = """\
# This file was produced by bcftools stats (1.16+htslib-1.16) and can be plotted using plot-vcfstats.
ID\t0\tfamily.vcf.gz
# SN\t[2]id\t[3]key\t[4]value
SN\t0\tnumber of records:\t9940
# TSTV\t[2]id\t[3]ts\t[4]tv\t[5]ts/tv
TSTV\t0\t6307\t2505\t2.52
# PSC\t[2]id\t[3]sample\t[4]nRefHom\t[5]nNonRefHom\t[6]nHets\t[7]nTransitions\t[8]nTransversions
PSC\t0\tbarn\t2353\t2000\t3000\t2700\t1000
PSC\t0\tmor\t2353\t2000\t0\t0\t0
"""

SELFSM = (
    "#SEQ_ID\tRG\tCHIP_ID\t#SNPS\t#READS\tAVG_DP\tFREEMIX\tFREELK1\tCHIPMIX\n"
    "barn\tNA\tNA\t100000\t2511922\t25.1\t0.0017\t-665701\tNA\n"
)

SOMALIER_SAMPLES = (
    "#family_id\tsample_id\tsex\toriginal_pedigree_sex\tX_depth_mean\tY_depth_mean\tn_het\n"
    "F\tbarn\t2\tfemale\t31.2\t0.1\t6770\nF\tfar\t1\tmale\t16.4\t18.4\t6500\nF\tmor\t-9\tfemale\t30.0\t0.2\t6600\n"
)
SOMALIER_PAIRS = (
    "#sample_a\tsample_b\trelatedness\tibs0\tibs2\tn\n"
    "mor\tbarn\t0.505\t7\t8452\t16370\nbarn\tfar\t0.501\t5\t8384\t16370\nfar\tmor\t-0.015\t1539\t5097\t16370\n"
)
PEDDY_SEX = (
    "error,het_count,het_ratio,hom_alt_count,hom_ref_count,ped_sex,predicted_sex,sample_id\n"
    "False,49493,1.7,29122,18348,female,female,barn\nTrue,1542,0.03,46877,38758,female,male,mor\n"
)
PEDDY_PAIRS = (
    "sample_a,sample_b,n,shared_hets,ibs2,rel,ibs0,parent_error\n"
    "barn,mor,16370,3995,8452,0.5051,7,False\nbarn,far,16370,2962,5097,0.02,1539,True\n"
)
MULTIQC = """\
{"config_version": "1.35", "report_general_stats_data": {"verifybamid": {"barn": {"FREEMIX": 0.17}}},
 "report_saved_raw_data": {
  "multiqc_general_stats": {"barn": {"verifybamid-FREEMIX": 0.17}},
  "multiqc_verifybamid": {"barn_sorted_md": {"FREEMIX": 0.0017, "CHIPMIX": "NA"}},
  "multiqc_picard_HsMetrics": {"barn": {"MEAN_TARGET_COVERAGE": 90.5, "BAIT_SET": "twist"}},
  "multiqc_samtools_stats": {"barn": {"reads_duplicated_percent": 12.5}, "other_family": {"error_rate": 0.1}},
  "mosdepth_cumcov_dist": {"barn": {"0": 100.0}}}}
"""

FILES = {
    "barn.flagstat": FLAGSTAT,
    "barn.stats": SAMTOOLS_STATS,
    "barn.fastp.json": FASTP,
    "barn.mosdepth.summary.txt": SUMMARY,
    "barn_mosdepth.global.dist.txt": DISTRIBUTION,
    "barn.thresholds.bed": THRESHOLDS,
    "barn.regions.bed": REGIONS,
    "barn_hsmetrics.CollectHsMetrics.coverage_metrics": HS_METRICS,
    "barn_wgsmetrics.CollectWgsMetrics.coverage_metrics": WGS_METRICS,
    "barn.md.metrics.txt": DUPLICATION,
    "family.bcftools.stats": BCFTOOLS_STATS,
    "barn.selfSM": SELFSM,
    "family.somalier.samples.tsv": SOMALIER_SAMPLES,
    "family.somalier.pairs.tsv": SOMALIER_PAIRS,
    "family.sex_check.csv": PEDDY_SEX,
    "family.ped_check.csv": PEDDY_PAIRS,
    "multiqc_data.json": MULTIQC,
}
"""By the name that the tool or the pipeline gives them."""
