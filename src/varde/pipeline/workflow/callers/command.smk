# A caller that is one command, for example of a container: config.json's caller.command, with {reference}, {alignments},
# {contig}, {targets} (options that restrict to the target, or nothing) and {output} (a BCF or VCF) filled in.

rule call:
    input:
        bams=expand("results/{sample}/{sample}.bam", sample=SAMPLES),
        bais=expand("results/{sample}/{sample}.bam.bai", sample=SAMPLES),
    output:
        temp("work/calls/{contig}.bcf"),
    params:
        command=lambda wildcards, input, output: config["caller"]["command"].format(
            reference=FASTA,
            alignments=" ".join(input.bams),
            contig=wildcards.contig,
            targets=f"-R targets/{wildcards.contig}.bed" if TARGET else f"-r {wildcards.contig}",
            output=f"work/calls/{wildcards.contig}.made",
        ),
    log:
        "logs/call.{contig}.log",
    shell:
        """
        ( {params.command}
          bcftools view -Ob -o {output:q} work/calls/{wildcards.contig}.made
          rm work/calls/{wildcards.contig}.made
        ) 2> {log:q}
        """
