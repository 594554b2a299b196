# What was read how deeply, and where a variant would have been seen.

rule flagstat:
    input:
        "results/{sample}/{sample}.bam",
    output:
        "quality/{sample}.flagstat.txt",
    log:
        "logs/flagstat.{sample}.log",
    shell:
        "samtools flagstat {input:q} > {output:q} 2> {log:q}"

rule alignment_stats:
    input:
        "results/{sample}/{sample}.bam",
    output:
        "quality/{sample}.samtools_stats.txt",
    params:
        fasta=FASTA,
        target=f"--target-regions {config['target']['bed']}" if TARGET else "",
    log:
        "logs/alignment_stats.{sample}.log",
    shell:
        "samtools stats --reference {params.fasta:q} {params.target} {input:q} > {output:q} 2> {log:q}"

rule depth:
    input:
        bam="results/{sample}/{sample}.bam",
        bai="results/{sample}/{sample}.bam.bai",
    output:
        summary="quality/{sample}.mosdepth.summary.txt",
        per_base="quality/{sample}.per-base.bed.gz",
        thresholds="quality/{sample}.thresholds.bed.gz",
        regions="quality/{sample}.regions.bed.gz",
        quantized=temp("quality/{sample}.quantized.bed.gz"),
    params:
        by=config["target"]["bed"] if TARGET else config["depth"]["window"],
        least=config["depth"]["callable_from"],
        mapping_quality=config["depth"]["mapping_quality"],
        thresholds=",".join(map(str, config["depth"]["thresholds"])),
    log:
        "logs/depth.{sample}.log",
    threads: min(4, config["threads"])
    shell:
        """
        MOSDEPTH_Q0=LOW MOSDEPTH_Q1=CALLABLE mosdepth --threads {threads} --by {params.by} \
            --thresholds {params.thresholds} --mapq {params.mapping_quality} --quantize 0:{params.least}: \
            quality/{wildcards.sample} {input.bam:q} > {log:q} 2>&1
        """

rule callable:
    # Only what was to be read: without the target, every place beside it that a stray read covers would count.
    input:
        "quality/{sample}.quantized.bed.gz",
    output:
        "results/{sample}/{sample}.callable.bed.gz",
    params:
        contigs="|".join(CONTIGS),
    log:
        "logs/callable.{sample}.log",
    shell:
        """
        ( bgzip -dc {input:q} \
            | awk -v OFS='\\t' -v held='{params.contigs}' \
                'BEGIN {{ n = split(held, names, "|"); for (i = 1; i <= n; i++) wanted[names[i]] }}
                 $4 == "CALLABLE" && $1 in wanted {{ print $1, $2, $3 }}' \
            | bgzip -c > {output:q} ) 2> {log:q}
        """
