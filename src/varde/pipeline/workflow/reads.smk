# From FASTQ, or from an alignment made earlier, to one duplicate-marked BAM for each person.

def unit_reads(wildcards):
    unit = READS[wildcards.sample, wildcards.unit]
    return {"first": unit["first"], "second": unit["second"]} if unit["second"] else {"first": unit["first"]}

def parts_of(wildcards):
    if SAMPLES[wildcards.sample]["alignment"]:
        return [f"work/{wildcards.sample}/earlier.bam"]
    return [f"work/{wildcards.sample}/{unit}.bam" for unit in UNITS[wildcards.sample]]

rule index_reference:
    # Kept beside the reference and shared by later runs; put in place by one rename, so that it is whole or absent.
    input:
        FASTA,
    output:
        touch("work/reference.indexed"),
    params:
        prefix=BWA_INDEX,
    log:
        "logs/index_reference.log",
    shell:
        """
        ( folder=$(dirname {params.prefix:q})
          if [ ! -e {params.prefix:q}.sa ]; then
              mkdir -p "$(dirname "$folder")"
              made=$(mktemp -d "$folder.XXXXXX")
              bwa index -p "$made/$(basename {params.prefix:q})" {input:q}
              chmod 755 "$made"
              mv -T "$made" "$folder" || {{ rm -rf "$made"; [ -e {params.prefix:q}.sa ]; }}
          fi ) > {log:q} 2>&1
        """

rule trim:
    # Adapters and bad ends away; what was there before and after stands in the JSON. Always two threads: fastp's sample
    # of insert sizes depends on their number.
    input:
        unpack(unit_reads),
    output:
        first=temp("work/{sample}/{unit}_1.fastq.gz"),
        second=temp("work/{sample}/{unit}_2.fastq.gz"),
        json="quality/{sample}.{unit}.fastp.json",
    params:
        ends=lambda wildcards, input, output: " ".join(
            f"{option} {shlex.quote(str(path))}"
            for option, path in (
                ("-i", input.first), ("-o", output.first),
                *((("-I", input.second), ("-O", output.second)) if "second" in input.keys() else ()),
            )
        ),
        options=config["options"]["fastp"],
    log:
        "logs/trim.{sample}.{unit}.log",
    threads: 2
    shell:
        """
        fastp {params.ends} {params.options} --thread 2 --json {output.json:q} --html /dev/null \
            --report_title {wildcards.sample} > {log:q} 2>&1
        [ -e {output.second:q} ] || : > {output.second:q}
        """

rule align:
    # -K: batches of a fixed number of bases, so that the result does not depend on the number of threads.
    # The sample name of the variant file comes from the read group.
    input:
        first="work/{sample}/{unit}_1.fastq.gz",
        second="work/{sample}/{unit}_2.fastq.gz",
        index="work/reference.indexed",
    output:
        temp("work/{sample}/{unit}.bam"),
    params:
        group=r"@RG\tID:{sample}.{unit}\tSM:{sample}\tLB:{sample}\tPL:ILLUMINA",
        second=lambda wildcards, input: input.second if READS[wildcards.sample, wildcards.unit]["second"] else "",
        prefix=BWA_INDEX,
    log:
        "logs/align.{sample}.{unit}.log",
    threads: config["threads"]
    shell:
        """
        ( bwa mem -t {threads} -K 100000000 -Y -R '{params.group}' {params.prefix:q} {input.first:q} {params.second} \
            | samtools fixmate -m -u - - \
            | samtools sort -@ {threads} -T work/{wildcards.sample}/{wildcards.unit}.sort -o {output:q} - \
        ) 2> {log:q}
        """

rule take_alignment:
    # An alignment made earlier keeps its places; pairs are completed and duplicates marked anew.
    input:
        lambda wildcards: SAMPLES[wildcards.sample]["alignment"],
    output:
        temp("work/{sample}/earlier.bam"),
    params:
        fasta=FASTA,
    log:
        "logs/take_alignment.{sample}.log",
    threads: config["threads"]
    shell:
        """
        ( samtools collate -@ {threads} --reference {params.fasta:q} -O -u {input:q} work/{wildcards.sample}/collate \
            | samtools fixmate -m -u - - \
            | samtools sort -@ {threads} -T work/{wildcards.sample}/earlier.sort -o {output:q} - \
        ) 2> {log:q}
        """

rule mark_duplicates:
    input:
        parts_of,
    output:
        bam="results/{sample}/{sample}.bam",
        bai="results/{sample}/{sample}.bam.bai",
        counts="quality/{sample}.markdup.txt",
    log:
        "logs/mark_duplicates.{sample}.log",
    threads: config["threads"]
    shell:
        """
        ( samtools merge -u -@ {threads} -o - {input:q} \
            | samtools markdup -c -@ {threads} -T work/{wildcards.sample}/markdup -f {output.counts:q} - {output.bam:q}
          samtools index -@ {threads} {output.bam:q}
        ) 2> {log:q}
        """
