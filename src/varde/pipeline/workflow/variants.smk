# The family's calls, contig by contig, to one file in the one form that everything after it compares.

rule normalise:
    # Left-aligned and held against the reference. Records of several alternates stay whole: split, 1/2 would read as
    # two heterozygotes with the reference; Varde splits them itself and keeps what the other allele was.
    input:
        calls=expand("work/calls/{contig}.bcf", contig=CONTIGS),
    output:
        vcf=f"variants/{FAMILY}.vcf.gz",
        tbi=f"variants/{FAMILY}.vcf.gz.tbi",
    params:
        fasta=FASTA,
    log:
        "logs/normalise.log",
    shell:
        """
        ( bcftools concat -Ou {input.calls:q} \
            | bcftools norm -Ou -f {params.fasta:q} -c e --old-rec-tag OLD_REC - \
            | bcftools sort -T work/sort -Oz -o {output.vcf:q} -
          bcftools index --tbi {output.vcf:q}
        ) 2> {log:q}
        """

rule variant_stats:
    input:
        f"variants/{FAMILY}.vcf.gz",
    output:
        f"quality/{FAMILY}.bcftools_stats.txt",
    params:
        fasta=FASTA,
    log:
        "logs/variant_stats.log",
    shell:
        "bcftools stats -F {params.fasta:q} -s - {input:q} > {output:q} 2> {log:q}"

rule summary:
    input:
        rules.variant_stats.output,
        expand("quality/{sample}.flagstat.txt", sample=SAMPLES),
        expand("quality/{sample}.samtools_stats.txt", sample=SAMPLES),
        expand("quality/{sample}.mosdepth.summary.txt", sample=SAMPLES),
    output:
        "quality/multiqc_data.json",
    log:
        "logs/summary.log",
    shell:
        """
        ( multiqc --force --no-version-check --filename multiqc_report.html --outdir quality quality
          cp quality/multiqc_report_data/multiqc_data.json {output:q}
        ) > {log:q} 2>&1
        """
