"""Standard processing: reads of one family to a VCF, by a Snakemake workflow that is shipped with Varde."""
