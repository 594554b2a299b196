"""Genome coordinates, alleles, normalisation, keys, VCF and BCF, pedigrees and references: what all else stands on."""
