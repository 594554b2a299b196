"""What an allele does to genes: transcripts, consequence, HGVS names, and what is known about the gene."""
