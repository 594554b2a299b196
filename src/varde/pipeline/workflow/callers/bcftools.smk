# The caller that comes with Varde. Any other is a file like this one: a rule that makes work/calls/{contig}.bcf from
# the family's alignments, all of them at once, so that "like the reference" and "not read" stay apart.

rule call:
    input:
        bams=expand("results/{sample}/{sample}.bam", sample=SAMPLES),
        bais=expand("results/{sample}/{sample}.bam.bai", sample=SAMPLES),
        ploidy="ploidy.txt",
        sexes="sexes.txt",
    output:
        temp("work/calls/{contig}.bcf"),
    params:
        fasta=FASTA,
        place=lambda wildcards: f"-R targets/{wildcards.contig}.bed" if TARGET else f"-r {wildcards.contig}",
        pileup=config["options"]["mpileup"],
        call=config["options"]["call"],
    log:
        "logs/call.{contig}.log",
    shell:
        """
        ( bcftools mpileup -Ou -f {params.fasta:q} {params.place} {params.pileup} \
                -a FORMAT/AD,FORMAT/DP,FORMAT/ADF,FORMAT/ADR,INFO/AD {input.bams:q} \
            | bcftools call -Ou -m -v -a GQ --ploidy-file {input.ploidy:q} -S {input.sexes:q} {params.call} - \
            | bcftools filter -Ob -s LOWQUAL -e 'QUAL<{config[depth][least_quality]}' -o {output:q} - \
        ) 2> {log:q}
        """
